//! HTTP/2 and TLS at the front.

use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::device::Device;
use crate::stage::{Script, Stage};

async fn connect(stage: &Stage, protocols: &[&str]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(stage.folder.path().join("site.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(stage.address()).await.unwrap();
    let name = ServerName::try_from("pump.example").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

#[test]
fn http2_goes_the_same_way() {
    let device = Device::new(|request| {
        let body = request.windows(4).position(|it| it == b"\r\n\r\n").map_or(0, |it| request.len() - it - 4);
        crate::device::page(&format!("{body} bytes"))
    });
    let Some(stage) = Stage::set(device, &Script { tls: true, ..Script::default() }) else { return };
    stage.block_on(async {
        let stream = connect(&stage, &["h2"]).await;
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = |method: &str, path: &str, body: &'static str| {
            Request::builder()
                .method(method)
                .uri(format!("https://pump.example{path}"))
                .header("cookie", "a=1")
                .header("cookie", "b=2")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Full::new(Bytes::from_static(body.as_bytes())))
                .unwrap()
        };
        for (method, path, body, status, text) in [
            ("GET", "/a?b=c", "", 200, "0 bytes"),
            ("POST", "/form", "rate=12&unit=ml", 200, "15 bytes"),
            ("POST", "/form", "q=${jndi:ldap://x/a}", 403, "refuse"),
            ("GET", "/?q=$%7Bjndi:ldap://x/a%7D", "", 403, "refuse"),
        ] {
            let answer = sender.send_request(request(method, path, body)).await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{path} {body}");
            let bytes = answer.into_body().collect().await.unwrap().to_bytes();
            assert!(String::from_utf8_lossy(&bytes).contains(text), "{path} {bytes:?}");
        }
        let other = Request::builder().uri("https://other.example/").body(Full::new(Bytes::new())).unwrap();
        assert_eq!(sender.send_request(other).await.unwrap().status().as_u16(), 421);
        // Many at once on one connection.
        let many = (0..40).map(|number| {
            let mut sender = sender.clone();
            let request = request("GET", &format!("/{number}"), "");
            tokio::spawn(async move { sender.send_request(request).await.unwrap().status().as_u16() })
        });
        for answer in many.collect::<Vec<_>>() {
            assert_eq!(answer.await.unwrap(), 200);
        }
    });
    let first = String::from_utf8_lossy(&stage.device.received()[0]).into_owned();
    assert!(first.starts_with("GET /a?b=c HTTP/1.1\r\nhost: pump.example\r\n"), "{first}");
    assert!(
        first.contains("cookie: a=1; b=2\r\n") && first.contains("X-Forwarded-Proto: https\r\n"),
        "{first}"
    );
}

#[test]
fn tls_serves_http1_and_frames_that_are_none_end_the_connection() {
    let Some(stage) = Stage::set(Device::plain(), &Script { tls: true, ..Script::default() }) else { return };
    stage.block_on(async {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = connect(&stage, &["http/1.1"]).await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: pump.example\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        // Not a preface, then a frame of 16 MiB.
        for bytes in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\x01\x04\0\0\0\x01",
        ] {
            let mut stream = connect(&stage, &["h2"]).await;
            stream.write_all(bytes).await.unwrap();
            let mut rest = Vec::new();
            let end =
                tokio::time::timeout(std::time::Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
            assert!(end.is_ok(), "it was not ended");
        }
    });
    assert_eq!(stage.device.received().len(), 1);
    // No TLS at all.
    let mut stream = stage.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: pump.example\r\n\r\n").unwrap();
    assert!(!crate::stage::read_to_end(&mut stream).contains("200"));
}
