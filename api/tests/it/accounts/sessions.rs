//! Sessions: their tokens, their list, and their end.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::SessionView;
use shared::page::Page;
use shared::problem::FieldCode;

use super::{OTHER_PASSWORD, PASSWORD, call, execute, face, get, letters_to, opened, people, sign_in, token_of};
use crate::support::shapes::{filled, least_body};
use crate::support::{Browser, Reply, on_both};

async fn refresh(browser: &Browser) -> Reply {
    browser.post("/api/v1/sessions/refreshes", &json!({})).await
}

async fn listed(browser: &Browser, token: &str) -> Vec<SessionView> {
    get(browser, "/sessions", token).await.ok().json::<Page<SessionView>>().data
}

on_both!(a_session_goes_on_by_its_cookie, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let first = token_of(&browser, &owner.user, &owner.password).await;
    app.clock.advance_seconds(15 * 60);
    get(&browser, "/me", &first).await.problem(ProblemCode::SignedOut);
    let (second, me) = opened(&refresh(&browser).await.ok());
    assert_eq!(get(&browser, "/me", &second).await.ok().json::<shared::accounts::Me>(), me);
    app.browser().post("/api/v1/sessions/refreshes", &json!({})).await.problem(ProblemCode::SignedOut);
});

on_both!(two_tabs_get_the_same_successor, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    token_of(&browser, &owner.user, &owner.password).await;
    let old = browser.cookie().unwrap();
    refresh(&browser).await.ok();
    let successor = browser.cookie();
    app.clock.advance_seconds(9);
    browser.set_cookie(&old);
    refresh(&browser).await.ok();
    assert_eq!(browser.cookie(), successor);
    let tabs: Vec<Browser> = (0..6).map(|_| app.browser()).collect();
    for tab in &tabs {
        tab.set_cookie(successor.as_ref().unwrap());
    }
    let replies = futures::future::join_all(tabs.iter().map(refresh)).await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
    assert!(tabs.iter().all(|tab| tab.cookie() == tabs[0].cookie()), "one successor for all");
});

on_both!(a10_a_refresh_token_used_twice_ends_the_session, |app| {
    let [owner, _] = people(app).await;
    let (browser, thief) = (app.browser(), app.browser());
    token_of(&browser, &owner.user, &owner.password).await;
    thief.set_cookie(&browser.cookie().unwrap());
    let (token, _) = opened(&refresh(&browser).await.ok());
    app.clock.advance_seconds(11);
    refresh(&thief).await.problem(ProblemCode::SignedOut);
    get(&browser, "/me", &token).await.problem(ProblemCode::SignedOut);
    refresh(&browser).await.problem(ProblemCode::SignedOut);
});

on_both!(a10_a_forged_refresh_token_ends_nothing, |app| {
    let [owner, _] = people(app).await;
    let (browser, thief) = (app.browser(), app.browser());
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let cookie = browser.cookie().unwrap();
    let (session, _) = cookie.split_once('.').unwrap();
    thief.set_cookie(&format!("{session}.0.{}", "0".repeat(64)));
    refresh(&thief).await.problem(ProblemCode::SignedOut);
    call(&thief, Method::DELETE, "/sessions/current", "x", None).await.ok();
    get(&browser, "/me", &token).await.ok();
});

on_both!(a10_an_idle_session_ends_after_half_an_hour_and_any_after_twelve_hours, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    token_of(&browser, &owner.user, &owner.password).await;
    app.clock.advance_seconds(30 * 60);
    refresh(&browser).await.problem(ProblemCode::SignedOut);
    token_of(&browser, &owner.user, &owner.password).await;
    for _ in 0..28 {
        app.clock.advance_seconds(25 * 60);
        refresh(&browser).await.ok();
    }
    app.clock.advance_seconds(20 * 60);
    refresh(&browser).await.problem(ProblemCode::SignedOut);
});

