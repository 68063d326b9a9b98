//! Every setting with its default and its limits. Unknown keys stop the start; all faults are listed together.
mod accounts;
mod files;
mod guests;
mod mail;
mod metrics;
mod pac;
mod profiles;
mod webhooks;

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

pub use accounts::Accounts;
pub use files::Files;
pub use guests::{Floods, Guests};
pub use metrics::Metrics;
pub use pac::Pac;
pub use profiles::Profiles;
pub use webhooks::Webhooks;

/// The whole configuration: one TOML file, then `VENTANILLA_…` from the environment (levels separated by `__`).
/// A test writes `config.example.toml` from it: the comment of each setting there is the one here.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address the server listens on.
    pub listen: String,
    /// Folder of everything this installation keeps: database, master key, locks.
    pub data_dir: PathBuf,
    /// Address people use, without a path; every link in a letter begins with it. Empty: derived from `listen` on loopback.
    pub public_url: String,
    /// `sqlite:PATH` or `postgres://…`. Empty: SQLite inside `data_dir`.
    #[serde(serialize_with = "unsaid")]
    pub database_url: SecretString,
    /// Proxies whose X-Forwarded-For is believed, as addresses.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Worker threads of the HTTP server; 0 = one per core.
    pub workers: usize,
    /// Seconds that a request's body may keep the server waiting, and one more for each 16 KB of it that came.
    pub body_seconds: u64,
    /// Log lines as JSON.
    pub log_json: bool,
    /// Rehearse with companies of one's own: sandbox PAC and bank, test certificates, and letters on the mailbox page when
    /// there is no SMTP server. Whatever starts with `--demo` rehearses, with invented companies. A database stays what
    /// it was at its first start.
    pub rehearsal: bool,
    /// With `--demo`: half a year of documents for the demo's customers, made in the background after the start.
    pub demo_history: bool,
    /// Mail.
    pub mail: Mail,
    /// The PAC that stamps.
    pub pac: Pac,
    /// Where uploaded files lie.
    pub files: Files,
    /// Limits of the guest flow.
    pub guests: Guests,
    /// How often one source address may ask, in each process; 0 = as often as it likes.
    pub floods: Floods,
    /// Passwords, sessions, and the links that letters carry.
    pub accounts: Accounts,
    /// Customers' payments.
    pub payments: Payments,
    /// Issuers whose portal follows one of the three earlier portals, row by row.
    pub profiles: Profiles,
    /// Limits of the integrators' API.
    pub integrators: Integrators,
    /// Events sent to integrators.
    pub webhooks: Webhooks,
    /// Background work.
    pub jobs: Jobs,
    /// Figures for a Prometheus server. Off unless one of the two is set.
    pub metrics: Metrics,
}

/// Mail settings.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// `smtp://user:password@host:port`, `smtps://…`. Empty: letters go to the mailbox page (rehearsal only). `smtp://` asks
    /// for STARTTLS; a relay of your own network that speaks no TLS is `smtp://host:25?tls=none`.
    #[serde(serialize_with = "unsaid")]
    pub smtp_url: SecretString,
    /// Sender address of every letter: one that the mail server sends as. Outside a rehearsal it must be your own.
    pub from_address: String,
    /// Seconds one delivery may take.
    pub timeout_seconds: u64,
    /// Letters to one address in 24 hours.
    pub per_address_daily: i64,
    /// Letters of one invoice in 24 hours that the browser which invoiced may ask for.
    pub per_invoice_daily: i64,
    /// Letters with documents in 24 hours that one person may send from the portal, to whichever addresses.
    pub per_user_daily: i64,
    /// Tries before a letter is given up.
    pub attempts_max: i64,
    /// Days in which an address that the mail server refused gets no letter; from codes, links and what else is about
    /// somebody's access it rests for an hour.
    pub refused_days: i64,
}

