//! Every date test of the catalogue, run from the catalogue itself. An input or an expectation that this file does not know
//! fails: a test is run whole or not at all.

use std::collections::BTreeMap;

use bedrail_comply::breach::{
    Assessment, BadEvent, Case, Clocks, Count, Event, FACTORS, FactorAnswer, Form, Harm, Knower, Recipient,
    Recorded, Role, Route, Secured, StateClock, StateRules, Statement, Tick, Weighed, clocks, per_entity,
    ready_for_sign_off, substitute_notice,
};
use bedrail_comply::catalog::EMBEDDED;
use bedrail_comply::retention::{InEffect, Record, Retention, Until};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::support::{at, day, on};

fn date(value: &Value) -> Date {
    value.as_str().expect("a date").parse().expect("a date")
}

fn recorded(event: Event, at: jiff::Timestamp) -> Recorded {
    Recorded { at, event }
}

/// Late enough for every date of the tests.
fn late() -> jiff::Timestamp {
    at("2030-01-01T12:00:00Z")
}

fn states(value: &Value) -> BTreeMap<String, u64> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(state, count)| (state.clone(), count.as_u64().expect("a count")))
        .collect()
}

fn assessed(mut change: impl FnMut(&mut Assessment)) -> Event {
    let mut assessment = Assessment {
        harm: Some(Harm::None),
        reason: "as written down".to_owned(),
        approver: Some("the privacy official".to_owned()),
        ..Assessment::default()
    };
    change(&mut assessment);
    Event::Assessed(Box::new(assessment))
}

fn answers(count: usize) -> Vec<FactorAnswer> {
    FACTORS[..count]
        .iter()
        .map(|(factor, _)| FactorAnswer { factor: *factor, answer: "said".to_owned() })
        .collect()
}

fn statement(value: &Value) -> Event {
    let form = match value["form"].as_str() {
        Some("written") => Form::Written,
        Some("oral") => Form::Oral,
        other => panic!("{other:?}"),
    };
    Event::LawEnforcement(Statement {
        form,
        on: date(&value["statement_date"]),
        hold_until: value.get("delay_until").map(date),
        documented: value["official_identity_recorded"].as_bool().unwrap_or(form == Form::Written),
    })
}

/// The events of an input.
fn events(input: &serde_json::Map<String, Value>) -> (Case, Vec<Recorded>) {
    let mut case = Case::default();
    let mut events = Vec::new();
    let now = |event: Event| recorded(event, late());
    for (key, value) in input {
        match key.as_str() {
            "occurred" => events.push(now(Event::Occurred(date(value)))),
            "discovered" | "known" | "known_by_privacy_office" => {
                events.push(now(Event::Known(Knower::Entity, date(value))));
            }
            "reasonable_diligence_date" => events.push(now(Event::Known(Knower::Diligence, date(value)))),
            "known_by_workforce" => {
                let wrongdoer = input["knower_is_person_who_committed_breach"].as_bool().expect("as written");
                events.push(now(Event::Known(
                    if wrongdoer { Knower::Wrongdoer } else { Knower::Workforce },
                    date(value),
                )));
            }
            "ba_discovered" => {
                let agent = input.get("ba_is_agent").and_then(Value::as_bool).unwrap_or(false);
                events.push(now(Event::AssociateDiscovered { on: date(value), agent }));
            }
            "ba_told_ce" => events.push(now(Event::AssociateTold(date(value)))),
            "role" if value == "business_associate" => case.role = Role::BusinessAssociate,
            "role" => assert_eq!(value, "covered_entity"),
            "contract_notice_days" => case.contract_days = value.as_i64(),
            "affected_total" => {
                let by_state = input.get("affected_by_state").map(states).unwrap_or_default();
                events.push(now(Event::Counted(Count {
                    entity: String::new(),
                    total: value.as_u64().expect("as written"),
                    by_state,
                })));
            }
            "affected_by_ce" => {
                for (entity, total) in states(value) {
                    events.push(now(Event::Counted(Count { entity, total, by_state: BTreeMap::new() })));
                }
            }
            "affected_total_history" => {
                for it in value.as_array().expect("as written") {
                    let total = it["count"].as_u64().expect("as written");
                    let count = Count { total, ..Count::default() };
                    events.push(recorded(Event::Counted(count), on(date(&it["on"]))));
                }
            }
            "law_enforcement" => match value {
                Value::Array(all) => events.extend(all.iter().map(|it| now(statement(it)))),
                one => events.push(now(statement(one))),
            },
            "phi_secured" if value == true => events.push(now(assessed(|it| {
                it.secured =
                    Some(Secured { method: "AES-256 by NIST SP 800-111".to_owned(), key_apart: true });
            }))),
            "phi_secured" => {}
            "four_factor" if value.is_null() => {}
            "four_factor" => {
                let answered = value["factors_answered"].as_u64().unwrap_or(4) as usize;
                assert!(value["result"].is_null() || value["result"] == "low_probability");
                events.push(now(assessed(|it| {
                    it.factors = answers(answered);
                    it.weighed = Some(Weighed::LowProbability);
                })));
            }
            "ransomware" => events.push(now(Event::Ransomware)),
            // Read beside others.
            "affected_by_state" | "knower_is_person_who_committed_breach" | "ba_is_agent" | "ba_event" => {}
            other => panic!("an input that is not known: {other}"),
        }
    }
    (case, events)
}

