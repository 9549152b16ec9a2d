//! The proxy at work: what all connections share, and how it starts and ends.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::config::{Config, RuleSet};
use crate::control;
use crate::event_file::EventFile;
use crate::judge::Judge;
use crate::listen;
use crate::routing::Routing;
use crate::saved::Saved;
use crate::site::{SiteAtWork, Sites, Stance};
use crate::supervisor::{LoadError, Supervisor};
use crate::tls::{self, TlsError};
use crate::upstream::Pool;

/// Tells the time; the command line gives the system's.
pub type Clock = fn() -> Timestamp;

/// How long rules may compile at the start and where no time is said.
pub(crate) const COMPILE_TIME: Duration = Duration::from_secs(60);

/// What all connections share.
#[derive(Debug)]
pub struct Proxy {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) since: Timestamp,
    pub(crate) sites: Sites,
    pub(crate) routing: ArcSwap<Routing>,
    pub(crate) supervisor: Arc<Supervisor>,
    pub(crate) events: EventFile,
    /// Requests that no site could be found for, or that could not be read.
    pub(crate) unread: AtomicU64,
    pub(crate) open: AtomicUsize,
    clients: Mutex<HashMap<IpAddr, usize>>,
    ids: AtomicU64,
    /// One command that changes routing at a time.
    pub(crate) changing: tokio::sync::Mutex<()>,
    pub(crate) ending: watch::Sender<bool>,
}

/// A proxy that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The state folder.
    #[error("{path}: cannot be made or written to")]
    State {
        /// The folder or a file in it.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The events file.
    #[error("{path}: cannot be appended to")]
    Events {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A listener.
    #[error("{address}: cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A proxy that listens.
#[derive(Debug)]
pub struct Running {
    /// What it is.
    pub proxy: Arc<Proxy>,
    /// Where it listens, in the order of the file; the ports that the system chose where the file says 0.
    pub addresses: Vec<SocketAddr>,
    /// Rule sets that could not be put to use at the start, each with the reason.
    pub not_loaded: Vec<(String, LoadError)>,
}

impl Proxy {
    /// Open sockets and files, start the judges, listen.
    ///
    /// A rule set that does not compile keeps nobody from a device: the sites then go by their policy without a verdict.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(config: Config, clock: Clock) -> Result<Running, StartError> {
        let state = |source| StartError::State { path: config.state.clone(), source };
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.state);
        made.map_err(state)?;
        let events = EventFile::open(&config.events)
            .map_err(|source| StartError::Events { path: config.events.clone(), source })?;
        let mut sites = Vec::new();
        for site in &config.sites {
            let pool = Pool::new(site.upstream.clone(), tls::connector(&site.upstream)?);
            sites.push(Arc::new(SiteAtWork::new(site.clone(), pool)));
        }
        let (ending, _) = watch::channel(false);
        let proxy = Arc::new(Proxy {
            supervisor: Arc::new(Supervisor::new(&config.engine, &config.state)),
            clock,
            since: clock(),
            sites: Sites(sites),
            routing: ArcSwap::default(),
            events,
            unread: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            clients: Mutex::new(HashMap::new()),
            ids: AtomicU64::new(0),
            changing: tokio::sync::Mutex::new(()),
            ending,
            config,
        });
        let not_loaded = proxy.load_first().await;
        let addresses = listen::start(&proxy)?;
        control::start(&proxy)
            .map_err(|source| StartError::State { path: proxy.control_socket(), source })?;
        Ok(Running { proxy, addresses, not_loaded })
    }

    /// The control socket.
    pub fn control_socket(&self) -> PathBuf {
        self.config.state.join("control.sock")
    }

    /// Stop listening, let connections finish for a while, end the judges.
    pub async fn end(&self) {
        self.ending.send_replace(true);
        let give_up = tokio::time::Instant::now() + self.config.limits.drain;
        while self.open.load(Ordering::Relaxed) > 0 && tokio::time::Instant::now() < give_up {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.routing.store(Arc::default());
        self.supervisor.end();
    }

    /// Load what was in use at the last end, else what the file names.
    async fn load_first(self: &Arc<Proxy>) -> Vec<(String, LoadError)> {
        let saved = Saved::read(&self.config.state);
        for (key, stance) in saved.modes() {
            // A site that is gone has no mode.
            if let Some(site) = self.sites.find(&key) {
                site.set_stance(stance);
            }
        }
        let mut failed = Vec::new();
        let mut routing = Routing::default();
        if let Some(current) = self.first(&saved, saved.current.as_deref(), &mut failed).await {
            routing.current = Some(current);
        } else {
            let name = self.config.current.as_deref();
            routing.current = self.first(&saved, name, &mut failed).await;
        }
        routing.shadow = self.first(&saved, saved.shadow.as_deref(), &mut failed).await;
        if let Some(canary) = &saved.canary
            && let Some(judge) = self.first(&saved, Some(canary.rule_set.as_str()), &mut failed).await
        {
            routing.canary = Some(canary.with(judge));
        }
        self.routing.store(Arc::new(routing));
        failed
    }

    async fn first(
        self: &Arc<Proxy>,
        saved: &Saved,
        name: Option<&str>,
        failed: &mut Vec<(String, LoadError)>,
    ) -> Option<Arc<Judge>> {
        let name = name?;
        if let Some(judge) = self.supervisor.find(name) {
            return Some(judge);
        }
        let named = |it: &&RuleSet| it.name == name;
        let rule_set =
            saved.rule_sets.iter().find(named).or_else(|| self.config.rule_sets.iter().find(named))?;
        match self.supervisor.load(rule_set.clone(), COMPILE_TIME).await {
            Ok(judge) => Some(judge),
            Err(error) => {
                tracing::error!(rule_set = name, %error, "a rule set is not in use");
                failed.push((name.to_owned(), error));
                None
            }
        }
    }

    /// Write routing and modes down, for the next start.
    pub(crate) fn save(&self) -> std::io::Result<()> {
        let changed = |site: &&Arc<SiteAtWork>| {
            let first = Stance { mode: site.site.mode, approval: site.site.approval.clone() };
            *site.stance() != first
        };
        let modes = self.sites.0.iter().filter(changed).map(|it| (it.site.key.clone(), it.stance()));
        Saved::of(&self.routing.load(), modes).write(&self.config.state)
    }

    /// A number for a request, different at every start.
    pub(crate) fn next_id(&self) -> String {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        format!("{:x}-{number:x}", self.since.as_microsecond())
    }

    /// Admit a connection; `None` beyond the limits.
    pub(crate) fn admit(self: &Arc<Proxy>, client: IpAddr) -> Option<Admitted> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let count = clients.entry(client).or_insert(0);
        let limits = &self.config.limits;
        let too_many = *count >= limits.connections_per_client && !self.config.trusts(client);
        if too_many || self.open.load(Ordering::Relaxed) >= limits.connections {
            if *count == 0 {
                clients.remove(&client);
            }
            return None;
        }
        *count += 1;
        self.open.fetch_add(1, Ordering::Relaxed);
        Some(Admitted { proxy: Arc::clone(self), client })
    }
}

/// Wait for the proxy to end.
pub(crate) async fn ended(ending: &mut watch::Receiver<bool>) {
    // An error means that the proxy is gone, which is its end as well.
    let _ = ending.wait_for(|it| *it).await;
}

/// A connection that counts until it is dropped.
pub(crate) struct Admitted {
    proxy: Arc<Proxy>,
    client: IpAddr,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut clients = self.proxy.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = clients.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                clients.remove(&self.client);
            }
        }
        self.proxy.open.fetch_sub(1, Ordering::Relaxed);
    }
}
