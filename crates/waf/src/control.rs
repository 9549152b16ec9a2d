//! The control socket: one JSON object a line in, one out. Whoever may open it (0600, in a folder of 0700) may do all of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::config::{Approval, Mode, RuleSet, is_key};
use crate::judge::Judge;
use crate::probe::{ProbeRequest, probe};
use crate::proxy::{COMPILE_TIME, Proxy, ended};
use crate::routing::Routing;
use crate::saved::SavedCanary;
use crate::site::{SiteAtWork, Stance};
use crate::status;

/// Bytes of a line: a probe of a thousand requests.
const LINE: u64 = 4 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(tag = "command", rename_all = "lowercase", deny_unknown_fields)]
enum Command {
    Status,
    /// Start a judge.
    Load {
        name: String,
        rules: Vec<PathBuf>,
        seconds: Option<u64>,
    },
    /// Say who judges. What is not named is nobody; without `current` that stays. The one that decided before is kept on standby, unless another is named.
    Route {
        current: Option<String>,
        shadow: Option<String>,
        canary: Option<SavedCanary>,
        standby: Option<String>,
    },
    /// End a judge that is not in use.
    Unload {
        name: String,
    },
    /// Set the mode of a site.
    Mode {
        site: String,
        mode: String,
        approved_by: Option<String>,
        approved_on: Option<String>,
    },
    /// Send harmless requests into a sink.
    Probe {
        site: String,
        requests: Vec<ProbeRequest>,
        /// Whether they are left out of counts and events.
        #[serde(default)]
        quiet: bool,
    },
}

/// Make the socket and answer.
pub(crate) fn start(proxy: &Arc<Proxy>) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = proxy.control_socket();
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    let proxy = Arc::clone(proxy);
    tokio::spawn(async move {
        let mut ending = proxy.ending.subscribe();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    tokio::spawn(connection(Arc::clone(&proxy), stream));
                },
                () = ended(&mut ending) => return,
            }
        }
    });
    Ok(())
}

async fn connection(proxy: Arc<Proxy>, stream: UnixStream) {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let mut line = Vec::new();
        match (&mut read).take(LINE).read_until(b'\n', &mut line).await {
            Ok(1..) if line.ends_with(b"\n") => {}
            _ => return,
        }
        let answer = match serde_json::from_slice(&line) {
            Ok(command) => match Box::pin(run(&proxy, command)).await {
                Ok(answer) => answer,
                Err(error) => json!({ "error": error }),
            },
            Err(error) => json!({ "error": format!("not understood: {error}") }),
        };
        if write.write_all(format!("{answer}\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn run(proxy: &Arc<Proxy>, command: Command) -> Result<Value, String> {
    match command {
        Command::Status => Ok(json!(status::status(proxy))),
        Command::Load { name, rules, seconds } => load(proxy, name, rules, seconds).await,
        Command::Route { current, shadow, canary, standby } => {
            route(proxy, current, shadow, canary, standby).await
        }
        Command::Unload { name } => unload(proxy, &name).await,
        Command::Mode { site, mode, approved_by, approved_on } => {
            let site = find_site(proxy, &site)?;
            let _changing = proxy.changing.lock().await;
            set_mode(proxy, site, &mode, approved_by.zip(approved_on))
        }
        Command::Probe { site, requests, quiet } => {
            let answers = probe(proxy, find_site(proxy, &site)?, &requests, quiet).await?;
            Ok(json!({ "answers": answers }))
        }
    }
}

fn find_site<'p>(proxy: &'p Proxy, key: &str) -> Result<&'p SiteAtWork, String> {
    proxy.sites.find(key).map(|it| &**it).ok_or_else(|| format!("no site has the key {key}"))
}

async fn load(
    proxy: &Arc<Proxy>,
    name: String,
    rules: Vec<PathBuf>,
    seconds: Option<u64>,
) -> Result<Value, String> {
    if !is_key(&name) {
        return Err("a name of a rule set has letters, digits and `-_.` only".to_owned());
    }
    let _changing = proxy.changing.lock().await;
    if proxy.supervisor.find(&name).is_some() {
        return Err(format!("{name} is loaded already; hint: another name for other rules"));
    }
    let within = seconds.map_or(COMPILE_TIME, Duration::from_secs);
    let judge = proxy.supervisor.load(RuleSet { name, rules }, within).await.map_err(|it| it.to_string())?;
    Ok(
        json!({ "loaded": judge.rule_set.name, "rules": judge.rules.load(std::sync::atomic::Ordering::Relaxed) }),
    )
}

