//! A second server under test: what it has needs scopes.

use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::routing::get;
use mcp_server_core::auth::{Denied, Verdict, Verifier};
use mcp_server_core::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The notes that all callers share.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

#[derive(Serialize, JsonSchema)]
struct Note {
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Consent {
    /// Whether to go on.
    ok: bool,
}

/// Say who calls.
#[tool(read_only)]
async fn whoami(caller: Principal) -> String {
    caller.id().to_owned()
}

/// Read all notes.
#[tool(read_only, scopes("notes:read"))]
async fn read_notes(State(notes): State<Notes>) -> ToolResult<Rows<Note>> {
    let notes = notes.0.lock().map_err(|_| ToolError::internal("the notes are lost"))?;
    Rows::from(notes.iter().map(|text| Note { text: text.clone() }).collect::<Vec<_>>()).or_empty("nobody wrote a note")
}

/// Write a note, once its writer has agreed.
#[tool(destructive, scopes("notes:read", "notes:write"))]
async fn write_note(context: Context, State(notes): State<Notes>, text: String) -> ToolResult<Receipt> {
    let Consent { ok } = context.elicit("Write it?").key("consent").await?;
    if !ok {
        return Err(ToolError::conflict("the writer did not agree"));
    }
    notes.0.lock().map_err(|_| ToolError::internal("the notes are lost"))?.push(text);
    Ok(Receipt::confirmed("the note is written"))
}

/// Sum up the notes.
#[prompt(scopes("notes:read"))]
async fn summary() -> &'static str {
    "Sum up the notes."
}

/// The newest note.
#[resource("notes://newest", mime = "text/plain", scopes("notes:read"))]
async fn newest(State(notes): State<Notes>) -> ToolResult<String> {
    let notes = notes.0.lock().map_err(|_| ToolError::internal("the notes are lost"))?;
    notes.last().cloned().ok_or_else(|| ToolError::not_found("nobody wrote a note"))
}

/// A note by its number.
#[resource("notes://by-number/{number}", mime = "text/plain", scopes("notes:read"))]
async fn by_number(State(notes): State<Notes>, number: usize) -> ToolResult<String> {
    let notes = notes.0.lock().map_err(|_| ToolError::internal("the notes are lost"))?;
    notes.get(number).cloned().ok_or_else(|| ToolError::not_found("there is no note of this number"))
}

/// Tools that are methods.
struct Counter {
    from: i64,
}

#[items]
impl Counter {
    /// Count on from where the server began.
    #[tool(read_only, scopes("counter"))]
    async fn count(&self, by: i64) -> i64 {
        self.from + by
    }
}

/// Accepts `user~scope+scope` with a point for each colon, and cannot say at times.
#[derive(Debug)]
struct Spoken;

impl Verifier for Spoken {
    fn verify<'a>(&'a self, token: &'a str) -> Verdict<'a> {
        Box::pin(async move {
            let (user, scopes) = token.split_once('~').ok_or(Denied::Invalid)?;
            // A token holds no colon.
            let scopes: Vec<String> = scopes.split('+').map(|scope| scope.replace('.', ":")).collect();
            let caller = Principal::new("spoken", user, scopes);
            match user {
                "nobody-knows" => Err(Denied::Unavailable),
                "soon-gone" => Ok(caller.expiring(SystemTime::now() + Duration::from_millis(500))),
                _ => Ok(caller),
            }
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let server = Server::new("guarded", "1.0.0")
        .state(Notes::default())
        .tools(tools![whoami, read_notes, write_note])
        .tools(Counter { from: 100 })
        .prompts(prompts![summary])
        .resources(resources![newest, by_number])
        .routes(Router::new().route("/about", get(|| async { "guarded" })));
    // The keys of the configuration, or a verifier of the author's own.
    if std::env::var_os("SPOKEN").is_some() { server.verifier(Spoken) } else { server }.main().await
}
