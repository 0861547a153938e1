//! Questions to the client, and the state that it carries between the rounds (H01 to H35).

use mcp_server_tests::{Reply, Server, modern};
use serde_json::{Value, json};

use super::{ask, refusal, server, with};

const TOOL: &str = "test_input_required_result_multi_round";

fn able() -> Value {
    json!({"elicitation": {}, "sampling": {}, "roots": {}})
}

fn request(method: &str, params: Value, capabilities: Value) -> Value {
    let mut params = params;
    params["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": capabilities});
    modern("r", method, params)
}

/// Calls a tool with what a retry adds.
fn round(server: &Server, tool: &str, retry: &Value) -> Reply {
    let mut params = json!({"name": tool, "arguments": {}});
    for (name, value) in retry.as_object().unwrap() {
        params[name] = value.clone();
    }
    ask(server, &request("tools/call", params, able()))
}

fn accepted(content: Value) -> Value {
    json!({"action": "accept", "content": content})
}

/// A state that was issued for the first question of a tool.
fn state(server: &Server, tool: &str) -> String {
    let reply = round(server, tool, &json!({}));
    reply.json()["result"]["requestState"].as_str().unwrap_or_else(|| panic!("{}", reply.body)).to_owned()
}

/// H01, H03, H04, H07, H09: a question is a result, and the retry goes on from it.
#[test]
fn a_call_asks_in_rounds() {
    let server = server();
    let first = round(&server, TOOL, &json!({}));
    assert_eq!((first.status, first.headers["content-type"].as_str()), (200, "application/json"));
    let first = first.json()["result"].clone();
    assert_eq!(first["resultType"], "input_required");
    assert!(first.get("ttlMs").is_none() && first.get("content").is_none(), "F04");
    let question = &first["inputRequests"]["step1"];
    assert!(
        question["method"] == "elicitation/create" && question.get("id").is_none() && question.get("jsonrpc").is_none()
    );
    assert_eq!(question["params"]["requestedSchema"]["properties"]["name"]["type"], "string", "H19");
    let answers = json!({"step1": accepted(json!({"name": "Ann"})), "unknown": {"action": "accept"}});
    let second = round(&server, TOOL, &json!({"inputResponses": answers, "requestState": first["requestState"]}));
    let second = second.json()["result"].clone();
    assert_eq!(second["inputRequests"].as_object().unwrap().keys().collect::<Vec<_>>(), ["step2"]);
    let answers = json!({"step2": accepted(json!({"color": "red"}))});
    let done = round(&server, TOOL, &json!({"inputResponses": answers, "requestState": second["requestState"]}));
    assert_eq!(done.json()["result"]["content"][0]["text"], "Ann likes red.");
}

/// H05: several questions go out together.
#[test]
fn several_questions_are_one_round() {
    let server = server();
    let tool = "test_input_required_result_multiple_inputs";
    let first = round(&server, tool, &json!({})).json()["result"].clone();
    let asked = &first["inputRequests"];
    assert_eq!(asked.as_object().unwrap().len(), 3, "{asked}");
    let mut answers = serde_json::Map::new();
    for (key, question) in asked.as_object().unwrap() {
        let answer = match question["method"].as_str().unwrap() {
            "elicitation/create" => accepted(json!({"name": "Ann"})),
            "sampling/createMessage" => {
                json!({"role": "assistant", "content": {"type": "text", "text": "Hi"}, "model": "m", "stopReason": "endTurn"})
            }
            "roots/list" => json!({"roots": [{"uri": "file:///a"}, {"uri": "file:///b"}]}),
            other => panic!("H04: {other}"),
        };
        answers.insert(key.clone(), answer);
    }
    // H11: what is still missing is asked for again, and what came is kept.
    let mut some = answers.clone();
    let (late_key, late) = answers.iter().next().map(|(key, answer)| (key.clone(), answer.clone())).unwrap();
    some.remove(&late_key);
    let again = round(&server, tool, &json!({"inputResponses": some, "requestState": first["requestState"]}));
    let again = again.json()["result"].clone();
    assert_eq!(again["inputRequests"].as_object().unwrap().keys().collect::<Vec<_>>(), [&late_key]);
    let rest = json!({"inputResponses": {late_key: late}, "requestState": again["requestState"]});
    assert_eq!(round(&server, tool, &rest).json()["result"]["content"][0]["text"], "Ann: Hi (2 roots)");
}

