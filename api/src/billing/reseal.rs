//! Sealing again what waited too long. Past 72 h the SAT refuses the date, so the seal must be made again, with the
//! same folio: nothing else of the document changes, and the ticket stays reserved all the while.
//!
//! Only the PAC's own refusal of the old bytes leads here (401): a PAC that had stamped them says so instead (307).
//! The new bytes go out under the same reference, so a PAC that did stamp the old ones under it makes no second stamp.
use sha2::{Digest, Sha256};

use super::draft::DraftError;
use super::model::{Answer, is_outdated};
use super::ready;
use super::service::{self, BillingError};
use super::store::{self, Resealed, StampRow};
use crate::App;
use crate::clock::civil_text;
use crate::db::Timestamp;
use crate::issuers::custody;
use crate::issuers::{self, Branch, BranchId};
use crate::jobs::{self, JobKind};

/// Where it was sold: its clock on the wall dates the document.
pub(super) async fn branch_of(app: &App, row: &StampRow) -> Result<Branch, BillingError> {
    let mut conn = app.db.read().await?;
    let branch = issuers::service::find_branch(&mut conn, row.scope(), BranchId::new(row.branch_id)).await?;
    branch.ok_or(BillingError::NotFound)
}

/// The answer says that the document is too old to be stamped, and by our own clock it is.
pub(super) fn is_due(answer: &Answer, row: &StampRow, branch: &Branch, now: Timestamp) -> Result<bool, DraftError> {
    let (sealed_at, _) = super::draft::issued(&row.fecha, &branch.time_zone)?;
    Ok(is_outdated(answer, sealed_at, now))
}

/// Dates and seals the document again, now. The queue then asks for the stamp of the new bytes at once.
pub(super) async fn again(app: &App, row: &StampRow, branch: &Branch) -> Result<(), BillingError> {
    let (scope, now) = (row.scope(), app.now());
    let at = ready::fecha_at(now);
    let signer = custody::signer(app, scope, at).await?;
    let fecha = civil_text(at, &branch.time_zone);
    let mut comprobante = cfdi::read(&row.sealed_xml).map_err(DraftError::Read)?.comprobante;
    comprobante.fecha.clone_from(&fecha);
    let xml = cfdi::seal(comprobante, &signer.csd).map_err(DraftError::Seal)?.xml;
    let mut tx = app.db.begin().await?;
    let resealed = Resealed {
        csd_id: signer.csd_id.uuid(),
        fecha: &fecha,
        sealed_xml: xml.as_bytes(),
        sealed_sha256: &Sha256::digest(xml.as_bytes()),
        instead_of: &Sha256::digest(&row.sealed_xml),
    };
    if !store::mark_resealed(&mut tx, row.id, &resealed, now).await? {
        // It was settled or sealed again meanwhile, by another road.
        return Ok(());
    }
    let after = serde_json::json!({
        "serie": row.serie, "folio": row.folio, "fecha": fecha, "instead_of": row.fecha, "certificate": signer.csd_id,
    });
    service::note(&mut tx, app, scope, "invoice.reseal", row.id, after, None).await?;
    jobs::reschedule_for(&mut tx, JobKind::Stamp, row.id, now).await?;
    tx.commit().await?;
    app.wake.notify_one();
    tracing::warn!(invoice.id = %row.id, "an invoice waited too long for its stamp and was dated and sealed again");
    Ok(())
}
