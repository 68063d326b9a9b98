//! A start that is refused, the folder that one makes, and one beside a database that was sealed elsewhere.
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use api::clock::{Clock, Ids, SystemRandomness};
use api::config::Config;
use api::installation;
use api::ops::start::{self, World};

use super::Ran;
use crate::support::process::{binary, in_clean_environment};
use crate::support::{Database, Engine, ManualClock};

fn world() -> World {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at("2026-11-18T18:00:00Z"));
    World { ids: Ids::new(clock.clone(), Arc::new(SystemRandomness)), clock }
}

fn mode_of(folder: &Path) -> u32 {
    std::fs::metadata(folder).unwrap().permissions().mode() & 0o777
}

/// Whoever follows the words of the refusal gets in by the same folder.
async fn is_refused_and_rehearses(engine: Engine) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("new/data");
    let database = Database::make(engine, &data_dir).await;
    let config = Config { data_dir, database_url: database.url.clone().into(), ..Config::default() };
    let refused = start::start(config.clone(), false, None, world()).await.err().expect("it does not start");
    let refused = format!("{refused:#}");
    for missing in ["pac.url: required outside a rehearsal", "mail.smtp_url: required outside a rehearsal"] {
        assert!(refused.contains(missing), "{missing} in {refused}");
    }
    assert!(!config.data_dir.exists(), "nothing was made");
    let rehearsal = Config { rehearsal: true, ..config };
    let data_dir = rehearsal.data_dir.clone();
    let started = start::start(rehearsal, false, None, world()).await.expect("it rehearses");
    assert_eq!(installation::get(&started.app.db, "mode").await.unwrap().as_deref(), Some("rehearsal"));
    assert_eq!((mode_of(&data_dir), mode_of(&folder.path().join("new"))), (0o700, 0o700));
    started.sandbox.expect("a rehearsal has one").stop().await;
    started.app.db.close().await;
    database.drop().await;
}

mod a_refused_start_names_all_of_it_and_decides_nothing {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        is_refused_and_rehearses(Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        is_refused_and_rehearses(Engine::Postgres).await;
    }
}

#[test]
fn o3_the_data_folder_is_its_owners_alone_whatever_the_shell_says() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 022; exec \"$0\" migrate"]).arg(binary()).stdin(Stdio::null());
    let setting = ("VENTANILLA_DATA_DIR".to_owned(), data_dir.to_str().unwrap().to_owned());
    in_clean_environment(&mut shell, &[setting]);
    let ran: Ran = shell.output().unwrap().into();
    assert!(ran.good, "{ran:?}");
    assert!(data_dir.join("ventanilla.db").exists());
    assert_eq!(mode_of(&data_dir), 0o700);
}
