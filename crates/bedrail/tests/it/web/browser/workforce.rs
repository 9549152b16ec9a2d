//! A policy from a template to a signature, and a course to its certificate, as an office manager and a member of staff do it.

use super::{Visit, chromedriver};

/// Makes a link for the first person of a ward and opens it in this browser.
async fn come_by_link(visit: &Visit, name: &str) {
    visit.open(&format!("/roster?text={}", name.replace(' ', "%20"))).await;
    visit.press("tbody th a").await;
    visit.press("form[action$='/link'] button").await;
    let link = visit.element("#handed").await.text().await.unwrap();
    let path = link.find("/me/").map(|at| link[at..].trim()).expect("the page hands a link out");
    visit.open(path).await;
    visit.fill("#name", name).await;
    visit.press("button.first").await;
    visit.element("main.own").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_is_adopted_approved_published_and_signed_by_a_link() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.open("/policies/new?template=malicious-software").await;
    visit.fill("#value-contact", "extension 4711").await;
    visit.press("button.first").await;
    visit.press("form[action$='/approve'] button").await;
    visit.press("form[action$='/publish'] button").await;
    visit
        .until("in force", "return document.querySelector('.head .mark').textContent.includes('version 1')")
        .await;
    visit.look("policy-published", None).await;
    come_by_link(&visit, "Ada Ashgrove").await;
    let before: u64 = visit.script("return document.querySelectorAll('.own-list li').length").await;
    let find = "[...document.querySelectorAll('.own-list li')].find(it => it.textContent.includes('Protection from malicious')).querySelector('a').click()";
    visit.driver.execute(find, Vec::new()).await.unwrap();
    visit.press("form[action$='/sign'] button").await;
    visit
        .until(
            "one less",
            &format!("return document.querySelectorAll('.own-list li').length === {}", before - 1),
        )
        .await;
    visit.look("own-signed", None).await;
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_course_is_read_answered_and_certified_by_keyboard_on_a_telephone() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.driver.set_window_rect(0, 0, 390, 844).await.unwrap();
    come_by_link(&visit, "Ada Ashgrove").await;
    let find = "[...document.querySelectorAll('.own-list li')].find(it => it.textContent.includes('Privacy and handling')).querySelector('a').click()";
    visit.driver.execute(find, Vec::new()).await.unwrap();
    visit.press("a.button.first").await;
    while visit.script("return document.querySelector('a[rel=next]') !== null").await {
        visit.press("a[rel=next]").await;
    }
    visit.look("course-last-page", None).await;
    visit.press("form[action$='/quiz'] button").await;
    visit.element("fieldset.question").await;
    assert!(!visit.script::<bool>("return document.documentElement.scrollWidth > innerWidth").await);
    // The right answers as the course has them, found by their words.
    let right: Vec<String> = bedrail_app::workforce::course::of("privacy-and-devices")
        .unwrap()
        .questions
        .iter()
        .map(|it| format!("{} {}", it.ask, it.answers[it.right]))
        .collect();
    let choose = format!(
        "const right = {}; for (const field of document.querySelectorAll('fieldset.question')) for (const label of field.querySelectorAll('label')) \
         if (right.some(it => it === [...field.querySelector('legend').childNodes].at(-1).textContent.trim() + ' ' + label.textContent.trim())) label.querySelector('input').focus(), label.querySelector('input').click();",
        serde_json::to_string(&right).unwrap()
    );
    visit.driver.execute(choose, Vec::new()).await.unwrap();
    visit.look("quiz-narrow", None).await;
    visit.press("form[action^='/me/attempts'] button").await;
    visit.until("passed", "return document.querySelector('h1').textContent.startsWith('Passed')").await;
    visit.press("a.button.first").await;
    let number = visit.element(".certificate code").await.text().await.unwrap();
    visit.look("certificate-narrow", None).await;
    visit.driver.set_window_rect(0, 0, 1366, 768).await.unwrap();
    visit.open(&format!("/training?certificate={number}")).await;
    let found = visit.element(".note.good").await.text().await.unwrap();
    assert!(found.contains("Ada Ashgrove") && found.contains(&number), "{found}");
    visit.end().await;
}
