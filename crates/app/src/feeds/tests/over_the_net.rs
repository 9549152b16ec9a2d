//! Fetching from a server with the layout of the public addresses, which answers as servers on the internet do on a bad day.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::{Setup, now, outcome, record};
use crate::feeds::update::Outcome;
use crate::feeds::{Addresses, Options, Origin, UpdateReport};

/// What the server heard of the npm feed: the heads of the requests.
type Heard = Arc<Mutex<Vec<String>>>;

/// A server on this machine, until it is dropped.
struct Server {
    address: String,
    heard: Heard,
}

impl Server {
    /// Answers requests for the npm feed one after the other: `answer` gets how many there were before, and the head of the
    /// request. Whatever else is asked for is not there.
    fn start(answer: impl Fn(usize, &str) -> Vec<u8> + Send + 'static) -> Server {
        Server::start_at("http://127.0.0.1:0", answer)
    }

    /// The same at an address.
    fn start_at(address: &str, answer: impl Fn(usize, &str) -> Vec<u8> + Send + 'static) -> Server {
        // The one before it at this address may take a moment to go.
        let bound = (0..200).find_map(|_| {
            let bound = TcpListener::bind(address.trim_start_matches("http://"));
            bound.inspect_err(|_| std::thread::sleep(std::time::Duration::from_millis(10))).ok()
        });
        let listener = bound.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heard = Heard::default();
        let log = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let head = head_of(&mut stream);
                if head.starts_with("GET /stop") {
                    return;
                }
                let reply = if head.starts_with("GET /npm/") {
                    let mut log = log.lock().unwrap();
                    log.push(head.to_lowercase());
                    answer(log.len() - 1, &head.to_lowercase())
                } else {
                    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
                };
                _ = stream.write_all(&reply);
            }
        });
        Server { address, heard }
    }

    fn origin(&self) -> Origin {
        let base = self.address.clone();
        Origin::Addresses(Addresses {
            osv: base.clone(),
            nvd: base.clone(),
            nvd_overrides: base.clone(),
            kev: base.clone(),
            epss: base,
        })
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(self.address.trim_start_matches("http://")) {
            _ = stream.write_all(b"GET /stop HTTP/1.1\r\n\r\n");
        }
    }
}

fn head_of(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0; 1]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|length| length == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A reply with these lines of head, and a body.
fn reply(status: &str, head: &[String], body: &[u8]) -> Vec<u8> {
    let mut reply = format!("HTTP/1.1 {status}\r\nConnection: close\r\n").into_bytes();
    for line in head {
        reply.extend_from_slice(format!("{line}\r\n").as_bytes());
    }
    reply.extend_from_slice(b"\r\n");
    reply.extend_from_slice(body);
    reply
}

fn length(body: &[u8]) -> String {
    format!("Content-Length: {}", body.len())
}

fn tag(tag: &str) -> String {
    format!("ETag: \"{tag}\"")
}

/// Where a request for the rest begins.
fn from(head: &str) -> Option<usize> {
    head.split("range: bytes=").nth(1)?.split('-').next()?.parse().ok()
}

/// A setup that holds one advisory, and the bytes of a newer feed.
fn setup() -> (Setup, Vec<u8>) {
    let setup = Setup::new();
    setup.update().unwrap();
    setup.npm(&[("GHSA-n.json", &record("GHSA-n", "2025-01-20", "2.0.0"))]);
    let newer = std::fs::read(setup.mirror().join("osv/npm/all.zip")).unwrap();
    (setup, newer)
}

fn fetch(setup: &Setup, server: &Server) -> UpdateReport {
    setup.update_with(&server.origin(), Options::default()).unwrap()
}

fn not_fetched(report: &UpdateReport, words: &str) {
    let npm = outcome(report, "osv/npm");
    assert!(matches!(npm, Outcome::NotFetched(why) if why.contains(words)), "{npm:?}");
}

#[test]
fn what_is_held_is_asked_for_by_its_tag_and_not_fetched_again() {
    let (setup, newer) = setup();
    let server = Server::start(move |_, head| match head.contains("if-none-match: \"n-1\"") {
        true => reply("304 Not Modified", &[], b""),
        false => reply("200 OK", &[length(&newer), tag("n-1")], &newer),
    });
    assert_eq!(outcome(&fetch(&setup, &server), "osv/npm"), &Outcome::Updated);
    assert_eq!(outcome(&fetch(&setup, &server), "osv/npm"), &Outcome::Unchanged);
    assert_eq!(server.heard().len(), 2);
    assert_eq!(setup.affecting(), ["GHSA-n"]);
}

