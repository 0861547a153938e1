//! A legacy session: requests whose streams are taken up again until they end.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::clients::Ground;
use crate::findings::{Broken, Count};
use crate::verdict::{self, End};
use crate::wire::{Event, Events, Fault, Received};

/// In this time a request ends, whatever breaks: a dead replica's lease and the search for it are shorter.
const MOST: Duration = Duration::from_secs(45);
/// Between two attempts.
pub(crate) const PAUSE: Duration = Duration::from_millis(150);

/// A session.
#[derive(Debug)]
pub(crate) struct Session {
    ground: Ground,
    id: String,
    next: AtomicU64,
}

/// What a call says while it runs.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A message before the answer.
    Message(Value),
    /// The end; nothing follows. `None`: it broke a promise, which is noted.
    End(Option<End>),
}

/// A request in work.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    session: &'a Session,
    id: u64,
    about: String,
    state: State,
    last: Option<String>,
    seen: HashSet<String>,
    began: Instant,
}

#[derive(Debug)]
enum State {
    /// It answered at once.
    Answered(Value),
    /// Its stream is read.
    Reading(Events),
    /// Its stream broke off.
    Away,
    /// It is over.
    Over,
}

impl Session {
    /// Opens a session, whatever it takes. `None` when a promise was broken on the way, or the time is over.
    pub(crate) async fn open(ground: &Ground) -> Option<Self> {
        let client = json!({ "name": "chaos", "version": "0" });
        let params =
            json!({ "protocolVersion": "2025-11-25", "capabilities": { "elicitation": {} }, "clientInfo": client });
        let message = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
        loop {
            match ground.balancer.send(Method::POST, &[], Some(&message)).await {
                Ok(Received::Message { status: 200, session: Some(id), .. }) => {
                    ground.findings.count(Count::SessionsOpened);
                    let session = Self { ground: ground.clone(), id, next: AtomicU64::new(1) };
                    session.tell("notifications/initialized", json!({})).await;
                    return Some(session);
                }
                Ok(Received::Later) => ground.findings.count(Count::RefusedForNow),
                Ok(other) => {
                    ground.findings.broke(Broken::WrongAnswer, format!("initialize: {other:?}"));
                    return None;
                }
                Err(fault) => {
                    ground.fault(fault, "initialize");
                    return None;
                }
            }
            if ground.is_over() {
                return None;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends a request and gives out what comes back. `None` if it was not accepted, which is noted or was said.
    pub(crate) async fn request(&self, method: &str, params: Value) -> Option<Call<'_>> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let about = format!("{method} {id} {}", params["name"].as_str().unwrap_or_default());
        let state = match self.post(&message).await {
            Ok(Received::Message { status: 404, message, .. }) => {
                self.lost(&about, &message);
                return None;
            }
            Ok(Received::Message { message, .. }) => State::Answered(message),
            Ok(Received::Events(events)) => State::Reading(events),
            Ok(Received::Later) => {
                self.ground.findings.count(Count::RefusedForNow);
                return None;
            }
            Ok(Received::Accepted) => {
                self.ground.findings.broke(Broken::WrongAnswer, format!("{about}: no body"));
                return None;
            }
            Err(fault) => {
                self.ground.fault(fault, &about);
                return None;
            }
        };
        Some(Call { session: self, id, about, state, last: None, seen: HashSet::new(), began: Instant::now() })
    }

    /// Answers a question of the server, until the answer is taken.
    pub(crate) async fn answer(&self, question: &Value, result: Value) -> bool {
        let message = json!({ "jsonrpc": "2.0", "id": question["id"], "result": result });
        self.post_until_accepted(&message).await
    }

    /// Tells the server something, until it is taken.
    pub(crate) async fn tell(&self, method: &str, params: Value) -> bool {
        self.post_until_accepted(&json!({ "jsonrpc": "2.0", "method": method, "params": params })).await
    }

    async fn post_until_accepted(&self, message: &Value) -> bool {
        let began = Instant::now();
        while began.elapsed() < MOST {
            match self.post(message).await {
                Ok(Received::Accepted) => return true,
                Ok(Received::Later) => self.ground.findings.count(Count::RefusedForNow),
                Ok(Received::Message { status: 404, message: refusal, .. }) => {
                    self.lost(&message.to_string(), &refusal);
                    return false;
                }
                Ok(other) => {
                    self.ground.findings.broke(Broken::WrongAnswer, format!("{message}: {other:?}"));
                    return false;
                }
                Err(fault) => {
                    self.ground.fault(fault, &message.to_string());
                    return false;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.ground.findings.broke(Broken::NeverEnded, format!("{message}: refused for now without end"));
        false
    }

    /// Opens a stream: the session's own, or what follows an event of any.
    pub(crate) async fn get(&self, last: Option<&str>) -> Result<Received, Fault> {
        let mut headers = vec![("Mcp-Session-Id", self.id.as_str()), ("MCP-Protocol-Version", "2025-11-25")];
        headers.extend(last.map(|last| ("Last-Event-ID", last)));
        self.ground.balancer.send(Method::GET, &headers, None).await
    }

    async fn post(&self, message: &Value) -> Result<Received, Fault> {
        let headers = [("Mcp-Session-Id", self.id.as_str()), ("MCP-Protocol-Version", "2025-11-25")];
        self.ground.balancer.send(Method::POST, &headers, Some(message)).await
    }

    /// Notes that the session is unknown somewhere.
    pub(crate) fn lost(&self, about: &str, refusal: &Value) {
        self.ground.findings.broke(Broken::SessionLost, format!("{about}: {refusal}"));
    }

    /// Where it is.
    pub(crate) fn ground(&self) -> &Ground {
        &self.ground
    }
}

impl Call<'_> {
    /// What comes next. A stream that breaks off is taken up where it broke, at whatever replica comes.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            if self.began.elapsed() > MOST {
                self.broke(Broken::NeverEnded, "no end in time");
                return Heard::End(None);
            }
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Heard::End(None),
                State::Answered(message) => return self.ended(&message),
                State::Away => {
                    if !self.take_up().await {
                        return Heard::End(None);
                    }
                }
                State::Reading(mut events) => match events.next().await {
                    Ok(Some(event)) => {
                        self.state = State::Reading(events);
                        if let Some(message) = self.hear(event) {
                            let is_end = message["id"] == self.id && message.get("method").is_none();
                            return if is_end { self.ended(&message) } else { Heard::Message(message) };
                        }
                    }
                    Ok(None) | Err(Fault::Cut(_)) => {
                        self.session.ground.findings.count(Count::StreamsBroken);
                        self.state = State::Away;
                    }
                    Err(fault) => {
                        self.session.ground.fault(fault, &self.about);
                        return Heard::End(None);
                    }
                },
            }
        }
    }

