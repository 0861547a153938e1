//! Configuration: read once from defaults, a file, the environment and flags; checked whole; every fault reported at
//! once.
//!
//! A key is a dotted name such as `http.addr`. In the file it is `addr` in the table `[http]`, in the environment
//! `MCP_SERVER_HTTP_ADDR`, on the command line `--set http.addr=…`; later sources win. A name that does not exist is
//! a fault wherever it stands. Durations are `250ms`, `5s`, `10m`; sizes `64KiB`, `4MiB`.

mod check;
mod choice;
mod effective;
mod environment;
mod fault;
mod file;
mod fill;
mod flags;
pub(crate) mod hash;
mod hosts;
mod instant;
mod key;
mod keys;
mod limits;
mod load;
mod markdown;
mod name;
mod observing;
mod range;
mod read;
mod records;
mod secrets;
mod settings;
mod standard;
mod state_dir;
#[cfg(test)]
mod tests;
pub(crate) mod unit;
mod unknown;
mod value;

pub use choice::{LogFormat, SessionMode, TokenCount, Transport};
pub use effective::{Effective, Shown};
pub use fault::{Fault, Faults, Origin};
pub use limits::LimitSettings;
pub use load::{Sources, load};
pub use markdown::{markdown_table, with_table};
pub use observing::{AdminSettings, BudgetSettings, QualitySettings, TelemetrySettings};
pub use secrets::{BearerKey, SealSecret};
pub use settings::{
    AuthSettings, CacheSettings, Config, HttpSettings, LogSettings, SealSettings, SessionSettings, ShutdownSettings,
    StdioSettings, StoreSettings, ToolSettings,
};

pub(crate) use flags::Setting;
pub(crate) use instant::day;