fn expect(name: &str, key: &str, value: &Value, clocks: &Clocks) {
    let to = |recipient: Recipient| clocks.to(&recipient).map(|due| due.limit);
    let individuals = || clocks.to(&Recipient::Individuals).expect("individuals are told");
    let place = format!("{name} {key}");
    match key {
        "discovered" => assert_eq!(clocks.discovered.expect("as written").0, date(value), "{place}"),
        "individual_due" | "effective_due" => assert_eq!(individuals().limit, date(value), "{place}"),
        "base_due" => assert_eq!(individuals().base, date(value), "{place}"),
        "hhs_due" => assert_eq!(to(Recipient::Secretary), Some(date(value)), "{place}"),
        "hhs_route" => {
            let route = if value == "immediate" { Route::Immediate } else { Route::Annual };
            assert_eq!(clocks.route, Some(route), "{place}");
        }
        "media_due" => {
            let found: BTreeMap<String, Date> = clocks
                .due
                .iter()
                .filter_map(|due| match &due.recipient {
                    Recipient::Media(state) => Some((state.clone(), due.limit)),
                    _ => None,
                })
                .collect();
            let wanted: BTreeMap<String, Date> = value
                .as_object()
                .expect("as written")
                .iter()
                .map(|(state, on)| (state.clone(), date(on)))
                .collect();
            assert_eq!(found, wanted, "{place}");
        }
        "ba_notice_to_ce_due" => assert_eq!(to(Recipient::CoveredEntity), Some(date(value)), "{place}"),
        "hold_until" => assert_eq!(clocks.hold_until, (!value.is_null()).then(|| date(value)), "{place}"),
        "send_no_earlier_than" => assert_eq!(individuals().not_before, Some(date(value)), "{place}"),
        "notifiable" => {
            assert_eq!(clocks.judgement.notifiable, value.as_bool().expect("as written"), "{place}");
        }
        "record_required" => {
            assert_eq!(clocks.judgement.record_required(), value.as_bool().expect("as written"), "{place}");
        }
        "weekday" => assert_eq!(
            format!("{:?}", individuals().weekday()),
            value.as_str().expect("as written"),
            "{place}"
        ),
        "shift_to_business_day" => {
            let weekend = matches!(
                individuals().weekday(),
                jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
            );
            assert_eq!(value, false, "{place}");
            assert!(weekend, "{place}: the limit stays on its weekend");
        }
        "security_incident" => {
            assert_eq!(clocks.security_incident, value.as_bool().expect("as written"), "{place}");
        }
        "breach_presumed" => {
            assert_eq!(clocks.judgement.notifiable, value.as_bool().expect("as written"), "{place}");
        }
        "policy" => {
            let due = individuals();
            assert_eq!(due.limit, due.base.max(clocks.hold_until.expect("as written")), "{place}");
        }
        other => panic!("{name}: an expectation that is not known: {other}"),
    }
}

fn retained(name: &str, input: &serde_json::Map<String, Value>, wanted: &Value) {
    let in_effect = match input.get("last_in_effect") {
        None | Some(Value::Null) => InEffect::Created,
        Some(value) if value == "still in effect" => InEffect::Still,
        Some(value) => InEffect::Until(date(value)),
    };
    let record = Record {
        classes: vec!["breach-file".to_owned()],
        created: date(&input["created"]),
        in_effect,
        at_least_until: None,
    };
    let until = Retention::embedded().expect("as written").until(&record);
    let wanted = if wanted == "open" { Until::Open } else { Until::Day(date(wanted)) };
    assert_eq!(until, wanted, "{name}");
}

/// The tests of a catalogue.
fn tests(file: &str, pointer: &str) -> Vec<Value> {
    let (_, text) = EMBEDDED.iter().find(|(name, _)| *name == file).expect("as written");
    let document: Value = serde_saphyr::from_str(text).expect("as written");
    document.pointer(pointer).and_then(Value::as_array).expect("tests").clone()
}

