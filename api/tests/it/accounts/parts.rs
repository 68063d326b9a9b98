//! A customer of two companies of the group: what one of them was shown opens its part alone (B2).
use std::collections::BTreeSet;

use api::payments::deposits::{self, Deposit};
use api::payments::how::How;
use fiscal::{Amount, Currency, Rfc};
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::people::CustomerPeople;
use shared::accounts::{Me, Role};
use shared::console::{ConsoleCustomer, ConsoleCustomerRow, CustomerState};
use shared::documents::{DocumentFilters, DocumentNews, DocumentsPage, DownloadTicket, ShareOpened};
use shared::integrators::{ApiScope, PublishedDocument, ReceivableResource};
use shared::page::Page;
use shared::payments::{AccountStatements, BalancesPage, BankCode, DepositAccount, PaymentsPage};
use shared::privacy::MyData;
use shared::problem::FieldCode;
use uuid::Uuid;

use super::{OTHER_PASSWORD, PASSWORD, call, column, get, letters_to, opened, token_in, token_of, use_link};
use crate::integrators::documents::PDF;
use crate::integrators::{Program, scope_of};
use crate::support::{Browser, Clerk, Reply, TestApp, on_both, order};

pub(super) const RFC: &str = "AOM1707203N1";
pub(super) const ANA: &str = "ana@ochomares.example";
const NORA: &str = "nora@ochomares.example";
/// The customer's number at each company.
pub(super) const HERE: &str = "000900";
pub(super) const THERE: &str = "N-77";

/// What one company has with the customer.
pub(super) struct Known {
    document: Uuid,
    receivable: Uuid,
    payment: Uuid,
}

async fn publishes(program: &Program<'_>, contract: &str, number: &str) -> Uuid {
    let path = format!(
        "/documents/external/{number}?kind=estado_de_cuenta&number={number}&contract={contract}\
         &issued_at=2026-10-01T07:00:00&total=743.97"
    );
    let request = program.request(Method::PUT, &path).header("Content-Type", "application/pdf");
    program.send(request.body(PDF)).await.ok().json::<PublishedDocument>().document.id
}

/// A company's system says that the customer is its own, publishes a statement, and is owed and paid something.
pub(super) async fn known_at(app: &TestApp, slug: &str, contract: &str, number: &str) -> Known {
    let program = Program::at(app, slug, &ApiScope::ALL).await;
    let customer = json!({
        "rfc": RFC, "nombre": "ABARROTES OCHO MARES", "regimen": "601", "codigo_postal": "06010",
        "contracts": [contract],
    });
    program.put("/customers/c-1", &customer).await.ok();
    let document = publishes(&program, contract, number).await;
    let owed = json!({
        "customer": "c-1", "number": number, "issued_on": "2026-11-02", "currency": "MXN", "total": "100.00",
        "balance": "100.00", "as_of": "2026-11-18T10:00:00Z",
    });
    let receivable = program.put("/receivables/r-1", &owed).await.ok().json::<ReceivableResource>().id;
    let rfc = Rfc::parse(RFC).unwrap();
    let found = api::accounts::people::find_customer(&mut app.app.db.read().await.unwrap(), &rfc).await;
    let (how, amount) = (How::default(), Amount::new(1_000, Currency::Mxn));
    let deposit = Deposit { bank: BankCode::Spei, transaction: number, amount, reference: "9", how: &how };
    let scope = scope_of(app, slug).await;
    let whose = (found.unwrap().unwrap(), deposits::By::Number);
    let received = deposits::receive(&app.app, scope, whose, &deposit, number.as_bytes()).await.unwrap();
    let Some(deposits::Received::Made(payment)) = received else { panic!("{received:?}") };
    Known { document, receivable, payment }
}

pub(super) async fn known_to_both(app: &TestApp) -> [Known; 2] {
    [known_at(app, "default", HERE, "410001").await, known_at(app, "nandu", THERE, "770077").await]
}

/// Registers with a company's contract, and is in.
pub(super) async fn comes_in(app: &TestApp, slug: &str, contract: &str, email: &str) -> (String, Me) {
    let form = json!({"rfc": RFC, "contract": contract, "email": email, "language": "es", "issuer": slug});
    app.browser().post("/api/v1/registrations", &form).await.ok();
    let link = token_in(&letters_to(app, email).await[0], "activar");
    opened(&use_link(app, "registrations", &link, PASSWORD).await.ok())
}

