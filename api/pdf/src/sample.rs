//! Made-up documents: what a brand looks like before its first invoice, and what tests and measures print.
//!
//! The issuer, the numbers and the seals are invented; a page printed from them must carry [`MarcaDeAgua::Pruebas`]
//! wherever people see it.
//!
//! [`MarcaDeAgua::Pruebas`]: crate::MarcaDeAgua::Pruebas

use crate::{
    Antiguedad, ComplementoDePago, Comprobante, ComprobanteDePago, Comun, Concepto, DocumentoDeRecibo, DocumentoPagado,
    Emisor, EstadoDeCuenta, Factura, FilaDeTicket, Marca, Moneda, Movimiento, Pago, PagoRecibido, Qr, Receptor, Recibo,
    Ticket, Timbre, TotalesDeFactura, TotalesDePago, TotalesDeRecibo,
};

const GOODS: [(&str, &str, &str, &str, i64); 3] = [
    ("14111507", "PAP-0061", "Papel bond carta 75 g, caja de 10 resmas", "H87 Pieza", 101_050),
    ("44121701", "BOL-0012", "Bolígrafo punto mediano, tinta azul, caja con 12 piezas", "H87 Pieza", 8_690),
    (
        "78102203",
        "ENT-0003",
        "Servicio de entrega programada en la región, con acuse de recibo",
        "E48 Servicio",
        53_779,
    ),
];

/// A factura of `lines` concepts; another `seed` gives another folio fiscal, seals and QR.
pub fn factura(lines: usize, seed: u64) -> Factura {
    let timbre = timbre(seed);
    let mut subtotal = 0;
    let conceptos = (0..lines)
        .zip(GOODS.iter().cycle())
        .map(|(index, &(clave, sku, descripcion, unidad, price))| {
            let quantity = i64::try_from(index % 5).unwrap_or_default() + 1;
            let amount = price * quantity;
            subtotal += amount;
            Concepto {
                cantidad: quantity.to_string(),
                unidad: unidad.into(),
                clave: clave.into(),
                sku: Some(sku.into()),
                descripcion: descripcion.into(),
                detalle: format!("Objeto imp. 02 · IVA 16\u{a0}% de {} = {}", money(amount), money(vat(amount))),
                precio: money(price),
                descuento: None,
                importe: money(amount),
            }
        })
        .collect();
    Factura {
        comun: comun(vec![timbre.uuid.clone(), "FA-60412".into()]),
        comprobante: Comprobante {
            titulo: "Factura".into(),
            folio: "FA-60412".into(),
            tipo: "I Ingreso".into(),
            fecha: "17/11/2026, 18:03:22".into(),
            lugar: "06010".into(),
            forma: Some("99 Por definir".into()),
            metodo: Some("PPD Pago en parcialidades o diferido".into()),
            moneda: "MXN Peso mexicano".into(),
            tipo_cambio: None,
            condiciones: Some("30 días".into()),
            exportacion: "01 No aplica".into(),
            version: "4.0".into(),
        },
        conceptos,
        totales: TotalesDeFactura {
            filas: vec![pair("Subtotal", &money(subtotal)), pair("IVA 16\u{a0}%", &money(vat(subtotal)))],
            total: money(subtotal + vat(subtotal)),
            moneda: "MXN".into(),
            letra: "Importe de muestra en pesos 00/100 M.N.".into(),
        },
        timbre,
        ..Factura::default()
    }
}

