//! Fetching advisories from providers: the layouts of the specification, and servers that mean harm.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use bedrail_app::audit::{self, AuditFilter};
use bedrail_app::medical::provider::{self, Origin, ProviderReport};
use bedrail_app::medical::{self, MedicalFilter};
use bedrail_app::page::PageRequest;
use bedrail_app::rights::{Rights, Role};
use bedrail_app::{Actor, Context, Error, accounts};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use crate::story::open;

/// What a server answers for a path: status and head, and the body.
#[derive(Clone, Default)]
struct Reply {
    head: String,
    body: Vec<u8>,
    /// Bytes that follow without end.
    endless: bool,
}

/// A server on this machine with files by their paths, and what it was asked.
#[derive(Clone)]
struct Server {
    address: String,
    files: Arc<Mutex<HashMap<String, Reply>>>,
    heard: Arc<Mutex<Vec<String>>>,
    /// Paths that are answered only once the test says so: who is told, and who waits.
    gates: Arc<Mutex<HashMap<String, Gate>>>,
}

type Gate = (mpsc::Sender<()>, mpsc::Receiver<()>);

impl Server {
    fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Server { address, files: Arc::default(), heard: Arc::default(), gates: Arc::default() };
        let answering = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let one = answering.clone();
                std::thread::spawn(move || one.answer(stream.unwrap()));
            }
        });
        server
    }

    fn answer(&self, mut stream: TcpStream) {
        let (mut head, mut byte) = (Vec::new(), [0; 1]);
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|length| length == 1) {
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.heard.lock().unwrap().push(path.clone());
        let gate = self.gates.lock().unwrap().remove(&path);
        if let Some((asked, go)) = gate {
            asked.send(()).unwrap();
            _ = go.recv();
        }
        let reply = self.files.lock().unwrap().get(&path).cloned();
        let Some(Reply { head: lines, body, endless }) = reply else {
            _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        };
        let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..8]));
        if head.to_lowercase().contains(&format!("if-none-match: {tag}")) {
            _ = stream.write_all(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
            return;
        }
        let lines = match lines.as_str() {
            "" => format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nETag: {tag}\r\n", body.len()),
            given => given.to_owned(),
        };
        _ = stream.write_all(format!("{lines}Connection: close\r\n\r\n").as_bytes());
        _ = stream.write_all(&body);
        while endless && stream.write_all(&[b' '; 65_536]).is_ok() {}
    }

    fn put(&self, path: &str, body: impl Into<Vec<u8>>) {
        let reply = Reply { body: body.into(), ..Reply::default() };
        self.files.lock().unwrap().insert(path.to_owned(), reply);
    }

    fn reply(&self, path: &str, reply: Reply) {
        self.files.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// A document with its hash.
    fn document(&self, path: &str, document: &Value) {
        let body = document.to_string().into_bytes();
        self.put(&format!("{path}.sha512"), format!("{}  x.json\n", hex::encode(Sha512::digest(&body))));
        self.put(path, body);
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    /// Holds the answer on a path back: what says that it was asked for, and what lets it go.
    fn gate(&self, path: &str) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
        let ((asked, heard), (go, wait)) = (mpsc::channel(), mpsc::channel());
        self.gates.lock().unwrap().insert(path.to_owned(), (asked, wait));
        (heard, go)
    }

    fn metadata(&self) -> String {
        format!("{}/.well-known/csaf/provider-metadata.json", self.address)
    }

    /// Metadata with these distributions.
    fn offers(&self, distributions: &Value) {
        let metadata = json!({"canonical_url": self.metadata(), "metadata_version": "2.0", "role": "csaf_provider",
            "publisher": {"category": "vendor", "name": "Orbis Medical", "namespace": "https://orbis.example"},
            "distributions": distributions});
        self.put("/.well-known/csaf/provider-metadata.json", metadata.to_string());
    }
}

