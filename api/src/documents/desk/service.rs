//! Finding, telling who had what was withdrawn, and which codes of what is brought are in no list.
use cfdi::lists::{self, Fault};
use fiscal::Rfc;
use shared::documents::{DeskDocument, HadByWhom, UnlistedCode};

use crate::App;
use crate::accounts::{UserId, people};
use crate::audit::Done;
use crate::catalogs;
use crate::db::{Conn, DbResult, Timestamp};
use crate::documents::DocumentId;
use crate::documents::issued::resource;
use crate::documents::publish::Parcel;
use crate::documents::store::desk::{self as store, Looked};
use crate::issuers::Scope;
use std::collections::HashMap;
use uuid::Uuid;

/// Codes that are told of one document.
const UNLISTED_MAX: usize = 20;
/// Different codes that are looked up for one document; one that has more is not looked into.
const CODES_MAX: usize = 5_000;

/// Codes of a CFDI that the lists at hand do not have on its day, as `cfdi check` finds them. It was stamped: this is for
/// whoever makes the next one, and refuses nothing.
pub(super) async fn unlisted(app: &App, parcel: &Parcel) -> DbResult<Vec<UnlistedCode>> {
    let Parcel::Cfdi { xml, .. } = parcel else { return Ok(Vec::new()) };
    let wanted = lists::codes(xml);
    if wanted.is_empty() || wanted.len() > CODES_MAX {
        return Ok(Vec::new());
    }
    let at_hand = catalogs::lists_for(&mut app.db.read().await?, &wanted).await?;
    let view = |one: lists::Unlisted| {
        let (from, until) = match one.fault {
            Fault::NotListed => (None, None),
            Fault::NotBefore(day) => (Some(day), None),
            Fault::NotAfter(day) => (None, Some(day)),
        };
        let (code, list) = (one.code.to_owned(), one.list.name().to_owned());
        UnlistedCode { code, path: one.path, list, value: one.value, from, until }
    };
    Ok(lists::unlisted(xml, &at_hand, UNLISTED_MAX).into_iter().map(view).collect())
}

/// What stands between a serie and its folio.
const APART: [char; 2] = ['-', ' '];
/// Places of a number at which its serie may end.
const PARTINGS_MAX: usize = 6;

/// Reads what was typed: a folio fiscal, an RFC, or a folio with or without its serie.
pub(super) fn read(typed: &str) -> Looked {
    let typed = typed.trim();
    if typed.is_empty() {
        return Looked::All;
    }
    if let Ok(uuid) = Uuid::try_parse(typed) {
        return Looked::Stamp(uuid);
    }
    if let Ok(rfc) = Rfc::parse(typed) {
        return Looked::Receptor(rfc.as_str().to_owned());
    }
    Looked::Numbers(numbers(typed))
}

/// What a number can be: a folio of any serie as it stands, or a serie and its folio. Both may have digits and hyphens of
/// their own, so each hyphen may be the one between them; without one, the folio is the digits at the end.
fn numbers(typed: &str) -> Vec<(String, String)> {
    let mut parted: Vec<(&str, &str)> =
        typed.rmatch_indices(APART).take(PARTINGS_MAX).map(|(at, _)| typed.split_at(at)).collect();
    if parted.is_empty() {
        parted.push(typed.split_at(typed.trim_end_matches(|c: char| c.is_ascii_digit()).len()));
    }
    let mut numbers = Vec::new();
    let mut add = |serie: &str, folio: &str| {
        for folio in [folio.to_owned(), folio.to_uppercase()] {
            let number = (serie.to_uppercase(), folio);
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    };
    add("", typed);
    for (serie, folio) in parted {
        let (serie, folio) = (serie.trim_end_matches(APART), folio.trim_start_matches(APART));
        if !serie.is_empty() && !folio.is_empty() {
            add(serie, folio);
        }
    }
    numbers
}

/// Up to `limit` documents, the last that came first, after one of them.
pub(super) async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    looked: &Looked,
    before: Option<(Timestamp, DocumentId)>,
    limit: i64,
) -> DbResult<Vec<((Timestamp, DocumentId), DeskDocument)>> {
    let rows = store::list(conn, scope, looked, before, limit).await?;
    let view = |row: store::DeskRow| {
        let key = (row.issued.created_at, DocumentId::new(row.issued.id));
        let (is_published, withdrawn_at) = (row.issued.external_id.is_some(), row.withdrawn_at);
        let document = resource(row.issued)?;
        Ok((key, DeskDocument { document, is_published, withdrawn_at: withdrawn_at.map(|at| at.to_string()) }))
    };
    rows.into_iter().map(view).collect()
}

/// Who had it, by their mail addresses.
pub(super) async fn by_whom(app: &App, had: Vec<Done>) -> DbResult<Vec<HadByWhom>> {
    let mut conn = app.db.read().await?;
    let mut known = HashMap::<Uuid, Option<String>>::new();
    let mut all = Vec::with_capacity(had.len());
    for done in had {
        let who = match done.user_id {
            Some(user) => match known.get(&user) {
                Some(email) => email.clone(),
                None => {
                    let contact = people::contact(&mut conn, UserId::new(user)).await?;
                    let email = contact.map(|contact| contact.email.as_str().to_owned());
                    known.insert(user, email.clone());
                    email
                }
            },
            None => None,
        };
        all.push(HadByWhom { at: done.at.to_string(), act: done.act, who });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_one_of_three_things() {
        let numbers = |all: &[(&str, &str)]| {
            Looked::Numbers(all.iter().map(|(serie, folio)| ((*serie).to_owned(), (*folio).to_owned())).collect())
        };
        for (typed, read_as) in [
            ("  ", Looked::All),
            ("tam010203aba", Looked::Receptor("TAM010203ABA".into())),
            ("FA-60412", numbers(&[("", "FA-60412"), ("FA", "60412")])),
            ("fa 60412", numbers(&[("", "fa 60412"), ("", "FA 60412"), ("FA", "60412")])),
            ("FA60412", numbers(&[("", "FA60412"), ("FA", "60412")])),
            ("A1-15", numbers(&[("", "A1-15"), ("A1", "15")])),
            ("t2-15", numbers(&[("", "t2-15"), ("", "T2-15"), ("T2", "15")])),
            ("A - 15", numbers(&[("", "A - 15"), ("A", "15")])),
            ("F-INV-0012", numbers(&[("", "F-INV-0012"), ("F-INV", "0012"), ("F", "INV-0012")])),
            ("171001", numbers(&[("", "171001")])),
            ("abc", numbers(&[("", "abc"), ("", "ABC")])),
            ("-", numbers(&[("", "-")])),
        ] {
            assert_eq!(read(typed), read_as, "{typed}");
        }
        assert!(matches!(read("0192C8A1-0000-7000-8000-000000000001"), Looked::Stamp(_)));
    }
}
