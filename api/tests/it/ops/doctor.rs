//! `ventanilla doctor`: what is wrong, and what to do about it.
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use api::clock::{Clock, Ids, SystemRandomness};
use api::config::Config;
use api::ops::doctor::{Finding, Verdict, examine};
use api::ops::start::World;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::{config_file, ventanilla};
use crate::audit::by_hand;
use crate::support::{TestApp, on_both, order};

/// What is found at the test's own time.
async fn look(app: &TestApp, config: Config) -> Vec<Finding> {
    let clock: Arc<dyn Clock> = app.clock.clone();
    let world = World { ids: Ids::new(clock.clone(), Arc::new(SystemRandomness)), clock };
    examine(Ok(config), &world).await
}

fn of<'a>(findings: &'a [Finding], what: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.what == what).unwrap_or_else(|| panic!("{what} in {findings:?}"))
}

fn config_of(app: &TestApp) -> Config {
    Config::clone(&app.app.config)
}

on_both!(a_healthy_house_has_no_fault, |app| {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    app.run_jobs().await;
    let findings = look(app, config_of(app)).await;
    let faults: Vec<&Finding> = findings.iter().filter(|finding| finding.verdict == Verdict::Fault).collect();
    // The disk is the machine's, not the house's.
    assert!(faults.iter().all(|finding| finding.what == "disk"), "{faults:?}");
    let looked_at = ["database", "data folder", "master key", "disk", "clock", "certificate", "sealing keys"];
    for what in looked_at.into_iter().chain(["parked work", "waiting for the PAC", "letters", "mail", "public address"])
    {
        of(&findings, what);
    }
    // A company that is not there is named, wherever the settings name it.
    let mut config = config_of(app);
    config.profiles.cit.push("nadie".into());
    config.payments.erp_applies.push("nadie".into());
    let findings = look(app, config).await;
    for what in ["profiles", "payments"] {
        let finding = of(&findings, what);
        assert!(finding.verdict == Verdict::Fault && finding.seen.contains("names nadie"), "{finding:?}");
    }
});

