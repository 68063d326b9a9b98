//! The first of the staff, from the command line: whoever has a shell on the machine may invite.
use std::io::Write;

use anyhow::{Context, bail};
use serde_json::json;
use shared::Lang;
use shared::staff::StaffRole;

use super::database;
use super::start::{self, World};
use crate::accounts::staff::{self, Office, ToInvite};
use crate::config::Config;
use crate::installation;
use crate::issuers;

/// Somebody to invite.
#[derive(Debug, clap::Args)]
pub struct InviteArgs {
    /// Mail address: where the link goes, then the name to sign in with.
    pub email: String,
    /// Short name of the issuer to work for; absent, the whole installation.
    #[arg(long)]
    pub issuer: Option<String>,
    /// What the person may do: `operator` (settings, certificates, keys, people) or `staff` (the desk of one issuer).
    #[arg(long, default_value = "operator")]
    pub role: String,
    /// Language of the letter: `es` or `en`.
    #[arg(long, default_value = "es")]
    pub language: String,
}

/// Keeps an invitation, writes its letter where there is an issuer to write it for, and tells the link.
pub async fn invite(config: &Config, args: &InviteArgs, world: &World, out: &mut impl Write) -> anyhow::Result<()> {
    let email = fiscal::Email::parse(&args.email).context("the mail address")?;
    let Ok(role) = StaffRole::try_from(args.role.clone()) else { bail!("--role: `operator` or `staff`") };
    let Some(language) = Lang::from_tag(&args.language) else { bail!("--language: `es` or `en`") };
    if role == StaffRole::Staff && args.issuer.is_none() {
        bail!("--issuer: the desk is one issuer's; give its short name, or invite an operator");
    }
    let db = database::open(config).await?;
    let rehearsal = match installation::get(&db, "mode").await.context("reading the installation's mode")?.as_deref() {
        Some(mode) => mode == "rehearsal",
        None => bail!("this installation was never started: `ventanilla serve` decides what it is"),
    };
    let mut tx = db.begin().await?;
    let issuer = match &args.issuer {
        Some(slug) => {
            let found = issuers::service::find_by_slug(&mut tx, slug).await.context("reading the issuer")?;
            Some(found.with_context(|| format!("--issuer: there is no {slug}"))?)
        }
        None => None,
    };
    let public_url = start::public_url(config, config.listen.parse().ok());
    let office = Office {
        public_url: &public_url,
        from_address: &config.mail.from_address,
        rehearsal,
        ids: &world.ids,
        now: world.clock.now(),
        invitation_days: config.accounts.invitation_days,
    };
    let wanted = ToInvite { email: &email, issuer: issuer.as_ref(), role, language, invited_by: None };
    let made = staff::invite(&mut tx, &office, &wanted).await.context("inviting")?;
    tx.commit().await?;
    db.close().await;
    let told = json!({
        "email": email.as_str(), "role": role.as_str(), "issuer": issuer.map(|issuer| issuer.slug),
        "link": made.link, "expires_at": made.expires_at.to_string(), "mailed": made.mailed,
    });
    writeln!(out, "{told:#}")?;
    Ok(out.flush()?)
}
