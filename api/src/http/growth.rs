//! What a versioned API lost between two of its documents. Its callers were compiled against the older one, so
//! anything said here would break one of them.
use std::collections::BTreeSet;

use serde_json::{Map, Value};

const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every promise of `old` that `new` does not keep, in words; empty when it only grew.
pub fn losses(old: &Value, new: &Value) -> Vec<String> {
    let mut lost = Vec::new();
    for (path, item) in object(old.get("paths")) {
        for verb in VERBS {
            let Some(before) = item.get(verb) else { continue };
            let name = format!("{} {path}", verb.to_uppercase());
            match new.pointer(&format!("/paths/{}/{verb}", escape(path))) {
                Some(after) => operation(&name, before, after, &mut lost),
                None => lost.push(format!("{name}: it is gone")),
            }
        }
    }
    let asked = asked_schemas(old);
    for (name, before) in object(old.pointer("/components/schemas")) {
        match new.pointer(&format!("/components/schemas/{}", escape(name))) {
            Some(after) => schema(name, before, after, asked.contains(name), &mut lost),
            None => lost.push(format!("{name}: the schema is gone")),
        }
    }
    lost
}

fn object(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn array(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn operation(name: &str, old: &Value, new: &Value, lost: &mut Vec<String>) {
    let parameters = |of: &Value| -> Vec<(String, String, bool, Option<Value>)> {
        array(of.get("parameters"))
            .map(|it| {
                let text = |key: &str| it.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                let required = it.get("required").and_then(Value::as_bool).unwrap_or(false);
                (text("in"), text("name"), required, it.pointer("/schema/type").cloned())
            })
            .collect()
    };
    let (before, after) = (parameters(old), parameters(new));
    for (place, parameter, required, kind) in &before {
        match after.iter().find(|it| (&it.0, &it.1) == (place, parameter)) {
            None => lost.push(format!("{name}: the {place} parameter {parameter} is gone")),
            Some(it) if it.2 && !required => lost.push(format!("{name}: {parameter} became required")),
            Some(it) if it.3 != *kind => lost.push(format!("{name}: {parameter} changed its type")),
            Some(_) => {}
        }
    }
    for (_, parameter, required, _) in &after {
        if *required && !before.iter().any(|it| it.1 == *parameter) {
            lost.push(format!("{name}: {parameter} is new and required"));
        }
    }
    if new.get("requestBody").is_some() && old.get("requestBody").is_none() {
        lost.push(format!("{name}: it wants a body now"));
    }
    contents(name, old.get("requestBody"), new.get("requestBody"), lost);
    for (status, answer) in object(old.get("responses")).filter(|(status, _)| status.starts_with('2')) {
        let place = format!("{name} {status}");
        match new.pointer(&format!("/responses/{status}")) {
            Some(after) => contents(&place, Some(answer), Some(after), lost),
            None => lost.push(format!("{place}: it is no longer answered")),
        }
    }
    if old.get("security") != new.get("security") {
        lost.push(format!("{name}: it wants another key or scope"));
    }
}

fn contents(place: &str, old: Option<&Value>, new: Option<&Value>, lost: &mut Vec<String>) {
    for (media, before) in object(old.and_then(|old| old.get("content"))) {
        match new.and_then(|new| new.get("content")).and_then(|content| content.get(media)) {
            None => lost.push(format!("{place}: {media} is gone")),
            Some(after) if shape(before.get("schema")) != shape(after.get("schema")) => {
                lost.push(format!("{place}: another schema"));
            }
            Some(_) => {}
        }
    }
}

/// What a value may be, without words and examples; the inside of an object is compared property by property.
fn shape(schema: Option<&Value>) -> Option<String> {
    let schema = schema?;
    let told = ["$ref", "type", "format", "contentEncoding"].map(|key| schema.get(key).cloned().unwrap_or(Value::Null));
    let inside = ["items", "additionalProperties"].map(|key| shape(schema.get(key)).unwrap_or_default());
    let one_of: Vec<String> = array(schema.get("oneOf")).filter_map(|it| shape(Some(it))).collect();
    Some(format!("{told:?} {inside:?} {one_of:?}"))
}

/// Names of schemas that requests are made of.
fn asked_schemas(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let bodies = object(document.get("paths")).flat_map(|(_, item)| VERBS.iter().filter_map(|verb| item.get(*verb)));
    let mut open: Vec<&Value> = bodies.filter_map(|operation| operation.get("requestBody")).collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                let name = fields.get("$ref").and_then(Value::as_str).and_then(|at| at.rsplit('/').next());
                if let Some(name) = name
                    && found.insert(name.to_owned())
                    && let Some(schema) = document.pointer(&format!("/components/schemas/{}", escape(name)))
                {
                    open.push(schema);
                }
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

fn schema(name: &str, old: &Value, new: &Value, asked: bool, lost: &mut Vec<String>) {
    for (property, before) in object(old.get("properties")) {
        match new.get("properties").and_then(|all| all.get(property)) {
            None => lost.push(format!("{name}.{property}: it is gone")),
            Some(after) if shape(Some(before)) != shape(Some(after)) => {
                lost.push(format!("{name}.{property}: it changed its type"));
            }
            Some(_) => {}
        }
    }
    let required = |of: &Value| -> BTreeSet<String> {
        array(of.get("required")).filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (before, after) = (required(old), required(new));
    if asked {
        lost.extend(after.difference(&before).map(|field| format!("{name}.{field}: it became required")));
    } else {
        lost.extend(before.difference(&after).map(|field| format!("{name}.{field}: it may be absent now")));
    }
    for value in array(old.get("enum")) {
        if !array(new.get("enum")).any(|known| known == value) {
            lost.push(format!("{name}: the value {value} is gone"));
        }
    }
    if shape(Some(old)) != shape(Some(new)) {
        lost.push(format!("{name}: it changed its type"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "paths": { "/tickets/{id}": {
                "put": {
                    "parameters": [{ "in": "path", "name": "id", "required": true, "schema": { "type": "string" } }],
                    "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Put" } } } },
                    "responses": {
                        "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Ticket" } } } },
                        "404": {},
                    },
                    "security": [{ "api_key": ["tickets:write"] }],
                },
            } },
            "components": { "schemas": {
                "Put": { "type": "object", "required": ["total"], "properties": {
                    "total": { "type": "string" }, "lines": { "type": "array", "items": { "$ref": "#/components/schemas/Line" } },
                } },
                "Line": { "type": "object", "properties": { "tax": { "$ref": "#/components/schemas/Tax" } } },
                "Tax": { "type": "string", "enum": ["iva_16", "iva_8"] },
                "Ticket": { "type": "object", "required": ["total"], "properties": { "total": { "type": "string" } } },
            } },
        })
    }

    /// What is said when the value at a pointer becomes another, or is taken away.
    fn said(pointer: &str, value: Option<Value>) -> Vec<String> {
        let mut changed = document();
        match value {
            Some(value) => *changed.pointer_mut(pointer).unwrap() = value,
            None => {
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                changed.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(&name.replace("~1", "/")).unwrap();
            }
        }
        losses(&document(), &changed)
    }

    const PUT: &str = "/paths/~1tickets~1{id}/put";

    #[test]
    fn what_only_grew_lost_nothing() {
        let mut grown = document();
        grown["paths"]["/more"] = json!({ "get": { "responses": { "200": {} } } });
        grown["components"]["schemas"]["Ticket"]["properties"]["more"] = json!({ "type": "string" });
        grown["components"]["schemas"]["Ticket"]["required"] = json!(["total", "more"]);
        grown["components"]["schemas"]["Put"]["properties"]["more"] = json!({ "type": "string" });
        grown["components"]["schemas"]["Tax"]["enum"] = json!(["iva_16", "iva_8", "iva_0"]);
        grown["components"]["schemas"]["Ticket"]["description"] = json!("other words");
        assert_eq!(losses(&document(), &grown), Vec::<String>::new());
        assert!(!losses(&grown, &document()).is_empty());
    }

    #[test]
    fn every_way_to_break_a_caller_is_named() {
        let schema = |name: &str| format!("/components/schemas/{name}");
        for (pointer, value, words) in [
            ("/paths/~1tickets~1{id}".to_owned(), None, "PUT /tickets/{id}: it is gone"),
            (format!("{PUT}/parameters"), Some(json!([])), "the path parameter id is gone"),
            (format!("{PUT}/responses/200"), None, "no longer answered"),
            (format!("{PUT}/requestBody/content"), Some(json!({})), "application/json is gone"),
            (format!("{PUT}/security"), Some(json!([{ "api_key": ["other"] }])), "another key or scope"),
            (
                format!("{PUT}/parameters"),
                Some(json!([
                    { "in": "path", "name": "id", "required": true, "schema": { "type": "string" } },
                    { "in": "query", "name": "q", "required": true, "schema": { "type": "string" } },
                ])),
                "q is new and required",
            ),
            (schema("Ticket/properties/total"), None, "Ticket.total: it is gone"),
            (schema("Ticket/properties/total/type"), Some(json!("number")), "Ticket.total: it changed its type"),
            (schema("Ticket/required"), Some(json!([])), "Ticket.total: it may be absent now"),
            (schema("Put/required"), Some(json!(["total", "lines"])), "Put.lines: it became required"),
            (schema("Tax/enum"), Some(json!(["iva_16"])), "the value \"iva_8\" is gone"),
        ] {
            let said = said(&pointer, value);
            assert!(said.iter().any(|it| it.contains(words)), "{pointer}: {said:?}");
        }
    }

    #[test]
    fn a_request_may_ask_for_less_and_an_answer_may_promise_more() {
        assert_eq!(said("/components/schemas/Put/required", Some(json!([]))), Vec::<String>::new());
    }
}
