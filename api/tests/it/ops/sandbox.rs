//! `ventanilla sandbox`: the rehearsal's PAC alone.
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use api::config::Config;
use api::ops::start::faults;
use api::payments::banks;
use secrecy::ExposeSecret;

use super::command;

/// Starts it; gives the process, and what it prints, as a rehearsal reads it.
fn start(data_dir: &Path, more: &[&str]) -> (Child, Config) {
    let args = ["sandbox", "--listen", "127.0.0.1:0", "--data-dir", data_dir.to_str().unwrap()];
    let mut child = command().args(args).args(more).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap) {
        said.push_str(&line);
        said.push('\n');
        if line == "]" {
            break;
        }
    }
    let pasted = data_dir.join("pasted.toml");
    std::fs::write(&pasted, format!("{said}rehearsal = true\n")).unwrap();
    (child, Config::read_with(Some(&pasted), []).unwrap_or_else(|refused| panic!("{refused}: {said}")))
}

#[tokio::test]
async fn it_says_where_it_is_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "a-token-of-our-own\n").unwrap();
    let more = ["--token-file", token_file.to_str().unwrap()];
    let (mut child, config) = start(folder.path(), &more);
    let url = &config.pac.url;
    assert_eq!(config.pac.token.expose_secret(), "a-token-of-our-own");
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answered = http.get(format!("{url}/nothing-here")).send().await.unwrap().status();
    assert!(answered.is_client_error(), "{answered}");
    let process = rustix::process::Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    assert!(tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap().success());
}

#[test]
fn a_token_is_made_when_none_is_given_and_a_short_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, config) = start(folder.path(), &[]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(config.pac.token.expose_secret().len(), 64);
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "short").unwrap();
    let args = ["sandbox", "--token-file", token_file.to_str().unwrap()];
    let output = command().args(args).current_dir(folder.path()).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("fewer than 16 characters"));
}

#[test]
fn it_listens_on_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["sandbox", "--listen", "0.0.0.0:0"];
    let output = command().args(args).current_dir(folder.path()).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("this machine only"));
}

#[test]
fn what_it_prints_is_a_rehearsals_configuration() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let (mut child, config) = start(folder.path(), &[]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(faults(&config, true), [""; 0]);
    let banks = banks::configured(&config.payments, true).unwrap();
    assert_eq!(banks.of("your-slug").len(), 3);
    assert!(banks.banxico().is_some());
}
