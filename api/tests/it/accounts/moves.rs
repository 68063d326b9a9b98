//! Somebody who lost their mailbox, or their phone and their codes, and asks at their company's desk.
use serde_json::json;
use shared::ProblemCode;
use shared::console::ConsoleCustomer;
use shared::problem::FieldCode;
use uuid::Uuid;

use super::console::{HERE, textiles};
use super::mailboxes;
use super::parts::{self, ANA, comes_in, known_to_both, proves};
use super::profiles::ticket;
use super::second_factor::{challenge, set_up};
use super::staff::{enter, invite};
use super::{
    OTHER_PASSWORD, PASSWORD, column, execute, get, letters_to, people, recover, sign_in, token_in, token_of, use_link,
};
use crate::support::{Clerk, Reply, TestApp, on_both, order};

const NEW: &str = "lucia@correo-nuevo.example";
/// A contract of the demo's customer at the default issuer.
const CONTRACT: &str = "005300";

async fn asks(clerk: &Clerk, (customer, person): (Uuid, Uuid), email: &str, fact: &str) -> Reply {
    let path = format!("{HERE}/customers/{customer}/people/{person}/email-changes");
    clerk.post(&path, &json!({"email": email, "fact": fact})).await
}

async fn resets(clerk: &Clerk, (customer, person): (Uuid, Uuid), fact: &str) -> Reply {
    let path = format!("{HERE}/customers/{customer}/people/{person}/second-factor-resets");
    clerk.post(&path, &json!({"fact": fact})).await
}

fn person(customer: &ConsoleCustomer, email: &str) -> (Uuid, Uuid) {
    (customer.id, customer.people.iter().find(|person| person.email == email).unwrap().user_id)
}

async fn link_to(app: &TestApp, email: &str) -> String {
    let letters = letters_to(app, email).await;
    token_in(letters.iter().find(|letter| letter.text.contains("/cuenta/correo/")).unwrap(), "cuenta/correo")
}

async fn confirms(app: &TestApp, token: &str) -> Reply {
    app.browser().post("/api/v1/email-change-links/confirmations", &json!({"token": token})).await
}

async fn subjects(app: &TestApp, email: &str) -> String {
    letters_to(app, email).await.into_iter().map(|letter| letter.letter.subject + "\n").collect()
}

async fn folio_of(app: &TestApp, sql: &'static str) -> String {
    column(app, sql).await.remove(0)
}

on_both!(a_lost_mailbox_gives_way_to_one_that_its_reader_confirms, |app| {
    let [owner, _] = people(app).await;
    let (browser, operator) = (app.browser(), app.operator().await);
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let whose = person(&textiles(&operator).await, &owner.user);
    let asked = asks(&operator, whose, NEW, " 0053 00 ").await.ok();
    assert_eq!((asked.status.as_u16(), asked.body.len()), (202, 0), "the link is nowhere but in the letter");
    assert!(subjects(app, &owner.user).await.contains("pidieron cambiar el correo de su cuenta"));
    get(&browser, "/me", &token).await.ok();
    sign_in(&app.browser(), NEW, &owner.password).await.problem(ProblemCode::WrongCredentials);

    let link = link_to(app, NEW).await;
    for route in ["registrations", "password-recoveries"] {
        use_link(app, route, &link, OTHER_PASSWORD).await.problem(ProblemCode::LinkExpired);
        let opened = app.browser().post(&format!("/api/v1/{route}/openings"), &json!({"token": link})).await;
        opened.problem(ProblemCode::LinkExpired);
    }
    assert_eq!(confirms(app, &link).await.ok().status, 204);
    confirms(app, &link).await.problem(ProblemCode::LinkExpired);
    get(&browser, "/me", &token).await.problem(ProblemCode::SignedOut);
    sign_in(&app.browser(), &owner.user, &owner.password).await.problem(ProblemCode::WrongCredentials);
    token_of(&app.browser(), NEW, &owner.password).await;
    assert!(subjects(app, &owner.user).await.contains("el correo de su cuenta cambió"));

    let sql = "SELECT act || ' ' || COALESCE(on_behalf_of, '') || ' ' || COALESCE(before_json, '') || \
               COALESCE(after_json, '') FROM audit_log WHERE act LIKE 'email.%' ORDER BY seq";
    let acts = column(app, sql).await;
    assert_eq!(acts.len(), 2, "{acts:?}");
    assert!(acts[0].starts_with(&format!("email.move_asked {}", whose.0)), "{acts:?}");
    assert!(acts[1].starts_with(&format!("email.moved {}", whose.0)), "{acts:?}");
    assert!(acts.iter().all(|act| act.contains("l…@correo-nuevo.example") && !act.contains(NEW)), "{acts:?}");
});

