//! The dashboard in Grafana's classic JSON model, which every version imports.

use anyhow::Result;
use serde_json::{Value, json};

use super::layout::place;
use super::panel::{Row, source};
use super::{others, overview, tools};
use crate::dashboards::instruments::{READY, TOOL_CALLS, label};
use crate::dashboards::semconv::attribute;

/// By which Grafana knows that it has it already.
const UID: &str = "mcp-server";

/// The file.
pub(in crate::dashboards) fn file() -> Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(&dashboard())?))
}

/// Every expression that a panel asks, as Prometheus gets it.
pub(in crate::dashboards) fn expressions() -> Vec<String> {
    let panels = rows().into_iter().flat_map(|row| row.panels);
    let asks = panels.flat_map(|panel| panel.asks);
    asks.map(|(expression, _)| expression.replace("$__rate_interval", "5m")).collect()
}

fn rows() -> Vec<Row> {
    vec![
        overview::row(),
        tools::row(),
        others::guards(),
        others::store(),
        others::open(),
        others::connections(),
        tools::quality(),
        others::process(),
        others::telemetry(),
    ]
}

fn dashboard() -> Value {
    let ready = READY.prometheus();
    let variables = vec![
        json!({ "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus" }),
        variable("job", "Server", &format!("label_values({ready}, job)")),
        variable("instance", "Replica", &format!("label_values({ready}{{job=~\"$job\"}}, instance)")),
        variable(
            "tool",
            "Tool",
            &format!("label_values({}{{job=~\"$job\"}}, {})", TOOL_CALLS.prometheus(), label(attribute::TOOL)),
        ),
    ];
    json!({
        "uid": UID,
        "title": "MCP servers",
        "description": "Written by `cargo xtask dashboards`: change the generator.",
        "tags": ["mcp"],
        "schemaVersion": 39,
        "version": 1,
        "editable": true,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": { "from": "now-3h", "to": "now" },
        "timezone": "browser",
        "templating": { "list": variables },
        "annotations": { "list": [firing()] },
        "links": [],
        "panels": place(&rows()),
    })
}

fn variable(name: &str, title: &str, query: &str) -> Value {
    json!({
        "name": name,
        "label": title,
        "type": "query",
        "datasource": source(),
        "query": { "query": query, "refId": name },
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "multi": true,
        "includeAll": true,
        "allValue": ".*",
        "current": { "text": ["All"], "value": ["$__all"] },
    })
}

/// When the alerts fired, over every panel.
fn firing() -> Value {
    json!({
        "name": "Alerts",
        "enable": true,
        "iconColor": "red",
        "datasource": source(),
        "expr": "ALERTS{alertname=~\"McpServer.*\", alertstate=\"firing\", job=~\"$job\"}",
        "titleFormat": "{{alertname}}",
        "textFormat": "{{gen_ai_tool_name}} {{instance}}",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboards::{instruments, metric};

    #[test]
    fn every_instrument_is_drawn() {
        let all = expressions().join("\n");
        for instrument in instruments::ALL {
            let drawn = metric::series(instrument).iter().any(|series| all.contains(&format!("{series}{{")));
            assert!(drawn, "no panel shows {}", instrument.name);
        }
    }

    #[test]
    fn it_can_be_imported_anywhere() {
        let dashboard = dashboard();
        assert_eq!(dashboard["uid"], UID);
        for panel in dashboard["panels"].as_array().unwrap() {
            assert!(panel["id"].is_u64(), "links and alerts name it");
            if panel["type"] != "row" {
                assert_eq!(panel["datasource"]["uid"], "${datasource}");
            }
        }
        let names: Vec<&str> = dashboard["templating"]["list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|variable| variable["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["datasource", "job", "instance", "tool"]);
    }
}
