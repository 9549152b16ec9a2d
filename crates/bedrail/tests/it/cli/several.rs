//! Several processes on one database under load, and one of each kind killed in the middle: no change is lost, none is made
//! twice, and whoever sends a request again elsewhere is served.

use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use std::io::{BufRead, BufReader};

use bedrail_app::audit::AuditFilter;
use bedrail_app::devices::DeviceFilter;
use bedrail_app::page::PageRequest;
use bedrail_app::{Actor, Context, audit, devices, jobs};
use bedrail_model::job::JobState;
use serde_json::json;
use tempfile::tempdir;

use super::http::{Reply, send};
use super::jobs::open;
use super::run::{program, text};

/// How long the load lasts, and when it is that processes are killed.
const LOAD: Duration = Duration::from_secs(12);
const KILLED_AT: Duration = Duration::from_secs(4);
/// Who asks at the same time.
const CALLERS: u64 = 4;
/// A request that was not served by then is lost.
const PATIENCE: Duration = Duration::from_secs(30);
const PASSWORD: &str = "a quiet lighthouse keeper";

/// A process that ends with the test.
pub(super) struct Process(Child);

impl Process {
    /// Ends it as a power cut does.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program of ours and reads lines until one says what is looked for.
fn start(
    folder: &Path,
    database: Option<&str>,
    words: &[&str],
    mut find: impl FnMut(&str) -> bool,
) -> Process {
    let mut command = program();
    command.current_dir(folder).args(["--data", "data"]).args(words);
    if let Some(database) = database {
        command.args(["--database", database]);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().any(|line| find(&line.unwrap())), "{words:?} ended before it was ready");
    thread::spawn(move || lines.for_each(drop));
    Process(child)
}

fn worker(folder: &Path, database: Option<&str>) -> Process {
    let words = ["worker", "--feeds", "off", "--job-lease", "2"];
    start(folder, database, &words, |line| line.starts_with("Bedrail does background jobs"))
}

/// A server, its address, and the one-time password where it is the first.
pub(super) fn server(folder: &Path, database: Option<&str>, first: bool) -> (Process, String, String) {
    let (mut address, mut one_time) = (String::new(), String::new());
    let words = ["serve", "--listen", "127.0.0.1:0", "--no-worker"];
    let process = start(folder, database, &words, |line| {
        if let Some((_, found)) = line.split_once("serves on ") {
            address = found.trim().to_owned();
        }
        if let Some((_, found)) = line.rsplit_once("one-time password ") {
            one_time = found.trim().to_owned();
        }
        !address.is_empty() && (!first || !one_time.is_empty())
    });
    (process, address, one_time)
}

/// Somebody signed in: the cookie and the token of changes.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) cookie: String,
    pub(super) token: String,
}

impl Session {
    fn of(reply: &Reply) -> Session {
        let cookie = reply.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        Session { cookie, token: reply.json()["csrf_token"].as_str().unwrap().to_owned() }
    }
}

fn credentials(password: &str) -> Vec<u8> {
    json!({ "name": "admin", "password": password }).to_string().into_bytes()
}

