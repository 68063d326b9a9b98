//! What the bank gives its merchant of a day: the file of Multipagos with what it charged, the same as a table with what it
//! refused, and the account's movements, in which transfers are found. Written as the bank writes them.
use fiscal::{Amount, Currency};
use jiff::civil::Date;

use super::service::{Bank, Deed, Order, named, wall_clock, zone};
use super::store::{self, TransferRow};
use crate::db::Timestamp;

/// Longest concept of a transfer, in characters: SPEI's own limit.
const CONCEPT_MAX: usize = 40;
/// What the bank keeps of each charge, and the IVA of that.
const FEE: &str = "12.00";
const FEE_TAX: &str = "1.92";

/// A file of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Charges, fixed widths.
    Multipagos,
    /// Charges and refusals, a table.
    Table,
    /// The account's movements, a table.
    Account,
}

impl Kind {
    /// The last part of its address.
    pub fn parse(text: &str) -> Option<Kind> {
        match text {
            "multipagos" => Some(Kind::Multipagos),
            "csv" => Some(Kind::Table),
            "cuenta" => Some(Kind::Account),
            _ => None,
        }
    }

    /// What it is called.
    pub fn name(self, day: Date) -> String {
        match self {
            Kind::Multipagos => format!("multipagos-{day}.txt"),
            Kind::Table => format!("cargos-{day}.csv"),
            Kind::Account => format!("cuenta-{day}.csv"),
        }
    }

    /// Its media type.
    pub const fn media(self) -> &'static str {
        match self {
            Kind::Multipagos => "text/plain; charset=iso-8859-1",
            Kind::Table | Kind::Account => "text/csv; charset=utf-8",
        }
    }
}

/// The bank's own day.
pub fn today(bank: &Bank) -> Date {
    bank.clock.now().jiff().to_zoned(zone()).date()
}

fn bounds(day: Date) -> anyhow::Result<(Timestamp, Timestamp)> {
    let midnight = |day: Date| day.to_zoned(zone()).map(|at| Timestamp::new(at.timestamp()));
    Ok((midnight(day)?, midnight(day.tomorrow()?)?))
}

/// The transfers that came on a day, the first one first.
pub async fn transfers(bank: &Bank, day: Date) -> anyhow::Result<Vec<TransferRow>> {
    Ok(store::list_transfers(&mut bank.db.read().await?, bounds(day)?).await?)
}

/// A transfer comes. `None`: it is of no amount, or its concept is none.
pub async fn transfer(bank: &Bank, amount: &str, concept: &str) -> anyhow::Result<Option<TransferRow>> {
    let amount = Amount::parse_typed(amount, Currency::Mxn).ok().filter(|amount| amount.is_positive());
    let concept = concept.trim();
    let is_concept = (1..=CONCEPT_MAX).contains(&concept.chars().count()) && !concept.contains(char::is_control);
    let Some(amount) = amount.filter(|_| is_concept) else { return Ok(None) };
    let row = TransferRow {
        tracking: format!("PRUEBAS{}", hex::encode_upper(&bank.ids.secret()[..8])),
        amount: amount.to_decimal_string(),
        concept: concept.to_owned(),
        came_at: bank.clock.now(),
    };
    let mut tx = bank.db.begin().await?;
    store::insert_transfer(&mut tx, &row).await?;
    tx.commit().await?;
    Ok(Some(row))
}

/// The bytes of a file.
pub async fn file(bank: &Bank, kind: Kind, day: Date) -> anyhow::Result<Vec<u8>> {
    if kind == Kind::Account {
        return Ok(movements(&transfers(bank, day).await?).into_bytes());
    }
    let orders = store::list_decided(&mut bank.db.read().await?, bounds(day)?).await?;
    let (lines, paid_out) = (lines(&orders), day.tomorrow()?.to_string());
    Ok(match kind {
        Kind::Multipagos => multipagos(&lines, &paid_out),
        Kind::Table | Kind::Account => table(&lines, &paid_out).into_bytes(),
    })
}

/// One charge or refusal: an order that was charged twice has two.
struct Line<'a> {
    order: &'a Order,
    deed: Deed,
    authorization: &'a str,
    at: String,
}

/// What was paid or refused: what is in process, or was left at the page, is in no file yet.
fn lines(orders: &[Order]) -> Vec<Line<'_>> {
    let line = |order: &Order| -> Option<(Deed, String)> {
        let deed = order.decision.as_deref().and_then(Deed::parse)?;
        let is_told = deed.charges() || deed == Deed::Decline;
        order.decided_at.filter(|_| is_told).map(|at| (deed, wall_clock(at)))
    };
    let mut all = Vec::new();
    for order in orders {
        let Some((deed, at)) = line(order) else { continue };
        for authorization in [order.authorization.as_deref(), order.again.as_deref()].into_iter().flatten() {
            all.push(Line { order, deed, authorization, at: at.clone() });
        }
    }
    all
}

