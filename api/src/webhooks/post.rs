//! Carries one try to its endpoint. The other side is not trusted (threats W1, I4): every name is resolved by us and
//! the connection goes to the very addresses that were checked; no redirect, no proxy, two time limits, and of the
//! answer no more than its status is kept.
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use tokio::time::Instant;
use url::{Host, Url};

use super::address::{self, AddressFault, Allowed};
use super::model::{Failure, Tried};
use crate::threads::Ended;

/// Seconds to connect.
const CONNECT_SECONDS: u64 = 5;
/// Seconds to resolve a name.
const RESOLVE_SECONDS: u64 = 5;
/// Bytes of an answer that are read, to use the connection again; beyond them it is closed.
const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// Connections kept to one host.
const IDLE_MAX: usize = 4;

/// Turns a name into addresses.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The post office: one for the whole house.
pub struct Post {
    allowed: Arc<Allowed>,
    names: Arc<Guarded>,
    timeout: Duration,
    plain: reqwest::Client,
    /// Made when first needed: it reads the machine's list of authorities.
    encrypted: OnceLock<Option<reqwest::Client>>,
}

/// What is sent with a body.
pub struct Envelope<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub unix_seconds: i64,
    /// `webhook-signature`.
    pub signature: &'a str,
    /// The very bytes that were signed.
    pub body: Vec<u8>,
}

/// Resolves only names that lead to where we may go.
struct Guarded {
    allowed: Arc<Allowed>,
    lookup: Lookup,
}

impl Guarded {
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, AddressFault> {
        let looked_up =
            tokio::time::timeout(Duration::from_secs(RESOLVE_SECONDS), (self.lookup)(host.to_owned())).await;
        let Ok(Ok(found)) = looked_up else { return Err(AddressFault::NotPublic) };
        // One private address among public ones would be tried too.
        let good = !found.is_empty() && found.iter().all(|address| address::is_public(*address));
        let is_here = host != address::THIS_MACHINE || found.iter().all(IpAddr::is_loopback);
        if good || (self.allowed.names_host(host) && is_here && !found.is_empty()) {
            Ok(found)
        } else {
            Err(AddressFault::NotPublic)
        }
    }
}

