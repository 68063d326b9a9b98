//! Staff and an issuer's customers: finding, helping, looking.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::Me;
use shared::console::{AuditRow, ConsoleCustomer, ConsoleCustomerRow, CustomerState, CustomerViewOpened};
use shared::page::Page;
use uuid::Uuid;

use super::parts::{ANA, RFC, known_to_both};
use super::second_factor::{app_code, challenge, pass, set_up};
use super::staff::{enter, invite};
use super::{
    OTHER_PASSWORD, call, column, get, letters_to, people, registrable, sign_in, token_in, token_of, use_link,
};
use crate::support::shapes::{filled, least_body};
use crate::support::{Clerk, on_both, order};

pub(super) const HERE: &str = "/console/issuers/default";

async fn found(clerk: &Clerk, query: &str) -> Vec<ConsoleCustomerRow> {
    clerk.get(&format!("{HERE}/customers{query}")).await.ok().json::<Page<ConsoleCustomerRow>>().data
}

pub(super) async fn textiles(clerk: &Clerk) -> ConsoleCustomer {
    let row = found(clerk, "?q=textiles").await.remove(0);
    clerk.get(&format!("{HERE}/customers/{}", row.id)).await.ok().json()
}

on_both!(staff_find_a_customer_by_whatever_the_caller_has, |app| {
    let desk = app.desk().await;
    let all = found(&desk, "").await;
    let names: Vec<&str> = all.iter().map(|row| row.nombre.as_str()).collect();
    assert_eq!(names, ["CAFETERIAS LA HIGUERA", "TEXTILES ARRAYAN Y MIMBRE"]);
    assert_eq!((all[0].state, all[1].state), (CustomerState::Unconfirmed, CustomerState::Active));
    assert_eq!((all[1].contracts, all[1].people), (2, 2));
    let written = ["?q=Array%C3%A1n", "?q=TAM-010203-ABA", "?q=tam%20010203%20aba"];
    for query in ["?q=tam0102", "?q=Arrayan%20y", "?q=005300", "?q=LUCIA.ferran"].into_iter().chain(written) {
        let rows = found(&desk, query).await;
        assert_eq!(rows.len(), 1, "{query}");
        assert_eq!(rows[0].rfc, "TAM010203ABA", "{query}");
    }
    for query in ["?q=%25", "?q=_", "?q=nadie"] {
        assert!(found(&desk, query).await.is_empty(), "{query}");
    }
    let first: Page<ConsoleCustomerRow> = desk.get(&format!("{HERE}/customers?limit=1")).await.ok().json();
    let next = format!("?limit=1&cursor={}", first.next_cursor.unwrap());
    assert_eq!(found(&desk, &next).await[0].nombre, names[1]);
    let whole = textiles(&desk).await;
    assert_eq!(whole.contracts, ["005300", "17-0942"]);
    assert_eq!(whole.people.len(), 2);
});

on_both!(staff_find_a_name_however_its_accents_are_kept_and_typed, |app| {
    app.database.execute("UPDATE customers SET nombre = 'ÑANDÚ Y COMPAÑÍA' WHERE rfc = 'TAM010203ABA'").await;
    let desk = app.desk().await;
    for query in ["?q=nandu", "?q=%C3%91and%C3%BA", "?q=compania", "?q=%C3%A1nd%C3%BA"] {
        let rows = found(&desk, query).await;
        assert_eq!(rows.len(), 1, "{query}");
        assert_eq!(rows[0].rfc, "TAM010203ABA", "{query}");
    }
});

