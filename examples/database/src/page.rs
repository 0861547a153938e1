//! Pages: as many rows of a query as its limits let pass.

use std::collections::HashMap;

use mcp_server_core::tool::ErrorKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault::Fault;
use crate::{cell, exact};

/// Which part of a query's rows is wanted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Window {
    /// How many rows to pass over.
    pub skip: u64,
    /// How many rows to give at most.
    pub rows: usize,
    /// How many characters of JSON to give at most, columns included; the first row is given in any case,
    /// with its long values cut further.
    pub characters: usize,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResultColumn {
    /// Its name, numbered if an earlier column has the same one.
    pub name: String,
    /// The database's type.
    #[serde(rename = "type")]
    pub type_name: String,
}

/// Some rows of a query.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Page {
    /// The columns.
    pub columns: Vec<ResultColumn>,
    /// The rows: a value for each column, in the order of the columns.
    #[serde(with = "exact")]
    pub rows: Vec<Vec<Value>>,
    /// Whether there are more.
    pub more: bool,
}

impl Page {
    /// Whether every value of every row is null or an empty text.
    pub fn says_nothing(&self) -> bool {
        let blank = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        self.rows.iter().flatten().all(blank)
    }

    /// Whether it is what an aggregate over no row gives: one row of zeros and nulls.
    pub fn counts_nothing(&self) -> bool {
        let nothing = |value: &Value| value.is_null() || value.as_f64() == Some(0.0) || value.as_str() == Some("0");
        self.rows.len() == 1 && self.rows.iter().flatten().all(nothing)
    }
}

/// Fills a page row by row.
#[derive(Debug)]
pub struct PageBuilder {
    window: Window,
    skipped: u64,
    left: Budget,
    page: Page,
}

/// What is left of a page: characters, and tokens as a tokenizer of a model is likely to count them.
#[derive(Clone, Copy, Debug)]
struct Budget {
    characters: usize,
    /// In quarters of a token.
    quarters: usize,
}

/// How many columns a result may have: the names of more would not leave room for rows.
const COLUMNS: usize = 150;

/// How many bytes of each cell stay in a first row that does not fit into the page.
const SHRUNK: usize = 64;

/// Refuses a result that has more columns than a page has room for.
///
/// # Errors
/// `invalid_argument`, saying how many there are.
pub fn check_columns(columns: usize) -> Result<(), Fault> {
    if columns <= COLUMNS {
        return Ok(());
    }
    let message = format!("the query gives {columns} columns, and a page has room for {COLUMNS}");
    Err(Fault::new(ErrorKind::InvalidArgument, message).advice("Name the columns that you need instead of `*`.").sql())
}

/// How many tokens a page may have. Claude Code refuses results of more than 25 000.
const TOKENS: usize = 16_000;

impl Budget {
    fn new(characters: usize) -> Self {
        Self { characters, quarters: TOKENS * 4 }
    }

    /// Takes a text from it; `None` if it does not fit.
    fn without(self, text: &str) -> Option<Self> {
        // Letters of words come about four to a token; digits, marks and other scripts nearly one by one.
        let quarters = text.chars().map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | ' ' => 1,
            '0'..='9' => 2,
            letter if letter.is_ascii() => 2,
            _ => 4,
        });
        Some(Self {
            characters: self.characters.checked_sub(text.chars().count())?,
            quarters: self.quarters.checked_sub(quarters.sum())?,
        })
    }
}

impl PageBuilder {
    /// A page without rows.
    pub fn new(window: Window) -> Self {
        Self { window, skipped: 0, left: Budget::new(window.characters), page: Page::default() }
    }

