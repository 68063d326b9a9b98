//! A customer's fiscal data and its numbers with an issuer, as they are typed at the console or sent by a program.
use fiscal::{CodigoPostal, Nombre, RegimenFiscal, Rfc};

use super::{CONTRACT_MAX, fold_contract};
use crate::billing::ReceptorForm;
use crate::integrators::CONTRACTS_MAX;
use crate::problem::{FieldCode, FieldErrors};

/// As it was typed or sent.
#[derive(Debug, Clone, Copy)]
pub struct CustomerForm<'a> {
    /// RFC.
    pub rfc: &'a str,
    /// Name in the SAT's register.
    pub nombre: &'a str,
    /// c_RegimenFiscal.
    pub regimen: &'a str,
    /// Tax domicile.
    pub codigo_postal: &'a str,
    /// Its numbers with the issuer.
    pub contracts: &'a [String],
}

/// The same, well formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerData {
    /// RFC; never a generic one.
    pub rfc: Rfc,
    /// Name in the SAT's register.
    pub nombre: Nombre,
    /// Tax regime.
    pub regimen: RegimenFiscal,
    /// Tax domicile.
    pub codigo_postal: CodigoPostal,
    /// Its numbers with the issuer, without blanks around them.
    pub contracts: Vec<String>,
}

impl CustomerForm<'_> {
    /// The parsed data; adds all that is wrong with them. `None` when anything is wrong, with them or before.
    pub fn parse(&self, errors: &mut FieldErrors) -> Option<CustomerData> {
        // A use that every regime admits: the receptor's rules then judge the rest alone.
        let receptor = ReceptorForm {
            rfc: self.rfc.to_owned(),
            nombre: self.nombre.to_owned(),
            regimen: self.regimen.to_owned(),
            codigo_postal: self.codigo_postal.to_owned(),
            uso: "S01".to_owned(),
        };
        let receptor = receptor.parse("", errors);
        if self.contracts.len() > CONTRACTS_MAX {
            errors.add("/contracts", FieldCode::TooLong);
        }
        for (index, number) in self.contracts.iter().take(CONTRACTS_MAX).enumerate() {
            let folded = fold_contract(number);
            if folded.is_empty() {
                errors.add(format!("/contracts/{index}"), FieldCode::Required);
            } else if number.chars().count() > CONTRACT_MAX {
                errors.add(format!("/contracts/{index}"), FieldCode::TooLong);
            } else if number.chars().any(char::is_control) {
                errors.add(format!("/contracts/{index}"), FieldCode::Characters);
            }
        }
        let receptor = receptor.filter(|_| errors.is_empty())?;
        Some(CustomerData {
            rfc: receptor.rfc,
            nombre: receptor.nombre,
            regimen: receptor.regimen,
            codigo_postal: receptor.codigo_postal,
            contracts: self.contracts.iter().map(|number| number.trim().to_owned()).collect(),
        })
    }
}
