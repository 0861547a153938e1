//! Arguments: all at once, and what an absent one means.

use serde::de::value::Error as ValueError;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

use super::error::ToolError;

/// All arguments of a call as one struct.
///
/// ```
/// use mcp_server_core::prelude::*;
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Search { query: String }
///
/// /// Find something.
/// #[tool(read_only)]
/// async fn search(Args(search): Args<Search>) -> String {
///     format!("looked for {}", search.query)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Args<T>(pub T);

/// An argument that was not sent: only a type that can do without decodes from it.
pub(crate) struct Absent;

impl Absent {
    /// Whether a type can do without a value.
    pub(crate) fn suits<T: DeserializeOwned>() -> bool {
        T::deserialize(Self).is_ok()
    }

    /// The value of an absent argument, or an error that names it.
    pub(crate) fn decode<T: DeserializeOwned>(name: &str) -> Result<T, ToolError> {
        T::deserialize(Self)
            .map_err(|_| ToolError::invalid_argument(format!("`/{name}` is required")).pointer(format!("/{name}")))
    }
}

impl<'de> Deserializer<'de> for Absent {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, ValueError> {
        Err(ValueError::custom("absent"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
