//! What first: an order that a hospital can defend. No number is made up; each rank is a path through tables that stand here
//! to be read, and a sentence that says it.
//!
//! * **SSVC**: the deployer's table of CERT/CC ("Deployer Patch Application Priority", version 1.0.0): exploitation, system
//!   exposure, automatable, human impact.
//! * **FDA**: exploitability by severity of harm (postmarket guidance of 28 December 2016). The guidance draws a figure without
//!   values; the values of the cells are ours, and "assess" asks for a person.
//! * **CVSS**: with environmental metrics from the device where the vector is of version 3.

use std::cmp::Reverse;

use bedrail_model::clinical::Harm;
use bedrail_model::device::Exposure;
use bedrail_model::finding::Weakness;
use bedrail_model::severity::Severity;

/// Whether a weakness is exploited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exploitation {
    /// Nothing is known of it, and FIRST does not expect it.
    None,
    /// FIRST expects attacks, or has made no estimate: what is not known counts as the worse.
    Expected,
    /// CISA's catalogue has it.
    Active,
}

/// How far the system can be reached (SSVC, "System Exposure").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// A network of its own, or none.
    Small,
    /// The inner network.
    Controlled,
    /// The outside, or not known.
    Open,
}

/// When to act (SSVC, "Defer, Scheduled, Out-of-Cycle, Immediate").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// Not now.
    Defer,
    /// With the next maintenance.
    Scheduled,
    /// Before the next maintenance.
    OutOfCycle,
    /// Now, with everything that is needed.
    Immediate,
}

/// FDA's question: is the remaining risk of patient harm acceptable?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Low enough.
    Controlled,
    /// A person has to say.
    Assess,
    /// Not acceptable.
    Uncontrolled,
}

/// From this estimate of FIRST on, attacks are expected.
const EXPECTED_FROM: f64 = 0.1;

/// The deployer's table: by exploitation and exposure, then without and with automation, then by human impact from low to very high.
const DEPLOYER: [[[[When; 4]; 2]; 3]; 3] = {
    use When::{Defer as D, Immediate as I, OutOfCycle as O, Scheduled as S};
    [
        [[[D, D, S, S], [D, S, S, S]], [[D, S, S, S], [S, S, S, S]], [[D, S, S, S], [S, S, S, O]]],
        [[[D, S, S, S], [S, S, S, S]], [[D, S, S, S], [S, S, S, O]], [[S, S, S, O], [S, S, O, O]]],
        [[[S, S, O, O], [S, O, O, O]], [[S, S, O, O], [O, O, O, O]], [[S, O, O, I], [O, O, I, I]]],
    ]
};

/// FDA's axes, exploitability from low to high by harm from negligible to catastrophic. The cells are ours.
const FDA: [[Risk; 5]; 3] = {
    use Risk::{Assess as A, Controlled as C, Uncontrolled as U};
    [[C, C, C, A, U], [C, C, A, U, U], [C, A, U, U, U]]
};

impl When {
    /// All of them, the most urgent first.
    pub const ALL: [When; 4] = [When::Immediate, When::OutOfCycle, When::Scheduled, When::Defer];

    /// The stable code used in JSON and addresses; SSVC's own word.
    pub const fn code(self) -> &'static str {
        match self {
            When::Immediate => "immediate",
            When::OutOfCycle => "out_of_cycle",
            When::Scheduled => "scheduled",
            When::Defer => "defer",
        }
    }

    /// The one that a code names.
    pub fn from_code(code: &str) -> Option<When> {
        When::ALL.into_iter().find(|when| when.code() == code)
    }
}

impl Risk {
    /// The stable code used in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Risk::Controlled => "controlled",
            Risk::Assess => "assess",
            Risk::Uncontrolled => "uncontrolled",
        }
    }
}

