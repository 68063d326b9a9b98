//! What happened to an account is told by the clock of the issuer in whose name its letters go.
use reqwest::Method;
use serde_json::json;
use shared::accounts::SessionView;
use shared::accounts::people::CustomerPeople;
use shared::accounts::second_factor::SecondFactorView;
use shared::page::Page;
use shared::privacy::{ArcoCase, MyPrivacy, PrivacyNotice};
use shared::time::LocalTime;

use super::console::{HERE, textiles};
use super::second_factor::set_up;
use super::{call, get, people, token_of};
use crate::support::{TestApp, on_both};

/// Not the clock of the capital, nor of UTC.
const ZONE: &str = "America/Tijuana";

/// Half past nine in the evening where the default issuer is: by UTC it is the next day.
pub(super) async fn evening(app: &TestApp) -> LocalTime {
    let operator = app.operator().await;
    operator.changes_issuer("default", |settings| settings.time_zone = ZONE.to_owned()).await.ok();
    let wanted: jiff::Timestamp = "2026-11-19T05:30:00Z".parse().unwrap();
    app.clock.advance_seconds(wanted.as_second() - app.app.now().jiff().as_second());
    there("2026-11-19T05:30:00.000000Z", "2026-11-18T21:30:00")
}

/// An instant as it must be on the wire.
pub(super) fn there(instant: &str, civil: &str) -> LocalTime {
    LocalTime { instant: instant.to_owned(), civil: civil.to_owned(), zone: ZONE.to_owned() }
}

on_both!(sessions_codes_and_invitations_stand_in_the_clock_of_the_issuer, |app| {
    let now = evening(app).await;
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let sessions: Page<SessionView> = get(&browser, "/sessions", &token).await.ok().json();
    let session = sessions.data.iter().find(|session| session.current).unwrap();
    assert_eq!((&session.created_at, &session.last_seen_at), (&now, &now));
    set_up(app, &browser, &token).await;
    let factor: SecondFactorView = get(&browser, "/second-factor", &token).await.ok().json();
    assert_eq!(factor.since, Some(now));

    let form = json!({"email": "teo@arrayan.example", "role": "payer", "language": "es"});
    call(&browser, Method::POST, "/people-invitations", &token, Some(&form)).await.ok();
    let people: CustomerPeople = get(&browser, "/people", &token).await.ok().json();
    let until = there("2026-11-26T05:30:00.000000Z", "2026-11-25T21:30:00");
    assert_eq!(people.invitations[0].expires_at, until, "its seven days end by the same clock");
    assert_eq!(textiles(&app.desk().await).await.invitations, people.invitations, "staff read the same");
});

on_both!(notices_and_requests_stand_in_the_clock_of_the_issuer, |app| {
    let now = evening(app).await;
    let operator = app.operator().await;
    let notice = json!({"text": "Aviso"});
    let published: PrivacyNotice = operator.post(&format!("{HERE}/privacy-notices"), &notice).await.ok().json();
    let shown: PrivacyNotice = app.browser().get("/api/v1/issuers/default/privacy-notice").await.ok().json();
    let all: Page<PrivacyNotice> = operator.get(&format!("{HERE}/privacy-notices")).await.ok().json();
    assert_eq!((&shown.published_at, &all.data[0]), (&now, &published));
    assert_eq!(published, shown);

    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let mine = async || get(&browser, "/privacy", &token).await.ok().json::<MyPrivacy>();
    let issuer = mine().await.notices.remove(0).issuer;
    let form = json!({"issuer": issuer, "version": shown.version});
    call(&browser, Method::POST, "/privacy-acceptances", &token, Some(&form)).await.ok();
    let accepted = mine().await.notices.remove(0);
    assert_eq!((accepted.published_at.as_ref(), accepted.accepted_at.as_ref()), (Some(&now), Some(&now)));

    let form = json!({"issuer": issuer, "kind": "access", "words": "Mis datos."});
    let case: ArcoCase = call(&browser, Method::POST, "/arco-requests", &token, Some(&form)).await.ok().json();
    assert_eq!((&case.opened_at, case.answered_at), (&now, None));
    app.clock.advance_seconds(60);
    let answer = json!({"granted": true, "words": "Aquí están."});
    operator.post(&format!("/console/issuers/{issuer}/arco-requests/{}/answers", case.id), &answer).await.ok();
    let later = there("2026-11-19T05:31:00.000000Z", "2026-11-18T21:31:00");
    assert_eq!(mine().await.cases[0].answered_at, Some(later));
});
