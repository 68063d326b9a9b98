//! What a document does wrong, told so that a program can act on it and a person can mend it.

use serde::Serialize;

/// One rule that a document does not keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// The SAT's rejection code where it has one (`CFDI40119`, `301`), else a name of ours in lower case.
    pub code: &'static str,
    /// XPath-like place: `/cfdi:Comprobante/cfdi:Conceptos/cfdi:Concepto[2]/@Importe`.
    pub path: String,
    /// The rule and what was found, in Spanish.
    pub message: String,
}

impl Breach {
    pub(crate) fn new(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, path: path.into(), message: message.into() }
    }
}

impl std::fmt::Display for Breach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} en {}: {}", self.code, self.path, self.message)
    }
}

/// Most breaches told of one document: a hostile one could hold hundreds of thousands.
pub const MAX_BREACHES: usize = 200;

/// Everything found in one document, up to [`MAX_BREACHES`] of each sort.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The SAT would refuse the document for each of these.
    pub errors: Vec<Breach>,
    /// Worth a look, or not checked.
    pub warnings: Vec<Breach>,
}

impl Report {
    /// Whether nothing was found that the SAT would refuse.
    pub fn is_ok(&self) -> bool {
        self.errors.is_empty()
    }

    /// Whether looking further is of no use.
    pub(crate) fn is_full(&self) -> bool {
        self.errors.len() >= MAX_BREACHES
    }

    pub(crate) fn error(&mut self, code: &'static str, path: impl Into<String>, message: impl Into<String>) {
        if !self.is_full() {
            self.errors.push(Breach::new(code, path, message));
        }
    }

    pub(crate) fn warn(&mut self, code: &'static str, path: impl Into<String>, message: impl Into<String>) {
        if self.warnings.len() < MAX_BREACHES {
            self.warnings.push(Breach::new(code, path, message));
        }
    }
}