on_both!(what_is_not_the_customers_moves_no_mailbox_and_tries_are_counted, |app| {
    for (n, rfc) in [(0, "TAM010203ABA"), (1, "QUIA850712AA1")] {
        let (guest, ticket) = (app.browser(), app.ticket(n).await);
        let claim = guest.claim(&ticket).await;
        guest.invoice(&order(&ticket, &claim, rfc), &format!("k-{n}")).await.ok();
    }
    let [owner, _] = people(app).await;
    let operator = app.operator().await;
    let whose = person(&textiles(&operator).await, &owner.user);
    asks(&operator, whose, "no es correo", " ").await.problem(ProblemCode::InvalidFields);
    let others = folio_of(app, "SELECT folio_fiscal FROM documents WHERE receptor_rfc = 'QUIA850712AA1'").await;
    let own = "SELECT folio_fiscal FROM documents WHERE folio_fiscal IS NOT NULL AND receptor_rfc = 'TAM010203ABA' \
               AND issuer_id = (SELECT id FROM issuers WHERE slug = 'colibri-azul')";
    let own = folio_of(app, own).await.to_lowercase();
    for wrong in [others.as_str(), "005301"] {
        asks(&operator, whose, NEW, wrong).await.problem(ProblemCode::NotFound);
    }
    assert!(letters_to(app, NEW).await.is_empty() && !subjects(app, &owner.user).await.contains("cambiar el correo"));
    let refused = column(app, "SELECT act FROM audit_log WHERE act = 'email.move_refused'").await;
    assert_eq!(refused.len(), 2);
    asks(&operator, whose, NEW, &own).await.ok();
    let held = asks(&operator, whose, NEW, CONTRACT).await;
    held.problem(ProblemCode::TooManyRequests);
    assert!(held.headers.contains_key("retry-after"));
    confirms(app, &link_to(app, NEW).await).await.ok();
    token_of(&app.browser(), NEW, &owner.password).await;
});

on_both!(a_link_to_another_address_ends_by_time_by_a_later_one_and_by_another_password, |app| {
    let [owner, _] = people(app).await;
    let operator = app.operator().await;
    let whose = person(&textiles(&operator).await, &owner.user);
    let mut links = Vec::new();
    for email in ["uno@correo.example", "dos@correo.example"] {
        asks(&operator, whose, email, CONTRACT).await.ok();
        links.push(link_to(app, email).await);
    }
    confirms(app, &links[0]).await.problem(ProblemCode::LinkExpired);
    app.clock.advance_seconds(24 * 3_600);
    confirms(app, &links[1]).await.problem(ProblemCode::LinkExpired);
    confirms(app, "no es una liga").await.problem(ProblemCode::LinkExpired);

    let operator = app.operator().await;
    asks(&operator, whose, "tres@correo.example", CONTRACT).await.ok();
    let link = link_to(app, "tres@correo.example").await;
    // Whoever reads the present mailbox has the last word.
    recover(app, &owner.user).await.ok();
    let letters = letters_to(app, &owner.user).await;
    let letter = letters.iter().find(|letter| letter.text.contains("/recuperar/")).unwrap();
    use_link(app, "password-recoveries", &token_in(letter, "recuperar"), OTHER_PASSWORD).await.ok();
    confirms(app, &link).await.problem(ProblemCode::LinkExpired);
    token_of(&app.browser(), &owner.user, OTHER_PASSWORD).await;
});

