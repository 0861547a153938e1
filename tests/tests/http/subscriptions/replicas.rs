//! Subscriptions where several replicas share a store: a change on any of them reaches the listeners of all.

use mcp_server_tests::services::{Backing, Kind};

use super::*;

/// A store of each kind that can be shared over a network.
fn stores() -> impl Iterator<Item = Backing> {
    [Kind::Postgres, Kind::Redis].into_iter().filter_map(Kind::start)
}

fn replica(store: &Backing, settings: &[&str]) -> Server {
    let url = format!("store.url={}", store.url());
    with(&[&[url.as_str()], settings].concat())
}

/// Who listens on one replica hears of changes on another: of a resource, and of a list.
#[test]
fn a_change_on_one_replica_is_told_on_another() {
    for store in stores() {
        let (here, there) = (replica(&store, &[]), replica(&store, &[]));
        let wanted = json!({"toolsListChanged": true, "resourceSubscriptions": ["test://watched-resource"]});
        let (mut listener, _) = open(&here, 1, &wanted);
        ask(&there, &call(1, "touch_watched_resource", json!({})));
        assert_eq!(event(&mut listener)["params"]["uri"], "test://watched-resource");
        ask(&there, &call(2, "test_trigger_tool_change", json!({})));
        assert_eq!(event(&mut listener)["method"], "notifications/tools/list_changed");
    }
}

/// G37: the cap of a principal holds over all replicas.
#[test]
fn the_cap_holds_over_all_replicas() {
    for store in stores() {
        let settings = ["limits.subscriptions_per_principal=1"];
        let (here, there) = (replica(&store, &settings), replica(&store, &settings));
        let wanted = json!({"toolsListChanged": true});
        let _first = open(&here, 1, &wanted);
        assert_eq!(refusal(&ask(&there, &listen(2, &wanted))), (503, Some(-31503)));
    }
}

/// A store that was away may have lost hints: every listener is told that what it asked for may have changed, and hears
/// of other replicas again.
#[test]
fn listeners_are_told_after_an_outage_of_the_store() {
    for mut store in stores() {
        let (here, there) = (replica(&store, &[]), replica(&store, &[]));
        let (mut listener, _) = open(&here, 1, &json!({"resourceSubscriptions": ["test://watched-resource"]}));
        store.kill();
        store.start_again();
        assert_eq!(event(&mut listener)["params"]["uri"], "test://watched-resource", "it may have changed");
        ask(&there, &call(1, "touch_watched_resource", json!({})));
        assert_eq!(event(&mut listener)["params"]["uri"], "test://watched-resource");
    }
}
