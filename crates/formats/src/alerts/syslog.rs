//! Syslog: RFC 5424, and what RFC 3164 found in use. What stands inside is read by its own format; plain messages are
//! events by their severity, and of their text nothing is kept but a program's own number of the message.

use std::borrow::Cow;

use bedrail_model::alert::SourceKind;

use super::draft::{Context, Draft};
use super::time::{self, Clock, Said};
use super::words::severity_of_syslog;
use super::{Reading, Why};

/// What syslog says around a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Envelope<'l> {
    /// 0 emergency to 7 debug (RFC 5424 §6.2.1); `None` in files, where it is left out.
    pub(super) severity: Option<u8>,
    pub(super) time: Said,
    pub(super) host: Option<&'l str>,
    /// `sequenceId` (RFC 5424 §7.3.1).
    pub(super) sequence: Option<u32>,
    /// Program and message: with its tag in RFC 3164, as `program/id: message` is not to be had otherwise.
    pub(super) content: &'l str,
}

/// The marker by which a program says that JSON follows (Common Event Expression).
const CEE: &str = "@cee:";

/// Take a line out of its syslog header; `None` where it has none.
pub(super) fn open<'l>(text: &'l str, context: &Context<'_>) -> Option<Envelope<'l>> {
    let clock = Clock { zone: &context.settings.zone, received: context.received };
    let (severity, rest) = match text.strip_prefix('<') {
        Some(rest) => {
            let (number, rest) = rest.split_once('>')?;
            // RFC 5424 §6.2.1: up to three digits, up to 191.
            let number: u8 = number.parse().ok().filter(|number| *number <= 191)?;
            (Some(number % 8), rest)
        }
        None => (None, text),
    };
    match rest.strip_prefix("1 ") {
        Some(rest) if severity.is_some() => open_5424(severity, rest, clock),
        _ => open_3164(severity, rest, clock),
    }
}

/// RFC 5424 §6: `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]`. The content starts at APP-NAME.
fn open_5424<'l>(severity: Option<u8>, rest: &'l str, clock: Clock<'_>) -> Option<Envelope<'l>> {
    let (time, rest) = rest.split_once(' ')?;
    let (host, content) = rest.split_once(' ')?;
    let time = match time {
        "-" => time::read("", clock),
        time => time::read(time, clock),
    };
    let host = Some(host).filter(|host| *host != "-");
    let sequence = header_5424(content).and_then(|header| header.sequence);
    Some(Envelope { severity, time, host, sequence, content })
}

/// RFC 3164 §4.1: `Mmm dd hh:mm:ss HOST TAG: message`; the time may be that of RFC 5424, as newer programs write it.
fn open_3164<'l>(severity: Option<u8>, rest: &'l str, clock: Clock<'_>) -> Option<Envelope<'l>> {
    let old = rest.get(..15).filter(|time| time.as_bytes().get(3) == Some(&b' ') && time.contains(':'));
    let (time, after) = match old {
        Some(time) => (time, rest.get(15..)?),
        None => rest.split_once(' ').filter(|(time, _)| time.len() >= 19)?,
    };
    let said = time::read(time, clock);
    if said.at.is_err() {
        // Without a header that can be read, everything is the message (RFC 3164 §4.3.3).
        let time = time::read("", clock);
        return severity.map(|_| Envelope { severity, time, host: None, sequence: None, content: rest });
    }
    let after = after.trim_start();
    let (host, content) = after.split_once(' ').unwrap_or((after, ""));
    // Some leave the host out and go on with the tag.
    let (host, content) = if host.ends_with(':') { (None, after) } else { (Some(host), content) };
    Some(Envelope { severity, time: said, host, sequence: None, content })
}

/// The parts of RFC 5424 behind the host.
struct Header5424<'l> {
    program: &'l str,
    message_id: &'l str,
    sequence: Option<u32>,
    message: &'l str,
}

fn header_5424(content: &str) -> Option<Header5424<'_>> {
    let mut words = content.splitn(4, ' ');
    let (program, _process, message_id, rest) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let (data, message) = match rest.strip_prefix('-') {
        Some(message) if message.is_empty() || message.starts_with(' ') => ("", message),
        _ => rest.split_at(structured_data(rest)?),
    };
    let message = message.trim_start();
    let message = message.strip_prefix('\u{feff}').unwrap_or(message);
    Some(Header5424 { program, message_id, sequence: sequence_of(data), message })
}

