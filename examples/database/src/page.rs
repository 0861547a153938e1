//! Pages: as many rows of a query as its limits let pass.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// Which part of a query's rows is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// How many rows to pass over.
    pub skip: u64,
    /// How many rows to give at most.
    pub rows: usize,
    /// How many bytes of JSON to give at most; the first row is given whatever its size.
    pub bytes: usize,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ResultColumn {
    /// Its key in each row: its name, numbered if an earlier column has the same one.
    pub name: String,
    /// The database's type.
    #[serde(rename = "type")]
    pub type_name: String,
}

/// A row: a member for each column, in the order of the columns.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Row(pub Map<String, Value>);

/// Some rows of a query.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The columns; none if there was no row to see them by.
    pub columns: Vec<ResultColumn>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether there are more.
    pub more: bool,
}

impl Page {
    /// Whether every value of every row is null or an empty text.
    pub fn says_nothing(&self) -> bool {
        let blank = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        self.rows.iter().all(|row| row.0.values().all(blank))
    }
}

/// Fills a page row by row.
#[derive(Debug)]
pub struct PageBuilder {
    window: Window,
    skipped: u64,
    bytes: usize,
    page: Page,
}

impl PageBuilder {
    /// A page without rows.
    pub fn new(window: Window) -> Self {
        Self { window, skipped: 0, bytes: 0, page: Page::default() }
    }

    /// Says what the columns are, once.
    pub fn columns<'a>(&mut self, columns: impl IntoIterator<Item = (&'a str, String)>) {
        if !self.page.columns.is_empty() {
            return;
        }
        let mut seen: HashMap<String, u32> = HashMap::new();
        for (name, type_name) in columns {
            self.page.columns.push(ResultColumn { name: distinct(name, &mut seen), type_name });
        }
    }

    /// Whether the next row is one to pass over; counts it if so.
    pub fn skips(&mut self) -> bool {
        let skips = self.skipped < self.window.skip;
        self.skipped += u64::from(skips);
        skips
    }

    /// Adds a row; `false` says that it did not fit and no more rows are needed.
    pub fn push(&mut self, cells: Vec<Value>) -> bool {
        let names = self.page.columns.iter().map(|column| column.name.clone());
        let row: Map<String, Value> = names.zip(cells).collect();
        let size = serde_json::to_string(&row).map_or(0, |text| text.len() + 1);
        let full = self.page.rows.len() >= self.window.rows;
        if full || (self.bytes + size > self.window.bytes && !self.page.rows.is_empty()) {
            self.page.more = true;
            return false;
        }
        self.bytes += size;
        self.page.rows.push(Row(row));
        true
    }

    /// The page.
    pub fn finish(self) -> Page {
        self.page
    }
}

/// A name that no earlier column has: `id`, then `id_2`.
fn distinct(name: &str, seen: &mut HashMap<String, u32>) -> String {
    let name = if name.is_empty() { "column" } else { name };
    let count = seen.entry(name.to_owned()).or_default();
    *count += 1;
    if *count == 1 {
        return name.to_owned();
    }
    let numbered = format!("{name}_{count}");
    distinct(&numbered, seen)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn builder(rows: usize, bytes: usize) -> PageBuilder {
        let mut page = PageBuilder::new(Window { skip: 0, rows, bytes });
        page.columns([("a", "text".to_owned())]);
        page
    }

    #[test]
    fn equal_names_are_told_apart() {
        let mut page = PageBuilder::new(Window { skip: 0, rows: 1, bytes: 100 });
        page.columns(["id", "id_2", "id", "id", ""].map(|name| (name, "int".to_owned())));
        let names: Vec<String> = page.finish().columns.into_iter().map(|column| column.name).collect();
        assert_eq!(names, ["id", "id_2", "id_2_2", "id_3", "column"]);
    }

    #[test]
    fn a_page_ends_at_either_limit() {
        let mut page = builder(2, 1000);
        assert!(page.push(vec![json!(1)]) && page.push(vec![json!(2)]) && !page.push(vec![json!(3)]));
        let page = page.finish();
        assert!(page.more && page.rows.len() == 2);

        let mut page = builder(10, 10);
        assert!(page.push(vec![json!("much longer than the limit")]), "a first row always passes");
        assert!(!page.push(vec![json!(1)]));
        assert!(page.finish().more);

        let mut page = builder(2, 1000);
        assert!(page.push(vec![json!(null)]) && page.push(vec![json!(" ")]));
        let page = page.finish();
        assert!(!page.more && page.says_nothing());
    }
}
