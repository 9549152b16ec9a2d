//! Notices: what should I hear of, and how do I hear of it?

use askama::Template;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::notices::{
    self, Channel, ChannelState, MailSettings, Notice, Pace, SetChannel, SetUp, SyslogSettings, Tls,
    WebhookSettings,
};
use bedrail_app::rights::Right;
use jiff::Timestamp;

use super::{Page, show};
use crate::web::assets;
use crate::web::error::{Failure, sentence};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::meanwhile;
use crate::web::parts::Choice;
use crate::web::state::State;
use crate::web::viewer::texts;
use crate::web::words;

/// Notices shown on the page; older ones are to be had by the API.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticesPage {
    frame: Frame,
    headline: String,
    rows: Vec<RowView>,
    /// The moment up to which everything is on this page; empty where there is nothing new.
    until: String,
    choices: Vec<(&'static str, String, Vec<Choice>)>,
    version: String,
    /// For who may set them up.
    channels: Option<ChannelsView>,
}

struct RowView {
    title: String,
    detail: String,
    link: String,
    when: String,
    new: bool,
}

/// The forms of the channels as they are set up.
#[derive(Default)]
struct ChannelsView {
    mail: Option<MailSettings>,
    webhook: Option<WebhookSettings>,
    syslog: Option<SyslogSettings>,
    versions: Vec<(Channel, String)>,
}

impl ChannelsView {
    fn of(channels: Vec<SetUp>) -> ChannelsView {
        let mut view = ChannelsView::default();
        for SetUp { state, version, .. } in channels {
            view.versions.push((state.channel(), version));
            match state {
                ChannelState::Mail(settings) => view.mail = Some(settings),
                ChannelState::Webhook(settings) => view.webhook = Some(settings),
                ChannelState::Syslog(settings) => view.syslog = Some(settings),
            }
        }
        view
    }

    /// The version of a channel that the form shows; empty where it is not set up.
    fn version(&self, code: &str) -> &str {
        let found = self.versions.iter().find(|(channel, _)| channel.code() == code);
        found.map_or("", |(_, version)| version)
    }

    fn tls(&self) -> Vec<Choice> {
        let chosen = self.mail.as_ref().map_or(Tls::Starttls, |mail| mail.tls);
        let row = |value: &str, text: &str, tls| Choice {
            value: value.into(),
            text: text.into(),
            chosen: chosen == tls,
        };
        let t = &texts().notices;
        vec![
            row("starttls", t.tls_greeting, Tls::Starttls),
            row("always", t.tls_start, Tls::Always),
            row("none", t.tls_none, Tls::None),
        ]
    }

    fn any(&self) -> bool {
        self.mail.is_some() || self.webhook.is_some() || self.syslog.is_some()
    }
}

/// `GET /notices`
pub(crate) async fn page(frame: Frame, Extract(state): Extract<State>) -> Page {
    let actor = frame.visitor.actor();
    let found = notices::list(&state.ctx, &actor).await?;
    let choices = notices::choices(&state.ctx, &actor).await?;
    let channels = match frame.visitor.may(Right::ManageOrganisation) {
        true => Some(ChannelsView::of(notices::channels(&state.ctx, &actor).await?)),
        false => None,
    };
    show(&view(frame, found, choices, channels, state.now()))
}

