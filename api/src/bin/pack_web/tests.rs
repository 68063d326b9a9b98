//! Pages as Trunk writes them, and pages that must not pass.
use std::io::Read;

use super::*;

const TRUNK_PAGE: &str = r#"<!DOCTYPE html><html lang="es-MX"><head>
<!-- <script>a comment is not a script</script> -->
<link rel="stylesheet" href="/base-1f2e3d4c5b6a7988.css" integrity="sha384-a>b">
<link rel="stylesheet" href="/brand/default.css">
<script type="module">
import init, * as bindings from '/portal-6f0c2a91d3b4e875.js';
const wasm = await init({ module_or_path: '/portal-6f0c2a91d3b4e875_bg.wasm' });


window.wasmBindings = bindings;


dispatchEvent(new CustomEvent("TrunkApplicationStarted", {detail: {wasm}}));

</script>
<link rel="modulepreload" href="/portal-6f0c2a91d3b4e875.js" crossorigin="anonymous"></head>
<body><noscript>Active JavaScript</noscript></body></html>"#;

fn trunk_output() -> BTreeMap<String, Vec<u8>> {
    [
        ("index.html", TRUNK_PAGE.as_bytes().to_vec()),
        ("base-1f2e3d4c5b6a7988.css", b"a{color:red}".repeat(50)),
        ("portal-6f0c2a91d3b4e875.js", b"export default 1;".to_vec()),
        ("portal-6f0c2a91d3b4e875_bg.wasm", b"\0asm".repeat(100)),
        ("fonts/inter.woff2", b"wOF2".to_vec()),
        ("robots.txt", b"User-agent: *".to_vec()),
    ]
    .into_iter()
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .collect()
}

#[test]
fn the_start_up_script_becomes_a_file_named_by_its_hash() {
    let (page, script) = split_page(TRUNK_PAGE).unwrap();
    assert!(script.code.starts_with("import init, * as bindings from"));
    assert!(script.code.ends_with("{detail: {wasm}}));\n"));
    assert_eq!(script.name, format!("init-{}.js", &hex::encode(Sha256::digest(&script.code))[..16]));
    assert!(page.contains(&format!("<script type=\"module\" src=\"/{}\"></script>", script.name)));
    assert!(!page.contains("import init"));
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    assert!(is_hashed(&script.name));
}

#[test]
fn a_minified_page_without_quotes_is_understood() {
    let page = "<html><script type=module>import a from\"/p.js\";await a(\"/p_bg.wasm\")</script><body>";
    let (page, script) = split_page(page).unwrap();
    assert_eq!(page, format!("<html><script type=\"module\" src=\"/{}\"></script><body>", script.name));
}

#[test]
fn a_page_without_trunks_script_is_refused() {
    let refusal = |page: &str| split_page(page).unwrap_err().to_string();
    assert!(refusal("<html></html>").contains("no inline start-up script"));
    assert!(refusal("<html><script src=\"/a.js\"></script></html>").contains("no inline start-up script"));
    assert!(refusal("<script>alert(1)</script>").contains("not Trunk's start-up module"));
    assert!(refusal("<script type=\"module\">let a = 1;</script>").contains("not Trunk's start-up module"));
    assert!(refusal(&format!("{TRUNK_PAGE}<script>let a;</script>")).contains("two inline scripts"));
    assert!(refusal("<script type=\"module\">import a").contains("not closed"));
}

#[test]
fn whatever_else_needs_unsafe_inline_is_refused() {
    let refusal = |extra: &str| split_page(&format!("{TRUNK_PAGE}{extra}")).unwrap_err().to_string();
    assert!(refusal("<p style='color:red'>").contains("style attribute"));
    assert!(refusal("<style>p{}</style>").contains("inline style sheet"));
    assert!(refusal("<a href=# onclick=f()>").contains("handler onclick"));
    split_page(&format!("{TRUNK_PAGE}<p title='a style=\"x\" > b'>onclick=</p>")).unwrap();
}

#[test]
fn the_first_view_is_the_page_what_it_names_and_the_fonts() {
    let mut files = trunk_output();
    let view = externalize_script(&mut files).unwrap();
    let init = files.keys().find(|name| name.starts_with("init-")).unwrap().clone();
    let app = ["portal-6f0c2a91d3b4e875.js", "portal-6f0c2a91d3b4e875_bg.wasm"];
    assert_eq!(view, [&["base-1f2e3d4c5b6a7988.css", "fonts/inter.woff2", "index.html", &init][..], &app].concat());
    assert!(files.contains_key("robots.txt"));
}

#[test]
fn a_workers_script_is_there_and_loaded_when_there_is_work() {
    let mut files = trunk_output();
    let tag = "<script src=\"/work-00112233445566aa.js\" type=\"text/plain\" id=\"work\"></script></head>";
    files.insert(INDEX.to_owned(), TRUNK_PAGE.replace("</head>", tag).into_bytes());
    assert!(externalize_script(&mut files.clone()).unwrap_err().to_string().contains("/work-00112233445566aa.js"));
    files.insert("work-00112233445566aa.js".to_owned(), b"postMessage(1)".to_vec());
    let view = externalize_script(&mut files).unwrap();
    assert!(!view.iter().any(|path| path.contains("work-")), "{view:?}");
}

