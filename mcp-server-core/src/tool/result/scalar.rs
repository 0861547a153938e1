//! Text, numbers and truth values as results.

use std::borrow::Cow;

use super::IntoOutcome;
use crate::tool::error::ToolError;
use crate::tool::outcome::{Outcome, Reply};

macro_rules! as_text {
    ($($type:ty),*) => {$(
        impl IntoOutcome for $type {
            fn into_outcome(self) -> Outcome {
                Outcome::Complete(Reply::text(self))
            }
        }
    )*};
}

macro_rules! as_digits {
    ($($type:ty),*) => {$(
        impl IntoOutcome for $type {
            fn into_outcome(self) -> Outcome {
                Outcome::Complete(Reply::text(self.to_string()))
            }
        }
    )*};
}

as_text!(String, &'static str, Cow<'static, str>);
as_digits!(bool, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

impl IntoOutcome for f64 {
    fn into_outcome(self) -> Outcome {
        if self.is_finite() {
            return Outcome::Complete(Reply::text(self.to_string()));
        }
        Outcome::Failed(ToolError::invalid_output("the result is not a finite number"))
    }
}

impl IntoOutcome for f32 {
    fn into_outcome(self) -> Outcome {
        f64::from(self).into_outcome()
    }
}
