//! The demo's companies and branches. All invented; their RFC have the SAT's shape and check digit.
use fiscal::{CodigoPostal, Email, Nombre, RegimenFiscal, Rfc};
use jiff::tz::TimeZone;
use shared::Lang;
use shared::issuers::{TicketExample, TicketPicture};

use crate::clock::Ids;
use crate::issuers::{Branch, BranchId, BrandColor, Issuer, IssuerId};

/// A company of the demo.
pub struct Company {
    /// The name in addresses.
    pub slug: &'static str,
    /// The name customers know.
    pub commercial_name: &'static str,
    /// Name in the SAT's register.
    pub nombre: &'static str,
    /// RFC.
    pub rfc: &'static str,
    /// c_RegimenFiscal.
    pub regimen: RegimenFiscal,
    /// Mailbox for questions.
    pub support_email: &'static str,
    /// Brand colour.
    pub color: &'static str,
    /// Logo.
    pub logo: &'static [u8],
    /// Tax domicile, as printed.
    pub address_lines: &'static [&'static str],
    /// What stands at the head of its tickets.
    pub ticket_head: &'static str,
    /// Where it says to invoice.
    pub portal: &'static str,
    /// Stands at `/`.
    pub is_default: bool,
    /// Its branches.
    pub shops: &'static [Shop],
}

/// A branch of the demo.
pub struct Shop {
    /// The name on its tickets.
    pub name: &'static str,
    /// Postal code.
    pub postal_code: &'static str,
    /// State or city, as the list shows it.
    pub city: &'static str,
    /// IANA zone.
    pub time_zone: &'static str,
    /// Serie of its invoices.
    pub serie: &'static str,
    /// Days after the month in which a ticket can still be invoiced.
    pub grace_days: i64,
    /// Line of its address on the ticket.
    pub street: &'static str,
    /// Sells at the border's 8 %.
    pub border: bool,
}

/// Stamps a day: far above what a rehearsal needs.
const DAILY_STAMP_CEILING: i64 = 5_000;

/// Both companies; the first is the default one.
pub const COMPANIES: [Company; 2] = [
    Company {
        slug: "colibri-azul",
        commercial_name: "Colibrí Azul",
        nombre: "SUMINISTROS COLIBRI AZUL",
        rfc: "SCA010101AA4",
        regimen: RegimenFiscal::R601,
        support_email: "facturas@colibriazul.example",
        color: "#0b6470",
        logo: include_bytes!("logos/colibri-azul.svg"),
        address_lines: &["Av. 5 de Mayo 12, Col. Centro", "Cuauhtémoc, 06010 Ciudad de México"],
        ticket_head: "TIENDAS COLIBRÍ AZUL",
        portal: "facturas.colibriazul.example",
        is_default: true,
        shops: &[
            shop("Centro Histórico", "06010", "Ciudad de México", "America/Mexico_City", "T", 10, "Col. Centro"),
            shop("Del Valle", "03100", "Ciudad de México", "America/Mexico_City", "TV", 10, "Col. Del Valle"),
            shop("Querétaro Juriquilla", "76230", "Querétaro", "America/Mexico_City", "TQ", 5, "Juriquilla"),
            shop("Mérida Norte", "97115", "Yucatán", "America/Mexico_City", "TM", 30, "Fracc. Montebello"),
            shop("Guadalajara Chapultepec", "44160", "Jalisco", "America/Mexico_City", "TG", 10, "Col. Americana"),
            Shop {
                border: true,
                ..shop("Tijuana Río", "22010", "Baja California", "America/Tijuana", "TT", 10, "Zona Río")
            },
            shop("Cancún Centro", "77500", "Quintana Roo", "America/Cancun", "TC", 10, "Supermanzana 23"),
        ],
    },
    Company {
        slug: "nandu",
        commercial_name: "Papelería Ñandú",
        nombre: "PAPELERÍA ÑANDÚ & HERMANOS",
        rfc: "PÑA050607QA2",
        regimen: RegimenFiscal::R626,
        support_email: "facturas@nandu.example",
        color: "#8a3b12",
        logo: include_bytes!("logos/nandu.svg"),
        address_lines: &["Calle Madero 48", "Centro, 58000 Morelia, Michoacán"],
        ticket_head: "PAPELERÍA ÑANDÚ",
        portal: "facturas.nandu.example",
        is_default: false,
        shops: &[
            shop("Morelia Catedral", "58000", "Michoacán", "America/Mexico_City", "NM", 10, "Centro"),
            shop("Monterrey Macroplaza", "64000", "Nuevo León", "America/Monterrey", "NR", 10, "Centro"),
        ],
    },
];

