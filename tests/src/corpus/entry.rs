//! Entries: a type, what serde makes of a value, and samples.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One type of the corpus.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name of its tool.
    pub name: &'static str,
    /// What serde reads and writes again.
    pub echo: fn(&Value) -> Result<Value, String>,
    /// Values that serde reads.
    pub samples: Vec<Value>,
    /// Whether the type checks what no schema can say.
    pub is_stricter: bool,
}

/// Reads a value as a type and writes it again.
pub(super) fn echo<T: DeserializeOwned + Serialize>(value: &Value) -> Result<Value, String> {
    let read = T::deserialize(value).map_err(|error| error.to_string())?;
    serde_json::to_value(&read).map_err(|error| error.to_string())
}

/// Declares types of the corpus: `name: Type => [samples]`, with `stricter` where the type checks more than a schema says.
macro_rules! corpus {
    ($($name:ident: $type:ty $(, $stricter:ident)? => [$($sample:tt),* $(,)?];)*) => {
        pub(super) use served::{entries, tools};

        /// The tools, apart from the names of crates.
        mod served {
            use super::*;

            $(
                /// Give back a value of this type, as it was read.
                #[mcp_server_core::prelude::tool(read_only)]
                async fn $name(
                    /// The value.
                    value: $type,
                ) -> mcp_server_core::tool::Structured<$type> {
                    mcp_server_core::tool::Structured(value)
                }
            )*

            pub(in crate::corpus) fn tools() -> Vec<mcp_server_core::tool::Item> {
                mcp_server_core::prelude::tools![$($name),*]
            }

            pub(in crate::corpus) fn entries() -> Vec<crate::corpus::Entry> {
                vec![$(crate::corpus::Entry {
                    name: stringify!($name),
                    echo: crate::corpus::entry::echo::<$type>,
                    samples: vec![$(serde_json::json!($sample)),*],
                    is_stricter: false $(|| stringify!($stricter) == "stricter")?,
                }),*]
            }
        }
    };
}

pub(super) use corpus;
