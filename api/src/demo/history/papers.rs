//! The demo's statements and receipts as they are printed: papers a company would have sent us, made here instead.
use fiscal::{Amount, Currency};
use jiff::Span;
use jiff::civil::{Date, DateTime};

use super::super::people::Client;
use super::plan::{Sale, Statement, TERM_DAYS};
use crate::issuers::Issuer;

/// Why this paper is worth nothing.
const REHEARSAL: &str = "Lo emitió el ensayo.";

/// A sale and what it came to.
pub struct Charge<'a> {
    /// The sale.
    pub sale: &'a Sale,
    /// Its total.
    pub total: Amount,
}

fn shown(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}

fn pesos(minor: i64) -> String {
    Amount::new(minor, Currency::Mxn).grouped().replace('-', "\u{2212}")
}

fn comun(issuer: &Issuer, client: &Client, contract: Option<&str>, day: Date) -> pdf::Comun {
    let number = contract.map(|number| ("Núm. de cliente".to_owned(), number.to_owned()));
    pdf::Comun {
        papel: pdf::Papel::Carta,
        fecha_pdf: Some((day.year(), day.month(), day.day())),
        claves: Vec::new(),
        marca_agua: Some(pdf::MarcaDeAgua::Pruebas),
        avisos: vec![pdf::Aviso {
            titulo: "Documento de pruebas, sin validez.".into(),
            texto: Some(REHEARSAL.into()),
            mal: true,
        }],
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
        receptor: pdf::Receptor {
            nombre: client.nombre.to_owned(),
            rfc: client.rfc.to_owned(),
            extra: number.into_iter().collect(),
            ..Default::default()
        },
    }
}

/// The receipt of an invoice paid at once.
pub fn receipt(issuer: &Issuer, charge: &Charge<'_>, folio_fiscal: &str, folio: &str, at: DateTime) -> pdf::Document {
    let (sale, total) = (charge.sale, pesos(charge.total.minor()));
    let shown_at = at.strftime("%d/%m/%Y, %H:%M").to_string();
    pdf::Document::Recibo(Box::new(pdf::Recibo {
        comun: comun(issuer, sale.client, sale.contract, at.date()),
        pago: pdf::Pago {
            folio: folio.to_owned(),
            fecha: shown_at.clone(),
            monto: total.clone(),
            moneda: "MXN".into(),
            letra: cfdi::en_letras(charge.total).unwrap_or_default(),
            estado: format!("Recibido el {shown_at}"),
            datos: vec![("Forma de pago".into(), "03 Transferencia electrónica de fondos".into())],
        },
        documentos: vec![pdf::DocumentoDeRecibo {
            folio: format!("{}-{}", sale.serie, sale.folio),
            uuid: folio_fiscal.to_owned(),
            emitida: shown(sale.at.date()),
            vence: shown(sale.at.date()),
            moneda: "MXN".into(),
            antes: total.clone(),
            pagado: total.clone(),
            despues: "0.00".into(),
            cargo: None,
        }],
        totales: pdf::TotalesDeRecibo { filas: vec![("Facturas".into(), total)] },
        notas: Vec::new(),
        pie: None,
    }))
}

