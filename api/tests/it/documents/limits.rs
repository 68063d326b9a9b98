//! More documents than one ZIP takes: news come in several, another choice is refused.
use std::time::Duration;

use api::accounts::SessionId;
use api::documents::delivery::{Ordered, order};
use api::documents::model::Asker;
use api::documents::search;
use api::documents::service::DocumentError;
use api::http::ApiError;
use serde_json::{Value, json};
use shared::documents::{BundleState, DocumentBundles, DownloadTicket};

use super::delivery::{lines, opened, part};
use super::*;
use crate::support::process::eventually;

/// Room of the ZIPs of these tests.
const MOST: u64 = 20;

/// The person who signed in, as the house's services know them.
async fn asker(app: &TestApp) -> (Asker, SessionId) {
    let one = async |sql| column::<uuid::Uuid>(app, sql).await[0];
    let asker = Asker {
        user_id: one("SELECT user_id FROM sessions WHERE kind = 'customer'").await,
        customer_id: one("SELECT id FROM customers WHERE rfc = 'TAM010203ABA'").await,
        rfc: CUSTOMER.to_owned(),
        only: None,
        looks: false,
        request_id: "limits".to_owned(),
    };
    (asker, SessionId::new(one("SELECT id FROM sessions WHERE kind = 'customer'").await))
}

async fn ordered(app: &TestApp, most: u64, wanted: Value) -> Result<Ordered, DocumentError> {
    let (asker, session) = asker(app).await;
    order(&app.app, &asker, session, &serde_json::from_value(wanted).unwrap(), most).await
}

/// What a ZIP has, and whether it says how many are left.
fn taken(reply: &Reply) -> (BTreeSet<String>, Option<String>) {
    let mut archive = opened(reply);
    let index = lines(&part(&mut archive, "indice.csv"));
    let is_cut = archive.file_names().any(|name| name.unwrap() == "siguientes.txt");
    let said = is_cut.then(|| String::from_utf8(part(&mut archive, "siguientes.txt")).unwrap());
    (index.into_iter().skip(1).collect(), said)
}

on_both!(more_news_than_one_file_takes_come_in_several, |app| {
    let (person, all) = filled(app).await;
    let news = json!({"format": "zip", "news": true});
    let mut left = u64::try_from(all.len()).unwrap();
    assert!(left > 2 * MOST);
    let mut seen = made_in_the_background(app, &person, left).await;
    left -= MOST;
    while left > 0 {
        let Ordered::Now(ticket) = ordered(app, MOST, news.clone()).await.unwrap() else { panic!("it comes at once") };
        let has = left.min(MOST);
        left -= has;
        assert_eq!((ticket.documents, ticket.left), (has, left));
        // What comes between the order and its fetching is for the next: the file is what was told.
        let (rows, said) = taken(&person.browser.get(&ticket.address).await.ok());
        assert_eq!(u64::try_from(rows.len()).unwrap(), has);
        assert!(rows.is_disjoint(&seen), "none comes twice");
        assert_eq!(said.is_some(), left > 0);
        assert!(said.is_none_or(|said| said.contains(&format!("Quedan {left} más"))));
        assert_eq!(person.news().await.documents, left, "the mark moved as far as they go");
        seen.extend(rows);
    }
    assert_eq!(seen.len(), all.len(), "and all of them come");
});

/// The oldest of the feeds come first.
async fn made_in_the_background(app: &TestApp, person: &Person, all: u64) -> BTreeSet<String> {
    let news = json!({"format": "zip", "news": true, "background": true});
    let Ordered::Later(bundle) = ordered(app, MOST, news).await.unwrap() else { panic!("it is made apart") };
    assert_eq!((bundle.documents, bundle.left), (MOST, all - MOST));
    let path = format!("/downloads/{}/tickets", bundle.id);
    app.run_jobs().await;
    // On a busy machine the queue does not wait for it, and it is made all the same.
    let made = eventually("the file", Duration::from_secs(120), async || {
        let listed: DocumentBundles = person.get("/downloads").await.ok().json();
        listed.bundles.into_iter().next().filter(|made| made.state == BundleState::Ready)
    })
    .await;
    assert_eq!((made.state, made.documents, made.left), (BundleState::Ready, MOST, all - MOST));
    let ticket: DownloadTicket = person.ask(Method::POST, &path).await.ok().json();
    assert_eq!((ticket.documents, ticket.left), (MOST, all - MOST));
    assert_eq!(person.news().await.documents, all, "nothing is taken yet");
    let (rows, said) = taken(&person.browser.get(&ticket.address).await.ok());
    assert!(said.unwrap().contains(&format!("Quedan {} más", all - MOST)));
    assert_eq!(u64::try_from(rows.len()).unwrap(), MOST);
    assert_eq!(person.news().await.documents, all - MOST);
    let up_to_it: Vec<uuid::Uuid> = column(
        app,
        "SELECT d.id FROM documents AS d JOIN download_marks AS m ON m.issuer_id = d.issuer_id \
         WHERE d.receptor_rfc = 'TAM010203ABA' AND d.feed_seq <= m.last_seq",
    )
    .await;
    assert_eq!(u64::try_from(up_to_it.len()).unwrap(), MOST, "the mark is at the last that was taken");
    rows
}

