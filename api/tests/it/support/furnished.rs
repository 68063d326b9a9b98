//! The house most tests begin in: schema, keys, demo. It is made once per build of the tests and copied for each,
//! since making it costs more than most tests do (RSA keys above all).
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use api::config::Config;
use rustix::fs::{FlockOperation, flock};
use sha2::{Digest, Sha256};

use super::engine::{Database, Engine};
use super::{settings, start_house};

/// Whether a house begins as every other with these settings: what only a running house asks for makes no difference.
pub fn fits(change: impl Fn(&mut Config)) -> bool {
    let (usual, mut own) = (Config::default(), Config { demo_history: false, ..Config::default() });
    change(&mut own);
    let of_its_own = own.rehearsal || own.demo_history || own.pac.url != usual.pac.url || own.has_smtp();
    !of_its_own && own.profiles == usual.profiles
}

/// Fills the folder and gives the database that goes with it.
pub async fn house(engine: Engine, data_dir: &Path) -> Database {
    let name = format!("house_{}", build(engine));
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (whole, draft) = (kept.join(&name), kept.join(format!("{name}.draft")));
    let lock = File::create(kept.join("house.lock")).unwrap();
    // Tests are processes of their own: the first makes it, the others wait here.
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    if !whole.exists() {
        forget_others(kept, engine);
        let database = Database::named(engine, &draft, &name).await;
        make(&draft, &database).await;
        fs::rename(&draft, &whole).unwrap();
    }
    drop(lock);
    copy(&whole, data_dir);
    Database::copy(engine, data_dir, &name).await
}

async fn make(folder: &Path, database: &Database) {
    let (started, _clock, _door) = start_house(settings(folder, database, |_| {})).await;
    if let Some(sandbox) = started.sandbox {
        sandbox.stop().await;
    }
    started.app.db.close().await;
}

/// Which build of the tests this is; on PostgreSQL also in which cluster, since that one passes.
fn build(engine: Engine) -> String {
    let program = fs::metadata(std::env::current_exe().unwrap()).unwrap();
    let built = program.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
    let place = if engine == Engine::Postgres { super::engine::postgres_url() } else { String::new() };
    let digest = Sha256::digest(format!("{} {} {place}", program.len(), built.as_nanos()));
    format!("{}_{}", engine.name(), hex::encode(&digest[..8]))
}

fn forget_others(kept: &Path, engine: Engine) {
    let older = fs::read_dir(kept).unwrap().map(|entry| entry.unwrap());
    let begins = format!("house_{}_", engine.name());
    for entry in older.filter(|entry| entry.file_name().to_string_lossy().starts_with(&begins)) {
        fs::remove_dir_all(entry.path()).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target: PathBuf = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
