//! A campaign in the browser, from the button on the page of a weakness to the report.

use super::{Visit, chromedriver};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_runs_from_one_button_to_its_report() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    // The sample runs one on Log4Shell; this is another weakness of the hospital.
    visit.open("/advisories/CVE-2022-42889").await;
    visit.press("form[action='/campaigns/start'] button").await;
    visit.element("#wards").await;
    assert!(visit.headline().await.starts_with("Text4Shell: "), "{}", visit.headline().await);
    assert!(
        visit.script::<bool>("return document.querySelectorAll('figure svg.drawing path').length > 0").await
    );

    // The first button says what most people should do next: somebody on the wards.
    let next: String =
        visit.script("return document.querySelector('.bar .first').getAttribute('href')").await;
    assert_eq!(next, "#wards");
    visit.press("#wards ~ .scroll tbody tr details summary").await;
    visit.fill("#owner-1", "Biomedical engineering").await;
    visit.script::<Option<bool>>("document.querySelector('#due-1').value = '2030-01-31'; return null").await;
    visit.fill("#amount-1", "1250.50").await;
    visit.press("#wards ~ .scroll tbody tr details form button").await;
    visit
        .until(
            "somebody is on the ward",
            "return document.querySelector('#wards ~ .scroll tbody tr')?.textContent.includes('Biomedical engineering: install a fix')",
        )
        .await;
    visit.open("/actions/board").await;
    assert!(visit.script::<bool>("return document.body.textContent.includes('1,250.50 USD')").await);
    visit.open("/actions/calendar?month=2030-01").await;
    visit.element("#day-2030-01-31").await;

    visit.open("/campaigns").await;
    let campaign: String = visit
        .script("return [...document.querySelectorAll('tbody th a')].find(a => a.textContent === 'Text4Shell').getAttribute('href')")
        .await;
    visit.open(&campaign).await;
    visit.fill("#sentence", "The pumps are replaced in spring; the rest is shielded until then.").await;
    visit.press("#end-it").await;
    visit.until("the report is there", "return location.pathname.endsWith('/report')").await;
    assert!(visit.headline().await.starts_with("Text4Shell: from "), "{}", visit.headline().await);
    let text: String = visit.script("return document.querySelector('main').textContent").await;
    for words in ["replaced in spring", "Still open", "Burn-down by ward", "Steps, and the time each took"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    visit.end().await;
}
