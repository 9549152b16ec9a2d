//! Carries one notice outside: by a signed call, or to a log host.

use std::time::Duration;

use bedrail_model::ids::{NoticeId, OrgId};
use bedrail_store::notices as rows;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpStream, UdpSocket};

use super::channels::{SyslogSettings, WebhookSettings, about};
use super::{Channel, ChannelState, EMERGENCY, EXPLOITED, Notice};
use crate::jobs::run::{Ended, Run, Stop};
use crate::outside::{Private, Reach};

/// How long a call, or a connection to a log host, may take.
const LONGEST: Duration = Duration::from_secs(20);

/// Which notice goes by which channel.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) channel: String,
    pub(crate) notice: String,
}

/// Sends one notice by one channel. The receiver knows it again by its id, should it come twice.
pub(crate) async fn send(run: Run) -> Result<Ended, Stop> {
    let wanted: Delivery = run.payload()?;
    let Some(org) = run.job.org else { return Err(Stop::Never("it belongs to no organisation".into())) };
    let id: NoticeId = wanted.notice.parse().map_err(|_| Stop::Never("it names no notice".into()))?;
    let view = run.ctx.inner.store.view(org).await?;
    let channels = rows::channels(&view).await?;
    let Some(notice) = rows::one(&view, id).await? else {
        return Ok(Ended::With("the notice is no longer kept".into()));
    };
    drop(view);
    let Some(row) = channels.into_iter().find(|row| row.channel == wanted.channel) else {
        return Ok(Ended::With("the channel is no longer set up".into()));
    };
    let notice = Notice::from(notice);
    match ChannelState::of(&row) {
        Some(ChannelState::Webhook(settings)) => {
            let sealed = row.secret.unwrap_or_default();
            call(&run, org, (&settings, &sealed), &notice).await
        }
        Some(ChannelState::Syslog(settings)) => {
            write_log(&settings, &message(&notice)).await.map_err(|error| Stop::Again(error.to_string()))?;
            Ok(Ended::With(format!("sent to {}:{}", settings.host, settings.port)))
        }
        Some(ChannelState::Mail(_)) | None => Err(Stop::Never("the channel cannot be read".into())),
    }
}

#[derive(Serialize)]
struct Body<'n> {
    schema: &'static str,
    id: String,
    kind: &'n str,
    title: &'n str,
    detail: &'n str,
    link: &'n str,
    created: String,
}

async fn call(
    run: &Run,
    org: OrgId,
    hook: (&WebhookSettings, &[u8]),
    notice: &Notice,
) -> Result<Ended, Stop> {
    let body = Body {
        schema: "bedrail.notice/1",
        id: notice.id.to_string(),
        kind: &notice.kind,
        title: &notice.title,
        detail: &notice.detail,
        link: &notice.link,
        created: notice.created.to_string(),
    };
    let body = serde_json::to_vec(&body).map_err(|error| Stop::Never(error.to_string()))?;
    let status = post(run, org, hook, &notice.id.to_string(), body).await?;
    Ok(Ended::With(format!("the receiver answered {status}")))
}

/// Calls a webhook with a signed body; the answer, which is one of success. The receiver knows a delivery again by its name.
pub(crate) async fn post(
    run: &Run,
    org: OrgId,
    (settings, sealed): (&WebhookSettings, &[u8]),
    delivery: &str,
    body: Vec<u8>,
) -> Result<reqwest::StatusCode, Stop> {
    let key = run.ctx.inner.secrets.open(&about(org, Channel::Webhook), sealed);
    let key = key.map_err(|error| Stop::Never(error.to_string()))?;
    let moment = run.ctx.clock.now().as_second();
    let client = client(&settings.url, run.allow_private).map_err(Stop::Never)?;
    let request = client
        .post(&settings.url)
        .header("content-type", "application/json")
        .header("bedrail-delivery", delivery)
        .header("bedrail-signature", format!("t={moment},v1={}", signature(&key, moment, &body)))
        .body(body);
    let response = request.send().await.map_err(|error| Stop::Again(crate::feeds::words_of(&error)))?;
    let status = response.status();
    match status.as_u16() {
        200..=299 => Ok(status),
        300..=399 => Err(Stop::Never(format!("the receiver answered {status}; redirects are not followed"))),
        408 | 425 | 429 | 500..=599 => Err(Stop::Again(format!("the receiver answered {status}"))),
        _ => Err(Stop::Never(format!("the receiver answered {status}"))),
    }
}

