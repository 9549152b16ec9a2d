//! The channels that carry notices outside, as an organisation sets them up. What is secret in them is sealed.

use bedrail_store::notices::{self as rows, ChannelRow};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{TEST, Tidings, tell};
use crate::rights::Right;
use crate::seen::{self, Fields, Seen};
use crate::{Actor, Context, Error};

/// A way outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Mail to each person by their choice.
    Mail,
    /// A signed call for each notice.
    Webhook,
    /// A message to a log host for each notice (RFC 5424).
    Syslog,
}

impl Channel {
    /// All channels.
    pub const ALL: [Channel; 3] = [Channel::Mail, Channel::Webhook, Channel::Syslog];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Channel::Mail => "mail",
            Channel::Webhook => "webhook",
            Channel::Syslog => "syslog",
        }
    }

    /// The channel of a stable code.
    pub fn from_code(code: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.code() == code)
    }
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// TLS from the first byte (port 465).
    Always,
    /// Plain at first, then TLS or nothing (port 587).
    Starttls,
    /// None: a relay on the same machine or network only.
    None,
}

impl Tls {
    /// All kinds of protection.
    pub const ALL: [Tls; 3] = [Tls::Starttls, Tls::Always, Tls::None];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Tls::Always => "always",
            Tls::Starttls => "starttls",
            Tls::None => "none",
        }
    }

    /// The protection of a stable code.
    pub fn from_code(code: &str) -> Option<Tls> {
        Tls::ALL.into_iter().find(|tls| tls.code() == code)
    }
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSettings {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// The sender's address.
    pub from: String,
    /// The name to sign in with; empty where the server asks for none. The password is the secret.
    pub user: String,
    /// The address that people reach the pages by, for links: `https://bedrail.hospital.example`.
    pub base: String,
}

/// Whom to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSettings {
    /// The address, `https://` or `http://`. The key of the signature is the secret.
    pub url: String,
    /// Whether it is told of every alert that is opened, taken or closed, too: a ticket system.
    #[serde(default)]
    pub alert_items: bool,
}

/// The webhook that the organisation of a view set up, and its sealed key.
pub(crate) async fn webhook(view: &bedrail_store::View) -> Result<Option<(WebhookSettings, Vec<u8>)>, Error> {
    let rows = rows::channels(view).await?;
    let row = rows.into_iter().find(|row| row.channel == Channel::Webhook.code());
    Ok(row.and_then(|row| match ChannelState::of(&row)? {
        ChannelState::Webhook(settings) => Some((settings, row.secret.unwrap_or_default())),
        ChannelState::Mail(_) | ChannelState::Syslog(_) => None,
    }))
}

/// A log host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyslogSettings {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// TCP with octet counting (RFC 6587 §3.4.1) rather than UDP.
    pub tcp: bool,
}

/// A channel as it is set up, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelState {
    /// Mail.
    Mail(MailSettings),
    /// A webhook.
    Webhook(WebhookSettings),
    /// Syslog.
    Syslog(SyslogSettings),
}

impl ChannelState {
    /// Which it is.
    pub const fn channel(&self) -> Channel {
        match self {
            ChannelState::Mail(_) => Channel::Mail,
            ChannelState::Webhook(_) => Channel::Webhook,
            ChannelState::Syslog(_) => Channel::Syslog,
        }
    }

    fn to_json(&self) -> Result<String, Error> {
        let json = match self {
            ChannelState::Mail(settings) => serde_json::to_string(settings),
            ChannelState::Webhook(settings) => serde_json::to_string(settings),
            ChannelState::Syslog(settings) => serde_json::to_string(settings),
        };
        json.map_err(|error| Error::Internal(Box::new(error)))
    }

    pub(super) fn of(row: &ChannelRow) -> Option<ChannelState> {
        let text = &row.settings;
        match Channel::from_code(&row.channel)? {
            Channel::Mail => serde_json::from_str(text).ok().map(ChannelState::Mail),
            Channel::Webhook => serde_json::from_str(text).ok().map(ChannelState::Webhook),
            Channel::Syslog => serde_json::from_str(text).ok().map(ChannelState::Syslog),
        }
    }

