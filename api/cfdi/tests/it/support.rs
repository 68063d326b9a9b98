//! One authority and one CSD for all tests (RSA keys cost half a second each), and drafts to start from.

use cfdi::testca::{Issued, TestCa};
use cfdi::{Csd, Draft, Sealed};
use fiscal::Rfc;
use rust_decimal::Decimal;
use std::sync::OnceLock;

/// 2024-01-01 and 2034-01-01, UTC.
pub const FROM: i64 = 1_704_067_200;
pub const TO: i64 = 2_019_686_400;
pub const CSD_NUMBER: &str = "30001000000500003416";
pub const SAT_NUMBER: &str = "30001000000500003456";

pub fn ca() -> &'static TestCa {
    static CA: OnceLock<TestCa> = OnceLock::new();
    CA.get_or_init(|| TestCa::new(FROM, TO).unwrap())
}

pub fn issued_csd() -> &'static Issued {
    static CSD: OnceLock<Issued> = OnceLock::new();
    CSD.get_or_init(|| {
        let rfc = Rfc::parse("EKU9003173C9").unwrap();
        ca().issue_csd(&rfc, "ESCUELA KEMPER URGATE SA DE CV", CSD_NUMBER, FROM, TO).unwrap()
    })
}

pub fn csd() -> &'static Csd {
    static CSD: OnceLock<Csd> = OnceLock::new();
    CSD.get_or_init(|| Csd::from_pkcs8_der(&issued_csd().cer_der, &issued_csd().pkcs8_der).unwrap())
}

pub fn d(text: &str) -> Decimal {
    cfdi::decimal::parse(text).unwrap()
}

/// A draft as the command line reads it.
pub const DRAFT: &str = r#"{
  "serie": "A", "folio": "123", "fecha": "2026-11-22T10:00:00",
  "forma_pago": "04", "metodo_pago": "PUE", "moneda": "MXN", "lugar_expedicion": "64000",
  "emisor": {"rfc": "EKU9003173C9", "nombre": "ESCUELA KEMPER URGATE", "regimen_fiscal": "601"},
  "receptor": {"rfc": "MCI7306249Y1", "nombre": "MORGAN & COMUNICACIÓN", "domicilio_fiscal_receptor": "42501",
               "regimen_fiscal_receptor": "601", "uso_cfdi": "G03"},
  "conceptos": [
    {"clave_prod_serv": "50202306", "no_identificacion": "SKU-1", "cantidad": "3", "clave_unidad": "H87",
     "descripcion": "Refresco «cola» <600 ml>", "valor_unitario": "12.931034", "descuento": "2.50", "objeto_imp": "02",
     "traslados": [{"impuesto": "002", "tipo_factor": "Tasa", "tasa_o_cuota": "0.16"}]}
  ]
}"#;

pub fn draft() -> Draft {
    serde_json::from_str(DRAFT).unwrap()
}

pub fn sealed() -> Sealed {
    cfdi::seal(cfdi::build(&draft()).unwrap(), csd()).unwrap()
}

/// Codes of a report's errors, in order.
pub fn codes(report: &cfdi::Report) -> Vec<&'static str> {
    report.errors.iter().map(|breach| breach.code).collect()
}
