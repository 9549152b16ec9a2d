//! Alerts: sources, work items, policies, the account.

use std::collections::BTreeMap;

use bedrail_app::alerts::Source;
use bedrail_app::alerts::kept::KeptEvent;
use bedrail_app::alerts::policy::Policy;
use bedrail_app::alerts::prove::{Disposition, OfSource, OfWard, Proof, Spread, Verdict};
use bedrail_app::alerts::receive::Receipt;
use bedrail_app::alerts::short;
use bedrail_app::alerts::work::{Closing, Detail, Happened, Item, Queue, Why};
use serde::Serialize;
use utoipa::ToSchema;

use super::PageView;
use super::alert_desk::{AlertLinkView, AlertPauseView, DecisionOfAlertView, PauseCountView, ShiftWorkView};
use crate::rank;

/// A source of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertSourceView {
    /// Id.
    id: String,
    /// What people call it.
    name: String,
    /// `eve`, `modsecurity`, `coraza`, `wazuh`, `cef`, `syslog`, `mapped`; `null` is told line by line.
    kind: Option<&'static str>,
    /// The mapping file of a source of kind `mapped`.
    mapping: Option<String>,
    /// The zone of times that name none; `null` is UTC.
    zone: Option<String>,
    /// Our own networks, beside those that are never routed outside.
    own: Vec<String>,
    /// The highest severity number of plain syslog that is an alert (RFC 5424: 0 to 7).
    syslog_severity: u8,
    /// Whether a file of the machine is followed.
    followed: bool,
    /// Days that events are kept.
    keep_days: u32,
    /// Minutes without anything after which it counts as silent.
    silent_minutes: Option<u32>,
    /// RFC 3339.
    added: String,
    /// When something last came, RFC 3339.
    heard: Option<String>,
    /// Whether nothing has come for longer than it may be silent.
    silent: bool,
    /// What was wrong with it last.
    trouble: Option<String>,
}

impl From<&Source> for AlertSourceView {
    fn from(it: &Source) -> AlertSourceView {
        let settings = &it.settings;
        AlertSourceView {
            id: it.id.to_string(),
            name: settings.name.clone(),
            kind: settings.kind.map(bedrail_model::alert::SourceKind::code),
            mapping: settings.mapping.clone(),
            zone: settings.zone.clone(),
            own: settings.own.iter().map(ToString::to_string).collect(),
            syslog_severity: settings.syslog_severity,
            followed: settings.path.is_some(),
            keep_days: settings.keep_days,
            silent_minutes: settings.silent_minutes,
            added: it.added.to_string(),
            heard: it.heard.map(|at| at.to_string()),
            silent: it.silent,
            trouble: it.trouble.as_ref().map(|(text, _)| text.clone()),
        }
    }
}

/// What was received: each line is one of the four.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptView {
    /// Lines.
    lines: u64,
    /// Alerts.
    events: u64,
    /// Readings of the source's own counters.
    counters: u64,
    /// Well understood, and no alert.
    no_alerts: u64,
    /// Not understood.
    not_understood: u64,
    /// Why lines were not understood, by the code of the reason.
    reasons: BTreeMap<String, u64>,
    /// Work items that were opened.
    opened: u64,
    /// Work items that came again after they were closed.
    reopened: u64,
}

impl From<&Receipt> for ReceiptView {
    fn from(it: &Receipt) -> ReceiptView {
        ReceiptView {
            lines: it.lines,
            events: it.events,
            counters: it.counters,
            no_alerts: it.no_alerts,
            not_understood: it.not_understood,
            reasons: it.reasons.clone(),
            opened: it.opened,
            reopened: it.reopened,
        }
    }
}

/// How a work item was closed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClosingView {
    /// The code of the reason.
    reason: &'static str,
    /// Why, in a sentence.
    sentence: String,
    /// RFC 3339.
    at: String,
    /// By whom; of what was closed elsewhere, by which system and person.
    by: String,
    /// By which written policy, by id.
    policy: Option<String>,
}

impl From<&Closing> for ClosingView {
    fn from(it: &Closing) -> ClosingView {
        ClosingView {
            reason: it.reason.code(),
            sentence: it.sentence.clone(),
            at: it.at.to_string(),
            by: it.by.clone(),
            policy: it.policy.map(|id| id.to_string()),
        }
    }
}

