//! Every kind of background job, as a table.

use std::time::Duration;

use bedrail_model::ids::OrgId;
use futures_util::future::BoxFuture;

use super::run::{Ended, Run, Stop};
use super::{imports, upkeep};
use crate::rights::Right;
use crate::{exports, notices, programme, response};

/// What does the work of a kind.
pub(crate) type Handler = fn(Run) -> BoxFuture<'static, Result<Ended, Stop>>;

/// A kind of job.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The stable code in the database, in JSON and in metrics.
    pub code: &'static str,
    /// What it does: "fetch vulnerability data".
    pub words: &'static str,
    /// What one needs, beside the right to manage jobs, to start, stop and repeat it.
    pub right: Right,
    /// Whether it is for the whole installation.
    pub common: bool,
    /// Whether people start it from the page.
    pub by_hand: bool,
    /// How often it is begun before it has failed.
    pub attempts: u32,
    /// How long one attempt may take. Generous: it ends what hangs, not what is slow.
    pub timeout: Duration,
    pub(crate) handler: Handler,
}

const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

/// Fetches vulnerability data.
pub(crate) const FEED_UPDATE: Kind = Kind {
    code: "feed.update",
    words: "fetch vulnerability data",
    right: Right::UpdateData,
    common: true,
    by_hand: true,
    attempts: 5,
    // A full download over a slow line, and building the index.
    timeout: Duration::from_secs(3 * 3_600),
    handler: |run| Box::pin(upkeep::fetch(run)),
};

/// Fetches advisories of makers.
pub(crate) const ADVISORY_UPDATE: Kind = Kind {
    code: "advisory.update",
    words: "fetch advisories of makers",
    right: Right::UpdateData,
    common: true,
    by_hand: true,
    attempts: 3,
    timeout: HOUR,
    handler: |run| Box::pin(upkeep::advisories(run)),
};

/// Judges again what newer data touches.
pub(crate) const REMATCH: Kind = Kind {
    code: "rematch",
    words: "judge again by newer data",
    right: Right::UpdateData,
    common: true,
    by_hand: false,
    attempts: 10,
    timeout: HOUR,
    handler: |run| Box::pin(upkeep::rematch(run)),
};

/// Accepts statements by written rules, and takes back what no longer stands by them.
pub(crate) const STATEMENT_RULES: Kind = Kind {
    code: crate::vex::rule::JOB,
    words: "follow the written rules on statements",
    right: Right::TakeStatements,
    common: false,
    by_hand: false,
    attempts: 10,
    timeout: HOUR,
    handler: |run| Box::pin(upkeep::statement_rules(run)),
};

/// Looks at the campaigns of an organisation.
pub(crate) const CAMPAIGN_LOOK: Kind = Kind {
    code: crate::campaigns::JOB,
    words: "look how campaigns stand, and what shows actions to be done",
    right: Right::Decide,
    common: false,
    by_hand: true,
    attempts: 10,
    timeout: HOUR,
    handler: |run| Box::pin(upkeep::campaign_look(run)),
};

/// Looks at the campaigns of every organisation.
pub(crate) const CAMPAIGN_DAY: Kind = Kind {
    code: "campaign.day",
    words: "note how the campaigns of every organisation stand",
    right: Right::ManageJobs,
    common: true,
    by_hand: false,
    attempts: 10,
    timeout: HOUR,
    handler: |run| Box::pin(upkeep::campaign_day(run)),
};

/// Forgets what has expired.
pub(crate) const CLEAN_UP: Kind = Kind {
    code: "clean_up",
    words: "forget expired sessions, old jobs and results",
    right: Right::ManageJobs,
    common: true,
    by_hand: false,
    attempts: 5,
    timeout: Duration::from_secs(600),
    handler: |run| Box::pin(upkeep::clean_up(run)),
};

/// Shows that workers work.
pub(crate) const CHECK: Kind = Kind {
    code: "check",
    words: "check that background jobs run",
    right: Right::ManageJobs,
    common: false,
    by_hand: true,
    attempts: 100,
    timeout: MINUTE,
    handler: |run| Box::pin(upkeep::check(run)),
};

/// Sends a notice by a webhook or to a log host.
pub(crate) const SEND: Kind = Kind {
    code: "notice.send",
    words: "send a notice outside",
    right: Right::ManageOrganisation,
    common: false,
    by_hand: false,
    // With pauses up to an hour: some ten hours.
    attempts: 18,
    timeout: MINUTE,
    handler: |run| Box::pin(notices::send(run)),
};

/// Mails notices to those who want them at once.
pub(crate) const MAIL: Kind = Kind {
    code: "notice.mail",
    words: "mail notices",
    right: Right::ManageOrganisation,
    common: false,
    by_hand: false,
    attempts: 18,
    timeout: HOUR,
    handler: |run| Box::pin(notices::mail(run)),
};

/// Mails notices to those who want them once a day.
pub(crate) const DIGEST: Kind = Kind {
    code: "notice.digest",
    words: "mail the notices of the day",
    right: Right::ManageOrganisation,
    common: false,
    by_hand: false,
    attempts: 18,
    timeout: HOUR,
    handler: |run| Box::pin(notices::digest(run)),
};

/// Looks at every organisation once a day.
pub(crate) const NIGHTLY: Kind = Kind {
    code: "nightly",
    words: "look over every organisation: age of the data, old notices, digests",
    right: Right::ManageJobs,
    common: true,
    by_hand: false,
    attempts: 5,
    timeout: HOUR,
    handler: |run| Box::pin(upkeep::nightly(run)),
};

