//! A panel: what it asks, and how it shows the answer.

use serde_json::{Value, json};

use crate::dashboards::instruments::{Instrument, label};
use crate::dashboards::promql::{matcher, select};
use crate::dashboards::semconv::attribute;

/// How an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Show {
    /// The last value, large.
    Number,
    /// Lines over time.
    Lines,
    /// Areas over time, one upon the other.
    Areas,
}

/// A panel. Widths are of 24 columns.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub(super) title: &'static str,
    pub(super) about: &'static str,
    pub(super) show: Show,
    pub(super) width: u32,
    /// A unit of Grafana.
    pub(super) unit: &'static str,
    /// Expression and legend.
    pub(super) asks: Vec<(String, String)>,
}

/// Panels under a heading.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) title: &'static str,
    pub(super) panels: Vec<Panel>,
}

/// Lines over time, a line for each combination of the labels.
pub(super) fn lines(title: &'static str, unit: &'static str, expression: String, by: &[&str]) -> Panel {
    let asks = vec![(expression, legend(by))];
    Panel { title, about: "", show: Show::Lines, width: 8, unit, asks }
}

/// A large number.
pub(super) fn number(title: &'static str, unit: &'static str, expression: String) -> Panel {
    Panel { title, about: "", show: Show::Number, width: 4, unit, asks: vec![(expression, String::new())] }
}

impl Panel {
    /// Says more than the title does.
    pub(super) fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// Takes so many of the 24 columns.
    pub(super) fn width(self, width: u32) -> Self {
        Self { width, ..self }
    }

    /// Shows areas, one upon the other.
    pub(super) fn areas(self) -> Self {
        Self { show: Show::Areas, ..self }
    }

    /// How high it is.
    pub(super) const fn height(&self) -> u32 {
        match self.show {
            Show::Number => 4,
            Show::Lines | Show::Areas => 8,
        }
    }

    /// The panel at its place.
    pub(super) fn json(&self, x: u32, y: u32) -> Value {
        let targets = self.asks.iter().zip('A'..).map(|((expression, legend), letter)| {
            let mut target = json!({ "refId": letter.to_string(), "datasource": source(), "editorMode": "code",
                "expr": expression, "range": true });
            if !legend.is_empty() {
                target["legendFormat"] = legend.as_str().into();
            }
            target
        });
        json!({
            "type": if self.show == Show::Number { "stat" } else { "timeseries" },
            "title": self.title,
            "description": self.about,
            "datasource": source(),
            "gridPos": { "h": self.height(), "w": self.width, "x": x, "y": y },
            "fieldConfig": { "defaults": self.defaults(), "overrides": [] },
            "options": self.options(),
            "targets": targets.collect::<Vec<Value>>(),
        })
    }

    fn defaults(&self) -> Value {
        let mut defaults = json!({ "unit": self.unit, "min": 0 });
        if self.show != Show::Number {
            let (mode, fill) = if self.show == Show::Areas { ("normal", 40) } else { ("none", 8) };
            defaults["custom"] = json!({ "drawStyle": "line", "lineWidth": 1, "fillOpacity": fill,
                "showPoints": "auto", "spanNulls": false, "stacking": { "mode": mode, "group": "A" } });
        }
        defaults
    }

    fn options(&self) -> Value {
        if self.show == Show::Number {
            json!({ "colorMode": "none", "graphMode": "area", "justifyMode": "auto", "textMode": "value",
                "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false } })
        } else {
            json!({ "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true },
                "tooltip": { "mode": "multi", "sort": "desc" } })
        }
    }
}

/// The source that the reader chose.
pub(super) fn source() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

/// A series as the reader chose it: servers, replicas, and tools where it is of tools. `part` is that of a histogram.
pub(super) fn chosen(of: &Instrument, part: &str, matchers: &str) -> String {
    let mut all = vec!["job=~\"$job\", instance=~\"$instance\"".to_owned()];
    if of.attributes.contains(&attribute::TOOL) {
        all.push(matcher(attribute::TOOL, "=~", "$tool"));
    }
    if !matchers.is_empty() {
        all.push(matchers.to_owned());
    }
    select(&format!("{}{part}", of.prometheus()), &all.join(", "))
}

/// How often something happens a second, added up by attributes.
pub(super) fn rate(of: &Instrument, part: &str, matchers: &str, by: &[&str]) -> String {
    format!("sum{} (rate({}[$__rate_interval]))", grouping(by), chosen(of, part, matchers))
}

/// The sum of what there is now, by attributes.
pub(super) fn now(of: &Instrument, by: &[&str]) -> String {
    format!("sum{} ({})", grouping(by), chosen(of, "", ""))
}

/// A quantile of a histogram, by attributes.
pub(super) fn quantile(share: &str, of: &Instrument, matchers: &str, by: &[&str]) -> String {
    let by: Vec<&str> = by.iter().copied().chain(["le"]).collect();
    format!("histogram_quantile({share}, {})", rate(of, "_bucket", matchers, &by))
}

fn grouping(by: &[&str]) -> String {
    if by.is_empty() {
        return String::new();
    }
    format!(" by ({})", by.iter().map(|name| label(name)).collect::<Vec<_>>().join(", "))
}

fn legend(by: &[&str]) -> String {
    by.iter().map(|name| format!("{{{{{}}}}}", label(name))).collect::<Vec<_>>().join(" ")
}
