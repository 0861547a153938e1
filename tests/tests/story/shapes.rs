//! The story in four shapes (an error that passes through `?`, an error that the author swallows, a blank text, an upstream
//! that answers 200 with an empty list) and at two rates (sixty calls in a minute, sixty in 48 hours). In each the metric
//! counts it, a critical alert fires within an hour of the tenth bad result, the trace leads to the cause, and the agent
//! is told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use mcp_server_tests::services::Collector;
use mcp_server_tests::{Folder, Metrics, Reply, Server};
use serde_json::{Value, json};

use super::shop::{self, CALLS, RULES, look_with};
use super::warehouse::{Mood, Warehouse};

/// How many results are good before it begins.
const GOOD: u32 = 30;
const BAD: u32 = 60;

/// A way in which a tool comes to return nothing.
#[derive(Clone, Copy, Debug)]
struct Shape {
    tool: &'static str,
    /// How the warehouse goes about requests.
    mood: Mood,
    /// The kind of error that the agent is told; without one, it is a note beside the empty result.
    kind: Option<&'static str>,
}

const SHAPES: [Shape; 4] = [
    Shape { tool: "stock", mood: Mood::Gone, kind: Some("upstream_unavailable") },
    Shape { tool: "stock_swallowed", mood: Mood::Gone, kind: Some("bad_upstream") },
    Shape { tool: "stock_text", mood: Mood::Empty, kind: Some("unexplained_empty") },
    Shape { tool: "stock", mood: Mood::Empty, kind: None },
];

impl Shape {
    /// What its series are told apart by.
    fn job(&self) -> String {
        format!("{}-{:?}", self.tool, self.mood)
    }

    fn told(&self, reply: &Reply, number: u32) {
        assert_eq!(reply.status, 200, "nothing that looks at HTTP sees it");
        let result = &reply.json()["result"];
        if let Some(kind) = self.kind {
            assert_eq!(reply.tool_error()["kind"], kind, "{}", reply.body);
        } else if number > 5 {
            let texts = result["content"].as_array().unwrap();
            let is_note = |text: &Value| text["text"].as_str().is_some_and(|text| text.starts_with("Note: this tool"));
            assert!(texts.iter().any(is_note), "{}", reply.body);
        }
    }

    fn counted(&self, metrics: &Metrics) -> f64 {
        let outcome = if self.kind.is_some() { "failed" } else { "empty" };
        metrics.sum(CALLS, &[("gen_ai_tool_name", self.tool), ("outcome", outcome)])
    }
}

/// Good results, then bad ones; after each of them, what there is to be scraped.
fn played(shape: Shape, warehouse: &Warehouse, server: &Server) -> Vec<Metrics> {
    let mut scraped = Vec::new();
    for number in 0..GOOD + BAD {
        if number == GOOD {
            warehouse.becomes(shape.mood);
        }
        let reply = look_with(server.address(), number, shape.tool);
        if number < GOOD {
            assert_eq!(reply.json()["result"]["isError"], Value::Null, "{}", reply.body);
        } else {
            shape.told(&reply, number - GOOD);
        }
        scraped.push(server.metrics());
    }
    let last = scraped.last().unwrap();
    assert_eq!(shape.counted(last), f64::from(BAD), "{shape:?}");
    scraped
}

fn open(command: Command) -> Server {
    Server::run(command, &["admin.addr=127.0.0.1:0"])
}

#[test]
fn sixty_bad_results_in_a_minute_are_told_counted_alerted_and_traced() {
    for shape in SHAPES {
        let (warehouse, collector) = (Warehouse::start(), Collector::start("http/protobuf"));
        let mut program = shop::program(&warehouse.url());
        collector.receive(&mut program);
        let server = open(program);
        let prometheus = shop::prometheus(&server);
        played(shape, &warehouse, &server);
        if let Some(prometheus) = &prometheus {
            let name = if shape.kind.is_some() { "McpServerToolLastFailed" } else { "McpServerToolLastEmpty" };
            let alert = prometheus.fires(name);
            assert_eq!(alert["labels"]["gen_ai_tool_name"], shape.tool, "{shape:?}");
            assert_eq!(alert["labels"]["severity"], "critical", "{shape:?}");
        }

        // From the last call to the cause: its span, and the request to the warehouse within it.
        let id = (GOOD + BAD - 1).to_string();
        let span = collector.span(&id, |span| span.attribute("jsonrpc.request.id") == json!(id));
        let request =
            collector.span("the request", |request| request.parent() == span.id() && request.kind() == "CLIENT");
        let log: Vec<Value> = server.last_words().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        if let Some(kind) = shape.kind {
            assert_eq!((span.status().0, span.attribute("mcpserver.kind")), ("ERROR", json!(kind)), "{shape:?}");
            let reference = span.attribute("mcpserver.reference");
            let reference = reference.as_str().unwrap();
            let has = |line: &Value| {
                ["reference", "references"]
                    .iter()
                    .any(|field| line[*field].as_str().is_some_and(|text| text.contains(reference)))
            };
            assert!(log.iter().any(has), "{reference}: {log:#?}");
        } else {
            assert_eq!(span.attribute("mcpserver.outcome"), json!("empty"));
            let off = |line: &Value| {
                line["deviation"] == "empty" && line["span_id"].is_string() && line["trace_id"].is_string()
            };
            assert!(log.iter().any(off), "{log:#?}");
        }
        let expected = if shape.mood == Mood::Gone { "ERROR" } else { "UNSET" };
        assert_eq!(request.status().0, expected, "{shape:?}");
    }
}

