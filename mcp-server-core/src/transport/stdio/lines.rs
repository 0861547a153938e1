//! Lines: bounded, and cut out of what arrived without a copy.

use bytes::{Buf as _, Bytes, BytesMut};

/// Bytes that arrived, cut into lines.
#[derive(Debug)]
pub(super) struct Lines {
    buffer: BytesMut,
    /// Up to where the buffer was searched.
    searched: usize,
    most: usize,
    /// Whether the rest of a line that was too long is being passed over.
    skipping: bool,
}

/// One line, or what was wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line without its end.
    Whole(Bytes),
    /// A line with more bytes than are allowed; it is passed over up to its end.
    TooLong,
}

impl Lines {
    pub(super) fn new(most: usize) -> Self {
        Self { buffer: BytesMut::new(), searched: 0, most, skipping: false }
    }

    /// Where what arrives is to be appended.
    pub(super) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The next line, if it is there; empty lines are passed over.
    pub(super) fn next(&mut self) -> Option<Line> {
        loop {
            let unseen = self.buffer.get(self.searched..).unwrap_or_default();
            let Some(offset) = memchr::memchr(b'\n', unseen) else {
                self.searched = self.buffer.len();
                return self.overflow();
            };
            let mut line = self.buffer.split_to(self.searched + offset).freeze();
            self.buffer.advance(1);
            self.searched = 0;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            if line.last() == Some(&b'\r') {
                line.truncate(line.len() - 1);
            }
            if line.len() > self.most {
                return Some(Line::TooLong);
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Some(Line::Whole(line));
            }
        }
    }

    /// A line that already has too many bytes is told once, and its rest is not kept.
    fn overflow(&mut self) -> Option<Line> {
        if self.buffer.len() <= self.most && !self.skipping {
            return None;
        }
        self.buffer.clear();
        self.searched = 0;
        (!std::mem::replace(&mut self.skipping, true)).then_some(Line::TooLong)
    }

    /// What is left without a line end when the input is over.
    pub(super) fn last(&mut self) -> Option<Line> {
        let rest = self.buffer.split().freeze();
        self.searched = 0;
        let said = !self.skipping && !rest.iter().all(u8::is_ascii_whitespace);
        said.then_some(Line::Whole(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &'static str) -> Line {
        Line::Whole(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn lines_are_cut_wherever_they_were_split() {
        let mut lines = Lines::new(100);
        lines.buffer().extend_from_slice(b"one\r\ntw");
        assert_eq!(lines.next(), Some(whole("one")));
        assert_eq!(lines.next(), None);
        lines.buffer().extend_from_slice(b"o\n\n  \nthree");
        assert_eq!(lines.next(), Some(whole("two")));
        assert_eq!(lines.next(), None);
        assert_eq!(lines.last(), Some(whole("three")));
        assert_eq!(lines.last(), None);
    }

    /// D14: an endless line is told once, costs no memory, and what follows it is read.
    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let mut lines = Lines::new(4);
        lines.buffer().extend_from_slice(b"12345");
        assert_eq!(lines.next(), Some(Line::TooLong));
        lines.buffer().extend_from_slice(b"6789012345");
        assert_eq!(lines.next(), None);
        assert!(lines.buffer.is_empty());
        lines.buffer().extend_from_slice(b"end\nok\n");
        assert_eq!(lines.next(), Some(whole("ok")));
        lines.buffer().extend_from_slice(b"12345\nok\n");
        assert_eq!(lines.next(), Some(Line::TooLong));
        assert_eq!(lines.next(), Some(whole("ok")));
    }
}
