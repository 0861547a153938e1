//! The input schema of a function, from its parameters.

use serde_json::{Map, Value, json};

use super::close::close;
use super::constrain::constrain;
use super::gather::gather;
use crate::tool::parameter::{ParamSpec, Parameter};

/// The input schema of a function: an object that takes its parameters and nothing else.
///
/// An optional parameter is published without `null`: a client leaves it out. One that sends `null` all the same is
/// understood, since `null` for what may be left out is dropped before the schema is asked.
///
/// # Errors
/// What contradicts itself in the declaration, naming the parameter.
pub(crate) fn input_schema(parameters: &[Parameter]) -> Result<Value, String> {
    let mut arguments = Vec::new();
    let mut whole = Vec::new();
    for parameter in parameters {
        match parameter {
            Parameter::Injected { .. } => {}
            Parameter::Whole { schema } => whole.push(schema),
            Parameter::Argument { spec, schema, optional } => arguments.push((*spec, schema, *optional)),
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
    // What takes nothing is written as the specification shows it (server/tools, Tool).
    let mut schema = json!({ "type": "object" });
    if let Some(members) = schema.as_object_mut() {
        if !properties.is_empty() {
            members.insert("properties".to_owned(), Value::Object(properties));
        }
        if !required.is_empty() {
            members.insert("required".to_owned(), json!(required));
        }
        members.insert("additionalProperties".to_owned(), false.into());
    }
    Ok(schema)
}

fn of_whole(schema: &Value) -> Result<Value, String> {
    let mut schema = schema.clone();
    let Some(members) = schema.as_object_mut() else { return Err("`Args<…>` needs a struct".to_owned()) };
    match members.get("type").and_then(Value::as_str) {
        Some("object") => {}
        // An enum of objects: each alternative says `object`, and the root has to say it too.
        None if members.contains_key("oneOf") || members.contains_key("anyOf") => {
            members.insert("type".to_owned(), "object".into());
        }
        _ => return Err("`Args<…>` needs a struct with named fields: arguments are an object".to_owned()),
    }
    Ok(schema)
}

fn property(spec: &ParamSpec, schema: &Value, optional: bool) -> Result<Value, String> {
    let mut property = schema.clone();
    if optional {
        without_null(&mut property);
    }
    let Some(members) = property.as_object_mut() else { return Err("its type has no schema of its own".to_owned()) };
    if !spec.description.is_empty() {
        members.insert("description".to_owned(), spec.description.into());
    }
    constrain(members, spec)?;
    Ok(property)
}

/// Takes `null` out of what a schema allows.
fn without_null(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            members.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(options)) = members.get_mut("enum") {
        options.retain(|option| !option.is_null());
    }
    if members.get("default").is_some_and(Value::is_null) {
        members.remove("default");
    }
    let Some(Value::Array(branches)) = members.get_mut("anyOf") else { return };
    branches.retain(|branch| branch.get("type").and_then(Value::as_str) != Some("null"));
    if let [Value::Object(only)] = branches.as_slice() {
        let only = only.clone();
        members.remove("anyOf");
        for (keyword, value) in only {
            members.entry(keyword).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests;
