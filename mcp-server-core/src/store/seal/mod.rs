//! Sealing: what a client keeps for the server, and names that nobody can guess.
//!
//! A modern request carries its own state: `requestState`, cursors and handles travel through the client and come
//! back. A [`Sealer`] encrypts and authenticates them, so that a client can neither read nor change one, nor use it
//! as somebody else, for another method, with other arguments, or after its time.
//!
//! [`random_id`], [`random_token`] and [`hash_id`] make the identifiers that clients hold, and the form in which the
//! server remembers them.

mod digest;
mod key;
pub(crate) mod random;
mod sealer;
#[cfg(test)]
mod tests;

pub use digest::{Digest, hash_id};
pub use key::{SealKey, SealKeyError};
pub use random::{random_id, random_token};
pub use sealer::{Binding, Sealer, Unsealed};
