//! Notices: what people should hear of without looking. [`KINDS`] lists them. A notice is kept by the transaction of
//! what it tells of; background jobs carry it outside by the channels that the organisation set up.

mod channels;
mod mail;
mod send;
#[cfg(test)]
mod tests;

use bedrail_model::ids::{AccountId, AlertItemId, NoticeId};
use bedrail_store::alerts::answers;
use bedrail_store::notices::{self as rows, Mark, NewNotice, NoticeRow};
use bedrail_store::{Change, View, jobs as job_rows};
use jiff::{SignedDuration, Timestamp};

pub(crate) use channels::webhook;
pub use channels::{
    Channel, ChannelState, MailSettings, SetChannel, SetUp, SyslogSettings, Tls, WebhookSettings, channels,
    remove_channel, set_channel, test_channel,
};
pub(crate) use mail::{digest, mail};
pub(crate) use send::{post, send};

use crate::jobs::{self, kinds as job_kinds};
use crate::organisations::Round;
use crate::rights::Right;
use crate::seen::{self, Fields, Seen};
use crate::{Actor, Context, Error};

/// How often a person hears of a kind of notice by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Within a minute; what comes together is one mail.
    Now,
    /// One mail a day with all of them.
    Daily,
    /// Only on the page.
    Never,
}

impl Pace {
    /// All paces, in the order they are offered.
    pub const ALL: [Pace; 3] = [Pace::Now, Pace::Daily, Pace::Never];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Pace::Now => "now",
            Pace::Daily => "daily",
            Pace::Never => "never",
        }
    }

    /// The pace of a stable code.
    pub fn from_code(code: &str) -> Option<Pace> {
        Pace::ALL.into_iter().find(|pace| pace.code() == code)
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Pace::Now => "at once",
            Pace::Daily => "once a day",
            Pace::Never => "only on the page",
        }
    }
}

/// A kind of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The stable code.
    pub code: &'static str,
    /// What it tells of: "a weakness that is known to be exploited touches our devices".
    pub words: &'static str,
    /// What one needs to see it.
    pub right: Right,
    /// How often it is mailed to who did not choose.
    pub pace: Pace,
}

/// A weakness that is known to be exploited touches devices.
pub(crate) const EXPLOITED: Kind = Kind {
    code: "exploited",
    words: "a weakness that is known to be exploited touches our devices",
    right: Right::SeeFleet,
    pace: Pace::Daily,
};
/// An advisory that was taken in calls releases affected that it did not before.
pub(crate) const ADVISORY: Kind = Kind {
    code: "advisory",
    words: "an advisory newly says that a product of ours is affected",
    right: Right::SeeFleet,
    pace: Pace::Daily,
};
/// The vulnerability data is old or not whole.
pub(crate) const DATA_STALE: Kind = Kind {
    code: "data.stale",
    words: "the vulnerability data is old or not whole",
    right: Right::SeeJobs,
    pace: Pace::Daily,
};
/// A background job failed for good.
pub(crate) const JOB_FAILED: Kind =
    Kind { code: "job.failed", words: "a background job failed", right: Right::SeeJobs, pace: Pace::Daily };
/// Somebody became a member, got other roles, or left.
pub(crate) const MEMBERS: Kind = Kind {
    code: "members",
    words: "somebody joined, left or got other roles",
    right: Right::ManagePeople,
    pace: Pace::Daily,
};
/// Somebody used emergency access.
pub(crate) const EMERGENCY: Kind = Kind {
    code: "emergency",
    words: "somebody used emergency access",
    right: Right::SeePeople,
    pace: Pace::Now,
};
/// An administrator tries a channel.
pub(crate) const TEST: Kind = Kind {
    code: "test",
    words: "an administrator tried a channel",
    right: Right::ManageOrganisation,
    pace: Pace::Never,
};