impl Exploitation {
    /// What is known of a weakness.
    pub fn of(weakness: &Weakness) -> Exploitation {
        if weakness.kev.is_some() || weakness.malicious {
            return Exploitation::Active;
        }
        match weakness.epss {
            Some(epss) if epss.score < EXPECTED_FROM => Exploitation::None,
            Some(_) | None => Exploitation::Expected,
        }
    }

    /// The stable code used in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Exploitation::None => "none",
            Exploitation::Expected => "expected",
            Exploitation::Active => "active",
        }
    }
}

impl Reach {
    /// Of an exposure. What is not known counts as the worse.
    pub fn of(exposure: Exposure) -> Reach {
        match exposure {
            Exposure::Outside | Exposure::Unknown => Reach::Open,
            Exposure::Flat => Reach::Controlled,
            Exposure::Isolated | Exposure::Offline => Reach::Small,
        }
    }
}

/// Whether a machine can carry the attack out from afar: over the network, without conditions, rights or a person's help. What
/// no vector says counts as yes (SSVC, "Automatable").
pub fn is_automatable(weakness: &Weakness) -> bool {
    let Some(cvss) = &weakness.cvss else { return true };
    let has = |metric: &str| cvss.vector.split('/').any(|part| part == metric);
    let no_help = has("UI:N") || !cvss.vector.contains("/UI:");
    let no_rights = has("PR:N") || has("Au:N");
    has("AV:N") && has("AC:L") && !has("AT:P") && no_rights && no_help
}

/// When to act, by the deployer's table. Findings and alerts are ranked by the same one.
pub fn when_to_act(exploitation: Exploitation, reach: Reach, automatable: bool, harm: Harm) -> When {
    let impact = match harm {
        Harm::Negligible | Harm::Minor => 0,
        Harm::Serious => 1,
        Harm::Critical => 2,
        Harm::Catastrophic => 3,
    };
    DEPLOYER[exploitation as usize][reach as usize][usize::from(automatable)][impact]
}

/// How easily it is exploited, by FDA's three words, as an index from low to high.
fn exploitability(weakness: &Weakness, exploitation: Exploitation) -> usize {
    let far = weakness
        .cvss
        .as_ref()
        .is_none_or(|cvss| cvss.vector.split('/').any(|part| matches!(part, "AV:N" | "AV:A")));
    match exploitation {
        Exploitation::Active => 2,
        _ if is_automatable(weakness) => 2,
        Exploitation::Expected => 1,
        Exploitation::None => usize::from(far),
    }
}

/// One place where a weakness is: what ranks it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The weakness.
    pub weakness: &'a Weakness,
    /// The most exposed of its devices.
    pub exposure: Exposure,
    /// What a failure of such a device can do to a patient; `None` where the kind of device is not known.
    pub harm: Option<Harm>,
    /// Devices.
    pub devices: u64,
}

/// How a place ranks, and by which path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rank {
    /// When to act.
    pub when: When,
    /// FDA's question.
    pub risk: Risk,
    /// Whether it is exploited.
    pub exploitation: Exploitation,
    /// The most exposed device.
    pub exposure: Exposure,
    /// Whether machines can do it.
    pub automatable: bool,
    /// The harm that counted: what is not known counts as critical.
    pub harm: Harm,
    /// Whether the harm is known.
    pub harm_known: bool,
    /// The severity with the device's surroundings.
    pub severity: Severity,
    /// The score behind it, where there is a vector.
    pub score: Option<f64>,
    /// Whether ransomware uses it.
    pub ransomware: bool,
}