/// A work item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertItemView {
    /// Id.
    id: String,
    /// The short number, as on the printed list: nine digits, the last one checks the others.
    number: String,
    /// The source, by name.
    source: String,
    /// The id of the rule, as the source has it.
    rule: String,
    /// What the rules' author calls it.
    rule_name: Option<String>,
    /// `unknown`, `none`, `low`, `medium`, `high`, `critical`.
    severity: &'static str,
    /// The device, by id.
    device: Option<String>,
    /// What people call the device.
    device_name: Option<String>,
    /// The address, of the device or of nobody's.
    address: Option<String>,
    /// The attacker's network.
    attacker: Option<String>,
    /// The class of the path.
    path: String,
    /// `blocked`, `allowed`, `unknown`, `success`.
    outcome: &'static str,
    /// Events; needed to close it, so that nobody closes what they have not seen.
    events: u64,
    /// How often they happened, as the source counts.
    times: u64,
    /// The first event, RFC 3339.
    first: String,
    /// The last event, RFC 3339.
    last: String,
    /// When to act: `immediate`, `out-of-cycle`, `scheduled`, `defer`.
    when: &'static str,
    /// When it was opened, for the last time, RFC 3339.
    opened: String,
    /// By when somebody is to have it, RFC 3339.
    take_by: String,
    /// By when somebody is to have said what it is, RFC 3339.
    decide_by: String,
    /// By when it is to be closed, RFC 3339.
    close_by: String,
    /// Whether it is open and past the time of its next step.
    late: bool,
    /// Who has it.
    owner: Option<String>,
    /// Since when, RFC 3339.
    taken: Option<String>,
    /// How it was closed; `null` while it is open.
    closed: Option<ClosingView>,
    /// How often it came again after it was closed.
    reopened: u64,
    /// How often somebody was told that nobody has it.
    told: u64,
    /// What somebody made of it last.
    decision: Option<DecisionOfAlertView>,
    /// Until when its clocks stand still, RFC 3339; `null` while they run.
    paused_until: Option<String>,
}

impl From<&Item> for AlertItemView {
    fn from(it: &Item) -> AlertItemView {
        let [take_by, decide_by, close_by] = it.due.map(|due| due.to_string());
        AlertItemView {
            id: it.id.to_string(),
            number: short::of(it.id),
            source: it.source.1.clone(),
            rule: it.rule.0.clone(),
            rule_name: it.rule.1.clone(),
            severity: it.severity.code(),
            device: it.device.as_ref().map(|(id, _)| id.to_string()),
            device_name: it.device.as_ref().map(|(_, name)| name.clone()),
            address: it.address.map(|address| address.to_string()),
            attacker: it.attacker.clone(),
            path: it.path.clone(),
            outcome: it.outcome.code(),
            events: it.events.0,
            times: it.events.1,
            first: it.span.0.to_string(),
            last: it.span.1.to_string(),
            when: it.when.code(),
            opened: it.opened.to_string(),
            take_by,
            decide_by,
            close_by,
            late: it.late,
            owner: it.taken.as_ref().map(|(owner, _)| owner.clone()),
            taken: it.taken.as_ref().map(|(_, at)| at.to_string()),
            closed: it.closed.as_ref().map(ClosingView::from),
            reopened: it.reopened,
            told: it.told,
            decision: it.decision.as_ref().map(DecisionOfAlertView::from),
            paused_until: it.paused_until.map(|until| until.to_string()),
        }
    }
}

/// Open items by when to act.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenItems {
    /// When to act: `immediate`, `out-of-cycle`, `scheduled`, `defer`.
    when: &'static str,
    /// Items.
    items: u64,
}

/// A page of work items, and how many open ones there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertQueue {
    #[serde(flatten)]
    page: PageView<AlertItemView>,
    /// Whether there may be more than `total` says: where texts, names or closed items are asked for, not all are counted.
    at_least: bool,
    /// Open items by when to act, the most urgent first.
    open: Vec<OpenItems>,
}

impl AlertQueue {
    /// Of a queue.
    pub(crate) fn of(it: &Queue) -> AlertQueue {
        let open = it.open.iter().map(|(when, items)| OpenItems { when: when.code(), items: *items });
        AlertQueue { page: PageView::of(&it.page), at_least: it.at_least, open: open.collect() }
    }
}

