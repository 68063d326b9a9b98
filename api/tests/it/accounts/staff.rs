//! Staff: how they come in, what they may do where, and what customers may not.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::second_factor::{Enrolment, SecondStep};
use shared::staff::{StaffList, StaffMe, StaffRole};

use super::second_factor::app_code;
use super::{
    OTHER_PASSWORD, PASSWORD, call, column, execute, face, get, letters_to, people, recover, sign_in, token_in,
    token_of,
};
use crate::support::shapes::{filled, least_body, least_query};
use crate::support::{Browser, Clerk, Reply, TestApp, on_both};

const HERE: &str = "/console/issuers/default";
const NEW: &str = "teo@colibri-azul.example";
const OTHER: &str = "eva@colibri-azul.example";

/// Enters by an invitation's letter and sets the second step up.
pub(super) async fn enter(app: &TestApp, email: &str) -> Clerk {
    let link = token_in(&letters_to(app, email).await[0], "consola/invitacion");
    let browser = app.browser();
    let form = json!({"token": link, "password": PASSWORD});
    let reply = browser.post("/api/v1/console/invitations/confirmations", &form).await.ok();
    assert_eq!(reply.status, 200);
    let clerk = Clerk::of(browser, &reply);
    let enrolment: Enrolment = clerk.post("/second-factor/enrolments", &json!({})).await.ok().json();
    let code = app_code(app, &enrolment.secret);
    clerk.post("/second-factor/confirmations", &json!({"code": code})).await.ok();
    clerk
}

pub(super) async fn invite(operator: &Clerk, issuer: &str, email: &str, role: &str) -> Reply {
    let form = json!({"email": email, "role": role, "language": "es"});
    operator.post(&format!("/console/issuers/{issuer}/staff-invitations"), &form).await
}

async fn console_sign_in(browser: &Browser, user: &str, password: &str) -> Reply {
    browser.post("/api/v1/console/sessions", &json!({"user": user, "password": password})).await
}

on_both!(the_demos_staff_sign_in_with_both_steps, |app| {
    let operator = app.operator().await;
    assert!(operator.me.runs_installation && !operator.me.must_enrol);
    assert!(operator.me.issuers.len() >= 2, "{:?}", operator.me.issuers);
    assert!(operator.me.issuers.iter().all(|issuer| issuer.role == StaffRole::Operator));
    let desk = app.desk().await;
    let mine: Vec<_> = desk.me.issuers.iter().map(|issuer| (issuer.slug.as_str(), issuer.role)).collect();
    assert_eq!(mine, [("colibri-azul", StaffRole::Staff)]);
    let same: StaffMe = desk.get("/console/me").await.ok().json();
    assert_eq!(same, desk.me);
    let refreshed = desk.browser.post("/api/v1/console/sessions/refreshes", &json!({})).await.ok();
    assert_eq!(Clerk::of(app.browser(), &refreshed).me, desk.me);
    desk.delete("/console/sessions/current").await.ok();
    desk.get("/console/me").await.problem(ProblemCode::SignedOut);
});

on_both!(a14_staff_without_a_second_step_can_do_nothing_but_set_it_up, |app| {
    let operator = app.operator().await;
    invite(&operator, "default", NEW, "operator").await.ok();
    let link = token_in(&letters_to(app, NEW).await[0], "consola/invitacion");
    let form = json!({"token": link, "password": PASSWORD});
    let reply = app.browser().post("/api/v1/console/invitations/confirmations", &form).await.ok();
    let clerk = Clerk::of(app.browser(), &reply);
    assert!(clerk.me.must_enrol);
    let document: Value = app.browser().get("/openapi/portal.json").await.ok().json();
    let mut refused = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let ours = path.strip_prefix("/api/v1").filter(|path| path.contains("/console/issuers/{issuer}"));
        let Some(ours) = ours else { continue };
        let address = filled(ours);
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let body = least_body(&document, operation);
            let ours = [address.as_str(), &least_query(&document, operation)].concat();
            let reply = call(&clerk.browser, method, &ours, &clerk.token, body.as_ref()).await;
            reply.problem(ProblemCode::SecondFactorNeeded);
            refused += 1;
        }
    }
    assert!(refused >= 16, "{refused}");
    clerk.get("/sessions").await.problem(ProblemCode::SecondFactorNeeded);
    let again = console_sign_in(&app.browser(), NEW, PASSWORD).await.ok();
    assert!(Clerk::of(app.browser(), &again).me.must_enrol, "the password alone comes no further");
    let enrolment: Enrolment = clerk.post("/second-factor/enrolments", &json!({})).await.ok().json();
    let code = app_code(app, &enrolment.secret);
    clerk.post("/second-factor/confirmations", &json!({"code": code})).await.ok();
    clerk.get(&format!("{HERE}/staff")).await.ok();
    assert_eq!(console_sign_in(&app.browser(), NEW, PASSWORD).await.ok().status, 202);
    clerk.delete("/second-factor").await.problem(ProblemCode::SecondFactorCompulsory);
});

