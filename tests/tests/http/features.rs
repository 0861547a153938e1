//! Lists, pages, hints, prompts, resources, completion (F01 to F09, G01 to G23).

use mcp_server_tests::{call, modern};
use serde_json::{Value, json};

use super::{ask, error, result, server, with};

const LISTS: [(&str, &str); 4] = [
    ("tools/list", "tools"),
    ("prompts/list", "prompts"),
    ("resources/list", "resources"),
    ("resources/templates/list", "resourceTemplates"),
];

/// What tells the entries of a list apart.
fn keys(list: &Value) -> Vec<String> {
    let key =
        |entry: &Value| ["uriTemplate", "uri", "name"].iter().find_map(|key| entry[key].as_str().map(str::to_owned));
    list.as_array().unwrap().iter().map(|entry| key(entry).unwrap()).collect()
}

/// F02, F03: a list is in the order of registration, for everybody, whatever was called in between.
#[test]
fn lists_are_stable() {
    let server = server();
    for (method, member) in LISTS {
        let first = result(&server, method, json!({}))[member].clone();
        result(&server, "tools/call", json!({"name": "test_simple_text"}));
        assert_eq!(result(&server, method, json!({}))[member], first, "{method}");
        assert!(!first.as_array().unwrap().is_empty(), "{method}");
    }
    let tools = result(&server, "tools/list", json!({}))["tools"].clone();
    assert_eq!(keys(&tools)[..3], ["test_simple_text", "test_image_content", "test_audio_content"]);
}

