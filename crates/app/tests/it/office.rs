//! Vendors, registers, the guide and clients on each database: what is refused, what is told, and that nothing crosses.

use std::collections::BTreeMap;

use bedrail_app::audit::{self, AuditFilter};
use bedrail_app::incidents::{self, Open};
use bedrail_app::page::PageRequest;
use bedrail_app::people::Grant;
use bedrail_app::programme::{self, StateWord};
use bedrail_app::registers::{self, NewEntry};
use bedrail_app::rights::Role;
use bedrail_app::vendors::answer::{self, Answers};
use bedrail_app::vendors::{
    self, CLAUSES, NewEnd, NewRequest, NewSignature, OwnIncidentRow, QUESTIONS, SetVendor, Standing,
};
use bedrail_app::workforce::import::{self, ImportRoster};
use bedrail_app::workforce::policies::{self, NewPolicy};
use bedrail_app::workforce::training::{self, AssignCourse};
use bedrail_app::{Actor, Context, Error, clients, devices, guide, organisations, response};
use bedrail_model::ids::{AgreementId, OrgId, VendorId};
use bedrail_model::incident::{Harm, IncidentKind};
use bedrail_model::organisation::OrgKind;
use jiff::civil::date;

use crate::ends::member;
use crate::story;

const LIST: &str = "\
Asset tag,Manufacturer,Model,Version,Site,Ward,Exposure
P-1,Orbis,Flow,1,North,ICU,outside
P-2,Velta,Monitor,1,North,ICU,
";
const HOSTILE: &str = "<script>alert(1)</script>";

/// Two organisations, on each database. Today is 3 March 2026.
async fn on_both(story: impl AsyncFn(Context, Actor, Actor)) {
    story::two_on_each(async |ctx, one, two| {
        devices::import(&ctx, &one, story::list("devices.csv", LIST, false)).await.unwrap();
        story(ctx, one, two).await;
    })
    .await;
}

fn billing() -> SetVendor {
    SetVendor {
        name: format!("Billing {HOSTILE}"),
        ephi: "yes".into(),
        associate: "yes".into(),
        notice_days: Some(10),
        subcontractors: vec!["Print".into()],
        ..SetVendor::default()
    }
}

async fn signed(
    ctx: &Context,
    actor: &Actor,
    vendor: VendorId,
    expires: Option<jiff::civil::Date>,
) -> AgreementId {
    let id = vendors::draft(ctx, actor, vendor, "BAA").await.unwrap();
    vendors::document(ctx, actor, (vendor, id), "baa.txt", &"words".into()).await.unwrap();
    for clause in CLAUSES {
        vendors::check(ctx, actor, (vendor, id), clause.id, "section 1").await.unwrap();
    }
    let new = NewSignature { on: date(2026, 1, 1), signer: "Sig".into(), effective: None, expires };
    vendors::sign(ctx, actor, (vendor, id), &new).await.unwrap();
    id
}