    /// What of a channel people change, without its secret.
    fn fields(&self) -> Fields {
        match self {
            ChannelState::Mail(mail) => vec![
                ("mail server", mail.host.clone()),
                ("port", mail.port.to_string()),
                ("protection", mail.tls.code().to_owned()),
                ("sender", mail.from.clone()),
                ("sign-in name", mail.user.clone()),
                ("address of our pages", mail.base.clone()),
            ],
            ChannelState::Webhook(hook) => vec![
                ("address", hook.url.clone()),
                ("alerts as tickets", if hook.alert_items { "yes" } else { "no" }.to_owned()),
            ],
            ChannelState::Syslog(log) => vec![
                ("log host", log.host.clone()),
                ("port", log.port.to_string()),
                ("protocol", if log.tcp { "TCP" } else { "UDP" }.to_owned()),
            ],
        }
    }

    /// For the audit log: where it goes, no secret and nothing of an address that could hold one.
    fn words(&self) -> String {
        match self {
            ChannelState::Mail(mail) => format!("mail by {}:{}", mail.host, mail.port),
            ChannelState::Webhook(hook) => {
                let host = reqwest::Url::parse(&hook.url).ok();
                let host = host.as_ref().and_then(reqwest::Url::host_str).unwrap_or_default().to_owned();
                format!("webhook at {host}")
            }
            ChannelState::Syslog(log) => format!("syslog at {}:{}", log.host, log.port),
        }
    }

    fn check(&self) -> Result<(), Error> {
        let one_line = |text: &str, what: &str| match text.is_empty()
            || text.len() > 500
            || text.chars().any(|c| c.is_control() || c.is_whitespace())
        {
            true => Err(Error::invalid(format!("{what} is missing, too long or holds blanks"))),
            false => Ok(()),
        };
        let port = |port: u16| match port {
            0 => Err(Error::invalid("the port is a number from 1 to 65535")),
            _ => Ok(()),
        };
        match self {
            ChannelState::Mail(mail) => {
                one_line(&mail.host, "the mail server's name")?;
                port(mail.port)?;
                let from = mail.from.parse::<lettre::message::Mailbox>();
                from.map(drop).map_err(|_| Error::invalid("the sender is not a mail address"))?;
                if mail.base.is_empty() {
                    return Ok(());
                }
                let base = reqwest::Url::parse(&mail.base);
                base.map(drop).map_err(|_| Error::invalid("the address of our pages is not one"))
            }
            ChannelState::Webhook(hook) => {
                one_line(&hook.url, "the address")?;
                let url = reqwest::Url::parse(&hook.url).map_err(|_| Error::invalid("that is no address"))?;
                match url.scheme() {
                    "https" | "http" if url.username().is_empty() && url.password().is_none() => Ok(()),
                    _ => Err(Error::invalid("the address begins with https:// and holds no password")),
                }
            }
            ChannelState::Syslog(log) => {
                one_line(&log.host, "the log host's name")?;
                port(log.port)
            }
        }
    }
}

/// What an administrator sets.
#[derive(Debug, Clone)]
pub struct SetChannel {
    /// The state that was seen; a channel that is not set up yet needs none.
    pub seen: Seen,
    /// The channel.
    pub state: ChannelState,
    /// Its new secret; `None` keeps the one it has.
    pub secret: Option<String>,
}

/// A channel that is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUp {
    /// How.
    pub state: ChannelState,
    /// Whether it has a secret.
    pub has_secret: bool,
    /// Which state of the channel this is: what a change of it names.
    pub version: String,
}

impl SetUp {
    fn of(row: &ChannelRow) -> Option<SetUp> {
        let state = ChannelState::of(row)?;
        let version = seen::version(&with_secret(state.fields(), row.secret.as_deref()));
        Some(SetUp { state, has_secret: row.secret.is_some(), version })
    }
}

