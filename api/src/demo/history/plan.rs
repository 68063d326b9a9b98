//! What the demo's customers bought, on which day, under which number: invented from a fixed seed and one day, so that
//! a filling that was interrupted goes on with the same documents.
use cfdi::{Draft, DraftConcepto, DraftEmisor, DraftImpuesto, DraftReceptor, Fecha};
use fiscal::{
    Amount, CodigoPostal, Currency, Exportacion, FormaPago, Impuesto, MetodoPago, Nombre, ObjetoImp, Rfc, TipoFactor,
    UsoCfdi,
};
use jiff::Span;
use jiff::civil::{Date, DateTime, Time};
use rust_decimal::Decimal;

use super::super::companies::{COMPANIES, Company};
use super::super::people::{CLIENTS, Client, SECOND};
use super::super::products::{PRODUCTS, Product, Sold};
use super::super::sales::Invention;
use crate::issuers::{Branch, Issuer};
use crate::tickets::model::LineTax;

/// How far back it goes, in days.
const DAYS: u32 = 180;
/// What is owed was sold in these last days; older sales are paid.
const CREDIT_DAYS: u32 = 60;
/// One in so many of the default company's older sales was on credit, and paid after some days.
const ONE_PAID_LATER_IN: u32 = 4;
const PAID_AFTER_DAYS: i64 = 24;
/// Days a customer has to pay.
pub const TERM_DAYS: i64 = 30;
/// Serie and first folio of each company's invoices to customers, beside those of its branches' tickets.
const SERIES: [(&str, i64); 2] = [("FA", 60_301), ("FN", 8_101)];
/// Invoices of each client at each company.
const INVOICES: [[u32; 2]; 2] = [[24, 10], [16, 6]];
const SEED: u64 = 20_261_118;
/// Serie, first folio and number of the invoices of the accountant's own client: a plan beside the others', which stay as
/// they were in installations that have them.
const OF_SECOND: (&str, i64, u32) = ("FB", 3_101, 8);
/// One in so many invoices answers an order of the buyer's, whose numbers begin here.
const ONE_ORDERED_IN: i64 = 2;
const ORDERS: i64 = 88_000;