async fn post(token: &str, browser: &Browser, path: &str, body: Value) -> Reply {
    call(browser, Method::POST, path, token, Some(&body)).await
}

pub(super) async fn proves(browser: &Browser, token: &str, slug: &str, fact: &str) -> Reply {
    post(token, browser, "/company-proofs", json!({"issuer": slug, "fact": fact})).await
}

fn part(me: &Me) -> Option<&str> {
    me.part.as_ref().map(|part| part.issuer.as_str())
}

fn contracts(me: &Me) -> Vec<&str> {
    me.contracts.iter().map(|contract| contract.number.as_str()).collect()
}

async fn documents(browser: &Browser, token: &str, query: &str) -> DocumentsPage {
    get(browser, &format!("/documents?limit=100{query}"), token).await.ok().json()
}

async fn issuers_of_all(browser: &Browser, token: &str) -> [BTreeSet<String>; 3] {
    let listed = documents(browser, token, "").await;
    let balances: BalancesPage = get(browser, "/balances?limit=100", token).await.ok().json();
    let payments: PaymentsPage = get(browser, "/payments?limit=100", token).await.ok().json();
    [
        listed.data.into_iter().map(|row| row.issuer).collect(),
        balances.data.into_iter().map(|row| row.issuer).collect(),
        payments.data.into_iter().map(|view| view.issuer).collect(),
    ]
}

on_both!(b2_what_one_company_was_shown_opens_that_companys_part, |app| {
    let [own, foreign] = known_to_both(app).await;
    let (browser, (token, me)) = (app.browser(), comes_in(app, "default", HERE, ANA).await);
    assert_eq!((part(&me), contracts(&me), me.customer.role), (Some("colibri-azul"), vec![HERE], Role::Owner));
    assert_eq!(me.part.as_ref().unwrap().others.iter().map(|other| other.slug.as_str()).collect::<Vec<_>>(), ["nandu"]);
    let here = BTreeSet::from(["colibri-azul".to_owned()]);
    assert_eq!(issuers_of_all(&browser, &token).await, [here.clone(), here.clone(), here]);
    the_others_documents_are_none(&browser, &token, (own.document, foreign.document)).await;
    the_others_money_is_none(&browser, &token, (&own, &foreign)).await;
    let copied: MyData = get(&browser, "/my-data", &token).await.ok().json();
    assert_eq!(contracts(&copied.me), [HERE]);
    assert!(copied.privacy.notices.iter().all(|notice| notice.issuer == "colibri-azul"), "{:?}", copied.privacy);

    // Wrong facts are answered alike and counted; the right one waits its turn then.
    proves(&browser, &token, "nadie", THERE).await.problem(ProblemCode::InvalidFields);
    proves(&browser, &token, "nandu", " ").await.problem(ProblemCode::InvalidFields);
    for wrong in ["N-78", HERE, "0199a000-0000-7000-8000-000000000000"] {
        proves(&browser, &token, "nandu", wrong).await.problem(ProblemCode::NotFound);
    }
    let held = proves(&browser, &token, "nandu", THERE).await;
    held.problem(ProblemCode::TooManyRequests);
    assert!(held.headers.contains_key("retry-after"));
    app.clock.advance_seconds(3_600);
    let token = token_of(&browser, ANA, PASSWORD).await;
    proves(&browser, &token, "colibri-azul", HERE).await.problem(ProblemCode::NotFound);
    let me: Me = proves(&browser, &token, "nandu", " n-77 ").await.ok().json();
    assert_eq!((part(&me), contracts(&me).len()), (None, 2));
    assert_eq!(get(&browser, "/me", &token).await.ok().json::<Me>(), me);
    let both = BTreeSet::from(["colibri-azul".to_owned(), "nandu".to_owned()]);
    assert_eq!(issuers_of_all(&browser, &token).await, [both.clone(), both.clone(), both]);
    get(&browser, &format!("/documents/{}/pdf", foreign.document), &token).await.ok();
    get(&browser, &format!("/payments/{}", foreign.payment), &token).await.ok();
    let widened = column(app, "SELECT act FROM audit_log WHERE act = 'membership.widened'").await;
    assert_eq!(widened.len(), 1);
});

