//! Notices through real channels: a mail server, a webhook's receiver and a log host, each on loopback.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bedrail_model::job::JobState;
use bedrail_store::accounts as account_rows;
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::audit::{self, AuditFilter};
use crate::clock::Clock;
use crate::context::Settings;
use crate::page::PageRequest;
use crate::{accounts, jobs};

const SECRET: &str = "a-planted-secret";

fn moment() -> Timestamp {
    "2026-03-03T10:00:00Z".parse().unwrap()
}

async fn open(dir: &Path, database: Option<String>, later: i64) -> Context {
    let clock = Clock::Fixed(moment() + SignedDuration::from_secs(later));
    let data_dir = dir.to_owned();
    let settings = Settings { data_dir, database, clock, parser: None, key_file: None, max_data_age_days: 7 };
    Context::open(settings).await.unwrap()
}

/// A mail server that takes everything (RFC 5321, the plain way through).
async fn mail_server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mails: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = mails.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 sink\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = match line.split(' ').next().unwrap_or_default() {
                    "EHLO" => "250-sink\r\n250 8BITMIME\r\n",
                    "DATA" => {
                        write.write_all(b"354 go on\r\n").await.unwrap();
                        let mut mail = String::new();
                        while let Ok(Some(line)) = lines.next_line().await {
                            if line == "." {
                                break;
                            }
                            mail.push_str(&line);
                            mail.push('\n');
                        }
                        kept.lock().unwrap().push(mail);
                        "250 kept\r\n"
                    }
                    "QUIT" => "221 bye\r\n",
                    _ => "250 fine\r\n",
                };
                if write.write_all(answer.as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    });
    (port, mails)
}

/// Works until no notice is on its way.
async fn work(ctx: &Context, actor: &Actor) {
    let (tell, told) = watch::channel(false);
    let look = Duration::from_millis(10);
    let options = jobs::Options { feeds: false, allow_private: true, look, ..jobs::Options::default() };
    let working = tokio::spawn(jobs::work(ctx.clone(), options, told));
    let page = PageRequest::at(0, 500);
    loop {
        let all = jobs::list(ctx, actor, None, &page).await.unwrap().rows;
        if !all.iter().any(|job| job.kind.starts_with("notice.") && !job.state.is_over()) {
            break;
        }
        tokio::time::sleep(look).await;
    }
    tell.send(true).unwrap();
    working.await.unwrap();
}

