//! Routing and modes as they were set, kept over a restart in `routing.json` of the state folder.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::{Approval, Mode, RuleSet};
use crate::judge::Judge;
use crate::routing::{Canary, Routing, Share, ShareOf};
use crate::site::Stance;

const FILE: &str = "routing.json";

/// What is kept.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    pub(crate) rule_sets: Vec<RuleSet>,
    pub(crate) current: Option<String>,
    pub(crate) shadow: Option<String>,
    pub(crate) canary: Option<SavedCanary>,
    modes: BTreeMap<String, WireMode>,
}

/// A canary by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedCanary {
    pub(crate) rule_set: String,
    pub(crate) percent: u8,
    /// `clients` or `sites`.
    #[serde(default)]
    pub(crate) of: WireOf,
    /// Keys of sites; without it at all sites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sites: Option<Vec<String>>,
}

/// What a share is of, as it is written.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WireOf {
    #[default]
    Clients,
    Sites,
}

#[derive(Debug, Serialize, Deserialize)]
struct WireMode {
    mode: String,
    approved_by: Option<String>,
    approved_on: Option<String>,
}

#[derive(Serialize, Deserialize, Default)]
struct File {
    rule_sets: Vec<WireSet>,
    current: Option<String>,
    shadow: Option<String>,
    canary: Option<SavedCanary>,
    modes: BTreeMap<String, WireMode>,
}

#[derive(Serialize, Deserialize)]
struct WireSet {
    name: String,
    rules: Vec<PathBuf>,
}

impl SavedCanary {
    /// With its judge.
    pub(crate) fn with(&self, judge: Arc<Judge>) -> Canary {
        let of = match self.of {
            WireOf::Clients => ShareOf::Clients,
            WireOf::Sites => ShareOf::Sites,
        };
        let sites = self.sites.as_deref().map(Arc::from);
        Canary { judge, share: Share { of, percent: self.percent.min(100) }, sites }
    }
}

impl Saved {
    /// Of what is in use.
    pub(crate) fn of(routing: &Routing, modes: impl Iterator<Item = (String, Arc<Stance>)>) -> Saved {
        let name = |judge: &Arc<Judge>| judge.rule_set.name.clone();
        let of = |share: Share| match share.of {
            ShareOf::Clients => WireOf::Clients,
            ShareOf::Sites => WireOf::Sites,
        };
        let mut rule_sets: Vec<RuleSet> = routing.judges().map(|it| it.rule_set.clone()).collect();
        rule_sets.dedup();
        Saved {
            rule_sets,
            current: routing.current.as_ref().map(name),
            shadow: routing.shadow.as_ref().map(name),
            canary: routing.canary.as_ref().map(|it| SavedCanary {
                rule_set: name(&it.judge),
                percent: it.share.percent,
                of: of(it.share),
                sites: it.sites.as_deref().map(<[String]>::to_vec),
            }),
            modes: modes
                .map(|(key, stance)| {
                    let approval = stance.approval.clone();
                    let (approved_by, approved_on) = approval.map(|it| (it.by, it.on)).unzip();
                    (key, WireMode { mode: stance.mode.as_str().to_owned(), approved_by, approved_on })
                })
                .collect(),
        }
    }

    /// The modes that differ from the file of sites. One that blocks without an approval is none.
    pub(crate) fn modes(&self) -> Vec<(String, Stance)> {
        let read = |(key, wire): (&String, &WireMode)| {
            let mode = Mode::parse(&wire.mode)?;
            let approval =
                wire.approved_by.clone().zip(wire.approved_on.clone()).map(|(by, on)| Approval { by, on });
            (mode != Mode::Block || approval.is_some()).then(|| (key.clone(), Stance { mode, approval }))
        };
        self.modes.iter().filter_map(read).collect()
    }

    /// What was kept; nothing where there is nothing, or nothing that can be read, which is said.
    pub(crate) fn read(folder: &Path) -> Saved {
        let path = folder.join(FILE);
        let Ok(bytes) = std::fs::read(&path) else { return Saved::default() };
        match serde_json::from_slice::<File>(&bytes) {
            Ok(file) => Saved {
                rule_sets: file
                    .rule_sets
                    .into_iter()
                    .map(|it| RuleSet { name: it.name, rules: it.rules })
                    .collect(),
                current: file.current,
                shadow: file.shadow,
                canary: file.canary,
                modes: file.modes,
            },
            Err(error) => {
                tracing::error!(path = %path.display(), %error, "routing and modes of before cannot be read; those of the file of sites count");
                Saved::default()
            }
        }
    }

    /// Keep it: written beside, then renamed.
    pub(crate) fn write(self, folder: &Path) -> std::io::Result<()> {
        let sets = self.rule_sets.into_iter().map(|it| WireSet { name: it.name, rules: it.rules }).collect();
        let file = File {
            rule_sets: sets,
            current: self.current,
            shadow: self.shadow,
            canary: self.canary,
            modes: self.modes,
        };
        let (path, beside) = (folder.join(FILE), folder.join("routing.json.new"));
        let mut out =
            std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
        out.write_all(&serde_json::to_vec_pretty(&file)?)?;
        out.sync_all()?;
        std::fs::rename(beside, path)
    }
}
