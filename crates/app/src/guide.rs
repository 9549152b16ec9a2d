//! The guide: what to do next, at most five steps, each with why, how long it takes and where it is done; a way in for a new office
//! that takes half an hour; and the dates of the year. All of it is computed from what is there: nobody ticks anything off.

use bedrail_comply::agreement::Standing;
use bedrail_comply::register::KINDS;
use bedrail_model::action::{Action, Stage};
use bedrail_store::{actions as action_rows, memberships, programme as programme_rows};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::programme::Office as Papers;
use crate::rights::Right;
use crate::vendors::VendorLine;
use crate::{Actor, Context, Error, incidents};

pub(crate) mod dates;

pub use dates::Dated;
use dates::For;

/// Steps that are shown at once.
pub const MOST_STEPS: usize = 5;
/// Dates that are shown at most.
const MOST_DATES: usize = 2_000;
/// Days of the calendar.
const YEAR: i64 = 365;
/// Members that are counted.
const MEMBERS: u32 = 2;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The stable code.
    pub code: &'static str,
    /// What, with its number.
    pub what: String,
    /// Why it comes now.
    pub why: &'static str,
    /// About how long it takes, in minutes.
    pub minutes: u32,
    /// The page where it is done.
    pub link: &'static str,
    /// What the button says.
    pub button: &'static str,
}

/// A step of the way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstStep {
    /// What.
    pub what: &'static str,
    /// What it is good for.
    pub why: &'static str,
    /// About how long it takes, in minutes.
    pub minutes: u32,
    /// The page where it is done.
    pub link: &'static str,
    /// Whether it is done; `None` where nothing shows it.
    pub done: Option<bool>,
}

/// The guide of an organisation, for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// What to do next, the most pressing first.
    pub steps: Vec<Step>,
    /// Further steps that are not shown.
    pub more: usize,
    /// The way in.
    pub first: Vec<FirstStep>,
    /// The dates of the next year, and what is late.
    pub dates: Vec<Dated>,
    /// Today.
    pub today: Date,
}

/// What the guide goes by.
#[derive(Debug)]
struct Office {
    devices: u64,
    bare_releases: u64,
    vendors: Vec<VendorLine>,
    late_requests: u64,
    looked_at: usize,
    actions_late: u64,
    undecided: u64,
    proofs: usize,
    members: usize,
}

impl Office {
    fn vendors(&self, is: impl Fn(&VendorLine) -> bool) -> u64 {
        self.vendors.iter().filter(|line| is(line)).count() as u64
    }
}

/// A row of the table of steps.
struct Rule {
    code: &'static str,
    right: Right,
    /// What to do, where there is something.
    what: fn(&Office) -> Option<String>,
    why: &'static str,
    minutes: u32,
    link: &'static str,
    button: &'static str,
}

fn some(count: u64, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        more => Some(format!("{more} {many}")),
    }
}

