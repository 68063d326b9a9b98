//! `config.example.toml` is what `Config` says: every setting, its comment, its default.
use std::fmt::Write;
use std::path::Path;

use api::config::Config;
use toml::{Table, Value};

const HEAD: &str = "\
# Ventanilla: every setting with its default.
#
# A setting may also come from the environment: VENTANILLA_ and its name in capitals, levels separated by two
# underscores, as in VENTANILLA_MAIL__SMTP_URL. The environment wins. An unknown setting stops the start.
# Secrets are empty here: `***` is shown for them everywhere else.
";

/// The source as it was compiled.
const SOURCE: &str = include_str!("../../../src/config.rs");

/// A setting as the source tells it.
struct Field<'a> {
    of: &'a str,
    name: &'a str,
    kind: &'a str,
    comment: String,
}

/// Every public field of every struct of a source, with the comment above it.
fn fields(source: &str) -> Vec<Field<'_>> {
    let (mut found, mut of, mut comment) = (Vec::new(), "", Vec::new());
    for line in source.lines() {
        if let Some(name) = line.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {")) {
            of = name;
            comment.clear();
        } else if let Some(text) = line.trim_start().strip_prefix("///") {
            comment.push(text.trim());
        } else if let Some((name, kind)) = line.strip_prefix("    pub ").and_then(|rest| rest.split_once(": "))
            && !name.contains(' ')
        {
            found.push(Field { of, name, kind: kind.trim_end_matches(','), comment: comment.join("\n# ") });
            comment.clear();
        } else if !line.trim_start().starts_with("#[") {
            comment.clear();
        }
    }
    found
}

/// Writes a level: its settings in the order of the source, then the levels below it. Gives how many were written.
fn level(out: &mut String, of: &str, values: &Table, fields: &[Field<'_>]) -> usize {
    let mut below = String::new();
    let mut written = 0;
    for field in fields.iter().filter(|field| field.of == of) {
        let (name, comment) = (field.name, &field.comment);
        assert!(!comment.is_empty(), "{of}.{name} has no comment");
        match &values[name] {
            Value::Table(inner) => {
                writeln!(below, "\n# {comment}\n[{name}]").unwrap();
                assert_eq!(level(&mut below, field.kind, inner, fields), inner.len(), "{name} has other settings");
            }
            value => writeln!(out, "\n# {comment}\n{name} = {value}").unwrap(),
        }
        written += 1;
    }
    out.push_str(&below);
    written
}

fn generated() -> String {
    let values = Table::try_from(Config::default()).unwrap();
    let mut out = HEAD.to_owned();
    assert_eq!(level(&mut out, "Config", &values, &fields(SOURCE)), values.len());
    out
}

#[test]
fn the_example_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config.example.toml");
    let generated = generated();
    if std::env::var_os("UPDATE_FILES").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == generated,
        "config.example.toml differs from api/src/config.rs: UPDATE_FILES=1 cargo test -p api --test it the_example_is \
         writes it anew"
    );
}

#[test]
fn the_example_is_a_configuration_with_every_default() {
    // Not `Config::read`: the environment of whoever runs the tests must not decide.
    let read: Config = toml::from_str(&generated()).unwrap();
    read.check().unwrap();
    assert_eq!(Table::try_from(read).unwrap(), Table::try_from(Config::default()).unwrap());
}

#[test]
fn a_secret_is_not_written() {
    let config = Config { database_url: "postgres://u:geheim@db.example/v".into(), ..Config::default() };
    assert!(!toml::to_string(&config).unwrap().contains("geheim"));
}
