use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::super::message::{build, tests::letter};
use super::*;

/// What the sink does with one connection.
#[derive(Debug, Clone, Copy)]
enum Manner {
    Accept,
    Greet(&'static str),
    AnswerMail(&'static str),
    AnswerRcpt(&'static str),
    AnswerData(&'static str),
    DropBeforeAnswer,
    Silent,
}

/// A mail server of a few lines: it serves one connection after the other, each in the next manner.
struct Sink {
    url: SecretString,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    async fn start(manners: Vec<Manner>) -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap()).into();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let seen = taken.clone();
        tokio::spawn(async move {
            for manner in manners {
                let (stream, _) = listener.accept().await.unwrap();
                let seen = seen.clone();
                // A client that hangs up in the middle is part of the tests.
                tokio::spawn(async move { converse(stream, manner, &seen).await.unwrap_or_default() });
            }
        });
        Sink { url, taken }
    }

    fn mailer(&self) -> SmtpMailer {
        SmtpMailer::new(&self.url, Duration::from_millis(800)).unwrap()
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

async fn converse(stream: TcpStream, manner: Manner, seen: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    match manner {
        Manner::Greet(line) => return stream.write_all(line.as_bytes()).await,
        Manner::Silent => {
            let mut end = String::new();
            while stream.read_line(&mut end).await? > 0 {}
            return Ok(());
        }
        _ => stream.write_all(b"220 sink.example ESMTP\r\n").await?,
    }
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let verb: String = line.chars().take(4).collect::<String>().to_ascii_uppercase();
        let answer = match (verb.as_str(), manner) {
            ("EHLO", _) => "250-sink.example\r\n250 8BITMIME\r\n",
            ("MAIL", Manner::AnswerMail(answer)) | ("RCPT", Manner::AnswerRcpt(answer)) => answer,
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").await?;
                let message = read_message(&mut stream).await?;
                seen.lock().unwrap().push(message);
                match manner {
                    Manner::DropBeforeAnswer => return Ok(()),
                    Manner::AnswerData(answer) => answer,
                    _ => "250 taken\r\n",
                }
            }
            ("QUIT", _) => return stream.write_all(b"221 bye\r\n").await,
            _ => "250 ok\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
        line.clear();
    }
    Ok(())
}

async fn read_message(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(message);
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn outgoing() -> Outgoing {
    build(&letter(), Vec::new()).unwrap()
}

#[tokio::test]
async fn a_message_arrives_byte_for_byte() {
    let sink = Sink::start(vec![Manner::Accept]).await;
    let message = outgoing();
    sink.mailer().send(&message).await.unwrap();
    let taken = sink.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].trim_end(), String::from_utf8(message.raw).unwrap().trim_end());
}

fn refused(code: u16, status: Option<&str>) -> MailError {
    MailError::Refused(Refusal { code, status: status.map(str::to_owned) })
}

#[tokio::test]
async fn a_letter_waits_unless_it_or_its_address_is_refused_and_only_an_answer_to_rcpt_speaks_of_the_address() {
    let cases = [
        (Manner::AnswerRcpt("450 4.2.1 <ana@correo.example> is busy\r\n"), MailError::Temporary("answer 450".into())),
        (Manner::AnswerData("451 4.3.0 later\r\n"), MailError::Temporary("answer 451".into())),
        (Manner::Greet("421 4.3.2 closing\r\n"), MailError::Temporary("answer 421".into())),
        (Manner::Greet("554 not for you\r\n"), MailError::Temporary("answer 554".into())),
        (Manner::AnswerRcpt("530 5.7.0 sign in first\r\n"), MailError::Temporary("answer 530".into())),
        (Manner::AnswerRcpt("550 5.1.1 <ana@correo.example> unknown\r\n"), refused(550, Some("5.1.1"))),
        (Manner::AnswerRcpt("550-5.1.1 nobody\r\n550 5.1.1 here\r\n"), refused(550, Some("5.1.1"))),
        (Manner::AnswerRcpt("550 nobody here\r\n"), refused(550, None)),
        (Manner::AnswerRcpt("550 5.7.1 relaying denied\r\n"), MailError::Temporary("answer 550".into())),
        (
            Manner::AnswerRcpt("554 5.7.1 <ana@correo.example>: Relay access denied\r\n"),
            MailError::Temporary("answer 554".into()),
        ),
        (Manner::AnswerRcpt("550 relay not permitted\r\n"), MailError::Temporary("answer 550".into())),
        (
            Manner::AnswerRcpt("554 5.7.1 <ana@correo.example>: Recipient address rejected: Access denied\r\n"),
            MailError::Permanent("answer 554".into()),
        ),
        (Manner::AnswerRcpt("550 <relay@correo.example> unknown\r\n"), refused(550, None)),
        (Manner::AnswerRcpt("550 5.1.8 no such sender\r\n"), MailError::Temporary("answer 550".into())),
        (Manner::AnswerRcpt("552 5.2.2 full\r\n"), MailError::Permanent("answer 552".into())),
        (Manner::AnswerMail("550 5.1.8 no such sender\r\n"), MailError::Temporary("answer 550".into())),
        (Manner::AnswerMail("553 5.7.1 not your address\r\n"), MailError::Temporary("answer 553".into())),
        (Manner::AnswerMail("554 no\r\n"), MailError::Temporary("answer 554".into())),
        (Manner::AnswerData("550 5.1.1 after all\r\n"), MailError::Permanent("answer 550".into())),
        (Manner::AnswerData("554 5.6.0 not wanted\r\n"), MailError::Permanent("answer 554".into())),
    ];
    for (manner, expected) in cases {
        let sink = Sink::start(vec![manner]).await;
        assert_eq!(sink.mailer().send(&outgoing()).await, Err(expected), "{manner:?}");
    }
}

#[tokio::test]
async fn a_line_that_drops_before_the_yes_is_tried_again_as_the_same_message() {
    let sink = Sink::start(vec![Manner::DropBeforeAnswer, Manner::Accept]).await;
    let mailer = sink.mailer();
    let first = mailer.send(&outgoing()).await;
    assert_eq!(first, Err(MailError::Temporary("the line broke or the answer made no sense".into())));
    mailer.send(&outgoing()).await.unwrap();
    let taken = sink.taken();
    assert_eq!(taken.len(), 2, "at most one extra copy");
    assert_eq!(taken[0], taken[1]);
    assert_eq!(taken[0].matches("Message-ID: <0191f000-7000-8000-0000-000000000001@ventanilla.example>").count(), 1);
}

#[tokio::test]
async fn a_silent_server_costs_the_time_limit_and_not_the_next_letter() {
    let sink = Sink::start(vec![Manner::Silent, Manner::Accept]).await;
    let mailer = sink.mailer();
    let error = mailer.send(&outgoing()).await.unwrap_err();
    assert!(matches!(error, MailError::Temporary(_)), "{error}");
    mailer.send(&outgoing()).await.unwrap();
    assert_eq!(sink.taken().len(), 1);
}

#[tokio::test]
async fn nobody_at_home_is_worth_another_try() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mailer = SmtpMailer::new(&format!("smtp://{closed}").into(), Duration::from_secs(5)).unwrap();
    assert_eq!(mailer.send(&outgoing()).await, Err(MailError::Temporary("no connection".into())));
}

#[test]
fn letters_leave_this_machine_encrypted_unless_the_operator_says_otherwise() {
    let cases = [
        ("smtps://u:p@mail.example", Some("smtps://u:p@mail.example")),
        ("smtp://mail.example", Some("smtp://mail.example?tls=required")),
        ("smtp://mail.example:587?tls=required", Some("smtp://mail.example:587?tls=required")),
        ("smtp://mail.example:25?tls=none", Some("smtp://mail.example:25")),
        ("smtp://localhost:1025", Some("smtp://localhost:1025")),
        ("smtp://127.0.0.1:1025", Some("smtp://127.0.0.1:1025")),
        ("smtp://mail.example?tls=opportunistic", None),
        ("https://mail.example", None),
        ("mail.example:25", None),
        ("", None),
    ];
    for (given, expected) in cases {
        let made = with_encryption(given).ok().map(String::from);
        assert_eq!(made.as_deref(), expected, "{given}");
    }
}

#[test]
fn user_and_password_are_read_as_they_are_meant() {
    for (written, meant) in [("a%40b%2Bc", "a@b+c"), ("a+b", "a+b"), ("a&b=c", "a&b=c"), ("%C3%B1", "ñ"), ("", "")] {
        let url = Url::parse(&format!("smtp://user:{written}@mail.example")).unwrap();
        assert_eq!(decoded(url.password().unwrap_or_default()), meant, "{written}");
    }
}

#[tokio::test]
async fn a_wrong_address_of_a_server_does_not_show_its_password() {
    for wrong in ["ftp://user:geheim@mail.example", "geheim"] {
        let error = SmtpMailer::new(&wrong.into(), Duration::from_secs(1)).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("geheim"), "{error:?}");
    }
}
