//! Requests of the documented shape, made from the OpenAPI document: for tests that walk every route to see who is
//! refused, and must not be refused for what they send.
use serde_json::{Value, json};

/// Deepest nesting of the documents' schemas that is followed.
const DEPTH_MAX: u32 = 12;

/// The least body that an operation's schema takes; none when it takes no JSON.
pub fn least_body(document: &Value, operation: &Value) -> Option<Value> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    Some(least(document, schema, 0))
}

/// The query that an operation insists on, with its question mark; empty when it insists on none.
pub fn least_query(document: &Value, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let required = parameters.filter(|one| one["in"] == "query" && one["required"] == true);
    let pairs: Vec<String> = required
        .map(|one| {
            let value = least(document, &one["schema"], 0);
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{}={value}", one["name"].as_str().unwrap())
        })
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// An address of the documented shape, its parts invented.
pub fn filled(path: &str) -> String {
    let part = |name: &str| match name {
        "issuer" => "default",
        "currency" => "USD",
        "valid_on" => "2026-11-18",
        "month" => "2026-10",
        "line" => "1",
        "external_id" => "e-1",
        _ => "0199a000-0000-7000-8000-000000000000",
    };
    let parts = path.split('/').map(|piece| match piece.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => part(name),
        None => piece,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn least(document: &Value, schema: &Value, depth: u32) -> Value {
    assert!(depth < DEPTH_MAX, "a schema of schemas without end: {schema}");
    let deeper = |schema: &Value| least(document, schema, depth + 1);
    if let Some(place) = schema["$ref"].as_str() {
        return deeper(document.pointer(place.trim_start_matches('#')).unwrap());
    }
    if let Some(first) = schema["enum"].get(0).or(schema.get("const")) {
        return first.clone();
    }
    for several in ["oneOf", "anyOf"] {
        let ways = schema[several].as_array().into_iter().flatten();
        if let Some(way) = ways.into_iter().find(|way| way["type"] != "null") {
            return deeper(way);
        }
    }
    if let Some(all) = schema["allOf"].as_array() {
        let parts = all.iter().map(deeper).filter_map(|part| part.as_object().cloned());
        return parts.fold(json!({}), |mut whole, part| {
            whole.as_object_mut().unwrap().extend(part);
            whole
        });
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].as_array()?.iter().filter_map(Value::as_str).next());
    match kind {
        Some("object") => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            required.map(|name| (name.to_owned(), deeper(&schema["properties"][name]))).collect()
        }
        Some("array") if schema["prefixItems"].is_array() => {
            schema["prefixItems"].as_array().unwrap().iter().map(deeper).collect()
        }
        Some("array") => json!([]),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(false),
        _ if schema["format"] == "uuid" => json!("0199a000-0000-7000-8000-000000000000"),
        _ => json!("x"),
    }
}