/// F08, F09, F19, F21: what every tool of the list says.
#[test]
fn every_tool_says_what_it_takes() {
    let tools = result(&server(), "tools/list", json!({}))["tools"].clone();
    for tool in tools.as_array().unwrap() {
        let name = tool["name"].as_str().unwrap();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        assert!((1..=64).contains(&name.len()) && name.bytes().all(legal), "{name}");
        assert!(tool["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{name}");
        assert!(tool.get("execution").is_none(), "{name}: of 2025-11-25 alone");
    }
    let simple = tools.as_array().unwrap().iter().find(|tool| tool["name"] == "test_simple_text").unwrap();
    assert_eq!(simple["inputSchema"]["additionalProperties"], false);
    assert_eq!(simple["annotations"]["readOnlyHint"], true);
}

/// F04, A06, A08: the six that may be kept say how long and for whom; others do not.
#[test]
fn hints_stand_on_the_six() {
    let server = server();
    let six = [
        ("server/discover", json!({}), "public"),
        ("tools/list", json!({}), "public"),
        ("prompts/list", json!({}), "public"),
        ("resources/list", json!({}), "public"),
        ("resources/templates/list", json!({}), "public"),
        ("resources/read", json!({"uri": "test://static-text"}), "private"),
    ];
    for (method, params, scope) in six {
        let result = result(&server, method, params);
        assert_eq!((&result["ttlMs"], &result["cacheScope"]), (&json!(0), &json!(scope)), "{method}");
        assert_eq!(result["resultType"], "complete", "{method}");
        assert!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"].is_string(), "{method}");
    }
    let reference = json!({"type": "ref/prompt", "name": "test_prompt_with_arguments"});
    for (method, params) in [
        ("tools/call", json!({"name": "test_simple_text"})),
        ("prompts/get", json!({"name": "test_simple_prompt"})),
        ("completion/complete", json!({"ref": reference, "argument": {"name": "arg1", "value": ""}})),
    ] {
        let result = result(&server, method, params);
        assert!(result.get("ttlMs").is_none() && result.get("cacheScope").is_none(), "{method}");
        assert_eq!(result["resultType"], "complete", "{method}");
    }
    let server = with(&["cache.ttl=90s"]);
    assert_eq!(result(&server, "tools/list", json!({}))["ttlMs"], 90_000);
}

/// B: what is served is what is declared.
#[test]
fn discovery_declares_what_is_served() {
    let discovered = result(&server(), "server/discover", json!({}));
    assert_eq!(discovered["supportedVersions"], json!(["2026-07-28"]));
    for capability in ["tools", "prompts", "resources", "completions", "logging"] {
        assert!(discovered["capabilities"][capability].is_object(), "{capability}");
    }
    assert!(discovered["instructions"].is_string());
}

/// F05, G22, G23, F35: the pages of a list are the list.
#[test]
fn pages_add_up_to_the_list() {
    let whole = server();
    let paged = with(&["limits.page_size=5"]);
    for (method, member) in LISTS {
        let all = result(&whole, method, json!({}));
        assert!(all.get("nextCursor").is_none(), "{method}");
        let mut walked = Vec::new();
        let mut cursor = None;
        loop {
            let params = cursor.as_ref().map_or_else(|| json!({}), |cursor| json!({"cursor": cursor}));
            let page = result(&paged, method, params);
            assert_eq!(page["cacheScope"], all["cacheScope"], "F05, {method}");
            let entries = keys(&page[member]);
            assert!((1..=5).contains(&entries.len()), "{method}: a page is never empty nor too long");
            walked.extend(entries);
            cursor = page.get("nextCursor").cloned();
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(walked, keys(&all[member]), "{method}");
    }
}

/// G22: a cursor that was not issued for this list by this server is `-32602`.
#[test]
fn foreign_cursors_are_refused() {
    let server = with(&["limits.page_size=1"]);
    let cursor = |method: &str| result(&server, method, json!({}))["nextCursor"].as_str().unwrap().to_owned();
    let good = cursor("tools/list");
    let flipped = if good.ends_with('A') { "B" } else { "A" };
    let elsewhere = result(&with(&["limits.page_size=1"]), "tools/list", json!({}))["nextCursor"].clone();
    let foreign = [
        json!(format!("{good}x")),
        json!(format!("{}{flipped}", &good[..good.len() - 1])),
        json!(good[..good.len() / 2]),
        json!(""),
        json!("1"),
        json!(cursor("resources/list")),
        json!(cursor("prompts/list")),
        elsewhere,
        json!(7),
    ];
    for cursor in foreign {
        assert_eq!(error(&server, "tools/list", json!({"cursor": cursor}))["code"], -32602, "{cursor}");
    }
    let first = result(&server, "tools/list", json!({"cursor": null}));
    assert_eq!(keys(&first["tools"]), ["test_simple_text"], "null is no cursor");
    let page = result(&server, "tools/list", json!({"cursor": good}));
    assert_eq!(keys(&page["tools"]), ["test_image_content"], "the good one holds as often as it is used");
    assert_eq!(result(&server, "tools/list", json!({"cursor": good}))["tools"], page["tools"]);
}

/// F22, A18: an unknown tool is `-32602` with the nearest name, and not a status that a proxy would act on.
#[test]
fn an_unknown_tool_is_refused_by_name() {
    let server = server();
    let reply = ask(&server, &call(1, "test_simple_txt", json!({})));
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (200, &json!(-32602)));
    assert!(reply.json()["error"]["message"].as_str().unwrap().contains("`test_simple_text`"));
}

/// F13, F15, F16: content is never empty, and blocks have the form of the specification.
#[test]
fn content_has_its_form() {
    let server = server();
    let content = |tool: &str| result(&server, "tools/call", json!({"name": tool}))["content"].clone();
    let image = &content("test_image_content")[0];
    assert_eq!((&image["type"], &image["mimeType"]), (&json!("image"), &json!("image/png")));
    assert!(image["data"].as_str().unwrap().starts_with("iVBORw0KGgo"));
    assert_eq!(content("test_audio_content")[0]["mimeType"], "audio/wav");
    let kinds: Vec<Value> =
        content("test_multiple_content_types").as_array().unwrap().iter().map(|block| block["type"].clone()).collect();
    assert_eq!(kinds, ["text", "image", "resource"]);
}

/// F23, F25: what goes wrong in a tool is a result that the model can see.
#[test]
fn a_failed_tool_is_a_result() {
    let failed = result(&server(), "tools/call", json!({"name": "test_error_handling"}));
    assert_eq!(failed["isError"], true);
    assert!(failed["content"][0]["text"].as_str().unwrap().contains("intentionally"));
}

/// A30, F24: a schema of every keyword passes on untouched and is enforced.
#[test]
fn a_schema_of_every_keyword_is_enforced() {
    let server = server();
    let call = |arguments: Value| {
        result(&server, "tools/call", json!({"name": "json_schema_2020_12_tool", "arguments": arguments}))
    };
    assert!(call(json!({"contactMethod": "phone", "phone": "1"})).get("isError").is_none());
    for wrong in [
        json!({"contactMethod": "phone", "email": "a@b"}),
        json!({}),
        json!({"email": "a@b", "address": {"street": 7}}),
        json!({"email": "a@b", "other": 1}),
    ] {
        assert_eq!(call(wrong.clone())["isError"], true, "{wrong}");
    }
}

/// G03, G06: resources are read, text as text and bytes in base64.
#[test]
fn resources_are_read() {
    let server = server();
    let read = |uri: &str| result(&server, "resources/read", json!({"uri": uri}))["contents"].clone();
    let text = read("test://static-text");
    assert_eq!((&text[0]["uri"], &text[0]["mimeType"]), (&json!("test://static-text"), &json!("text/plain")));
    assert!(text[0]["text"].is_string() && text[0].get("blob").is_none());
    let binary = read("test://static-binary");
    assert!(binary[0]["blob"].as_str().unwrap().starts_with("iVBORw0KGgo") && binary[0].get("text").is_none());
    let of_template = read("test://template/a%20%C3%BC/data");
    assert_eq!(of_template[0]["uri"], "test://template/a%20%C3%BC/data");
    let data: Value = serde_json::from_str(of_template[0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(data["id"], "a ü", "G08: decoded once");
}

/// G04, G05, G08: a missing resource is an error with its URI, never empty contents.
#[test]
fn a_missing_resource_is_an_error() {
    let server = server();
    for uri in [
        "test://nothing",
        "test://template/a/b/data",
        // A variable is one segment, decoded too.
        "test://template/a%2Fb/data",
        "test://template/%2E%2E/data",
        "test://template//data",
        "TEST://static-text",
        "",
        "../etc/passwd",
    ] {
        let error = error(&server, "resources/read", json!({"uri": uri}));
        assert_eq!((&error["code"], &error["data"]["uri"]), (&json!(-32602), &json!(uri)), "{error}");
    }
    let reply = ask(&server, &modern(1, "resources/read", json!({"uri": "test://nothing"})));
    assert_eq!(reply.status, 200, "A18");
}

/// G10 to G12: prompts take texts by known names, and all that they require.
#[test]
fn prompts_are_got() {
    let server = server();
    let params = |arguments: Value| json!({"name": "test_prompt_with_arguments", "arguments": arguments});
    let got = result(&server, "prompts/get", params(json!({"arg1": "a", "arg2": "b"})));
    assert_eq!(got["messages"][0]["role"], "user");
    assert_eq!(got["messages"][0]["content"]["text"], "Prompt with arguments: arg1='a', arg2='b'");
    for (arguments, named) in [
        (json!({"arg1": "a"}), "arg2"),
        (json!({}), "arg1"),
        (json!({"arg1": "a", "arg2": "b", "arg3": "c"}), "arg3"),
        (json!({"arg1": "a", "arg2": 7}), "arg2"),
        (json!({"arg1": "a", "arg2": null}), "arg2"),
    ] {
        let error = error(&server, "prompts/get", params(arguments));
        assert_eq!(error["code"], -32602);
        assert!(error["message"].as_str().unwrap().contains(named), "{error}");
    }
    assert_eq!(error(&server, "prompts/get", json!({"name": "no_such"}))["code"], -32602);
}

/// A completer that fails is an error, with its words in the log alone: no values would mean that there are none.
#[test]
fn a_completion_that_fails_says_so() {
    let server = server();
    let reference = json!({"type": "ref/prompt", "name": "test_prompt_with_embedded_resource"});
    let params = json!({"ref": reference, "argument": {"name": "resourceUri", "value": "x"}});
    let reply = server.connect().ask(&modern(1, "completion/complete", params), &[]);
    let error = reply.json()["error"].clone();
    assert_eq!(error["code"], -32603, "{}", reply.body);
    assert!(!reply.body.contains("secret detail"), "{}", reply.body);
    let reference = error["data"]["correlationId"].as_str().unwrap();
    assert!(server.logged("secret detail of a completer").contains(reference), "the log has it under that id");
}

/// G14 to G16.
#[test]
fn arguments_are_completed() {
    let server = server();
    let complete = |name: &str, argument: &str, value: &str| {
        let reference = json!({"type": "ref/prompt", "name": name});
        json!({"ref": reference, "argument": {"name": argument, "value": value}})
    };
    let completion = |params| result(&server, "completion/complete", params)["completion"].clone();
    let found = completion(complete("test_prompt_with_arguments", "arg1", "te"));
    assert_eq!(found, json!({"values": ["test1", "test2"], "total": 2, "hasMore": false}));
    let none = completion(complete("test_prompt_with_arguments", "arg2", "te"));
    assert_eq!(none["values"], json!([]));
    let template = json!({"type": "ref/resource", "uri": "test://template/{id}/data"});
    let none =
        completion(json!({"ref": template, "argument": {"name": "id", "value": "1"}, "context": {"arguments": {}}}));
    assert_eq!(none["values"], json!([]));
    for params in [
        complete("no_such", "arg1", "t"),
        complete("test_prompt_with_arguments", "no_such", "t"),
        json!({"ref": {"type": "ref/resource", "uri": "test://nothing"}, "argument": {"name": "id", "value": "1"}}),
        json!({"ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"}}),
        json!({"argument": {"name": "arg1", "value": ""}}),
    ] {
        assert_eq!(error(&server, "completion/complete", params.clone())["code"], -32602, "{params}");
    }
}
