//! Stamping as a PAC does it: look whether it was stamped, examine, misbehave if asked, stamp, keep, answer.
use std::sync::Arc;

use anyhow::Context;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::answer::Data;
use super::authority::Authority;
use super::examine::{Examined, Refusal, examine};
use super::magic::Magic;
use super::store::{self, EarlierStamp, NewStamp};
use super::timeliness::fecha_timbrado;
use crate::clock::{Clock, Ids};
use crate::db::Db;

/// RFC that the SAT's own test environment gives to the PAC.
const RFC_PROV_CERTIF: &str = "SPR190613I52";

/// How the references begin under which a demo sends the past it invents: such a document may be older than 72 hours.
/// Its stamp is dated now, as any other: only the age of its Fecha is forgiven.
pub const HISTORY_REFERENCE: &str = "history-";

/// All the sandbox needs.
pub struct Sandbox {
    /// Its own database.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// New UUIDs.
    pub ids: Ids,
    /// What a client must show.
    pub token: SecretString,
    /// Who signs certificates and stamps.
    pub authority: Authority,
}

/// What becomes of a request.
pub enum Outcome {
    /// A new stamp.
    Stamped(Data),
    /// These bytes have their stamp already: the same one again (307).
    StampedBefore(Data),
    /// The reference was used for another document (CFDI3307).
    ReferenceTaken(Data),
    /// No stamp.
    Refused(Refusal),
    /// 503, on purpose.
    Down,
    /// Stamped, and the answer is lost on purpose.
    Lost,
}

/// Stamps these bytes, once.
pub async fn stamp(sandbox: &Sandbox, sealed: &[u8], reference: Option<&str>) -> anyhow::Result<Outcome> {
    let sealed_sha256 = Sha256::digest(sealed).to_vec();
    if let Some(outcome) = known(sandbox, &sealed_sha256, reference).await? {
        return Ok(outcome);
    }
    let history = reference.is_some_and(|reference| reference.starts_with(HISTORY_REFERENCE));
    let examined = match examine(&sandbox.authority, sealed, sandbox.clock.now(), history) {
        Ok(examined) => examined,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    let magic = Magic::of(&examined.receptor_rfc);
    match &magic {
        Some(Magic::Refuse(code)) => return Ok(Outcome::Refused(Refusal::on_purpose(code))),
        Some(Magic::Down(times)) if arrivals(sandbox, &sealed_sha256).await? <= i64::from(*times) => {
            return Ok(Outcome::Down);
        }
        Some(Magic::Slow(wait)) => tokio::time::sleep(*wait).await,
        _ => {}
    }
    let outcome = keep(sandbox, &examined, sealed, &sealed_sha256, reference).await?;
    match (outcome, magic) {
        (Outcome::Stamped(_), Some(Magic::Lost)) => Ok(Outcome::Lost),
        (outcome, _) => Ok(outcome),
    }
}

/// What an earlier request left. The reference is looked for first: a stamp made between the two questions is then
/// found by its bytes, and never taken for another document's.
async fn known(sandbox: &Sandbox, sealed_sha256: &[u8], reference: Option<&str>) -> anyhow::Result<Option<Outcome>> {
    let mut conn = sandbox.db.read().await?;
    let by_reference = match reference {
        Some(reference) => store::find_by_reference(&mut conn, reference).await?,
        None => None,
    };
    match store::find_by_content(&mut conn, sealed_sha256).await? {
        Some(earlier) => Ok(Some(Outcome::StampedBefore(data(&earlier.stamped_xml)?))),
        None => Ok(by_reference.map(taken)),
    }
}

async fn arrivals(sandbox: &Sandbox, sealed_sha256: &[u8]) -> anyhow::Result<i64> {
    let mut tx = sandbox.db.begin().await?;
    let times = store::count_arrival(&mut tx, sealed_sha256).await?;
    tx.commit().await?;
    Ok(times)
}

/// Makes the stamp and commits it; of two requests with the same bytes at once, one makes it and both tell it.
async fn keep(
    sandbox: &Sandbox,
    examined: &Examined,
    sealed: &[u8],
    sealed_sha256: &[u8],
    reference: Option<&str>,
) -> anyhow::Result<Outcome> {
    let now = sandbox.clock.now();
    let folio_fiscal = new_folio_fiscal(&sandbox.ids);
    let fecha_timbrado = fecha_timbrado(now.jiff())?;
    let timbre = sandbox.authority.stamp(&folio_fiscal, &fecha_timbrado, RFC_PROV_CERTIF, &examined.sello)?;
    let stamped_xml = timbre.insert_into(std::str::from_utf8(sealed).context("examined bytes are text")?)?;
    let mut tx = sandbox.db.begin().await?;
    if let Some(earlier) = store::find_by_content(&mut tx, sealed_sha256).await? {
        return Ok(Outcome::StampedBefore(data(&earlier.stamped_xml)?));
    }
    if let Some(reference) = reference
        && let Some(earlier) = store::find_by_reference(&mut tx, reference).await?
    {
        return Ok(taken(earlier));
    }
    let stamp = NewStamp {
        folio_fiscal: &folio_fiscal,
        sealed_sha256,
        reference,
        emisor_rfc: &examined.emisor_rfc,
        receptor_rfc: &examined.receptor_rfc,
        fecha_timbrado: &fecha_timbrado,
        stamped_xml: &stamped_xml,
    };
    store::insert(&mut tx, &stamp, now).await?;
    tx.commit().await?;
    Ok(Outcome::Stamped(data(&stamped_xml)?))
}

/// The first stamp of a reference, without its document: so a real PAC answers.
fn taken(earlier: EarlierStamp) -> Outcome {
    Outcome::ReferenceTaken(Data { uuid: earlier.folio_fiscal, ..Data::default() })
}

/// All that the answer tells, read from the stamped document itself.
fn data(stamped_xml: &str) -> anyhow::Result<Data> {
    let parsed = cfdi::read(stamped_xml.as_bytes()).context("reading a stamped document")?;
    let timbre = parsed.comprobante.timbre.context("a stamped document has its stamp")?;
    Ok(Data {
        cadena_original_sat: timbre.cadena_original(),
        no_certificado_sat: timbre.no_certificado_sat,
        no_certificado_cfdi: parsed.comprobante.no_certificado,
        uuid: timbre.uuid,
        sello_sat: timbre.sello_sat,
        sello_cfdi: timbre.sello_cfd,
        fecha_timbrado: timbre.fecha_timbrado,
        cfdi: stamped_xml.to_owned(),
    })
}

/// Random, like those of real PACs: nothing can be read from it.
fn new_folio_fiscal(ids: &Ids) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&ids.secret()[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
