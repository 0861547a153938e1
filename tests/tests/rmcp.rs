//! The official Rust SDK's client, in both eras, over both transports.

use std::process::Stdio;
use std::time::Duration;

use mcp_server_tests::Server;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, ClientRequest, ElicitRequestParams,
    ElicitResult, ElicitationAction, ErrorData, Implementation, ProgressNotificationParam, ProtocolVersion,
    ReadResourceRequestParams, Request, ResourceUpdatedNotificationParam, ServerNotification, SubscribeRequestParams,
    SubscriptionFilter,
};
use rmcp::service::{NotificationContext, PeerRequestOptions, RequestContext, RunningService, SubscriptionEnd};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientHandler, ClientLifecycleMode, ClientServiceExt as _, RoleClient, ServiceError};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};

const PROGRAM: &str = env!("CARGO_BIN_EXE_everything-under-test");

/// What the server told its client.
#[derive(Debug, PartialEq)]
enum Told {
    Progress(f64),
    Updated(String),
    Tools,
}

/// A client whose user agrees to everything.
struct User {
    tells: mpsc::UnboundedSender<Told>,
    told: Mutex<mpsc::UnboundedReceiver<Told>>,
}

impl User {
    fn new() -> Self {
        let (tells, told) = mpsc::unbounded_channel();
        Self { tells, told: Mutex::new(told) }
    }

    fn tell(&self, told: Told) {
        self.tells.send(told).expect("both ends are here");
    }

    async fn told(&self) -> Option<Told> {
        tokio::time::timeout(Duration::from_millis(500), async { self.told.lock().await.recv().await }).await.ok()?
    }
}

impl ClientHandler for User {
    async fn create_elicitation(
        &self,
        asked: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, .. } = asked else {
            return Ok(ElicitResult::new(ElicitationAction::Decline));
        };
        assert_eq!(message, "Who are you?");
        let filled = json!({"username": "ann", "email": "ann@example.org"});
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(filled))
    }

    async fn on_progress(&self, told: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.tell(Told::Progress(told.progress));
    }

    async fn on_resource_updated(&self, told: ResourceUpdatedNotificationParam, _: NotificationContext<RoleClient>) {
        self.tell(Told::Updated(told.uri));
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.tell(Told::Tools);
    }

    fn get_info(&self) -> ClientConfig {
        let capabilities: ClientCapabilities =
            serde_json::from_value(json!({"elicitation": {}})).expect("it has its form");
        ClientConfig::new(capabilities, Implementation::new("tests", "0"))
    }
}

type Client = RunningService<RoleClient, User>;

fn modern() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
}

async fn over_stdio(era: ClientLifecycleMode) -> Client {
    let mut command = tokio::process::Command::new(PROGRAM);
    command.arg("--stdio");
    let (transport, _) = TokioChildProcess::builder(command).stderr(Stdio::null()).spawn().expect("the server starts");
    User::new().serve_with_lifecycle(transport, era).await.expect("both agree on a revision")
}

async fn over_http(server: &Server, era: ClientLifecycleMode) -> Client {
    let config = StreamableHttpClientTransportConfig::with_uri(format!("http://{}/mcp", server.address()));
    let transport = StreamableHttpClientTransport::from_config(config);
    User::new().serve_with_lifecycle(transport, era).await.expect("both agree on a revision")
}

fn call(tool: &'static str, arguments: Value) -> CallToolRequestParams {
    CallToolRequestParams::new(tool).with_arguments(arguments.as_object().expect("arguments are an object").clone())
}

fn text(result: &CallToolResult) -> &str {
    &result.content[0].as_text().expect("the first block is text").text
}

/// Lists, calls, reads.
async fn uses(client: &Client) {
    let tools = client.list_all_tools().await.unwrap();
    assert!(tools.len() > 40 && tools[0].name == "test_simple_text");
    assert!(!client.list_all_prompts().await.unwrap().is_empty());
    assert!(!client.list_all_resources().await.unwrap().is_empty());
    assert!(!client.list_all_resource_templates().await.unwrap().is_empty());
    let called = client.call_tool(call("test_simple_text", json!({}))).await.unwrap();
    assert_eq!(text(&called), "This is a simple text response for testing.");
    let read = client.read_resource(ReadResourceRequestParams::new("test://static-text")).await.unwrap();
    assert_eq!(read.contents.len(), 1);
}

/// An argument that breaks the schema is a tool error that the model sees; an unknown tool is the protocol's.
async fn errs(client: &Client) {
    let refused = client.call_tool(call("limited", json!({"limit": 11}))).await.unwrap();
    assert_eq!(refused.is_error, Some(true));
    assert!(text(&refused).contains("/limit"), "{}", text(&refused));
    let unknown = client.call_tool(call("no_such", json!({}))).await.unwrap_err();
    let ServiceError::McpError(error) = unknown else { panic!("{unknown}") };
    assert_eq!(error.code.0, -32602);
    let missing = client.read_resource(ReadResourceRequestParams::new("test://nothing")).await.unwrap_err();
    let ServiceError::McpError(error) = missing else { panic!("{missing}") };
    assert!(matches!(error.code.0, -32602 | -32002), "{error}");
}