/// An alert cannot wait, or nobody has taken one in time.
pub(crate) const ALERT: Kind = Kind {
    code: "alert",
    words: "an alert cannot wait, or nobody has taken one in time",
    right: Right::HandleAlerts,
    pace: Pace::Now,
};
/// Something is wrong with a source of alerts.
pub(crate) const SOURCE: Kind = Kind {
    code: "alert.source",
    words: "a source of alerts is silent, or something of it is lost",
    right: Right::HandleAlerts,
    pace: Pace::Daily,
};

/// Something that has to come again has not been written down in time.
pub(crate) const FACT_DUE: Kind = Kind {
    code: "fact.due",
    words: "a drill, a review or another physical fact is due again",
    right: Right::KeepProgramme,
    pace: Pace::Daily,
};
/// People are late with what they sign or learn.
pub(crate) const LATE: Kind = Kind {
    code: "workforce.late",
    words: "people are late with what they sign or learn",
    right: Right::KeepWorkforce,
    pace: Pace::Daily,
};
/// Something is due that a member has to sign or to learn.
pub(crate) const OWN_DUTIES: Kind = Kind {
    code: "workforce.own",
    words: "something that I have to sign or to learn is due",
    right: Right::OwnAccount,
    pace: Pace::Daily,
};

/// All kinds.
pub const KINDS: &[Kind] = &[
    EXPLOITED,
    ADVISORY,
    DATA_STALE,
    JOB_FAILED,
    MEMBERS,
    EMERGENCY,
    TEST,
    ALERT,
    SOURCE,
    FACT_DUE,
    LATE,
    OWN_DUTIES,
    crate::vendors::NOTICE,
    crate::registers::NOTICE,
];

impl Kind {
    /// The kind of a code.
    pub fn of(code: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.code == code)
    }
}

/// A notice, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Id.
    pub id: NoticeId,
    /// The code of its kind.
    pub kind: String,
    /// In one line.
    pub title: String,
    /// In a few sentences.
    pub detail: String,
    /// The page of ours that says more.
    pub link: String,
    /// When.
    pub created: Timestamp,
}

impl From<NoticeRow> for Notice {
    fn from(row: NoticeRow) -> Notice {
        let NoticeRow { id, kind, title, detail, link, created, account: _ } = row;
        Notice { id, kind, title, detail, link, created }
    }
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tidings<'a> {
    pub(crate) title: &'a str,
    pub(crate) detail: &'a str,
    pub(crate) link: &'a str,
    /// What would be the same notice: it is told once.
    pub(crate) unique: &'a str,
}

/// Notices looked at when listing, counting or mailing: more than anybody reads.
const AT_MOST: u32 = 500;
/// Notices are kept this long.
const KEPT: SignedDuration = SignedDuration::from_hours(365 * 24);
/// What comes within this long is one mail.
const GATHER: SignedDuration = SignedDuration::from_secs(60);
/// Names listed in one notice; the page has all.
const NAMED: usize = 20;

/// Keeps a notice for the page, for one person or for all who have the right. `None` where the same one is kept already.
async fn keep(
    change: &Change,
    kind: &Kind,
    tidings: &Tidings<'_>,
    account: Option<AccountId>,
) -> Result<Option<NoticeId>, Error> {
    let Tidings { title, detail, link, unique } = *tidings;
    let unique = format!("{} {unique}", kind.code);
    let new = NewNotice { kind: kind.code, title, detail, link, unique: &unique, account };
    Ok(rows::add(change, &new).await?)
}

/// Tells of something together with the change that it tells of. Telling the same twice is telling once.
pub(crate) async fn tell(change: &Change, kind: &Kind, tidings: &Tidings<'_>) -> Result<(), Error> {
    tell_new(change, kind, tidings).await.map(drop)
}

/// As [`tell`], and says whether it was told now.
pub(crate) async fn tell_new(change: &Change, kind: &Kind, tidings: &Tidings<'_>) -> Result<bool, Error> {
    match keep(change, kind, tidings, None).await? {
        Some(id) => carry(change, id).await.map(|()| true),
        None => Ok(false),
    }
}