    /// Lets the connection go, as a client on a bad line does.
    pub(crate) fn cut(&mut self) {
        if matches!(self.state, State::Reading(_)) && self.last.is_some() {
            self.session.ground.findings.count(Count::StreamsBroken);
            self.state = State::Away;
        }
    }

    fn hear(&mut self, event: Event) -> Option<Value> {
        if let Some(id) = event.id {
            // A resumed stream begins with an event that says nothing and repeats the id it was resumed after.
            let repeats = event.message.is_none() && self.last.as_ref() == Some(&id);
            if !self.seen.insert(id.clone()) && !repeats {
                self.broke(Broken::EventDoubled, &format!("event {id} came twice: {:?}", event.message));
            }
            self.last = Some(id);
        }
        event.message
    }

    /// Goes on reading at another connection. False if that cannot be, which is noted.
    async fn take_up(&mut self) -> bool {
        tokio::time::sleep(PAUSE).await;
        let Some(last) = self.last.clone() else {
            self.broke(Broken::NeverEnded, "the stream broke before it had an event to resume after");
            return false;
        };
        match self.session.get(Some(&last)).await {
            Ok(Received::Events(events)) => {
                self.session.ground.findings.count(Count::StreamsResumed);
                self.state = State::Reading(events);
            }
            Ok(Received::Later) => {
                self.session.ground.findings.count(Count::RefusedForNow);
                self.state = State::Away;
            }
            Ok(Received::Message { status: 404, message, .. }) => {
                self.session.lost(&self.about, &message);
                return false;
            }
            Ok(other) => {
                self.broke(Broken::NeverEnded, &format!("resumption after {last}: {other:?}"));
                return false;
            }
            Err(Fault::Cut(_)) => self.state = State::Away,
            Err(fault) => {
                self.session.ground.fault(fault, &self.about);
                return false;
            }
        }
        true
    }

    fn ended(&self, message: &Value) -> Heard {
        let end = verdict::of(message);
        let findings = &self.session.ground.findings;
        match &end {
            End::Answer(_) => findings.count(Count::LegacyCallsAnswered),
            End::Later => findings.count(Count::LegacyCallsEndedRetryable),
            End::Refused(why) => findings.broke(Broken::WrongAnswer, format!("{}: {why}", self.about)),
        }
        Heard::End(Some(end))
    }

    fn broke(&self, what: Broken, how: &str) {
        let took = self.began.elapsed().as_secs_f64();
        self.session.ground.findings.broke(what, format!("{} after {took:.1} s: {how}", self.about));
    }
}