/// Steps, the most pressing first.
const RULES: &[Rule] = &[
    Rule {
        code: "incident",
        right: Right::HandleIncidents,
        what: |it| some(it.undecided, "incident waits for a decision", "incidents wait for a decision"),
        why: "Until somebody decides, the law presumes a breach, and its 60 days run.",
        minutes: 30,
        link: "/incidents",
        button: "See the incidents",
    },
    Rule {
        code: "late_requests",
        right: Right::KeepRegisters,
        what: |it| some(it.late_requests, "request is past its last day", "requests are past their last day"),
        why: "A person waits for an answer; the right of access is what is fined most often.",
        minutes: 20,
        link: "/registers",
        button: "Answer them",
    },
    Rule {
        code: "devices",
        right: Right::ChangeDevices,
        what: |it| (it.devices == 0).then(|| "Bring your list of devices".to_owned()),
        why: "Nothing can be judged that is not on the list.",
        minutes: 5,
        link: "/devices/import",
        button: "Import the list",
    },
    Rule {
        code: "vendors",
        right: Right::KeepProgramme,
        what: |it| it.vendors.is_empty().then(|| "List who holds data of your patients".to_owned()),
        why: "Without a list nobody can say who lacks an agreement.",
        minutes: 5,
        link: "/vendors",
        button: "Add the first vendor",
    },
    Rule {
        code: "bare_vendors",
        right: Right::KeepProgramme,
        what: |it| {
            some(
                it.vendors(|line| line.bare),
                "vendor holds ePHI without an agreement in force",
                "vendors hold ePHI without an agreement in force",
            )
        },
        why: "PHI may not flow before an agreement is signed (45 CFR 164.502(e)).",
        minutes: 30,
        link: "/vendors",
        button: "See the vendors",
    },
    Rule {
        code: "unknown_vendors",
        right: Right::KeepProgramme,
        what: |it| {
            let unknown = |line: &VendorLine| line.row.ephi == "unknown" || line.row.associate == "unknown";
            some(
                it.vendors(unknown),
                "vendor of which nobody said what it holds",
                "vendors of which nobody said what they hold",
            )
        },
        why: "What nobody knows counts as unknown, not as fine.",
        minutes: 5,
        link: "/vendors",
        button: "Say what they hold",
    },
    Rule {
        code: "agreements_end",
        right: Right::KeepProgramme,
        what: |it| {
            let soon = |line: &VendorLine| line.ends.is_some_and(|(_, left)| left <= 90);
            some(it.vendors(soon), "agreement ends within 90 days", "agreements end within 90 days")
        },
        why: "A renewal takes weeks; the day after the end PHI flows without an agreement.",
        minutes: 15,
        link: "/vendors",
        button: "Renew them",
    },
    Rule {
        code: "actions_late",
        right: Right::Decide,
        what: |it| some(it.actions_late, "action is past its day", "actions are past their day"),
        why: "What was promised and not done is the first thing that an auditor finds.",
        minutes: 20,
        link: "/actions",
        button: "See the actions",
    },
    Rule {
        code: "registers",
        right: Right::KeepRegisters,
        what: |it| {
            (it.looked_at < KINDS.len()).then(|| format!("Look at {} registers", KINDS.len() - it.looked_at))
        },
        why: "An empty register that somebody looked at is evidence; one that nobody opened is not.",
        minutes: 5,
        link: "/registers",
        button: "Open the registers",
    },
    Rule {
        code: "makers",
        right: Right::KeepProgramme,
        what: |it| {
            some(
                it.vendors(|line| line.waiting.1 > 0),
                "maker has not answered in time",
                "makers have not answered in time",
            )
        },
        why: "Without their bills of materials nobody can tell what is inside of devices.",
        minutes: 10,
        link: "/vendors",
        button: "Ask again",
    },
    Rule {
        code: "bills",
        right: Right::ChangeReleases,
        what: |it| {
            some(
                it.bare_releases,
                "release without a bill of materials",
                "releases without a bill of materials",
            )
        },
        why: "For these the answer to “are we affected?” stays: cannot tell.",
        minutes: 15,
        link: "/releases?sbom=false",
        button: "See which",
    },
    Rule {
        code: "proof",
        right: Right::KeepProgramme,
        what: |it| (it.proofs == 0).then(|| "Bring the first document that shows something".to_owned()),
        why: "A plan in a drawer shows nothing until it is here with its date.",
        minutes: 5,
        link: "/programme?state=unknown",
        button: "See what is asked",
    },
    Rule {
        code: "alone",
        right: Right::ManagePeople,
        what: |it| (it.members < 2).then(|| "Invite a second person".to_owned()),
        why: "Someone has to be able to go on while you are away.",
        minutes: 2,
        link: "/people/invite",
        button: "Invite somebody",
    },
];

/// The way in: half an hour.
fn first_steps(office: &Office) -> Vec<FirstStep> {
    let step = |what, why, minutes, link, done| FirstStep { what, why, minutes, link, done };
    let agreement = office.vendors.iter().any(|line| line.standing == Standing::Signed);
    vec![
        step(
            "Say who you are",
            "Name and kind of the organisation: the law asks other things of each kind.",
            2,
            "/organisation",
            None,
        ),
        step(
            "Bring your list of devices",
            "A CSV file as it is; columns are recognised.",
            5,
            "/devices/import",
            Some(office.devices > 0),
        ),
        step(
            "List who holds data of your patients",
            "Billing, records, cloud, shredding, cleaning of devices.",
            5,
            "/vendors",
            Some(!office.vendors.is_empty()),
        ),
        step(
            "Check one agreement",
            "Find the twelve clauses in one that you have; say where each stands.",
            8,
            "/vendors",
            Some(agreement),
        ),
        step(
            "Look at the registers",
            "Empty is fine: that somebody looked is the evidence.",
            3,
            "/registers",
            Some(office.looked_at == KINDS.len()),
        ),
        step(
            "Bring a first document",
            "A plan, a report, a picture of the notice on the wall.",
            5,
            "/programme",
            Some(office.proofs > 0),
        ),
        step(
            "Invite a second person",
            "By a link; nobody needs a mail server.",
            2,
            "/people/invite",
            Some(office.members > 1),
        ),
    ]
}

