//! The proxy that runs, by its control socket.

use std::path::{Path, PathBuf};

use bedrail_waf::cli;
use bedrail_waf_rules::request::Request;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::RulesError;

/// A proxy, by its state folder.
#[derive(Debug, Clone)]
pub struct Control {
    state: PathBuf,
}

/// What the proxy says of itself, as far as it is used here.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ProxyStatus {
    /// Its judges.
    pub judges: Vec<JudgeStatus>,
    /// Its sites.
    pub sites: Vec<SiteStatus>,
}

/// A judge of the proxy.
#[derive(Debug, Clone, Deserialize)]
pub struct JudgeStatus {
    /// The name of its rule set.
    pub rule_set: String,
    /// What it does; empty: it waits.
    pub roles: Vec<String>,
    /// Where it answers.
    pub socket: PathBuf,
    /// 0 while it is being restarted.
    pub pid: u32,
    /// Requests judged.
    pub judged: u64,
    /// Requests without a verdict.
    pub failed: u64,
    /// As a shadow: objected where the one that decided did not.
    pub new_objections: u64,
}

/// A site of the proxy.
#[derive(Debug, Clone, Deserialize)]
pub struct SiteStatus {
    /// Its key.
    pub key: String,
    /// The beginning of its paths.
    pub path: String,
    /// `off`, `detect`, `block`.
    pub mode: String,
    /// Requests so far.
    pub requests: u64,
    /// Requests that were refused because rules object.
    pub blocked: u64,
    /// Requests that the device did not answer, or answered too late.
    pub device_failed: u64,
}

/// How the proxy begins when it cannot read a request of a probe.
const UNREAD: &str = "request ";

#[derive(Deserialize)]
struct ProbeAnswers {
    answers: Vec<ProbeAnswer>,
}

#[derive(Deserialize)]
struct ProbeAnswer {
    outcome: String,
    objected: bool,
}

/// Who judges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// Decides. `None`: as it is.
    pub current: Option<String>,
    /// Is compared.
    pub shadow: Option<String>,
    /// Has a share of the clients of some sites.
    pub canary: Option<(String, u8, Vec<String>)>,
    /// Is ready to go back to.
    pub standby: Option<String>,
}

impl Route {
    /// All rule sets that it names.
    pub fn names(&self) -> Vec<&str> {
        let canary = self.canary.as_ref().map(|it| &it.0);
        let all = [self.current.as_ref(), self.shadow.as_ref(), canary, self.standby.as_ref()];
        all.into_iter().flatten().map(String::as_str).collect()
    }
}

impl Control {
    /// The proxy with this state folder.
    pub fn new(state: &Path) -> Control {
        Control { state: state.to_owned() }
    }

    fn wrong(&self, reason: impl Into<String>) -> RulesError {
        RulesError::Proxy { state: self.state.display().to_string(), reason: reason.into() }
    }

    fn say(&self, line: &Value) -> Result<Value, RulesError> {
        let answer = cli::say(&self.state, &line.to_string()).map_err(|error| {
            self.wrong(format!("{error}; hint: it is started with `bedrail waf run`, by the same user"))
        })?;
        let answer: Value = serde_json::from_str(&answer)
            .map_err(|error| self.wrong(format!("its answer is not understood: {error}")))?;
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => Err(self.wrong(error)),
            None => Ok(answer),
        }
    }

    /// Its status.
    ///
    /// # Errors
    /// [`RulesError::Proxy`].
    pub fn status(&self) -> Result<ProxyStatus, RulesError> {
        let answer = self.say(&json!({ "command": "status" }))?;
        serde_json::from_value(answer)
            .map_err(|error| self.wrong(format!("its status is not understood: {error}")))
    }

    /// All that it says of itself.
    ///
    /// # Errors
    /// [`RulesError::Proxy`].
    pub fn raw_status(&self) -> Result<Value, RulesError> {
        self.say(&json!({ "command": "status" }))
    }

    /// Has it judge harmless requests as it judges any other, without an event and without a byte for the device. Of each: whether it
    /// was refused, and whether rules object. What no client could send counts as refused.
    ///
    /// # Errors
    /// [`RulesError::Proxy`].
    pub fn probe(&self, site: &str, requests: &[Request]) -> Result<Vec<(bool, bool)>, RulesError> {
        let one = |it: &Request| {
            json!({
                "method": it.method, "target": it.target, "headers": it.headers,
                "body": String::from_utf8_lossy(&it.body),
            })
        };
        let line = |some: &[Request]| {
            let requests: Vec<Value> = some.iter().map(one).collect();
            json!({ "command": "probe", "site": site, "quiet": true, "requests": requests })
        };
        let said = match self.say(&line(requests)) {
            Ok(said) => said,
            // One of them cannot be read: each by itself.
            Err(RulesError::Proxy { reason, .. }) if reason.starts_with(UNREAD) => {
                let [_] = requests else {
                    let parts = requests.chunks(1).map(|it| self.probe(site, it));
                    return Ok(parts.collect::<Result<Vec<_>, _>>()?.concat());
                };
                return Ok(vec![(true, true)]);
            }
            Err(error) => return Err(error),
        };
        let answers: ProbeAnswers = serde_json::from_value(said)
            .map_err(|error| self.wrong(format!("its answer is not understood: {error}")))?;
        if answers.answers.len() != requests.len() {
            return Err(self.wrong("it answers fewer requests than it was sent"));
        }
        Ok(answers.answers.iter().map(|it| (it.outcome == "block", it.objected)).collect())
    }

    /// Has it start a judge.
    ///
    /// # Errors
    /// [`RulesError::Proxy`] with the words of the judge.
    pub fn load(&self, name: &str, rules: &Path) -> Result<(), RulesError> {
        self.say(&json!({ "command": "load", "name": name, "rules": [rules] })).map(drop)
    }

    /// Says who judges.
    ///
    /// # Errors
    /// [`RulesError::Proxy`].
    pub fn route(&self, route: &Route) -> Result<(), RulesError> {
        let canary = route.canary.as_ref();
        let canary = canary
            .map(|(name, percent, sites)| json!({ "rule_set": name, "percent": percent, "sites": sites }));
        let line = json!({
            "command": "route", "current": route.current, "shadow": route.shadow,
            "canary": canary, "standby": route.standby,
        });
        self.say(&line).map(drop)
    }

    /// Ends a judge that decides nothing.
    ///
    /// # Errors
    /// [`RulesError::Proxy`].
    pub fn unload(&self, name: &str) -> Result<(), RulesError> {
        self.say(&json!({ "command": "unload", "name": name })).map(drop)
    }
}
