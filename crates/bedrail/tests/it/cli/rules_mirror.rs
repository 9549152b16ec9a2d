//! A mirror of rule sets over HTTPS: a server of our own with the layout of a release, and with everything that is refused.

use std::io::{BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bedrail_app::rules_mirror::RulesMirror;
use bedrail_waf_rules::source::{self, Get as _};
use bedrail_waf_rules::tree::Limits;
use bedrail_waf_rules::trust::{self, Pin, PinnedKey};
use bedrail_waf_rules::version::Channel;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::run::{run, stderr};

const ARCHIVE: &[u8] = include_bytes!("../../../../waf-rules/tests/fixtures/gpg/release.tar.gz");
const SIGNATURE: &[u8] = include_bytes!("../../../../waf-rules/tests/fixtures/gpg/good.asc");
const KEY: &[u8] = include_bytes!("../../../../waf-rules/tests/fixtures/gpg/key.asc");
const FINGERPRINTS: &str = include_str!("../../../../waf-rules/tests/fixtures/gpg/fingerprints");

/// A server with TLS on a port of its own; its certificate is in a file.
struct Server {
    base: String,
    certificate: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
    _folder: TempDir,
}

impl Server {
    fn start() -> Server {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let certificate = folder.path().join("ca.pem");
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let chain: Vec<CertificateDer<'static>> = vec![made.cert.der().clone()];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (config, all) = (Arc::clone(&config), Arc::clone(&all));
                std::thread::spawn(move || {
                    let connection = ServerConnection::new(config).unwrap();
                    let mut stream = BufReader::new(StreamOwned::new(connection, stream.unwrap()));
                    // Whoever does not believe the certificate is gone before he asks.
                    if let Some(path) = read_path(&mut stream) {
                        all.lock().unwrap().push(path.clone());
                        let _ = stream.get_mut().write_all(&answer(&path));
                        let _ = stream.get_mut().flush();
                        stream.get_mut().conn.send_close_notify();
                        let _ = stream.get_mut().flush();
                    }
                });
            }
        });
        Server { base, certificate, asked, _folder: folder }
    }

    fn mirror(&self, path: &str) -> RulesMirror {
        RulesMirror::new(&format!("{}{path}", self.base), Some(&self.certificate)).unwrap()
    }

    fn offered(&self, path: &str) -> Result<Option<source::Bundle>, String> {
        let base = format!("{}{path}", self.base);
        let limits = Limits { bytes_in: 1 << 20, ..Limits::default() };
        let fetched = source::from_url(&base, Channel::Newest, None, &limits, &mut self.mirror(path));
        fetched.map_err(|error| error.to_string())
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn read_path(stream: &mut impl std::io::BufRead) -> Option<String> {
    let mut first = String::new();
    stream.read_line(&mut first).ok()?;
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
    }
    first.split(' ').nth(1).map(str::to_owned)
}

fn answer(path: &str) -> Vec<u8> {
    let plain = |body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    match path {
        "/crs/VERSIONS" | "/elsewhere/VERSIONS" | "/endless/VERSIONS" | "/huge/VERSIONS" | "/half/VERSIONS"
        | "/unsigned/VERSIONS" => plain(b"4.27.0\n4.28.0\n"),
        "/crs/v4.28.0/coreruleset-4.28.0.tar.gz" | "/unsigned/v4.28.0/coreruleset-4.28.0.tar.gz" => plain(ARCHIVE),
        "/crs/v4.28.0/coreruleset-4.28.0.tar.gz.asc" => plain(SIGNATURE),
        "/elsewhere/v4.28.0/coreruleset-4.28.0.tar.gz" => {
            b"HTTP/1.1 302 Found\r\nLocation: /crs/v4.28.0/coreruleset-4.28.0.tar.gz\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
        }
        // Says how long it is, and is longer than allowed.
        "/huge/v4.28.0/coreruleset-4.28.0.tar.gz" => {
            b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\nConnection: close\r\n\r\nx".to_vec()
        }
        // Does not say it, and goes on.
        "/endless/v4.28.0/coreruleset-4.28.0.tar.gz" => {
            let mut bytes = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
            bytes.resize(3 << 20, b'x');
            bytes
        }
        "/half/v4.28.0/coreruleset-4.28.0.tar.gz" => {
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nhalf".to_vec()
        }
        "/broken/VERSIONS" => b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
        _ => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
    }
}

