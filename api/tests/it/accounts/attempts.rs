//! Guessing passwords from many places: what it costs, and who gets in all the same.
use api::config::Config;
use reqwest::Method;
use serde_json::json;
use shared::ProblemCode;

use super::work::{order, proof};
use super::{PASSWORD, call, face, letters_to, people, recover, sign_in, token_in, token_of, use_link};
use crate::support::{Reply, TestApp, on_both};

const WINDOW_SECONDS: i64 = 15 * 60;
const PORTAL: &str = "/api/v1/sessions";
const CONSOLE: &str = "/api/v1/console/sessions";
/// Where the owner is.
const HOME: &str = "198.51.100.7";

/// A house that asks for little work and believes a test where it calls from.
fn with_work(config: &mut Config) {
    config.accounts.work_max_number = 50;
    config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
}

/// Tries a password from an address, with a proof of work or without.
async fn try_from(
    app: &TestApp,
    door: &str,
    source: &str,
    (user, password): (&str, &str),
    work: Option<String>,
) -> Reply {
    let browser = app.browser();
    let request = browser.request(Method::POST, door).json(&json!({"user": user, "password": password}));
    let request = request.header("X-Forwarded-For", source);
    browser.send(if let Some(work) = work { request.header("X-Proof-Of-Work", work) } else { request }).await
}

/// The same with a fresh proof.
async fn pay_from(app: &TestApp, source: &str, tried: (&str, &str)) -> Reply {
    try_from(app, PORTAL, source, tried, Some(proof(app, "sign_in").await)).await
}

on_both!(
    a1_past_so_many_wrong_in_a_row_an_account_costs_a_proof_for_ever_whether_it_exists_or_not,
    with | config | {
        with_work(config);
        config.accounts.wrong_in_a_row = 3;
    },
    |app| {
        let [owner, _] = people(app).await;
        let mut faces = Vec::new();
        for user in [owner.user.as_str(), "nadie@arrayan.example"] {
            let mut answers = Vec::new();
            for _ in 0..4 {
                answers.push(face(&try_from(app, PORTAL, HOME, (user, "no es esta"), None).await));
            }
            answers.push(face(&pay_from(app, HOME, (user, "no es esta")).await));
            faces.push(answers);
        }
        assert_eq!(faces[0], faces[1]);
        let statuses: Vec<u16> = faces[0].iter().map(|face| face.0).collect();
        assert_eq!(statuses, [401, 401, 401, 403, 401]);

        app.clock.advance_seconds(400 * 86_400);
        assert_eq!(api::ops::retention::purge(&app.app).await, api::jobs::Outcome::Done);
        let right = (owner.user.as_str(), owner.password.as_str());
        for (door, user) in [(PORTAL, owner.user.as_str()), (CONSOLE, "nadie@arrayan.example")] {
            let tried = (user, owner.password.as_str());
            try_from(app, door, HOME, tried, None).await.problem(ProblemCode::WorkNeeded);
            let of_another_flow = proof(app, "look_up").await;
            try_from(app, door, HOME, tried, Some(of_another_flow)).await.problem(ProblemCode::WorkNeeded);
        }
        let good = proof(app, "sign_in").await;
        try_from(app, PORTAL, HOME, right, Some(good.clone())).await.ok();
        // A right one ends the row.
        for _ in 0..3 {
            let wrong = (owner.user.as_str(), "no es esta");
            try_from(app, PORTAL, HOME, wrong, None).await.problem(ProblemCode::WrongCredentials);
        }
        try_from(app, PORTAL, HOME, right, Some(good)).await.problem(ProblemCode::WorkNeeded);
    }
);

