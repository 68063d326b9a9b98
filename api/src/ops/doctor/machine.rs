//! The machine: the data folder, its keys, its disk.
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Finding, Verdict};
use crate::config::Config;
use crate::issuers::custody::MASTER_KEY_FILE;
use crate::keyfile::KEY_LEN;

/// Less room than this, and writing may end tonight (F9).
const FREE_MIN_BYTES: u64 = 1 << 30;
/// Less than one part in this many.
const FREE_MIN_PARTS: u64 = 10;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let folder = &config.data_dir;
    let Ok(found) = fs::metadata(folder) else {
        let seen = format!("{} is not there", folder.display());
        return vec![Finding::fault(
            "data folder",
            seen,
            "set data_dir, or start `ventanilla serve` once: it makes it",
        )];
    };
    vec![data_folder(folder, found.permissions().mode()), master_key(folder), disk(folder)]
}

fn data_folder(folder: &Path, mode: u32) -> Finding {
    let (what, mode) = ("data folder", mode & 0o777);
    let seen = format!("{} has mode {mode:03o}", folder.display());
    let remedy = format!("chmod 700 {}", folder.display());
    if mode & 0o022 != 0 {
        Finding::fault(what, format!("{seen}: other users may write there"), remedy)
    } else if mode & 0o055 != 0 {
        Finding::warning(what, format!("{seen}: other users may read there"), remedy)
    } else {
        Finding::good(what, seen)
    }
}

fn master_key(folder: &Path) -> Finding {
    let (what, path) = ("master key", folder.join(MASTER_KEY_FILE));
    let Ok(found) = fs::metadata(&path) else {
        let remedy = "put back the one of this installation; on a new one the first start makes it";
        return Finding::warning(what, format!("{} is not there", path.display()), remedy);
    };
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let remedy = format!("chmod 600 {}", path.display());
        return Finding::fault(what, format!("it has mode {mode:03o}: other users may read it"), remedy);
    }
    if found.len() != KEY_LEN as u64 {
        let remedy = "put back the one of this installation, from where you keep it apart from the backups";
        return Finding::fault(what, format!("it has {} bytes, not {KEY_LEN}", found.len()), remedy);
    }
    Finding::good(what, "there, for this user alone")
}

fn disk(folder: &Path) -> Finding {
    let what = "disk";
    match rustix::fs::statvfs(folder) {
        Ok(disk) => room(disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize)),
        Err(error) => Finding::warning(what, format!("its room cannot be read: {error}"), "look with df"),
    }
}

/// What was seen of the disk, when there is little room left on it.
pub(in crate::ops) fn little_room(folder: &Path) -> Option<String> {
    let found = disk(folder);
    (found.verdict == Verdict::Fault).then_some(found.seen)
}

fn room(free: u64, whole: u64) -> Finding {
    let what = "disk";
    let seen = format!("{} MB free of {}", free >> 20, whole >> 20);
    if free < FREE_MIN_BYTES || free < whole / FREE_MIN_PARTS {
        Finding::fault(what, seen, "make room: at 1 GB or a tenth left, writing may stop at any time")
    } else {
        Finding::good(what, seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_a_fault_in_bytes_and_in_parts() {
        const GB: u64 = 1 << 30;
        assert_eq!(room(2 * GB, 10 * GB).verdict, Verdict::Good);
        assert_eq!(room(GB - 1, 2 * GB).verdict, Verdict::Fault);
        assert_eq!(room(9 * GB, 100 * GB).verdict, Verdict::Fault);
    }

    #[test]
    fn o3_a_folder_open_to_others_is_told() {
        let verdicts = [0o700, 0o750, 0o755, 0o770, 0o757].map(|mode| data_folder(Path::new("data"), mode).verdict);
        assert_eq!(verdicts, [Verdict::Good, Verdict::Warning, Verdict::Warning, Verdict::Fault, Verdict::Fault]);
    }
}