async fn route(
    proxy: &Arc<Proxy>,
    current: Option<String>,
    shadow: Option<String>,
    canary: Option<SavedCanary>,
    standby: Option<String>,
) -> Result<Value, String> {
    let _changing = proxy.changing.lock().await;
    let find = |name: &str| {
        proxy.supervisor.find(name).ok_or_else(|| format!("{name} is not loaded; hint: load it first"))
    };
    let find_if = |name: Option<&str>| name.map(find).transpose();
    if canary.as_ref().is_some_and(|it| it.percent > 100) {
        return Err("a share is 0 to 100 percent".to_owned());
    }
    let before = proxy.routing.load_full();
    let next = find_if(current.as_deref())?.or_else(|| before.current.clone());
    let moved = match (&before.current, &next) {
        (Some(a), Some(b)) if !Arc::ptr_eq(a, b) => Some(Arc::clone(a)),
        _ => before.standby.clone(),
    };
    let canary = match &canary {
        Some(it) => Some(it.with(find(&it.rule_set)?)),
        None => None,
    };
    let routing = Routing {
        shadow: find_if(shadow.as_deref())?,
        standby: find_if(standby.as_deref())?.or(moved),
        current: next,
        canary,
    };
    // A judge that was routed to before and is no more is dropped; one that was just loaded waits to be.
    let in_use: Vec<Arc<Judge>> = routing.judges().cloned().collect();
    let was_used = |it: &Arc<Judge>| before.judges().any(|used| Arc::ptr_eq(used, it));
    let waiting = proxy.supervisor.judges().into_iter().filter(|it| !was_used(it));
    let kept: Vec<Arc<Judge>> = in_use.iter().cloned().chain(waiting).collect();
    proxy.routing.store(Arc::new(routing));
    drop(before);
    proxy.supervisor.drop_unused(&kept);
    saved(proxy)?;
    let names: Vec<&str> = in_use.iter().map(|it| it.rule_set.name.as_str()).collect();
    Ok(json!({ "in_use": names }))
}

async fn unload(proxy: &Arc<Proxy>, name: &str) -> Result<Value, String> {
    let _changing = proxy.changing.lock().await;
    let judge = proxy.supervisor.find(name).ok_or_else(|| format!("{name} is not loaded"))?;
    let before = proxy.routing.load_full();
    let decides = |it: &Arc<Judge>| Arc::ptr_eq(it, &judge);
    let in_use =
        [before.current.as_ref(), before.shadow.as_ref(), before.canary.as_ref().map(|it| &it.judge)];
    if in_use.into_iter().flatten().any(decides) {
        return Err(format!("{name} is in use; hint: route to another first"));
    }
    if before.standby.as_ref().is_some_and(decides) {
        proxy.routing.store(Arc::new(Routing { standby: None, ..(*before).clone() }));
    }
    drop(before);
    let kept: Vec<Arc<Judge>> = proxy.supervisor.judges().into_iter().filter(|it| !decides(it)).collect();
    drop(judge);
    proxy.supervisor.drop_unused(&kept);
    saved(proxy)?;
    Ok(json!({ "unloaded": name }))
}

fn set_mode(
    proxy: &Proxy,
    site: &SiteAtWork,
    mode: &str,
    approval: Option<(String, String)>,
) -> Result<Value, String> {
    let mode = Mode::parse(mode).ok_or("mode is `off`, `detect` or `block`")?;
    let approval = approval.filter(|(by, _)| !by.trim().is_empty()).map(|(by, on)| Approval { by, on });
    if mode == Mode::Block && approval.is_none() {
        return Err(
            "mode block needs approved_by (name and role of who answers for it) and approved_on".to_owned()
        );
    }
    site.set_stance(Stance { mode, approval });
    saved(proxy)?;
    Ok(json!({ "site": site.site.key, "mode": mode.as_str() }))
}

fn saved(proxy: &Proxy) -> Result<(), String> {
    proxy
        .save()
        .map_err(|error| format!("it is in effect, but could not be kept for the next start: {error}"))
}
