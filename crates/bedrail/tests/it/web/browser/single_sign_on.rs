//! Somebody comes in by single sign-on: set up on our page, through the pages of a real provider, and back.

use super::super::oidc::RealProvider;
use super::walk::axe;
use super::{Visit, chromedriver};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_comes_in_by_single_sign_on() {
    let Some(chromedriver) = chromedriver() else { return };
    let (visit, axe) = (Visit::start(&chromedriver).await, axe());
    let Some(provider) = RealProvider::start(&format!("{}/sign-in/lindenhof/return", visit.address)) else {
        return;
    };
    let mut violations = Vec::new();
    visit.open("/organisation").await;
    visit.press("a[href='/organisation/sign-in']").await;
    assert!(visit.headline().await.contains("single sign-on is not set up"), "{}", visit.headline().await);
    for (field, value) in [
        ("#provider-name", "Clinic Login"),
        ("#issuer", &provider.issuer),
        ("#client", "bedrail"),
        ("#secret", "a made-up secret of the tests"),
        ("#slug", "lindenhof"),
        ("#mapping", "it-security = analyst, compliance\nward-it = engineer"),
    ] {
        visit.fill(field, value).await;
    }
    visit.press("input[value=welcome]").await;
    visit.press("main form.sheet button.first").await;
    visit.element("#given").await;
    assert!(
        visit.headline().await.contains("sign in with Clinic Login or a password"),
        "{}",
        visit.headline().await
    );
    visit.press("form[action='/organisation/sign-in/check'] button").await;
    let answered = visit.element("p.note[role=status]").await.text().await.unwrap();
    assert!(answered.contains("It answers, publishes"), "{answered}");
    for (look, width, height) in [("narrow", 390, 844), ("wide", 1366, 768)] {
        visit.driver.set_window_rect(0, 0, width, height).await.unwrap();
        violations.extend(visit.look(&format!("single-sign-on-{look}"), axe.as_deref()).await);
    }
    visit.press("form[action='/sign-out'] button").await;
    visit.element("a.first[href='/sign-in/lindenhof/begin']").await;
    violations.extend(visit.look("sign-in-with-provider", axe.as_deref()).await);

    visit.press("a.first").await;
    visit.fill("input[name=login]", "ann").await;
    visit.fill("input[name=password]", "x").await;
    visit.press("button[type=submit]").await;
    visit.element("input[name=prompt][value=consent]").await;
    visit.press("button[type=submit]").await;
    visit.element("nav[aria-label=Places]").await;
    visit.open("/account").await;
    assert!(visit.headline().await.contains("You are ann"), "{}", visit.headline().await);
    violations.extend(visit.look("account-by-provider", axe.as_deref()).await);
    visit.open("/people/invite").await;
    assert!(visit.headline().await.contains("do not let you invite people"), "{}", visit.headline().await);

    // Somebody whom no group gives a role is told so.
    visit.driver.delete_all_cookies().await.unwrap();
    visit.driver.goto(&provider.issuer).await.unwrap();
    visit.driver.delete_all_cookies().await.unwrap();
    visit.open("/sign-in").await;
    visit.press("a.first").await;
    visit.fill("input[name=login]", "carol").await;
    visit.fill("input[name=password]", "x").await;
    visit.press("button[type=submit]").await;
    visit.element("input[name=prompt][value=consent]").await;
    visit.press("button[type=submit]").await;
    let told = visit.element("p[role=alert]").await.text().await.unwrap();
    assert!(told.contains("gives you no role here"), "{told}");
    violations.extend(visit.look("no-role", axe.as_deref()).await);
    visit.end().await;
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}
