//! Accounts of mailboxes (T24): born with the first invoice, for what was invoiced to the mailbox and nothing else.
use reqwest::Method;
use serde_json::{Value, json};
use shared::accounts::Me;
use shared::accounts::entry::{AfterLink, LinkOpened};
use shared::billing::InvoiceView;
use shared::guests::{MailboxProved, MyInvoice};
use shared::mail::MailboxMessage;
use shared::page::Page;
use shared::privacy::{ArcoCase, ConsoleArcoCase, MyData, MyPrivacy};
use shared::problem::FieldCode;
use shared::{Lang, ProblemCode};

use super::profiles::{first_password, open, post, temporary_in, ticket};
use super::{
    OTHER_PASSWORD, PASSWORD, call, column, face, get, letters_to, opened, people, sign_in, token_in, token_of,
    use_link,
};
use crate::support::{Browser, Reply, TestApp, on_both, order};

const HERE: &str = "/issuers/default";
const MAIL: &str = "amaranta@quintil.example";
const OTHER_MAIL: &str = "curiosa@quintil.example";
const RFC: &str = "QUIA850712AA1";
/// The demo's customer.
const CUSTOMERS_RFC: &str = "TAM010203ABA";

fn elsewhere(config: &mut api::config::Config) {
    config.profiles.ticket.push("nandu".into());
}

/// A ticket's invoice under an RFC to an address, as anybody with the ticket asks for it.
pub(super) async fn invoice(app: &TestApp, rfc: &str, email: &str) -> InvoiceView {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let mut wanted = order(&ticket, &browser.claim(&ticket).await, rfc);
    wanted["email"] = email.into();
    let made =
        browser.invoice(&wanted, &format!("k-{}-{}", ticket.order_number, ticket.ticket_number)).await.ok().json();
    app.clock.advance_seconds(60);
    made
}

/// The letters that bring an account to an address, the newest first.
async fn letters_of_account(app: &TestApp, email: &str) -> Vec<MailboxMessage> {
    let letters = letters_to(app, email).await;
    letters.into_iter().filter(|letter| letter.letter.subject.contains("su cuenta de facturas")).collect()
}

pub(super) async fn link_to(app: &TestApp, email: &str) -> String {
    token_in(letters_of_account(app, email).await.first().expect("the letter came"), "activar")
}

/// The account of an address that was invoiced to gets its password; its access token and who it is.
pub async fn claim(app: &TestApp, email: &str) -> (String, Me) {
    let link = link_to(app, email).await;
    opened(&use_link(app, "registrations", &link, PASSWORD).await.ok())
}

async fn open_mailbox(browser: &Browser, token: &str) -> Reply {
    call(browser, Method::POST, &format!("{HERE}/mailbox-sessions"), token, None).await
}

/// What a browser may open.
async fn mine(browser: &Browser) -> Vec<uuid::Uuid> {
    let page: Page<MyInvoice> = browser.get(&format!("/api/v1{HERE}/my-invoices")).await.ok().json();
    page.data.into_iter().map(|row| row.id).collect()
}

async fn users(app: &TestApp) -> i64 {
    app.database.count("SELECT COUNT(*) FROM users").await
}

on_both!(t24_an_address_gets_one_account_however_many_invoices_it_gets, with | config | ticket(config), |app| {
    let before = users(app).await;
    invoice(app, RFC, MAIL).await;
    invoice(app, CUSTOMERS_RFC, &MAIL.to_uppercase()).await;
    invoice(app, RFC, MAIL).await;
    assert_eq!(users(app).await, before + 1);
    let letter = letters_of_account(app, MAIL).await.remove(0);
    assert!(letter.text.contains("Cree su contraseña") && letter.text.contains("24 horas"), "{}", letter.text);
    assert_eq!(letters_to(app, MAIL).await.len(), 3, "two invoices and one account");
    assert!(letters_of_account(app, &MAIL.to_uppercase()).await.is_empty());
    // An invoice's letter is passed on: it opens nothing.
    let others = letters_to(app, MAIL).await.into_iter().filter(|it| it.letter.id != letter.letter.id);
    assert!(others.into_iter().all(|it| !it.text.contains("/activar/")));
    assert_eq!(column(app, "SELECT email FROM users WHERE password_hash IS NULL").await, [MAIL]);
    assert_eq!(column(app, "SELECT rfc FROM mailbox_rfcs ORDER BY rfc").await, [RFC, CUSTOMERS_RFC]);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM audit_log WHERE act = 'mailbox.account_made'").await, 1);
    // No customer's person: staff find nobody.
    let desk = app.desk().await;
    let found: Page<Value> = desk.get("/console/issuers/default/customers?q=quintil.example").await.ok().json();
    assert!(found.data.is_empty());
});

