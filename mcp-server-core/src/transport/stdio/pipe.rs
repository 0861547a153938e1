//! Pipes without blocking: descriptors that can be waited for, and a thread for those that cannot.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::task::{Context, Poll, ready};

use rustix::fs::{FileType, OFlags, fcntl_getfl, fcntl_setfl, fstat};
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;

/// One end of the connection.
#[derive(Debug)]
pub(super) enum Input {
    /// A pipe or a socket.
    Ready(AsyncFd<File>),
    /// A file or a terminal, read by a thread: neither can be waited for, and a terminal's mode is shared.
    Thread(mpsc::Receiver<io::Result<Vec<u8>>>),
}

/// The other end.
#[derive(Debug)]
pub(super) enum Output {
    /// A pipe or a socket.
    Ready(AsyncFd<File>),
    /// A file or a terminal: its writes do not wait for a reader.
    Direct(File),
}

fn can_be_waited_for(fd: &OwnedFd) -> io::Result<bool> {
    let kind = FileType::from_raw_mode(fstat(fd)?.st_mode);
    Ok(matches!(kind, FileType::Fifo | FileType::Socket))
}

fn unblock(fd: &OwnedFd) -> io::Result<()> {
    let flags = fcntl_getfl(fd)?;
    Ok(fcntl_setfl(fd, flags | OFlags::NONBLOCK)?)
}

impl Input {
    pub(super) fn new(fd: OwnedFd) -> io::Result<Self> {
        if can_be_waited_for(&fd)? {
            unblock(&fd)?;
            return Ok(Self::Ready(AsyncFd::register(File::from(fd))?));
        }
        let (sender, receiver) = mpsc::channel(4);
        let mut file = File::from(fd);
        std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
            loop {
                let mut piece = vec![0; 64 * 1024];
                let read = file.read(&mut piece).map(|size| {
                    piece.truncate(size);
                    piece
                });
                let over = read.as_ref().is_ok_and(Vec::is_empty) || read.is_err();
                if sender.blocking_send(read).is_err() || over {
                    return;
                }
            }
        })?;
        Ok(Self::Thread(receiver))
    }

    /// Appends what has arrived; 0 bytes mean the end.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<io::Result<usize>> {
        match self {
            Self::Ready(fd) => loop {
                let mut guard = ready!(fd.poll_read_ready_mut(cx))?;
                let read = guard.try_io(|fd| read_some(fd.get_mut(), into));
                if let Ok(read) = read {
                    return Poll::Ready(read);
                }
            },
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

fn read_some(file: &mut File, into: &mut Vec<u8>) -> io::Result<usize> {
    let before = into.len();
    into.resize(before + 32 * 1024, 0);
    let read = into.get_mut(before..).map_or(Ok(0), |space| file.read(space));
    into.truncate(before + read.as_ref().map_or(0, |size| *size));
    read
}

impl Output {
    pub(super) fn new(fd: OwnedFd) -> io::Result<Self> {
        if can_be_waited_for(&fd)? {
            unblock(&fd)?;
            return Ok(Self::Ready(AsyncFd::register(File::from(fd))?));
        }
        Ok(Self::Direct(File::from(fd)))
    }

    /// Writes as much as the reader takes.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Ready(fd) => loop {
                let mut guard = ready!(fd.poll_write_ready_mut(cx))?;
                if let Ok(written) = guard.try_io(|fd| fd.get_mut().write(bytes)) {
                    return Poll::Ready(written);
                }
            },
            Self::Direct(file) => Poll::Ready(file.write(bytes)),
        }
    }
}
