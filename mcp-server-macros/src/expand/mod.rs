//! From the model to code: definitions, and stand-ins where there were faults.

mod block;
mod declaration;
mod definition;
mod framework;
mod function;
mod list;
mod parameter;
mod stand_in;

pub(crate) use block::block;
pub(crate) use function::function;
pub(crate) use list::list;