/// What happened to a work item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertStepView {
    /// RFC 3339.
    at: String,
    /// `taken`, `handed_over`, `decided`, `judged`, `paused`, `resumed`, `linked`, `unlinked`, `closed`, `reopened`, `comment`,
    /// `told_duty`, `told_deputy`, `told`.
    kind: String,
    /// Who.
    who: String,
    /// Said with it.
    text: String,
}

impl From<&Happened> for AlertStepView {
    fn from(it: &Happened) -> AlertStepView {
        AlertStepView {
            at: it.at.to_string(),
            kind: it.kind.clone(),
            who: it.who.clone(),
            text: it.text.clone(),
        }
    }
}

/// An event, as it is kept: an allow-list, without addresses of pages, users, bodies.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptEventView {
    /// RFC 3339.
    at: String,
    /// What was wrong with its time.
    time_flaw: Option<String>,
    /// The sensor that saw it.
    sensor: Option<String>,
    /// Where it came from.
    from: Option<String>,
    /// From which port.
    from_port: Option<u16>,
    /// Where it went to.
    to: Option<String>,
    /// To which port.
    to_port: Option<u16>,
    /// How often it happened, as the source counts.
    count: u64,
    /// SHA-256 of the line as received, in hexadecimal.
    original: String,
}

impl From<&KeptEvent> for KeptEventView {
    fn from(it: &KeptEvent) -> KeptEventView {
        KeptEventView {
            at: it.at().to_string(),
            time_flaw: it.time_flaw().map(str::to_owned),
            sensor: it.sensor.clone(),
            from: it.from.map(|address| address.to_string()),
            from_port: it.from_port,
            to: it.to.map(|address| address.to_string()),
            to_port: it.to_port,
            count: it.count,
            original: it.original.clone(),
        }
    }
}

/// A work item with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertDetailView {
    /// The item.
    item: AlertItemView,
    /// By what it is judged when to act on it.
    why: AlertWhyView,
    /// What happened to it, the oldest first.
    steps: Vec<AlertStepView>,
    /// Its pauses, the oldest first.
    pauses: Vec<AlertPauseView>,
    /// What it belongs to.
    links: Vec<AlertLinkView>,
    /// Its newest events.
    newest_events: Vec<KeptEventView>,
    /// Whether some of its events are not shown: they are kept no longer, or there are many.
    events_missing: bool,
}

/// By what it is judged when to act on a work item, as it is known now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertWhyView {
    /// When to act by that: `immediate`, `out-of-cycle`, `scheduled`, `defer`.
    when: &'static str,
    /// How it ended: `blocked`, `allowed`, `unknown`, `success`.
    outcome: &'static str,
    /// How severe the rule's author finds it.
    severity: &'static str,
    /// How far the device can be reached: `outside`, `unknown`, `flat`, `isolated`, `offline`.
    exposure: &'static str,
    /// What a failure of such a device can do to a patient; `null` where that is not known, which counts as `critical`.
    harm: Option<&'static str>,
    /// Weaknesses that its rule names and that are open on its device, or of which that cannot be told.
    weaknesses: Vec<String>,
    /// In a sentence.
    sentence: String,
}

impl From<&Why> for AlertWhyView {
    fn from(it: &Why) -> AlertWhyView {
        AlertWhyView {
            when: it.when().code(),
            outcome: it.judged.outcome.code(),
            severity: it.judged.severity.code(),
            exposure: it.judged.exposure.code(),
            harm: it.judged.harm.map(bedrail_app::priority::Harm::code),
            weaknesses: it.weaknesses.clone(),
            sentence: rank::alert_sentence(it),
        }
    }
}

impl From<&Detail> for AlertDetailView {
    fn from(it: &Detail) -> AlertDetailView {
        AlertDetailView {
            item: AlertItemView::from(&it.item),
            why: AlertWhyView::from(&it.why),
            steps: it.steps.iter().map(AlertStepView::from).collect(),
            pauses: it.pauses.iter().map(AlertPauseView::from).collect(),
            links: it.links.iter().map(AlertLinkView::from).collect(),
            newest_events: it.events.iter().map(KeptEventView::from).collect(),
            events_missing: it.events_missing,
        }
    }
}

