//! An invoice of ten lines, from the ticket's prices to the sealed XML, against the signature alone.
use std::hint::black_box;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use cfdi::ticket::{TicketIva, TicketLine, conceptos};
use cfdi::{Csd, Draft, DraftEmisor, DraftReceptor, Fecha, testca::TestCa};
use fiscal::{Amount, CodigoPostal, Currency, Exportacion, FormaPago, MetodoPago, Nombre, RegimenFiscal, Rfc, UsoCfdi};
use rust_decimal::Decimal;

use crate::table::{Aim, Table};
use crate::{Effort, median};

/// Share of the bare signatures' rate that is left for whole invoices.
const AIM: Aim = Aim::AtLeast(85.0);
const LINES: i64 = 10;
const RFC: &str = "SCA010101AA4";
const NOMBRE: &str = "SUMINISTROS COLIBRI AZUL";
/// From 2025 to 2029: the invented certificate is good on the invented date.
const VALID: (i64, i64) = (1_735_689_600, 1_861_920_000);
const FECHA: &str = "2026-11-18T12:00:00";

/// One core each; they take turns.
pub fn measure(effort: Effort, table: &mut Table) {
    let authority = TestCa::new(VALID.0, VALID.1).unwrap();
    let rfc = Rfc::parse(RFC).unwrap();
    let issued = authority.issue_csd(&rfc, NOMBRE, "30001000000000000001", VALID.0, VALID.1).unwrap();
    let csd = Csd::from_pkcs8_der(&issued.cer_der, &issued.pkcs8_der).unwrap();
    let key = RsaKeyPair::from_pkcs8(&issued.pkcs8_der).unwrap();
    let lines = lines();
    let sealed = |folio: u32| cfdi::seal(cfdi::build(&draft(&lines, folio)).unwrap(), &csd).unwrap();
    let cadena = sealed(1).cadena_original;

    let (mut signatures, mut invoices, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut folio = 0;
    for _ in 0..effort.rounds {
        let bare = effort.rate(|| {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), cadena.as_bytes(), &mut signature).unwrap();
            black_box(signature);
        });
        let whole = effort.rate(|| {
            folio += 1;
            black_box(sealed(folio));
        });
        signatures.push(bare);
        invoices.push(whole);
        ratios.push(100.0 * whole / bare);
    }
    assert_eq!(key.public_key().modulus().big_endian_without_leading_zero().len(), 256, "the key is RSA-2048");
    table.add("firmas RSA-2048 solas, un núcleo", median(signatures), "/s");
    table.add("facturas de 10 renglones armadas y selladas, un núcleo", median(invoices), "/s");
    table.judge("  facturas por firma", median(ratios), "%", AIM);
}

fn lines() -> Vec<TicketLine> {
    let line = |index: i64| TicketLine {
        clave_prod_serv: "44121701".into(),
        no_identificacion: Some(format!("BOL-{index:04}")),
        cantidad: Decimal::from(1 + index % 4),
        clave_unidad: "H87".into(),
        unidad: Some("Pieza".into()),
        descripcion: "Bolígrafo punto mediano, tinta azul, caja con 12 piezas".into(),
        importe: Amount::new(8_690 + 137 * index, Currency::Mxn),
        descuento: (index % 3 == 0).then(|| Amount::new(500, Currency::Mxn)),
        iva: TicketIva::General,
    };
    (0..LINES).map(line).collect()
}

fn draft(lines: &[TicketLine], folio: u32) -> Draft {
    let prices = lines.iter().map(|line| line.importe.minor() - line.descuento.map_or(0, Amount::minor));
    let total = Amount::new(prices.sum(), Currency::Mxn);
    Draft {
        serie: Some("T".into()),
        folio: Some(folio.to_string()),
        fecha: Fecha::parse(FECHA),
        forma_pago: FormaPago::TarjetaDebito,
        metodo_pago: MetodoPago::Pue,
        condiciones_de_pago: None,
        moneda: Currency::Mxn,
        tipo_cambio: None,
        exportacion: Exportacion::NoAplica,
        lugar_expedicion: CodigoPostal::parse("06010").unwrap(),
        cfdi_relacionados: Vec::new(),
        emisor: DraftEmisor {
            rfc: Rfc::parse(RFC).unwrap(),
            nombre: Nombre::parse(NOMBRE).unwrap(),
            regimen_fiscal: RegimenFiscal::R601,
        },
        receptor: DraftReceptor {
            rfc: Rfc::parse("QUIA850712AA1").unwrap(),
            nombre: Nombre::parse("AMARANTA QUINTIL IBARRA").unwrap(),
            domicilio_fiscal_receptor: CodigoPostal::parse("06010").unwrap(),
            residencia_fiscal: None,
            num_reg_id_trib: None,
            regimen_fiscal_receptor: RegimenFiscal::R612,
            uso_cfdi: UsoCfdi::G03,
        },
        conceptos: conceptos(lines, total).unwrap(),
    }
}
