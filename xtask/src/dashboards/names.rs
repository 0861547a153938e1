//! Rule: an expression names no metric that does not exist, and no label that its metric cannot have.

use super::metric;

/// Words after which labels stand in parentheses.
const GROUPING: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

/// What is wrong with the names of an expression; `recorded` are the series that rules make.
pub(super) fn faults(expression: &str, recorded: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(is_start) {
        if rest[..start].ends_with(|before: char| before.is_ascii_digit()) {
            // `5m`: a duration.
            rest = rest[start..].trim_start_matches(char::is_alphanumeric);
            continue;
        }
        let word_end = rest[start..].find(|char: char| !is_part(char)).map_or(rest.len(), |length| start + length);
        let word = &rest[start..word_end];
        rest = &rest[word_end..];
        let after = rest.trim_start();
        if GROUPING.contains(&word) && after.starts_with('(') {
            let (labels, behind) = after[1..].split_once(')').unwrap_or((after, ""));
            let labels = labels.split(',').map(str::trim).filter(|label| !label.is_empty());
            faults.extend(labels.filter(|label| !metric::is_label(label)).map(|label| format!("no label `{label}`")));
            rest = behind;
        } else if let Some(inside) = after.strip_prefix('{') {
            let (matchers, behind) = split_matchers(inside);
            selector(word, &matchers, recorded, &mut faults);
            rest = behind;
        } else if !after.starts_with('(') && word.starts_with("mcp") || word.contains(':') {
            selector(word, &[], recorded, &mut faults);
        }
    }
    faults
}

fn selector(name: &str, labels: &[String], recorded: &[String], faults: &mut Vec<String>) {
    if recorded.iter().any(|known| known == name) {
        faults
            .extend(labels.iter().filter(|label| !metric::is_label(label)).map(|label| format!("no label `{label}`")));
    } else if let Some(instrument) = metric::of(name) {
        let foreign = labels.iter().filter(|label| !metric::may_have(instrument, label));
        faults.extend(foreign.map(|label| format!("`{name}` has no label `{label}`")));
    } else if name != "up" {
        faults.push(format!("there is no metric `{name}`"));
    }
}

/// The labels of `a="b", c!~"d"} rest`, and the rest; a value may hold any character.
fn split_matchers(text: &str) -> (Vec<String>, &str) {
    let (mut labels, mut label, mut quoted, mut escaped) = (Vec::new(), String::new(), false, false);
    for (at, char) in text.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '}' => return (labels, &text[at + 1..]),
            char if is_part(char) => label.push(char),
            _ if label.is_empty() => {}
            _ => labels.push(std::mem::take(&mut label)),
        }
    }
    (labels, "")
}

fn is_start(char: char) -> bool {
    char.is_ascii_alphabetic() || char == '_'
}

fn is_part(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(expression: &str) -> Vec<String> {
        faults(expression, &["tool:mcpserver_tool_calls:increase5m".to_owned()])
    }

    #[test]
    fn what_exists_is_no_fault() {
        for expression in [
            "sum by (job, gen_ai_tool_name) (rate(mcpserver_tool_calls_total{outcome=\"failed\", kind!~\"a}|b\"}[5m]))",
            "histogram_quantile(0.95, sum by (le) (rate(mcp_server_operation_duration_seconds_bucket[10m]))) > 1",
            "tool:mcpserver_tool_calls:increase5m{job=~\"$job\"} offset 30m >= 10",
            "up == 0 and on (job, instance) max_over_time(mcpserver_ready[1h])",
        ] {
            assert_eq!(found(expression), Vec::<String>::new(), "{expression}");
        }
    }

    #[test]
    fn what_does_not_exist_is_found_wherever_it_stands() {
        for (expression, fault) in [
            ("rate(mcpserver_tool_callz_total[5m])", "there is no metric `mcpserver_tool_callz_total`"),
            ("mcp_server_operation_duration_seconds > 1", "there is no metric `mcp_server_operation_duration_seconds`"),
            ("mcpserver_ready{outcome=\"failed\"}", "`mcpserver_ready` has no label `outcome`"),
            ("sum by (tool) (mcpserver_ready)", "no label `tool`"),
            ("tool:mcpserver_tool_calls:increase6m > 1", "there is no metric `tool:mcpserver_tool_calls:increase6m`"),
        ] {
            assert_eq!(found(expression), [fault], "{expression}");
        }
    }
}
