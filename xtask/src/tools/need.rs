//! A need: something of this machine which is there, or is missing with the command that would bring it.

/// The answer to the question whether a part can run here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Need<T> {
    /// It is here.
    Met(T),
    /// It is not; the text says what is missing and how to install it.
    Missing(String),
}

/// Unwraps a [`Need`], or ends the step as one that could not run.
macro_rules! need {
    ($need:expr) => {
        match $need {
            $crate::tools::Need::Met(value) => value,
            $crate::tools::Need::Missing(what) => return Ok($crate::step::Outcome::Missing(what)),
        }
    };
}

pub(crate) use need;
