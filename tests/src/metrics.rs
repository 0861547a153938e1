//! What Prometheus reads from a server, taken apart.

use std::collections::{BTreeMap, BTreeSet};

/// One value with its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The name of the series, `_bucket` and the like included.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its value.
    pub value: f64,
}

/// A page in Prometheus' text format.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// The type of each metric by its name, such as `counter`.
    pub types: BTreeMap<String, String>,
    /// Everything on the page, in order.
    pub samples: Vec<Sample>,
}

impl Metrics {
    /// Reads a page.
    pub fn read(text: &str) -> Self {
        let mut metrics = Self::default();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a name and a type");
                metrics.types.insert(name.to_owned(), kind.to_owned());
            } else if !line.starts_with('#') && !line.is_empty() {
                metrics.samples.push(sample(line));
            }
        }
        metrics
    }

    /// The sum of all series of a name that have these labels.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |sample: &&Sample| {
            labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|is| is == value))
        };
        self.samples.iter().filter(|sample| sample.name == name).filter(has).map(|sample| sample.value).sum()
    }

    /// The values that a label has.
    pub fn values(&self, label: &str) -> BTreeSet<&str> {
        self.samples.iter().filter_map(|sample| sample.labels.get(label).map(String::as_str)).collect()
    }
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').expect("a series and its value");
    let value = value.parse().expect("a number");
    let Some((name, labels)) = series.split_once('{') else {
        return Sample { name: series.to_owned(), labels: BTreeMap::new(), value };
    };
    let mut rest = labels.strip_suffix('}').expect("labels end");
    let mut labels = BTreeMap::new();
    while let Some((label, quoted)) = rest.split_once("=\"") {
        let mut text = String::new();
        let mut chars = quoted.char_indices();
        let end = loop {
            match chars.next().expect("a quote ends the value") {
                (at, '"') => break at + 1,
                (_, '\\') => text.extend(chars.next().map(|(_, char)| if char == 'n' { '\n' } else { char })),
                (_, char) => text.push(char),
            }
        };
        labels.insert(label.to_owned(), text);
        rest = quoted[end..].trim_start_matches(',');
    }
    Sample { name: name.to_owned(), labels, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_labels_and_values_are_read() {
        let page = "# HELP a_total What.\n# TYPE a_total counter\na_total{x=\"1\",y=\"a, \\\"b\\\"}\"} 3\na_total{x=\"2\"} 4\nb 1.5\n";
        let metrics = Metrics::read(page);
        assert_eq!(metrics.types["a_total"], "counter");
        assert!((metrics.sum("a_total", &[]) - 7.0).abs() < f64::EPSILON);
        assert!((metrics.sum("a_total", &[("y", "a, \"b\"}")]) - 3.0).abs() < f64::EPSILON);
        assert!((metrics.sum("b", &[]) - 1.5).abs() < f64::EPSILON);
        assert_eq!(metrics.values("x"), BTreeSet::from(["1", "2"]));
    }
}