async fn state_of(ctx: &Context, actor: &Actor, signal: &str) -> Option<StateWord> {
    let listed = programme::list(ctx, actor, &programme::Filter::default()).await.unwrap();
    for row in &listed.rows {
        let detail = programme::get(ctx, actor, &row.id).await.unwrap();
        if let Some(found) = detail.signals.iter().find(|it| it.id == signal) {
            return Some(found.state);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_with_a_missing_clause_is_never_signed_and_a_new_text_asks_for_all_again() {
    on_both(async |ctx, one, two| {
        let vendor = vendors::set(&ctx, &one, None, &billing()).await.unwrap();
        let line = &vendors::list(&ctx, &one).await.unwrap()[0];
        assert!(line.bare && line.standing == Standing::None);
        let again = vendors::set(&ctx, &one, None, &billing()).await;
        assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");

        let id = vendors::draft(&ctx, &one, vendor, "BAA").await.unwrap();
        let early = vendors::check(&ctx, &one, (vendor, id), "uses", "1").await;
        assert!(matches!(early, Err(Error::Invalid { .. })), "no clause without a text: {early:?}");
        for (name, text) in [("baa.exe", "MZ"), ("baa.pdf", "no pdf"), ("baa.txt", "")] {
            let odd = vendors::document(&ctx, &one, (vendor, id), name, &text.into()).await;
            assert!(matches!(odd, Err(Error::Invalid { .. })), "{name}: {odd:?}");
        }
        vendors::document(&ctx, &one, (vendor, id), "../../baa.txt", &"first".into()).await.unwrap();
        for clause in CLAUSES.iter().filter(|it| !["report", "return"].contains(&it.id)) {
            vendors::check(&ctx, &one, (vendor, id), clause.id, "section 2").await.unwrap();
        }
        assert!(vendors::check(&ctx, &one, (vendor, id), "payment", "1").await.is_err());
        let new = NewSignature { on: date(2026, 3, 1), signer: "S".into(), effective: None, expires: None };
        let refused = vendors::sign(&ctx, &one, (vendor, id), &new).await.unwrap_err().to_string();
        assert_eq!(refused, "2 of the 12 clauses are missing: report, return");

        // Another text: what was found in the first says nothing of it.
        for clause in ["report", "return"] {
            vendors::check(&ctx, &one, (vendor, id), clause, "section 9").await.unwrap();
        }
        vendors::document(&ctx, &one, (vendor, id), "baa.txt", &"second".into()).await.unwrap();
        let refused = vendors::sign(&ctx, &one, (vendor, id), &new).await.unwrap_err().to_string();
        assert!(refused.starts_with("12 of the 12"), "{refused}");
        for clause in CLAUSES {
            vendors::check(&ctx, &one, (vendor, id), clause.id, "section 2").await.unwrap();
        }
        let ahead = NewSignature { on: date(2026, 3, 4), ..new.clone() };
        assert!(vendors::sign(&ctx, &one, (vendor, id), &ahead).await.is_err(), "a day ahead");
        vendors::sign(&ctx, &one, (vendor, id), &new).await.unwrap();
        let detail = vendors::get(&ctx, &one, vendor).await.unwrap();
        assert!(!detail.line.bare && detail.line.standing == Standing::Signed);
        assert!(detail.agreements[0].row.clauses.iter().all(|it| it.checked_by.contains("bedrail")));
        for done in [
            vendors::check(&ctx, &one, (vendor, id), "uses", "").await,
            vendors::document(&ctx, &one, (vendor, id), "baa.txt", &"third".into()).await,
            vendors::sign(&ctx, &one, (vendor, id), &new).await,
        ] {
            assert!(matches!(done, Err(Error::Conflict { .. })), "a signed text stays: {done:?}");
        }

        let end = NewEnd { on: date(2026, 3, 3), how: "destroyed".into(), note: String::new() };
        assert!(vendors::end(&ctx, &one, (vendor, id), &end).await.is_err(), "nothing shows it");
        let end = NewEnd { note: "certificate 17".into(), ..end };
        vendors::end(&ctx, &one, (vendor, id), &end).await.unwrap();
        assert!(vendors::list(&ctx, &one).await.unwrap()[0].bare, "it ended, and the data flows on");

        assert!(vendors::list(&ctx, &two).await.unwrap().is_empty());
        assert!(matches!(vendors::get(&ctx, &two, vendor).await, Err(Error::NotFound { .. })));
        assert!(matches!(vendors::draft(&ctx, &two, vendor, "x").await, Err(Error::NotFound { .. })));
    })
    .await;
}

fn all_good() -> Answers {
    let answers = QUESTIONS.iter().map(|it| (it.id.to_owned(), (it.good.to_owned(), HOSTILE.to_owned())));
    Answers { answerer: format!("Lee {HOSTILE}"), answers: answers.collect() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_answered_once_and_opens_nothing_for_anybody_else() {
    on_both(async |ctx, one, two| {
        let vendor = vendors::set(&ctx, &one, None, &billing()).await.unwrap();
        let code_of = |path: String| path.rsplit('/').next().unwrap().to_owned();
        let first = code_of(answer::link(&ctx, &one, vendor).await.unwrap());
        let code = code_of(answer::link(&ctx, &one, vendor).await.unwrap());
        let asked = answer::look(&ctx, &code).await.unwrap();
        assert_eq!(asked.organisation, "General Hospital");

        // Replaced, of another organisation, cut, made up: all the same nothing.
        let other =
            code.replacen(&one.org.uuid().simple().to_string(), &two.org.uuid().simple().to_string(), 1);
        let last = if code.ends_with('0') { "1" } else { "0" };
        for odd in [
            first,
            other,
            code[..code.len() - 2].to_owned(),
            format!("{}{last}", &code[..code.len() - 1]),
            String::new(),
            "x-y".to_owned(),
        ] {
            let looked = answer::look(&ctx, &odd).await;
            assert!(matches!(looked, Err(Error::NotFound { .. })), "{odd}: {looked:?}");
        }
        assert!(answer::take(&ctx, &code, "forged", &all_good(), None).await.is_err());
        let mut part = all_good();
        part.answers.remove("breach");
        let refused = answer::take(&ctx, &code, &asked.form, &part, None).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        part.answers.insert("breach".to_owned(), ("perhaps".to_owned(), String::new()));
        assert!(answer::take(&ctx, &code, &asked.form, &part, None).await.is_err());

        answer::take(&ctx, &code, &asked.form, &all_good(), None).await.unwrap();
        let replayed = answer::take(&ctx, &code, &asked.form, &all_good(), None).await;
        assert!(matches!(replayed, Err(Error::NotFound { .. })), "{replayed:?}");
        assert!(answer::look(&ctx, &code).await.is_err());
        let line = &vendors::list(&ctx, &one).await.unwrap()[0];
        assert_eq!(line.answers, Some((QUESTIONS.len() as u64, QUESTIONS.len() as u64)));
        let detail = vendors::get(&ctx, &one, vendor).await.unwrap();
        assert!(
            detail.links.iter().all(|link| !code.contains(&String::from_utf8_lossy(&link.code).into_owned()))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn makers_are_asked_and_scored_and_a_breach_of_a_vendor_has_its_clock() {
    on_both(async |ctx, one, two| {
        let maker = SetVendor { name: "Orbis Inc".into(), maker: " ORBIS ".into(), ..SetVendor::default() };
        let id = vendors::set(&ctx, &one, None, &maker).await.unwrap();
        let ask = |due| NewRequest { kind: "sbom".into(), about: "Flow".into(), due };
        let past = vendors::ask(&ctx, &one, id, &ask(Some(date(2026, 3, 2)))).await;
        assert!(matches!(past, Err(Error::Invalid { .. })), "{past:?}");
        let request = vendors::ask(&ctx, &one, id, &ask(None)).await.unwrap();
        assert_eq!(vendors::get(&ctx, &one, id).await.unwrap().requests[0].due, date(2026, 4, 2));
        vendors::answered(&ctx, &one, (id, request), None, "came by mail").await.unwrap();
        let twice = vendors::answered(&ctx, &one, (id, request), None, "again").await;
        assert!(matches!(twice, Err(Error::Conflict { .. })), "{twice:?}");
        let scores = vendors::makers(&ctx, &one).await.unwrap();
        let orbis = scores.iter().find(|it| it.maker == "Orbis").unwrap();
        assert_eq!((orbis.vendor, orbis.devices, orbis.with_bill, orbis.releases), (Some(id), 1, 0, 1));
        assert_eq!((orbis.asked, orbis.answered, orbis.late, orbis.days), (1, 1, 0, Some(0)));
        assert!(scores.iter().any(|it| it.maker == "Velta" && it.vendor.is_none()));

        let vendor = vendors::set(&ctx, &one, None, &billing()).await.unwrap();
        let open = Open {
            title: "At the biller".into(),
            kind: Some(IncidentKind::Other),
            harm: Some(Harm::None),
            ..Open::default()
        };
        let incident = incidents::open(&ctx, &one, &open).await.unwrap();
        let own = OwnIncidentRow { vendor, incident, discovered: Some(date(2026, 2, 20)), told: None };
        let before = OwnIncidentRow { told: Some(date(2026, 2, 19)), ..own.clone() };
        assert!(vendors::own_incident(&ctx, &one, &before).await.is_err(), "told before it knew");
        vendors::own_incident(&ctx, &one, &own).await.unwrap();
        // What is written down of days is agreed to by an agreement in force alone; until then the law's limit holds.
        let bare = vendors::get(&ctx, &one, vendor).await.unwrap().incidents[0].notice.unwrap();
        assert_eq!((bare.due(), bare.limit), (date(2026, 4, 21), date(2026, 4, 21)));
        vendors::draft(&ctx, &one, vendor, "a draft").await.unwrap();
        assert_eq!(vendors::get(&ctx, &one, vendor).await.unwrap().incidents[0].notice, Some(bare));
        signed(&ctx, &one, vendor, None).await;
        let line = &vendors::get(&ctx, &one, vendor).await.unwrap().incidents[0];
        let notice = line.notice.unwrap();
        // Ten days agreed, from 20 February; 60 as the outer limit.
        assert_eq!((notice.due(), notice.limit, line.late), (date(2026, 3, 2), date(2026, 4, 21), true));

        // The same from the incident's side: whose it is, against which days, and whose it may be.
        let devices = devices::list(&ctx, &one, &devices::DeviceFilter::default(), &PageRequest::default())
            .await
            .unwrap();
        let pump = devices.rows.iter().find(|row| row.facts.maker.as_deref() == Some("Orbis")).unwrap().id;
        incidents::attach(&ctx, &one, incident, &[pump], &[]).await.unwrap();
        let seen = incidents::get(&ctx, &one, incident).await.unwrap().vendors;
        let joined = &seen.joined[0];
        assert_eq!((joined.vendor, joined.agreed_days, joined.late), (vendor, Some(10), true));
        assert_eq!(joined.notice, Some(notice), "one clock on both pages");
        assert_eq!(seen.perhaps.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [id], "it made the pump");
        let told = OwnIncidentRow { told: Some(date(2026, 3, 1)), ..own };
        vendors::own_incident(&ctx, &one, &told).await.unwrap();
        let seen = incidents::get(&ctx, &one, incident).await.unwrap().vendors;
        assert_eq!((seen.joined.len(), seen.joined[0].late), (1, false), "told in time, and once");
        let unknown = OwnIncidentRow { vendor: id, discovered: None, ..told };
        vendors::own_incident(&ctx, &one, &unknown).await.unwrap();
        let seen = incidents::get(&ctx, &one, incident).await.unwrap().vendors;
        let orbis = seen.joined.iter().find(|it| it.vendor == id).unwrap();
        assert_eq!(
            (orbis.notice, orbis.late),
            (None, false),
            "nobody knows when it found out: no clock is made up"
        );
        let theirs = vendors::set(&ctx, &two, None, &billing()).await.unwrap();
        let foreign = OwnIncidentRow { vendor: theirs, ..unknown };
        assert!(vendors::own_incident(&ctx, &one, &foreign).await.is_err(), "another organisation's vendor");
        assert!(incidents::get(&ctx, &two, incident).await.is_err());
    })
    .await;
}

fn request(about: &str, received: jiff::civil::Date) -> NewEntry {
    let values: BTreeMap<String, String> = [("records".to_owned(), HOSTILE.to_owned())].into();
    NewEntry { kind: "access".into(), about: about.into(), received: Some(received), values }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_run_by_their_clock_and_names_stay_in_the_entry() {
    on_both(async |ctx, one, two| {
        let secret = "Winifred Oakapple";
        let id = registers::add(&ctx, &one, &request(secret, date(2026, 2, 1))).await.unwrap();
        let late = registers::add(&ctx, &one, &request("Other", date(2026, 1, 31))).await.unwrap();
        for odd in [
            NewEntry { kind: "nothing".into(), ..request("x", date(2026, 2, 1)) },
            NewEntry { values: BTreeMap::new(), ..request("x", date(2026, 2, 1)) },
            NewEntry {
                values: [("colour".to_owned(), "red".to_owned())].into(),
                ..request("x", date(2026, 2, 1))
            },
            request("x", date(2026, 3, 4)),
            request(" ", date(2026, 2, 1)),
        ] {
            assert!(registers::add(&ctx, &one, &odd).await.is_err(), "{odd:?}");
        }
        let (register, entries) = registers::of_kind(&ctx, &one, "access").await.unwrap();
        assert_eq!((register.open, register.late, register.entries), (2, 1, 2));
        // 30 days after 1 February 2026; the day after 2 March is late.
        assert_eq!((entries[1].due, entries[1].left), (Some(date(2026, 3, 3)), Some(0)));
        assert_eq!((entries[0].due, entries[0].left), (Some(date(2026, 3, 2)), Some(-1)));
        assert!(!format!("{entries:?}").contains(secret));

        assert!(registers::extend(&ctx, &one, id, " ").await.is_err(), "an extension has its reason");
        assert_eq!(registers::extend(&ctx, &one, id, "the archive is far").await.unwrap(), date(2026, 4, 2));
        for id in [id, late] {
            let refused = registers::extend(&ctx, &one, id, "again").await;
            assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
        }
        let detail = registers::get(&ctx, &one, id).await.unwrap();
        assert_eq!((detail.about.as_str(), detail.may_extend_to), (secret, None));
        assert!(registers::close(&ctx, &one, id, "sunny", "x").await.is_err());
        registers::close(&ctx, &one, id, "granted", "sent as a file").await.unwrap();
        assert!(registers::close(&ctx, &one, id, "denied", "x").await.is_err(), "once");

        let log = audit::list(&ctx, &one, &AuditFilter::default(), &PageRequest::default()).await.unwrap();
        let log = format!("{log:?}");
        assert!(log.contains("register.read") && log.contains("access 1"), "{log}");
        assert!(!log.contains(secret) && !log.contains("archive"), "{log}");

        assert!(registers::of_kind(&ctx, &two, "access").await.unwrap().1.is_empty());
        assert!(matches!(registers::get(&ctx, &two, id).await, Err(Error::NotFound { .. })));
        let engineer =
            member(&ctx, &one, "erin", Grant { roles: vec![Role::Engineer], ..Grant::default() }).await;
        assert!(matches!(registers::list(&ctx, &engineer).await, Err(Error::Denied { .. })));
        assert!(matches!(registers::get(&ctx, &engineer, id).await, Err(Error::Denied { .. })));
        let feed = bedrail_app::actions::calendar::feed(&ctx, &engineer).await.unwrap();
        // A feed leaves the house, and an engineer does not keep the registers: that something is due is all that they learn.
        let unfolded = feed.replace("\r\n ", "");
        assert!(unfolded.contains("SUMMARY:Something in the registers is due"), "{feed}");
        for more in ["Access request", "number", secret, "Other"] {
            assert!(!unfolded.contains(more), "{more}: {feed}");
        }
        let dates = async |actor: &Actor| format!("{:?}", guide::guide(&ctx, actor).await.unwrap().dates);
        assert!(dates(&one).await.contains("Access requests, number 2: last day"));
        let of_engineer = dates(&engineer).await;
        assert!(
            of_engineer.contains("Something in the registers") && !of_engineer.contains("Access request")
        );
        assert!(!of_engineer.contains(&late.to_string()), "nor which entry it is");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_follow_vendors_and_registers_and_say_nothing_of_what_nobody_keeps() {
    on_both(async |ctx, one, _| {
        for signal in ["vendor.ephi_without_baa", "privacy_request.overdue", "sanction_log.last_review"] {
            assert_eq!(state_of(&ctx, &one, signal).await, Some(StateWord::Unknown), "{signal}");
        }
        let vendor = vendors::set(&ctx, &one, None, &billing()).await.unwrap();
        assert_eq!(state_of(&ctx, &one, "vendor.ephi_without_baa").await, Some(StateWord::No));
        signed(&ctx, &one, vendor, Some(date(2026, 6, 1))).await;
        assert_eq!(state_of(&ctx, &one, "vendor.ephi_without_baa").await, Some(StateWord::Evidenced));
        assert_eq!(state_of(&ctx, &one, "baa.notice_days_max").await, Some(StateWord::Evidenced));
        // 1 June is 90 days ahead.
        assert_eq!(state_of(&ctx, &one, "baa.expiring_90d").await, Some(StateWord::No));
        // A vendor of which nobody said what it holds: zero is not said any more.
        let untold = SetVendor { name: "Cleaners".into(), ..SetVendor::default() };
        vendors::set(&ctx, &one, None, &untold).await.unwrap();
        assert_eq!(state_of(&ctx, &one, "vendor.ephi_without_baa").await, Some(StateWord::Unknown));

        registers::add(&ctx, &one, &request("x", date(2026, 2, 20))).await.unwrap();
        assert_eq!(
            state_of(&ctx, &one, "privacy_request.overdue").await,
            Some(StateWord::Unknown),
            "two are not kept"
        );
        for kind in ["amendment", "accounting", "sanction"] {
            registers::review(&ctx, &one, kind, "").await.unwrap();
        }
        assert_eq!(state_of(&ctx, &one, "privacy_request.overdue").await, Some(StateWord::Evidenced));
        assert_eq!(state_of(&ctx, &one, "sanction_log.last_review").await, Some(StateWord::Evidenced));
        registers::add(&ctx, &one, &request("y", date(2026, 1, 1))).await.unwrap();
        assert_eq!(state_of(&ctx, &one, "privacy_request.overdue").await, Some(StateWord::No));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_shows_five_steps_at_most_and_only_what_one_may_do() {
    on_both(async |ctx, one, _| {
        let first = guide::guide(&ctx, &one).await.unwrap();
        assert!(first.steps.len() == guide::MOST_STEPS, "{:?}", first.steps);
        assert_eq!(first.steps[0].code, "vendors");
        vendors::set(&ctx, &one, None, &billing()).await.unwrap();
        registers::add(&ctx, &one, &request("Winifred", date(2026, 1, 1))).await.unwrap();
        let now = guide::guide(&ctx, &one).await.unwrap();
        let codes: Vec<&str> = now.steps.iter().map(|step| step.code).collect();
        assert_eq!(codes[..2], ["late_requests", "bare_vendors"], "the most pressing first");
        assert!(now.dates.iter().any(|it| it.day == date(2026, 1, 31)), "{:?}", now.dates);
        assert!(!format!("{now:?}").contains("Winifred"));

        // What is to be signed, learned and practised stands in the calendar of the year, here and outside.
        import::roster(
            &ctx,
            &one,
            ImportRoster {
                file_name: "roster.csv".into(),
                document: "Name,Roles,Start\nAda Quill,nurse,2025-01-01\nBram Hall,nurse,2025-01-01\n".into(),
                dry_run: false,
            },
        )
        .await
        .unwrap();
        let course = AssignCourse { course: "privacy-and-devices".into(), roles: "nurse".into(), days: 30 };
        training::assign(&ctx, &one, &course).await.unwrap();
        let policy = NewPolicy {
            title: "Desks".into(),
            body: "Clean.".into(),
            roles: "nurse".into(),
            sign_days: Some(10),
            ..NewPolicy::default()
        };
        let policy = policies::make(&ctx, &one, &policy).await.unwrap();
        policies::approve(&ctx, &one, policy, 1).await.unwrap();
        policies::publish(&ctx, &one, policy, 1).await.unwrap();
        let drill = response::NewEntry {
            kind: response::EntryKind::Exercise,
            name: "Ransomware on the ward".into(),
            place: String::new(),
            rank: 1,
            person: "Kim".into(),
            reach: String::new(),
            body: "Paper worked.".into(),
            follow_ups: String::new(),
            day: Some(date(2026, 2, 1)),
            withdrawn: false,
        };
        response::put(&ctx, &one, &drill).await.unwrap();
        let now = guide::guide(&ctx, &one).await.unwrap();
        let feed = bedrail_app::actions::calendar::feed(&ctx, &one).await.unwrap().replace("\r\n ", "");
        for (day, what) in [
            (date(2026, 4, 2), "2 people to take “"),
            (date(2026, 3, 13), "2 people to sign “Desks”"),
            (date(2027, 2, 1), "Hold an exercise"),
        ] {
            assert!(
                now.dates.iter().any(|it| it.day == day && it.what.starts_with(what)),
                "{what}: {:?}",
                now.dates
            );
            let event = format!("DTSTART;VALUE=DATE:{}", day.strftime("%Y%m%d"));
            assert!(feed.contains(&event) && feed.contains(what), "{what}: {feed}");
        }
        assert!(now.dates.iter().any(|it| it.what == "Look at the policy again: Desks"), "{:?}", now.dates);
        // An exercise that was taken back was not held.
        response::put(&ctx, &one, &response::NewEntry { withdrawn: true, ..drill }).await.unwrap();
        let without = guide::guide(&ctx, &one).await.unwrap();
        assert!(
            !without.dates.iter().any(|it| it.what.starts_with("Hold an exercise")),
            "{:?}",
            without.dates
        );
        assert!(!feed.contains("Ada Quill"), "{feed}");
        let auditor = Grant { roles: vec![Role::Engineer], ..Grant::default() };
        let engineer = member(&ctx, &one, "erin", auditor).await;
        let theirs = guide::guide(&ctx, &engineer).await.unwrap();
        assert!(theirs.steps.iter().all(|step| !["late_requests", "bare_vendors"].contains(&step.code)));
    })
    .await;
}

/// Makes an account a member of a further organisation, as an invitation that is taken up does.
async fn join(ctx: &Context, admin: &Actor, person: &Actor, grant: Grant) {
    use bedrail_app::accounts::invitations::{self, Invite};
    let invite = Invite { full_name: String::new(), mail: None, grant };
    let (_, code) = invitations::invite(ctx, admin, &invite).await.unwrap();
    invitations::accept(ctx, person, &code).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adviser_sees_each_client_as_its_member_and_no_other_organisation() {
    on_both(async |ctx, one, two| {
        let adviser = || Grant { roles: vec![Role::Adviser], ..Grant::default() };
        let person = member(&ctx, &one, "ada", adviser()).await;
        join(&ctx, &two, &person, adviser()).await;
        let third = organisations::add(&ctx, "Not A Client", OrgKind::CoveredEntity).await.unwrap();
        let supplied = organisations::add(&ctx, "Only Supplied", OrgKind::CoveredEntity).await.unwrap();
        let supplier =
            Grant { roles: vec![Role::Supplier], makers: vec!["Orbis".into()], ..Grant::default() };
        join(&ctx, &Actor::system(supplied), &person, supplier).await;
        vendors::set(&ctx, &one, None, &billing()).await.unwrap();

        let lines = clients::list(&ctx, &person).await.unwrap();
        let names: Vec<&str> = lines.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Elsewhere", "General Hospital"]);
        assert_eq!((lines[0].bare_vendors, lines[1].bare_vendors), (0, 1), "each has its own");
        assert_eq!(lines[1].late_requests, None, "an adviser sees no registers");
        for (line, actor) in lines.iter().zip([&two, &one]) {
            let own = programme::list(&ctx, actor, &programme::Filter::default()).await.unwrap();
            assert_eq!(line.figures, Some(own.figures), "the figures are the client's own");
        }

        clients::write(&ctx, &person, two.org, "task", HOSTILE, Some(date(2026, 3, 1))).await.unwrap();
        clients::write(&ctx, &person, one.org, "sign_off", "seen", None).await.unwrap();
        let lines = clients::list(&ctx, &person).await.unwrap();
        assert_eq!((lines[0].tasks, lines[1].tasks), ((1, 1), (0, 0)));
        assert!(lines[1].signed_off.as_ref().is_some_and(|note| note.figures.is_some()));
        let detail = clients::get(&ctx, &person, two.org).await.unwrap();
        assert_eq!(detail.notes.len(), 1);
        let foreign = clients::done(&ctx, &person, one.org, detail.notes[0].id).await;
        assert!(
            matches!(foreign, Err(Error::NotFound { .. })),
            "a task is done where it stands: {foreign:?}"
        );
        clients::done(&ctx, &person, two.org, detail.notes[0].id).await.unwrap();

        // Whoever sits at the machine has all of it in hand; what they write is signed as such.
        let terminal = Actor::at_terminal(one.org, "root".into());
        let all = clients::list(&ctx, &terminal).await.unwrap();
        let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Elsewhere", "General Hospital", "Not A Client", "Only Supplied"]);
        clients::write(&ctx, &terminal, two.org, "note", "by hand", None).await.unwrap();
        let note = clients::get(&ctx, &person, two.org).await.unwrap().notes.remove(0);
        assert!(note.author.contains("command line"), "{note:?}");
        assert!(matches!(
            clients::get(&ctx, &terminal, OrgId::generate()).await,
            Err(Error::NotFound { .. })
        ));
        assert!(
            clients::list(&ctx, &Actor::system(one.org)).await.is_err(),
            "the program itself has no clients"
        );

        for org in [third, supplied, OrgId::generate()] {
            assert!(matches!(clients::get(&ctx, &person, org).await, Err(Error::NotFound { .. })));
            let wrote = clients::write(&ctx, &person, org, "note", "x", None).await;
            assert!(matches!(wrote, Err(Error::NotFound { .. })), "{wrote:?}");
        }
        let engineer =
            member(&ctx, &one, "erin", Grant { roles: vec![Role::Engineer], ..Grant::default() }).await;
        let wrote = clients::write(&ctx, &engineer, one.org, "note", "x", None).await;
        assert!(matches!(wrote, Err(Error::Denied { .. })), "{wrote:?}");
        assert!(clients::get(&ctx, &engineer, two.org).await.is_err());
    })
    .await;
}