on_both!(b2_another_issuers_customer_is_none, |app| {
    let house = app.operator().await;
    let theirs = textiles(&house).await;
    invite(&house, "nandu", "otra@nandu.example", "operator").await.ok();
    let clerk = enter(app, "otra@nandu.example").await;
    let none: Page<ConsoleCustomerRow> = clerk.get("/console/issuers/nandu/customers").await.ok().json();
    assert!(none.data.is_empty());
    let (customer, person) = (theirs.id, theirs.people[0].user_id);
    let base = format!("/console/issuers/nandu/customers/{customer}");
    for (method, path) in [
        (Method::GET, base.clone()),
        (Method::POST, format!("{base}/activations")),
        (Method::DELETE, format!("{base}/activations/{person}")),
        (Method::POST, format!("{base}/views")),
        (Method::POST, format!("{base}/people/{person}/unlocks")),
        (Method::POST, format!("{base}/people/{person}/recoveries")),
        (Method::DELETE, format!("{base}/people/{person}/sessions")),
        (Method::PUT, format!("{base}/people/{person}")),
        (Method::DELETE, format!("{base}/people/{person}")),
        (Method::POST, format!("{base}/people/{person}/second-factor-resets")),
        (Method::POST, format!("{base}/people/{person}/email-changes")),
    ] {
        let body = match path.rsplit('/').next() {
            _ if matches!(method, Method::GET | Method::DELETE) => None,
            Some("email-changes") => Some(json!({"email": "alguien@x.example", "fact": "005300"})),
            Some("second-factor-resets") => Some(json!({"fact": "005300"})),
            Some("activations") => Some(json!({"email": "alguien@x.example", "language": "es"})),
            _ if method == Method::PUT => Some(json!({"role": "reader"})),
            _ => Some(json!({})),
        };
        let reply = call(&clerk.browser, method, &path, &clerk.token, body.as_ref()).await;
        reply.problem(ProblemCode::NotFound);
    }
});

on_both!(staff_help_somebody_in_and_never_learn_a_password, |app| {
    let [owner, _] = people(app).await;
    for _ in 0..5 {
        sign_in(&app.browser(), &owner.user, "no es esta").await.problem(ProblemCode::WrongCredentials);
    }
    sign_in(&app.browser(), &owner.user, &owner.password).await.problem(ProblemCode::SignInHeld);
    let desk = app.desk().await;
    let customer = textiles(&desk).await;
    let lucia = customer.people.iter().find(|person| person.email == owner.user).unwrap();
    assert!(lucia.held && !customer.people[1].held);
    let base = format!("{HERE}/customers/{}/people/{}", customer.id, lucia.user_id);
    desk.post(&format!("{base}/unlocks"), &json!({})).await.ok();
    let token = token_of(&app.browser(), &owner.user, &owner.password).await;
    desk.delete(&format!("{base}/sessions")).await.ok();
    get(&app.browser(), "/me", &token).await.problem(ProblemCode::SignedOut);
    let sent = desk.post(&format!("{base}/recoveries"), &json!({})).await.ok();
    assert!(sent.body.is_empty(), "the link is nowhere but in the letter");
    let link = token_in(&letters_to(app, &owner.user).await[0], "recuperar");
    use_link(app, "password-recoveries", &link, OTHER_PASSWORD).await.ok();
    let acts = column(app, "SELECT act || ' ' || COALESCE(on_behalf_of, '') FROM audit_log").await.join("\n");
    for act in ["user.unlocked", "user.sessions_ended", "recovery.sent"] {
        assert!(acts.contains(&format!("{act} {}", customer.id)), "{act}");
    }
});

on_both!(
    staff_free_a_second_step_that_wrong_codes_hold,
    with | config | config.accounts.wrong_codes_in_a_row = 1,
    |app| {
        let [owner, _] = people(app).await;
        let browser = app.browser();
        let token = token_of(&browser, &owner.user, &owner.password).await;
        let (secret, _) = set_up(app, &browser, &token).await;
        app.clock.advance_seconds(30);
        let step = challenge(app, &owner.user, &owner.password).await;
        pass(app, &step, "000000").await.problem(ProblemCode::WrongCode);
        pass(app, &step, &app_code(app, &secret)).await.problem(ProblemCode::SecondStepHeld);
        let desk = app.desk().await;
        let customer = textiles(&desk).await;
        let lucia = customer.people.iter().find(|person| person.email == owner.user).unwrap();
        assert!(lucia.held);
        let unlock = format!("{HERE}/customers/{}/people/{}/unlocks", customer.id, lucia.user_id);
        desk.post(&unlock, &json!({})).await.ok();
        assert!(!textiles(&desk).await.people.iter().any(|person| person.held));
        let step = challenge(app, &owner.user, &owner.password).await;
        pass(app, &step, &app_code(app, &secret)).await.ok();
    }
);

