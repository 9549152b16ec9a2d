//! What sensors count of themselves, and how many of their events came in between.

use std::collections::BTreeMap;

use bedrail_model::alert::{Counters, EventTime};
use bedrail_store::alerts::CounterRow;
use bedrail_store::alerts::segments::Reported;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Sensors that are told apart in a batch; a source that invents more has them counted as one.
const SENSORS: usize = 1_000;

/// What a batch says of one sensor.
#[derive(Debug, Clone, Default)]
pub(super) struct Sensor {
    /// Events before its first reading in the batch.
    before: u64,
    /// Its first and its last reading.
    readings: Option<(Counters<'static>, Counters<'static>)>,
    /// What lies between them.
    between: Reported,
    /// Events since the last one.
    since: u64,
}

/// What a batch says of all sensors.
#[derive(Debug, Clone, Default)]
pub(super) struct Sensors {
    counted: BTreeMap<String, Sensor>,
    numbered: BTreeMap<String, Numbered>,
}

impl Sensors {
    fn of(&mut self, sensor: Option<&str>) -> &mut Sensor {
        let sensor = sensor.unwrap_or_default();
        let known = self.counted.contains_key(sensor);
        let name = if known || self.counted.len() < SENSORS { sensor } else { "" };
        self.counted.entry(name.to_owned()).or_default()
    }

    /// An event of a sensor.
    pub(super) fn event(&mut self, sensor: Option<&str>) {
        // Nearly always there is one sensor, so that no name is made anew.
        let it = match self.counted.get_mut(sensor.unwrap_or_default()) {
            Some(it) => it,
            None => self.of(sensor),
        };
        if it.readings.is_some() { it.since += 1 } else { it.before += 1 }
    }

    /// A reading of a sensor.
    pub(super) fn reading(&mut self, counters: Counters<'_>) {
        let counters = counters.into_owned();
        let it = self.of(counters.sensor.as_deref());
        match &mut it.readings {
            None => it.readings = Some((counters.clone(), counters)),
            Some((_, last)) => {
                add(&mut it.between, &counters, last, it.since);
                *last = counters;
                it.since = 0;
            }
        }
    }

    /// A message that its sender numbered.
    pub(super) fn numbered(&mut self, host: Option<&str>, number: u32) {
        let host = host.unwrap_or_default();
        // Whoever invents so many names is not compared.
        if !self.numbered.contains_key(host) && self.numbered.len() < SENSORS {
            self.numbered.insert(host.to_owned(), Numbered::default());
        }
        if let Some(it) = self.numbered.get_mut(host) {
            it.take(number);
        }
    }

    /// Joins what was known before the batch: what the source reports in all, and what is known now.
    pub(super) fn join(self, known: Vec<CounterRow>) -> (Reported, Vec<CounterRow>) {
        let mut known: BTreeMap<String, CounterRow> =
            known.into_iter().map(|row| (row.sensor.clone(), row)).collect();
        let (mut reported, mut rows) = (Reported::default(), Vec::new());
        for (host, it) in self.numbered {
            let name = format!("{NUMBERED}{host}");
            let before = known.remove(&name).and_then(|row| row.body.parse().ok());
            let (missed, last) = it.after(before);
            reported.missed = reported.missed.saturating_add(missed);
            rows.push(CounterRow { sensor: name, body: last.to_string(), since: 0 });
        }
        for (name, it) in self.counted {
            let before = known.remove(&name);
            let Some((first, last)) = it.readings else {
                // Without a reading events count since the one before, where there was one.
                if let Some(row) = before {
                    rows.push(CounterRow { since: row.since + it.before, ..row });
                }
                continue;
            };
            merge(&mut reported, it.between);
            if let Some((row, earlier)) = before.and_then(|row| Some((row.since, read(&row.body)?))) {
                add(&mut reported, &first, &earlier, row + it.before);
            }
            let body = serde_json::to_string(&Kept::of(&last)).unwrap_or_default();
            rows.push(CounterRow { sensor: name, body, since: it.since });
        }
        (reported, rows)
    }
}

