//! The calendar of actions for other programs: iCalendar (RFC 5545). It has what is to be done, by whom and when, and names no
//! device.

use bedrail_model::action::{Action, Stage};
use bedrail_model::text::harmless;
use bedrail_store::actions as rows;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use crate::campaigns::place_words;
use crate::guide::Dated;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// The longest line in octets, its end not counted (RFC 5545 §3.1).
const LINE: usize = 75;
/// Actions in the feed at most, the first due first.
const MOST: usize = 2_000;

/// The actions that are not closed, as an iCalendar document.
///
/// # Errors
/// [`Error::Denied`] without the right; when the database cannot be used.
pub async fn feed(ctx: &Context, actor: &Actor) -> Result<String, Error> {
    let view = ctx.view(actor, Right::ReadCalendar).await?;
    let waits = |action: &Action| matches!(action.stage(), Stage::Open | Stage::NotShown);
    let mut actions: Vec<Action> = rows::all(&view).await?.into_iter().filter(waits).collect();
    actions.sort_by_key(|action| (action.due, action.id));
    let left_out = actions.len().saturating_sub(MOST);
    actions.truncate(MOST);
    let mut dates = crate::guide::dates::read(&view, ctx.clock.now()).await?;
    dates.truncate(MOST);
    Ok(document(&actions, &dates, left_out, ctx.clock.now()))
}

fn document(actions: &[Action], dates: &[Dated], left_out: usize, now: Timestamp) -> String {
    let mut lines = Lines::default();
    lines.plain("BEGIN:VCALENDAR");
    lines.plain("VERSION:2.0");
    lines.plain("PRODID:-//Bedrail//Actions//EN");
    lines.plain("CALSCALE:GREGORIAN");
    lines.text("X-WR-CALNAME", "Bedrail actions");
    if left_out > 0 {
        lines.text("X-WR-CALDESC", &format!("{left_out} later actions are left out"));
    }
    for action in actions {
        due(&mut lines, action, now);
        if action.window.is_some() {
            window(&mut lines, action, now);
        }
    }
    for date in dates {
        dated(&mut lines, date, now);
    }
    lines.plain("END:VCALENDAR");
    lines.0
}

/// The day on which an action is due: a whole day, whose end is the next one (§3.6.1).
fn due(lines: &mut Lines, action: &Action, now: Timestamp) {
    begin(lines, action, "due", now);
    lines.plain(&format!("DTSTART;VALUE=DATE:{}", date(action.due)));
    lines.plain(&format!("DTEND;VALUE=DATE:{}", date(action.due.tomorrow().unwrap_or(action.due))));
    let late = if action.stage() == Stage::NotShown { "done, not shown yet" } else { "due" };
    lines.text("SUMMARY", &format!("{late}: {}", action.what));
    end(lines, action);
}

/// A date of the programme: the same thing on the same day has the same id, as often as it is fetched.
fn dated(lines: &mut Lines, it: &Dated, now: Timestamp) {
    let digest = Sha256::digest(format!("{} {} {}", it.day, it.link, it.what));
    lines.plain("BEGIN:VEVENT");
    lines.plain(&format!("UID:{}-date@bedrail", hex::encode(&digest[..16])));
    lines.plain(&format!("DTSTAMP:{}", utc(now)));
    lines.plain(&format!("DTSTART;VALUE=DATE:{}", date(it.day)));
    lines.plain(&format!("DTEND;VALUE=DATE:{}", date(it.day.tomorrow().unwrap_or(it.day))));
    lines.text("SUMMARY", &it.what);
    lines.plain("CATEGORIES:PROGRAMME");
    lines.plain("TRANSP:TRANSPARENT");
    lines.plain("END:VEVENT");
}

/// The maintenance window, in UTC.
fn window(lines: &mut Lines, action: &Action, now: Timestamp) {
    let Some(window) = action.window else { return };
    begin(lines, action, "window", now);
    lines.plain(&format!("DTSTART:{}", utc(window.from)));
    lines.plain(&format!("DTEND:{}", utc(window.to)));
    lines.text("SUMMARY", &format!("maintenance window: {}", action.what));
    end(lines, action);
}

fn begin(lines: &mut Lines, action: &Action, part: &str, now: Timestamp) {
    lines.plain("BEGIN:VEVENT");
    lines.plain(&format!("UID:{}-{part}@bedrail", action.id));
    lines.plain(&format!("DTSTAMP:{}", utc(now)));
}

fn end(lines: &mut Lines, action: &Action) {
    let mut told = vec![format!("{}, by {}", action.kind.row().name, action.owner)];
    told.extend(action.weakness.clone());
    told.extend(action.ward.as_ref().map(place_words));
    if let Some((day, source)) = &action.limit {
        told.push(format!("outer limit {day}, {source}"));
    }
    lines.text("DESCRIPTION", &told.join("\n"));
    lines.plain(&format!("CATEGORIES:{}", action.kind.code().to_uppercase()));
    lines.plain("TRANSP:TRANSPARENT");
    lines.plain("END:VEVENT");
}

fn date(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Content lines, folded, each ended by CRLF.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A property with a value of type TEXT (§3.3.11): backslashes, semicolons, commas and line ends are escaped; other control
    /// characters cannot stand in it and are shown as what they are.
    fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::with_capacity(value.len() + 8);
        for (at, line) in value.lines().enumerate() {
            if at > 0 {
                escaped.push_str("\\n");
            }
            for letter in harmless(line).chars() {
                if matches!(letter, '\\' | ';' | ',') {
                    escaped.push('\\');
                }
                escaped.push(letter);
            }
        }
        self.plain(&format!("{name}:{escaped}"));
    }

    /// A line as it is, folded where it is too long, between characters.
    fn plain(&mut self, line: &str) {
        let mut room = LINE;
        for letter in line.chars() {
            if letter.len_utf8() > room {
                self.0.push_str("\r\n ");
                // The blank that begins the next line counts.
                room = LINE - 1;
            }
            room -= letter.len_utf8();
            self.0.push(letter);
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_escaped_and_folded_between_characters_and_read_back() {
        let hostile = "a;b,c\\d\r\nBEGIN:VEVENT\u{7}\nEND:VCALENDAR ".to_owned() + &"é".repeat(120);
        let mut lines = Lines::default();
        lines.text("SUMMARY", &hostile);
        let text = lines.0;
        assert!(text.split("\r\n").all(|line| line.len() <= LINE), "{text}");
        assert_eq!(text.matches("\r\n").count(), text.matches('\n').count(), "no bare line end");
        let unfolded = text.replace("\r\n ", "");
        assert_eq!(unfolded.matches("\r\n").count(), 1, "one property stays one line: {unfolded}");
        assert!(unfolded.starts_with("SUMMARY:a\\;b\\,c\\\\d\\nBEGIN:VEVENT"), "{unfolded}");
        assert!(!unfolded.contains('\u{7}') && unfolded.contains(&"é".repeat(120)));
    }

    #[test]
    fn times_are_utc_and_days_end_at_the_next() {
        let at: Timestamp = "2026-11-24T17:05:06.7+01:00".parse().unwrap();
        assert_eq!(utc(at), "20261124T160506Z");
        assert_eq!(date(jiff::civil::date(2026, 1, 2)), "20260102");
    }
}