/// A complemento of one payment that pays `documents` invoices.
pub fn complemento_de_pago(documents: usize, seed: u64) -> ComplementoDePago {
    let documentos = (0..documents)
        .map(|index| DocumentoPagado {
            folio: format!("FA-{}", 60_100 + index),
            uuid: uuid(seed ^ index as u64),
            moneda: "MXN".into(),
            equivalencia: "1".into(),
            parcialidad: "1".into(),
            anterior: "1,160.00".into(),
            pagado: "1,160.00".into(),
            insoluto: "0.00".into(),
            detalle: "Objeto imp. 02 · IVA 16\u{a0}% de 1,000.00 = 160.00".into(),
        })
        .collect();
    let timbre = timbre(seed);
    let total = i64::try_from(documents).unwrap_or_default() * 116_000;
    ComplementoDePago {
        comun: comun(vec![timbre.uuid.clone()]),
        comprobante: ComprobanteDePago {
            folio: "CP-00982".into(),
            fecha: "19/11/2026, 10:12:05".into(),
            lugar: "06010".into(),
            exportacion: "01 No aplica".into(),
        },
        relacionados: Vec::new(),
        pagos: vec![PagoRecibido {
            monto: money(total),
            moneda: "MXN".into(),
            fecha: "18/11/2026, 12:00".into(),
            forma: "03 Transferencia electrónica de fondos".into(),
            tipo_cambio: "1".into(),
            datos: vec![pair("Núm. de operación", "BNX-0098127712")],
            documentos,
            impuestos: vec![format!("IVA 16\u{a0}% = {}", money(total * 16 / 116))],
        }],
        totales: TotalesDePago {
            filas: vec![pair("IVA 16\u{a0}%", &money(total * 16 / 116))],
            total: money(total),
            letra: "Importe de muestra en pesos 00/100 M.N.".into(),
        },
        timbre,
    }
}

/// A receipt of one payment that pays `documents` invoices.
pub fn recibo(documents: usize, seed: u64) -> Recibo {
    let total = money(i64::try_from(documents).unwrap_or_default() * 116_000);
    Recibo {
        comun: comun(vec!["RP-0012744".into()]),
        pago: Pago {
            folio: "RP-0012744".into(),
            fecha: "18/11/2026, 18:03".into(),
            monto: total.clone(),
            moneda: "MXN".into(),
            letra: "Importe de muestra en pesos 00/100 M.N.".into(),
            estado: "Confirmado por el banco el 18/11/2026, 18:03".into(),
            datos: vec![pair("Banco", "BBVA"), pair("Autorización", "774120")],
        },
        documentos: (0..documents)
            .map(|index| DocumentoDeRecibo {
                folio: format!("FA-{}", 60_100 + index),
                uuid: uuid(seed ^ index as u64),
                emitida: "03/10/2026".into(),
                vence: "02/11/2026".into(),
                moneda: "MXN".into(),
                antes: "1,160.00".into(),
                pagado: "1,160.00".into(),
                despues: "0.00".into(),
                cargo: None,
            })
            .collect(),
        totales: TotalesDeRecibo { filas: vec![pair("Facturas", &total)] },
        notas: vec!["El complemento de pago aparece en Consultas junto a cada factura.".into()],
        pie: Some("Conserve el número de autorización.".into()),
    }
}

/// A statement in pesos of `movements` charges.
pub fn estado_de_cuenta(movements: usize) -> EstadoDeCuenta {
    let balance = |rows: usize| money(i64::try_from(rows).unwrap_or_default() * 116_000);
    EstadoDeCuenta {
        comun: comun(Vec::new()),
        periodo: "Octubre de 2026".into(),
        desde: "01/10/2026".into(),
        corte: "31/10/2026".into(),
        monedas: vec![Moneda {
            codigo: "MXN".into(),
            nombre: "Pesos mexicanos (MXN)".into(),
            inicial: "0.00".into(),
            cargos: balance(movements),
            abonos: "0.00".into(),
            saldo: balance(movements),
            resumen: [
                pair("Saldo anterior", "0.00"),
                pair("Cargos del periodo", &balance(movements)),
                pair("Abonos del periodo", "0.00"),
            ],
            antiguedad: vec![
                Antiguedad { rotulo: "Por vencer".into(), importe: balance(movements), porcentaje: 100 },
                Antiguedad { rotulo: "1 a 30 días".into(), importe: "0.00".into(), porcentaje: 0 },
            ],
            movimientos: (0..movements)
                .map(|index| Movimiento {
                    fecha: "03/10/2026".into(),
                    documento: format!("Factura FA-{}", 60_000 + index),
                    concepto: "Pedido 88-2026".into(),
                    vence: "03/11/2026".into(),
                    cargo: "1,160.00".into(),
                    abono: String::new(),
                    saldo: balance(index + 1),
                })
                .collect(),
        }],
        notas: vec!["Lo vencido se cuenta desde el día siguiente al del vencimiento.".into()],
        pie: None,
    }
}

