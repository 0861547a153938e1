//! `initialize`: what a legacy client says of itself, and the revision that follows from it (basic/lifecycle).

use crate::protocol::params::{text, typed};
use crate::protocol::{ClientCapabilities, ClientInfo, Params, Revision, RpcError};

/// How many characters of a client's name and version are kept.
const NAME: usize = 64;

/// What `initialize` said, with the revision that both sides speak from now on.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    /// The negotiated revision.
    pub(crate) revision: Revision,
    /// What the client can do, as far as the revision has it.
    pub(crate) capabilities: ClientCapabilities,
    /// The client's name and version as one word, for the log.
    pub(crate) client: Box<str>,
}

impl Hello {
    /// Reads the parameters of `initialize`.
    ///
    /// A revision that is served as a legacy one is taken; for any other the answer is the newest legacy one
    /// (basic/lifecycle, Version Negotiation).
    ///
    /// # Errors
    /// `-32602` if the revision is missing or something has the wrong type.
    pub(crate) fn read(params: &Params<'_>) -> Result<Self, RpcError> {
        let asked = text(params.protocol_version, "protocolVersion")?;
        let revision =
            Revision::parse(&asked).filter(|revision| !revision.is_modern()).unwrap_or(Revision::NEWEST_LEGACY);
        let declared = params
            .capabilities
            .map_or_else(|| Ok(ClientCapabilities::default()), |raw| ClientCapabilities::read(raw.get()))?;
        // Nothing may depend on who a client says it is, so nothing that it says there is refused.
        let client: ClientInfo = typed(params.client_info, "clientInfo").ok().flatten().unwrap_or_default();
        Ok(Self { revision, capabilities: within(revision, declared), client: label(&client) })
    }
}

/// What a revision has of a client's capabilities: nothing may be used that it does not know.
fn within(revision: Revision, declared: ClientCapabilities) -> ClientCapabilities {
    let (forms, urls) = (revision.has_structured(), revision.has_polling());
    ClientCapabilities {
        elicitation_form: declared.elicitation_form && forms,
        elicitation_url: declared.elicitation_url && urls,
        sampling_tools: declared.sampling_tools && urls,
        // An extension of the modern era; sessions have tasks of their own kind.
        tasks: false,
        ..declared
    }
}

fn label(client: &ClientInfo) -> Box<str> {
    let clean = |text: &str| text.chars().filter(|character| !character.is_control()).take(NAME).collect::<String>();
    format!("{}/{}", clean(&client.name), clean(&client.version)).into_boxed_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hello(params: &str) -> Result<Hello, RpcError> {
        Hello::read(&Params::read(Some(params.as_bytes())).unwrap())
    }

    #[test]
    fn e02_b10_the_revision_is_repeated_or_the_newest_legacy_one() {
        let cases = [
            ("2024-11-05", "2024-11-05"),
            ("2025-03-26", "2025-03-26"),
            ("2025-06-18", "2025-06-18"),
            ("2025-11-25", "2025-11-25"),
            ("2026-07-28", "2025-11-25"),
            ("1.0", "2025-11-25"),
        ];
        for (asked, answered) in cases {
            let hello =
                hello(&format!(r#"{{"protocolVersion":"{asked}","capabilities":{{}},"clientInfo":{{"name":"c"}}}}"#));
            assert_eq!(hello.unwrap().revision.as_str(), answered);
        }
    }

    #[test]
    fn e04_a_capability_that_the_revision_lacks_is_not_used() {
        let all = |version: &str| {
            let declared = json!({"elicitation": {"form": {}, "url": {}}, "sampling": {"tools": {}}, "roots": {}});
            let params = json!({"protocolVersion": version, "capabilities": declared});
            hello(&params.to_string()).unwrap().capabilities
        };
        assert!(!all("2025-03-26").elicitation_form && all("2025-03-26").sampling && all("2025-03-26").roots);
        assert!(all("2025-06-18").elicitation_form && !all("2025-06-18").elicitation_url);
        assert!(all("2025-11-25").elicitation_url && all("2025-11-25").sampling_tools);
    }

    #[test]
    fn wrong_types_are_named_and_the_clients_name_is_no_ground_for_anything() {
        assert!(hello("{}").unwrap_err().message.contains("protocolVersion"));
        assert!(hello(r#"{"protocolVersion":"2025-06-18","capabilities":[]}"#).is_err());
        assert_eq!(&*hello(r#"{"protocolVersion":"2025-06-18","clientInfo":7}"#).unwrap().client, "/");
    }
}
