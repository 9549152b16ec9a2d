//! What lies in the data folder: rights, room, keys, the index.

use std::path::Path;

use bedrail_model::data_status::{DataStatus, SourceState};

use super::{Check, Depth, Looking, causes};
use crate::feeds::{Data, DataDir};
use crate::secrets::Secrets;

/// The folder itself.
pub(super) fn folder(looking: &Looking) -> Vec<Check> {
    const PART: &str = "data_folder";
    let dir = &looking.dir;
    let shown = dir.display();
    if !dir.is_dir() {
        let mend = "name the right one with --data or BEDRAIL_DATA; `bedrail serve` makes it";
        return vec![Check::broken(PART, format!("there is no folder {shown}"), mend)];
    }
    if let Err(error) = tempfile::tempfile_in(dir) {
        let mend = "give it to the account that the service runs as (chown), writable";
        return vec![Check::broken(PART, format!("{shown} cannot be written: {error}"), mend)];
    }
    let mut checks = vec![match mode(dir) {
        Some(mode) if mode & 0o077 != 0 => Check::warning(
            PART,
            format!("{shown} is open to other accounts of this machine (mode {:03o})", mode & 0o777),
            format!("chmod 700 {shown}"),
        ),
        _ => Check::fine(PART, format!("{shown}, writable")),
    }];
    checks.extend(room(dir));
    checks
}

#[cfg(target_os = "linux")]
fn room(dir: &Path) -> Option<Check> {
    const PART: &str = "free_space";
    /// Less free space than this is a warning: an update of the index writes a new one beside the old.
    const LITTLE_ROOM: u64 = 3 << 30;
    /// Less than this, and the next upload or commit may fail.
    const NO_ROOM: u64 = 256 << 20;
    let held = rustix::fs::statvfs(dir).ok()?;
    let free = held.f_bavail.saturating_mul(held.f_frsize);
    let words = format!("{} MB free", free >> 20);
    let mend = "make room on the disk of the data folder, or move the folder to a larger one";
    Some(match free {
        0..NO_ROOM => Check::broken(PART, words, mend),
        NO_ROOM..LITTLE_ROOM => Check::warning(PART, words, mend),
        _ => Check::fine(PART, words),
    })
}

#[cfg(not(target_os = "linux"))]
fn room(_: &Path) -> Option<Check> {
    None
}

/// The permission bits, where there are such.
fn mode(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Some(path.metadata().ok()?.permissions().mode())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// The keys beside the database.
pub(super) fn keys(looking: &Looking) -> Vec<Check> {
    let secret = looking.key_file.clone().unwrap_or_else(|| looking.dir.join("secret.key"));
    let mut checks = vec![key("secret_key", &secret, || {
        Secrets::new(&looking.dir, looking.key_file.clone()).readable().map_err(|error| causes(&error))
    })];
    let audit = looking.dir.join("audit.key");
    checks.push(key("audit_key", &audit, || {
        crate::audit::readable_key(&looking.dir).map_err(|error| causes(&error))
    }));
    checks
}

fn key(part: &'static str, path: &Path, readable: impl Fn() -> Result<(), String>) -> Check {
    let shown = path.display();
    if !path.exists() {
        return Check::fine(part, format!("{shown} is not there yet; it is made when it is first needed"));
    }
    if let Err(error) = readable() {
        return Check::broken(part, error, format!("bring {shown} back from a backup"));
    }
    match mode(path) {
        Some(mode) if mode & 0o077 != 0 => Check::broken(
            part,
            format!("{shown} can be read by other accounts (mode {:03o})", mode & 0o777),
            format!("chmod 600 {shown}"),
        ),
        _ => Check::fine(part, format!("{shown}, for its owner only")),
    }
}

/// The vulnerability data.
pub(super) fn data(looking: &Looking) -> Vec<Check> {
    const PART: &str = "index";
    let dir = DataDir::new(&looking.dir);
    if !dir.manifest().exists() {
        // Opening would make an index of what came with the program.
        return vec![Check::fine(PART, "nothing was fetched yet"), starter_only()];
    }
    let opened = Data::open(&dir).and_then(|data| match looking.depth {
        Depth::Usual => Ok(data),
        Depth::Deep => data.verify().map(|()| data),
    });
    let data = match opened {
        Ok(data) => data,
        Err(error) => {
            return vec![Check::broken(PART, causes(&error), "fetch it anew: bedrail db update")];
        }
    };
    let status = data.status(looking.now, looking.max_data_age_days);
    let read = if looking.depth == Depth::Deep { ", every block has its checksum" } else { "" };
    vec![Check::fine(PART, format!("{} advisories{read}", status.advisories)), feeds(&status)]
}

/// What mends data that is missing or old.
const FETCH: &str = "bedrail db update, or let `bedrail serve` fetch by the clock";

fn starter_only() -> Check {
    Check::warning("feeds", "only the advisories that came with the program are held", FETCH)
}

/// Sources named at most; the page Data status has all.
const NAMED: usize = 4;

fn feeds(status: &DataStatus) -> Check {
    const PART: &str = "feeds";
    if status.complete {
        return Check::fine(PART, "all sources are whole and fresh");
    }
    if status.starter_only {
        return starter_only();
    }
    let bad = status.sources.iter().filter(|source| source.state != SourceState::Fresh);
    let bad: Vec<String> = bad.map(|source| format!("{} is {}", source.name, source.state.code())).collect();
    let more = bad.len().saturating_sub(NAMED);
    let named = bad[..bad.len() - more].join(", ");
    Check::warning(PART, if more > 0 { format!("{named}, and {more} more") } else { named }, FETCH)
}
