//! Issuers, branches, brands, and who may sign.
mod certificates;

use std::sync::Arc;

use api::App;
use api::audit::Actor;
use api::db::Timestamp;
use api::issuers::custody::{self, CustodyError, Unfit, Vault, VaultError};
use api::issuers::service::{self, DEFAULT_SLUG};
use api::issuers::{Issuer, Scope, logo};
use api::sandbox::authority::Authority;
use shared::billing::InvoiceView;
use shared::issuers::{BranchView, IssuerView};
use shared::page::Page;
use shared::{FieldCode, ProblemCode};

use crate::support::{TestApp, on_both};

const BRANCHES: &str = "/api/v1/issuers/default/branches";

async fn names(app: &TestApp, query: &str) -> Vec<String> {
    let page: Page<BranchView> = app.browser().get(&format!("{BRANCHES}{query}")).await.ok().json();
    page.data.into_iter().map(|branch| branch.name).collect()
}

async fn default_issuer(app: &App) -> (Scope, Issuer) {
    service::scope_of_slug(app, DEFAULT_SLUG).await.unwrap().unwrap()
}

on_both!(an_issuer_is_known_by_its_name_in_addresses, |app| {
    let view: IssuerView = app.browser().get("/api/v1/issuers/default").await.ok().json();
    assert_eq!((view.slug.as_str(), view.commercial_name.as_str()), ("colibri-azul", "Colibrí Azul"));
    assert!(view.rehearsal && view.formas_pago.contains(&"28".to_owned()));
    let other: IssuerView = app.browser().get("/api/v1/issuers/nandu").await.ok().json();
    assert_eq!(other.nombre, "PAPELERÍA ÑANDÚ & HERMANOS");
    app.browser().get("/api/v1/issuers/nobody").await.problem(ProblemCode::NotFound);
});

on_both!(branches_are_listed_by_name_and_found_without_accents, |app| {
    let all = names(app, "").await;
    assert_eq!(all[0], "Cancún Centro");
    assert_eq!(all.len(), 7);
    assert_eq!(names(app, "?q=MERIDA").await, ["Mérida Norte"]);
    assert_eq!(names(app, "?q=quer%C3%A9taro%20juri").await, ["Querétaro Juriquilla"]);
    assert_eq!(names(app, "?q=97115").await, ["Mérida Norte"]);
    assert_eq!(names(app, "?q=ciudad%20de%20mexico").await, ["Centro Histórico", "Del Valle"]);
    assert!(names(app, "?q=%25").await.is_empty());
    assert!(names(app, "?q=_").await.is_empty());
});

on_both!(pages_of_branches_join_without_gap_or_repetition, |app| {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Page<BranchView> = app.browser().get(&format!("{BRANCHES}?limit=2{cursor}")).await.ok().json();
        assert!(page.data.len() <= 2);
        found.extend(page.data.into_iter().map(|branch| branch.name));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, names(app, "").await);
});

on_both!(a_list_that_cannot_be_made_says_why, |app| {
    let browser = app.browser();
    let too_long = browser.get(&format!("{BRANCHES}?q={}", "a".repeat(81))).await;
    assert_eq!(too_long.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::TooLong);
    browser.get(&format!("{BRANCHES}?q=a%07b")).await.problem(ProblemCode::InvalidFields);
    browser.get(&format!("{BRANCHES}?limit=0")).await.problem(ProblemCode::InvalidFields);
    browser.get(&format!("{BRANCHES}?cursor=none")).await.problem(ProblemCode::MalformedAddress);
    browser.get(&format!("{BRANCHES}?order=name")).await.problem(ProblemCode::MalformedAddress);
    browser.get("/api/v1/issuers/nobody/branches").await.problem(ProblemCode::NotFound);
});

on_both!(a_brand_is_one_colour_and_is_kept_by_its_tag, |app| {
    let browser = app.browser();
    let reply = browser.get("/brand/default.css").await.ok();
    assert_eq!(reply.text(), ":root{--issuer:#0b6470}\n");
    assert_eq!(reply.headers["content-type"], "text/css; charset=utf-8");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("{}/brand/default.css", app.base));
    let again = browser.send(request.header("If-None-Match", &reply.headers["etag"])).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert_ne!(browser.get("/brand/nandu.css").await.ok().text(), reply.text());
    assert_eq!(browser.get("/brand/nobody.css").await.status.as_u16(), 404);
});

on_both!(a_logo_stands_on_the_pages_and_on_the_paper, |app| {
    let browser = app.browser();
    let view = async || browser.get("/api/v1/issuers/default").await.ok().json::<IssuerView>().logo.unwrap();
    let before = view().await;
    let invoice: InvoiceView = browser.invoice_ticket(&app.ticket(0).await, "k-1").await.json();
    let pdf = async || browser.get(&format!("/api/v1/invoices/{}/pdf", invoice.id)).await.ok().body;
    let (shown, printed) = (browser.get(&before).await.ok(), pdf().await);
    assert_eq!(shown.headers["content-type"], "image/svg+xml");
    // Opened by itself it is a page of nobody's, in which nothing runs (U5).
    let alone = "default-src 'none'; sandbox; frame-ancestors 'none'";
    assert_eq!(shown.headers["content-security-policy"], alone);
    assert_eq!(shown.headers["x-content-type-options"], "nosniff");

    let (scope, _) = default_issuer(&app.app).await;
    let other =
        br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"><path fill="#a00" d="M0 0h9v3H0z"/></svg>"##;
    assert!(set_logo(&app.app, scope, b"<svg><script/></svg>").await.is_err());
    assert_eq!(view().await, before, "what was refused changed nothing");
    set_logo(&app.app, scope, other).await.unwrap();
    let after = view().await;
    assert_ne!(after, before, "a browser that kept the old one asks for the new one");
    assert_eq!(browser.get(&after).await.ok().body, other);
    assert_ne!(pdf().await, printed);
    assert_eq!(pdf().await, pdf().await, "the same brand gives the same bytes");
    assert_eq!(browser.get("/brand/nobody/logo").await.status.as_u16(), 404);
});