/// How the row of a sender's last number is called; no sensor has a name with a line break.
const NUMBERED: &str = "number\n";
/// How late a message may come and still be one that was missed: further back, its sender was started anew.
const LATE: u32 = 1_000;
/// A jump by more than that is no loss but a sender that counts in its own way.
const JUMP: u32 = 1 << 24;

/// Runs of numbers that a batch holds of one sender: whoever sends more counts in no order, and is not compared.
const RUNS: usize = 4_096;

/// The numbers of one sender (RFC 5424 §7.3.1), in runs of consecutive ones as they came: a run is from and to, inclusive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Numbered(Vec<(u32, u32)>);

impl Numbered {
    fn take(&mut self, number: u32) {
        let full = self.0.len() >= RUNS;
        match self.0.last_mut() {
            Some((_, to)) if to.checked_add(1) == Some(number) => *to = number,
            _ if !full => self.0.push((number, number)),
            _ => {}
        }
    }

    /// How many were missed, and the last number; behind the last one before, where one is known.
    fn after(&self, before: Option<u32>) -> (i64, u32) {
        let first = self.0.first().map_or(0, |(from, _)| from.saturating_sub(1));
        let (mut all, mut last) = (0, before.unwrap_or(first));
        for (from, to) in &self.0 {
            let run = missed(last, *from);
            // One that comes late may be a run of late ones.
            let late = run < 0;
            all += if late { -i64::from(to - from + 1) } else { run };
            if !late || *to > last {
                last = *to;
            }
        }
        (all, last)
    }
}

/// How many are missed where a number follows another; -1 where it comes late.
fn missed(last: u32, number: u32) -> i64 {
    match number.checked_sub(last) {
        Some(0) => 0,
        Some(ahead) if ahead <= JUMP => i64::from(ahead) - 1,
        Some(_) => 0,
        None if number > 1 && last - number < LATE => -1,
        None => 0,
    }
}

/// What happened between two readings. Where the counters cannot be believed or do not say, nothing is compared.
fn add(reported: &mut Reported, now: &Counters<'_>, then: &Counters<'_>, events: u64) {
    let progress = now.since(then);
    reported.lies += u64::from(progress.went_back);
    // What was counted between the last reading and a new start is not known.
    if progress.restarted {
        return;
    }
    if let Some(alerts) = progress.alerts {
        let (raised, lost) = reported.alerts.unwrap_or_default();
        let lost = lost.saturating_add(progress.alerts_lost.unwrap_or_default());
        reported.alerts = Some((raised.saturating_add(alerts), lost));
        reported.compared += events;
    }
}

fn merge(all: &mut Reported, part: Reported) {
    if let Some((raised, lost)) = part.alerts {
        let (before, lost_before) = all.alerts.unwrap_or_default();
        all.alerts = Some((before.saturating_add(raised), lost_before.saturating_add(lost)));
    }
    all.missed = all.missed.saturating_add(part.missed);
    all.compared += part.compared;
    all.lies += part.lies;
}

/// A reading as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// Microseconds since 1970.
    at: i64,
    uptime: Option<u64>,
    alerts: Option<u64>,
    lost: Option<u64>,
    suppressed: Option<u64>,
    packets: Option<u64>,
    packets_lost: Option<u64>,
}

impl Kept {
    fn of(counters: &Counters<'_>) -> Kept {
        Kept {
            at: counters.time.at.as_microsecond(),
            uptime: counters.uptime,
            alerts: counters.alerts,
            lost: counters.alerts_lost,
            suppressed: counters.alerts_suppressed,
            packets: counters.packets,
            packets_lost: counters.packets_lost,
        }
    }
}

