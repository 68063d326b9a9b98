//! What an operator types, run as the real binary.
mod backup;
mod catalogs;
mod cfdi;
mod config;
mod doctor;
mod help;
mod jobs;
mod retention;
mod sandbox;
mod secrets;
mod start;
mod verify;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use api::App;

/// The command, without the settings of the machine that runs the tests.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ventanilla"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VENTANILLA_") {
            command.env_remove(name);
        }
    }
    command.env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub good: bool,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            good: output.status.success(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs it to its end, beside whatever the test's own house is doing.
pub async fn ventanilla(args: Vec<String>) -> Ran {
    tokio::task::spawn_blocking(move || command().args(args).output().unwrap().into()).await.unwrap()
}

/// A configuration file of an installation.
pub fn config_file(folder: &Path, data_dir: &Path, database_url: &str, more: &str) -> PathBuf {
    let path = folder.join("config.toml");
    let text = format!("data_dir = {:?}\ndatabase_url = {database_url:?}\n{more}", data_dir.to_str().unwrap());
    std::fs::write(&path, text).unwrap();
    path
}

/// Runs a command on the house of a test, while it runs.
pub async fn beside(app: &App, args: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let config = config_file(folder.path(), &app.config.data_dir, &app.config.database_url(), "");
    let mut args: Vec<String> = args.iter().map(ToString::to_string).collect();
    args.extend(["--config".into(), config.to_str().unwrap().to_owned()]);
    ventanilla(args).await
}