async fn set_logo(app: &App, scope: Scope, image: &[u8]) -> Result<(), logo::LogoError> {
    let mut tx = app.db.begin().await.unwrap();
    logo::set(&mut tx, scope, image.to_vec(), Actor::Operator, app.now()).await?;
    tx.commit().await.unwrap();
    Ok(())
}

on_both!(a_branch_is_found_by_its_own_issuer_only, |app| {
    let (scope, _) = default_issuer(&app.app).await;
    let (other, _) = service::scope_of_slug(&app.app, "nandu").await.unwrap().unwrap();
    let branch = service::branches(&app.app, DEFAULT_SLUG, "", None, 1).await.unwrap().remove(0);
    let mut conn = app.app.db.read().await.unwrap();
    assert!(service::find_branch(&mut conn, scope, branch.id).await.unwrap().is_some());
    assert!(service::find_branch(&mut conn, other, branch.id).await.unwrap().is_none());
});

on_both!(a_certificate_signs_for_its_issuer_while_it_is_good, |app| {
    let (scope, issuer) = default_issuer(&app.app).await;
    let signer = custody::signer(&app.app, scope, app.app.now()).await.unwrap();
    assert_eq!(signer.csd.certificate().rfc(), Some(&issuer.rfc));
    let later = Timestamp::new("2040-01-01T00:00:00Z".parse().unwrap());
    assert!(matches!(custody::signer(&app.app, scope, later).await, Err(CustodyError::None { .. })));
    let mut tx = app.app.db.begin().await.unwrap();
    assert!(service::revoke_csd(&mut tx, scope, signer.csd_id, app.app.now()).await.unwrap());
    assert!(!service::revoke_csd(&mut tx, scope, signer.csd_id, app.app.now()).await.unwrap());
    tx.commit().await.unwrap();
    let revoked = custody::signer(&app.app, scope, app.app.now()).await;
    assert!(matches!(revoked, Err(CustodyError::None { .. })));
});

on_both!(threat_k1_without_the_master_key_nothing_is_signed_and_the_error_says_so, |app| {
    let elsewhere = tempfile::tempdir().unwrap();
    let vault = Arc::new(Vault::open(elsewhere.path(), &app.app.ids).unwrap());
    let restored = App { vault, ..app.app.clone() };
    let (scope, _) = default_issuer(&restored).await;
    match custody::signer(&restored, scope, restored.now()).await {
        Err(CustodyError::Sealed { source: VaultError::OtherMasterKey, .. }) => {}
        other => panic!("expected another master key, not {:?}", other.map(|signer| signer.csd_id)),
    }
});

on_both!(real_certificates_and_rehearsals_do_not_mix, |app| {
    let (scope, _) = default_issuer(&app.app).await;
    let real = App { rehearsal: false, ..app.app.clone() };
    let refused = custody::signer(&real, scope, real.now()).await;
    assert!(matches!(refused, Err(CustodyError::Unfit { why: Unfit::World, .. })));
});

on_both!(threat_k3_an_e_firma_or_a_foreign_certificate_is_not_kept, |app| {
    let (_, issuer) = default_issuer(&app.app).await;
    let (now, ids, vault) = (app.app.now(), &app.app.ids, &app.app.vault);
    let authority = Authority::open(&app.app.config.data_dir, now, ids).unwrap();
    let fiel = authority.issue_fiel(issuer.rfc.as_str(), issuer.nombre.as_str(), now, ids).unwrap();
    let refused = vault.seal_csd(ids, &issuer, &fiel.cer_der, &fiel.pkcs8_der);
    assert!(matches!(refused, Err(CustodyError::Read { source: cfdi::CsdError::IsFiel, .. })));
    let foreign = authority.issue_csd("TAM010101AAA", "TALLER AMANECER", now, ids).unwrap();
    let refused = vault.seal_csd(ids, &issuer, &foreign.cer_der, &foreign.pkcs8_der);
    assert!(matches!(refused, Err(CustodyError::Unfit { why: Unfit::Rfc, .. })));
    let own = authority.issue_csd(issuer.rfc.as_str(), issuer.nombre.as_str(), now, ids).unwrap();
    let mixed = vault.seal_csd(ids, &issuer, &own.cer_der, &foreign.pkcs8_der);
    assert!(matches!(mixed, Err(CustodyError::Read { source: cfdi::CsdError::KeyMismatch, .. })));
    vault.seal_csd(ids, &issuer, &own.cer_der, &own.pkcs8_der).unwrap();
});
