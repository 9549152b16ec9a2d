//! Which of several decisions counts: the narrowest scope, then the last (decision 1101, "Which one counts").

use bedrail_assess::decisions::{Book, Where, holds_for, is_up_to};
use bedrail_model::decision::{Basis, Decision, Origin, Scope, Verdict};
use bedrail_model::ids::{DecisionId, DeviceId, ReleaseId};
use jiff::Timestamp;
use jiff::civil::date;

const WEAKNESS: &str = "CVE-2021-44228";

fn decision(scope: Scope, verdict: Verdict, second: i64) -> Decision {
    Decision {
        id: DecisionId::generate(),
        weakness: WEAKNESS.into(),
        scope,
        verdict,
        components: Vec::new(),
        reason: String::new(),
        author: String::new(),
        decided: Timestamp::from_second(second).unwrap(),
        review_on: None,
        origin: Origin::Person,
        basis: Basis::default(),
        withdrawn: None,
    }
}

fn model(maker: &str, model: &str, up_to: Option<&str>) -> Scope {
    Scope::Model { maker: maker.into(), model: model.into(), up_to: up_to.map(str::to_owned) }
}

fn flow(release: ReleaseId) -> Where<'static> {
    Where { release, maker: "Orbis", model: "Flow 300", version: Some("2.1") }
}

#[test]
fn a_scope_holds_where_all_of_it_is_so() {
    let here = ReleaseId::generate();
    for (scope, holds) in [
        (Scope::Organisation, true),
        (Scope::Release(here), true),
        (Scope::Release(ReleaseId::generate()), false),
        (Scope::Devices(vec![DeviceId::generate()]), false),
        (model("ORBIS ", "flow  300", None), true),
        (model("Orbis", "Flow 300", Some("2.1")), true),
        (model("Orbis", "Flow 300", Some("2.0")), false),
        (model("Velta", "Flow 300", None), false),
        (model("Orbis", "Flow 400", None), false),
        (model("Velta", "Monitor", Some("2.1")), false),
    ] {
        assert_eq!(holds_for(&scope, flow(here)), holds, "{scope:?}");
    }
}

/// What cannot be placed is not "up to" anything: a decision must not spread to a version that may be later.
#[test]
fn up_to_a_version_is_said_only_where_it_is_certain() {
    for (last, version, up_to) in [
        (None, None, true),
        (None, Some("9"), true),
        (Some("2.1"), None, false),
        (Some("2.1"), Some("2.1"), true),
        (Some("2.1b "), Some(" 2.1B"), true),
        (Some("2.1"), Some("2.0.9"), true),
        (Some("2.1"), Some("2.10"), false),
        (Some("2.1"), Some("blue"), false),
    ] {
        assert_eq!(is_up_to(last, version), up_to, "{version:?} up to {last:?}");
    }
}

#[test]
fn the_narrowest_counts_then_the_last_and_what_was_taken_back_never() {
    let (here, device) = (ReleaseId::generate(), DeviceId::generate());
    let day = date(2026, 3, 3);
    let mut gone = decision(Scope::Release(here), Verdict::UnderInvestigation, 99);
    gone.withdrawn = Some(Timestamp::UNIX_EPOCH);
    let accepted = Verdict::RiskAccepted { until: date(2026, 3, 2), approver: "Lead".into() };
    let of_device = decision(Scope::Devices(vec![device]), Verdict::UnderInvestigation, 1);
    let earlier = decision(model("Orbis", "Flow 300", None), Verdict::Affected, 5);
    let later = decision(model("Orbis", "Flow 300", None), Verdict::UnderInvestigation, 6);
    let run_out = decision(Scope::Release(here), accepted, 7);
    let everywhere = decision(Scope::Organisation, Verdict::Affected, 50);
    let all = [&everywhere, &earlier, &of_device, &gone, &run_out, &later];
    let book = Book::new(all.into_iter().cloned(), str::to_lowercase);

    let asked = "cve-2021-44228";
    let order: Vec<DecisionId> = book.on(asked).iter().map(|it| it.id).collect();
    assert_eq!(order, [of_device.id, run_out.id, later.id, earlier.id, everywhere.id]);
    assert_eq!(book.weaknesses().collect::<Vec<_>>(), [asked]);
    assert!(book.all().all(|(id, _)| id == asked) && book.all().count() == 5);
    assert!(!book.is_empty() && Book::default().is_empty() && book.on(WEAKNESS).is_empty());

    // The accepted risk ran out the day before; a day earlier it counts for the component it was taken on, and for no other.
    let id = |found: Option<&Decision>| found.map(|it| it.id);
    assert_eq!(id(book.of_release(asked, flow(here), None, day)), Some(later.id));
    assert_eq!(id(book.of_release(asked, flow(here), None, date(2026, 3, 2))), Some(run_out.id));
    assert_eq!(id(book.of_release(asked, flow(here), Some("pkg:npm/x"), date(2026, 3, 2))), Some(later.id));
    assert_eq!(id(book.of_device(asked, (device, flow(here)), None, day)), Some(of_device.id));
    let other = (DeviceId::generate(), flow(here));
    assert_eq!(id(book.of_device(asked, other, None, day)), Some(later.id));
    assert_eq!(id(book.of_device(asked, other, None, date(2026, 3, 2))), Some(run_out.id));
    let elsewhere = Where { maker: "Velta", ..flow(ReleaseId::generate()) };
    assert_eq!(id(book.of_release(asked, elsewhere, None, day)), Some(everywhere.id));
    assert_eq!(id(book.of_release("CVE-2021-1", flow(here), None, day)), None);
}
