//! The name of what a server works on, from the text by which it was told where that is.

use std::path::Path;

/// A URL without user, password and options, a file of SQLite by its absolute path; any other text as it is.
pub(super) fn name(text: String) -> String {
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = Path::new(path.split('?').next().unwrap_or(path));
        // A file that is not there yet has a folder that is.
        let absolute = std::fs::canonicalize(path).or_else(|_| std::path::absolute(path));
        return format!("sqlite:{}", absolute.as_deref().unwrap_or(path).display());
    }
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_url_keeps_what_names_the_data_and_no_secret() {
        for (given, named) in [
            ("postgres://app:hunter2@db.example:5433/shop?sslmode=require", "postgres://db.example:5433/shop"),
            ("postgres://db/shop", "postgres://db/shop"),
            ("postgres://app:hunt@er2@db", "postgres://db"),
            ("https://api.example/v2#top", "https://api.example/v2"),
            ("sqlite:/srv/shop.db?mode=ro", "sqlite:/srv/shop.db"),
            ("sqlite:///srv/shop.db", "sqlite:/srv/shop.db"),
            ("production", "production"),
            ("", ""),
        ] {
            assert_eq!(name(given.to_owned()), named);
        }
    }

    #[test]
    fn a_file_is_named_by_its_absolute_path() {
        let named = name("sqlite:no-such-file.db".to_owned());
        assert!(named.starts_with("sqlite:/") && named.ends_with("/no-such-file.db"), "{named}");
    }
}
