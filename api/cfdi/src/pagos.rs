//! The complement Pagos 2.0 as it is read: enough to show a payment and to follow which invoices it pays.
//! It is not made here.

use rust_decimal::Decimal;

/// Namespace of the complement.
pub const NAMESPACE: &str = "http://www.sat.gob.mx/Pagos20";

/// `pago20:Pagos`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pagos {
    /// Sums in pesos.
    pub totales: Totales,
    /// The payments.
    pub pagos: Vec<Pago>,
}

/// `pago20:Totales`: the one required sum, and the optional ones by attribute name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totales {
    /// All payments, in pesos.
    pub monto_total_pagos: Decimal,
    /// Attribute name and value of every other sum, in document order.
    pub others: Vec<(String, Decimal)>,
}

/// `pago20:Pago`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pago {
    /// When it was paid, local time.
    pub fecha_pago: String,
    /// c_FormaPago.
    pub forma_de_pago_p: String,
    /// c_Moneda.
    pub moneda_p: String,
    /// Pesos per unit of the currency.
    pub tipo_cambio_p: Option<Decimal>,
    /// How much.
    pub monto: Decimal,
    /// Reference of the transfer or cheque.
    pub num_operacion: Option<String>,
    /// The invoices it pays.
    pub doctos_relacionados: Vec<DoctoRelacionado>,
}

/// `pago20:DoctoRelacionado`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoctoRelacionado {
    /// UUID of the invoice.
    pub id_documento: String,
    /// Its series.
    pub serie: Option<String>,
    /// Its number.
    pub folio: Option<String>,
    /// Its currency.
    pub moneda_dr: String,
    /// Units of its currency per unit of the payment's.
    pub equivalencia_dr: Option<Decimal>,
    /// Which instalment this is.
    pub num_parcialidad: String,
    /// Owed before.
    pub imp_saldo_ant: Decimal,
    /// Paid now.
    pub imp_pagado: Decimal,
    /// Owed after.
    pub imp_saldo_insoluto: Decimal,
    /// c_ObjetoImp.
    pub objeto_imp_dr: String,
}