on_both!(
    a1_where_no_work_is_asked_for_wrong_in_a_row_hold_the_account_until_a_recovery,
    with | config | config.accounts.wrong_in_a_row = 3,
    |app| {
        let [owner, reader] = people(app).await;
        for _ in 0..3 {
            sign_in(&app.browser(), &owner.user, "no es esta").await.problem(ProblemCode::WrongCredentials);
        }
        let held = sign_in(&app.browser(), &owner.user, &owner.password).await;
        assert_eq!(held.problem(ProblemCode::SignInHeld).retry_after_seconds, Some(WINDOW_SECONDS.try_into().unwrap()));
        app.clock.advance_seconds(86_400);
        sign_in(&app.browser(), &owner.user, &owner.password).await.problem(ProblemCode::SignInHeld);
        sign_in(&app.browser(), &reader.user, &reader.password).await.ok();
        recover(app, &owner.user).await.ok();
        let link = token_in(&letters_to(app, &owner.user).await[0], "recuperar");
        use_link(app, "password-recoveries", &link, PASSWORD).await.ok();
        sign_in(&app.browser(), &owner.user, PASSWORD).await.ok();
    }
);

on_both!(
    a1_whoever_is_signed_in_has_no_more_wrong_ones_in_a_row_than_a_stranger,
    with | config | {
        with_work(config);
        config.accounts.wrong_in_a_row = 3;
    },
    |app| {
        let [owner, _] = people(app).await;
        let browser = app.browser();
        let token = token_of(&browser, &owner.user, &owner.password).await;
        let wrong = json!({"current": "no es esta", "new": PASSWORD});
        for _ in 0..3 {
            call(&browser, Method::POST, "/passwords", &token, Some(&wrong)).await.problem(ProblemCode::InvalidFields);
        }
        let right = json!({"current": owner.password, "new": PASSWORD});
        call(&browser, Method::POST, "/passwords", &token, Some(&right)).await.problem(ProblemCode::SignInHeld);
        pay_from(app, HOME, (&owner.user, &owner.password)).await.ok();
        call(&browser, Method::POST, "/passwords", &token, Some(&right)).await.ok();
    }
);

on_both!(
    a3_past_so_many_wrong_everywhere_each_sign_in_costs_a_proof_until_the_window_ends,
    with | config | {
        with_work(config);
        config.accounts.wrong_globally = 4;
    },
    |app| {
        let [owner, _] = people(app).await;
        let right = (owner.user.as_str(), owner.password.as_str());
        for _ in 0..5 {
            // What is right does not count.
            try_from(app, PORTAL, HOME, right, None).await.ok();
        }
        for n in 0..4 {
            let (door, user) = (if n % 2 == 0 { PORTAL } else { CONSOLE }, format!("inventado{n}@arrayan.example"));
            let reply = try_from(app, door, &format!("203.0.113.{n}"), (&user, "no es esta"), None).await;
            reply.problem(ProblemCode::WrongCredentials);
        }
        let (before, stranger) = (app.app.hasher.runs(), ("otra@arrayan.example", "no es esta"));
        try_from(app, PORTAL, HOME, right, None).await.problem(ProblemCode::WorkNeeded);
        try_from(app, CONSOLE, "203.0.113.9", stranger, None).await.problem(ProblemCode::WorkNeeded);
        assert_eq!(app.app.hasher.runs(), before, "no password is looked at before");
        pay_from(app, HOME, right).await.ok();
        pay_from(app, "203.0.113.9", stranger).await.problem(ProblemCode::WrongCredentials);
        app.clock.advance_seconds(WINDOW_SECONDS);
        try_from(app, PORTAL, HOME, right, None).await.ok();
    }
);

on_both!(
    a3_where_no_work_is_asked_for_so_many_wrong_everywhere_hold_every_sign_in,
    with | config | config.accounts.wrong_globally = 3,
    |app| {
        let [owner, _] = people(app).await;
        for n in 0..3 {
            let user = format!("inventado{n}@arrayan.example");
            sign_in(&app.browser(), &user, "no es esta").await.problem(ProblemCode::WrongCredentials);
        }
        app.clock.advance_seconds(60);
        let held = sign_in(&app.browser(), &owner.user, &owner.password).await;
        assert_eq!(held.problem(ProblemCode::SignInHeld).retry_after_seconds, Some(14 * 60));
        app.clock.advance_seconds(14 * 60);
        sign_in(&app.browser(), &owner.user, &owner.password).await.ok();
    }
);

