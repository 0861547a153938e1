//! The subcommand `tools`: prints a contract, or how it differs from the one in a file.

use std::path::Path;

use serde_json::Value;

use super::difference::{Impact, show_differences};
use super::listing::compare;
use crate::server::command::exit::Exit;

/// A contract as indented JSON, to be kept in a file that `--against` reads.
pub fn show_contract(contract: &Value) -> String {
    format!("{contract:#}\n")
}

/// How a contract differs from the earlier one in a file, and how the process should end:
/// [`Exit::Breaking`] if a difference is breaking, else [`Exit::Done`].
///
/// # Errors
/// A sentence, if the file cannot be read or holds no contract; the process should end with [`Exit::Usage`].
pub fn against(contract: &Value, file: &Path) -> Result<(String, Exit), String> {
    let text = std::fs::read_to_string(file).map_err(|cause| format!("{} cannot be read: {cause}", file.display()))?;
    let earlier: Value =
        serde_json::from_str(&text).map_err(|cause| format!("{} is no JSON: {cause}", file.display()))?;
    if !earlier.get("tools").is_some_and(Value::is_array) {
        return Err(format!(
            "{} is no contract: it has no list `tools`; the subcommand `tools` prints one",
            file.display()
        ));
    }
    let differences = compare(&earlier, contract);
    let breaking = differences.iter().any(|difference| difference.impact == Impact::Breaking);
    Ok((show_differences(&differences), if breaking { Exit::Breaking } else { Exit::Done }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Exit, against, show_contract};

    #[test]
    fn a_contract_is_compared_with_its_own_print() {
        let contract = json!({ "server": { "name": "a", "version": "1" }, "tools": [{ "name": "add" }] });
        let file = std::env::temp_dir().join(format!("mcp-contract-{}", crate::store::seal::random_id()));
        std::fs::write(&file, show_contract(&contract)).unwrap();
        assert_eq!(against(&contract, &file), Ok(("no difference\n".to_owned(), Exit::Done)));
        let (text, exit) = against(&json!({ "server": { "name": "a", "version": "2" }, "tools": [] }), &file).unwrap();
        assert_eq!(exit, Exit::Breaking);
        assert_eq!(
            text,
            "breaking    /tools/0  tool `add`: it is gone\n\
             text        /server/version  the server's version differs\n\
             1 breaking, 0 compatible, 1 text\n"
        );
        for (content, part) in [("{", "is no JSON"), ("[]", "is no contract")] {
            std::fs::write(&file, content).unwrap();
            assert!(against(&contract, &file).unwrap_err().contains(part));
        }
        std::fs::remove_file(&file).unwrap();
        assert!(against(&contract, &file).unwrap_err().contains("cannot be read"));
    }
}
