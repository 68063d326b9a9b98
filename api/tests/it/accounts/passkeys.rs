//! Passkeys: adding one, both ways to enter with it, proving by it who one is, and what never opens anything.
mod authenticator;

use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::passkeys::{PasskeyAsked, PasskeyKept, Passkeys};
use shared::accounts::second_factor::{SecondFactorView, SecondStep};
use shared::problem::FieldCode;
use shared::rehearsal::RehearsalSignIn;

use super::clocks::{evening, there};
use super::staff::invite;
use super::{
    PASSWORD, call, column, face, get, letters_to, opened, people, recover, sign_in, token_in, token_of, use_link,
};
use crate::support::{Browser, Clerk, Reply, TestApp, on_both};
use authenticator::Authenticator;

async fn post(browser: &Browser, path: &str, token: &str, body: Value) -> Reply {
    call(browser, Method::POST, path, token, Some(&body)).await
}

fn fault(reply: &Reply, pointer: &str, code: FieldCode) {
    let errors = reply.problem(ProblemCode::InvalidFields).errors;
    assert!(errors.iter().any(|error| error.pointer == pointer && error.code == code), "{errors:?}");
}

fn device(app: &TestApp) -> Authenticator {
    Authenticator::at(&app.app.public_url)
}

/// Adds a passkey for somebody signed in.
async fn add(browser: &Browser, token: &str, key: &mut Authenticator, name: &str) -> Reply {
    let asked: PasskeyAsked = post(browser, "/passkeys/registrations", token, json!({})).await.ok().json();
    let credential = key.create(&asked.options);
    post(browser, "/passkeys", token, json!({"id": asked.id, "name": name, "credential": credential})).await
}

/// Password right; gives the challenge of the second step.
async fn first_step(app: &TestApp, person: &RehearsalSignIn) -> SecondStep {
    let reply = sign_in(&app.browser(), &person.user, &person.password).await.ok();
    assert_eq!(reply.status, 202, "{}", reply.text());
    reply.json()
}

async fn ask_step(app: &TestApp, step: &SecondStep) -> PasskeyAsked {
    let form = json!({"challenge": step.challenge});
    app.browser().post("/api/v1/sessions/second-steps/passkey-challenges", &form).await.ok().json()
}

async fn pass(app: &TestApp, step: &SecondStep, asked: &PasskeyAsked, credential: &Value) -> Reply {
    let form = json!({"challenge": step.challenge, "id": asked.id, "credential": credential});
    app.browser().post("/api/v1/sessions/second-steps/passkeys", &form).await
}

/// Enters by a passkey alone.
async fn enter(app: &TestApp, door: &str, key: &mut Authenticator) -> Reply {
    let asked: PasskeyAsked = app.browser().post("/api/v1/sessions/passkey-challenges", &json!({})).await.ok().json();
    let form = json!({"id": asked.id, "credential": key.sign(&asked.options)});
    app.browser().post(&format!("/api/v1/{door}/passkeys"), &form).await
}

on_both!(a14_a_passkey_is_the_second_step_and_recovery_codes_stand_in_for_it, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let none: Passkeys = get(&browser, "/passkeys", &token).await.ok().json();
    assert_eq!(none, Passkeys { passkeys: Vec::new(), available: true });
    let mut key = device(app);
    let kept: PasskeyKept = add(&browser, &token, &mut key, " Teléfono ").await.ok().json();
    assert_eq!((kept.passkey.name.as_str(), kept.recovery_codes.len()), ("Teléfono", 10));
    let letter = &letters_to(app, &owner.user).await[0];
    assert!(letter.text.contains("Teléfono"), "{}", letter.text);

    let step = first_step(app, &owner).await;
    assert!(step.passkey);
    let asked = ask_step(app, &step).await;
    let answer = key.sign(&asked.options);
    let (token, me) = opened(&pass(app, &step, &asked, &answer).await.ok());
    assert_eq!(me.email, owner.user);
    pass(app, &step, &asked, &answer).await.problem(ProblemCode::PasskeyRefused);
    let listed: Passkeys = get(&browser, "/passkeys", &token).await.ok().json();
    assert!(listed.passkeys[0].last_used_at.is_some());
    let copy: shared::privacy::MyData = get(&browser, "/my-data", &token).await.ok().json();
    assert_eq!(copy.passkeys, listed.passkeys, "a copy of one's data has them");
    let lost = json!({"challenge": step.challenge, "code": kept.recovery_codes[0]});
    app.browser().post("/api/v1/sessions/second-steps", &lost).await.ok();

    // A second one brings no codes: those of the first are still good.
    let more: PasskeyKept = add(&browser, &token, &mut device(app), "Llavero").await.ok().json();
    assert!(more.recovery_codes.is_empty());
    let view: SecondFactorView = get(&browser, "/second-factor", &token).await.ok().json();
    assert_eq!((view.enabled, view.recovery_codes_left), (false, 9));
    for id in [kept.passkey.id, more.passkey.id] {
        call(&browser, Method::DELETE, &format!("/passkeys/{id}"), &token, None).await.ok();
    }
    token_of(&app.browser(), &owner.user, &owner.password).await;
    let view: SecondFactorView = get(&browser, "/second-factor", &token).await.ok().json();
    assert_eq!(view.recovery_codes_left, 0, "codes of nothing are no codes");
    let log = column(app, "SELECT act || COALESCE(after_json, '') FROM audit_log").await.join("\n");
    assert!(log.contains("passkey.added") && log.contains("passkey.removed") && !log.contains("credential"), "{log}");
});