async fn tell_of(ctx: &Context, actor: &Actor, titles: &[&str]) {
    let change = ctx.change(actor, Right::ManageJobs, "test").await.unwrap();
    for title in titles {
        let tidings = Tidings { title, detail: "what it is", link: "/people", unique: title };
        tell(&change, &EMERGENCY, &tidings).await.unwrap();
    }
    change.commit("test", "").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_notices_are_one_mail_and_reach_every_channel_once() {
    every_channel(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        every_channel(Some(url)).await;
    }
}

/// A hospital, and its administrator, who has a mail address.
async fn a_person(ctx: &Context) -> (Actor, account_rows::AccountRow) {
    let org = accounts::ensure_organisation(ctx, "General Hospital").await.unwrap();
    accounts::ensure_administrator(ctx, org).await.unwrap();
    let actor = Actor::system(org);
    let account = account_rows::first_of(&ctx.inner.store, org).await.unwrap().unwrap();
    let change = ctx.change(&actor, Right::ManagePeople, "test").await.unwrap();
    account_rows::describe(&change, account.id, "A. Person", Some("person@hospital.example")).await.unwrap();
    change.commit("test", "").await.unwrap();
    (actor, account)
}

async fn every_channel(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database.clone(), 0).await;
    let (actor, account) = a_person(&ctx).await;
    let person = Actor::system(actor.org).as_account(account.id, "admin".into());
    assert!(matches!(accounts::set_zone(&ctx, &person, Some("nowhere")).await, Err(Error::Invalid { .. })));
    accounts::set_zone(&ctx, &person, Some("eastern")).await.unwrap();

    let (mail_port, mails) = mail_server().await;
    let receiver = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(204)).mount(&receiver).await;
    let log = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mail = MailSettings {
        host: "127.0.0.1".into(),
        port: mail_port,
        tls: Tls::None,
        from: "bedrail@hospital.example".into(),
        user: String::new(),
        base: "https://bedrail.hospital.example".into(),
    };
    let hook = WebhookSettings { url: receiver.uri(), alert_items: false };
    let syslog =
        SyslogSettings { host: "127.0.0.1".into(), port: log.local_addr().unwrap().port(), tcp: false };
    for (state, secret) in [
        (ChannelState::Mail(mail), None),
        (ChannelState::Webhook(hook), Some(SECRET.to_owned())),
        (ChannelState::Syslog(syslog), None),
    ] {
        set_channel(&ctx, &actor, SetChannel { seen: Seen::Whatever, state, secret }).await.unwrap();
    }
    // Who joined at the very moment of a notice does not hear of it: it happens a second later.
    let ctx = open(dir.path(), database.clone(), 1).await;
    let titles = ["first in the door", "second in the door", "third in the door"];
    tell_of(&ctx, &actor, &titles).await;
    // The same once more is nothing new.
    tell_of(&ctx, &actor, &titles).await;

    let later = open(dir.path(), database, 120).await;
    work(&later, &actor).await;
    work(&later, &actor).await;
    let failed = jobs::list(&later, &actor, Some(JobState::Failed), &PageRequest::default()).await.unwrap();
    assert_eq!(failed.rows, []);
    let mails = mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 1, "{mails:?}");
    for title in titles {
        assert!(mails[0].contains(title), "{}", mails[0]);
    }
    assert!(mails[0].contains("https://bedrail.hospital.example/people"), "{}", mails[0]);
    assert!(mails[0].contains("3 notices for General Hospital"), "{}", mails[0]);
    assert!(mails[0].contains("Tue 3 Mar 2026, 05:00 EST"), "{}", mails[0]);

    let calls = receiver.received_requests().await.unwrap();
    assert_eq!(calls.len(), 3);
    for call in &calls {
        let header = call.headers.get("bedrail-signature").unwrap().to_str().unwrap();
        let (at, signed) = header.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        assert_eq!(signed, send::signature(SECRET.as_bytes(), at.parse().unwrap(), &call.body));
    }
    let mut buffer = [0; 2048];
    for _ in titles {
        let length = log.recv(&mut buffer).await.unwrap();
        let line = std::str::from_utf8(&buffer[..length]).unwrap();
        assert!(line.starts_with("<106>1 2026-03-03T10:00:01.000000Z ") && line.contains("in the door"));
    }
    let log = audit::list(&later, &actor, &AuditFilter::default(), &PageRequest::at(0, 500)).await;
    assert!(!format!("{log:?}").contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_and_its_failure_is_not_sent_after_itself() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), None, 0).await;
    let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
    let actor = Actor::system(org);
    let receiver = MockServer::start().await;
    let elsewhere = ResponseTemplate::new(302).insert_header("location", receiver.uri());
    Mock::given(method("POST")).respond_with(elsewhere).mount(&receiver).await;
    let state = ChannelState::Webhook(WebhookSettings { url: receiver.uri(), alert_items: false });
    set_channel(&ctx, &actor, SetChannel { seen: Seen::Whatever, state, secret: Some(SECRET.into()) })
        .await
        .unwrap();
    tell_of(&ctx, &actor, &["one"]).await;
    work(&ctx, &actor).await;
    assert_eq!(receiver.received_requests().await.unwrap().len(), 1);
    let failed = jobs::list(&ctx, &actor, Some(JobState::Failed), &PageRequest::default()).await.unwrap();
    assert!(failed.rows[0].words.contains("redirects are not followed"), "{:?}", failed.rows);
    let kinds: Vec<String> =
        list(&ctx, &actor).await.unwrap().into_iter().map(|(notice, _)| notice.kind).collect();
    assert_eq!(kinds, ["job.failed", "emergency"]);
}

