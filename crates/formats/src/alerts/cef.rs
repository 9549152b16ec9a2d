//! ArcSight's Common Event Format (Implementation Standard, "Header Field Definitions", "Extension Dictionary").

use std::borrow::Cow;

use bedrail_model::alert::{Outcome, PathClass, Side, SourceKind};
use bedrail_model::severity::Severity;

use super::draft::{Context, Draft, endpoint};
use super::time::{self, Clock};
use super::words::{outcome_of, severity_of};
use super::{Reading, Why};

/// Fields of the header behind the version.
const FIELDS: usize = 6;

/// Keys of the extension that are looked at. All others are passed over: names of users, messages, addresses of pages but
/// for their class.
#[derive(Debug, Default)]
struct Extension<'l> {
    src: Option<&'l str>,
    dst: Option<&'l str>,
    src6: Option<&'l str>,
    dst6: Option<&'l str>,
    spt: Option<&'l str>,
    dpt: Option<&'l str>,
    rt: Option<&'l str>,
    end: Option<&'l str>,
    start: Option<&'l str>,
    act: Option<&'l str>,
    outcome: Option<&'l str>,
    cnt: Option<&'l str>,
    request: Option<&'l str>,
    host: Option<&'l str>,
    device: Option<&'l str>,
    direction: Option<&'l str>,
}

impl<'l> Extension<'l> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'l str>> {
        Some(match key {
            "src" => &mut self.src,
            "dst" => &mut self.dst,
            "c6a2" => &mut self.src6,
            "c6a3" => &mut self.dst6,
            "spt" => &mut self.spt,
            "dpt" => &mut self.dpt,
            "rt" => &mut self.rt,
            "end" => &mut self.end,
            "start" => &mut self.start,
            "act" => &mut self.act,
            "outcome" => &mut self.outcome,
            "cnt" => &mut self.cnt,
            "request" => &mut self.request,
            "dvchost" => &mut self.host,
            "dvc" => &mut self.device,
            "deviceDirection" => &mut self.direction,
            _ => return None,
        })
    }

    /// Take `key=value` pairs apart. A value goes on to the blank before the next key; the first of two of a key counts.
    fn read(text: &'l str) -> Extension<'l> {
        let mut extension = Extension::default();
        let mut key: Option<(&str, usize)> = None;
        for equals in unescaped(text, b'=') {
            let before = text.get(..equals).unwrap_or_default();
            let from = before.rfind(' ').map_or(0, |at| at + 1);
            let name = before.get(from..).unwrap_or_default();
            let is_key = !name.is_empty()
                && name.bytes().all(|it| it.is_ascii_alphanumeric() || b"_.-[]".contains(&it));
            if !is_key {
                continue;
            }
            if let Some((name, value)) = key {
                extension.put(name, text.get(value..from).unwrap_or_default());
            }
            key = Some((name, equals + 1));
        }
        if let Some((name, value)) = key {
            extension.put(name, text.get(value..).unwrap_or_default());
        }
        extension
    }

    fn put(&mut self, key: &str, value: &'l str) {
        let value = value.trim();
        if let Some(slot) = self.slot(key)
            && slot.is_none()
            && !value.is_empty()
        {
            *slot = Some(value);
        }
    }
}

/// Places of a sign that has no backslash before it.
fn unescaped(text: &str, sign: u8) -> impl Iterator<Item = usize> + '_ {
    let mut escaped = false;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        let meant = byte == sign && !escaped;
        escaped = byte == b'\\' && !escaped;
        meant.then_some(at)
    })
}

/// A text without the backslashes of its escapes.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => match signs.next() {
                Some('n' | 'r') => plain.push(' '),
                Some(other) => plain.push(other),
                None => {}
            },
            other => plain.push(other),
        }
    }
    Cow::Owned(plain)
}

