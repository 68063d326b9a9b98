//! The closed world a template sees: `/lib.typ`, `/data.json`, the logo, the QR code and itself. Everything else is refused:
//! there is no file, network, package, clock or system font behind it.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

/// Number of the built-in templates; part of what identifies a rendered PDF. Raised with every change to a template,
/// `lib.typ`, a font or the typesetter: a test compares their fingerprint.
pub const TEMPLATE_VERSION: u32 = 3;

/// The logo's virtual path. It has no extension, so that the format is told by the bytes.
pub(crate) const LOGO_PATH: &str = "/logo";

/// The QR code's virtual path: raw dots.
pub(crate) const QR_PATH: &str = "/qr";

const LIB_TEXT: &str = include_str!("../templates/lib.typ");

const FONTS: [&[u8]; 3] = [
    include_bytes!("../fonts/Inter-Regular.ttf"),
    include_bytes!("../fonts/Inter-SemiBold.ttf"),
    include_bytes!("../fonts/JetBrainsMono-Regular.ttf"),
];

/// What never changes while the process lives. Were it rebuilt per render, nothing evaluated once could be reused.
struct Constant {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    lib: Source,
    data: FileId,
    logo: FileId,
    qr: FileId,
}

static CONSTANT: LazyLock<Constant> = LazyLock::new(|| {
    let fonts: Vec<Font> = FONTS.iter().flat_map(|bytes| Font::iter(Bytes::new(*bytes))).collect();
    Constant {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        lib: source("/lib.typ", LIB_TEXT),
        data: file_id("/data.json"),
        logo: file_id(LOGO_PATH),
        qr: file_id(QR_PATH),
    }
});

/// A parsed template. The built-in ones are chosen by the document; an operator may bring another.
#[derive(Clone, Debug)]
pub struct Template(Source);

impl Template {
    /// Parses an operator's template. It may import `lib.typ` and read `/data.json` and the logo, nothing else.
    /// Faults in it are told when a document is rendered.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(source("/propia.typ", text))
    }
}

macro_rules! built_in {
    ($($name:ident = $file:literal),+ $(,)?) => {
        $(pub(crate) static $name: LazyLock<Template> =
            LazyLock::new(|| Template(source(concat!("/", $file), include_str!(concat!("../templates/", $file)))));)+
        #[cfg(test)]
        const TEXTS: &[&str] = &[LIB_TEXT, $(include_str!(concat!("../templates/", $file))),+];
    };
}

built_in! {
    FACTURA = "factura.typ",
    COMPLEMENTO_DE_PAGO = "complemento-de-pago.typ",
    RECIBO = "recibo.typ",
    ESTADO_DE_CUENTA = "estado-de-cuenta.typ",
    TICKET = "ticket.typ",
}

fn source(path: &'static str, text: impl Into<String>) -> Source {
    Source::new(file_id(path), text.into())
}

#[expect(clippy::expect_used, reason = "every path is a constant of this file")]
fn file_id(path: &'static str) -> FileId {
    let path = VirtualPath::new(path).expect("a constant virtual path");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// Whether any of the fonts can print `c`.
pub(crate) fn has_glyph(c: char) -> bool {
    CONSTANT.fonts.iter().any(|font| font.info().coverage.contains(u32::from(c)))
}

/// One render's view.
pub(crate) struct ClosedWorld {
    constant: &'static Constant,
    main: Source,
    data: Bytes,
    logo: Option<Bytes>,
    qr: Option<Bytes>,
}

impl ClosedWorld {
    pub(crate) fn new(template: &Template, data: String, logo: Option<Bytes>, qr: Option<Bytes>) -> Self {
        Self { constant: &CONSTANT, main: template.0.clone(), data: Bytes::from_string(data), logo, qr }
    }
}

impl World for ClosedWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.constant.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.constant.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            Ok(self.main.clone())
        } else if id == self.constant.lib.id() {
            Ok(self.constant.lib.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.constant.data {
            Ok(self.data.clone())
        } else if id == self.constant.logo {
            self.logo.clone().ok_or(FileError::AccessDenied)
        } else if id == self.constant.qr {
            self.qr.clone().ok_or(FileError::AccessDenied)
        } else {
            self.source(id).map(Bytes::from_string)
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.constant.fonts.get(index).cloned()
    }

    /// The only date a document knows is the one of its input.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PDF is found again by its template version: the same number must never name two looks.
    #[test]
    fn the_template_version_names_these_templates_fonts_and_typesetter() {
        let print = typst::utils::hash128(&(TEXTS, FONTS, typst::utils::version().raw()));
        assert_eq!(
            (TEMPLATE_VERSION, format!("{print:032x}").as_str()),
            (3, "a442d4b627001d5d8047440211e8f787"),
            "a template, font or typst changed: raise TEMPLATE_VERSION and put both values here"
        );
    }
}