impl Rank {
    /// The rank of a place.
    pub fn of(place: Place<'_>) -> Rank {
        let weakness = place.weakness;
        let exploitation = Exploitation::of(weakness);
        let automatable = is_automatable(weakness);
        let harm = place.harm.unwrap_or(Harm::Critical);
        let reach = Reach::of(place.exposure);
        let score = weakness
            .cvss
            .as_ref()
            .map(|cvss| cvss.environmental(place.exposure, harm >= Harm::Critical).unwrap_or(cvss.score));
        Rank {
            when: when_to_act(exploitation, reach, automatable, harm),
            risk: FDA[exploitability(weakness, exploitation)][harm as usize],
            exploitation,
            exposure: place.exposure,
            automatable,
            harm,
            harm_known: place.harm.is_some(),
            severity: score.map_or(weakness.severity, Severity::from_score),
            score,
            ransomware: weakness.kev.as_ref().is_some_and(|kev| kev.ransomware),
        }
    }

    /// What the list is ordered by, the first first: when to act, then how exposed, then FDA's risk, then ransomware and
    /// exploitation, then severity.
    pub fn order(&self) -> impl Ord + use<> {
        // A severity that nobody rated sorts above "none".
        let severity = match self.severity {
            Severity::None => 0,
            Severity::Unknown => 1,
            other => other as u8,
        };
        let urgent =
            (self.when, Reverse(self.exposure), self.risk, self.ransomware, self.exploitation, severity);
        Reverse(urgent)
    }
}

#[cfg(test)]
mod tests {
    use bedrail_model::finding::{Epss, KnownExploited};
    use bedrail_model::severity::Cvss;

    use super::*;

    fn weakness(vector: &str, kev: bool, epss: Option<f64>) -> Weakness {
        let day = jiff::civil::date(2021, 12, 10);
        Weakness {
            cvss: Cvss::parse(vector).ok(),
            kev: kev.then_some(KnownExploited { added: day, due: None, ransomware: false }),
            epss: epss.map(|score| Epss { score, percentile: None }),
            ..Weakness::default()
        }
    }

    const WORM: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H";
    const LOCAL: &str = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";

    fn when(weakness: &Weakness, exposure: Exposure, harm: Option<Harm>) -> When {
        Rank::of(Place { weakness, exposure, harm, devices: 1 }).when
    }

    /// Rows of the deployer's table of CERT/CC, version 1.0.0, by their numbers.
    #[test]
    fn the_deployers_table_is_that_of_cert_cc() {
        use Exposure::{Flat, Isolated, Outside};
        let (worm, quiet) = (weakness(WORM, true, None), weakness(WORM, false, Some(0.01)));
        let (slow, poc) = (weakness(LOCAL, true, None), weakness(WORM, false, Some(0.5)));
        for (row, weakness, exposure, harm, expected) in [
            (71, &worm, Outside, Harm::Catastrophic, When::Immediate),
            (70, &worm, Outside, Harm::Critical, When::Immediate),
            (68, &worm, Outside, Harm::Minor, When::OutOfCycle),
            (67, &slow, Outside, Harm::Catastrophic, When::Immediate),
            (64, &slow, Outside, Harm::Negligible, When::Scheduled),
            (63, &worm, Flat, Harm::Catastrophic, When::OutOfCycle),
            (57, &slow, Flat, Harm::Serious, When::Scheduled),
            (52, &worm, Isolated, Harm::Minor, When::Scheduled),
            (46, &poc, Outside, Harm::Critical, When::OutOfCycle),
            (39, &poc, Flat, Harm::Catastrophic, When::OutOfCycle),
            (23, &quiet, Outside, Harm::Catastrophic, When::OutOfCycle),
            (22, &quiet, Outside, Harm::Critical, When::Scheduled),
            (4, &quiet, Isolated, Harm::Negligible, When::Defer),
        ] {
            assert_eq!(when(weakness, exposure, Some(harm)), expected, "row {row}");
        }
        let count =
            |wanted| DEPLOYER.iter().flatten().flatten().flatten().filter(|when| **when == wanted).count();
        assert_eq!(
            [When::Immediate, When::OutOfCycle, When::Scheduled, When::Defer].map(count),
            [3, 20, 42, 7]
        );
    }

