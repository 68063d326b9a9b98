//! Registering and recovering by the link in a letter.
use reqwest::Method;
use serde_json::json;
use shared::ProblemCode;
use shared::accounts::Role;
use shared::problem::FieldCode;

use super::{
    OTHER_PASSWORD, PASSWORD, call, column, face, get, letters_to, opened, people, recover, register, registrable,
    sign_in, token_in, token_of, use_link,
};
use crate::support::on_both;

const NEW: &str = "ana@higuera.example";

on_both!(a_customer_registers_by_a_link_and_is_signed_in, |app| {
    let customer = registrable(app).await;
    let (rfc, contract) = (customer.rfc.to_lowercase(), format!(" {} ", customer.contract));
    let form = json!({"rfc": rfc, "contract": contract, "email": NEW, "language": "en"});
    let reply = app.browser().post("/api/v1/registrations", &form).await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (202, 0));
    let letters = letters_to(app, NEW).await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].letter.subject.contains("finish your registration"), "{}", letters[0].letter.subject);
    assert!(letters[0].text.contains(&app.base.replace("127.0.0.1", "localhost")), "{}", letters[0].text);
    let token = token_in(&letters[0], "activar");

    sign_in(&app.browser(), NEW, PASSWORD).await.problem(ProblemCode::WrongCredentials);
    for (password, code) in [
        ("siete77", FieldCode::PasswordShort),
        ("password123", FieldCode::PasswordCommon),
        ("esta es 000781", FieldCode::PasswordOwnData),
        ("cafeterias la higuera", FieldCode::PasswordOwnData),
    ] {
        let refused = use_link(app, "registrations", &token, password).await;
        assert_eq!(refused.problem(ProblemCode::InvalidFields).errors[0].code, code, "{password}");
    }
    let (access, me) = opened(&use_link(app, "registrations", &token, PASSWORD).await.ok());
    assert_eq!((me.email.as_str(), me.customer.role), (NEW, Role::Owner));
    assert_eq!(me.user_name.as_deref(), Some(customer.rfc.as_str()));
    assert_eq!(me.contracts[0].number, "000781");
    assert_eq!(get(&app.browser(), "/me", &access).await.ok().json::<shared::accounts::Me>(), me);
    token_of(&app.browser(), &customer.rfc, PASSWORD).await;
    assert!(app.rehearsal().await.registrable.is_empty());
    let acts = column(app, "SELECT act FROM audit_log WHERE chain = 'installation' ORDER BY seq").await;
    assert!(acts.contains(&"registration.asked".into()) && acts.contains(&"registration.finished".into()), "{acts:?}");
});