/// In a list, one by one, in files, links and letters.
async fn the_others_documents_are_none(browser: &Browser, token: &str, (own, foreign): (Uuid, Uuid)) {
    let listed = documents(browser, token, "").await;
    assert!(listed.data.iter().any(|row| row.id == own));
    assert_eq!(listed.totals.unwrap().count, u64::try_from(listed.data.len()).unwrap());
    let elsewhere = documents(browser, token, "&issuer=nandu").await;
    assert!(elsewhere.data.is_empty() && elsewhere.totals.unwrap().count == 0);
    for path in ["", "/pdf", "/trail"] {
        get(browser, &format!("/documents/{own}{path}"), token).await.ok();
        get(browser, &format!("/documents/{foreign}{path}"), token).await.problem(ProblemCode::NotFound);
    }
    let offers: DocumentFilters = get(browser, "/documents/filters", token).await.ok().json();
    assert_eq!(offers.issuers.iter().map(|issuer| issuer.slug.as_str()).collect::<Vec<_>>(), ["colibri-azul"]);
    assert_eq!(offers.contracts.iter().map(|one| one.number.as_str()).collect::<Vec<_>>(), [HERE]);
    let news: DocumentNews = get(browser, "/documents/news", token).await.ok().json();
    assert_eq!(news.documents, u64::try_from(listed.data.len()).unwrap());
    let both = json!({"format": "zip", "ids": [own, foreign]});
    post(token, browser, "/documents/downloads", both).await.problem(ProblemCode::NotFound);
    for what in [json!({"format": "csv", "query": {}}), json!({"format": "csv", "news": true})] {
        let ticket: DownloadTicket = post(token, browser, "/documents/downloads", what).await.ok().json();
        assert_eq!(ticket.documents, news.documents);
        let table = browser.get(&ticket.address).await.ok().text();
        assert!(table.contains("410001") && !table.contains("770077"), "{table}");
    }
    let share = format!("/documents/{foreign}/shares");
    call(browser, Method::POST, &share, token, None).await.problem(ProblemCode::NotFound);
    let letter = json!({"ids": [own, foreign], "to": ["contador@ochomares.example"]});
    post(token, browser, "/documents/letters", letter).await.problem(ProblemCode::NotFound);
}

/// What is owed, where it is paid, what was paid, and the statements made of it.
async fn the_others_money_is_none(browser: &Browser, token: &str, (own, foreign): (&Known, &Known)) {
    let balances: BalancesPage = get(browser, "/balances", token).await.ok().json();
    let payable: Vec<&str> = balances.payable_to.iter().map(|issuer| issuer.issuer.as_str()).collect();
    assert_eq!((balances.data.len(), balances.data[0].id, payable), (1, own.receivable, vec!["colibri-azul"]));
    get(browser, "/balances?issuer=nandu", token).await.problem(ProblemCode::InvalidFields);
    let pays = json!({
        "issuer": "nandu", "bank": "bbva", "expected_total": "90.00",
        "lines": [{"receivable_id": foreign.receivable, "pay_all": true}],
    });
    let refused = post(token, browser, "/payments", pays).await.problem(ProblemCode::InvalidFields);
    assert_eq!(refused.errors[0].pointer, "/issuer");
    get(browser, &format!("/payments/{}", own.payment), token).await.ok();
    get(browser, &format!("/payments/{}", foreign.payment), token).await.problem(ProblemCode::NotFound);
    for table in ["/payments.csv", "/balances.csv"] {
        let table = get(browser, table, token).await.ok().text();
        assert!(table.contains("410001") && !table.contains("770077"), "{table}");
    }
    get(browser, "/account-statements/colibri-azul/2026-11/pdf", token).await.ok();
    get(browser, "/account-statements/nandu/2026-11/pdf", token).await.problem(ProblemCode::NotFound);
    let offered: AccountStatements = get(browser, "/account-statements", token).await.ok().json();
    assert_eq!(offered.issuers.iter().map(|issuer| issuer.slug.as_str()).collect::<Vec<_>>(), ["colibri-azul"]);
    let accounts: Vec<DepositAccount> = get(browser, "/deposit-accounts", token).await.ok().json();
    assert!(accounts.iter().all(|account| account.issuer == "colibri-azul"), "{accounts:?}");
}

