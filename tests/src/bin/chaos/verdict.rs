//! How a request ended, judged by what a client can do with it.

use serde_json::Value;

/// The end of a request.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// Its result.
    Answer(Value),
    /// An error that says that it may be asked again.
    Later,
    /// An error that says no; nothing here should be refused for good.
    Refused(String),
}

/// What a response message comes to.
pub(crate) fn of(message: &Value) -> End {
    if let Some(error) = message.get("error") {
        let may_be_retried = error["code"] == -31503 || error["data"]["retryable"] == true;
        return if may_be_retried { End::Later } else { End::Refused(error.to_string()) };
    }
    let result = &message["result"];
    if result["isError"] == true {
        let error = &result["_meta"]["rs.mcp-server/error"];
        let may_be_retried = error["retryable"] == true;
        return if may_be_retried { End::Later } else { End::Refused(result.to_string()) };
    }
    End::Answer(result.clone())
}

/// The text of a result's first block.
pub(crate) fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap_or_default()
}