on_both!(each_fault_is_named_with_its_remedy, |app| {
    let browser = app.browser();
    let ticket = app.ticket(0).await;
    let claim = browser.claim(&ticket).await;
    assert_eq!(browser.invoice(&order(&ticket, &claim, "CAI010101003"), "k-1").await.status, 202);
    by_hand(&app.app, "UPDATE jobs SET state = 'parked'").await.unwrap();
    let data_dir = app.app.config.data_dir.clone();
    std::fs::set_permissions(data_dir.join("master.key"), PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::set_permissions(&data_dir, PermissionsExt::from_mode(0o777)).unwrap();
    app.clock.advance_seconds(49 * 3_600);
    let findings = look(app, config_of(app)).await;
    for what in ["data folder", "master key", "sealing keys", "parked work", "waiting for the PAC"] {
        let finding = of(&findings, what);
        assert!(finding.verdict == Verdict::Fault && !finding.remedy.is_empty(), "{finding:?}");
    }
    std::fs::set_permissions(&data_dir, PermissionsExt::from_mode(0o700)).unwrap();
    // Somebody else's key, as after a restore onto a new machine.
    std::fs::remove_file(data_dir.join("master.key")).unwrap();
    assert_eq!(of(&look(app, config_of(app)).await, "master key").verdict, Verdict::Warning);
    std::fs::write(data_dir.join("master.key"), [7; 32]).unwrap();
    std::fs::set_permissions(data_dir.join("master.key"), PermissionsExt::from_mode(0o600)).unwrap();
    let findings = look(app, config_of(app)).await;
    assert_eq!(of(&findings, "master key").verdict, Verdict::Good);
    assert!(of(&findings, "sealing keys").seen.contains("another master key"), "{findings:?}");
    // Years later.
    app.clock.advance_seconds(5 * 366 * 86_400);
    assert_eq!(of(&look(app, config_of(app)).await, "certificate").verdict, Verdict::Fault);
    // And a clock that was set back.
    app.clock.advance_seconds(-6 * 366 * 86_400);
    assert_eq!(of(&look(app, config_of(app)).await, "clock").verdict, Verdict::Fault);
});

on_both!(an_account_of_a_company_that_is_not_there_is_named, |app| {
    let mut config = config_of(app);
    config.payments.day_rate = vec!["colibri-azul".into()];
    assert_eq!(of(&look(app, config).await, "payments").verdict, Verdict::Good);
    let mut config = config_of(app);
    config.payments.erp_applies = vec!["colibri-azul".into(), "colibrí".into()];
    let findings = look(app, config).await;
    let found = of(&findings, "payments");
    assert!(found.verdict == Verdict::Fault && found.seen.ends_with("payments.erp_applies names colibrí"), "{found:?}");
});

/// A production's settings in which everything is wrong that `serve` refuses.
const REFUSED: &str = r#"
pac.url = "http://pac.example"
mail.smtp_url = "ftp://mail.example"
payments.banxico_url = "http://banxico.example"
payments.banxico_token = "0123"
payments.merchants = [
  { issuer = "uno", bank = "banco", account = "1" },
  { issuer = "dos", bank = "bbva", url = "https://banco.example", account = "1" },
  { issuer = "tres", bank = "spei", account = "012345678901234567" },
]
"#;

on_both!(what_serve_refuses_is_a_fault_each, |app| {
    by_hand(&app.app, "UPDATE installation SET value = 'production' WHERE key = 'mode'").await.unwrap();
    let mut config = config_of(app);
    (config.pac.url, config.mail.smtp_url) = ("https://pac.example".into(), "smtp://127.0.0.1:9".into());
    config.mail.from_address = "facturas@colibri.mx".into();
    assert_eq!(of(&look(app, config.clone()).await, "configuration").verdict, Verdict::Good);
    config.rehearsal = true;
    let found = look(app, config.clone()).await;
    assert!(of(&found, "configuration").seen.contains("rehearsal: the database is a production"), "{found:?}");
    config.rehearsal = false;
    let refused: Config = toml::from_str(REFUSED).unwrap();
    (config.pac, config.mail, config.payments) = (refused.pac, refused.mail, refused.payments);
    let findings = look(app, config.clone()).await;
    let found = of(&findings, "configuration");
    assert_eq!(found.verdict, Verdict::Fault);
    for fault in [
        "pac.url: a PAC outside the rehearsal needs an https address",
        "mail.smtp_url is not smtp://",
        "mail.from_address: facturas@ventanilla.example is an example",
        "payments.banxico_url: a bank outside the rehearsal needs an https address",
        "payments.merchants: banco is no bank of ours",
        "payments.merchants: the account of dos has no key",
        "payments.merchants: 012345678901234567 is no CLABE",
    ] {
        assert!(found.seen.contains(fault), "{fault} in {found:?}");
    }
    (config.pac.url, config.mail.smtp_url) = (String::new(), "".into());
    let findings = look(app, config).await;
    for fault in ["pac.url: required", "mail.smtp_url: required"] {
        assert!(of(&findings, "configuration").seen.contains(fault), "{fault} in {findings:?}");
    }
});

/// What a mail server says that takes our sender.
const GOOD: [&str; 5] = ["220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "221 bye\r\n"];

/// A mail server that says `lines` one by one, each after hearing one.
async fn mail_server(lines: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let mut heard = String::new();
            for line in lines {
                if stream.write_all(line.as_bytes()).await.is_err() {
                    break;
                }
                heard.clear();
                if stream.read_line(&mut heard).await.unwrap_or(0) == 0 {
                    break;
                }
            }
        }
    });
    format!("127.0.0.1:{port}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_step_at_which_mail_fails_is_named() {
    let app = TestApp::start(crate::support::Engine::Sqlite).await;
    let good = mail_server(&GOOD).await;
    let strict = mail_server(&["220 hi\r\n", "250 hi\r\n", "550 5.1.8 nobody\r\n", "221 bye\r\n"]).await;
    let wary = mail_server(&["220 hi\r\n", "250 hi\r\n", "530 5.7.0 sign in first\r\n", "221 bye\r\n"]).await;
    let locked = mail_server(&["220 hi\r\n", "250-hi\r\n250 AUTH PLAIN\r\n", "535 no\r\n", "221 bye\r\n"]).await;
    let busy = mail_server(&["421 busy\r\n"]).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let cases = [
        (format!("smtp://{good}"), ""),
        (format!("smtp://ana:geheim@{locked}"), "login: refused with 535"),
        (format!("smtp://{busy}"), "greeting and EHLO: refused with 421"),
        (format!("smtp://{closed}"), "connection: "),
        (format!("smtps://{good}"), "encryption: "),
        (format!("smtp://{good}?tls=required"), "encryption: the server does not offer STARTTLS"),
        (format!("smtp://ana:geheim@{good}"), "login: the server offers no login we know"),
        (format!("smtp://{wary}"), "login: refused with 530"),
        (format!("smtp://{strict}"), "sender: refused with 550"),
        ("smtp://no.such.host.invalid:25?tls=none".into(), "name: "),
        ("ftp://mail.example".into(), "address: "),
    ];
    for (url, told) in cases {
        let mut config = config_of(&app);
        config.mail.smtp_url = url.clone().into();
        config.mail.timeout_seconds = 5;
        let findings = look(&app, config).await;
        let mail = of(&findings, "mail");
        let good = told.is_empty();
        assert_eq!(mail.verdict == Verdict::Good, good, "{url}: {mail:?}");
        assert!(mail.seen.starts_with(told) && !mail.seen.contains("geheim"), "{url}: {mail:?}");
        assert_eq!(mail.remedy.is_empty(), good, "{mail:?}");
        assert_eq!(mail.remedy.contains("?tls=none"), told.starts_with("encryption"), "{mail:?}");
    }
    app.finish().await;
}

on_both!(a_real_house_does_not_send_in_the_name_of_the_example, |app| {
    let mut config = config_of(app);
    config.mail.smtp_url = format!("smtp://{}", mail_server(&GOOD).await).into();
    assert_eq!(of(&look(app, config.clone()).await, "mail").verdict, Verdict::Good, "a rehearsal may");
    app.database.execute("UPDATE installation SET value = 'production' WHERE key = 'mode'").await;
    let is_told = async |config: &Config| {
        let findings = look(app, config.clone()).await;
        of(&findings, "configuration").seen.contains("mail.from_address: facturas@ventanilla.example is an example")
    };
    assert!(is_told(&config).await);
    config.mail.from_address = "facturas@colibri.mx".into();
    assert!(!is_told(&config).await);
});

#[tokio::test]
async fn a_wrong_configuration_is_told_whole() {
    let folder = tempfile::tempdir().unwrap();
    let more = "listen = \"nowhere\"\n[mail]\nfrom_address = \"nobody\"\n[jobs]\nworkers = 0\n";
    let config = config_file(folder.path(), folder.path(), "", more);
    let ran = ventanilla(vec!["doctor".into(), "--config".into(), config.to_str().unwrap().into()]).await;
    assert!(!ran.good);
    for fault in ["FAULT    configuration", "listen: nowhere", "mail.from_address", "jobs.workers", "→ correct it"] {
        assert!(ran.out.contains(fault), "{fault} in {}", ran.out);
    }
}

/// What is found of the SAT's lists.
pub(super) async fn catalogs(app: &TestApp) -> Finding {
    of(&look(app, config_of(app)).await, "catalogs").clone()
}
