//! A stand-in for a device: it records every byte that reaches it and answers as it is told.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What it does with a request.
pub(crate) enum Reply {
    /// These bytes, and the next request.
    Bytes(Vec<u8>),
    /// These bytes, and the end.
    Last(Vec<u8>),
    /// Nothing, ever.
    Hang,
    /// A WebSocket that sends back what it gets.
    Echo,
}

/// An answer with a body.
pub(crate) fn page(text: &str) -> Reply {
    Reply::Bytes(
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{text}", text.len())
            .into_bytes(),
    )
}

/// A device that listens until the process ends.
pub(crate) struct Device {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Device {
    /// One that answers by the request's bytes.
    pub(crate) fn new(manner: impl Fn(&[u8]) -> Reply + Send + Sync + 'static) -> Device {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (manner, all) = (Arc::new(manner), Arc::clone(&received));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (manner, all) = (Arc::clone(&manner), Arc::clone(&all));
                std::thread::spawn(move || serve(&stream.unwrap(), &*manner, &all));
            }
        });
        Device { address, received }
    }

    /// One that answers everything with a page.
    pub(crate) fn plain() -> Device {
        Device::new(|_| page("ok"))
    }

    /// The requests that reached it, byte by byte.
    pub(crate) fn received(&self) -> Vec<Vec<u8>> {
        self.received.lock().unwrap().clone()
    }

    /// All bytes that reached it, as text.
    pub(crate) fn text(&self) -> String {
        self.received().iter().map(|it| String::from_utf8_lossy(it).into_owned()).collect()
    }
}

fn serve(mut stream: &TcpStream, manner: &dyn Fn(&[u8]) -> Reply, all: &Mutex<Vec<Vec<u8>>>) {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(stream, &mut buffer) {
        all.lock().unwrap().push(request.clone());
        match manner(&request) {
            Reply::Bytes(bytes) => {
                if stream.write_all(&bytes).is_err() {
                    return;
                }
            }
            Reply::Last(bytes) => {
                let _ = stream.write_all(&bytes);
                return;
            }
            Reply::Hang => std::thread::sleep(Duration::from_secs(3_600)),
            Reply::Echo => {
                let head =
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
                stream.write_all(head.as_bytes()).unwrap();
                let mut piece = [0; 1024];
                while let Ok(length @ 1..) = stream.read(&mut piece) {
                    if stream.write_all(&piece[..length]).is_err() {
                        return;
                    }
                }
                return;
            }
        }
    }
}

/// A head and as much as its length or its chunks say.
fn read_request(mut stream: &TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut piece = [0; 4096];
    loop {
        if let Some(length) = whole(buffer) {
            return Some(buffer.drain(..length).collect());
        }
        match stream.read(&mut piece) {
            Ok(length @ 1..) => buffer.extend_from_slice(&piece[..length]),
            _ => return None,
        }
    }
}

fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|it| it == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    if text.contains("transfer-encoding: chunked") {
        let end = bytes[head..].windows(5).position(|it| it == b"0\r\n\r\n")?;
        return Some(head + end + 5);
    }
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |it| it.trim().parse().unwrap());
    (bytes.len() >= head + length).then_some(head + length)
}
