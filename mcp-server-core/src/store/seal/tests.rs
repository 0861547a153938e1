//! What is sealed opens for its owner alone, and not for ever.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::*;

const PURPOSE: &str = "request-state";

fn binding<'a>(principal: &'a str, method: &'a str, digest: &[u8]) -> Binding<'a> {
    Binding { principal, method, digest: Digest::of(&[digest]) }
}

fn key(id: &str) -> SealKey {
    SealKey::new(id, random_token()).unwrap()
}

fn later(now: SystemTime) -> SystemTime {
    now + Duration::from_mins(1)
}

#[test]
fn opens_what_it_sealed() {
    let (sealer, now) = (Sealer::ephemeral(), SystemTime::now());
    let bound = binding("alice", "tools/call", b"x");
    for payload in [&b""[..], b"x", &vec![0; 100_000]] {
        let text = sealer.seal(PURPOSE, &bound, payload, later(now));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert_eq!(sealer.open(PURPOSE, &bound, &text, now).unwrap(), payload);
    }
}

#[test]
fn equal_payloads_look_different() {
    let (sealer, now) = (Sealer::ephemeral(), SystemTime::now());
    let bound = binding("alice", "tools/call", b"x");
    assert_ne!(sealer.seal(PURPOSE, &bound, b"same", later(now)), sealer.seal(PURPOSE, &bound, b"same", later(now)));
}

#[test]
fn every_changed_byte_is_noticed() {
    let (sealer, now) = (Sealer::ephemeral(), SystemTime::now());
    let bound = binding("alice", "tools/call", b"x");
    let text = sealer.seal(PURPOSE, &bound, b"the payload", later(now));
    for place in 0..text.len() {
        for replacement in [b'A', b'B', b'_', b'=', b'.'] {
            let mut changed = text.clone().into_bytes();
            if changed[place] == replacement {
                continue;
            }
            changed[place] = replacement;
            let changed = String::from_utf8(changed).unwrap();
            assert!(sealer.open(PURPOSE, &bound, &changed, now).is_err(), "byte {place} of {changed}");
        }
    }
    for length in 0..text.len() {
        assert!(sealer.open(PURPOSE, &bound, &text[..length], now).is_err(), "cut to {length}");
    }
    assert_eq!(sealer.open(PURPOSE, &bound, &format!("{text}AAAA"), now), Err(Unsealed::Forged));
}

#[test]
fn belongs_to_one_principal_method_digest_and_purpose() {
    let (sealer, now) = (Sealer::ephemeral(), SystemTime::now());
    let text = sealer.seal(PURPOSE, &binding("alice", "tools/call", b"x"), b"p", later(now));
    for other in [
        binding("mallory", "tools/call", b"x"),
        binding("alice", "prompts/get", b"x"),
        binding("alice", "tools/call", b"y"),
        binding("alicetools", "/call", b"x"),
    ] {
        assert_eq!(sealer.open(PURPOSE, &other, &text, now), Err(Unsealed::Forged), "{other:?}");
    }
    let own = binding("alice", "tools/call", b"x");
    assert_eq!(sealer.open("cursor", &own, &text, now), Err(Unsealed::Forged));
}

#[test]
fn ends_at_its_expiry_and_not_before() {
    let (sealer, now) = (Sealer::ephemeral(), SystemTime::now());
    let bound = binding("alice", "tools/list", b"");
    let text = sealer.seal(PURPOSE, &bound, b"p", now + Duration::from_secs(10));
    assert!(sealer.open(PURPOSE, &bound, &text, now + Duration::from_millis(9_990)).is_ok());
    assert_eq!(sealer.open(PURPOSE, &bound, &text, now + Duration::from_secs(10)), Err(Unsealed::Expired));
}

#[test]
fn keys_rotate_with_an_overlap() {
    let (old, new, now) = (key("old"), key("new"), SystemTime::now());
    let bound = binding("alice", "tools/call", b"x");
    let before = Sealer::new(vec![old.clone()]).unwrap();
    let during = Sealer::new(vec![new.clone(), old]).unwrap();
    let after = Sealer::new(vec![new]).unwrap();

    let early = before.seal(PURPOSE, &bound, b"early", later(now));
    let late = during.seal(PURPOSE, &bound, b"late", later(now));
    assert_eq!(during.open(PURPOSE, &bound, &early, now).unwrap(), b"early");
    assert_eq!(after.open(PURPOSE, &bound, &late, now).unwrap(), b"late");
    assert_eq!(after.open(PURPOSE, &bound, &early, now), Err(Unsealed::UnknownKey));
    assert_eq!(before.open(PURPOSE, &bound, &late, now), Err(Unsealed::UnknownKey));
}

#[test]
fn one_id_with_another_secret_is_a_forgery() {
    let now = SystemTime::now();
    let bound = binding("alice", "tools/call", b"x");
    let text = Sealer::new(vec![key("a")]).unwrap().seal(PURPOSE, &bound, b"p", later(now));
    assert_eq!(Sealer::new(vec![key("a")]).unwrap().open(PURPOSE, &bound, &text, now), Err(Unsealed::Forged));
}

