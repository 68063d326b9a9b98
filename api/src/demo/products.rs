//! What the demo's shops sell. Keys of the SAT's catalogues, invented prices with their tax inside.
use crate::tickets::model::LineTax;

/// How a product is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sold {
    /// By the piece.
    Piece,
    /// By weight, to the gram.
    Kilogram,
    /// As a service.
    Service,
}

/// An article of the shelf.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    /// c_ClaveProdServ.
    pub clave_prod_serv: &'static str,
    /// On the ticket.
    pub descripcion: &'static str,
    /// Price with tax, in centavos: of a piece, a kilogram or a service.
    pub price_minor: i64,
    /// The tax inside.
    pub tax: LineTax,
    /// By piece or by weight.
    pub sold: Sold,
}

const fn product(
    clave_prod_serv: &'static str,
    descripcion: &'static str,
    price_minor: i64,
    tax: LineTax,
    sold: Sold,
) -> Product {
    Product { clave_prod_serv, descripcion, price_minor, tax, sold }
}

use LineTax::{Exento, Iva0, Iva16, NoObjeto};
use Sold::{Kilogram, Piece, Service};

/// The three of the ticket that the pages draw.
pub const NOTEBOOK: Product = product("14111514", "Cuaderno raya", 5_900, Iva16, Piece);
/// See [`NOTEBOOK`].
pub const LAMP: Product = product("39111510", "Lámpara mesa", 64_900, Iva16, Piece);
/// See [`NOTEBOOK`].
pub const BATTERY: Product = product("26111702", "Pila AA", 2_400, Iva16, Piece);

/// The shelf.
pub const PRODUCTS: [Product; 30] = [
    NOTEBOOK,
    LAMP,
    BATTERY,
    product("44121701", "Bolígrafo azul", 750, Iva16, Piece),
    product("44121706", "Lápiz HB", 590, Iva16, Piece),
    product("44121618", "Tijeras 7\"", 4_800, Iva16, Piece),
    product("31201512", "Cinta transparente 18 mm", 1_990, Iva16, Piece),
    product("43211708", "Ratón inalámbrico", 28_900, Iva16, Piece),
    product("43211706", "Teclado español", 45_900, Iva16, Piece),
    product("43202005", "Memoria USB 64 GB", 17_999, Iva16, Piece),
    product("44103103", "Tóner negro", 134_900, Iva16, Piece),
    product("14111507", "Papel carta 500 h", 11_900, Iva16, Piece),
    product("56112102", "Silla de oficina", 289_900, Iva16, Piece),
    product("52152101", "Taza 350 ml", 6_490, Iva16, Piece),
    product("53131608", "Jabón de tocador", 1_850, Iva16, Piece),
    product("47131604", "Escoba", 7_230, Iva16, Piece),
    product("47121701", "Bolsa p/basura 10 pz", 3_333, Iva16, Piece),
    product("53121603", "Mochila escolar", 54_900, Iva16, Piece),
    product("60141100", "Juego de mesa «Lotería»", 19_900, Iva16, Piece),
    product("50192100", "Botana & cacahuate 200 g", 2_750, Iva16, Piece),
    product("50202301", "Garrafón de agua 20 L", 4_200, Iva0, Piece),
    product("50181900", "Pan blanco", 320, Iva0, Piece),
    product("50131701", "Leche entera 1 L", 2_790, Iva0, Piece),
    product("50301500", "Manzana", 5_490, Iva0, Kilogram),
    product("50406500", "Jitomate", 3_150, Iva0, Kilogram),
    product("51142001", "Paracetamol 500 mg", 3_870, Iva0, Piece),
    product("55101509", "Libro de texto", 18_500, Exento, Piece),
    product("55101506", "Revista", 7_500, Exento, Piece),
    product("86101700", "Taller de encuadernación", 35_000, Iva16, Service),
    product("84101600", "Redondeo para una causa", 37, NoObjeto, Piece),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tax_and_every_way_to_sell_is_on_the_shelf() {
        for tax in [Iva16, Iva0, Exento, NoObjeto] {
            assert!(PRODUCTS.iter().any(|product| product.tax == tax), "{tax:?}");
        }
        for sold in [Piece, Kilogram, Service] {
            assert!(PRODUCTS.iter().any(|product| product.sold == sold), "{sold:?}");
        }
        assert!(PRODUCTS.iter().all(|product| product.price_minor > 0 && product.clave_prod_serv.len() == 8));
    }
}
