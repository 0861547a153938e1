//! The official SDK's client, as it is: it connects, calls, and connects again when it is thrown off.

use std::time::Duration;

use rmcp::ServiceExt as _;
use rmcp::model::CallToolRequestParams;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::json;

use super::Ground;
use crate::findings::{Broken, Count};
use crate::legacy::PAUSE;

/// In this time every call comes back, with whatever; the client is not asked to mend what broke.
const MOST: Duration = Duration::from_secs(45);

/// Calls, again and again.
pub(crate) async fn official(ground: Ground, client: u64) {
    let mut choices = ground.choices(client);
    while !ground.is_over() {
        tokio::time::sleep(PAUSE).await;
        let config = StreamableHttpClientTransportConfig::with_uri(format!("http://{}/mcp", ground.address));
        let connecting = ().serve(StreamableHttpClientTransport::from_config(config));
        let connected = match tokio::time::timeout(MOST, connecting).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(_)) => continue,
            Err(_) => {
                ground.findings.broke(Broken::Hang, "the official client does not connect".to_owned());
                continue;
            }
        };
        for _ in 0..choices.within(2, 12) {
            let arguments = json!({ "steps": choices.within(1, 4), "ms": choices.within(5, 100) });
            let params = CallToolRequestParams::new("slow");
            let params = params.with_arguments(arguments.as_object().cloned().unwrap_or_default());
            match tokio::time::timeout(MOST, connected.call_tool(params)).await {
                Ok(Ok(_)) => ground.findings.count(Count::CallsOfTheOfficialClient),
                Ok(Err(_)) => break,
                Err(_) => {
                    ground.findings.broke(Broken::Hang, "a call of the official client does not end".to_owned());
                    break;
                }
            }
        }
        drop(tokio::time::timeout(Duration::from_secs(5), connected.cancel()).await);
    }
}