on_both!(b3_a_customer_is_nobody_at_the_console, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    for path in ["/console/me", "/console/issuers/default/staff"] {
        get(&browser, path, &token).await.problem(ProblemCode::SignedOut);
    }
    browser.post("/api/v1/console/sessions/refreshes", &json!({})).await.problem(ProblemCode::SignedOut);
    let cookie = browser.cookie().unwrap().replace("ventanilla_session", "ventanilla_console");
    browser.set_cookie(&cookie);
    browser.post("/api/v1/console/sessions/refreshes", &json!({})).await.problem(ProblemCode::SignedOut);
    let clerk = app.desk().await;
    for path in ["/me", "/documents", "/balances", "/payments"] {
        clerk.get(path).await.problem(ProblemCode::SignedOut);
    }
});

on_both!(a2_the_console_answers_customers_and_strangers_alike, |app| {
    let [owner, _] = people(app).await;
    let desk = app.staff_sign_in(false).await;
    let mut seen = Vec::new();
    for (user, password) in [
        (owner.user.as_str(), owner.password.as_str()),
        (owner.user.as_str(), "no es esta"),
        ("nadie@arrayan.example", "no es esta"),
        (desk.user.as_str(), "no es esta"),
    ] {
        let runs = app.app.hasher.runs();
        let reply = console_sign_in(&app.browser(), user, password).await;
        reply.problem(ProblemCode::WrongCredentials);
        seen.push((face(&reply), app.app.hasher.runs() - runs));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    let portal = sign_in(&app.browser(), &desk.user, &desk.password).await;
    assert_eq!(face(&portal), seen[0].0, "staff are nobody at the portal");
});

on_both!(b2_an_operator_of_one_issuer_is_nobody_at_another, |app| {
    let house = app.operator().await;
    invite(&house, "nandu", NEW, "operator").await.ok();
    let theirs = enter(app, NEW).await;
    theirs.get("/console/issuers/nandu/staff").await.ok();
    let foreign = theirs.get("/console/issuers/default/staff").await;
    foreign.problem(ProblemCode::NotFound);
    let none = theirs.get("/console/issuers/no-hay/staff").await;
    assert_eq!(face(&foreign), face(&none), "another's issuer looks like none");
    let here: StaffList = house.get(&format!("{HERE}/staff")).await.ok().json();
    let desk = here.people.iter().find(|person| !person.whole_installation).unwrap();
    let across = format!("/console/issuers/nandu/staff/{}", desk.id);
    theirs.delete(&across).await.problem(ProblemCode::NotFound);
    theirs.put(&across, &json!({"role": "operator"})).await.problem(ProblemCode::NotFound);
    theirs.delete(&format!("{across}/second-factor")).await.problem(ProblemCode::NotFound);
    let of_house = here.people.iter().find(|person| person.whole_installation).unwrap();
    let up = format!("/console/issuers/nandu/staff/{}", of_house.id);
    theirs.delete(&up).await.problem(ProblemCode::NotFound);
    theirs.delete(&format!("{up}/second-factor")).await.problem(ProblemCode::NotFound);
});

on_both!(the_desk_sees_its_people_and_changes_none, |app| {
    let desk = app.desk().await;
    let list: StaffList = desk.get(&format!("{HERE}/staff")).await.ok().json();
    assert_eq!(list.people.len(), 2);
    assert!(list.people.iter().all(|person| person.second_factor));
    assert!(list.people.iter().any(|person| person.you));
    invite(&desk, "default", NEW, "operator").await.problem(ProblemCode::OperatorNeeded);
    for person in &list.people {
        let path = format!("{HERE}/staff/{}", person.id);
        desk.delete(&path).await.problem(ProblemCode::OperatorNeeded);
        desk.put(&path, &json!({"role": "operator"})).await.problem(ProblemCode::OperatorNeeded);
    }
});

on_both!(an_operator_invites_changes_and_removes, |app| {
    let operator = app.operator().await;
    invite(&operator, "default", "no es correo", "staff").await.problem(ProblemCode::InvalidFields);
    invite(&operator, "default", NEW, "staff").await.ok();
    let first = token_in(&letters_to(app, NEW).await[0], "consola/invitacion");
    app.clock.advance_seconds(1);
    invite(&operator, "default", NEW, "staff").await.ok();
    let stale = json!({"token": first, "password": PASSWORD});
    let stale = app.browser().post("/api/v1/console/invitations/confirmations", &stale).await;
    stale.problem(ProblemCode::LinkExpired);
    let list: StaffList = operator.get(&format!("{HERE}/staff")).await.ok().json();
    assert_eq!(list.invitations.len(), 1);
    let teo = enter(app, NEW).await;
    let list: StaffList = operator.get(&format!("{HERE}/staff")).await.ok().json();
    assert!(list.invitations.is_empty());
    let row = list.people.iter().find(|person| person.email == NEW).unwrap();
    let path = format!("{HERE}/staff/{}", row.id);
    operator.put(&path, &json!({"role": "operator"})).await.ok();
    assert_eq!(teo.get("/console/me").await.ok().json::<StaffMe>().issuers[0].role, StaffRole::Operator);
    operator.delete(&path).await.ok();
    teo.get("/console/me").await.problem(ProblemCode::SignedOut);
    operator.delete(&path).await.problem(ProblemCode::NotFound);
    let acts = column(app, "SELECT act FROM audit_log WHERE act LIKE 'staff.%' ORDER BY at, chain, seq").await;
    for act in ["staff.invited", "staff.entered", "staff.changed", "staff.removed"] {
        assert!(acts.iter().any(|found| found == act), "{act} in {acts:?}");
    }
});

on_both!(a13_an_operators_acts_on_people_ask_for_a_fresh_proof, |app| {
    let operator = app.operator().await;
    app.clock.advance_seconds(10 * 60);
    invite(&operator, "default", NEW, "staff").await.problem(ProblemCode::ProofNeeded);
    let person = app.staff_sign_in(true).await;
    operator.post("/sessions/current/proofs", &json!({"code": person.code})).await.ok();
    invite(&operator, "default", NEW, "staff").await.ok();
});

on_both!(a13_keys_certificates_webhooks_and_issuers_ask_for_a_fresh_proof, |app| {
    const HERE: &str = "/console/issuers/default";
    let (operator, branch) = (app.operator().await, app.ticket(0).await.branch_id);
    app.clock.advance_seconds(10 * 60);
    let settings = json!({
        "regimen": "601", "commercial_name": "Otra", "support_email": "ayuda@otra.example", "brand_color": "#123456",
        "address_lines": ["Calle 1"], "language": "es", "daily_stamp_ceiling": 10,
    });
    let issuer = json!({"slug": "otra", "rfc": "EKU9003173C9", "nombre": "OTRA", "settings": settings});
    operator.post("/console/issuers", &issuer).await.problem(ProblemCode::ProofNeeded);
    for (path, body) in [
        ("api-keys", json!({"name": "Caja", "scopes": ["tickets:read"]})),
        ("till-keys", json!({"branch_id": branch, "name": "Caja"})),
        ("certificates", json!({"certificate": "AA==", "key": "AA==", "password": "12345678a"})),
        ("webhook-endpoints/erp/secrets", json!({})),
    ] {
        operator.post(&format!("{HERE}/{path}"), &body).await.problem(ProblemCode::ProofNeeded);
    }
    let endpoint = json!({"url": "https://erp.otra.example/ventanilla"});
    operator.put(&format!("{HERE}/webhook-endpoints/erp"), &endpoint).await.problem(ProblemCode::ProofNeeded);
    let unknown = uuid::Uuid::from_u128(7);
    for path in [
        format!("api-keys/{unknown}"),
        "till-keys/AB12CD34".to_owned(),
        format!("certificates/{unknown}"),
        "webhook-endpoints/erp".to_owned(),
    ] {
        operator.delete(&format!("{HERE}/{path}")).await.problem(ProblemCode::ProofNeeded);
    }
});

on_both!(an_invitation_can_be_taken_back_and_is_over_in_a_week, |app| {
    let operator = app.operator().await;
    invite(&operator, "default", NEW, "staff").await.ok();
    let link = token_in(&letters_to(app, NEW).await[0], "consola/invitacion");
    let list: StaffList = operator.get(&format!("{HERE}/staff")).await.ok().json();
    operator.delete(&format!("{HERE}/staff-invitations/{}", list.invitations[0].id)).await.ok();
    let accept = |token: String| async move {
        let form = json!({"token": token, "password": PASSWORD});
        app.browser().post("/api/v1/console/invitations/confirmations", &form).await
    };
    accept(link).await.problem(ProblemCode::LinkExpired);
    app.clock.advance_seconds(1);
    invite(&operator, "default", NEW, "staff").await.ok();
    let link = token_in(&letters_to(app, NEW).await[0], "consola/invitacion");
    app.clock.advance_seconds(7 * 86_400);
    accept(link).await.problem(ProblemCode::LinkExpired);
});

on_both!(a_lost_phone_is_helped_by_an_operator, |app| {
    let operator = app.operator().await;
    invite(&operator, "default", NEW, "staff").await.ok();
    let teo = enter(app, NEW).await;
    let list: StaffList = operator.get(&format!("{HERE}/staff")).await.ok().json();
    let row = list.people.iter().find(|person| person.email == NEW).unwrap();
    operator.delete(&format!("{HERE}/staff/{}/second-factor", row.id)).await.ok();
    teo.get("/console/me").await.problem(ProblemCode::SignedOut);
    let again = console_sign_in(&app.browser(), NEW, PASSWORD).await.ok();
    assert!(Clerk::of(app.browser(), &again).me.must_enrol);
    let told = letters_to(app, NEW).await;
    assert!(told.iter().any(|letter| letter.letter.subject.contains("se quitó")), "they hear of it (A13)");
    operator.delete(&format!("{HERE}/staff/{}/second-factor", row.id)).await.ok();
    assert_eq!(letters_to(app, NEW).await.len(), told.len(), "there was nothing more to take away");
});

/// Without whoever runs the whole installation, an issuer has the operators of its own.
async fn nobody_runs_the_house(app: &TestApp) {
    execute(app, "DELETE FROM staff_grants WHERE issuer_id IS NULL").await;
}

on_both!(two_operators_who_put_each_other_down_at_once_leave_one, |app| {
    let house = app.operator().await;
    invite(&house, "default", NEW, "operator").await.ok();
    invite(&house, "default", OTHER, "operator").await.ok();
    let (teo, eva) = (enter(app, NEW).await, enter(app, OTHER).await);
    let list: StaffList = house.get(&format!("{HERE}/staff")).await.ok().json();
    let path = |email: &str| {
        let row = list.people.iter().find(|person| person.email == email).unwrap();
        format!("{HERE}/staff/{}", row.id)
    };
    let (teos, evas, down) = (path(NEW), path(OTHER), json!({"role": "staff"}));
    nobody_runs_the_house(app).await;
    for _ in 0..6 {
        let replies = futures::future::join(teo.put(&evas, &down), eva.put(&teos, &down)).await;
        let done = [&replies.0, &replies.1].iter().filter(|reply| reply.status == 204).count();
        assert_eq!(done, 1, "{replies:?}");
        assert_eq!(column(app, "SELECT role FROM staff_grants WHERE role = 'operator'").await.len(), 1);
        execute(
            app,
            "UPDATE staff_grants SET role = 'operator' WHERE user_id IN \
             (SELECT id FROM users WHERE email LIKE 'teo@%' OR email LIKE 'eva@%')",
        )
        .await;
    }
    let replies = futures::future::join(teo.delete(&evas), eva.delete(&teos)).await;
    let done = [&replies.0, &replies.1].iter().filter(|reply| reply.status == 204).count();
    assert_eq!(done, 1, "{replies:?}");
});

on_both!(the_last_operator_stays_one_whatever_invitation_they_accept, |app| {
    let house = app.operator().await;
    invite(&house, "default", NEW, "operator").await.ok();
    enter(app, NEW).await;
    // What was written before is sent before: the newest letter is the one that comes next.
    app.run_jobs().await;
    app.clock.advance_seconds(1);
    invite(&house, "default", NEW, "staff").await.ok();
    invite(&house, "default", OTHER, "operator").await.ok();
    let link = token_in(&letters_to(app, NEW).await[0], "consola/invitacion");
    nobody_runs_the_house(app).await;
    let accept = async || {
        let form = json!({"token": link, "password": OTHER_PASSWORD});
        app.browser().post("/api/v1/console/invitations/confirmations", &form).await
    };
    accept().await.problem(ProblemCode::LastOne);
    assert_eq!(console_sign_in(&app.browser(), NEW, PASSWORD).await.ok().status, 202, "nothing was done");
    enter(app, OTHER).await;
    let roles = "SELECT role FROM staff_grants ORDER BY role";
    assert_eq!(column(app, roles).await, ["operator", "operator", "staff"]);
    app.run_jobs().await;
    app.clock.advance_seconds(1);
    assert_eq!(accept().await.ok().status, 202);
    assert_eq!(column(app, roles).await, ["operator", "staff", "staff"]);
    let told = letters_to(app, NEW).await;
    assert!(told[0].letter.subject.contains("su contraseña cambió"), "{}", told[0].letter.subject);
    console_sign_in(&app.browser(), NEW, PASSWORD).await.problem(ProblemCode::WrongCredentials);
});

on_both!(staff_recover_their_password_and_keep_their_second_step, |app| {
    let person = app.staff_sign_in(false).await;
    recover(app, &person.user).await.ok();
    let link = token_in(&letters_to(app, &person.user).await[0], "consola/recuperar");
    let form = json!({"token": link, "password": PASSWORD});
    let at_portal = app.browser().post("/api/v1/password-recoveries/confirmations", &form).await;
    at_portal.problem(ProblemCode::LinkExpired);
    let reply = app.browser().post("/api/v1/console/password-recoveries/confirmations", &form).await.ok();
    assert_eq!(reply.status, 202);
    let step: SecondStep = reply.json();
    let form = json!({"challenge": step.challenge, "code": app.staff_sign_in(false).await.code});
    app.browser().post("/api/v1/console/sessions/second-steps", &form).await.ok();
});

on_both!(the_first_of_the_staff_is_invited_from_the_command_line, |app| {
    use api::ops::staff::{InviteArgs, invite};
    use api::ops::start::World;
    let world = World { clock: app.app.clock.clone(), ids: app.app.ids.clone() };
    let args = |role: &str, issuer: Option<&str>| InviteArgs {
        email: NEW.into(),
        issuer: issuer.map(str::to_owned),
        role: role.into(),
        language: "en".into(),
    };
    let mut out = Vec::new();
    for (role, issuer) in [("owner", None), ("staff", None), ("operator", Some("no-hay"))] {
        invite(&app.app.config, &args(role, issuer), &world, &mut out).await.unwrap_err();
    }
    assert!(out.is_empty(), "nothing was made");
    invite(&app.app.config, &args("operator", None), &world, &mut out).await.unwrap();
    let told: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((told["mailed"].as_bool(), told["issuer"].as_str()), (Some(true), None));
    let link = told["link"].as_str().unwrap();
    assert_eq!(link.rsplit('/').next().unwrap(), token_in(&letters_to(app, NEW).await[0], "consola/invitacion"));
    let clerk = enter(app, NEW).await;
    let me: StaffMe = clerk.get("/console/me").await.ok().json();
    assert!(me.runs_installation && !me.must_enrol);
    let kept = column(app, "SELECT act FROM audit_log WHERE actor = 'operator'").await;
    assert!(kept.iter().any(|act| act == "staff.invited"), "{kept:?}");
});