#[test]
fn a_server_without_tags_is_asked_by_date() {
    let (setup, newer) = setup();
    let date = "Mon, 20 Jan 2025 10:00:00 GMT";
    let server = Server::start(move |_, head| {
        match head.contains(&format!("if-modified-since: {}", date.to_lowercase())) {
            true => reply("304 Not Modified", &[], b""),
            false => reply("200 OK", &[length(&newer), format!("Last-Modified: {date}")], &newer),
        }
    });
    assert_eq!(outcome(&fetch(&setup, &server), "osv/npm"), &Outcome::Updated);
    assert_eq!(outcome(&fetch(&setup, &server), "osv/npm"), &Outcome::Unchanged);
}

#[test]
fn not_modified_without_having_been_asked_is_no_answer() {
    let (setup, _) = setup();
    let server = Server::start(|_, _| reply("304 Not Modified", &[], b""));
    not_fetched(&fetch(&setup, &server), "304");
    assert_eq!(setup.affecting(), ["GHSA-a"]);
}

#[test]
fn a_download_that_is_cut_off_goes_on_where_it_broke() {
    let (setup, newer) = setup();
    let whole = newer.len();
    let server = Server::start(move |_, head| {
        // Each time a third more comes.
        let begin = from(head).unwrap_or(0);
        let part = &newer[begin..(begin + whole / 3 + 1).min(whole)];
        if begin == 0 {
            return reply("200 OK", &[length(&newer), tag("n-1")], part);
        }
        assert!(head.contains("if-range: \"n-1\""), "{head}");
        let range = format!("Content-Range: bytes {begin}-{}/{whole}", whole - 1);
        reply("206 Partial Content", &[range, format!("Content-Length: {}", whole - begin), tag("n-1")], part)
    });
    assert_eq!(outcome(&fetch(&setup, &server), "osv/npm"), &Outcome::Updated);
    let heard = server.heard();
    assert!((3..=4).contains(&heard.len()), "{heard:?}");
    assert_eq!(setup.affecting(), ["GHSA-n"]);
}

#[test]
fn a_later_run_goes_on_where_a_killed_one_broke_off() {
    let (setup, newer) = setup();
    let whole = newer.len();
    let first = newer.clone();
    let cut_off = Server::start(move |_, head| match from(head) {
        None => reply("200 OK", &[length(&first), tag("n-1")], &first[..whole / 2]),
        Some(_) => reply("503 Service Unavailable", &["Retry-After: 0".to_owned(), length(b"")], b""),
    });
    not_fetched(&fetch(&setup, &cut_off), "503");
    let address = cut_off.address.clone();
    drop(cut_off);
    // The same address, some time later.
    let server = Server::start_at(&address, move |_, head| {
        let begin = from(head).expect("it asks for the rest");
        assert_eq!(begin, whole / 2);
        let range = format!("Content-Range: bytes {begin}-{}/{whole}", whole - 1);
        reply("206 Partial Content", &[range, length(&newer[begin..]), tag("n-1")], &newer[begin..])
    });
    assert_eq!(outcome(&fetch(&setup, &server), "osv/npm"), &Outcome::Updated);
    assert_eq!(server.heard().len(), 1);
    assert_eq!(setup.affecting(), ["GHSA-n"]);
    assert_eq!(std::fs::read_dir(setup.dir().path().join("feeds/.incoming")).unwrap().count(), 0);
}