on_both!(a2_registering_and_recovering_answer_alike_whatever_they_match, |app| {
    let [owner, _] = people(app).await;
    let customer = registrable(app).await;
    let form = |rfc: &str, contract: &str, email: &str| {
        let language = "es";
        json!({"rfc": rfc, "contract": contract, "email": email, "language": language})
    };
    let (rfc, contract) = (customer.rfc.as_str(), customer.contract.as_str());
    let registrations = [
        form(rfc, contract, NEW),
        form(rfc, "781", "dos@higuera.example"),
        form(rfc, "005300", "tres@higuera.example"),
        form("TAM010203ABA", "005300", "cuatro@higuera.example"),
        form("TAM010203ABA", "005300", &owner.user),
        form("XYZ010101AB1", "1", "cinco@higuera.example"),
    ];
    let mut seen = Vec::new();
    for form in &registrations {
        let (runs, commits, asked) = (app.app.hasher.runs(), app.app.db.commits(), app.app.db.statements());
        let reply = app.browser().post("/api/v1/registrations", form).await;
        seen.push((
            face(&reply),
            app.app.hasher.runs() - runs,
            app.app.db.commits() - commits,
            app.app.db.statements() - asked,
        ));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    assert_eq!((seen[0].0.0, seen[0].1, seen[0].2), (202, 0, 1));
    let mut seen = Vec::new();
    for user in [owner.user.as_str(), "TAM010203ABA", "nadie@arrayan.example", "XYZ010101AB1"] {
        let (commits, asked) = (app.app.db.commits(), app.app.db.statements());
        let face = face(&recover(app, user).await);
        seen.push((face, app.app.db.commits() - commits, app.app.db.statements() - asked));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    // Only now, away from every request, does anything differ.
    assert_eq!(letters_to(app, NEW).await.len(), 1);
    for stranger in ["dos", "tres", "cuatro", "cinco"] {
        assert!(letters_to(app, &format!("{stranger}@higuera.example")).await.is_empty(), "{stranger}");
    }
    assert_eq!(letters_to(app, &owner.user).await.len(), 3, "of four letters the fourth is too many (A6)");
});

on_both!(a15_the_link_is_good_once_and_for_a_day, |app| {
    let customer = registrable(app).await;
    register(app, &customer, NEW).await.ok();
    let token = token_in(&letters_to(app, NEW).await[0], "activar");
    app.clock.advance_seconds(24 * 3_600);
    use_link(app, "registrations", &token, PASSWORD).await.problem(ProblemCode::LinkExpired);
    register(app, &customer, NEW).await.ok();
    let token = token_in(&letters_to(app, NEW).await[0], "activar");
    use_link(app, "password-recoveries", &token, PASSWORD).await.problem(ProblemCode::LinkExpired);
    use_link(app, "registrations", &token, PASSWORD).await.ok();
    use_link(app, "registrations", &token, OTHER_PASSWORD).await.problem(ProblemCode::LinkExpired);
    for bad in ["", "xyz", &"0".repeat(64), &token[..62]] {
        use_link(app, "registrations", bad, PASSWORD).await.problem(ProblemCode::LinkExpired);
    }
    sign_in(&app.browser(), NEW, PASSWORD).await.ok();
    let kept = column(app, "SELECT kind FROM one_time_links WHERE used_at IS NULL").await;
    assert_eq!(kept.len(), 1, "the one that ended by itself");
});

on_both!(a15_a_second_registration_neither_replaces_the_first_nor_shows_it, |app| {
    let customer = registrable(app).await;
    register(app, &customer, NEW).await.ok();
    register(app, &customer, "otra@higuera.example").await.ok();
    let first = token_in(&letters_to(app, NEW).await[0], "activar");
    let second = token_in(&letters_to(app, "otra@higuera.example").await[0], "activar");
    use_link(app, "registrations", &first, PASSWORD).await.ok();
    use_link(app, "registrations", &second, OTHER_PASSWORD).await.problem(ProblemCode::LinkExpired);
    register(app, &customer, "tercera@higuera.example").await.ok();
    assert!(letters_to(app, "tercera@higuera.example").await.is_empty());
    let told = letters_to(app, NEW).await;
    assert_eq!(told.len(), 2);
    assert!(!told[0].text.contains("tercera") && told[0].text.contains(&customer.rfc), "{}", told[0].text);
    sign_in(&app.browser(), NEW, PASSWORD).await.ok();
});

on_both!(two_links_at_once_make_one_owner, |app| {
    let customer = registrable(app).await;
    let mut tokens = Vec::new();
    for email in [NEW, "otra@higuera.example"] {
        register(app, &customer, email).await.ok();
        tokens.push(token_in(&letters_to(app, email).await[0], "activar"));
    }
    let uses = tokens.iter().chain(&tokens).map(|token| use_link(app, "registrations", token, PASSWORD));
    let replies = futures::future::join_all(uses).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1, "{replies:?}");
    assert!(replies.iter().all(|reply| matches!(reply.status.as_u16(), 200 | 409)), "{replies:?}");
    assert_eq!(column(app, "SELECT role FROM memberships").await.len(), 3);
});

on_both!(k35_one_person_can_have_two_customers, |app| {
    let [owner, _] = people(app).await;
    let customer = registrable(app).await;
    let (browser, before) = (app.browser(), app.browser());
    let old = token_of(&before, &owner.user, &owner.password).await;
    register(app, &customer, &owner.user).await.ok();
    let token = token_in(&letters_to(app, &owner.user).await[0], "activar");
    let (access, me) = opened(&use_link(app, "registrations", &token, PASSWORD).await.ok());
    get(&before, "/me", &old).await.problem(ProblemCode::SignedOut);
    assert_eq!((me.customers.len(), me.customer.rfc.as_str()), (2, customer.rfc.as_str()));
    let first = me.customers.iter().find(|one| one.rfc != customer.rfc).unwrap();
    let choose = json!({"customer_id": first.id});
    let chosen = call(&browser, Method::PUT, "/sessions/current/customer", &access, Some(&choose)).await.ok();
    assert_eq!(chosen.json::<shared::accounts::Me>().contracts.len(), 2);
    let foreign = json!({"customer_id": uuid::Uuid::from_u128(1)});
    let refused = call(&browser, Method::PUT, "/sessions/current/customer", &access, Some(&foreign)).await;
    refused.problem(ProblemCode::NotFound);
    let (_, me) = opened(&sign_in(&app.browser(), &owner.user, PASSWORD).await.ok());
    assert_eq!(me.customer.id, first.id, "the next session is for the last one's customer");
});

on_both!(a10_recovering_sets_another_password_and_ends_every_session, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    recover(app, "tam010203aba").await.ok();
    assert_eq!(letters_to(app, &owner.user).await.len(), 1);
    app.clock.advance_seconds(60);
    recover(app, &owner.user).await.ok();
    let letters = letters_to(app, &owner.user).await;
    let (link, unused) = (token_in(&letters[0], "recuperar"), token_in(&letters[1], "recuperar"));
    // Asking changes nothing (A5).
    get(&browser, "/me", &token).await.ok();
    token_of(&app.browser(), &owner.user, &owner.password).await;
    use_link(app, "registrations", &link, PASSWORD).await.problem(ProblemCode::LinkExpired);
    app.clock.advance_seconds(60);
    let (access, _) = opened(&use_link(app, "password-recoveries", &link, PASSWORD).await.ok());
    get(&browser, "/me", &access).await.ok();
    get(&browser, "/me", &token).await.problem(ProblemCode::SignedOut);
    for link in [&link, &unused] {
        use_link(app, "password-recoveries", link, OTHER_PASSWORD).await.problem(ProblemCode::LinkExpired);
    }
    sign_in(&app.browser(), &owner.user, &owner.password).await.problem(ProblemCode::WrongCredentials);
    sign_in(&app.browser(), &owner.user, PASSWORD).await.ok();
    assert!(letters_to(app, &owner.user).await[0].letter.subject.contains("su contraseña cambió"));
});

