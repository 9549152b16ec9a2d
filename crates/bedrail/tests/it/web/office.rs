//! Vendors, registers and the link of a questionnaire by pages and API, with text that means harm.

use axum::http::{Method, StatusCode, header};
use serde_json::json;

use super::app::{Database, TestApp, on_each_database};
use super::people::member;

on_each_database! {
    an_agreement_goes_from_the_form_to_the_signature_and_no_text_acts,
    a_vendor_answers_by_its_link_once_without_an_account,
    a_register_is_read_by_who_may_and_the_reading_is_noted,
    the_risk_analysis_is_filtered_by_words_and_by_what_stays,
}

const HOSTILE: &str = "<script>alert(1)</script>";
const HOSTILE_FORM: &str = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
const CLAUSES: [&str; 12] = [
    "uses",
    "no_further",
    "safeguards",
    "report",
    "subcontractors",
    "access",
    "amend",
    "accounting",
    "ce_duty",
    "hhs_books",
    "return",
    "terminate",
];

async fn an_agreement_goes_from_the_form_to_the_signature_and_no_text_acts(database: Database) {
    let app = TestApp::with_devices(database).await;
    let token = format!("token={}", app.token);
    let sent =
        format!("{token}&name={HOSTILE_FORM}&ephi=yes&associate=yes&notice_days=10&holds={HOSTILE_FORM}");
    let done = app.form("/vendors", &sent).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = done.headers[header::LOCATION].to_str().unwrap().to_owned();
    let again = app.form("/vendors", &sent).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", again.text);
    assert!(again.text.contains("already") && again.text.contains("role=\"alert\""), "{}", again.text);

    assert_eq!(
        app.form(&format!("{page}/draft"), &format!("{token}&title=BAA")).await.status,
        StatusCode::SEE_OTHER
    );
    let api = format!("/api/v1{page}");
    let agreement = app.get(&api).await.json()["agreements"][0]["id"].as_str().unwrap().to_owned();
    let sign = json!({ "on": "2026-01-01", "signer": HOSTILE });
    let refused = app.json(Method::POST, &format!("{api}/agreements/{agreement}/sign"), &sign).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let request = app
        .request(Method::PUT, &format!("{api}/agreements/{agreement}/document?file_name=baa.txt"))
        .header("x-csrf-token", &app.token)
        .header(header::CONTENT_TYPE, "application/octet-stream");
    let put = app.send(request.body(axum::body::Body::from("the text")).unwrap()).await;
    assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.text);
    for clause in &CLAUSES[..11] {
        let sent = format!("{token}&agreement={agreement}&place-{clause}={HOSTILE_FORM}");
        assert_eq!(
            app.form(&format!("{page}/clauses"), &sent).await.status,
            StatusCode::SEE_OTHER,
            "{clause}"
        );
    }
    // A clause that there is not spoils the whole form: nothing of it is noted.
    let odd = format!("{token}&agreement={agreement}&place-terminate=here&place-wizardry=there");
    assert_eq!(app.form(&format!("{page}/clauses"), &odd).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sent = format!("{token}&agreement={agreement}&on=2026-01-01&signer=x");
    let refused = app.form(&format!("{page}/sign"), &sent).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("1 of the 12 clauses are missing: terminate"), "{}", refused.text);
    let place = json!({ "place": HOSTILE });
    let put = app.json(Method::PUT, &format!("{api}/agreements/{agreement}/clauses/terminate"), &place).await;
    assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.text);
    assert_eq!(app.form(&format!("{page}/sign"), &sent).await.status, StatusCode::SEE_OTHER);
    let shown = app.get(&page).await.text;
    assert!(shown.contains("Signed") && !shown.contains("<script>alert"), "{shown}");
    let list = app.get("/vendors").await.text;
    assert!(list.contains("signed") && !list.contains("<script>alert"), "{list}");
    assert_eq!(app.get("/api/v1/vendors").await.json()[0]["standing"], "signed");
}