#[test]
fn the_newest_release_comes_over_https_and_its_signature_decides() {
    let server = Server::start();
    let bundle = server.offered("/crs/").unwrap().unwrap();
    assert_eq!(bundle.offered.unwrap().to_string(), "4.28.0");
    let archive_at = "/crs/v4.28.0/coreruleset-4.28.0.tar.gz";
    assert_eq!(bundle.from, format!("{}{archive_at}", server.base));
    assert_eq!(server.asked(), ["/crs/VERSIONS", archive_at, &format!("{archive_at}.asc")]);
    let pin: Pin = FINGERPRINTS.lines().next().unwrap().parse().unwrap();
    let key = PinnedKey::read(KEY, &pin).unwrap();
    let now = "2026-11-27T12:00:00Z".parse().unwrap();
    let limits = Limits::default();
    let trusted =
        trust::release(&bundle.archive, bundle.signature.as_deref(), &key, None, &limits, now).unwrap();
    assert_eq!(trusted.version().to_string(), "4.28.0");
    // What is held already is not fetched again.
    let held = trusted.version().clone();
    let base = format!("{}/crs", server.base);
    let none = source::from_url(&base, Channel::Newest, Some(&held), &limits, &mut server.mirror("/crs"));
    assert_eq!(none.unwrap(), None);
    assert_eq!(server.asked(), ["/crs/VERSIONS"]);
    // Without a signature it comes, and is not trusted.
    let bundle = server.offered("/unsigned").unwrap().unwrap();
    let refused = trust::release(&bundle.archive, bundle.signature.as_deref(), &key, None, &limits, now);
    assert!(refused.unwrap_err().to_string().contains("signature"));
}

#[test]
fn what_a_mirror_may_not_do_is_refused_with_words() {
    let server = Server::start();
    for (path, words) in [
        ("/elsewhere", "leads on to another address (302 Found), which is not followed"),
        ("/huge", "more than 1048576 bytes"),
        ("/endless", "more than 1048576 bytes"),
        ("/half", "cannot get"),
        ("/broken", "the mirror answers 503"),
        ("/none", "it is not there"),
    ] {
        let error = server.offered(path).unwrap_err();
        assert!(error.contains(words), "{path}: {error}");
    }
    let followed = server.asked().into_iter().filter(|path| path.starts_with("/crs")).count();
    assert_eq!(followed, 0, "no redirect is followed");
    // No other host is asked, whatever a list says.
    let error = server.mirror("/crs").get("https://other.example/x", 10).unwrap_err();
    assert!(error.contains("it is not on localhost"), "{error}");
}

#[test]
fn whose_certificate_nobody_vouches_for_is_not_asked() {
    let server = Server::start();
    let base = format!("{}/crs", server.base);
    let mut system = RulesMirror::new(&base, None).unwrap();
    assert!(system.get(&format!("{base}/VERSIONS"), 100).is_err());
    let other = Server::start();
    let mut wrong = RulesMirror::new(&base, Some(&other.certificate)).unwrap();
    assert!(wrong.get(&format!("{base}/VERSIONS"), 100).is_err());
    assert_eq!(server.asked(), Vec::<String>::new());
    for (address, words) in [
        ("http://mirror.example/crs", "https://HOST/PATH"),
        ("ftp://mirror.example", "https://HOST/PATH"),
        ("https://user:secret@mirror.example", "no name, password or query"),
        ("https://mirror.example/?x", "no name, password or query"),
        ("mirror", "is no address"),
    ] {
        let error = RulesMirror::new(address, None).unwrap_err();
        assert!(error.contains(words), "{address}: {error}");
    }
    let empty = tempfile::NamedTempFile::new().unwrap();
    assert!(RulesMirror::new(&base, Some(empty.path())).unwrap_err().contains("no certificate"));
}

#[test]
fn the_command_says_what_is_wrong_before_it_asks() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key.asc"), KEY).unwrap();
    let server = Server::start();
    let base = format!("{}/crs", server.base);
    let update = |mirror: &str| {
        let words = ["waf", "rules", "update", "--state", "state", "--mirror", mirror, "--key", "key.asc"];
        let ran = run(folder.path(), &words);
        (ran.status.code(), stderr(&ran).to_owned())
    };
    // Only the key with the pinned fingerprint is taken, and without one nothing is fetched.
    let (code, said) = update(&base);
    assert!(code != Some(0) && said.contains("pinned is 3600 6F0E"), "{said}");
    assert_eq!(server.asked(), Vec::<String>::new());
}
