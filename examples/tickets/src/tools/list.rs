//! Every tool, in the order in which a client sees them.

use mcp_server_core::prelude::*;
use mcp_server_core::tool::{IntoItems, Item};

use super::{delete, import, read, search, write};

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