/// Customers' payments.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Payments {
    /// Minutes an ordered payment may wait for its way to the bank before its invoices are free again.
    pub hand_over_minutes: i64,
    /// Minutes the bank may take to answer before a payment is said to be unknown.
    pub answer_minutes: i64,
    /// Hours that a payment by transfer waits for its money before its invoices are free again.
    pub transfer_hours: i64,
    /// Short names of issuers that charge foreign invoices at the rate of the day they are paid on, where one is known; the
    /// others at the rate of the invoice. What an issuer chose in the console goes before this.
    pub day_rate: Vec<String>,
    /// Short names of issuers whose ERP says when a confirmed payment is applied; the others' are applied at once.
    pub erp_applies: Vec<String>,
    /// Token of the Banco de México's SIE; without one the rates of days come from the ERP or by hand. It is asked every hour
    /// for the issuers that charge the rate of the day.
    #[serde(serialize_with = "unsaid")]
    pub banxico_token: SecretString,
    /// Address of the SIE.
    pub banxico_url: String,
    /// Accounts at banks, a table each: `issuer` (short name), `bank` ("bbva", "citibanamex" or "spei"), `url` (of the form;
    /// of the gateway), `account` (for SPEI the CLABE), `key`; for BBVA `node` and `concept`, for the gateway `version`.
    /// In a rehearsal the sandbox stands in for all. In the file alone: the environment has no tables.
    pub merchants: Vec<Merchant>,
}

/// An issuer's account at a bank.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// Short name of the issuer.
    pub issuer: String,
    /// Which bank.
    pub bank: String,
    /// Address that payers are sent to; SPEI has none.
    #[serde(default)]
    pub url: String,
    /// Number of the account.
    pub account: String,
    /// Branch agreed with the bank.
    #[serde(default = "zero_text")]
    pub node: String,
    /// Concept agreed with the bank.
    #[serde(default = "one_text")]
    pub concept: String,
    /// Version of the gateway's API ("citibanamex"), 63 or a later one.
    #[serde(default = "version_text")]
    pub version: String,
    /// What both sides sign with, or the password of the gateway's API; SPEI has none.
    #[serde(default, serialize_with = "unsaid")]
    pub key: SecretString,
}

fn zero_text() -> String {
    "0".into()
}

fn version_text() -> String {
    "100".into()
}

fn one_text() -> String {
    "1".into()
}

/// Limits of the integrators' API (threats I3).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Integrators {
    /// Requests of one key in a minute; they come back evenly.
    pub requests_per_minute: u32,
    /// Bulk requests of one key at once.
    pub bulk_at_once: u32,
    /// Invoices of one key that wait for their stamp at once.
    pub stamps_at_once: u32,
    /// Documents that one key may publish or have issued in a day.
    pub documents_per_day: u32,
}

/// Background work.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jobs {
    /// Jobs that run at once.
    pub workers: usize,
    /// Milliseconds between looks at an empty queue.
    pub poll_milliseconds: u64,
    /// Seconds a worker may hold a job before another takes it; above 50 when files lie in a bucket.
    pub lease_seconds: i64,
    /// Tries before a job is parked.
    pub attempts_max: i64,
    /// Seconds a stop waits for work in flight.
    pub stop_seconds: u64,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: "127.0.0.1:8080".into(),
            data_dir: "data".into(),
            public_url: String::new(),
            database_url: SecretString::default(),
            trusted_proxies: Vec::new(),
            workers: 0,
            body_seconds: 30,
            log_json: false,
            rehearsal: false,
            demo_history: true,
            mail: Mail::default(),
            pac: Pac::default(),
            files: Files::default(),
            guests: Guests::default(),
            floods: Floods::default(),
            accounts: Accounts::default(),
            payments: Payments::default(),
            profiles: Profiles::default(),
            integrators: Integrators::default(),
            webhooks: Webhooks::default(),
            jobs: Jobs::default(),
            metrics: Metrics::default(),
        }
    }
}

impl Default for Mail {
    fn default() -> Mail {
        Mail {
            smtp_url: SecretString::default(),
            from_address: "facturas@ventanilla.example".into(),
            timeout_seconds: 30,
            per_address_daily: 5,
            per_invoice_daily: 10,
            per_user_daily: 100,
            attempts_max: 12,
            refused_days: 7,
        }
    }
}

