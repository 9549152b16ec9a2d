//! TLS by the server itself: versions 1.2 and 1.3 by rustls with ring, and a certificate that is read again when its
//! files change, so that a renewal needs no restart.

mod validity;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use tokio::sync::watch;
use tokio::time::{self, MissedTickBehavior};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// A file holds no certificate.
    #[error("{} holds no certificate; hint: it must be a PEM file with the server's certificate first", .0.display())]
    NoCertificate(PathBuf),
    /// Certificate and key do not fit, or the key is of a kind that is not used.
    #[error(
        "certificate and key cannot be used: {0}; hint: --tls-key must be the private key of the first certificate in --tls-cert"
    )]
    Unusable(#[from] rustls::Error),
}

/// A certificate with its key, as the files hold them.
#[derive(Debug)]
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    held: RwLock<Held>,
}

#[derive(Debug)]
struct Held {
    pair: Arc<CertifiedKey>,
    expires: Option<Timestamp>,
    stamp: Stamp,
}

/// What tells one state of both files from another: length and time of each.
type Stamp = [Option<(u64, SystemTime)>; 2];

impl Certificate {
    /// Reads a certificate (with those between it and the root, in PEM) and its private key (in PEM).
    ///
    /// # Errors
    /// When a file cannot be read, or they do not fit together.
    pub fn open(chain: PathBuf, key: PathBuf) -> Result<Certificate, TlsError> {
        let held = RwLock::new(read(&chain, &key)?);
        Ok(Certificate { chain, key, held })
    }

    /// From when on it counts no more, where that can be read.
    pub fn expires(&self) -> Option<Timestamp> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).expires
    }

    /// Reads the files again where they have changed. What is held stays where they cannot be used.
    ///
    /// # Errors
    /// As [`Certificate::open`].
    pub fn renew(&self) -> Result<bool, TlsError> {
        if self.held.read().unwrap_or_else(PoisonError::into_inner).stamp == stamp(&self.chain, &self.key) {
            return Ok(false);
        }
        let fresh = read(&self.chain, &self.key)?;
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(true)
    }

    /// The settings of a server that speaks one of these protocols over TLS.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(crate) fn config(self: &Arc<Certificate>, protocols: &[&[u8]]) -> Result<ServerConfig, TlsError> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(config)
    }

    /// Reads the files again whenever they change, or at once at SIGHUP, until told to stop.
    pub(crate) async fn follow(self: Arc<Certificate>, mut stop: watch::Receiver<bool>) {
        let mut ticks = time::interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut hangup = Hangup::new();
        // A renewal that cannot be used is told once, not every ten seconds.
        let mut told = None;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = hangup.wait() => told = None,
                _ = stop.wait_for(|stop| *stop) => return,
            }
            match self.renew() {
                Ok(false) => {}
                Ok(true) => {
                    told = None;
                    tracing::info!("the renewed certificate is in use");
                }
                Err(error) => {
                    let now = stamp(&self.chain, &self.key);
                    if told.replace(now) != Some(now) {
                        tracing::error!(%error, "the changed certificate cannot be used; the one before stays");
                    }
                }
            }
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.held.read().unwrap_or_else(PoisonError::into_inner).pair.clone())
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn read(chain: &Path, key: &Path) -> Result<Held, TlsError> {
    // Before the files: a change while they are read is seen by the next look.
    let stamp = stamp(chain, key);
    let unread = |path: &Path, source| TlsError::Read { path: path.to_owned(), source };
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect)
        .map_err(|source| unread(chain, source))?;
    let first = certificates.first().ok_or_else(|| TlsError::NoCertificate(chain.to_owned()))?;
    let expires = validity::not_after(first);
    let private = PrivateKeyDer::from_pem_file(key).map_err(|source| unread(key, source))?;
    let pair = CertifiedKey::from_der(certificates, private, &provider())?;
    Ok(Held { pair: Arc::new(pair), expires, stamp })
}

fn stamp(chain: &Path, key: &Path) -> Stamp {
    [chain, key].map(|path| {
        let file = path.metadata().ok()?;
        Some((file.len(), file.modified().ok()?))
    })
}

/// SIGHUP, where there is such a thing.
struct Hangup {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangup {
    fn new() -> Hangup {
        Hangup {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn wait(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
