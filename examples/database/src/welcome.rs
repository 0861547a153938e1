//! The welcome: how to connect a client, printed when the server starts.

use std::fmt::Write as _;

/// What there is to connect to.
#[derive(Debug)]
pub struct Welcome<'a> {
    /// What is served, in a few words.
    pub data: &'a str,
    /// The endpoint's URL.
    pub url: &'a str,
    /// The binary, for clients that start it themselves.
    pub program: &'a str,
    /// What they start it with.
    pub arguments: &'a [String],
}

/// One call with everything that the newest revision asks of a request.
const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tables","arguments":{},
     "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
     "io.modelcontextprotocol/clientCapabilities":{}}}}"#;

impl Welcome<'_> {
    /// The text, for a terminal.
    pub fn text(&self) -> String {
        let Self { data, url, program, arguments } = self;
        let arguments = serde_json::Value::from(arguments.to_vec());
        let program = serde_json::Value::from(*program);
        let mut text = format!("\n  {data}\n  at {url} (Ctrl-C ends it)\n");
        // Writing to a `String` does not fail.
        write!(
            text,
            "
  A call with curl:
    curl -s {url} -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\
     -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: list_tables' -d '{CALL}'

  The Inspector:
    npx @modelcontextprotocol/inspector --cli {url} --transport http --method tools/list

  VS Code (.vscode/mcp.json):
    {{ \"servers\": {{ \"database\": {{ \"type\": \"http\", \"url\": \"{url}\" }} }} }}

  Cursor and other IDEs (.cursor/mcp.json and the like):
    {{ \"mcpServers\": {{ \"database\": {{ \"type\": \"http\", \"url\": \"{url}\" }} }} }}

  Claude Desktop (claude_desktop_config.json), which starts the server itself:
    {{ \"mcpServers\": {{ \"database\": {{ \"command\": {program}, \"args\": {arguments} }} }} }}

  The operator page, with charts of every tool: open the link in the log above

"
        )
        .unwrap_or_default();
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_pasted_is_json() {
        let arguments = ["--stdio".to_owned(), "--database".to_owned(), "sqlite:a \"b\".db".to_owned()];
        let welcome =
            Welcome { data: "x", url: "http://127.0.0.1:1/mcp", program: "/bin/database", arguments: &arguments };
        let text = welcome.text();
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| line.starts_with("{ ")).collect();
        assert_eq!(lines.len(), 3, "{text}");
        for line in lines {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
        }
        assert!(serde_json::from_str::<serde_json::Value>(CALL).is_ok());
    }
}
