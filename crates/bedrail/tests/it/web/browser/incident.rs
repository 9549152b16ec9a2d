//! The breach drill of the how-to, by the pages alone: an alert of the queue, an incident, who is affected, the assessment by one person and
//! its approval by another, the letter as DOCX and PDF, and the proof that it went out.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::app::PASSWORD;
use super::{Visit, chromedriver};

const LETTER: &[(&str, &str)] = &[
    ("what_happened", "A pump controller was reached from outside for two days."),
    ("kinds_of_phi", "Names and rates of infusion."),
    ("what_to_do", "Read your statements."),
    ("what_we_do", "The pump stands in a zone of its own now."),
    ("toll_free", "800 555 0100"),
    ("email", "privacy@hospital.example"),
    ("postal_address", "1 Main Street"),
    ("signer", "Privacy office"),
];

/// What a link of the page gives to the person who follows it.
async fn download(visit: &Visit, path: &str) -> Vec<u8> {
    let script = format!(
        "const done = arguments[arguments.length - 1];
         fetch('{path}').then(it => it.ok ? it.arrayBuffer() : Promise.reject(it.status)).then(bytes => {{
             let text = '';
             for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
             done(btoa(text));
         }}).catch(why => done('!' + why));"
    );
    let got = visit.driver.execute_async(&script, Vec::new()).await.unwrap();
    let got: String = got.convert().unwrap();
    assert!(!got.starts_with('!'), "{path}: {got}");
    STANDARD.decode(got).unwrap()
}

async fn set_day(visit: &Visit, css: &str, day: &str) {
    visit
        .script::<Option<bool>>(&format!("document.querySelector('{css}').value = '{day}'; return null"))
        .await;
}

async fn main_text(visit: &Visit) -> String {
    visit.script("return document.querySelector('main').textContent").await
}

/// Goes over to another person.
async fn sign_in_as(visit: &Visit, name: &str) {
    visit.sign_out().await;
    visit.fill("#name", name).await;
    visit.fill("#password", PASSWORD).await;
    visit.press("button.first").await;
    visit.element("nav[aria-label=Places]").await;
}

