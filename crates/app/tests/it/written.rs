//! Facts that people write down: each shows something of its own system and of no other, the same is kept once, what is taken
//! back shows nothing; and what is not known says why.

use bedrail_app::clock::Clock;
use bedrail_app::programme::{self, StateWord as State};
use bedrail_app::written::{self, Filter, New};
use bedrail_app::{Actor, Context, Document, Error, notices};

use crate::story;

const LIST: &str = "\
Asset tag,Serial,Manufacturer,Model,Version,Site,Ward,Exposure
P-1,S1,Orbis,Flow,1,North,ICU,outside
P-2,S2,Orbis,Flow,1,South,ICU,
";
const HOSTILE: &str = "<script>alert(1)</script> '; DROP TABLE written_fact; --";

/// Two organisations with the same devices, on each database.
async fn on_both(story: impl AsyncFn(Context, Actor, Actor)) {
    story::two_with(LIST, story).await;
}

fn fact(day: &str, system: &str, fields: &[(&str, &str)]) -> New {
    let fields = fields.iter().map(|(code, value)| ((*code).to_owned(), (*value).to_owned())).collect();
    New { day: day.to_owned(), system: system.to_owned(), fields }
}

const DRILL: &[(&str, &str)] = &[("by", "nursing"), ("learned", "the charts were in the wrong drawer")];

/// A requirement that asks for each signal.
const ASKED_BY: &[(&str, &str)] = &[
    ("downtime_drill.age_days", "sr-164-308-a-7-ii-c"),
    ("asset.retired_without_sanitization", "sr-164-310-d-2-i"),
    ("asset.reassigned_without_wipe", "sr-164-310-d-2-ii"),
    ("asset_move.without_backup", "sr-164-310-d-2-iv"),
    ("incident.without_breach_decision", "br-presumption"),
];

/// How a signal stands: system and value of each fact, and systems of which nothing is known.
async fn signal(ctx: &Context, actor: &Actor, id: &str) -> (State, Vec<(String, String)>, Vec<String>) {
    let (_, requirement) = ASKED_BY.iter().find(|(signal, _)| *signal == id).unwrap();
    let detail = programme::get(ctx, actor, requirement).await.unwrap();
    let found = detail.signals.into_iter().find(|it| it.id == id).unwrap();
    let mut facts: Vec<(String, String)> = found.facts.into_iter().map(|it| (it.system, it.value)).collect();
    facts.sort();
    (found.state, facts, found.unknown.into_iter().map(|(system, _)| system).collect())
}