#[test]
fn every_date_test_of_the_catalogue_holds() {
    let tests = tests("breach-notification.yaml", "/tests");
    assert_eq!(tests.len(), 35);
    let rules = StateRules::embedded().unwrap();
    for test in tests {
        let name = test["id"].as_str().unwrap();
        let input = test["input"].as_object().unwrap();
        let wanted = test["expect"].as_object().unwrap();
        assert!(!wanted.is_empty(), "{name} expects something");
        if let Some(retain) = wanted.get("retain_until") {
            retained(name, input, retain);
            continue;
        }
        if let Some(count) = input.get("out_of_date_contact") {
            let found = substitute_notice(count.as_u64().unwrap());
            assert_eq!(found, wanted["substitute_notice"].as_str(), "{name}");
            continue;
        }
        let (case, events) = events(input);
        if input.contains_key("affected_by_ce") {
            let each = per_entity(&case, &events, &rules, &TimeZone::UTC).unwrap();
            assert_eq!(each.len(), wanted.len(), "{name}");
            for (entity, wanted) in wanted {
                for (key, value) in wanted.as_object().unwrap() {
                    expect(name, key, value, &each[entity]);
                }
            }
            continue;
        }
        let found =
            clocks(&case, &events, &rules, &TimeZone::UTC).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (key, value) in wanted {
            if key == "legal_outer_limit" {
                let law = Case { contract_days: None, ..case.clone() };
                let found = clocks(&law, &events, &rules, &TimeZone::UTC).unwrap();
                assert_eq!(found.to(&Recipient::CoveredEntity).unwrap().limit, date(value), "{name}");
            } else {
                expect(name, key, value, &found);
            }
        }
    }
}

#[test]
fn every_retention_test_of_the_privacy_catalogue_holds() {
    let tests = tests("privacy-and-admin.yaml", "/retention/tests");
    assert_eq!(tests.len(), 3);
    for (number, test) in tests.iter().enumerate() {
        retained(&number.to_string(), test.as_object().unwrap(), &test["retain_until"]);
    }
}

fn found(events: &[(Event, &str)]) -> Result<Clocks, BadEvent> {
    let events: Vec<Recorded> =
        events.iter().map(|(event, at)| recorded(event.clone(), self::at(at))).collect();
    clocks(&Case::default(), &events, &StateRules::embedded().expect("as written"), &TimeZone::UTC)
}

