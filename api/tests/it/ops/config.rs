//! `config.example.toml` is what `Config` says: every setting, its comment, its default.
use std::fmt::Write;
use std::path::Path;

use api::config::{Config, Metrics};
use secrecy::ExposeSecret;
use toml::{Table, Value};

const HEAD: &str = "\
# Ventanilla: every setting with its default.
#
# A setting may also come from the environment: VENTANILLA_ and its name in capitals, levels separated by two
# underscores, as in VENTANILLA_MAIL__SMTP_URL. The environment wins. An unknown setting stops the start.
# Secrets are empty here: `***` is shown for them everywhere else.
";

/// The source as it was compiled.
const SOURCE: &str = concat!(
    include_str!("../../../src/config.rs"),
    include_str!("../../../src/config/accounts.rs"),
    include_str!("../../../src/config/files.rs"),
    include_str!("../../../src/config/guests.rs"),
    include_str!("../../../src/config/metrics.rs"),
    include_str!("../../../src/config/pac.rs"),
    include_str!("../../../src/config/profiles.rs"),
    include_str!("../../../src/config/webhooks.rs"),
);

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

/// What the environment says alone.
fn of_environment(settings: &[(&str, &str)]) -> Result<Config, api::config::ConfigError> {
    let named = |(name, value): &(&str, &str)| (format!("VENTANILLA_{name}"), (*value).to_owned());
    Config::read_with(None, settings.iter().map(named))
}

#[test]
fn a_text_made_of_digits_stays_as_it_was_typed() {
    for text in ["0123", "1e5", "+7", "true", "0x10", "00", "1_000", " 1 "] {
        let config = of_environment(&[("PAC__TOKEN", text), ("DATA_DIR", text), ("PAC__URL", text)]).unwrap();
        assert_eq!(config.pac.token.expose_secret(), text);
        assert_eq!(config.data_dir, Path::new(text));
        assert_eq!(config.pac.url, text);
    }
    let url = "smtp://cajas:0123@mail.example";
    assert_eq!(of_environment(&[("MAIL__SMTP_URL", url)]).unwrap().mail.smtp_url.expose_secret(), url);
}

#[test]
fn numbers_switches_and_lists_come_from_the_environment_too() {
    let config = of_environment(&[
        ("WORKERS", "3"),
        ("LOG_JSON", "true"),
        ("DEMO_HISTORY", "false"),
        ("PAC__TIMEOUT_SECONDS", "9"),
        ("MAIL__PER_ADDRESS_DAILY", "7"),
        ("TRUSTED_PROXIES", "10.0.0.1,2001:db8::7"),
        ("PUBLIC_URL", ""),
    ])
    .unwrap();
    assert_eq!((config.workers, config.log_json, config.demo_history), (3, true, false));
    assert_eq!((config.pac.timeout_seconds, config.mail.per_address_daily), (9, 7));
    let proxies: Vec<String> = config.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.1", "2001:db8::7"]);
    assert_eq!(of_environment(&[("TRUSTED_PROXIES", "10.0.0.1")]).unwrap().trusted_proxies.len(), 1);
    for wrong in [("WORKERS", "three"), ("LOG_JSON", "perhaps"), ("TRUSTED_PROXIES", "ten"), ("PAC__TOKN", "x")] {
        assert!(of_environment(&[wrong]).is_err(), "{wrong:?}");
    }
}

/// The settings that are lists, as `payments.day_rate`.
fn lists(of: &str, values: &Table) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in values {
        match value {
            Value::Array(_) => found.push(format!("{of}{name}")),
            Value::Table(inner) => found.extend(lists(&format!("{of}{name}."), inner)),
            _ => {}
        }
    }
    found
}

