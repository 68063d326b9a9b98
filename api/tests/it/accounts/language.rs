//! The language of a person's letters and pages, which they choose themselves.
use reqwest::Method;
use serde_json::json;
use shared::accounts::Me;
use shared::problem::FieldCode;
use shared::{Lang, ProblemCode};

use super::{call, get, letters_to, opened, people, recover, sign_in, token_of};
use crate::support::{Browser, Reply, TestApp, on_both};

async fn choose(browser: &Browser, token: &str, language: &str) -> Reply {
    call(browser, Method::PUT, "/me/language", token, Some(&json!({ "language": language }))).await
}

async fn newest_subject(app: &TestApp, email: &str) -> String {
    letters_to(app, email).await.remove(0).letter.subject
}

on_both!(a_language_is_chosen_once_for_every_browser_and_letter, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    recover(app, &owner.user).await.ok();
    assert!(newest_subject(app, &owner.user).await.ends_with("elija otra contraseña"));
    assert_eq!(choose(&browser, &token, "en").await.ok().status, 204);
    let me: Me = get(&browser, "/me", &token).await.ok().json();
    assert_eq!(me.language, Lang::En);
    let (_, me) = opened(&sign_in(&app.browser(), &owner.user, &owner.password).await.ok());
    assert_eq!(me.language, Lang::En, "at another browser too");
    app.clock.advance_seconds(60);
    recover(app, &owner.user).await.ok();
    let subject = newest_subject(app, &owner.user).await;
    assert!(subject.ends_with("choose another password"), "{subject}");
    let (_, me) = opened(&sign_in(&app.browser(), &reader.user, &reader.password).await.ok());
    assert_eq!(me.language, Lang::Es, "a colleague keeps theirs");

    let refused = choose(&browser, &token, "fr").await.problem(ProblemCode::InvalidFields);
    assert_eq!((refused.errors[0].pointer.as_str(), refused.errors[0].code), ("/language", FieldCode::Shape));
    choose(&app.browser(), "", "en").await.problem(ProblemCode::SignedOut);
    // Staff have theirs; whoever looks at a customer's pages changes nobody's.
    let desk = app.desk().await;
    desk.put("/me/language", &json!({"language": "en"})).await.ok();
    assert_eq!(app.database.count("SELECT COUNT(*) FROM users WHERE language = 'en'").await, 2);
});
