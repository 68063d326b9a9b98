//! The second step: setting it up, passing it, and what it never gives way to.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::Secret;
use shared::accounts::second_factor::{Enrolment, RecoveryCodes, SecondFactorView, SecondStep};
use shared::problem::FieldCode;

use super::{PASSWORD, call, column, face, get, letters_to, people, recover, sign_in, token_in, token_of, use_link};
use crate::support::{Browser, Reply, TestApp, on_both};

/// The code of an app that has this secret, at the house's time.
pub(super) fn app_code(app: &TestApp, secret: &Secret) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = secret.expose().chars().filter(|c| *c != ' ').map(|c| ALPHABET.find(c).unwrap());
    let bits: String = letters.map(|value| format!("{value:05b}")).collect();
    let bytes: Vec<u8> =
        (0..bits.len() / 8).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap()).collect();
    let step = app.app.now().jiff().as_second() / 30;
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let mac = aws_lc_rs::hmac::sign(&key, &step.to_be_bytes());
    let mac = mac.as_ref();
    let at = usize::from(mac[19] & 15);
    let word = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

async fn post(browser: &Browser, path: &str, token: &str, body: Value) -> Reply {
    call(browser, Method::POST, path, token, Some(&body)).await
}

/// Sets the second step up for somebody signed in.
pub(super) async fn set_up(app: &TestApp, browser: &Browser, token: &str) -> (Secret, RecoveryCodes) {
    let enrolment: Enrolment = post(browser, "/second-factor/enrolments", token, json!({})).await.ok().json();
    let code = app_code(app, &enrolment.secret);
    let codes = post(browser, "/second-factor/confirmations", token, json!({"code": code})).await.ok().json();
    (enrolment.secret, codes)
}

pub(super) async fn challenge(app: &TestApp, user: &str, password: &str) -> Secret {
    let reply = sign_in(&app.browser(), user, password).await.ok();
    assert_eq!(reply.status, 202, "{}", reply.text());
    reply.json::<SecondStep>().challenge
}

pub(super) async fn pass(app: &TestApp, challenge: &Secret, code: &str) -> Reply {
    app.browser().post("/api/v1/sessions/second-steps", &json!({"challenge": challenge, "code": code})).await
}

on_both!(a_customer_sets_it_up_and_is_asked_from_then_on, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let view: SecondFactorView = get(&browser, "/second-factor", &token).await.ok().json();
    assert_eq!((view.enabled, view.compulsory, view.recovery_codes_left), (false, false, 0));

    let enrolment: Enrolment = post(&browser, "/second-factor/enrolments", &token, json!({})).await.ok().json();
    assert!(enrolment.uri.expose().starts_with("otpauth://totp/"), "{}", enrolment.uri.expose());
    assert!(enrolment.qr.len() > 20 && enrolment.qr.iter().all(|row| row.len() == enrolment.qr.len()));
    let wrong = post(&browser, "/second-factor/confirmations", &token, json!({"code": "000000"})).await;
    wrong.problem(ProblemCode::WrongCode);
    token_of(&app.browser(), &owner.user, &owner.password).await;
    let code = app_code(app, &enrolment.secret);
    let codes: RecoveryCodes =
        post(&browser, "/second-factor/confirmations", &token, json!({"code": code})).await.ok().json();
    assert_eq!(codes.codes.len(), 10);
    assert!(letters_to(app, &owner.user).await[0].letter.subject.contains("código de aplicación"));

    let step = challenge(app, &owner.user, &owner.password).await;
    app.clock.advance_seconds(30);
    let spaced = app_code(app, &enrolment.secret);
    let spaced = format!("{} {}", &spaced[..3], &spaced[3..]);
    pass(app, &step, &spaced).await.ok();
    let view: SecondFactorView = get(&browser, "/second-factor", &token).await.ok().json();
    assert_eq!((view.enabled, view.recovery_codes_left), (true, 10));
    let secrets = column(app, "SELECT actor || act || COALESCE(after_json, '') FROM audit_log").await.join("\n");
    assert!(!secrets.contains(enrolment.secret.expose()) && secrets.contains("second_factor.added"));
});

on_both!(a14_a_code_works_once, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let (secret, codes) = set_up(app, &browser, &token).await;
    let step = challenge(app, &owner.user, &owner.password).await;
    pass(app, &step, &app_code(app, &secret)).await.problem(ProblemCode::WrongCode);
    app.clock.advance_seconds(30);
    let code = app_code(app, &secret);
    pass(app, &step, &code).await.ok();
    pass(app, &step, &code).await.problem(ProblemCode::WrongCode);
    let spare = codes.codes[0].expose();
    pass(app, &step, &spare.to_uppercase()).await.ok();
    pass(app, &step, spare).await.problem(ProblemCode::WrongCode);
    let twice = (challenge(app, &owner.user, &owner.password).await, codes.codes[1].expose());
    let both = futures::future::join(pass(app, &twice.0, twice.1), pass(app, &twice.0, twice.1)).await;
    let opened = [both.0, both.1].iter().filter(|reply| reply.status == 200).count();
    assert_eq!(opened, 1, "of two at once one");
});