/// Tells a ticket system what became of alerts.
pub(crate) const ALERT_TICKETS: Kind = Kind {
    code: "alerts.tickets",
    words: "tell the ticket system of alerts",
    right: Right::ManageOrganisation,
    common: false,
    by_hand: false,
    attempts: 18,
    timeout: HOUR,
    handler: |run| Box::pin(crate::alerts::tickets::send(run)),
};

/// Looks over the ledger of alerts of every organisation once a day.
pub(crate) const ALERTS_NIGHTLY: Kind = Kind {
    code: "alerts.nightly",
    words: "rank alerts anew, count them again, forget old events",
    right: Right::HandleAlerts,
    common: true,
    by_hand: false,
    attempts: 5,
    timeout: Duration::from_secs(3 * 3_600),
    handler: |run| Box::pin(upkeep::alerts(run)),
};

/// Takes a long device list over.
pub(crate) const IMPORT_DEVICES: Kind = Kind {
    code: "devices.import",
    words: "take a device list over",
    right: Right::ChangeDevices,
    common: false,
    by_hand: false,
    attempts: 5,
    timeout: HOUR,
    handler: |run| Box::pin(imports::devices(run)),
};

/// Adds a long bill of materials.
pub(crate) const IMPORT_SBOM: Kind = Kind {
    code: "sbom.add",
    words: "add a bill of materials",
    right: Right::ChangeReleases,
    common: false,
    by_hand: false,
    attempts: 5,
    timeout: HOUR,
    handler: |run| Box::pin(imports::sbom(run)),
};

/// Writes the list of devices as a file.
pub(crate) const EXPORT_DEVICES: Kind = Kind {
    code: "export.devices",
    words: "write the list of devices as a file",
    right: Right::SeeFleet,
    common: false,
    by_hand: false,
    attempts: 5,
    timeout: HOUR,
    handler: |run| Box::pin(exports::write_devices(run)),
};

/// Writes an answer as a file.
pub(crate) const EXPORT_ANSWER: Kind = Kind {
    code: "export.affected",
    words: "write who is affected as a file",
    right: Right::SeeFleet,
    common: false,
    by_hand: false,
    attempts: 5,
    timeout: HOUR,
    handler: |run| Box::pin(exports::write_answer(run)),
};

/// Writes the audit log as a file.
pub(crate) const EXPORT_AUDIT: Kind = Kind {
    code: "export.audit",
    words: "write the audit log as a file",
    right: Right::SeeAudit,
    common: false,
    by_hand: false,
    attempts: 5,
    timeout: HOUR,
    handler: |run| Box::pin(exports::write_audit(run)),
};

/// Seals an evidence binder.
pub(crate) const EXPORT_EVIDENCE: Kind = Kind {
    code: "export.evidence",
    words: "seal an evidence binder",
    right: Right::SeeAudit,
    common: false,
    by_hand: false,
    attempts: 5,
    timeout: HOUR,
    handler: |run| Box::pin(programme::write_binder(run)),
};

/// Writes down how the programme of every organisation stands.
pub(crate) const PROGRAMME_DAY: Kind = Kind {
    code: "programme.day",
    words: "note how every requirement of the programme stands",
    right: Right::ManageJobs,
    common: true,
    by_hand: false,
    attempts: 10,
    timeout: HOUR,
    handler: |run| Box::pin(programme::note_all(run)),
};

/// Writes the pack for incidents of every organisation.
pub(crate) const RESPONSE_PACK: Kind = Kind {
    code: "response.pack",
    words: "write the response pack of the day",
    right: Right::HandleIncidents,
    common: true,
    by_hand: false,
    attempts: 10,
    timeout: HOUR,
    handler: |run| Box::pin(response::refresh_all(run)),
};
/// Looks after the people of every organisation.
pub(crate) const WORKFORCE_NIGHT: Kind = Kind {
    code: "workforce.night",
    words: "assign what people sign and learn, and remind them",
    right: Right::ManageJobs,
    common: true,
    by_hand: false,
    attempts: 10,
    timeout: HOUR,
    handler: |run| Box::pin(crate::workforce::night::all(run)),
};

/// All kinds.
pub const KINDS: &[Kind] = &[
    FEED_UPDATE,
    ADVISORY_UPDATE,
    REMATCH,
    STATEMENT_RULES,
    CAMPAIGN_LOOK,
    CAMPAIGN_DAY,
    CLEAN_UP,
    NIGHTLY,
    ALERTS_NIGHTLY,
    ALERT_TICKETS,
    SEND,
    MAIL,
    DIGEST,
    IMPORT_DEVICES,
    IMPORT_SBOM,
    EXPORT_DEVICES,
    EXPORT_ANSWER,
    EXPORT_AUDIT,
    EXPORT_EVIDENCE,
    PROGRAMME_DAY,
    RESPONSE_PACK,
    WORKFORCE_NIGHT,
    CHECK,
];

impl Kind {
    /// The kind of a code.
    pub fn of(code: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.code == code)
    }

    /// What makes two jobs of a kind that knows no more than its organisation the same work.
    pub(crate) fn unique_for(&self, org: Option<OrgId>) -> String {
        match org.filter(|_| !self.common) {
            Some(org) => format!("{} {org}", self.code),
            None => self.code.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_limits_are_set() {
        for (index, kind) in KINDS.iter().enumerate() {
            assert!(KINDS[..index].iter().all(|other| other.code != kind.code), "{}", kind.code);
            assert!(kind.attempts > 0 && !kind.timeout.is_zero(), "{}", kind.code);
            assert!(kind.words.starts_with(|first: char| first.is_ascii_lowercase()), "{}", kind.words);
        }
    }
}
