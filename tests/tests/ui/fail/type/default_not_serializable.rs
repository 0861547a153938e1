//! A default that cannot be published.

use mcp_server_core::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
enum Order {
    Up,
}

/// Add one.
#[tool]
async fn add(#[arg(default = Order::Up)] order: Order) -> String {
    match order {
        Order::Up => "up".to_owned(),
    }
}

fn main() {
    let _ = tools![add];
}