#[test]
fn bad_dates_and_counts_are_refused_with_words() {
    let noon = "2026-05-10T12:00:00Z";
    let known = |on: &str| Event::Known(Knower::Entity, day(on));
    let count = |total: u64, state: u64| {
        Event::Counted(Count { total, by_state: [("OH".to_owned(), state)].into(), ..Count::default() })
    };
    for (events, words) in [
        (vec![known("2026-05-11")], "lies ahead of 2026-05-10"),
        (vec![Event::Occurred(day("2026-05-11"))], "lies ahead"),
        (vec![Event::Occurred(day("2026-05-09")), known("2026-05-08")], "before it happened on 2026-05-09"),
        (vec![known("2026-05-08"), count(10, 11)], "add up to 11, more than the 10"),
        (vec![count(u64::MAX, u64::MAX), known("2027-01-01")], "lies ahead"),
        (
            vec![
                Event::AssociateDiscovered { on: day("2026-05-08"), agent: false },
                Event::AssociateTold(day("2026-05-07")),
            ],
            "before it discovered",
        ),
        (
            vec![Event::LawEnforcement(Statement {
                form: Form::Written,
                on: day("2026-05-08"),
                hold_until: Some(day("2026-05-07")),
                documented: true,
            })],
            "ends before the statement",
        ),
    ] {
        let events: Vec<(Event, &str)> = events.into_iter().map(|event| (event, noon)).collect();
        let error = found(&events).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    // Days end where the entity is: late on the 10th in New York it is the 11th in London.
    let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
    let events = [recorded(known("2026-05-11"), at("2026-05-11T02:00:00Z"))];
    assert!(clocks(&Case::default(), &events, &StateRules::default(), &zone).is_err());
    assert!(clocks(&Case::default(), &events, &StateRules::default(), &TimeZone::UTC).is_ok());
}

#[test]
fn telling_the_covered_entity_is_what_the_associate_owes() {
    // 45 CFR 164.410(a)(1): the associate notifies the covered entity; nobody else stops that clock.
    let noon = "2026-08-01T12:00:00Z";
    let discovered = Event::AssociateDiscovered { on: day("2026-07-01"), agent: false };
    let open = found(&[(discovered.clone(), noon)]).unwrap();
    assert_eq!(open.to(&Recipient::CoveredEntity).unwrap().done, None);
    let told = [
        (discovered, noon),
        (Event::AssociateTold(day("2026-07-20")), noon),
        (Event::AssociateTold(day("2026-07-10")), noon),
    ];
    let due = found(&told).unwrap();
    assert_eq!(due.to(&Recipient::CoveredEntity).unwrap().done, Some(day("2026-07-10")), "the first counts");
}

#[test]
fn the_target_comes_first_and_moves_with_a_hold_alone() {
    let noon = "2026-08-01T12:00:00Z";
    let clocks = found(&[(Event::Known(Knower::Entity, day("2026-07-01")), noon)]).unwrap();
    let due = clocks.to(&Recipient::Individuals).unwrap();
    assert_eq!((due.target, due.limit), (day("2026-07-31"), day("2026-08-30")));
    assert!(!due.is_over(day("2026-08-30")) && due.is_over(day("2026-08-31")), "the last day is in time");
    assert!(
        clocks.to(&Recipient::Secretary).is_none() && clocks.route.is_none(),
        "nobody counted: cannot tell"
    );
    let clock = due.clock(day("2026-07-01"), &TimeZone::UTC).unwrap();
    assert_eq!(clock.target(&TimeZone::UTC, &[]), at("2026-08-01T00:00:00Z"));
    assert_eq!(clock.limit(&TimeZone::UTC, &[]), Some(at("2026-08-31T00:00:00Z")));
    assert_eq!(clock.rule.citation.as_deref(), Some("45 CFR 164.404(b)"));
}

#[test]
fn a_state_without_a_row_is_cannot_tell_and_never_sixty_days() {
    let count = Count {
        total: 30,
        by_state: [("OH".to_owned(), 20), ("TX".to_owned(), 9)].into(),
        ..Count::default()
    };
    let events = [
        recorded(Event::Known(Knower::Entity, day("2026-07-01")), late()),
        recorded(Event::Counted(count), late()),
    ];
    let mut rules = StateRules::embedded().unwrap();
    assert!(rules.rows.is_empty(), "no clock of a State was at hand with a source that could be read");
    let assessment = Assessment {
        harm: Some(Harm::None),
        approver: Some("the privacy official".to_owned()),
        ..Assessment::default()
    };
    let found = clocks(&Case::default(), &events, &rules, &TimeZone::UTC).unwrap();
    assert!(found.states.values().all(|clock| *clock == StateClock::CannotTell));
    let missing = ready_for_sign_off(&found, Some(&assessment));
    assert_eq!(missing.len(), 3, "two States and one person without a State: {missing:?}");

    let text = "jurisdictions: [OH]\nclocks:\n- {jurisdiction: OH, days: 45, starts: discovery, citation: 'made up for a test', checked_on: '2026-01-01', checked_by: counsel}\n";
    rules = StateRules::read("s.yaml", text).unwrap();
    rules.ticks.insert(
        "TX".to_owned(),
        Tick {
            jurisdiction: "TX".to_owned(),
            due: None,
            by: "counsel".to_owned(),
            on: day("2026-07-02"),
            note: "nothing due".to_owned(),
        },
    );
    let found = clocks(&Case::default(), &events, &rules, &TimeZone::UTC).unwrap();
    assert!(matches!(&found.states["OH"], StateClock::Due { on, .. } if *on == day("2026-08-15")));
    assert!(matches!(&found.states["TX"], StateClock::Ticked(_)));
    for (row, words) in [
        (
            "{jurisdiction: ZZ, days: 45, starts: discovery, citation: c, checked_on: '2026-01-01', checked_by: c}",
            "no jurisdiction",
        ),
        (
            "{jurisdiction: OH, days: 45, starts: discovery, citation: '', checked_on: '2026-01-01', checked_by: c}",
            "names its citation",
        ),
        (
            "{jurisdiction: OH, days: 45, starts: notice, citation: c, checked_on: '2026-01-01', checked_by: c}",
            "`starts: discovery`",
        ),
        (
            "{jurisdiction: OH, days: 45, starts: discovery, citation: c, checked_on: soon, checked_by: c}",
            "no date",
        ),
    ] {
        let error = StateRules::read("s.yaml", &format!("jurisdictions: [OH]\nclocks:\n- {row}\n"))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("s.yaml:3: ") && error.contains(words), "{error}");
    }
}

#[test]
fn a_notice_stops_its_clock_and_the_first_one_counts() {
    let told = |on: &str| Event::Notified { recipient: Recipient::Individuals, on: day(on) };
    let clocks = found(&[
        (Event::Known(Knower::Entity, day("2026-07-01")), "2026-07-01T12:00:00Z"),
        (told("2026-09-05"), "2026-09-05T12:00:00Z"),
        (told("2026-08-30"), "2026-09-06T12:00:00Z"),
    ])
    .unwrap();
    let due = clocks.to(&Recipient::Individuals).unwrap();
    assert_eq!(due.done, Some(day("2026-08-30")));
    assert!(!due.is_over(day("2027-01-01")));
}