/// The guide for whoever asks: steps that they may not take are not shown.
///
/// # Errors
/// [`Error::Denied`] without the right; when the database cannot be used.
pub async fn guide(ctx: &Context, actor: &Actor) -> Result<Guide, Error> {
    let today = ctx.clock.today();
    let incidents = incidents::list(ctx, actor).await?;
    let open = || incidents.iter().filter(|row| row.incident.closed.is_none());
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let papers = Papers::read(&view, ctx.clock.now()).await?;
    let proofs = programme_rows::proofs(&view).await?;
    let actions = action_rows::all(&view).await?;
    let releases = &fleet.products.releases;
    let recent = |at: &jiff::Timestamp| (today - at.to_zoned(TimeZone::UTC).date()).get_days() <= 365;
    let office = Office {
        devices: fleet.devices.briefs.len() as u64,
        bare_releases: releases.iter().filter(|release| release.row.content.is_none()).count() as u64,
        vendors: papers.vendors.vendors.iter().map(|row| papers.vendors.line(row, today)).collect(),
        late_requests: papers.late_entries(),
        looked_at: papers.reviews.iter().filter(|(kind, (at, _))| is_register(kind) && recent(at)).count(),
        actions_late: actions.iter().filter(|it| waits(it) && it.due < today).count() as u64,
        undecided: open().filter(|row| row.decided.is_none()).count() as u64,
        proofs: proofs.iter().filter(|it| it.withdrawn.is_none()).count(),
        members: memberships::of_organisation(&view, MEMBERS).await?.len(),
    };
    let mut steps: Vec<Step> = Vec::new();
    for rule in RULES.iter().filter(|rule| actor.may(rule.right)) {
        let Some(what) = (rule.what)(&office) else { continue };
        let (code, why, minutes) = (rule.code, rule.why, rule.minutes);
        steps.push(Step { code, what, why, minutes, link: rule.link, button: rule.button });
    }
    let more = steps.len().saturating_sub(MOST_STEPS);
    steps.truncate(MOST_STEPS);
    let mut dates =
        dates::of_papers(&papers, &programme_rows::decisions(&view).await?, &proofs, For::actor(actor));
    dates.extend(dates::of_people(&view, today).await?);
    for action in actions.iter().filter(|action| waits(action)) {
        dates.push(Dated { day: action.due, what: action.what.clone(), link: "/actions".to_owned() });
    }
    for row in open() {
        if let Some(next) = &row.next {
            let what = format!("Incident {}: a notice is due", row.incident.number);
            dates.push(Dated { day: next.limit, what, link: format!("/incidents/{}", row.incident.id) });
        }
    }
    let last = today.saturating_add(YEAR.days());
    dates.retain(|date| date.day <= last);
    dates.sort();
    dates.truncate(MOST_DATES);
    Ok(Guide { steps, more, first: first_steps(&office), dates, today })
}

fn waits(action: &Action) -> bool {
    matches!(action.stage(), Stage::Open | Stage::NotShown)
}

fn is_register(kind: &str) -> bool {
    KINDS.iter().any(|it| it.code == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_in_takes_half_an_hour_and_every_step_says_why() {
        let office = Office {
            devices: 0,
            bare_releases: 0,
            vendors: Vec::new(),
            late_requests: 0,
            looked_at: 0,
            actions_late: 0,
            undecided: 0,
            proofs: 0,
            members: 1,
        };
        let first = first_steps(&office);
        assert_eq!(first.iter().map(|step| step.minutes).sum::<u32>(), 30);
        assert!(
            RULES
                .iter()
                .all(|rule| rule.why.ends_with('.') && rule.minutes > 0 && rule.link.starts_with('/'))
        );
        assert!(first.iter().skip(1).all(|step| step.done == Some(false)));
    }
}
