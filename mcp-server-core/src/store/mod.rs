//! State that outlives a request: three primitives, the engines that provide them, and sealing for what clients keep.
pub mod seal;
