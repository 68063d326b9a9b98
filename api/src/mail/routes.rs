//! The rehearsal's mailbox over HTTP. It exists only where letters really go there: a rehearsal without a mail server.
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use shared::ProblemCode;
use shared::mail::{MailboxLetter, MailboxMessage};
use shared::page::{Page, PageQuery};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{mailbox, store};
use crate::App;
use crate::db::Timestamp;
use crate::http::{ApiError, ApiResult, Json, paging};

/// Mounted under /api/v1.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_mailbox).service(read_mailbox_message).service(download_mailbox_attachment);
}

/// The last row of a page.
#[derive(Debug, Serialize, Deserialize)]
struct MailboxCursor {
    received_at: Timestamp,
    id: Uuid,
}

/// Lists the letters of the rehearsal mailbox, newest first.
#[utoipa::path(
    tag = "rehearsal",
    params(
        ("limit" = Option<u32>, Query, description = "Rows wanted, 1 to 100"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<MailboxLetter>)),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found", "invalid_fields"]))),
)]
#[get("/mailbox")]
async fn list_mailbox(app: web::Data<App>, query: web::Query<PageQuery>) -> ApiResult<Json<Page<MailboxLetter>>> {
    only_with_mailbox(&app)?;
    let page = paging::page::<MailboxCursor>(&query)?;
    let after = page.after.map(|cursor| (cursor.received_at, cursor.id));
    let rows = store::list_messages(&mut app.db.read().await?, after, i64::from(page.limit) + 1).await?;
    let cursor = |row: &store::MessageRow| MailboxCursor { received_at: row.received_at, id: row.id };
    Ok(Json(paging::to_page(rows, page.limit, cursor, mailbox::letter)?))
}

/// Opens a letter of the rehearsal mailbox.
#[utoipa::path(
    tag = "rehearsal",
    params(("id" = Uuid, Path, description = "The letter")),
    responses((status = 200, body = MailboxMessage)),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/mailbox/{id}")]
async fn read_mailbox_message(app: web::Data<App>, id: web::Path<Uuid>) -> ApiResult<Json<MailboxMessage>> {
    only_with_mailbox(&app)?;
    let message = mailbox::message(&mut app.db.read().await?, id.into_inner()).await?;
    message.map(Json).ok_or_else(not_found)
}

/// Downloads a file of a letter of the rehearsal mailbox.
#[utoipa::path(
    tag = "rehearsal",
    params(
        ("id" = Uuid, Path, description = "The letter"),
        ("index" = usize, Path, description = "Place of the file in the letter, from 0"),
    ),
    responses(
        (status = 200, content(
            (Vec<u8> = "application/pdf"),
            (Vec<u8> = "application/xml"),
        )),
    ),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/mailbox/{id}/attachments/{index}")]
async fn download_mailbox_attachment(app: web::Data<App>, path: web::Path<(Uuid, usize)>) -> ApiResult<HttpResponse> {
    only_with_mailbox(&app)?;
    let (id, index) = path.into_inner();
    let file = mailbox::attachment(&mut app.db.read().await?, id, index).await?.ok_or_else(not_found)?;
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(file.name)],
    };
    Ok(HttpResponse::Ok().content_type(file.content_type).insert_header(disposition).body(file.content))
}

/// Elsewhere the mailbox does not exist, and its addresses answer as any unknown one.
fn only_with_mailbox(app: &App) -> ApiResult<()> {
    if app.rehearsal && !app.config.has_smtp() { Ok(()) } else { Err(not_found()) }
}

fn not_found() -> ApiError {
    ApiError::new(ProblemCode::NotFound)
}
