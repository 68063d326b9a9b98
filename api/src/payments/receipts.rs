//! The recibo of a payment: a document of its customer's, printed once the money is here.
use fiscal::{Amount, Currency};
use jiff::civil::Date;
use uuid::Uuid;

use super::store::ledger::{self, MoneyRow};
use super::store::payments::{self as store, PaymentRow, Which};
use super::store::receipts::{self, ReceiptLine};
use super::store::{amount, attempts, unreadable};
use super::{PaymentError, history};
use crate::App;
use crate::accounts::{CustomerId, people};
use crate::db::{DbResult, Timestamp};
use crate::documents::model::{Content, NewDocument, RECEIPT_SERIE};
use crate::documents::{self, DocumentId, DocumentKind};
use crate::files::FileKey;
use crate::issuers::{self, Issuer};
use crate::jobs::Outcome;

/// Prints a payment's receipt and keeps it as a document, once.
pub async fn make(app: &App, attempt_id: Uuid) -> Outcome {
    match try_make(app, attempt_id).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry { reason: format!("{error:#}") },
    }
}

async fn try_make(app: &App, attempt_id: Uuid) -> anyhow::Result<()> {
    let (payment, issuer, names, lines, money) = {
        let mut conn = app.db.read().await?;
        let Some(payment) = store::find(&mut conn, Which::Attempt(attempt_id)).await? else { return Ok(()) };
        if payment.confirmed_at.is_none() || payment.receipt_document_id.is_some() {
            return Ok(());
        }
        let issuer = issuers::service::find_issuer(&mut conn, payment.scope()).await?;
        let names = people::names_of(&mut conn, CustomerId::new(payment.customer_id)).await?;
        let mut lines = Vec::new();
        for line in receipts::list_lines(&mut conn, payment.id).await? {
            let folio_fiscal = match line.document_id {
                Some(id) => documents::service::folio_fiscal(&mut conn, payment.scope(), DocumentId::new(id)).await?,
                None => None,
            };
            lines.push((line, folio_fiscal.unwrap_or_default()));
        }
        let money = ledger::list_money(&mut conn, &[payment.id]).await?.pop().unwrap_or_default();
        (payment, issuer, names, lines, money)
    };
    let issuer = issuer.ok_or_else(|| unreadable("issuer"))?;
    let (rfc, nombre) = names.ok_or_else(|| unreadable("customer"))?;
    let at = payment.shown_at;
    let total = Amount::new(money.received_minor, payment.amount()?.currency());
    let paper = paper(app, &issuer, &payment, (&rfc, &nombre), (&lines, money))?;
    let content = print(app, &payment, paper).await?;
    let document = NewDocument {
        kind: DocumentKind::Recibo,
        serie: RECEIPT_SERIE.to_owned(),
        // The payment's own reference.
        folio: payment.number.to_string(),
        folio_number: Some(payment.number),
        receptor_rfc: rfc,
        receptor_nombre: nombre,
        contract: one_contract(&lines),
        issued_at: at,
        issued_on: issuer.day_of(at).to_string(),
        time_zone: issuer.zone_name().to_owned(),
        total,
        content,
    };
    keep(app, &payment, &document).await?;
    Ok(())
}

/// Of two who printed it at once, one keeps it: the other's file is nobody's.
async fn keep(app: &App, payment: &PaymentRow, document: &NewDocument) -> DbResult<()> {
    let scope = payment.scope();
    let mut tx = app.db.begin().await?;
    attempts::lock(&mut tx, scope, payment.id).await?;
    let now = store::find(&mut tx, Which::Attempt(payment.attempt_id)).await?;
    if now.is_none_or(|payment| payment.receipt_document_id.is_some()) {
        return Ok(());
    }
    let id = documents::service::keep(&mut tx, app, scope, document).await?;
    receipts::set_receipt(&mut tx, scope, payment.id, id.uuid()).await?;
    tx.commit().await
}

fn one_contract(lines: &[(ReceiptLine, String)]) -> Option<String> {
    let (first, _) = lines.first()?;
    let contract = first.contract.as_ref()?;
    lines.iter().all(|(line, _)| line.contract.as_ref() == Some(contract)).then(|| contract.clone())
}

async fn print(app: &App, payment: &PaymentRow, paper: pdf::Document) -> anyhow::Result<Content> {
    let slot = app.pdf_slots.clone().acquire_owned().await?;
    let ident = app.ids.uuid().to_string();
    let key = FileKey::parse(&format!("documents/{}/{ident}.pdf", payment.issuer_id))?;
    let logo = issuers::logo::for_paper(&mut app.db.read().await?, payment.scope()).await?;
    let options = pdf::RenderOptions { ident, logo, ..pdf::RenderOptions::default() };
    let printed = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        pdf::render(&paper, &options)
    });
    let bytes = printed.await.map_err(crate::threads::Ended::from)??;
    let sha256 = app.files.put(&key, bytes).await?;
    Ok(Content::Pdf { key, sha256 })
}

