//! The subcommand `keygen`: a bearer key and a sealing key, with the lines that configure them.

use std::time::SystemTime;

use crate::server::config::{day, hash};
use crate::store::seal::random_token;

/// Makes both keys. The text says what each is for; the bearer key stands in it once and nowhere else.
///
/// ```
/// use mcp_server_core::server::command::make_keys;
///
/// assert_ne!(make_keys(), make_keys());
/// ```
pub fn make_keys() -> String {
    let (bearer, secret) = (random_token(), random_token());
    let hash = hash::write(&hash::of(&bearer));
    // The day tells old keys from new ones; the rest tells two of one day apart.
    let id = format!("{}-{}", day(SystemTime::now()), hash.get(7..11).unwrap_or_default());
    format!(
        "\
# For the client, as `Authorization: Bearer {bearer}`. This is the only time it is shown.

# For the server's configuration file. It holds the hash of the client's key, and a secret that
# every replica needs and nobody else.
[[auth.keys]]
id = \"key-{id}\"
hash = \"{hash}\"
scopes = []

[[seal.keys]]
id = \"seal-{id}\"
secret = \"{secret}\"
"
    )
}

#[cfg(test)]
mod tests {
    use super::{hash, make_keys};
    use crate::server::config::{Sources, load};

    #[test]
    fn what_it_prints_is_a_configuration_that_accepts_the_key() {
        let text = make_keys();
        let bearer = text.split("Bearer ").nth(1).unwrap().split('`').next().unwrap();
        let given = text.parse::<toml::Table>().unwrap();
        assert_eq!(given["auth"]["keys"][0]["hash"].as_str().unwrap(), hash::write(&hash::of(bearer)));
        assert_eq!(bearer.len(), 43);
        assert_eq!(text.matches(bearer).count(), 1);
        let folder = std::env::temp_dir().join(format!("mcp-keygen-{}", crate::store::seal::random_id()));
        std::fs::write(&folder, &text).unwrap();
        let sources = Sources { file: Some(folder.clone()), ..Sources::default() };
        let loaded = load(&sources, &[]);
        std::fs::remove_file(folder).unwrap();
        assert_eq!(loaded.unwrap().config.seal.keys[0].secret.len(), 43);
    }
}
