//! stdio: one message a line, requests at the same time, one writer (basic/transports, stdio).

mod calls;
mod conversation;
mod lines;
mod pipe;
mod pump;
mod streams;
mod write_buffer;

pub(crate) use pump::{StdioSettings, serve};
