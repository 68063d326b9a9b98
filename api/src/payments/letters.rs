//! The letters about a payment: the money came, or was taken back.
use fiscal::{Amount, Email};
use shared::Lang;

use super::PaymentError;
use super::store::payments::{self as store, PaymentRow, Which};
use super::store::{ledger, unreadable};
use crate::App;
use crate::accounts::{CustomerId, UserId, members, people};
use crate::db::Tx;
use crate::issuers::Issuer;
use crate::mail::{self, Brand, Letter, Link, NewLetter};

/// Invoices that the letter names; the payment's page names all.
const NAMED_MAX: usize = 20;

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// The bank took the money.
    Received,
    /// A transfer came that nobody ordered here.
    Deposited,
    /// The money was taken back.
    Reversed,
}

impl About {
    const fn kind(self) -> &'static str {
        match self {
            About::Received => "payment_received",
            About::Deposited => "payment_deposited",
            About::Reversed => "payment_reversed",
        }
    }
}

/// The words of a letter that differ by what it is about.
struct Words {
    /// `{0}` is the issuer, `{1}` the payment's number.
    subject: &'static str,
    heading: &'static str,
    paragraph: &'static str,
    footer: &'static str,
}

const fn words(about: About, lang: Lang) -> Words {
    match (about, lang) {
        (About::Received, Lang::Es) => Words {
            subject: "{0}: recibimos su pago {1}",
            heading: "Recibimos su pago",
            paragraph: "Su banco lo autorizó. El complemento de pago se emite aparte, cuando el pago se aplica.",
            footer: "Recibe este correo porque ordenó este pago en el portal.",
        },
        (About::Received, Lang::En) => Words {
            subject: "{0}: we received your payment {1}",
            heading: "We received your payment",
            paragraph: "Your bank authorised it. The complemento de pago is issued separately, once the payment is \
                        applied.",
            footer: "You get this letter because you ordered this payment in the portal.",
        },
        (About::Deposited, Lang::Es) => Words {
            subject: "{0}: recibimos su transferencia, pago {1}",
            heading: "Recibimos su transferencia",
            paragraph: "La página del pago dice a qué facturas se aplicó. Lo que no se aplique queda como saldo a favor.",
            footer: "Recibe este correo porque administra la cuenta que se pagó.",
        },
        (About::Deposited, Lang::En) => Words {
            subject: "{0}: we received your transfer, payment {1}",
            heading: "We received your transfer",
            paragraph: "The payment's page says which invoices it went to. What is not applied stays as a credit.",
            footer: "You get this letter because you administer the account that was paid.",
        },
        (About::Reversed, Lang::Es) => Words {
            subject: "{0}: su pago {1} se revirtió",
            heading: "Su pago se revirtió",
            paragraph: "El dinero de este pago fue devuelto, así que sus facturas vuelven a estar pendientes. Si no lo \
                        esperaba, responda este correo antes de pagar de nuevo.",
            footer: "Recibe este correo porque el pago es de su cuenta.",
        },
        (About::Reversed, Lang::En) => Words {
            subject: "{0}: your payment {1} was taken back",
            heading: "Your payment was taken back",
            paragraph: "The money of this payment was returned, so its invoices are pending again. If you did not \
                        expect this, answer this letter before paying again.",
            footer: "You get this letter because the payment is your account's.",
        },
    }
}

/// The bank took the money: to whoever ordered the payment, in the transaction that enters it.
pub(super) async fn received(
    tx: &mut Tx,
    app: &App,
    issuer: &Issuer,
    payment: &PaymentRow,
    transaction: &str,
) -> Result<(), PaymentError> {
    send(tx, app, issuer, payment, (About::Received, transaction)).await
}

/// A transfer came that nobody ordered: to who owns the account, in the transaction that enters it.
pub(super) async fn deposited(
    tx: &mut Tx,
    app: &App,
    issuer: &Issuer,
    payment: &PaymentRow,
    transaction: &str,
) -> Result<(), PaymentError> {
    send(tx, app, issuer, payment, (About::Deposited, transaction)).await
}

/// The money was taken back: to whoever ordered the payment, else to who owns the account.
pub(super) async fn reversed(
    tx: &mut Tx,
    app: &App,
    issuer: &Issuer,
    payment: &PaymentRow,
) -> Result<(), PaymentError> {
    let transaction = payment.bank_transaction.clone().unwrap_or_default();
    send(tx, app, issuer, payment, (About::Reversed, &transaction)).await
}

