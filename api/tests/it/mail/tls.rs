//! Letters over TLS, from the first byte and after STARTTLS, to a server whose certificate a throwaway authority
//! signed. The real program is told of that authority as an operator would, by the machine's list of certificates.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::process::{Process, command, eventually};
use crate::support::{Browser, order};

/// Letters leave soon after the answer; here on a busy machine.
const DELIVERY: Duration = Duration::from_secs(60);

/// An authority that nobody knows, and what it signed for `localhost`.
pub struct Authority {
    folder: tempfile::TempDir,
    pub server: Arc<ServerConfig>,
}

impl Authority {
    pub fn new() -> Authority {
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let server = server.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("authority.pem"), ca.pem()).unwrap();
        Authority { folder, server: Arc::new(server) }
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }
}

/// How a mail server begins to speak TLS.
#[derive(Clone, Copy, PartialEq)]
enum Begins {
    AtOnce,
    AfterStartTls,
}

/// A mail server of a few lines; gives its port and the messages it took.
fn mail_server(authority: &Authority, begins: Begins) -> (u16, Arc<Mutex<Receiver<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (say, taken) = channel();
    let config = authority.server.clone();
    // It ends with the tests' process.
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (config, say) = (config.clone(), say.clone());
            // A client that does not trust us hangs up in the middle.
            std::thread::spawn(move || serve(stream, config, begins, &say).unwrap_or_default());
        }
    });
    (port, Arc::new(Mutex::new(taken)))
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, begins: Begins, say: &Sender<String>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut stream = stream;
    if begins == Begins::AfterStartTls {
        stream.write_all(b"220 sink.example ESMTP\r\n")?;
        // By single bytes: what comes after the line belongs to TLS.
        while !line_of(&mut stream)?.eq_ignore_ascii_case("STARTTLS\r\n") {
            stream.write_all(b"250-sink.example\r\n250 STARTTLS\r\n")?;
        }
        stream.write_all(b"220 go on\r\n")?;
    }
    let tls = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut line = BufReader::new(StreamOwned::new(tls, stream));
    if begins == Begins::AtOnce {
        line.get_mut().write_all(b"220 sink.example ESMTP\r\n")?;
    }
    let mut heard = String::new();
    while line.read_line(&mut heard)? > 0 {
        let answer: &[u8] = match heard.get(..4).unwrap_or("").to_ascii_uppercase().as_str() {
            "EHLO" => b"250-sink.example\r\n250 8BITMIME\r\n",
            "DATA" => {
                line.get_mut().write_all(b"354 go on\r\n")?;
                let mut message = String::new();
                while !message.ends_with("\r\n.\r\n") && line.read_line(&mut message)? > 0 {}
                say.send(message).unwrap_or_default();
                b"250 taken\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        line.get_mut().write_all(answer)?;
        heard.clear();
    }
    Ok(())
}

fn line_of(stream: &mut impl Read) -> std::io::Result<String> {
    let (mut line, mut byte) = (String::new(), [0]);
    while !line.ends_with('\n') {
        stream.read_exact(&mut byte)?;
        line.push(char::from(byte[0]));
    }
    Ok(line)
}

fn settings(data_dir: &Path, smtp_url: &str, authority: Option<&Authority>) -> Vec<(String, String)> {
    let mut settings = vec![
        ("VENTANILLA_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("VENTANILLA_DATA_DIR".to_owned(), data_dir.to_str().unwrap().to_owned()),
        ("VENTANILLA_DEMO_HISTORY".to_owned(), "false".to_owned()),
        ("VENTANILLA_MAIL__SMTP_URL".to_owned(), smtp_url.to_owned()),
        ("VENTANILLA_MAIL__TIMEOUT_SECONDS".to_owned(), "5".to_owned()),
    ];
    let known = authority.map(|authority| ("SSL_CERT_FILE", authority.certificate().to_str().unwrap().to_owned()));
    settings.extend(known.map(|(name, value)| (name.to_owned(), value)));
    settings
}

async fn a_letter_travels_encrypted(begins: Begins) {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (port, taken) = mail_server(&authority, begins);
    let url = match begins {
        Begins::AtOnce => format!("smtps://localhost:{port}"),
        Begins::AfterStartTls => format!("smtp://localhost:{port}?tls=required"),
    };
    let folder = tempfile::tempdir().unwrap();
    let mut server = Process::spawn(
        &["serve", "--demo"],
        &settings(folder.path(), &url, Some(&authority)),
        &folder.path().join("server.log"),
    );
    let browser = Browser::new(&server.address().await);
    let view: shared::rehearsal::RehearsalView = browser.get("/api/v1/rehearsal").await.ok().json();
    let ticket = view.tickets.into_iter().find(|ticket| ticket.lines <= 5).unwrap();
    let asked = order(&ticket, &browser.claim(&ticket).await, "QUIA850712AA1");
    browser.invoice(&asked, "k-1").await.ok();
    let message = eventually("the letter arrives", DELIVERY, async || taken.lock().unwrap().try_recv().ok()).await;
    for line in ["To: amaranta@quintil.example\r\n", "Reply-To: ", "multipart/mixed"] {
        assert!(message.contains(line), "{line} in {message}");
    }
    server.stop().await;

    // A certificate of an authority that this machine does not know is no encryption at all.
    for (known, good) in [(Some(&authority), true), (Some(&stranger), false)] {
        let told = command(&["doctor"], &settings(folder.path(), &url, known)).output().unwrap();
        let said = String::from_utf8_lossy(&told.stdout).into_owned();
        let mail = said.lines().find(|line| line.split_whitespace().nth(1) == Some("mail:")).unwrap_or_default();
        assert_eq!(mail.starts_with("ok"), good, "{said}");
        assert_eq!(mail.contains("encryption: "), !good, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_travels_inside_tls() {
    a_letter_travels_encrypted(Begins::AtOnce).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_travels_after_starttls() {
    a_letter_travels_encrypted(Begins::AfterStartTls).await;
}