/// H20, H21: a user may decline or turn away; an answer that does not fit the form is refused.
#[test]
fn answers_are_held_against_the_question() {
    let server = server();
    let params = json!({"name": "test_elicitation", "arguments": {"message": "Who?"}});
    let first = ask(&server, &request("tools/call", params.clone(), able())).json()["result"].clone();
    let key = first["inputRequests"].as_object().unwrap().keys().next().unwrap().clone();
    let answer = |answer: Value| {
        let mut params = params.clone();
        params["inputResponses"] = json!({&key: answer});
        params["requestState"] = first["requestState"].clone();
        ask(&server, &request("tools/call", params, able()))
    };
    let text = |reply: &Reply| reply.json()["result"]["content"][0]["text"].as_str().unwrap_or_default().to_owned();
    assert_eq!(text(&answer(json!({"action": "decline"}))), "User response: declined");
    assert_eq!(text(&answer(json!({"action": "cancel"}))), "User response: dismissed");
    for wrong in [json!("accept"), json!([]), json!({}), json!({"action": "perhaps"})] {
        let reply = answer(wrong.clone());
        assert_eq!(reply.json()["error"]["code"], -32602, "{wrong}: {}", reply.body);
        assert_eq!(reply.json()["id"], "r");
    }
    // H21: a form that was filled in wrongly is put again.
    for wrong in [json!({"username": "ann"}), json!({"username": 7, "email": "a@b.example"})] {
        for answered in [json!({"action": "accept"}), accepted(wrong.clone())] {
            let again = answer(answered).json()["result"].clone();
            assert_eq!(again["resultType"], "input_required", "{wrong}");
            assert_eq!(again["inputRequests"].as_object().unwrap().keys().collect::<Vec<_>>(), [&key]);
        }
    }
}

/// H12, H13, H14, H17: a state opens for the call that it was issued to, and for nothing else.
#[test]
fn a_forged_state_is_refused() {
    let server = server();
    let state = state(&server, TOOL);
    let answers = json!({"step1": accepted(json!({"name": "Ann"}))});
    let flipped: String =
        state.chars().enumerate().map(|(at, c)| if at == 20 { if c == 'A' { 'B' } else { 'A' } } else { c }).collect();
    for forged in [
        json!(flipped),
        json!(format!("{state}A")),
        json!(state[..state.len() - 4]),
        json!(""),
        json!("{\"round\":1}"),
        json!(7),
        // Issued to another tool.
        json!(self::state(&server, "test_input_required_result_request_state")),
        // Issued by another server.
        json!(self::state(&self::server(), TOOL)),
    ] {
        let reply = round(&server, TOOL, &json!({"inputResponses": answers, "requestState": forged}));
        assert_eq!(reply.json()["error"]["code"], -32602, "{forged}: {}", reply.body);
    }
    let anew = round(&server, TOOL, &json!({"requestState": null})).json();
    assert!(anew["result"]["inputRequests"]["step1"].is_object(), "null is no state: {anew}");
    // A18: not a status that would send a client back to `initialize`.
    assert_eq!(round(&server, TOOL, &json!({"requestState": "x"})).status, 200);
    let good = round(&server, TOOL, &json!({"inputResponses": answers, "requestState": state}));
    assert_eq!(good.json()["result"]["resultType"], "input_required");
}

/// H17: a retry repeats the arguments that the state was issued for.
#[test]
fn a_state_holds_for_its_arguments_alone() {
    let server = server();
    let call = |message: &str, state: Option<&Value>| {
        let mut params = json!({"name": "test_sampling", "arguments": {"prompt": message}});
        if let Some(state) = state {
            params["requestState"] = state.clone();
        }
        ask(&server, &request("tools/call", params, able())).json()
    };
    let state = call("delete a", None)["result"]["requestState"].clone();
    assert!(state.is_string());
    assert_eq!(call("delete everything", Some(&state))["error"]["code"], -32602);
    assert_eq!(call("delete a", Some(&state))["result"]["resultType"], "input_required");
}

/// H14: a state does not hold for ever.
#[test]
fn a_state_expires() {
    let server = with(&["limits.state_expires=1s"]);
    let state = state(&server, TOOL);
    let retry = json!({"requestState": state});
    assert_eq!(round(&server, TOOL, &retry).json()["result"]["resultType"], "input_required");
    // The server's own clock is waited for, by a call that lasts as long.
    ask(&server, &mcp_server_tests::call(1, "slow", json!({"ms": 1100})));
    assert_eq!(round(&server, TOOL, &retry).json()["error"]["code"], -32602);
}

