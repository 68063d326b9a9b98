//! The outbox, its job and the rehearsal's mailbox on both engines.
mod refusals;
pub mod tls;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use api::App;
use api::jobs::Outcome;
use api::mail::{
    self, AttachmentFormat, AttachmentSource, AttachmentSpec, Body, MailError, Mailer, NewLetter, Outgoing,
};
use fiscal::Email;
use futures::future::BoxFuture;
use shared::ProblemCode;
use shared::mail::{MailboxLetter, MailboxMessage};
use shared::page::Page;
use sqlx::{Connection, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::audit::by_hand;
use crate::support::{TestApp, on_both};

/// Documents whose bytes are their names.
struct Names;

impl AttachmentSource for Names {
    fn load<'a>(&'a self, spec: &'a AttachmentSpec) -> BoxFuture<'a, Result<Option<Vec<u8>>, MailError>> {
        Box::pin(async move { Ok(Some(spec.file_name.clone().into_bytes())) })
    }
}

/// Answers every letter alike and counts them.
struct Stubborn {
    answer: Result<(), MailError>,
    asked: AtomicUsize,
}

impl Mailer for Stubborn {
    fn send<'a>(&'a self, _: &'a Outgoing) -> BoxFuture<'a, Result<(), MailError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { self.answer.clone() })
    }
}

/// Takes every letter, and shows it.
#[derive(Default)]
struct Keeping(Mutex<Vec<Outgoing>>);

impl Mailer for Keeping {
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Result<(), MailError>> {
        self.0.lock().unwrap().push(message.clone());
        Box::pin(async { Ok(()) })
    }
}

fn with_mailer(app: &TestApp, answer: Result<(), MailError>) -> (App, Arc<Stubborn>) {
    let mailer = Arc::new(Stubborn { answer, asked: AtomicUsize::new(0) });
    (App { mailer: mailer.clone(), ..app.app.clone() }, mailer)
}

async fn an_issuer(app: &App) -> Uuid {
    an_id(app, "SELECT id FROM issuers ORDER BY slug LIMIT 1").await
}

async fn an_id(app: &App, sql: &'static str) -> Uuid {
    let url = app.config.database_url();
    if app.db.is_sqlite() {
        sqlx::query_scalar(sql).fetch_one(&mut SqliteConnection::connect(&url).await.unwrap()).await.unwrap()
    } else {
        sqlx::query_scalar(sql).fetch_one(&mut PgConnection::connect(&url).await.unwrap()).await.unwrap()
    }
}

async fn state_of(app: &App, id: Uuid) -> (String, i64, Option<String>) {
    let (url, sql) = (app.config.database_url(), "SELECT state, attempts, last_error FROM letters WHERE id = $1");
    if app.db.is_sqlite() {
        let mut conn = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query_as(sql).bind(id).fetch_one(&mut conn).await.unwrap()
    } else {
        let mut conn = PgConnection::connect(&url).await.unwrap();
        sqlx::query_as(sql).bind(id).fetch_one(&mut conn).await.unwrap()
    }
}

/// Writes a letter. Its job is not run: these tests carry it themselves.
async fn letter_to(app: &App, to: &str, subject: &str) -> Uuid {
    let issuer_id = an_issuer(app).await;
    let mut tx = app.db.begin().await.unwrap();
    let to = Email::parse(to).unwrap();
    let letter = NewLetter {
        issuer_id,
        stamp_id: None,
        kind: "test",
        of_access: false,
        from_name: "Café\r\nBcc: otro@correo.example",
        from_address: "facturas@ventanilla.example",
        reply_to: &to,
        to: &to,
        body: Body { subject: subject.into(), text: "Hola\n".into(), html: "<p>Hola</p>".into() },
        attachments: vec![AttachmentSpec {
            document_id: Uuid::from_u128(1),
            format: AttachmentFormat::Xml,
            file_name: "EKU9003173C9_A-1_2026-11-18.xml".into(),
        }],
    };
    let id = mail::enqueue(&mut tx, &app.ids, app.now(), letter).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A letter of nothing in particular.
fn a_letter(issuer_id: Uuid, to: &Email) -> NewLetter<'_> {
    NewLetter {
        issuer_id,
        stamp_id: None,
        kind: "test",
        of_access: false,
        from_name: "Café",
        from_address: "facturas@ventanilla.example",
        reply_to: to,
        to,
        body: Body { subject: "Su factura".into(), text: String::new(), html: String::new() },
        attachments: Vec::new(),
    }
}