on_both!(staff_send_the_first_link_to_a_customer_nobody_registered, |app| {
    let desk = app.desk().await;
    let customer = registrable(app).await;
    let row = found(&desk, &format!("?q={}", customer.rfc)).await.remove(0);
    let path = format!("{HERE}/customers/{}/activations", row.id);
    let form = json!({"email": "ana@higuera.example", "language": "es"});
    desk.post(&path, &form).await.ok();
    let link = token_in(&letters_to(app, "ana@higuera.example").await[0], "activar");
    use_link(app, "registrations", &link, OTHER_PASSWORD).await.ok();
    desk.post(&path, &form).await.problem(ProblemCode::InvalidFields);
});

on_both!(a_first_link_to_a_wrong_address_is_seen_and_taken_back, |app| {
    let desk = app.desk().await;
    let customer = registrable(app).await;
    let row = found(&desk, &format!("?q={}", customer.rfc)).await.remove(0);
    let path = format!("{HERE}/customers/{}", row.id);
    let links = async || desk.get(&path).await.ok().json::<ConsoleCustomer>().entry_links;
    assert!(links().await.is_empty());
    for email in ["ana@higuera.example", "ana@higeura.example"] {
        desk.post(&format!("{path}/activations"), &json!({"email": email, "language": "es"})).await.ok();
    }
    let sent = links().await;
    assert_eq!(sent.len(), 2);
    let of = |email: &str| sent.iter().find(|link| link.email == email).unwrap();
    let (right, wrong) = (of("ana@higuera.example"), of("ana@higeura.example"));
    assert!(wrong.expires_at.instant > wrong.created_at);
    let misled = token_in(&letters_to(app, &wrong.email).await[0], "activar");
    let elsewhere = format!("{HERE}/customers/{}/activations/{}", textiles(&desk).await.id, wrong.id);
    desk.delete(&elsewhere).await.problem(ProblemCode::NotFound);
    let this = |id: Uuid| format!("{path}/activations/{id}");
    desk.delete(&this(wrong.id)).await.ok();
    desk.delete(&this(wrong.id)).await.problem(ProblemCode::NotFound);
    use_link(app, "registrations", &misled, OTHER_PASSWORD).await.problem(ProblemCode::LinkExpired);
    assert_eq!(links().await, std::slice::from_ref(right));
    let link = token_in(&letters_to(app, &right.email).await[0], "activar");
    use_link(app, "registrations", &link, OTHER_PASSWORD).await.ok();
    assert!(links().await.is_empty());
    desk.delete(&this(right.id)).await.problem(ProblemCode::NotFound);
    let acts = column(app, "SELECT act || ' ' || object_id FROM audit_log WHERE act = 'activation.revoked'").await;
    assert_eq!(acts, [format!("activation.revoked {}", row.id)]);
});

on_both!(a_first_link_that_nobody_can_come_in_by_any_more_is_not_shown, |app| {
    let desk = app.desk().await;
    let customer = registrable(app).await;
    let row = found(&desk, &format!("?q={}", customer.rfc)).await.remove(0);
    let path = format!("{HERE}/customers/{}", row.id);
    let links = async || desk.get(&path).await.ok().json::<ConsoleCustomer>().entry_links;
    let send = async |email: &str| {
        desk.post(&format!("{path}/activations"), &json!({"email": email, "language": "es"})).await.ok();
    };
    send("ana@higuera.example").await;
    let over = links().await.remove(0);
    app.database.execute("UPDATE one_time_links SET expires_at = created_at").await;
    assert!(links().await.is_empty());
    desk.delete(&format!("{path}/activations/{}", over.id)).await.problem(ProblemCode::NotFound);
    // Somebody came in by another letter: the first one stands.
    for email in ["eva@higuera.example", "teo@higuera.example"] {
        send(email).await;
    }
    assert_eq!(links().await.len(), 2);
    let link = token_in(&letters_to(app, "eva@higuera.example").await[0], "activar");
    use_link(app, "registrations", &link, OTHER_PASSWORD).await.ok();
    assert!(links().await.is_empty());
});

