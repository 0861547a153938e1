//! Who calls: credentials become a [`Principal`](crate::Principal), or a challenge.

mod bearer;
mod keys;
mod verifier;

pub use keys::{Key, StaticKeys};
pub use verifier::{Denied, Verdict, Verifier};

pub(crate) use bearer::token;
