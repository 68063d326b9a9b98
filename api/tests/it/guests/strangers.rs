//! Whoever holds a ticket learns and does what its holder may, and nothing of anybody else's (G2 to G5, G7).
use reqwest::Method;
use shared::accounts::SessionOpened;

use super::*;

const HERE: &str = "/api/v1/issuers/default";
/// What the first buyer typed and was given, none of which is the next one's to know.
const OF_THE_FIRST: [&str; 3] = ["QUIA850712AA1", "uintil", "UINTIL"];

on_both!(g2_a_claim_shows_what_was_typed_and_an_invoiced_ticket_shows_nothing, |app| {
    let (buyer, ticket) = (app.browser(), app.ticket(0).await);
    let claim: Value = buyer.look_up(&ticket).await.ok().json();
    let mut told: Vec<&str> = claim.as_object().unwrap().keys().map(String::as_str).collect();
    told.retain(|name| *name != "forma_pago");
    told.sort_unstable();
    assert_eq!(told, ["claim", "currency", "expires_at", "invoice_until", "sold_at", "total"]);
    // Somebody looked it up before it was invoiced.
    let other = app.browser();
    let early = other.claim(&ticket).await;
    let invoice: InvoiceView = buyer.invoice_ticket(&ticket, "k-1").await.ok().json();
    let uuid = invoice.folio_fiscal.clone().unwrap();
    let late = order(&ticket, &early, "TAM010203ABA");
    let answers =
        [other.look_up(&ticket).await, other.invoice(&late, "k-2").await, app.browser().look_up(&ticket).await];
    for reply in answers {
        assert_eq!(reply.problem(ProblemCode::TicketAlreadyInvoiced).invoice_id, None);
        let text = reply.text();
        let secrets = OF_THE_FIRST.into_iter().chain([uuid.as_str(), &invoice.folio, &invoice.tracking]);
        for secret in secrets.filter(|secret| secret.len() > 3) {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(!text.contains(&invoice.id.to_string()), "{text}");
    }
    // A cookie of another invoice opens none but its own, and an invented one nothing.
    let stranger = app.browser();
    stranger.set_cookie(&buyer.cookie().unwrap().replace(|c: char| c.is_ascii_digit(), "0"));
    stranger.get(&format!("/api/v1/invoices/{}", invoice.id)).await.problem(ProblemCode::NotFound);
    assert_eq!(stranger.look_up(&ticket).await.problem(ProblemCode::TicketAlreadyInvoiced).invoice_id, None);
    buyer.view(invoice.id).await;
});

on_both!(g4_only_ones_own_claim_of_this_issuer_and_this_hour_invoices_and_once, |app| {
    const RESERVED: &str = "SELECT COUNT(*) FROM tickets WHERE state = 'reserved'";
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let (claim, reserved) = (browser.claim(&ticket).await, app.database.count(RESERVED).await);
    let at = async |slug: &str, claim: &str, key: &str| {
        let path = format!("/api/v1/issuers/{slug}/invoices");
        browser.post_with_key(&path, key, &order(&ticket, claim, "QUIA850712AA1")).await
    };
    at("nandu", &claim, "k-1").await.problem(ProblemCode::ClaimExpired);
    // Signed by us, for something else.
    let known = app.rehearsal().await.sign_ins.swap_remove(0);
    let form = json!({ "user": known.user, "password": known.password });
    let session: SessionOpened = app.browser().post("/api/v1/sessions", &form).await.ok().json();
    let (head, signature) = claim.rsplit_once('.').unwrap();
    let (_, body) = head.split_once('.').unwrap();
    let none = "eyJhbGciOiJub25lIn0";
    let turned: String = signature.chars().rev().collect();
    let forged = [
        session.access_token.expose().to_owned(),
        format!("{head}."),
        format!("{head}.{turned}"),
        format!("{none}.{body}."),
        format!("{none}.{body}.{signature}"),
        "x".to_owned(),
    ];
    for (n, claim) in forged.iter().enumerate() {
        at("default", claim, &format!("forged-{n}")).await.problem(ProblemCode::ClaimExpired);
    }
    let mut without = order(&ticket, "", "QUIA850712AA1");
    browser.invoice(&without, "empty").await.problem(ProblemCode::InvalidFields);
    without.as_object_mut().unwrap().remove("claim");
    assert!(browser.invoice(&without, "none").await.status.is_client_error());
    assert_eq!(app.database.count(RESERVED).await, reserved);
    let made = at("default", &claim, "k-2").await;
    assert_eq!(made.status, 201, "{}", made.text());
    at("default", &claim, "k-3").await.problem(ProblemCode::TicketAlreadyInvoiced);
});

on_both!(g5_an_rfc_that_a_guest_types_brings_nothing_back, |app| {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    app.run_jobs().await;
    // One whose data a guest left, a customer of the house, and one that nobody ever typed.
    let known = ["QUIA850712AA1", "TAM010203ABA", "CUL0001019Z3"];
    let stored = ["uintil", "UINTIL", "ARRAYAN", "rrayan", "lucia.ferran", "despacho@"];
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    let typed = |rfc: &str, nombre: &str| {
        let mut order = order(&ticket, &claim, rfc);
        order["receptor"]["nombre"] = json!(nombre);
        order["receptor"]["codigo_postal"] = json!("97115");
        order["email"] = json!("otra@persona.example");
        order
    };
    let mut told = Vec::new();
    for (n, rfc) in known.into_iter().enumerate() {
        let refused = guest.invoice(&typed(rfc, ""), &format!("empty-{n}")).await;
        refused.problem(ProblemCode::InvalidFields);
        let mut body: Value = refused.json();
        body.as_object_mut().unwrap().remove("request_id");
        told.push(body);
        for path in [
            format!("{HERE}/my-receptors?rfc={rfc}"),
            format!("{HERE}/customer-receptor?rfc={rfc}"),
            format!("{HERE}/my-invoices?rfc={rfc}"),
        ] {
            let reply = guest.get(&path).await;
            assert!(stored.iter().all(|word| !reply.text().contains(word)), "{path}: {}", reply.text());
        }
        for method in [Method::PUT, Method::DELETE] {
            let form = json!({
                "nombre": "X", "regimen": "612", "codigo_postal": "97115", "uso": "G03", "email": "otra@persona.example",
                "language": "es",
            });
            let request = guest.request(method, &format!("{HERE}/my-receptors/{rfc}")).json(&form);
            guest.send(request).await.problem(ProblemCode::NotFound);
        }
    }
    assert!(told.iter().all(|body| *body == told[0]), "{told:?}");
    // An invoice of one of them says what this guest typed.
    let reply = guest.invoice(&typed("TAM010203ABA", "OTRA PERSONA"), "k-2").await.ok();
    let invoice: InvoiceView = reply.json();
    let xml = guest.get(&format!("/api/v1/invoices/{}/xml", invoice.id)).await.ok();
    let receptor = cfdi::read(&xml.body).unwrap().comprobante.receptor;
    assert_eq!((receptor.rfc.as_str(), invoice.receptor_nombre.as_str()), ("TAM010203ABA", "OTRA PERSONA"));
    assert!(xml.text().contains(" DomicilioFiscalReceptor=\"97115\""), "{}", xml.text());
    for text in [reply.text(), xml.text()] {
        assert!(stored.iter().all(|word| !text.contains(word)), "{text}");
    }
});

on_both!(g7_a_total_is_digits_and_a_point_and_nothing_is_guessed, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let total = ticket.total.as_str();
    let (whole, cents) = total.split_once('.').unwrap();
    let mut wrong: Vec<String> =
        ["1e2", "-1", "+1", "1,00", ".5", "1.", "NaN", "0x10", "1_0", "١", "0", "", "9".repeat(30).as_str()]
            .map(str::to_owned)
            .to_vec();
    // The right one, written otherwise.
    wrong.extend([
        format!("-{total}"),
        format!("+{total}"),
        format!("{total}0"),
        format!("{total}e0"),
        format!("{whole},{cents}"),
        format!("${total}"),
        format!(" {total}"),
        format!("{total}\u{a0}"),
        format!("{total}.0"),
    ]);
    for typed in &wrong {
        let mut data = data_of(&ticket);
        data["total"] = json!(typed);
        let reply = browser.post(&format!("{HERE}/ticket-claims"), &data).await;
        let errors = reply.problem(ProblemCode::InvalidFields).errors;
        assert!(errors.len() == 1 && errors[0].pointer == "/total", "{typed:?}: {errors:?}");
    }
    for typed in [json!(8.63), json!(863), json!(null), json!(["8.63"])] {
        let mut data = data_of(&ticket);
        data["total"] = typed;
        assert!(browser.post(&format!("{HERE}/ticket-claims"), &data).await.status.is_client_error());
    }
    // A centavo more or less is another total; and none of the others was a try.
    let centavos = Amount::parse(total, Currency::Mxn).unwrap().minor();
    for minor in [centavos - 1, centavos + 1] {
        let mut data = data_of(&ticket);
        data["total"] = json!(Amount::new(minor, Currency::Mxn).to_decimal_string());
        let reply = browser.post(&format!("{HERE}/ticket-claims"), &data).await;
        reply.problem(ProblemCode::TicketNotFound);
    }
    browser.look_up(&ticket).await.ok();
});
