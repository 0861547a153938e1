//! A server whose tools do things that must not be done twice. What it does is seen at a gate: each run of a function
//! connects there, says what it does, and goes on when it is let through.

use std::process::ExitCode;
use std::time::Duration;

use mcp_server_core::auth::{Verdict, Verifier};
use mcp_server_core::prelude::*;
use mcp_server_core::tool::{Handle, Handles};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The address of the gate.
#[derive(Clone)]
struct Gate(String);

impl Gate {
    async fn pass(&self, what: &str) -> ToolResult<()> {
        let mut gate = TcpStream::connect(&self.0).await?;
        gate.write_all(format!("{what}\n").as_bytes()).await?;
        gate.read_u8().await?;
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct Basket {
    things: u32,
}

impl Handle for Basket {
    const KIND: &'static str = "basket";
    const LIFE: Duration = Duration::from_mins(5);
}

/// Pay: twice is too much.
#[tool(idempotency)]
async fn pay(State(gate): State<Gate>, amount: u32) -> ToolResult<String> {
    gate.pass(&format!("pay {amount}")).await?;
    Ok(format!("paid {amount}"))
}

/// Set: twice is as once.
#[tool(idempotency, idempotent)]
async fn set(State(gate): State<Gate>, amount: u32) -> ToolResult<String> {
    gate.pass(&format!("set {amount}")).await?;
    Ok(format!("set to {amount}"))
}

/// Do something alone.
#[tool]
async fn alone(context: Context, State(gate): State<Gate>, name: String) -> ToolResult<String> {
    let lock = context.lock(&name).hold(Duration::from_secs(2)).await?;
    gate.pass(&format!("alone in {name}")).await?;
    lock.check().await?;
    Ok(format!("was alone in {name}"))
}

/// Take a basket.
#[tool]
async fn take_basket(baskets: Handles<Basket>) -> ToolResult<String> {
    baskets.open(&Basket { things: 0 }).await
}

/// Put a thing into a basket.
#[tool]
async fn fill_basket(baskets: Handles<Basket>, basket: String) -> ToolResult<String> {
    let things = baskets.update(&basket, |basket| {
        basket.things += 1;
        Ok(basket.things)
    });
    Ok(format!("{} in it", things.await?))
}

/// Believes everybody.
#[derive(Debug)]
struct Trusting;

impl Verifier for Trusting {
    fn verify<'a>(&'a self, token: &'a str) -> Verdict<'a> {
        Box::pin(async move { Ok(Principal::new("trusting", token, ["all"])) })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let gate = Gate(std::env::var("GATE").unwrap_or_default());
    let tools = tools![pay, set, alone, take_basket, fill_basket];
    Server::new("once", "1.0.0").state(gate).tools(tools).verifier(Trusting).main().await
}