impl Default for Payments {
    fn default() -> Payments {
        Payments {
            hand_over_minutes: 10,
            answer_minutes: 30,
            transfer_hours: 72,
            day_rate: Vec::new(),
            erp_applies: Vec::new(),
            banxico_token: SecretString::default(),
            banxico_url: "https://www.banxico.org.mx".to_owned(),
            merchants: Vec::new(),
        }
    }
}

impl Default for Integrators {
    fn default() -> Integrators {
        Integrators { requests_per_minute: 600, bulk_at_once: 1, stamps_at_once: 20, documents_per_day: 20_000 }
    }
}

impl Default for Jobs {
    fn default() -> Jobs {
        Jobs { workers: 4, poll_milliseconds: 500, lease_seconds: 60, attempts_max: 60, stop_seconds: 30 }
    }
}

/// Settings that are lists: in the environment, separated by commas.
const LISTS: [&str; 8] = [
    "trusted_proxies",
    "payments.day_rate",
    "payments.erp_applies",
    "webhooks.private_hosts",
    "webhooks.retry_pauses",
    "profiles.cit",
    "profiles.ticket",
    "profiles.canon",
];

/// The SQLite file in `data_dir`, unless another database is set.
pub const DATABASE_FILE: &str = "ventanilla.db";

/// How an address looks whose password was copied from the comment of `mail.smtp_url`: it protects nothing (A11).
const EXAMPLE_LOGIN: &str = ":password@";

/// Belongs to the tests that start this process, not to its settings.
fn is_of_tests(name: &str) -> bool {
    name == "VENTANILLA_SAT_DIR" || name.starts_with("VENTANILLA_TEST_")
}

/// The list that a name of the environment means.
fn list_named(name: &str) -> Option<&'static str> {
    let setting = name.strip_prefix("VENTANILLA_")?.to_lowercase().replace("__", ".");
    LISTS.into_iter().find(|list| *list == setting)
}

/// A secret in `config.example.toml`, or anywhere else a configuration is written.
fn unsaid<S: Serializer>(_: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("")
}

/// The faults of settings of which it is known whether they are above zero.
fn not_above_zero(settings: &[(&str, bool)]) -> Vec<String> {
    settings.iter().filter(|(_, good)| !good).map(|(name, _)| format!("{name}: must be above zero")).collect()
}

/// Why the configuration was refused: every fault, not the first.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file or the environment could not be read, or has an unknown key.
    #[error("reading the configuration")]
    Read(#[from] config::ConfigError),
    /// Read, but not usable.
    #[error("checking the configuration: {}", .0.join("; "))]
    Faults(Vec<String>),
}

impl Config {
    /// Reads the file (when given) and the environment, and checks the whole.
    pub fn read(file: Option<&Path>) -> Result<Config, ConfigError> {
        Config::read_with(file, std::env::vars())
    }

