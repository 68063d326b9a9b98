//! The profiles: each manual's way in as it is written, behind its guard.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::Me;
use shared::accounts::entry::{AfterLink, FirstCodeAsked, FirstEntryOpened, LinkOpened};
use shared::mail::MailboxMessage;
use shared::problem::FieldCode;
use shared::profiles::{HomeFace, Profile, ProfileName};

use super::{
    OTHER_PASSWORD, PASSWORD, call, column, execute, face, get, letters_to, opened, people, registrable, sign_in,
    token_in, token_of, use_link,
};
use crate::support::{Reply, TestApp, on_both};

const NEW: &str = "ana@higuera.example";
/// Good under heredada-8.
const EIGHT: &str = "Zb4@kwqp";

fn cit(config: &mut api::config::Config) {
    config.profiles.cit.push("default".into());
}

pub fn ticket(config: &mut api::config::Config) {
    config.profiles.ticket.push("colibri-azul".into());
}

fn canon(config: &mut api::config::Config) {
    config.profiles.canon.push("default".into());
}

pub(super) async fn post(app: &TestApp, path: &str, body: &Value) -> Reply {
    app.browser().post(&format!("/api/v1{path}"), body).await
}

async fn register(app: &TestApp, rfc: &str, contract: &str, email: &str) -> Reply {
    post(app, "/registrations", &json!({"rfc": rfc, "contract": contract, "email": email, "language": "es"})).await
}

/// The temporary password in a letter.
pub(super) fn temporary_in(letter: &MailboxMessage) -> String {
    let at = letter.text.find("Contraseña temporal").unwrap_or_else(|| panic!("none in {}", letter.text));
    let written = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-';
    let rest = letter.text[at..].trim_start_matches("Contraseña temporal");
    let found: String = rest.chars().skip_while(|c| !written(c)).take_while(written).collect();
    assert_eq!(found.len(), 23, "{}", letter.text);
    found
}

pub(super) async fn open(app: &TestApp, what: &str, token: &str) -> Reply {
    post(app, &format!("/{what}/openings"), &json!({ "token": token })).await
}

pub(super) async fn first_password(app: &TestApp, token: &str, new: &str) -> Reply {
    call(&app.browser(), Method::POST, "/passwords/first", token, Some(&json!({ "new": new }))).await
}

on_both!(an_issuers_profile_is_told_to_its_pages, with | config | cit(config), |app| {
    let of = |slug: &'static str| async move { app.browser().get(&format!("/api/v1/issuers/{slug}/profile")).await };
    for slug in ["default", "colibri-azul"] {
        let profile: Profile = of(slug).await.ok().json();
        assert_eq!((profile.name, profile.home), (ProfileName::Cit, HomeFace::CustomersBlock), "{slug}");
    }
    assert_eq!(of("nandu").await.ok().json::<Profile>(), Profile::default());
    of("no-hay").await.problem(ProblemCode::NotFound);
});