/// The fields with a mark of the sealed secret, so that a new secret is a new version; the mark tells nothing of it.
fn with_secret(mut fields: Fields, sealed: Option<&[u8]>) -> Fields {
    let mark = sealed.map(|sealed| format!("set ({})", hex::encode(&Sha256::digest(sealed)[..4])));
    fields.push(("secret", mark.unwrap_or_default()));
    fields
}

/// The channels that the organisation set up.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn channels(ctx: &Context, actor: &Actor) -> Result<Vec<SetUp>, Error> {
    let view = ctx.view(actor, Right::ManageOrganisation).await?;
    Ok(rows::channels(&view).await?.iter().filter_map(SetUp::of).collect())
}

/// What a sealed secret belongs to: copied elsewhere it opens nothing.
pub(super) fn about(org: bedrail_model::ids::OrgId, channel: Channel) -> String {
    format!("notice_channel {org} {}", channel.code())
}

/// Sets a channel up.
///
/// # Errors
/// [`Error::Invalid`] for what cannot be used, [`Error::Denied`] without the right, [`Error::Stale`] where the channel is
/// not what was seen.
pub async fn set_channel(ctx: &Context, actor: &Actor, command: SetChannel) -> Result<(), Error> {
    actor.need(Right::ManageOrganisation)?;
    command.state.check()?;
    let channel = command.state.channel();
    let sealed = command
        .secret
        .as_deref()
        .filter(|secret| !secret.is_empty())
        .map(|secret| ctx.inner.secrets.seal(&about(actor.org, channel), secret.as_bytes()))
        .transpose()
        .map_err(|error| Error::Internal(Box::new(error)))?;
    let change = ctx.change(actor, Right::ManageOrganisation, "notices.channel").await?;
    let present = rows::channels(&change).await?.into_iter().find(|row| row.channel == channel.code());
    if let Some((row, old)) = present.as_ref().and_then(|row| Some((row, ChannelState::of(row)?))) {
        // A new secret is a change whatever else stays.
        let wanted = sealed.as_deref().or(row.secret.as_deref());
        let (old, wanted) =
            (with_secret(old.fields(), row.secret.as_deref()), with_secret(command.state.fields(), wanted));
        seen::expect(&command.seen, &format!("the channel {}", channel.code()), &old, &wanted)?;
    }
    // A secret goes with the host that it was given for.
    let same_place =
        present.as_ref().and_then(ChannelState::of).is_some_and(|old| old.words() == command.state.words());
    let kept = present.filter(|_| same_place).and_then(|row| row.secret);
    let row = ChannelRow {
        channel: channel.code().to_owned(),
        settings: command.state.to_json()?,
        secret: sealed.or(kept),
    };
    if channel == Channel::Webhook && row.secret.is_none() {
        return Err(Error::invalid("a webhook needs a key to sign with"));
    }
    rows::put_channel(&change, &row).await?;
    Ok(change.commit(channel.code(), &command.state.words()).await?)
}

/// Takes a channel away.
///
/// # Errors
/// [`Error::NotFound`] where it is not set up, [`Error::Denied`] without the right.
pub async fn remove_channel(ctx: &Context, actor: &Actor, channel: Channel) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManageOrganisation, "notices.channel").await?;
    if !rows::remove_channel(&change, channel.code()).await? {
        return Err(Error::not_found(format!("channel {}", channel.code())));
    }
    Ok(change.commit(channel.code(), "taken away").await?)
}

/// Sends a notice that says that it is a test by every channel; mail goes to the actor alone. Background jobs do it: the
/// jobs page says how it went.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn test_channel(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManageOrganisation, "notices.test").await?;
    let unique = change.at().to_string();
    let tidings = Tidings {
        title: "A test of the channels for notices",
        detail: "Nothing happened. Somebody who runs Bedrail tried whether notices arrive.",
        link: "/notices",
        unique: &unique,
    };
    tell(&change, &TEST, &tidings).await?;
    if let Some(account) = actor.account {
        rows::choose(&change, account, &[(TEST.code, super::Pace::Now.code())]).await?;
    }
    Ok(change.commit("notices", "a test by every channel").await?)
}