/// Read an event.
pub(super) fn read<'l>(text: &'l str, context: &Context<'_>) -> Reading<'l> {
    let broken = |detail| Reading::NotUnderstood(Why::Header { format: "CEF", detail });
    let Some(rest) = text.strip_prefix("CEF:") else { return broken("it does not begin with `CEF:`") };
    let bars: Vec<usize> = unescaped(rest, b'|').take(FIELDS + 1).collect();
    let field = |at: usize| {
        let from = bars.get(at)? + 1;
        rest.get(from..*bars.get(at + 1)?)
    };
    let (Some(maker), Some(product), Some(class), Some(name), Some(severity)) =
        (field(0), field(1), field(3), field(4), field(5))
    else {
        return broken("its header has fewer than seven fields");
    };
    let version = bars.first().and_then(|end| rest.get(..*end)).unwrap_or_default();
    if !version.starts_with(['0', '1']) {
        return broken("its version is neither 0 nor 1");
    }
    if class.trim().is_empty() {
        return Reading::NotUnderstood(Why::Missing("Device Event Class ID"));
    }
    let extension = bars.get(FIELDS).and_then(|end| rest.get(end + 1..)).unwrap_or_default();
    let extension = Extension::read(extension);
    // One collector hands on for many products, whose ids are their own.
    let rule = format!("{}/{}/{}", unescape(maker).trim(), unescape(product).trim(), unescape(class).trim());
    let mut draft = Draft::new(SourceKind::Cef, Cow::Owned(rule));
    draft.name = Some(unescape(name));
    draft.severity = severity_of_header(severity.trim());
    draft.from = endpoint(extension.src.or(extension.src6), port(extension.spt));
    draft.to = endpoint(extension.dst.or(extension.dst6), port(extension.dpt));
    draft.outcome = outcome(extension.act, extension.outcome);
    draft.path = extension.request.map_or(PathClass::none(), |request| PathClass::of(&unescape(request)));
    draft.count = extension.cnt.and_then(|count| count.parse().ok()).unwrap_or(1);
    draft.sensor = extension.host.or(extension.device).map(unescape);
    draft.attacker = match extension.direction {
        Some("1") => Some(Side::To),
        Some("0") => Some(Side::From),
        Some(_) | None => None,
    };
    let clock = Clock { zone: &context.settings.zone, received: context.received };
    let time = extension.rt.or(extension.end).or(extension.start);
    draft.time = time.map(|text| time::read(text, clock));
    draft.finish(context)
}

fn port(text: Option<&str>) -> Option<u16> {
    text?.parse().ok()
}

/// 0 to 3 is low, 4 to 6 medium, 7 and 8 high, 9 and 10 very high; or the word.
fn severity_of_header(text: &str) -> Severity {
    match text.parse::<u8>() {
        Ok(0..=3) => Severity::Low,
        Ok(4..=6) => Severity::Medium,
        Ok(7 | 8) => Severity::High,
        Ok(9 | 10) => Severity::Critical,
        Ok(_) => Severity::Unknown,
        Err(_) => severity_of(text),
    }
}

/// What was done counts before how that ended: a block that succeeded is a block.
fn outcome(act: Option<&str>, outcome: Option<&str>) -> Outcome {
    let act = act.and_then(|word| outcome_of(&unescape(word)));
    let ended = outcome.and_then(|word| outcome_of(&unescape(word)));
    match (act, ended) {
        (Some(Outcome::Blocked), _) => Outcome::Blocked,
        (_, Some(Outcome::Success)) | (Some(Outcome::Success), _) => Outcome::Success,
        (Some(act), _) => act,
        (None, Some(ended)) => ended,
        (None, None) => Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Character Encoding" of the standard: what is escaped where.
    #[test]
    fn values_hold_blanks_equals_and_bars() {
        let extension = Extension::read(
            r"src=10.0.0.1 act=blocked a \| dst=1.1.1.1 request=http://h/a\=b?c\=d msg=x\=y  z dpt=80 dpt=81 cs1Label=q",
        );
        assert_eq!(extension.src, Some("10.0.0.1"));
        assert_eq!(extension.act, Some(r"blocked a \|"));
        assert_eq!(extension.dst, Some("1.1.1.1"));
        assert_eq!(extension.request, Some(r"http://h/a\=b?c\=d"));
        assert_eq!(extension.dpt, Some("80"));
        assert_eq!(unescape(r"a\=b\|c\\d\ne\"), r"a=b|c\d e");
    }
}
