//! `?` on errors of one's own, and on those that nobody knows.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error;

use super::error::{ErrorKind, ToolError};
use crate::store::StoreError;

/// What an agent reads of an error that says nothing else.
const FAILED: &str = "the tool failed";

/// An error that `?` turns into a [`ToolError`].
///
/// The errors of `std::io`, `serde_json`, `tokio`, `sqlx` and `reqwest` have their kinds already. For an error type of
/// your own, say which kind of failure each case is:
///
/// ```
/// use mcp_server_core::tool::{ErrorKind, IntoToolError, ToolError, ToolResult};
///
/// enum StockError {
///     UnknownArticle(u32),
///     WarehouseDown,
/// }
///
/// impl IntoToolError for StockError {
///     fn into_tool_error(self) -> ToolError {
///         match self {
///             Self::UnknownArticle(number) => ToolError::not_found(format!("there is no article {number}")),
///             Self::WarehouseDown => ToolError::upstream_unavailable("the warehouse does not answer"),
///         }
///     }
/// }
///
/// fn stock(article: u32) -> Result<u32, StockError> {
///     if article == 7 { Ok(3) } else { Err(StockError::UnknownArticle(article)) }
/// }
///
/// fn left(article: u32) -> ToolResult<String> {
///     Ok(format!("{} left", stock(article)?))
/// }
///
/// assert_eq!(left(8).unwrap_err().kind(), ErrorKind::NotFound);
/// ```
///
/// `impl From<StockError> for ToolError` does the same. A single place needs neither: `.map_err(ToolError::internal)?`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `ToolError`, and nothing says which kind of failure it is",
    label = "write `.map_err(ToolError::internal)?` if the server is at fault; if the type is your own, `impl IntoToolError for {Self}`",
    note = "a fault of the server: `.map_err(ToolError::internal)?`, which keeps the cause for the log",
    note = "a fault of the caller: `.map_err(|error| ToolError::invalid_argument(error.to_string()))?`",
    note = "a dependency: `.map_err(|error| ToolError::upstream_unavailable(\"…\").cause(error))?`",
    note = "an error type of your own: `impl IntoToolError for {Self}`, and `?` works everywhere"
)]
pub trait IntoToolError {
    /// The kind, the message for the agent and the cause for the log.
    fn into_tool_error(self) -> ToolError;
}

impl<E: IntoToolError> From<E> for ToolError {
    fn from(error: E) -> Self {
        error.into_tool_error()
    }
}

/// What is in the box decides the kind, if it is an error that has one; else the server is at fault.
impl IntoToolError for Box<dyn Error + Send + Sync> {
    fn into_tool_error(self) -> ToolError {
        match known(self) {
            Ok(error) => error,
            Err(unknown) => ToolError::new(ErrorKind::Internal, FAILED).cause(unknown),
        }
    }
}

/// As for `Box<dyn Error + Send + Sync>`; of an error that has no kind the log gets the text.
impl IntoToolError for Box<dyn Error> {
    fn into_tool_error(self) -> ToolError {
        match known_here(self) {
            Ok(error) => error,
            Err(unknown) => ToolError::new(ErrorKind::Internal, FAILED).cause(text(&*unknown)),
        }
    }
}

/// Tries every error type that has a kind.
macro_rules! known {
    ($name:ident: $boxed:ty) => {
        fn $name(error: $boxed) -> Result<ToolError, $boxed> {
            let error = match error.downcast::<ToolError>() {
                Ok(error) => return Ok(*error),
                Err(error) => error,
            };
            known!(@each error: std::io::Error, StoreError, serde_json::Error, tokio::time::error::Elapsed, std::fmt::Error);
            #[cfg(feature = "sqlx")]
            known!(@each error: sqlx::Error);
            #[cfg(feature = "reqwest")]
            known!(@each error: reqwest::Error);
            Err(error)
        }
    };
    (@each $error:ident: $($known:ty),+) => {
        $(let $error = match $error.downcast::<$known>() {
            Ok(error) => return Ok((*error).into()),
            Err(error) => error,
        };)+
    };
}