on_both!(t24_whoever_has_an_account_hears_nothing_and_stays_who_they_are, with | config | ticket(config), |app| {
    let [owner, _] = people(app).await;
    let before = users(app).await;
    invoice(app, RFC, &owner.user).await;
    assert_eq!(users(app).await, before);
    assert!(letters_of_account(app, &owner.user).await.is_empty());
    let (token, me) = opened(&sign_in(&app.browser(), &owner.user, &owner.password).await.ok());
    assert_eq!((me.mailbox_only, me.customer.rfc.as_str()), (false, CUSTOMERS_RFC));
    open_mailbox(&app.browser(), &token).await.problem(ProblemCode::SignedOut);
});

on_both!(t24_an_issuer_without_the_profile_makes_no_accounts, with | config | elsewhere(config), |app| {
    let before = users(app).await;
    invoice(app, RFC, MAIL).await;
    assert_eq!(letters_to(app, MAIL).await.len(), 1, "the invoice");
    assert_eq!((users(app).await, app.database.count("SELECT COUNT(*) FROM mailbox_rfcs").await), (before, 0));
});

on_both!(t24_the_letters_link_brings_a_password_once, with | config | ticket(config), |app| {
    invoice(app, RFC, MAIL).await;
    let link = link_to(app, MAIL).await;
    sign_in(&app.browser(), MAIL, PASSWORD).await.problem(ProblemCode::WrongCredentials);
    let said: LinkOpened = open(app, "registrations", &link).await.ok().json();
    assert_eq!(said.next, AfterLink::ChoosePassword);
    open(app, "password-recoveries", &link).await.problem(ProblemCode::LinkExpired);
    for (password, code) in [
        ("siete77", FieldCode::PasswordShort),
        ("amaranta y pan", FieldCode::PasswordOwnData),
        ("es quia850712aa1", FieldCode::PasswordOwnData),
    ] {
        let refused = use_link(app, "registrations", &link, password).await;
        assert_eq!(refused.problem(ProblemCode::InvalidFields).errors[0].code, code, "{password}");
    }
    let (_, me) = claim(app, MAIL).await;
    assert!(me.mailbox_only && me.customers.is_empty() && me.customer.rfc.is_empty(), "{me:?}");
    use_link(app, "registrations", &link, OTHER_PASSWORD).await.problem(ProblemCode::LinkExpired);
    assert_eq!(
        column(app, "SELECT channel FROM privacy_acceptances WHERE user_id IS NOT NULL").await,
        ["registration"]
    );
    // The address signs in; an RFC is nobody's who has only a mailbox.
    sign_in(&app.browser(), RFC, PASSWORD).await.problem(ProblemCode::WrongCredentials);
    let browser = app.browser();
    token_of(&browser, &MAIL.to_uppercase(), PASSWORD).await;
    let (again, me) = opened(&browser.post("/api/v1/sessions/refreshes", &json!({})).await.ok());
    assert!(me.mailbox_only);
    get(&browser, "/me", &again).await.problem(ProblemCode::SignedOut);
    assert_eq!(letters_to(app, MAIL).await.len(), 2, "who had no password is told of no change");
});