on_both!(a5_the_owner_gets_in_at_once_from_a_fresh_source_with_a_proof, with | config | with_work(config), |app| {
    let [owner, _] = people(app).await;
    let (right, attacker) = ((owner.user.as_str(), owner.password.as_str()), "203.0.113.1");
    for _ in 0..5 {
        let reply = try_from(app, PORTAL, attacker, (&owner.user, "no es esta"), None).await;
        reply.problem(ProblemCode::WrongCredentials);
    }
    let held = try_from(app, PORTAL, HOME, right, None).await;
    assert!(held.problem(ProblemCode::SignInHeld).retry_after_seconds.is_some());
    assert_eq!(order(app, "sign_in").await.maxnumber, 200, "four times the usual work");
    let of_another_flow = proof(app, "recovery").await;
    try_from(app, PORTAL, HOME, right, Some(of_another_flow)).await.problem(ProblemCode::SignInHeld);
    pay_from(app, attacker, right).await.problem(ProblemCode::SignInHeld);
    pay_from(app, HOME, right).await.ok();
    // It was right: the account begins anew.
    try_from(app, PORTAL, HOME, right, None).await.ok();
});

on_both!(
    a5_a_proof_opens_a_held_account_for_one_try_of_each_source_whether_it_exists_or_not,
    with | config | with_work(config),
    |app| {
        let [owner, _] = people(app).await;
        let mut faces = Vec::new();
        for (n, user) in [owner.user.as_str(), "nadie@arrayan.example"].into_iter().enumerate() {
            let wrong = (user, "no es esta");
            for _ in 0..5 {
                try_from(app, PORTAL, "203.0.113.1", wrong, None).await.problem(ProblemCode::WrongCredentials);
            }
            let source = format!("203.0.113.{}", 10 + n);
            let before = app.app.hasher.runs();
            let tries = (0..4).map(|_| pay_from(app, &source, wrong));
            let replies = futures::future::join_all(tries).await;
            let judged = replies.iter().filter(|reply| reply.status == 401).count();
            let held = replies.iter().filter(|reply| reply.status == 429).count();
            assert_eq!((judged, held), (1, 3), "{replies:?}");
            assert_eq!(app.app.hasher.runs() - before, 1);
            let asked = (app.app.db.commits(), app.app.db.statements());
            let reply = pay_from(app, &format!("203.0.113.{}", 20 + n), wrong).await;
            let cost = (app.app.db.commits() - asked.0, app.app.db.statements() - asked.1);
            let again = pay_from(app, &source, (user, &owner.password)).await;
            again.problem(ProblemCode::SignInHeld);
            faces.push((face(&reply), cost, face(&again)));
        }
        assert_eq!(faces[0], faces[1]);
        assert_eq!(faces[0].0.0, 401);
    }
);

on_both!(
    a5_however_many_sources_bring_proofs_a_held_account_takes_so_many_tries_in_a_window,
    with | config | {
        with_work(config);
        config.accounts.wrong_per_account = 1;
    },
    |app| {
        let [owner, _] = people(app).await;
        let wrong = (owner.user.as_str(), "no es esta");
        try_from(app, PORTAL, "203.0.113.0", wrong, None).await.problem(ProblemCode::WrongCredentials);
        for n in 1..20 {
            pay_from(app, &format!("203.0.113.{n}"), wrong).await.problem(ProblemCode::WrongCredentials);
        }
        let right = (owner.user.as_str(), owner.password.as_str());
        pay_from(app, HOME, right).await.problem(ProblemCode::SignInHeld);
        app.clock.advance_seconds(WINDOW_SECONDS);
        try_from(app, PORTAL, HOME, right, None).await.ok();
    }
);
