//! Content blocks: what a result shows to a model or a person (server/tools, Tool Result).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::blank::visible;
use super::revision::Revision;

/// One block of content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Block {
    /// Plain text.
    Text {
        /// The text.
        text: String,
        /// For whom it is and how much it matters.
        #[serde(skip_serializing_if = "Option::is_none")]
        annotations: Option<Annotations>,
    },
    /// A picture.
    Image {
        /// The bytes, in base64.
        data: String,
        /// Its media type, such as `image/png`.
        #[serde(rename = "mimeType")]
        mime_type: String,
    },
    /// A sound.
    Audio {
        /// The bytes, in base64.
        data: String,
        /// Its media type, such as `audio/wav`.
        #[serde(rename = "mimeType")]
        mime_type: String,
    },
    /// A resource, whole.
    Resource {
        /// Its contents.
        resource: ResourceContents,
    },
    /// A pointer to a resource that the client may read.
    ResourceLink {
        /// The resource's URI.
        uri: String,
        /// Its name.
        name: String,
        /// What it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// Its media type.
        #[serde(rename = "mimeType", skip_serializing_if = "Option::is_none")]
        mime_type: Option<String>,
    },
}

/// For whom a block is and how much it matters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Annotations {
    /// `user`, `assistant` or both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Role>,
    /// From 0 (least) to 1 (most).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
}

/// Who speaks, or is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// The contents of a resource: text or bytes under a URI.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceContents {
    /// The URI that was read.
    pub uri: String,
    /// Its media type.
    #[serde(rename = "mimeType", skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The text, or the bytes in base64.
    #[serde(flatten)]
    pub body: ResourceBody,
}

/// What a resource holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceBody {
    /// Text.
    Text(String),
    /// Bytes, in base64.
    Blob(String),
}

impl Block {
    /// A block of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), annotations: None }
    }

    /// A picture from its bytes.
    pub fn image(bytes: &[u8], mime_type: impl Into<String>) -> Self {
        Self::Image { data: BASE64.encode(bytes), mime_type: mime_type.into() }
    }

    /// A sound from its bytes.
    pub fn audio(bytes: &[u8], mime_type: impl Into<String>) -> Self {
        Self::Audio { data: BASE64.encode(bytes), mime_type: mime_type.into() }
    }

    /// Returns whether the block shows nothing: text of white space and invisible characters alone.
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Text { text, .. } if visible(text).is_empty())
    }

    /// The block as a revision can carry it: what the revision lacks becomes text that says so.
    pub fn fit(self, revision: Revision) -> Self {
        match self {
            Self::Audio { mime_type, .. } if !revision.has_annotations() => {
                Self::text(format!("[{mime_type}: this protocol revision cannot carry audio]"))
            }
            Self::ResourceLink { uri, name, .. } if !revision.has_structured() => Self::text(format!("{name}: {uri}")),
            Self::Text { text, annotations: Some(_) } if !revision.has_annotations() => Self::text(text),
            other => other,
        }
    }

    /// Whether [`fit`](Self::fit) would change the block.
    pub(crate) fn fits(&self, revision: Revision) -> bool {
        match self {
            Self::Audio { .. } | Self::Text { annotations: Some(_), .. } => revision.has_annotations(),
            Self::ResourceLink { .. } => revision.has_structured(),
            _ => true,
        }
    }
}

impl ResourceContents {
    /// Text under a URI.
    pub fn text(uri: impl Into<String>, mime_type: impl Into<String>, text: impl Into<String>) -> Self {
        Self { uri: uri.into(), mime_type: Some(mime_type.into()), body: ResourceBody::Text(text.into()) }
    }

    /// Bytes under a URI.
    pub fn blob(uri: impl Into<String>, mime_type: impl Into<String>, bytes: &[u8]) -> Self {
        Self { uri: uri.into(), mime_type: Some(mime_type.into()), body: ResourceBody::Blob(BASE64.encode(bytes)) }
    }
}