on_both!(a5_who_reads_the_mailbox_gets_in_while_the_account_is_held, |app| {
    let [owner, _] = people(app).await;
    for _ in 0..5 {
        sign_in(&app.browser(), &owner.user, "no es esta").await.problem(ProblemCode::WrongCredentials);
    }
    sign_in(&app.browser(), &owner.user, &owner.password).await.problem(ProblemCode::SignInHeld);
    recover(app, &owner.user).await.ok();
    let link = token_in(&letters_to(app, &owner.user).await[0], "recuperar");
    use_link(app, "password-recoveries", &link, PASSWORD).await.ok();
    sign_in(&app.browser(), &owner.user, PASSWORD).await.ok();
});

on_both!(a_recovery_link_ends_after_half_an_hour, |app| {
    let [owner, _] = people(app).await;
    recover(app, &owner.user).await.ok();
    let link = token_in(&letters_to(app, &owner.user).await[0], "recuperar");
    app.clock.advance_seconds(30 * 60);
    use_link(app, "password-recoveries", &link, PASSWORD).await.problem(ProblemCode::LinkExpired);
});

on_both!(a6_a_mailbox_gets_three_letters_an_hour_and_a_source_asks_for_twenty, |app| {
    let [owner, reader] = people(app).await;
    let first = face(&recover(app, &owner.user).await.ok());
    for _ in 0..5 {
        assert_eq!(face(&recover(app, &owner.user.to_uppercase()).await), first);
    }
    assert_eq!(letters_to(app, &owner.user).await.len(), 3);
    for n in 0..14 {
        assert_eq!(face(&recover(app, &format!("nadie{n}@x.example")).await), first);
    }
    assert_eq!(face(&recover(app, &reader.user).await), first, "the twenty-first is answered like any");
    assert!(letters_to(app, &reader.user).await.is_empty());
    app.clock.advance_seconds(3_600);
    recover(app, &reader.user).await.ok();
    recover(app, &owner.user).await.ok();
    assert_eq!(letters_to(app, &reader.user).await.len(), 1);
    assert_eq!(letters_to(app, &owner.user).await.len(), 4);
});

on_both!(a_contract_is_looked_for_at_the_issuer_whose_page_it_is, |app| {
    let customer = registrable(app).await;
    let form = |issuer: &str, email: &str| {
        json!({
            "rfc": customer.rfc, "contract": customer.contract, "email": email, "language": "es", "issuer": issuer,
        })
    };
    app.browser().post("/api/v1/registrations", &form("nandu", "uno@higuera.example")).await.ok();
    app.browser().post("/api/v1/registrations", &form("default", NEW)).await.ok();
    let nowhere = app.browser().post("/api/v1/registrations", &form("no-hay", NEW)).await;
    nowhere.problem(ProblemCode::NotFound);
    assert!(letters_to(app, "uno@higuera.example").await.is_empty());
    assert_eq!(letters_to(app, NEW).await.len(), 1);
});

on_both!(only_the_shape_of_a_field_is_judged_aloud, |app| {
    let form = json!({"rfc": "XAXX010101000", "contract": " ", "email": "a@b.example,c@d.example", "language": "es"});
    let problem = app.browser().post("/api/v1/registrations", &form).await.problem(ProblemCode::InvalidFields);
    let codes: Vec<FieldCode> = problem.errors.iter().map(|error| error.code).collect();
    assert_eq!(codes, [FieldCode::RfcGeneric, FieldCode::Required, FieldCode::Email]);
    recover(app, " ").await.problem(ProblemCode::InvalidFields);
});
