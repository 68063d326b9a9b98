//! A file that was made in the background, on its way to whoever ordered it.
use std::io;

use futures::{StreamExt as _, stream};
use uuid::Uuid;

use super::order::{self, Redeemed, content_type};
use super::{Place, bundles, pack};
use crate::App;
use crate::documents::model::Asker;
use crate::documents::service::DocumentError;
use crate::documents::store::delivery::Reach;
use crate::files::{Body, FileError};

/// What the body needs as it goes.
struct Going {
    app: App,
    asker: Asker,
    reaches: Vec<Reach>,
    file: Body,
    left: u64,
    _place: Place,
}

/// Opens it. A file that is no longer there is as one that never was.
pub(super) async fn open(app: &App, asker: Asker, id: Uuid, place: Place) -> Result<Redeemed, DocumentError> {
    let row = bundles::ready(app, (asker.user_id, asker.customer_id), id).await?;
    let failed = |source: FileError| match source {
        FileError::Missing(_) => DocumentError::NotFound,
        source => DocumentError::File { id, source },
    };
    let key = bundles::key(&row).map_err(failed)?;
    let (file, length) = app.files.open(&key).await.map_err(failed)?;
    let reaches = serde_json::from_str(&row.reaches).map_err(|error| DocumentError::Cut(error.to_string()))?;
    order::note(app, &asker, serde_json::json!({ "bundle": id, "file": row.file_name })).await?;
    let going = Going { app: app.clone(), asker, reaches, file, left: length, _place: place };
    let body = stream::try_unfold(going, |mut going| async move {
        if going.left == 0 {
            return Ok(None);
        }
        // One that ends early breaks off: nobody takes half a file for a whole one.
        let chunk = going.file.next().await.ok_or(io::ErrorKind::UnexpectedEof)??;
        going.left = going.left.saturating_sub(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if going.left == 0 {
            // The last byte is read: what was new is taken.
            pack::mark(&going.app, &going.asker, &going.reaches).await.map_err(io::Error::other)?;
        }
        Ok(Some((chunk, going)))
    });
    Ok(Redeemed {
        content_type: content_type(&row.file_name),
        name: row.file_name,
        length: Some(length),
        body: body.boxed(),
    })
}