/// A question goes to the user, and the answer back to the line that asked.
async fn elicits(client: &Client) {
    let answered = client.call_tool(call("test_elicitation", json!({"message": "Who are you?"}))).await.unwrap();
    assert_eq!(text(&answered), "User response: ann <ann@example.org>");
}

/// Progress is told on the way.
async fn progresses(client: &Client) {
    client.call_tool(call("test_tool_with_progress", json!({}))).await.unwrap();
    for expected in [0.0, 50.0, 100.0] {
        assert_eq!(client.service().told().await, Some(Told::Progress(expected)));
    }
}

/// A cancelled call has no effect.
async fn cancels(client: &Client) {
    let late = ClientRequest::CallToolRequest(Request::new(call("late_effect", json!({"ms": 500}))));
    let handle = client.send_cancellable_request(late, PeerRequestOptions::no_options()).await.unwrap();
    handle.cancel(Some("the user changed their mind".to_owned())).await.unwrap();
    client.call_tool(call("slow", json!({"ms": 900}))).await.unwrap();
    assert_eq!(text(&client.call_tool(call("effects", json!({}))).await.unwrap()), "0");
}

/// Changes are heard: in the modern era under a subscription.
async fn listens(client: &Client) {
    let filter = SubscriptionFilter::builder().tools_list_changed().resource_subscription("test://watched-resource");
    let mut subscription = client.listen(filter.build()).await.unwrap();
    assert_eq!(subscription.acknowledged().tools_list_changed, Some(true));
    client.call_tool(call("touch_watched_resource", json!({}))).await.unwrap();
    let told = subscription.next().await.unwrap();
    assert!(matches!(told, Some(ServerNotification::ResourceUpdatedNotification(_))), "{told:?}");
    client.call_tool(call("toggle_dynamic_tool", json!({}))).await.unwrap();
    let told = subscription.next().await.unwrap();
    assert!(matches!(told, Some(ServerNotification::ToolListChangedNotification(_))), "{told:?}");
    let listed = client.list_all_tools().await.unwrap();
    assert!(listed.iter().any(|tool| tool.name == "test_dynamic_tool"));
    subscription.cancel().await.unwrap();
    client.call_tool(call("test_simple_text", json!({}))).await.unwrap();
}

/// In the legacy era within the session.
async fn subscribes(client: &Client) {
    #[expect(deprecated, reason = "it is what the legacy era has")]
    client.subscribe(SubscribeRequestParams::new("test://watched-resource")).await.unwrap();
    let mut told = None;
    // Over HTTP the client opens the stream for it in its own time.
    for _ in 0..20 {
        client.call_tool(call("touch_watched_resource", json!({}))).await.unwrap();
        told = client.service().told().await;
        if told.is_some() {
            break;
        }
    }
    assert_eq!(told, Some(Told::Updated("test://watched-resource".to_owned())));
    client.call_tool(call("toggle_dynamic_tool", json!({}))).await.unwrap();
    while let Some(told) = client.service().told().await {
        if told == Told::Tools {
            return;
        }
    }
    panic!("the list's change is told");
}

async fn whole(client: Client, is_modern: bool) {
    uses(&client).await;
    errs(&client).await;
    elicits(&client).await;
    progresses(&client).await;
    cancels(&client).await;
    if is_modern {
        listens(&client).await;
    } else {
        subscribes(&client).await;
    }
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn modern_over_stdio() {
    whole(over_stdio(modern()).await, true).await;
}

#[tokio::test]
async fn legacy_over_stdio() {
    let client = over_stdio(ClientLifecycleMode::Initialize).await;
    assert_eq!(client.peer_info().unwrap().protocol_version, ProtocolVersion::V_2025_11_25);
    whole(client, false).await;
}

#[tokio::test]
async fn modern_over_http() {
    let server = Server::start(PROGRAM, &[]);
    whole(over_http(&server, modern()).await, true).await;
}

#[tokio::test]
async fn legacy_over_http() {
    let server = Server::start(PROGRAM, &[]);
    let client = over_http(&server, ClientLifecycleMode::Initialize).await;
    assert_eq!(client.peer_info().unwrap().protocol_version, ProtocolVersion::V_2025_11_25);
    whole(client, false).await;
}

/// A client that tries the new era first and falls back finds the new one.
#[tokio::test]
async fn a_client_of_both_eras_finds_the_modern_one() {
    let server = Server::start(PROGRAM, &[]);
    let auto = || ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: Some(ProtocolVersion::V_2025_06_18),
    };
    for client in [over_http(&server, auto()).await, over_stdio(auto()).await] {
        assert_eq!(client.peer_info().unwrap().protocol_version, ProtocolVersion::V_2026_07_28);
        uses(&client).await;
        client.cancel().await.unwrap();
    }
}

/// G34: the SDK sees a server that stops as a subscription that ended in order.
#[tokio::test]
async fn a_subscription_ends_in_order() {
    let server = Server::start(PROGRAM, &[]);
    let client = over_http(&server, modern()).await;
    let filter = SubscriptionFilter::builder().tools_list_changed().build();
    let mut subscription = client.listen(filter).await.unwrap();
    server.terminate();
    assert!(subscription.next().await.unwrap().is_none());
    assert!(matches!(subscription.end(), Some(SubscriptionEnd::Graceful(_))), "{:?}", subscription.end());
    client.cancel().await.unwrap();
    assert!(server.wait().success());
}
