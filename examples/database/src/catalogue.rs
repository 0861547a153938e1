//! The catalogue: which tables there are and what they are made of, in words common to both engines.

use mcp_server_core::tool::{ToolError, ToolResult};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::nearest::{either, nearest};
use crate::sql_text::Statement;

/// A table, a view, or what else can be read like one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Table {
    /// Its schema; absent where the engine has but one.
    pub schema: Option<String>,
    /// Its name within the schema.
    pub name: String,
    /// What it is: `table`, `view`, `materialized view`, …
    pub kind: String,
    /// How many rows it has, if that is known.
    pub rows: Option<RowCount>,
    /// What its makers say of it.
    pub comment: Option<String>,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Whether row-level security hides rows of it from the server's role.
    pub row_security: bool,
}

/// How many rows a table has, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowCount {
    /// Counted just now.
    Exact(u64),
    /// Counting was given up here.
    AtLeast(u64),
    /// From the engine's statistics.
    Estimate(u64),
}

impl RowCount {
    /// The number alone.
    pub fn number(self) -> u64 {
        match self {
            Self::Exact(rows) | Self::AtLeast(rows) | Self::Estimate(rows) => rows,
        }
    }

    /// Number and certainty as words.
    pub fn words(self) -> String {
        match self {
            Self::Exact(rows) => format!("{rows} rows"),
            Self::AtLeast(rows) => format!("at least {rows} rows"),
            Self::Estimate(rows) => format!("about {rows} rows"),
        }
    }
}

/// A column.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as the database writes it.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// The expression of its default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Its place in the primary key, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<u32>,
    /// The values that an enumerated type allows, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// What its makers say of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A foreign key.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ForeignKey {
    /// The columns here.
    pub columns: Vec<String>,
    /// The table that they point to.
    pub references: String,
    /// The columns there.
    pub referenced_columns: Vec<String>,
}

/// An index.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// What it is over.
    pub on: Vec<String>,
    /// Whether it forbids duplicates.
    pub unique: bool,
}

/// A foreign key of another table that points to this one.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// The table that has the key.
    pub table: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The columns here that they point to.
    pub referenced_columns: Vec<String>,
}

/// A condition that every row fulfils.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// The condition, as the database writes it.
    pub condition: String,
}

/// How a table is divided.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Partitions {
    /// What divides it, as the database writes it.
    pub by: String,
    /// How many partitions it has.
    pub count: u64,
    /// The first of them with their bounds.
    pub first: Vec<String>,
}

/// What only a full description tells.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Details {
    /// The foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// The keys of other tables that point here.
    pub referenced_by: Vec<Reference>,
    /// The conditions on its rows, where the definition does not show them.
    pub checks: Vec<Check>,
    /// How it is divided, if it is.
    pub partitions: Option<Partitions>,
    /// The indexes.
    pub indexes: Vec<Index>,
    /// The statement that makes it, where the engine keeps one.
    pub definition: Option<String>,
}

impl Table {
    /// The name as it is written in SQL, quoted where it must be.
    pub fn sql_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(&self.name)),
            None => quoted(&self.name),
        }
    }

    /// The name for people and for URIs: unquoted, with its schema.
    pub fn full_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A name as SQL needs it: bare if it is plain and lower-case, quoted otherwise.
pub fn quoted(name: &str) -> String {
    let plain = name
        .chars()
        .enumerate()
        .all(|(index, letter)| letter == '_' || letter.is_ascii_lowercase() || (index > 0 && letter.is_ascii_digit()));
    if plain && !name.is_empty() && !RESERVED.split_whitespace().any(|word| word == name) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Words that one of the engines does not take for a name.
const RESERVED: &str = "\
    add all alter analyse analyze and any array as asc asymmetric authorization autoincrement between binary both \
    case cast check collate collation column commit concurrently constraint create cross current_catalog \
    current_date current_role current_schema current_time current_timestamp current_user default deferrable delete \
    desc distinct do drop else end escape except exists false fetch for foreign freeze from full grant group having \
    ilike in index indexed initially inner insert intersect into is isnull join lateral leading left like limit \
    localtime localtimestamp natural not nothing notnull null offset on only or order outer overlaps placing primary \
    references returning right select session_user set similar some symmetric system_user table tablesample then to \
    trailing transaction true union unique update user using values variadic verbose when where window with";

/// Every table that can be read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Catalogue {
    /// The tables, ordered by schema and name.
    pub tables: Vec<Table>,
}