const fn shop(
    name: &'static str,
    postal_code: &'static str,
    city: &'static str,
    time_zone: &'static str,
    serie: &'static str,
    grace_days: i64,
    street: &'static str,
) -> Shop {
    Shop { name, postal_code, city, time_zone, serie, grace_days, street, border: false }
}

impl Company {
    /// The issuer to keep.
    pub fn issuer(&self, ids: &Ids) -> anyhow::Result<Issuer> {
        Ok(Issuer {
            id: IssuerId::new(ids.uuid()),
            slug: self.slug.to_owned(),
            rfc: Rfc::parse(self.rfc)?,
            nombre: Nombre::parse(self.nombre)?,
            commercial_name: self.commercial_name.to_owned(),
            regimen: self.regimen,
            support_email: Email::parse(self.support_email)?,
            brand_color: BrandColor::parse(self.color)?,
            brand_version: 1,
            address_lines: self.address_lines.iter().map(|line| (*line).to_owned()).collect(),
            language: Lang::Es,
            is_default: self.is_default,
            daily_stamp_ceiling: DAILY_STAMP_CEILING,
            time_zone: TimeZone::get("America/Mexico_City")?,
            footer: String::new(),
            rate_policy: None,
        })
    }

    /// A branch of it to keep.
    pub fn branch(&self, shop: &Shop, ids: &Ids) -> anyhow::Result<Branch> {
        Ok(Branch {
            id: BranchId::new(ids.uuid()),
            name: shop.name.to_owned(),
            postal_code: CodigoPostal::parse(shop.postal_code)?,
            city: shop.city.to_owned(),
            time_zone: TimeZone::get(shop.time_zone)?,
            serie: shop.serie.to_owned(),
            invoicing_grace_days: shop.grace_days,
            ticket_picture: self.ticket_picture(shop),
        })
    }

    fn ticket_picture(&self, shop: &Shop) -> TicketPicture {
        let row = |words: &str, amount: &str| (words.to_owned(), amount.to_owned());
        TicketPicture {
            head: vec![
                self.ticket_head.to_owned(),
                format!("Sucursal {}", shop.name),
                format!("{}, C.P. {}", shop.street, shop.postal_code),
            ],
            date_label: "FECHA".to_owned(),
            order_label: "ORDEN".to_owned(),
            ticket_label: "TICKET".to_owned(),
            total_label: "TOTAL".to_owned(),
            payment_label: "PAGO".to_owned(),
            example: TicketExample {
                date: "18/11/2026 17:42".to_owned(),
                order: "4471-20983".to_owned(),
                ticket: "0048213".to_owned(),
                lines: vec![
                    row("2 Cuaderno raya", "118.00"),
                    row("1 Lámpara mesa", "649.00"),
                    row("4 Pila AA", "96.00"),
                ],
                subtotal: if shop.border { "799.07" } else { "743.97" }.to_owned(),
                tax: if shop.border { row("IVA 8%", "63.93") } else { row("IVA 16%", "119.03") },
                total: "$863.00".to_owned(),
                payment: "TARJETA DÉBITO".to_owned(),
            },
            foot: vec![
                format!("Facture en {}", self.portal),
                format!("hasta {} días después del mes de su compra", shop.grace_days),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{SystemClock, SystemRandomness};

    #[test]
    fn every_company_and_branch_can_be_kept() {
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandomness));
        for company in &COMPANIES {
            let issuer = company.issuer(&ids).unwrap();
            assert!(issuer.rfc.is_moral() && issuer.rfc.check_digit_matches(), "{}", issuer.rfc);
            assert!(issuer.regimen.allows(fiscal::Persona::Moral));
            for shop in company.shops {
                let branch = company.branch(shop, &ids).unwrap();
                assert_eq!(branch.zone_name(), shop.time_zone);
            }
        }
        assert_eq!(COMPANIES.iter().filter(|company| company.is_default).count(), 1);
    }
}
