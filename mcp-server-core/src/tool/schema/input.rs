//! The input schema of a function, from its parameters.

use serde_json::{Map, Value, json};

use super::close::close;
use super::constrain::constrain;
use super::gather::gather;
use super::nullable::without_null;
use super::portable::settle;
use super::side::Side;
use crate::tool::parameter::{ParamSpec, Parameter};

/// The input schema of a function as it is enforced: an object that takes its parameters and nothing else.
///
/// # Errors
/// What contradicts itself in the declaration, naming the parameter.
pub(crate) fn input_schema(parameters: &[Parameter]) -> Result<Value, String> {
    let mut arguments = Vec::new();
    let mut whole = Vec::new();
    for parameter in parameters {
        match parameter {
            Parameter::Injected { .. } => {}
            Parameter::Whole { schema, .. } => whole.push(schema),
            Parameter::Argument { spec, schema, optional, .. } => arguments.push((*spec, schema, *optional)),
        }
    }
    let mut schema = match whole.as_slice() {
        [] => of_arguments(&arguments)?,
        [schema] if arguments.is_empty() => of_whole(schema)?,
        _ => return Err("`Args<…>` takes all arguments: it must be the only parameter that is not injected".to_owned()),
    };
    gather(&mut schema);
    close(&mut schema);
    Ok(schema)
}

fn of_arguments(arguments: &[(&ParamSpec, &Value, bool)]) -> Result<Value, String> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (spec, schema, optional) in arguments {
        let property =
            property(spec, schema, *optional).map_err(|fault| format!("the parameter `{}`: {fault}", spec.name))?;
        if properties.insert(spec.name.to_owned(), property).is_some() {
            return Err(format!("two parameters are called `{}`", spec.name));
        }
        if !optional && spec.default.is_none() {
            required.push(spec.name);
        }
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if let Some(members) = schema.as_object_mut() {
        if !required.is_empty() {
            members.insert("required".to_owned(), json!(required));
        }
        members.insert("additionalProperties".to_owned(), false.into());
    }
    Ok(schema)
}

fn of_whole(schema: &Value) -> Result<Value, String> {
    let mut schema = schema.clone();
    settle(&mut schema, Side::Input);
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    let resolved = target.and_then(|target| schema.pointer(target)).unwrap_or(&schema);
    let alternatives = resolved.get("anyOf").or_else(|| resolved.get("allOf")).is_some();
    let type_ = resolved.get("type").and_then(Value::as_str).map(str::to_owned);
    let Some(members) = schema.as_object_mut() else { return Err("`Args<…>` needs a struct".to_owned()) };
    match type_.as_deref() {
        // An enum of objects: each alternative says `object`, and the root has to say it too.
        Some("object") => {}
        None if alternatives => {}
        _ => return Err("`Args<…>` needs a struct with named fields: arguments are an object".to_owned()),
    }
    let mut root = Map::new();
    root.insert("type".to_owned(), "object".into());
    members.shift_remove("type");
    root.append(members);
    Ok(Value::Object(root))
}

fn property(spec: &ParamSpec, schema: &Value, optional: bool) -> Result<Value, String> {
    let mut property = schema.clone();
    if let Some(members) = property.as_object_mut().filter(|_| !spec.description.is_empty()) {
        members.insert("description".to_owned(), spec.description.into());
    }
    settle(&mut property, Side::Input);
    if optional {
        without_null(&mut property);
    }
    let Some(members) = property.as_object_mut() else { return Err("its type has no schema of its own".to_owned()) };
    constrain(members, spec)?;
    Ok(property)
}

#[cfg(test)]
mod tests;