fn day(text: &str) -> String {
    text.parse::<jiff::civil::Date>().map_or_else(|_| text.to_owned(), |day| day.strftime("%d/%m/%Y").to_string())
}

fn shown(issuer: &Issuer, at: Timestamp) -> String {
    at.jiff().to_zoned(issuer.time_zone.clone()).strftime("%d/%m/%Y, %H:%M").to_string()
}

fn paper(
    app: &App,
    issuer: &Issuer,
    payment: &PaymentRow,
    (rfc, nombre): (&str, &str),
    (lines, money): (&[(ReceiptLine, String)], MoneyRow),
) -> Result<pdf::Document, PaymentError> {
    let (ordered, at) = (payment.amount()?, payment.shown_at);
    let own = |minor: i64| Amount::new(minor, ordered.currency());
    let (total, credit, returned) = (own(money.received_minor), own(money.credit_minor), own(money.returned_minor));
    let reference = history::bank_reference(payment)?.unwrap_or_default();
    let documentos = lines
        .iter()
        .map(|(line, uuid)| paid(line, uuid, payment.applied_at.is_some()))
        .collect::<DbResult<Vec<_>>>()?;
    let mut datos = vec![("Referencia bancaria".to_owned(), reference)];
    datos.extend((total != ordered).then(|| ("Monto ordenado".to_owned(), ordered.grouped())));
    datos.extend(
        history::forma_text(payment)?.map(|forma| ("Forma de pago".into(), format!("{} {}", forma.code, forma.name))),
    );
    let paid = total.checked_sub(credit)?.checked_sub(returned)?;
    let mut filas = vec![("Facturas".to_owned(), paid.grouped())];
    if credit.is_positive() {
        filas.push(("Saldo a favor".to_owned(), credit.grouped()));
    }
    Ok(pdf::Document::Recibo(Box::new(pdf::Recibo {
        comun: comun(app, issuer, (rfc, nombre), issuer.day_of(at)),
        pago: pdf::Pago {
            folio: format!("{RECEIPT_SERIE}-{}", payment.number),
            fecha: shown(issuer, at),
            monto: total.grouped(),
            moneda: total.currency().code().to_owned(),
            letra: cfdi::en_letras(total).unwrap_or_default(),
            estado: format!("Autorizado por el banco el {}", shown(issuer, at)),
            datos,
        },
        documentos,
        totales: pdf::TotalesDeRecibo { filas },
        notas: vec!["No es un comprobante fiscal: el complemento de pago se emite aparte.".into()],
        pie: None,
    })))
}

fn paid(line: &ReceiptLine, uuid: &str, applied: bool) -> DbResult<pdf::DocumentoDeRecibo> {
    // Money that is not applied yet is for what it was ordered for; applied, it may have found nothing to pay.
    let ordered = |minor: i64| if applied { 0 } else { minor };
    let minor = line.applied_minor.unwrap_or_else(|| ordered(line.amount_minor));
    let before = line.balance_before_minor.unwrap_or(line.pending_minor);
    let after = line.balance_after_minor.unwrap_or(before.saturating_sub(minor));
    let own = |minor: i64| amount(minor, &line.currency).map(Amount::grouped);
    let charge = Amount::new(line.applied_charge_minor.unwrap_or_else(|| ordered(line.charge_minor)), Currency::Mxn);
    Ok(pdf::DocumentoDeRecibo {
        folio: line.number.clone(),
        uuid: uuid.to_owned(),
        emitida: day(&line.issued_on),
        vence: day(&line.due_on),
        moneda: line.currency.clone(),
        antes: own(before)?,
        pagado: own(minor)?,
        despues: own(after)?,
        cargo: (line.currency != "MXN").then(|| charge.grouped()),
    })
}

pub(super) fn comun(app: &App, issuer: &Issuer, (rfc, nombre): (&str, &str), date: Date) -> pdf::Comun {
    let rehearsal = pdf::Aviso {
        titulo: "Documento de pruebas, sin validez.".into(),
        texto: Some("Lo emitió el ensayo.".into()),
        mal: true,
    };
    pdf::Comun {
        papel: pdf::Papel::Carta,
        fecha_pdf: Some((date.year(), date.month(), date.day())),
        claves: Vec::new(),
        marca_agua: app.rehearsal.then_some(pdf::MarcaDeAgua::Pruebas),
        avisos: if app.rehearsal { vec![rehearsal] } else { Vec::new() },
        marca: pdf::Marca {
            color: Some(issuer.brand_color.as_str().to_owned()),
            nombre: issuer.commercial_name.clone(),
        },
        emisor: pdf::Emisor {
            nombre: issuer.nombre.as_str().to_owned(),
            rfc: issuer.rfc.as_str().to_owned(),
            regimen: None,
            lineas: issuer.address_lines.clone(),
        },
        receptor: pdf::Receptor { nombre: nombre.to_owned(), rfc: rfc.to_owned(), ..Default::default() },
    }
}
