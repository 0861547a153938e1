//! Redaction: what must not leave the process is taken out of what leaves it.
//!
//! Three things are looked for: what looks like a credential or like personal data, wherever it stands; the secrets of
//! the configuration, by their very text; and the values that the client of the running call sent.

mod disclosure;
mod hint;
mod line;
mod marks;
mod needles;
mod pattern;
mod proof;
mod redactor;
mod spans;
mod told;
mod values;

pub(crate) use disclosure::Disclosure;
pub(crate) use marks::Marks;
pub(crate) use redactor::Redactor;
pub(crate) use told::told;
pub(crate) use values::Values;
