//! Several people of one customer: invited, changed, removed, and what a reader may not.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::people::{CustomerPeople, InvitationSeen, MailCopyView};
use shared::accounts::{Me, Role};
use shared::problem::FieldCode;

use super::{
    OTHER_PASSWORD, PASSWORD, call, get, letters_to, opened, people, register, registrable, sign_in, token_in,
    token_of, use_link,
};
use crate::support::{Browser, Reply, TestApp, on_both};

const NEW: &str = "teo@arrayan.example";

async fn post(browser: &Browser, path: &str, token: &str, body: Value) -> Reply {
    call(browser, Method::POST, path, token, Some(&body)).await
}

async fn invite(browser: &Browser, token: &str, email: &str, role: &str) -> Reply {
    post(browser, "/people-invitations", token, json!({"email": email, "role": role, "language": "es"})).await
}

async fn listed(browser: &Browser, token: &str) -> CustomerPeople {
    get(browser, "/people", token).await.ok().json()
}

async fn accept(app: &TestApp, token: &str, password: &str) -> Reply {
    let form = json!({"token": token, "password": password});
    app.browser().post("/api/v1/people-invitations/confirmations", &form).await
}

async fn link_of(app: &TestApp, email: &str) -> String {
    let letters = letters_to(app, email).await;
    token_in(letters.iter().find(|letter| letter.text.contains("/invitacion/")).unwrap(), "invitacion")
}

on_both!(an_owner_invites_a_payer_who_enters_with_a_password_of_their_own, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let before = listed(&browser, &token).await;
    let roles: Vec<(&str, Role)> = before.people.iter().map(|person| (person.email.as_str(), person.role)).collect();
    assert_eq!(roles, [(owner.user.as_str(), Role::Owner), (reader.user.as_str(), Role::Reader)]);
    assert!(before.people[0].you && !before.people[1].you);

    invite(&browser, &token, "no es correo", "payer").await.problem(ProblemCode::InvalidFields);
    let there = invite(&browser, &token, &reader.user.to_uppercase(), "payer").await;
    assert_eq!(there.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::AlreadyThere);
    invite(&browser, &token, NEW, "payer").await.ok();
    let link = link_of(app, NEW).await;
    let opening = app.browser().post("/api/v1/people-invitations/openings", &json!({"token": link})).await;
    let seen: InvitationSeen = opening.ok().json();
    assert_eq!((seen.email.as_str(), seen.role, seen.has_account), (NEW, Role::Payer, false));
    assert_eq!(seen.customer, owner.customer);
    let weak = accept(app, &link, "siete77").await.problem(ProblemCode::InvalidFields);
    assert_eq!(weak.errors[0].code, FieldCode::PasswordShort);
    let (access, me) = opened(&accept(app, &link, PASSWORD).await.ok());
    assert_eq!((me.email.as_str(), me.customer.role), (NEW, Role::Payer));
    accept(app, &link, PASSWORD).await.problem(ProblemCode::LinkExpired);
    get(&app.browser(), "/documents", &access).await.ok();
    assert!(listed(&browser, &token).await.invitations.is_empty());
});

on_both!(one_person_may_be_of_several_customers_and_switch, |app| {
    let [owner, reader] = people(app).await;
    let customer = registrable(app).await;
    register(app, &customer, "ana@higuera.example").await.ok();
    let link = token_in(&letters_to(app, "ana@higuera.example").await[0], "activar");
    let (ana, _) = opened(&use_link(app, "registrations", &link, OTHER_PASSWORD).await.ok());
    let browser = app.browser();
    invite(&browser, &ana, &reader.user, "owner").await.ok();
    let link = link_of(app, &reader.user).await;
    let opening = app.browser().post("/api/v1/people-invitations/openings", &json!({"token": link})).await;
    assert!(opening.ok().json::<InvitationSeen>().has_account);
    let wrong = accept(app, &link, "no es esta").await.problem(ProblemCode::InvalidFields);
    assert_eq!(wrong.errors[0].code, FieldCode::WrongPassword);
    let (access, me) = opened(&accept(app, &link, &reader.password).await.ok());
    assert_eq!((me.customers.len(), me.customer.role), (2, Role::Owner));
    let other = me.customers.iter().find(|customer| customer.nombre == owner.customer).unwrap();
    let choose = json!({"customer_id": other.id});
    let me: Me = call(&browser, Method::PUT, "/sessions/current/customer", &access, Some(&choose)).await.ok().json();
    assert_eq!((me.customer.nombre.as_str(), me.customer.role), (owner.customer.as_str(), Role::Reader));
});

