//! Who speaks, by which revision: a modern request says it itself, a legacy one by its session. Both become a `Caller`.

pub(crate) mod modern;