on_both!(a14_the_rehearsal_shows_whoever_used_a_code_the_next, |app| {
    let began = app.app.clock.now();
    let first = app.staff_sign_in(false).await.code;
    app.desk().await;
    let second = app.staff_sign_in(false).await.code;
    assert_ne!(first, second);
    app.desk().await;
    assert_eq!(app.app.clock.now(), began, "nobody waited");
    assert_eq!(app.staff_sign_in(false).await.code, second, "a third waits");
});

on_both!(a14_wrong_codes_hold_the_second_step, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let (secret, _) = set_up(app, &browser, &token).await;
    for n in 0..5 {
        // A new challenge is no new count.
        let step = challenge(app, &owner.user, &owner.password).await;
        pass(app, &step, &format!("00000{n}")).await.problem(ProblemCode::WrongCode);
    }
    let step = challenge(app, &owner.user, &owner.password).await;
    app.clock.advance_seconds(60);
    let held = pass(app, &step, &app_code(app, &secret)).await.problem(ProblemCode::SignInHeld);
    assert_eq!(held.retry_after_seconds, Some(14 * 60));
    token_of(&app.browser(), &reader.user, &reader.password).await;
    app.clock.advance_seconds(14 * 60);
    let step = challenge(app, &owner.user, &owner.password).await;
    pass(app, &step, &app_code(app, &secret)).await.ok();
});

on_both!(
    a14_wrong_codes_in_a_row_hold_the_second_step_for_a_day_each_and_the_person_is_told,
    with | config | config.accounts.wrong_codes_in_a_row = 3,
    |app| {
        let [owner, reader] = people(app).await;
        let browser = app.browser();
        let token = token_of(&browser, &owner.user, &owner.password).await;
        let (secret, codes) = set_up(app, &browser, &token).await;
        let told = async || {
            let letters = letters_to(app, &owner.user).await;
            letters.iter().filter(|letter| letter.letter.subject.contains("alguien sabe su contraseña")).count()
        };
        for n in 0..3 {
            assert_eq!(told().await, 0);
            let step = challenge(app, &owner.user, &owner.password).await;
            pass(app, &step, &format!("00000{n}")).await.problem(ProblemCode::WrongCode);
            // However slowly they come.
            app.clock.advance_seconds(86_400);
        }
        assert_eq!(told().await, 1);
        assert_eq!(api::ops::retention::purge(&app.app).await, api::jobs::Outcome::Done);
        let try_right = async || {
            let step = challenge(app, &owner.user, &owner.password).await;
            pass(app, &step, &app_code(app, &secret)).await
        };
        let step = challenge(app, &owner.user, &owner.password).await;
        pass(app, &step, "000003").await.problem(ProblemCode::WrongCode);
        app.clock.advance_seconds(60);
        let held = try_right().await.problem(ProblemCode::SecondStepHeld);
        assert_eq!(held.retry_after_seconds, Some(86_400 - 60));
        let browser = app.browser();
        let theirs = token_of(&browser, &reader.user, &reader.password).await;
        get(&browser, "/me", &theirs).await.ok();
        // The owner's way out; what is right ends the row.
        let step = challenge(app, &owner.user, &owner.password).await;
        pass(app, &step, codes.codes[0].expose()).await.ok();
        try_right().await.ok();
        assert_eq!(told().await, 1, "once");
        let acts = column(app, "SELECT act FROM audit_log WHERE act = 'second_step.held'").await;
        assert_eq!(acts.len(), 1);
    }
);

on_both!(
    a14_codes_that_prove_who_one_is_are_in_the_row_too,
    with | config | config.accounts.wrong_codes_in_a_row = 2,
    |app| {
        let [owner, _] = people(app).await;
        let browser = app.browser();
        let token = token_of(&browser, &owner.user, &owner.password).await;
        let (secret, _) = set_up(app, &browser, &token).await;
        app.clock.advance_seconds(30);
        for n in 0..2 {
            let wrong = post(&browser, "/sessions/current/proofs", &token, json!({"code": format!("00000{n}")})).await;
            wrong.problem(ProblemCode::WrongCode);
        }
        let right = post(&browser, "/sessions/current/proofs", &token, json!({"code": app_code(app, &secret)})).await;
        right.problem(ProblemCode::SecondStepHeld);
        post(&browser, "/sessions/current/proofs", &token, json!({"password": owner.password})).await.ok();
        let step = challenge(app, &owner.user, &owner.password).await;
        pass(app, &step, &app_code(app, &secret)).await.problem(ProblemCode::SecondStepHeld);
    }
);