/// The text of a PDF, where a reader of PDFs is there.
fn text_of(pdf: &[u8]) -> Option<String> {
    let mut reader = Command::new("pdftotext")
        .args(["-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    reader.stdin.take().unwrap().write_all(pdf).unwrap();
    Some(String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_breach_drill_goes_from_an_alert_to_a_letter_that_went_out() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.come_in_as("carol", &["compliance"]).await;
    sign_in_as(&visit, "admin").await;
    visit.come_in_as("dora", &["counsel"]).await;
    sign_in_as(&visit, "carol").await;

    let place = open_from_an_alert(&visit).await;
    count_people(&visit).await;
    assess(&visit).await;

    // Another person approves; until a State is answered, nobody can.
    sign_in_as(&visit, "dora").await;
    visit.open(&place).await;
    assert!(main_text(&visit).await.contains("cannot tell"), "Ohio has no clock yet");
    state_is_checked(&visit).await;
    visit.press("#approve").await;
    visit
        .until("it is decided", "return document.querySelector('#assessment').parentElement.textContent.includes('people are told')")
        .await;
    let text = main_text(&visit).await;
    assert!(!text.contains("Written and approved by one person"), "{text}");

    write_and_send(&visit, &place).await;
    visit.look("incident-drill", None).await;
    visit.end().await;
}

/// Opens an incident of the first alert of the queue. Whether somebody was hurt is asked before anything else.
async fn open_from_an_alert(visit: &Visit) -> String {
    visit.open("/alerts").await;
    visit.press("tbody tr th a").await;
    visit.element("#open-incident").await;
    let first: String =
        visit.script("return document.querySelector('form[action=\"/incidents/open\"] select').name").await;
    assert_eq!(first, "harm", "death or serious injury is asked first");
    visit.press("#incident-harm option[value=none]").await;
    visit.press("#incident-kind option[value=device_compromise]").await;
    visit.press("#open-incident").await;
    visit.element("#timeline").await;
    let place = visit.driver.current_url().await.unwrap().path().to_owned();
    assert!(place.starts_with("/incidents/"), "{place}");
    let devices: u64 =
        visit.script("return document.querySelectorAll('#devices ~ ul a[href^=\"/alerts/\"]').length").await;
    assert_eq!(devices, 1, "the alert belongs to it");
    assert!(main_text(visit).await.contains("The people affected"), "a breach is presumed: clocks run");
    place
}

async fn count_people(visit: &Visit) {
    visit.press("details:has(#counted-total) summary").await;
    visit.fill("#counted-total", "120").await;
    visit.fill("#counted-by_state", "OH 120").await;
    visit.fill("#counted-note", "list of admissions").await;
    visit.press("details:has(#counted-total) form button").await;
    visit
        .until(
            "the count is in the timeline",
            "return document.querySelector('#line-table').textContent.includes('120')",
        )
        .await;
}

/// The four factors and what they weigh.
async fn assess(visit: &Visit) {
    for factor in ["nature", "recipient", "acquired_or_viewed", "mitigation"] {
        visit.fill(&format!("#answer-{factor}"), "nobody can rule it out").await;
        visit.fill(&format!("#evidence-{factor}"), "log of the border").await;
    }
    visit.press("#weighed option[value=not_low]").await;
    visit.fill("#reason", "Reached from outside, and the log has a gap.").await;
    visit.press("#save-draft").await;
    visit.element("#approve").await;
}

async fn state_is_checked(visit: &Visit) {
    visit.press("details:has(#state_checked-state) summary").await;
    visit.fill("#state_checked-state", "OH").await;
    set_day(visit, "#state_checked-until", "2099-01-31").await;
    visit.fill("#state_checked-note", "the section that counsel read").await;
    visit.press("details:has(#state_checked-state) form button").await;
    visit
        .until(
            "Ohio has its day",
            "return document.querySelector('#clocks').parentElement.textContent.includes('2099')",
        )
        .await;
}

/// The letter with its merge fields, in both forms; then that it went out, with what shows it.
async fn write_and_send(visit: &Visit, place: &str) {
    visit.press("#write summary").await;
    visit.press("#letter-kind option[value=individual]").await;
    for (field, value) in LETTER {
        visit.fill(&format!("#field-{field}"), value).await;
    }
    visit.press("#write-letter").await;
    // The form that writes a letter is a part to open as well: the letter is the one that can be carried away.
    visit.press("section[aria-labelledby=letters] details:has(a[download]) summary").await;
    let links: BTreeMap<String, String> = visit
        .script(
            "return Object.fromEntries([...document.querySelectorAll('section[aria-labelledby=letters] details a[download]')]
                 .map(a => [a.textContent, a.getAttribute('href')]))",
        )
        .await;
    let docx = download(visit, &links["docx"]).await;
    let mut zip = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut body = String::new();
    zip.by_name("word/document.xml").unwrap().read_to_string(&mut body).unwrap();
    assert!(body.contains(" MERGEFIELD recipient_name "), "{body}");
    let pdf = download(visit, &links["pdf"]).await;
    assert!(pdf.starts_with(b"%PDF"));
    let text = text_of(&pdf);
    for (_, value) in LETTER {
        assert!(body.contains(value), "{value}: {body}");
        // Lines are broken where the paper ends.
        let flat = text.as_ref().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        assert!(
            flat.is_none_or(|flat| flat.contains(value) && flat.contains("\u{ab}recipient_name\u{bb}")),
            "{value}"
        );
    }

    let today: String = visit.script("return document.querySelector('#sent-on-1').max").await;
    set_day(visit, "#sent-on-1", &today).await;
    visit.fill("#sent-how-1", "first-class mail").await;
    visit.fill("#sent-proof-1", "certificate of mailing 4711").await;
    visit.press("form[action$='/sent'] button").await;
    visit
        .until("it went out", "return document.querySelector('section[aria-labelledby=letters]').textContent.includes('certificate of mailing 4711')")
        .await;
    visit.open(place).await;
    let clocks: String =
        visit.script("return document.querySelector('#clocks').parentElement.textContent").await;
    assert!(clocks.contains("done"), "the clock of the individuals stands: {clocks}");
}
