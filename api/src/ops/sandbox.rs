//! The rehearsal's PAC and bank alone, for an integrator's own tests and for a portal that is started and killed beside it.
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use secrecy::{ExposeSecret, SecretString};

use super::start::World;
use crate::payments::banks::{SANDBOX_ACCOUNT, SANDBOX_BBVA_PATH, SANDBOX_CLABE, SANDBOX_MERCHANT};
use crate::{sandbox, serve};

/// Longest token read.
const TOKEN_MAX_BYTES: u64 = 1_024;

/// How to run it.
#[derive(Debug, clap::Args)]
pub struct SandboxArgs {
    /// Address on this machine; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Folder of its database and its test authority.
    #[arg(long, default_value = "data")]
    data_dir: PathBuf,
    /// File with the token it asks for; without it, one is made and printed.
    #[arg(long)]
    token_file: Option<PathBuf>,
}

/// Runs until told to stop. Says first where it is and what it asks for.
pub async fn run(args: SandboxArgs, world: World, out: &mut impl Write) -> anyhow::Result<()> {
    let token = args.token_file.map(read_token).transpose()?;
    let config = sandbox::SandboxConfig { data_dir: args.data_dir, listen: args.listen, token };
    let mut stop = serve::stop_on_signals().context("listening for signals")?;
    let running = sandbox::start(config, world.clock, world.ids).await?;
    // In one piece: whoever reads only the first lines may close the pipe behind them.
    out.write_all(settings_for(&running).as_bytes())?;
    out.flush()?;
    stop.wait_for(|told| *told).await.context("waiting for a signal")?;
    running.stop().await;
    Ok(())
}

/// Settings of a rehearsal that uses this one, for the head of its file. Its issuer's short name goes in the place of ours.
fn settings_for(running: &sandbox::Running) -> String {
    let (url, token, key) = (&running.base_url, running.token.expose_secret(), running.bank_key.expose_secret());
    let accounts = [
        format!(
            "bank = \"bbva\", url = \"{url}{SANDBOX_BBVA_PATH}\", account = \"{SANDBOX_ACCOUNT}\", key = \"{key}\""
        ),
        format!("bank = \"citibanamex\", url = \"{url}\", account = \"{SANDBOX_MERCHANT}\", key = \"{key}\""),
        format!("bank = \"spei\", account = \"{SANDBOX_CLABE}\""),
    ];
    let accounts = accounts.map(|account| format!("  {{ issuer = \"your-slug\", {account} }},\n")).concat();
    format!(
        "pac.url = \"{url}\"\npac.token = \"{token}\"\npayments.banxico_url = \"{url}\"\n\
         payments.banxico_token = \"{key}\"\npayments.merchants = [\n{accounts}]\n"
    )
}

fn read_token(path: PathBuf) -> anyhow::Result<SecretString> {
    let mut text = String::new();
    std::fs::File::open(&path)
        .and_then(|file| file.take(TOKEN_MAX_BYTES).read_to_string(&mut text))
        .with_context(|| format!("reading the token in {}", path.display()))?;
    let token = text.trim();
    ensure!(token.len() >= 16, "the token in {} has fewer than 16 characters", path.display());
    Ok(SecretString::from(token))
}