    #[test]
    fn what_is_not_known_counts_as_the_worse() {
        let unrated = Weakness::default();
        assert!(is_automatable(&unrated));
        assert_eq!(Exploitation::of(&unrated), Exploitation::Expected);
        let known = when(&weakness(WORM, true, None), Exposure::Outside, Some(Harm::Critical));
        assert_eq!(when(&weakness(WORM, true, None), Exposure::Unknown, None), known);
        assert!(
            !Rank::of(Place { weakness: &unrated, exposure: Exposure::Flat, harm: None, devices: 1 })
                .harm_known
        );
    }

    #[test]
    fn isolating_a_device_lowers_its_rank_and_its_score() {
        let worm = weakness(WORM, true, None);
        let rank =
            |exposure| Rank::of(Place { weakness: &worm, exposure, harm: Some(Harm::Critical), devices: 1 });
        let (outside, isolated) = (rank(Exposure::Outside), rank(Exposure::Isolated));
        assert!(outside.order() < isolated.order());
        assert!(outside.score.unwrap() > isolated.score.unwrap());
        assert_eq!((outside.when, isolated.when), (When::Immediate, When::OutOfCycle));
        assert_eq!((outside.risk, isolated.risk), (Risk::Uncontrolled, Risk::Uncontrolled));
    }