/// A written policy.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertPolicyView {
    /// Id.
    id: String,
    /// What people call it.
    name: String,
    /// Why such items may be closed.
    sentence: String,
    /// The code of the reason that stands at them.
    reason: &'static str,
    /// The id of the rule.
    rule: String,
    /// Of this source only, by id.
    source: Option<String>,
    /// From this network only.
    attacker: Option<String>,
    /// On this device only, by id.
    device: Option<String>,
    /// Of this class of path only.
    path: Option<String>,
    /// Whether it closes what was not stopped, too. No policy closes a sign of success.
    not_stopped: bool,
    /// RFC 3339.
    approved: String,
    /// By whom.
    approver: String,
    /// When it ends by itself, RFC 3339.
    expires: String,
    /// When it was ended, RFC 3339.
    ended: Option<String>,
    /// Whether it closes anything now.
    in_force: bool,
}

impl From<&Policy> for AlertPolicyView {
    fn from(it: &Policy) -> AlertPolicyView {
        let new = &it.new;
        AlertPolicyView {
            id: it.id.to_string(),
            name: new.name.clone(),
            sentence: new.sentence.clone(),
            reason: new.reason.code(),
            rule: new.rule.clone(),
            source: new.source.map(|id| id.to_string()),
            attacker: new.attacker.clone(),
            device: new.device.map(|id| id.to_string()),
            path: new.path.clone(),
            not_stopped: new.not_stopped,
            approved: it.approved.0.to_string(),
            approver: it.approved.1.clone(),
            expires: it.expires.to_string(),
            ended: it.ended.map(|at| at.to_string()),
            in_force: it.in_force,
        }
    }
}

/// What became of events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DispositionView {
    /// `open`, `taken`, or the code of the reason for which their items were closed.
    disposition: String,
    /// Whether a written policy closed them.
    by_policy: bool,
    /// Events.
    events: u64,
    /// Items.
    items: u64,
}

impl From<&Disposition> for DispositionView {
    fn from(it: &Disposition) -> DispositionView {
        DispositionView {
            disposition: it.code.clone(),
            by_policy: it.by_policy,
            events: it.events,
            items: it.items,
        }
    }
}

/// The account of one source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountOfSourceView {
    /// The source, by name.
    source: String,
    /// Lines received.
    lines: u64,
    /// Of them readings of the source's own counters.
    counters: u64,
    /// Of them no alerts.
    no_alerts: u64,
    /// Of them not understood.
    not_understood: u64,
    /// Events received.
    events_in: u64,
    /// Events that belong to items.
    events_accounted: u64,
    /// Alerts that the source says to have raised between its readings; `null` where it says nothing.
    source_reported: Option<u64>,
    /// Alerts that the source says to have lost itself.
    source_lost: Option<u64>,
    /// Events received between the same readings.
    compared: u64,
    /// Alerts that it says to have raised and that did not come; negative where more came.
    difference: Option<i64>,
    /// How often its counters went back although it was not started anew.
    counters_went_back: u64,
    /// Files that were rotated away before they were read to their end.
    files_lost: u64,
    /// Messages that their senders numbered and that did not come; `null` where none is known to be missing.
    numbers_missed: Option<u64>,
}

impl From<&OfSource> for AccountOfSourceView {
    fn from(it: &OfSource) -> AccountOfSourceView {
        AccountOfSourceView {
            source: it.source.1.clone(),
            lines: it.lines.all(),
            counters: it.lines.counters,
            no_alerts: it.lines.no_alerts,
            not_understood: it.lines.not_understood,
            events_in: it.events_in,
            events_accounted: it.events_accounted,
            source_reported: it.source_reported,
            source_lost: it.source_lost,
            compared: it.compared,
            difference: it.difference(),
            counters_went_back: it.lies,
            files_lost: it.gaps,
            numbers_missed: it.missed,
        }
    }
}

/// How long something took.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpreadView {
    /// How often it was done.
    count: u64,
    /// Half were quicker: seconds.
    p50_seconds: i64,
    /// Nine of ten were quicker: seconds.
    p90_seconds: i64,
    /// How many were too late.
    missed: u64,
}

impl From<Spread> for SpreadView {
    fn from(it: Spread) -> SpreadView {
        SpreadView { count: it.count, p50_seconds: it.p50, p90_seconds: it.p90, missed: it.missed }
    }
}

/// Work of a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkView {
    /// Who; or which shift.
    who: String,
    /// Items taken.
    taken: u64,
    /// Items closed.
    closed: u64,
}

/// A rule with its events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleCountView {
    /// Id.
    rule: String,
    /// Name.
    name: Option<String>,
    /// Events.
    events: u64,
    /// Items.
    items: u64,
}

