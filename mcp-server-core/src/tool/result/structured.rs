//! Structured values: data with a schema, and the same data as text.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::IntoOutcome;
use crate::tool::finite;
use crate::tool::outcome::{Outcome, Reply};
use crate::tool::schema;

/// A structured result: `structuredContent` under a published `outputSchema`, with its text twin.
///
/// ```
/// use mcp_server_core::tool::Structured;
/// use schemars::JsonSchema;
/// use serde::Serialize;
///
/// #[derive(Serialize, JsonSchema)]
/// struct Weather { celsius: f64 }
///
/// let result = Structured(Weather { celsius: 21.5 });
/// # let _ = result;
/// ```
#[derive(Clone, Debug)]
pub struct Structured<T>(pub T);

impl<T: Serialize + JsonSchema> IntoOutcome for Structured<T> {
    fn into_outcome(self) -> Outcome {
        match finite::to_value(&self.0) {
            Ok(value) => Outcome::Complete(Reply::structured(value)),
            Err(error) => Outcome::Failed(error),
        }
    }

    fn output_schema() -> Option<Value> {
        Some(schema::output_schema_for::<T>())
    }
}