on_both!(b2_another_companys_first_link_to_the_same_customer_is_none, |app| {
    known_to_both(app).await;
    let house = app.operator().await;
    let customer = found(&house, &format!("?q={RFC}")).await.remove(0).id;
    let at = |slug: &str| format!("/console/issuers/{slug}/customers/{customer}");
    let (here, there) = (at("default"), at("nandu"));
    house.post(&format!("{here}/activations"), &json!({"email": ANA, "language": "es"})).await.ok();
    let links = async |path: &str| house.get(path).await.ok().json::<ConsoleCustomer>().entry_links;
    let sent = links(&here).await.remove(0);
    assert_eq!(sent.email, ANA);
    assert!(links(&there).await.is_empty());
    house.delete(&format!("{there}/activations/{}", sent.id)).await.problem(ProblemCode::NotFound);
    assert_eq!(links(&here).await.len(), 1);
    house.delete(&format!("{here}/activations/{}", sent.id)).await.ok();
    assert!(links(&here).await.is_empty());
});

on_both!(roles_of_a_customers_people_are_for_proved_operators, |app| {
    let desk = app.desk().await;
    let customer = textiles(&desk).await;
    let (lucia, reader) = (&customer.people[0], &customer.people[1]);
    let base = format!("{HERE}/customers/{}/people", customer.id);
    let up = json!({"role": "payer"});
    desk.put(&format!("{base}/{}", reader.user_id), &up).await.problem(ProblemCode::OperatorNeeded);
    let operator = app.operator().await;
    operator.put(&format!("{base}/{}", reader.user_id), &up).await.ok();
    operator.put(&format!("{base}/{}", lucia.user_id), &up).await.problem(ProblemCode::LastOne);
    operator.delete(&format!("{base}/{}", lucia.user_id)).await.problem(ProblemCode::LastOne);
    operator.delete(&format!("{base}/{}", reader.user_id)).await.ok();
    app.clock.advance_seconds(10 * 60);
    let late = operator.put(&format!("{base}/{}", lucia.user_id), &up).await;
    late.problem(ProblemCode::ProofNeeded);
});

on_both!(a_look_at_a_customers_pages_reads_and_changes_nothing, |app| {
    let desk = app.desk().await;
    let customer = textiles(&desk).await;
    let path = format!("{HERE}/customers/{}/views", customer.id);
    let look: CustomerViewOpened = desk.post(&path, &json!({})).await.ok().json();
    assert_eq!(look.rfc, customer.rfc);
    let (browser, token) = (app.browser(), look.access_token.expose().to_owned());
    let me: Me = get(&browser, "/me", &token).await.ok().json();
    assert!(me.view_only);
    assert_eq!((me.customer.rfc.as_str(), me.contracts.len()), (customer.rfc.as_str(), 2));
    for path in ["/documents", "/documents/filters", "/balances", "/payments"] {
        get(&browser, path, &token).await.ok();
    }
    let document: Value = browser.get("/openapi/portal.json").await.ok().json();
    let mut refused = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let customers = operation["security"].as_array().unwrap().iter().any(|way| way.get("customer").is_some());
            let Some(below) = path.strip_prefix("/api/v1").filter(|_| customers && method != "get") else { continue };
            if below == "/sessions/current" {
                continue;
            }
            let below = filled(below);
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let body = least_body(&document, operation);
            let reply = call(&browser, method, &below, &token, body.as_ref()).await;
            assert!(matches!(reply.status.as_u16(), 401 | 403), "{below} {}", reply.text());
            refused += 1;
        }
    }
    assert!(refused >= 10, "{refused}");
    desk.get(&format!("{HERE}/audit")).await.problem(ProblemCode::OperatorNeeded);
    let operator = app.operator().await;
    let query = format!("{HERE}/audit?object_kind=customer&object_id={}", customer.id);
    let log: Page<AuditRow> = operator.get(&query).await.ok().json();
    assert_eq!(log.data[0].act, "customer.viewed");
    assert_eq!(log.data[0].on_behalf_of.as_deref(), Some(customer.id.to_string().as_str()));
    assert_eq!(log.data[0].actor_email.as_deref(), Some(desk.me.email.as_str()));
    app.clock.advance_seconds(15 * 60);
    get(&browser, "/me", &token).await.problem(ProblemCode::SignedOut);
});

