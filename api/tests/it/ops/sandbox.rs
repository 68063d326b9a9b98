//! `ventanilla sandbox`: the rehearsal's PAC alone.
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::command;

/// Starts it; gives the process, its address and its token.
fn start(data_dir: &std::path::Path, more: &[&str]) -> (Child, String, String) {
    let args = ["sandbox", "--listen", "127.0.0.1:0", "--data-dir", data_dir.to_str().unwrap()];
    let mut child = command().args(args).args(more).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut value_of = |name: &str| {
        let line = lines.next().unwrap();
        line.strip_prefix(&format!("{name} = \"")).and_then(|rest| rest.strip_suffix('"')).unwrap().to_owned()
    };
    let (url, token) = (value_of("pac.url"), value_of("pac.token"));
    (child, url, token)
}

#[tokio::test]
async fn it_says_where_it_is_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "a-token-of-our-own\n").unwrap();
    let more = ["--token-file", token_file.to_str().unwrap()];
    let (mut child, url, token) = start(folder.path(), &more);
    assert_eq!(token, "a-token-of-our-own");
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
    let (mut child, _, token) = start(folder.path(), &[]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(token.len(), 64);
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
