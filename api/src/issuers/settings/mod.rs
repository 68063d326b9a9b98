//! What operators may do to an issuer: found it, change how it shows itself, open branches, hand over certificates.
//!
//! Every act is audited in its own transaction. A CSD's password and its opened key live only while it is sealed under
//! the master key.
pub(super) mod routes;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cfdi::{Csd, CsdError};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use shared::accounts::Secret;
use shared::issuer_settings::{
    BranchSettings, CertificateView, ChangeIssuer, IssuerSettings, NewIssuer, ParsedSettings, SaveBranch, UploadCsd,
};
use shared::payments::RateSource;
use shared::{FieldCode, FieldErrors};
use zeroize::Zeroizing;

use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::counters::{self, Counter, Full};
use crate::db::{DbError, DbResult, Timestamp, Tx};
use crate::issuers::custody::{self, CustodyError};
use crate::issuers::logo::{self, LogoError};
use crate::issuers::model::{Branch, BranchId, BrandColor, CsdId, Issuer, IssuerId, Scope};
use crate::issuers::store;
use crate::threads::Ended;

/// Certificates that are listed.
const CSDS_LISTED: i64 = 100;

/// Why settings are not taken.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Some fields are wrong.
    #[error("settings that cannot be")]
    Form(FieldErrors),
    /// The issuer has none such.
    #[error("no such thing at this issuer")]
    NotFound,
    /// Too many passwords that opened no key.
    #[error("certificates are held for {} s", .0.retry_after_seconds)]
    Held(Full),
    /// The database.
    #[error("keeping settings")]
    Store(#[from] DbError),
    /// The thread that opens keys did not come back, or the master key failed.
    #[error("handling a certificate")]
    Custody(#[source] anyhow::Error),
}

fn wrong(pointer: &str, code: FieldCode) -> SettingsError {
    let mut errors = FieldErrors::default();
    errors.add(pointer, code);
    SettingsError::Form(errors)
}

/// Who acts, and in which request: for the audit log.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Who.
    pub actor: Actor,
    /// Number of the request.
    pub request_id: &'a str,
}

impl By<'_> {
    pub(in crate::issuers) async fn note(
        self,
        tx: &mut Tx,
        issuer: IssuerId,
        (act, object_kind, object_id): (&'static str, &'static str, String),
        (before, after): (Option<Value>, Value),
        now: Timestamp,
    ) -> DbResult<()> {
        let entry = Entry {
            actor: self.actor,
            on_behalf_of: None,
            issuer_id: Some(issuer.uuid()),
            act,
            object_kind,
            object_id: &object_id,
            before,
            after: Some(after),
            request_id: Some(self.request_id),
        };
        audit::record(tx, now, entry).await
    }
}

/// Founds an issuer; the first of the installation stands at `/`.
pub async fn found(app: &App, form: &NewIssuer, by: By<'_>) -> Result<Issuer, SettingsError> {
    let parsed = form.parse().map_err(SettingsError::Form)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let first = store::find_default_issuer(&mut tx).await?.is_none();
    let mut issuer = Issuer {
        id: IssuerId::new(app.ids.uuid()),
        slug: parsed.slug,
        rfc: parsed.rfc,
        nombre: parsed.nombre,
        commercial_name: String::new(),
        regimen: parsed.settings.regimen,
        support_email: parsed.settings.support_email.clone(),
        brand_color: color(&parsed.settings)?,
        brand_version: 1,
        address_lines: Vec::new(),
        language: form.settings.language,
        is_default: first,
        daily_stamp_ceiling: form.settings.daily_stamp_ceiling,
        time_zone: zone("/settings/time_zone", &form.settings)?,
        footer: String::new(),
        rate_policy: None,
    };
    put(&mut issuer, &form.settings, parsed.settings)?;
    if store::find_issuer_by_slug(&mut tx, &issuer.slug).await?.is_some() {
        return Err(wrong("/slug", FieldCode::Taken));
    }
    match store::insert_issuer(&mut tx, &issuer, now).await {
        Err(DbError::Duplicate(_)) => return Err(wrong("/rfc", FieldCode::Taken)),
        other => other?,
    }
    let after = json!({ "slug": issuer.slug, "rfc": issuer.rfc.as_str() });
    by.note(&mut tx, issuer.id, ("issuer.founded", "issuer", issuer.id.to_string()), (None, after), now).await?;
    tx.commit().await?;
    Ok(issuer)
}

