//! Sealing: what a client keeps for the server, and names that nobody can guess.
//!
//! A modern request carries its own state: `requestState`, cursors and handles travel through the client and come
//! back. A [`Sealer`] encrypts and authenticates them, so that a client can neither read nor change one, nor use it
//! as somebody else, for another method, with other arguments, or after its time.
//!
//! A server's keys come from its configuration (`seal.keys`). With none there, the replicas that share a store agree on
//! keys through it and replace them by age (`seal.rotate`): a new key only opens at first, and seals once every replica
//! must have read it; an old one opens for longer than anything sealed lives. Whoever can read the store can read those
//! keys; with configured ones the store holds none. A server with a store in memory has one key, for its process.
//!
//! Replicas that do not open what each other seal are not ready (`/readyz` says `keys`), and their logs name the keys.
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
