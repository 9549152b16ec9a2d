//! Starts judges, restarts them, ends them.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::config::RuleSet;
use crate::judge::Judge;

/// First wait before a restart; doubled up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A judge that lived so long begins again with the first wait.
const STABLE: Duration = Duration::from_secs(60);

/// Bytes kept of what a judge says on standard error.
const WORDS: usize = 8 * 1024;

/// A rule set that cannot be put to use.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The judge's program cannot be started.
    #[error("{engine}: cannot be started")]
    Start {
        /// The program.
        engine: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The judge ended; its words.
    #[error("the rule set is not usable: {0}")]
    Ended(String),
    /// The judge was not ready in time.
    #[error("the rule set did not compile within {0:?}")]
    Late(Duration),
}

/// The judges that run.
#[derive(Debug)]
pub struct Supervisor {
    engine: PathBuf,
    folder: PathBuf,
    started: AtomicU32,
    judges: Mutex<Vec<Arc<Judge>>>,
}

impl Supervisor {
    /// `folder` holds the sockets.
    pub fn new(engine: &Path, folder: &Path) -> Supervisor {
        Supervisor {
            engine: engine.to_owned(),
            folder: folder.to_owned(),
            started: AtomicU32::new(0),
            judges: Mutex::new(Vec::new()),
        }
    }

    /// The judges that run, or are being restarted.
    pub fn judges(&self) -> Vec<Arc<Judge>> {
        self.judges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The judge of a rule set.
    pub fn find(&self, name: &str) -> Option<Arc<Judge>> {
        self.judges().into_iter().find(|it| it.rule_set.name == name)
    }

    /// Start a judge and wait until it is ready.
    ///
    /// # Errors
    /// [`LoadError`]: it does not start, its rules do not compile, it takes too long. Nothing is left of it then.
    pub async fn load(
        self: &Arc<Supervisor>,
        rule_set: RuleSet,
        within: Duration,
    ) -> Result<Arc<Judge>, LoadError> {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        // Short: the path of a socket has 107 bytes at most.
        let socket = self.folder.join(format!("j{number}.sock"));
        let judge = Arc::new(Judge::new(rule_set, socket));
        let mut child = self.start(&judge)?;
        match timeout(within, ready(&judge, &mut child)).await {
            Ok(Ok(())) => {}
            Ok(Err(words)) => return Err(LoadError::Ended(words)),
            Err(_) => {
                // A failed kill means that it has ended by itself.
                let _ = child.kill().await;
                return Err(LoadError::Late(within));
            }
        }
        self.judges.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&judge));
        tokio::spawn(Arc::clone(self).keep(Arc::clone(&judge), child));
        Ok(judge)
    }

    /// End judges that `in_use` does not name, as soon as no request holds them.
    pub fn drop_unused(&self, in_use: &[Arc<Judge>]) {
        let mut judges = self.judges.lock().unwrap_or_else(PoisonError::into_inner);
        judges.retain(|judge| {
            let used = in_use.iter().any(|it| Arc::ptr_eq(it, judge));
            if !used {
                tokio::spawn(end_when_idle(Arc::clone(judge)));
            }
            used
        });
    }

    /// End all.
    pub fn end(&self) {
        for judge in self.judges.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            judge.end();
        }
    }

    fn start(&self, judge: &Judge) -> Result<Child, LoadError> {
        let mut command = Command::new(&self.engine);
        command
            .arg("--serve")
            .arg(&judge.socket)
            .arg("--until-stdin-ends")
            .arg("--name")
            .arg(&judge.rule_set.name);
        for rules in &judge.rule_set.rules {
            command.arg("--rules").arg(rules);
        }
        let path = std::env::var_os("PATH");
        command
            .env_clear()
            .envs(path.map(|it| ("PATH", it)))
            // Each arena of the C library keeps what it once had; two are enough for a judge.
            .env("MALLOC_ARENA_MAX", "2")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        judge.starts.fetch_add(1, Ordering::Relaxed);
        command.spawn().map_err(|source| LoadError::Start { engine: self.engine.clone(), source })
    }

    /// Wait for a judge to end, and start it again unless it was told to.
    async fn keep(self: Arc<Supervisor>, judge: Arc<Judge>, mut child: Child) {
        let mut wait = FIRST_WAIT;
        loop {
            let since = Instant::now();
            let words = until_end(&judge, &mut child).await;
            judge.pid.store(0, Ordering::Relaxed);
            judge.forget_connections();
            if judge.stopping.load(Ordering::Acquire) {
                break;
            }
            if since.elapsed() > STABLE {
                wait = FIRST_WAIT;
            }
            tracing::warn!(
                rule_set = judge.rule_set.name,
                words,
                wait_ms = wait.as_millis() as u64,
                "a judge ended"
            );
            loop {
                tokio::select! {
                    () = sleep(wait) => {}
                    () = judge.stop.notified() => {}
                }
                wait = (wait * 2).min(LONGEST_WAIT);
                if judge.stopping.load(Ordering::Acquire) {
                    break;
                }
                if let Ok(mut again) = self.start(&judge)
                    && matches!(timeout(LONGEST_WAIT * 3, ready(&judge, &mut again)).await, Ok(Ok(())))
                {
                    child = again;
                    break;
                }
            }
            if judge.stopping.load(Ordering::Acquire) {
                // The one that was just started, if any, ends when dropped.
                break;
            }
        }
        let _ = child.kill().await;
        // The socket may be gone already.
        let _ = std::fs::remove_file(&judge.socket);
    }
}

