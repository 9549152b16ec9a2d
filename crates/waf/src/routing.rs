//! Which judge decides, which one watches, which one has a share.

use std::hash::{Hash as _, Hasher as _};
use std::net::IpAddr;
use std::sync::Arc;

use crate::judge::Judge;

/// The routing at a moment. A request takes it once and keeps it.
#[derive(Debug, Clone, Default)]
pub struct Routing {
    /// Decides.
    pub current: Option<Arc<Judge>>,
    /// Gets the same requests and decides nothing.
    pub shadow: Option<Arc<Judge>>,
    /// Decides for a share.
    pub canary: Option<Canary>,
    /// Kept ready to go back to: the one that decided before.
    pub standby: Option<Arc<Judge>>,
}

/// A judge with a share.
#[derive(Debug, Clone)]
pub struct Canary {
    /// The judge.
    pub judge: Arc<Judge>,
    /// Its share.
    pub share: Share,
    /// The sites where it has it, by their keys; `None`: all.
    pub sites: Option<Arc<[String]>>,
}

/// A share of requests or of sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Of what.
    pub of: ShareOf,
    /// Out of 100.
    pub percent: u8,
}

/// What a share is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareOf {
    /// Clients of a site: one client is always treated alike.
    Clients,
    /// Whole sites.
    Sites,
}

/// The judges of one request.
#[derive(Debug, Clone)]
pub struct Bench {
    /// Decides.
    pub deciding: Arc<Judge>,
    /// Watches.
    pub watching: Option<Arc<Judge>>,
}

impl Routing {
    /// Who judges a request of this client to this site.
    pub fn bench(&self, site: &str, client: IpAddr) -> Option<Bench> {
        let canary = self.canary.as_ref().filter(|it| it.is_at(site) && it.share.has(site, client));
        let deciding = canary.map(|it| &it.judge).or(self.current.as_ref())?;
        Some(Bench { deciding: Arc::clone(deciding), watching: self.shadow.clone() })
    }

    /// All judges that it names.
    pub fn judges(&self) -> impl Iterator<Item = &Arc<Judge>> {
        let canary = self.canary.as_ref().map(|it| &it.judge);
        [self.current.as_ref(), self.shadow.as_ref(), canary, self.standby.as_ref()].into_iter().flatten()
    }
}

impl Canary {
    /// Whether a site is one of those where it has a share.
    pub fn is_at(&self, site: &str) -> bool {
        self.sites.as_ref().is_none_or(|sites| sites.iter().any(|it| it == site))
    }
}

impl Share {
    /// Whether it has this client of this site. The same at every start: SipHash with fixed keys.
    pub fn has(self, site: &str, client: IpAddr) -> bool {
        #[expect(deprecated, reason = "the one hasher of the standard library with fixed keys")]
        let mut hasher = std::hash::SipHasher::new();
        site.hash(&mut hasher);
        if self.of == ShareOf::Clients {
            client.hash(&mut hasher);
        }
        hasher.finish() % 100 < u64::from(self.percent)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{Share, ShareOf};

    #[test]
    fn a_share_is_about_its_size_and_always_the_same() {
        let clients = || (0..10_000_u32).map(|it| IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + it)));
        for percent in [0, 1, 10, 50, 100] {
            let share = Share { of: ShareOf::Clients, percent };
            let had = clients().filter(|client| share.has("pump", *client)).count();
            let due = usize::from(percent) * 100;
            assert!(had.abs_diff(due) <= 150, "{percent} {had}");
            assert_eq!(had, clients().filter(|client| share.has("pump", *client)).count());
        }
        let share = Share { of: ShareOf::Sites, percent: 50 };
        let first = share.has("pump", IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert!(clients().all(|client| share.has("pump", client) == first));
    }
}
