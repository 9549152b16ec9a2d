//! TLS to clients, by the name they ask for, and to devices.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};
use sha2::{Digest as _, Sha256};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::config::{Site, TlsFiles, Upstream, UpstreamTls};

/// TLS that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of certificates or a key.
    #[error("{0}: no certificate or key in PEM can be read from it")]
    Pem(PathBuf, #[source] rustls::pki_types::pem::Error),
    /// A key that cannot be used, or does not fit its certificate.
    #[error("{0}: the key cannot be used with the certificate")]
    Key(PathBuf, #[source] rustls::Error),
    /// An authority that is none.
    #[error("{0}: not a certificate of an authority")]
    Authority(PathBuf, #[source] rustls::Error),
    /// The device's name.
    #[error("{0}: no name that a certificate can be for")]
    Name(String),
    /// The library.
    #[error("TLS cannot be set up")]
    Library(#[from] rustls::Error),
    /// No site has a certificate.
    #[error("a listener speaks TLS, but no site has certificates")]
    NoCertificate,
}

#[derive(Debug)]
struct ByName {
    names: HashMap<String, Arc<CertifiedKey>>,
    /// For clients that name nobody, and for names of nobody.
    first: Arc<CertifiedKey>,
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = hello.server_name().and_then(|name| self.names.get(&name.to_ascii_lowercase()));
        Some(Arc::clone(named.unwrap_or(&self.first)))
    }
}

/// The accepting side for all sites.
pub(crate) fn acceptor(sites: &[Site]) -> Result<TlsAcceptor, TlsError> {
    let mut names = HashMap::new();
    let mut first = None;
    for site in sites {
        let Some(files) = &site.tls else { continue };
        let key = Arc::new(certified_key(files)?);
        first.get_or_insert_with(|| Arc::clone(&key));
        for host in &site.hosts {
            names.entry(host.clone()).or_insert_with(|| Arc::clone(&key));
        }
    }
    let first = first.ok_or(TlsError::NoCertificate)?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ByName { names, first }));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certified_key(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let chain = certificates(&files.certificates)?;
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| TlsError::Pem(files.key.clone(), error))?;
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| TlsError::Key(files.key.clone(), error))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |error| TlsError::Pem(file.to_owned(), error);
    CertificateDer::pem_file_iter(file).map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The connecting side for a device; `None` where it speaks no TLS.
pub(crate) fn connector(
    upstream: &Upstream,
) -> Result<Option<(TlsConnector, ServerName<'static>)>, TlsError> {
    let Some(tls) = &upstream.tls else { return Ok(None) };
    let name =
        ServerName::try_from(upstream.host.clone()).map_err(|_| TlsError::Name(upstream.host.clone()))?;
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let config = match tls {
        UpstreamTls::Authorities(file) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(file)? {
                roots.add(certificate).map_err(|error| TlsError::Authority(file.clone(), error))?;
            }
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        UpstreamTls::Pin(digest) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { digest: *digest, provider: provider() }))
            .with_no_client_auth(),
    };
    Ok(Some((TlsConnector::from(Arc::new(config)), name)))
}

/// Accepts one certificate, whoever signed it and however old it is: a device's own, looked at by a person once.
#[derive(Debug)]
struct Pinned {
    digest: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let digest: [u8; 32] = Sha256::digest(end_entity.as_ref()).into();
        if digest == self.digest {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::General("the device shows another certificate than the one pinned".to_owned()))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
