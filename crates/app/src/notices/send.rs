//! Carries one notice outside: by a signed call, or to a log host.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bedrail_model::ids::NoticeId;
use bedrail_store::notices as rows;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpStream, UdpSocket};

use super::channels::{SyslogSettings, WebhookSettings, about};
use super::{Channel, ChannelState, EMERGENCY, EXPLOITED, Notice};
use crate::jobs::run::{Ended, Run, Stop};

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
            let key = run.ctx.inner.secrets.open(&about(org, Channel::Webhook), &sealed);
            let key = key.map_err(|error| Stop::Never(error.to_string()))?;
            call(&run, &settings, &key, &notice).await
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

async fn call(run: &Run, settings: &WebhookSettings, key: &[u8], notice: &Notice) -> Result<Ended, Stop> {
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
    let moment = run.ctx.clock.now().as_second();
    let client = client(&settings.url, run.allow_private).map_err(Stop::Never)?;
    let request = client
        .post(&settings.url)
        .header("content-type", "application/json")
        .header("bedrail-delivery", notice.id.to_string())
        .header("bedrail-signature", format!("t={moment},v1={}", signature(key, moment, &body)))
        .body(body);
    let response = request.send().await.map_err(|error| Stop::Again(crate::feeds::words_of(&error)))?;
    let status = response.status();
    match status.as_u16() {
        200..=299 => Ok(Ended::With(format!("the receiver answered {status}"))),
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
    // An address written in numbers is never looked up, so the resolver does not see it.
    let literal = parsed.host_str().unwrap_or_default().trim_matches(['[', ']']).parse::<IpAddr>();
    if literal.is_ok_and(|address| !allow_private && !is_public(address)) {
        return Err(PRIVATE.to_owned());
    }
    crate::feeds::install_provider();
    reqwest::Client::builder()
        .user_agent(concat!("bedrail/", env!("CARGO_PKG_VERSION")))
        .timeout(LONGEST)
        .redirect(reqwest::redirect::Policy::none())
        // A proxy would look the name up itself.
        .no_proxy()
        .dns_resolver(Arc::new(PublicOnly { allow_private }))
        .build()
        .map_err(|error| error.to_string())
}

const PRIVATE: &str = "the address is on a private network; `--allow-private-webhooks` allows that";

/// Looks names up and connects to public addresses only: what is checked is what is connected to.
struct PublicOnly {
    allow_private: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> =
                found.filter(|address| allow_private || is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(std::io::Error::other(PRIVATE).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is reached over the internet: not loopback, private, link-local, shared, multicast, reserved, or one
/// of these inside an IPv6 address (RFC 6890, RFC 4193, RFC 6052).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let special =
                a == 0 || a >= 240 || (a, b, c) == (192, 0, 0) || (a == 198 && matches!(b, 18 | 19));
            !(v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_documentation()
                || shared
                || special)
        }
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    if let Some(v4) = v6.to_ipv4() {
        return is_public(IpAddr::V4(v4));
    }
    let parts = v6.segments();
    let last = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::from([a, b, c, d])
    };
    match parts {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public(last(high, low)),
        [0x2002, high, low, ..] => is_public(last(high, low)),
        // Only 2000::/3 is given out; documentation and Teredo lie in it.
        [first, second, ..] => {
            first & 0xe000 == 0x2000 && (first, second) != (0x2001, 0xdb8) && (first, second) != (0x2001, 0)
        }
    }
}

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
    fn private_addresses_are_told_from_public_ones_however_they_are_wrapped() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "2a00::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

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