on_both!(a_passkey_stands_in_the_clock_of_the_issuer, |app| {
    let now = evening(app).await;
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let mut key = device(app);
    let kept: PasskeyKept = add(&browser, &token, &mut key, "Teléfono").await.ok().json();
    assert_eq!((&kept.passkey.created_at, kept.passkey.last_used_at), (&now, None));
    app.clock.advance_seconds(60);
    enter(app, "sessions", &mut key).await.ok();
    let listed: Passkeys = get(&browser, "/passkeys", &token).await.ok().json();
    let used = there("2026-11-19T05:31:00.000000Z", "2026-11-18T21:31:00");
    assert_eq!((&listed.passkeys[0].created_at, &listed.passkeys[0].last_used_at), (&now, &Some(used)));
});

on_both!(a14_a_passkeys_answer_is_good_once_for_its_person_its_site_and_its_time, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let mut key = device(app);
    add(&browser, &token, &mut key, "Teléfono").await.ok();
    let readers = token_of(&browser, &reader.user, &reader.password).await;
    let mut foreign = device(app);
    add(&browser, &readers, &mut foreign, "Otro").await.ok();
    let step = first_step(app, &owner).await;

    // A stranger's key with the right name on it; another site; another person's key; an earlier challenge.
    let mut forger = device(app);
    forger.claim(&key);
    let asked = ask_step(app, &step).await;
    pass(app, &step, &asked, &forger.sign(&asked.options)).await.problem(ProblemCode::PasskeyRefused);
    let asked = ask_step(app, &step).await;
    let mut options = asked.options.clone();
    options["rpId"] = json!("otra.example");
    pass(app, &step, &asked, &key.sign(&options)).await.problem(ProblemCode::PasskeyRefused);
    let asked = ask_step(app, &step).await;
    pass(app, &step, &asked, &foreign.sign(&asked.options)).await.problem(ProblemCode::PasskeyRefused);
    let asked = ask_step(app, &step).await;
    let earlier = key.sign(&asked.options);
    let later = ask_step(app, &step).await;
    pass(app, &step, &later, &earlier).await.problem(ProblemCode::PasskeyRefused);
    key.origin = "https://otra.example".to_owned();
    let asked = ask_step(app, &step).await;
    pass(app, &step, &asked, &key.sign(&asked.options)).await.problem(ProblemCode::PasskeyRefused);
    key.origin = app.app.public_url.to_string();
    key.verifies = false;
    let asked = ask_step(app, &step).await;
    pass(app, &step, &asked, &key.sign(&asked.options)).await.problem(ProblemCode::PasskeyRefused);
    key.verifies = true;
    // Of another person's sign-in, and of a sign-in by the passkey alone.
    let readers = first_step(app, &reader).await;
    let asked = ask_step(app, &readers).await;
    pass(app, &step, &asked, &key.sign(&asked.options)).await.problem(ProblemCode::PasskeyRefused);
    let asked: PasskeyAsked = app.browser().post("/api/v1/sessions/passkey-challenges", &json!({})).await.ok().json();
    pass(app, &step, &asked, &key.sign(&asked.options)).await.problem(ProblemCode::PasskeyRefused);
    let asked = ask_step(app, &step).await;
    fault(&pass(app, &step, &asked, &json!({"id": 7})).await, "/credential", FieldCode::Shape);
    let asked = ask_step(app, &step).await;
    pass(app, &step, &asked, &key.sign(&asked.options)).await.ok();

    let asked = ask_step(app, &step).await;
    app.clock.advance_seconds(300);
    pass(app, &step, &asked, &key.sign(&asked.options)).await.problem(ProblemCode::SecondStepExpired);
    let step = first_step(app, &owner).await;
    pass(app, &step, &asked, &key.sign(&asked.options)).await.problem(ProblemCode::PasskeyRefused);
});