on_both!(c15_c16_c17_capitals_count_and_nothing_is_said_of_what_matches, with | config | cit(config), |app| {
    let customer = registrable(app).await;
    let small = register(app, &customer.rfc.to_lowercase(), &customer.contract, NEW).await;
    let small = small.problem(ProblemCode::InvalidFields);
    assert_eq!((small.errors[0].pointer.as_str(), small.errors[0].code), ("/rfc", FieldCode::Capitals));
    let mut scope = app.app.db.begin().await.unwrap();
    let slug = api::issuers::service::find_default_issuer(&mut scope).await.unwrap().unwrap();
    let holder =
        api::accounts::people::find_customer(&mut scope, &customer.rfc.parse().unwrap()).await.unwrap().unwrap();
    let at = api::issuers::Scope::of(slug.id);
    api::accounts::people::add_contract(&mut scope, &app.app, at, holder, "Ab-17").await.unwrap();
    scope.commit().await.unwrap();
    let mut seen = Vec::new();
    let tries = [("AB-17", "uno@higuera.example"), ("999", "dos@higuera.example"), ("Ab-17", NEW)];
    for (contract, email) in tries {
        let (runs, commits, asked) = (app.app.hasher.runs(), app.app.db.commits(), app.app.db.statements());
        let reply = register(app, &customer.rfc, contract, email).await;
        seen.push((
            face(&reply),
            app.app.hasher.runs() - runs,
            app.app.db.commits() - commits,
            app.app.db.statements() - asked,
        ));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    assert_eq!((seen[0].0.0, seen[0].1), (202, 0), "nothing is hashed before the answer");
    let before = app.app.hasher.runs();
    app.run_jobs().await;
    assert_eq!(app.app.hasher.runs() - before, 3, "the queue works as much for what matches nothing");
    assert_eq!(letters_to(app, NEW).await.len(), 1);
    for stranger in ["uno@higuera.example", "dos@higuera.example"] {
        assert!(letters_to(app, stranger).await.is_empty(), "{stranger}");
    }
});

on_both!(c18_to_c28_a_link_and_a_temporary_password_are_both_needed, with | config | cit(config), |app| {
    let customer = registrable(app).await;
    register(app, &customer.rfc, &customer.contract, NEW).await.ok();
    let letter = letters_to(app, NEW).await.remove(0);
    assert!(letter.text.contains("De clic para terminar su registro"), "{}", letter.text);
    let (token, temporary) = (token_in(&letter, "activar"), temporary_in(&letter));
    // C22: neither half alone opens anything.
    sign_in(&app.browser(), NEW, &temporary).await.problem(ProblemCode::WrongCredentials);
    use_link(app, "registrations", &token, EIGHT).await.problem(ProblemCode::LinkExpired);
    open(app, "password-recoveries", &token).await.problem(ProblemCode::LinkExpired);
    for _ in 0..2 {
        let said: LinkOpened = open(app, "registrations", &token).await.ok().json();
        assert_eq!(said.next, AfterLink::SignIn, "a mail scanner takes nothing away");
    }
    // C24, C25: the temporary password is good once, and for nothing but choosing another.
    let (session, me) = opened(&sign_in(&app.browser(), NEW, &temporary).await.ok());
    assert!(me.must_change_password && me.contracts.is_empty() && me.customer.rfc.is_empty(), "{me:?}");
    sign_in(&app.browser(), NEW, &temporary).await.problem(ProblemCode::WrongCredentials);
    for password in ["Zb4@kwq", "Zb4@kwqpx", "zb4@kwqp", PASSWORD] {
        let refused = first_password(app, &session, password).await;
        assert_eq!(
            refused.problem(ProblemCode::InvalidFields).errors[0].code,
            FieldCode::PasswordHeredada,
            "{password}"
        );
    }
    let me: Me = first_password(app, &session, EIGHT).await.ok().json();
    assert_eq!((me.must_change_password, me.customer.rfc.as_str()), (false, customer.rfc.as_str()));
    assert_eq!(me.part.map(|part| part.issuer).as_deref(), Some("colibri-azul"), "that company's part alone (B2)");
    get(&app.browser(), "/documents", &session).await.ok();
    first_password(app, &session, "Zb5@kwqp").await.problem(ProblemCode::NotFound);
    // The page of the new password names the aviso de privacidad: entering by it accepts it.
    assert_eq!(column(app, "SELECT channel FROM privacy_acceptances").await, ["registration"]);
    // C4: the address signs in, and nothing else does.
    sign_in(&app.browser(), &customer.rfc, EIGHT).await.problem(ProblemCode::WrongCredentials);
    token_of(&app.browser(), NEW, EIGHT).await;
    let acts = column(app, "SELECT act FROM audit_log WHERE chain = 'installation' ORDER BY seq").await;
    for act in ["registration.asked", "link.opened", "password.temporary_used", "password.changed"] {
        assert!(acts.iter().any(|done| done == act), "{act} in {acts:?}");
    }
    assert_eq!(letters_to(app, NEW).await.len(), 2, "and is told that the password changed");
});

on_both!(c20_a_registrations_letter_is_good_for_a_day, with | config | cit(config), |app| {
    let customer = registrable(app).await;
    register(app, &customer.rfc, &customer.contract, NEW).await.ok();
    let letter = letters_to(app, NEW).await.remove(0);
    let (token, temporary) = (token_in(&letter, "activar"), temporary_in(&letter));
    app.clock.advance_seconds(23 * 3_600);
    open(app, "registrations", &token).await.ok();
    app.clock.advance_seconds(3_600);
    sign_in(&app.browser(), NEW, &temporary).await.problem(ProblemCode::WrongCredentials);
    open(app, "registrations", &token).await.problem(ProblemCode::LinkExpired);
    // Who was late recovers: the account is there.
    post(app, "/password-recoveries", &json!({ "user": NEW })).await.ok();
    let letter = letters_to(app, NEW).await.remove(0);
    let (token, temporary) = (token_in(&letter, "recuperar"), temporary_in(&letter));
    open(app, "password-recoveries", &token).await.ok();
    assert!(opened(&sign_in(&app.browser(), NEW, &temporary).await.ok()).1.must_change_password);
});

on_both!(a8_a_session_of_a_temporary_password_reaches_nothing_else, with | config | ticket(config), |app| {
    let [owner, _] = people(app).await;
    let form = json!({"user": "TAM010203ABA", "email": owner.user});
    post(app, "/password-recoveries", &form).await.ok();
    let temporary = temporary_in(&letters_to(app, &owner.user).await[0]);
    let browser = app.browser();
    let (session, _) = opened(&sign_in(&browser, &owner.user, &temporary).await.ok());
    let id = "0192f000-0000-7000-8000-000000000000";
    for path in [
        "/me",
        "/sessions",
        "/documents",
        "/documents/filters",
        "/balances",
        "/payments",
        "/people",
        &format!("/documents/{id}"),
        &format!("/payments/{id}"),
    ] {
        let reply = get(&browser, path, &session).await;
        assert!(matches!(reply.status.as_u16(), 403 | 404), "{path}: {}", reply.status);
        assert!(!reply.text().contains("TAM010203ABA"), "{path}");
    }
    get(&browser, "/me", &session).await.problem(ProblemCode::MustChangePassword);
    get(&browser, "/documents", &session).await.problem(ProblemCode::MustChangePassword);
    let refreshed = browser.post("/api/v1/sessions/refreshes", &json!({})).await.ok();
    let (again, me) = opened(&refreshed);
    assert!(me.must_change_password && me.customer.nombre.is_empty(), "{me:?}");
    get(&browser, "/balances", &again).await.problem(ProblemCode::MustChangePassword);
    call(&browser, Method::DELETE, "/sessions/current", &again, None).await.ok();
});

on_both!(t17_t18_t19_rfc_and_mail_bring_a_temporary_password_that_signs_in, with | config | ticket(config), |app| {
    let [owner, _] = people(app).await;
    let old = token_of(&app.browser(), &owner.user, &owner.password).await;
    post(app, "/password-recoveries", &json!({"user": " tam010203aba", "email": owner.user})).await.ok();
    let letter = letters_to(app, &owner.user).await.remove(0);
    assert!(!letter.text.contains("/recuperar/"), "{}", letter.text);
    let temporary = temporary_in(&letter);
    // D3: asking changes nothing on the account.
    get(&app.browser(), "/me", &old).await.ok();
    token_of(&app.browser(), "TAM010203ABA", &owner.password).await;
    let (session, me) = opened(&sign_in(&app.browser(), "TAM010203ABA", &temporary).await.ok());
    assert!(me.must_change_password);
    sign_in(&app.browser(), &owner.user, &temporary).await.problem(ProblemCode::WrongCredentials);
    sign_in(&app.browser(), &owner.user, &owner.password).await.problem(ProblemCode::WrongCredentials);
    let own = first_password(app, &session, &temporary).await;
    assert_eq!(own.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::PasswordCommon);
    first_password(app, &session, OTHER_PASSWORD).await.ok();
    get(&app.browser(), "/me", &old).await.problem(ProblemCode::SignedOut);
    token_of(&app.browser(), "TAM010203ABA", OTHER_PASSWORD).await;
    let kept = column(app, "SELECT password_hash FROM temporary_passwords").await;
    assert!(kept.is_empty(), "{kept:?}");
});

on_both!(t19_a_temporary_password_is_kept_as_argon2id_for_half_an_hour, with | config | ticket(config), |app| {
    let [owner, _] = people(app).await;
    let form = json!({"user": "TAM010203ABA", "email": owner.user});
    post(app, "/password-recoveries", &form).await.ok();
    let temporary = temporary_in(&letters_to(app, &owner.user).await[0]);
    let kept = column(app, "SELECT password_hash FROM temporary_passwords").await;
    assert!(kept.len() == 1 && kept[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept:?}");
    app.clock.advance_seconds(30 * 60);
    sign_in(&app.browser(), &owner.user, &temporary).await.problem(ProblemCode::WrongCredentials);
    token_of(&app.browser(), &owner.user, &owner.password).await;
});

on_both!(a2_recovery_by_rfc_and_mail_answers_alike_whatever_they_match, with | config | ticket(config), |app| {
    let [owner, reader] = people(app).await;
    let pairs = [
        ("TAM010203ABA", owner.user.as_str()),
        ("CHI1203155K7", owner.user.as_str()),
        ("TAM010203ABA", "nadie@arrayan.example"),
        ("XYZ010101AB1", "nadie@arrayan.example"),
    ];
    let mut seen = Vec::new();
    for (user, email) in pairs {
        let (runs, commits, asked) = (app.app.hasher.runs(), app.app.db.commits(), app.app.db.statements());
        let reply = post(app, "/password-recoveries", &json!({"user": user, "email": email})).await;
        seen.push((
            face(&reply),
            app.app.hasher.runs() - runs,
            app.app.db.commits() - commits,
            app.app.db.statements() - asked,
        ));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    assert_eq!((seen[0].0.0, seen[0].1), (202, 0));
    let runs = app.app.hasher.runs();
    app.run_jobs().await;
    assert_eq!(app.app.hasher.runs() - runs, 4, "the queue works as much for what matches nobody");
    assert_eq!(letters_to(app, &owner.user).await.len(), 1);
    assert!(letters_to(app, &reader.user).await.is_empty());
    // A pending temporary password is not to be told from none, whatever is typed.
    let mut seen = Vec::new();
    for user in [owner.user.as_str(), reader.user.as_str(), "nadie@arrayan.example"] {
        for typed in ["abcde-fghjk-mnpqr-stuvw", "no es esta"] {
            let (runs, commits) = (app.app.hasher.runs(), app.app.db.commits());
            let reply = sign_in(&app.browser(), user, typed).await;
            seen.push((face(&reply), app.app.hasher.runs() - runs, app.app.db.commits() - commits));
        }
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    assert_eq!((seen[0].0.0, seen[0].1), (401, 1));
});

on_both!(a14_a_temporary_password_does_not_go_past_the_second_step, with | config | ticket(config), |app| {
    let [owner, _] = people(app).await;
    let token = token_of(&app.browser(), &owner.user, &owner.password).await;
    call(&app.browser(), Method::POST, "/second-factor/enrolments", &token, Some(&json!({}))).await.ok();
    // Confirmed, as its first code would have.
    execute(
        app,
        "UPDATE second_factors SET secret_sealed = pending_sealed, pending_sealed = NULL, confirmed_at = created_at WHERE pending_sealed IS NOT NULL",
    )
    .await;
    let form = json!({"user": "TAM010203ABA", "email": owner.user});
    post(app, "/password-recoveries", &form).await.ok();
    let temporary = temporary_in(&letters_to(app, &owner.user).await[0]);
    let asked = sign_in(&app.browser(), &owner.user, &temporary).await.ok();
    assert_eq!(asked.status.as_u16(), 202);
    assert!(!asked.text().contains("access_token"), "{}", asked.text());
});

/// What a first entry by RFC opens.
async fn first_entry(app: &TestApp, rfc: &str) -> Reply {
    post(app, "/first-entries", &json!({"user": rfc, "password": rfc})).await
}

async fn ask_code(app: &TestApp, rfc: &str, fact: &str, email: &str) -> Reply {
    let entry: FirstEntryOpened = first_entry(app, rfc).await.ok().json();
    let form = json!({"activation": entry.activation.expose(), "fact": fact, "email": email, "language": "es"});
    post(app, "/first-entries/codes", &form).await
}

/// The six digits of a letter.
fn code_in(letter: &MailboxMessage) -> String {
    let at = letter.text.find("Código").unwrap_or_else(|| panic!("no code in {}", letter.text));
    letter.text[at..].chars().filter(char::is_ascii_digit).take(6).collect()
}

async fn confirm(app: &TestApp, asked: &FirstCodeAsked, code: &str, password: &str) -> Reply {
    let form = json!({"id": asked.id, "code": code, "password": password});
    post(app, "/first-entries/confirmations", &form).await
}

on_both!(k2_k3_the_rfc_opens_the_way_to_a_code_and_never_again, with | config | canon(config), |app| {
    let customer = registrable(app).await;
    let rfc = customer.rfc.as_str();
    sign_in(&app.browser(), rfc, rfc).await.problem(ProblemCode::WrongCredentials);
    let asked: FirstCodeAsked = ask_code(app, &rfc.to_lowercase(), &customer.contract, NEW).await.ok().json();
    let letters = letters_to(app, NEW).await;
    let code = code_in(&letters[0]);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    confirm(app, &asked, wrong, PASSWORD).await.problem(ProblemCode::WrongCode);
    let refused = confirm(app, &asked, &code, &format!("{rfc}{rfc}")).await;
    assert_eq!(refused.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::PasswordOwnData);
    let (token, me) = opened(&confirm(app, &asked, &code, PASSWORD).await.ok());
    assert_eq!((me.email.as_str(), me.user_name.as_deref()), (NEW, Some(rfc)));
    assert_eq!(me.part.map(|part| part.issuer).as_deref(), Some("colibri-azul"), "that company's part alone (B2)");
    get(&app.browser(), "/balances", &token).await.ok();
    confirm(app, &asked, &code, OTHER_PASSWORD).await.problem(ProblemCode::WrongCode);
    // The user is the RFC from here on (K2), and the address is not.
    token_of(&app.browser(), rfc, PASSWORD).await;
    sign_in(&app.browser(), NEW, PASSWORD).await.problem(ProblemCode::WrongCredentials);
    sign_in(&app.browser(), rfc, rfc).await.problem(ProblemCode::WrongCredentials);
    ask_code(app, rfc, &customer.contract, "otra@higuera.example").await.ok();
    assert!(letters_to(app, "otra@higuera.example").await.is_empty(), "never again");
    let acts = column(app, "SELECT act FROM audit_log ORDER BY at").await;
    for act in ["first_entry.asked", "first_entry.finished"] {
        assert!(acts.iter().any(|done| done == act), "{act} in {acts:?}");
    }
});

on_both!(d1_an_rfc_alone_reads_nothing_and_a_wrong_fact_brings_nothing, with | config | canon(config), |app| {
    let customer = registrable(app).await;
    let entry: FirstEntryOpened = first_entry(app, &customer.rfc).await.ok().json();
    for path in ["/me", "/documents", "/balances", "/payments", "/sessions"] {
        get(&app.browser(), path, entry.activation.expose()).await.problem(ProblemCode::SignedOut);
    }
    for fact in ["005300", "781", "0192f000-0000-4000-8000-000000000000"] {
        ask_code(app, &customer.rfc, fact, NEW).await.ok();
    }
    assert!(letters_to(app, NEW).await.is_empty());
    // More than three in an hour are answered alike and bring nothing either (A6).
    ask_code(app, &customer.rfc, &customer.contract, NEW).await.ok();
    assert!(letters_to(app, NEW).await.is_empty());
    app.clock.advance_seconds(3_600);
    ask_code(app, &customer.rfc, &customer.contract, NEW).await.ok();
    assert_eq!(letters_to(app, NEW).await.len(), 1);
    let form = json!({"activation": entry.activation.expose(), "fact": "1", "email": NEW, "language": "es"});
    post(app, "/first-entries/codes", &form).await.problem(ProblemCode::SecondStepExpired);
    let forged = entry.activation.expose().replace(&customer.rfc, "TAM010203ABA");
    let form = json!({"activation": forged, "fact": "1", "email": NEW, "language": "es"});
    post(app, "/first-entries/codes", &form).await.problem(ProblemCode::SecondStepExpired);
});

on_both!(d1_the_rfc_opens_nothing_a_month_after_the_account_was_loaded, with | config | canon(config), |app| {
    let customer = registrable(app).await;
    app.clock.advance_seconds(30 * 86_400);
    ask_code(app, &customer.rfc, &customer.contract, NEW).await.ok();
    assert!(letters_to(app, NEW).await.is_empty());
});

on_both!(a2_a_first_entry_answers_alike_for_known_entered_and_unknown, with | config | canon(config), |app| {
    let customer = registrable(app).await;
    let mut seen = Vec::new();
    for (rfc, fact) in [
        (customer.rfc.as_str(), customer.contract.as_str()),
        (customer.rfc.as_str(), "nada"),
        ("TAM010203ABA", "005300"),
        ("XYZ010101AB1", "005300"),
    ] {
        let (runs, commits, asked_of) = (app.app.hasher.runs(), app.app.db.commits(), app.app.db.statements());
        let entry = first_entry(app, rfc).await.ok();
        let names = |reply: &Reply| (reply.status.as_u16(), face(reply).2);
        let note: FirstEntryOpened = entry.json();
        let form = json!({"activation": note.activation.expose(), "fact": fact, "email": NEW, "language": "es"});
        let asked = post(app, "/first-entries/codes", &form).await;
        let code: FirstCodeAsked = asked.json();
        let tried = confirm(app, &code, "123456", PASSWORD).await;
        tried.problem(ProblemCode::WrongCode);
        let statements = app.app.db.statements() - asked_of;
        let work = (app.app.hasher.runs() - runs, app.app.db.commits() - commits, statements);
        // No letter is written before the answer, whoever it would go to.
        assert_eq!(app.database.count("SELECT COUNT(*) FROM letters").await, 0, "{rfc}");
        seen.push((names(&entry), names(&asked), face(&tried), work));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:#?}");
    assert_eq!(seen[0].3.0, 0, "no password is hashed for a stranger");
    // Six of one RFC are too many, whoever's it is; signing in with the password stays as it was.
    let [owner, _] = people(app).await;
    for rfc in ["TAM010203ABA", "XYZ010101AB1"] {
        for _ in 0..4 {
            first_entry(app, rfc).await.ok();
        }
        first_entry(app, rfc).await.problem(ProblemCode::SignInHeld);
        sign_in(&app.browser(), rfc, "no es esta").await.problem(ProblemCode::WrongCredentials);
    }
    token_of(&app.browser(), "TAM010203ABA", &owner.password).await;
    // The queue does the rest: one of the four brings a letter, and hashes nothing for it.
    let runs = app.app.hasher.runs();
    assert_eq!(letters_to(app, NEW).await.len(), 1);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM letters").await, 1);
    assert_eq!(app.app.hasher.runs(), runs);
});

on_both!(k2_only_an_issuer_that_turned_it_on_has_first_entries_by_rfc, |app| {
    let customer = registrable(app).await;
    first_entry(app, &customer.rfc).await.problem(ProblemCode::NotFound);
    let elsewhere = json!({"user": customer.rfc, "password": customer.rfc, "issuer": "nandu"});
    post(app, "/first-entries", &elsewhere).await.problem(ProblemCode::NotFound);
});

on_both!(k36_a_user_name_need_not_be_an_rfc, with | config | canon(config), |app| {
    let [owner, _] = people(app).await;
    execute(
        app,
        "UPDATE users SET user_name = 'Canon123', user_name_folded = 'canon123' WHERE user_name_folded = 'tam010203aba'",
    )
    .await;
    for typed in ["Canon123", " canon123 "] {
        let (_, me) = opened(&sign_in(&app.browser(), typed, &owner.password).await.ok());
        assert_eq!(me.user_name.as_deref(), Some("Canon123"), "{typed}");
    }
    sign_in(&app.browser(), "TAM010203ABA", &owner.password).await.problem(ProblemCode::WrongCredentials);
});

on_both!(k4_recovery_goes_to_the_mail_on_file, with | config | canon(config), |app| {
    let [owner, _] = people(app).await;
    assert_eq!(owner.user, "TAM010203ABA", "the rehearsal says what signs in");
    post(app, "/password-recoveries", &json!({"user": "TAM010203ABA"})).await.ok();
    let token = token_in(&letters_to(app, "lucia.ferran@arrayan.example").await[0], "recuperar");
    let said: LinkOpened = open(app, "password-recoveries", &token).await.ok().json();
    assert_eq!(said.next, AfterLink::ChoosePassword);
    use_link(app, "password-recoveries", &token, PASSWORD).await.ok();
    token_of(&app.browser(), "TAM010203ABA", PASSWORD).await;
});