on_both!(a10_signing_out_ends_the_session_at_once, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let cookie = browser.cookie().unwrap();
    let reply = call(&browser, Method::DELETE, "/sessions/current", &token, None).await;
    assert_eq!(reply.status, 204);
    assert!(reply.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    get(&browser, "/me", &token).await.problem(ProblemCode::SignedOut);
    browser.set_cookie(&cookie);
    refresh(&browser).await.problem(ProblemCode::SignedOut);

    // The access token is over: the cookie alone is enough.
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let alone = browser.request(Method::DELETE, "/api/v1/sessions/current");
    assert_eq!(browser.send(alone).await.status, 204);
    get(&browser, "/me", &token).await.problem(ProblemCode::SignedOut);
    let nobody = app.browser();
    assert_eq!(nobody.send(nobody.request(Method::DELETE, "/api/v1/sessions/current")).await.status, 204);
});

on_both!(a10_a_disabled_person_is_out_at_the_next_request, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    execute(app, "UPDATE users SET state = 'disabled'").await;
    get(&browser, "/me", &token).await.problem(ProblemCode::SignedOut);
    refresh(&browser).await.problem(ProblemCode::SignedOut);
});

on_both!(a16_a_person_sees_and_ends_their_own_sessions_only, |app| {
    let [owner, reader] = people(app).await;
    let (here, there, third, theirs) = (app.browser(), app.browser(), app.browser(), app.browser());
    let token = token_of(&here, &owner.user, &owner.password).await;
    let other = token_of(&there, &owner.user, &owner.password).await;
    let last = token_of(&third, &owner.user, &owner.password).await;
    let foreign = token_of(&theirs, &reader.user, &reader.password).await;
    let sessions = listed(&here, &token).await;
    assert_eq!((sessions.len(), sessions.iter().filter(|session| session.current).count()), (3, 1));

    let their_session = listed(&theirs, &foreign).await.remove(0).id;
    let missing = uuid::Uuid::from_u128(7);
    let mut answers = Vec::new();
    for id in [their_session, missing] {
        let reply = call(&here, Method::DELETE, &format!("/sessions/{id}"), &token, None).await;
        reply.problem(ProblemCode::NotFound);
        answers.push(face(&reply));
    }
    assert_eq!(answers[0], answers[1], "another's session and none are the same answer");
    get(&theirs, "/me", &foreign).await.ok();

    let (_, me) = opened(&refresh(&there).await.ok());
    call(&here, Method::DELETE, &format!("/sessions/{}", me.session_id), &token, None).await.ok();
    get(&there, "/me", &other).await.problem(ProblemCode::SignedOut);
    call(&here, Method::DELETE, "/sessions/others", &token, None).await.ok();
    get(&third, "/me", &last).await.problem(ProblemCode::SignedOut);
    refresh(&third).await.problem(ProblemCode::SignedOut);
    assert_eq!(listed(&here, &token).await.len(), 1);
});

on_both!(a10_changing_the_password_asks_for_the_old_one_and_ends_the_other_sessions, |app| {
    let [owner, _] = people(app).await;
    let (here, there) = (app.browser(), app.browser());
    let token = token_of(&here, &owner.user, &owner.password).await;
    let other = token_of(&there, &owner.user, &owner.password).await;
    let change = |current: &str, new: &str| json!({"current": current, "new": new});
    for (form, pointer, code) in [
        (change("no es esta", PASSWORD), "/current", FieldCode::WrongPassword),
        (change(&owner.password, "corta"), "/new", FieldCode::PasswordShort),
        (change(&owner.password, "Contraseña2026"), "/new", FieldCode::PasswordCommon),
        (change(&owner.password, "mi tam010203aba"), "/new", FieldCode::PasswordOwnData),
        (change(&owner.password, "lucia.ferran es mi nombre"), "/new", FieldCode::PasswordOwnData),
        (change(&owner.password, "contrato 005300"), "/new", FieldCode::PasswordOwnData),
    ] {
        let reply = call(&here, Method::POST, "/passwords", &token, Some(&form)).await;
        let errors = reply.problem(ProblemCode::InvalidFields).errors;
        assert_eq!((errors[0].pointer.as_str(), errors[0].code), (pointer, code));
    }
    let form = change(&owner.password, PASSWORD);
    assert_eq!(call(&here, Method::POST, "/passwords", &token, Some(&form)).await.status, 204);
    get(&here, "/me", &token).await.ok();
    refresh(&here).await.ok();
    get(&there, "/me", &other).await.problem(ProblemCode::SignedOut);
    refresh(&there).await.problem(ProblemCode::SignedOut);
    sign_in(&there, &owner.user, &owner.password).await.problem(ProblemCode::WrongCredentials);
    sign_in(&there, &owner.user, PASSWORD).await.ok();
    let told = letters_to(app, &owner.user).await;
    assert!(told[0].text.contains("contraseña"), "{}", told[0].text);
    assert!(!told[0].text.contains(PASSWORD));
});

