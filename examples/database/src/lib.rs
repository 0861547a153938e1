//! A server that lets an agent read any SQLite file or PostgreSQL database, and nothing but read.
//!
//! [`tools`], [`resources`] and [`prompts`] are what a client sees; [`database`] is what they ask.

pub mod address;
pub mod answer;
mod bounds;
pub mod catalogue;
pub mod cell;
mod csv;
pub mod cursor;
pub mod database;
pub mod empty;
pub mod exact;
pub mod fault;
pub mod nearest;
pub mod opening;
pub mod overview;
pub mod page;
mod phrasebook;
pub mod postgres;
pub mod prompts;
pub mod resources;
pub mod sample;
pub mod settings;
pub mod sql_text;
pub mod sqlite;
pub mod tools;
pub mod welcome;
pub mod worker;
