//! Redaction: what must not leave the process is taken out of what leaves it.
//!
//! Three things are looked for: what looks like a credential or like personal data, wherever it stands; the secrets of
//! the configuration, by their very text; and the values that the client of the running call sent. What drivers log is
//! written without literals besides.

mod disclosure;
mod drivers;
mod hint;
mod index;
mod line;
mod literals;
mod marks;
mod pattern;
mod proof;
mod redactor;
mod running;
mod spans;
mod terms;
mod told;
mod values;

pub(crate) use disclosure::Disclosure;
pub(crate) use drivers::{is_driver, is_measure};
pub(crate) use literals::without_literals;
pub(crate) use marks::Marks;
pub(crate) use redactor::Redactor;
pub(crate) use running::{running, watch};
pub(crate) use told::told;
pub(crate) use values::Values;