/// A place where the words of a search were found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Hit {
    /// The table, as it is written in SQL.
    pub table: String,
    /// The column, if it is one that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The column's type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// What its makers say of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Catalogue {
    /// The table of a name, with or without its schema, quoted or not, in any case.
    ///
    /// # Errors
    /// `not_found` with the nearest names; `invalid_argument` if several schemas have it.
    pub fn find(&self, wanted: &str) -> ToolResult<&Table> {
        let bare = wanted.replace('"', "");
        let exact = |table: &&Table| table.sql_name() == wanted || table.full_name() == bare;
        if let Some(table) = self.tables.iter().find(exact) {
            return Ok(table);
        }
        let folded = bare.to_lowercase();
        let alike = |table: &&Table| table.full_name().to_lowercase() == folded || table.name.to_lowercase() == folded;
        let found: Vec<&Table> = self.tables.iter().filter(alike).collect();
        match found.as_slice() {
            [table] => Ok(table),
            [] => Err(ToolError::not_found(format!("there is no table `{bare}`"))
                .pointer("/table")
                .advice(self.advice_for_table(&bare))),
            several => {
                let names: Vec<String> = several.iter().map(|table| table.sql_name()).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                Err(ToolError::invalid_argument(format!("several tables are called `{bare}`"))
                    .pointer("/table")
                    .advice(format!("Say which: {}.", either(&names))))
            }
        }
    }

    /// What to do when there is no such table.
    pub fn advice_for_table(&self, wanted: &str) -> String {
        let names: Vec<String> = self.tables.iter().map(Table::sql_name).collect();
        match nearest(wanted, names.iter().map(String::as_str)).as_slice() {
            [] => "Call `list_tables` or `search_catalogue` to see what there is; do not invent a name.".to_owned(),
            near => format!("Did you mean {}?", either(near)),
        }
    }

    /// What to do when the tables of a query have no such column.
    pub fn advice_for_column(&self, wanted: &str, statement: &Statement) -> String {
        let wanted = wanted.rsplit('.').next().unwrap_or(wanted);
        let tables = self.mentioned(statement);
        let names: Vec<String> = tables
            .iter()
            .flat_map(|table| {
                table.columns.iter().map(|column| format!("{}.{}", quoted(&table.name), quoted(&column.name)))
            })
            .collect();
        match (nearest(wanted, names.iter().map(String::as_str)).as_slice(), tables.as_slice()) {
            ([], [only]) => {
                let columns: Vec<String> = only.columns.iter().take(40).map(|column| quoted(&column.name)).collect();
                format!("The columns of {} are: {}.", only.sql_name(), columns.join(", "))
            }
            ([], _) => "Call `describe_table` to see the columns; do not invent a name.".to_owned(),
            (near, _) => format!("Did you mean {}?", either(near)),
        }
    }

    /// The tables whose names stand in a query.
    pub fn mentioned(&self, statement: &Statement) -> Vec<&Table> {
        let names: Vec<&str> = statement.names().collect();
        self.tables.iter().filter(|table| names.iter().any(|name| name.eq_ignore_ascii_case(&table.name))).collect()
    }

    /// The tables and columns in whose name or comment every word occurs, whole tables first.
    pub fn search(&self, words: &str) -> Vec<Hit> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let has = |text: &str| {
            let text = text.to_lowercase();
            !words.is_empty() && words.iter().all(|word| text.contains(word.as_str()))
        };
        let (mut tables, mut columns) = (Vec::new(), Vec::new());
        for table in &self.tables {
            let comment = table.comment.as_deref().unwrap_or_default();
            if has(&format!("{} {comment}", table.full_name())) {
                tables.push(Hit {
                    table: table.sql_name(),
                    column: None,
                    type_name: None,
                    comment: table.comment.clone(),
                });
            }
            for column in &table.columns {
                let comment = column.comment.as_deref().unwrap_or_default();
                // The table's name counts too: "strike species" finds `strike.species`. It does not suffice.
                let own = words
                    .iter()
                    .any(|word| format!("{} {comment}", column.name).to_lowercase().contains(word.as_str()));
                if own && has(&format!("{} {} {comment}", table.full_name(), column.name)) {
                    columns.push(Hit {
                        table: table.sql_name(),
                        column: Some(quoted(&column.name)),
                        type_name: Some(column.type_name.clone()),
                        comment: column.comment.clone(),
                    });
                }
            }
        }
        tables.extend(columns);
        tables
    }

    /// The names of tables and columns nearest to a word.
    pub fn near(&self, word: &str) -> Vec<String> {
        let columns = self
            .tables
            .iter()
            .flat_map(|table| table.columns.iter().map(|column| format!("{}.{}", table.full_name(), column.name)));
        let names: Vec<String> = self.tables.iter().map(Table::full_name).chain(columns).collect();
        nearest(word, names.iter().map(String::as_str)).into_iter().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use mcp_server_core::tool::ErrorKind;

    use super::*;
    use crate::sql_text::Dialect;

    fn table(schema: &str, name: &str, columns: &[&str]) -> Table {
        let column =
            |name: &&str| Column { name: (*name).to_owned(), type_name: "text".to_owned(), ..Column::default() };
        Table {
            schema: Some(schema.to_owned()),
            name: name.to_owned(),
            columns: columns.iter().map(column).collect(),
            ..Table::default()
        }
    }

    fn catalogue() -> Catalogue {
        let tables = [
            table("public", "Order Items", &["id", "price"]),
            table("public", "customer", &["id", "name"]),
            table("sales", "customer", &["id"]),
            table("sales", "invoice", &["id", "customer_name"]),
        ];
        Catalogue { tables: tables.into() }
    }

    #[test]
    fn a_table_is_found_by_any_of_its_spellings() {
        let catalogue = catalogue();
        for name in ["invoice", "sales.invoice", "INVOICE", "\"sales\".\"invoice\""] {
            assert_eq!(catalogue.find(name).unwrap().full_name(), "sales.invoice", "{name}");
        }
        assert_eq!(catalogue.find("public.\"Order Items\"").unwrap().name, "Order Items");
        assert_eq!(catalogue.find("customer").unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert_eq!(catalogue.find("invoces").unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(catalogue.advice_for_table("invoces"), "Did you mean `sales.invoice`?");
    }

    #[test]
    fn a_missing_column_is_looked_for_in_the_tables_of_the_query() {
        let statement = Statement::read("select custmer_name from sales.invoice", Dialect::Postgres).unwrap();
        assert_eq!(catalogue().advice_for_column("custmer_name", &statement), "Did you mean `invoice.customer_name`?");
        let statement = Statement::read("select x from sales.invoice", Dialect::Postgres).unwrap();
        assert!(catalogue().advice_for_column("zzzzzz", &statement).contains("id, customer_name"));
    }

    #[test]
    fn a_search_wants_every_word() {
        let catalogue = catalogue();
        let hits = catalogue.search("customer name");
        assert_eq!(hits.len(), 2, "{hits:?}");
        assert_eq!(hits[0].table, "public.customer");
        assert_eq!(hits[1].column.as_deref(), Some("customer_name"));
        assert_eq!(catalogue.search("items")[0].table, "public.\"Order Items\"");
        assert!(catalogue.search("nothing").is_empty());
        assert_eq!(catalogue.near("prise"), ["public.Order Items.price"]);
    }
}
