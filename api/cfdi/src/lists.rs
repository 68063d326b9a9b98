//! The SAT's long lists, as far as somebody brings them: products, units, postal codes, countries. They change several
//! times a year, so they are data and not code.

use crate::breach::Report;
use crate::read::path;
use crate::rules::DAY_LEN;
use crate::tree::{self, normalize_space};
use crate::xml::NAMESPACE;
use roxmltree::{Document, Node};
use std::collections::{BTreeMap, BTreeSet};

/// A list that is too long, and changes too often, to be code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// c_ClaveProdServ.
    ClaveProdServ,
    /// c_ClaveUnidad.
    ClaveUnidad,
    /// c_CodigoPostal.
    CodigoPostal,
    /// c_Pais.
    Pais,
}

impl List {
    /// All of them.
    pub const ALL: [List; 4] = [List::ClaveProdServ, List::ClaveUnidad, List::CodigoPostal, List::Pais];

    /// Its name at the SAT.
    pub const fn name(self) -> &'static str {
        match self {
            List::ClaveProdServ => "c_ClaveProdServ",
            List::ClaveUnidad => "c_ClaveUnidad",
            List::CodigoPostal => "c_CodigoPostal",
            List::Pais => "c_Pais",
        }
    }

    /// The list of this name.
    pub fn parse(name: &str) -> Option<List> {
        List::ALL.into_iter().find(|list| list.name() == name)
    }

    /// Whether a text looks like a code of this list.
    pub fn has_shape(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self {
            List::ClaveProdServ => bytes.len() == 8 && bytes.iter().all(u8::is_ascii_digit),
            List::CodigoPostal => bytes.len() == 5 && bytes.iter().all(u8::is_ascii_digit),
            List::ClaveUnidad => is_unit_code(text),
            List::Pais => bytes.len() == 3 && bytes.iter().all(u8::is_ascii_uppercase),
        }
    }
}

/// c_ClaveUnidad has codes of one to three characters, as UN/ECE Recommendation 20 writes them.
pub(crate) fn is_unit_code(value: &str) -> bool {
    (1..=3).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// The days on which a code may be used, both included, as `2026-11-18`. What is absent sets no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub until: Option<String>,
}

/// Why a code may not be used on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its list does not have it.
    NotListed,
    /// Not before this day.
    NotBefore(String),
    /// Not after this day.
    NotAfter(String),
}

/// What is at hand of the lists: whole lists by name, and of each the codes that somebody will ask for.
#[derive(Clone, Debug, Default)]
pub struct Lists(BTreeMap<List, BTreeMap<String, Validity>>);

impl Lists {
    /// Says that this list is at hand: from here on a code that is not added is not in it.
    pub fn have(&mut self, list: List) {
        self.0.entry(list).or_default();
    }

    /// Adds a code of a list, which is at hand then.
    pub fn add(&mut self, list: List, code: String, validity: Validity) {
        self.0.entry(list).or_default().insert(code, validity);
    }

    /// Lists that are not at hand.
    pub fn absent(&self) -> impl Iterator<Item = List> + '_ {
        List::ALL.into_iter().filter(|list| !self.0.contains_key(list))
    }

    /// What is wrong with a code on a day (`2026-11-18`); nothing when its list is not at hand.
    pub fn judge(&self, list: List, code: &str, day: &str) -> Option<Fault> {
        match self.0.get(&list)?.get(code) {
            None => Some(Fault::NotListed),
            Some(Validity { from: Some(from), .. }) if day < from.as_str() => Some(Fault::NotBefore(from.clone())),
            Some(Validity { until: Some(until), .. }) if day > until.as_str() => Some(Fault::NotAfter(until.clone())),
            Some(_) => None,
        }
    }

    /// The same, in Spanish.
    pub fn fault(&self, list: List, code: &str, day: &str) -> Option<String> {
        let name = list.name();
        Some(match self.judge(list, code, day)? {
            Fault::NotListed => format!("La clave «{code}» no está en {name}."),
            Fault::NotBefore(from) => {
                format!("La clave «{code}» de {name} vale desde el {from} y el comprobante es del {day}.")
            }
            Fault::NotAfter(until) => {
                format!("La clave «{code}» de {name} valió hasta el {until} y el comprobante es del {day}.")
            }
        })
    }
}