/// Tells one person of something.
pub(crate) async fn tell_one(
    change: &Change,
    kind: &Kind,
    tidings: &Tidings<'_>,
    account: AccountId,
) -> Result<(), Error> {
    match keep(change, kind, tidings, Some(account)).await? {
        Some(id) => carry(change, id).await,
        None => Ok(()),
    }
}

/// Tells of items of alerts that somebody should take, one person or all who may; the mail can be answered for each.
pub(crate) async fn tell_of_items(
    change: &Change,
    kind: &Kind,
    tidings: &Tidings<'_>,
    account: Option<AccountId>,
    items: &[AlertItemId],
) -> Result<(), Error> {
    let Some(id) = keep(change, kind, tidings, account).await? else { return Ok(()) };
    for item in items.iter().take(NAMED) {
        answers::about(change, id, *item).await?;
    }
    carry(change, id).await
}

/// Starts the jobs that carry a notice outside.
async fn carry(change: &Change, id: NoticeId) -> Result<(), Error> {
    for channel in rows::channels(change).await? {
        if channel.channel == Channel::Mail.code() {
            let job = format!("{} {}", job_kinds::MAIL.code, change.org());
            let run_at = change.at() + GATHER;
            let new = job_rows::NewJob {
                kind: job_kinds::MAIL.code,
                payload: "{}",
                unique: Some(&job),
                run_at,
                account: None,
            };
            job_rows::add(change, &new).await?;
        } else {
            let payload = send::Delivery { channel: channel.channel.clone(), notice: id.to_string() };
            let unique = format!("{} {id}", channel.channel);
            jobs::enqueue(change, &job_kinds::SEND, &payload, Some(&unique)).await?;
        }
    }
    Ok(())
}

/// Whether a weakness that is known to be exploited touches devices and was not told of.
pub(crate) async fn is_exploited_untold(view: &View) -> Result<bool, Error> {
    Ok(!rows::untold_exploited(view).await?.is_empty())
}

/// Tells of weaknesses that are known to be exploited and touch devices, all of them in one notice, each once.
pub(crate) async fn tell_exploited(change: &Change) -> Result<(), Error> {
    let untold = rows::untold_exploited(change).await?;
    let Some(first) = untold.first() else { return Ok(()) };
    let title = match untold.len() {
        1 => format!("{first} is known to be exploited and touches our devices"),
        more => format!("{more} weaknesses that are known to be exploited touch our devices"),
    };
    let mut detail = untold.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if untold.len() > NAMED {
        detail.push_str(&format!(" and {} more", untold.len() - NAMED));
    }
    let link = if untold.len() == 1 { format!("/advisories/{first}") } else { "/advisories".to_owned() };
    let unique = format!("{first} {}", change.at());
    tell(change, &EXPLOITED, &Tidings { title: &title, detail: &detail, link: &link, unique: &unique })
        .await?;
    Ok(rows::mark_told(change, &untold).await?)
}

/// Tells of people who joined, left or got other roles.
pub(crate) async fn tell_members(change: &Change, title: &str, detail: &str) -> Result<(), Error> {
    let unique = format!("{title} {}", change.at());
    tell(change, &MEMBERS, &Tidings { title, detail, link: "/people", unique: &unique }).await
}

/// Tells of emergency access.
pub(crate) async fn tell_emergency(change: &Change, title: &str, detail: &str) -> Result<(), Error> {
    let unique = format!("{title} {}", change.at());
    tell(change, &EMERGENCY, &Tidings { title, detail, link: "/audit", unique: &unique }).await
}

fn sees(actor: &Actor, kind: &str) -> bool {
    Kind::of(kind).is_none_or(|kind| actor.may(kind.right))
}

/// Whether a notice is for a person: what is for nobody in particular is for everybody.
fn is_for(row: &NoticeRow, account: Option<AccountId>) -> bool {
    row.account.is_none() || row.account == account
}

