//! Blocks of methods, generic ones too, and a framework under another name.
#![no_implicit_prelude]

mod framework {
    pub(super) use ::mcp_server_core::*;
}

use ::mcp_server_core::prelude::{Context, items, tool, tools};
use ::mcp_server_core::tool::IntoItems as _;
use ::std::assert_eq;
use ::std::clone::Clone as _;
use ::std::fmt::Display;
use ::std::marker::{Send, Sync};
use ::std::option::Option;
use ::std::string::{String, ToString as _};

struct Calculator<T> {
    unit: T,
}

const LIMIT: i64 = 7;

#[items(crate = self::framework)]
impl<T: Display + Send + Sync + 'static> Calculator<T>
where
    T: ::std::fmt::Debug,
{
    const STEP: i64 = 3;

    /// Add two numbers.
    #[tool(read_only)]
    async fn add(&self, left: i64, #[arg(default = Self::STEP)] right: i64) -> String {
        self.joined(left + right)
    }

    /// Subtract.
    #[::mcp_server_core::prelude::tool(name = "sub")]
    fn subtract(&self, left: i64, #[arg(default = LIMIT)] right: i64) -> String {
        self.joined(left - right)
    }

    /// Without a value.
    #[cfg(not(any()))]
    #[tool(inline)]
    fn constant() -> i64 {
        LIMIT
    }

    /// One of two.
    #[cfg(any())]
    #[tool]
    fn constant() -> Missing {}

    /// Ask for a sum.
    #[prompt]
    async fn ask(&self, unit: Option<String>, _context: Context) -> String {
        unit.unwrap_or_else(|| self.unit.to_string())
    }

    #[resource("calc://{name}")]
    fn read(&self, mut name: String) -> String {
        name.push_str(&self.unit.to_string());
        name
    }

    fn joined(&self, number: i64) -> String {
        let mut text = number.to_string();
        text.push_str(&self.unit.to_string());
        text
    }
}

/// By itself.
#[tool(crate = self::framework)]
fn alone(call: String) -> String {
    call.clone()
}

pub(crate) fn main() {
    let calculator = Calculator { unit: "m" };
    assert_eq!(calculator.joined(1), "1m");
    assert_eq!(calculator.into_items().len(), 5);
    assert_eq!(tools![crate = self::framework; alone].len(), 1);
}