on_both!(t21_t22_a_mailbox_opens_what_was_invoiced_to_it_and_nothing_else, with | config | ticket(config), |app| {
    let own = invoice(app, CUSTOMERS_RFC, OTHER_MAIL).await;
    let customers = invoice(app, CUSTOMERS_RFC, MAIL).await;
    let (token, _) = claim(app, OTHER_MAIL).await;
    let browser = app.browser();
    let proved: MailboxProved = open_mailbox(&browser, &token).await.ok().json();
    assert_eq!(proved.invoices, 1);
    assert_eq!(mine(&browser).await, [own.id], "whoever's RFC was typed");
    browser.get(&format!("/api/v1/invoices/{}/xml", own.id)).await.ok();
    browser.get(&format!("/api/v1/invoices/{}/pdf", own.id)).await.ok();
    browser.get(&format!("/api/v1/invoices/{}/xml", customers.id)).await.problem(ProblemCode::NotFound);
    for path in ["/me", "/documents", "/balances", "/payments", "/people"] {
        get(&app.browser(), path, &token).await.problem(ProblemCode::SignedOut);
    }
    let opened = column(app, "SELECT actor FROM audit_log WHERE act = 'mailbox.opened'").await;
    assert!(opened.len() == 1 && opened[0].starts_with("user:"), "{opened:?}");
    // What comes later is opened too, and for half an hour each time.
    let later = invoice(app, RFC, OTHER_MAIL).await;
    open_mailbox(&browser, &token).await.ok();
    assert_eq!(mine(&browser).await, [later.id, own.id]);
    // Another person at the same computer finds nothing, and without a session nothing opens.
    call(&browser, Method::DELETE, &format!("{HERE}/mailbox-sessions"), "", None).await.ok();
    assert!(mine(&browser).await.is_empty());
    call(&browser, Method::DELETE, "/sessions/current", &token, None).await.ok();
    open_mailbox(&browser, &token).await.problem(ProblemCode::SignedOut);
    app.browser().post(&format!("/api/v1{HERE}/mailbox-sessions"), &json!({})).await.problem(ProblemCode::SignedOut);
});

on_both!(t24_a_mailboxs_owner_takes_their_data_and_accepts_notices, with | config | ticket(config), |app| {
    invoice(app, RFC, MAIL).await;
    let (token, _) = claim(app, MAIL).await;
    let browser = app.browser();
    call(&browser, Method::PUT, "/me/language", &token, Some(&json!({"language": "en"}))).await.ok();
    let reply = get(&browser, "/my-data", &token).await.ok();
    let name = reply.headers["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.starts_with("attachment; filename=\"correo_datos_"), "{name}");
    let data: MyData = reply.json();
    assert!(data.me.mailbox_only && data.fiscal.is_none() && data.people.is_none(), "{data:?}");
    assert_eq!((data.me.email.as_str(), data.me.language), (MAIL, Lang::En));
    assert_eq!((data.mailbox_rfcs, data.sessions.len()), (vec![RFC.to_owned()], 1));
    assert!(data.privacy.notices[0].accepted_at.is_some(), "with the first password");

    let second = json!({"text": "Aviso segundo"});
    app.operator().await.post("/console/issuers/default/privacy-notices", &second).await.ok();
    let mine: MyPrivacy = get(&browser, "/privacy", &token).await.ok().json();
    assert_eq!((mine.notices.len(), mine.notices[0].version), (1, Some(2)), "of who invoiced to it and nobody else");
    assert!(mine.notices[0].accepted_at.is_none() && mine.cases.is_empty());
    let accept = |issuer: &str, version: i64| json!({"issuer": issuer, "version": version});
    let path = "/privacy-acceptances";
    let elsewhere = accept("nandu", 1);
    call(&browser, Method::POST, path, &token, Some(&elsewhere)).await.problem(ProblemCode::NotFound);
    call(&browser, Method::POST, path, &token, Some(&accept(&mine.notices[0].issuer, 2))).await.ok();
    let mine: MyPrivacy = get(&browser, "/privacy", &token).await.ok().json();
    assert!(mine.notices[0].accepted_at.is_some());

    app.clock.advance_seconds(11 * 60);
    get(&browser, "/my-data", &token).await.problem(ProblemCode::ProofNeeded);
    let proof = json!({"password": PASSWORD});
    call(&browser, Method::POST, "/sessions/current/proofs", &token, Some(&proof)).await.ok();
    get(&browser, "/my-data", &token).await.ok();
    let acts = column(app, "SELECT actor FROM audit_log WHERE act = 'data.copied'").await;
    assert!(acts.len() == 2 && acts.iter().all(|actor| actor.starts_with("user:")), "{acts:?}");
});