async fn mailbox(app: &TestApp, query: &str) -> Page<MailboxLetter> {
    app.browser().get(&format!("/api/v1/mailbox{query}")).await.ok().json()
}

on_both!(a_letter_goes_into_the_mailbox_once_however_often_it_is_carried, |app| {
    let id = letter_to(&app.app, "ana@correo.example", "Su factura").await;
    assert_eq!(mail::deliver(&app.app, &Names, id).await, Outcome::Done);
    assert_eq!(state_of(&app.app, id).await, ("sent".into(), 1, None));
    assert_eq!(mail::deliver(&app.app, &Names, id).await, Outcome::Done);
    // As if the process had died between the server's yes and our note of it.
    by_hand(&app.app, "UPDATE letters SET state = 'queued', sent_at = NULL").await.unwrap();
    assert_eq!(mail::deliver(&app.app, &Names, id).await, Outcome::Done);
    let page = mailbox(app, "").await;
    assert_eq!((page.data.len(), page.next_cursor), (1, None));
    let letter = &page.data[0];
    assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("ana@correo.example", "Su factura"));
    assert!(!letter.from.contains(['\r', '\n']), "{:?}", letter.from);
});

on_both!(a_letter_of_the_mailbox_can_be_read_with_its_files, |app| {
    let id = letter_to(&app.app, "ana@correo.example", "Su factura").await;
    mail::deliver(&app.app, &Names, id).await;
    let letter = mailbox(app, "").await.data.remove(0);
    let browser = app.browser();
    let message: MailboxMessage = browser.get(&format!("/api/v1/mailbox/{}", letter.id)).await.ok().json();
    assert_eq!((&message.letter, message.text.as_str()), (&letter, "Hola\n"));
    let sent = (letter.sent_at.civil.as_str(), letter.sent_at.zone.as_str());
    assert_eq!(sent, ("2026-11-18T12:00:00", "America/Mexico_City"));
    assert_eq!(message.attachments.len(), 1);
    assert_eq!(message.attachments[0].bytes, 31);
    let file = browser.get(&format!("/api/v1/mailbox/{}/attachments/0", letter.id)).await.ok();
    assert_eq!(file.text(), "EKU9003173C9_A-1_2026-11-18.xml");
    assert_eq!(file.headers["content-type"], "application/xml");
    let disposition = "attachment; filename=\"EKU9003173C9_A-1_2026-11-18.xml\"";
    assert_eq!(file.headers["content-disposition"], disposition);
    for unknown in [format!("{}/attachments/1", letter.id), Uuid::nil().to_string()] {
        browser.get(&format!("/api/v1/mailbox/{unknown}")).await.problem(ProblemCode::NotFound);
    }
});

on_both!(the_mailbox_comes_in_pages_newest_first, |app| {
    for n in 0..5 {
        let id = letter_to(&app.app, "ana@correo.example", &format!("Carta {n}")).await;
        mail::deliver(&app.app, &Names, id).await;
        app.clock.advance_seconds(i64::from(n % 2));
    }
    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = mailbox(app, &query).await;
        assert!(page.data.len() <= 2);
        seen.extend(page.data.into_iter().map(|letter| (letter.sent_at.instant, letter.id, letter.subject)));
        let Some(cursor) = page.next_cursor else { break };
        query = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|newer, older| (&newer.0, newer.1) > (&older.0, older.1)), "{seen:?}");
});

const FILL_SQLITE: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
     INSERT INTO mailbox_messages (id, message_id, from_line, to_address, subject, text_body, attachments, raw, received_at) \
     SELECT randomblob(16), '<' || i || '@x>', 'x', 'x', 'old', 'x', '[]', x'00', '2020-01-01T00:00:00.000000Z' FROM n";
const FILL_POSTGRES: &str = "INSERT INTO mailbox_messages \
     (id, message_id, from_line, to_address, subject, text_body, attachments, raw, received_at) \
     SELECT gen_random_uuid(), '<' || i || '@x>', 'x', 'x', 'old', 'x', '[]', '\\x00', '2020-01-01T00:00:00Z' \
     FROM generate_series(1, 1000) AS i";

on_both!(the_mailbox_keeps_the_newest_thousand, |app| {
    let fill = if app.app.db.is_sqlite() { FILL_SQLITE } else { FILL_POSTGRES };
    by_hand(&app.app, fill).await.unwrap();
    let id = letter_to(&app.app, "ana@correo.example", "Su factura").await;
    mail::deliver(&app.app, &Names, id).await;
    let (mut count, mut query) = (0, "?limit=100".to_owned());
    loop {
        let page = mailbox(app, &query).await;
        assert_eq!(page.data.iter().filter(|letter| letter.subject == "Su factura").count(), usize::from(count == 0));
        count += page.data.len();
        let Some(cursor) = page.next_cursor else { break };
        query = format!("?limit=100&cursor={cursor}");
    }
    assert_eq!(count, 1_000);
});