fn multipagos(lines: &[Line<'_>], paid_out: &str) -> Vec<u8> {
    let mut file = Vec::new();
    for line in lines.iter().filter(|line| line.deed.charges()) {
        let (order, pesos) = (named(line.order), format!("{:0>22}", line.order.amount));
        let method = if line.deed == Deed::ApproveOther { "CIE_INTER" } else { "TDX" };
        for (text, width) in [
            (line.at.as_str(), 27),
            ("COMERCIO DE PRUEBAS", 50),
            ("0", 10),
            ("1", 10),
            (method, 10),
            (line.order.merchant_reference.as_str(), 40),
            (order.as_str(), 40),
            (line.authorization, 10),
            ("", 20),
            ("", 20),
            (pesos.as_str(), 22),
            (FEE, 22),
            (FEE_TAX, 22),
            (paid_out, 10),
            ("", 2),
            // Pesos.
            ("1", 1),
            ("BANCO DE PRUEBAS", 100),
            (line.order.payer.as_str(), 100),
            ("", 50),
            ("", 50),
        ] {
            put(&mut file, text, width);
        }
        file.extend_from_slice(b"\r\n");
    }
    file
}

/// One field in the file's single-byte letters, filled up with spaces.
fn put(file: &mut Vec<u8>, text: &str, width: usize) {
    let letters = text.chars().map(|letter| u8::try_from(letter).ok().filter(|byte| *byte >= b' ').unwrap_or(b'?'));
    file.extend(letters.chain(std::iter::repeat(b' ')).take(width));
}

fn table(lines: &[Line<'_>], paid_out: &str) -> String {
    let mut table = cells(&[
        "Fecha",
        "Orden",
        "Referencia",
        "Importe",
        "Autorización",
        "Comisión",
        "IVA",
        "Fecha de dispersión",
        "Estado",
        "Forma de pago",
    ]);
    for line in lines {
        let paid = line.deed.charges();
        let told = if paid { "Aprobado" } else { "Rechazado" };
        let forma = match line.deed {
            Deed::ApproveDebit => "28",
            Deed::ApproveOther => "03",
            _ => "04",
        };
        let of_money = |text| if paid { text } else { "" };
        table += &cells(&[
            &line.at,
            &named(line.order),
            &line.order.merchant_reference,
            &line.order.amount,
            line.authorization,
            of_money(FEE),
            of_money(FEE_TAX),
            of_money(paid_out),
            told,
            of_money(forma),
        ]);
    }
    table
}

fn movements(transfers: &[TransferRow]) -> String {
    let mut table = cells(&["Fecha", "Concepto", "Abono", "Clave de rastreo"]);
    for transfer in transfers {
        table += &cells(&[&wall_clock(transfer.came_at), &transfer.concept, &transfer.amount, &transfer.tracking]);
    }
    table
}

/// One record of a table.
fn cells(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
    format!("{}\r\n", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(deed: Deed) -> Order {
        Order {
            merchant_order: "0a1b".into(),
            merchant_reference: "000000004201".into(),
            amount: "15230.50".into(),
            payer: "MUÑOZ 株\n".into(),
            return_url: String::new(),
            session: None,
            indicator: None,
            decision: Some(deed.as_str().into()),
            authorization: Some("804512".into()),
            again: (deed == Deed::ChargeTwice).then(|| "804513".into()),
            response: None,
            decided_at: Some(Timestamp::new("2026-11-18T19:04:05Z".parse().unwrap())),
        }
    }

    #[test]
    fn a_line_of_multipagos_has_its_616_bytes_at_their_places() {
        let orders = [Deed::ChargeTwice, Deed::Decline, Deed::InProcess, Deed::Close].map(order);
        let file = multipagos(&lines(&orders), "2026-11-19");
        let lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
        assert_eq!(lines.len(), 3, "two charges, and the end");
        let line = lines[0].strip_suffix(b"\r").unwrap();
        let field = |from: usize, to: usize| std::str::from_utf8(&line[from..to]).unwrap().trim();
        assert_eq!(line.len(), 616);
        assert_eq!((field(0, 27), field(107, 147)), ("2026-11-18 13:04:05.0", "000000004201"));
        assert_eq!((field(147, 187), field(187, 197)), ("0a1b", "804512"));
        assert_eq!((field(237, 259), field(303, 313)), ("0000000000000015230.50", "2026-11-19"));
        assert_eq!((field(259, 281), field(281, 303), field(313, 316)), (FEE, FEE_TAX, "1"));
        assert_eq!(&line[416..424], b"MU\xD1OZ ??");
    }

    #[test]
    fn a_table_tells_refusals_too_and_quotes_what_it_holds() {
        let orders = [Deed::Approve, Deed::Decline, Deed::InProcess].map(order);
        let table = table(&lines(&orders), "2026-11-19");
        let told: Vec<&str> = table.lines().skip(1).map(|line| line.rsplit(',').nth(1).unwrap()).collect();
        assert_eq!(told, ["\"Aprobado\"", "\"Rechazado\""]);
        assert_eq!(cells(&["a,\"b\""]), "\"a,\"\"b\"\"\"\r\n");
    }
}
