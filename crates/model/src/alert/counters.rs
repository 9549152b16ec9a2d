//! What a source says of itself: what it saw and what it lost. What we received is compared with that.

use std::borrow::Cow;

use super::EventTime;

/// The counters of a source, since it was started. `None` is "it does not say".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counters<'a> {
    /// The sensor that they are of.
    pub sensor: Option<Cow<'a, str>>,
    /// When they were read.
    pub time: EventTime,
    /// Seconds that it has run.
    pub uptime: Option<u64>,
    /// Alerts that it raised.
    pub alerts: Option<u64>,
    /// Alerts that it lost before it wrote them.
    pub alerts_lost: Option<u64>,
    /// Alerts that its own thresholds kept back.
    pub alerts_suppressed: Option<u64>,
    /// Packets that reached it.
    pub packets: Option<u64>,
    /// Packets that were lost before it looked at them: what it can have missed.
    pub packets_lost: Option<u64>,
}

/// What happened between two readings of the counters. `None` is "not known".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Alerts raised.
    pub alerts: Option<u64>,
    /// Alerts lost.
    pub alerts_lost: Option<u64>,
    /// Alerts kept back.
    pub alerts_suppressed: Option<u64>,
    /// Packets seen.
    pub packets: Option<u64>,
    /// Packets lost.
    pub packets_lost: Option<u64>,
    /// It was started anew in between: what it counted before that and after the earlier reading is not known.
    pub restarted: bool,
    /// A counter went back although it was not started anew: the counters cannot be believed.
    pub went_back: bool,
}

impl Counters<'_> {
    /// What happened since an earlier reading of the same source.
    pub fn since(&self, earlier: &Counters<'_>) -> Progress {
        let pairs = [
            (self.alerts, earlier.alerts),
            (self.alerts_lost, earlier.alerts_lost),
            (self.alerts_suppressed, earlier.alerts_suppressed),
            (self.packets, earlier.packets),
            (self.packets_lost, earlier.packets_lost),
        ];
        let back = pairs.iter().any(|(now, then)| now.zip(*then).is_some_and(|(now, then)| now < then));
        // Who does not say how long it runs is given the benefit of having been started anew.
        let restarted = match self.uptime.zip(earlier.uptime) {
            Some((now, then)) => now < then,
            None => back,
        };
        let [alerts, alerts_lost, alerts_suppressed, packets, packets_lost] = pairs.map(|(now, then)| {
            let (now, then) = if restarted { (now?, 0) } else { (now?, then?) };
            now.checked_sub(then)
        });
        let went_back = back && !restarted;
        Progress { alerts, alerts_lost, alerts_suppressed, packets, packets_lost, restarted, went_back }
    }

    /// The counters with texts of their own.
    pub fn into_owned(self) -> Counters<'static> {
        let sensor = self.sensor.map(|text| Cow::Owned(text.into_owned()));
        Counters {
            sensor,
            time: self.time,
            uptime: self.uptime,
            alerts: self.alerts,
            alerts_lost: self.alerts_lost,
            alerts_suppressed: self.alerts_suppressed,
            packets: self.packets,
            packets_lost: self.packets_lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn reading(uptime: Option<u64>, alerts: Option<u64>, packets: Option<u64>) -> Counters<'static> {
        Counters {
            sensor: None,
            time: EventTime { at: Timestamp::UNIX_EPOCH, flaw: None },
            uptime,
            alerts,
            alerts_lost: None,
            alerts_suppressed: None,
            packets,
            packets_lost: None,
        }
    }

    #[test]
    fn a_start_anew_and_a_lie_are_told_apart() {
        let earlier = reading(Some(100), Some(50), Some(1_000));
        let later = reading(Some(200), Some(70), Some(1_500)).since(&earlier);
        assert_eq!(
            (later.alerts, later.packets, later.restarted, later.went_back),
            (Some(20), Some(500), false, false)
        );
        assert_eq!(later.alerts_lost, None, "what is not said is not nothing");
        let anew = reading(Some(8), Some(3), Some(90)).since(&earlier);
        assert_eq!(
            (anew.alerts, anew.packets, anew.restarted, anew.went_back),
            (Some(3), Some(90), true, false)
        );
        let lie = reading(Some(200), Some(49), Some(1_500)).since(&earlier);
        assert_eq!((lie.alerts, lie.packets, lie.restarted, lie.went_back), (None, Some(500), false, true));
        let mute = reading(None, Some(3), None).since(&reading(None, Some(9), None));
        assert_eq!((mute.alerts, mute.restarted, mute.went_back), (Some(3), true, false));
    }
}
