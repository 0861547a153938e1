//! Pipes without blocking: descriptors that can be waited for, and a thread for those that cannot.

use crate::background;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdSocket;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use rustix::fs::{FileType, fstat};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::sync::mpsc;
use tokio_util::io::poll_read_buf;

/// How many bytes one read asks for.
const PIECE: usize = 64 * 1024;

/// One end of the connection.
pub(super) enum Input {
    /// A pipe or a socket.
    Ready(Pin<Box<dyn AsyncRead + Send>>),
    /// A file or a terminal, read by a thread: neither can be waited for, and a terminal's mode is shared.
    Thread(mpsc::Receiver<io::Result<Vec<u8>>>),
}

/// The other end.
pub(super) enum Output {
    /// A pipe or a socket.
    Ready(Pin<Box<dyn AsyncWrite + Send>>),
    /// A file or a terminal: its writes do not wait for a reader.
    Direct(File),
}

/// What a descriptor is.
enum Kind {
    Pipe,
    Socket,
    Other,
}

fn kind(fd: &OwnedFd) -> io::Result<Kind> {
    Ok(match FileType::from_raw_mode(fstat(fd)?.st_mode) {
        FileType::Fifo => Kind::Pipe,
        // Other sockets than local ones do not occur as standard streams.
        FileType::Socket => Kind::Socket,
        _ => Kind::Other,
    })
}

fn socket(fd: OwnedFd) -> io::Result<UnixStream> {
    let socket = StdSocket::from(fd);
    socket.set_nonblocking(true)?;
    UnixStream::from_std(socket)
}

impl Input {
    pub(super) fn new(fd: OwnedFd) -> io::Result<Self> {
        Ok(match kind(&fd)? {
            Kind::Pipe => Self::Ready(Box::pin(pipe::Receiver::from_owned_fd(fd)?)),
            Kind::Socket => Self::Ready(Box::pin(socket(fd)?)),
            Kind::Other => Self::Thread(read_on_a_thread(File::from(fd))?),
        })
    }

    /// Appends what has arrived; 0 bytes mean the end.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut BytesMut) -> Poll<io::Result<usize>> {
        match self {
            Self::Ready(reader) => {
                into.reserve(PIECE);
                poll_read_buf(reader.as_mut(), cx, into)
            }
            Self::Thread(pieces) => match ready!(pieces.poll_recv(cx)) {
                None => Poll::Ready(Ok(0)),
                Some(piece) => Poll::Ready(piece.map(|piece| {
                    into.extend_from_slice(&piece);
                    piece.len()
                })),
            },
        }
    }
}

fn read_on_a_thread(mut file: File) -> io::Result<mpsc::Receiver<io::Result<Vec<u8>>>> {
    let (sender, receiver) = mpsc::channel(4);
    background::spawn_thread("stdin", move || {
        loop {
            let mut piece = vec![0; PIECE];
            let read = file.read(&mut piece).map(|size| {
                piece.truncate(size);
                piece
            });
            let over = read.as_ref().map_or(true, Vec::is_empty);
            if sender.blocking_send(read).is_err() || over {
                return;
            }
        }
    })?;
    Ok(receiver)
}

impl Output {
    pub(super) fn new(fd: OwnedFd) -> io::Result<Self> {
        Ok(match kind(&fd)? {
            Kind::Pipe => Self::Ready(Box::pin(pipe::Sender::from_owned_fd(fd)?)),
            Kind::Socket => Self::Ready(Box::pin(socket(fd)?)),
            Kind::Other => Self::Direct(File::from(fd)),
        })
    }

    /// Writes as much as the reader takes.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Ready(writer) => writer.as_mut().poll_write(cx, bytes),
            Self::Direct(file) => Poll::Ready(io::Write::write(file, bytes)),
        }
    }
}
