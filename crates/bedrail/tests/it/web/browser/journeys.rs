//! What people do: upload and search, come in by invitation with a second factor, work in a role, go over to another
//! organisation, watch a job.

use super::super::app::{PASSWORD, SBOM};
use super::super::second_factor::code;
use super::{Visit, chromedriver};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_uploads_searches_and_comes_to_the_device() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.cdx.json");
    std::fs::write(&file, SBOM).unwrap();

    visit.open("/releases/upload").await;
    for (field, value) in [("#maker", "Browser Works"), ("#model", "Flow 300"), ("#version", "2.1")] {
        visit.fill(field, value).await;
    }
    visit.fill("#file", file.to_str().unwrap()).await;
    visit.press("main .sheet button.first").await;
    visit.element("#means").await;
    assert!(visit.headline().await.contains("Browser Works Flow 300 2.1"), "{}", visit.headline().await);

    visit.fill("#find", "CVE-2021-44228\n").await;
    visit.element("#list").await;
    assert!(visit.headline().await.contains("CVE-2021-44228"), "{}", visit.headline().await);
    // The keyboard: down one row, why, then through the link to the device.
    visit.element("body").await.send_keys("").await.unwrap();
    visit.driver.execute("document.activeElement.blur()", Vec::new()).await.unwrap();
    visit.driver.action_chain().send_keys("jx").perform().await.unwrap();
    visit.element("tr.here details[open] .chain").await;
    visit.press("tr.here th a").await;
    visit.element("#facts").await;
    assert!(visit.driver.current_url().await.unwrap().path().starts_with("/devices/"));
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_comes_in_by_invitation_and_signs_in_with_a_second_factor() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.come_in_as("ann", &["engineer"]).await;

    visit.open("/account/second-factor").await;
    let key = visit.element("p code").await.text().await.unwrap();
    visit.fill("#code", &code(&key, -1)).await;
    visit.press("button.first").await;
    visit.element("ol.steps code").await;
    visit.press("a.first").await;
    visit.sign_out().await;
    visit.fill("#name", "ann").await;
    visit.fill("#password", PASSWORD).await;
    visit.press("button.first").await;
    visit.fill("#code", &code(&key, 1)).await;
    visit.press("button.first").await;
    visit.element("nav[aria-label=Places]").await;
    visit.open("/account").await;
    assert!(visit.headline().await.contains("ann, signed in at 1 place, with a second factor"));
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_sees_its_own_places_and_is_refused_the_others_in_words() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.open("/").await;
    for place in ["/people", "/audit", "/jobs"] {
        assert!(visit.places().await.contains(&place.to_owned()), "{place}");
    }
    visit.come_in_as("ann", &["engineer"]).await;
    let places = visit.places().await;
    assert!(places.contains(&"/devices".to_owned()) && places.contains(&"/jobs".to_owned()), "{places:?}");
    assert!(!places.contains(&"/people".to_owned()) && !places.contains(&"/audit".to_owned()), "{places:?}");
    visit.open("/devices").await;
    visit.element("a[href='/devices/import']").await;
    for (path, words) in [
        ("/people/invite", "invite people"),
        ("/people", "see who is a member"),
        ("/audit", "read the audit log"),
        ("/organisation", "change the organisation"),
    ] {
        visit.open(path).await;
        assert!(visit.headline().await.contains(words), "{path}: {}", visit.headline().await);
        visit.press("a.first").await;
        visit.element("nav[aria-label=Places]").await;
    }
    // What a role may only look at has no button that changes it.
    visit.open("/jobs").await;
    visit.element("#live").await;
    assert!(!visit.script::<bool>("return document.querySelector('#live form') !== null").await);
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_goes_over_to_another_organisation_and_takes_nothing_along() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.run(&[
        "organisation",
        "add",
        "Elsewhere",
        "--kind",
        "business_associate",
        "--administrator",
        "admin",
    ]);
    visit.open("/devices").await;
    assert!(visit.headline().await.contains("2,500 devices"), "{}", visit.headline().await);
    visit.press("form[action='/organisation'] button").await;
    visit
        .until("we are over there", "return document.querySelector('.who')?.textContent === 'Elsewhere'")
        .await;
    visit.open("/devices").await;
    assert_eq!(visit.headline().await, "There are no devices here yet.");
    visit.fill("#find", "LC-0").await;
    visit.until("the search answered", "return !document.getElementById('found').hidden").await;
    assert!(
        !visit.script::<bool>("return document.querySelector('#found [href^=\"/devices/\"]') !== null").await
    );
    visit.press("form[action='/organisation'] button").await;
    visit.until("we are back", "return document.querySelector('.who')?.textContent !== 'Elsewhere'").await;
    visit.open("/devices").await;
    assert!(visit.headline().await.contains("2,500 devices"), "{}", visit.headline().await);
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_seen_to_go_on_without_anybody_loading_the_page_again() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.open("/jobs").await;
    let rows = "document.querySelectorAll('#live tbody tr').length";
    // The mark is lost if the page is loaded anew.
    let before: u64 =
        visit.script(&format!("window.mark = 1; document.activeElement.blur(); return {rows}")).await;
    let start = "const done = arguments[arguments.length - 1];
        const token = document.querySelector('[name=token]').value;
        fetch('/api/v1/jobs', { method: 'POST', headers: { 'X-CSRF-Token': token, 'Content-Type': 'application/json' },
            body: JSON.stringify({ kind: 'check' }) }).then(answer => done(answer.status));";
    let status = visit.driver.execute_async(start, Vec::new()).await.unwrap();
    assert!(status.convert::<u16>().unwrap() < 300);
    visit.until("the new job is listed", &format!("return {rows} > {before} && window.mark === 1")).await;
    let done = "[...document.querySelectorAll('#live tbody tr')].some(row => row.textContent.includes('Check that background')
        && row.querySelector('.mark').textContent.trim() === 'done')";
    visit.until("it is done", &format!("return {done} && window.mark === 1")).await;
    visit.end().await;
}
