//! A PostgreSQL of our own for tests: Debian's programs, a cluster in a temporary folder, a database per test.
//!
//! It listens on a socket in its folder only. The tests connect as a role that is no superuser, since a superuser walks
//! past row-level security. The cluster ends with the test program, however that ends: a shell waits on a pipe from it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A running cluster.
struct Cluster {
    programs: PathBuf,
    folder: String,
    /// Ends the cluster when its standard input closes.
    _warden: Child,
}

/// The role that tests connect as.
const ROLE: &str = "bedrail";

/// The address of a fresh, empty database; `None` where PostgreSQL is not installed, which is printed.
///
/// # Panics
/// When PostgreSQL is installed but does not start.
pub fn database() -> Option<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let Some(cluster) = cluster() else {
        announce();
        return None;
    };
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    cluster.query(&format!("CREATE DATABASE {name} OWNER {ROLE}"));
    Some(format!("postgres://{ROLE}@localhost/{name}?host={}", cluster.folder))
}

/// Whether PostgreSQL is installed; that it is not is printed.
///
/// # Panics
/// When it is installed but does not start.
pub fn installed() -> bool {
    let installed = cluster().is_some();
    if !installed {
        announce();
    }
    installed
}

/// A cluster of one test's own, which can be stopped and started again.
pub struct Own {
    cluster: Cluster,
}

impl Own {
    /// A running cluster; `None` where PostgreSQL is not installed, which is printed.
    ///
    /// # Panics
    /// When PostgreSQL is installed but does not start.
    pub fn start() -> Option<Own> {
        let Some(cluster) = start() else {
            announce();
            return None;
        };
        cluster.query(&format!("CREATE DATABASE own OWNER {ROLE}"));
        Some(Own { cluster })
    }

    /// The address of its database.
    pub fn address(&self) -> String {
        format!("postgres://{ROLE}@localhost/own?host={}", self.cluster.folder)
    }

    /// Stops it as a crash does.
    pub fn stop(&self) {
        self.cluster.control(&["-m", "immediate", "stop"]);
    }

    /// Starts it again.
    pub fn start_again(&self) {
        let options = options(&self.cluster.folder);
        self.cluster.control(&["-w", "-l", &format!("{}/log", self.cluster.folder), "-o", &options, "start"]);
    }

    /// Cuts every connection to its database.
    pub fn cut_connections(&self) {
        self.cluster.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'own'");
    }
}

fn options(folder: &str) -> String {
    format!("-c listen_addresses= -k {folder} -c fsync=off -c synchronous_commit=off")
}

fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(start).as_ref()
}

#[expect(clippy::print_stdout, reason = "whoever runs the tests must see that half of them did not run")]
fn announce() {
    println!("skipped: no PostgreSQL");
}

impl Cluster {
    fn control(&self, words: &[&str]) {
        let mut command = as_postgres(&self.programs.join("pg_ctl"));
        command.args(["-D", &self.folder, "-s"]).args(words);
        run(command, "pg_ctl");
    }

    fn query(&self, sql: &str) {
        let psql = self.programs.join("psql");
        let mut command = as_postgres(&psql);
        command.args([
            "-h",
            &self.folder,
            "-U",
            "postgres",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            sql,
            "postgres",
        ]);
        run(command, "psql");
    }
}

/// The newest installed PostgreSQL, started.
fn start() -> Option<Cluster> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.flatten().map(|entry| entry.path()).max_by_key(|path| number(path))?;
    let programs = newest.join("bin");
    if !programs.join("initdb").exists() {
        return None;
    }
    let mut make = as_postgres(Path::new("mktemp"));
    let folder = run(
        {
            make.args(["-d", "/tmp/bedrail-postgres-XXXXXX"]);
            make
        },
        "mktemp",
    );
    let folder = folder.trim().to_owned();
    let mut init = as_postgres(&programs.join("initdb"));
    init.args([
        "-D",
        &folder,
        "-U",
        "postgres",
        "--auth=trust",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]);
    run(init, "initdb");
    let mut up = as_postgres(&programs.join("pg_ctl"));
    let options = options(&folder);
    up.args(["-D", &folder, "-w", "-s", "-l", &format!("{folder}/log"), "-o", &options, "start"]);
    run(up, "pg_ctl");
    let mut warden = as_postgres(Path::new("sh"));
    let end = "read -r _; \"$0\" -D \"$1\" -m immediate -s stop; rm -rf \"$1\"";
    warden.args(["-c", end]).arg(programs.join("pg_ctl")).arg(&folder);
    // A group of its own: an interrupt that ends the tests must not end the warden before it has cleaned up.
    std::os::unix::process::CommandExt::process_group(&mut warden, 0);
    warden.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let warden = warden.spawn().expect("a shell starts");
    let cluster = Cluster { programs, folder, _warden: warden };
    cluster.query(&format!("CREATE ROLE {ROLE} LOGIN"));
    Some(cluster)
}

/// PostgreSQL refuses to run as root; then its own user runs it.
fn as_postgres(program: &Path) -> Command {
    let root =
        std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut command = Command::new(if root { Path::new("runuser") } else { program });
    if root {
        command.args(["-u", "postgres", "--"]).arg(program);
    }
    command.current_dir("/");
    command
}

fn run(mut command: Command, what: &str) -> String {
    // `pg_ctl` leaves a server behind that would keep a captured pipe open: its errors are in its log.
    let output = if what == "pg_ctl" {
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map(|status| (status, Vec::new(), Vec::new()))
    } else {
        command.output().map(|output| (output.status, output.stdout, output.stderr))
    };
    let (status, out, errors) = output.unwrap_or_else(|error| panic!("{what} does not start: {error}"));
    assert!(status.success(), "{what}: {}", String::from_utf8_lossy(&errors));
    String::from_utf8_lossy(&out).into_owned()
}
