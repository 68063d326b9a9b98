//! A bucket that is away, or slow, for a while: what waits for its files goes on when they can be had again.
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use shared::documents::{
    BundleState, DocumentBundle, DocumentBundles, DocumentNews, DocumentTrail, DocumentsSent, DownloadTicket,
};
use shared::mail::{MailState, MailboxLetter, MailboxMessage};
use shared::page::Page;
use uuid::Uuid;

use super::*;
use crate::support::Reply;
use crate::support::process::eventually;

const DOWNLOADS: &str = "/api/v1/documents/downloads";
/// On a busy machine; nothing is judged by it.
const LONG: Duration = Duration::from_secs(120);

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

async fn asks(who: &Customer, method: Method, path: &str) -> Reply {
    who.browser.send(who.browser.request(method, &format!("{DOWNLOADS}{path}")).bearer_auth(&who.token)).await
}

/// What is new, as a file made in the background.
async fn orders(who: &Customer) -> Uuid {
    let request = who.browser.request(Method::POST, DOWNLOADS).bearer_auth(&who.token);
    let wanted = json!({ "format": "zip", "news": true, "background": true });
    who.browser.send(request.json(&wanted)).await.ok().json::<DocumentBundle>().id
}

async fn state(who: &Customer, id: Uuid) -> BundleState {
    let list: DocumentBundles = asks(who, Method::GET, "").await.ok().json();
    list.bundles.into_iter().find(|one| one.id == id).expect("it is listed").state
}

async fn is_ready(who: &Customer, id: Uuid) {
    eventually("the file", LONG, async || (state(who, id).await == BundleState::Ready).then_some(())).await;
}

/// Names of the PDFs of documents in a file, and whether it says that some are missing.
async fn papers(who: &Customer, id: Uuid) -> (Vec<String>, bool) {
    let ticket: DownloadTicket = asks(who, Method::POST, &format!("/{id}/tickets")).await.ok().json();
    let file = who.browser.get(&ticket.address).await.ok();
    let archive = zip::ZipArchive::new(io::Cursor::new(file.body)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let pdfs = names.iter().filter(|name| name.ends_with(".pdf")).cloned().collect();
    (pdfs, names.iter().any(|name| name == "faltantes.txt"))
}

/// An order whose file hangs on its way into the bucket.
async fn held(app: &TestApp, who: &Customer, bucket: &Bucket) -> Uuid {
    bucket.holds_next();
    let id = orders(who).await;
    app.run_jobs().await;
    eventually("the upload", LONG, async || (bucket.held() == 1).then_some(())).await;
    id
}

with_bucket!(a_slow_upload_is_one_makers_work, |app, bucket| is_one_makers_work(app, bucket).await);

async fn is_one_makers_work(app: &TestApp, bucket: &Bucket) {
    let (desk, who) = (app.desk().await, Customer::of(app).await);
    brings(&desk, PAPER, PDF).await.ok();
    let id = held(app, &who, bucket).await;
    // Longer than whoever is alive is silent; the clock stands still again until the maker has said so.
    app.clock.advance_seconds(130);
    let said = "SELECT COUNT(*) FROM document_bundles WHERE worked_at > created_at";
    eventually("a beat", LONG, async || (app.database.count(said).await == 1).then_some(())).await;
    app.run_jobs().await;
    assert_eq!(state(&who, id).await, BundleState::Working);
    assert_eq!((bucket.held(), bucket.made().len()), (1, 0), "nobody else began");
    bucket.lets_go();
    is_ready(&who, id).await;
    app.clock.advance_seconds(3);
    app.run_jobs().await;
    assert_eq!(bucket.made(), bucket.downloads(), "made once");
    assert_eq!(papers(&who, id).await.0.len(), 1);
    let letters: Page<MailboxLetter> = app.browser().get("/api/v1/mailbox?limit=50").await.ok().json();
    let told = letters.data.iter().filter(|letter| letter.subject.contains("su descarga está lista"));
    assert_eq!(told.count(), 1);
}

with_bucket!(a_download_that_nobody_wants_is_not_left, |app, bucket| is_not_left(app, bucket).await);

async fn is_not_left(app: &TestApp, bucket: &Bucket) {
    let (desk, who) = (app.desk().await, Customer::of(app).await);
    brings(&desk, PAPER, PDF).await.ok();
    let id = held(app, &who, bucket).await;
    asks(&who, Method::DELETE, &format!("/{id}")).await.ok();
    app.run_jobs().await;
    bucket.lets_go();
    let gone = async || (bucket.made().len() == 1 && bucket.downloads().is_empty()).then_some(());
    eventually("it came, and was taken away", LONG, gone).await;
    app.clock.advance_seconds(130);
    app.run_jobs().await;
    assert_eq!(app.database.count("SELECT COUNT(*) FROM document_bundles").await, 0);
    assert_eq!(bucket.downloads(), [""; 0]);
}

with_bucket!(a_late_maker_brings_no_withdrawn_paper_back, |app, bucket| brings_nothing_back(app, bucket).await);

async fn brings_nothing_back(app: &TestApp, bucket: &Bucket) {
    let (desk, who) = (app.desk().await, Customer::of(app).await);
    let wrong: BroughtDocument = brings(&desk, PAPER, PDF).await.ok().json();
    brings(&desk, &PAPER.replace("171001", "171002"), [PDF, b"%"].concat()).await.ok();
    let id = held(app, &who, bucket).await;
    desk.delete(&format!("/console/issuers/default/documents/{}", wrong.document.id)).await.ok();
    app.run_jobs().await;
    is_ready(&who, id).await;
    bucket.lets_go();
    let gone = async || (bucket.made().len() == 2 && bucket.downloads() == bucket.made()[..1]).then_some(());
    eventually("the late one came, and was taken away", LONG, gone).await;
    let (pdfs, _) = papers(&who, id).await;
    assert!(pdfs.len() == 1 && pdfs[0].contains("171002"), "{pdfs:?}");
}

with_bucket!(a_download_waits_for_its_papers, |app, bucket| waits_for_its_papers(app, bucket).await);

async fn waits_for_its_papers(app: &TestApp, bucket: &Bucket) {
    let (desk, who) = (app.desk().await, Customer::of(app).await);
    brings(&desk, PAPER, PDF).await.ok();
    let news = async || who.get("/news").await.ok().json::<DocumentNews>().documents;
    bucket.answers(false);
    let id = orders(&who).await;
    app.run_jobs().await;
    let waits = async || (state(&who, id).await == BundleState::Waiting).then_some(());
    eventually("it is laid down", LONG, waits).await;
    app.clock.advance_seconds(61);
    app.run_jobs().await;
    assert_eq!((state(&who, id).await, bucket.made().len()), (BundleState::Waiting, 0), "nor tried in vain");
    // One that is streamed breaks off.
    let request = who.browser.request(Method::POST, DOWNLOADS).bearer_auth(&who.token);
    let ticket = who.browser.send(request.json(&json!({ "format": "zip", "news": true }))).await.ok();
    let address = ticket.json::<DownloadTicket>().address;
    assert!(who.browser.try_get(&address).await.is_err(), "nobody takes half an archive for a whole one");
    assert_eq!(news().await, 1, "what nobody took is as new as it was");
    bucket.answers(true);
    app.clock.advance_seconds(61);
    app.run_jobs().await;
    is_ready(&who, id).await;
    assert_eq!(news().await, 1);
    let (pdfs, is_short) = papers(&who, id).await;
    assert_eq!((pdfs.len(), is_short, news().await), (1, false, 0));
}