on_both!(a_reader_can_neither_give_access_nor_take_it, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &reader.user, &reader.password).await;
    let person = listed(&browser, &token).await.people.remove(0);
    let path = format!("/people/{}", person.user_id);
    invite(&browser, &token, NEW, "owner").await.problem(ProblemCode::OwnerNeeded);
    let up = json!({"role": "owner"});
    call(&browser, Method::PUT, &path, &token, Some(&up)).await.problem(ProblemCode::OwnerNeeded);
    call(&browser, Method::DELETE, &path, &token, None).await.problem(ProblemCode::OwnerNeeded);
    post(&browser, "/mail-copies", &token, json!({"email": NEW})).await.problem(ProblemCode::OwnerNeeded);
    let owners = token_of(&app.browser(), &owner.user, &owner.password).await;
    let mine = listed(&app.browser(), &owners).await.people;
    assert_eq!(mine.iter().filter(|person| person.role == Role::Owner).count(), 1);
});

on_both!(the_last_owner_can_neither_go_nor_step_down, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let people = listed(&browser, &token).await.people;
    let (me, other) = (format!("/people/{}", people[0].user_id), format!("/people/{}", people[1].user_id));
    let role = |role: &str| json!({"role": role});
    call(&browser, Method::PUT, &me, &token, Some(&role("reader"))).await.problem(ProblemCode::LastOne);
    call(&browser, Method::DELETE, &me, &token, None).await.problem(ProblemCode::LastOne);
    call(&browser, Method::PUT, &other, &token, Some(&role("owner"))).await.ok();
    call(&browser, Method::DELETE, &me, &token, None).await.ok();
    get(&browser, "/people", &token).await.problem(ProblemCode::SignedOut);
    let left = token_of(&app.browser(), &reader.user, &reader.password).await;
    assert_eq!(listed(&app.browser(), &left).await.people.len(), 1);
});

on_both!(who_was_removed_is_out_with_the_next_request, |app| {
    let [owner, reader] = people(app).await;
    let readers = token_of(&app.browser(), &reader.user, &reader.password).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let person = listed(&browser, &token).await.people.pop().unwrap();
    call(&browser, Method::DELETE, &format!("/people/{}", person.user_id), &token, None).await.ok();
    get(&app.browser(), "/documents", &readers).await.problem(ProblemCode::SignedOut);
    let gone = sign_in(&app.browser(), &reader.user, &reader.password).await;
    gone.problem(ProblemCode::WrongCredentials);
});

on_both!(b1_another_customers_people_are_out_of_reach, |app| {
    let [owner, _] = people(app).await;
    let customer = registrable(app).await;
    register(app, &customer, "ana@higuera.example").await.ok();
    let link = token_in(&letters_to(app, "ana@higuera.example").await[0], "activar");
    let (ana, _) = opened(&use_link(app, "registrations", &link, OTHER_PASSWORD).await.ok());
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    invite(&browser, &token, NEW, "reader").await.ok();
    let copy: MailCopyView = post(&browser, "/mail-copies", &token, json!({"email": NEW})).await.ok().json();
    let theirs = listed(&browser, &token).await;
    assert_eq!((theirs.invitations.len(), theirs.copies.len()), (1, 1));
    for path in [
        format!("/people/{}", theirs.people[1].user_id),
        format!("/people-invitations/{}", theirs.invitations[0].id),
        format!("/mail-copies/{}", copy.id),
    ] {
        call(&browser, Method::DELETE, &path, &ana, None).await.problem(ProblemCode::NotFound);
    }
    let ours = listed(&browser, &ana).await;
    assert_eq!((ours.people.len(), ours.invitations.len(), ours.copies.len()), (1, 0, 0));
    let again = post(&browser, "/mail-copies", &token, json!({"email": NEW})).await;
    assert_eq!(again.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::AlreadyThere);
    let link = link_of(app, NEW).await;
    let path = format!("/people-invitations/{}", theirs.invitations[0].id);
    call(&browser, Method::DELETE, &path, &token, None).await.ok();
    accept(app, &link, PASSWORD).await.problem(ProblemCode::LinkExpired);
    call(&browser, Method::DELETE, &format!("/mail-copies/{}", copy.id), &token, None).await.ok();
});
