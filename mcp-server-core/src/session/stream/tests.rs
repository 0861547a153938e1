//! Streams, from every side.
