//! What advisories and lists say of products themselves, beside what bills of materials say: neither hides the other.

use bedrail_app::affected::{self, Affected, AffectedDevice, Question, Reading, Understood};
use bedrail_app::decisions::{self, ScopeChoice};
use bedrail_app::medical;
use bedrail_app::page::PageRequest;
use bedrail_app::sboms::{self, AddSbom};
use bedrail_app::{Actor, Context, accounts, breakfast, devices, notices, organisations};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::decision::{Origin, Verdict};
use bedrail_model::organisation::OrgKind;
use bedrail_model::vex::Justification;
use serde_json::json;

use crate::story::{list, open};

const LOG4SHELL: &str = "CVE-2021-44228";
const DEVICES: &str = "Asset tag,Maker,Model,Version\n\
    P-1,Orbis Medical,Flow 300,3.60\nP-2,Orbis Medical,Flow 500,1.0\nM-1,Velta,Monitor 7,1.0\nN-1,Nimbus,Cloud 9,1.0\n";

/// A hospital with a bill for the Flow 300 that has log4j, and one for the Flow 500 that has not.
async fn setup(database: Option<String>) -> (tempfile::TempDir, Context, Actor) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database).await;
    let actor = Actor::system(accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap());
    devices::import(&ctx, &actor, list("devices.csv", DEVICES, false)).await.unwrap();
    for (model, version, name) in [("Flow 300", "3.60", "log4j-core"), ("Flow 500", "1.0", "gson")] {
        let bill = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "components": [{"type": "library", "bom-ref": "a", "name": name, "version": "2.14.1",
                "purl": format!("pkg:maven/{}/{name}@2.14.1",
                    if name == "gson" { "com.google.code.gson" } else { "org.apache.logging.log4j" })}]});
        let command = AddSbom {
            file_name: format!("{name}.cdx.json"),
            document: bill.to_string().into_bytes().into(),
            maker: Some("Orbis Medical".into()),
            model: Some(model.into()),
            version: Some(version.into()),
        };
        sboms::add(&ctx, &actor, command).await.unwrap();
    }
    (dir, ctx, actor)
}

async fn on_both(story: impl AsyncFn(Context, Actor)) {
    let databases = [None, bedrail_testkit::postgres::database()];
    for (at, database) in databases.into_iter().enumerate() {
        if at == 0 || database.is_some() {
            let (_dir, ctx, actor) = setup(database).await;
            story(ctx, actor).await;
        }
    }
}

/// A maker's own advisory that calls a product affected in all versions.
fn advisory(id: &str, released: &str, cve: &str, (maker, product): (&str, &str)) -> (String, Vec<u8>) {
    let document = json!({
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "No password",
            "publisher": {"category": "vendor", "name": maker, "namespace": "https://maker.example"},
            "distribution": {"tlp": {"label": "WHITE"}},
            "tracking": {"id": id, "status": "final", "version": "1", "current_release_date": released}},
        "product_tree": {"branches": [{"category": "vendor", "name": maker, "branches": [
            {"category": "product_name", "name": product, "branches": [{"category": "product_version_range",
                "name": "vers:all/*", "product": {"product_id": "P", "name": product}}]}]}]},
        "vulnerabilities": [{"cve": cve, "product_status": {"known_affected": ["P"]}}],
    });
    ("advisory.json".to_owned(), document.to_string().into_bytes())
}

/// A list of what makers say, as NCSC-NL writes it.
fn rows_of_list(name: &str, rows: &[&str]) -> (String, Vec<u8>) {
    let head = "| Supplier | Product | Version (see Status) | Status CVE-2021-4104 | Status CVE-2021-44228 | Status CVE-2021-45046 | Status CVE-2021-45105 | Notes | Links |\n|:---|:---|:---:|:---:|:---:|:---:|:---:|:---|---:|\n";
    (name.to_owned(), format!("{head}{}\n", rows.join("\n")).into_bytes())
}