/// Signs in with the one-time password, chooses another, and signs in again.
pub(super) fn first_session(address: &str, one_time: &str) -> Session {
    let json = [("Content-Type", "application/json")];
    let sign_in = ("POST", "/api/v1/session");
    let session = Session::of(&send(address, sign_in, &json, &credentials(one_time)).unwrap());
    let form = format!("token={}&present={one_time}&new={PASSWORD}&again={PASSWORD}", session.token);
    let headers =
        [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", session.cookie.as_str())];
    let changed = send(address, ("POST", "/password"), &headers, form.replace(' ', "+").as_bytes()).unwrap();
    assert_eq!(changed.status, 303, "{}", changed.body);
    Session::of(&send(address, sign_in, &json, &credentials(PASSWORD)).unwrap())
}

/// Sends a request to one server after the other until one answers for good.
fn served(
    servers: &Mutex<Vec<String>>,
    what: (&str, &str),
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Reply, String> {
    let begun = Instant::now();
    for turn in 0.. {
        let address = {
            let servers = servers.lock().unwrap();
            servers[turn % servers.len()].clone()
        };
        let told = match send(&address, what, headers, body) {
            Ok(reply) if reply.status < 500 && !reply.body.contains("\"in_progress\"") => return Ok(reply),
            Ok(reply) => format!("{} {}", reply.status, reply.body),
            Err(error) => error.to_string(),
        };
        if begun.elapsed() > PATIENCE {
            return Err(format!("{what:?}: {told}"));
        }
        sleep(Duration::from_millis(150));
    }
    unreachable!()
}

/// What the callers did.
#[derive(Default)]
struct Done {
    at_once: AtomicU64,
    by_job: AtomicU64,
    signed_in: AtomicU64,
    lost: Mutex<Vec<String>>,
    /// Serial numbers of devices that were answered for, and how.
    answered: Mutex<std::collections::BTreeMap<String, String>>,
}

/// One caller: reads, changes with a key of their own, changes by job, now and then a sign-in.
fn call(number: u64, servers: &Mutex<Vec<String>>, session: &Session, done: &Done, until: Instant) {
    let mut turn = 0;
    while Instant::now() < until {
        turn += 1;
        let serial = format!("C{number}-{turn}");
        let list = format!("Serial,Maker,Model,Version\n{serial},Orbis,Flow,2.1\n");
        let headers = [
            ("Cookie", session.cookie.as_str()),
            ("X-CSRF-Token", session.token.as_str()),
            ("Content-Type", "text/csv"),
            ("Idempotency-Key", serial.as_str()),
            ("Prefer", "respond-async"),
        ];
        let import = ("POST", "/api/v1/devices/import");
        let (result, right, count) = match turn % 4 {
            0 => (served(servers, import, &headers[..4], list.as_bytes()), 200, Some(&done.at_once)),
            1 => (served(servers, import, &headers, list.as_bytes()), 202, Some(&done.by_job)),
            2 if turn % 12 == 2 => {
                let headers = [("Content-Type", "application/json")];
                let reply = served(servers, ("POST", "/api/v1/session"), &headers, &credentials(PASSWORD));
                (reply, 200, Some(&done.signed_in))
            }
            _ => (served(servers, ("GET", "/api/v1/devices?limit=5"), &headers[..1], b""), 200, None),
        };
        let carried_out = |reply: &Reply| reply.status == 409 && reply.body.contains("\"carried_out\"");
        match result {
            Ok(reply) if reply.status == right || (count.is_some() && carried_out(&reply)) => {
                if let Some(count) = count {
                    done.answered.lock().unwrap().insert(serial, format!("{} {}", reply.status, reply.body));
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
            Ok(reply) => done.lost.lock().unwrap().push(format!("{} {}", reply.status, reply.body)),
            Err(told) => done.lost.lock().unwrap().push(told),
        }
    }
}

/// Waits until every import that was asked for is over.
async fn settle(ctx: &Context, actor: &Actor) {
    let begun = Instant::now();
    let page = PageRequest::at(0, 500);
    loop {
        let mut left = 0;
        for state in [JobState::Waiting, JobState::Running] {
            let found = jobs::list(ctx, actor, Some(state), &page).await.unwrap().rows;
            left += found.iter().filter(|job| job.kind == "devices.import").count();
        }
        if left == 0 {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{left} jobs are left");
        sleep(Duration::from_millis(100));
    }
}

async fn entries(ctx: &Context, actor: &Actor, action: &str) -> u64 {
    let filter = AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
    audit::list(ctx, actor, &filter, &PageRequest::at(0, 1)).await.unwrap().total
}

/// Has the callers call while something happens to the processes, then counts.
async fn survive(
    folder: &Path,
    database: Option<String>,
    (servers, session): (Arc<Mutex<Vec<String>>>, Session),
    happens: impl FnOnce(),
) {
    let (done, until) = (Arc::new(Done::default()), Instant::now() + LOAD);
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let (servers, session, done) = (servers.clone(), session.clone(), done.clone());
            thread::spawn(move || call(number, &servers, &session, &done, until))
        })
        .collect();
    sleep(KILLED_AT);
    happens();
    callers.into_iter().for_each(|caller| caller.join().unwrap());
    assert_eq!(*done.lost.lock().unwrap(), Vec::<String>::new());
    let (at_once, by_job) = (done.at_once.load(Ordering::Relaxed), done.by_job.load(Ordering::Relaxed));
    assert!(at_once > 0 && by_job > 0 && done.signed_in.load(Ordering::Relaxed) > 0, "{at_once} {by_job}");

    let (ctx, actor) = open(folder, database.clone()).await;
    settle(&ctx, &actor).await;
    let failed = jobs::list(&ctx, &actor, Some(JobState::Failed), &PageRequest::default()).await.unwrap();
    assert_eq!(failed.rows, []);
    // Each change is there, and each was made once.
    let list = devices::list(&ctx, &actor, &DeviceFilter::default(), &PageRequest::at(0, 1)).await.unwrap();
    let mut names = Vec::new();
    while (names.len() as u64) < list.total {
        let page = PageRequest::at(names.len() as u64, 500);
        let rows = devices::list(&ctx, &actor, &DeviceFilter::default(), &page).await.unwrap().rows;
        assert!(!rows.is_empty(), "{} of {}", names.len(), list.total);
        names.extend(rows.into_iter().map(|row| row.name));
    }
    names.sort();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert_eq!(twice, Vec::<&String>::new(), "a device is there twice");
    let answered = std::mem::take(&mut *done.answered.lock().unwrap());
    let more: Vec<_> = names.iter().filter(|name| !answered.contains_key(*name)).collect();
    assert_eq!(more, Vec::<&String>::new(), "a device is there that nobody was told of");
    assert_eq!(list.total, at_once + by_job);
    assert_eq!(entries(&ctx, &actor, "devices.import").await, at_once + by_job);
    assert_eq!(entries(&ctx, &actor, "ask.devices.import").await, by_job);
    // The session that began before is good on every server, and the log holds together.
    for address in servers.lock().unwrap().iter() {
        let own = [("Cookie", session.cookie.as_str())];
        if let Ok(reply) = send(address, ("GET", "/api/v1/account/sessions"), &own, b"") {
            assert_eq!(reply.status, 200, "{}", reply.body);
        }
    }
    ctx.close().await.unwrap();
    let mut words = vec!["audit", "verify"];
    if let Some(database) = &database {
        words.extend(["--database", database]);
    }
    text(folder, 0, &words);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_and_two_workers_bear_the_killing_of_one_of_each_on_postgresql() {
    let Some(database) = bedrail_testkit::postgres::database() else { return };
    let folder = tempdir().unwrap();
    let name = Some(database.as_str());
    let (mut one, first, one_time) = server(folder.path(), name, true);
    // Before another server starts: until somebody has come in, each one that starts makes a one-time password anew.
    let session = first_session(&first, &one_time);
    let (_two, second, _) = server(folder.path(), name, false);
    let mut workers = [worker(folder.path(), name), worker(folder.path(), name)];
    let servers = Arc::new(Mutex::new(vec![first, second]));
    survive(folder.path(), Some(database.clone()), (servers, session), || {
        one.kill();
        workers[0].kill();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_and_a_worker_are_killed_and_started_again_on_the_embedded_database() {
    let folder = tempdir().unwrap();
    let (mut one, first, one_time) = server(folder.path(), None, true);
    let mut worker_one = worker(folder.path(), None);
    let session = first_session(&first, &one_time);
    let servers = Arc::new(Mutex::new(vec![first]));
    let addresses = servers.clone();
    let mut again = None;
    survive(folder.path(), None, (servers, session), || {
        one.kill();
        worker_one.kill();
        let (process, address, _) = server(folder.path(), None, false);
        *addresses.lock().unwrap() = vec![address];
        again = Some((process, worker(folder.path(), None)));
    })
    .await;
}
