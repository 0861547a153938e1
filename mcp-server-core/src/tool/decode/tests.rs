//! What is said of values that pass a schema and do not decode.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
#[serde(try_from = "u32")]
#[expect(dead_code, reason = "only decoding is of interest")]
struct Even(u32);

impl TryFrom<u32> for Even {
    type Error = String;

    fn try_from(value: u32) -> Result<Self, String> {
        if value.is_multiple_of(2) {
            Ok(Self(value))
        } else {
            Err(format!("{value} is odd, and an even number is needed"))
        }
    }
}

/// A time without a zone, as chrono reads it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Local;

impl TryFrom<String> for Local {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let form = "dddd-dd-ddTdd:dd:dd";
        let fits = text.len() == form.len()
            && text.chars().zip(form.chars()).all(|(c, form)| if form == 'd' { c.is_ascii_digit() } else { c == form });
        if fits { Ok(Self) } else { Err("premature end of input") }
    }
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(dead_code, reason = "only decoding is of interest")]
enum Step {
    At { when: Local },
    On { hosts: Vec<IpAddr> },
}

#[derive(Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only decoding is of interest")]
enum Loose {
    Number { even: Even },
    Address { address: IpAddr },
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only decoding is of interest")]
struct Plan {
    steps: Vec<Step>,
    #[serde(default)]
    loose: Option<Loose>,
    #[serde(default)]
    by_number: BTreeMap<u16, Even>,
    #[serde(default)]
    by_address: BTreeMap<IpAddr, u8>,
}

fn told<T: DeserializeOwned>(value: &Value) -> Misfit {
    Misfit::of::<T>(value, "/plan")
}

/// The innermost place, what is expected there, and what fits: also behind tags, where serde itself loses the place.
#[test]
fn the_inner_place_is_named_with_a_value_that_fits() {
    for (value, pointer, expected, example) in [
        (
            json!({"steps": [{"kind": "at", "when": "2026-11-21 10:00"}]}),
            "/plan/steps/0/when",
            "premature end of input",
            "`2026-11-21T10:00:00`",
        ),
        (
            json!({"steps": [{"kind": "on", "hosts": ["192.0.2.7", "999.0.0.1"]}]}),
            "/plan/steps/0/hosts/1",
            "IP address",
            "`192.0.2.1`",
        ),
        (json!({"steps": [], "loose": {"even": 3}}), "/plan/loose/even", "any of the forms", "`4`"),
        (json!({"steps": [], "by_number": {"7": 5}}), "/plan/by_number/7", "… is odd", "`6`"),
        (json!({"steps": [], "by_number": {"70000": 2}}), "/plan/by_number/70000", "must be", "`1`"),
        (json!({"steps": [], "by_address": {"a": 1}}), "/plan/by_address/a", "IP address", "`192.0.2.1`"),
    ] {
        let misfit = told::<Plan>(&value);
        assert_eq!(misfit.pointer, pointer, "{value}: {misfit:?}");
        assert!(misfit.expected.contains(expected), "{value}: {misfit:?}");
        assert_eq!(misfit.example.as_deref(), Some(example), "{value}: {misfit:?}");
    }
}

#[test]
fn the_value_itself_is_not_repeated() {
    let misfit = told::<Plan>(&json!({"steps": [{"kind": "on", "hosts": ["hunter2-hunter2"]}]}));
    assert!(!misfit.text().contains("hunter2"), "{misfit:?}");
    let misfit = Misfit::of::<Even>(&json!(77_773), "");
    assert!(!misfit.expected.contains("77773"), "{misfit:?}");
    let hidden = misfit.hidden();
    assert_eq!(hidden.text(), "the whole does not have the form that the tool expects");
}

#[test]
fn a_large_value_is_not_searched_and_still_placed() {
    let many: Vec<Value> = (0..2000).map(|_| json!({"kind": "on", "hosts": ["192.0.2.7"]})).collect();
    let misfit = told::<Plan>(&json!({"steps": many, "by_number": {"7": 5}}));
    assert_eq!((misfit.pointer.as_str(), &misfit.example), ("/plan/by_number/7", &None));
}

#[test]
fn the_error_has_the_place_for_programs_too() {
    let error = told::<Plan>(&json!({"steps": [], "by_number": {"7": 5}})).into_error();
    let value = error.to_value("r");
    assert_eq!(value["pointer"], "/plan/by_number/7");
    assert_eq!(value["details"]["violations"][0]["rule"], "decode");
    assert_eq!(value["details"]["violations"][0]["example"], "`6`");
}