/// HMAC-SHA256 over `<seconds since 1970>.<body>`, lower-case hex: the receiver refuses old ones, so that a call that was
/// listened to cannot be played again.
pub(super) fn signature(key: &[u8], moment: i64, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(format!("{moment}.").as_bytes());
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

fn client(url: &str, allow_private: bool) -> Result<reqwest::Client, String> {
    let parsed = reqwest::Url::parse(url).map_err(|_| "the address cannot be read".to_owned())?;
    let reach = Reach { private: if allow_private { Private::All } else { Private::None }, refusal: PRIVATE };
    reach.check(&parsed)?;
    reach.client(LONGEST)
}

const PRIVATE: &str = "the address is on a private network; `--allow-private-webhooks` allows that";

/// A message of RFC 5424: facility 13 (log audit), severity by kind, the id as message id.
fn message(notice: &Notice) -> String {
    let severity = if [EXPLOITED.code, EMERGENCY.code].contains(&notice.kind.as_str()) { 2 } else { 4 };
    let text = |text: &str| text.replace(|c: char| c.is_control(), " ");
    let escaped = |value: &str| text(value).replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]");
    let at = notice.created.strftime("%Y-%m-%dT%H:%M:%S%.6fZ");
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = Some(host.trim()).filter(|host| !host.is_empty()).unwrap_or("-").to_owned();
    format!(
        "<{}>1 {at} {host} bedrail {} {} [notice@32473 id=\"{}\" link=\"{}\"] \u{feff}{}: {}",
        13 * 8 + severity,
        std::process::id(),
        notice.kind,
        notice.id,
        escaped(&notice.link),
        text(&notice.title),
        text(&notice.detail)
    )
}

async fn write_log(settings: &SyslogSettings, message: &str) -> std::io::Result<()> {
    let write = async {
        if settings.tcp {
            let mut stream = TcpStream::connect((settings.host.as_str(), settings.port)).await?;
            stream.write_all(format!("{} {message}", message.len()).as_bytes()).await?;
            return stream.shutdown().await;
        }
        let mut found = tokio::net::lookup_host((settings.host.as_str(), settings.port)).await?;
        let address = found.next().ok_or_else(|| std::io::Error::other("the log host has no address"))?;
        let own = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(own).await?;
        socket.send_to(message.as_bytes(), address).await.map(drop)
    };
    tokio::time::timeout(LONGEST, write)
        .await
        .unwrap_or_else(|_| Err(std::io::Error::other("the log host did not answer in time")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha256_over_moment_and_body() {
        // RFC 4231 §4.3 has the key "Jefe"; the text here is ours, checked with `openssl dgst -sha256 -hmac`.
        let one = signature(b"Jefe", 1_700_000_000, b"{}");
        assert_eq!(one.len(), 64);
        assert_ne!(one, signature(b"Jefe", 1_700_000_001, b"{}"));
        assert_ne!(one, signature(b"other", 1_700_000_000, b"{}"));
    }

    #[test]
    fn a_syslog_message_is_one_line_with_its_parts_in_order() {
        let notice = Notice {
            id: NoticeId::generate(),
            kind: "exploited".into(),
            title: "two\nlines".into(),
            detail: "\"quoted\"]".into(),
            link: "/a]b".into(),
            created: "2026-03-03T10:00:00.5Z".parse().unwrap(),
        };
        let message = message(&notice);
        assert!(message.starts_with("<106>1 2026-03-03T10:00:00.500000Z "), "{message}");
        assert!(message.contains("link=\"/a\\]b\"] \u{feff}two lines: \"quoted\"]"), "{message}");
        assert!(!message.contains('\n'));
    }

    #[tokio::test]
    async fn names_that_lead_to_private_addresses_are_not_called() {
        let refused = client("http://127.0.0.1:1/", false).map(drop);
        assert_eq!(refused, Err(PRIVATE.to_owned()));
        let client = client("http://localhost:1/", false).unwrap();
        let error = client.get("http://localhost:1/").send().await.unwrap_err();
        assert!(crate::feeds::words_of(&error).contains("private network"), "{error:?}");
    }
}