fn color(parsed: &ParsedSettings) -> Result<BrandColor, SettingsError> {
    BrandColor::parse(&parsed.brand_color).map_err(|_not_a_color| wrong("/brand_color", FieldCode::Color))
}

fn zone(pointer: &'static str, form: &ChangeIssuer) -> Result<TimeZone, SettingsError> {
    TimeZone::get(form.time_zone.trim()).map_err(|_unknown| wrong(pointer, FieldCode::TimeZone))
}

fn put(issuer: &mut Issuer, form: &ChangeIssuer, parsed: ParsedSettings) -> Result<(), SettingsError> {
    issuer.brand_color = color(&parsed)?;
    issuer.regimen = parsed.regimen;
    issuer.commercial_name = parsed.commercial_name;
    issuer.support_email = parsed.support_email;
    issuer.address_lines = parsed.address_lines;
    issuer.language = form.language;
    issuer.daily_stamp_ceiling = form.daily_stamp_ceiling;
    issuer.footer = parsed.footer;
    issuer.rate_policy = form.rate_policy;
    Ok(())
}

/// What of an issuer may change, for the audit log.
fn shown(issuer: &Issuer) -> Value {
    json!({
        "commercial_name": issuer.commercial_name, "regimen": issuer.regimen.code(),
        "support_email": issuer.support_email.as_str(), "brand_color": issuer.brand_color.as_str(),
        "address_lines": issuer.address_lines, "language": issuer.language.as_str(),
        "daily_stamp_ceiling": issuer.daily_stamp_ceiling, "time_zone": issuer.zone_name(),
        "footer": issuer.footer, "rate_policy": issuer.rate_policy.map(RateSource::as_str),
    })
}

/// Changes how an issuer shows itself.
pub async fn change(app: &App, issuer: &Issuer, form: &ChangeIssuer, by: By<'_>) -> Result<(), SettingsError> {
    let parsed = form.parse(&issuer.rfc).map_err(SettingsError::Form)?;
    let mut changed = issuer.clone();
    put(&mut changed, form, parsed)?;
    changed.time_zone = zone("/time_zone", form)?;
    let (scope, now) = (Scope::of(issuer.id), app.now());
    let mut tx = app.db.begin().await?;
    store::update_issuer(&mut tx, scope, &changed).await?;
    let (before, after) = (Some(shown(issuer)), shown(&changed));
    by.note(&mut tx, issuer.id, ("issuer.changed", "issuer", issuer.id.to_string()), (before, after), now).await?;
    Ok(tx.commit().await?)
}

/// Puts a logo in the place of the one before.
pub async fn set_logo(app: &App, issuer: &Issuer, image: Vec<u8>, by: By<'_>) -> Result<(), SettingsError> {
    let mut tx = app.db.begin().await?;
    logo::set(&mut tx, Scope::of(issuer.id), image, by.actor, app.now()).await.map_err(|error| match error {
        LogoError::NotPrintable(_) => wrong("/image", FieldCode::Logo),
        LogoError::Store(source) => source.into(),
    })?;
    Ok(tx.commit().await?)
}

/// The settings as they are.
pub async fn view(app: &App, issuer: Issuer) -> DbResult<IssuerSettings> {
    let scope = Scope::of(issuer.id);
    let mut conn = app.db.read().await?;
    let certificates = store::list_csds(&mut conn, scope, CSDS_LISTED).await?;
    Ok(IssuerSettings {
        logo: logo::address(&mut conn, scope, &issuer).await?,
        time_zone: issuer.zone_name().to_owned(),
        slug: issuer.slug,
        rfc: issuer.rfc.to_string(),
        nombre: issuer.nombre.to_string(),
        regimen: issuer.regimen.code().to_owned(),
        commercial_name: issuer.commercial_name,
        support_email: issuer.support_email.to_string(),
        brand_color: issuer.brand_color.as_str().to_owned(),
        address_lines: issuer.address_lines,
        language: issuer.language,
        is_default: issuer.is_default,
        daily_stamp_ceiling: issuer.daily_stamp_ceiling,
        footer: issuer.footer,
        rate_policy: issuer.rate_policy,
        certificates: certificates.into_iter().map(certificate_view).collect(),
    })
}