/// Wait until a judge answers at its socket; its words where it ends before.
async fn ready(judge: &Judge, child: &mut Child) -> Result<(), String> {
    loop {
        if let Ok((_, hello)) = judge.connect().await
            && Some(hello.pid) == child.id()
        {
            judge.pid.store(hello.pid, Ordering::Relaxed);
            judge.rules.store(hello.rules, Ordering::Relaxed);
            return Ok(());
        }
        if let Ok(Some(status)) = child.try_wait() {
            let words = last_words(child).await;
            return Err(if words.is_empty() { format!("it ended with {status}") } else { words });
        }
        sleep(Duration::from_millis(5)).await;
    }
}

/// Wait for the end, reading what it says, so that it never waits for us.
async fn until_end(judge: &Judge, child: &mut Child) -> String {
    let mut words = Vec::new();
    if let Some(mut errors) = child.stderr.take() {
        let mut piece = [0; 1024];
        loop {
            tokio::select! {
                read = errors.read(&mut piece) => match read {
                    Ok(length @ 1..) => {
                        words.extend_from_slice(&piece[..length]);
                        let more = words.len().saturating_sub(WORDS);
                        words.drain(..more);
                    }
                    Ok(0) | Err(_) => break,
                },
                () = judge.stop.notified() => break,
            }
        }
    }
    if judge.stopping.load(Ordering::Acquire) {
        let _ = child.kill().await;
    } else {
        tokio::select! {
            _ = child.wait() => {}
            () = judge.stop.notified() => {}
        }
    }
    String::from_utf8_lossy(&words).trim().to_owned()
}

async fn last_words(child: &mut Child) -> String {
    let Some(errors) = child.stderr.take() else { return String::new() };
    let mut words = Vec::new();
    // What cannot be read is not said.
    let _ = errors.take(WORDS as u64).read_to_end(&mut words).await;
    String::from_utf8_lossy(&words).trim().to_owned()
}

/// End a judge when no request holds it: the registry, the task that keeps it and this one are the others.
async fn end_when_idle(judge: Arc<Judge>) {
    const OTHERS: usize = 2;
    let give_up = Instant::now() + Duration::from_secs(600);
    while Arc::strong_count(&judge) > OTHERS && Instant::now() < give_up {
        sleep(Duration::from_millis(20)).await;
    }
    judge.end();
}
