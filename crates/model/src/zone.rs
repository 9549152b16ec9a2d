//! The zones that a person can choose to read times in.

use jiff::tz::TimeZone;

/// A zone that can be chosen.
#[derive(Debug, Clone, Copy)]
pub struct Zone {
    /// The stable code, as it is kept.
    pub code: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Its rule (POSIX.1-2017 §8.3, `TZ`). The present rule is used for all years: enough for what happened since 2007.
    rule: &'static str,
}

const fn zone(code: &'static str, name: &'static str, rule: &'static str) -> Zone {
    Zone { code, name, rule }
}

/// The zones that can be chosen, from east of the Atlantic to west of the Pacific.
pub const ZONES: &[Zone] = &[
    zone("utc", "UTC", "UTC0"),
    zone("ireland-uk", "Britain and Ireland", "GMT0BST,M3.5.0/1,M10.5.0"),
    zone("central-europe", "Central Europe", "CET-1CEST,M3.5.0,M10.5.0/3"),
    zone("atlantic", "Atlantic (Puerto Rico, Virgin Islands)", "AST4"),
    zone("eastern", "Eastern (New York)", "EST5EDT,M3.2.0,M11.1.0"),
    zone("central", "Central (Chicago)", "CST6CDT,M3.2.0,M11.1.0"),
    zone("mountain", "Mountain (Denver)", "MST7MDT,M3.2.0,M11.1.0"),
    zone("arizona", "Arizona (Phoenix)", "MST7"),
    zone("pacific", "Pacific (Los Angeles)", "PST8PDT,M3.2.0,M11.1.0"),
    zone("alaska", "Alaska (Anchorage)", "AKST9AKDT,M3.2.0,M11.1.0"),
    zone("hawaii", "Hawaii (Honolulu)", "HST10"),
    zone("guam", "Guam and the Marianas", "CHST-10"),
];

impl Zone {
    /// The zone that a code names.
    pub fn of(code: &str) -> Option<&'static Zone> {
        ZONES.iter().find(|zone| zone.code == code)
    }

    /// Its rule, ready for use.
    pub fn rule(&self) -> TimeZone {
        // The test below sees to it that every rule can be read.
        TimeZone::posix(self.rule).unwrap_or(TimeZone::UTC)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn every_zone_has_a_rule_of_its_own_that_can_be_read() {
        let summer: Timestamp = "2026-07-01T12:00:00Z".parse().unwrap();
        for zone in ZONES {
            assert!(TimeZone::posix(zone.rule).is_ok(), "{}", zone.code);
            assert_eq!(Zone::of(zone.code).unwrap().name, zone.name);
            let name = summer.to_zoned(zone.rule()).strftime("%Z").to_string();
            assert!(zone.rule.contains(&name), "{}: {name}", zone.code);
        }
    }
}