fn certificate_view(csd: store::KnownCsd) -> CertificateView {
    CertificateView {
        id: csd.id,
        certificate_number: csd.certificate_number,
        valid_from: csd.valid_from.to_string(),
        valid_until: csd.valid_until.to_string(),
        revoked_at: csd.revoked_at.map(|at| at.to_string()),
    }
}

/// Branches, taken out of the guests' list or not.
pub async fn branches(
    app: &App,
    scope: Scope,
    after: Option<BranchId>,
    limit: i64,
) -> DbResult<Vec<(BranchId, BranchSettings)>> {
    let rows = store::list_all_branches(&mut app.db.read().await?, scope, after, limit).await?;
    Ok(rows.into_iter().map(|(branch, active)| (branch.id, branch_settings(branch, active))).collect())
}

fn branch_settings(branch: Branch, active: bool) -> BranchSettings {
    let settings = SaveBranch {
        time_zone: branch.zone_name().to_owned(),
        postal_code: branch.postal_code.to_string(),
        name: branch.name,
        city: branch.city,
        serie: branch.serie,
        invoicing_grace_days: branch.invoicing_grace_days,
        ticket: branch.ticket_picture,
        active,
    };
    BranchSettings { id: branch.id.uuid(), settings }
}

fn branch(id: BranchId, form: &SaveBranch) -> Result<Branch, SettingsError> {
    let (parsed, zone) = (form.parse(), TimeZone::get(form.time_zone.trim()));
    match (parsed, zone) {
        (Ok(postal_code), Ok(time_zone)) => Ok(Branch {
            id,
            name: form.name.trim().to_owned(),
            postal_code,
            city: form.city.trim().to_owned(),
            time_zone,
            serie: form.serie.clone(),
            invoicing_grace_days: form.invoicing_grace_days,
            ticket_picture: form.ticket.clone(),
        }),
        (parsed, zone) => {
            let mut errors = parsed.err().unwrap_or_default();
            if zone.is_err() {
                errors.add("/time_zone", FieldCode::TimeZone);
            }
            Err(SettingsError::Form(errors))
        }
    }
}

/// Opens a branch, or changes one.
pub async fn save_branch(
    app: &App,
    scope: Scope,
    known: Option<BranchId>,
    form: &SaveBranch,
    by: By<'_>,
) -> Result<BranchId, SettingsError> {
    let branch = branch(known.unwrap_or_else(|| BranchId::new(app.ids.uuid())), form)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if known.is_none() {
        named(store::insert_branch(&mut tx, scope, &branch, now).await)?;
    }
    // A new one may be closed to guests from the start.
    if !named(store::update_branch(&mut tx, scope, &branch, form.active).await)? {
        return Err(SettingsError::NotFound);
    }
    let act = if known.is_some() { "branch.changed" } else { "branch.opened" };
    let after = json!({ "name": branch.name, "serie": branch.serie, "active": form.active });
    by.note(&mut tx, scope.issuer(), (act, "branch", branch.id.to_string()), (None, after), now).await?;
    tx.commit().await?;
    Ok(branch.id)
}

fn named<T>(done: DbResult<T>) -> Result<T, SettingsError> {
    match done {
        Err(DbError::Duplicate(_)) => Err(wrong("/name", FieldCode::Taken)),
        other => Ok(other?),
    }
}

