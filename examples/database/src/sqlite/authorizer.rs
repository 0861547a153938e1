//! What a query may ask of SQLite beyond reading tables: the engine calls this while it compiles the query.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Pragmas that only read, called as functions. `database_list` is none of them: it tells the path of the file.
const PRAGMAS: [&str; 19] = [
    "application_id",
    "collation_list",
    "compile_options",
    "data_version",
    "encoding",
    "foreign_key_check",
    "foreign_key_list",
    "freelist_count",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "module_list",
    "page_count",
    "page_size",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
];

/// Allows reading, and nothing else.
pub(super) fn authorize(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Function { function_name } if !function_name.eq_ignore_ascii_case("load_extension") => {
            Authorization::Allow
        }
        AuthAction::Pragma { pragma_name, .. } if PRAGMAS.iter().any(|name| pragma_name.eq_ignore_ascii_case(name)) => {
            Authorization::Allow
        }
        // Full-text and spatial tables prepare such statements for themselves when they are first used. They do not run:
        // the file is open for reading only, and a query that is not is refused once it is compiled.
        AuthAction::Insert { .. }
        | AuthAction::Update { .. }
        | AuthAction::Delete { .. }
        | AuthAction::Select
        | AuthAction::Read { .. }
        | AuthAction::Recursive => Authorization::Allow,
        _ => Authorization::Deny,
    }
}