on_both!(a14_a_copied_passkey_counts_backwards_and_is_refused, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let mut key = device(app);
    add(&browser, &token, &mut key, "Teléfono").await.ok();
    enter(app, "sessions", &mut key).await.ok();
    enter(app, "sessions", &mut key).await.ok();
    key.count = 0;
    enter(app, "sessions", &mut key).await.problem(ProblemCode::PasskeyRefused);
    let step = first_step(app, &owner).await;
    let asked = ask_step(app, &step).await;
    pass(app, &step, &asked, &key.sign(&asked.options)).await.problem(ProblemCode::PasskeyRefused);
    let acts = column(app, "SELECT act FROM audit_log WHERE act = 'passkey.counted_backwards'").await;
    assert_eq!(acts.len(), 2);
    // The one that counts on is still its person's.
    enter(app, "sessions", &mut key).await.ok();
});

on_both!(a_passkey_alone_opens_its_own_door_and_strangers_learn_nothing, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let mut key = device(app);
    add(&browser, &token, &mut key, "Teléfono").await.ok();
    let (_, me) = opened(&enter(app, "sessions", &mut key).await.ok());
    assert_eq!(me.email, owner.user);
    let mut stranger = device(app);
    let unknown = enter(app, "sessions", &mut stranger).await;
    stranger.claim(&key);
    let forged = enter(app, "sessions", &mut stranger).await;
    let elsewhere = enter(app, "console/sessions", &mut key).await;
    for refused in [&unknown, &forged, &elsewhere] {
        refused.problem(ProblemCode::PasskeyRefused);
        assert_eq!(face(refused), face(&unknown));
    }
    // Wrong passwords of others do not keep the owner out (A5).
    for _ in 0..6 {
        sign_in(&app.browser(), &owner.user, "no es esta").await;
    }
    sign_in(&app.browser(), &owner.user, &owner.password).await.problem(ProblemCode::SignInHeld);
    enter(app, "sessions", &mut key).await.ok();
    // A letter's link never stands for it.
    recover(app, &owner.user).await.ok();
    let letters = letters_to(app, &owner.user).await;
    let letter = letters.iter().find(|letter| letter.text.contains("/recuperar/")).unwrap();
    let after = use_link(app, "password-recoveries", &token_in(letter, "recuperar"), PASSWORD).await.ok();
    assert_eq!(after.status, 202);
});

on_both!(a13_a_passkey_is_added_and_taken_away_by_whoever_just_proved_who_they_are, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let mut key = device(app);
    let asked: PasskeyAsked = post(&browser, "/passkeys/registrations", &token, json!({})).await.ok().json();
    let user = asked.options["user"]["id"].as_str().unwrap();
    assert!(!user.is_empty() && !asked.options.to_string().contains("RFC"), "{}", asked.options);
    let credential = key.create(&asked.options);
    let form = |name: &str| json!({"id": asked.id, "name": name, "credential": credential});
    fault(&post(&browser, "/passkeys", &token, form(" ")).await, "/name", FieldCode::Required);
    let readers = token_of(&app.browser(), &reader.user, &reader.password).await;
    post(&browser, "/passkeys", &readers, form("Robada")).await.problem(ProblemCode::PasskeyRefused);
    post(&browser, "/passkeys", &token, form("Tarde")).await.problem(ProblemCode::PasskeyRefused);
    let kept: PasskeyKept = add(&browser, &token, &mut key, "Teléfono").await.ok().json();
    add(&browser, &readers, &mut key, "La misma").await.problem(ProblemCode::PasskeyRefused);
    let asked: PasskeyAsked = post(&browser, "/passkeys/registrations", &token, json!({})).await.ok().json();
    assert_eq!(asked.options["excludeCredentials"].as_array().unwrap().len(), 1);
    let one = format!("/passkeys/{}", kept.passkey.id);
    call(&browser, Method::DELETE, &one, &readers, None).await.problem(ProblemCode::NotFound);
    for n in 1..10 {
        add(&browser, &token, &mut device(app), &format!("Llave {n}")).await.ok();
    }
    let full = post(&browser, "/passkeys/registrations", &token, json!({})).await;
    fault(&full, "/name", FieldCode::TooMany);

    app.clock.advance_seconds(11 * 60);
    post(&browser, "/passkeys/registrations", &token, json!({})).await.problem(ProblemCode::ProofNeeded);
    call(&browser, Method::DELETE, &one, &token, None).await.problem(ProblemCode::ProofNeeded);
    post(&browser, "/sessions/current/proofs", &token, json!({"password": owner.password})).await.ok();
    call(&browser, Method::DELETE, &one, &token, None).await.ok();
});

