//! Mails: to each person one mail with all that came, never one for each.

use std::collections::HashMap;

use bedrail_model::ids::NoticeId;
use bedrail_model::text::harmless;
use bedrail_model::zone::Zone;
use bedrail_store::memberships::{self, MemberRow};
use bedrail_store::notices::{self as rows, Mark, NoticeRow};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use sha2::{Digest as _, Sha256};

use super::channels::{MailSettings, Tls, about};
use super::{AT_MOST, Channel, ChannelState, Kind, Pace, is_for, pace_of};
use crate::accounts;
use crate::alerts::answer::{self, Offer};
use crate::jobs::run::{Ended, Run, Stop};
use crate::priority::When;
use crate::rights::Rights;

/// Members looked at.
const MEMBERS: u32 = 10_000;

/// Mails what people want to hear of at once.
pub(crate) async fn mail(run: Run) -> Result<Ended, Stop> {
    round(&run, Pace::Now).await
}

/// Mails what people want to hear of once a day.
pub(crate) async fn digest(run: Run) -> Result<Ended, Stop> {
    round(&run, Pace::Daily).await
}

/// One mail to each member who has something to hear of at a pace. Each person's mark moves as soon as their mail is
/// handed over, so that a job that is begun again goes on with the next.
async fn round(run: &Run, pace: Pace) -> Result<Ended, Stop> {
    let Some(org) = run.job.org else { return Err(Stop::Never("it belongs to no organisation".into())) };
    let store = &run.ctx.inner.store;
    let view = store.view(org).await?;
    let row = rows::channels(&view).await?.into_iter().find(|row| row.channel == Channel::Mail.code());
    let Some(ChannelState::Mail(settings)) = row.as_ref().and_then(ChannelState::of) else {
        return Ok(Ended::With("mail is not set up".into()));
    };
    let secret = match row.and_then(|row| row.secret) {
        Some(sealed) => {
            let opened = run.ctx.inner.secrets.open(&about(org, Channel::Mail), &sealed);
            opened.map_err(|error| Stop::Never(error.to_string()))?
        }
        None => Vec::new(),
    };
    let members = memberships::of_organisation(&view, MEMBERS).await?;
    drop(view);
    let transport = transport(&settings, &secret)?;
    let (mut sent, mut refused) = (0_u32, 0_u32);
    for member in &members {
        let Some((until, due)) = due(run, member, pace).await? else { continue };
        let offers = offers(run, &settings, member, &due).await?;
        let message = message(&settings, member, (&due, &offers), pace)?;
        if let Err(error) = transport.send(message).await {
            if error.is_permanent() {
                // This one address; the others still get theirs. The mark moves, or it would be tried for ever.
                refused += 1;
                run.log(format!("the mail server refused one address: {error}")).await?;
            } else {
                return Err(Stop::Again(format!("the mail server cannot be used: {error}")));
            }
        } else {
            sent += 1;
        }
        rows::mark(store, org, member.membership.account, mark_of(pace), until).await?;
        run.tell(u64::from(sent + refused), members.len() as u64, "mailing");
    }
    Ok(Ended::With(match refused {
        0 => format!("{sent} mails sent"),
        refused => format!("{sent} mails sent, {refused} refused by the mail server"),
    }))
}

const fn mark_of(pace: Pace) -> Mark {
    match pace {
        Pace::Daily => Mark::Digested,
        Pace::Now | Pace::Never => Mark::Mailed,
    }
}

/// What a member has to hear of at a pace, and up to which moment that is; `None` where there is nothing.
async fn due(run: &Run, member: &MemberRow, pace: Pace) -> Result<Option<(Timestamp, Vec<NoticeRow>)>, Stop> {
    let membership = &member.membership;
    let over = membership.valid_until.is_some_and(|until| until <= run.ctx.clock.now());
    if member.mail.is_none() || member.closed.is_some() || over {
        return Ok(None);
    }
    let rights = Rights::of_roles(&accounts::roles(&membership.roles));
    let view = run.ctx.inner.store.view(membership.org).await?;
    let reader = rows::reader(&view, membership.account).await?;
    let after = if pace == Pace::Daily { reader.digested } else { reader.mailed };
    // Who joined later does not hear of what was before.
    let found = rows::since(&view, after.max(membership.created), AT_MOST).await?;
    let chosen = rows::choices(&view, membership.account).await?;
    let Some(until) = found.first().map(|row| row.created) else { return Ok(None) };
    // What is for this person alone does not wait for the day's mail.
    let own = |row: &NoticeRow, kind| match row.account {
        Some(_) => Pace::Now,
        None => pace_of(kind, &chosen),
    };
    let wanted = |row: &NoticeRow| {
        let kind = Kind::of(&row.kind).filter(|kind| rights.has(kind.right));
        is_for(row, Some(membership.account)) && kind.is_some_and(|kind| own(row, kind) == pace)
    };
    let due: Vec<NoticeRow> = found.into_iter().filter(wanted).collect();
    Ok((!due.is_empty()).then_some((until, due)))
}