async fn send(
    tx: &mut Tx,
    app: &App,
    issuer: &Issuer,
    payment: &PaymentRow,
    (about, transaction): (About, &str),
) -> Result<(), PaymentError> {
    // As it is now: the caller read it before the money was entered.
    let payment = &store::find(tx, Which::Attempt(payment.attempt_id)).await?.ok_or_else(|| unreadable("attempt"))?;
    let came = ledger::received(tx, payment).await?;
    let people = match payment.user_id {
        Some(user_id) => people::contact(tx, UserId::new(user_id)).await?.into_iter().collect(),
        None => people::owners_of(tx, CustomerId::new(payment.customer_id), payment.scope()).await?,
    };
    if people.is_empty() {
        return Ok(());
    }
    let lines = store::list_allocations(tx, &[payment.id]).await?;
    let mut numbers: Vec<&str> = lines.iter().take(NAMED_MAX).map(|line| line.number.as_str()).collect();
    if lines.len() > NAMED_MAX {
        numbers.push("…");
    }
    let invoices = numbers.join(", ");
    let language = people.first().map_or(issuer.language, |person| person.language);
    for person in &people {
        let letter = letter(app, issuer, (payment, came), (about, transaction, &invoices), person.language)?;
        enqueue(tx, app, issuer, (&person.email, about), letter).await?;
    }
    for copy in members::copies_of(tx, CustomerId::new(payment.customer_id), payment.scope()).await? {
        if people.iter().any(|person| person.email == copy) {
            continue;
        }
        let mut letter = letter(app, issuer, (payment, came), (about, transaction, &invoices), language)?;
        members::as_copy(language).clone_into(&mut letter.footer);
        enqueue(tx, app, issuer, (&copy, about), letter).await?;
    }
    Ok(())
}

fn letter(
    app: &App,
    issuer: &Issuer,
    (payment, amount): (&PaymentRow, Amount),
    (about, transaction, invoices): (About, &str, &str),
    lang: Lang,
) -> Result<Letter, PaymentError> {
    let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
    let said = words(about, lang);
    let bank = payment.bank()?;
    let total = format!("${} {}", amount.grouped(), amount.currency().code());
    let at = if about == About::Reversed { app.now() } else { payment.shown_at };
    let at = at.jiff().to_zoned(issuer.time_zone.clone()).strftime("%d/%m/%Y %H:%M").to_string();
    let home = if issuer.is_default { String::new() } else { format!("/e/{}", issuer.slug) };
    let when = match about {
        About::Received | About::Deposited => pick("Fecha de pago", "Payment date"),
        About::Reversed => pick("Fecha en que se revirtió", "Taken back on"),
    };
    let mut facts = vec![
        (pick("Referencia de pago", "Payment reference"), payment.number.to_string()),
        (pick("Referencia bancaria", "Bank reference"), format!("{} {transaction}", bank.reference_prefix())),
        (when, at),
        (pick("Monto", "Amount"), total),
    ];
    if !invoices.is_empty() {
        facts.push((pick("Facturas", "Invoices"), invoices.to_owned()));
    }
    Ok(Letter {
        brand: Brand {
            commercial_name: issuer.commercial_name.clone(),
            color: issuer.brand_color.as_str().to_owned(),
            support_email: issuer.support_email.as_str().to_owned(),
        },
        lang,
        rehearsal: app.rehearsal,
        subject: said.subject.replace("{0}", &issuer.commercial_name).replace("{1}", &payment.number.to_string()),
        heading: said.heading.to_owned(),
        paragraphs: vec![said.paragraph.to_owned()],
        facts,
        button: Some((
            pick("Ver el pago", "See the payment"),
            Link::under(&app.public_url, &format!("{home}/pagos/{}", payment.id)),
        )),
        footer: said.footer.to_owned(),
    })
}

async fn enqueue(
    tx: &mut Tx,
    app: &App,
    issuer: &Issuer,
    (to, about): (&Email, About),
    letter: Letter,
) -> Result<(), PaymentError> {
    let letter = NewLetter {
        issuer_id: issuer.id.uuid(),
        stamp_id: None,
        kind: about.kind(),
        of_access: false,
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
