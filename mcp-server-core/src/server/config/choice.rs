//! Settings that are one word of a few.

/// What a server speaks over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// Streamable HTTP.
    #[default]
    Http,
    /// The standard streams of a process that a host started.
    Stdio,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Where legacy sessions are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionMode {
    /// In the store: streams can be taken up again, calls may ask their client, and DELETE ends a session.
    #[default]
    Stored,
    /// Sealed into the id that the client sends: nothing is kept, and whatever needs that is refused.
    Sealed,
}

/// How the tokens of arguments and results are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenCount {
    /// From their bytes: four of them a token.
    #[default]
    Estimate,
    /// By a tokenizer, beside the calls.
    Exact,
    /// Not at all.
    Off,
}

/// A setting that is one word of a few.
pub(super) trait Choice {
    /// The words.
    fn words(&self) -> &'static [&'static str];
    /// The word it is now.
    fn word(&self) -> &'static str;
    /// Makes it another; false if there is no such word.
    fn choose(&mut self, word: &str) -> bool;
}

impl Choice for Transport {
    fn words(&self) -> &'static [&'static str] {
        &["http", "stdio"]
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Stdio => "stdio",
        }
    }

    fn choose(&mut self, word: &str) -> bool {
        *self = match word {
            "http" => Self::Http,
            "stdio" => Self::Stdio,
            _ => return false,
        };
        true
    }
}

impl Choice for SessionMode {
    fn words(&self) -> &'static [&'static str] {
        &["stored", "sealed"]
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Sealed => "sealed",
        }
    }

    fn choose(&mut self, word: &str) -> bool {
        *self = match word {
            "stored" => Self::Stored,
            "sealed" => Self::Sealed,
            _ => return false,
        };
        true
    }
}

impl Choice for LogFormat {
    fn words(&self) -> &'static [&'static str] {
        &["auto", "pretty", "json"]
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Pretty => "pretty",
            Self::Json => "json",
        }
    }

    fn choose(&mut self, word: &str) -> bool {
        *self = match word {
            "auto" => Self::Auto,
            "pretty" => Self::Pretty,
            "json" => Self::Json,
            _ => return false,
        };
        true
    }
}

impl Choice for TokenCount {
    fn words(&self) -> &'static [&'static str] {
        &["estimate", "exact", "off"]
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Estimate => "estimate",
            Self::Exact => "exact",
            Self::Off => "off",
        }
    }

    fn choose(&mut self, word: &str) -> bool {
        *self = match word {
            "estimate" => Self::Estimate,
            "exact" => Self::Exact,
            "off" => Self::Off,
            _ => return false,
        };
        true
    }
}