/// Where a document uses a list: element, attribute, list, and the matrix's code for a value that is not in it.
struct Use(&'static str, &'static str, List, Option<&'static str>);

/// Of a postal code for which the matrix has no code.
const POSTAL_CODE: &str = "postal_code_not_listed";

/// For the two domiciles the matrix names no list: the SAT compares them with its register of RFCs, where an old code
/// may still stand. There it is a warning.
static USES: [Use; 7] = [
    Use("Comprobante", "LugarExpedicion", List::CodigoPostal, Some("CFDI40126")),
    Use("Receptor", "DomicilioFiscalReceptor", List::CodigoPostal, None),
    Use("Receptor", "ResidenciaFiscal", List::Pais, Some("CFDI40150")),
    Use("Concepto", "ClaveProdServ", List::ClaveProdServ, Some("CFDI40162")),
    Use("Concepto", "ClaveUnidad", List::ClaveUnidad, Some("CFDI40165")),
    Use("ACuentaTerceros", "DomicilioFiscalACuentaTerceros", List::CodigoPostal, None),
    Use("Parte", "ClaveProdServ", List::ClaveProdServ, Some("CFDI40196")),
];

/// Every code that a document takes from a list, to be looked up before it is checked. Nothing of what cannot be read.
pub fn codes(bytes: &[u8]) -> BTreeSet<(List, String)> {
    let Ok(document) = tree::parse(bytes) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    each(&document, |_, used, code| {
        found.insert((used.2, code.to_owned()));
    });
    found
}

/// Tells the codes that are not in their list, or not on that day. What has another shape was told by the structure.
pub(crate) fn check(document: &Document<'_>, lists: &Lists, day: &str, report: &mut Report) {
    if lists.0.is_empty() {
        return;
    }
    each(document, |node, used, code| {
        // A place is found by counting its siblings: not for a breach that nobody would be told.
        if report.is_full() {
            return;
        }
        let Some(message) = lists.fault(used.2, code, day) else { return };
        let place = format!("{}/@{}", path(node), used.1);
        match used.3 {
            Some(matrix) => report.error(matrix, place, message),
            None => report.warn(POSTAL_CODE, place, message),
        }
    });
}

/// A code of a document that its list does not have on the document's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlisted {
    /// As a breach has it: the SAT's rejection code, or a name of ours.
    pub code: &'static str,
    /// Where it stands first.
    pub path: String,
    /// Which list.
    pub list: List,
    /// The document's code.
    pub value: String,
    /// Why.
    pub fault: Fault,
}

/// The first `most` codes of a document that are not in their list, each once. Of a stamped document that somebody brings
/// nothing more is worth a word: the SAT judged the rest. Nothing of what cannot be read, nor of version 3.3.
pub fn unlisted(bytes: &[u8], lists: &Lists, most: usize) -> Vec<Unlisted> {
    let Ok(document) = tree::parse(bytes) else { return Vec::new() };
    let day = document.root_element().attribute("Fecha").and_then(|at| at.get(..DAY_LEN)).unwrap_or_default();
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    each(&document, |node, used, code| {
        if found.len() >= most || !seen.insert((used.2, code.to_owned())) {
            return;
        }
        let Some(fault) = lists.judge(used.2, code, day) else { return };
        found.push(Unlisted {
            code: used.3.unwrap_or(POSTAL_CODE),
            path: format!("{}/@{}", path(node), used.1),
            list: used.2,
            value: code.to_owned(),
            fault,
        });
    });
    found
}

fn each(document: &Document<'_>, mut see: impl FnMut(Node<'_, '_>, &Use, &str)) {
    let own = |node: &Node<'_, '_>| node.is_element() && node.tag_name().namespace() == Some(NAMESPACE);
    for node in document.descendants().filter(own) {
        for used in USES.iter().filter(|used| used.0 == node.tag_name().name()) {
            let code = normalize_space(node.attribute(used.1).unwrap_or_default());
            if used.2.has_shape(&code) {
                see(node, used, &code);
            }
        }
    }
}
