//! Resources: data under a URI, fixed or by template (server/resources).

use super::error::ToolError;
use super::location::Location;
use super::parameter::Parameter;
use super::runner::Runner;
use crate::protocol::ResourceContents;

/// What is declared of a resource.
#[derive(Clone, Copy, Debug)]
pub struct ResourceSpec {
    /// The URI, or a template of URIs (RFC 6570) whose variables are the function's parameters.
    pub uri: &'static str,
    /// The name.
    pub name: &'static str,
    /// A name for people.
    pub title: Option<&'static str>,
    /// What it holds.
    pub description: &'static str,
    /// The media type.
    pub mime: Option<&'static str>,
    /// The scopes that a caller needs, all of them.
    pub scopes: &'static [&'static str],
    /// Where it was declared.
    pub location: Location,
}

/// A resource or a template: its declaration, its variables and its function.
#[derive(Clone, Debug)]
pub struct Resource {
    pub(crate) spec: &'static ResourceSpec,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) runner: Runner<Result<Contents, ToolError>>,
}

impl Resource {
    /// Puts a resource together; the macro writes the call.
    pub fn new(
        spec: &'static ResourceSpec,
        parameters: Vec<Parameter>,
        runner: Runner<Result<Contents, ToolError>>,
    ) -> Self {
        Self { spec, parameters, runner }
    }
}

/// A function that is a resource: the macro implements it on a type of the function's name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no resource",
    label = "no function with `#[resource(\"…\")]`",
    note = "put `#[resource(\"…\")]` on the function; what it is otherwise goes into the list of its kind"
)]
pub trait ResourceFunction {
    /// The resource's URI or template.
    const NAME: &'static str;
    /// The resource.
    fn resource() -> Resource;
}

/// What was read from a resource.
///
/// ```
/// use mcp_server_core::tool::Contents;
///
/// let picture = Contents::bytes(vec![0x89, b'P', b'N', b'G']);
/// # let _ = picture;
/// ```
#[derive(Clone, Debug)]
pub struct Contents(pub(crate) Vec<Part>);

/// One entry: under the URI that was asked for, or under one of its own.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// Text under the URI that was asked for.
    Text(String),
    /// Bytes under the URI that was asked for.
    Bytes(Vec<u8>),
    /// An entry that is complete.
    Whole(ResourceContents),
}

impl Contents {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// Bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(vec![Part::Bytes(bytes.into())])
    }

    /// Adds an entry under a URI of its own.
    pub fn and(mut self, contents: ResourceContents) -> Self {
        self.0.push(Part::Whole(contents));
        self
    }
}

/// What a resource may return: text, bytes, [`Contents`], or a `Result` of these. What is not there is
/// [`ToolError::not_found`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the contents of a resource",
    note = "return `String`, `Vec<u8>`, `Contents`, or a `Result` of these; what is missing is `Err(ToolError::not_found(\"…\"))`"
)]
pub trait IntoContents {
    /// The contents.
    ///
    /// # Errors
    /// What the function returned as its error.
    fn into_contents(self) -> Result<Contents, ToolError>;
}

impl IntoContents for Contents {
    fn into_contents(self) -> Result<Contents, ToolError> {
        Ok(self)
    }
}

impl IntoContents for String {
    fn into_contents(self) -> Result<Contents, ToolError> {
        Ok(Contents::text(self))
    }
}

impl IntoContents for &'static str {
    fn into_contents(self) -> Result<Contents, ToolError> {
        Ok(Contents::text(self))
    }
}

impl IntoContents for Vec<u8> {
    fn into_contents(self) -> Result<Contents, ToolError> {
        Ok(Contents::bytes(self))
    }
}

impl IntoContents for serde_json::Value {
    fn into_contents(self) -> Result<Contents, ToolError> {
        Ok(Contents::text(self.to_string()))
    }
}

impl<T: IntoContents, E: Into<ToolError>> IntoContents for Result<T, E> {
    fn into_contents(self) -> Result<Contents, ToolError> {
        self.map_err(Into::into)?.into_contents()
    }
}