/// What a proof by passkey is to sign.
async fn ask_proof(browser: &Browser, token: &str) -> PasskeyAsked {
    post(browser, "/sessions/current/proofs/passkey-challenges", token, json!({})).await.ok().json()
}

async fn prove(browser: &Browser, token: &str, asked: &PasskeyAsked, credential: &Value) -> Reply {
    let form = json!({"id": asked.id, "credential": credential});
    post(browser, "/sessions/current/proofs/passkeys", token, form).await
}

on_both!(a13_a_passkey_proves_once_more_who_one_is_for_the_session_that_asked, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let elsewhere = token_of(&browser, &owner.user, &owner.password).await;
    let nothing = post(&browser, "/sessions/current/proofs/passkey-challenges", &elsewhere, json!({})).await;
    nothing.problem(ProblemCode::NotFound);
    let mut key = device(app);
    let kept: PasskeyKept = add(&browser, &elsewhere, &mut key, "Teléfono").await.ok().json();
    let (token, _) = opened(&enter(app, "sessions", &mut key).await.ok());
    let one = format!("/passkeys/{}", kept.passkey.id);
    let remove = async |token: &str| call(&browser, Method::DELETE, &one, token, None).await;

    app.clock.advance_seconds(11 * 60);
    remove(&token).await.problem(ProblemCode::ProofNeeded);
    let asked = ask_proof(&browser, &token).await;
    assert_eq!(asked.options["allowCredentials"].as_array().unwrap().len(), 1, "{}", asked.options);
    let answer = key.sign(&asked.options);
    assert_eq!(prove(&browser, &token, &asked, &answer).await.ok().status, 204);
    // It opens nothing to the same person's other session.
    remove(&elsewhere).await.problem(ProblemCode::ProofNeeded);
    remove(&token).await.ok();
    let proved = column(app, "SELECT after_json FROM audit_log WHERE act = 'session.proved'").await;
    assert!(proved.len() == 1 && proved[0].contains("passkey"), "{proved:?}");
});

on_both!(a13_a_proof_by_passkey_is_good_once_for_its_session_its_person_its_purpose_and_its_time, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let mut key = device(app);
    let kept: PasskeyKept = add(&browser, &token, &mut key, "Teléfono").await.ok().json();
    let readers = token_of(&browser, &reader.user, &reader.password).await;
    let mut foreign = device(app);
    add(&browser, &readers, &mut foreign, "Otro").await.ok();
    let (elsewhere, _) = opened(&enter(app, "sessions", &mut key).await.ok());
    let late = ask_proof(&browser, &token).await;
    app.clock.advance_seconds(11 * 60);
    let refused = async |asked: &PasskeyAsked, answer: Value| {
        prove(&browser, &token, asked, &answer).await.problem(ProblemCode::PasskeyRefused);
    };
    refused(&late, key.sign(&late.options)).await;
    // Asked by another session of the same person's, and by somebody else.
    for other in [&elsewhere, &readers] {
        let asked = ask_proof(&browser, other).await;
        refused(&asked, key.sign(&asked.options)).await;
    }
    // Somebody else's passkey, also with the right name on it.
    let asked = ask_proof(&browser, &token).await;
    refused(&asked, foreign.sign(&asked.options)).await;
    let mut forger = device(app);
    forger.claim(&key);
    let asked = ask_proof(&browser, &token).await;
    refused(&asked, forger.sign(&asked.options)).await;
    // Signed to enter, or as the second step; and a proof enters nowhere.
    let asked: PasskeyAsked = app.browser().post("/api/v1/sessions/passkey-challenges", &json!({})).await.ok().json();
    refused(&asked, key.sign(&asked.options)).await;
    let step = first_step(app, &owner).await;
    let asked = ask_step(app, &step).await;
    refused(&asked, key.sign(&asked.options)).await;
    let asked = ask_proof(&browser, &token).await;
    let answer = key.sign(&asked.options);
    pass(app, &step, &asked, &answer).await.problem(ProblemCode::PasskeyRefused);
    let alone = json!({"id": asked.id, "credential": answer});
    app.browser().post("/api/v1/sessions/passkeys", &alone).await.problem(ProblemCode::PasskeyRefused);
    // It made sure of nobody; it is a copy; it is no answer.
    key.verifies = false;
    let asked = ask_proof(&browser, &token).await;
    refused(&asked, key.sign(&asked.options)).await;
    key.verifies = true;
    let count = std::mem::take(&mut key.count);
    let asked = ask_proof(&browser, &token).await;
    refused(&asked, key.sign(&asked.options)).await;
    key.count = count;
    let acts = column(app, "SELECT act FROM audit_log WHERE act = 'passkey.counted_backwards'").await;
    assert_eq!(acts.len(), 1);
    let asked = ask_proof(&browser, &token).await;
    fault(&prove(&browser, &token, &asked, &json!({"id": 7})).await, "/credential", FieldCode::Shape);

    // None of these proved anything.
    let one = format!("/passkeys/{}", kept.passkey.id);
    call(&browser, Method::DELETE, &one, &token, None).await.problem(ProblemCode::ProofNeeded);
    let asked = ask_proof(&browser, &token).await;
    let answer = key.sign(&asked.options);
    prove(&browser, &token, &asked, &answer).await.ok();
    refused(&asked, answer).await;
});

