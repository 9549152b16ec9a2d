//! The pages by keyboard alone, and the times that a browser shows.

use super::{Visit, chromedriver};

/// The arrow keys and others, as WebDriver names them.
const DOWN: &str = "\u{e015}";
const UP: &str = "\u{e013}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_search_is_used_by_keyboard_and_leads_to_the_device() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.open("/devices").await;
    let name: String = visit.script("return document.querySelector('#list tbody th a').textContent").await;
    let beginning: String = name.chars().take(name.chars().count() - 1).collect();

    visit.keys("/").await;
    visit.until("the box has the focus", "return document.activeElement.id === 'find'").await;
    visit.keys(&beginning).await;
    visit
        .until(
            "hits stand below the box",
            "return document.querySelectorAll('#found a[id^=found-device]').length > 0",
        )
        .await;
    assert_eq!(
        visit.script::<String>("return document.getElementById('find').getAttribute('aria-expanded')").await,
        "true"
    );
    // The first is the question, the second the first device; up and down again.
    visit.keys(DOWN).await;
    assert!(marked(&visit).await.starts_with("/affected?q="), "{}", marked(&visit).await);
    visit.keys(format!("{DOWN}{UP}{DOWN}")).await;
    assert!(marked(&visit).await.starts_with("/devices/"), "{}", marked(&visit).await);
    let at: String =
        visit.script("return document.getElementById('find').getAttribute('aria-activedescendant')").await;
    assert_eq!(at, "found-device-1");
    visit.keys(ESCAPE).await;
    visit.until("the hits are gone", "return document.getElementById('found').hidden").await;
    visit.keys(format!("{DOWN}{DOWN}{ENTER}")).await;
    visit.element("#facts").await;

    // A whole name and Enter go straight to the one right hit.
    visit.keys("/").await;
    visit.keys(format!("{name}{ENTER}")).await;
    visit
        .until(
            "the device is shown",
            &format!(
                "return location.pathname.startsWith('/devices/') && document.title.startsWith({name:?})"
            ),
        )
        .await;
    // Several hits are listed, and the list is walked with j and k and opened with e.
    visit.keys("/").await;
    visit.keys(format!("pump{ENTER}")).await;
    visit.element("table.found").await;
    visit.keys("jjk").await;
    assert_eq!(visit.script::<u64>("return [...document.querySelectorAll('table.found tr')].findIndex(row => row.classList.contains('here'))").await, 1);
    visit.keys("e").await;
    visit.element("#facts").await;
    visit.end().await;
}

async fn marked(visit: &Visit) -> String {
    visit
        .script(
            "return document.querySelector('#found [aria-selected=true]')?.getAttribute('href') ?? 'nothing'",
        )
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keys_are_shown_and_the_first_stop_leads_past_the_rail() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.open("/affected?q=CVE-2021-44228").await;
    visit.keys("?").await;
    visit.until("the keys are shown", "return document.getElementById('keys').open").await;
    // While the window is open, keys do nothing behind it.
    visit.keys("j").await;
    assert!(!visit.script::<bool>("return document.querySelector('tr.here') !== null").await);
    visit.keys(ESCAPE).await;
    visit.until("the window is closed", "return !document.getElementById('keys').open").await;
    visit.keys("jx").await;
    visit.element("tr.here details[open] .chain").await;

    visit.open("/devices").await;
    visit.keys(TAB).await;
    visit.until("the first stop", "return document.activeElement.className === 'skip'").await;
    let outline: String = visit.script("return getComputedStyle(document.activeElement).outlineStyle").await;
    assert_eq!(outline, "solid", "the focus is seen");
    visit.keys(ENTER).await;
    // A browser moves the focus to the target of a link with the next picture it draws, not at once.
    visit.until("past the rail", "return document.activeElement.id === 'main'").await;
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn times_are_shown_in_the_zone_of_the_browser_and_in_a_chosen_one() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    let zone = serde_json::json!({ "timezoneId": "Asia/Tokyo" });
    visit.driver.cdp().send_raw("Emulation.setTimezoneOverride", zone).await.unwrap();
    visit.open("/audit").await;
    let shown: String = visit.script("return document.querySelector('time').textContent").await;
    let tip: String = visit.script("return document.querySelector('time').title").await;
    assert!(shown.ends_with("GMT+9") && tip.ends_with("UTC"), "{shown} {tip}");
    visit.open("/account").await;
    visit.press("#zone option[value=hawaii]").await;
    visit.press("form[action='/zone'] button").await;
    visit.until("the choice is kept", "return document.documentElement.dataset.zone === 'hawaii'").await;
    visit.open("/audit").await;
    let shown: String = visit.script("return document.querySelector('time').textContent").await;
    assert!(shown.ends_with("HST"), "{shown}");
    visit.end().await;
}
