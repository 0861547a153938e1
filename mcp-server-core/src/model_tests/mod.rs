//! Model tests: random operations of several replicas against a simple model, under a paused clock.
//!
//! One seed is one run: it decides every operation, every pause, death, delay and fault. A run needs no waiting, for the
//! clock jumps to the next timer whenever nothing can be done, so behaviour after 10 s or 30 min is as cheap as any other.
//!
//! - [`run`]: runs seeds, prints those that broke a rule and how to run them again.
//! - [`world`]: the replicas of one run and what they share; they are paused, killed and started anew.
//! - [`faulty`]: the store as one replica sees it: late, failing, losing messages, doing what was given up.
//! - one file for each domain: its operations, its model and its rules.
//!
//! `cargo xtask model --seeds 10000` runs many; `cargo test` runs a few.

mod claims;
mod faulty;
mod locks;
mod random;
mod run;
mod servers;
mod sessions;
mod streams;
mod tasks;
mod world;

pub(crate) use random::Rng;
pub(crate) use world::World;

/// What a run found broken.
pub(crate) type Broken = String;

/// Returns a [`Broken`] with this text unless the condition holds.
macro_rules! rule {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err(format!($($text)+));
        }
    };
}
pub(crate) use rule;