on_both!(nobodys_address_becomes_another_persons, |app| {
    let [owner, reader] = people(app).await;
    let operator = app.operator().await;
    let whose = person(&textiles(&operator).await, &owner.user);
    let own = asks(&operator, whose, &owner.user.to_uppercase(), CONTRACT).await;
    assert_eq!(own.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::AlreadyThere);
    // Whose an address is, staff do not learn.
    assert_eq!(asks(&operator, whose, &reader.user, CONTRACT).await.ok().status, 202);
    assert!(letters_to(app, &reader.user).await.is_empty());
    asks(&operator, whose, NEW, CONTRACT).await.ok();
    let link = link_to(app, NEW).await;
    execute(
        app,
        "UPDATE users SET email = 'lucia@correo-nuevo.example', email_folded = 'lucia@correo-nuevo.example' \
         WHERE id = (SELECT user_id FROM memberships WHERE role = 'reader' ORDER BY user_id LIMIT 1)",
    )
    .await;
    confirms(app, &link).await.problem(ProblemCode::LinkExpired);
    token_of(&app.browser(), &owner.user, &owner.password).await;
});

on_both!(what_one_customer_shows_moves_nobody_whom_another_has_too, |app| {
    let [owner, _] = people(app).await;
    let operator = app.operator().await;
    let whose = person(&textiles(&operator).await, &owner.user);
    asks(&operator, whose, NEW, CONTRACT).await.ok();
    let link = link_to(app, NEW).await;
    let of_another = "INSERT INTO memberships (user_id, customer_id, role, created_at) SELECT u.id, c.id, 'reader', \
                      u.created_at FROM users AS u, customers AS c \
                      WHERE u.email_folded LIKE 'lucia.ferran%' AND c.rfc = 'CHI1203155K7'";
    execute(app, of_another).await;
    confirms(app, &link).await.problem(ProblemCode::LinkExpired);
    asks(&operator, whose, "otra@correo.example", CONTRACT).await.problem(ProblemCode::OwnerNeeded);
    assert!(letters_to(app, "otra@correo.example").await.is_empty());
    resets(&operator, whose, CONTRACT).await.problem(ProblemCode::OwnerNeeded);
    token_of(&app.browser(), &owner.user, &owner.password).await;
});

/// An invoice to an address, as anybody with a ticket asks for it.
async fn invoice(app: &TestApp, email: &str) {
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let mut wanted = order(&ticket, &guest.claim(&ticket).await, "QUIA850712AA1");
    wanted["email"] = email.into();
    guest.invoice(&wanted, &format!("k-{}", ticket.ticket_number)).await.ok();
    app.clock.advance_seconds(60);
}

on_both!(an_address_that_only_an_invoice_went_to_may_become_somebodys, with | config | ticket(config), |app| {
    const CLAIMED: &str = "otra@correo-nuevo.example";
    let [owner, _] = people(app).await;
    invoice(app, NEW).await;
    invoice(app, CLAIMED).await;
    mailboxes::claim(app, CLAIMED).await;
    let late = letters_to(app, NEW).await;
    let late = token_in(late.iter().find(|letter| letter.text.contains("/activar/")).unwrap(), "activar");
    let users = app.database.count("SELECT COUNT(*) FROM users").await;
    let operator = app.operator().await;
    let whose = person(&textiles(&operator).await, &owner.user);
    asks(&operator, whose, CLAIMED, CONTRACT).await.ok();
    assert!(!letters_to(app, CLAIMED).await.iter().any(|letter| letter.text.contains("/cuenta/correo/")));
    asks(&operator, whose, NEW, CONTRACT).await.ok();
    confirms(app, &link_to(app, NEW).await).await.ok();
    token_of(&app.browser(), NEW, &owner.password).await;
    assert_eq!(app.database.count("SELECT COUNT(*) FROM users").await, users - 1);
    use_link(app, "registrations", &late, OTHER_PASSWORD).await.problem(ProblemCode::LinkExpired);
});