struct Names(Arc<Guarded>);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.0.clone();
        Box::pin(async move {
            let found = guarded.addresses(name.as_str()).await?;
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// Asks the machine's own resolver.
pub fn system_lookup() -> Lookup {
    Arc::new(|host: String| {
        async move {
            let asked = tokio::task::spawn_blocking(move || (host.as_str(), 0).to_socket_addrs().map(Vec::from_iter));
            let found = asked.await.map_err(|ended| std::io::Error::other(Ended::from(ended)))??;
            Ok(found.into_iter().map(|address| address.ip()).collect())
        }
        .boxed()
    })
}

impl Post {
    /// Connects nothing yet.
    pub fn new(allowed: Allowed, timeout: Duration, lookup: Lookup) -> Result<Post, reqwest::Error> {
        let allowed = Arc::new(allowed);
        let names = Arc::new(Guarded { allowed: allowed.clone(), lookup });
        let plain = client(&names, timeout).tls_certs_only(std::iter::empty()).build()?;
        Ok(Post { allowed, names, timeout, plain, encrypted: OnceLock::new() })
    }

    /// Whether an address may be an endpoint's now: its form, and where its name leads.
    pub async fn examine(&self, url: &str) -> Result<(), AddressFault> {
        let url = self.address(url)?;
        if let Some(Host::Domain(name)) = url.host() {
            self.names.addresses(name).await?;
        }
        Ok(())
    }

    fn address(&self, url: &str) -> Result<Url, AddressFault> {
        let url = address::check(url, &self.allowed)?;
        // A host that is named for another port only is held to the rules on this one.
        let other_port = !self.allowed.names(&url) && self.allowed.names_host(url.host_str().unwrap_or_default());
        if other_port { Err(AddressFault::NotPublic) } else { Ok(url) }
    }

    fn client(&self, url: &Url) -> Option<&reqwest::Client> {
        if url.scheme() == "http" {
            return Some(&self.plain);
        }
        let made = self.encrypted.get_or_init(|| {
            let made = client(&self.names, self.timeout).https_only(true).build();
            made.inspect_err(|error| tracing::error!(%error, "webhooks cannot use TLS on this machine")).ok()
        });
        made.as_ref()
    }

    /// One try.
    pub async fn send(&self, url: &str, envelope: Envelope<'_>) -> Tried {
        let begun = Instant::now();
        let told = |status, failure, retry_after_seconds| Tried {
            status,
            failure,
            retry_after_seconds,
            milliseconds: i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX),
        };
        let Ok(url) = self.address(url) else { return told(None, Some(Failure::Address), None) };
        let Some(client) = self.client(&url) else { return told(None, Some(Failure::Connect), None) };
        let sent = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", envelope.id)
            .header("webhook-timestamp", envelope.unix_seconds)
            .header("webhook-signature", envelope.signature)
            .body(envelope.body)
            .send();
        // The client's own limit covers the body too; this one covers whatever it forgot.
        match tokio::time::timeout(self.timeout + Duration::from_secs(1), sent).await {
            Ok(Ok(answer)) => {
                let status = answer.status().as_u16();
                let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                let after = after.and_then(|text| retry_after(text, envelope.unix_seconds));
                drain(answer).await;
                told(Some(status), judge(status), after)
            }
            Ok(Err(error)) => told(None, Some(why(&error)), None),
            Err(_elapsed) => told(None, Some(Failure::Timeout), None),
        }
    }
}

fn client(names: &Arc<Guarded>, timeout: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
        .timeout(timeout)
        .redirect(Policy::none())
        .no_proxy()
        .http1_only()
        .dns_resolver(Arc::new(Names(names.clone())))
        .pool_max_idle_per_host(IDLE_MAX)
        .user_agent(concat!("Ventanilla/", env!("CARGO_PKG_VERSION")))
}

const fn judge(status: u16) -> Option<Failure> {
    match status {
        200..=299 => None,
        300..=399 => Some(Failure::Redirect),
        _ => Some(Failure::Status),
    }
}

/// Seconds that a `Retry-After` asks for: it says them, or the date when they are over. What is neither asks for nothing.
fn retry_after(text: &str, now_unix_seconds: i64) -> Option<u32> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().unwrap_or(u32::MAX));
    }
    let over = DateTimeParser::new().parse_timestamp(text).ok()?.as_second();
    Some(u32::try_from(over.saturating_sub(now_unix_seconds).max(0)).unwrap_or(u32::MAX))
}

/// Reads what there is up to a limit, so that the connection can be used again; the status is known already.
async fn drain(mut answer: reqwest::Response) {
    let mut bytes = 0_usize;
    while let Ok(Some(piece)) = answer.chunk().await {
        bytes = bytes.saturating_add(piece.len());
        if bytes > ANSWER_MAX_BYTES {
            return;
        }
    }
}

