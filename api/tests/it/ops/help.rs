//! What `--help` says is what there is.
use shared::integrators::ApiScope;

use super::ventanilla;

async fn help_of(words: &[&str]) -> String {
    let ran = ventanilla(words.iter().chain(&["--help"]).map(ToString::to_string).collect()).await;
    assert!(ran.good, "{ran:?}");
    ran.out
}

#[tokio::test]
async fn it_names_every_scope_of_a_key() {
    let said = help_of(&["api-key", "create"]).await;
    let named: Vec<&str> = said.split(|c: char| c.is_whitespace() || c == ',').collect();
    for scope in ApiScope::ALL {
        assert!(named.contains(&scope.as_str()), "{} in {said}", scope.as_str());
    }
}

#[tokio::test]
async fn it_tells_what_a_backup_and_the_sandbox_have() {
    assert!(help_of(&["backup"]).await.contains("files"));
    assert!(help_of(&["sandbox"]).await.contains("PAC and bank"));
}