async fn a_vendor_answers_by_its_link_once_without_an_account(database: Database) {
    let app = TestApp::start(database).await;
    let made =
        app.json(Method::POST, "/api/v1/vendors", &json!({ "name": "Quill Secret Vendor" })).await.json();
    let links = format!("/api/v1/vendors/{}/links", made["id"].as_str().unwrap());
    let link = app.json(Method::POST, &links, &json!({})).await.json()["path"].as_str().unwrap().to_owned();
    let nobody = app.stranger();
    let page = nobody.get(&link).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(!page.text.contains("Quill Secret"), "nothing of the vendor: {}", page.text);
    let form =
        page.text.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let questions: Vec<String> = page
        .text
        .split("name=\"note-")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(questions.len(), 12);
    let half = nobody.form(&link, &format!("form={form}&answerer={HOSTILE_FORM}")).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(half.text.contains("not answered") && !half.text.contains("<script>alert"), "{}", half.text);
    let answers: String =
        questions.iter().map(|it| format!("&answer-{it}=no&note-{it}={HOSTILE_FORM}")).collect();
    let whole = format!("form={form}&answerer={HOSTILE_FORM}{answers}");
    assert_eq!(nobody.form(&link, &whole).await.status, StatusCode::OK);
    for gone in
        [nobody.form(&link, &whole).await, nobody.get(&link).await, nobody.get("/vendors/answer/x").await]
    {
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        assert!(gone.text.contains("opens nothing") && !gone.text.contains("Clinic"), "{}", gone.text);
    }
    let shown = app.get(link.split("/answer/").next().unwrap()).await.text;
    assert!(!shown.contains("<script>alert"), "{shown}");
}

async fn a_register_is_read_by_who_may_and_the_reading_is_noted(database: Database) {
    let app = TestApp::start(database).await;
    let token = format!("token={}", app.token);
    let sent = format!("{token}&about=Winifred+Oakapple&received=2026-01-31&field-records={HOSTILE_FORM}");
    let done = app.form("/registers/access", &sent).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let missing = app.form("/registers/access", &format!("{token}&about=x&received=2026-01-31")).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", missing.text);
    let list = app.get("/registers/access").await.text;
    assert!(!list.contains("Winifred"), "a list has no names: {list}");
    let id = app.get("/api/v1/registers/access").await.json()[0]["id"].as_str().unwrap().to_owned();
    let entry = app.get(&format!("/registers/access/{id}")).await.text;
    assert!(entry.contains("Winifred Oakapple") && !entry.contains("<script>alert"), "{entry}");
    let log = app.get("/api/v1/audit").await.text;
    assert!(log.contains("register.read") && !log.contains("Winifred"), "{log}");

    let engineer = member(&app, "erin", json!({ "roles": ["engineer"] })).await;
    for path in [
        "/registers",
        "/registers/access",
        &format!("/registers/access/{id}"),
        &format!("/api/v1/register-entries/{id}"),
    ] {
        let refused = engineer.get(path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!refused.text.contains("Winifred"));
    }
    let late = app.form(&format!("/registers/access/{id}/extend"), &format!("{token}&why=x")).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "past the first day: {}", late.text);
    assert!(late.text.contains("has passed"), "{}", late.text);
    let closed = format!("{token}&outcome=granted&why=sent");
    assert_eq!(
        app.form(&format!("/registers/access/{id}/close"), &closed).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(app.get("/guide").await.text.contains("<h1"));
    assert!(app.get("/clients").await.text.contains("Test Clinic"));
}

async fn the_risk_analysis_is_filtered_by_words_and_by_what_stays(database: Database) {
    let app = TestApp::with_devices(database).await;
    let analysis = app.get("/api/v1/risk-analysis").await.json();
    let lines = analysis["risks"].as_array().unwrap();
    let asset = lines[0]["product"].as_str().unwrap();
    let of_asset = lines.iter().filter(|line| line["product"] == asset).count();
    assert!(of_asset > 0 && of_asset < lines.len(), "{analysis}");
    let rows = |page: &str| {
        let list =
            page.split("aria-labelledby=\"lines\"").nth(1).unwrap().split("</section>").next().unwrap();
        list.matches("<th scope=\"row\">").count()
    };
    let all = app.get("/risk-analysis").await;
    assert_eq!(rows(&all.text), lines.len().min(50), "{}", all.text);
    let word = asset.split_whitespace().map(|word| word.replace('&', "%26")).collect::<Vec<_>>().join("+");
    let some = app.get(&format!("/risk-analysis?text={}", word.to_uppercase())).await;
    assert_eq!(rows(&some.text), of_asset.min(50), "{}", some.text);
    assert!(some.text.contains("Clear filters"), "{}", some.text);
    // Nobody judged anything: all of it is unknown, and nothing is low.
    assert_eq!(rows(&app.get("/risk-analysis?stays=unknown").await.text), lines.len().min(50));
    let none = app.get(&format!("/risk-analysis?stays=low&text={HOSTILE_FORM}")).await;
    assert_eq!((none.status, rows(&none.text)), (StatusCode::OK, 0), "{}", none.text);
    assert!(none.text.contains("No risk of this kind.") && !none.text.contains(HOSTILE), "{}", none.text);
}