on_both!(t24_a_mailboxs_owner_makes_requests_about_their_data, with | config | ticket(config), |app| {
    invoice(app, RFC, MAIL).await;
    let (token, _) = claim(app, MAIL).await;
    let browser = app.browser();
    let ask = async |issuer: &str| {
        let form = json!({"issuer": issuer, "kind": "cancellation", "words": "Borren mi correo."});
        call(&browser, Method::POST, "/arco-requests", &token, Some(&form)).await
    };
    let privacy: MyPrivacy = get(&browser, "/privacy", &token).await.ok().json();
    ask("nandu").await.problem(ProblemCode::NotFound);
    let case: ArcoCase = ask(&privacy.notices[0].issuer).await.ok().json();
    let operator = app.operator().await;
    let support = operator.issuer("default").await.support_email;
    assert!(letters_to(app, &support).await.iter().any(|letter| letter.text.contains(MAIL)), "it names whose it is");

    let here = "/console/issuers/default/arco-requests";
    let listed: Page<ConsoleArcoCase> = operator.get(here).await.ok().json();
    let [row] = listed.data.as_slice() else { panic!("{listed:?}") };
    assert_eq!((row.case.id, row.email.as_str()), (case.id, MAIL));
    assert_eq!((row.customer_id, &row.rfc, &row.nombre), (None, &None, &None));
    let elsewhere = operator.get("/console/issuers/nandu/arco-requests").await.ok();
    assert!(elsewhere.json::<Page<ConsoleArcoCase>>().data.is_empty());
    let answer = json!({"granted": true, "words": "Se borró lo que la ley permite."});
    operator.post(&format!("{here}/{}/answers", case.id), &answer).await.ok();
    assert!(letters_to(app, MAIL).await.iter().any(|letter| letter.text.contains("Se borró lo que la ley permite.")));
    let privacy: MyPrivacy = get(&browser, "/privacy", &token).await.ok().json();
    assert_eq!((privacy.cases.len(), privacy.cases[0].granted), (1, Some(true)));
});

on_both!(
    t17_t18_t19_a_mailbox_recovers_by_its_address_and_an_rfc_invoiced_to_it,
    with | config | ticket(config),
    |app| {
        invoice(app, RFC, MAIL).await;
        claim(app, MAIL).await;
        let pairs = [
            (RFC, MAIL),
            (CUSTOMERS_RFC, MAIL),
            (RFC, "nadie@quintil.example"),
            ("XYZ010101AB1", "nadie@quintil.example"),
        ];
        let mut seen = Vec::new();
        for (user, email) in pairs {
            let (commits, asked) = (app.app.db.commits(), app.app.db.statements());
            let reply = post(app, "/password-recoveries", &json!({"user": user.to_lowercase(), "email": email})).await;
            seen.push((face(&reply), app.app.db.commits() - commits, app.app.db.statements() - asked));
        }
        assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
        let runs = app.app.hasher.runs();
        app.run_jobs().await;
        assert_eq!(app.app.hasher.runs() - runs, 4, "the queue works as much for what matches nobody");
        let letters = letters_to(app, MAIL).await;
        let temporaries: Vec<_> = letters.iter().filter(|letter| letter.text.contains("Contraseña temporal")).collect();
        assert_eq!(temporaries.len(), 1);
        let temporary = temporary_in(temporaries[0]);
        let (session, me) = opened(&sign_in(&app.browser(), MAIL, &temporary).await.ok());
        assert!(me.must_change_password && me.mailbox_only, "{me:?}");
        open_mailbox(&app.browser(), &session).await.problem(ProblemCode::MustChangePassword);
        sign_in(&app.browser(), MAIL, &temporary).await.problem(ProblemCode::WrongCredentials);
        let me: Me = first_password(app, &session, OTHER_PASSWORD).await.ok().json();
        assert!(!me.must_change_password && me.mailbox_only, "{me:?}");
        open_mailbox(&app.browser(), &session).await.ok();
        sign_in(&app.browser(), MAIL, PASSWORD).await.problem(ProblemCode::WrongCredentials);
        // T23: the present one is asked for when another is chosen.
        let change = json!({"current": OTHER_PASSWORD, "new": PASSWORD});
        call(&app.browser(), Method::POST, "/passwords", &session, Some(&change)).await.ok();
        token_of(&app.browser(), MAIL, PASSWORD).await;
    }
);