/// The links by which a mail can be answered. Without the address of our pages there are none.
async fn offers(
    run: &Run,
    settings: &MailSettings,
    member: &MemberRow,
    due: &[NoticeRow],
) -> Result<HashMap<NoticeId, Vec<Offer>>, Stop> {
    if settings.base.trim().is_empty() {
        return Ok(HashMap::new());
    }
    let membership = &member.membership;
    let offers = answer::offers(&run.ctx, membership.org, membership.account, due).await;
    offers.map_err(|error| Stop::Again(format!("links to answer by cannot be made: {error}")))
}

fn transport(settings: &MailSettings, secret: &[u8]) -> Result<AsyncSmtpTransport<Tokio1Executor>, Stop> {
    crate::feeds::install_provider();
    let builder = match settings.tls {
        Tls::Always => AsyncSmtpTransport::<Tokio1Executor>::relay(&settings.host),
        Tls::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&settings.host),
        Tls::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)),
    };
    let mut builder = builder.map_err(|error| Stop::Never(error.to_string()))?.port(settings.port);
    if !settings.user.is_empty() {
        let password = String::from_utf8_lossy(secret).into_owned();
        builder = builder.credentials(Credentials::new(settings.user.clone(), password));
    }
    Ok(builder.build())
}

fn message(
    settings: &MailSettings,
    member: &MemberRow,
    (due, offers): (&[NoticeRow], &HashMap<NoticeId, Vec<Offer>>),
    pace: Pace,
) -> Result<Message, Stop> {
    let never = |error: String| Stop::Never(error);
    let from = settings.from.parse().map_err(|_| never("the sender is not a mail address".into()))?;
    let to = member.mail.as_deref().unwrap_or_default();
    let to = to.parse().map_err(|_| never(format!("{} has no usable mail address", member.name)))?;
    let subject = match due {
        [one] => format!("Bedrail: {}", one.title),
        more => format!("Bedrail: {} notices for {}", more.len(), member.membership.org_name),
    };
    Message::builder()
        .from(from)
        .to(to)
        .subject(subject.replace(|c: char| c.is_control(), " "))
        // The same over all attempts, so that a mail that was handed over twice is shown once.
        .message_id(Some(message_id(member, due, pace)))
        .header(ContentType::TEXT_PLAIN)
        .body(text(settings, member, due, offers))
        .map_err(|error| never(error.to_string()))
}

/// When to act, in words.
const fn urgency_words(when: When) -> &'static str {
    match when {
        When::Immediate => "needs somebody now",
        When::OutOfCycle => "today",
        When::Scheduled => "can wait a little",
        When::Defer => "can wait",
    }
}

fn message_id(member: &MemberRow, due: &[NoticeRow], pace: Pace) -> String {
    let mut digest = Sha256::new();
    digest.update(member.membership.account.to_string());
    digest.update(pace.code());
    for row in due {
        digest.update(row.id.to_string());
    }
    format!("<{}@bedrail.invalid>", &hex::encode(digest.finalize())[..40])
}

fn text(
    settings: &MailSettings,
    member: &MemberRow,
    due: &[NoticeRow],
    offers: &HashMap<NoticeId, Vec<Offer>>,
) -> String {
    let base = settings.base.trim_end_matches('/');
    let zone = Zone::of(&member.zone).map_or(TimeZone::UTC, Zone::rule);
    let mut text = String::new();
    for row in due {
        text.push_str(&format!("{}\n", row.title));
        if !row.detail.is_empty() {
            text.push_str(&format!("{}\n", row.detail));
        }
        if !base.is_empty() {
            text.push_str(&format!("{base}{}\n", row.link));
        }
        for offer in offers.get(&row.id).into_iter().flatten() {
            let asked = &offer.asked;
            let device = asked.device.as_deref().unwrap_or("unknown device");
            let line = format!("{}, {device}, {}", asked.rule, urgency_words(asked.when));
            text.push_str(&format!("\n{}\nI take it: {base}{}\n", harmless(&line), offer.path));
        }
        let when = row.created.to_zoned(zone.clone());
        text.push_str(&format!("{}\n\n", when.strftime("%a %-d %b %Y, %H:%M %Z")));
    }
    text.push_str(&format!("-- \nFor {} at {}. ", member.name, member.membership.org_name));
    if !offers.is_empty() {
        text.push_str("A link to take an alert is yours alone, works once, and for a week. ");
    }
    text.push_str("Under Notices you choose what you hear of, and how often.\n");
    text
}
