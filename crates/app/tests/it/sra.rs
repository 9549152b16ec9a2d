//! The workbook of the SRA tool: tried first, then kept; threats are risks that are signed, answers are claims; one organisation alone.

use bedrail_app::actions::{self, ActionFilter};
use bedrail_app::page::PageRequest;
use bedrail_app::people::Grant;
use bedrail_app::programme::{self, Wanted};
use bedrail_app::reports::{self, ReportFormat};
use bedrail_app::rights::Role;
use bedrail_app::risk_analysis::{self, Level};
use bedrail_app::sra::{self, Workbook};
use bedrail_app::{Actor, Context, Error, devices};
use bedrail_press::{Block, Column, Document, Table};
use jiff::civil::date;

use crate::ends::member;
use crate::story;

const LIST: &str = "\
Asset tag,Manufacturer,Model,Version,Site,Ward
F-1,Orbis,Flow,1,North,ICU
F-2,Orbis,Flow,1,South,ICU
";
/// Asked once; asked for each site; computed by the program.
const ONCE: &str = "sr-164-308-a-8";

fn sheet(name: &str, heads: &[&str], rows: &[&[&str]]) -> Block {
    Block::Table(Table {
        caption: name.to_owned(),
        columns: heads.iter().map(|head| Column::words(*head, 1.0)).collect(),
        rows: rows.iter().map(|row| row.iter().map(|text| (*text).to_owned()).collect()).collect(),
        empty: String::new(),
    })
}

fn workbook(dry_run: bool) -> Workbook {
    let questions = ["Question", "Response", "Reference", "Comments"];
    let document = Document {
        title: "SRA".to_owned(),
        organisation: "General Hospital".to_owned(),
        at: "2026-03-01T10:00:00Z".parse().unwrap(),
        mark: String::new(),
        letter: false,
        blocks: vec![
            sheet(
                "Section 1",
                &questions,
                &[
                    &["Is the programme evaluated?", "Yes. Every year.", "\u{a7}164.308(a)(8)", "<script>"],
                    &["After changes, too?", "I don't know.", "164.308 (a)(8)", ""],
                    &["Are rooms walked?", "Yes", "45 CFR 164.530(c)", ""],
                    &["Has it a log?", "Yes", "\u{a7}164.308(a)(1)(ii)(D)", ""],
                    &["Anything else?", "No", "N/A", ""],
                    &["Not yet asked", "", "164.312", ""],
                ],
            ),
            sheet(
                "Threats",
                &["Threat", "Vulnerability", "Likelihood", "Impact"],
                &[&["Theft", "no lock", "High", "Medium"], &["Flood", "", "perhaps", "High"]],
            ),
            sheet("Vendors", &["Vendor", "BAA"], &[&["Billing", "yes"]]),
        ],
    };
    Workbook {
        file_name: "../my sra.xlsx".to_owned(),
        document: bedrail_press::xlsx(&document).unwrap().into(),
        site: None,
        owner: None,
        due: None,
        dry_run,
    }
}

