//! What is under way while somebody's password becomes another one.
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use shared::ProblemCode;
use shared::problem::FieldCode;
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::second_factor::{app_code, challenge, pass, set_up};
use super::{
    OTHER_PASSWORD, PASSWORD, call, column, letters_to, people, register, registrable, sign_in, token_in, token_of,
    use_link,
};
use crate::support::{Reply, TestApp, on_both};

/// How long nothing asks anything of the database when a request waits for it, or has its answer.
const STILL: Duration = Duration::from_millis(150);

/// Gives somebody the password of somebody else, by a statement that no route makes.
const CHANGE: &str = "UPDATE users SET password_hash = (SELECT o.password_hash FROM users AS o WHERE o.email <> $1 \
                      AND o.password_hash IS NOT NULL ORDER BY o.id LIMIT 1) WHERE email = $1";

/// Sends a request while somebody's password is becoming another one: it reads the one before, and finds the other when
/// it comes to write.
async fn while_changing(app: &TestApp, email: &str, request: impl Future<Output = Reply>) -> Reply {
    let url = app.app.config.database_url();
    let before = app.app.db.statements();
    let still = async {
        loop {
            let seen = app.app.db.statements();
            tokio::time::sleep(STILL).await;
            if seen > before && app.app.db.statements() == seen {
                break;
            }
        }
    };
    if app.app.db.is_sqlite() {
        let mut conn = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut conn).await.unwrap();
        sqlx::query(CHANGE).bind(email).execute(&mut conn).await.unwrap();
        let commit = async {
            still.await;
            sqlx::query("COMMIT").execute(&mut conn).await.unwrap();
        };
        futures::future::join(request, commit).await.0
    } else {
        let mut conn = PgConnection::connect(&url).await.unwrap();
        sqlx::query("BEGIN").execute(&mut conn).await.unwrap();
        sqlx::query(CHANGE).bind(email).execute(&mut conn).await.unwrap();
        let commit = async {
            still.await;
            sqlx::query("COMMIT").execute(&mut conn).await.unwrap();
        };
        futures::future::join(request, commit).await.0
    }
}

on_both!(a10_a_sign_in_under_way_opens_nothing_when_the_password_changes, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let reply = while_changing(app, &owner.user, sign_in(&browser, &owner.user, &owner.password)).await;
    reply.problem(ProblemCode::WrongCredentials);
    assert!(column(app, "SELECT kind FROM sessions").await.is_empty());
});

on_both!(a10_a_second_step_under_way_opens_nothing_when_the_password_changes, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let (secret, _) = set_up(app, &browser, &token).await;
    let step = challenge(app, &owner.user, &owner.password).await;
    app.clock.advance_seconds(30);
    let code = app_code(app, &secret);
    let reply = while_changing(app, &owner.user, pass(app, &step, &code)).await;
    reply.problem(ProblemCode::SecondStepExpired);
    assert_eq!(column(app, "SELECT kind FROM sessions").await.len(), 1, "the one that set it up");
});

on_both!(a10_an_invitation_under_way_opens_nothing_when_the_password_changes, |app| {
    let [_, reader] = people(app).await;
    let (customer, ana) = (registrable(app).await, "ana@higuera.example");
    register(app, &customer, ana).await.ok();
    let link = token_in(&letters_to(app, ana).await[0], "activar");
    use_link(app, "registrations", &link, OTHER_PASSWORD).await.ok();
    let browser = app.browser();
    let token = token_of(&browser, ana, OTHER_PASSWORD).await;
    let form = json!({"email": reader.user, "role": "payer", "language": "es"});
    call(&browser, Method::POST, "/people-invitations", &token, Some(&form)).await.ok();
    let link = token_in(&letters_to(app, &reader.user).await[0], "invitacion");
    let form = json!({"token": link, "password": reader.password});
    let accepting = app.browser();
    let accepting = accepting.post("/api/v1/people-invitations/confirmations", &form);
    let refused = while_changing(app, &reader.user, accepting).await.problem(ProblemCode::InvalidFields);
    assert_eq!(refused.errors[0].code, FieldCode::WrongPassword);
    assert_eq!(column(app, "SELECT role FROM memberships").await.len(), 3, "nobody joined");
});

on_both!(a10_a_change_under_way_gives_way_to_the_one_before, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let form = json!({"current": owner.password, "new": PASSWORD});
    let changing = call(&browser, Method::POST, "/passwords", &token, Some(&form));
    let refused = while_changing(app, &owner.user, changing).await.problem(ProblemCode::InvalidFields);
    assert_eq!((refused.errors[0].pointer.as_str(), refused.errors[0].code), ("/current", FieldCode::WrongPassword));
    sign_in(&app.browser(), &owner.user, PASSWORD).await.problem(ProblemCode::WrongCredentials);
});
