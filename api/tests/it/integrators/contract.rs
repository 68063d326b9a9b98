//! What the integrators' document says of itself, and what clients that are made from it rest on.
use std::collections::BTreeSet;

use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&api::http::openapi::integrators_json(api::serve::API).unwrap()).unwrap()
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(verb, operation)| (format!("{verb} {path}"), operation))
    })
}

/// Calls for every object of a part of the document, and of all that it names.
fn each<'a>(document: &'a Value, part: &'a Value, met: &mut BTreeSet<&'a str>, call: &mut dyn FnMut(&'a Value)) {
    match part {
        Value::Object(fields) => {
            call(part);
            if let Some(to) = fields.get("$ref").and_then(Value::as_str)
                && met.insert(to)
            {
                each(document, document.pointer(to.trim_start_matches('#')).unwrap(), met, call);
            }
            fields.values().for_each(|inner| each(document, inner, met, call));
        }
        Value::Array(items) => items.iter().for_each(|inner| each(document, inner, met, call)),
        _ => {}
    }
}

#[test]
fn no_answer_has_a_closed_list_and_requests_keep_theirs() {
    let document = document();
    let (mut met, mut told) = (BTreeSet::new(), 0);
    for (name, operation) in operations(&document) {
        each(&document, &operation["responses"], &mut met, &mut |part| {
            assert!(part.get("enum").is_none(), "{name}: {part}");
            told += 1;
        });
    }
    assert!(told > 500, "{told}");
    let schema = |name: &str| &document["components"]["schemas"][name];
    for open in ["TicketStanding", "EventKindTold", "ProblemCode", "InvoiceState", "DeliveryStateTold", "BulkOutcome"] {
        let words = schema(open)["description"].as_str().unwrap_or_else(|| panic!("there is no {open}"));
        assert!(schema(open)["type"] == "string" && words.ends_with("; values may be added."), "{words}");
    }
    assert!(schema("EventKindTold")["description"].as_str().unwrap().contains("`document.withdrawn`"));
    for closed in ["EventKind", "LineTax", "DeliveryState", "Lang"] {
        assert!(schema(closed)["enum"].is_array(), "{closed}");
    }
}

#[test]
fn files_and_lines_are_bytes_and_nothing_else_is_a_body_that_generators_cannot_write() {
    let document = document();
    let mut bytes = BTreeSet::new();
    for (name, operation) in operations(&document) {
        let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
        let answers = operation["responses"].as_object().unwrap().values();
        let told = answers.filter_map(|answer| answer["content"].as_object()).flatten();
        let is_json = |media: &str| ["application/json", "application/problem+json"].contains(&media);
        for (media, content) in bodies.chain(told).filter(|(media, _)| !is_json(media)) {
            assert_eq!(content["schema"]["format"], "binary", "{name}: {media}");
            bytes.insert(media.as_str());
        }
    }
    let told =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/examples/openapi-python-client.yaml"));
    let told = told.unwrap();
    for media in bytes {
        assert!(told.contains(&format!("{media}: application/octet-stream")), "the generator is not told of {media}");
    }
    let upload = &document["paths"]["/api/integrators/v1/documents/external/{external_id}"]["put"]["requestBody"];
    assert!(upload["content"]["application/pdf"].is_object() && upload["content"]["application/xml"].is_object());
}

/// Ids of ours are told by other operations; everything else is filled in for whoever tries an operation.
#[test]
fn every_parameter_that_is_required_has_an_example() {
    let document = document();
    for (name, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let needs = parameter["required"] == true && parameter["name"] != "id";
            assert!(!needs || parameter["example"].is_string(), "{name}: {}", parameter["name"]);
        }
    }
}

#[test]
fn every_tag_of_an_operation_is_described() {
    let document = document();
    let described: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().filter_map(|tag| tag["name"].as_str()).collect();
    let used: BTreeSet<&str> = operations(&document).filter_map(|(_, one)| one["tags"][0].as_str()).collect();
    assert_eq!(described, used);
}

#[test]
fn every_magic_value_stands_beside_the_documents_as_the_rehearsal_shows_it() {
    let told = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/README.md")).unwrap();
    for button in api::sandbox::bank_magic_values() {
        let row = format!("| {} | {} |", button.value, button.effect_en);
        assert!(told.contains(&row), "{row}");
    }
    // The RFCs of one kind share a row, the later ones by their last digits.
    for magic in api::sandbox::magic_values() {
        let (kind, last) = magic.value.split_at(magic.value.len() - 3);
        let row =
            told.lines().find(|line| line.starts_with(&format!("| `{kind}")) && line.contains(&format!("{last}`")));
        assert!(row.is_some(), "{}", magic.value);
    }
}