    /// The same, of this environment.
    pub fn read_with(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Config, ConfigError> {
        let mut builder = config::Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        let (mut texts, mut lists) = (Vec::new(), Vec::new());
        for (name, value) in environment.into_iter().filter(|(name, _)| !is_of_tests(name)) {
            match list_named(&name) {
                Some(setting) => lists.push((setting, value)),
                None => texts.push((name, value)),
            }
        }
        // Everything is text until a setting's own type reads it: guessed beforehand, the token `0123` would be 123.
        let source = config::Environment::with_prefix("VENTANILLA").prefix_separator("_").separator("__");
        let source = source.ignore_empty(true).source(Some(texts.into_iter().collect()));
        let mut builder = builder.add_source(source);
        for (setting, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
            let items: Vec<&str> = list.split(',').map(str::trim).collect();
            builder = builder.set_override(setting, items)?;
        }
        let config: Config = builder.build()?.try_deserialize()?;
        config.check()?;
        Ok(config)
    }

    /// Everything that is wrong with the values.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut faults = self.address_faults();
        let database = self.database_url.expose_secret();
        if !database.is_empty() && !database.starts_with("sqlite:") && !database.starts_with("postgres") {
            faults.push("database_url: neither sqlite: nor postgres://".into());
        }
        if self.mail.smtp_url.expose_secret().contains(EXAMPLE_LOGIN) {
            faults.push("mail.smtp_url: its password is the example's: put your own in its place".into());
        }
        if fiscal::Email::parse(&self.mail.from_address).is_err() {
            faults.push("mail.from_address: not a mail address".into());
        }
        let positive = [
            ("body_seconds", self.body_seconds > 0),
            ("pac.connect_timeout_seconds", self.pac.connect_timeout_seconds > 0),
            ("pac.timeout_seconds", self.pac.timeout_seconds > 0),
            ("mail.timeout_seconds", self.mail.timeout_seconds > 0),
            ("mail.per_address_daily", self.mail.per_address_daily > 0),
            ("mail.per_invoice_daily", self.mail.per_invoice_daily > 0),
            ("mail.per_user_daily", self.mail.per_user_daily > 0),
            ("mail.attempts_max", self.mail.attempts_max > 0),
            ("mail.refused_days", self.mail.refused_days > 0),
            ("payments.hand_over_minutes", self.payments.hand_over_minutes > 0),
            ("payments.answer_minutes", self.payments.answer_minutes > 0),
            ("payments.transfer_hours", self.payments.transfer_hours > 0),
            ("integrators.requests_per_minute", self.integrators.requests_per_minute > 0),
            ("integrators.bulk_at_once", self.integrators.bulk_at_once > 0),
            ("integrators.stamps_at_once", self.integrators.stamps_at_once > 0),
            ("integrators.documents_per_day", self.integrators.documents_per_day > 0),
            ("jobs.workers", self.jobs.workers > 0),
            ("jobs.poll_milliseconds", self.jobs.poll_milliseconds > 0),
            ("jobs.lease_seconds", self.jobs.lease_seconds > 0),
        ];
        faults.extend(not_above_zero(&positive));
        faults.extend(self.files.faults(self.jobs.lease_seconds));
        faults.extend(self.guests.faults());
        faults.extend(self.accounts.faults());
        faults.extend(self.webhooks.faults());
        faults.extend(self.metrics.faults());
        faults.extend(self.profiles.faults());
        // A job that outlives its lease is run twice; its own time limits must be shorter.
        let lease = u64::try_from(self.jobs.lease_seconds).unwrap_or(0);
        if lease > 0 && (self.mail.timeout_seconds >= lease || self.pac.timeout_seconds >= lease) {
            faults.push("jobs.lease_seconds: must be above mail.timeout_seconds and pac.timeout_seconds".into());
        }
        if faults.is_empty() { Ok(()) } else { Err(ConfigError::Faults(faults)) }
    }

    /// What is wrong with where it listens and what people call it.
    fn address_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let listen = self.listen.parse::<std::net::SocketAddr>();
        if listen.is_err() {
            faults.push(format!("listen: {} is not ADDRESS:PORT", self.listen));
        }
        if self.public_url.is_empty() {
            if listen.is_ok_and(|address| !address.ip().is_loopback()) {
                faults.push("public_url: required when listen is not a loopback address".into());
            }
            return faults;
        }
        match url::Url::parse(&self.public_url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host_str().is_some() => {
                let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
                if url.scheme() == "http" && !loopback && self.trusted_proxies.is_empty() {
                    faults.push("public_url: http on a public name needs a proxy in trusted_proxies".into());
                }
                // Pages, cookies and links all begin at the root.
                if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
                    let host = url.origin().ascii_serialization();
                    faults.push(format!("public_url: nothing may follow the host: {host}"));
                }
            }
            _ => faults.push(format!("public_url: {} is not an http(s) address", self.public_url)),
        }
        faults
    }

    /// The database's address: the configured one, or SQLite in `data_dir`.
    pub fn database_url(&self) -> String {
        let configured = self.database_url.expose_secret();
        if configured.is_empty() {
            format!("sqlite:{}", self.data_dir.join(DATABASE_FILE).display())
        } else {
            configured.to_owned()
        }
    }

    /// SQLite in `data_dir`, under our own name.
    pub fn has_default_database(&self) -> bool {
        self.database_url.expose_secret().is_empty()
    }

    /// No SMTP server: letters go to the mailbox page.
    pub fn has_smtp(&self) -> bool {
        !self.mail.smtp_url.expose_secret().is_empty()
    }
}
