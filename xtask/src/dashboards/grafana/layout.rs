//! Where the panels stand.

use serde_json::{Value, json};

use super::panel::Row;

const COLUMNS: u32 = 24;

/// The panels of all rows at their places, each row under its heading.
pub(super) fn place(rows: &[Row]) -> Vec<Value> {
    let mut placed = Vec::new();
    let mut y = 0;
    for row in rows {
        placed.push(json!({ "type": "row", "title": row.title, "collapsed": false, "panels": [],
            "gridPos": { "h": 1, "w": COLUMNS, "x": 0, "y": y } }));
        y += 1;
        let (mut x, mut height) = (0, 0);
        for panel in &row.panels {
            if x + panel.width > COLUMNS {
                (x, y, height) = (0, y + height, 0);
            }
            placed.push(panel.json(x, y));
            x += panel.width;
            height = height.max(panel.height());
        }
        y += height;
    }
    // Links to a panel and alerts on it name its id.
    for (panel, id) in placed.iter_mut().zip(1_u32..) {
        panel["id"] = id.into();
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboards::grafana::panel::{lines, number};

    #[test]
    fn no_panel_lies_upon_another() {
        let line = || lines("a", "s", "up".to_owned(), &[]);
        let rows = [
            Row { title: "first", panels: vec![number("n", "s", "up".to_owned()), line(), line(), line()] },
            Row { title: "second", panels: vec![line()] },
        ];
        let mut taken = std::collections::HashSet::new();
        let ids: std::collections::HashSet<u64> =
            place(&rows).iter().filter_map(|panel| panel["id"].as_u64()).collect();
        assert_eq!(ids.len(), place(&rows).len(), "each has an id of its own");
        for panel in place(&rows) {
            let at = |side: &str| panel["gridPos"][side].as_u64().unwrap();
            assert!(at("x") + at("w") <= u64::from(COLUMNS));
            for x in at("x")..at("x") + at("w") {
                for y in at("y")..at("y") + at("h") {
                    assert!(taken.insert((x, y)), "{panel}");
                }
            }
        }
    }
}
