//! Values before they have a type of ours: what a file, a variable or a flag gave.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Origin;

/// A value for a key, and where it came from.
pub(super) struct Given {
    /// The key, as it was written.
    pub(super) key: super::name::Name,
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Text of a variable or a flag: its key decides what it is.
    Loose(String),
    Text(String),
    Integer(String),
    Flag(bool),
    Datetime(String),
    Float(String),
    List(Vec<Value>),
    /// Fields with the lines on which they stand.
    Table(Vec<(String, usize, Value)>),
}

impl Value {
    /// A value out of a file, or out of a variable that holds a list.
    pub(super) fn of(value: &DeValue<'_>, lines: &Lines) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.clone().into_owned()),
            DeValue::Integer(number) => Self::Integer(decimal(number.as_str(), number.radix())),
            DeValue::Float(number) => Self::Float(number.as_str().to_owned()),
            DeValue::Boolean(flag) => Self::Flag(*flag),
            DeValue::Datetime(when) => Self::Datetime(when.to_string()),
            DeValue::Array(items) => Self::List(items.iter().map(|item| Self::of(item.get_ref(), lines)).collect()),
            DeValue::Table(fields) => Self::table(fields, lines),
        }
    }

    fn table(fields: &DeTable<'_>, lines: &Lines) -> Self {
        let field = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &Spanned<std::borrow::Cow<'_, str>> = name;
            (name.get_ref().clone().into_owned(), lines.of(name.span()), Self::of(value.get_ref(), lines))
        };
        Self::Table(fields.iter().map(field).collect())
    }

    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Loose(_) | Self::Text(_) => "text",
            Self::Integer(_) => "a whole number",
            Self::Flag(_) => "true or false",
            Self::Datetime(_) => "a date",
            Self::Float(_) => "a fraction",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    /// How it was written, for messages about values that are no secret.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Loose(text) | Self::Text(text) => format!("`{}`", shortened(text)),
            Self::Integer(text) | Self::Float(text) | Self::Datetime(text) => format!("`{text}`"),
            Self::Flag(flag) => format!("`{flag}`"),
            Self::List(_) | Self::Table(_) => self.kind().to_owned(),
        }
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn decimal(digits: &str, radix: u32) -> String {
    match i128::from_str_radix(digits, radix) {
        Ok(number) => number.to_string(),
        Err(_) => digits.to_owned(),
    }
}

/// Where the lines of a text begin.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    /// The line on which a span begins, counted from 1.
    pub(super) fn of(&self, span: Range<usize>) -> usize {
        self.0.partition_point(|end| *end < span.start) + 1
    }
}
