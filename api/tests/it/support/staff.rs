//! Staff at the console: signed in with both steps.
use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::second_factor::SecondStep;
use shared::issuer_settings::{ChangeIssuer, IssuerSettings};
use shared::rehearsal::RehearsalStaff;
use shared::staff::{ConsoleSessionOpened, StaffMe};

use super::{Browser, Reply, TestApp};

/// Seconds of one code.
const STEP_SECONDS: i64 = 30;

/// Somebody of the staff at their browser. Paths are below `/api/v1`.
pub struct Clerk {
    pub browser: Browser,
    pub token: String,
    pub me: StaffMe,
}

impl Clerk {
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None::<&Value>).await
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &impl Serialize) -> Reply {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None::<&Value>).await
    }

    /// What is set of an issuer.
    pub async fn issuer(&self, slug: &str) -> IssuerSettings {
        self.get(&format!("/console/issuers/{slug}")).await.ok().json()
    }

    /// Changes some of it; the rest is sent as it stands.
    pub async fn changes_issuer(&self, slug: &str, change: impl FnOnce(&mut ChangeIssuer)) -> Reply {
        let there = self.issuer(slug).await;
        let mut form = ChangeIssuer {
            regimen: there.regimen,
            commercial_name: there.commercial_name,
            support_email: there.support_email,
            brand_color: there.brand_color,
            address_lines: there.address_lines,
            language: there.language,
            daily_stamp_ceiling: there.daily_stamp_ceiling,
            time_zone: there.time_zone,
            footer: there.footer,
            rate_policy: there.rate_policy,
        };
        change(&mut form);
        self.put(&format!("/console/issuers/{slug}"), &form).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Reply {
        let request = self.browser.request(method, &format!("/api/v1{path}")).bearer_auth(&self.token);
        self.browser.send(if let Some(body) = body { request.json(body) } else { request }).await
    }

    /// From the answer that opened a session.
    pub fn of(browser: Browser, reply: &Reply) -> Clerk {
        let opened: ConsoleSessionOpened = reply.json();
        Clerk { browser, token: opened.access_token.expose().to_owned(), me: opened.me }
    }
}

impl TestApp {
    /// The demo's operator of the whole installation, signed in.
    pub async fn operator(&self) -> Clerk {
        self.clerk(true).await
    }

    /// The demo's desk of the default issuer, signed in.
    pub async fn desk(&self) -> Clerk {
        self.clerk(false).await
    }

    /// The demo's sign-in of staff, with a code that is good now.
    pub async fn staff_sign_in(&self, whole_installation: bool) -> RehearsalStaff {
        let mut staff = self.rehearsal().await.staff;
        staff.retain(|person| person.whole_installation == whole_installation);
        staff.remove(0)
    }

    async fn clerk(&self, whole_installation: bool) -> Clerk {
        let browser = self.browser();
        loop {
            let person = self.staff_sign_in(whole_installation).await;
            let form = json!({"user": person.user, "password": person.password});
            let step: SecondStep = browser.post("/api/v1/console/sessions", &form).await.ok().json();
            let form = json!({"challenge": step.challenge, "code": person.code});
            let reply = browser.post("/api/v1/console/sessions/second-steps", &form).await;
            if reply.status.is_success() {
                return Clerk::of(browser, &reply);
            }
            // The codes of this half minute and the next were used by earlier sign-ins.
            reply.problem(ProblemCode::WrongCode);
            self.clock.advance_seconds(STEP_SECONDS);
        }
    }
}