on_both!(a13_staff_prove_by_passkey_before_acts_of_weight, |app| {
    const NEW: &str = "teo@colibri-azul.example";
    let operator = app.operator().await;
    let mut key = device(app);
    add(&operator.browser, &operator.token, &mut key, "Llavero").await.ok();
    app.clock.advance_seconds(11 * 60);
    invite(&operator, "default", NEW, "staff").await.problem(ProblemCode::ProofNeeded);
    let asked = ask_proof(&operator.browser, &operator.token).await;
    let answer = key.sign(&asked.options);
    prove(&operator.browser, &operator.token, &asked, &answer).await.ok();
    invite(&operator, "default", NEW, "staff").await.ok();
});

on_both!(a14_staff_may_have_a_passkey_in_place_of_codes_and_keep_one_of_them, |app| {
    const NEW: &str = "teo@colibri-azul.example";
    let operator = app.operator().await;
    invite(&operator, "default", NEW, "operator").await.ok();
    let link = token_in(&letters_to(app, NEW).await[0], "consola/invitacion");
    let form = json!({"token": link, "password": PASSWORD});
    let browser = app.browser();
    let reply = browser.post("/api/v1/console/invitations/confirmations", &form).await.ok();
    let clerk = Clerk::of(browser, &reply);
    assert!(clerk.me.must_enrol);
    let mut key = device(app);
    let kept: PasskeyKept = add(&clerk.browser, &clerk.token, &mut key, "Llavero").await.ok().json();
    assert_eq!(kept.recovery_codes.len(), 10);
    clerk.get("/console/issuers/default/staff").await.ok();
    let one = format!("/passkeys/{}", kept.passkey.id);
    clerk.delete(&one).await.problem(ProblemCode::SecondFactorCompulsory);

    let again = app.browser().post("/api/v1/console/sessions", &json!({"user": NEW, "password": PASSWORD})).await.ok();
    assert_eq!(again.status, 202);
    let step: SecondStep = again.json();
    let form = json!({"challenge": step.challenge});
    let here = "/api/v1/console/sessions/second-steps";
    let asked: PasskeyAsked = app.browser().post(&format!("{here}/passkey-challenges"), &form).await.ok().json();
    let form = json!({"challenge": step.challenge, "id": asked.id, "credential": key.sign(&asked.options)});
    app.browser().post(&format!("{here}/passkeys"), &form).await.ok();
    let alone = enter(app, "console/sessions", &mut key).await.ok();
    assert!(!Clerk::of(app.browser(), &alone).me.must_enrol);
    enter(app, "sessions", &mut key).await.problem(ProblemCode::PasskeyRefused);

    // Of two that are taken away at once, one stays.
    let more: PasskeyKept = add(&clerk.browser, &clerk.token, &mut device(app), "Otro").await.ok().json();
    let other = format!("/passkeys/{}", more.passkey.id);
    let (first, second) = tokio::join!(clerk.delete(&other), clerk.delete(&one));
    let refused = if first.status == 204 { second } else { first };
    refused.problem(ProblemCode::SecondFactorCompulsory);
    let left: Passkeys = clerk.get("/passkeys").await.ok().json();
    assert_eq!(left.passkeys.len(), 1);

    let listed: shared::staff::StaffList = operator.get("/console/issuers/default/staff").await.ok().json();
    let person = listed.people.iter().find(|person| person.email == NEW).unwrap();
    assert!(person.second_factor);
    operator.delete(&format!("/console/issuers/default/staff/{}/second-factor", person.id)).await.ok();
    enter(app, "console/sessions", &mut key).await.problem(ProblemCode::PasskeyRefused);
    clerk.get("/console/me").await.problem(ProblemCode::SignedOut);
});