/// The calls that tell of items, beside those that tell of notices.
async fn told_of_items(receiver: &MockServer) -> Vec<serde_json::Value> {
    let calls = receiver.received_requests().await.unwrap().into_iter();
    let bodies = calls.map(|call| serde_json::from_slice::<serde_json::Value>(&call.body).unwrap());
    bodies.filter(|body| body["schema"] == "bedrail.alert-items/1").collect()
}

/// Works until the receiver was told of items so often, and ends what was begun.
async fn calls_come(ctx: &Context, receiver: &MockServer, calls: usize) {
    let (tell, told) = watch::channel(false);
    let look = Duration::from_millis(10);
    let options = jobs::Options { feeds: false, allow_private: true, look, ..jobs::Options::default() };
    let working = tokio::spawn(jobs::work(ctx.clone(), options, told));
    let come = async {
        while told_of_items(receiver).await.len() < calls {
            tokio::time::sleep(look).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), come).await.unwrap();
    tell.send(true).unwrap();
    working.await.unwrap();
}

/// A ticket system hears of what is opened and closed, once each where it answers, again where it does not; and of nothing that
/// was there before.
#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_system_is_told_of_alerts() {
    use crate::alerts::work::{ItemFilter, Reason};
    use crate::alerts::{self, NewSource, receive, work as items};
    for database in [None, bedrail_testkit::postgres::database()] {
        let dir = tempfile::tempdir().unwrap();
        let at = async |seconds: i64| open(dir.path(), database.clone(), seconds).await;
        let ctx = at(0).await;
        let org = accounts::ensure_organisation(&ctx, "General Hospital").await.unwrap();
        let actor = Actor::system(org);
        let receiver = MockServer::start().await;
        let fails = Mock::given(method("POST")).respond_with(ResponseTemplate::new(503)).up_to_n_times(1);
        fails.mount(&receiver).await;
        Mock::given(method("POST")).respond_with(ResponseTemplate::new(204)).mount(&receiver).await;
        let hook = WebhookSettings { url: receiver.uri(), alert_items: true };
        let command = SetChannel {
            seen: Seen::Whatever,
            state: ChannelState::Webhook(hook),
            secret: Some(SECRET.to_owned()),
        };
        let source = alerts::add_source(&ctx, &actor, &NewSource::named("border")).await.unwrap();
        let line = |rule: u32| {
            format!(
                "{{\"timestamp\":\"2026-03-03T09:00:00Z\",\"event_type\":\"alert\",\"src_ip\":\"203.0.113.9\",\"dest_ip\":\"10.0.0.1\",\"alert\":{{\"action\":\"blocked\",\"gid\":1,\"signature_id\":{rule},\"severity\":3}}}}\n"
            )
        };
        receive::push(&ctx, &actor, source, line(1).as_bytes()).await.unwrap();
        set_channel(&at(10).await, &actor, command).await.unwrap();
        alerts::tickets::ask(&at(10).await, org).await.unwrap();
        receive::push(&at(20).await, &actor, source, line(2).as_bytes()).await.unwrap();
        alerts::tickets::ask(&at(60).await, org).await.unwrap();
        calls_come(&at(60).await, &receiver, 1).await;
        // The first call is answered with 503, the job begins again.
        calls_come(&at(4_000).await, &receiver, 2).await;
        let told = told_of_items(&receiver).await;
        assert_eq!((told.len(), &told[0]), (2, &told[1]));
        let told: Vec<&serde_json::Value> = told[1]["items"].as_array().unwrap().iter().collect();
        assert_eq!(told.len(), 1, "what was there before is not told of");
        assert_eq!((&told[0]["rule"], &told[0]["state"]), (&"1:2".into(), &"open".into()));
        let all = items::list(&ctx, &actor, &ItemFilter::default(), &PageRequest::default()).await.unwrap();
        let old = all.page.rows.iter().find(|it| it.rule.0 == "1:1").unwrap();
        let seen = [(old.id, old.events.0)];
        items::close(&at(5_000).await, &actor, &seen, Reason::Expected, "Our own scanner did that.")
            .await
            .unwrap();
        alerts::tickets::ask(&at(5_060).await, org).await.unwrap();
        calls_come(&at(5_060).await, &receiver, 3).await;
        let told = told_of_items(&receiver).await;
        let last = &told.last().unwrap()["items"][0];
        assert_eq!(
            (told.len(), &last["state"], &last["closed"]["reason"]),
            (3, &"closed".into(), &"expected".into())
        );
    }
}
/// A mail as it is read: soft line breaks and signs of quoted-printable (RFC 2045, section 6.7) undone.
fn read_mail(mail: &str) -> String {
    mail.replace("=\n", "").replace("=3D", "=")
}

