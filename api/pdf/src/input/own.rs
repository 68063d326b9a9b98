//! Documents that are ours and not the SAT's: recibo, estado de cuenta, ticket.

use serde::{Serialize, Serializer};

use super::{Comun, Par};

/// Receipt of money taken through the bank.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Recibo {
    /// What every document has.
    #[serde(flatten)]
    pub comun: Comun,
    /// The payment.
    pub pago: Pago,
    /// The invoices it paid, at most [`MAX_LINES`](crate::MAX_LINES).
    pub documentos: Vec<DocumentoDeRecibo>,
    /// Rows of the box at the end.
    pub totales: TotalesDeRecibo,
    /// Notes beside the totals.
    pub notas: Vec<String>,
    /// At the foot of every page.
    pub pie: Option<String>,
}

/// A payment received.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pago {
    /// Number of the receipt.
    pub folio: String,
    /// Day and time.
    pub fecha: String,
    /// Amount.
    pub monto: String,
    /// Its currency.
    pub moneda: String,
    /// The amount in letters.
    pub letra: String,
    /// What the bank said of it.
    pub estado: String,
    /// Bank, authorisation, reference, exchange rate.
    pub datos: Vec<Par>,
}

/// One invoice a receipt covers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DocumentoDeRecibo {
    /// Serie and folio.
    pub folio: String,
    /// Folio fiscal.
    pub uuid: String,
    /// Day of issue.
    pub emitida: String,
    /// Due day.
    pub vence: String,
    /// Its currency.
    pub moneda: String,
    /// Balance before.
    pub antes: String,
    /// Paid, in its currency.
    pub pagado: String,
    /// Balance after.
    pub despues: String,
    /// Charged in the payment's currency; only when currencies differ.
    pub cargo: Option<String>,
}

/// Rows of a box of totals.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TotalesDeRecibo {
    /// Label and amount.
    pub filas: Vec<Par>,
}

/// Statement of account: one section per currency.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EstadoDeCuenta {
    /// What every document has.
    #[serde(flatten)]
    pub comun: Comun,
    /// `Octubre de 2026`.
    pub periodo: String,
    /// First day.
    pub desde: String,
    /// Last day.
    pub corte: String,
    /// The currencies; they and their movements are at most [`MAX_LINES`](crate::MAX_LINES).
    pub monedas: Vec<Moneda>,
    /// Notes at the end.
    pub notas: Vec<String>,
    /// At the foot of every page.
    pub pie: Option<String>,
}

/// One currency of a statement.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Moneda {
    /// `MXN`.
    pub codigo: String,
    /// Its name, the section's title.
    pub nombre: String,
    /// Opening balance.
    pub inicial: String,
    /// Sum of charges.
    pub cargos: String,
    /// Sum of credits.
    pub abonos: String,
    /// Closing balance.
    pub saldo: String,
    /// Opening, charges, credits: what the closing balance is made of.
    pub resumen: [Par; 3],
    /// Closing balance by age.
    pub antiguedad: Vec<Antiguedad>,
    /// The movements.
    pub movimientos: Vec<Movimiento>,
}

/// Part of the balance of one age; written as a list of three.
#[derive(Clone, Debug, Default)]
pub struct Antiguedad {
    /// `1 a 30 días`.
    pub rotulo: String,
    /// Amount.
    pub importe: String,
    /// Share of the balance, 0 to 100, drawn as a bar.
    pub porcentaje: u8,
}

impl Serialize for Antiguedad {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.rotulo, &self.importe, self.porcentaje.min(100)).serialize(serializer)
    }
}

/// One row of a statement; written as a list of seven.
#[derive(Clone, Debug, Default)]
pub struct Movimiento {
    /// Day.
    pub fecha: String,
    /// Kind and folio.
    pub documento: String,
    /// What for.
    pub concepto: String,
    /// Due day, or empty.
    pub vence: String,
    /// Charge, or empty.
    pub cargo: String,
    /// Credit, or empty.
    pub abono: String,
    /// Balance after it.
    pub saldo: String,
}

impl Serialize for Movimiento {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [&self.fecha, &self.documento, &self.concepto, &self.vence, &self.cargo, &self.abono, &self.saldo]
            .serialize(serializer)
    }
}

/// Picture of a paper ticket that shows where a datum is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ticket {
    /// Its rows.
    pub filas: Vec<FilaDeTicket>,
    /// Index of the lit row.
    pub luz: Option<usize>,
}

/// A row of a ticket; written as a list that begins with its kind.
#[derive(Clone, Debug)]
pub enum FilaDeTicket {
    /// Centred text.
    Centrada(String),
    /// Centred, bold.
    Negrita(String),
    /// Dashed rule.
    Regla,
    /// Left and right.
    Dato(String, String),
    /// Left and right, larger: the total.
    Total(String, String),
}

impl Serialize for FilaDeTicket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Centrada(text) => ["c", text].serialize(serializer),
            Self::Negrita(text) => ["b", text].serialize(serializer),
            Self::Regla => ["-"].serialize(serializer),
            Self::Dato(left, right) => ["r", left, right].serialize(serializer),
            Self::Total(left, right) => ["t", left, right].serialize(serializer),
        }
    }
}
