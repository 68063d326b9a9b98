//! U1: an XML that was made to harm is refused at every door where one is brought in, in our own words and at once.
use std::time::{Duration, Instant};

use shared::integrators::ApiScope;

use super::desk::{brings, told};
use super::*;
use crate::integrators::Program;
use crate::integrators::documents::foreign_cfdi;

/// One is looked at in this time, in a build without optimisation on a busy machine; whoever follows what such an XML
/// asks for is not done in hours.
const AT_ONCE: Duration = Duration::from_secs(60);
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const FOOT: &str = "</cfdi:Comprobante>";

/// A good document, with one thing about it that is not.
fn hostile(good: &str) -> Vec<(&'static str, Vec<u8>)> {
    let after_head = |what: &str| good.replacen(HEAD, &[HEAD, what].concat(), 1).into_bytes();
    let encoded = |name: &str| good.replacen("UTF-8", name, 1).into_bytes();
    let utf_16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        good.replacen("UTF-8", "UTF-16", 1).encode_utf16().flat_map(order).collect()
    };
    let wide: String = (0..257).map(|n| format!(" a{n}=\"\"")).collect();
    let laughs: String = (1..9).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    vec![
        ("a DOCTYPE", after_head("<!DOCTYPE cfdi:Comprobante>")),
        ("a DTD elsewhere", after_head("<!DOCTYPE cfdi:Comprobante SYSTEM \"http://127.0.0.1:9/x.dtd\">")),
        ("a file", after_head("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>")),
        ("a billion laughs", after_head(&format!("<!DOCTYPE a [<!ENTITY l0 \"ja\">{laughs}]>"))),
        ("an instruction", after_head("<?xml-stylesheet href=\"http://127.0.0.1:9/x.xsl\"?>")),
        ("65 levels", addenda(good, 65)),
        ("a million levels", format!("{HEAD}{}", "<a>".repeat(1_000_000)).into_bytes()),
        ("257 attributes", good.replacen(FOOT, &format!("<cfdi:Addenda{wide}/>{FOOT}"), 1).into_bytes()),
        ("UTF-16, little end first", [&[0xff, 0xfe][..], &utf_16(u16::to_le_bytes)].concat()),
        ("UTF-16, big end first", [&[0xfe, 0xff][..], &utf_16(u16::to_be_bytes)].concat()),
        ("UTF-16 without a mark", utf_16(u16::to_le_bytes)),
        ("the name of UTF-16", encoded("UTF-16")),
        ("the name of UTF-7", encoded("UTF-7")),
        ("the name of Latin-1", encoded("ISO-8859-1")),
        ("no UTF-8", [good.as_bytes(), &[0xff]].concat()),
        ("a NUL", good.replacen(FOOT, &format!("\0{FOOT}"), 1).into_bytes()),
        ("more than 5 MB", [good.as_bytes(), &vec![b' '; 5 * 1024 * 1024]].concat()),
    ]
}

/// The document with an addenda down to this level.
fn addenda(good: &str, level: usize) -> Vec<u8> {
    let below = level - 2;
    let addenda = format!("<cfdi:Addenda>{}{}</cfdi:Addenda>{FOOT}", "<a>".repeat(below), "</a>".repeat(below));
    good.replacen(FOOT, &addenda, 1).into_bytes()
}

on_both!(u1_an_xml_made_to_harm_is_refused_by_every_door, |app| {
    const DOCUMENTS: &str = "SELECT COUNT(*) FROM documents";
    let (desk, program) = (app.desk().await, Program::at(app, "default", &[ApiScope::DocumentsWrite]).await);
    let publishes = |xml: Vec<u8>| {
        let request = program.request(Method::PUT, "/documents/external/u-1").header("Content-Type", "application/xml");
        program.send(request.body(xml))
    };
    let good = String::from_utf8(foreign_cfdi(app, "egreso", "1").await).unwrap();
    assert!(good.starts_with(HEAD) && good.trim_end().ends_with(FOOT));
    let before = app.database.count(DOCUMENTS).await;
    for (what, xml) in hostile(&good) {
        for door in ["the program's", "the desk's"] {
            let began = Instant::now();
            let reply = if door == "the desk's" {
                brings(&desk, "name=x.xml", xml.clone()).await
            } else {
                publishes(xml.clone()).await
            };
            let (took, text) = (began.elapsed(), reply.text());
            assert!(took < AT_ONCE, "{what} at {door} door: {took:?}");
            assert_eq!(told(reply), [("/body".to_owned(), FieldCode::Cfdi)], "{what} at {door} door");
            assert!(!text.contains("root:") && !text.contains("roxmltree") && text.len() < 1_000, "{what}: {text}");
        }
    }
    assert_eq!(app.database.count(DOCUMENTS).await, before);
    // It was for that, and 64 levels are none too many.
    publishes(addenda(&good, 64)).await.ok();
});
