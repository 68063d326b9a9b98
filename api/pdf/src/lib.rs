//! The printed documents: its own input in, PDF bytes out.
//!
//! Promises: the same input gives the same bytes; whatever a text says, it is printed as text, never run; rendering
//! reads no file, network, package, clock or system font, and its input is bounded before it starts.
//!
//! Does not: compute money, format dates, know a CFDI, a database or a session (every amount and date arrives as the
//! text to print), nor limit how many renders run at once: a render is synchronous, uses one core throughout and wants
//! a blocking thread behind a semaphore.
//!
//! ```
//! use pdf::{Document, RenderOptions, render, sample};
//!
//! let factura = Document::Factura(Box::new(sample::factura(1, 7)));
//! let options = RenderOptions { ident: "276B513E-6859-4EF0-A5B9-2C1CBE6054C7/1/3".into(), ..Default::default() };
//! let bytes = render(&factura, &options)?;
//! assert!(bytes.starts_with(b"%PDF-1.7"));
//! # Ok::<(), pdf::PdfError>(())
//! ```

mod clean;
mod error;
mod input;
mod logo;
mod qr;
mod render;
pub mod sample;
mod world;

pub use clean::{MAX_LINES, MAX_TEXT_CHARS, MAX_TOTAL_CHARS};
pub use error::PdfError;
pub use input::{
    Antiguedad, Aviso, ComplementoDePago, Comprobante, ComprobanteDePago, Comun, Concepto, Document, DocumentoDeRecibo,
    DocumentoPagado, Emisor, EstadoDeCuenta, Factura, FechaPdf, FilaDeTicket, Marca, MarcaDeAgua, Moneda, Movimiento,
    Pago, PagoRecibido, Papel, Par, Receptor, Recibo, Relacionados, Ticket, Timbre, TotalesDeFactura, TotalesDePago,
    TotalesDeRecibo,
};
pub use logo::Logo;
pub use qr::Qr;
pub use render::{MAX_PAGES, RenderOptions, check, render};
pub use world::{TEMPLATE_VERSION, Template};