async fn answer(ctx: &Context, actor: &Actor) -> Option<String> {
    let wanted = Wanted { requirement: Some(ONCE.to_owned()), ..Wanted::default() };
    let asked = programme::questions(ctx, actor, &wanted).await.unwrap();
    asked.rows[0].answer.as_ref().map(|row| row.answer.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_is_tried_first_and_then_becomes_risks_and_claims() {
    story::two_on_each(async |ctx, one, two| {
        devices::import(&ctx, &one, story::list("list.csv", LIST, false)).await.unwrap();
        let tried = sra::import(&ctx, &one, &workbook(true)).await.unwrap();
        assert!(tried.dry_run && tried.unknown_sheets.contains(&"Vendors".to_owned()), "{tried:#?}");
        assert_eq!((tried.threats.len(), tried.unanswered, tried.taken()), (2, 1, 1), "{tried:#?}");
        assert!(answer(&ctx, &one).await.is_none());
        assert!(risk_analysis::get(&ctx, &one).await.unwrap().brought.is_empty());
        let of = |requirement: &str| tried.answers.iter().find(|line| line.requirement == requirement);
        // One question of two is a yes, of the other nobody knows: that is no yes.
        assert_eq!((of(ONCE).unwrap().answer, of(ONCE).unwrap().places.len()), ("not_sure", 2));
        assert!(tried.answers.iter().any(|line| line.not_taken.contains("names no paragraph")), "{tried:#?}");
        assert!(
            tried.answers.iter().any(|line| line.not_taken.contains("asked for each site")),
            "{tried:#?}"
        );

        let kept = sra::import(&ctx, &one, &workbook(false)).await.unwrap();
        assert_eq!((kept.taken(), kept.held), (1, false));
        assert_eq!(answer(&ctx, &one).await.as_deref(), Some("not_sure"));
        let analysis = risk_analysis::get(&ctx, &one).await.unwrap();
        let levels: Vec<Level> = analysis.brought.iter().map(|(_, level)| *level).collect();
        assert_eq!(levels, [Level::High, Level::Unknown], "what is not graded in known words is unknown");
        assert_eq!(analysis.brought[0].0.file_name, "my sra.xlsx");
        // The same again is held; with a site its answers are taken, too.
        let again = sra::import(&ctx, &one, &workbook(false)).await.unwrap();
        assert!(again.held && again.taken() == 0, "{again:#?}");
        let at_north = Workbook { site: Some("North".to_owned()), ..workbook(false) };
        assert_eq!(sra::import(&ctx, &one, &at_north).await.unwrap().taken(), 1);
        let signed = risk_analysis::sign(&ctx, &one, "all", None).await.unwrap();
        let (_, bytes) = risk_analysis::document(&ctx, &one, signed.number).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("Theft") && text.contains("the organisation"), "{text}");
        let printed = reports::file(&ctx, &one, "risk-analysis", ReportFormat::Html).await.unwrap();
        let printed = String::from_utf8(printed.bytes).unwrap();
        assert!(printed.contains("Theft") && printed.contains("my sra.xlsx"), "{printed}");

        assert!(risk_analysis::get(&ctx, &two).await.unwrap().brought.is_empty());
        assert!(answer(&ctx, &two).await.is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_needs_who_closes_the_gap_and_strangers_are_refused() {
    story::two_on_each(async |ctx, one, _| {
        devices::import(&ctx, &one, story::list("list.csv", LIST, false)).await.unwrap();
        let document = Document {
            title: "SRA".to_owned(),
            organisation: String::new(),
            at: "2026-03-01T10:00:00Z".parse().unwrap(),
            mark: String::new(),
            letter: false,
            blocks: vec![sheet(
                "Section 1",
                &["Question", "Response", "Reference"],
                &[&["Is the programme evaluated?", "No.", "164.308(a)(8)"]],
            )],
        };
        let book = Workbook { document: bedrail_press::xlsx(&document).unwrap().into(), ..workbook(false) };
        let told = sra::import(&ctx, &one, &book).await.unwrap();
        assert!(told.taken() == 0 && told.answers[0].not_taken.contains("who closes it"), "{told:#?}");
        let whole = Workbook { owner: Some("Kim".to_owned()), due: Some(date(2026, 5, 1)), ..book.clone() };
        assert_eq!(sra::import(&ctx, &one, &whole).await.unwrap().taken(), 1);
        assert_eq!(answer(&ctx, &one).await.as_deref(), Some("no"));
        let (filter, page) = (ActionFilter::default(), PageRequest::default());
        let open = actions::list(&ctx, &one, &filter, &page).await.unwrap();
        assert_eq!(open.total, 1, "the gap is an action");

        for bad in [
            Workbook { document: "Question,Response".into(), ..book.clone() },
            Workbook { site: Some("Nowhere".to_owned()), ..book.clone() },
        ] {
            let refused = sra::import(&ctx, &one, &bad).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        }
        let analyst = Grant { roles: vec![Role::Analyst], ..Grant::default() };
        let analyst = member(&ctx, &one, "analyst", analyst).await;
        let refused = sra::import(&ctx, &analyst, &book).await;
        assert!(matches!(refused, Err(Error::Denied { .. })), "{refused:?}");
    })
    .await;
}