#[test]
fn another_file_meanwhile_or_a_wrong_range_begins_anew_and_mixes_nothing() {
    let (setup, newer) = setup();
    let whole = newer.len();
    let server = Server::start(move |number, head| match (number, from(head)) {
        (0, None) => reply("200 OK", &[length(&newer), tag("n-1")], &newer[..whole / 2]),
        // The rest of something else: from one byte further on.
        (1, Some(begin)) => {
            let range = format!("Content-Range: bytes {}-{}/{whole}", begin + 1, whole - 1);
            reply("206 Partial Content", &[range, tag("n-1")], &newer[begin + 1..])
        }
        // What was there is forgotten, so the whole is asked for; it is cut off again, and then there is another file.
        (2, None) => reply("200 OK", &[length(&newer), tag("n-1")], &newer[..whole / 2]),
        (3, Some(_)) => reply("200 OK", &[length(&newer), tag("n-2")], &newer),
        (number, _) => panic!("request {number}: {head}"),
    });
    assert_eq!(outcome(&fetch(&setup, &server), "osv/npm"), &Outcome::Updated);
    assert_eq!(setup.affecting(), ["GHSA-n"]);
}

#[test]
fn a_stated_length_that_is_too_short_or_too_large_is_believed_by_nobody() {
    let (setup, newer) = setup();
    let short = newer.clone();
    // What comes beyond the stated length belongs to nobody, and what is left is no zip.
    let server =
        Server::start(move |_, _| reply("200 OK", &[format!("Content-Length: {}", short.len() / 2)], &short));
    let report = fetch(&setup, &server);
    assert!(
        matches!(outcome(&report, "osv/npm"), Outcome::Refused(why) if why.contains("zip")),
        "{report:?}"
    );
    let server =
        Server::start(move |_, _| reply("200 OK", &[format!("Content-Length: {}", newer.len() * 2)], &newer));
    not_fetched(&fetch(&setup, &server), "connection broke");
    let server = Server::start(|_, _| reply("200 OK", &[format!("Content-Length: {}", 5_u64 << 30)], b"PK"));
    not_fetched(&fetch(&setup, &server), "was not fetched");
    assert_eq!(setup.affecting(), ["GHSA-a"]);
}

#[test]
fn a_busy_server_is_asked_again_when_it_says_so() {
    let (setup, newer) = setup();
    let server = Server::start(move |number, _| match number {
        0 => reply("429 Too Many Requests", &["Retry-After: 1".to_owned(), length(b"")], b""),
        1 => reply("503 Service Unavailable", &[length(b"")], b""),
        _ => reply("200 OK", &[length(&newer)], &newer),
    });
    let begun = std::time::Instant::now();
    assert_eq!(outcome(&fetch(&setup, &server), "osv/npm"), &Outcome::Updated);
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1));
    assert_eq!(server.heard().len(), 3);
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_long_is_left_alone_by_later_runs_too() {
    let (setup, newer) = setup();
    let server = Server::start(move |number, _| match number {
        0 => reply("429 Too Many Requests", &["Retry-After: 7200".to_owned(), length(b"")], b""),
        _ => reply("200 OK", &[length(&newer)], &newer),
    });
    not_fetched(&fetch(&setup, &server), "left alone until 2025-02-01 02:00 UTC");
    not_fetched(&fetch(&setup, &server), "left alone until 2025-02-01 02:00 UTC");
    assert_eq!(server.heard().len(), 1);
    let later = now() + jiff::SignedDuration::from_hours(3);
    let report = setup.update_at(&server.origin(), later).unwrap();
    assert_eq!(outcome(&report, "osv/npm"), &Outcome::Updated);
}

#[test]
fn an_address_leads_on_within_its_host_a_few_times_and_never_into_the_house() {
    let (setup, newer) = setup();
    let server = Server::start(move |number, _| match number {
        0 => reply("302 Found", &["Location: /npm/elsewhere.zip".to_owned(), length(b"")], b""),
        _ => reply("200 OK", &[length(&newer)], &newer),
    });
    assert_eq!(outcome(&fetch(&setup, &server), "osv/npm"), &Outcome::Updated);
    for target in
        ["http://localhost:1/npm/", "http://169.254.169.254/latest/", "http://[::1]:1/", "http://10.0.0.1/"]
    {
        let line = format!("Location: {target}");
        let server = Server::start(move |_, _| reply("302 Found", &[line.clone(), length(b"")], b""));
        not_fetched(&fetch(&setup, &server), "private network");
        assert_eq!(server.heard().len(), 1, "{target}");
    }
    let endless =
        Server::start(|_, _| reply("302 Found", &["Location: /npm/all.zip".to_owned(), length(b"")], b""));
    not_fetched(&fetch(&setup, &endless), "without end");
    assert_eq!(setup.affecting(), ["GHSA-n"]);
}