on_both!(a14_a_challenge_is_of_its_password_its_door_and_its_time, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let (secret, _) = set_up(app, &browser, &token).await;
    app.clock.advance_seconds(30);
    let step = challenge(app, &owner.user, &owner.password).await;
    let code = || app_code(app, &secret);
    for bad in ["", "x", &step.expose().replace("portal", "console"), &step.expose()[1..]] {
        pass(app, &Secret::new(bad), &code()).await.problem(ProblemCode::SecondStepExpired);
    }
    let elsewhere = json!({"challenge": step, "code": code()});
    let elsewhere = app.browser().post("/api/v1/console/sessions/second-steps", &elsewhere).await;
    elsewhere.problem(ProblemCode::SecondStepExpired);
    let browser = app.browser();
    let readers = token_of(&browser, &reader.user, &reader.password).await;
    get(&browser, "/me", step.expose()).await.problem(ProblemCode::SignedOut);
    get(&browser, "/me", &readers).await.ok();
    app.clock.advance_seconds(300);
    pass(app, &step, &code()).await.problem(ProblemCode::SecondStepExpired);
    let step = challenge(app, &owner.user, &owner.password).await;
    recover(app, &owner.user).await.ok();
    let letters = letters_to(app, &owner.user).await;
    let letter = letters.iter().find(|letter| letter.text.contains("/recuperar/")).unwrap();
    let link = token_in(letter, "recuperar");
    let after = use_link(app, "password-recoveries", &link, PASSWORD).await.ok();
    assert_eq!(after.status, 202, "a letter never stands for the second step");
    pass(app, &step, &code()).await.problem(ProblemCode::SecondStepExpired);
    let step = after.json::<SecondStep>().challenge;
    pass(app, &step, &code()).await.ok();
});

on_both!(a13_changing_the_second_step_asks_for_a_fresh_proof, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    token_of(&browser, &owner.user, &owner.password).await;
    app.clock.advance_seconds(11 * 60);
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let (secret, _) = set_up(app, &browser, &token).await;
    app.clock.advance_seconds(10 * 60);
    let delete = || call(&browser, Method::DELETE, "/second-factor", &token, None);
    delete().await.problem(ProblemCode::ProofNeeded);
    post(&browser, "/second-factor/enrolments", &token, json!({})).await.problem(ProblemCode::ProofNeeded);
    post(&browser, "/second-factor/recovery-codes", &token, json!({})).await.problem(ProblemCode::ProofNeeded);
    let wrong = post(&browser, "/sessions/current/proofs", &token, json!({"password": "no es esta"})).await;
    assert_eq!(wrong.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::WrongPassword);
    let neither = post(&browser, "/sessions/current/proofs", &token, json!({})).await;
    neither.problem(ProblemCode::InvalidFields);
    delete().await.problem(ProblemCode::ProofNeeded);
    let code = app_code(app, &secret);
    post(&browser, "/sessions/current/proofs", &token, json!({"code": code})).await.ok();
    let codes: RecoveryCodes = post(&browser, "/second-factor/recovery-codes", &token, json!({})).await.ok().json();
    assert_eq!(codes.codes.len(), 10);
    app.clock.advance_seconds(4 * 60);
    post(&browser, "/sessions/current/proofs", &token, json!({"password": owner.password})).await.ok();
    delete().await.ok();
    token_of(&app.browser(), &owner.user, &owner.password).await;
});

on_both!(a14_secrets_and_codes_are_not_in_the_database, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let (secret, codes) = set_up(app, &browser, &token).await;
    let kept = if app.app.db.is_sqlite() {
        column(app, "SELECT hex(secret_sealed) FROM second_factors").await
    } else {
        column(app, "SELECT encode(secret_sealed, 'hex') FROM second_factors").await
    };
    assert!(kept.iter().all(|sealed| sealed.len() > 150), "sealed under the master key, not the secret itself");
    assert_eq!(secret.expose().replace(' ', "").len(), 32);
    assert!(codes.codes.iter().all(|code| code.expose().len() == 19));
});

on_both!(a2_the_second_step_shows_itself_to_a_right_password_alone, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    set_up(app, &browser, &token).await;
    let faces = [
        face(&sign_in(&app.browser(), &owner.user, "no es esta").await),
        face(&sign_in(&app.browser(), "nadie@arrayan.example", "no es esta").await),
    ];
    assert_eq!(faces[0], faces[1]);
    assert_eq!(faces[0].0, 401);
});