/// The links to answer by in a mail.
fn answer_links(mail: &str) -> Vec<String> {
    let mail = read_mail(mail);
    let links = mail.split("https://bedrail.hospital.example/alerts/answer/").skip(1);
    links.map(|rest| rest.split_whitespace().next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_is_answered_by_its_link_once_and_by_nobody_else() {
    answered_by_mail(None).await;
    if let Some(url) = bedrail_testkit::postgres::database() {
        answered_by_mail(Some(url)).await;
    }
}

#[expect(clippy::too_many_lines, reason = "one story, from the mail to the last refusal")]
async fn answered_by_mail(database: Option<String>) {
    use crate::alerts::work::{self, ItemFilter};
    use crate::alerts::{self as app_alerts, NewSource, answer, receive};
    let dir = tempfile::tempdir().unwrap();
    let ctx = open(dir.path(), database.clone(), 0).await;
    let (actor, account) = a_person(&ctx).await;
    let (port, mails) = mail_server().await;
    let mail = MailSettings {
        host: "127.0.0.1".into(),
        port,
        tls: Tls::None,
        from: "bedrail@hospital.example".into(),
        user: String::new(),
        base: "https://bedrail.hospital.example".into(),
    };
    let set = SetChannel { seen: Seen::Whatever, state: ChannelState::Mail(mail), secret: None };
    set_channel(&ctx, &actor, set).await.unwrap();

    let ctx = open(dir.path(), database.clone(), 1).await;
    let source = app_alerts::add_source(&ctx, &actor, &NewSource::named("border")).await.unwrap();
    let line = |rule: u32| {
        format!(
            r#"{{"timestamp":"2026-03-03T09:00:00.0+0000","event_type":"alert","src_ip":"203.0.113.9","dest_ip":"10.20.1.7","alert":{{"action":"allowed","gid":1,"signature_id":{rule},"signature":"ATTACK_RESPONSE root {rule}","severity":1}}}}"#
        ) + "\n"
    };
    let lines: String = [7, 8, 9].map(line).concat();
    receive::push(&ctx, &actor, source, lines.as_bytes()).await.unwrap();
    let later = open(dir.path(), database.clone(), 120).await;
    work(&later, &actor).await;
    let mails = mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let codes = answer_links(&mails[0]);
    assert_eq!(codes.len(), 3, "{}", read_mail(&mails[0]));
    assert!(!read_mail(&mails[0]).contains("203.0.113"), "nothing of the attacker: {}", read_mail(&mails[0]));

    // What the page says is what the mail said; looking takes nothing.
    let code = codes[0].as_str();
    let asked = answer::look(&later, code).await.unwrap();
    assert!(asked.rule.starts_with("ATTACK_RESPONSE root") && asked.device.is_none());
    assert_eq!(answer::look(&later, code).await.unwrap(), asked);
    let open_items = async || {
        let filter = ItemFilter { untaken: true, ..ItemFilter::default() };
        work::list(&later, &actor, &filter, &PageRequest::default()).await.unwrap().page.rows.len()
    };
    assert_eq!(open_items().await, 3);

    // Tampered with: another secret, another organisation, another form, one of another link.
    let flipped: String = code
        .chars()
        .enumerate()
        .map(|(at, sign)| match (at + 1 == code.len(), sign) {
            (true, '0') => '1',
            (true, _) => '0',
            (false, sign) => sign,
        })
        .collect();
    let (_, secret) = code.split_once('-').unwrap();
    let elsewhere = format!("{}-{secret}", uuid::Uuid::now_v7().simple());
    for wrong in
        [flipped.as_str(), &elsewhere, secret, "", "-", "x-y", &code[..code.len() - 2], &code.to_uppercase()]
    {
        let looked = answer::look(&later, wrong).await;
        assert!(matches!(looked, Err(Error::NotFound { .. })), "{wrong}: {looked:?}");
        let taken = answer::take(&later, wrong, &asked.form, "", None).await;
        assert!(matches!(taken, Err(Error::NotFound { .. })), "{wrong}");
    }
    let other = answer::look(&later, &codes[1]).await.unwrap().form;
    for form in ["", &other] {
        let taken = answer::take(&later, code, form, "", None).await;
        assert!(matches!(taken, Err(Error::NotFound { .. })), "{form}");
    }
    let long = "x".repeat(2_001);
    assert!(matches!(answer::take(&later, code, &asked.form, &long, None).await, Err(Error::Invalid { .. })));
    assert_eq!(open_items().await, 3, "nothing of this took anything");

    // Once, in the name of whoever the mail went to; the audit log says from where.
    let address = Some("192.0.2.44".parse().unwrap());
    answer::take(&later, code, &asked.form, "On my way.", address).await.unwrap();
    for _ in 0..2 {
        let again = answer::take(&later, code, &asked.form, "", None).await;
        assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");
        assert!(matches!(answer::look(&later, code).await, Err(Error::NotFound { .. })));
    }
    let mine = ItemFilter { owner: Some(account.name.clone()), ..ItemFilter::default() };
    let mine = work::list(&later, &actor, &mine, &PageRequest::default()).await.unwrap().page.rows;
    assert_eq!(mine.len(), 1);
    let steps = work::get(&later, &actor, mine[0].id).await.unwrap().steps;
    let steps: Vec<_> = steps.iter().map(|step| (step.kind.as_str(), step.text.as_str())).collect();
    assert_eq!(steps, [("taken", "by the link in a mail"), ("comment", "On my way.")]);
    let log = audit::list(&later, &actor, &AuditFilter::default(), &PageRequest::at(0, 500)).await.unwrap();
    let entry = log.rows.iter().find(|entry| entry.action == "alerts.answer").unwrap();
    assert!(entry.actor.starts_with(&account.name), "{entry:?}");
    assert_eq!(entry.address.as_deref(), Some("192.0.2.44"));

    // Somebody else has it meanwhile: that is said, not who.
    let second = answer::look(&later, &codes[1]).await.unwrap();
    let rest = ItemFilter { text: Some(second.rule.clone()), ..ItemFilter::default() };
    let rest = work::list(&later, &actor, &rest, &PageRequest::default()).await.unwrap().page.rows;
    work::take(&later, &actor, &[rest[0].id], Some("Kim"), None).await.unwrap();
    let taken = answer::take(&later, &codes[1], &second.form, "", None).await.unwrap_err();
    assert!(matches!(taken, Error::Conflict { .. }) && !taken.to_string().contains("Kim"), "{taken}");

    // After a week a link opens nothing.
    let week = 120 + 7 * 24 * 3600;
    assert!(answer::look(&open(dir.path(), database.clone(), week - 1).await, &codes[2]).await.is_ok());
    let late = open(dir.path(), database.clone(), week).await;
    let third = answer::look(&later, &codes[2]).await.unwrap();
    assert!(matches!(answer::look(&late, &codes[2]).await, Err(Error::NotFound { .. })));
    assert!(matches!(
        answer::take(&late, &codes[2], &third.form, "", None).await,
        Err(Error::NotFound { .. })
    ));
}