fn read(body: &str) -> Option<Counters<'static>> {
    let kept: Kept = serde_json::from_str(body).ok()?;
    Some(Counters {
        sensor: None,
        time: EventTime { at: Timestamp::from_microsecond(kept.at).ok()?, flaw: None },
        uptime: kept.uptime,
        alerts: kept.alerts,
        alerts_lost: kept.lost,
        alerts_suppressed: kept.suppressed,
        packets: kept.packets,
        packets_lost: kept.packets_lost,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(uptime: u64, alerts: u64) -> Counters<'static> {
        Counters {
            sensor: Some("border".into()),
            time: EventTime { at: Timestamp::UNIX_EPOCH, flaw: None },
            uptime: Some(uptime),
            alerts: Some(alerts),
            alerts_lost: Some(0),
            alerts_suppressed: None,
            packets: None,
            packets_lost: None,
        }
    }

    /// Wherever a stream is cut into batches, what is compared is the same.
    #[test]
    fn batches_add_up_to_the_stream() {
        // Events and readings in their order: after 3 events the source says 3, after 5 more it says 9: one is missing.
        let stream = |cut: usize| {
            let mut sensors = Sensors::default();
            let (mut known, mut all) = (Vec::new(), Reported::default());
            let steps: Vec<Option<(u64, u64)>> =
                [vec![None; 2], vec![Some((10, 2))], vec![None; 3], vec![Some((20, 5))], vec![None; 3]]
                    .into_iter()
                    .flatten()
                    .chain([Some((30, 9)), None])
                    .collect();
            for (index, step) in steps.iter().enumerate() {
                if index % cut == 0 {
                    let (reported, rows) = std::mem::take(&mut sensors).join(known.clone());
                    merge(&mut all, reported);
                    if !rows.is_empty() {
                        known = rows;
                    }
                }
                match step {
                    None => sensors.event(Some("border")),
                    Some((uptime, alerts)) => sensors.reading(reading(*uptime, *alerts)),
                }
            }
            let (reported, rows) = sensors.join(known);
            merge(&mut all, reported);
            assert_eq!(rows.first().map(|row| row.since), Some(1), "cut at {cut}");
            all
        };
        for cut in 1..=13 {
            let all = stream(cut);
            assert_eq!((all.alerts, all.compared, all.lies), (Some((7, 0)), 6, 0), "cut at {cut}");
        }
    }

    /// Numbers of messages: a gap is missed until it comes late, a new start is no gap; however they are cut into batches.
    #[test]
    fn gaps_in_numbers_are_missed() {
        let rows: [(&[u32], i64); 9] = [
            (&[1, 2, 3], 0),
            (&[1, 2, 5], 2),
            (&[7, 9, 8, 10], 0),
            (&[7, 10, 8], 1),
            (&[4_000, 4_001, 1, 2, 3], 0),
            (&[4_000, 4_001, 1, 3], 1),
            (&[2_147_483_647, 1, 2], 0),
            (&[5, 5, 6], 0),
            (&[10, 2_000_000_000, 2_000_000_001], 0),
        ];
        for (numbers, expected) in rows {
            for cut in 1..=numbers.len() {
                let (mut known, mut all) = (Vec::new(), 0);
                for part in numbers.chunks(cut) {
                    let mut sensors = Sensors::default();
                    part.iter().for_each(|number| sensors.numbered(Some("border"), *number));
                    let (reported, rows) = sensors.join(known);
                    (known, all) = (rows, all + reported.missed);
                }
                assert_eq!(all, expected, "{numbers:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_lie_and_a_new_start_are_not_compared() {
        let mut sensors = Sensors::default();
        sensors.reading(reading(10, 5));
        sensors.event(Some("border"));
        sensors.reading(reading(20, 4));
        sensors.event(Some("border"));
        sensors.reading(reading(3, 1));
        let (reported, _) = sensors.join(Vec::new());
        assert_eq!((reported.alerts, reported.compared, reported.lies), (None, 0, 1));
    }
}