/// How many minutes lie between two calls when sixty of them take 48 hours.
const BETWEEN: usize = 48;
/// How many minutes lie between two scrapes: a value is looked for within the last five.
const SCRAPED: usize = 4;
/// How many minutes lie between two evaluations of the rules, which look back by multiples of it. Each takes its time, and
/// alerts that fire in so few fire in those of a real Prometheus.
const EVALUATED: usize = 15;

/// What is scraped of a shape with a warehouse and a server of its own.
fn played_alone(shape: Shape) -> Vec<Metrics> {
    let warehouse = Warehouse::start();
    let server = open(shop::program(&warehouse.url()));
    played(shape, &warehouse, &server)
}

#[test]
fn sixty_bad_results_in_two_days_are_told_counted_and_alerted_within_an_hour_of_the_tenth() {
    let scraped = std::thread::scope(|scope| {
        let playing = SHAPES.map(|shape| scope.spawn(move || played_alone(shape)));
        playing.map(|playing| playing.join().expect("it is played to its end"))
    });
    // They share one run, each as a job of its own.
    let mut cases = "    input_series:\n".to_owned();
    for (shape, scraped) in SHAPES.iter().zip(&scraped) {
        cases.push_str(&series(&shape.job(), scraped));
    }
    cases.push_str("    promql_expr_test:\n");
    let tenth = (GOOD as usize + 9) * BETWEEN;
    let before = (GOOD as usize) * BETWEEN - 1;
    let last = (GOOD + BAD) as usize * BETWEEN - 1;
    for shape in SHAPES {
        let of = format!("job=\"{}\", gen_ai_tool_name=\"{}\"", shape.job(), shape.tool);
        let critical = format!("count(ALERTS{{alertstate=\"firing\", severity=\"critical\", {of}}}) > bool 0");
        for (minute, fires) in [(before, false), (tenth + 60, true), (last, true)] {
            let minute = minute / EVALUATED * EVALUATED;
            write!(cases, "      - expr: '{critical}'\n        eval_time: {minute}m\n").unwrap();
            cases.push_str(if fires { "        exp_samples: [{value: 1}]\n" } else { "        exp_samples: []\n" });
        }
    }
    promtool(&cases);
}

/// The series of what was scraped, as if each call came so many minutes after the one before.
fn series(job: &str, scraped: &[Metrics]) -> String {
    let watched = |name: &str| {
        ["mcpserver_tool_calls_total", "mcpserver_quality_", "mcpserver_tool_result_rows_"]
            .iter()
            .any(|part| name.starts_with(part))
    };
    let mut all: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    for (at, metrics) in scraped.iter().enumerate() {
        for sample in metrics.samples.iter().filter(|sample| watched(&sample.name)) {
            let mut labels = format!("job=\"{job}\",instance=\"a:9000\"");
            for (label, value) in &sample.labels {
                write!(labels, ",{label}=\"{value}\"").unwrap();
            }
            let values = all.entry(format!("{}{{{labels}}}", sample.name)).or_insert_with(|| vec![None; scraped.len()]);
            values[at] = Some(sample.value);
        }
    }
    let of_a_call = BETWEEN / SCRAPED;
    let mut text = String::new();
    for (name, values) in all {
        let values = values.iter().map(|value| {
            let value = value.map_or_else(|| "_".to_owned(), |value| value.to_string());
            format!("{value}x{}", if value == "_" { of_a_call } else { of_a_call - 1 })
        });
        let values = values.collect::<Vec<_>>().join(" ");
        write!(text, "      - series: '{name}'\n        values: {values}\n").unwrap();
    }
    text
}

/// Has `promtool` evaluate the shipped rules over these series.
#[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
fn promtool(cases: &str) {
    let folder = Folder::new("shapes");
    std::fs::write(folder.path().join("rules.yml"), RULES).unwrap();
    let text = format!(
        "rule_files: [rules.yml]\nevaluation_interval: {EVALUATED}m\ntests:\n  - interval: {SCRAPED}m\n{cases}"
    );
    std::fs::write(folder.path().join("cases.yml"), text).unwrap();
    let Ok(output) = Command::new("promtool").args(["test", "rules", "cases.yml"]).current_dir(folder.path()).output()
    else {
        assert!(std::env::var_os("CI").is_none(), "promtool is not installed: apt-get install prometheus");
        eprintln!("SKIPPED: promtool is not installed (apt-get install prometheus)");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
