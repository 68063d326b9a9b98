//! Signing in: who gets in, what a stranger learns, and when it is held.
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use shared::ProblemCode;
use shared::accounts::Role;
use shared::problem::FieldCode;

use super::{call, column, execute, face, get, opened, people, sign_in, token_of};
use crate::support::on_both;

on_both!(the_demos_people_sign_in_by_address_or_rfc, |app| {
    let [owner, reader] = people(app).await;
    let (token, me) = opened(&sign_in(&app.browser(), &owner.user, &owner.password).await.ok());
    assert_eq!((me.customer.role, me.customer.nombre.as_str()), (Role::Owner, owner.customer.as_str()));
    let numbers: Vec<&str> = me.contracts.iter().map(|contract| contract.number.as_str()).collect();
    assert_eq!(numbers, ["005300", "17-0942"], "leading zeros are kept");
    assert_eq!(me.contracts[0].issuer, "colibri-azul");
    let same: shared::accounts::Me = get(&app.browser(), "/me", &token).await.ok().json();
    assert_eq!(same, me);
    for name in [me.customer.rfc.to_lowercase(), format!(" {} ", owner.user.to_uppercase())] {
        let (_, again) = opened(&sign_in(&app.browser(), &name, &owner.password).await.ok());
        assert_eq!(again.user_id, me.user_id, "{name}");
    }
    let (_, me) = opened(&sign_in(&app.browser(), &reader.user, &reader.password).await.ok());
    assert_eq!(me.customer.role, Role::Reader);
});

on_both!(the_cookie_is_for_the_browser_alone, |app| {
    let [owner, _] = people(app).await;
    let reply = sign_in(&app.browser(), &owner.user, &owner.password).await.ok();
    let cookie = reply.headers["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let refresh = cookie.split(['=', ';']).nth(1).unwrap();
    assert!(!reply.text().contains(refresh), "the refresh token is not in the body");
    assert_eq!(reply.headers["cache-control"], "no-store");
});

on_both!(a2_same_answer_for_known_and_unknown, |app| {
    let [owner, _] = people(app).await;
    let mut seen = Vec::new();
    for user in [owner.user.as_str(), "nadie@arrayan.example", "SCA010101AA4"] {
        let (runs, commits, asked) = (app.app.hasher.runs(), app.app.db.commits(), app.app.db.statements());
        let reply = sign_in(&app.browser(), user, "no es esta").await;
        reply.problem(ProblemCode::WrongCredentials);
        seen.push((
            face(&reply),
            app.app.hasher.runs() - runs,
            app.app.db.commits() - commits,
            app.app.db.statements() - asked,
        ));
    }
    assert_eq!(seen[0].1, 1, "one real argon2 run");
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    assert_eq!(app.run_jobs().await, 0, "nobody gets a letter");
    execute(app, "UPDATE users SET state = 'disabled'").await;
    let disabled = sign_in(&app.browser(), &owner.user, &owner.password).await;
    assert_eq!(face(&disabled), seen[0].0, "a disabled account is an unknown one");
});

on_both!(a1_five_wrong_passwords_hold_the_account_however_it_is_named, |app| {
    let [owner, reader] = people(app).await;
    let rfc = "TAM010203ABA";
    for name in [owner.user.as_str(), &owner.user.to_uppercase(), rfc, "tam010203aba", " tam 010203 aba "] {
        sign_in(&app.browser(), name, "no es esta").await.problem(ProblemCode::WrongCredentials);
    }
    app.clock.advance_seconds(60);
    let held = sign_in(&app.browser(), &owner.user, &owner.password).await;
    assert_eq!(held.problem(ProblemCode::SignInHeld).retry_after_seconds, Some(14 * 60));
    assert_eq!(held.headers["retry-after"], "840");
    sign_in(&app.browser(), &reader.user, &reader.password).await.ok();
    app.clock.advance_seconds(14 * 60);
    sign_in(&app.browser(), &owner.user, &owner.password).await.ok();
});

on_both!(a1_an_invented_account_is_held_like_a_real_one, |app| {
    let [owner, _] = people(app).await;
    let mut faces = Vec::new();
    for user in [owner.user.as_str(), "nadie@arrayan.example"] {
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(face(&sign_in(&app.browser(), user, "no es esta").await));
        }
        faces.push(answers);
    }
    assert_eq!(faces[0], faces[1]);
    assert_eq!(faces[0][5].0, 429);
});

on_both!(a1_of_many_tries_at_once_no_more_than_five_are_looked_at, |app| {
    let [owner, _] = people(app).await;
    let browsers: Vec<_> = (0..12).map(|_| app.browser()).collect();
    let before = app.app.hasher.runs();
    let tries = browsers.iter().map(|browser| sign_in(browser, &owner.user, "no es esta"));
    let replies = futures::future::join_all(tries).await;
    let wrong = replies.iter().filter(|reply| reply.status == 401).count();
    let held = replies.iter().filter(|reply| reply.status == 429).count();
    assert_eq!((wrong, held), (5, 7), "{replies:?}");
    assert_eq!(app.app.hasher.runs() - before, 5);
});

