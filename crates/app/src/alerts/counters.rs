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
pub(super) struct Sensors(BTreeMap<String, Sensor>);

impl Sensors {
    fn of(&mut self, sensor: Option<&str>) -> &mut Sensor {
        let sensor = sensor.unwrap_or_default();
        let known = self.0.contains_key(sensor);
        let name = if known || self.0.len() < SENSORS { sensor } else { "" };
        if !self.0.contains_key(name) {
            self.0.insert(name.to_owned(), Sensor::default());
        }
        // It was put in above.
        self.0.entry(name.to_owned()).or_default()
    }

    /// An event of a sensor.
    pub(super) fn event(&mut self, sensor: Option<&str>) {
        // Nearly always there is one sensor, so that no name is made anew.
        let it = match self.0.get_mut(sensor.unwrap_or_default()) {
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

    /// Joins what was known before the batch: what the source reports in all, and what is known now.
    pub(super) fn join(self, known: Vec<CounterRow>) -> (Reported, Vec<CounterRow>) {
        let mut known: BTreeMap<String, CounterRow> =
            known.into_iter().map(|row| (row.sensor.clone(), row)).collect();
        let (mut reported, mut rows) = (Reported::default(), Vec::new());
        for (name, it) in self.0 {
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
