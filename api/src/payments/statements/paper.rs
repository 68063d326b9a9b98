//! The paper of a statement.
use std::collections::BTreeMap;

use fiscal::{Amount, Currency};
use jiff::civil::Date;

use super::{AGES, Month, Section, own};
use crate::App;
use crate::documents::month_name;
use crate::issuers::Issuer;
use crate::payments::{PaymentError, receipts};

fn shown(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}

fn period(month: Month) -> String {
    let name = month_name(usize::from(month.first.month().unsigned_abs())).unwrap_or_default();
    format!("{name} de {}", month.first.year())
}

pub(super) fn of(
    app: &App,
    issuer: &Issuer,
    names: (&str, &str),
    month: Month,
    (sections, credit): (&BTreeMap<Currency, Section>, i64),
) -> Result<pdf::Document, PaymentError> {
    let mut notas = vec!["Lo vencido se cuenta desde el día siguiente al del vencimiento.".to_owned()];
    if credit > 0 {
        let credit = own(credit, Currency::Mxn);
        notas.push(format!("Saldo a favor que aún no se aplica a ninguna factura: ${credit} MXN."));
    }
    if sections.is_empty() {
        notas.push("Sin saldo anterior ni movimientos en el periodo.".to_owned());
    }
    let monedas = sections.iter().map(|(currency, section)| currency_part(*currency, section));
    Ok(pdf::Document::EstadoDeCuenta(Box::new(pdf::EstadoDeCuenta {
        comun: receipts::comun(app, issuer, names, month.cut),
        periodo: period(month),
        desde: shown(month.first),
        corte: shown(month.cut),
        monedas: monedas.collect::<Result<_, _>>()?,
        notas,
        pie: None,
    })))
}

fn name(currency: Currency) -> String {
    let words = match currency {
        Currency::Mxn => "Pesos mexicanos",
        Currency::Usd => "Dólares estadounidenses",
        Currency::Eur => "Euros",
        Currency::Cad => "Dólares canadienses",
        Currency::Gbp => "Libras esterlinas",
        Currency::Jpy => "Yenes",
        Currency::Xxx => "Sin moneda",
    };
    format!("{words} ({})", currency.code())
}

fn currency_part(currency: Currency, section: &Section) -> Result<pdf::Moneda, PaymentError> {
    let zero = Amount::zero(currency);
    let (mut charges, mut credits) = (zero, zero);
    let mut balance = Amount::new(section.opening, currency);
    let mut movimientos = Vec::with_capacity(section.movements.len());
    for movement in &section.movements {
        let moved = Amount::new(movement.minor, currency);
        let paid = Amount::new(movement.minor.saturating_neg(), currency);
        balance = balance.checked_add(moved)?;
        let (cargo, abono) = if movement.minor < 0 {
            credits = credits.checked_add(paid)?;
            (String::new(), paid.grouped())
        } else {
            charges = charges.checked_add(moved)?;
            (moved.grouped(), String::new())
        };
        movimientos.push(pdf::Movimiento {
            fecha: shown(movement.on),
            documento: movement.document.clone(),
            concepto: movement.concept.clone(),
            vence: movement.due_on.map(shown).unwrap_or_default(),
            cargo,
            abono,
            saldo: balance.grouped(),
        });
    }
    Ok(pdf::Moneda {
        codigo: currency.code().to_owned(),
        nombre: name(currency),
        inicial: own(section.opening, currency),
        cargos: charges.grouped(),
        abonos: credits.grouped(),
        saldo: balance.grouped(),
        resumen: [
            ("Saldo anterior".to_owned(), own(section.opening, currency)),
            ("Cargos del periodo".to_owned(), charges.grouped()),
            ("Abonos del periodo".to_owned(), credits.grouped()),
        ],
        antiguedad: ages(currency, section),
        movimientos,
    })
}

fn ages(currency: Currency, section: &Section) -> Vec<pdf::Antiguedad> {
    let owed: i64 = section.ages.iter().copied().filter(|sum| *sum > 0).sum();
    let share = |sum: i64| match owed {
        0 => 0,
        owed => u8::try_from(sum.max(0).saturating_mul(100).checked_div(owed).unwrap_or(0)).unwrap_or(100),
    };
    let label = |place: usize| match place {
        0 => "Por vencer".to_owned(),
        place if place == AGES.len() => format!("Más de {} días", AGES.last().copied().unwrap_or_default()),
        place => format!("{} a {} días", AGES.get(place - 1).map_or(0, |last| last + 1), AGES.get(place).unwrap_or(&0)),
    };
    let part = |(place, sum): (usize, &i64)| pdf::Antiguedad {
        rotulo: label(place),
        importe: own(*sum, currency),
        porcentaje: share(*sum),
    };
    section.ages.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::statements::Movement;

    #[test]
    fn the_balance_runs_and_the_ages_are_the_balance() {
        let movement = |day: &str, minor: i64| Movement {
            on: day.parse().unwrap(),
            document: "Factura 7".into(),
            concept: String::new(),
            due_on: None,
            minor,
        };
        let section = Section {
            opening: 50_000,
            movements: vec![movement("2026-11-02", 100_000), movement("2026-11-03", -30_000)],
            ages: [90_000, 10_000, 0, 0, 20_000],
        };
        let part = currency_part(Currency::Usd, &section).unwrap();
        assert_eq!(
            (part.cargos.as_str(), part.abonos.as_str(), part.saldo.as_str()),
            ("1,000.00", "300.00", "1,200.00")
        );
        assert_eq!(part.movimientos.iter().map(|row| row.saldo.as_str()).collect::<Vec<_>>(), ["1,500.00", "1,200.00"]);
        let labels: Vec<_> = part.antiguedad.iter().map(|age| (age.rotulo.as_str(), age.porcentaje)).collect();
        assert_eq!(
            labels,
            [("Por vencer", 75), ("1 a 30 días", 8), ("31 a 60 días", 0), ("61 a 90 días", 0), ("Más de 90 días", 16)]
        );
    }
}