fn why(error: &reqwest::Error) -> Failure {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.downcast_ref::<AddressFault>().is_some() {
            return Failure::Address;
        }
        cause = inner.source();
    }
    if error.is_timeout() { Failure::Timeout } else { Failure::Connect }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::config;

    fn post(settings: config::Webhooks, answers: Vec<Vec<&'static str>>) -> Post {
        let private_hosts = settings.private_hosts;
        let allowed = Allowed { private_hosts, rehearsal: true, own_ports: None };
        post_by(allowed, settings.timeout_seconds, answers)
    }

    fn post_by(allowed: Allowed, timeout_seconds: u64, answers: Vec<Vec<&'static str>>) -> Post {
        let asked = AtomicUsize::new(0);
        let lookup: Lookup = Arc::new(move |_host| {
            let at = asked.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
            let found = answers[at].iter().map(|address| address.parse().unwrap()).collect();
            async move { Ok(found) }.boxed()
        });
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Post::new(allowed, Duration::from_secs(timeout_seconds), lookup).unwrap()
    }

    fn envelope() -> Envelope<'static> {
        Envelope { id: "m", unix_seconds: 1, signature: "v1,x", body: b"{}".to_vec() }
    }

    #[tokio::test]
    async fn w1_a_name_that_leads_home_is_refused_at_save_and_at_delivery() {
        let settings = config::Webhooks { timeout_seconds: 2, ..config::Webhooks::default() };
        for private in [vec!["127.0.0.1"], vec!["8.8.8.8", "10.0.0.1"], vec!["::1"], vec![]] {
            let post = post(settings.clone(), vec![private]);
            assert_eq!(post.examine("https://erp.arrayan.example/").await, Err(AddressFault::NotPublic));
        }
        // Public when it was saved, private when the time comes: nothing is connected.
        let rebound = post(settings, vec![vec!["8.8.8.8"], vec!["127.0.0.1"]]);
        assert_eq!(rebound.examine("https://erp.arrayan.example/").await, Ok(()));
        let tried = rebound.send("https://erp.arrayan.example/", envelope()).await;
        assert_eq!((tried.status, tried.failure), (None, Some(Failure::Address)));
    }

    /// Answers its first caller with a head, and then with a body that never ends.
    fn endless() -> u16 {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _caller) = listener.accept().unwrap();
            assert!(stream.read(&mut [0; 4_096]).unwrap() > 0);
            let mut taken = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            while taken.is_ok() {
                taken = stream.write_all(&[b'x'; 4_096]);
            }
        });
        port
    }

    #[tokio::test]
    async fn w1_an_answer_is_read_to_its_limit_and_waited_for_to_its_time() {
        let settings = |timeout_seconds| {
            let private_hosts = vec!["localhost".into()];
            config::Webhooks { timeout_seconds, private_hosts, ..config::Webhooks::default() }
        };
        let url = |port| format!("http://localhost:{port}/");
        let tried = post(settings(30), vec![vec!["127.0.0.1"]]).send(&url(endless()), envelope()).await;
        assert_eq!((tried.status, tried.failure), (Some(200), None));
        assert!(tried.milliseconds < 15_000, "it was read until the time was over: {tried:?}");
        // Somebody who takes the call and never says a word.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let silent = url(listener.local_addr().unwrap().port());
        let tried = post(settings(1), vec![vec!["127.0.0.1"]]).send(&silent, envelope()).await;
        assert_eq!((tried.status, tried.failure), (None, Some(Failure::Timeout)));
    }

    #[test]
    fn w3_both_forms_of_retry_after_are_understood() {
        // 2026-11-22 12:00:00 UTC.
        let noon = 1_795_348_800;
        for (text, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999999", Some(u32::MAX)),
            ("Sun, 22 Nov 2026 12:01:30 GMT", Some(90)),
            ("Sun, 22 Nov 2026 11:00:00 GMT", Some(0)),
            ("-5", None),
            ("1.5", None),
            ("mañana", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, noon), seconds, "{text}");
        }
    }

    #[tokio::test]
    async fn a_host_named_for_one_port_is_a_stranger_on_another() {
        let settings = config::Webhooks { private_hosts: vec!["localhost:9000".into()], ..config::Webhooks::default() };
        let post = post(settings, vec![vec!["127.0.0.1"]]);
        assert_eq!(post.examine("http://localhost:9000/").await, Ok(()));
        assert_eq!(post.examine("https://localhost:8443/").await, Err(AddressFault::NotPublic));
    }

    #[tokio::test]
    async fn w1_in_a_demo_the_name_of_this_machine_leads_to_this_machine() {
        let demo = || Allowed { rehearsal: true, own_ports: Some(vec![8080]), ..Allowed::default() };
        let post = post_by(demo(), 2, vec![vec!["127.0.0.1", "::1"]]);
        assert_eq!(post.examine("http://localhost:9000/").await, Ok(()));
        assert_eq!(post.examine("http://localhost:8080/").await, Err(AddressFault::Form));
        assert_eq!(post.examine("https://localhost/").await, Err(AddressFault::NotPublic));
        for elsewhere in [vec!["10.0.0.7"], vec!["127.0.0.1", "10.0.0.7"], vec![]] {
            let post = post_by(demo(), 2, vec![elsewhere]);
            assert_eq!(post.examine("http://localhost:9000/").await, Err(AddressFault::NotPublic));
            let tried = post.send("http://localhost:9000/", envelope()).await;
            assert_eq!((tried.status, tried.failure), (None, Some(Failure::Address)));
        }
    }

    #[tokio::test]
    async fn nobody_at_the_address_is_a_silence() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let settings = config::Webhooks { private_hosts: vec!["localhost".into()], ..config::Webhooks::default() };
        let tried =
            post(settings, vec![vec!["127.0.0.1"]]).send(&format!("http://localhost:{port}/"), envelope()).await;
        assert_eq!((tried.status, tried.failure), (None, Some(Failure::Connect)));
    }
}
