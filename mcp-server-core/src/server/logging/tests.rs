//! What is written of lines that repeat themselves, through the whole subscriber.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;

use super::Telling;
use super::repeats::Repeats;
use super::start::subscriber;
use crate::telemetry::redact::{Marks, Redactor, Values};
use crate::telemetry::{CallRecord, Redacting, Telemetry, Wire};

const OURS: &str = "mcp_server::call";
const CARD: &str = "4111 1111 1111 1111";

/// Takes lines, and says when there is one.
#[derive(Clone)]
struct Lines {
    all: Arc<Mutex<String>>,
    news: mpsc::UnboundedSender<String>,
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).unwrap();
        self.all.lock().unwrap().push_str(text);
        drop(self.news.send(text.to_owned()));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A log of this thread.
struct Log {
    repeats: Arc<Repeats>,
    all: Arc<Mutex<String>>,
    news: mpsc::UnboundedReceiver<String>,
    _set: DefaultGuard,
}

impl Log {
    fn new(most: usize, filter: &str, pretty: bool) -> Self {
        let redactor = Arc::new(Redactor::new(true, &[]));
        let repeats = Arc::new(Repeats::new(most, &redactor));
        let (sender, news) = mpsc::unbounded_channel();
        let lines = Lines { all: Arc::default(), news: sender };
        let all = Arc::clone(&lines.all);
        let writer = Redacting::new(move || lines.clone(), redactor);
        let subscriber = subscriber(None, EnvFilter::new(filter), Arc::clone(&repeats), pretty, false, writer);
        Self { repeats, all, news, _set: tracing::subscriber::set_default(subscriber) }
    }

    /// Ends it, and gives out its lines.
    fn end(self) -> Vec<String> {
        drop(Telling::of(self.repeats));
        let all = self.all.lock().unwrap();
        all.lines().map(str::to_owned).collect()
    }

    fn end_as_json(self) -> Vec<Value> {
        self.end().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn is_count(line: &Value) -> bool {
    line["target"] == "mcp_server::repeats"
}

#[tokio::test]
async fn ten_thousand_equal_errors_are_a_few_lines_and_a_count() {
    let log = Log::new(5, "info", false);
    for call in 0..10_000 {
        tracing::error!(target: "author", shelf = "tea", micros = call, trace_id = %call, "the stock is away");
    }
    let lines = log.end_as_json();
    assert_eq!(lines.len(), 6, "{lines:#?}");
    assert!(lines[..5].iter().all(|line| line["message"] == "the stock is away"));
    let count = &lines[5];
    assert!(count["message"].as_str().unwrap().starts_with("9995 more like this in the last "), "{count}");
    assert_eq!((&count["level"], &count["left_out"]), (&"ERROR".into(), &9_995.into()));
    assert_eq!((&count["of"], &count["like"]), (&"author".into(), &"the stock is away shelf=\"tea\"".into()));
    assert!(count.get("references").is_none(), "{count}");
}

#[tokio::test]
async fn lines_that_differ_in_what_they_say_are_all_written() {
    let log = Log::new(5, "info", false);
    for shelf in 0..100 {
        tracing::warn!(target: "author", shelf, "the stock is away");
        tracing::warn!(target: "author", "the stock of shelf {shelf} is away");
    }
    assert_eq!(log.end().len(), 200);
}

#[tokio::test]
async fn whoever_debugs_and_an_authors_own_news_get_every_line() {
    let log = Log::new(5, "trace", false);
    for _ in 0..50 {
        tracing::info!(target: "author", "a cup was sold");
        tracing::info!(target: "mcp_server_of_an_author", "a cup was sold");
        tracing::debug!(target: OURS, "call");
        tracing::trace!(target: "author", "a step");
        tracing::info!(target: OURS, name = "sell", "call");
        tracing::info!(target: "mcp_server_core::task", task = "one", "a task goes on here");
    }
    let lines = log.end_as_json();
    let of = |target: &str| lines.iter().filter(|line| line["target"] == target).count();
    assert_eq!((of("author"), of("mcp_server_of_an_author"), of(OURS)), (100, 50, 55));
    assert_eq!((of("mcp_server_core::task"), of("mcp_server::repeats")), (5, 2));
}

#[tokio::test]
async fn the_calls_whose_lines_are_missing_can_be_found_by_their_reference() {
    let log = Log::new(2, "info", false);
    for call in ["a", "b", "c", "d"] {
        tracing::warn!(target: OURS, name = "sell", reference = Some(call), "call");
    }
    let lines = log.end_as_json();
    assert_eq!((&lines[2]["references"], &lines[2]["left_out"]), (&"c d".into(), &2.into()));
}

#[tokio::test]
async fn lines_that_are_equal_without_what_clients_sent_are_equal_and_the_count_does_not_tell_it() {
    for pretty in [false, true] {
        let log = Log::new(1, "info", pretty);
        for canary in ["canary-one", "canary-two", "canary-three"] {
            let mut record = CallRecord::start(&Telemetry::default(), Wire::Http(http::Version::HTTP_11), 0);
            let sent = Map::from_iter([("word".to_owned(), canary.into())]);
            record.sent(Values::of_arguments(
                sent,
                Arc::new(Marks::of(&json!({ "properties": { "word": { "type": "string" } } }))),
                false,
            ));
            let scope = record.scope();
            let _entered = scope.enter();
            let padding = "x".repeat(385);
            tracing::error!(target: "author", reference = canary, password = "two words", "no {canary} {padding} {CARD}");
        }
        let lines = log.end();
        let counts: Vec<&String> = lines.iter().filter(|line| line.contains("2 more like this")).collect();
        assert_eq!((lines.len(), counts.len()), (2, 1), "{lines:#?}");
        assert!(lines.iter().all(|line| !line.contains("canary") && !line.contains("two words")), "{lines:#?}");
        assert!(counts[0].contains("no [argument /word] xxx") && !counts[0].contains("4111"), "{}", counts[0]);
    }
}

#[tokio::test]
async fn a_count_passes_whatever_filter_its_lines_pass() {
    for filter in ["author=error", "error,mcp_server=off", "off,author=warn"] {
        let log = Log::new(1, filter, false);
        for _ in 0..3 {
            tracing::error!(target: "author", "the stock is away");
        }
        let lines = log.end_as_json();
        assert_eq!((lines.len(), lines.iter().filter(|line| is_count(line)).count()), (2, 1), "{filter}");
    }
}

#[tokio::test]
async fn what_is_not_logged_is_not_counted() {
    let log = Log::new(1, "error", false);
    for _ in 0..3 {
        tracing::warn!(target: "author", "the stock is slow");
    }
    assert!(log.end().is_empty());
}

#[tokio::test]
async fn without_a_limit_every_line_is_written() {
    let log = Log::new(0, "info", false);
    for _ in 0..1000 {
        tracing::error!(target: "author", "the stock is away");
    }
    assert_eq!(log.end().len(), 1000);
}

/// The count of a kind that has to make room is told at once, and without anybody who asks.
#[tokio::test]
async fn counts_are_told_while_the_server_runs() {
    let mut log = Log::new(1, "info", false);
    let telling = Telling::of(Arc::clone(&log.repeats));
    for _ in 0..3 {
        tracing::warn!(target: "author", "the first");
    }
    for kind in 0..256 {
        tracing::warn!(target: "author", kind, "one of many");
    }
    let count = loop {
        let line = log.news.recv().await.unwrap();
        if line.contains("more like this") {
            break line;
        }
    };
    assert!(count.contains("\"left_out\":2") && count.contains("the first"), "{count}");
    drop(telling);
}
