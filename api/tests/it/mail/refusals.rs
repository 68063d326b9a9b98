//! M5 over a real line: a mail server refuses an address, or us, and what becomes of the letters.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::App;
use api::config::Config;
use api::jobs::Outcome;
use api::mail::{self, NewLetter, SmtpMailer};
use api::ops::doctor::{Verdict, examine};
use api::ops::start::World;
use fiscal::Email;
use shared::accounts::SessionOpened;
use shared::accounts::people::CustomerPeople;
use shared::billing::InvoiceView;
use shared::console::{ConsoleCustomer, ConsoleCustomerRow};
use shared::mail::MailState;
use shared::page::Page;
use shared::time::LocalTime;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use super::{Names, a_letter, an_id, an_issuer, state_of};
use crate::support::{TestApp, on_both};

const TAKEN: &str = "250 ok\r\n";
const NOBODY: &str = "550 5.1.1 <ana@correo.example> nobody here\r\n";
const ANA: &str = "ana@correo.example";
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const MARKS: &str = "SELECT COUNT(*) FROM mail_refusals";

/// A mail server of a few lines: what it says to a sender, to a recipient and to a message is the test's to set.
struct Server {
    url: String,
    to_senders: Mutex<&'static str>,
    to_recipients: Mutex<&'static str>,
    to_messages: Mutex<&'static str>,
    /// The sender of each letter that it took.
    senders: Mutex<Vec<String>>,
    /// Recipients that it was asked about.
    asked: AtomicUsize,
}

