//! The house rules that a machine can check: who may name what, whose table is whose, how long a file may be.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Longest file, in lines.
const LINES_MAX: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Every Rust file below a folder of the repository, with its path from the root.
pub fn rust_files(below: &str) -> Vec<(String, String)> {
    let (root, mut found) = (root(), Vec::new());
    let mut folders = vec![root.join(below)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                if !path.ends_with("target") && !path.ends_with("node_modules") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no Rust files below {below}");
    found
}

fn all_rust_files() -> Vec<(String, String)> {
    ["shared", "api", "web"].into_iter().flat_map(rust_files).collect()
}

fn insist(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    insist(
        all_rust_files()
            .into_iter()
            .map(|(name, text)| (name, text.lines().count()))
            .filter(|(_, lines)| *lines > LINES_MAX)
            .map(|(name, lines)| format!("{name}: {lines} lines; over {LINES_MAX} it asks to be two"))
            .collect(),
    );
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:"), concat!("unimple", "mented!")];
    let mut faults = Vec::new();
    for (name, text) in all_rust_files() {
        for (number, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                faults.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    insist(faults);
}

/// Names a crate: `use x`, `x::`, `#[x`.
fn names_crate(text: &str, krate: &str) -> bool {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .any(|line| line.contains(&format!("{krate}::")) || line.contains(&format!("use {krate}")))
}

fn only_in(krate: &str, allowed: impl Fn(&str) -> bool) {
    insist(
        rust_files("api/src")
            .into_iter()
            .filter(|(name, text)| names_crate(text, krate) && !allowed(name.strip_prefix("api/src/").unwrap()))
            .map(|(name, _)| format!("{name}: names {krate}, which is not for this room"))
            .collect(),
    );
}

#[test]
fn http_stays_in_its_rooms() {
    only_in("actix_web", |name| {
        name.starts_with("http/")
            || name.starts_with("sandbox/")
            || name.ends_with("/routes.rs")
            || name.ends_with("/guard.rs")
            || matches!(name, "main.rs" | "lib.rs" | "serve.rs")
    });
}

#[test]
fn sql_stays_in_stores() {
    only_in("sqlx", |name| {
        name.starts_with("db/") || name.ends_with("store.rs") || name.contains("/store/") || name.ends_with("tests.rs")
    });
}

#[test]
fn calls_out_stay_with_the_adapters() {
    only_in("reqwest", |name| {
        name.contains("/pac/")
            || name.contains("/banks/")
            || name.starts_with("webhooks/")
            || name.starts_with("files/")
            || name.starts_with("ops/")
            || name.starts_with("sandbox/bank/")
    });
}

#[test]
fn the_store_of_files_is_one_rooms() {
    only_in("object_store", |name| name.starts_with("files/"));
}

/// A domain imports only those to its left; foundation rooms know no domain.
#[test]
fn domains_look_left() {
    let foundation =
        ["http", "db", "jobs", "files", "mail", "audit", "catalogs", "counters", "installation", "webhooks"];
    // Accounts and issuers stand side by side: a contract is with an issuer, a route of an issuer asks who is there.
    let domains: [&[&str]; 6] =
        [&["accounts", "issuers"], &["tickets"], &["documents"], &["billing"], &["payments"], &["integrators"]];
    let mut faults = Vec::new();
    for (name, text) in rust_files("api/src") {
        let inside = name.strip_prefix("api/src/").unwrap();
        let Some(room) = inside.split('/').next().filter(|_| inside.contains('/')) else { continue };
        let own = domains.iter().position(|side_by_side| side_by_side.contains(&room));
        for (index, domain) in domains.iter().enumerate().flat_map(|(n, names)| names.iter().map(move |name| (n, name)))
        {
            let named = text.contains(&format!("crate::{domain}::")) || text.contains(&format!("use crate::{domain};"));
            let right = match own {
                Some(own) => index > own,
                None => foundation.contains(&room),
            };
            if named && right {
                faults.push(format!("{name}: {room} may not know {domain}"));
            }
        }
    }
    insist(faults);
}

/// Which room owns which table.
fn tables() -> BTreeMap<&'static str, &'static str> {
    [
        ("issuers", "issuers"),
        ("issuer_logos", "issuers"),
        ("branches", "issuers"),
        ("csds", "issuers"),
        ("tickets", "tickets"),
        ("security_counters", "counters"),
        ("customers", "accounts"),
        ("contracts", "accounts"),
        ("users", "accounts"),
        ("memberships", "accounts"),
        ("sessions", "accounts"),
        ("link_requests", "accounts"),
        ("one_time_links", "accounts"),
        ("temporary_passwords", "accounts"),
        ("mailbox_rfcs", "accounts"),
        ("first_entries", "accounts"),
        ("customer_externals", "accounts"),
        ("staff_grants", "accounts"),
        ("second_factors", "accounts"),
        ("recovery_codes", "accounts"),
        ("passkeys", "accounts"),
        ("passkey_challenges", "accounts"),
        ("invitations", "accounts"),
        ("mail_copies", "accounts"),
        ("used_work", "accounts"),
        ("privacy_notices", "issuers"),
        ("privacy_acceptances", "issuers"),
        ("arco_cases", "accounts"),
        ("email_changes", "accounts"),
        ("api_keys", "integrators"),
        ("event_sequences", "webhooks"),
        ("events", "webhooks"),
        ("webhook_endpoints", "webhooks"),
        ("webhook_deliveries", "webhooks"),
        ("webhook_attempts", "webhooks"),
        ("documents", "documents"),
        ("download_tickets", "documents"),
        ("download_marks", "documents"),
        ("document_letters", "documents"),
        ("document_shares", "documents"),
        ("document_references", "documents"),
        ("document_bundles", "documents"),
        ("document_digests", "documents"),
        ("documents_unread", "documents"),
        ("document_words", "documents"),
        ("folios", "billing"),
        ("stamps", "billing"),
        ("guest_accesses", "billing"),
        ("mail_codes", "billing"),
        ("guest_mailboxes", "billing"),
        ("guest_receptors", "billing"),
        ("till_keys", "tickets"),
        ("awaited_orders", "billing"),
        ("receivables", "payments"),
        ("adjustments", "payments"),
        ("payment_numbers", "payments"),
        ("payments", "payments"),
        ("attempts", "payments"),
        ("evidence", "payments"),
        ("verdicts", "payments"),
        ("allocations", "payments"),
        ("ledger_entries", "payments"),
        ("payment_reviews", "payments"),
        ("bank_orphans", "payments"),
        ("payment_attachments", "payments"),
        ("settlement_files", "payments"),
        ("settlement_lines", "payments"),
        ("exchange_rates", "payments"),
        ("deposit_references", "payments"),
        ("idempotency_records", "http"),
        ("jobs", "jobs"),
        ("letters", "mail"),
        ("mailbox_messages", "mail"),
        ("mail_refusals", "mail"),
        ("catalogs", "catalogs"),
        ("catalog_entries", "catalogs"),
        ("audit_chains", "audit"),
        ("audit_log", "audit"),
        ("installation", "installation"),
    ]
    .into()
}

#[test]
fn nobody_touches_anothers_tables() {
    let tables = tables();
    let mut faults = Vec::new();
    for (name, text) in rust_files("api/src") {
        let room = name.strip_prefix("api/src/").unwrap().split('/').next().unwrap().to_owned();
        // The operator's commands prove promises across all rooms, reading only.
        if room == "ops" || room == "sandbox" {
            continue;
        }
        for (table, owner) in &tables {
            let touched = ["FROM ", "INTO ", "UPDATE ", "JOIN "].iter().any(|verb| {
                text.match_indices(&format!("{verb}{table}")).any(|(at, found)| {
                    text[at + found.len()..].chars().next().is_none_or(|next| !next.is_alphanumeric() && next != '_')
                })
            });
            if touched && room != *owner {
                faults.push(format!("{name}: touches {table}, which belongs to {owner}"));
            }
        }
    }
    insist(faults);
}

#[test]
fn every_table_has_an_owner() {
    let schema = std::fs::read_dir(root().join("migrations/postgres"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect::<String>();
    let tables = tables();
    insist(
        schema
            .lines()
            .filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split_whitespace().next())
            .filter(|table| !tables.contains_key(table))
            .map(|table| format!("{table}: no room owns it"))
            .collect(),
    );
}

/// Each kind of job is matched in the dispatch, and each problem code has words (the compiler insists on both);
/// what it cannot see is a code that nothing ever answers.
#[test]
fn every_problem_code_is_used() {
    let text: String = rust_files("api/src").into_iter().map(|(_, text)| text).collect();
    let shared: String = rust_files("shared/src").into_iter().map(|(_, text)| text).collect();
    insist(
        shared::ProblemCode::ALL
            .iter()
            .map(|code| format!("{code:?}"))
            .filter(|name| {
                let uses = [format!("ProblemCode::{name}"), format!("P::{name}")];
                !uses.iter().any(|used| text.contains(used.as_str()) || shared.matches(used.as_str()).count() > 2)
            })
            .map(|name| format!("{name}: no answer ever carries it"))
            .collect(),
    );
}

/// The console's log has words for acts by their names, and what nothing writes would have them for nothing.
#[test]
fn the_logs_words_are_of_acts_that_are_written() {
    let rooms = rust_files("api/src").into_iter();
    // The log's own tests invent acts, and routes only show names of events.
    let written: String = rooms
        .filter(|(name, _)| !name.starts_with("api/src/audit/") && !name.ends_with("/routes.rs"))
        .map(|(_, text)| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned())
        .collect();
    let (_, words) =
        rust_files("web/src/console/i18n").into_iter().find(|(name, _)| name.ends_with("/log.rs")).unwrap();
    let acts: Vec<&str> = words.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next()).collect();
    assert!(acts.len() > 90, "{acts:?}");
    let is_written = |act: &&str| written.contains(&format!("\"{act}\""));
    insist(acts.into_iter().filter(|act| !is_written(act)).map(|act| format!("{act}: nothing writes it")).collect());
}

/// A test that passes is not shown what it wrote: the script counts the notes that these leave, and says it.
#[test]
fn tests_that_need_the_sats_files_are_told_when_they_are_not_there() {
    let own = rust_files("api").into_iter().filter(|(name, _)| name.contains("/tests/") && !name.ends_with("tidy.rs"));
    let asking: Vec<(String, String)> = own
        .filter(|(_, text)| ["var_os(\"VENTANILLA_SAT_DIR\")", "SKIPPED {test}"].iter().any(|it| text.contains(it)))
        .collect();
    assert!(asking.len() >= 2, "{}", asking.len());
    insist(
        asking
            .into_iter()
            // What is said and what is noted stand together, once.
            .filter(|(_, text)| {
                let said = text.split_once("eprintln!(\"SKIPPED {test}: ").map_or("", |(_, rest)| rest);
                let (noted, _) = said.split_once("\n}\n").unwrap_or_default();
                text.matches("SKIPPED").count() != 1 || !noted.contains("join(\"sat-skipped\")")
            })
            .map(|(name, _)| format!("{name}: skips for want of the SAT's files and leaves no note of it"))
            .collect(),
    );
    let target = tempfile::tempdir().unwrap();
    let told = |sat_dir: Option<&str>| {
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", "source scripts/lib.sh; tell_sat_skipped"]).current_dir(root());
        bash.env("CARGO_TARGET_DIR", target.path()).env_remove("VENTANILLA_SAT_DIR");
        let out = bash.envs(sat_dir.map(|dir| ("VENTANILLA_SAT_DIR", dir))).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    assert_eq!(told(None), "", "nothing was skipped");
    let notes = target.path().join("tmp/sat-skipped");
    std::fs::create_dir_all(&notes).unwrap();
    assert_eq!(told(None), "", "nothing was skipped");
    std::fs::write(notes.join("one_test"), "").unwrap();
    std::fs::write(notes.join("two_tests"), "").unwrap();
    assert!(told(None).contains("Sin VENTANILLA_SAT_DIR: 2 pruebas"), "{}", told(None));
    assert!(told(None).contains("one_test two_tests"), "{}", told(None));
    assert!(told(Some("/nowhere")).contains("en /nowhere"), "{}", told(Some("/nowhere")));
}

/// Commands that build something of ours.
const BUILDS: [&str; 7] = ["build", "test", "clippy", "doc", "bench", "nextest run", "fetch"];

#[test]
fn o4_what_is_built_is_what_was_locked_and_is_known_by_its_digest() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let (mut faults, mut foreign) = (Vec::new(), 0);
    for package in lock["package"].as_array().unwrap() {
        let Some(source) = package.get("source").and_then(|source| source.as_str()) else { continue };
        foreign += 1;
        if source != "registry+https://github.com/rust-lang/crates.io-index" || package.get("checksum").is_none() {
            faults.push(format!("{} comes from {source}", package["name"]));
        }
    }
    assert!(foreign > 100, "{foreign}");
    let mut builds = 0;
    for script in ["scripts/run.sh", "scripts/task.sh", "scripts/test.sh"] {
        for line in read(script).lines() {
            let is_build = |verb: &&str| line.contains(&format!("cargo {verb} ")) && !line.contains("--version");
            if BUILDS.iter().any(is_build) {
                builds += 1;
                if !line.contains("--locked") {
                    faults.push(format!("{script} builds what is not locked: {}", line.trim()));
                }
            }
        }
    }
    assert!(builds > 8, "{builds}");
    let deny: toml::Table = read("deny.toml").parse().unwrap();
    assert_eq!(deny["advisories"]["yanked"].as_str(), Some("deny"));
    insist(faults);
}

/// What a released binary is made of, for whoever must know whether a bad crate is in it.
#[test]
fn o4_the_list_of_components_has_each_with_the_digest_it_was_locked_by() {
    let target = tempfile::tempdir().unwrap();
    let mut script = std::process::Command::new("bash");
    script.args(["scripts/task.sh", "sbom"]).current_dir(root()).env("CARGO_TARGET_DIR", target.path());
    let out = script.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let list = std::fs::read_to_string(target.path().join("ventanilla.cdx.json")).unwrap();
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!((list["bomFormat"].as_str(), list["specVersion"].as_str()), (Some("CycloneDX"), Some("1.5")));
    let lock: toml::Table = std::fs::read_to_string(root().join("Cargo.lock")).unwrap().parse().unwrap();
    let text = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let locked: BTreeMap<(String, String), Option<String>> = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| ((text(it, "name").unwrap(), text(it, "version").unwrap()), text(it, "checksum")))
        .collect();
    let (mut faults, mut names) = (Vec::new(), Vec::new());
    for component in list["components"].as_array().unwrap() {
        let of = |key: &str| component[key].as_str().unwrap().to_owned();
        let digest = component["hashes"][0]["content"].as_str().map(str::to_owned);
        if digest.is_none() || locked.get(&(of("name"), of("version"))) != Some(&digest) {
            faults.push(format!("{component}: not as it was locked"));
        }
        names.push(of("name"));
    }
    for (name, is_in) in
        [("actix-web", true), ("sqlx-postgres", true), ("leptos", true), ("api", false), ("cfdi", false)]
    {
        if names.iter().any(|it| it == name) != is_in {
            faults.push(format!("{name}: is it in the list? {}", !is_in));
        }
    }
    insist(faults);
}
