//! Sites at work: which one a request is for, what its mode is now, how its device is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::config::{Approval, Mode, OnError, Site};
use crate::tally::Times;
use crate::upstream::Pool;

/// A site at work.
#[derive(Debug)]
pub(crate) struct SiteAtWork {
    pub(crate) site: Site,
    stance: ArcSwap<Stance>,
    pub(crate) pool: Pool,
    pub(crate) health: Health,
    pub(crate) counts: Counts,
}

/// Mode and who approved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stance {
    pub(crate) mode: Mode,
    pub(crate) approval: Option<Approval>,
}

/// What holds for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) mode: Mode,
    pub(crate) on_error: OnError,
    /// A path of therapy or alarms: nothing of ours ends what goes on there.
    pub(crate) never_block: bool,
}

/// Requests by how they ended.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: AtomicU64,
    pub(crate) would_block: AtomicU64,
    pub(crate) blocked: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) not_judged: AtomicU64,
    pub(crate) partly_judged: AtomicU64,
    pub(crate) device_failed: AtomicU64,
    /// How long requests waited for their verdicts.
    pub(crate) added: Times,
    pub(crate) tunnels: AtomicU64,
    pub(crate) tunnels_closed: AtomicU64,
}

/// How a device is.
#[derive(Debug, Default)]
pub(crate) struct Health {
    failures: AtomicU32,
    trial: AtomicBool,
}

impl Health {
    /// Whether a request may go to the device: it is up, or this is the one trial.
    pub(crate) fn admits(&self, unhealthy_after: u32) -> bool {
        self.is_up(unhealthy_after) || !self.trial.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn is_up(&self, unhealthy_after: u32) -> bool {
        self.failures.load(Ordering::Relaxed) < unhealthy_after
    }

    /// The device answered.
    pub(crate) fn well(&self) {
        self.failures.store(0, Ordering::Relaxed);
        self.trial.store(false, Ordering::Release);
    }

    /// The request ended without telling anything of the device.
    pub(crate) fn unknown(&self) {
        self.trial.store(false, Ordering::Release);
    }

    /// It did not.
    pub(crate) fn ill(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.trial.store(false, Ordering::Release);
    }
}

impl SiteAtWork {
    pub(crate) fn new(site: Site, pool: Pool) -> SiteAtWork {
        let stance = Stance { mode: site.mode, approval: site.approval.clone() };
        SiteAtWork {
            site,
            stance: ArcSwap::from_pointee(stance),
            pool,
            health: Health::default(),
            counts: Counts::default(),
        }
    }

    pub(crate) fn stance(&self) -> Arc<Stance> {
        self.stance.load_full()
    }

    pub(crate) fn set_stance(&self, stance: Stance) {
        self.stance.store(Arc::new(stance));
    }

    /// What holds for a path, given as written and resolved. Only a path that is below `never_block` both ways is, and that no server
    /// decodes further.
    fn policy(&self, written: &[u8], resolved: &[u8]) -> Policy {
        let below = |path: &[u8]| self.site.never_block.iter().any(|it| is_below(path, it));
        let mode = self.stance.load().mode;
        if below(written) && below(resolved) && is_final(resolved) {
            let mode = if mode == Mode::Block { Mode::Detect } else { mode };
            Policy { mode, on_error: OnError::Open, never_block: true }
        } else {
            Policy { mode, on_error: self.site.on_error, never_block: false }
        }
    }
}

/// All sites.
#[derive(Debug)]
pub(crate) struct Sites(pub(crate) Vec<Arc<SiteAtWork>>);

/// The site of a request.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    /// Where it goes.
    pub(crate) site: Arc<SiteAtWork>,
    /// What holds for it.
    pub(crate) policy: Policy,
    /// Whose settings the judge uses: the stricter one, where the path can be read in two ways.
    pub(crate) judged_as: Arc<SiteAtWork>,
}

impl Sites {
    /// The site of a host (lower case, without port) and a path (without query).
    pub(crate) fn choose(&self, host: &str, path: &[u8]) -> Option<Chosen> {
        let resolved = resolve(path);
        let written = self.longest(host, path);
        let other = self.longest(host, &resolved);
        let site = Arc::clone(written.or(other)?);
        let strictness = |it: &Arc<SiteAtWork>| {
            let policy = it.policy(path, &resolved);
            (policy.mode, policy.on_error == OnError::Closed)
        };
        let judged_as = Arc::clone([written, other].into_iter().flatten().max_by_key(|it| strictness(it))?);
        Some(Chosen { policy: judged_as.policy(path, &resolved), site, judged_as })
    }