impl Server {
    /// The same house, whose letters go to this server.
    async fn of(app: &TestApp) -> (App, Arc<Server>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = Arc::new(Server {
            url: url.clone(),
            to_senders: Mutex::new(TAKEN),
            senders: Mutex::default(),
            to_recipients: Mutex::new(TAKEN),
            to_messages: Mutex::new(TAKEN),
            asked: AtomicUsize::new(0),
        });
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                // Whoever was refused may hang up in the middle.
                tokio::spawn(async move { server.converse(stream).await.unwrap_or_default() });
            }
        });
        let mailer = SmtpMailer::new(&url.into(), Duration::from_secs(20)).unwrap();
        (App { mailer: Arc::new(mailer), ..app.app.clone() }, server)
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 sink.example ESMTP\r\n").await?;
        let (mut line, mut sender) = (String::new(), String::new());
        while stream.read_line(&mut line).await? > 0 {
            let answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" => "250-sink.example\r\n250 8BITMIME\r\n",
                "MAIL" => {
                    sender = line.trim_end().to_owned();
                    *self.to_senders.lock().unwrap()
                }
                "RCPT" => {
                    self.asked.fetch_add(1, Ordering::SeqCst);
                    *self.to_recipients.lock().unwrap()
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let mut message = String::new();
                    while !message.ends_with("\r\n.\r\n") && stream.read_line(&mut message).await? > 0 {}
                    self.senders.lock().unwrap().push(std::mem::take(&mut sender));
                    *self.to_messages.lock().unwrap()
                }
                "QUIT" => return stream.write_all(b"221 bye\r\n").await,
                _ => TAKEN,
            };
            stream.write_all(answer.as_bytes()).await?;
            line.clear();
        }
        Ok(())
    }

    fn says(&self, to_recipients: &'static str, to_messages: &'static str) {
        *self.to_recipients.lock().unwrap() = to_recipients;
        *self.to_messages.lock().unwrap() = to_messages;
    }

    fn says_to_senders(&self, answer: &'static str) {
        *self.to_senders.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Writes a letter; its job is not run.
async fn write(house: &App, to: &str, of_access: bool) -> Uuid {
    let (issuer_id, to) = (an_issuer(house).await, Email::parse(to).unwrap());
    let letter = NewLetter { of_access, ..a_letter(issuer_id, &to) };
    let mut tx = house.db.begin().await.unwrap();
    let id = mail::enqueue(&mut tx, &house.ids, house.now(), letter).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn carry(house: &App, letter: Uuid) -> Outcome {
    mail::deliver(house, &Names, letter).await
}

/// Writes a letter about nothing in particular and carries it once.
async fn send(house: &App, to: &str) -> Outcome {
    carry(house, write(house, to, false).await).await
}

/// The same for a code or a link.
async fn send_code(house: &App, to: &str) -> Outcome {
    carry(house, write(house, to, true).await).await
}

on_both!(m5_a_refused_address_rests_and_its_letters_say_so, |app| {
    const REFUSED: &str = "SELECT COUNT(*) FROM letters WHERE state = 'failed' AND refusal = '550 5.1.1'";
    let (house, server) = Server::of(app).await;
    server.says(NOBODY, TAKEN);
    let first = write(&house, ANA, false).await;
    assert_eq!(carry(&house, first).await, Outcome::Done);
    assert_eq!(carry(&house, first).await, Outcome::Done);
    let reason = "the mail server takes nothing for this address: answer 550 5.1.1";
    assert_eq!(state_of(&house, first).await, ("failed".into(), 1, Some(reason.into())));
    assert_eq!((server.asked(), app.database.count(MARKS).await), (1, 1));

    // The next ones do not reach the wire, whatever the capitals; another address does.
    let next = write(&house, "Ana@Correo.example", false).await;
    assert_eq!(carry(&house, next).await, Outcome::Done);
    let reason = "not tried, the address was refused before: answer 550 5.1.1";
    assert_eq!(state_of(&house, next).await, ("failed".into(), 0, Some(reason.into())));
    assert_eq!((server.asked(), app.database.count(REFUSED).await), (1, 2));
    send(&house, "otra@correo.example").await;
    assert_eq!(server.asked(), 2);

    // A code is tried once an hour, and what the server says then holds for all.
    send_code(&house, ANA).await;
    app.clock.advance_seconds(HOUR - 1);
    send_code(&house, ANA).await;
    assert_eq!(server.asked(), 2);
    app.clock.advance_seconds(1);
    send_code(&house, ANA).await;
    send_code(&house, ANA).await;
    assert_eq!(server.asked(), 3);
    app.clock.advance_seconds(house.config.mail.refused_days * DAY - 1);
    send(&house, ANA).await;
    assert_eq!(server.asked(), 3);
    app.clock.advance_seconds(1);
    send(&house, ANA).await;
    send(&house, ANA).await;
    assert_eq!(server.asked(), 4);
});

on_both!(m5_of_many_letters_to_an_address_that_rested_one_is_tried, |app| {
    let (house, server) = Server::of(app).await;
    server.says(NOBODY, TAKEN);
    send(&house, ANA).await;
    app.clock.advance_seconds(house.config.mail.refused_days * DAY);
    let mut letters = Vec::new();
    for _ in 0..6 {
        letters.push(write(&house, ANA, false).await);
    }
    let ends = futures::future::join_all(letters.iter().map(|letter| carry(&house, *letter))).await;
    assert_eq!(server.asked(), 2);
    // Who came a moment too late looks again, and finds that it rests.
    assert!(ends.iter().all(|end| matches!(end, Outcome::Done | Outcome::RetryAt { .. })), "{ends:?}");
    for letter in letters {
        assert_eq!(carry(&house, letter).await, Outcome::Done);
        assert_eq!(state_of(&house, letter).await.0, "failed");
    }
    assert_eq!(server.asked(), 2);
});

on_both!(m5_the_first_letter_that_is_taken_ends_the_rest, |app| {
    let (house, server) = Server::of(app).await;
    server.says(NOBODY, TAKEN);
    send(&house, ANA).await;
    server.says(TAKEN, TAKEN);
    app.clock.advance_seconds(HOUR);
    let code = write(&house, "ANA@correo.example", true).await;
    assert_eq!(carry(&house, code).await, Outcome::Done);
    assert_eq!(state_of(&house, code).await.0, "sent");
    assert_eq!(app.database.count(MARKS).await, 0);
    let letter = write(&house, ANA, false).await;
    carry(&house, letter).await;
    assert_eq!((state_of(&house, letter).await.0.as_str(), server.asked()), ("sent", 3));
});

on_both!(m5_a_letter_that_is_told_to_come_again_goes_on_while_the_others_rest, |app| {
    let (house, server) = Server::of(app).await;
    server.says(NOBODY, TAKEN);
    send(&house, ANA).await;
    app.clock.advance_seconds(house.config.mail.refused_days * DAY);
    server.says("451 4.7.1 come again\r\n", TAKEN);
    let letter = write(&house, ANA, false).await;
    assert!(matches!(carry(&house, letter).await, Outcome::RetryAt { .. }));
    assert_eq!(send(&house, ANA).await, Outcome::Done);
    assert_eq!(server.asked(), 2);
    server.says(TAKEN, TAKEN);
    assert_eq!(carry(&house, letter).await, Outcome::Done);
    assert_eq!(state_of(&house, letter).await, ("sent".into(), 2, None));
    assert_eq!(app.database.count(MARKS).await, 0);
});

on_both!(m5_what_a_server_does_not_say_of_the_address_marks_nobody, |app| {
    let (house, server) = Server::of(app).await;
    let answers = [
        ("451 4.3.0 later\r\n", TAKEN, "queued"),
        ("550 5.7.1 relaying denied\r\n", TAKEN, "queued"),
        ("552 5.2.2 full\r\n", TAKEN, "failed"),
        (TAKEN, "554 5.6.0 not wanted\r\n", "failed"),
        (TAKEN, "550 5.1.1 said too late\r\n", "failed"),
    ];
    for (number, (to_recipients, to_messages, state)) in answers.into_iter().enumerate() {
        server.says(to_recipients, to_messages);
        let letter = write(&house, ANA, false).await;
        carry(&house, letter).await;
        assert_eq!(state_of(&house, letter).await.0, state, "{to_recipients}{to_messages}");
        assert_eq!((server.asked(), app.database.count(MARKS).await), (number + 1, 0), "{to_recipients}{to_messages}");
    }
    assert_eq!(app.database.count("SELECT COUNT(*) FROM letters WHERE refusal IS NOT NULL").await, 0);
});

on_both!(m5_a_server_that_does_not_take_our_sender_loses_no_letter, |app| {
    let (house, server) = Server::of(app).await;
    server.says_to_senders("553 5.7.1 <facturas@ventanilla.example>: not owned by you\r\n");
    let letter = write(&house, ANA, false).await;
    assert!(matches!(carry(&house, letter).await, Outcome::RetryAt { .. }));
    let reason = "the mail server did not take it yet: answer 553";
    assert_eq!(state_of(&house, letter).await, ("queued".into(), 1, Some(reason.into())));
    assert_eq!((server.asked(), app.database.count(MARKS).await), (0, 0), "nothing is said of the address");

    // The doctor hears it before anybody writes a letter, and says what to do.
    let mut config = Config::clone(&house.config);
    config.mail.smtp_url = server.url.clone().into();
    let world = World { clock: app.clock.clone(), ids: house.ids.clone() };
    let look = async |config: &Config| {
        let findings = examine(Ok(config.clone()), &world).await;
        findings.into_iter().find(|finding| finding.what == "mail").unwrap()
    };
    let found = look(&config).await;
    assert_eq!((found.verdict, found.seen.as_str()), (Verdict::Fault, "sender: refused with 553"));
    assert!(found.remedy.contains("mail.from_address"), "{found:?}");

    // Corrected, the letter that waits leaves under the new sender.
    config.mail.from_address = "facturas@colibri.mx".into();
    server.says_to_senders(TAKEN);
    assert_eq!(look(&config).await.verdict, Verdict::Good);
    let house = App { config: Arc::new(config), ..house };
    assert_eq!(carry(&house, letter).await, Outcome::Done);
    assert_eq!(state_of(&house, letter).await.0, "sent");
    let senders = server.senders.lock().unwrap().clone();
    assert!(senders.len() == 1 && senders[0].starts_with("MAIL FROM:<facturas@colibri.mx>"), "{senders:?}");
});

on_both!(m5_whoever_sees_a_letters_state_sees_that_its_address_was_refused, |app| {
    let (house, server) = Server::of(app).await;
    server.says(NOBODY, TAKEN);
    let browser = app.browser();
    let invoice: InvoiceView = browser.invoice_ticket(&app.ticket(0).await, "k-1").await.ok().json();
    let letter = an_id(&house, "SELECT id FROM letters ORDER BY created_at DESC, id DESC LIMIT 1").await;
    assert_eq!(carry(&house, letter).await, Outcome::Done);
    assert_eq!(browser.view(invoice.id).await.mails[0].state, MailState::Refused);
});

on_both!(m5_owner_and_staff_see_whose_mail_is_refused, |app| {
    let person = app.rehearsal().await.sign_ins.remove(0);
    let (house, server) = Server::of(app).await;
    server.says(NOBODY, TAKEN);
    send(&house, &person.user.to_uppercase()).await;
    assert_eq!(server.asked(), 1);
    let here = house.now().jiff().in_tz("America/Mexico_City").unwrap();
    let civil = here.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let since = LocalTime { instant: house.now().to_string(), civil, zone: "America/Mexico_City".into() };

    let browser = app.browser();
    let form = serde_json::json!({"user": person.user, "password": person.password});
    let opened: SessionOpened = browser.post("/api/v1/sessions", &form).await.ok().json();
    let asking = browser.request(reqwest::Method::GET, "/api/v1/people").bearer_auth(opened.access_token.expose());
    let people: CustomerPeople = browser.send(asking).await.ok().json();
    let marked = |email: &str, mark: &Option<LocalTime>| (email == person.user) == (mark.as_ref() == Some(&since));
    assert!(people.people.len() > 1, "{people:?}");
    assert!(people.people.iter().all(|one| marked(&one.email, &one.mail_refused_since)), "{people:?}");

    let desk = app.desk().await;
    let rows: Page<ConsoleCustomerRow> = desk.get("/console/issuers/default/customers?q=textiles").await.ok().json();
    let path = format!("/console/issuers/default/customers/{}", rows.data[0].id);
    let customer: ConsoleCustomer = desk.get(&path).await.ok().json();
    assert!(customer.people.iter().all(|one| marked(&one.email, &one.mail_refused_since)), "{customer:?}");
});

on_both!(m5_what_is_about_somebodys_access_is_told_apart_and_an_invoice_is_not, |app| {
    const OF_ACCESS: &str = "SELECT COUNT(*) FROM letters WHERE of_access";
    let before = app.database.count(OF_ACCESS).await;
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    assert_eq!(app.database.count(OF_ACCESS).await, before);
    let person = app.rehearsal().await.sign_ins.remove(0);
    let form = serde_json::json!({"user": person.user});
    app.browser().post("/api/v1/password-recoveries", &form).await.ok();
    app.run_jobs().await;
    assert_eq!(app.database.count(OF_ACCESS).await, before + 1);
});
