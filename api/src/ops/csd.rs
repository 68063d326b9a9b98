//! Certificates to rehearse with: the sandbox stamps nothing but what its own authority's certificates sealed.
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fiscal::{Nombre, Rfc};
use serde_json::json;

use super::start::World;
use crate::config::Config;
use crate::sandbox::authority::Authority;

/// What opens the key. It guards nothing: the certificate seals in this rehearsal only.
const PASSWORD: &[u8] = b"ensayo";

/// Whom to issue a certificate for.
#[derive(Debug, clap::Args)]
pub struct RehearseArgs {
    /// RFC of the issuer.
    #[arg(long)]
    pub rfc: String,
    /// Its name in the SAT's register.
    #[arg(long)]
    pub name: String,
    /// Folder of the files, made when it is not there.
    #[arg(long, default_value = ".")]
    pub out: PathBuf,
}

/// Issues a certificate and writes `{RFC}.cer` and `{RFC}.key` (encrypted as the SAT's are); says where and the password.
pub fn rehearse(config: &Config, wanted: &RehearseArgs, world: &World, out: &mut impl Write) -> anyhow::Result<()> {
    let rfc = Rfc::parse(&wanted.rfc).context("--rfc")?;
    let name = Nombre::parse(&wanted.name).context("--name")?;
    let authority = Authority::open(&config.data_dir, world.clock.now(), &world.ids).context("the test authority")?;
    let issued = authority.issue_csd(rfc.as_str(), name.as_str(), world.clock.now(), &world.ids)?;
    let random = world.ids.secret();
    let (salt, rest) = random.split_first_chunk::<8>().context("randomness")?;
    let iv = *rest.first_chunk::<8>().context("randomness")?;
    let key = cfdi::encrypt_key(&issued.pkcs8_der, PASSWORD, *salt, iv).context("encrypting the key")?;
    std::fs::create_dir_all(&wanted.out).with_context(|| format!("making {}", wanted.out.display()))?;
    let (cer_path, key_path) = (wanted.out.join(format!("{rfc}.cer")), wanted.out.join(format!("{rfc}.key")));
    write(&cer_path, &issued.cer_der)?;
    write(&key_path, &key)?;
    let told = json!({
        "certificate": cer_path, "key": key_path, "password": std::str::from_utf8(PASSWORD)?,
    });
    writeln!(out, "{told:#}")?;
    Ok(out.flush()?)
}

/// For its owner alone, and never over a file that is there: it might be a real one.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("making {}", path.display()))?;
    file.write_all(bytes).with_context(|| format!("writing {}", path.display()))
}