    /// Whether a site has this name.
    pub(crate) fn find(&self, key: &str) -> Option<&Arc<SiteAtWork>> {
        self.0.iter().find(|it| it.site.key == key)
    }

    fn longest(&self, host: &str, path: &[u8]) -> Option<&Arc<SiteAtWork>> {
        let named = |it: &&Arc<SiteAtWork>| it.site.hosts.iter().any(|name| name == host);
        let any = |it: &&Arc<SiteAtWork>| it.site.hosts.iter().any(|name| name == "*");
        let below = |it: &&Arc<SiteAtWork>| is_below(path, &it.site.path);
        let longest = |it: &&Arc<SiteAtWork>| it.site.path.len();
        let all = || self.0.iter().filter(below);
        all().filter(named).max_by_key(longest).or_else(|| all().filter(any).max_by_key(longest))
    }
}

/// Whether a path is a prefix's, at whole segments.
fn is_below(path: &[u8], prefix: &str) -> bool {
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix).as_bytes();
    path.strip_prefix(prefix).is_some_and(|rest| matches!(rest.first(), None | Some(b'/' | b';')))
}

/// A path as a lenient device may read it: escapes undone once, `\` as `/`, parameters of segments dropped, slashes merged, dots resolved.
fn resolve(path: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(path.len());
    let mut at = 0;
    while at < path.len() {
        let digits = path.get(at + 1..at + 3).filter(|_| path[at] == b'%');
        let value =
            digits.and_then(|it| std::str::from_utf8(it).ok()).and_then(|it| u8::from_str_radix(it, 16).ok());
        let (byte, step) = value.map_or((path[at], 1), |it| (it, 3));
        plain.push(if byte == b'\\' { b'/' } else { byte });
        at += step;
    }
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in plain.split(|byte| *byte == b'/') {
        match segment.split(|byte| *byte == b';').next().unwrap_or_default() {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut resolved = Vec::with_capacity(plain.len());
    for segment in segments {
        resolved.push(b'/');
        resolved.extend_from_slice(segment);
    }
    if resolved.is_empty() || plain.ends_with(b"/") {
        resolved.push(b'/');
    }
    resolved
}

/// Whether a resolved path says the same to servers that decode it once more, take over-long or full-width forms of a dot, end at a NUL, or
/// take spaces off a segment.
fn is_final(resolved: &[u8]) -> bool {
    let dots = |segment: &[u8]| {
        let segment = segment.trim_ascii();
        !segment.is_empty() && segment.iter().all(|byte| matches!(byte, b'.' | b' '))
    };
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'%' && *byte != b'#';
    resolved.iter().all(plain) && !resolved.split(|byte| *byte == b'/').any(dots)
}

#[cfg(test)]
mod tests {
    use super::{is_below, is_final, resolve};

    #[test]
    fn a_path_that_some_server_decodes_further_is_not_final() {
        for (path, answer) in [
            ("/therapy/now%20or/then.html", true),
            ("/therapy/...x", true),
            ("/therapy/%252e%252e/admin", false),
            ("/therapy/..%252f..%252fadmin", false),
            ("/therapy/%c0%ae%c0%ae/admin", false),
            ("/therapy/%u002e%u002e/admin", false),
            ("/therapy/..%00/admin", false),
            ("/therapy/..%20/admin", false),
            ("/therapy/.%20./admin", false),
            ("/therapy/..%ef%bc%8fadmin", false),
        ] {
            assert_eq!(is_final(&resolve(path.as_bytes())), answer, "{path}");
        }
    }

    #[test]
    fn a_path_is_resolved_as_lenient_devices_do() {
        for (path, resolved) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/therapy/../admin", "/admin"),
            ("/therapy/%2e%2E/admin", "/admin"),
            ("/therapy%2f..%2fadmin", "/admin"),
            ("/therapy\\..\\admin", "/admin"),
            ("/therapy/..;x=1/admin", "/admin"),
            ("//admin//./x/", "/admin/x/"),
            ("/../../a", "/a"),
            ("/%zz", "/%zz"),
            ("/a%2", "/a%2"),
        ] {
            assert_eq!(String::from_utf8_lossy(&resolve(path.as_bytes())), resolved, "{path}");
        }
    }

    #[test]
    fn a_prefix_ends_at_a_segment() {
        for (path, prefix, below) in [
            ("/therapy", "/therapy", true),
            ("/therapy/now", "/therapy", true),
            ("/therapy/now", "/therapy/", true),
            ("/therapyx", "/therapy", false),
            ("/x/therapy", "/therapy", false),
            ("/anything", "/", true),
        ] {
            assert_eq!(is_below(path.as_bytes(), prefix), below, "{path} {prefix}");
        }
    }
}
