//! The risk analysis, the plan for incidents with its pack, reports, letters as files, and single readers whom counsel names.

use std::io::Read as _;

use bedrail_app::audit::{self, AuditFilter, Exported};
use bedrail_app::incidents::{self, LetterFormat, NewAssessment, NewLetter, Open};
use bedrail_app::page::PageRequest;
use bedrail_app::people::Grant;
use bedrail_app::reports::{self, REPORTS, ReportFormat};
use bedrail_app::response::{self, EntryKind, NewEntry};
use bedrail_app::rights::Role;
use bedrail_app::risk_analysis::{self, Declare, Grade, Judge, Level, Treatment};
use bedrail_app::{Actor, Context, Error, devices};
use bedrail_model::ids::IncidentId;
use bedrail_model::incident::{Harm, IncidentKind, KnownBy, LetterKind};
use jiff::civil::date;

use crate::ends::member;
use crate::story;

const LIST: &str = "\
Asset tag,Manufacturer,Model,Version,Type,Site,Ward,Exposure
P-1,Orbis,Flow,1,infusion pump,North,ICU,outside
P-2,Orbis,Flow,1,infusion pump,North,ICU,
M-1,Kestrel,<script>alert(1)</script>,2,printer,South,ER,
";
const MORE: &str = "\
Asset tag,Manufacturer,Model,Version,Type,Site,Ward,Exposure
P-3,Orbis,Flow,1,infusion pump,North,Ward 7,
";
const PUMP: &str = "Orbis Flow";
const HOSTILE: &str = "<script>alert(1)</script> 漢";

async fn on_both(story: impl AsyncFn(Context, Actor, Actor)) {
    story::two_on_each(async |ctx, one, two| {
        devices::import(&ctx, &one, story::list("devices.csv", LIST, false)).await.unwrap();
        story(ctx, one, two).await;
    })
    .await;
}

fn of(role: Role) -> Grant {
    Grant { roles: vec![role], ..Grant::default() }
}

fn judge(threat: &str) -> Judge {
    Judge {
        asset: PUMP.into(),
        threat: threat.into(),
        likelihood: Grade::High,
        impact: Grade::High,
        treatment: Treatment::Reduce,
        measures: "in a zone of its own".into(),
        likelihood_after: Some(Grade::Low),
        impact_after: None,
        owner: "Kim".into(),
        due: Some(date(2026, 2, 1)),
        action: None,
        reason: HOSTILE.into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn risks_are_proposed_judged_signed_and_devices_that_join_are_not_covered() {
    on_both(async |ctx, one, two| {
        let before = risk_analysis::get(&ctx, &one).await.unwrap();
        assert_eq!(before.assets[0].name, PUMP);
        assert_eq!(
            (before.assets[0].devices, before.assets[0].outside, before.assets[0].holds),
            (2, 1, None)
        );
        assert!(
            before.lines.iter().all(|line| line.residual == Level::Unknown),
            "nobody's judgement is filled in"
        );
        assert!(before.lines.iter().any(|line| line.threat.code == "outside_access" && line.asset == PUMP));
        assert!(before.covered.is_none());

        risk_analysis::judge(&ctx, &one, &judge("outside_access")).await.unwrap();
        let declared =
            Declare { asset: PUMP.into(), holds: false, what: String::new(), source: "manual".into() };
        risk_analysis::declare(&ctx, &one, &declared).await.unwrap();
        let it = risk_analysis::get(&ctx, &one).await.unwrap();
        let line =
            it.lines.iter().find(|line| line.asset == PUMP && line.threat.code == "outside_access").unwrap();
        assert_eq!((line.inherent, line.residual, line.overdue), (Level::Critical, Level::Moderate, true));
        assert!(
            !it.lines.iter().any(|line| line.asset == PUMP && line.threat.code == "disposal"),
            "it holds nothing"
        );
        assert_eq!(it.counts[4] + 1, it.lines.len() as u64);

        // What cannot be is refused.
        let nobody = Judge { owner: String::new(), ..judge("failure") };
        let nothing = Judge { measures: String::new(), ..judge("failure") };
        let reasonless = Judge { reason: " ".into(), ..judge("failure") };
        for bad in [nobody, nothing, reasonless] {
            assert!(
                matches!(risk_analysis::judge(&ctx, &one, &bad).await, Err(Error::Invalid { .. })),
                "{bad:?}"
            );
        }
        for bad in [Judge { asset: "Nothing".into(), ..judge("failure") }, judge("nothing")] {
            assert!(matches!(risk_analysis::judge(&ctx, &one, &bad).await, Err(Error::NotFound { .. })));
        }
        let theirs = risk_analysis::judge(&ctx, &two, &judge("failure")).await;
        assert!(matches!(theirs, Err(Error::NotFound { .. })), "{theirs:?}");
        let analyst = member(&ctx, &one, "analyst", of(Role::Analyst)).await;
        let denied = risk_analysis::sign(&ctx, &analyst, "all", None).await;
        assert!(matches!(denied, Err(Error::Denied { .. })), "{denied:?}");
        assert!(
            matches!(risk_analysis::sign(&ctx, &two, "all", None).await, Err(Error::Invalid { .. })),
            "no devices"
        );

        risk_analysis::judge(&ctx, &one, &judge("failure")).await.unwrap();
        let blind = risk_analysis::sign(&ctx, &one, "all pumps", Some(&it.seen)).await;
        assert!(matches!(blind, Err(Error::Conflict { .. })), "what was not seen is not signed: {blind:?}");
        let it = risk_analysis::get(&ctx, &one).await.unwrap();
        assert_eq!(it.signed.len(), 0, "and leaves nothing");
        let signed = risk_analysis::sign(&ctx, &one, "all pumps", Some(&it.seen)).await.unwrap();
        assert_eq!((signed.number, signed.devices, signed.unknown), (1, 3, it.counts[4]));
        let (_, bytes) = risk_analysis::document(&ctx, &one, 1).await.unwrap();
        use sha2::Digest as _;
        assert_eq!(
            hex::encode(sha2::Sha256::digest(&bytes)),
            signed.sha256,
            "the document is what was signed"
        );
        assert!(String::from_utf8(bytes).unwrap().contains("in a zone of its own"));
        let missing = risk_analysis::document(&ctx, &two, 1).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })));

        devices::import(&ctx, &one, story::list("more.csv", MORE, false)).await.unwrap();
        risk_analysis::judge(&ctx, &one, &Judge { likelihood: Grade::Low, ..judge("outside_access") })
            .await
            .unwrap();
        let after = risk_analysis::get(&ctx, &one).await.unwrap();
        let covered = after.covered.unwrap();
        assert!(covered.holds);
        assert_eq!((covered.share, covered.joined_total, covered.gone), ((3, 4), 1, 0));
        assert_eq!(covered.joined.len(), 1);

        // A document that was changed afterwards is not the one that was signed.
        let place = ctx.data_dir.join("documents").join(&signed.sha256[..2]).join(&signed.sha256);
        std::fs::write(place, "{}").unwrap();
        let after = risk_analysis::get(&ctx, &one).await.unwrap();
        assert!(!after.covered.unwrap().holds);
        assert!(risk_analysis::document(&ctx, &one, 1).await.is_err());
    })
    .await;
}