    #[test]
    fn a_machine_needs_no_help() {
        for (vector, expected) in [
            (WORM, true),
            (LOCAL, false),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", false),
            ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", false),
            ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", false),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", true),
            ("AV:N/AC:L/Au:N/C:P/I:P/A:P", true),
            ("AV:N/AC:L/Au:S/C:P/I:P/A:P", false),
            ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H", false),
            ("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", false),
        ] {
            assert_eq!(is_automatable(&weakness(vector, false, None)), expected, "{vector}");
        }
    }

    /// The cells of FDA's figure as they stand in `docs/priorities.md`: ours.
    #[test]
    fn risk_rises_with_harm_and_with_how_easily_it_is_exploited() {
        use Risk::{Assess as A, Controlled as C, Uncontrolled as U};
        let adjacent = "CVSS:3.1/AV:A/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";
        let slow = "CVSS:3.1/AV:N/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";
        let (low, middle, high) = ([C, C, C, A, U], [C, C, A, U, U], [C, A, U, U, U]);
        for (vector, kev, epss, risks) in [
            (LOCAL, false, Some(0.01), low),
            (adjacent, false, Some(0.01), middle),
            (slow, false, Some(0.01), middle),
            (LOCAL, false, Some(0.2), middle),
            (LOCAL, false, None, middle),
            (LOCAL, true, Some(0.01), high),
            (WORM, false, Some(0.01), high),
            // Without a vector nothing says that a machine cannot do it.
            ("", false, Some(0.01), high),
        ] {
            let weakness = weakness(vector, kev, epss);
            let risk = |harm| {
                let place =
                    Place { weakness: &weakness, exposure: Exposure::Flat, harm: Some(harm), devices: 1 };
                Rank::of(place).risk
            };
            assert_eq!(Harm::ALL.map(risk), risks, "{vector} {kev} {epss:?}");
        }
    }

    #[test]
    fn exploitation_is_known_expected_or_neither() {
        use Exploitation::{Active, Expected, None as Nothing};
        for (kev, epss, expected) in [
            (true, Some(0.0), Active),
            (false, Some(0.099), Nothing),
            (false, Some(0.1), Expected),
            (false, None, Expected),
        ] {
            assert_eq!(Exploitation::of(&weakness(WORM, kev, epss)), expected, "{kev} {epss:?}");
        }
        let malicious = Weakness { malicious: true, ..weakness(WORM, false, Some(0.0)) };
        assert_eq!(Exploitation::of(&malicious), Active);
    }

    /// `docs/priorities.md`: when, exposure, risk, ransomware, exploitation, severity; each before all that follow.
    #[test]
    fn places_stand_in_the_order_of_the_page() {
        let middle = Rank {
            when: When::Scheduled,
            risk: Risk::Assess,
            exploitation: Exploitation::Expected,
            exposure: Exposure::Flat,
            automatable: false,
            harm: Harm::Serious,
            harm_known: true,
            severity: Severity::Medium,
            score: None,
            ransomware: false,
        };
        let severity = |severity| Rank { severity, ..middle };
        let exploited = |exploitation| Rank { exploitation, ..severity(Severity::None) };
        let ransomware = Rank { ransomware: true, ..exploited(Exploitation::None) };
        let risk = |risk| Rank { risk, ..exploited(Exploitation::None) };
        let exposed = |exposure| Rank { exposure, ..risk(Risk::Controlled) };
        let when = |when| Rank { when, ..exposed(Exposure::Offline) };
        let ordered = [
            when(When::Immediate),
            when(When::OutOfCycle),
            exposed(Exposure::Outside),
            exposed(Exposure::Unknown),
            risk(Risk::Uncontrolled),
            ransomware,
            exploited(Exploitation::Active),
            severity(Severity::Critical),
            severity(Severity::High),
            middle,
            severity(Severity::Low),
            severity(Severity::Unknown),
            severity(Severity::None),
            exploited(Exploitation::None),
            risk(Risk::Controlled),
            exposed(Exposure::Isolated),
            exposed(Exposure::Offline),
            when(When::Defer),
        ];
        for pair in ordered.windows(2) {
            assert!(pair[0].order() < pair[1].order(), "{:?} before {:?}", pair[0], pair[1]);
        }
    }

    /// CVSS v3.1 §4: requirements weigh where lives hang on the device; vectors of other versions keep their score.
    #[test]
    fn the_severity_is_that_of_where_the_device_stands() {
        let of = |weakness: &Weakness, exposure, harm| {
            let rank = Rank::of(Place { weakness, exposure, harm: Some(harm), devices: 1 });
            (rank.severity, rank.score)
        };
        let half = weakness("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:L/A:L", false, None);
        let score = |harm| of(&half, Exposure::Flat, harm).1.unwrap();
        assert!(score(Harm::Serious) < score(Harm::Critical));
        assert_eq!(score(Harm::Negligible), half.cvss.as_ref().unwrap().score);
        assert_eq!(score(Harm::Critical), score(Harm::Catastrophic));
        let two = weakness("AV:N/AC:L/Au:N/C:P/I:P/A:P", false, None);
        let own = two.cvss.as_ref().unwrap().score;
        assert_eq!(of(&two, Exposure::Isolated, Harm::Critical), (Severity::High, Some(own)));
        let word = Weakness { severity: Severity::High, ..Weakness::default() };
        assert_eq!(of(&word, Exposure::Isolated, Harm::Critical), (Severity::High, None));
        let kev = |ransomware| {
            let mut weakness = weakness(WORM, true, None);
            weakness.kev.as_mut().unwrap().ransomware = ransomware;
            Rank::of(Place { weakness: &weakness, exposure: Exposure::Flat, harm: None, devices: 1 })
        };
        assert!(kev(true).ransomware && !kev(false).ransomware);
        assert_eq!((kev(true).harm, kev(true).harm_known), (Harm::Critical, false));
    }

    #[test]
    fn codes_name_what_they_are_of() {
        for when in When::ALL {
            assert_eq!(When::from_code(when.code()), Some(when));
        }
        assert_eq!(When::from_code("now"), None);
        let risks = [Risk::Controlled, Risk::Assess, Risk::Uncontrolled].map(Risk::code);
        assert_eq!(risks, ["controlled", "assess", "uncontrolled"]);
        let exploitations = [Exploitation::None, Exploitation::Expected, Exploitation::Active];
        assert_eq!(exploitations.map(Exploitation::code), ["none", "expected", "active"]);
    }
}