/// Invites somebody, who accepts.
async fn invites(app: &TestApp, (browser, token): (&Browser, &str), email: &str, role: &str) -> (String, Me) {
    let form = json!({"email": email, "role": role, "language": "es"});
    post(token, browser, "/people-invitations", form).await.ok();
    let token = token_in(&letters_to(app, email).await[0], "invitacion");
    let form = json!({"token": token, "password": PASSWORD});
    opened(&app.browser().post("/api/v1/people-invitations/confirmations", &form).await.ok())
}

on_both!(whoever_is_invited_sees_no_more_than_who_invites, |app| {
    known_to_both(app).await;
    let (browser, (token, _)) = (app.browser(), comes_in(app, "default", HERE, ANA).await);
    let (reader, me) = invites(app, (&browser, &token), "beto@ochomares.example", "reader").await;
    assert_eq!((part(&me), me.customer.role), (Some("colibri-azul"), Role::Reader));
    let theirs = app.browser();
    assert!(documents(&theirs, &reader, "").await.data.iter().all(|row| row.issuer == "colibri-azul"));
    proves(&theirs, &reader, "nandu", THERE).await.problem(ProblemCode::OwnerNeeded);
    proves(&browser, &token, "nandu", THERE).await.ok();
    let (_, me) = invites(app, (&browser, &token), "ceci@ochomares.example", "payer").await;
    assert_eq!((part(&me), contracts(&me).len()), (None, 2));
    let still: Me = get(&theirs, "/me", &reader).await.ok().json();
    assert_eq!(part(&still), Some("colibri-azul"));
    // A link to a document opens as long as its maker sees it.
    let foreign = documents(&browser, &token, "&issuer=nandu").await.data[0].id;
    let made = call(&browser, Method::POST, &format!("/documents/{foreign}/shares"), &token, None).await.ok();
    let address = made.json::<ShareOpened>().address;
    let secret = address.rsplit('/').next().unwrap();
    app.browser().get(&format!("/api/v1/shared-documents/{secret}")).await.ok();
    let narrowed = "UPDATE memberships SET issuer_id = (SELECT id FROM issuers WHERE slug = 'colibri-azul') \
                    WHERE role = 'owner' AND customer_id = (SELECT id FROM customers WHERE rfc = 'AOM1707203N1')";
    app.database.execute(narrowed).await;
    app.browser().get(&format!("/api/v1/shared-documents/{secret}")).await.problem(ProblemCode::NotFound);
});

async fn people_of(browser: &Browser, token: &str) -> Vec<String> {
    let all: CustomerPeople = get(browser, "/people", token).await.ok().json();
    all.people.into_iter().map(|person| person.email).collect()
}

/// The customer as staff of a company see it.
async fn seen_by_staff(clerk: &Clerk, slug: &str) -> (ConsoleCustomerRow, ConsoleCustomer) {
    let base = format!("/console/issuers/{slug}/customers");
    let mut rows = clerk.get(&format!("{base}?q={RFC}")).await.ok().json::<Page<ConsoleCustomerRow>>().data;
    let row = rows.remove(0);
    let whole = clerk.get(&format!("{base}/{}", row.id)).await.ok().json();
    (row, whole)
}