fn entry(kind: EntryKind, name: &str) -> NewEntry {
    NewEntry {
        kind,
        name: name.into(),
        place: String::new(),
        rank: 1,
        person: format!("Kim {HOSTILE}"),
        reach: "555-0100".into(),
        body: "one\ntwo".into(),
        follow_ups: String::new(),
        day: Some(date(2026, 1, 2)),
        withdrawn: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_keeps_the_newest_word_and_the_pack_stands_alone() {
    on_both(async |ctx, one, two| {
        let plan = response::get(&ctx, &one).await.unwrap();
        assert_eq!((plan.wards, plan.wards_without.len(), plan.playbooks.len()), (2, 2, 4));
        for kind in EntryKind::ALL {
            response::put(&ctx, &one, &entry(kind, "North / ICU")).await.unwrap();
        }
        let newer = NewEntry { reach: "555-0199".into(), ..entry(EntryKind::Contact, "north / icu") };
        response::put(&ctx, &one, &newer).await.unwrap();
        let plan = response::get(&ctx, &one).await.unwrap();
        assert_eq!(plan.wards_without, ["South / ER"]);
        let contacts: Vec<&str> = plan.of(EntryKind::Contact).map(|row| row.reach.as_str()).collect();
        assert_eq!(contacts, ["555-0199"], "one word of one name and place");

        let ahead = NewEntry { day: Some(date(2030, 1, 1)), ..entry(EntryKind::Exercise, "x") };
        let mute = NewEntry { reach: String::new(), ..entry(EntryKind::Contact, "x") };
        let stepless = NewEntry { body: " ".into(), ..entry(EntryKind::Downtime, "x") };
        let anybody = NewEntry { person: String::new(), ..entry(EntryKind::Disconnect, "x") };
        for bad in [ahead, mute, stepless, anybody, entry(EntryKind::Contact, " ")] {
            assert!(matches!(response::put(&ctx, &one, &bad).await, Err(Error::Invalid { .. })), "{bad:?}");
        }

        let pack = response::pack(&ctx, &one).await.unwrap();
        audit::note_export(&ctx, &one, Exported::Devices, "ward=icu").await.unwrap();
        let read = AuditFilter { action: Some("devices.export".into()), ..AuditFilter::default() };
        assert_eq!(audit::list(&ctx, &one, &read, &PageRequest::default()).await.unwrap().total, 1);
        audit::head_past(&ctx, &one, None).await.unwrap();
        let again = response::pack(&ctx, &one).await.unwrap();
        assert!(
            std::sync::Arc::ptr_eq(&pack, &again),
            "a read was written down and nothing changed, so it is not made again"
        );
        let names: Vec<&str> = pack.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["index.html", "response-pack.pdf", "SHA256SUMS"]);
        let html = String::from_utf8(pack.files[0].bytes.clone()).unwrap();
        for wanted in ["555-0199", "South / ER", "Ransomware", "catastrophic", "P-1", "General Hospital"] {
            assert!(html.contains(wanted), "{wanted}");
        }
        for refused in ["<script", "http:", "https:", "src="] {
            assert!(!html.contains(refused), "{refused}: it works without a network");
        }
        // Pumps before printers.
        assert!(html.find("P-1").unwrap() < html.find("M-1").unwrap());
        let zip = zip::ZipArchive::new(std::io::Cursor::new(&pack.zip)).unwrap();
        assert_eq!(zip.len(), 3);
        let theirs = response::pack(&ctx, &two).await.unwrap();
        let theirs = String::from_utf8(theirs.files[0].bytes.clone()).unwrap();
        assert!(!theirs.contains("555-0199") && !theirs.contains("P-1"));

        let end = NewEntry { withdrawn: true, ..entry(EntryKind::Contact, "North / ICU") };
        response::put(&ctx, &one, &end).await.unwrap();
        assert_eq!(response::get(&ctx, &one).await.unwrap().of(EntryKind::Contact).count(), 0);
        let without = response::pack(&ctx, &one).await.unwrap();
        let without = String::from_utf8(without.files[0].bytes.clone()).unwrap();
        assert!(!without.contains("555-0199"), "a change is in the pack at once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_report_comes_in_every_form_and_tells_nothing_of_others() {
    on_both(async |ctx, one, two| {
        let analyst = member(&ctx, &one, "analyst", of(Role::Analyst)).await;
        for row in REPORTS {
            for (format, ending) in ReportFormat::ALL {
                let file = reports::file(&ctx, &one, row.name, format).await.unwrap();
                assert!(file.name.starts_with(row.name) && file.name.ends_with(ending), "{}", file.name);
                let head: &[u8] = match format {
                    ReportFormat::Pdf => b"%PDF",
                    ReportFormat::Xlsx => b"PK",
                    ReportFormat::Html => b"<!DO",
                };
                assert!(file.bytes.starts_with(head), "{} {ending}", row.name);
            }
            let shown = reports::show(&ctx, &one, row.name).await.unwrap();
            assert!(!shown.html.contains("<script"), "{}", row.name);
            let theirs = reports::show(&ctx, &two, row.name).await.unwrap();
            assert!(!theirs.html.contains("Orbis") && !theirs.html.contains("North"), "{}", row.name);
        }
        let wards = reports::show(&ctx, &one, "ward-risk").await.unwrap().html;
        assert!(wards.contains("North / ICU") && wards.contains("South / ER"), "{wards}");
        let risk = reports::show(&ctx, &one, "risk-analysis").await.unwrap().html;
        assert!(risk.contains("No analysis was signed yet") && risk.contains("nobody said"), "{risk}");
        assert!(matches!(reports::show(&ctx, &one, "nothing").await, Err(Error::NotFound { .. })));
        let denied = reports::show(&ctx, &analyst, "document-request").await;
        assert!(matches!(denied, Err(Error::Denied { .. })), "{denied:?}");
    })
    .await;
}

async fn incident(ctx: &Context, actor: &Actor) -> IncidentId {
    let open = Open {
        title: "gone".into(),
        kind: Some(IncidentKind::LostDevice),
        owner: "Kim".into(),
        harm: Some(Harm::None),
        discovered: Some((KnownBy::Workforce, date(2026, 2, 2))),
        occurred: Some((date(2026, 1, 10), None)),
        ..Open::default()
    };
    incidents::open(ctx, actor, &open).await.unwrap()
}

fn letter() -> NewLetter {
    let fields = [
        "what_happened",
        "kinds_of_phi",
        "what_to_do",
        "what_we_do",
        "toll_free",
        "email",
        "postal_address",
        "signer",
    ];
    let fields =
        fields.iter().map(|name| ((*name).to_owned(), format!("{HOSTILE} {name} «recipient_address»")));
    NewLetter { kind: LetterKind::Individual, state: None, fields: fields.collect() }
}

fn body_of(docx: &[u8]) -> String {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(docx)).unwrap();
    let mut text = String::new();
    zip.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_text_docx_and_pdf_and_names_stay_merge_fields() {
    on_both(async |ctx, one, two| {
        let counsel = member(&ctx, &one, "counsel", of(Role::Counsel)).await;
        let analyst = member(&ctx, &one, "analyst", of(Role::Analyst)).await;
        let id = incident(&ctx, &one).await;
        incidents::write(&ctx, &counsel, id, &letter()).await.unwrap();
        let file = |actor: &Actor, format| {
            let (ctx, actor) = (ctx.clone(), actor.clone());
            async move { incidents::letter_file(&ctx, &actor, id, 1, format).await }
        };
        let docx = file(&counsel, LetterFormat::Docx).await.unwrap();
        assert_eq!(docx, file(&counsel, LetterFormat::Docx).await.unwrap());
        assert_eq!(docx.name, "incident-1-letter-1-individual.docx");
        let body = body_of(&docx.bytes);
        for field in ["recipient_name", "recipient_address"] {
            assert!(body.contains(&format!(" MERGEFIELD {field} ")), "{body}");
        }
        assert!(!body.contains("<script") && body.contains("漢"));
        assert_eq!(body.matches("Heading3").count(), 6, "{body}");
        let pdf = file(&counsel, LetterFormat::Pdf).await.unwrap();
        assert!(pdf.bytes.starts_with(b"%PDF"));
        assert_eq!(pdf.not_shown, ['漢'], "what the font lacks is told of");
        let text = String::from_utf8(file(&counsel, LetterFormat::Text).await.unwrap().bytes).unwrap();
        assert!(text.contains("«recipient_name»"));
        // A draft is nobody else's.
        for other in [&analyst, &two] {
            let told = file(other, LetterFormat::Pdf).await;
            assert!(matches!(told, Err(Error::NotFound { .. })), "{told:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counsel_names_a_reader_of_one_record_and_takes_it_back() {
    on_both(async |ctx, one, _| {
        let counsel = member(&ctx, &one, "counsel", of(Role::Counsel)).await;
        let officer = member(&ctx, &one, "officer", of(Role::Compliance)).await;
        let analyst = member(&ctx, &one, "analyst", of(Role::Analyst)).await;
        let (id, other) = (incident(&ctx, &one).await, incident(&ctx, &one).await);
        let secret = "SECRET-advice";
        for id in [id, other] {
            let draft = NewAssessment { reason: secret.into(), ..NewAssessment::default() };
            incidents::assess(&ctx, &counsel, id, draft).await.unwrap();
        }
        let sees =
            async |id| format!("{:?}", incidents::get(&ctx, &analyst, id).await.unwrap()).contains(secret);
        assert!(!sees(id).await);
        for who in [&officer, &analyst] {
            let denied = incidents::name_reader(&ctx, who, id, "analyst", "asked").await;
            assert!(matches!(denied, Err(Error::Denied { .. })), "{}: {denied:?}", who.name);
        }
        let nobody = incidents::name_reader(&ctx, &counsel, id, "nobody", "asked").await;
        assert!(matches!(nobody, Err(Error::NotFound { .. })));
        assert!(
            incidents::name_reader(&ctx, &counsel, id, "analyst", " ").await.is_err(),
            "a reason is needed"
        );
        assert_eq!(incidents::name_reader(&ctx, &counsel, id, "Analyst", "the log").await.unwrap(), 1);
        let again = incidents::name_reader(&ctx, &counsel, id, "analyst", "the log").await;
        assert!(matches!(again, Err(Error::Conflict { .. })));
        assert!(sees(id).await && !sees(other).await, "one record, and no other");

        // Reading is all they may.
        let draft = NewAssessment { seen: 1, reason: "mine".into(), ..NewAssessment::default() };
        assert!(matches!(incidents::assess(&ctx, &analyst, id, draft).await, Err(Error::Denied { .. })));
        let detail = incidents::get(&ctx, &officer, id).await.unwrap();
        assert_eq!((detail.readers.len(), detail.readers[0].name.as_str()), (1, "analyst"));

        incidents::end_reader(&ctx, &counsel, id, 1).await.unwrap();
        assert!(!sees(id).await);
        assert!(matches!(incidents::end_reader(&ctx, &counsel, id, 1).await, Err(Error::Conflict { .. })));
        assert!(matches!(incidents::end_reader(&ctx, &counsel, id, 7).await, Err(Error::NotFound { .. })));
        let log = audit::list(&ctx, &one, &AuditFilter::default(), &PageRequest::at(0, 200)).await.unwrap();
        let noted = |action: &str, who: &str| {
            log.rows.iter().any(|row| row.action == action && row.actor.contains(who))
        };
        assert!(noted("incident.name_reader", "counsel") && noted("incident.end_reader", "counsel"));
        assert!(noted("incident.read_privileged", "analyst"), "that they read it is noted");
        assert!(!format!("{log:?}").contains(secret));
    })
    .await;
}