fn view(
    frame: Frame,
    found: Vec<(Notice, bool)>,
    choices: Vec<(&'static notices::Kind, Pace)>,
    channels: Option<ChannelsView>,
    now: Timestamp,
) -> NoticesPage {
    let new = found.iter().filter(|(_, new)| *new).count() as u64;
    let t = &texts().notices;
    let headline = match (found.is_empty(), new) {
        (true, _) => t.nothing_happened.to_owned(),
        (false, 0) => t.all_seen.to_owned(),
        (false, new) => (t.some_new)(new),
    };
    let until = found.first().filter(|_| new > 0).map(|(notice, _)| notice.created.to_string());
    let row = |(notice, new): (Notice, bool)| RowView {
        title: notice.title,
        detail: notice.detail,
        link: notice.link,
        when: words::time_ago(notice.created, now),
        new,
    };
    NoticesPage {
        version: notices::version_of_choices(&choices),
        frame,
        headline,
        rows: found.into_iter().take(SHOWN).map(row).collect(),
        until: until.unwrap_or_default(),
        choices: choices.into_iter().map(choice).collect(),
        channels,
    }
}

fn choice((kind, chosen): (&'static notices::Kind, Pace)) -> (&'static str, String, Vec<Choice>) {
    let option =
        |pace: Pace| Choice { value: pace.code().into(), text: pace.words().into(), chosen: pace == chosen };
    (kind.code, sentence(kind.words), Pace::ALL.map(option).into())
}

/// `POST /notices/seen`
pub(crate) async fn seen(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let until = submission.field("until").and_then(|until| until.parse().ok()).unwrap_or_else(|| state.now());
    notices::mark_seen(&state.ctx, &submission.visitor.actor(), until).await?;
    Ok(Redirect::to("/notices"))
}

/// `POST /notices/choices`
pub(crate) async fn choose(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Response, Failure> {
    let chosen: Vec<(&str, &str)> = submission.fields_under("pace ").collect();
    let seen = meanwhile::seen(&submission);
    match notices::choose(&state.ctx, &submission.visitor.actor(), &seen, &chosen).await {
        Err(Error::Stale(stale)) => {
            meanwhile::page(&submission, "/notices/choices", "/notices#choices", *stale)
        }
        done => Ok(done.map(|()| Redirect::to("/notices"))?.into_response()),
    }
}

/// `POST /notices/channels`
pub(crate) async fn set_channel(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Response, Failure> {
    let text = |name: &str| submission.field(name).unwrap_or_default().to_owned();
    let port = || text("port").parse().map_err(|_| Error::invalid("the port is a number from 1 to 65535"));
    let wanted = match Channel::from_code(&text("channel")) {
        Some(Channel::Mail) => ChannelState::Mail(MailSettings {
            host: text("host"),
            port: port()?,
            tls: Tls::from_code(&text("tls")).unwrap_or(Tls::Starttls),
            from: text("from"),
            user: text("user"),
            base: text("base"),
        }),
        Some(Channel::Webhook) => ChannelState::Webhook(WebhookSettings {
            url: text("url"),
            alert_items: text("alert_items") == "true",
        }),
        Some(Channel::Syslog) => ChannelState::Syslog(SyslogSettings {
            host: text("host"),
            port: port()?,
            tcp: text("protocol") == "tcp",
        }),
        None => return Err(Error::invalid("that is no channel").into()),
    };
    let secret = Some(submission.verbatim("secret").to_owned()).filter(|secret| !secret.is_empty());
    let command = SetChannel { seen: meanwhile::seen(&submission), state: wanted, secret };
    match notices::set_channel(&state.ctx, &submission.visitor.actor(), command).await {
        Err(Error::Stale(stale)) => {
            meanwhile::page(&submission, "/notices/channels", "/notices#channels", *stale)
        }
        done => Ok(done.map(|()| Redirect::to("/notices#channels"))?.into_response()),
    }
}

/// `POST /notices/channels/remove`
pub(crate) async fn remove_channel(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let channel = submission.field("channel").and_then(Channel::from_code);
    let channel = channel.ok_or_else(|| Error::invalid("that is no channel"))?;
    notices::remove_channel(&state.ctx, &submission.visitor.actor(), channel).await?;
    Ok(Redirect::to("/notices#channels"))
}

/// `POST /notices/test`: how it went is on the page of background jobs.
pub(crate) async fn test(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    notices::test_channel(&state.ctx, &submission.visitor.actor()).await?;
    Ok(Redirect::to("/jobs"))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    let notice = |title: &str, new| {
        let notice = Notice {
            id: bedrail_model::ids::NoticeId::generate(),
            kind: "exploited".into(),
            title: title.into(),
            detail: format!("CVE-2021-44228, {}", sample::HOSTILE),
            link: "/advisories/CVE-2021-44228".into(),
            created: sample::now(),
        };
        (notice, new)
    };
    let found = vec![
        notice("3 weaknesses that are known to be exploited touch our devices", true),
        notice(sample::HOSTILE, false),
    ];
    let choices = notices::KINDS.iter().map(|kind| (kind, kind.pace)).collect();
    let mail = MailSettings {
        host: "mail.hospital.example".into(),
        port: 587,
        tls: Tls::Starttls,
        from: "bedrail@hospital.example".into(),
        user: sample::HOSTILE.into(),
        base: "https://bedrail.hospital.example".into(),
    };
    let channels = ChannelsView { mail: Some(mail), ..ChannelsView::default() };
    show(&view(sample::frame("/notices"), found, choices, Some(channels), sample::now()))
}