/// One invoice to make.
pub struct Sale {
    /// Who bought.
    pub client: &'static Client,
    /// Who sold.
    pub company: &'static Company,
    /// The client's number there, when it has one.
    pub contract: Option<&'static str>,
    /// When, on the wall of the company's first shop.
    pub at: DateTime,
    /// To be paid in thirty days (PPD), or at once (PUE).
    pub on_credit: bool,
    /// When it was paid; it is owed yet when never.
    pub paid_on: Option<Date>,
    /// Serie.
    pub serie: &'static str,
    /// Number in the serie; it grows with the days.
    pub folio: i64,
    lines: Vec<(&'static Product, i64)>,
}

/// Every sale until `last`, the oldest first.
pub fn sales(last: Date) -> Result<Vec<Sale>, jiff::Error> {
    let mut chance = Invention::new(SEED);
    let mut sales = Vec::new();
    for ((company, serie), place) in COMPANIES.iter().zip(SERIES).zip(0_usize..) {
        let mut sold = Vec::new();
        for (client, invoices) in CLIENTS.iter().zip(INVOICES) {
            let count = invoices.get(place).copied().unwrap_or(0);
            sold.append(&mut sales_to(client, company, (count, last), &mut chance)?);
        }
        sales.append(&mut numbered(sold, serie));
    }
    sales.sort_by_key(|sale| sale.at);
    Ok(sales)
}

/// What the accountant's own client bought at the default company until `last`: it owes what is young, and paid all else at
/// once.
pub fn sales_of_second(last: Date) -> Result<Vec<Sale>, jiff::Error> {
    let (serie, first_folio, count) = OF_SECOND;
    let mut chance = Invention::new(SEED + 1);
    let mut sold = Vec::new();
    for company in COMPANIES.iter().filter(|company| company.is_default) {
        sold.append(&mut sales_to(&SECOND, company, (count, last), &mut chance)?);
    }
    for sale in sold.iter_mut().filter(|sale| sale.paid_on.is_some()) {
        (sale.on_credit, sale.paid_on) = (false, Some(sale.at.date()));
    }
    Ok(numbered(sold, (serie, first_folio)))
}

/// What one client bought at one company.
fn sales_to(
    client: &'static Client,
    company: &'static Company,
    (count, last): (u32, Date),
    chance: &mut Invention,
) -> Result<Vec<Sale>, jiff::Error> {
    let mut sold = Vec::new();
    for index in 0..count {
        // From the oldest to the newest, a few days apart.
        let ago = (DAYS * (count - 1 - index)) / count + chance.below(3);
        let time = Time::new(
            i8::try_from(9 + chance.below(9)).unwrap_or(9),
            i8::try_from(chance.below(60)).unwrap_or(0),
            i8::try_from(chance.below(60)).unwrap_or(0),
            0,
        )?;
        let at = last.checked_sub(Span::new().days(i64::from(ago)))?.to_datetime(time);
        let contracts = if company.is_default { client.contracts } else { &[] };
        let contract = contracts.get(usize::try_from(chance.below(3) / 2).unwrap_or(0)).or(contracts.first());
        let is_owed = ago <= CREDIT_DAYS && chance.below(4) > 0;
        let later = company.is_default && ago > CREDIT_DAYS && index % ONE_PAID_LATER_IN == 1;
        let paid_on = match (is_owed, later) {
            (true, _) => None,
            (false, true) => Some(at.date().checked_add(Span::new().days(PAID_AFTER_DAYS))?),
            (false, false) => Some(at.date()),
        };
        let on_credit = is_owed || later;
        let lines = lines(chance);
        let contract = contract.copied();
        sold.push(Sale { client, company, contract, at, on_credit, paid_on, serie: "", folio: 0, lines });
    }
    Ok(sold)
}

/// In the order of their days, with the numbers of a serie.
fn numbered(mut sold: Vec<Sale>, (serie, first_folio): (&'static str, i64)) -> Vec<Sale> {
    sold.sort_by_key(|sale| sale.at);
    for (sale, folio) in sold.iter_mut().zip(first_folio..) {
        (sale.serie, sale.folio) = (serie, folio);
    }
    sold
}

/// One to five articles by the box.
fn lines(chance: &mut Invention) -> Vec<(&'static Product, i64)> {
    static SHELF: [Product; 30] = PRODUCTS;
    let shelf: Vec<&'static Product> = SHELF
        .iter()
        .filter(|product| product.sold == Sold::Piece && matches!(product.tax, LineTax::Iva16 | LineTax::Iva0))
        .collect();
    let many = u32::try_from(shelf.len()).unwrap_or(1);
    (0..=chance.below(5))
        .filter_map(|_| {
            let product = shelf.get(usize::try_from(chance.below(many)).unwrap_or(0))?;
            Some((*product, i64::from(5 * (1 + chance.below(12)))))
        })
        .collect()
}

impl Sale {
    /// The document to seal.
    pub fn draft(&self, issuer: &Issuer, branch: &Branch) -> anyhow::Result<Draft> {
        Ok(Draft {
            serie: Some(self.serie.to_owned()),
            folio: Some(self.folio.to_string()),
            fecha: Fecha::parse(&self.at.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
            forma_pago: if self.on_credit { FormaPago::PorDefinir } else { FormaPago::Transferencia },
            metodo_pago: if self.on_credit { MetodoPago::Ppd } else { MetodoPago::Pue },
            condiciones_de_pago: self.on_credit.then(|| format!("Crédito a {TERM_DAYS} días")),
            moneda: Currency::Mxn,
            tipo_cambio: None,
            exportacion: Exportacion::NoAplica,
            lugar_expedicion: branch.postal_code.clone(),
            cfdi_relacionados: Vec::new(),
            emisor: DraftEmisor {
                rfc: issuer.rfc.clone(),
                nombre: issuer.nombre.clone(),
                regimen_fiscal: issuer.regimen,
            },
            receptor: DraftReceptor {
                rfc: Rfc::parse(self.client.rfc)?,
                nombre: Nombre::parse(self.client.nombre)?,
                domicilio_fiscal_receptor: CodigoPostal::parse(self.client.codigo_postal)?,
                residencia_fiscal: None,
                num_reg_id_trib: None,
                regimen_fiscal_receptor: self.client.regimen,
                uso_cfdi: UsoCfdi::G01,
            },
            conceptos: self.lines.iter().map(concepto).collect(),
        })
    }

    /// The buyer's order that it answers.
    pub fn purchase_order(&self) -> Option<String> {
        (self.folio % ONE_ORDERED_IN == 0).then(|| format!("OC-{}", ORDERS + self.folio % 1_000))
    }

    /// What it comes to, to the centavo.
    pub fn total(&self, issuer: &Issuer, branch: &Branch) -> anyhow::Result<Amount> {
        let built = cfdi::build(&self.draft(issuer, branch)?);
        let comprobante = built.map_err(|breaches| anyhow::anyhow!("{} {}: {breaches:?}", self.serie, self.folio))?;
        Ok(Amount::from_decimal(comprobante.total, Currency::Mxn)?)
    }
}

/// The shelf's price is taken as one before taxes: companies are quoted so.
fn concepto((product, pieces): &(&'static Product, i64)) -> DraftConcepto {
    let rate = if product.tax == LineTax::Iva16 { Decimal::new(160_000, 6) } else { Decimal::new(0, 6) };
    DraftConcepto {
        clave_prod_serv: product.clave_prod_serv.to_owned(),
        no_identificacion: None,
        cantidad: Decimal::from(*pieces),
        clave_unidad: "H87".to_owned(),
        unidad: Some("Pieza".to_owned()),
        descripcion: product.descripcion.to_owned(),
        valor_unitario: Decimal::new(product.price_minor, 2),
        importe: None,
        descuento: None,
        objeto_imp: ObjetoImp::Si,
        traslados: vec![DraftImpuesto {
            impuesto: Impuesto::Iva,
            tipo_factor: TipoFactor::Tasa,
            tasa_o_cuota: Some(rate),
            base: None,
        }],
        retenciones: Vec::new(),
        numeros_pedimento: Vec::new(),
        cuentas_prediales: Vec::new(),
    }
}

/// A statement to make, for a client's first contract at the default company.
#[derive(Clone)]
pub struct Statement {
    /// Whose.
    pub client: &'static Client,
    /// The client's number.
    pub contract: &'static str,
    /// When it was made; its number is this day.
    pub issued_on: Date,
    /// First day it covers.
    pub from: Date,
    /// Last day it covers.
    pub to: Date,
    /// Takes the place of the one made on this day.
    pub replaces: Option<Date>,
}

impl Statement {
    /// Year, month and day: `171001`.
    pub fn number(day: Date) -> String {
        day.strftime("%y%m%d").to_string()
    }
}

/// The statements of each whole month, made on the first day of the next. In one month there are two: the second
/// takes the first one's place.
pub fn statements(last: Date) -> Result<Vec<Statement>, jiff::Error> {
    let mut statements = Vec::new();
    for client in &CLIENTS {
        let Some(contract) = client.contracts.first() else { continue };
        for months_ago in (0..6_i64).rev() {
            let issued_on = last.first_of_month().checked_sub(Span::new().months(months_ago))?;
            let statement = Statement {
                client,
                contract,
                issued_on,
                from: issued_on.checked_sub(Span::new().months(1))?,
                to: issued_on.yesterday()?,
                replaces: None,
            };
            if months_ago == 2 {
                let again = issued_on.checked_add(Span::new().days(2))?;
                statements.push(statement.clone());
                statements.push(Statement { issued_on: again, replaces: Some(issued_on), ..statement });
            } else {
                statements.push(statement);
            }
        }
    }
    Ok(statements)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn day() -> Date {
        jiff::civil::date(2026, 11, 17)
    }

    #[test]
    fn the_same_day_makes_the_same_history() {
        let text =
            |sales: Vec<Sale>| format!("{:?}", sales.iter().map(|s| (s.at, s.folio, &s.lines)).collect::<Vec<_>>());
        assert_eq!(text(sales(day()).unwrap()), text(sales(day()).unwrap()));
    }

    #[test]
    fn folios_grow_with_the_days_and_do_not_repeat() {
        let sales = sales(day()).unwrap();
        assert_eq!(sales.len(), 56);
        assert_eq!(sales.iter().map(|sale| (sale.serie, sale.folio)).collect::<BTreeSet<_>>().len(), sales.len());
        for company in &COMPANIES {
            let of: Vec<_> = sales.iter().filter(|sale| sale.company.slug == company.slug).collect();
            assert!(of.windows(2).all(|two| two[0].folio < two[1].folio && two[0].at <= two[1].at));
        }
        assert!(sales.iter().all(|sale| sale.at.date() <= day() && !sale.lines.is_empty()));
        assert!(sales.iter().any(|sale| sale.paid_on.is_none()) && sales.iter().any(|sale| !sale.on_credit));
        let later = sales.iter().filter(|sale| sale.on_credit && sale.paid_on.is_some());
        assert!(later.clone().count() > 3 && later.clone().all(|sale| sale.paid_on.is_some_and(|on| on <= day())));
        assert!(sales.iter().all(|sale| sale.on_credit || sale.paid_on == Some(sale.at.date())));
        let contracts: BTreeSet<_> = sales.iter().filter_map(|sale| sale.contract).collect();
        assert_eq!(contracts, CLIENTS.iter().flat_map(|client| client.contracts.iter().copied()).collect());
    }

    #[test]
    fn the_accountants_own_client_has_invoices_in_a_serie_of_its_own() {
        let (sales, all) = (sales_of_second(day()).unwrap(), sales(day()).unwrap());
        assert!(sales.len() > 5 && sales.iter().all(|sale| sale.serie == "FB" && sale.client.rfc == SECOND.rfc));
        assert!(all.iter().all(|sale| sale.serie != "FB"));
        assert!(sales.windows(2).all(|two| two[0].folio < two[1].folio && two[0].at <= two[1].at));
        assert!(sales.iter().all(|sale| sale.on_credit == sale.paid_on.is_none() && sale.at.date() <= day()));
    }

    #[test]
    fn every_client_ordered_some_of_what_it_bought() {
        for client in &CLIENTS {
            let of = sales(day()).unwrap().into_iter().filter(|sale| sale.client.rfc == client.rfc);
            let orders: Vec<Option<String>> = of.map(|sale| sale.purchase_order()).collect();
            assert!(orders.iter().any(Option::is_some) && orders.iter().any(Option::is_none), "{}", client.rfc);
        }
    }

    #[test]
    fn one_month_has_two_statements() {
        let of_one: Vec<String> = statements(day())
            .unwrap()
            .iter()
            .filter(|statement| statement.client.rfc == CLIENTS[0].rfc)
            .map(|statement| Statement::number(statement.issued_on))
            .collect();
        assert_eq!(of_one, ["260601", "260701", "260801", "260901", "260903", "261001", "261101"]);
    }
}