/// Bytes of structured data (RFC 5424 §6.3): elements in brackets, without anything between them; a bracket within a value
/// has a backslash before it.
fn structured_data(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped, mut open) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' if !quoted && !open => open = true,
            b']' if !quoted => open = false,
            b' ' if !open => return (at > 0).then_some(at),
            _ if !open => return None,
            _ => {}
        }
    }
    (!open && !text.is_empty()).then_some(text.len())
}

fn sequence_of(data: &str) -> Option<u32> {
    let (_, meta) = data.split_once("[meta ")?;
    let (_, value) = meta.split_once("sequenceId=\"")?;
    value.split('"').next()?.parse().ok().filter(|number| (1..=i32::MAX.unsigned_abs()).contains(number))
}

/// What stands inside: CEF or JSON from where it begins, else the content as it is.
pub(super) fn payload(content: &str) -> &str {
    let message = match header_5424(content) {
        Some(header) if inner(header.message).is_some() => header.message,
        _ => content,
    };
    inner(message).unwrap_or(content)
}

/// CEF at the start or behind a tag, JSON behind a tag or the marker.
fn inner(message: &str) -> Option<&str> {
    let starts = |text: &str| text.starts_with("CEF:") || text.starts_with('{');
    let message = message.trim_start();
    if starts(message) {
        return Some(message);
    }
    // `suricata[4711]: {…}`: a tag is up to 32 signs (RFC 3164 §4.1.3), in use a little longer, and has no blank.
    let after_tag = match message.split_once(": ") {
        Some((tag, rest)) if tag.len() <= 64 && !tag.contains(' ') => rest.trim_start(),
        _ => message,
    };
    let bare = after_tag.strip_prefix(CEE).unwrap_or(after_tag).trim_start();
    starts(bare).then_some(bare)
}

/// Read a plain message.
pub(super) fn read_plain<'l>(text: &'l str, context: &Context<'_>) -> Reading<'l> {
    let Some(severity) = context.severity else {
        // No syslog around it, or none that gives a severity: it cannot be told whether this is an alert.
        return Reading::NotUnderstood(if context.time.is_some() {
            Why::Header {
                format: "syslog",
                detail: "it has no priority, so it cannot be told whether it is an alert",
            }
        } else {
            Why::UnknownShape
        });
    };
    if severity > context.settings.syslog_severity {
        return Reading::NotAnAlert(Cow::Borrowed(
            SEVERITIES.get(usize::from(severity)).unwrap_or(&"syslog"),
        ));
    }
    let mut draft = Draft::new(SourceKind::Syslog, rule(text));
    draft.severity = severity_of_syslog(severity.into());
    draft.finish(context)
}

/// How messages that are no alerts are counted.
const SEVERITIES: [&str; 8] = [
    "syslog emergency",
    "syslog alert",
    "syslog critical",
    "syslog error",
    "syslog warning",
    "syslog notice",
    "syslog info",
    "syslog debug",
];

/// The rule of a plain message: the number that network devices give it (`%ASA-4-106023`), else program and MSGID of
/// RFC 5424, else the tag. The message itself may hold anything and is no part of it.
fn rule(content: &str) -> Cow<'_, str> {
    if let Some(code) = code_of(content) {
        return Cow::Borrowed(code);
    }
    match header_5424(content) {
        Some(header) if header.message_id != "-" => {
            Cow::Owned(format!("{}/{}", header.program, header.message_id))
        }
        Some(header) => Cow::Borrowed(header.program),
        None => match content.split([':', '[', ' ', '/']).next() {
            Some(tag) if is_tag(tag) => Cow::Borrowed(tag),
            _ => Cow::Borrowed("syslog"),
        },
    }
}

fn is_tag(tag: &str) -> bool {
    !tag.is_empty()
        && tag.len() <= 48
        && tag.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it))
}

/// `ASA-4-106023` of `%ASA-4-106023:`: facility, severity and mnemonic, as Cisco's and others' devices write them.
fn code_of(content: &str) -> Option<&str> {
    let (_, after) = content.split_once('%')?;
    let (code, _) = after.split_once(':')?;
    let parts: Vec<&str> = code.split('-').collect();
    let severity = parts.iter().rev().nth(1)?;
    let plain = code.len() <= 64
        && parts.len() >= 3
        && code.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || b"-_".contains(&it));
    (plain && severity.len() == 1 && severity.bytes().all(|it| it.is_ascii_digit())).then_some(code)
}
