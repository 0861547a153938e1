//! A serializer in front of another one that refuses NaN and infinities by name, where JSON would write `null`.

use std::cell::RefCell;
use std::fmt::Write as _;

use serde::Serialize;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Value;

use super::error::ToolError;

/// Serializes a result; a number that JSON cannot hold, or a value that does not serialize, is `invalid_output`.
pub(crate) fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, ToolError> {
    let quick = Path::unkept();
    value.serialize(Finite { inner: serde_json::value::Serializer, path: &quick }).or_else(|_| {
        // Only a value that cannot be written is walked again, with an eye on where.
        let path = Path::kept();
        let written = value.serialize(Finite { inner: serde_json::value::Serializer, path: &path });
        written.map_err(|error| refusal(&path.pointer(), &error))
    })
}

fn refusal(pointer: &str, error: &serde_json::Error) -> ToolError {
    let place = if pointer.is_empty() { String::new() } else { format!(" at `{pointer}`") };
    ToolError::invalid_output(format!("the tool's result cannot be written{place}: {error}")).pointer(pointer)
}

/// Where in the value the serializer stands; left as it is when an error goes up.
struct Path(Option<RefCell<Vec<Step>>>);

enum Step {
    Member(&'static str),
    Key(String),
    Index(usize),
}

impl Path {
    /// Keeps no steps: what goes well costs nothing.
    const fn unkept() -> Self {
        Self(None)
    }

    const fn kept() -> Self {
        Self(Some(RefCell::new(Vec::new())))
    }

    fn pointer(&self) -> String {
        let Some(steps) = &self.0 else { return String::new() };
        steps.borrow().iter().fold(String::new(), |mut text, step| {
            text.push('/');
            match step {
                Step::Member(name) => text.push_str(name),
                Step::Key(name) => text.push_str(&name.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => write!(text, "{index}").unwrap_or_default(),
            }
            text
        })
    }

    fn at<T, E>(&self, step: impl FnOnce() -> Step, run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let Some(steps) = &self.0 else { return run() };
        steps.borrow_mut().push(step());
        let done = run()?;
        steps.borrow_mut().pop();
        Ok(done)
    }
}

struct Finite<'p, S> {
    inner: S,
    path: &'p Path,
}

/// A part of the value on its way through the same check.
struct Part<'p, 'v, T: ?Sized> {
    value: &'v T,
    path: &'p Path,
}

impl<T: Serialize + ?Sized> Serialize for Part<'_, '_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Finite { inner: serializer, path: self.path })
    }
}

struct Compound<'p, C> {
    inner: C,
    path: &'p Path,
    index: usize,
    key: Option<String>,
}

impl<'p, S: Serializer> Finite<'p, S> {
    fn compound<C>(path: &'p Path, inner: C) -> Compound<'p, C> {
        Compound { inner, path, index: 0, key: None }
    }
}

macro_rules! pass_on {
    ($($method:ident($type:ty)),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        }
    )*};
}

impl<'p, S: Serializer> Serializer for Finite<'p, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Compound<'p, S::SerializeSeq>;
    type SerializeTuple = Compound<'p, S::SerializeTuple>;
    type SerializeTupleStruct = Compound<'p, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Compound<'p, S::SerializeTupleVariant>;
    type SerializeMap = Compound<'p, S::SerializeMap>;
    type SerializeStruct = Compound<'p, S::SerializeStruct>;
    type SerializeStructVariant = Compound<'p, S::SerializeStructVariant>;

    pass_on! {
        serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_i128(i128), serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64),
        serialize_u128(u128), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]),
        serialize_unit_struct(&'static str),
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if value.is_finite() { self.inner.serialize_f32(value) } else { Err(S::Error::custom("not a finite number")) }
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        if value.is_finite() { self.inner.serialize_f64(value) } else { Err(S::Error::custom("not a finite number")) }
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_none()
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_some(&Part { value, path: self.path })
    }

    fn serialize_unit_variant(self, name: &'static str, index: u32, variant: &'static str) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_struct(name, &Part { value, path: self.path })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let Self { inner, path } = self;
        path.at(
            || Step::Member(variant),
            || inner.serialize_newtype_variant(name, index, variant, &Part { value, path }),
        )
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        Ok(Self::compound(self.path, self.inner.serialize_seq(len)?))
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        Ok(Self::compound(self.path, self.inner.serialize_tuple(len)?))
    }

    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        Ok(Self::compound(self.path, self.inner.serialize_tuple_struct(name, len)?))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        Ok(Self::compound(self.path, self.inner.serialize_tuple_variant(name, index, variant, len)?))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        Ok(Self::compound(self.path, self.inner.serialize_map(len)?))
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeStruct, S::Error> {
        Ok(Self::compound(self.path, self.inner.serialize_struct(name, len)?))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        Ok(Self::compound(self.path, self.inner.serialize_struct_variant(name, index, variant, len)?))
    }
}

macro_rules! listed {
    ($($trait:ident :: $method:ident),* $(,)?) => {$(
        impl<C: $trait> $trait for Compound<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                let Self { inner, path, index, .. } = self;
                let at = *index;
                *index += 1;
                path.at(|| Step::Index(at), || inner.$method(&Part { value, path }))
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        }
    )*};
}

macro_rules! named {
    ($($trait:ident),* $(,)?) => {$(
        impl<C: $trait> $trait for Compound<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), C::Error> {
                let Self { inner, path, .. } = self;
                path.at(|| Step::Member(key), || inner.serialize_field(key, &Part { value, path }))
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        }
    )*};
}

listed! {
    SerializeSeq::serialize_element, SerializeTuple::serialize_element, SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}
named! { SerializeStruct, SerializeStructVariant }

impl<C: SerializeMap> SerializeMap for Compound<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        if self.path.0.is_some() {
            let key = serde_json::to_value(key).ok();
            self.key = key.map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned));
        }
        self.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        let Self { inner, path, key, .. } = self;
        path.at(|| Step::Key(key.take().unwrap_or_default()), || inner.serialize_value(&Part { value, path }))
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.inner.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Reading {
        name: String,
        values: Vec<Option<f64>>,
        more: BTreeMap<String, f32>,
    }

    #[test]
    fn a_finite_value_is_written_as_it_is() {
        let reading =
            Reading { name: "a".into(), values: vec![Some(1.5), None], more: BTreeMap::from([("x".into(), 2.0)]) };
        assert_eq!(to_value(&reading).unwrap(), json!({"name": "a", "values": [1.5, null], "more": {"x": 2.0}}));
    }

    /// BP7: NaN never leaves as `null`, not even from an optional field, and the error names the place.
    #[test]
    fn nan_is_refused_by_name() {
        let reading = Reading { name: String::new(), values: vec![Some(1.0), Some(f64::NAN)], more: BTreeMap::new() };
        let error = to_value(&reading).unwrap_err();
        assert!(error.message().contains("`/values/1`"), "{error}");
        let reading =
            Reading { name: String::new(), values: vec![], more: BTreeMap::from([("a/b".into(), f32::INFINITY)]) };
        assert!(to_value(&reading).unwrap_err().message().contains("`/more/a~1b`"));
    }
}