/// Takes a certificate and its key over: checked to be a pair, a CSD, this issuer's, good now, and of this world.
pub async fn add_csd(app: &App, issuer: &Issuer, form: UploadCsd, by: By<'_>) -> Result<CsdId, SettingsError> {
    let decoded = |text: &str| STANDARD.decode(text.trim());
    let Ok(certificate) = decoded(&form.certificate) else {
        return Err(wrong("/certificate", FieldCode::CertificateFile));
    };
    let Ok(key) = decoded(form.key.expose()).map(Zeroizing::new) else { return Err(wrong("/key", FieldCode::KeyFile)) };
    let door = wrong_passwords(app, issuer.id);
    let pkcs8 = open_key(app, (issuer.id, &door), (certificate.clone(), key, form.password), by).await?;
    let csd = app.vault.seal_csd(&app.ids, issuer, &certificate, &pkcs8).map_err(custody_fault)?;
    custody::check(app.rehearsal, issuer, &csd, app.now()).map_err(custody_fault)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    match store::insert_csd(&mut tx, Scope::of(issuer.id), &csd, now).await {
        Err(DbError::Duplicate(_)) => return Err(wrong("/certificate", FieldCode::Taken)),
        other => other?,
    }
    door.clear(&mut tx).await?;
    let after = json!({ "certificate_number": csd.certificate_number, "valid_until": csd.valid_until.to_string() });
    by.note(&mut tx, issuer.id, ("csd.added", "csd", csd.id.to_string()), (None, after), now).await?;
    tx.commit().await?;
    Ok(csd.id)
}

/// How many passwords opened no key of this issuer's (K4).
fn wrong_passwords(app: &App, issuer: IssuerId) -> Counter {
    let settings = &app.config.accounts;
    Counter {
        kind: "csd_password",
        subject: counters::subject(&issuer.to_string()),
        limit: settings.wrong_per_account,
        window_seconds: settings.wrong_window_minutes * 60,
    }
}

/// Opens a key with its password: counted as wrong beforehand, so that of many at once no more than so many are tried.
async fn open_key(
    app: &App,
    (issuer, door): (IssuerId, &Counter),
    (certificate, key, password): (Vec<u8>, Zeroizing<Vec<u8>>, Secret),
    by: By<'_>,
) -> Result<Zeroizing<Vec<u8>>, SettingsError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    door.try_hit(&mut tx, now).await?.map_err(SettingsError::Held)?;
    tx.commit().await?;
    // Opening a key is made slow on purpose by whoever encrypted it.
    let opened = tokio::task::spawn_blocking(move || {
        Csd::load(&certificate, &key, password.expose().as_bytes())?;
        cfdi::decrypt_key(&key, password.expose().as_bytes())
    });
    let opened = opened.await.map_err(|ended| SettingsError::Custody(Ended::from(ended).into()))?;
    let mut tx = app.db.begin().await?;
    if matches!(opened, Err(CsdError::WrongPassword)) {
        let after = json!({ "why": "password" });
        by.note(&mut tx, issuer, ("csd.refused", "issuer", issuer.to_string()), (None, after), now).await?;
    } else {
        door.take_back(&mut tx).await?;
    }
    tx.commit().await?;
    opened.map_err(|error| csd_fault(&error))
}

fn csd_fault(error: &CsdError) -> SettingsError {
    match error {
        CsdError::IsFiel => wrong("/certificate", FieldCode::Fiel),
        CsdError::NotCsd => wrong("/certificate", FieldCode::CertificateUnfit),
        CsdError::Certificate(_) => wrong("/certificate", FieldCode::CertificateFile),
        CsdError::WrongPassword => wrong("/password", FieldCode::KeyPassword),
        _ => wrong("/key", FieldCode::KeyFile),
    }
}

fn custody_fault(error: CustodyError) -> SettingsError {
    match error {
        CustodyError::Unfit { .. } => wrong("/certificate", FieldCode::CertificateUnfit),
        CustodyError::Read { source, .. } => csd_fault(&source),
        other => SettingsError::Custody(other.into()),
    }
}

/// Stops a certificate for good, from the next document on.
pub async fn revoke_csd(app: &App, scope: Scope, id: CsdId, by: By<'_>) -> Result<(), SettingsError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !store::mark_csd_revoked(&mut tx, scope, id, now).await? {
        return Err(SettingsError::NotFound);
    }
    let after = json!({ "revoked_at": now.to_string() });
    by.note(&mut tx, scope.issuer(), ("csd.revoked", "csd", id.to_string()), (None, after), now).await?;
    Ok(tx.commit().await?)
}
