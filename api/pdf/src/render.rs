//! One render from input to bytes.

use serde_json::Value;
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::world::{ClosedWorld, LOGO_PATH};
use crate::{Document, Logo, PdfError, Qr, Template, clean};

/// Pages a document may take. As many lines as are permitted take 66 of usual text, 141 of long.
pub const MAX_PAGES: usize = 200;

/// Lines of a document that is tried as a single page first: how many pages there are is known only once all are laid
/// out, and asking for it lays out what asks a second time. Nearly all that are so short do fit.
const SHORT_LINES: usize = 8;

/// Where the template is told that it is tried so.
const ONE_PAGE: &str = "una_hoja";

/// How many renders a cached partial result outlives its last use. Two keep `lib.typ` evaluated and words shaped
/// between documents that take turns, and let go of a long document's tables soon.
const CACHE_AGE: usize = 2;

/// Bytes of stack that a render is given. The typesetter calls itself for each thing within another: in a build that is not
/// optimised, the tables of an invoice take more than the two megabytes of a runtime's thread.
const STACK: usize = 16 * 1024 * 1024;

/// What is not printed, or comes from elsewhere than the document.
#[derive(Clone, Debug, Default)]
pub struct RenderOptions {
    /// Identifies the document for ever: folio fiscal, template version and brand version. Only its hash is written.
    pub ident: String,
    /// The issuer's logo, from [`Logo::new`].
    pub logo: Option<Logo>,
    /// An operator's template in place of the built-in one.
    pub template: Option<Template>,
}

/// Renders `document` as a tagged PDF 1.7. The same input gives the same bytes.
///
/// Synchronous and bound by one core: some milliseconds for a usual invoice, about a second at [`MAX_LINES`](crate::MAX_LINES).
pub fn render(document: &Document, options: &RenderOptions) -> Result<Vec<u8>, PdfError> {
    stacker::maybe_grow(STACK, STACK, || print(document, options))
}

fn print(document: &Document, options: &RenderOptions) -> Result<Vec<u8>, PdfError> {
    let mut data = data(document, options.logo.as_ref())?;
    let template = options.template.as_ref().unwrap_or_else(|| document.template());
    let _evict = EvictOnDrop;
    let mut compiled = |one_page: bool| {
        data[ONE_PAGE] = one_page.into();
        let text = serde_json::to_string(&data)?;
        compile(&ClosedWorld::new(template, text, options.logo.as_ref().map(Logo::bytes), document.qr().map(Qr::dots)))
    };
    if document.lines() <= SHORT_LINES {
        let paged = compiled(true)?;
        if paged.pages().len() == 1 {
            return export(&paged, &options.ident);
        }
    }
    export(&compiled(false)?, &options.ident)
}

/// Whether `document` is within the bounds of what [`render`] takes, without rendering it.
pub fn check(document: &Document) -> Result<(), PdfError> {
    data(document, None).map(drop)
}

/// What the template reads: the bounded and cleaned document, plus where the logo is.
fn data(document: &Document, logo: Option<&Logo>) -> Result<Value, PdfError> {
    clean::check_lines(document.lines())?;
    let mut value = serde_json::to_value(document)?;
    clean::clean(&mut value)?;
    if let (Some(logo), Some(marca)) = (logo, value.get_mut("marca")) {
        marca["logo"] = serde_json::json!({ "archivo": LOGO_PATH, "ancho": logo.width_mm(), "alto": logo.height_mm() });
    }
    Ok(value)
}

fn compile(world: &ClosedWorld) -> Result<PagedDocument, PdfError> {
    let paged: PagedDocument = typst::compile(world).output.map_err(first_message)?;
    let pages = paged.pages().len();
    if pages > MAX_PAGES {
        return Err(PdfError::TooManyPages { pages });
    }
    Ok(paged)
}

fn export(paged: &PagedDocument, ident: &str) -> Result<Vec<u8>, PdfError> {
    // No timestamp: the date in the file is the document's `fecha_pdf`, not the moment of rendering.
    let options = PdfOptions { ident: Smart::Custom(ident.to_owned()), tagged: true, ..PdfOptions::default() };
    typst_pdf::pdf(paged, &options).map_err(first_message)
}

fn first_message(errors: typst::ecow::EcoVec<typst::diag::SourceDiagnostic>) -> PdfError {
    PdfError::Template(errors.first().map(|error| error.message.to_string()).unwrap_or_default())
}

/// The typesetter's cache is global and only grows: it is aged after every render, failed and panicked ones too.
struct EvictOnDrop;

impl Drop for EvictOnDrop {
    fn drop(&mut self) {
        comemo::evict(CACHE_AGE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_is_checked_is_what_is_rendered() {
        let short = Document::Factura(Box::new(sample::factura(1, 1)));
        assert!(check(&short).is_ok());
        let long = Document::Factura(Box::new(sample::factura(crate::MAX_LINES + 1, 1)));
        assert!(matches!(check(&long), Err(PdfError::TooManyLines { .. })));
        assert!(matches!(render(&long, &RenderOptions::default()), Err(PdfError::TooManyLines { .. })));
    }

    /// A warning is a missing font or a running balance that never settles: paper nobody meant. PDF/UA-1 wants title,
    /// language, headings, table heads and alternative texts.
    #[test]
    fn every_template_is_free_of_warnings_and_accessible() {
        let standards = typst_pdf::PdfStandards::new(&[typst_pdf::PdfStandard::Ua_1]).unwrap();
        let accessible = PdfOptions { standards, ..PdfOptions::default() };
        for document in [
            Document::Factura(Box::new(sample::factura(1, 1))),
            Document::ComplementoDePago(Box::new(sample::complemento_de_pago(1, 1))),
            Document::Recibo(Box::new(sample::recibo(1, 1))),
            Document::EstadoDeCuenta(Box::new(sample::estado_de_cuenta(40))),
            Document::Ticket(Box::new(sample::ticket())),
        ] {
            for one_page in [true, false] {
                let mut data = data(&document, None).unwrap();
                data[ONE_PAGE] = one_page.into();
                let world = ClosedWorld::new(document.template(), data.to_string(), None, document.qr().map(Qr::dots));
                let compiled = typst::compile::<PagedDocument>(&world);
                let warnings: Vec<_> = compiled.warnings.iter().map(|warning| &warning.message).collect();
                assert!(warnings.is_empty(), "{document:?}: {warnings:?}");
                typst_pdf::pdf(&compiled.output.unwrap(), &accessible).unwrap();
            }
        }
    }
}
