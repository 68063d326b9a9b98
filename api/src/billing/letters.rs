//! "Su factura está lista", with its XML and PDF; and the letter when the SAT refused it later.
use shared::{Lang, problem_text};

use super::model::Refusal;
use super::service::BillingError;
use super::store::StampRow;
use crate::App;
use crate::accounts;
use crate::db::{DbResult, Tx};
use crate::documents::{self, DocumentId};
use crate::issuers::Issuer;
use crate::mail::{self, AttachmentFormat, AttachmentSpec, Brand, Letter, Link, NewLetter};

/// What the letter about a stamped invoice needs.
pub(super) struct Ready<'a> {
    pub issuer: &'a Issuer,
    pub row: &'a StampRow,
    pub document_id: DocumentId,
    pub folio_fiscal: &'a str,
    pub issued_on: &'a str,
}

pub(super) fn brand(issuer: &Issuer) -> Brand {
    Brand {
        commercial_name: issuer.commercial_name.clone(),
        color: issuer.brand_color.as_str().to_owned(),
        support_email: issuer.support_email.as_str().to_owned(),
    }
}

/// Your invoice is ready.
pub(super) fn ready(app: &App, ready: &Ready<'_>, lang: Lang) -> DbResult<Written> {
    let (issuer, row) = (ready.issuer, ready.row);
    let folio = format!("{}-{}", row.serie, row.folio);
    let total = row.total()?;
    let total = format!("${} {}", total.grouped(), total.currency().code());
    let spanish = lang == Lang::Es;
    let pick = |es: &str, en: &str| if spanish { es.to_owned() } else { en.to_owned() };
    let letter = Letter {
        brand: brand(issuer),
        lang,
        rehearsal: app.rehearsal,
        subject: if spanish {
            format!("{}: su factura {folio}", issuer.commercial_name)
        } else {
            format!("{}: your invoice {folio}", issuer.commercial_name)
        },
        heading: pick("Su factura está lista", "Your invoice is ready"),
        paragraphs: vec![pick(
            "Está timbrada ante el SAT. Van adjuntos su XML, que es el comprobante fiscal, y su PDF.",
            "It is stamped by the SAT. Attached are its XML, which is the tax document, and its PDF.",
        )],
        facts: vec![
            (pick("Folio", "Number"), folio),
            (pick("Folio fiscal", "Fiscal folio"), ready.folio_fiscal.to_owned()),
            (pick("RFC de quien recibe", "Receiver's RFC"), row.receptor_rfc.clone()),
            (pick("Total", "Total"), total),
        ],
        button: Some((pick("Facturar otro ticket", "Invoice another ticket"), portal(app, issuer))),
        footer: pick(
            "Recibe este correo porque se pidió esta factura con su dirección.",
            "You get this letter because this invoice was asked for with your address.",
        ),
    };
    let attachment = |format: AttachmentFormat, extension: &str| AttachmentSpec {
        document_id: ready.document_id.uuid(),
        format,
        file_name: documents::service::file_name(
            &issuer.rfc,
            &row.serie,
            &row.folio.to_string(),
            ready.issued_on,
            extension,
        ),
    };
    let attachments = vec![attachment(AttachmentFormat::Xml, "xml"), attachment(AttachmentFormat::Pdf, "pdf")];
    Ok(Written { kind: "invoice_ready", letter, attachments, is_copy: false })
}

/// The SAT did not accept it: for somebody who has closed the page meanwhile.
pub(super) fn refused(app: &App, issuer: &Issuer, row: &StampRow, refusal: &Refusal, lang: Lang) -> Written {
    let words = problem_text::problem(refusal.problem, lang);
    let spanish = lang == Lang::Es;
    let pick = |es: &str, en: &str| if spanish { es.to_owned() } else { en.to_owned() };
    // Nothing that was typed is wrong unless a field is named.
    let what = match refusal.pointer {
        Some(_) => pick("su factura necesita un dato", "your invoice needs a correction"),
        None => pick("no pudimos hacer su factura", "we could not make your invoice"),
    };
    let letter = Letter {
        brand: brand(issuer),
        lang,
        rehearsal: app.rehearsal,
        subject: format!("{}: {what}", issuer.commercial_name),
        heading: words.title.to_owned(),
        paragraphs: vec![
            words.cause.to_owned(),
            words.remedy.to_owned(),
            pick("Su ticket sigue libre: puede facturarlo de nuevo.", "Your ticket is free: you can invoice it again."),
        ],
        facts: vec![
            (pick("Número de seguimiento", "Tracking number"), row.tracking.clone()),
            (pick("Código del SAT", "SAT code"), refusal.sat_code.clone()),
        ],
        button: Some((pick("Facturar de nuevo", "Invoice again"), portal(app, issuer))),
        footer: pick(
            "Recibe este correo porque se pidió una factura con su dirección.",
            "You get this letter because an invoice was asked for with your address.",
        ),
    };
    Written { kind: "invoice_refused", letter, attachments: Vec::new(), is_copy: false }
}

pub(super) fn portal(app: &App, issuer: &Issuer) -> Link {
    Link::under(&app.public_url, &format!("/e/{}/facturar/sucursal", issuer.slug))
}

/// A letter about an invoice, written and not yet in the outbox.
pub(super) struct Written {
    kind: &'static str,
    letter: Letter,
    attachments: Vec<AttachmentSpec>,
    is_copy: bool,
}

impl Written {
    /// The same for an address that gets copies.
    pub fn for_copies(mut self, lang: Lang) -> Written {
        accounts::members::as_copy(lang).clone_into(&mut self.letter.footer);
        self.is_copy = true;
        self
    }

    /// Puts it into the outbox.
    pub async fn enqueue(
        self,
        tx: &mut Tx,
        app: &App,
        issuer: &Issuer,
        row: &StampRow,
        to: &fiscal::Email,
    ) -> Result<(), BillingError> {
        let letter = self.letter(app, issuer, row, to)?;
        mail::enqueue(tx, &app.ids, app.now(), letter).await?;
        Ok(())
    }

    /// Puts it into the outbox, unless its address got enough letters today (G6).
    pub async fn enqueue_within_the_day(
        self,
        tx: &mut Tx,
        app: &App,
        issuer: &Issuer,
        row: &StampRow,
        to: &fiscal::Email,
    ) -> Result<(), BillingError> {
        let letter = self.letter(app, issuer, row, to)?;
        let daily_max = app.config.mail.per_address_daily;
        mail::enqueue_within(tx, &app.ids, app.now(), letter, daily_max).await?.map_err(BillingError::MailLimit)?;
        Ok(())
    }

    fn letter<'a>(
        self,
        app: &'a App,
        issuer: &'a Issuer,
        row: &StampRow,
        to: &'a fiscal::Email,
    ) -> Result<NewLetter<'a>, mail::LayoutError> {
        Ok(NewLetter {
            issuer_id: row.issuer_id,
            // Anybody with a ticket may have asked for this RFC's invoice: they are not told who gets copies, nor that
            // there are any (A2).
            stamp_id: (!self.is_copy).then_some(row.id),
            kind: self.kind,
            of_access: false,
            from_name: &issuer.commercial_name,
            from_address: &app.config.mail.from_address,
            reply_to: &issuer.support_email,
            to,
            body: self.letter.render()?,
            attachments: self.attachments,
        })
    }
}