known!(known: Box<dyn Error + Send + Sync>);
known!(known_here: Box<dyn Error>);

/// An error with what stands behind it.
fn text(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl ToolError {
    /// A fault of the server. A text is the message for the agent; an error is the cause, which only the log gets.
    ///
    /// ```
    /// use mcp_server_core::tool::{ToolError, ToolResult};
    ///
    /// fn year(line: &str) -> ToolResult<i32> {
    ///     line.parse().map_err(ToolError::internal)
    /// }
    ///
    /// assert_eq!(ToolError::internal("the index is broken").message(), "the index is broken");
    /// assert_eq!(year("MMXXVI").unwrap_err().message(), "the tool failed");
    /// ```
    pub fn internal<T: Into<Box<dyn Error + Send + Sync>> + 'static>(what: T) -> Self {
        let any: &dyn Any = &what;
        let message = any
            .downcast_ref::<&'static str>()
            .map(|text| (*text).to_owned())
            .or_else(|| any.downcast_ref::<String>().cloned())
            .or_else(|| any.downcast_ref::<Cow<'static, str>>().map(|text| text.clone().into_owned()));
        match message {
            Some(message) => Self::new(ErrorKind::Internal, message),
            None => Self::new(ErrorKind::Internal, FAILED).cause(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    enum Mine {
        Missing,
    }

    impl IntoToolError for Mine {
        fn into_tool_error(self) -> ToolError {
            match self {
                Self::Missing => ToolError::not_found("it is not there"),
            }
        }
    }

    struct Theirs;

    impl From<Theirs> for ToolError {
        fn from(_: Theirs) -> Self {
            Self::conflict("it is theirs")
        }
    }

    fn kind<E: Into<ToolError>>(error: E) -> ErrorKind {
        error.into().kind()
    }

    fn boxed(error: impl Error + Send + Sync + 'static) -> [ToolError; 2] {
        let text = error.to_string();
        let shared: Box<dyn Error + Send + Sync> = error.into();
        let shared = ToolError::from(shared);
        assert!(!shared.message().contains(&text), "the cause is for the log");
        [shared, ToolError::from(Box::<dyn Error>::from(std::io::Error::from(std::io::ErrorKind::TimedOut)))]
    }

    #[test]
    fn an_error_type_of_ones_own_says_its_kind_in_either_way() {
        assert_eq!((kind(Mine::Missing), kind(Theirs)), (ErrorKind::NotFound, ErrorKind::Conflict));
    }

    #[test]
    fn what_is_in_a_box_decides_and_what_nobody_knows_is_a_fault_of_the_server() {
        let [refused, late] = boxed(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
        assert_eq!((refused.kind(), late.kind()), (ErrorKind::UpstreamUnavailable, ErrorKind::Timeout));
        let [unknown, _] = boxed("seven".parse::<i32>().unwrap_err());
        assert_eq!(unknown.kind(), ErrorKind::Internal);
        assert!(unknown.log_text().contains("invalid digit"), "{}", unknown.log_text());
        let own: Box<dyn Error> = ToolError::rate_limited("wait").into();
        assert_eq!(kind(own), ErrorKind::RateLimited);
        let unknown: Box<dyn Error> = "x".parse::<f32>().unwrap_err().into();
        assert!(ToolError::from(unknown).log_text().contains("invalid float"));
    }

    #[test]
    fn a_text_is_the_message_and_an_error_is_the_cause() {
        for error in [
            ToolError::internal("broken"),
            ToolError::internal("broken".to_owned()),
            ToolError::internal(Cow::Borrowed("broken")),
        ] {
            assert_eq!((error.message(), error.kind()), ("broken", ErrorKind::Internal));
        }
        let error = "seven".parse::<i32>().map_err(ToolError::internal).unwrap_err();
        assert_eq!((error.message(), error.kind()), (FAILED, ErrorKind::Internal));
        assert!(error.log_text().contains("invalid digit"));
    }
}