on_both!(m5_a_server_that_does_not_take_it_is_asked_again_later_and_not_for_ever, |app| {
    let (house, mailer) = with_mailer(app, Err(MailError::Temporary("answer 451".into())));
    let id = letter_to(&house, "ana@correo.example", "Su factura").await;
    let tries = house.config.mail.attempts_max;
    let mut pauses = Vec::new();
    for _ in 1..tries {
        match mail::deliver(&house, &Names, id).await {
            Outcome::RetryAt { at, .. } => pauses.push(at.seconds_since(house.now())),
            other => panic!("{other:?}"),
        }
    }
    assert!(pauses[0] >= 60 && pauses.iter().all(|pause| *pause <= 5 * 3_600), "{pauses:?}");
    assert!(pauses.iter().sum::<i64>() > 12 * 3_600, "a night without a mail server loses no letter: {pauses:?}");
    let reason = "the mail server did not take it yet: answer 451";
    assert_eq!(state_of(&house, id).await, ("queued".into(), tries - 1, Some(reason.into())));
    assert_eq!(mail::deliver(&house, &Names, id).await, Outcome::Park { reason: reason.into() });
    assert_eq!(state_of(&house, id).await, ("failed".into(), tries, Some(reason.into())));
    assert_eq!(mail::deliver(&house, &Names, id).await, Outcome::Done);
    assert_eq!(mailer.asked.load(Ordering::SeqCst), usize::try_from(tries).unwrap());
});

on_both!(m5_a_server_that_refuses_is_not_asked_again, |app| {
    let (house, mailer) = with_mailer(app, Err(MailError::Permanent("answer 550".into())));
    let id = letter_to(&house, "ana@correo.example", "Su factura").await;
    assert_eq!(mail::deliver(&house, &Names, id).await, Outcome::Done);
    assert_eq!(mail::deliver(&house, &Names, id).await, Outcome::Done);
    assert_eq!(mailer.asked.load(Ordering::SeqCst), 1);
    assert_eq!(state_of(&house, id).await.0, "failed");
    assert!(mailbox(app, "").await.data.is_empty());
});

on_both!(a_letter_without_its_files_is_not_sent, |app| {
    struct Nothing;
    impl AttachmentSource for Nothing {
        fn load<'a>(&'a self, _: &'a AttachmentSpec) -> BoxFuture<'a, Result<Option<Vec<u8>>, MailError>> {
            Box::pin(async { Err(MailError::Unsendable("no such document".into())) })
        }
    }
    let id = letter_to(&app.app, "ana@correo.example", "Su factura").await;
    assert!(matches!(mail::deliver(&app.app, &Nothing, id).await, Outcome::Park { .. }));
    assert_eq!(state_of(&app.app, id).await.0, "failed");
    assert!(mailbox(app, "").await.data.is_empty());
    assert!(matches!(mail::deliver(&app.app, &Names, Uuid::nil()).await, Outcome::Park { .. }));
});

on_both!(a_letter_goes_with_what_it_can_carry, |app| {
    /// Two PDF that are too much together.
    struct Scanned;
    impl AttachmentSource for Scanned {
        fn load<'a>(&'a self, spec: &'a AttachmentSpec) -> BoxFuture<'a, Result<Option<Vec<u8>>, MailError>> {
            Box::pin(
                async move { Ok(Some(vec![b'%'; if spec.format == AttachmentFormat::Pdf { 8 << 20 } else { 9 }])) },
            )
        }
    }
    let to = Email::parse("ana@correo.example").unwrap();
    let attached =
        |format, name: &str| AttachmentSpec { document_id: Uuid::from_u128(1), format, file_name: name.to_owned() };
    let attachments = vec![
        attached(AttachmentFormat::Pdf, "a.pdf"),
        attached(AttachmentFormat::Pdf, "b.pdf"),
        attached(AttachmentFormat::Xml, "c.xml"),
    ];
    let letter = NewLetter { attachments, ..a_letter(an_issuer(&app.app).await, &to) };
    let mut tx = app.app.db.begin().await.unwrap();
    let id = mail::enqueue(&mut tx, &app.app.ids, app.app.now(), letter).await.unwrap();
    tx.commit().await.unwrap();
    let mailer = Arc::new(Keeping::default());
    let house = App { mailer: mailer.clone(), ..app.app.clone() };
    assert_eq!(mail::deliver(&house, &Scanned, id).await, Outcome::Done);
    assert_eq!(state_of(&house, id).await.0, "sent");
    let sent = mailer.0.lock().unwrap();
    let names: Vec<&str> = sent[0].attachments.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["a.pdf", "c.xml"]);
    assert!(sent[0].text.contains("No cabe en este correo: b.pdf."), "{}", sent[0].text);
});

