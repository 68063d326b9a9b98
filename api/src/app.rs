//! What every service is given.
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};

use crate::accounts::hashing::Hasher;
use crate::accounts::tokens::SessionKeys;
use crate::billing::pac::{Circuit, Pac};
use crate::clock::{Clock, Ids};
use crate::config::Config;
use crate::db::{Db, Timestamp};
use crate::documents::delivery::Places;
use crate::files::Files;
use crate::http::flood::Floods;
use crate::integrators::limits::Limits;
use crate::issuers::custody::Vault;
use crate::issuers::profiles::Profiles;
use crate::mail::Mailer;
use crate::metrics::Metrics;
use crate::payments::banks::Banks;
use crate::tickets::claims::ClaimKey;
use crate::tickets::turns::Turns;
use crate::webhooks::post::Post;

/// The house's shared state. Cheap to clone; passed to services as `&App`.
#[derive(Clone)]
pub struct App {
    /// Settings, read once.
    pub config: Arc<Config>,
    /// `public_url` without a slash at its end: every link begins with it.
    pub public_url: Arc<str>,
    /// Nothing here has fiscal effect: sandbox PAC, mailbox page, PRUEBAS on every page.
    pub rehearsal: bool,
    /// The database.
    pub db: Db,
    /// Where work goes on that must not end with the request, nor with the thread, that began it.
    pub home: Handle,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub ids: Ids,
    /// Who stamps.
    pub pac: Arc<dyn Pac>,
    /// Whether it is asked: one that answers nobody is left alone for a while.
    pub circuit: Arc<Circuit>,
    /// Who takes customers' payments, by issuer.
    pub banks: Arc<Banks>,
    /// The certificate that the PAC's stamps are sealed with, when it is at hand: then every stamp is verified.
    pub sat_certificate: Option<Arc<cfdi::Certificate>>,
    /// Who carries letters.
    pub mailer: Arc<dyn Mailer>,
    /// Files that are kept as they came.
    pub files: Files,
    /// How each issuer's portal differs from ours.
    pub profiles: Arc<Profiles>,
    /// Opens the issuers' sealing keys.
    pub vault: Arc<Vault>,
    /// Wakes the queue after a commit that gave it work.
    pub wake: Arc<Notify>,
    /// Signs what we hand out and must recognise again: ticket claims.
    pub claim_key: Arc<ClaimKey>,
    /// Guests' look-ups wait for their turn.
    pub turns: Arc<Turns>,
    /// Signs sessions' tokens.
    pub session_keys: Arc<SessionKeys>,
    /// Hashes passwords, a bounded number at a time.
    pub hasher: Arc<Hasher>,
    /// How often each source asked in the last minute.
    pub floods: Arc<Floods>,
    /// How much each key of the API may ask.
    pub api_limits: Arc<Limits>,
    /// Carries events to the integrators' endpoints.
    pub post: Arc<Post>,
    /// Renderings at once: each takes a core and tens of megabytes.
    pub pdf_slots: Arc<Semaphore>,
    /// Files of many documents on their way at once: each holds a thread and some buffers.
    pub downloads: Arc<Places>,
    /// Counts what happens, for whoever watches.
    pub metrics: Arc<Metrics>,
}

impl App {
    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
