//! From an empty house to a stamped invoice, by the commands and the routes that its first operator uses.
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use api::config::Config;
use api::ops::api_key::{self, CreateArgs};
use api::ops::csd::{self, RehearseArgs};
use api::ops::staff::{self, InviteArgs};
use api::ops::start::World;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::accounts::second_factor::Enrolment;
use shared::billing::{InvoiceState, InvoiceView};
use shared::issuer_settings::IssuerSettings;
use shared::{FieldCode, Problem, ProblemCode};

use super::second_factor::app_code;
use crate::support::{Clerk, TestApp, on_both};

const RFC: &str = "SCA010101AA4";
const NOMBRE: &str = "SUMINISTROS COLIBRI AZUL";
const PASSWORD: &str = "una frase que nadie más tiene";
const HERE: &str = "/console/issuers/colibri";

fn world(app: &TestApp) -> World {
    World { clock: app.app.clock.clone(), ids: app.app.ids.clone() }
}

on_both!(
    an_empty_house_becomes_one_that_stamps,
    with | config | {
        config.rehearsal = true;
    },
    |app| {
        app.browser().get("/api/v1/issuers/default").await.problem(ProblemCode::NotFound);
        let operator = first_operator(app).await;
        let founded: IssuerSettings = operator.post("/console/issuers", &issuer("colibri", RFC)).await.ok().json();
        assert!(founded.is_default, "the first issuer stands at /");
        let seen: Value = operator.browser.get("/api/v1/issuers/default").await.ok().json();
        assert_eq!(seen["footer"], founded.footer);
        assert_eq!(founded.footer, "Av. Juárez 1, Centro");
        let again = operator.post("/console/issuers", &issuer("colibri", "EKU9003173C9")).await;
        assert_eq!(wrong(&again), [("/slug".to_owned(), FieldCode::Taken)]);
        let again = operator.post("/console/issuers", &issuer("otra", RFC)).await;
        assert_eq!(wrong(&again), [("/rfc".to_owned(), FieldCode::Taken)]);

        let opened = operator.post(&format!("{HERE}/branches"), &branch("Centro")).await.ok();
        assert_eq!(opened.status, 201);
        let again = operator.post(&format!("{HERE}/branches"), &branch("Centro")).await;
        assert_eq!(wrong(&again), [("/name".to_owned(), FieldCode::Taken)]);
        let nowhere = json!({"time_zone": "America/Nowhere"});
        let again = operator.post(&format!("{HERE}/branches"), &merged(branch("Norte"), nowhere)).await;
        assert_eq!(wrong(&again), [("/time_zone".to_owned(), FieldCode::TimeZone)]);

        hand_a_certificate_over(app, &operator).await;
        let invoice = sell_and_invoice(app, &opened.json::<Value>()["id"]).await;
        assert_eq!(invoice.state, InvoiceState::Stamped);
        assert_eq!((invoice.serie.as_str(), invoice.folio.as_str()), ("CE", "1"));
    }
);

on_both!(
    a11_a_fresh_house_knows_nobody_and_no_password_opens_it,
    with | config | {
        config.rehearsal = true;
    },
    |app| {
        for nobody in [
            "SELECT COUNT(*) FROM users",
            "SELECT COUNT(*) FROM staff_grants",
            "SELECT COUNT(*) FROM memberships",
            "SELECT COUNT(*) FROM sessions",
            "SELECT COUNT(*) FROM one_time_links",
            "SELECT COUNT(*) FROM api_keys",
            "SELECT COUNT(*) FROM till_keys",
        ] {
            assert_eq!(app.database.count(nobody).await, 0, "{nobody}");
        }
        for (user, password) in [
            ("admin", "admin"),
            ("root", "root"),
            ("operator", "password"),
            ("ventanilla", "ventanilla"),
            ("facturas@ventanilla.example", "password"),
        ] {
            for door in ["sessions", "console/sessions"] {
                let form = json!({"user": user, "password": password});
                let reply = app.browser().post(&format!("/api/v1/{door}"), &form).await;
                reply.problem(ProblemCode::WrongCredentials);
            }
        }
        // What it signs and seals with was made here, for whoever runs it alone.
        let mut keys = BTreeSet::new();
        for name in ["master.key", "session.key"] {
            let path = app.app.config.data_dir.join(name);
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
            let key = std::fs::read(&path).unwrap();
            assert!(key.len() >= 32 && key.iter().collect::<BTreeSet<_>>().len() > 8, "{name} is drawn");
            keys.insert(key);
        }
        assert_eq!(keys.len(), 2);
    }
);