#[test]
fn replicas_with_one_secret_agree() {
    let (secret, now) = (random_token(), SystemTime::now());
    let bound = binding("alice", "tools/call", b"x");
    let one = Sealer::new(vec![SealKey::new("a", secret.clone()).unwrap()]).unwrap();
    let other = Sealer::new(vec![SealKey::new("a", secret).unwrap()]).unwrap();
    let text = one.seal(PURPOSE, &bound, b"p", later(now));
    assert_eq!(other.open(PURPOSE, &bound, &text, now).unwrap(), b"p");
}

#[test]
fn a_text_sealed_once_still_opens() {
    // Holds the layout and the derivation still: what one release sealed, the next must open.
    let sealer = Sealer::new(vec![SealKey::new("fixed", [7; 32]).unwrap()]).unwrap();
    let bound = Binding { principal: "alice", method: "tools/call", digest: Digest::of(&[b"search"]) };
    let text = "AXSrt38AAAAAAAAD6Hfc4QWN079yyMBo7Mto5gQY-2gQEaaR-66FRvzHcudr";
    assert_eq!(sealer.open(PURPOSE, &bound, text, SystemTime::UNIX_EPOCH).unwrap(), b"kept");
}

#[test]
fn unfit_keys_are_named() {
    assert_eq!(SealKey::new("a", [0; 31]).unwrap_err(), SealKeyError::TooShort { id: "a".to_owned(), bytes: 31 });
    assert_eq!(SealKey::new("", [0; 32]).unwrap_err(), SealKeyError::NoId);
    assert_eq!(Sealer::new(vec![]).unwrap_err(), SealKeyError::NoKey);
    assert_eq!(Sealer::new(vec![key("a"), key("a")]).unwrap_err(), SealKeyError::SameId { id: "a".to_owned() });
}

#[test]
fn nothing_secret_is_shown() {
    let key = SealKey::new("a", b"an easily found text of 32 bytes".to_vec()).unwrap();
    let shown = format!("{key:?} {:?}", Sealer::new(vec![key.clone()]).unwrap());
    assert_eq!(shown, "SealKey { id: \"a\", .. } Sealer { keys: [\"a\"], .. }");
}

#[test]
fn identifiers_do_not_repeat() {
    let mut seen = std::collections::HashSet::new();
    let threads: Vec<_> =
        (0..4).map(|_| std::thread::spawn(|| (0..5_000).map(|_| random_id()).collect::<Vec<_>>())).collect();
    for id in threads.into_iter().flat_map(|thread| thread.join().unwrap()) {
        assert!(id.len() == 22 && seen.insert(id));
    }
    assert_eq!(random_token().len(), 43);
}

proptest! {
    #[test]
    fn any_payload_and_binding_come_back(
        payload: Vec<u8>, principal: String, method: String, digest: Vec<u8>, other: String,
    ) {
        let (sealer, now) = (Sealer::ephemeral(), SystemTime::now());
        let bound = binding(&principal, &method, &digest);
        let text = sealer.seal(PURPOSE, &bound, &payload, later(now));
        prop_assert_eq!(sealer.open(PURPOSE, &bound, &text, now), Ok(payload));
        if other != principal {
            let foreign = binding(&other, &method, &digest);
            prop_assert_eq!(sealer.open(PURPOSE, &foreign, &text, now), Err(Unsealed::Forged));
        }
    }

    #[test]
    fn any_text_is_refused_calmly(text: String, bytes: Vec<u8>) {
        use base64::Engine as _;
        let (sealer, now) = (Sealer::ephemeral(), SystemTime::now());
        let bound = binding("alice", "tools/call", b"x");
        prop_assert!(sealer.open(PURPOSE, &bound, &text, now).is_err());
        let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        prop_assert!(sealer.open(PURPOSE, &bound, &encoded, now).is_err());
    }

    #[test]
    fn digests_keep_parts_apart(parts: Vec<Vec<u8>>, others: Vec<Vec<u8>>) {
        let digest = |parts: &[Vec<u8>]| Digest::of(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        prop_assert_eq!(digest(&parts) == digest(&others), parts == others);
    }
}

#[test]
fn keys_that_are_replaced_at_run_time_are_so_for_every_clone() {
    let (old, new) = (key("old"), key("new"));
    let sealer = Sealer::new(vec![old.clone()]).unwrap();
    let (clone, now) = (sealer.clone(), SystemTime::now());
    let bound = binding("alice", "tools/call", b"x");
    let text = sealer.seal(PURPOSE, &bound, b"x", later(now));
    clone.replace(vec![new.clone(), old]).unwrap();
    assert_eq!(sealer.key_ids(), ["new", "old"]);
    assert!(sealer.open(PURPOSE, &bound, &text, now).is_ok());
    assert_eq!(sealer.replace(Vec::new()), Err(SealKeyError::NoKey));
    assert_eq!(sealer.key_ids(), ["new", "old"], "bad keys change nothing");
    clone.replace(vec![new]).unwrap();
    assert_eq!(sealer.open(PURPOSE, &bound, &text, now), Err(Unsealed::UnknownKey));
}
