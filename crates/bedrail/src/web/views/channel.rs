//! The channels that carry notices outside.

use bedrail_app::Error;
use bedrail_app::notices::{ChannelState, MailSettings, SetUp, SyslogSettings, Tls, WebhookSettings};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A channel as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChannelBody {
    /// A mail server.
    Mail(MailBody),
    /// Whom to call.
    Webhook(WebhookBody),
    /// A log host.
    Syslog(SyslogBody),
}

/// A mail server.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailBody {
    /// Host name.
    host: String,
    /// Port.
    #[schema(minimum = 1, maximum = 65535)]
    port: u16,
    /// How the connection is protected: `starttls`, `always`, `none`.
    tls: String,
    /// The sender's address.
    from: String,
    /// The name to sign in with; empty where the server asks for none.
    #[serde(default)]
    user: String,
    /// The address that people reach the pages by, for links.
    #[serde(default)]
    base: String,
    /// The password. It is never shown; without it the one that is set stays, as long as the server is the same.
    #[serde(default, skip_serializing)]
    #[schema(write_only)]
    secret: Option<String>,
}

/// Whom to call.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookBody {
    /// The address, `https://` or `http://`.
    url: String,
    /// Whether it is told of every alert that is opened, taken or closed, too: a ticket system. `schema` of such a call is
    /// `bedrail.alert-items/1`.
    #[serde(default)]
    alert_items: bool,
    /// The key to sign with. It is never shown; without it the one that is set stays, as long as the host is the same.
    #[serde(default, skip_serializing)]
    #[schema(write_only)]
    secret: Option<String>,
}

/// A log host.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyslogBody {
    /// Host name or address.
    host: String,
    /// Port.
    #[schema(minimum = 1, maximum = 65535)]
    port: u16,
    /// TCP with octet counting rather than UDP.
    tcp: bool,
}

impl ChannelBody {
    /// The channel and its new secret.
    pub(crate) fn settings(self) -> Result<(ChannelState, Option<String>), Error> {
        Ok(match self {
            ChannelBody::Mail(mail) => {
                let tls = Tls::from_code(&mail.tls)
                    .ok_or_else(|| Error::invalid("`tls` is `starttls`, `always` or `none`"))?;
                let MailBody { host, port, from, user, base, secret, .. } = mail;
                (ChannelState::Mail(MailSettings { host, port, tls, from, user, base }), secret)
            }
            ChannelBody::Webhook(WebhookBody { url, alert_items, secret }) => {
                (ChannelState::Webhook(WebhookSettings { url, alert_items }), secret)
            }
            ChannelBody::Syslog(SyslogBody { host, port, tcp }) => {
                (ChannelState::Syslog(SyslogSettings { host, port, tcp }), None)
            }
        })
    }
}

/// A channel that is set up, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelView {
    /// `mail`, `webhook` or `syslog`.
    channel: &'static str,
    /// Whether it has a secret.
    has_secret: bool,
    /// Which state of the channel this is: send it as `If-Match` when you change it.
    version: String,
    /// How mail is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<MailBody>,
    /// Whom to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<WebhookBody>,
    /// The log host.
    #[serde(skip_serializing_if = "Option::is_none")]
    syslog: Option<SyslogBody>,
}

impl From<&SetUp> for ChannelView {
    fn from(found: &SetUp) -> ChannelView {
        let mut view = ChannelView {
            channel: found.state.channel().code(),
            has_secret: found.has_secret,
            version: found.version.clone(),
            mail: None,
            webhook: None,
            syslog: None,
        };
        match found.state.clone() {
            ChannelState::Mail(MailSettings { host, port, tls, from, user, base }) => {
                let tls = tls.code().to_owned();
                view.mail = Some(MailBody { host, port, tls, from, user, base, secret: None });
            }
            ChannelState::Webhook(WebhookSettings { url, alert_items }) => {
                view.webhook = Some(WebhookBody { url, alert_items, secret: None });
            }
            ChannelState::Syslog(SyslogSettings { host, port, tcp }) => {
                view.syslog = Some(SyslogBody { host, port, tcp });
            }
        }
        view
    }
}