/// H10: the rounds of a call are counted, in the state that cannot be forged.
#[test]
fn rounds_are_limited() {
    let server = with(&["limits.input_rounds=2"]);
    let mut retry = json!({});
    for _ in 0..2 {
        let result = round(&server, TOOL, &retry).json()["result"].clone();
        assert_eq!(result["resultType"], "input_required");
        retry = json!({"requestState": result["requestState"]});
    }
    let reply = round(&server, TOOL, &retry);
    assert_eq!(reply.json()["result"]["isError"], true, "{}", reply.body);
    assert!(reply.tool_error()["message"].as_str().unwrap().contains("2 times"), "{}", reply.body);
}

/// H06, A21: what the client cannot do is not asked for; what is needed is named.
#[test]
fn a_capability_that_is_missing_is_named() {
    let server = server();
    for (tool, capabilities, required) in [
        (TOOL, json!({}), json!({"elicitation": {}})),
        (TOOL, json!({"elicitation": {"url": {}}}), json!({"elicitation": {}})),
        ("test_input_required_result_sampling", json!({"elicitation": {}}), json!({"sampling": {}})),
        ("test_input_required_result_list_roots", json!({"elicitation": {}}), json!({"roots": {}})),
    ] {
        let reply = ask(&server, &request("tools/call", json!({"name": tool, "arguments": {}}), capabilities));
        assert_eq!(refusal(&reply), (400, Some(-32021)), "{tool}: {}", reply.body);
        let told = &reply.json()["error"]["data"]["requiredCapabilities"];
        // A form may be named by its mode, which says the same.
        assert!(
            *told == required
                || *told == json!({"elicitation": {"form": {}}}) && required == json!({"elicitation": {}}),
            "{told}"
        );
    }
}

/// H02, F28: prompts ask too; the answer of the retry is the prompt.
#[test]
fn a_prompt_asks_too() {
    let server = server();
    let params = json!({"name": "test_input_required_result_prompt"});
    let first = ask(&server, &request("prompts/get", params.clone(), able())).json()["result"].clone();
    assert_eq!(first["resultType"], "input_required");
    let mut retry = params;
    retry["inputResponses"] = json!({"user_context": accepted(json!({"context": "rain"}))});
    retry["requestState"] = first["requestState"].clone();
    let got = ask(&server, &request("prompts/get", retry, able())).json()["result"].clone();
    assert_eq!(got["messages"][0]["content"]["text"], "Use this context: rain");
}

/// H35: a retry is checked as any request is.
#[test]
fn a_retry_is_checked_as_any_request() {
    let server = server();
    let state = state(&server, TOOL);
    let message = request("tools/call", json!({"name": TOOL, "arguments": {}, "requestState": state}), able());
    let reply = super::ask_with(&mut server.connect(), &message, &[("Mcp-Name", None)]);
    assert_eq!(refusal(&reply), (400, Some(-32020)));
}

/// An answer counts only for a question that was asked: without a state nobody was asked anything.
#[test]
fn an_answer_without_a_question_is_not_taken() {
    let server = server();
    let answers = json!({
        "step1": accepted(json!({"name": "Mallory"})),
        "step2": accepted(json!({"color": "black"})),
        "input-1": accepted(json!({"name": "Mallory"})),
    });
    let asked = round(&server, TOOL, &json!({ "inputResponses": answers })).json()["result"].clone();
    assert_eq!(asked["resultType"], "input_required");
    // Nor are answers to questions of a later round taken early.
    let early = json!({"inputResponses": answers, "requestState": asked["requestState"]});
    let second = round(&server, TOOL, &early).json()["result"].clone();
    assert_eq!(second["inputRequests"].as_object().unwrap().keys().collect::<Vec<_>>(), ["step2"]);
}

/// What was answered in an earlier round stays as it was answered.
#[test]
fn an_earlier_answer_cannot_be_replaced() {
    let server = server();
    let first = round(&server, TOOL, &json!({})).json()["result"].clone();
    let retry =
        json!({"inputResponses": {"step1": accepted(json!({"name": "Ann"}))}, "requestState": first["requestState"]});
    let second = round(&server, TOOL, &retry).json()["result"].clone();
    let answers = json!({"step1": accepted(json!({"name": "Eve"})), "step2": accepted(json!({"color": "red"}))});
    let retry = json!({"inputResponses": answers, "requestState": second["requestState"]});
    let done = round(&server, TOOL, &retry);
    assert_eq!(done.json()["result"]["content"][0]["text"], "Ann likes red.");
}
