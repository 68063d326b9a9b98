//! The store of files: the same promises in a folder and in a bucket.
mod away;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use api::clock::{Clock, Ids, SystemRandomness};
use api::config::{self, Config};
use api::files::{Body, Draft, FILE_MAX_BYTES, FileError, FileKey, Files};
use api::ops::doctor::{self, Finding, Verdict};
use api::ops::start::{self, World};
use api::ops::{backup, verify};
use api::proof::Proof;
use futures::TryStreamExt;
use shared::ProblemCode;
use shared::documents::BroughtDocument;

use crate::documents::desk::brings;
use crate::integrators::documents::{Customer, PDF};
use crate::support::{Bucket, Engine, ManualClock, TestApp};

const PAPER: &str = "name=estado_005300_171001_2017-10-01T07-00-00_743.97.pdf";

/// One house's store: where it is, and the folder in which nothing may be left.
async fn in_both(promise: impl AsyncFn(&Files, &Path, Option<&Bucket>)) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
    promise(&Files::of(&config).unwrap(), &folder.path().join("files"), None).await;
    let (folder, bucket) = (tempfile::tempdir().unwrap(), Bucket::open());
    let config = Config { data_dir: folder.path().to_owned(), files: bucket.settings(), ..Config::default() };
    promise(&Files::of(&config).unwrap(), &folder.path().join("files"), Some(&bucket)).await;
}

fn key(text: &str) -> FileKey {
    FileKey::parse(text).unwrap()
}

/// Names in a folder and those below it.
fn lies_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            names.extend(lies_in(&path));
        } else {
            names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    names
}

/// What is kept, as either place tells it.
fn kept(folder: &Path, bucket: Option<&Bucket>) -> Vec<String> {
    let Some(bucket) = bucket else { return lies_in(folder) };
    assert_eq!(lies_in(folder), [""; 0], "the folder is no place of a bucket's files");
    bucket.keys().iter().map(|key| key.rsplit('/').next().unwrap().to_owned()).collect()
}