fn pair(system: &str, value: &str) -> (String, String) {
    (system.to_owned(), value.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_shows_its_site_and_no_other_until_its_year_is_over() {
    on_both(async |ctx, one, two| {
        const AGE: &str = "downtime_drill.age_days";
        let before = signal(&ctx, &one, AGE).await;
        assert_eq!(before, (State::Unknown, Vec::new(), vec!["North".to_owned(), "South".to_owned()]));
        let drill = fact("2026-02-01", "north", DRILL);
        let id = written::write(&ctx, &one, "downtime_drill", &drill).await.unwrap();
        let (state, facts, unknown) = signal(&ctx, &one, AGE).await;
        assert_eq!((state, facts), (State::Partly, vec![pair("north", "30")]), "South stays unknown");
        assert_eq!(unknown, ["South"]);
        // Nothing of it is seen elsewhere, nor can it be touched from there.
        assert_eq!(signal(&ctx, &two, AGE).await.0, State::Unknown);
        let stranger = written::withdraw(&ctx, &two, id, "not ours").await;
        assert!(matches!(stranger, Err(Error::NotFound { .. })), "{stranger:?}");
        assert_eq!(written::list(&ctx, &two, &Filter::default()).await.unwrap().total, 0);

        let mut later = ctx.clone();
        later.clock = Clock::Fixed("2027-02-10T10:00:00Z".parse().unwrap());
        assert_eq!(signal(&later, &one, AGE).await.0, State::No, "a year is over");
        let due = written::list(&later, &one, &Filter::default()).await.unwrap().due;
        assert!(due.len() == 1 && due[0].late && due[0].by.to_string() == "2027-02-02", "{due:?}");

        written::withdraw(&ctx, &one, id, "it was another ward").await.unwrap();
        assert_eq!(signal(&ctx, &one, AGE).await, before, "what is taken back shows nothing");
        let listed = written::list(&ctx, &one, &Filter::default()).await.unwrap();
        assert!(listed.total == 1 && listed.rows[0].withdrawn.is_some() && listed.due.is_empty());
        // And can be written anew.
        written::write(&ctx, &one, "downtime_drill", &drill).await.unwrap();
        let _ = notices::KINDS.iter().find(|kind| kind.code == "fact.due").unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn media_with_patient_data_want_a_record_by_serial_number() {
    on_both(async |ctx, one, _| {
        let moved = |serial: &str, purpose: &str, copy: &str| {
            let fields = [
                ("purpose", purpose),
                ("from", "ICU"),
                ("to", "store"),
                ("handed_by", "porter"),
                ("ephi", "yes"),
                ("copy", copy),
            ];
            fact("2026-02-10", serial, &fields)
        };
        for (serial, purpose, copy) in [
            ("S1", "retired", "yes"),
            ("S2", "retired", ""),
            ("S3", "handed_on", "no"),
            ("S4", "handed_on", "yes"),
        ] {
            written::write(&ctx, &one, "custody", &moved(serial, purpose, copy)).await.unwrap();
        }
        let by = [("item", "device"), ("method", "destroy"), ("by", HOSTILE)];
        written::write(&ctx, &one, "disposal", &fact("2026-02-20", " s1 ", &by)).await.unwrap();
        let wiped = [("item", "device"), ("method", "clear"), ("by", "engineering")];
        written::write(&ctx, &one, "reuse", &fact("2026-02-09", "S3", &wiped)).await.unwrap();
        // Wiped after it was handed on: that was too late.
        written::write(&ctx, &one, "reuse", &fact("2026-02-11", "S4", &wiped)).await.unwrap();
        for (id, value) in [
            ("asset.retired_without_sanitization", "1"),
            ("asset.reassigned_without_wipe", "1"),
            ("asset_move.without_backup", "2"),
        ] {
            let (state, facts, _) = signal(&ctx, &one, id).await;
            assert_eq!((state, facts), (State::No, vec![pair("all medical devices", value)]), "{id}");
        }
        let listed = written::list(&ctx, &one, &Filter { system: Some("S1".to_owned()), kind: None }).await;
        assert_eq!(listed.unwrap().total, 2, "however the serial number is spelt");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_or_held_already_is_told() {
    on_both(async |ctx, one, _| {
        let drill = fact("2026-02-01", "North", DRILL);
        written::write(&ctx, &one, "downtime_drill", &drill).await.unwrap();
        let again = written::write(&ctx, &one, "downtime_drill", &fact("2026-02-01", "NORTH ", DRILL)).await;
        assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
        for new in [fact("2026-03-04", "North", DRILL), fact("2026-02-01", "", DRILL), fact("2026-02-01", "North", &[])] {
            let refused = written::write(&ctx, &one, "downtime_drill", &new).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        }
        let strange = written::write(&ctx, &one, "sabbath", &drill).await;
        assert!(matches!(strange, Err(Error::NotFound { .. })), "{strange:?}");

        let list = format!(
            "Date,Site,By,Learned\n2026-02-01,north,nursing,the charts were in the wrong drawer\n2026-02-02,South,\"{HOSTILE}\",x\n2026-02-02,South,\"{HOSTILE}\",x\n2030-01-01,South,a,b\n"
        );
        let document = Document::from(list.as_str());
        let mapping = "day=Date";
        for dry_run in [true, false] {
            let report =
                written::import(&ctx, &one, "downtime_drill", (&document, mapping), dry_run).await.unwrap();
            assert_eq!((report.taken, report.refused_in_all), (1, 1), "{report:?}");
            assert_eq!(report.known, [2, 4]);
        }
        let again = written::import(&ctx, &one, "downtime_drill", (&document, mapping), false).await.unwrap();
        assert_eq!((again.taken, again.known.len()), (0, 3));
        let wrong = written::import(&ctx, &one, "downtime_drill", (&document, "day=Tag"), false).await;
        assert!(matches!(wrong, Err(Error::Invalid { .. })), "{wrong:?}");
        assert_eq!(written::list(&ctx, &one, &Filter::default()).await.unwrap().total, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_know_says_why() {
    on_both(async |ctx, one, _| {
        let listed = programme::list(&ctx, &one, &programme::Filter::default()).await.unwrap();
        for row in &listed.rows {
            for signal in programme::get(&ctx, &one, &row.id).await.unwrap().signals {
                if signal.kind == "computed"
                    && signal.facts.is_empty()
                    && !programme::FOLLOWING.contains(&signal.id)
                {
                    assert!(!signal.unknown.is_empty(), "{} says nothing and not why", signal.id);
                }
            }
        }
        // An incident without a decision is seen at once.
        assert_eq!(signal(&ctx, &one, "incident.without_breach_decision").await.0, State::Unknown);
        let open = bedrail_app::incidents::Open {
            title: "A laptop is gone".into(),
            kind: Some(bedrail_model::incident::IncidentKind::LostDevice),
            owner: "Kim".into(),
            ..bedrail_app::incidents::Open::default()
        };
        bedrail_app::incidents::open(&ctx, &one, &open).await.unwrap();
        let (state, facts, _) = signal(&ctx, &one, "incident.without_breach_decision").await;
        assert_eq!((state, facts), (State::No, vec![pair("the organisation", "1")]));
    })
    .await;
}