on_both!(a_mailbox_is_moved_by_proved_operators_and_no_staffs_is, |app| {
    let [owner, _] = people(app).await;
    let (desk, operator) = (app.desk().await, app.operator().await);
    let whose = person(&textiles(&desk).await, &owner.user);
    asks(&desk, whose, NEW, CONTRACT).await.problem(ProblemCode::OperatorNeeded);
    resets(&desk, whose, CONTRACT).await.problem(ProblemCode::OperatorNeeded);
    asks(&operator, (whose.0, Uuid::from_u128(7)), NEW, CONTRACT).await.problem(ProblemCode::NotFound);
    // A link that is under way leads nowhere once its person is staff.
    asks(&operator, whose, NEW, CONTRACT).await.ok();
    let link = link_to(app, NEW).await;
    let hired = "UPDATE staff_grants SET user_id = (SELECT id FROM users WHERE email_folded LIKE 'lucia.ferran%' LIMIT 1) \
                 WHERE issuer_id = (SELECT id FROM issuers WHERE slug = 'colibri-azul')";
    execute(app, hired).await;
    confirms(app, &link).await.problem(ProblemCode::LinkExpired);
    asks(&operator, whose, NEW, CONTRACT).await.problem(ProblemCode::NotFound);
    // Tries are counted by the hour.
    app.clock.advance_seconds(3_600);
    let operator = app.operator().await;
    resets(&operator, whose, CONTRACT).await.problem(ProblemCode::NotFound);
    app.clock.advance_seconds(10 * 60);
    asks(&operator, whose, NEW, CONTRACT).await.problem(ProblemCode::ProofNeeded);
    resets(&operator, whose, CONTRACT).await.problem(ProblemCode::ProofNeeded);
});

/// More tries than an hour has.
fn patient(config: &mut api::config::Config) {
    config.accounts.letters_per_account = 20;
}

on_both!(b2_whom_two_companies_know_is_helped_by_whoever_runs_both, with | config | patient(config), |app| {
    known_to_both(app).await;
    let house = app.operator().await;
    invite(&house, "default", "jefa@colibri-azul.example", "operator").await.ok();
    let here = enter(app, "jefa@colibri-azul.example").await;
    let (browser, (token, me)) = (app.browser(), comes_in(app, "default", parts::HERE, ANA).await);
    let whose = (me.customer.id, me.user_id);
    // Who sees one company's part alone is that company's.
    asks(&here, whose, NEW, parts::HERE).await.ok();
    resets(&here, whose, parts::HERE).await.ok();
    get(&browser, "/me", &token).await.problem(ProblemCode::SignedOut);
    let token = token_of(&browser, ANA, PASSWORD).await;
    proves(&browser, &token, "nandu", parts::THERE).await.ok();
    asks(&here, whose, NEW, parts::HERE).await.problem(ProblemCode::OperatorNeeded);
    resets(&here, whose, parts::HERE).await.problem(ProblemCode::OperatorNeeded);
    let house = app.operator().await;
    asks(&house, whose, NEW, parts::HERE).await.ok();
    resets(&house, whose, parts::HERE).await.ok();
    // A contract with another company shows this one nothing.
    asks(&house, whose, NEW, parts::THERE).await.problem(ProblemCode::NotFound);
    resets(&house, whose, parts::THERE).await.problem(ProblemCode::NotFound);
});

on_both!(b2_who_sees_the_whole_groups_is_helped_by_whoever_runs_it, with | config | patient(config), |app| {
    parts::known_at(app, "nandu", parts::THERE, "770077").await;
    // The other company has nothing with the customer but an invoice.
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, parts::RFC), "k-1").await.ok();
    let house = app.operator().await;
    invite(&house, "nandu", "jefa@nandu.example", "operator").await.ok();
    let there = enter(app, "jefa@nandu.example").await;
    let (browser, (token, me)) = (app.browser(), comes_in(app, "nandu", parts::THERE, ANA).await);
    let base = format!("/console/issuers/nandu/customers/{}/people/{}", me.customer.id, me.user_id);
    let (path, factor) = (format!("{base}/email-changes"), format!("{base}/second-factor-resets"));
    let (form, fact) = (json!({"email": NEW, "fact": parts::THERE}), json!({"fact": parts::THERE}));
    there.post(&path, &form).await.ok();
    let sql = "SELECT folio_fiscal FROM documents WHERE folio_fiscal IS NOT NULL AND receptor_rfc = 'AOM1707203N1'";
    let folio = folio_of(app, sql).await.to_lowercase();
    proves(&browser, &token, "colibri-azul", &folio).await.ok();
    there.post(&path, &form).await.problem(ProblemCode::OperatorNeeded);
    there.post(&factor, &fact).await.problem(ProblemCode::OperatorNeeded);
    let house = app.operator().await;
    house.post(&path, &form).await.ok();
    house.post(&factor, &fact).await.ok();
});

