//! Proofs of work before registering and recovering.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::ProblemCode;
use shared::accounts::work::{WorkDone, WorkOrder};

use super::{letters_to, people, recover};
use crate::support::{Reply, TestApp, data_of, on_both};

pub(super) async fn order(app: &TestApp, flow: &str) -> WorkOrder {
    app.browser().get(&format!("/api/v1/proof-of-work?flow={flow}")).await.ok().json()
}

/// What a page's worker does.
fn solve(order: &WorkOrder) -> WorkDone {
    let found = |number: &u32| hex::encode(Sha256::digest(format!("{}{number}", order.salt))) == order.challenge;
    WorkDone {
        number: (0..=order.maxnumber).find(found).expect("the number is within the bound"),
        algorithm: order.algorithm.clone(),
        challenge: order.challenge.clone(),
        salt: order.salt.clone(),
        signature: order.signature.clone(),
        took: Some(12.5),
    }
}

fn packed(done: &WorkDone) -> String {
    STANDARD.encode(serde_json::to_vec(done).unwrap())
}

/// What a page sends along.
pub(super) async fn proof(app: &TestApp, flow: &str) -> String {
    packed(&solve(&order(app, flow).await))
}

async fn recover_with(app: &TestApp, user: &str, work: &str) -> Reply {
    let browser = app.browser();
    let request = browser.request(Method::POST, "/api/v1/password-recoveries").json(&json!({"user": user}));
    browser.send(request.header("X-Proof-Of-Work", work)).await
}

on_both!(
    a7_recovery_and_registration_ask_for_a_proof_that_works_once,
    with | config | config.accounts.work_max_number = 2_000,
    |app| {
        let [owner, _] = people(app).await;
        recover(app, &owner.user).await.problem(ProblemCode::WorkNeeded);
        let form = json!({"rfc": "CHI1203155K7", "contract": "000781", "email": "a@b.example", "language": "es"});
        app.browser().post("/api/v1/registrations", &form).await.problem(ProblemCode::WorkNeeded);
        // What is wrong with a form is said before work is asked for.
        recover(app, " ").await.problem(ProblemCode::InvalidFields);

        let done = solve(&order(app, "recovery").await);
        let good = packed(&done);
        let mut wrong = vec![String::new(), "x".into(), STANDARD.encode("{}"), "A".repeat(4_000)];
        wrong.push(packed(&WorkDone { number: done.number + 1, ..done.clone() }));
        wrong.push(packed(&WorkDone { algorithm: "SHA-1".into(), ..done.clone() }));
        wrong.push(packed(&WorkDone { signature: "00".repeat(32), ..done.clone() }));
        let later = done.salt.replace("expires=", "expires=9");
        // Digits moved from the number into the salt make the same challenge, but another flow.
        if done.number >= 10 {
            let digits = done.number.to_string();
            let salt = format!("{}{}", done.salt, &digits[..1]);
            wrong.push(packed(&WorkDone { salt, number: digits[1..].parse().unwrap(), ..done.clone() }));
        }
        let own = hex::encode(Sha256::digest(format!("{later}{}", done.number)));
        wrong.push(packed(&WorkDone { salt: later, challenge: own, ..done.clone() }));
        for work in &wrong {
            recover_with(app, &owner.user, work).await.problem(ProblemCode::WorkNeeded);
        }
        recover_with(app, &owner.user, &good).await.ok();
        recover_with(app, &owner.user, &good).await.problem(ProblemCode::WorkNeeded);
        assert_eq!(letters_to(app, &owner.user).await.len(), 1);

        let other = proof(app, "registration").await;
        recover_with(app, &owner.user, &other).await.problem(ProblemCode::WorkNeeded);
        let late = proof(app, "recovery").await;
        app.clock.advance_seconds(300);
        recover_with(app, &owner.user, &late).await.problem(ProblemCode::WorkNeeded);
        let twice = proof(app, "recovery").await;
        let both =
            futures::future::join(recover_with(app, &owner.user, &twice), recover_with(app, "nadie@x.example", &twice));
        let both = both.await;
        let taken = [both.0, both.1].iter().filter(|reply| reply.status == 202).count();
        assert_eq!(taken, 1, "of two at once one");
    }
);

on_both!(where_no_work_is_asked_for_none_is_ordered, |app| {
    let reply = app.browser().get("/api/v1/proof-of-work?flow=recovery").await.ok();
    assert_eq!((reply.status.as_u16(), reply.body.len()), (204, 0));
    let unknown = app.browser().get("/api/v1/proof-of-work?flow=otra").await;
    assert_eq!(unknown.json::<Value>()["code"], "malformed_address");
});

on_both!(
    g1_at_a_branch_where_strangers_guess_a_look_up_costs_four_times_the_work,
    with | config | {
        config.accounts.work_max_number = 300;
        config.guests.wrong_per_branch = 3;
        config.guests.wrong_when_guarded = 10;
    },
    |app| {
        const LOOK_UP: &str = "/api/v1/issuers/default/ticket-claims";
        let ticket = app.ticket(0).await;
        let elsewhere = app.rehearsal().await.tickets.into_iter().find(|it| it.branch_id != ticket.branch_id).unwrap();
        let right = data_of(&ticket);
        let look_up = async |data: &Value, work: Option<&str>| {
            let browser = app.browser();
            let request = browser.request(Method::POST, LOOK_UP).json(data);
            let request = if let Some(work) = work { request.header("X-Proof-Of-Work", work) } else { request };
            browser.send(request).await
        };
        look_up(&right, None).await.ok();
        for n in 0..3 {
            let mut wrong = right.clone();
            wrong["ticket_number"] = json!(format!("INVENTADO-{n}"));
            look_up(&wrong, None).await.problem(ProblemCode::TicketNotFound);
        }
        look_up(&right, None).await.problem(ProblemCode::WorkNeeded);
        let asked = order(app, "look_up").await;
        assert_eq!((asked.maxnumber, order(app, "recovery").await.maxnumber), (1_200, 300));
        let of_another_flow = proof(app, "recovery").await;
        look_up(&right, Some(&of_another_flow)).await.problem(ProblemCode::WorkNeeded);
        let good = packed(&solve(&asked));
        look_up(&right, Some(&good)).await.ok();
        look_up(&right, Some(&good)).await.problem(ProblemCode::WorkNeeded);
        // The other road to the same knowledge costs the same.
        let codes = app.browser().post("/api/v1/issuers/default/ticket-mail-codes", &right).await;
        codes.problem(ProblemCode::WorkNeeded);
        look_up(&data_of(&elsewhere), None).await.ok();
        // The hour over, nothing is asked for.
        app.clock.advance_seconds(3_601);
        look_up(&right, None).await.ok();
    }
);