/// The newest notices that the actor may see, and whether each is new to them.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<(Notice, bool)>, Error> {
    let view = ctx.view(actor, Right::OwnAccount).await?;
    let seen = match actor.account {
        Some(account) => rows::reader(&view, account).await?.seen,
        None => Timestamp::UNIX_EPOCH,
    };
    let found = rows::since(&view, Timestamp::UNIX_EPOCH, AT_MOST).await?;
    let seen_by = found.into_iter().filter(|row| sees(actor, &row.kind) && is_for(row, actor.account));
    Ok(seen_by.map(|row| (row.created > seen, row)).map(|(new, row)| (row.into(), new)).collect())
}

/// How many notices are new to the actor.
///
/// # Errors
/// When the database cannot be used.
pub async fn unread(ctx: &Context, actor: &Actor) -> Result<u64, Error> {
    let Some(account) = actor.account else { return Ok(0) };
    let view = ctx.view(actor, Right::OwnAccount).await?;
    let unread = rows::unread(&view, account).await?;
    Ok(unread.iter().filter(|(kind, _)| sees(actor, kind)).map(|(_, notices)| notices).sum())
}

/// A number that is another one as soon as a notice comes.
///
/// # Errors
/// When the database cannot be used.
pub async fn pulse(ctx: &Context, actor: &Actor) -> Result<i64, Error> {
    Ok(rows::newest(&ctx.view(actor, Right::OwnAccount).await?).await?)
}

/// Notes that the actor has seen all notices up to a moment, inclusive.
///
/// # Errors
/// When the database cannot be used.
pub async fn mark_seen(ctx: &Context, actor: &Actor, until: Timestamp) -> Result<(), Error> {
    let Some(account) = actor.account else { return Ok(()) };
    Ok(rows::mark(&ctx.inner.store, actor.org, account, Mark::Seen, until).await?)
}

/// The kinds that the actor may see, with the pace of each: chosen, else the default.
///
/// # Errors
/// When the database cannot be used.
pub async fn choices(ctx: &Context, actor: &Actor) -> Result<Vec<(&'static Kind, Pace)>, Error> {
    let view = ctx.view(actor, Right::OwnAccount).await?;
    let chosen = match actor.account {
        Some(account) => rows::choices(&view, account).await?,
        None => Vec::new(),
    };
    let kinds = KINDS.iter().filter(|kind| offered(actor, kind));
    Ok(kinds.map(|kind| (kind, pace_of(kind, &chosen))).collect())
}

fn offered(actor: &Actor, kind: &Kind) -> bool {
    actor.may(kind.right) && *kind != TEST
}

fn pace_of(kind: &Kind, chosen: &[(String, String)]) -> Pace {
    let own = chosen.iter().find(|(code, _)| code == kind.code);
    own.and_then(|(_, pace)| Pace::from_code(pace)).unwrap_or(kind.pace)
}

