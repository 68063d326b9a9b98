//! A bucket that is away, or slow, for a while: what waits for its files goes on when they can be had again.
use reqwest::Method;
use serde_json::json;
use shared::documents::{DocumentTrail, DocumentsSent};
use shared::mail::{MailState, MailboxLetter, MailboxMessage};
use shared::page::Page;

use super::*;

/// A house with its papers in a bucket, on both engines.
macro_rules! with_bucket {
    ($name:ident, |$app:ident, $bucket:ident| $body:expr) => {
        mod $name {
            use super::*;
            async fn journey(engine: Engine) {
                let $bucket = &Bucket::open();
                let house = TestApp::start_with(engine, |config| config.files = $bucket.settings()).await;
                let $app = &house;
                $body;
                house.finish().await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                journey(Engine::Sqlite).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                journey(Engine::Postgres).await;
            }
        }
    };
}

with_bucket!(a_letter_waits_for_its_paper, |app, bucket| waits_for_its_paper(app, bucket).await);

async fn waits_for_its_paper(app: &TestApp, bucket: &Bucket) {
    const TO: &str = "papeles@despacho.example";
    let (desk, customer) = (app.desk().await, Customer::of(app).await);
    let brought: BroughtDocument = brings(&desk, PAPER, PDF).await.ok().json();
    let id = brought.document.id;
    let request = customer.browser.request(Method::POST, "/api/v1/documents/letters");
    let request = request.json(&json!({ "ids": [id], "to": [TO] })).bearer_auth(&customer.token);
    assert_eq!(customer.browser.send(request).await.ok().json::<DocumentsSent>().letters, 1);
    let states = async || -> Vec<MailState> {
        let trail: DocumentTrail = customer.get(&format!("/{id}/trail")).await.ok().json();
        trail.letters.iter().filter(|letter| letter.to == TO).map(|letter| letter.state).collect()
    };
    bucket.answers(false);
    app.run_jobs().await;
    assert_eq!(states().await, [MailState::Queued], "it is not given up");
    bucket.answers(true);
    app.clock.advance_seconds(90);
    app.run_jobs().await;
    assert_eq!(states().await, [MailState::Sent]);
    let browser = app.browser();
    let letters: Page<MailboxLetter> = browser.get("/api/v1/mailbox?limit=50").await.ok().json();
    let sent: Vec<&MailboxLetter> = letters.data.iter().filter(|letter| letter.to.contains(TO)).collect();
    assert_eq!(sent.len(), 1, "once");
    let address = format!("/api/v1/mailbox/{}", sent[0].id);
    let message: MailboxMessage = browser.get(&address).await.ok().json();
    assert_eq!(message.attachments.len(), 1);
    assert_eq!(browser.get(&format!("{address}/attachments/0")).await.ok().body, PDF);
}