/// The example has no secret to be kept by mistake, and the password of its comments opens nothing.
#[test]
fn a11_an_example_secret_stops_the_start() {
    let example: Config = toml::from_str(include_str!("../../../../config.example.toml")).unwrap();
    let secrets = [&example.database_url, &example.mail.smtp_url, &example.pac.token, &example.payments.banxico_token];
    assert!(secrets.into_iter().all(|secret| secret.expose_secret().is_empty()));
    assert!(example.payments.merchants.is_empty());
    let set = |address: &str| Config::read_with(None, [("VENTANILLA_MAIL__SMTP_URL".to_owned(), address.to_owned())]);
    for copied in ["smtp://user:password@host:port", "smtps://facturas:password@correo.colibri.example"] {
        let refused = set(copied).unwrap_err().to_string();
        assert!(refused.contains("mail.smtp_url") && !refused.contains("password@"), "{refused}");
    }
    set("smtps://facturas:nopal-7-junto@correo.colibri.example").unwrap();
}

async fn first_operator(app: &TestApp) -> Clerk {
    let who = InviteArgs {
        email: "olga@fundadora.example".into(),
        issuer: None,
        role: "operator".into(),
        language: "es".into(),
    };
    let mut told = Vec::new();
    staff::invite(&app.app.config, &who, &world(app), &mut told).await.unwrap();
    let told: Value = serde_json::from_slice(&told).unwrap();
    let link = told["link"].as_str().unwrap();
    let (_, token) = link.rsplit_once('/').unwrap();
    let browser = app.browser();
    let form = json!({"token": token, "password": PASSWORD});
    let reply = browser.post("/api/v1/console/invitations/confirmations", &form).await.ok();
    let operator = Clerk::of(browser, &reply);
    operator.post("/console/issuers", &issuer("colibri", RFC)).await.problem(ProblemCode::SecondFactorNeeded);
    let enrolment: Enrolment = operator.post("/second-factor/enrolments", &json!({})).await.ok().json();
    let code = app_code(app, &enrolment.secret);
    operator.post("/second-factor/confirmations", &json!({"code": code})).await.ok();
    operator.post("/sessions/current/proofs", &json!({"password": PASSWORD})).await.ok();
    operator
}

/// A certificate of the rehearsal, as the SAT would give the files; wrong ones first.
async fn hand_a_certificate_over(app: &TestApp, operator: &Clerk) {
    let folder = tempfile::tempdir().unwrap();
    let files = async |rfc: &str| {
        let wanted = RehearseArgs { rfc: rfc.into(), name: NOMBRE.into(), out: folder.path().to_owned() };
        let mut told = Vec::new();
        csd::rehearse(&app.app.config, &wanted, &world(app), &mut told).unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        let read = |name: &str| STANDARD.encode(std::fs::read(told[name].as_str().unwrap()).unwrap());
        json!({"certificate": read("certificate"), "key": read("key"), "password": told["password"]})
    };
    let (own, foreign) = (files(RFC).await, files("EKU9003173C9").await);
    let path = format!("{HERE}/certificates");
    for (changed, pointer, code) in [
        (json!({"password": "otra"}), "/password", FieldCode::KeyPassword),
        (json!({"certificate": "AAAA"}), "/certificate", FieldCode::CertificateFile),
        (json!({"key": "AAAA"}), "/key", FieldCode::KeyFile),
        (json!({"key": foreign["key"]}), "/key", FieldCode::KeyFile),
        (foreign.clone(), "/certificate", FieldCode::CertificateUnfit),
    ] {
        let reply = operator.post(&path, &merged(own.clone(), changed)).await;
        assert_eq!(wrong(&reply), [(pointer.to_owned(), code)]);
    }
    operator.post(&path, &own).await.ok();
    assert_eq!(wrong(&operator.post(&path, &own).await), [("/certificate".to_owned(), FieldCode::Taken)]);
    let settings: IssuerSettings = operator.get(HERE).await.ok().json();
    assert_eq!(settings.certificates.len(), 1);
    assert!(settings.certificates[0].revoked_at.is_none());
}

