//! Pictures, sounds, and content put together by hand.

use super::IntoOutcome;
use crate::protocol::{Block, ResourceContents};
use crate::tool::error::ToolError;
use crate::tool::outcome::{Outcome, Reply};

/// A picture, checked to be what it says it is.
#[derive(Clone, Debug)]
pub struct Image {
    bytes: Vec<u8>,
    mime_type: &'static str,
}

/// A sound, checked to be what it says it is.
#[derive(Clone, Debug)]
pub struct Audio {
    bytes: Vec<u8>,
    mime_type: &'static str,
}

impl Image {
    /// A PNG picture.
    pub fn png(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), mime_type: "image/png" }
    }

    /// A JPEG picture.
    pub fn jpeg(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), mime_type: "image/jpeg" }
    }

    /// A GIF picture.
    pub fn gif(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), mime_type: "image/gif" }
    }

    /// A WebP picture.
    pub fn webp(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), mime_type: "image/webp" }
    }
}

impl Audio {
    /// A WAV sound.
    pub fn wav(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), mime_type: "audio/wav" }
    }

    /// An MP3 sound.
    pub fn mp3(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), mime_type: "audio/mpeg" }
    }

    /// An Ogg sound.
    pub fn ogg(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), mime_type: "audio/ogg" }
    }
}

/// Whether the first bytes are those of the media type.
fn is_what_it_says(bytes: &[u8], mime_type: &str) -> bool {
    match mime_type {
        "image/png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "image/jpeg" => bytes.starts_with(b"\xff\xd8\xff"),
        "image/gif" => bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a"),
        "image/webp" => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
        "audio/wav" => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE"),
        "audio/mpeg" => bytes.starts_with(b"ID3") || matches!(bytes, [0xff, second, ..] if second & 0xe0 == 0xe0),
        "audio/ogg" => bytes.starts_with(b"OggS"),
        _ => false,
    }
}

fn refuse(mime_type: &str) -> Outcome {
    Outcome::Failed(ToolError::invalid_output(format!("the tool's bytes are not {mime_type}")))
}

impl IntoOutcome for Image {
    fn into_outcome(self) -> Outcome {
        if !is_what_it_says(&self.bytes, self.mime_type) {
            return refuse(self.mime_type);
        }
        Outcome::Complete(Reply { content: vec![Block::image(&self.bytes, self.mime_type)], ..Reply::default() })
    }
}

impl IntoOutcome for Audio {
    fn into_outcome(self) -> Outcome {
        if !is_what_it_says(&self.bytes, self.mime_type) {
            return refuse(self.mime_type);
        }
        Outcome::Complete(Reply { content: vec![Block::audio(&self.bytes, self.mime_type)], ..Reply::default() })
    }
}

/// Blocks of several kinds, in order.
///
/// ```
/// use mcp_server_core::tool::Content;
///
/// let content = Content::new().text("The chart of May:").link("chart://may", "chart of May");
/// # let _ = content;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Content {
    blocks: Vec<Block>,
}

impl Content {
    /// Starts without a block; a content that stays so fails the call.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.block(Block::text(text))
    }

    /// Adds a resource, whole.
    pub fn resource(self, resource: ResourceContents) -> Self {
        self.block(Block::Resource { resource })
    }

    /// Adds a pointer to a resource that the client may read.
    pub fn link(self, uri: impl Into<String>, name: impl Into<String>) -> Self {
        self.block(Block::ResourceLink { uri: uri.into(), name: name.into(), description: None, mime_type: None })
    }

    /// Adds a picture.
    pub fn image(self, image: &Image) -> Self {
        self.block(Block::image(&image.bytes, image.mime_type))
    }

    /// Adds a sound.
    pub fn audio(self, audio: &Audio) -> Self {
        self.block(Block::audio(&audio.bytes, audio.mime_type))
    }

    /// Adds any block.
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

impl IntoOutcome for Content {
    fn into_outcome(self) -> Outcome {
        Outcome::Complete(Reply { content: self.blocks, ..Reply::default() })
    }
}
