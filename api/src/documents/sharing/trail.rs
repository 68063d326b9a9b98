//! What became of a document, as its own customer sees it.
use std::collections::HashMap;

use shared::documents::{DocumentOpening, DocumentTrail};
use shared::mail::MailView;
use uuid::Uuid;

use super::{TRAIL_ROWS, links};
use crate::App;
use crate::accounts::{UserId, people};
use crate::audit::{self, Done};
use crate::clock::local_time;
use crate::db::{Conn, DbResult};
use crate::documents::model::{Asker, DocumentId};
use crate::documents::service::DocumentError;
use crate::documents::store::{self as found, sharing as store};
use crate::mail;

/// Acts that put a document before somebody's eyes.
const OPENINGS: [&str; 3] = ["document.view", "document.download", "document.opened_by_link"];

/// The newest of each part.
pub async fn trail(app: &App, asker: &Asker, id: DocumentId) -> Result<DocumentTrail, DocumentError> {
    let mut conn = app.db.read().await?;
    let row = found::find(&mut conn, &asker.rfc, asker.only, id).await?.ok_or(DocumentError::NotFound)?;
    let zone = links::zone(&row);
    let letter_ids = store::list_letters(&mut conn, id.uuid(), asker.customer_id, TRAIL_ROWS).await?;
    let letters = mail::list_states(&mut conn, &letter_ids).await?;
    let mut shares = Vec::new();
    for share in store::list(&mut conn, id.uuid(), asker.customer_id, TRAIL_ROWS).await? {
        shares.push(links::view(&mut conn, share, &zone, app.now()).await?);
    }
    let customer = asker.customer_id.to_string();
    let object = ("document", id.uuid().to_string());
    let done = audit::list_of(&mut conn, (object.0, &object.1), Some(&customer), &OPENINGS, TRAIL_ROWS).await?;
    let mut names = HashMap::new();
    let mut openings = Vec::new();
    for act in done {
        let who = match act.user_id {
            Some(user) => name(&mut conn, &mut names, user).await?,
            None => None,
        };
        openings.push(DocumentOpening { at: local_time(act.at, &zone), who, how: how(&act) });
    }
    let letters = letters
        .into_iter()
        .map(|letter| MailView {
            to: letter.to_address,
            state: letter.state,
            sent_at: letter.sent_at.map(|at| local_time(at, &zone)),
        })
        .collect();
    Ok(DocumentTrail { letters, shares, openings })
}

async fn name(conn: &mut impl Conn, names: &mut HashMap<Uuid, Option<String>>, user: Uuid) -> DbResult<Option<String>> {
    if let Some(name) = names.get(&user) {
        return Ok(name.clone());
    }
    let contact = people::contact(conn, UserId::new(user)).await?;
    let name = contact.map(|contact| contact.email.as_str().to_owned());
    names.insert(user, name.clone());
    Ok(name)
}

fn how(act: &Done) -> String {
    let format = act.after.as_ref().and_then(|after| after.get("format")).and_then(|format| format.as_str());
    format.unwrap_or("view").to_owned()
}