on_both!(a_look_does_not_make_a_document_seen, |app| {
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, "TAM010203ABA"), "k-1").await.ok();
    let desk = app.desk().await;
    let customer = textiles(&desk).await;
    let path = format!("{HERE}/customers/{}/views", customer.id);
    let look: CustomerViewOpened = desk.post(&path, &json!({})).await.ok().json();
    let (browser, token) = (app.browser(), look.access_token.expose());
    let listed: Value = get(&browser, "/documents", token).await.ok().json();
    let id = listed["data"][0]["id"].as_str().unwrap();
    get(&browser, &format!("/documents/{id}"), token).await.ok();
    get(&browser, &format!("/documents/{id}/xml"), token).await.ok();
    let acts = column(app, "SELECT act FROM audit_log WHERE object_kind = 'document' ORDER BY seq").await;
    assert_eq!(acts.iter().filter(|act| *act == "document.looked_at").count(), 2, "{acts:?}");
    assert!(!acts.iter().any(|act| act == "document.view" || act == "document.download"), "{acts:?}");
});

on_both!(a_look_ends_with_the_role_that_opened_it, |app| {
    let operator = app.operator().await;
    invite(&operator, "default", "teo@colibri-azul.example", "staff").await.ok();
    let teo = enter(app, "teo@colibri-azul.example").await;
    let customer = textiles(&teo).await;
    let path = format!("{HERE}/customers/{}/views", customer.id);
    let look: CustomerViewOpened = teo.post(&path, &json!({})).await.ok().json();
    let token = look.access_token.expose();
    get(&app.browser(), "/documents", token).await.ok();
    let list: shared::staff::StaffList = operator.get(&format!("{HERE}/staff")).await.ok().json();
    let row = list.people.iter().find(|person| person.email == "teo@colibri-azul.example").unwrap();
    operator.delete(&format!("{HERE}/staff/{}", row.id)).await.ok();
    get(&app.browser(), "/documents", token).await.problem(ProblemCode::SignedOut);
});

on_both!(the_log_is_found_by_the_request_that_a_customer_reads_out, |app| {
    let (desk, operator) = (app.desk().await, app.operator().await);
    let customer = textiles(&desk).await;
    for person in &customer.people {
        let path = format!("{HERE}/customers/{}/people/{}/unlocks", customer.id, person.user_id);
        desk.post(&path, &json!({})).await.ok();
    }
    let acts = async |issuer: &str, query: &str| {
        let path = format!("/console/issuers/{issuer}/audit?{query}");
        operator.get(&path).await.ok().json::<Page<AuditRow>>().data
    };
    let all = acts("default", "limit=2").await;
    let asked = all[1].request_id.clone().unwrap();
    assert_ne!(all[0].request_id.as_ref(), Some(&asked));
    let found = acts("default", &format!("request_id={asked}")).await;
    assert_eq!(found, [all[1].clone()]);
    assert!(acts("default", &format!("request_id={asked}&object_kind=customer")).await.is_empty());
    assert!(acts("default", "request_id=otra").await.is_empty());
    assert!(acts("nandu", &format!("request_id={asked}")).await.is_empty(), "another issuer's log is its own");
});
