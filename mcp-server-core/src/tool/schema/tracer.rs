//! A deserializer that notes what a decoder asks for: the members of its structs, and the types behind them.

use std::any::type_name;
use std::cell::RefCell;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer as _, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value};

/// What a decoder asked for.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Where a struct stands, and the names that its decoder knows, other spellings included.
    pub(super) structs: Vec<(String, Vec<&'static str>)>,
    /// Where an enum stands, and the names that its decoder knows.
    pub(super) enums: Vec<(String, Vec<&'static str>)>,
    /// Where a member stands, and the type that it is decoded as.
    pub(super) members: Vec<(String, &'static str)>,
}

/// Decodes a value and notes what is asked for on the way.
pub(super) struct Tracer<'a> {
    value: &'a Value,
    pointer: String,
    log: &'a RefCell<Log>,
}

impl<'a> Tracer<'a> {
    pub(super) fn new(value: &'a Value, log: &'a RefCell<Log>) -> Self {
        Self { value, pointer: String::new(), log }
    }

    fn below(&self, step: &str, value: &'a Value) -> Self {
        let step = step.replace('~', "~0").replace('/', "~1");
        Self { value, pointer: format!("{}/{step}", self.pointer), log: self.log }
    }
}

impl<'de> Deserializer<'de> for Tracer<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (.., Some(value)) => visitor.visit_f64(value),
                _ => Err(Error::custom("no number")),
            },
            Value::String(text) => visitor.visit_str(text),
            Value::Array(items) => visitor.visit_seq(Items { at: self, items: items.iter().enumerate() }),
            Value::Object(members) => visitor.visit_map(Members::new(self, members)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.log.borrow_mut().structs.push((self.pointer.clone(), fields.to_vec()));
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.log.borrow_mut().enums.push((self.pointer.clone(), variants.to_vec()));
        let (name, inside) = match self.value {
            Value::String(name) => (name, None),
            Value::Object(members) if members.len() == 1 => match members.iter().next() {
                Some((name, inside)) => (name, Some(self.below(name, inside))),
                None => return Err(Error::custom("no variant")),
            },
            _ => return Err(Error::custom("no variant")),
        };
        visitor.visit_enum(Variant { name, inside })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct Items<'a> {
    at: Tracer<'a>,
    items: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((index, item)) = self.items.next() else { return Ok(None) };
        seed.deserialize(self.at.below(&index.to_string(), item)).map(Some)
    }
}

struct Members<'a> {
    at: Tracer<'a>,
    left: serde_json::map::Iter<'a>,
    next: Option<(&'a str, &'a Value)>,
}

impl<'a> Members<'a> {
    fn new(at: Tracer<'a>, members: &'a Map<String, Value>) -> Self {
        Self { at, left: members.iter(), next: None }
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((name, value)) = self.left.next() else { return Ok(None) };
        self.next = Some((name, value));
        seed.deserialize(Name(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((name, value)) = self.next.take() else { return Err(Error::custom("a value without its name")) };
        let below = self.at.below(name, value);
        self.at.log.borrow_mut().members.push((below.pointer.clone(), type_name::<V::Value>()));
        seed.deserialize(below)
    }
}

/// The name of a member: text, or a number or truth value spelled as text.
struct Name<'a>(&'a str);

macro_rules! spelled {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match (self.0.parse::<u64>(), self.0.parse::<i64>(), self.0.parse::<bool>()) {
                (Ok(value), ..) => visitor.visit_u64(value),
                (_, Ok(value), _) => visitor.visit_i64(value),
                (.., Ok(value)) => visitor.visit_bool(value),
                _ => visitor.visit_str(self.0),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Name<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let text: StrDeserializer<'_, Error> = self.0.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    spelled! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A variant of an enum that is tagged from outside.
struct Variant<'a> {
    name: &'a str,
    inside: Option<Tracer<'a>>,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Error;
    type Variant = Inside<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Inside<'a>), Error> {
        Ok((seed.deserialize(Name(self.name))?, Inside(self.inside)))
    }
}

struct Inside<'a>(Option<Tracer<'a>>);

impl<'a> Inside<'a> {
    fn tracer(self) -> Result<Tracer<'a>, Error> {
        self.0.ok_or_else(|| Error::custom("the variant has no data"))
    }
}

impl<'de> VariantAccess<'de> for Inside<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if self.0.is_none_or(|inside| inside.value.is_null()) {
            Ok(())
        } else {
            Err(Error::custom("the variant has data"))
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.tracer()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Error> {
        self.tracer()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.tracer()?.deserialize_struct("", fields, visitor)
    }
}