async fn whole(body: Body) -> Vec<u8> {
    body.try_concat().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_comes_back_or_is_refused() {
    in_both(async |files, folder, bucket| {
        let one = key("documents/one.pdf");
        let digest = files.put(&one, b"%PDF".to_vec()).await.unwrap();
        assert_eq!(files.get(&one, &digest).await.unwrap(), b"%PDF");
        assert!(matches!(files.get(&one, &[0; 32]).await, Err(FileError::Damaged(_))));
        let missing = key("documents/two.pdf");
        assert!(matches!(files.get(&missing, &digest).await, Err(FileError::Missing(_))));
        assert!(matches!(files.open(&missing).await, Err(FileError::Missing(_))));
        assert!(matches!(files.put(&one, vec![0; FILE_MAX_BYTES + 1]).await, Err(FileError::TooLarge)));
        files.put(&one, b"%PDF-2".to_vec()).await.unwrap();
        assert!(matches!(files.get(&one, &digest).await, Err(FileError::Damaged(_))));
        assert_eq!(kept(folder, bucket), ["one.pdf"], "no draft is left");
        files.remove(&one).await.unwrap();
        files.remove(&one).await.unwrap();
        assert!(matches!(files.get(&one, &digest).await, Err(FileError::Missing(_))));
        let largest = vec![b'%'; FILE_MAX_BYTES];
        let digest = files.put(&one, largest.clone()).await.unwrap();
        assert!(files.get(&one, &digest).await.unwrap() == largest);
        assert!(bucket.is_none_or(|bucket| bucket.uploads() == (1, 0)), "it went in pieces");
    })
    .await;
}

/// Writes a draft on a thread that may block.
async fn drafts(files: &Files, key: &FileKey, bytes: Vec<u8>, keeps: bool) -> io::Result<u64> {
    let (files, key) = (files.clone(), key.clone());
    let written = tokio::task::spawn_blocking(move || {
        let mut draft = Draft::begin(&files, &key)?;
        draft.write_all(&bytes)?;
        if keeps { draft.keep() } else { Ok(0) }
    });
    written.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_a_file_when_it_is_whole() {
    in_both(async |files, folder, bucket| {
        let one = key("bundles/one.zip");
        drafts(files, &one, b"half".to_vec(), false).await.unwrap();
        assert_eq!(lies_in(folder), [""; 0], "nothing is left");
        assert!(matches!(files.open(&one).await, Err(FileError::Missing(_))));
        std::fs::write(folder.join("bundles/one.7-7.part"), b"of a process that died").unwrap();
        assert_eq!(drafts(files, &one, b"whole".to_vec(), true).await.unwrap(), 5);
        assert_eq!(kept(folder, bucket), ["one.zip"], "the dead one's is gone");
        let (body, length) = files.open(&one).await.unwrap();
        assert_eq!((length, whole(body).await), (5, b"whole".to_vec()));
        files.remove(&one).await.unwrap();
        files.remove(&one).await.unwrap();
        assert_eq!(kept(folder, bucket), [""; 0]);
    })
    .await;
}

/// Three pieces of what is sent, and many of what is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_any_length_goes_and_comes_in_pieces() {
    in_both(async |files, folder, bucket| {
        let one = key("bundles/one.zip");
        let bytes: Vec<u8> = (0..17_000_003u32).map(|at| at.to_le_bytes()[1]).collect();
        assert_eq!(drafts(files, &one, bytes.clone(), true).await.unwrap(), 17_000_003);
        assert_eq!(kept(folder, bucket), ["one.zip"]);
        let (body, length) = files.open(&one).await.unwrap();
        assert_eq!(length, 17_000_003);
        assert!(whole(body).await == bytes);
        let Some(bucket) = bucket else { return };
        assert_eq!(bucket.uploads(), (1, 0), "one, and it is over");
        // What took its place meanwhile is not mixed in.
        let (mut body, _) = files.open(&one).await.unwrap();
        assert!(body.try_next().await.unwrap().is_some());
        bucket.replace("bundles/one.zip", b"another");
        assert!(body.try_next().await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_file_kept_by_many_at_once_is_kept() {
    in_both(async |files, folder, bucket| {
        let one = key("documents/one.pdf");
        let bytes = vec![b'%'; 200_000];
        let puts = (0..40).map(|_| files.put(&one, bytes.clone()));
        let digests = futures::future::join_all(puts).await;
        for digest in digests {
            assert_eq!(files.get(&one, &digest.unwrap()).await.unwrap(), bytes);
        }
        assert_eq!(kept(folder, bucket), ["one.pdf"], "no draft is left");
    })
    .await;
}

#[test]
fn a_key_to_a_bucket_is_never_said() {
    let files = Files::of(&Config { files: Bucket::open().settings(), ..Config::default() }).unwrap();
    let said = format!("{files:?}");
    assert!(said.contains("papeles") && !said.contains("geheim") && !said.contains("AKIA"), "{said}");
}

type Change = fn(&mut config::Files);

#[test]
fn settings_of_a_bucket_are_whole_or_refused() {
    let good = Bucket::open().settings();
    let faults = |change: Change| {
        let mut files = good.clone();
        change(&mut files);
        Config { files, ..Config::default() }.check().err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(faults(|_| {}), "");
    assert_eq!(faults(|it| it.endpoint.clear()), "");
    assert_eq!(faults(|it| it.endpoint = "https://s3.example".into()), "");
    let cases: [(Change, &str); 7] = [
        (|it| it.bucket.clear(), "files.bucket: required"),
        (|it| it.region.clear(), "files.region: required"),
        (|it| it.access_key_id.clear(), "files.access_key_id: required"),
        (|it| it.secret_access_key = "".into(), "files.secret_access_key: required"),
        (|it| it.endpoint = "http://10.0.0.7:9000".into(), "files.endpoint: http is for this machine alone"),
        (|it| it.endpoint = "ftp://s3.example".into(), "files.endpoint: ftp://s3.example is not"),
        (|it| it.endpoint = "s3.example".into(), "files.endpoint: s3.example is not"),
    ];
    for (change, told) in cases {
        assert!(faults(change).contains(told), "{told}: {}", faults(change));
    }
    // What a job asks of a bucket must be answered before another takes the job.
    let leased = |files: &config::Files, lease_seconds| {
        let jobs = config::Jobs { lease_seconds, ..Config::default().jobs };
        Config { files: files.clone(), jobs, ..Config::default() }.check().err().map(|error| error.to_string())
    };
    let told = leased(&good, 50).unwrap_or_default();
    assert!(told.contains("jobs.lease_seconds: must be above 50 with files.bucket"), "{told}");
    assert_eq!((leased(&good, 51), leased(&config::Files::default(), 50)), (None, None));
}

fn world(app: &TestApp) -> World {
    World { clock: app.app.clock.clone(), ids: app.app.ids.clone() }
}

async fn found(app: &TestApp, change: impl FnOnce(&mut config::Files)) -> Finding {
    let mut config = Config::clone(&app.app.config);
    change(&mut config.files);
    let findings = doctor::examine(Ok(config), &world(app)).await;
    findings.into_iter().find(|finding| finding.what == "files").expect("it is looked at")
}

mod a_house_keeps_its_papers_in_a_bucket {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        keeps_its_papers(Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        keeps_its_papers(Engine::Postgres).await;
    }
}

async fn keeps_its_papers(engine: Engine) {
    let bucket = Bucket::open();
    let app = TestApp::start_with(engine, |config| config.files = bucket.settings()).await;
    let (desk, customer) = (app.desk().await, Customer::of(&app).await);
    let brought: BroughtDocument = brings(&desk, PAPER, PDF).await.ok().json();
    let path = format!("/{}/pdf", brought.document.id);
    assert_eq!(customer.get(&path).await.ok().body, PDF);
    let keys = bucket.keys();
    let [paper] = &keys[..] else { panic!("{keys:?}") };
    assert!(paper.starts_with("documents/"));
    assert_eq!(lies_in(&app.app.config.data_dir.join("files")), [""; 0]);
    a_backup_has_them(&app).await;
    the_doctor_tries_the_key(&app, &bucket).await;
    // A store that does not answer is no fault of the paper's: later.
    bucket.answers(false);
    customer.get(&path).await.problem(ProblemCode::Busy);
    brings(&desk, &PAPER.replace("171001", "171002"), [PDF, b"%"].concat()).await.problem(ProblemCode::Busy);
    an_outage_is_no_damage(&app).await;
    bucket.answers(true);
    assert_eq!(bucket.keys(), keys);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM documents WHERE pdf_key IS NOT NULL").await, 1);
    bucket.replace(paper, b"%PDF-another");
    customer.get(&path).await.problem(ProblemCode::Internal);
    bucket.lose(paper);
    let proofs = verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    let broken: Vec<&Proof> = proofs.iter().filter(|proof| !proof.holds()).collect();
    assert!(broken.len() == 1 && broken[0].named[0].contains(paper), "{broken:?}");
    let folder = tempfile::tempdir().unwrap();
    let refused = backup::backup(&app.app.config, &folder.path().join("b.zip"), &world(&app)).await.unwrap_err();
    assert!(format!("{refused:#}").contains(paper), "none without them: {refused:#}");
    app.finish().await;
}

/// And they come back, here into a folder.
async fn a_backup_has_them(app: &TestApp) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.zip");
    let manifest = backup::backup(&app.app.config, &file, &world(app)).await.unwrap();
    assert_eq!(manifest.files, 1);
    let config = Config { data_dir: folder.path().join("restored"), ..Config::default() };
    std::fs::create_dir(&config.data_dir).unwrap();
    let restored = backup::restore(&config, &file, 0, &world(app)).await.unwrap();
    assert!(restored.proofs.iter().all(Proof::holds), "{:?}", restored.proofs);
    assert_eq!(lies_in(&config.data_dir.join("files")).len(), 1);
}

async fn an_outage_is_no_damage(app: &TestApp) {
    let told = verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap_err();
    assert!(format!("{told:#}").contains("the bucket papeles"), "{told:#}");
}

async fn the_doctor_tries_the_key(app: &TestApp, bucket: &Bucket) {
    let good = found(app, |_| {}).await;
    assert!(good.verdict == Verdict::Good && good.seen.contains("papeles"), "{good:?}");
    for finding in [
        found(app, |files| files.access_key_id = "AKIAOTRA".into()).await,
        found(app, |files| files.bucket = "otro".into()).await,
    ] {
        assert!(finding.verdict == Verdict::Fault && finding.seen.contains("refuses us"), "{finding:?}");
        assert!(finding.remedy.contains("files.bucket") && !finding.seen.contains("geheim"), "{finding:?}");
    }
    bucket.answers(false);
    let away = found(app, |_| {}).await;
    bucket.answers(true);
    assert!(away.verdict == Verdict::Fault && away.remedy.contains("files.endpoint"), "{away:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_refused_stops_the_start() {
    let (folder, bucket) = (tempfile::tempdir().unwrap(), Bucket::open());
    let mut config = Config { data_dir: folder.path().to_owned(), files: bucket.settings(), ..Config::default() };
    config.files.access_key_id = "AKIAOTRA".into();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at("2026-11-18T18:00:00Z"));
    let world = World { ids: Ids::new(clock.clone(), Arc::new(SystemRandomness)), clock };
    let refused = start::start(config, true, None, world).await.err().expect("it does not start");
    let refused = format!("{refused:#}");
    assert!(refused.contains("files: ") && refused.contains("papeles refuses us"), "{refused}");
    assert!(!folder.path().join("ventanilla.db").exists(), "a refused start makes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_away_does_not_stop_the_start() {
    let bucket = Bucket::open();
    bucket.answers(false);
    let app = TestApp::start_with(Engine::Sqlite, |config| config.files = bucket.settings()).await;
    app.finish().await;
}