/// A statement of the charges of one contract, and the balance it closes with.
pub fn statement(
    issuer: &Issuer,
    statement: &Statement,
    charges: &[Charge<'_>],
) -> Result<(pdf::Document, Amount), jiff::Error> {
    let opening = owed_on(charges, statement.from.yesterday()?).map(|charge| charge.total.minor()).sum();
    let (mut balance, mut owed, mut paid, mut rows) = (opening, 0, 0, Vec::new());
    for (day, charge, is_payment) in movements(statement, charges) {
        let minor = charge.total.minor();
        let (sold, serie, folio) = (charge.sale.at.date(), charge.sale.serie, charge.sale.folio);
        rows.push(if is_payment {
            balance -= minor;
            paid += minor;
            pdf::Movimiento {
                fecha: shown(day),
                documento: format!("Pago de {serie}-{folio}"),
                concepto: "Transferencia".into(),
                abono: pesos(minor),
                saldo: pesos(balance),
                ..Default::default()
            }
        } else {
            balance += minor;
            owed += minor;
            pdf::Movimiento {
                fecha: shown(day),
                documento: format!("Factura {serie}-{folio}"),
                concepto: if charge.sale.on_credit { "Venta a crédito" } else { "Venta de contado" }.into(),
                vence: if charge.sale.on_credit { shown(due(sold)?) } else { String::new() },
                cargo: pesos(minor),
                abono: String::new(),
                saldo: pesos(balance),
            }
        });
    }
    let moneda = pdf::Moneda {
        codigo: "MXN".into(),
        nombre: "Pesos mexicanos (MXN)".into(),
        inicial: pesos(opening),
        cargos: pesos(owed),
        abonos: pesos(paid),
        saldo: pesos(balance),
        resumen: [
            ("Saldo anterior".into(), pesos(opening)),
            ("Cargos del periodo".into(), pesos(owed)),
            ("Abonos del periodo".into(), pesos(paid)),
        ],
        antiguedad: ages(statement, charges, balance)?,
        movimientos: rows,
    };
    let mut notas = vec!["Lo vencido se cuenta desde el día siguiente al del vencimiento.".to_owned()];
    if let Some(day) = statement.replaces {
        notas.push(format!("Sustituye al estado de cuenta {}.", Statement::number(day)));
    }
    let paper = pdf::EstadoDeCuenta {
        comun: comun(issuer, statement.client, Some(statement.contract), statement.issued_on),
        periodo: format!("Del {} al {}", shown(statement.from), shown(statement.to)),
        desde: shown(statement.from),
        corte: shown(statement.to),
        monedas: vec![moneda],
        notas,
        pie: None,
    };
    Ok((pdf::Document::EstadoDeCuenta(Box::new(paper)), Amount::new(balance, Currency::Mxn)))
}

/// What was sold by the end of a day and not paid by then.
fn owed_on<'a>(charges: &'a [Charge<'a>], day: Date) -> impl Iterator<Item = &'a Charge<'a>> {
    let unpaid = move |sale: &Sale| sale.paid_on.is_none_or(|paid| paid > day);
    charges.iter().filter(move |charge| charge.sale.at.date() <= day && unpaid(charge.sale))
}

/// Sales and payments of the period by their days; of one day, the sale before its payment.
fn movements<'a>(statement: &Statement, charges: &'a [Charge<'a>]) -> Vec<(Date, &'a Charge<'a>, bool)> {
    let sold = charges.iter().map(|charge| (charge.sale.at.date(), charge, false));
    let paid = charges.iter().filter_map(|charge| Some((charge.sale.paid_on?, charge, true)));
    let within = |(day, ..): &(Date, &Charge<'_>, bool)| (statement.from..=statement.to).contains(day);
    let mut all: Vec<_> = sold.chain(paid).filter(within).collect();
    all.sort_by_key(|(day, charge, is_payment)| (*day, charge.sale.at, *is_payment));
    all
}

fn due(day: Date) -> Result<Date, jiff::Error> {
    day.checked_add(Span::new().days(TERM_DAYS))
}

/// The closing balance by age: not due yet, and overdue.
fn ages(statement: &Statement, charges: &[Charge<'_>], balance: i64) -> Result<Vec<pdf::Antiguedad>, jiff::Error> {
    let mut overdue = 0;
    for charge in owed_on(charges, statement.to) {
        if due(charge.sale.at.date())? < statement.to {
            overdue += charge.total.minor();
        }
    }
    let part = |rotulo: &str, minor: i64| pdf::Antiguedad {
        rotulo: rotulo.to_owned(),
        importe: pesos(minor),
        porcentaje: if balance > 0 { u8::try_from(minor * 100 / balance).unwrap_or(100) } else { 0 },
    };
    Ok(vec![part("Por vencer", balance - overdue), part("Vencido", overdue)])
}
