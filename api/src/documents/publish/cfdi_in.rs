//! A CFDI that comes from elsewhere: what is asked of it before it is kept.
use cfdi::SelloError;
use fiscal::{Amount, Currency, TipoComprobante};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use shared::integrators::Proved;
use shared::{FieldCode, FieldErrors};

use super::PublishError;
use crate::db::Timestamp;
use crate::documents::DocumentKind;
use crate::documents::model::{Content, NewDocument};
use crate::issuers::{Branch, Issuer};

/// Where a wrong CFDI is pointed at.
const BODY: &str = "/body";

/// A CFDI as it will be kept, and what of it was proved.
pub(super) struct Read {
    pub document: NewDocument,
    pub seal: Proved,
    pub stamp: Proved,
}

fn refused(code: FieldCode, detail: impl Into<String>) -> PublishError {
    let mut errors = FieldErrors::default();
    errors.add_with(BODY, code, detail);
    PublishError::Fields(errors)
}

/// Reads it, of either version and with any complement.
pub(super) fn read(
    xml: Vec<u8>,
    issuer: &Issuer,
    branches: &[Branch],
    sat: Option<&cfdi::Certificate>,
    default_zone: &TimeZone,
) -> Result<Read, PublishError> {
    let comprobante = cfdi::read(&xml).map_err(|error| refused(FieldCode::Cfdi, error.to_string()))?.comprobante;
    let kind = match comprobante.tipo_de_comprobante {
        // A transfer of goods and a payroll have no kind of their own among those that customers know: they are found
        // among the facturas, and their paper says what they are.
        TipoComprobante::Ingreso | TipoComprobante::Traslado | TipoComprobante::Nomina => DocumentKind::Factura,
        TipoComprobante::Egreso => DocumentKind::NotaDeCredito,
        TipoComprobante::Pago => DocumentKind::ComplementoDePago,
    };
    if comprobante.emisor.rfc != issuer.rfc.as_str() {
        return Err(refused(FieldCode::NotTheIssuer, comprobante.emisor.rfc.clone()));
    }
    let Some(timbre) = comprobante.timbre.as_ref() else {
        return Err(refused(FieldCode::Cfdi, "falta el timbre fiscal digital"));
    };
    if timbre.sello_cfd != comprobante.sello {
        return Err(refused(FieldCode::Cfdi, "el timbre es de otro comprobante"));
    }
    let seal = match cfdi::verify_sello(&xml) {
        Ok(()) => Proved::Yes,
        // The text that was sealed cannot be formed (a complement we do not know): nothing speaks against it.
        Err(SelloError::Cadena(_)) => Proved::CannotTell,
        Err(error) => return Err(refused(FieldCode::Cfdi, error.to_string())),
    };
    let stamp = match sat.filter(|sat| sat.no_certificado() == timbre.no_certificado_sat) {
        Some(sat) if sat.verify_timbre(timbre) => Proved::Yes,
        Some(_) => return Err(refused(FieldCode::Cfdi, "el sello del SAT no corresponde al timbre")),
        None => Proved::CannotTell,
    };
    let place = branches.iter().find(|branch| branch.postal_code.as_str() == comprobante.lugar_expedicion);
    let (zone, time_zone) = match place {
        Some(branch) => (branch.time_zone.clone(), branch.zone_name().to_owned()),
        None => (default_zone.clone(), default_zone.iana_name().unwrap_or("UTC").to_owned()),
    };
    let at: DateTime =
        comprobante.fecha.parse().map_err(|_shape| refused(FieldCode::Cfdi, format!("Fecha {}", comprobante.fecha)))?;
    let folio_fiscal = timbre.uuid.to_uppercase();
    // A document without a folio of its own is known by its folio fiscal.
    let folio = comprobante.folio.clone().unwrap_or_else(|| folio_fiscal.clone());
    let total = match &comprobante.pagos {
        Some(pagos) => amount(pagos.totales.monto_total_pagos, "MXN")?,
        None => amount(comprobante.total, &comprobante.moneda)?,
    };
    let document = NewDocument {
        kind,
        serie: comprobante.serie.clone().unwrap_or_default(),
        folio_number: folio.parse().ok(),
        folio,
        receptor_rfc: comprobante.receptor.rfc.clone(),
        receptor_nombre: comprobante.receptor.nombre.clone(),
        contract: None,
        issued_at: instant(at, &zone)?,
        issued_on: at.date().to_string(),
        time_zone,
        total,
        content: Content::Cfdi { folio_fiscal, xml },
    };
    Ok(Read { document, seal, stamp })
}

fn amount(total: rust_decimal::Decimal, currency: &str) -> Result<Amount, PublishError> {
    let currency = Currency::parse(currency).map_err(|_unknown| {
        let known: Vec<&str> = Currency::ALL.iter().map(|known| known.code()).collect();
        refused(FieldCode::Cfdi, format!("Moneda {currency}: se guardan los que van en {}", known.join(", ")))
    })?;
    Amount::from_decimal(total, currency).map_err(|_wrong| refused(FieldCode::Cfdi, format!("Total {total}")))
}

/// The instant of a civil time; one that a change of the clock passed over is the moment after.
pub(super) fn instant(at: DateTime, zone: &TimeZone) -> Result<Timestamp, PublishError> {
    let zoned = at.to_zoned(zone.clone()).map_err(|error| refused(FieldCode::Instant, error.to_string()))?;
    Ok(Timestamp::new(zoned.timestamp()))
}