/// Which state of the actor's choices this is: what a change of them names.
pub fn version_of_choices(choices: &[(&'static Kind, Pace)]) -> String {
    seen::version(&fields_of(choices))
}

fn fields_of(choices: &[(&'static Kind, Pace)]) -> Fields {
    choices.iter().map(|(kind, pace)| (kind.code, pace.code().to_owned())).collect()
}

/// Sets how often the actor hears of kinds of notices by mail; kinds that are not named stay.
///
/// # Errors
/// [`Error::Invalid`] for a kind or a pace that is none, [`Error::Denied`] for who has no account, [`Error::Stale`] where
/// the choices are not what was seen.
pub async fn choose(ctx: &Context, actor: &Actor, seen: &Seen, chosen: &[(&str, &str)]) -> Result<(), Error> {
    let Some(account) = actor.account else {
        return Err(Error::Denied { actor: actor.name.clone(), action: "choose notices".into() });
    };
    for (kind, pace) in chosen {
        if Kind::of(kind).is_none() || Pace::from_code(pace).is_none() {
            return Err(Error::invalid(format!("`{kind}` or `{pace}` is not one of ours")));
        }
    }
    let change = ctx.change(actor, Right::OwnAccount, "notices.choose").await?;
    let present = rows::choices(&change, account).await?;
    let present: Vec<_> = KINDS.iter().map(|kind| (kind, pace_of(kind, &present))).collect();
    let present: Vec<_> = present.into_iter().filter(|(kind, _)| offered(actor, kind)).collect();
    let wanted = |(kind, pace): &(&'static Kind, Pace)| {
        let new =
            chosen.iter().find(|(code, _)| *code == kind.code).and_then(|(_, pace)| Pace::from_code(pace));
        (*kind, new.unwrap_or(*pace))
    };
    let wanted: Vec<_> = present.iter().map(wanted).collect();
    seen::expect(seen, "your choices", &fields_of(&present), &fields_of(&wanted))?;
    rows::choose(&change, account, chosen).await?;
    let words: Vec<String> = chosen.iter().map(|(kind, pace)| format!("{kind} {pace}")).collect();
    let subject = change.actor_mark().await?;
    Ok(change.commit(&subject, &words.join(", ")).await?)
}

/// Looks after the notices of every organisation once a day: tells where data is old, forgets old notices, and asks for
/// the digests.
pub(crate) async fn nightly(ctx: &Context) -> Result<u64, Error> {
    let mut round = Round::of(ctx, "nightly checks, organisations").await?;
    while let Some(actor) = round.next() {
        let looked_after = night_of(ctx, &actor).await;
        round.done(&actor, looked_after);
    }
    round.end()
}

async fn night_of(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let now = ctx.clock.now();
    rows::sweep(&ctx.inner.store, actor.org, now - KEPT).await?;
    let change = ctx.change(actor, Right::ManageJobs, "nightly").await?;
    if !ctx.data_status().complete {
        let unique = now.strftime("%Y-%m-%d").to_string();
        let tidings = Tidings {
            title: "The vulnerability data is old or not whole",
            detail: "Answers may miss what was published since. The data page names the sources.",
            link: "/data",
            unique: &unique,
        };
        tell(&change, &DATA_STALE, &tidings).await?;
    }
    crate::vex::rule::ask(&change).await?;
    crate::vendors::remind(&change, ctx.clock.today()).await?;
    crate::registers::remind(&change, ctx.clock.today()).await?;
    let empty = serde_json::Map::new();
    if rows::channels(&change).await?.iter().any(|row| row.channel == Channel::Mail.code()) {
        jobs::enqueue(&change, &job_kinds::DIGEST, &empty, Some("daily")).await?;
    }
    Ok(change.commit("nightly checks", "").await?)
}

/// Tells the organisations concerned that a job failed for good.
pub(crate) async fn tell_failed(ctx: &Context, job: &job_rows::JobRow, why: &str) -> Result<(), Error> {
    let title = match jobs::Kind::of(&job.kind) {
        Some(kind) => format!("A background job failed: {}", kind.words),
        None => "A background job failed".to_owned(),
    };
    let (link, unique) = (format!("/jobs/{}", job.id), format!("{} {}", job.id, job.run_at));
    let concerned = match job.org {
        Some(org) => vec![org],
        None => bedrail_store::organisations::all(&ctx.inner.store).await?,
    };
    for org in concerned {
        let change = ctx.change(&Actor::system(org), Right::ManageJobs, "job.failed").await?;
        let tidings = Tidings { title: &title, detail: why, link: &link, unique: &unique };
        // What failed to leave the house must not be sent after itself.
        if job.kind.starts_with("notice.") {
            keep(&change, &JOB_FAILED, &tidings, None).await?;
        } else {
            tell(&change, &JOB_FAILED, &tidings).await?;
        }
        change.commit(&job.id.to_string(), why).await?;
    }
    Ok(())
}