on_both!(b2_a_link_to_another_address_ends_when_its_person_sees_more, |app| {
    known_to_both(app).await;
    let house = app.operator().await;
    invite(&house, "default", "jefa@colibri-azul.example", "operator").await.ok();
    let here = enter(app, "jefa@colibri-azul.example").await;
    let (browser, (token, me)) = (app.browser(), comes_in(app, "default", parts::HERE, ANA).await);
    asks(&here, (me.customer.id, me.user_id), NEW, parts::HERE).await.ok();
    let link = link_to(app, NEW).await;
    proves(&browser, &token, "nandu", parts::THERE).await.ok();
    confirms(app, &link).await.problem(ProblemCode::LinkExpired);
    token_of(&browser, ANA, PASSWORD).await;
});

on_both!(a_customers_lost_phone_is_helped_by_an_operator, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    set_up(app, &browser, &token).await;
    challenge(app, &owner.user, &owner.password).await;
    let operator = app.operator().await;
    let customer = textiles(&operator).await;
    let (of, id) = person(&customer, &owner.user);
    let whose = (of, id);
    assert!(customer.people.iter().any(|person| person.user_id == id && person.second_factor));
    assert_eq!(resets(&operator, whose, CONTRACT).await.ok().status, 204);
    get(&browser, "/me", &token).await.problem(ProblemCode::SignedOut);
    token_of(&app.browser(), &owner.user, &owner.password).await;
    assert!(!textiles(&operator).await.people.iter().any(|person| person.second_factor));
    let told = subjects(app, &owner.user).await;
    assert!(told.contains("su código de aplicación se quitó"), "they hear of it (A13): {told}");
    resets(&operator, whose, CONTRACT).await.ok();
    assert_eq!(subjects(app, &owner.user).await, told, "there was nothing more to take away");
    let acts = column(app, "SELECT act || ' ' || COALESCE(on_behalf_of, '') FROM audit_log").await;
    assert!(acts.contains(&format!("second_factor.reset {of}")), "{acts:?}");
});

on_both!(what_is_not_the_customers_takes_no_second_step_away_and_tries_are_counted, |app| {
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, "TAM010203ABA"), "k-1").await.ok();
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    set_up(app, &browser, &token).await;
    let operator = app.operator().await;
    let whose = person(&textiles(&operator).await, &owner.user);
    let has_code = async || textiles(&operator).await.people.iter().any(|person| person.second_factor);
    assert_eq!(resets(&operator, whose, " ").await.problem(ProblemCode::InvalidFields).errors[0].pointer, "/fact");
    resets(&operator, whose, "005301").await.problem(ProblemCode::NotFound);
    // A try at the address is one at the second step.
    asks(&operator, whose, NEW, "005301").await.problem(ProblemCode::NotFound);
    assert!(has_code().await && get(&browser, "/me", &token).await.ok().status == 200);
    let acts = column(
        app,
        "SELECT act FROM audit_log WHERE act IN ('email.move_refused', 'second_factor.reset_refused') ORDER BY seq",
    )
    .await;
    assert_eq!(acts, ["second_factor.reset_refused", "email.move_refused"]);
    let own = "SELECT folio_fiscal FROM documents WHERE folio_fiscal IS NOT NULL AND receptor_rfc = 'TAM010203ABA' \
               AND issuer_id = (SELECT id FROM issuers WHERE slug = 'colibri-azul')";
    resets(&operator, whose, &folio_of(app, own).await.to_lowercase()).await.ok();
    assert!(!has_code().await);
    let held = resets(&operator, whose, CONTRACT).await;
    held.problem(ProblemCode::TooManyRequests);
    assert!(held.headers.contains_key("retry-after"));
});
