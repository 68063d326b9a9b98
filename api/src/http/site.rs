//! What the edge knows of this installation: its names, its proxies, and how its cookies must look.
use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use anyhow::Context;

use crate::clock::Ids;
use crate::config::Config;

/// Names by which a browser on this machine reaches it.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The installation as seen from outside.
pub struct Site {
    pub(super) ids: Ids,
    pub(super) trusted_proxies: Vec<IpAddr>,
    /// How long a body may keep us waiting (U4).
    pub(super) body_time: std::time::Duration,
    https: bool,
    /// What the Host header may say, in lower case.
    hosts: Vec<String>,
    /// What the Origin header may say.
    origins: Vec<String>,
    /// Where else its forms may be sent to.
    form_targets: Vec<String>,
}

impl Site {
    /// The site at `public_url`, whose server listens on `listen`.
    pub fn new(public_url: &str, listen: SocketAddr, config: &Config, ids: Ids) -> anyhow::Result<Site> {
        let url = url::Url::parse(public_url).context("public_url is not an address")?;
        let name = url.host_str().context("public_url has no host")?.to_ascii_lowercase();
        let port = url.port_or_known_default().context("public_url has no port")?;
        let mut hosts = vec![format!("{name}:{port}")];
        if url.port().is_none() {
            hosts.push(name);
        }
        let mut origins = vec![url.origin().ascii_serialization()];
        for loopback in LOOPBACK {
            hosts.push(format!("{loopback}:{}", listen.port()));
            origins.push(format!("http://{loopback}:{}", listen.port()));
        }
        Ok(Site {
            ids,
            trusted_proxies: config.trusted_proxies.clone(),
            body_time: std::time::Duration::from_secs(config.body_seconds),
            https: url.scheme() == "https",
            hosts,
            origins,
            form_targets: Vec::new(),
        })
    }

    /// The same site, whose pages may also send forms to these origins.
    #[must_use]
    pub fn with_form_targets(self, form_targets: Vec<String>) -> Site {
        Site { form_targets, ..self }
    }

    pub(super) fn form_targets(&self) -> &[String] {
        &self.form_targets
    }

    /// People reach it over TLS.
    pub fn is_https(&self) -> bool {
        self.https
    }

    pub(super) fn is_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    pub(super) fn is_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin)
    }

    /// A cookie that scripts cannot read and other sites cannot send. Over TLS its name gets `__Host-`, so that no
    /// other host of the domain can plant one; plain http is only for loopback, where browsers refuse that prefix.
    pub fn cookie(&self, name: &str, value: &str, max_age_seconds: i64) -> Cookie<'static> {
        Cookie::build(self.cookie_name(name), value.to_owned())
            .path("/")
            .http_only(true)
            .secure(self.https)
            .same_site(SameSite::Strict)
            .max_age(Duration::seconds(max_age_seconds))
            .finish()
    }

    /// What the browser sent back in [`Site::cookie`].
    pub fn read_cookie(&self, request: &HttpRequest, name: &str) -> Option<String> {
        request.cookie(&self.cookie_name(name)).map(|cookie| cookie.value().to_owned())
    }

    fn cookie_name(&self, name: &str) -> String {
        if self.https { format!("__Host-{name}") } else { name.to_owned() }
    }
}
