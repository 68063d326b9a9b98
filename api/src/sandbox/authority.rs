//! The rehearsal's own tax authority: it issues the certificates that companies seal with here, and seals stamps.
//! It is made once per data folder and kept, so that what was sealed yesterday is good today.
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, ensure};
use cfdi::testca::{Issued, TestCa};
use cfdi::{Certificate, Timbre};
use fiscal::Rfc;
use zeroize::Zeroizing;

use crate::clock::Ids;
use crate::db::Timestamp;

/// Name of its folder in the data folder.
const FOLDER: &str = "test-ca";
const CA_CERTIFICATE: &str = "ca.cer";
const CA_KEY: &str = "ca.key";
const SAT_CERTIFICATE: &str = "sat.cer";
const SAT_KEY: &str = "sat.key";
/// Number of the certificate that seals stamps, as the SAT's test environment numbers its own.
const SAT_NUMBER: &str = "20001000000300022323";
/// How the numbers of its CSDs begin; nine more digits follow. Real ones begin otherwise.
const CSD_NUMBERS: &str = "30001000000";
const DAY_SECONDS: i64 = 86_400;
/// Good some time into the past, so that a test may move the clock back.
const PAST_SECONDS: i64 = 400 * DAY_SECONDS;
/// As long as the SAT's own.
const CSD_SECONDS: i64 = 4 * 365 * DAY_SECONDS;
/// As long as any rehearsal.
const AUTHORITY_SECONDS: i64 = 30 * 365 * DAY_SECONDS;

/// The authority, opened.
pub struct Authority {
    ca: TestCa,
    certificate: Certificate,
    sat: Issued,
}

impl Authority {
    /// The authority of this data folder; made when there is none.
    pub fn open(data_dir: &Path, now: Timestamp, ids: &Ids) -> anyhow::Result<Authority> {
        let folder = data_dir.join(FOLDER);
        if !folder.try_exists().context("looking for the test authority")? {
            make(&folder, now, ids).with_context(|| format!("making the test authority {}", folder.display()))?;
        }
        read(&folder).with_context(|| format!("opening the test authority {}", folder.display()))
    }

    /// Whether it issued this certificate.
    pub fn issued(&self, certificate: &Certificate) -> bool {
        certificate.is_issued_by(&self.certificate)
    }

    /// A new CSD, good for four years.
    pub fn issue_csd(&self, rfc: &str, name: &str, now: Timestamp, ids: &Ids) -> anyhow::Result<Issued> {
        let now = now.jiff().as_second();
        let number = csd_number(ids);
        Ok(self.ca.issue_csd(&Rfc::parse(rfc)?, name, &number, now - PAST_SECONDS, now + CSD_SECONDS)?)
    }

    /// A new e.firma: what every door must refuse.
    pub fn issue_fiel(&self, rfc: &str, name: &str, now: Timestamp, ids: &Ids) -> anyhow::Result<Issued> {
        let now = now.jiff().as_second();
        let number = csd_number(ids);
        Ok(self.ca.issue_fiel(&Rfc::parse(rfc)?, name, &number, now - PAST_SECONDS, now + CSD_SECONDS)?)
    }

    /// The certificate its stamps verify with.
    pub fn sat_certificate_der(&self) -> &[u8] {
        &self.sat.cer_der
    }

    /// A sealed stamp.
    pub fn stamp(&self, uuid: &str, fecha: &str, rfc_prov_certif: &str, sello_cfd: &str) -> anyhow::Result<Timbre> {
        let mut timbre = Timbre {
            uuid: uuid.to_owned(),
            fecha_timbrado: fecha.to_owned(),
            rfc_prov_certif: rfc_prov_certif.to_owned(),
            leyenda: None,
            sello_cfd: sello_cfd.to_owned(),
            no_certificado_sat: SAT_NUMBER.to_owned(),
            sello_sat: String::new(),
        };
        timbre.sello_sat = self.sat.seal(&timbre.cadena_original())?;
        Ok(timbre)
    }
}