async fn sell_and_invoice(app: &TestApp, branch_id: &Value) -> InvoiceView {
    let key = CreateArgs {
        issuer: "colibri".into(),
        name: "caja 1".into(),
        scopes: vec!["tickets:write".into()],
        days: None,
    };
    let mut told = Vec::new();
    api_key::create(&app.app.config, &key, &world(app), &mut told).await.unwrap();
    let told: Value = serde_json::from_slice(&told).unwrap();
    let browser = app.browser();
    let line = json!({"clave_prod_serv": "44121701", "cantidad": "1", "clave_unidad": "H87",
        "descripcion": "Bolígrafo", "importe": "116.00", "impuesto": "iva_16"});
    let sale = json!({"branch": "Centro", "order_number": "A-1", "ticket_number": "1",
        "sold_at": "2026-11-18T10:00:00", "total": "116.00", "forma_pago": "01", "lines": [line]});
    let request = browser.request(reqwest::Method::PUT, "/api/integrators/v1/tickets/venta-1");
    browser.send(request.bearer_auth(told["key"].as_str().unwrap()).json(&sale)).await.ok();
    let data = json!({"branch_id": branch_id, "order_number": "A-1", "ticket_number": "1", "total": "116.00"});
    let claim: Value = browser.post("/api/v1/issuers/default/ticket-claims", &data).await.ok().json();
    let order = json!({
        "claim": claim["claim"], "forma_pago": "01", "email": "amaranta@quintil.example", "language": "es",
        "receptor": {"rfc": "QUIA850712AA1", "nombre": "Amaranta Quintil Ibarra", "regimen": "612",
            "codigo_postal": "06010", "uso": "G03"},
    });
    browser.invoice(&order, "k-1").await.ok().json()
}

fn issuer(slug: &str, rfc: &str) -> Value {
    json!({"slug": slug, "rfc": rfc, "nombre": NOMBRE, "settings": {
        "regimen": "601", "commercial_name": "Colibrí", "support_email": "ayuda@colibri.example",
        "brand_color": "#0b6470", "address_lines": ["Calle 1", "Ciudad de México"], "language": "es",
        "daily_stamp_ceiling": 5000, "footer": "Av. Juárez 1, Centro",
    }})
}

fn branch(name: &str) -> Value {
    json!({"name": name, "postal_code": "06010", "city": "Ciudad de México", "time_zone": "America/Mexico_City",
    "serie": "CE", "invoicing_grace_days": 10, "active": true, "ticket": {
        "head": ["COLIBRÍ"], "date_label": "Fecha", "order_label": "Orden", "ticket_label": "Ticket",
        "total_label": "Total", "payment_label": "Pago", "foot": [],
        "example": {"date": "18/11/2026 10:00", "order": "A-1", "ticket": "1", "lines": [["Bolígrafo", "116.00"]],
            "subtotal": "100.00", "tax": ["IVA", "16.00"], "total": "$116.00", "payment": "EFECTIVO"},
    }})
}

fn merged(mut whole: Value, part: Value) -> Value {
    whole.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    whole
}

fn wrong(reply: &crate::support::Reply) -> Vec<(String, FieldCode)> {
    assert_eq!(reply.status, 422, "{}", reply.text());
    reply.json::<Problem>().errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}