#[test]
fn every_list_comes_from_the_environment_with_one_item_or_more() {
    let mut lists = lists("", &Table::try_from(Config::default()).unwrap());
    lists.retain(|name| name != "payments.merchants");
    assert!(lists.iter().any(|name| name == "payments.day_rate"), "{lists:?}");
    for name in lists {
        let variable = name.to_uppercase().replace('.', "__");
        let items = match name.as_str() {
            "trusted_proxies" => ["10.0.0.1", "10.0.0.2"],
            "webhooks.retry_pauses" => ["7", "8"],
            _ => ["2024", "nopal"],
        };
        for items in [&items[..1], &items[..]] {
            let typed = items.join(", ");
            let config = of_environment(&[(variable.as_str(), typed.as_str())]).unwrap();
            let mut value = Value::Table(Table::try_from(config).unwrap());
            for part in name.split('.') {
                value = value[part].clone();
            }
            let read: Vec<String> = value.as_array().unwrap().iter().map(ToString::to_string).collect();
            let read: Vec<&str> = read.iter().map(|item| item.trim_matches('"')).collect();
            assert_eq!(read, items, "{name}");
        }
    }
    let refused = of_environment(&[("PAYMENTS__MERCHANTS", "colibri")]);
    assert!(refused.is_err(), "tables stand in the file alone");
}

#[test]
fn what_belongs_to_the_tests_is_no_setting() {
    of_environment(&[("SAT_DIR", "/sat"), ("TEST_SEED", "7")]).unwrap();
    assert!(of_environment(&[("SAT_DIRS", "/sat")]).is_err());
}

#[test]
fn a_limit_of_zero_that_would_shut_everybody_out_is_refused() {
    let tries =
        ["PER_TICKET", "PER_SOURCE", "PER_BRANCH", "WHEN_GUARDED"].map(|limit| format!("GUESTS__WRONG_{limit}"));
    let letters = ["PER_ACCOUNT", "PER_SOURCE"].map(|limit| format!("ACCOUNTS__LETTERS_{limit}"));
    for variable in tries.iter().chain(&letters) {
        let told = of_environment(&[(variable.as_str(), "0")]).unwrap_err().to_string();
        let setting = variable.to_lowercase().replace("__", ".");
        assert!(told.contains(&format!("{setting}: must be above zero")), "{told}");
    }
    of_environment(&[("FLOODS__LOOK_UPS_PER_MINUTE", "0"), ("GUESTS__DAILY_AMOUNT_MAX", "0")]).unwrap();
}

#[test]
fn nothing_follows_the_host_of_the_public_address() {
    for address in ["https://facturas.example/portal", "https://facturas.example/?a=1", "http://localhost:8080/#a"] {
        let told = of_environment(&[("PUBLIC_URL", address)]).unwrap_err().to_string();
        assert!(told.contains("public_url: nothing may follow the host"), "{told}");
    }
    for address in ["https://facturas.example", "https://facturas.example/"] {
        of_environment(&[("PUBLIC_URL", address)]).unwrap();
    }
}

#[test]
fn a_secret_is_not_written() {
    let config = Config { database_url: "postgres://u:geheim@db.example/v".into(), ..Config::default() };
    assert!(!toml::to_string(&config).unwrap().contains("geheim"));
}

