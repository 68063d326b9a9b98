//! The letter to the person who paid.
use fiscal::Email;
use shared::Lang;

use super::store::payments::{self as store, PaymentRow};
use super::{PaymentError, calendar};
use crate::App;
use crate::accounts::{UserId, people};
use crate::db::Tx;
use crate::issuers::Issuer;
use crate::mail::{self, Brand, Letter, Link, NewLetter};

/// Invoices that the letter names; the payment's page names all.
const NAMED_MAX: usize = 20;

/// The bank took the money: to whoever ordered the payment, in the transaction that enters it.
pub(super) async fn received(
    tx: &mut Tx,
    app: &App,
    issuer: &Issuer,
    payment: &PaymentRow,
    transaction: &str,
) -> Result<(), PaymentError> {
    let Some(user_id) = payment.user_id else { return Ok(()) };
    let Some(payer) = people::contact(tx, UserId::new(user_id)).await? else { return Ok(()) };
    let lines = store::list_allocations(tx, &[payment.id]).await?;
    let mut numbers: Vec<&str> = lines.iter().take(NAMED_MAX).map(|line| line.number.as_str()).collect();
    if lines.len() > NAMED_MAX {
        numbers.push("…");
    }
    let letter = letter(app, issuer, payment, (transaction, &numbers.join(", ")), payer.language)?;
    enqueue(tx, app, issuer, &payer.email, letter).await
}

fn letter(
    app: &App,
    issuer: &Issuer,
    payment: &PaymentRow,
    (transaction, invoices): (&str, &str),
    lang: Lang,
) -> Result<Letter, PaymentError> {
    let spanish = lang == Lang::Es;
    let pick = |es: &str, en: &str| if spanish { es.to_owned() } else { en.to_owned() };
    let (bank, amount) = (payment.bank()?, payment.amount()?);
    let total = format!("${} {}", amount.grouped(), amount.currency().code());
    let at = app.now().jiff().to_zoned(calendar()).strftime("%d/%m/%Y %H:%M").to_string();
    let home = if issuer.is_default { String::new() } else { format!("/e/{}", issuer.slug) };
    Ok(Letter {
        brand: Brand {
            commercial_name: issuer.commercial_name.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang,
        rehearsal: app.rehearsal,
        subject: if spanish {
            format!("{}: recibimos su pago {}", issuer.commercial_name, payment.number)
        } else {
            format!("{}: we received your payment {}", issuer.commercial_name, payment.number)
        },
        heading: pick("Recibimos su pago", "We received your payment"),
        paragraphs: vec![pick(
            "Su banco lo autorizó. El complemento de pago se emite aparte, cuando el pago se aplica.",
            "Your bank authorised it. The complemento de pago is issued separately, once the payment is applied.",
        )],
        facts: vec![
            (pick("Referencia de pago", "Payment reference"), payment.number.to_string()),
            (pick("Referencia bancaria", "Bank reference"), format!("{} {transaction}", bank.reference_prefix())),
            (pick("Fecha de pago", "Payment date"), at),
            (pick("Monto", "Amount"), total),
            (pick("Facturas", "Invoices"), invoices.to_owned()),
        ],
        button: Some((
            pick("Ver el pago", "See the payment"),
            Link::under(&app.public_url, &format!("{home}/pagos/{}", payment.id)),
        )),
        footer: pick(
            "Recibe este correo porque ordenó este pago en el portal.",
            "You get this letter because you ordered this payment in the portal.",
        ),
    })
}

async fn enqueue(tx: &mut Tx, app: &App, issuer: &Issuer, to: &Email, letter: Letter) -> Result<(), PaymentError> {
    let letter = NewLetter {
        issuer_id: issuer.id.uuid(),
        stamp_id: None,
        kind: "payment_received",
        from_name: &issuer.commercial_name,
        from_address: &app.config.mail.from_address,
        reply_to: &issuer.support_email,
        to,
        body: letter.render()?,
        attachments: Vec::new(),
    };
    mail::enqueue(tx, &app.ids, app.now(), letter).await?;
    Ok(())
}
