//! A parameter that hides what it borrows.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(text: std::borrow::Cow<'_, str>) -> String {
    text.into_owned()
}

fn main() {
    let _ = tools![add];
}