on_both!(
    a_mailbox_recovers_by_its_address_alone_where_the_page_asks_for_no_more,
    with | config | ticket(config),
    |app| {
        invoice(app, RFC, MAIL).await;
        // Before a password was chosen as well: the letter proves the mailbox either way.
        post(app, "/password-recoveries", &json!({"user": MAIL, "issuer": "nandu"})).await.ok();
        let letters = letters_to(app, MAIL).await;
        let letter = letters.iter().find(|letter| letter.text.contains("/recuperar/")).expect("the letter came");
        let (_, me) =
            opened(&use_link(app, "password-recoveries", &token_in(letter, "recuperar"), PASSWORD).await.ok());
        assert!(me.mailbox_only);
        let link = link_to(app, MAIL).await;
        use_link(app, "registrations", &link, OTHER_PASSWORD).await.problem(ProblemCode::LinkExpired);
        token_of(&app.browser(), MAIL, PASSWORD).await;
    }
);

on_both!(
    t24_an_account_that_nobody_claims_goes_and_the_next_invoice_brings_another,
    with | config | ticket(config),
    |app| {
        let before = users(app).await;
        invoice(app, RFC, MAIL).await;
        invoice(app, RFC, OTHER_MAIL).await;
        claim(app, OTHER_MAIL).await;
        let late = link_to(app, MAIL).await;
        app.clock.advance_seconds(24 * 3_600);
        use_link(app, "registrations", &late, PASSWORD).await.problem(ProblemCode::LinkExpired);
        invoice(app, RFC, MAIL).await;
        assert_eq!(letters_of_account(app, MAIL).await.len(), 2, "whose letter was over gets another");
        app.clock.advance_seconds(3 * 24 * 3_600);
        app.run_jobs().await;
        assert_eq!(users(app).await, before + 1);
        let claimed = "SELECT u.email FROM mailbox_rfcs AS r JOIN users AS u ON u.id = r.user_id";
        assert_eq!(column(app, claimed).await, [OTHER_MAIL]);
        invoice(app, RFC, MAIL).await;
        assert!(claim(app, MAIL).await.1.mailbox_only);
    }
);

on_both!(
    t24_whoever_is_invited_to_a_customer_later_is_the_customers_from_then_on,
    with | config | ticket(config),
    |app| {
        let [owner, _] = people(app).await;
        let browser = app.browser();
        let token = token_of(&browser, &owner.user, &owner.password).await;
        invoice(app, RFC, MAIL).await;
        invoice(app, RFC, OTHER_MAIL).await;
        claim(app, OTHER_MAIL).await;
        // One has not chosen a password yet, the other has.
        for (email, password) in [(MAIL, OTHER_PASSWORD), (OTHER_MAIL, PASSWORD)] {
            let invited = json!({"email": email, "role": "reader", "language": "es"});
            call(&browser, Method::POST, "/people-invitations", &token, Some(&invited)).await.ok();
            let letters = letters_to(app, email).await;
            let letter = letters.iter().find(|letter| letter.text.contains("/invitacion/")).expect("the letter came");
            let invitation = token_in(letter, "invitacion");
            let (_, me) = opened(&use_link(app, "people-invitations", &invitation, password).await.ok());
            assert_eq!((me.mailbox_only, me.customer.rfc.as_str()), (false, CUSTOMERS_RFC), "{email}");
            let (_, me) = opened(&sign_in(&app.browser(), email, password).await.ok());
            assert_eq!((me.mailbox_only, me.customer.rfc.as_str()), (false, CUSTOMERS_RFC), "{email}");
        }
        let link = link_to(app, MAIL).await;
        use_link(app, "registrations", &link, PASSWORD).await.problem(ProblemCode::LinkExpired);
    }
);