on_both!(a1_wrong_present_passwords_are_counted_like_those_at_the_door, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let form = json!({"current": "no es esta", "new": PASSWORD});
    for _ in 0..5 {
        call(&browser, Method::POST, "/passwords", &token, Some(&form)).await.problem(ProblemCode::InvalidFields);
    }
    call(&browser, Method::POST, "/passwords", &token, Some(&form)).await.problem(ProblemCode::SignInHeld);
    sign_in(&app.browser(), &owner.user, &owner.password).await.problem(ProblemCode::SignInHeld);
});

on_both!(a8_a_session_for_choosing_a_password_opens_nothing_else, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    execute(app, "UPDATE sessions SET reach = 'change_password'").await;
    let document = browser.get("/openapi/portal.json").await.ok().json::<Value>();
    let mut refused = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let asks = operation["security"].as_array().unwrap().iter().any(|way| way.get("customer").is_some());
            let Some(below) = path.strip_prefix("/api/v1").filter(|_| asks) else { continue };
            if matches!(below, "/passwords" | "/passwords/first" | "/sessions/current") {
                continue;
            }
            let below = filled(below);
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let body = least_body(&document, operation);
            let reply = call(&browser, method, &below, &token, body.as_ref()).await;
            reply.problem(ProblemCode::MustChangePassword);
            refused += 1;
        }
    }
    assert!(refused >= 5, "{refused}");
    let form = json!({"current": owner.password, "new": OTHER_PASSWORD});
    call(&browser, Method::POST, "/passwords", &token, Some(&form)).await.ok();
    get(&browser, "/me", &token).await.ok();
    execute(app, "UPDATE sessions SET reach = 'change_password'").await;
    call(&browser, Method::DELETE, "/sessions/current", &token, None).await.ok();
    get(&browser, "/me", &token).await.problem(ProblemCode::SignedOut);
});

on_both!(a9_nothing_but_our_access_token_opens_the_door, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let cookie = browser.cookie().unwrap();
    let refresh_token = cookie.split_once('=').unwrap().1.to_owned();
    let claim = browser.claim(&app.ticket(0).await).await;
    let (head, rest) = token.split_once('.').unwrap();
    let (body, _) = rest.split_once('.').unwrap();
    // {"alg":"none"}
    let unsigned = format!("eyJhbGciOiJub25lIn0.{body}.");
    let forged = [refresh_token.as_str(), &claim, &unsigned, &format!("{head}.{body}."), "", "a.b.c", &token[1..]];
    for token in forged {
        get(&browser, "/me", token).await.problem(ProblemCode::SignedOut);
    }
    browser.get("/api/v1/me").await.problem(ProblemCode::SignedOut);
    let me = || browser.request(Method::GET, "/api/v1/me");
    let odd = [
        me().header("Authorization", token.as_str()),
        me().header("Authorization", format!("Basic {token}")),
        me().header("Authorization", format!("Bearer {token}")).header("Authorization", format!("Bearer {token}")),
        browser.request(Method::GET, &format!("/api/v1/me?access_token={token}")),
    ];
    for request in odd {
        browser.send(request).await.problem(ProblemCode::SignedOut);
    }
    browser.send(me().header("Authorization", format!("bearer {token}"))).await.ok();
    browser.set_cookie(&format!("ventanilla_session={token}"));
    refresh(&browser).await.problem(ProblemCode::SignedOut);
});

on_both!(s3_no_other_sites_page_can_use_the_cookie, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    token_of(&browser, &owner.user, &owner.password).await;
    let foreign = browser.request(Method::POST, "/api/v1/sessions/refreshes").header("Origin", "https://evil.example");
    browser.send(foreign).await.problem(ProblemCode::CrossSite);
    refresh(&browser).await.ok();
});