on_both!(b2_each_company_lets_in_its_own_people_of_one_customer, |app| {
    known_to_both(app).await;
    let (anas, (ana, _)) = (app.browser(), comes_in(app, "default", HERE, ANA).await);
    let house = app.operator().await;
    assert_eq!(seen_by_staff(&house, "nandu").await.0.state, CustomerState::Unconfirmed);
    // Whoever came by one company keeps nobody out of another.
    let (noras, (nora, me)) = (app.browser(), comes_in(app, "nandu", THERE, NORA).await);
    assert_eq!((part(&me), contracts(&me)), (Some("nandu"), vec![THERE]));
    assert_eq!(people_of(&anas, &ana).await, [ANA]);
    assert_eq!(people_of(&noras, &nora).await, [NORA]);
    for (slug, email) in [("default", ANA), ("nandu", NORA)] {
        let (row, whole) = seen_by_staff(&house, slug).await;
        assert_eq!((row.people, row.state), (1, CustomerState::Active));
        assert_eq!(whole.people.iter().map(|person| person.email.as_str()).collect::<Vec<_>>(), [email]);
    }
    let path = format!("/people/{}", me.user_id);
    call(&anas, Method::DELETE, &path, &ana, None).await.problem(ProblemCode::NotFound);
    let up = json!({"role": "reader"});
    call(&anas, Method::PUT, &path, &ana, Some(&up)).await.problem(ProblemCode::NotFound);
    let (row, _) = seen_by_staff(&house, "default").await;
    let at_default = format!("/console/issuers/default/customers/{}/people/{}/unlocks", row.id, me.user_id);
    house.post(&at_default, &json!({})).await.problem(ProblemCode::NotFound);

    // Copies and letters about documents are of the part, too.
    post(&ana, &anas, "/mail-copies", json!({"email": "copia@ochomares.example"})).await.ok();
    publishes(&Program::at(app, "nandu", &ApiScope::ALL).await, THERE, "770078").await;
    app.clock.advance_seconds(31 * 60);
    assert!(letters_to(app, "copia@ochomares.example").await.is_empty());
    let about = |letters: Vec<shared::mail::MailboxMessage>| {
        letters.iter().filter(|letter| letter.letter.subject.contains("documento nuevo")).count()
    };
    assert_eq!((about(letters_to(app, NORA).await), about(letters_to(app, ANA).await)), (1, 0));

    let ana = token_of(&anas, ANA, PASSWORD).await;
    proves(&anas, &ana, "nandu", THERE).await.ok();
    let told = letters_to(app, NORA).await;
    assert!(told.iter().any(|letter| letter.text.contains(ANA)), "who owns the part hears of it");
    assert_eq!(people_of(&anas, &ana).await.len(), 2);
    let nora = token_of(&noras, NORA, PASSWORD).await;
    let owner = format!("/people/{}", get(&anas, "/me", &ana).await.ok().json::<Me>().user_id);
    call(&noras, Method::DELETE, &owner, &nora, None).await.problem(ProblemCode::NotFound);
    call(&anas, Method::DELETE, &path, &ana, None).await.ok();
    get(&noras, "/me", &nora).await.problem(ProblemCode::SignedOut);
});

on_both!(b2_a_letter_of_a_companys_staff_opens_its_own_part, |app| {
    known_to_both(app).await;
    let house = app.operator().await;
    let activate = async |slug: &str, email: &str, password: &str| {
        let (row, _) = seen_by_staff(&house, slug).await;
        let path = format!("/console/issuers/{slug}/customers/{}/activations", row.id);
        house.post(&path, &json!({"email": email, "language": "es"})).await.ok();
        let letters = letters_to(app, email).await;
        let letter = letters.iter().find(|letter| letter.text.contains("/activar/")).unwrap();
        opened(&use_link(app, "registrations", &token_in(letter, "activar"), password).await.ok()).1
    };
    let me = activate("default", ANA, PASSWORD).await;
    assert_eq!((part(&me), contracts(&me)), (Some("colibri-azul"), vec![HERE]));
    // The same mailbox by another company's letter: what both showed is the whole group's.
    app.clock.advance_seconds(60);
    let me = activate("nandu", ANA, OTHER_PASSWORD).await;
    assert_eq!((part(&me), contracts(&me).len()), (None, 2));
    let (row, _) = seen_by_staff(&house, "nandu").await;
    let again = format!("/console/issuers/nandu/customers/{}/activations", row.id);
    let refused = house.post(&again, &json!({"email": NORA, "language": "es"})).await;
    assert_eq!(refused.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::AlreadyThere);
});

on_both!(a_document_of_another_company_adds_it_as_a_contract_does, |app| {
    known_to_both(app).await;
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, RFC), "k-1").await.ok();
    let (guest, ticket) = (app.browser(), app.ticket(1).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, "QUIA850712AA1"), "k-2").await.ok();
    let (browser, (token, me)) = (app.browser(), comes_in(app, "nandu", THERE, NORA).await);
    assert_eq!(part(&me), Some("nandu"));
    let others = column(app, "SELECT folio_fiscal FROM documents WHERE receptor_rfc = 'QUIA850712AA1'").await;
    proves(&browser, &token, "colibri-azul", &others[0]).await.problem(ProblemCode::NotFound);
    let sql = "SELECT folio_fiscal FROM documents WHERE folio_fiscal IS NOT NULL AND receptor_rfc = 'AOM1707203N1'";
    let own = column(app, sql).await;
    let me: Me = proves(&browser, &token, "colibri-azul", &own[0].to_lowercase()).await.ok().json();
    assert_eq!((part(&me), contracts(&me).len()), (None, 2));
});
