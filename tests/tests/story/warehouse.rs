//! The service behind the shop: it answers, it hangs, or it is empty.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// How it goes about requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It has three things.
    Stocked,
    /// It takes requests and says nothing.
    Hangs,
    /// It cuts connections.
    Gone,
    /// It has nothing, and says so.
    Empty,
}

/// A service on a port of its own.
pub(crate) struct Warehouse {
    address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    /// Connections that wait for an answer for as long as the test runs.
    _held: Arc<Mutex<Vec<TcpStream>>>,
}

impl Warehouse {
    /// Starts it, well stocked.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (mood, held) = (Arc::new(Mutex::new(Mood::Stocked)), Arc::new(Mutex::new(Vec::new())));
        let (moods, holding) = (Arc::clone(&mood), Arc::clone(&held));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mood = *moods.lock().unwrap_or_else(PoisonError::into_inner);
                let holding = Arc::clone(&holding);
                std::thread::spawn(move || answer(stream, mood, &holding));
            }
        });
        Self { address, mood, _held: held }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/find", self.address)
    }

    /// From now on it goes about requests like this.
    pub(crate) fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }
}

fn answer(mut stream: TcpStream, mood: Mood, held: &Mutex<Vec<TcpStream>>) {
    let body = match mood {
        Mood::Stocked => r#"[{"name":"axe"},{"name":"bow"},{"name":"cup"}]"#,
        Mood::Empty => "[]",
        Mood::Gone => return,
        Mood::Hangs => return held.lock().unwrap_or_else(PoisonError::into_inner).push(stream),
    };
    // The head tells how much there is to read before the answer.
    let mut request = Vec::new();
    let mut piece = [0; 1024];
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, rest)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if rest.len() >= length {
                break;
            }
        }
        match stream.read(&mut piece) {
            Ok(read @ 1..) => request.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    // Whoever asked may have gone.
    drop(stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()));
}