#[test]
fn programs_share_what_is_the_same_and_nothing_else() {
    let mut all = BTreeMap::new();
    let guest = gather(&mut all, trunk_output(), Program::Guest).unwrap();
    let portal = gather(&mut all, trunk_output(), Program::Portal).unwrap();
    assert!(guest.paths.contains(&"index.html".to_owned()) && !guest.paths.contains(&"portal.html".to_owned()));
    assert!(portal.paths.contains(&"portal.html".to_owned()) && !portal.paths.contains(&"index.html".to_owned()));
    assert_eq!(all["index.html"], all["portal.html"]);
    assert_eq!(all.len(), trunk_output().len() + 2);

    let mut other = trunk_output();
    other.insert("robots.txt".to_owned(), b"another".to_vec());
    let refusal = gather(&mut all, other, Program::Portal).err().unwrap().to_string();
    assert!(refusal.contains("robots.txt of portal"), "{refusal}");
}

#[test]
fn a_limit_names_a_program_and_its_bytes() {
    assert_eq!(limit("portal=358400").unwrap(), (Program::Portal, 358_400));
    for wrong in ["portal", "portal=", "portal=x", "other=1", ""] {
        assert!(limit(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_page_that_names_a_missing_file_is_refused() {
    let mut files = trunk_output();
    files.remove("base-1f2e3d4c5b6a7988.css");
    assert!(externalize_script(&mut files).unwrap_err().to_string().contains("/base-1f2e3d4c5b6a7988.css"));
}

#[test]
fn only_names_with_a_hash_are_kept_for_ever() {
    for name in ["portal-6f0c2a91d3b4e875_bg.wasm", "a/portal-6f0c2a91d3b4e875.js", "x-f0c2a91d3b4e875.css"] {
        assert!(is_hashed(name), "{name}");
    }
    for name in ["index.html", "inter-var-latin.woff2", "a-6F0C2A91D3B4E875.js", "facade.css", "x-cafe.css"] {
        assert!(!is_hashed(name), "{name}");
    }
}

#[test]
fn an_unknown_extension_is_refused() {
    assert!(pack("a.exe".into(), vec![]).is_err());
    assert!(pack("LICENSE".into(), vec![]).is_err());
}

fn packed() -> Vec<Packed> {
    let mut files = trunk_output();
    externalize_script(&mut files).unwrap();
    files.into_iter().map(|(path, raw)| pack(path, raw).unwrap()).collect()
}

#[test]
fn the_bundle_is_the_same_bytes_every_time_and_every_encoding_opens_to_the_file() {
    let views = [FirstView { program: Program::Guest, paths: vec!["base-1f2e3d4c5b6a7988.css".to_owned()] }];
    let bytes = bundle(&packed(), &views).unwrap();
    assert_eq!(bytes, bundle(&packed(), &views).unwrap());

    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let mut read = |name: &str| -> Vec<u8> {
        let mut entry = archive.by_name(name).unwrap();
        assert_eq!(entry.compression(), zip::CompressionMethod::Stored);
        let mut out = Vec::new();
        entry.read_to_end(&mut out).unwrap();
        out
    };
    let manifest: Vec<Value> = serde_json::from_slice(&read("manifest.json")).unwrap();
    assert_eq!(manifest.len(), trunk_output().len() + 1);
    for row in &manifest {
        let path = row["path"].as_str().unwrap();
        let raw = read(&format!("f/{path}"));
        assert_eq!(row["sha256"].as_str().unwrap(), hex::encode(Sha256::digest(&raw)));
        assert_eq!(row["sizes"]["raw"], raw.len());
        if !row["sizes"]["br"].is_null() {
            let mut plain = Vec::new();
            brotli::Decompressor::new(Cursor::new(read(&format!("br/{path}"))), 4096).read_to_end(&mut plain).unwrap();
            assert_eq!(plain, raw, "{path}");
        }
        if !row["sizes"]["gz"].is_null() {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(Cursor::new(read(&format!("gz/{path}")))).read_to_end(&mut plain).unwrap();
            assert_eq!(plain, raw, "{path}");
        }
    }
    let css = manifest.iter().find(|row| row["path"] == "base-1f2e3d4c5b6a7988.css").unwrap();
    assert_eq!((&css["immutable"], &css["content_type"]), (&json!(true), &json!("text/css; charset=utf-8")));
    assert!(css["sizes"]["br"].is_u64() && css["sizes"]["gz"].is_u64());
    let font = manifest.iter().find(|row| row["path"] == "fonts/inter.woff2").unwrap();
    assert_eq!((&css["first_view"], &font["first_view"]), (&json!(["guest"]), &json!([])));
    assert_eq!((&font["immutable"], &font["sizes"]["br"]), (&json!(false), &Value::Null));
}

#[test]
fn the_weight_counts_what_a_browser_receives() {
    let files = packed();
    let paths = vec!["base-1f2e3d4c5b6a7988.css".into(), "fonts/inter.woff2".into()];
    let (table, total) = weigh(&files, &FirstView { program: Program::Guest, paths });
    let css = files.iter().find(|file| file.path.ends_with(".css")).unwrap();
    assert_eq!(total, css.brotli.as_ref().unwrap().len() as u64 + 4);
    assert!(total < css.raw.len() as u64);
    assert!(table.contains("fonts/inter.woff2") && !table.contains("robots.txt"));
}

#[test]
fn an_unchanged_bundle_is_not_touched_and_no_partial_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("dist/web.bundle");
    write_atomically(&out, b"one").unwrap();
    let first = fs::metadata(&out).unwrap().modified().unwrap();
    write_atomically(&out, b"one").unwrap();
    assert_eq!(fs::metadata(&out).unwrap().modified().unwrap(), first);
    write_atomically(&out, b"two").unwrap();
    assert_eq!(fs::read(&out).unwrap(), b"two");
    assert_eq!(fs::read_dir(out.parent().unwrap()).unwrap().count(), 1);
}
