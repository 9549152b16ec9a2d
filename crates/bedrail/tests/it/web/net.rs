//! Callers that are slow, many, without end or without TLS: each loses its own connection, and the next one is served.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bedrail::web::net::tls::Certificate;
use bedrail::web::net::{Door, Patience};
use bedrail::web::{self, Options};
use bedrail_app::clock::Clock;
use bedrail_app::context::Settings;
use bedrail_app::{Context, accounts};
use rustls::pki_types::{CertificateDer, ServerName};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::cli::run::program;

use super::wire::{connect, exchange, header, request, rest, status};

/// Short enough for a test, long enough for a busy machine.
const PATIENCE: Patience = Patience {
    head: Duration::from_millis(600),
    body: Duration::from_millis(600),
    write: Duration::from_millis(600),
    idle: Duration::from_millis(1_200),
    stop: Duration::from_millis(1_500),
};

/// A server on a port of its own.
struct Server {
    address: SocketAddr,
    redirect: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    ended: JoinHandle<()>,
    _folder: TempDir,
}

impl Server {
    async fn start(options: Options, change: impl FnOnce(&mut Door)) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            data_dir: folder.path().to_owned(),
            database: None,
            clock: Clock::System,
            parser: None,
            key_file: None,
            max_data_age_days: 7,
        };
        let ctx = Context::open(settings).await.unwrap();
        accounts::ensure_organisation(&ctx, "Test Clinic").await.unwrap();
        let mut door = Door::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
        door.patience = PATIENCE;
        change(&mut door);
        let address = door.listener.local_addr().unwrap();
        let redirect = door.redirect.as_ref().map(|(listener, _)| listener.local_addr().unwrap());
        let (stop, told) = watch::channel(false);
        let ended = tokio::spawn(async move {
            web::serve_until(ctx, door, options, told).await.unwrap();
        });
        Server { address, redirect, stop, ended, _folder: folder }
    }

    async fn plain() -> Server {
        Server::start(Options::default(), |_| {}).await
    }

    /// Whether the next caller is served.
    async fn serves(&self) -> bool {
        let mut stream = connect(self.address).await;
        status(&exchange(&mut stream, &request("GET /healthz", "", "")).await) == 200
    }

    /// The same over TLS.
    async fn serves_over_tls(&self, pair: &Pair) -> bool {
        let mut stream = pair.connect(self.address, b"http/1.1").await.unwrap();
        status(&exchange(&mut stream, &request("GET /healthz", "", "")).await) == 200
    }

    /// Stops it; it must end in time.
    async fn ends(self) {
        // It may have been told before, and be gone.
        self.stop.send_replace(true);
        timeout(Duration::from_secs(15), self.ended).await.expect("it ends in time").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_come_ends_its_connection_alone() {
    let server = Server::plain().await;
    let mut silent = connect(server.address).await;
    let mut cut = connect(server.address).await;
    cut.write_all(b"GET /healthz HTTP/1.1\r\nHost: loc").await.unwrap();
    let mut dripping = connect(server.address).await;
    let begun = Instant::now();
    let drip = tokio::spawn(async move {
        let endless = b"GET /healthz HTTP/1.1\r\nX-Slow: ".iter().chain([b'a'; 1_000].iter());
        for byte in endless {
            if dripping.write_all(&[*byte]).await.is_err() {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
    });
    assert!(server.serves().await, "others are served meanwhile");
    assert_eq!(rest(&mut cut).await, "");
    assert_eq!(rest(&mut silent).await, "");
    timeout(Duration::from_secs(10), drip).await.expect("a drip is ended").unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(server.serves().await);
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_on_is_answered_with_408() {
    let server = Server::plain().await;
    let head = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
        Content-Length: 2000\r\n\r\n{\"name\":";
    let mut cut = connect(server.address).await;
    let answer = exchange(&mut cut, head).await;
    assert_eq!(status(&answer), 408, "{answer}");
    assert!(answer.contains(r#""code":"timeout""#), "{answer}");
    let (mut answers, mut dripping) = connect(server.address).await.into_split();
    dripping.write_all(head.as_bytes()).await.unwrap();
    let drip = tokio::spawn(async move {
        for _ in 0..400 {
            if dripping.write_all(b" ").await.is_err() {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
        dripping
    });
    let answer = rest(&mut answers).await;
    assert_eq!(status(&answer), 408, "{answer}");
    drop(drip.await.unwrap());
    assert!(server.serves().await);
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_bodies_keep_nobody_else_out() {
    let options = Options { requests: Some(2), ..Options::default() };
    let patience = Patience { body: Duration::from_secs(30), ..PATIENCE };
    let server = Server::start(options, |door| door.patience = patience).await;
    let head = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
        Content-Length: 2000\r\n\r\n{";
    let mut slow = Vec::new();
    for _ in 0..6 {
        let mut stream = connect(server.address).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    sleep(Duration::from_millis(200)).await;
    let mut stream = connect(server.address).await;
    let answer = exchange(&mut stream, &request("GET /sign-in", "", "")).await;
    assert_eq!(status(&answer), 200, "{answer}");
    drop(slow);
    server.ends().await;
    let none = Options { requests: Some(0), ..Options::default() };
    let server = Server::start(none, |_| {}).await;
    let mut stream = connect(server.address).await;
    let answer = exchange(&mut stream, &request("GET /sign-in", "", "")).await;
    assert_eq!((status(&answer), header(&answer, "retry-after")), (503, Some("2")), "{answer}");
    assert!(server.serves().await, "whether it lives is told in any case");
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_without_end_are_refused() {
    let server = Server::plain().await;
    let many: String = (0..500).map(|number| format!("X-Header-{number}: x\r\n")).collect();
    let large = format!("X-Large: {}\r\n", "a".repeat(200 << 10));
    for (what, headers) in [("many", &many), ("large", &large)] {
        let mut stream = connect(server.address).await;
        let answer = exchange(&mut stream, &request("GET /healthz", headers, "")).await;
        assert_eq!(status(&answer), 431, "{what}: {answer}");
    }
    let mut stream = connect(server.address).await;
    let line = format!("GET /{}", "a".repeat(200 << 10));
    let answer = exchange(&mut stream, &request(&line, "", "")).await;
    assert!([414, 431].contains(&status(&answer)), "{answer}");
    assert!(server.serves().await);
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_are_told_so_at_once() {
    let server = Server::start(Options::default(), |door| {
        door.connections = 2;
        door.patience.idle = Duration::from_secs(30);
    })
    .await;
    let (one, two) = (connect(server.address).await, connect(server.address).await);
    let begun = Instant::now();
    let mut third = connect(server.address).await;
    let answer = exchange(&mut third, &request("GET /healthz", "", "")).await;
    assert_eq!((status(&answer), header(&answer, "retry-after")), (503, Some("5")), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    drop((one, two));
    // The server hears of it in its own time.
    let mut tries = 0;
    while !server.serves().await {
        tries += 1;
        assert!(tries < 100);
        sleep(Duration::from_millis(20)).await;
    }
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_what_is_under_way_finish() {
    // A busy machine may take seconds for the password.
    let long = Duration::from_secs(10);
    let patience = Patience { body: long, stop: long, ..PATIENCE };
    let server = Server::start(Options::default(), |door| door.patience = patience).await;
    let body = r#"{"name":"nobody","password":"wrong"}"#;
    let mut stream = connect(server.address).await;
    let text = request("POST /api/v1/session", "Content-Type: application/json\r\n", body);
    let (first, second) = text.split_at(text.len() - 10);
    stream.write_all(first.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(500)).await;
    server.stop.send(true).unwrap();
    // Nobody new comes in.
    let mut tries = 0;
    while TcpStream::connect(server.address).await.is_ok() {
        tries += 1;
        assert!(tries < 100);
        sleep(Duration::from_millis(5)).await;
    }
    let answer = exchange(&mut stream, second).await;
    assert_eq!(status(&answer), 401, "{answer}");
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_only_so_long() {
    let patience = Patience { body: Duration::from_secs(60), ..PATIENCE };
    let server = Server::start(Options::default(), |door| door.patience = patience).await;
    let mut stream = connect(server.address).await;
    let head = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
        Content-Length: 2000\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    server.ends().await;
    assert_eq!(rest(&mut stream).await, "");
}

/// A certificate for `localhost` in a folder, and what a client trusts to reach it.
struct Pair {
    chain: String,
    key: String,
    der: CertificateDer<'static>,
}

impl Pair {
    fn new() -> Pair {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        Pair { chain: made.cert.pem(), key: made.signing_key.serialize_pem(), der: made.cert.der().clone() }
    }

    fn write(&self, folder: &TempDir) {
        std::fs::write(folder.path().join("chain.pem"), &self.chain).unwrap();
        std::fs::write(folder.path().join("key.pem"), &self.key).unwrap();
    }

    /// A connection by somebody who trusts this certificate alone.
    async fn connect(&self, address: SocketAddr, protocol: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, connect(address).await).await
    }
}

/// A server with TLS, its certificate as it holds it, and the folder of its files.
async fn with_tls(pair: &Pair, change: impl FnOnce(&mut Door)) -> (Server, Arc<Certificate>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    pair.write(&folder);
    let files = ["chain.pem", "key.pem"].map(|name| folder.path().join(name));
    let [chain, key] = files;
    let certificate = Arc::new(Certificate::open(chain, key).unwrap());
    let options = Options { own_tls: true, ..Options::default() };
    let held = certificate.clone();
    let server = Server::start(options, |door| {
        door.certificate = Some(held);
        change(door);
    })
    .await;
    (server, certificate, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_spoken_with_its_own_cookie_and_told_to_stay() {
    let pair = Pair::new();
    let (server, _, _folder) = with_tls(&pair, |_| {}).await;
    let mut stream = pair.connect(server.address, b"http/1.1").await.unwrap();
    let answer = exchange(&mut stream, &request("GET /sign-in", "", "")).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert_eq!(header(&answer, "strict-transport-security"), Some("max-age=31536000"));
    let cookie = header(&answer, "set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
    // Whoever names another address for itself is not believed: there is no proxy in front.
    let mut stream = pair.connect(server.address, b"http/1.1").await.unwrap();
    let answer = exchange(&mut stream, &request("GET /metrics", "", "")).await;
    assert_eq!(status(&answer), 200, "this machine sees the metrics");
    let mut stream = pair.connect(server.address, b"http/1.1").await.unwrap();
    let answer = exchange(&mut stream, &request("GET /metrics", "X-Forwarded-For: 127.0.0.1\r\n", "")).await;
    assert_eq!(status(&answer), 401, "{answer}");
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_spoken_over_tls() {
    let pair = Pair::new();
    let (server, _, _folder) = with_tls(&pair, |_| {}).await;
    let stream = pair.connect(server.address, b"h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut send, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    let driven = tokio::spawn(connection);
    for _ in 0..3 {
        let request = axum::http::Request::get("https://localhost/healthz").body(String::new()).unwrap();
        assert_eq!(send.send_request(request).await.unwrap().status(), 200);
    }
    let large =
        axum::http::Request::get("https://localhost/healthz").header("x-large", "a".repeat(200 << 10));
    let refused = send.send_request(large.body(String::new()).unwrap()).await;
    assert!(refused.is_err() || refused.is_ok_and(|answer| answer.status() == 431));
    drop(send);
    driven.abort();
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_takes_ends_its_connection() {
    let pair = Pair::new();
    let (server, _, _folder) = with_tls(&pair, |_| {}).await;
    let io = hyper_util::rt::TokioIo::new(pair.connect(server.address, b"h2").await.unwrap());
    let mut client = hyper::client::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new());
    // A page is larger than what this client has room for, and it reads none of it.
    client.initial_stream_window_size(100);
    let (mut send, connection) = client.handshake(io).await.unwrap();
    let driven = tokio::spawn(connection);
    let request = axum::http::Request::get("https://localhost/sign-in").body(String::new()).unwrap();
    let answer = send.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let ended = timeout(Duration::from_secs(10), driven).await;
    assert!(ended.is_ok(), "the server ends it");
    drop((answer, send));
    assert!(server.serves_over_tls(&pair).await);
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http_where_tls_is_spoken_is_told_so() {
    let pair = Pair::new();
    let (server, _, _folder) = with_tls(&pair, |_| {}).await;
    let mut stream = connect(server.address).await;
    let answer = exchange(&mut stream, &request("GET /", "", "")).await;
    assert_eq!(status(&answer), 400, "{answer}");
    assert!(answer.contains("use https://"), "{answer}");
    let mut silent = connect(server.address).await;
    assert_eq!(rest(&mut silent).await, "", "a handshake that does not come ends");
    let mut cut = connect(server.address).await;
    assert_eq!(exchange(&mut cut, "\u{16}\u{3}\u{1}").await, "", "one that breaks off, too");
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_over_and_a_broken_one_is_not() {
    let (first, second) = (Pair::new(), Pair::new());
    let (server, certificate, folder) = with_tls(&first, |_| {}).await;
    assert!(!certificate.renew().unwrap(), "nothing changed");
    first.connect(server.address, b"http/1.1").await.unwrap();
    std::fs::write(folder.path().join("key.pem"), &second.key).unwrap();
    assert!(certificate.renew().is_err(), "a key of another certificate");
    first.connect(server.address, b"http/1.1").await.unwrap();
    second.write(&folder);
    assert!(certificate.renew().unwrap());
    second.connect(server.address, b"http/1.1").await.unwrap();
    assert!(first.connect(server.address, b"http/1.1").await.is_err());
    std::fs::remove_file(folder.path().join("key.pem")).unwrap();
    assert!(certificate.renew().is_err());
    second.connect(server.address, b"http/1.1").await.unwrap();
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_without_tls_sends_to_the_public_address_and_no_other() {
    let pair = Pair::new();
    let redirect = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public = "https://bedrail.clinic.example".to_owned();
    let (server, _, _folder) = with_tls(&pair, |door| door.redirect = Some((redirect, public))).await;
    let address = server.redirect.unwrap();
    for (line, host, to) in [
        ("GET /devices?kind=pump", "localhost", "https://bedrail.clinic.example/devices?kind=pump"),
        ("GET /", "evil.example", "https://bedrail.clinic.example/"),
        ("GET //evil.example/", "evil.example", "https://bedrail.clinic.example//evil.example/"),
        ("GET http://evil.example/x", "evil.example", "https://bedrail.clinic.example/x"),
    ] {
        let mut stream = connect(address).await;
        let text = format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = exchange(&mut stream, &text).await;
        assert_eq!((status(&answer), header(&answer, "location")), (308, Some(to)), "{line}");
    }
    let mut stream = connect(address).await;
    let answer = exchange(&mut stream, &request("POST /sign-in", "", "name=a")).await;
    assert_eq!((status(&answer), header(&answer, "location")), (403, None), "{answer}");
    server.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_tls_too_many_are_told_so_as_well() {
    let pair = Pair::new();
    let (server, _, _folder) = with_tls(&pair, |door| door.connections = 1).await;
    let held = pair.connect(server.address, b"http/1.1").await.unwrap();
    let mut stream = pair.connect(server.address, b"http/1.1").await.unwrap();
    let answer = exchange(&mut stream, &request("GET /healthz", "", "")).await;
    assert_eq!(status(&answer), 503, "{answer}");
    drop(held);
    server.ends().await;
}

/// The real program with the certificate in a folder.
fn program_with_tls(folder: &TempDir) -> (Child, SocketAddr) {
    let mut command = program();
    command.current_dir(folder.path()).args(["--data", "data", "serve", "--listen", "127.0.0.1:0"]);
    command.args(["--tls-cert", "chain.pem", "--tls-key", "key.pem", "--log", "off"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    // Read from where it stays: the program still has something to say, and ends where nobody listens.
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit_once("https://").unwrap_or_else(|| panic!("{line}")).1.parse();
    (child, address.unwrap())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_program_reads_its_certificate_again_at_sighup() {
    let (first, second) = (Pair::new(), Pair::new());
    let folder = tempfile::tempdir().unwrap();
    first.write(&folder);
    let (mut child, address) = program_with_tls(&folder);
    first.connect(address, b"http/1.1").await.unwrap();
    second.write(&folder);
    let told = std::process::Command::new("kill").args(["-HUP", &child.id().to_string()]).status();
    assert!(told.unwrap().success());
    // Sooner than it would look by itself.
    let taken = timeout(Duration::from_secs(8), async {
        while second.connect(address, b"http/1.1").await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    });
    let taken = taken.await;
    child.kill().unwrap();
    child.wait().unwrap();
    taken.expect("the second certificate is in use");
}