on_both!(
    a12_of_two_hundred_sign_ins_at_once_a_few_are_hashed_at_a_time_and_the_house_lives,
    with | config | {
        config.accounts.wrong_per_source = 1_000;
    },
    |app| {
        let users: Vec<String> = (0..200).map(|n| format!("inventado{n}@arrayan.example")).collect();
        let (browser, before) = (app.browser(), app.app.hasher.runs());
        let over = AtomicBool::new(false);
        let crowd = async {
            let tries = users.iter().map(|user| sign_in(&browser, user, "no es esta"));
            let replies = futures::future::join_all(tries).await;
            over.store(true, Ordering::Relaxed);
            replies
        };
        let looks = async {
            let mut answered = 0;
            while !over.load(Ordering::Relaxed) {
                browser.get("/health/live").await.ok();
                answered += 1;
            }
            answered
        };
        let (replies, answered) = futures::future::join(crowd, looks).await;
        let wrong = replies.iter().filter(|reply| reply.status == 401).count();
        let put_off = replies.iter().filter(|reply| reply.status == 503).count();
        assert_eq!(wrong + put_off, 200, "{replies:?}");
        let runs = usize::try_from(app.app.hasher.runs() - before).unwrap();
        assert!(0 < wrong && wrong <= runs, "{wrong} of {runs}");
        assert!(replies.iter().all(|reply| reply.status == 401 || reply.headers.contains_key("retry-after")));
        // A core is everybody else's, where there are two.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let most = usize::try_from(app.app.hasher.most_at_once()).unwrap();
        assert!((1..=cores.saturating_sub(1).max(1)).contains(&most), "{most} at once on {cores} cores");
        assert!(answered > 1, "the house says meanwhile that it lives");
    }
);

on_both!(a_right_password_forgives_the_accounts_wrong_ones, |app| {
    let [owner, _] = people(app).await;
    for _ in 0..3 {
        for _ in 0..4 {
            sign_in(&app.browser(), &owner.user, "no es esta").await.problem(ProblemCode::WrongCredentials);
        }
        sign_in(&app.browser(), &owner.user, &owner.password).await.ok();
    }
});

on_both!(a3_one_source_trying_many_accounts_is_held, |app| {
    let [owner, _] = people(app).await;
    for n in 0..59 {
        let user = format!("inventado{n}@arrayan.example");
        sign_in(&app.browser(), &user, "no es esta").await.problem(ProblemCode::WrongCredentials);
    }
    for _ in 0..3 {
        // An office behind one address: what is right does not count.
        sign_in(&app.browser(), &owner.user, &owner.password).await.ok();
    }
    sign_in(&app.browser(), "otro@arrayan.example", "no es esta").await.problem(ProblemCode::WrongCredentials);
    sign_in(&app.browser(), &owner.user, &owner.password).await.problem(ProblemCode::SignInHeld);
    app.clock.advance_seconds(15 * 60);
    sign_in(&app.browser(), &owner.user, &owner.password).await.ok();
});

on_both!(a12_a_password_too_long_is_refused_before_it_is_hashed, |app| {
    let before = (app.app.hasher.runs(), app.app.db.commits());
    let reply = sign_in(&app.browser(), "nadie@arrayan.example", &"x".repeat(1_025)).await;
    let problem = reply.problem(ProblemCode::InvalidFields);
    assert_eq!((problem.errors[0].pointer.as_str(), problem.errors[0].code), ("/password", FieldCode::TooLong));
    let empty = app.browser().post("/api/v1/sessions", &json!({"user": " ", "password": ""})).await;
    assert_eq!(empty.problem(ProblemCode::InvalidFields).errors.len(), 2);
    assert_eq!((app.app.hasher.runs(), app.app.db.commits()), before);
});

on_both!(a12_a_crowd_is_put_off_and_the_house_stays_open, |app| {
    let full: Vec<_> = std::iter::from_fn(|| app.app.hasher.enter().ok()).take(1_000).collect();
    let before = app.app.db.commits();
    let reply = sign_in(&app.browser(), "nadie@arrayan.example", "no es esta").await;
    reply.problem(ProblemCode::Busy);
    assert!(reply.headers.contains_key("retry-after"));
    assert_eq!(app.app.db.commits(), before, "a try that was put off is not counted");
    app.browser().get("/health/live").await.ok();
    drop(full);
    sign_in(&app.browser(), "nadie@arrayan.example", "no es esta").await.problem(ProblemCode::WrongCredentials);
});

on_both!(signing_in_and_out_is_written_down_without_secrets, |app| {
    let [owner, _] = people(app).await;
    sign_in(&app.browser(), &owner.user, "no es esta").await.problem(ProblemCode::WrongCredentials);
    sign_in(&app.browser(), "la-clave-escrita-aqui", "no es esta").await.problem(ProblemCode::WrongCredentials);
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    call(&browser, reqwest::Method::DELETE, "/sessions/current", &token, None).await.ok();
    let acts = column(app, "SELECT act FROM audit_log WHERE chain = 'installation' ORDER BY seq").await;
    assert_eq!(acts[acts.len() - 4..], ["session.refused", "session.refused", "session.opened", "session.ended"]);
    let rows = column(
        app,
        "SELECT actor || object_id || COALESCE(before_json, '') || COALESCE(after_json, '') FROM audit_log",
    )
    .await
    .join("\n");
    for secret in [owner.password.as_str(), "no es esta", "la-clave-escrita-aqui", &token, &owner.user] {
        assert!(!rows.contains(secret), "{secret} is in the audit log");
    }
    let hashes = column(app, "SELECT password_hash FROM users").await;
    assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")), "{hashes:?}");
    let report = api::audit::verify(&mut app.app.db.read().await.unwrap()).await.unwrap();
    assert!(report.broken.is_none());
});
