//! What can be asked, in the words of each revision, and what cannot.

use serde::Deserialize;

use super::*;

/// How fast.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Speed {
    /// By plane.
    Fast,
    /// By ship.
    Slow,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Plain {
    One,
    Two,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is of interest")]
struct Order {
    /// Who gets it.
    name: String,
    nick: Option<String>,
    age: Option<u8>,
    weight: f64,
    gift: bool,
    speed: Speed,
    second: Option<Speed>,
    plain: Option<Plain>,
    several: Vec<Speed>,
    id: uuid_like::Uuid,
    #[schemars(extend("format" = "email"))]
    mail: String,
    #[serde(default)]
    count: u64,
}

mod uuid_like {
    use super::*;

    #[derive(Deserialize)]
    pub(super) struct Uuid;

    impl JsonSchema for Uuid {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            "Uuid".into()
        }

        fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
            schemars::json_schema!({"type": "string", "format": "uuid"})
        }
    }
}

#[test]
fn a_form_has_the_words_of_the_protocol_alone() {
    let form = Form::of::<Order>().unwrap();
    let asked = form.requested(Revision::V2025_11_25).unwrap();
    let fields = &asked["properties"];
    assert!(!asked.to_string().contains("null"), "{asked}");
    assert_eq!(fields["name"], json!({"type": "string", "description": "Who gets it."}));
    assert_eq!(fields["nick"], json!({"type": "string"}));
    assert_eq!(fields["age"], json!({"type": "integer", "minimum": 0, "maximum": 255}));
    assert_eq!(fields["weight"], json!({"type": "number"}));
    let titled = json!([{"const": "fast", "title": "By plane."}, {"const": "slow", "title": "By ship."}]);
    assert_eq!(fields["speed"], json!({"type": "string", "oneOf": titled, "description": "How fast."}));
    assert_eq!(fields["second"], json!({"type": "string", "oneOf": titled}));
    assert_eq!(fields["plain"], json!({"type": "string", "enum": ["one", "two"]}));
    assert_eq!(fields["several"], json!({"type": "array", "items": {"anyOf": titled}}));
    assert_eq!(fields["mail"]["format"], "email");
    let id = &fields["id"];
    assert!(id.get("format").is_none() && id["description"].as_str().unwrap().contains("f81d4fae"), "{id}");
    assert_eq!(fields["count"], json!({"type": "integer", "default": 0, "minimum": 0}));
    assert_eq!(asked["required"], json!(["name", "weight", "gift", "speed", "several", "id", "mail"]));
}

#[test]
fn older_clients_are_asked_in_their_words_or_told() {
    let choice = |schema: Value| Form::from_schema(schema).unwrap().requested(Revision::V2025_06_18);
    let titled = json!({"oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]});
    let asked = choice(json!({"type": "object", "properties": {"x": titled}})).unwrap();
    assert_eq!(asked["properties"]["x"], json!({"type": "string", "enum": ["a", "b"], "enumNames": ["A", "B"]}));
    let several = json!({"type": "array", "items": {"type": "string", "enum": ["a"]}});
    assert!(choice(json!({"type": "object", "properties": {"x": several}})).unwrap_err().contains("2025-11-25"));
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is of interest")]
struct Nested {
    inner: Order,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is of interest")]
struct Free {
    tags: Vec<String>,
}

#[test]
fn what_cannot_be_asked_is_said_with_its_field() {
    for (fault, words) in [
        (Form::of::<Nested>(), "`inner` is an object"),
        (Form::of::<Free>(), "`tags` is a list of free values"),
        (Form::of::<Vec<String>>(), "a form is a struct"),
        (Form::of::<Option<Order>>(), "a form is a struct"),
        (Form::of::<std::collections::BTreeMap<String, u8>>(), "a form is a struct"),
        (Form::of::<Value>(), "a form is a struct"),
    ] {
        let fault = fault.unwrap_err();
        assert!(fault.contains(words), "{fault}");
    }
}

#[test]
fn a_blank_field_is_no_answer() {
    let form = Form::of::<Order>().unwrap();
    assert_eq!(form.without_blanks(json!({"nick": null, "name": null})), json!({"name": null}));
}
