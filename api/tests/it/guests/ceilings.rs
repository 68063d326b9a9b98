//! The brake on an issuer's day (K6): so many invoices, for so much.
use shared::ProblemCode;

use crate::support::{TestApp, on_both};

/// The next open ticket is refused, and stays as open as before.
async fn the_next_one_waits(app: &TestApp, key: &str) {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let (stamps, folios) = (kept(app).await, given(app).await);
    browser.invoice_ticket(&ticket, key).await.problem(ProblemCode::IssuerCeiling);
    browser.look_up(&ticket).await.ok();
    assert_eq!((kept(app).await, given(app).await), (stamps, folios), "nothing is left behind");
}

async fn kept(app: &TestApp) -> i64 {
    app.database.count("SELECT COUNT(*) FROM stamps").await
}

async fn given(app: &TestApp) -> i64 {
    app.database.count("SELECT CAST(COALESCE(SUM(last_folio), 0) AS BIGINT) FROM folios").await
}

on_both!(k6_an_issuer_stops_at_its_daily_ceiling_of_invoices, |app| {
    app.database.change("UPDATE issuers SET daily_stamp_ceiling = 2").await;
    for key in ["k-1", "k-2"] {
        app.browser().invoice_ticket(&app.ticket(0).await, key).await.ok();
    }
    the_next_one_waits(app, "k-3").await;
    app.clock.advance_seconds(86_400);
    app.browser().invoice_ticket(&app.ticket(0).await, "k-4").await.ok();
    app.run_jobs().await;
});

on_both!(k6_an_issuer_stops_at_its_daily_ceiling_of_amount, |app| {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    // A centavo below the hundred million that a day may come to.
    app.database.change("UPDATE stamps SET total_minor = 9999999999").await;
    the_next_one_waits(app, "k-2").await;
    // What another currency comes to is counted by itself.
    app.database.change("UPDATE stamps SET currency = 'USD'").await;
    app.browser().invoice_ticket(&app.ticket(0).await, "k-3").await.ok();
    app.run_jobs().await;
});
