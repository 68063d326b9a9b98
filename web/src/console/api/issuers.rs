//! An issuer as its operators set it up.
use shared::accounts::Secret;
use shared::issuer_settings::{
    BranchSettings, ChangeIssuer, IssuerSettings, NewIssuer, NewLogo, SaveBranch, SavedBranch, UploadCsd,
};
use shared::page::Page;
use shared::staff::StaffMe;
use uuid::Uuid;

use super::{Client, of};
use crate::api::Answer;
use crate::browser::encoded;
use crate::signed::client::Person;
use crate::signed::send::Picked;

/// Rows of a page.
const ROWS: &str = "/branches?limit=100";

/// What is set.
pub async fn settings(client: Client, slug: String) -> Answer<IssuerSettings> {
    client.get(of(&slug, "")).await
}

/// Changes what can be changed.
pub async fn change(client: Client, slug: String, form: &ChangeIssuer) -> Answer<()> {
    client.put::<()>(of(&slug, ""), form).await?;
    know_again(client).await;
    Ok(())
}

/// Founds an issuer.
pub async fn found(client: Client, form: &NewIssuer) -> Answer<IssuerSettings> {
    let founded = client.post("/console/issuers".to_owned(), form).await?;
    know_again(client).await;
    Ok(founded)
}

/// The issuers that a person works for have their names with the person.
async fn know_again(client: Client) {
    // Without an answer the next renewal says it.
    if let Ok(me) = client.get::<StaffMe>(StaffMe::ME.to_owned()).await {
        client.is(me);
    }
}

/// Gives the issuer a logo.
pub async fn set_logo(client: Client, slug: String, file: Picked) -> Answer<()> {
    let image = file.base64().await?;
    client.put(of(&slug, "/logo"), &NewLogo { image }).await
}

/// Branches, the oldest first.
pub async fn branches(client: Client, slug: String, cursor: Option<&str>) -> Answer<Page<BranchSettings>> {
    let next = cursor.map_or_else(String::new, |cursor| ["&cursor=", &encoded(cursor)].concat());
    client.get(of(&slug, &[ROWS, &next].concat())).await
}

/// Every branch, to choose one from.
pub async fn all_branches(client: Client, slug: String) -> Answer<Vec<BranchSettings>> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = branches(client, slug.clone(), cursor.as_deref()).await?;
        all.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

/// One branch, wherever it is in the list; `None` when the issuer has none such.
pub async fn branch(client: Client, slug: String, id: Uuid) -> Answer<Option<BranchSettings>> {
    let mut cursor: Option<String> = None;
    loop {
        let page = branches(client, slug.clone(), cursor.as_deref()).await?;
        let found = page.data.into_iter().find(|branch| branch.id == id);
        if found.is_some() || page.next_cursor.is_none() {
            return Ok(found);
        }
        cursor = page.next_cursor;
    }
}

/// Opens a branch, or changes one.
pub async fn save_branch(client: Client, slug: String, known: Option<Uuid>, form: &SaveBranch) -> Answer<()> {
    match known {
        Some(id) => client.put(of(&slug, &["/branches/", &id.to_string()].concat()), form).await,
        None => client.post::<SavedBranch>(of(&slug, "/branches"), form).await.map(drop),
    }
}

/// Hands a certificate over with its key.
pub async fn add_csd(client: Client, slug: String, (cer, key): (Picked, Picked), password: String) -> Answer<()> {
    let form = UploadCsd {
        certificate: cer.base64().await?,
        key: Secret::new(key.base64().await?),
        password: Secret::new(password),
    };
    client.post(of(&slug, "/certificates"), &form).await
}

/// Stops a certificate for good.
pub async fn revoke_csd(client: Client, slug: String, id: Uuid) -> Answer<()> {
    client.delete(of(&slug, &["/certificates/", &id.to_string()].concat())).await
}