fn advisory(id: &str, tlp: &str) -> Value {
    json!({
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Flow: no password",
            "publisher": {"category": "vendor", "name": "Orbis Medical", "namespace": "https://orbis.example"},
            "distribution": {"tlp": {"label": tlp}},
            "tracking": {"id": id, "status": "final", "version": "1", "current_release_date": "2024-03-08T09:00:00Z"}},
        "product_tree": {"branches": [{"category": "vendor", "name": "Orbis", "branches": [
            {"category": "product_name", "name": "Flow 300", "product": {"product_id": "P", "name": "Flow 300"}}]}]},
        "vulnerabilities": [{"cve": "CVE-2024-99901", "product_status": {"known_affected": ["P"]}}],
    })
}

fn entry(server: &Server, path: &str, updated: &str) -> Value {
    let url = format!("{}{path}", server.address);
    json!({"id": path, "updated": updated, "content": {"type": "application/json", "src": url},
        "link": [{"rel": "self", "href": url}, {"rel": "hash", "href": format!("{url}.sha512")}]})
}

fn feed(next: Option<String>, entries: &[Value]) -> String {
    let links: Vec<Value> = next.into_iter().map(|href| json!({"rel": "next", "href": href})).collect();
    json!({"feed": {"id": "f", "link": links, "entry": entries}}).to_string()
}

/// An installation, its administrator, and a server that it fetches from.
async fn setup() -> (tempfile::TempDir, Context, Actor, Server) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), None).await;
    let actor = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    let server = Server::start();
    // A server on this machine shows nobody's name.
    let url = provider::add(&ctx, &actor, &server.metadata(), "https://orbis.example/").await.unwrap();
    assert_eq!(url, server.metadata());
    (dir, ctx, actor, server)
}

fn net(hosts: Vec<String>, patience: Duration) -> Origin {
    Origin::Net { hosts, pause: Duration::from_millis(1), patience }
}

async fn update_by(ctx: &Context, actor: &Actor, hosts: &[&str]) -> ProviderReport {
    let hosts = hosts.iter().map(|it| (*it).to_owned()).collect();
    let origin = net(hosts, Duration::from_secs(600));
    provider::update(ctx, actor, &origin).await.unwrap().remove(0)
}

async fn update(ctx: &Context, actor: &Actor) -> ProviderReport {
    update_by(ctx, actor, &["127.0.0.1"]).await
}

async fn held(ctx: &Context, actor: &Actor) -> Vec<String> {
    let filter = MedicalFilter { foreign: true, ..MedicalFilter::default() };
    let list = medical::list(ctx, actor, &filter, &PageRequest::default()).await.unwrap();
    list.rows.into_iter().map(|it| it.name).collect()
}

fn numbers(report: &ProviderReport) -> (usize, usize, usize, usize) {
    (report.listed, report.taken, report.unchanged, report.problems.len())
}