/// A ticket with its number lit.
pub fn ticket() -> Ticket {
    Ticket {
        filas: vec![
            FilaDeTicket::Negrita("TIENDAS COLIBRÍ AZUL".into()),
            FilaDeTicket::Centrada("Sucursal Centro Histórico".into()),
            FilaDeTicket::Regla,
            FilaDeTicket::Dato("FECHA".into(), "18/11/2026 17:42".into()),
            FilaDeTicket::Dato("TICKET".into(), "0048213".into()),
            FilaDeTicket::Regla,
            FilaDeTicket::Total("TOTAL".into(), "$863.00".into()),
        ],
        luz: Some(4),
    }
}

fn comun(claves: Vec<String>) -> Comun {
    Comun {
        fecha_pdf: Some((2026, 11, 17)),
        claves,
        marca: Marca { color: Some("#0b6470".into()), nombre: "Colibrí Azul".into() },
        emisor: Emisor {
            nombre: "SUMINISTROS COLIBRÍ AZUL".into(),
            rfc: "SCA010101AAA".into(),
            regimen: Some("601 General de Ley Personas Morales".into()),
            lineas: vec!["Av. de los Jacarandás 418, Col. Centro, 06010, Ciudad de México".into()],
        },
        receptor: Receptor {
            nombre: "TEXTILES ARRAYÁN Y MIMBRE".into(),
            rfc: "TAÑ010101AAA".into(),
            cp: "06600".into(),
            regimen: "601 General de Ley Personas Morales".into(),
            uso: "G01 Adquisición de mercancías".into(),
            residencia: None,
            registro: None,
            extra: vec![pair("Contrato", "CT-004518")],
        },
        ..Comun::default()
    }
}

fn timbre(seed: u64) -> Timbre {
    let (uuid, sello, sello_sat) = (uuid(seed), seal(seed), seal(!seed));
    let expression = format!(
        "https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?id={uuid}&re=SCA010101AAA&rr=TAÑ010101AAA&tt=8647.22&fe={}",
        &sello[sello.len() - 8..]
    );
    Timbre {
        cadena: format!("||1.1|{uuid}|2026-11-17T18:03:25|SPR190613I52|{sello}|00001000000705250068||"),
        uuid,
        csd: "00001000000702345678".into(),
        csd_sat: "00001000000705250068".into(),
        rfc_pac: "SPR190613I52".into(),
        fecha: "17/11/2026, 18:03:25".into(),
        sello,
        sello_sat,
        leyenda: None,
        // The expression has some 190 bytes; a QR code takes 2,331.
        qr: Qr::new(&expression).unwrap_or_default(),
    }
}

/// A different number for each of `0..`, all bits stirred (splitmix64).
fn stir(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn uuid(seed: u64) -> String {
    let (high, low) = (stir(seed), stir(!seed));
    format!(
        "{:08X}-{:04X}-4{:03X}-A{:03X}-{:012X}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

/// As long as a seal of a 2,048-bit key: 344 characters of base64.
fn seal(seed: u64) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text: String = (0..342)
        .map(|index| char::from(ALPHABET[(stir(seed.wrapping_mul(342).wrapping_add(index)) % 64) as usize]))
        .collect();
    text.push_str("==");
    text
}

fn pair(label: &str, text: &str) -> (String, String) {
    (label.to_owned(), text.to_owned())
}

/// 16 %, half away from zero, of cents that are not negative.
fn vat(cents: i64) -> i64 {
    (cents * 16 + 50) / 100
}

fn money(cents: i64) -> String {
    let mut whole = (cents / 100).to_string();
    let mut at = whole.len();
    while at > 3 {
        at -= 3;
        whole.insert(at, ',');
    }
    format!("{whole}.{:02}", cents % 100)
}
