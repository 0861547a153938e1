//! The tools: what an agent can do with tickets.

mod delete;
mod import;
mod read;
mod search;
mod write;

use mcp_server_core::prelude::*;
use mcp_server_core::tool::{IntoItems, Item};

/// Every tool.
pub(crate) fn all() -> Vec<Item> {
    tools![
        read::search_tickets,
        read::get_ticket,
        search::open_search,
        search::read_search,
        search::close_search,
        write::create_ticket,
        write::update_ticket,
        write::comment_on_ticket,
        write::close_ticket,
        delete::delete_ticket,
        import::import_tickets,
    ]
    .into_items()
}
