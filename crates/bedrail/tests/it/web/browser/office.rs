//! An agreement with a vendor from its draft to the signature, a list of who signed on paper, and an adviser with two clients.

use super::{Visit, chromedriver};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agreement_is_signed_only_with_its_twelfth_clause() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("agreement.txt");
    std::fs::write(&file, "Agreement of 2026, with its sections.").unwrap();
    visit.open("/vendors").await;
    visit.fill("#name", "Browser Billing").await;
    visit.fill("#notice_days", "10").await;
    visit.press("main .sheet button.first").await;
    visit.fill("#title", "Agreement 2026").await;
    visit.press("form[action$='/draft'] button").await;
    visit.fill("form[action$='/document'] input[type=file]", file.to_str().unwrap()).await;
    visit.press("form[action$='/document'] button").await;
    let open = "document.querySelectorAll('form[action$=\"/clauses\"] input[name^=\"place-\"]')";
    visit.until("twelve clauses", &format!("return {open}.length === 12")).await;
    // Eleven at once; the twelfth is missing, so nobody signs.
    let eleven = format!("[...{open}].slice(0, 11).forEach((it, at) => it.value = 'section ' + (at + 1))");
    visit.driver.execute(eleven, Vec::new()).await.unwrap();
    visit.press("form[action$='/clauses'] button").await;
    let sign = async || {
        visit.unfold("form[action$='/sign'] input[name=signer]").await;
        visit.fill("form[action$='/sign'] input[name=signer]", "R. Roe").await;
        visit.press("form[action$='/sign'] button").await;
    };
    visit
        .until("eleven are noted", &format!("return [...{open}].filter(it => it.value).length === 11"))
        .await;
    sign().await;
    let refused = visit.element("[role=alert]").await.text().await.unwrap();
    assert!(refused.contains("1 of the 12 clauses"), "{refused}");
    let last = format!("[...{open}].at(-1).value = 'section 12'");
    visit.driver.execute(last, Vec::new()).await.unwrap();
    visit.press("form[action$='/clauses'] button").await;
    visit
        .until("twelve are noted", &format!("return [...{open}].filter(it => it.value).length === 12"))
        .await;
    sign().await;
    visit
        .until("signed", "return document.querySelector('main > p .mark')?.textContent.trim() === 'signed'")
        .await;
    visit.look("vendor-signed", None).await;
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_brought_and_a_paper_list_comes_back_with_its_scan() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    // The browser takes no path with dots in it.
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../words/tests/fixtures");
    let fixtures = std::fs::canonicalize(fixtures).unwrap();
    let fixtures = fixtures.display();
    visit.open("/policies/new").await;
    visit.fill("#title", "Desks").await;
    visit.fill("#body", "Keep desks clean.").await;
    visit.press("button.first").await;
    visit.unfold("form[action$='/bring'] button").await;
    visit.fill("#file", &format!("{fixtures}/word.docx")).await;
    visit.press("form[action$='/bring'] button").await;
    visit
        .until(
            "its words are there",
            "return document.querySelector('article.read')?.textContent.includes('Keys stay with you')",
        )
        .await;
    visit.look("policy-brought", None).await;
    visit.press("form[action$='/approve'] button").await;
    visit.press("form[action$='/publish'] button").await;
    visit.element("form[action$='/review']").await;
    visit.open("/policies?text=keys+stay").await;
    visit.press("#found + ul a").await;
    visit.element("article.read").await;

    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("signed.csv");
    let today: String = visit.script("return new Date().toISOString().slice(0, 10)").await;
    std::fs::write(&list, format!("Name,Signed on,Version\nAda Ashgrove,{today},2\nNobody Here,{today},2\n"))
        .unwrap();
    let scan = folder.path().join("scan.pdf");
    std::fs::write(&scan, b"%PDF-1.7 scan").unwrap();
    visit.open("/attestations").await;
    let find = "[...document.querySelectorAll('tbody th a')].find(it => it.textContent === 'Desks').click()";
    visit.driver.execute(find, Vec::new()).await.unwrap();
    visit.unfold("form[action$='/list'] button").await;
    visit.fill("#list", list.to_str().unwrap()).await;
    visit.press("form[action$='/list'] button").await;
    let preview = visit.element("#report").await.text().await.unwrap();
    assert!(
        preview.starts_with("1 would be noted") && preview.contains("1 lines would be refused"),
        "{preview}"
    );
    visit.look("sheet-list", None).await;
    visit.fill("#list-scan", scan.to_str().unwrap()).await;
    visit.press("form[action$='/list'] button.first").await;
    visit.until("taken", "return document.querySelector('#report')?.textContent.startsWith('1 noted')").await;
    visit.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adviser_sees_two_clients_apart_and_writes_with_one() {
    let Some(chromedriver) = chromedriver() else { return };
    let visit = Visit::start(&chromedriver).await;
    visit.run(&[
        "organisation",
        "add",
        "Elsewhere Practice",
        "--kind",
        "covered_entity",
        "--administrator",
        "admin",
    ]);
    visit.open("/clients").await;
    let names: Vec<String> =
        visit.script("return [...document.querySelectorAll('tbody th a')].map(it => it.textContent)").await;
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(&"Elsewhere Practice".to_owned()), "{names:?}");
    let cells: Vec<String> = visit
        .script("return [...document.querySelectorAll('tbody tr')].map(it => it.cells[1].textContent.trim())")
        .await;
    assert!(cells[0] != cells[1] || names[0] != names[1], "each has figures of its own: {cells:?}");
    let find = "[...document.querySelectorAll('tbody th a')].find(it => it.textContent === 'Elsewhere Practice').click()";
    visit.driver.execute(find, Vec::new()).await.unwrap();
    visit.element("#body").await;
    visit.driver.execute("document.querySelector('#kind').value = 'task'", Vec::new()).await.unwrap();
    visit.fill("#body", "Bring the list of vendors").await;
    visit.press("form[action^='/clients/'] button.first").await;
    visit
        .until(
            "it stands there",
            "return document.querySelector('#notes ~ ul')?.textContent.includes('Bring the list')",
        )
        .await;
    visit.look("client", None).await;
    visit.open("/clients").await;
    let tasks: Vec<(String, String)> = visit
        .script("return [...document.querySelectorAll('tbody tr')].map(it => [it.cells[0].textContent.trim(), it.cells[4].textContent.trim()])")
        .await;
    for (name, tasks) in &tasks {
        assert_eq!(tasks.starts_with('1'), name == "Elsewhere Practice", "{name}: {tasks}");
    }
    visit.end().await;
}
