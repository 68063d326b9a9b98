//! Where uploaded files lie.
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::unsaid;

/// Where uploaded files and downloads made in the background lie: the folder `files` of `data_dir`, or a bucket.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// Bucket of an S3-compatible store. Empty: the folder `files` of `data_dir`. What lies in one place is not looked
    /// for in the other: copy it before changing.
    pub bucket: String,
    /// Address of the store, https; http on this machine alone. Empty: Amazon's, of the region.
    pub endpoint: String,
    /// Region that requests are signed for; other stores than Amazon's mostly take any.
    pub region: String,
    /// Whether the bucket stands in the path of an address. If not, the endpoint's own name has it:
    /// `https://BUCKET.s3.example`.
    pub path_style: bool,
    /// Id of the key. It must be allowed to list the bucket, and to get, put and delete its objects.
    pub access_key_id: String,
    /// The key.
    #[serde(serialize_with = "unsaid")]
    pub secret_access_key: SecretString,
}

impl Default for Files {
    fn default() -> Files {
        Files {
            bucket: String::new(),
            endpoint: String::new(),
            region: "us-east-1".into(),
            path_style: true,
            access_key_id: String::new(),
            secret_access_key: SecretString::default(),
        }
    }
}

impl Files {
    /// Seconds that one question to a bucket may take, with its other tries.
    pub const QUESTION_SECONDS: u64 = 50;

    /// What is wrong with the values, and with the lease of jobs beside them.
    pub(super) fn faults(&self, lease_seconds: i64) -> Vec<String> {
        let secret = self.secret_access_key.expose_secret();
        if self.bucket.is_empty() {
            // Whoever set the rest meant a bucket, and would not find the files there.
            let means_one = [&self.endpoint, &self.access_key_id].iter().any(|it| !it.is_empty()) || !secret.is_empty();
            return if means_one {
                vec!["files.bucket: required beside the other settings".into()]
            } else {
                Vec::new()
            };
        }
        let mut faults = Vec::new();
        // A job that outlives its lease is run twice.
        let most = Files::QUESTION_SECONDS;
        if u64::try_from(lease_seconds).is_ok_and(|lease| (1..=most).contains(&lease)) {
            faults.push(format!("jobs.lease_seconds: must be above {most} with files.bucket"));
        }
        let set = [
            ("files.region", self.region.as_str()),
            ("files.access_key_id", &self.access_key_id),
            ("files.secret_access_key", secret),
        ];
        let missing = set.iter().filter(|(_, value)| value.is_empty());
        faults.extend(missing.map(|(name, _)| format!("{name}: required with files.bucket")));
        if !self.endpoint.is_empty() {
            match url::Url::parse(&self.endpoint) {
                Ok(url) if url.scheme() == "https" && url.host_str().is_some() => {}
                Ok(url) if url.scheme() == "http" => {
                    if !matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
                        faults.push("files.endpoint: http is for this machine alone: use https".into());
                    }
                }
                _ => faults.push(format!("files.endpoint: {} is not an http(s) address", self.endpoint)),
            }
        }
        faults
    }
}