on_both!(a_letter_that_is_rolled_back_was_never_written, |app| {
    let issuer_id = an_issuer(&app.app).await;
    let to = Email::parse("ana@correo.example").unwrap();
    let due = async || api::jobs::due_count(&mut app.app.db.read().await.unwrap(), app.app.now()).await.unwrap();
    let due_before = due().await;
    let mut tx = app.app.db.begin().await.unwrap();
    mail::enqueue(&mut tx, &app.app.ids, app.app.now(), a_letter(issuer_id, &to)).await.unwrap();
    drop(tx);
    const COUNTED: &str = "SELECT COUNT(*) FROM security_counters WHERE kind = 'mail_address'";
    assert_eq!(app.database.count(COUNTED).await, 0);
    assert_eq!(due().await, due_before);
    letter_to(&app.app, "ana@correo.example", "Su factura").await;
    assert_eq!(due().await, due_before + 1);
});

on_both!(letters_to_one_address_are_counted_whatever_its_capitals, |app| {
    let within = async |to: &str| {
        let (issuer_id, to) = (an_issuer(&app.app).await, Email::parse(to).unwrap());
        let mut tx = app.app.db.begin().await.unwrap();
        let written = mail::enqueue_within(&mut tx, &app.app.ids, app.app.now(), a_letter(issuer_id, &to), 3).await;
        let written = written.unwrap();
        if written.is_ok() {
            tx.commit().await.unwrap();
        }
        written.map(drop)
    };
    letter_to(&app.app, "ana@correo.example", "Su factura").await;
    letter_to(&app.app, "Ana@correo.example", "Su factura").await;
    app.clock.advance_seconds(3_600);
    assert_eq!(within("ANA@correo.example").await, Ok(()));
    let full = within("ana@correo.example").await.unwrap_err();
    assert_eq!(full.retry_after_seconds, 23 * 3_600);
    assert_eq!(within("otra@correo.example").await, Ok(()));
    // What must arrive is written all the same.
    letter_to(&app.app, "ana@correo.example", "Su factura").await;
    app.clock.advance_seconds(23 * 3_600);
    assert_eq!(within("ana@correo.example").await, Ok(()));
});

on_both!(of_many_letters_at_once_no_more_than_the_limit_are_written, |app| {
    let (issuer_id, to) = (an_issuer(&app.app).await, Email::parse("ana@correo.example").unwrap());
    let written = futures::future::join_all((0..12).map(|_| async {
        let mut tx = app.app.db.begin().await.unwrap();
        let letter = a_letter(issuer_id, &to);
        let written = mail::enqueue_within(&mut tx, &app.app.ids, app.app.now(), letter, 5).await.unwrap();
        if written.is_ok() {
            // The others come while this one is still at work.
            tokio::task::yield_now().await;
            tx.commit().await.unwrap();
        }
        written.is_ok()
    }))
    .await;
    assert_eq!(written.iter().filter(|written| **written).count(), 5, "{written:?}");
    let to_ana = app.database.count("SELECT COUNT(*) FROM letters WHERE to_address = 'ana@correo.example'").await;
    assert_eq!(to_ana, 5);
});

on_both!(an_answer_to_any_letter_goes_to_the_issuers_support, |app| {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    let customer = app.rehearsal().await.registrable.remove(0);
    let form = serde_json::json!({
        "rfc": customer.rfc, "contract": customer.contract, "email": "ana@higuera.example", "language": "es",
    });
    app.browser().post("/api/v1/registrations", &form).await.ok();
    app.run_jobs().await;
    assert_eq!(app.database.count("SELECT COUNT(*) FROM letters WHERE state = 'sent'").await, 2);
    let elsewhere = "SELECT COUNT(*) FROM letters AS l JOIN issuers AS i ON i.id = l.issuer_id \
        WHERE l.reply_to IS NULL OR l.reply_to <> i.support_email";
    assert_eq!(app.database.count(elsewhere).await, 0);
});