on_both!(another_choice_of_too_many_is_refused, |app| {
    let (person, all) = filled(app).await;
    let refused = async |most: usize, wanted: Value| {
        let error = ordered(app, u64::try_from(most).unwrap(), wanted).await.unwrap_err();
        assert!(matches!(error, DocumentError::TooMany(_)), "{error}");
        assert_eq!(ApiError::from(error).problem().code, ProblemCode::TooManyDocuments);
    };
    let everything = json!({"format": "zip", "query": {}});
    refused(all.len() - 1, everything.clone()).await;
    assert!(ordered(app, u64::try_from(all.len()).unwrap(), everything).await.is_ok());
    let ids: Vec<uuid::Uuid> = all.iter().take(3).map(|row| row.id).collect();
    refused(2, json!({"format": "zip", "ids": ids})).await;
    // What goes with an invoice counts too.
    let paid = all.iter().find(|row| row.kind == DocumentKind::ComplementoDePago).unwrap();
    let view: DocumentView = person.get(&format!("/{}", paid.id)).await.ok().json();
    let invoice = json!({"format": "zip", "ids": [view.related[0].id]});
    refused(1, invoice.clone()).await;
    assert!(ordered(app, 2, invoice).await.is_ok());
});

/// So many more statements, copies of one of the customer's that is chosen; the engine makes their ids.
macro_rules! more_statements {
    ($app:ident, $($part:literal),+) => {
        if $app.app.db.is_sqlite() {
            more_statements!(@ "randomblob(16)", $($part),+)
        } else {
            more_statements!(@ "gen_random_uuid()", $($part),+)
        }
    };
    (@ $id:literal, $most:literal, $issuer:literal, $folio:literal, $contract:literal, $total:literal, $which:literal) => {
        concat!(
            "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ", $most, ") \
             INSERT INTO documents (id, issuer_id, kind, state, serie, folio, folio_number, folio_fiscal, receptor_rfc, \
             receptor_nombre, contract, contract_folded, issued_at, issued_on, time_zone, total_minor, currency, \
             feed_seq, created_at, updated_at, pdf_key, pdf_sha256, xml_sha256, words, xml) SELECT ",
            $id, ", ", $issuer, ", kind, state, serie, ", $folio, ", folio_fiscal, receptor_rfc, receptor_nombre, ",
            $contract, ", issued_at, issued_on, time_zone, ", $total, ", currency, feed_seq, one.created_at, \
             one.updated_at, pdf_key, pdf_sha256, xml_sha256, words, xml FROM n CROSS JOIN (SELECT * FROM documents \
             WHERE kind = 'estado_de_cuenta' AND receptor_rfc = 'TAM010203ABA' ", $which, " LIMIT 1) AS one"
        )
    };
}

on_both!(what_a_form_offers_is_all_of_what_is_seen, |app| {
    filled(app).await;
    // Of another company, and of more contracts than a form offers, all before the customer's own.
    app.database
        .execute(more_statements!(
            app,
            501,
            "(SELECT id FROM issuers WHERE slug = 'nandu')",
            "folio, folio_number",
            "'00' || (1000 + x), '00' || (1000 + x)",
            "total_minor",
            ""
        ))
        .await;
    let only = crate::integrators::scope_of(app, "default").await;
    let (asker, _) = asker(app).await;
    let asker = Asker { only: Some(only), ..asker };
    let offered = search::filters(&app.app, &asker).await.unwrap();
    let numbers: Vec<&str> = offered.contracts.iter().map(|one| one.number.as_str()).collect();
    assert_eq!(numbers, ["005300", "17-0942"], "another company's take no place of theirs");
    let all = search::filters(&app.app, &Asker { only: None, ..asker }).await.unwrap();
    assert_eq!((all.contracts.len(), all.contracts[0].number.as_str()), (500, "001001"));
});

on_both!(a_number_that_many_have_finds_the_same, |app| {
    let (person, _) = filled(app).await;
    let few = person.page("&typed=005300").await;
    assert_eq!(few.data, person.page("&contract=005300").await.data);
    assert!(!few.data.is_empty());
    // More of one contract than are looked up one by one.
    app.database
        .execute(more_statements!(
            app,
            1001,
            "issuer_id",
            "'9' || (10000 + x), 910000 + x",
            "contract, contract_folded",
            "777700",
            "AND contract_folded = '005300'"
        ))
        .await;
    let expected = few.totals.unwrap().count + 1_001;
    let page = person.page("&typed=005300").await;
    assert_eq!(page.totals.unwrap().count, expected);
    assert_eq!(page.data, person.page("&contract=005300").await.data);
    let oldest = person.page("&typed=005300&sort=oldest").await;
    assert_eq!(oldest.data, person.page("&contract=005300&sort=oldest").await.data);
    assert_eq!(person.page("&typed=7777.00").await.totals.unwrap().count, 1_001, "as many have one total");
    for typed in ["910007", "005300+910007", "910007+005300", "7777.00+910007"] {
        let one = person.page(&format!("&typed={typed}")).await;
        assert_eq!((one.data.len(), one.totals.unwrap().count), (1, 1), "and one of them is found as before: {typed}");
    }
});