    /// Says what the columns are. They take their part of the page.
    pub fn columns<'a>(&mut self, columns: impl IntoIterator<Item = (&'a str, String)>) {
        let mut seen: HashMap<String, u32> = HashMap::new();
        self.page.columns.clear();
        for (name, type_name) in columns {
            self.page.columns.push(ResultColumn { name: distinct(name, &mut seen), type_name });
        }
        let text = serde_json::to_string(&self.page.columns).unwrap_or_default();
        let full = Budget::new(self.window.characters);
        self.left = full.without(&text).unwrap_or(Budget { characters: 0, quarters: 0 });
    }

    /// Says what type a column has, now that a value of it was seen.
    pub fn set_type(&mut self, index: usize, type_name: &str) {
        if let Some(column) = self.page.columns.get_mut(index) {
            type_name.clone_into(&mut column.type_name);
        }
    }

    /// How many rows were passed over or given.
    pub fn passed(&self) -> u64 {
        self.skipped + self.page.rows.len() as u64
    }

    /// Whether it has all the rows that were wanted; the next one only shows that there are more.
    pub fn is_full(&self) -> bool {
        self.page.rows.len() >= self.window.rows
    }

    /// Says that there are more rows.
    pub fn set_more(&mut self) {
        self.page.more = true;
    }

    /// How many more rows are wanted, and one to see whether there are more.
    pub fn wanted(&self) -> usize {
        (self.window.rows + 1).saturating_sub(self.page.rows.len())
    }

    /// Whether the next row is one to pass over; counts it if so.
    pub fn skips(&mut self) -> bool {
        let skips = self.skipped < self.window.skip;
        self.skipped += u64::from(skips);
        skips
    }

    /// Says that rows were passed over.
    pub fn skipped(&mut self, rows: u64) {
        self.skipped += rows;
    }

    /// Adds a row; `false` says that it did not fit and no more rows are needed.
    pub fn push(&mut self, mut cells: Vec<Value>) -> bool {
        if self.page.rows.len() >= self.window.rows {
            self.page.more = true;
            return false;
        }
        let text = exact::text(&cells);
        match self.left.without(&text).and_then(|left| left.without(",")) {
            Some(left) => self.left = left,
            // The first row is given, with its long cells cut further.
            None if self.page.rows.is_empty() => {
                cells = cells.into_iter().map(|cell| cell::shrunk(cell, SHRUNK)).collect();
                self.left = Budget { characters: 0, quarters: 0 };
            }
            None => {
                self.page.more = true;
                return false;
            }
        }
        self.page.rows.push(cells);
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

    fn builder(rows: usize, characters: usize) -> PageBuilder {
        let mut page = PageBuilder::new(Window { skip: 0, rows, characters });
        page.columns([("a", "text".to_owned())]);
        page
    }

    #[test]
    fn equal_names_are_told_apart() {
        let mut page = PageBuilder::new(Window { skip: 0, rows: 1, characters: 100 });
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
        assert!(page.push(vec![json!("much longer than the limit".repeat(9))]), "a first row always passes");
        assert!(!page.push(vec![json!(1)]));
        let page = page.finish();
        assert!(page.more && page.rows[0][0]["truncated"] == true);

        let mut page = builder(2, 1000);
        assert!(page.push(vec![json!(null)]) && page.push(vec![json!(" ")]));
        let page = page.finish();
        assert!(!page.more && page.says_nothing());
    }

    #[test]
    fn a_page_ends_before_its_tokens_are_too_many() {
        let mut page = builder(10_000, 1 << 20);
        // A character of these is a token or more.
        while page.push(vec![json!("資料庫".repeat(10))]) {}
        let characters: usize = page.finish().rows.iter().map(|row| row[0].as_str().unwrap().chars().count()).sum();
        assert!((10_000..TOKENS).contains(&characters), "{characters}");
    }

    #[test]
    fn the_columns_take_their_part() {
        let mut page = PageBuilder::new(Window { skip: 0, rows: 10_000, characters: 2_000 });
        let names: Vec<String> = (0..30).map(|number| format!("column_{number}")).collect();
        page.columns(names.iter().map(|name| (name.as_str(), "text".to_owned())));
        while page.push(vec![json!("x"); 30]) {}
        let page = page.finish();
        let whole = serde_json::to_string(&json!({ "columns": page.columns, "rows": page.rows })).unwrap();
        assert!(whole.len() <= 2_030, "{}", whole.len());
    }
}