#[test]
fn figures_past_this_machine_need_a_token_that_is_long_enough() {
    let told = |listen: &str, token: &str| {
        let metrics = Metrics { listen: listen.to_owned(), token: token.into() };
        let checked = Config { metrics, ..Config::default() }.check();
        checked.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let token = "sixteen-letters!";
    for (listen, token) in [("", ""), ("", token), ("127.0.0.1:9464", ""), ("[::1]:0", ""), ("0.0.0.0:9464", token)] {
        assert_eq!(told(listen, token), "", "{listen} {token}");
    }
    assert!(told("0.0.0.0:9464", "").contains("metrics.listen: not a loopback address needs metrics.token"));
    assert!(told("9464", "").contains("metrics.listen: 9464 is not ADDRESS:PORT"));
    let short = told("", "fifteen-letters");
    assert!(short.contains("metrics.token") && !short.contains("fifteen-letters"), "{short}");
    let environment = of_environment(&[("METRICS__LISTEN", "127.0.0.1:9464"), ("METRICS__TOKEN", token)]).unwrap();
    assert_eq!(environment.metrics.token.expose_secret(), token);
    assert!(!toml::to_string(&environment).unwrap().contains(token));
}

/// What a command that cannot go on says on standard error.
async fn refused(args: &[&str], settings: &[(&str, &str)]) -> String {
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    let named = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let settings: Vec<(String, String)> = named.collect();
    let run = move || super::command().args(args).envs(settings).output().unwrap();
    let ran: super::Ran = tokio::task::spawn_blocking(run).await.unwrap().into();
    assert!(!ran.good, "{ran:?}");
    ran.err
}

#[tokio::test]
async fn an_error_that_ends_the_program_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let real = [("VENTANILLA_DATA_DIR", data_dir.to_str().unwrap()), ("VENTANILLA_LISTEN", "127.0.0.1:0")];
    // Before there is a log, in the log, and where the log is told to be silent.
    let unknown = refused(&["serve"], &[("VENTANILLA_LISTN", "x")]).await;
    assert_eq!(unknown.matches("listn").count(), 1, "{unknown}");
    let without_pac = refused(&["serve"], &real).await;
    assert_eq!(without_pac.matches("pac.url: required").count(), 1, "{without_pac}");
    let silent = refused(&["serve"], &[real[0], real[1], ("RUST_LOG", "off")]).await;
    assert_eq!(silent.matches("pac.url: required").count(), 1, "{silent}");
    assert!(!data_dir.exists(), "a refused start makes nothing");
    let json = refused(&["serve"], &[real[0], real[1], ("VENTANILLA_LOG_JSON", "true")]).await;
    assert_eq!(json.matches("pac.url: required").count(), 1, "{json}");
    let last: serde_json::Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    assert_eq!(last["level"], "ERROR");
}

/// No mail server takes letters in the name of an example, and each would be lost or late.
#[tokio::test]
async fn an_example_for_a_sender_stops_the_start_of_a_real_house() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let real = [
        ("VENTANILLA_DATA_DIR", data_dir.to_str().unwrap()),
        ("VENTANILLA_LISTEN", "127.0.0.1:0"),
        ("VENTANILLA_PAC__URL", "https://pac.example"),
        ("VENTANILLA_MAIL__SMTP_URL", "smtps://cajas:nopal-7-junto@correo.example"),
    ];
    let told = refused(&["serve"], &real).await;
    assert!(told.contains("mail.from_address: facturas@ventanilla.example is an example"), "{told}");
    for (address, good) in [("facturas@colibri.mx", true), ("facturas@ejemplo.Example", false), ("a@example.mx", true)]
    {
        let mut mail = Config::default().mail;
        mail.from_address = address.into();
        assert_eq!(mail.sender_fault().is_none(), good, "{address}");
    }
}

/// Past this machine people come over TLS, or a named proxy speaks it for us.
#[test]
fn o5_plain_http_under_a_public_name_stops_the_start() {
    let fault = |listen: &str, public_url: &str, proxies: &[&str]| {
        let trusted_proxies = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
        let (listen, public_url) = (listen.to_owned(), public_url.to_owned());
        let checked = Config { listen, public_url, trusted_proxies, ..Config::default() }.check();
        checked.err().map(|error| error.to_string()).filter(|told| told.contains("public_url"))
    };
    let (here, everywhere) = ("127.0.0.1:8080", "0.0.0.0:8080");
    let refused: [(&str, &str, &[&str]); 6] = [
        (everywhere, "", &[]),
        (everywhere, "http://facturas.example", &[]),
        (here, "http://facturas.example", &[]),
        (here, "http://10.0.0.7:8080", &[]),
        (here, "ftp://facturas.example", &["10.0.0.1"]),
        (here, "facturas.example", &["10.0.0.1"]),
    ];
    for (listen, public_url, proxies) in refused {
        assert!(fault(listen, public_url, proxies).is_some(), "{listen} {public_url} {proxies:?}");
    }
    let taken: [(&str, &str, &[&str]); 5] = [
        (here, "", &[]),
        (here, "http://localhost:8080", &[]),
        (here, "https://facturas.example", &[]),
        (everywhere, "https://facturas.example", &[]),
        (here, "http://facturas.example", &["10.0.0.1"]),
    ];
    for (listen, public_url, proxies) in taken {
        assert_eq!(fault(listen, public_url, proxies), None, "{listen} {public_url} {proxies:?}");
    }
}