fn problem(report: &ProviderReport, place: &str, words: &str) {
    let found = report.problems.iter().any(|(at, why)| at.contains(place) && why.contains(words));
    assert!(found, "{place}: {words}: {report:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_and_directories_are_read_and_only_what_changed_is_fetched_again() {
    let (_dir, ctx, actor, server) = setup().await;
    let address = server.address.clone();
    server.offers(&json!([
        {"rolie": {"feeds": [{"url": format!("{address}/feed.json"), "tlp_label": "WHITE"}],
            "services": [format!("{address}/service.json")]}},
        {"directory_url": format!("{address}/csaf/")},
        {"directory_url": format!("{address}/plain")},
    ]));
    server.put(
        "/service.json",
        json!({"service": {"workspace": [{"collection": [{"href": format!("{address}/more.json")},
            {"href": format!("{address}/amber.json"), "categories": {"category": [
                {"scheme": "https://www.first.org/tlp/", "term": "AMBER"}]}}]}]}})
        .to_string(),
    );
    server.put(
        "/feed.json",
        feed(Some("/feed2.json".into()), &[entry(&server, "/om-1.json", "2024-01-01T00:00:00Z")]),
    );
    server.put("/feed2.json", feed(None, &[entry(&server, "/om-2.json", "2024-01-02T00:00:00Z")]));
    server.put("/more.json", feed(None, &[entry(&server, "/om-3.json", "2024-01-02T00:00:00Z")]));
    server.put("/csaf/changes.csv", "\"2024/om-4.json\",\"2024-01-03T00:00:00Z\"\n");
    server.put("/plain/index.txt", "om-5.json\n");
    for (path, id) in [
        ("/om-1.json", "OM-1"),
        ("/om-2.json", "OM-2"),
        ("/om-3.json", "OM-3"),
        ("/csaf/2024/om-4.json", "OM-4"),
        ("/plain/om-5.json", "OM-5"),
    ] {
        server.document(path, &advisory(id, "WHITE"));
    }
    let first = update(&ctx, &actor).await;
    assert_eq!(numbers(&first), (5, 5, 0, 1), "{first:#?}");
    problem(&first, "/amber.json", "TLP:AMBER");
    assert!(!server.heard().iter().any(|it| it == "/amber.json"), "what is marked is not even asked for");
    assert_eq!((first.name.as_str(), first.without_hash), ("Orbis Medical", 0));
    assert_eq!(held(&ctx, &actor).await, ["OM-1", "OM-2", "OM-3", "OM-4", "OM-5"]);

    let again = update(&ctx, &actor).await;
    assert_eq!(numbers(&again), (5, 0, 5, 1), "{again:#?}");
    let asked = server.heard();
    // By the times of the lists; where there are none, by the tag.
    assert!(!asked.iter().any(|it| it.contains("om-1") || it.contains("om-4")), "{asked:?}");
    assert_eq!(asked.iter().filter(|it| it.contains("om-5")).collect::<Vec<_>>(), ["/plain/om-5.json"]);

    let mut newer = advisory("OM-2", "WHITE");
    newer["document"]["tracking"]["current_release_date"] = json!("2024-05-01T09:00:00Z");
    server.document("/om-2.json", &newer);
    server.put("/feed2.json", feed(None, &[entry(&server, "/om-2.json", "2024-05-01T00:00:00Z")]));
    assert_eq!(numbers(&update(&ctx, &actor).await), (5, 1, 4, 1));

    let rows = provider::list(&ctx, &actor).await.unwrap();
    assert_eq!((rows.len(), rows[0].name.as_str(), rows[0].whole), (1, "Orbis Medical", false));
    assert!(rows[0].outcome.contains("signatures not checked"), "{}", rows[0].outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_are_not_what_they_should_be_are_not_taken() {
    let (_dir, ctx, actor, server) = setup().await;
    server.offers(&json!([{"directory_url": format!("{}/d/", server.address)}]));
    let names = ["om-1", "om-2", "om-3", "om-4", "om-5", "om-6", "om-7"];
    let lines: Vec<String> = names.iter().map(|it| format!("{it}.json,2024-01-01T00:00:00Z\n")).collect();
    server.put("/d/changes.csv", lines.concat());
    server.document("/d/om-1.json", &advisory("OM-1", "WHITE"));
    server.document("/d/om-2.json", &advisory("OM-2", "WHITE"));
    server.put("/d/om-2.json.sha512", "0".repeat(128));
    server.document("/d/om-3.json", &advisory("OM-1", "WHITE"));
    server.document("/d/om-4.json", &advisory("OM-4", "RED"));
    let mut of_another = advisory("OM-5", "WHITE");
    of_another["document"]["publisher"]["namespace"] = json!("https://velta.example");
    server.document("/d/om-5.json", &of_another);
    // A hash file that holds none.
    server.document("/d/om-6.json", &advisory("OM-6", "WHITE"));
    server.put("/d/om-6.json.sha512", "<html>not found</html>");
    // No hash at all.
    server.put("/d/om-7.json", advisory("OM-7", "WHITE").to_string());
    let report = update(&ctx, &actor).await;
    assert_eq!(held(&ctx, &actor).await, ["OM-1", "OM-7"], "{report:#?}");
    assert_eq!((numbers(&report), report.without_hash), ((7, 2, 0, 5), 1), "{report:#?}");
    problem(&report, "om-2.json", "another hash");
    problem(&report, "om-3.json", "belongs into a file `om-1.json`");
    problem(&report, "om-4.json", "TLP:RED");
    problem(&report, "om-5.json", "https://velta.example");
    problem(&report, "om-6.json", "holds no hash");
    let again = update(&ctx, &actor).await;
    assert_eq!(numbers(&again), (7, 0, 2, 5), "what was not taken is asked for again: {again:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_without_end_ends() {
    let (_dir, ctx, actor, server) = setup().await;
    let address = server.address.clone();
    let feeds = ["circle", "endless", "lying", "short", "none"];
    let feeds: Vec<Value> = feeds.iter().map(|it| json!({"url": format!("{address}/{it}.json")})).collect();
    server.offers(&json!([{"rolie": {"feeds": feeds}}]));
    server.put("/circle.json", feed(Some("/circle2.json".into()), &[entry(&server, "/om-1.json", "1")]));
    server.put("/circle2.json", feed(Some("/circle.json".into()), &[]));
    server.document("/om-1.json", &advisory("OM-1", "WHITE"));
    let endless = "HTTP/1.1 200 OK\r\n".to_owned();
    server.reply("/endless.json", Reply { head: endless, body: b"{".to_vec(), endless: true });
    let lying = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n", 1_u64 << 40);
    server.reply("/lying.json", Reply { head: lying, body: b"{}".to_vec(), endless: false });
    let short = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n".to_owned();
    server.reply("/short.json", Reply { head: short, body: b"{}".to_vec(), endless: false });
    let report = update(&ctx, &actor).await;
    assert_eq!(held(&ctx, &actor).await, ["OM-1"]);
    problem(&report, "/circle2.json", "leads back");
    problem(&report, "/endless.json", "more bytes came");
    problem(&report, "/lying.json", "more than");
    problem(&report, "/short.json", "");
    problem(&report, "/none.json", "404");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leads_into_the_house() {
    let (_dir, ctx, actor, server) = setup().await;
    let hidden = Server::start();
    let inside = hidden.address.replace("127.0.0.1", "127.0.0.2");
    let moved = |to: &str| Reply {
        head: format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n"),
        ..Reply::default()
    };
    server.offers(&json!([{"rolie": {"feeds": [
        {"url": format!("{}/moved.json", server.address)}, {"url": format!("{inside}/direct.json")},
        {"url": "file:///etc/passwd"}, {"url": "http://public.example/plain.json"},
        {"url": format!("{}/feed.json", server.address)}]}}]));
    server.reply("/moved.json", moved(&format!("{inside}/secret.json")));
    server.put("/feed.json", feed(None, &[json!({"content": {"src": format!("{inside}/om-1.json")}})]));
    let report = update(&ctx, &actor).await;
    problem(&report, "/moved.json", "private network");
    problem(&report, "/direct.json", "no TLS");
    problem(&report, "file:", "no TLS");
    problem(&report, "plain.json", "no TLS");
    problem(&report, "om-1.json", "no TLS");
    assert_eq!(hidden.heard(), Vec::<String>::new());
    // The provider itself is in the house, and nobody named it.
    let refused = update_by(&ctx, &actor, &[]).await;
    assert_eq!(numbers(&refused), (0, 0, 0, 1), "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_has_the_same_layout_and_providers_are_added_by_whom_may() {
    let (_dir, ctx, actor, server) = setup().await;
    provider::remove(&ctx, &actor, &server.metadata()).await.unwrap();
    let gone = provider::remove(&ctx, &actor, &server.metadata()).await;
    assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
    let url = provider::add(&ctx, &actor, "psirt.orbis.example", "").await.unwrap();
    assert_eq!(url, "https://psirt.orbis.example/.well-known/csaf/provider-metadata.json");
    let twice = provider::add(&ctx, &actor, &url, "").await;
    assert!(matches!(twice, Err(Error::Conflict { .. })), "{twice:?}");
    assert!(!Rights::of_roles(&[Role::Engineer]).has(bedrail_app::rights::Right::UpdateData));

    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, content: &str| {
        let path = folder.path().join("psirt.orbis.example").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    let metadata = json!({"canonical_url": url, "role": "csaf_provider",
        "publisher": {"category": "vendor", "name": "Orbis Medical", "namespace": "https://orbis.example"},
        "distributions": [{"directory_url": "https://psirt.orbis.example/csaf"}]});
    write(".well-known/csaf/provider-metadata.json", &metadata.to_string());
    write("csaf/index.txt", "om-1.json\n../../../../../etc/passwd.json\n");
    write("csaf/om-1.json", &advisory("OM-1", "GREEN").to_string());
    let report = provider::update(&ctx, &actor, &Origin::Mirror(folder.path().to_owned())).await.unwrap();
    assert_eq!((numbers(&report[0]), report[0].without_hash), ((2, 1, 0, 1), 1), "{report:#?}");
    problem(&report[0], "passwd", "mirror does not have");
    assert_eq!(held(&ctx, &actor).await, ["OM-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_in_a_name_that_its_address_does_not_show() {
    let (_dir, ctx, actor, server) = setup().await;
    server.offers(&json!([{"directory_url": format!("{}/d/", server.address)}]));
    server.put("/d/index.txt", "om-1.json\n");
    server.document("/d/om-1.json", &advisory("OM-1", "WHITE"));
    for (confirmed, words) in [("", "its address does not show"), ("https://velta.example", "added for")] {
        provider::remove(&ctx, &actor, &server.metadata()).await.unwrap();
        provider::add(&ctx, &actor, &server.metadata(), confirmed).await.unwrap();
        let report = update(&ctx, &actor).await;
        assert_eq!(numbers(&report), (0, 0, 0, 1), "{report:#?}");
        problem(&report, "provider-metadata.json", words);
        assert!(!server.heard().iter().any(|it| it.starts_with("/d/")), "nothing else is asked for");
    }
    assert_eq!(held(&ctx, &actor).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_provider_gave_no_other_replaces() {
    let (_dir, ctx, actor, server) = setup().await;
    let other = Server::start();
    let say = |server: &Server, released: &str, status: &str| {
        server.offers(&json!([{"directory_url": format!("{}/d/", server.address)}]));
        server.put("/d/changes.csv", format!("om-1.json,{released}\n"));
        let mut document = advisory("OM-1", "WHITE");
        document["document"]["tracking"]["current_release_date"] = json!(released);
        document["vulnerabilities"][0]["product_status"] = json!({status: ["P"]});
        server.document("/d/om-1.json", &document);
    };
    say(&server, "2024-03-08T09:00:00Z", "known_affected");
    say(&other, "2025-03-08T09:00:00Z", "known_not_affected");
    assert_eq!(update(&ctx, &actor).await.taken, 1);
    provider::add(&ctx, &actor, &other.metadata(), "https://orbis.example").await.unwrap();
    let origin = net(vec!["127.0.0.1".to_owned()], Duration::from_secs(600));
    let reports = provider::update(&ctx, &actor, &origin).await.unwrap();
    // Who was never asked is asked first.
    assert_eq!(reports[0].url, other.metadata());
    problem(&reports[0], "om-1.json", "another provider does not replace it");
    let detail = medical::get(&ctx, &actor, "OM-1").await.unwrap();
    assert_eq!(detail.provider.as_deref(), Some(server.metadata().as_str()));
    assert_eq!(detail.advisory.released.as_deref(), Some("2024-03-08T09:00:00Z"));
    // Once the first is not asked any more, its publisher may have moved.
    provider::remove(&ctx, &actor, &server.metadata()).await.unwrap();
    assert_eq!(update(&ctx, &actor).await.taken, 1);
    let detail = medical::get(&ctx, &actor, "OM-1").await.unwrap();
    assert_eq!(detail.provider.as_deref(), Some(other.metadata().as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_away_while_it_is_asked_stays_away() {
    let (_dir, ctx, actor, server) = setup().await;
    server.offers(&json!([{"directory_url": format!("{}/d/", server.address)}]));
    server.put("/d/changes.csv", "om-1.json,2024-01-01T00:00:00Z\n");
    server.document("/d/om-1.json", &advisory("OM-1", "WHITE"));
    let (heard, go) = server.gate("/d/om-1.json");
    let running = tokio::spawn({
        let (ctx, actor) = (ctx.clone(), actor.clone());
        async move { update(&ctx, &actor).await }
    });
    tokio::task::spawn_blocking(move || heard.recv()).await.unwrap().unwrap();
    provider::remove(&ctx, &actor, &server.metadata()).await.unwrap();
    go.send(()).unwrap();
    assert_eq!(running.await.unwrap().taken, 1);
    assert_eq!(provider::list(&ctx, &actor).await.unwrap(), []);
    // Nor is anything noted of what it had: who adds it again begins anew.
    provider::add(&ctx, &actor, &server.metadata(), "https://orbis.example").await.unwrap();
    server.heard();
    assert_eq!(numbers(&update(&ctx, &actor).await), (1, 0, 1, 0));
    assert!(server.heard().iter().any(|it| it == "/d/om-1.json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_takes_too_long_is_left_for_the_next_run() {
    let (_dir, ctx, actor, server) = setup().await;
    server.offers(&json!([]));
    // Nobody lets the answer go before the time is over.
    let (_asked, _go) = server.gate("/.well-known/csaf/provider-metadata.json");
    let origin = net(vec!["127.0.0.1".to_owned()], Duration::from_millis(100));
    let report = provider::update(&ctx, &actor, &origin).await.unwrap().remove(0);
    problem(&report, "provider-metadata.json", "in the time that it has");
    let rows = provider::list(&ctx, &actor).await.unwrap();
    assert!(rows[0].fetched.is_some() && !rows[0].whole, "{rows:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_run_left_is_cleared_and_what_a_server_asked_for_is_kept() {
    let (dir, ctx, actor, server) = setup().await;
    server.offers(&json!([]));
    let incoming = dir.path().join("feeds/.incoming");
    std::fs::create_dir_all(&incoming).unwrap();
    // The clock of these tests stands at 2026-03-03T10:00:00Z.
    let at = |text: &str| std::time::SystemTime::from(text.parse::<jiff::Timestamp>().unwrap());
    let put = |name: &str, content: &str, changed: &str| {
        let path = incoming.join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::File::options().append(true).open(&path).unwrap().set_modified(at(changed)).unwrap();
    };
    let rest = |until: &str| json!({"not_before": until}).to_string();
    put("csaf-1-dead.part", "x", "2026-03-02T10:00:00Z");
    put("csaf-1-dead.json", "{}", "2026-03-02T10:00:00Z");
    put("csaf-2-alive.part", "x", "2026-03-03T09:59:00Z");
    put("csaf-3.rest", &rest("2026-03-05T00:00:00Z"), "2026-03-01T10:00:00Z");
    put("csaf-4.rest", &rest("2026-03-02T00:00:00Z"), "2026-03-01T10:00:00Z");
    put("osv-npm.part", "x", "2026-01-01T10:00:00Z");
    let report = update(&ctx, &actor).await;
    assert!(report.problems.is_empty(), "{report:#?}");
    let listed = std::fs::read_dir(&incoming).unwrap();
    let mut names: Vec<String> =
        listed.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["csaf-2-alive.part", "csaf-3.rest", "osv-npm.part"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_providers_is_in_the_audit_log() {
    let (_dir, ctx, actor, server) = setup().await;
    provider::remove(&ctx, &actor, &server.metadata()).await.unwrap();
    let log = audit::list(&ctx, &actor, &AuditFilter::default(), &PageRequest::default()).await.unwrap();
    let told: Vec<(&str, &str)> =
        log.rows.iter().map(|it| (it.action.as_str(), it.subject.as_str())).take(2).collect();
    let url = server.metadata();
    assert_eq!(told, [("medical.provider.remove", url.as_str()), ("medical.provider.add", url.as_str())]);
}
