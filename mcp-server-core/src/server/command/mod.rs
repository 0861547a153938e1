//! The command line of every server: its flags, its subcommands and its exit codes.
//!
//! The subcommands are functions from plain data to text; what they need of the server, the server gives them.

mod args;
mod check;
mod config;
mod contract;
mod exit;
mod hosts;
mod keygen;
mod print;

pub use args::{Command, ServeArgs};
pub use check::{ToolProfile, show_check};
pub use config::show_config;
pub use contract::{Difference, Impact, against, compare, show_contract, show_differences};
pub use exit::Exit;
pub use hosts::show_hosts;
pub use keygen::make_keys;
pub use print::{complain, print, say};
