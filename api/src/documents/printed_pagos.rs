//! The printed form of a complemento de pago.
use cfdi::comprobante::Comprobante;
use cfdi::comprobante::{DoctoRelacionado, Pago, Pagos};
use fiscal::{Amount, Currency, Exportacion, FormaPago, TipoRelacion};

use super::model::DocumentState;
use super::printed::{amount, comun, date_time, named, plain};
use crate::issuers::Issuer;

/// Its input; the amounts are those of the XML.
pub(super) fn complemento(
    comprobante: &Comprobante,
    pagos: &Pagos,
    timbre: pdf::Timbre,
    issuer: &Issuer,
    (state, rehearsal): (DocumentState, bool),
) -> pdf::ComplementoDePago {
    let total = pagos.totales.monto_total_pagos;
    let letra = Amount::from_decimal(total, Currency::Mxn).ok().and_then(cfdi::en_letras);
    pdf::ComplementoDePago {
        comun: comun(comprobante, issuer, state, rehearsal),
        comprobante: pdf::ComprobanteDePago {
            folio: comprobante.serie_folio(),
            fecha: date_time(&comprobante.fecha),
            lugar: comprobante.lugar_expedicion.clone(),
            exportacion: named(&comprobante.exportacion, |code| Exportacion::parse(code).ok().map(Exportacion::name)),
        },
        relacionados: comprobante
            .cfdi_relacionados
            .iter()
            .map(|node| pdf::Relacionados {
                tipo: named(&node.tipo_relacion, |code| TipoRelacion::parse(code).ok().map(TipoRelacion::name)),
                uuids: node.uuids.clone(),
            })
            .collect(),
        pagos: pagos.pagos.iter().map(pago).collect(),
        totales: pdf::TotalesDePago {
            filas: pagos.totales.others.iter().map(|(name, sum)| (sum_name(name), amount(*sum))).collect(),
            total: amount(total),
            letra: letra.unwrap_or_default(),
        },
        timbre,
    }
}

fn pago(pago: &Pago) -> pdf::PagoRecibido {
    let operation = pago.num_operacion.iter().map(|number| ("Núm. de operación".to_owned(), number.clone()));
    pdf::PagoRecibido {
        monto: amount(pago.monto),
        moneda: pago.moneda_p.clone(),
        fecha: date_time(&pago.fecha_pago),
        forma: named(&pago.forma_de_pago_p, |code| FormaPago::parse(code).ok().map(FormaPago::name)),
        tipo_cambio: pago.tipo_cambio_p.map_or_else(|| "1".to_owned(), plain),
        datos: operation.collect(),
        documentos: pago.doctos_relacionados.iter().map(documento).collect(),
        impuestos: Vec::new(),
    }
}

fn documento(paid: &DoctoRelacionado) -> pdf::DocumentoPagado {
    let folio: Vec<&str> = [paid.serie.as_deref(), paid.folio.as_deref()].into_iter().flatten().collect();
    pdf::DocumentoPagado {
        folio: folio.join("-"),
        uuid: paid.id_documento.clone(),
        moneda: paid.moneda_dr.clone(),
        equivalencia: paid.equivalencia_dr.map_or_else(|| "1".to_owned(), plain),
        parcialidad: paid.num_parcialidad.clone(),
        anterior: amount(paid.imp_saldo_ant),
        pagado: amount(paid.imp_pagado),
        insoluto: amount(paid.imp_saldo_insoluto),
        detalle: format!("Objeto imp. {}", paid.objeto_imp_dr),
    }
}

/// `TotalTrasladosBaseIVA16` as people say it; a name that is not known stands as it is.
fn sum_name(attribute: &str) -> String {
    let known = match attribute {
        "TotalRetencionesIVA" => "IVA retenido",
        "TotalRetencionesISR" => "ISR retenido",
        "TotalRetencionesIEPS" => "IEPS retenido",
        "TotalTrasladosBaseIVA16" => "Base de IVA 16\u{a0}%",
        "TotalTrasladosImpuestoIVA16" => "IVA 16\u{a0}%",
        "TotalTrasladosBaseIVA8" => "Base de IVA 8\u{a0}%",
        "TotalTrasladosImpuestoIVA8" => "IVA 8\u{a0}%",
        "TotalTrasladosBaseIVA0" => "Base de IVA 0\u{a0}%",
        "TotalTrasladosImpuestoIVA0" => "IVA 0\u{a0}%",
        "TotalTrasladosBaseIVAExento" => "Base exenta de IVA",
        other => other,
    };
    known.to_owned()
}