fn csd_number(ids: &Ids) -> String {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&ids.secret()[..8]);
    format!("{CSD_NUMBERS}{:09}", u64::from_be_bytes(bytes) % 1_000_000_000)
}

/// Makes the whole folder under another name first: a crash leaves no half authority, and of two starts at once one
/// wins.
fn make(folder: &Path, now: Timestamp, ids: &Ids) -> anyhow::Result<()> {
    let (from, until) = (now.jiff().as_second() - PAST_SECONDS, now.jiff().as_second() + AUTHORITY_SECONDS);
    let ca = TestCa::new(from, until)?;
    let sat = ca.sat_stamping_cert(SAT_NUMBER, from, until)?;
    let draft = folder.with_extension(format!("{}.tmp", ids.uuid().simple()));
    fs::DirBuilder::new().mode(0o700).create(&draft)?;
    let contents: [(&str, &[u8]); 4] = [
        (CA_CERTIFICATE, ca.certificate_der()),
        (CA_KEY, &ca.pkcs8_der()),
        (SAT_CERTIFICATE, &sat.cer_der),
        (SAT_KEY, &sat.pkcs8_der),
    ];
    for (name, bytes) in contents {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    File::open(&draft)?.sync_all()?;
    if let Err(error) = fs::rename(&draft, folder) {
        fs::remove_dir_all(&draft)?;
        ensure!(folder.is_dir(), error);
    }
    if let Some(parent) = folder.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

fn read(folder: &Path) -> anyhow::Result<Authority> {
    let certificate_der = fs::read(folder.join(CA_CERTIFICATE))?;
    let certificate = Certificate::parse(&certificate_der)?;
    let key = Zeroizing::new(fs::read(folder.join(CA_KEY))?);
    let ca = TestCa::restore(&key, certificate.not_before(), certificate.not_after())?;
    ensure!(ca.certificate_der() == certificate_der, "its key and its certificate do not belong together");
    let sat = Issued {
        cer_der: fs::read(folder.join(SAT_CERTIFICATE))?,
        pkcs8_der: Zeroizing::new(fs::read(folder.join(SAT_KEY))?),
    };
    ensure!(Certificate::parse(&sat.cer_der)?.is_issued_by(&certificate), "its stamping certificate is not its own");
    Ok(Authority { ca, certificate, sat })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cfdi::CertificateKind;

    use super::*;
    use crate::clock::{SystemClock, SystemRandomness};

    fn ids() -> Ids {
        Ids::new(Arc::new(SystemClock), Arc::new(SystemRandomness))
    }

    fn now() -> Timestamp {
        Timestamp::new("2026-11-22T18:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_same_authority_is_there_after_a_restart_and_no_other_folder_has_it() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = Authority::open(here.path(), now(), &ids()).unwrap();
        let csd = first.issue_csd("SCA010101AA4", "SUMINISTROS COLIBRI AZUL", now(), &ids()).unwrap();
        let certificate = Certificate::parse(&csd.cer_der).unwrap();
        assert_eq!(certificate.kind(), CertificateKind::Csd);
        assert!(!certificate.is_production());
        let later = now().plus_seconds(90 * DAY_SECONDS);
        let again = Authority::open(here.path(), later, &ids()).unwrap();
        assert!(again.issued(&certificate));
        assert_eq!(again.sat_certificate_der(), first.sat_certificate_der());
        assert!(!Authority::open(there.path(), now(), &ids()).unwrap().issued(&certificate));
        assert_eq!(fs::read_dir(here.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_stamp_verifies_with_its_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::open(folder.path(), now(), &ids()).unwrap();
        let uuid = "5fb2822e-0f04-4a2c-9d57-8f0dbf1c9a77";
        let timbre = authority.stamp(uuid, "2026-11-22T12:00:00", "SPR190613I52", "c2VsbG8=").unwrap();
        let certificate = Certificate::parse(authority.sat_certificate_der()).unwrap();
        assert!(certificate.verify_timbre(&timbre));
        assert!(!certificate.verify_timbre(&Timbre { fecha_timbrado: "2026-11-22T12:00:01".into(), ..timbre }));
    }
}
