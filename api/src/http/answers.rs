//! The lists of values in a document's answers, opened: values may be added, and a client that was made from a closed
//! list stops at the first one it does not know. An answer names its values in words; a request keeps its list, which is
//! what the server takes.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema};
use utoipa::openapi::{Content, OpenApi, RefOr};

use super::openapi::operations;

const SCHEMAS: &str = "#/components/schemas/";
/// What the twin is called that answers get of a schema that requests have too.
const TOLD: &str = "Told";

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// Leaves no closed list in any answer. A schema that requests share, and that has or leads to one, gets a twin.
pub(super) fn open(document: &mut OpenApi) {
    let (mut asked, mut told) = (BTreeSet::new(), BTreeSet::new());
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            asks(operation).for_each(|schema| asked.extend(named(schema)));
            answers(operation).for_each(|schema| told.extend(named(schema)));
        }
    }
    let Some(components) = &mut document.components else { return };
    let (asked, told) = (reach(&components.schemas, asked), reach(&components.schemas, told));
    let closed = |name: &String| {
        let leads_to = reach(&components.schemas, BTreeSet::from([name.clone()]));
        leads_to.iter().filter_map(|name| components.schemas.get(name)).any(has_list)
    };
    let shared: BTreeSet<String> = asked.intersection(&told).filter(|name| closed(name)).cloned().collect();
    let mut own: BTreeSet<String> = told.difference(&asked).cloned().collect();
    for name in &shared {
        let twin = components.schemas.get(name).cloned();
        own.insert(format!("{name}{TOLD}"));
        components.schemas.extend(twin.map(|twin| (format!("{name}{TOLD}"), twin)));
    }
    for (_, schema) in components.schemas.iter_mut().filter(|(name, _)| own.contains(*name)) {
        walk(schema, &mut |inner| open_one(inner, &shared));
    }
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            answers(operation).for_each(|schema| walk(schema, &mut |inner| open_one(inner, &shared)));
        }
    }
}

fn asks(operation: &mut Operation) -> impl Iterator<Item = &mut RefOr<Schema>> {
    let body = operation.request_body.iter_mut().filter_map(|body| match body {
        RefOr::T(body) => Some(body),
        RefOr::Ref(_) => None,
    });
    let body = body.flat_map(|body| body.content.values_mut()).filter_map(schema_of);
    let parameters = operation.parameters.iter_mut().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => parameter.schema.as_mut(),
        RefOr::Ref(_) => None,
    });
    body.chain(parameters)
}

fn answers(operation: &mut Operation) -> impl Iterator<Item = &mut RefOr<Schema>> {
    let answers = operation.responses.responses.values_mut().filter_map(|answer| match answer {
        RefOr::T(answer) => Some(answer),
        RefOr::Ref(_) => None,
    });
    answers.flat_map(|answer| answer.content.values_mut()).filter_map(schema_of)
}

fn schema_of(content: &mut RefOr<Content>) -> Option<&mut RefOr<Schema>> {
    match content {
        RefOr::T(content) => content.schema.as_mut(),
        RefOr::Ref(_) => None,
    }
}

/// A schema and all that is inside it. What it only names is not inside.
fn walk(schema: &mut RefOr<Schema>, with: &mut dyn FnMut(&mut RefOr<Schema>)) {
    with(schema);
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            object.properties.values_mut().for_each(|property| walk(property, with));
            if let Some(AdditionalProperties::RefOr(inner)) = object.additional_properties.as_deref_mut() {
                walk(inner, with);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                walk(items, with);
            }
        }
        Schema::OneOf(of) => of.items.iter_mut().for_each(|item| walk(item, with)),
        Schema::AllOf(of) => of.items.iter_mut().for_each(|item| walk(item, with)),
        Schema::AnyOf(of) => of.items.iter_mut().for_each(|item| walk(item, with)),
        _ => {}
    }
}

fn name_of(schema: &RefOr<Schema>) -> Option<&str> {
    match schema {
        RefOr::Ref(to) => to.ref_location.strip_prefix(SCHEMAS),
        RefOr::T(_) => None,
    }
}

/// Schemas that one names.
fn named(schema: &RefOr<Schema>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    walk(&mut schema.clone(), &mut |inner| names.extend(name_of(inner).map(str::to_owned)));
    names
}

fn has_list(schema: &RefOr<Schema>) -> bool {
    let mut found = false;
    walk(&mut schema.clone(), &mut |inner| {
        found |= matches!(inner, RefOr::T(Schema::Object(object)) if object.enum_values.is_some());
    });
    found
}

/// These schemas and all that they lead to.
fn reach(schemas: &Schemas, mut open: BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop_first() {
        let leads_to = schemas.get(&name).map(named).unwrap_or_default();
        found.insert(name);
        open.extend(leads_to.into_iter().filter(|name| !found.contains(name)));
    }
    found
}

/// A list becomes words, and the name of a shared schema its twin's.
fn open_one(schema: &mut RefOr<Schema>, shared: &BTreeSet<String>) {
    if let Some(name) = name_of(schema).filter(|name| shared.contains(*name)).map(str::to_owned)
        && let RefOr::Ref(to) = schema
    {
        to.ref_location = format!("{SCHEMAS}{name}{TOLD}");
    }
    let RefOr::T(Schema::Object(object)) = schema else { return };
    let Some(values) = object.enum_values.take() else { return };
    let values: Vec<String> = values.iter().filter_map(Value::as_str).map(|value| format!("`{value}`")).collect();
    let words = object.description.take().map(|words| words + " ").unwrap_or_default();
    object.description = Some(format!("{words}Now {}; values may be added.", values.join(", ")));
}
