//! The engines of the store against real servers: what the contract says of all, and what is true of one.

mod contract;
mod postgres;
mod processes;
mod redis;
mod subjects;