async fn take(ctx: &Context, actor: &Actor, document: (String, Vec<u8>)) {
    let report = medical::take(ctx, actor, vec![document]).await.unwrap();
    assert_eq!(report.taken, 1, "{report:#?}");
}

async fn ask(ctx: &Context, actor: &Actor, text: &str) -> Affected {
    let question = Question { text: text.to_owned(), ..Question::default() };
    affected::ask(ctx, actor, &question, &PageRequest::default()).await.unwrap()
}

fn of<'a>(answer: &'a Affected, tag: &str) -> Option<&'a AffectedDevice> {
    answer.rows.iter().find(|it| it.name == tag)
}

fn answer_on(answer: &Affected, tag: &str) -> Option<Answer> {
    of(answer, tag).map(|it| it.answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisory_that_goes_by_another_name_hides_no_finding() {
    on_both(async |ctx, actor| {
        let monitor = ("Velta", "Monitor 7");
        for id in ["log4j", LOG4SHELL, "Log4Shell", "RHSA-2026:0001", "Flow 300", "Orbis Medical"] {
            take(&ctx, &actor, advisory(id, "2026-01-01T00:00:00Z", "CVE-2026-70001", monitor)).await;
        }
        // A component, a maker and a model of that name.
        for text in ["log4j", "Orbis Medical"] {
            let answer = ask(&ctx, &actor, text).await;
            assert!(of(&answer, "P-1").is_some(), "{text}: {answer:#?}");
            assert!(answer.readings.contains(&Reading::AlsoAdvisory(text.to_owned())), "{text}: {answer:#?}");
        }
        assert!(!matches!(ask(&ctx, &actor, "Flow 300").await.understood, Understood::Weakness(_)));
        // A weakness by its id and by its nickname.
        for text in [LOG4SHELL, "log4shell", "https://www.cve.org/CVERecord?id=CVE-2021-44228"] {
            let answer = ask(&ctx, &actor, text).await;
            assert_eq!(answer_on(&answer, "P-1"), Some(Answer::Affected), "{text}: {answer:#?}");
        }
        // What goes by the id of a weakness has its say beside the findings.
        let both = ask(&ctx, &actor, LOG4SHELL).await;
        assert_eq!(
            of(&both, "M-1").map(|it| (it.answer, it.reason)),
            Some((Answer::Affected, Reason::Stated))
        );
        // The id of a distribution's advisory that no record knows: nothing is an all-clear.
        let unknown = ask(&ctx, &actor, "RHSA-2026:0001").await;
        assert_eq!(unknown.understood, Understood::UnknownWeakness("RHSA-2026:0001".into()));
        assert_eq!((unknown.totals.affected, unknown.totals.cannot_tell), (1, 3), "{unknown:#?}");
        // And the paper of a weakness is of the weakness.
        let paper = breakfast::of(&ctx, &actor, LOG4SHELL).await.unwrap();
        assert_eq!(paper.totals.affected, 2, "{paper:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisory_that_nothing_else_goes_by_is_asked_for_by_its_id() {
    on_both(async |ctx, actor| {
        for id in ["ICSMA-26-001-01", "OM-7"] {
            take(&ctx, &actor, advisory(id, "2026-01-01T00:00:00Z", LOG4SHELL, ("Velta", "Monitor 7"))).await;
            let answer = ask(&ctx, &actor, &id.to_lowercase()).await;
            let names: Vec<&str> = answer.rows.iter().map(|it| it.name.as_str()).collect();
            assert_eq!((names, answer.totals.affected), (vec!["M-1"], 1), "{id}");
            // Bills are another question, and the answer says so.
            let told = answer.readings[0].sentence();
            assert!(told.contains(id) && told.contains(LOG4SHELL), "{told}");
            let paper = breakfast::of(&ctx, &actor, id).await.unwrap();
            assert_eq!((paper.weakness.id.as_str(), paper.totals.affected), (id, 1));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_may_call_ours_affected_counts_beside_a_bill() {
    let (_dir, ctx, actor) = setup(None).await;
    for (product, versions, status, expected) in [
        // A longer name than ours, affected in ours: perhaps the same.
        ("Flow 500 Infusion Workstation", "1.5 and earlier", "Vulnerable", Some(Answer::CannotTell)),
        // Single versions that ours is none of, and a version that cannot be compared.
        ("Flow 500", "3.0", "Vulnerable", Some(Answer::CannotTell)),
        ("Flow 500", "Build R7-Alpha", "Vulnerable", Some(Answer::CannotTell)),
        ("Flow 500", "", "Vulnerable", Some(Answer::Affected)),
        // What merely is not cleared.
        ("Flow 500 Infusion Workstation", "1.5 and earlier", "Not vuln", None),
        ("Flow 500", "", "Not vuln", None),
        ("Flow 500", "", "Investigation", None),
        ("Flow 500", "0.5 and earlier", "Vulnerable", None),
    ] {
        let row =
            format!("|Orbis Medical|{product}|{versions}| |{status}| | ||[letter](https://orbis.example/1)|");
        take(&ctx, &actor, rows_of_list("list.md", &[&row])).await;
        let answer = ask(&ctx, &actor, LOG4SHELL).await;
        assert_eq!(answer_on(&answer, "P-2"), expected, "{row}: {:#?}", of(&answer, "P-2"));
        assert_eq!(answer_on(&answer, "P-1"), Some(Answer::Affected), "{row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_one_list_stand_beside_one_another() {
    on_both(async |ctx, actor| {
        let row = |product: &str, status: &str| {
            format!("|Velta|{product}|1.0| |{status}| | ||[x](https://v.example)|")
        };
        let first = rows_of_list("list_a.md", &[&row("Other 1", "Vulnerable")]);
        take(&ctx, &actor, first).await;
        take(&ctx, &actor, rows_of_list("list_b.md", &[&row("Monitor 7", "Vulnerable")])).await;
        // The third says something else of Velta; none of it is lost.
        take(&ctx, &actor, rows_of_list("list_c.md", &[&row("Other 2", "Not vuln")])).await;
        let answer = ask(&ctx, &actor, LOG4SHELL).await;
        assert_eq!(answer_on(&answer, "M-1"), Some(Answer::Affected), "{answer:#?}");
        // A newer form of one file takes the place of that file alone.
        take(&ctx, &actor, rows_of_list("list_a.md", &[&row("Other 3", "Vulnerable")])).await;
        assert_eq!(answer_on(&ask(&ctx, &actor, LOG4SHELL).await, "M-1"), Some(Answer::Affected));
        take(&ctx, &actor, rows_of_list("list_b.md", &[&row("Monitor 7", "Not vuln")])).await;
        assert_eq!(answer_on(&ask(&ctx, &actor, LOG4SHELL).await, "M-1"), Some(Answer::CannotTell));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_does_not_rule_out_what_a_maker_says_later() {
    on_both(async |ctx, actor| {
        let monitor = ask(&ctx, &actor, LOG4SHELL).await;
        let monitor = of(&monitor, "M-1").unwrap().clone();
        for scope in [ScopeChoice::Release(monitor.release), ScopeChoice::Devices(vec![monitor.device])] {
            let command = decisions::Decide {
                weaknesses: vec![LOG4SHELL.to_owned()],
                scope,
                verdict: Verdict::NotAffected(Justification::ComponentNotPresent),
                reason: "no Java in it".to_owned(),
                review_on: None,
                action: None,
                origin: Origin::Person,
            };
            decisions::decide(&ctx, &actor, &command).await.unwrap();
        }
        assert!(of(&ask(&ctx, &actor, LOG4SHELL).await, "M-1").is_none());
        // The clock of these tests stands at 2026-03-03.
        let said = |id: &str, released: &str| advisory(id, released, LOG4SHELL, ("Velta", "Monitor 7"));
        take(&ctx, &actor, said("V-1", "2026-01-01T00:00:00Z")).await;
        assert!(of(&ask(&ctx, &actor, LOG4SHELL).await, "M-1").is_none(), "who decided could know of it");
        let row = "|Velta|Monitor 7|1.0| |Vulnerable| | ||[x](https://v.example)|";
        take(&ctx, &actor, rows_of_list("list.md", &[row])).await;
        assert!(
            of(&ask(&ctx, &actor, LOG4SHELL).await, "M-1").is_none(),
            "hearsay does not overrule a person"
        );
        take(&ctx, &actor, said("V-1", "2026-04-01T00:00:00Z")).await;
        let now = ask(&ctx, &actor, LOG4SHELL).await;
        assert_eq!(
            of(&now, "M-1").map(|it| (it.answer, it.reason)),
            Some((Answer::Affected, Reason::Stated))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn among_several_a_weakness_that_no_record_knows_keeps_what_is_said_of_products() {
    on_both(async |ctx, actor| {
        let unknown = "CVE-2026-70001";
        take(&ctx, &actor, advisory("V-1", "2026-01-01T00:00:00Z", unknown, ("Velta", "Monitor 7"))).await;
        for text in [format!("{LOG4SHELL} {unknown}"), format!("{unknown} {LOG4SHELL}")] {
            let answer = ask(&ctx, &actor, &text).await;
            let monitor = of(&answer, "M-1").unwrap();
            assert_eq!(
                (monitor.answer, &monitor.affected_by[..]),
                (Answer::Affected, &[unknown.to_owned()][..])
            );
            assert_eq!(monitor.evidence[0].advisory, "V-1");
            let pump = of(&answer, "P-1").unwrap();
            assert_eq!((pump.answer, &pump.affected_by[..]), (Answer::Affected, &[LOG4SHELL.to_owned()][..]));
            // It does not make everything unclear.
            assert!(of(&answer, "P-2").is_none(), "{answer:#?}");
        }
        let none = ask(&ctx, &actor, &format!("{unknown} CVE-2026-70002")).await;
        assert_eq!((none.totals.affected, none.totals.cannot_tell), (1, 3), "{none:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_products_are_newly_called_affected_is_told_once() {
    on_both(async |ctx, actor| {
        let other = organisations::add(&ctx, "Lakeside Clinic", OrgKind::CoveredEntity).await.unwrap();
        let elsewhere = Actor::system(other);
        let told = async |actor: &Actor| {
            let all = notices::list(&ctx, actor).await.unwrap();
            let titles = all.into_iter().filter(|(it, _)| it.kind == "advisory").map(|(it, _)| it);
            titles.collect::<Vec<_>>()
        };
        let monitor =
            |id: &str, released: &str| advisory(id, released, "CVE-2026-70001", ("Velta", "Monitor 7"));
        let documents = vec![
            monitor("V-1", "2026-01-01T00:00:00Z"),
            advisory("O-1", "2026-01-01T00:00:00Z", "CVE-2026-70002", ("Orbis Medical", "Flow 300")),
            advisory("X-1", "2026-01-01T00:00:00Z", "CVE-2026-70003", ("Somebody", "Something")),
        ];
        medical::take(&ctx, &actor, documents.clone()).await.unwrap();
        let first = told(&actor).await;
        assert_eq!(first.len(), 1, "one for a run: {first:#?}");
        assert_eq!(first[0].title, "2 advisories say that 2 of our releases are affected (2 devices)");
        assert!(first[0].detail.contains("V-1: Velta Monitor 7 1.0"), "{first:#?}");
        assert!(told(&elsewhere).await.is_empty(), "who has none of it hears nothing");
        // The same again, and a newer version that says the same: nothing is new.
        medical::take(&ctx, &actor, documents).await.unwrap();
        take(&ctx, &actor, monitor("V-1", "2026-02-01T00:00:00Z")).await;
        assert_eq!(told(&actor).await.len(), 1);
        take(&ctx, &actor, monitor("V-2", "2026-02-01T00:00:00Z")).await;
        let second = told(&actor).await;
        assert_eq!(
            second[0].title, "V-2 says that Velta Monitor 7 1.0 is affected (1 device)",
            "{second:#?}"
        );
        assert!(second[0].link.starts_with("/medical/"));
    })
    .await;
}
