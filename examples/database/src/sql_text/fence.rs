//! Fences: the marks that a model puts around code in Markdown.

/// What a fence may say of the code in it.
const LANGUAGES: [&str; 6] = ["sql", "sqlite", "postgresql", "postgres", "pgsql", "psql"];

/// The text with spaces where a fence was, so that every place in it stays what it was.
pub(super) fn unfenced(sql: &str) -> String {
    let head = sql.len() - sql.trim_start().len();
    let Some(inside) = sql.get(head..).and_then(|rest| rest.strip_prefix("```")) else { return sql.to_owned() };
    let word: String = inside.chars().take_while(char::is_ascii_alphabetic).collect();
    let named = LANGUAGES.iter().any(|language| word.eq_ignore_ascii_case(language));
    let start = head + 3 + if named { word.len() } else { 0 };
    let body = sql.get(start..).unwrap_or_default();
    let (body, tail) = body.split_at(body.find("```").unwrap_or(body.len()));
    // What follows the fence is talk about the query.
    format!("{}{body}{}", " ".repeat(start), " ".repeat(tail.len()))
}