/// The account of a period: what was received, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// The first day of receipt, in UTC.
    from: String,
    /// The last day.
    to: String,
    /// Whether every line and every event that was received is accounted for.
    holds: bool,
    /// What can be said of the period: `whole`, `not_all_came`, `nothing_came` or `wrong`.
    verdict: &'static str,
    /// Lines received.
    lines: u64,
    /// Events received.
    events_in: u64,
    /// Events that belong to items.
    events_accounted: u64,
    /// Alerts that the sources say to have raised between their readings, of those that say.
    source_reported: Option<u64>,
    /// Items that got events.
    items: u64,
    /// By what became of the events.
    by_disposition: Vec<DispositionView>,
    /// Source by source.
    sources: Vec<AccountOfSourceView>,
    /// Why lines were not understood, by the code of the reason.
    not_understood: BTreeMap<String, u64>,
    /// From the opening of an item until somebody took it.
    time_to_acknowledge: SpreadView,
    /// From the opening of an item until somebody said what it is.
    time_to_decide: SpreadView,
    /// From the opening of an item until it was closed.
    time_to_close: SpreadView,
    /// Work by person.
    by_person: Vec<WorkView>,
    /// Work by shift, in UTC.
    by_shift: Vec<WorkView>,
    /// Work by person and shift, where the organisation is.
    by_person_and_shift: Vec<ShiftWorkView>,
    /// Pauses that began, by their reasons.
    pauses: Vec<PauseCountView>,
    /// The rules with the most events.
    rules: Vec<RuleCountView>,
    /// Events by ward, the most first.
    by_ward: Vec<WardCountView>,
}

/// A ward with its events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WardCountView {
    /// Whether the events belong to known devices.
    known_device: bool,
    /// The site; empty where none is said.
    site: String,
    /// The ward; empty where none is said.
    ward: String,
    /// Events.
    events: u64,
    /// Items.
    items: u64,
}

impl From<&OfWard> for WardCountView {
    fn from(it: &OfWard) -> WardCountView {
        let (site, ward) = it.place.clone().unwrap_or_default();
        WardCountView { known_device: it.place.is_some(), site, ward, events: it.events, items: it.items }
    }
}

/// Names of the shifts.
pub(crate) const SHIFTS: [&str; 3] = ["night, 22 to 6", "early, 6 to 14", "late, 14 to 22"];

impl From<&Proof> for AccountView {
    fn from(it: &Proof) -> AccountView {
        let reported = it.sources.iter().filter_map(|source| source.source_reported);
        let work = |(who, taken, closed): &(String, u64, u64)| WorkView {
            who: who.clone(),
            taken: *taken,
            closed: *closed,
        };
        let shifts = SHIFTS.iter().zip(it.times.by_shift);
        AccountView {
            from: it.period.from.to_string(),
            to: it.period.to.to_string(),
            holds: it.holds(),
            verdict: match it.verdict() {
                Verdict::Whole => "whole",
                Verdict::NotAllCame => "not_all_came",
                Verdict::NothingCame => "nothing_came",
                Verdict::Wrong => "wrong",
            },
            lines: it.all_lines,
            events_in: it.events_in,
            events_accounted: it.events_accounted,
            source_reported: reported.reduce(u64::saturating_add),
            items: it.items,
            by_disposition: it.by_disposition.iter().map(DispositionView::from).collect(),
            sources: it.sources.iter().map(AccountOfSourceView::from).collect(),
            not_understood: it.reasons.clone(),
            time_to_acknowledge: it.times.taking.into(),
            time_to_decide: it.times.deciding.into(),
            time_to_close: it.times.closing.into(),
            by_person: it.times.by_person.iter().map(work).collect(),
            by_shift: shifts
                .map(|(who, (taken, closed))| work(&((*who).to_owned(), taken, closed)))
                .collect(),
            by_ward: it.wards.iter().map(WardCountView::from).collect(),
            by_person_and_shift: it.shifts.iter().map(ShiftWorkView::from).collect(),
            pauses: it.pauses.iter().map(PauseCountView::from).collect(),
            rules: it
                .rules
                .iter()
                .map(|(rule, name, events, items)| RuleCountView {
                    rule: rule.clone(),
                    name: name.clone(),
                    events: *events,
                    items: *items,
                })
                .collect(),
        }
    }
}
