//! The bank's server telling the merchant's.
use std::time::Duration;

use reqwest::redirect::Policy;

/// How long the merchant may take.
const TIME: Duration = Duration::from_secs(5);

/// Tells, once, and forgets: a lost notice is part of the rehearsal.
pub struct Notifier {
    client: reqwest::Client,
}

impl Notifier {
    /// Connects nothing yet.
    pub fn new() -> reqwest::Result<Notifier> {
        let client = reqwest::Client::builder()
            .timeout(TIME)
            .redirect(Policy::none())
            .no_proxy()
            .tls_certs_only(std::iter::empty())
            .build()?;
        Ok(Notifier { client })
    }

    /// Sends the fields of an answer as a form.
    pub async fn tell(&self, url: &str, fields: &[(&'static str, String)]) {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(self.client.post(url).header("Content-Type", "application/x-www-form-urlencoded").body(body)).await;
    }

    /// Sends JSON.
    pub async fn tell_json(&self, url: &str, body: &serde_json::Value) {
        self.send(self.client.post(url).json(body)).await;
    }

    async fn send(&self, request: reqwest::RequestBuilder) {
        match request.send().await {
            Ok(answer) => tracing::info!(status = answer.status().as_u16(), "the sandbox bank told its merchant"),
            Err(error) => tracing::warn!(error = %error.without_url(), "the sandbox bank could not tell its merchant"),
        }
    }
}
