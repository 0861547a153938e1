//! Tickets as CSV: the sample, and what a caller imports.

use mcp_server_core::tool::{ToolError, ToolResult};

use crate::ticket::{NewTicket, Priority};

const SAMPLE: &str = include_str!("../data/sample.csv");

/// The sample.
pub(crate) fn tickets() -> ToolResult<Vec<NewTicket>> {
    read(SAMPLE)
}

/// Tickets from CSV with a line of headers: `title`, and of `body`, `priority` and `assignee` what there is.
///
/// # Errors
/// `invalid_argument`, saying in which line.
pub(crate) fn read(text: &str) -> ToolResult<Vec<NewTicket>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let tickets: Result<Vec<NewTicket>, _> = reader.deserialize().collect();
    let tickets = tickets.map_err(|error| ToolError::invalid_argument(error.to_string()).pointer("/csv"))?;
    match tickets.iter().position(|ticket| ticket.title.is_empty()) {
        Some(at) => Err(ToolError::invalid_argument(format!("row {} has no title", at + 1)).pointer("/csv")),
        None => Ok(tickets),
    }
}

/// Any number of tickets, for trying things out.
pub(crate) fn made_up(count: u32) -> Vec<NewTicket> {
    const PRIORITIES: [Priority; 4] = [Priority::Normal, Priority::Low, Priority::High, Priority::Normal];
    (1..=count)
        .zip(PRIORITIES.into_iter().cycle())
        .map(|(number, priority)| NewTicket {
            title: format!("Made-up ticket {number} of {count}"),
            body: "Nobody waits for this one.".to_owned(),
            priority,
            assignee: String::new(),
        })
        .collect()
}
