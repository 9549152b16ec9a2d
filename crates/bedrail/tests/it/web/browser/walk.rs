//! Every page, wide and narrow, dark and on paper, with a screenshot (`target/screenshots`) and axe-core.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::app::SBOM;
use super::super::routes::WAYS;
use super::{Visit, chromedriver};

pub(super) fn axe() -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules/axe-core/axe.min.js");
    let script = std::fs::read_to_string(path).ok();
    if script.is_none() {
        println!("skipped in part: no axe-core (scripts/install-browser-tools.sh installs it)");
    }
    script
}

/// Pages that are no place to walk to: what they show follows a form or a file, or they are no page.
const NO_PAGE: &[&str] = &[
    "/affected.csv",
    "/devices.csv",
    "/actions.csv",
    "/alerts/number",
    "/campaigns/{id}/report.csv",
    "/incidents/{id}/letters/{number}/{format}",
    "/risk-analysis/{number}/document",
    "/response/pack.zip",
    "/reports/{report}/{format}",
    "/calendar/{secret}",
    "/documents/{id}",
    "/search/suggestions",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/{slug}",
    "/sign-in/{slug}/begin",
    "/sign-in/{slug}/return",
    "/account/link",
    "/jobs/{id}/result",
    "/releases/{id}/sbom",
    "/policies/{id}/documents/{document}",
    "/me/certificates/{number}",
    "/me/{id}/document",
    "/me/{id}/pages/{index}",
    "/me/{id}",
    "/assets/{name}",
    "/healthz",
    "/readyz",
    "/metrics",
];

/// Every kind of page, as a name and an address; the ones of a single thing are found by their list.
#[expect(clippy::too_many_lines, reason = "a table")]
async fn routes(visit: &Visit) -> Vec<(&'static str, String)> {
    let device = visit.link("/affected?q=CVE-2021-44228", "#list tbody th a").await;
    let release = visit.link("/releases?sbom=true&sort=affected&direction=descending", "tbody th a").await;
    let bare = visit.link("/releases?sbom=false", "tbody th a").await;
    let advisory = visit.link("/advisories", "tbody th a").await;
    let decision = visit.link("/decisions", "tbody th a").await;
    let medical = visit.link("/medical", "tbody th a").await;
    let unknown = visit.link("/unknowns?kind=condition", "tbody th a").await;
    let alert = visit.link("/alerts", "tbody th a").await;
    let person = visit.link("/people", "tbody th a").await;
    let campaign = visit.link("/campaigns", "tbody th a").await;
    let incident = visit.link("/incidents", "tbody th a").await;
    let worker = visit.link("/roster", "tbody th a").await;
    let policy = visit.link("/policies", "tbody th a").await;
    let asked = visit.link("/attestations", "tbody th a").await;
    let vendor = visit.link("/vendors", "tbody th a").await;
    let entry = visit.link("/registers/access", "tbody th a").await;
    let client = visit.link("/clients", "tbody th a").await;
    let firewall = visit.link("/firewall", "tbody th a").await;
    visit.open("/jobs").await;
    visit.element("main input[value=check]").await;
    // A live page may put a new button in the place of the one that was found.
    let press = "document.querySelector('main input[value=check] ~ button').click()";
    visit.driver.execute(press, Vec::new()).await.unwrap();
    visit.element("#log").await;
    let job = visit.driver.current_url().await.unwrap().path().to_owned();
    let id = |link: &str| link.rsplit('/').next().unwrap_or_default().to_owned();
    let fixed = [
        ("today", "/"),
        ("affected-empty", "/affected"),
        ("affected", "/affected?q=CVE-2021-44228"),
        ("affected-name", "/affected?q=log4j"),
        ("affected-unknown", "/affected?q=CVE-2031-99999"),
        ("devices", "/devices"),
        ("devices-nothing", "/devices?text=nothing-bears-this-name"),
        ("import", "/devices/import"),
        ("exposure", "/exposure"),
        ("self-assessment", "/self-assessment?requirement=sr-164-308-a-8"),
        ("facts", "/facts?kind=disposal"),
        ("programme", "/programme"),
        ("requirement", "/programme/sr-164-308-a-5-ii-d"),
        ("vendors", "/vendors"),
        ("vendor-answer-gone", "/vendors/answer/nothing"),
        ("registers", "/registers"),
        ("register", "/registers/access"),
        ("guide", "/guide"),
        ("clients", "/clients"),
        ("releases", "/releases"),
        ("upload", "/releases/upload"),
        ("advisories", "/advisories"),
        ("medical", "/medical"),
        ("names", "/names"),
        ("decisions", "/decisions"),
        ("decision-new", "/decisions/new?weakness=CVE-2021-44228&q=CVE-2021-44228&exposure=outside"),
        ("actions", "/actions"),
        ("alerts", "/alerts"),
        ("alerts-closed", "/alerts?state=closed"),
        ("alert-account", "/alerts/account"),
        ("alert-sources", "/alerts/sources"),
        ("alert-policies", "/alerts/policies"),
        ("alert-rota", "/alerts/rota"),
        ("alerts-printed", "/alerts/printed"),
        ("alert-answer-gone", "/alerts/answer/nothing"),
        ("actions-board", "/actions/board"),
        ("actions-by-owner", "/actions/board?by=owner"),
        ("actions-calendar", "/actions/calendar"),
        ("actions-budget", "/actions/budget"),
        ("campaigns", "/campaigns"),
        ("firewalls", "/firewall"),
        ("incidents", "/incidents"),
        ("risk-analysis", "/risk-analysis"),
        ("risk-analysis-import", "/risk-analysis/import"),
        ("response", "/response"),
        ("reports", "/reports"),
        ("report", "/reports/board"),
        ("roster", "/roster"),
        ("roster-import", "/roster/import"),
        ("policies", "/policies"),
        ("policy-new", "/policies/new?template=sanctions"),
        ("training", "/training"),
        ("course", "/training/courses/security-and-phishing"),
        ("attestations", "/attestations"),
        ("own", "/me"),
        ("own-link-gone", "/me/link/nothing"),
        ("priorities", "/priorities?isolate=outside"),
        ("unknowns", "/unknowns"),
        ("vex", "/vex"),
        ("search-empty", "/search"),
        ("search", "/search?q=pump"),
        ("search-nothing", "/search?q=nothing-bears-this-name"),
        ("data", "/data"),
        ("notices", "/notices"),
        ("jobs", "/jobs"),
        ("audit", "/audit"),
        ("audit-check", "/audit/check"),
        ("people", "/people"),
        ("invite", "/people/invite"),
        ("organisation", "/organisation"),
        ("single-sign-on", "/organisation/sign-in"),
        ("account", "/account"),
        ("second-factor", "/account/second-factor"),
        ("tokens", "/account/tokens"),
        ("invitation", "/invitation"),
        ("password", "/password"),
        ("nothing", "/nothing-here"),
    ];
    let found = [
        ("worker", worker),
        ("policy-text", format!("{policy}/versions/1")),
        ("policy-compare", format!("{policy}/compare/2")),
        ("policy", policy),
        ("sheet-to-sign", format!("{asked}/sheet")),
        ("attestation", asked),
        ("person", person),
        ("alert", alert),
        ("campaign-report", format!("{campaign}/report")),
        ("campaign", campaign),
        ("incident", incident),
        ("vendor", vendor),
        ("register-entry", entry),
        ("client", client),
        ("firewall", firewall),
        ("sheet", format!("{device}/sheet")),
        ("device", device),
        ("branch", format!("{release}/components/1")),
        ("bill-quality", format!("{release}/quality")),
        ("release-names", format!("{release}/names")),
        ("bill-compare", format!("/releases/compare?before={}&after={}", id(&release), id(&bare))),
        ("release", release),
        ("release-bare", bare),
        ("breakfast", format!("{advisory}/wards")),
        ("advisory", advisory),
        ("medical-wards", format!("{medical}/wards")),
        ("medical-advisory", medical),
        ("unknown", unknown),
        ("decision", decision),
        ("job", job),
    ];
    fixed.into_iter().map(|(name, path)| (name, path.to_owned())).chain(found).collect()
}

/// Pages of the router that nobody walks to.
fn not_walked(routes: &[(&'static str, String)]) -> Vec<&'static str> {
    let pages = WAYS.iter().filter(|way| way.method == "GET" && !way.is_api()).map(|way| way.route());
    let pages: BTreeSet<&str> = pages.filter(|page| !NO_PAGE.contains(page)).collect();
    let parts = |path: &str| -> Vec<String> {
        path.split('?').next().unwrap_or_default().split('/').map(str::to_owned).collect()
    };
    let fits = |page: &str, path: &str| {
        let (page, path) = (parts(page), parts(path));
        page.len() == path.len() && page.iter().zip(&path).all(|(a, b)| a == b || a.starts_with('{'))
    };
    pages.into_iter().filter(|page| !routes.iter().any(|(_, path)| fits(page, path))).collect()
}

/// A look at every page: its name, theme, width, height, and the medium.
const LOOKS: [(&str, &str, u32, u32, &str); 4] = [
    ("wide", "light", 1366, 768, "screen"),
    ("narrow", "light", 390, 844, "screen"),
    ("dark", "dark", 1366, 768, "screen"),
    ("print", "light", 900, 1200, "print"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_walked_wide_narrow_dark_and_on_paper_and_keeps_nobody_out() {
    let Some(chromedriver) = chromedriver() else { return };
    let (visit, axe) = (Visit::start(&chromedriver).await, axe());
    let mut violations = Vec::new();
    let routes = routes(&visit).await;
    violations.extend(not_walked(&routes).into_iter().map(|page| format!("nobody walks to {page}")));
    for (look, theme, width, height, medium) in LOOKS {
        visit.driver.set_window_rect(0, 0, width, height).await.unwrap();
        let media = serde_json::json!({ "media": medium });
        visit.driver.cdp().send_raw("Emulation.setEmulatedMedia", media).await.unwrap();
        visit.open("/").await;
        visit.driver.execute(format!("document.cookie = 'theme={theme}; path=/'"), Vec::new()).await.unwrap();
        for (name, path) in &routes {
            visit.open(path).await;
            // What is out of the way on paper is judged on the screen.
            let axe = axe.as_deref().filter(|_| medium == "screen");
            violations.extend(visit.look(&format!("{name}-{look}"), axe).await);
            if visit.script("return document.documentElement.scrollWidth > innerWidth").await {
                violations.push(format!("{name}-{look}: wider than the window"));
            }
        }
    }
    let screen = serde_json::json!({ "media": "screen" });
    visit.driver.cdp().send_raw("Emulation.setEmulatedMedia", screen).await.unwrap();
    violations.extend(receipts(&visit, axe.as_deref()).await);
    visit.end().await;
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

/// The pages that answer a form with a file.
async fn receipts(visit: &Visit, axe: Option<&str>) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (list, bill) = (folder.path().join("list.csv"), folder.path().join("flow.cdx.json"));
    std::fs::write(&list, "Asset tag,Serial,Maker,Model,Version,Ward\nX-1,S,Walk Works,Step,1,ICU\n,,,,,\n")
        .unwrap();
    std::fs::write(&bill, SBOM).unwrap();
    let nat = folder.path().join("nat.csv");
    std::fs::write(&nat, "Outside IP,Outside port,Inside IP,Colour\n203.0.113.1,443,10.20.8.201,red\n203.0.113.1,444,10.99.0.6,\n")
        .unwrap();
    let mut violations = Vec::new();
    let send = async |page: &str, file: &Path, until: &str| {
        visit.open(page).await;
        if page == "/releases/upload" {
            visit.fill("#maker", "Walk Works").await;
        }
        visit.fill("#file", file.to_str().unwrap()).await;
        visit.press("main .sheet button.first").await;
        visit.element(until).await;
    };
    for (look, width, height) in [("wide", 1366, 768), ("narrow", 390, 844)] {
        visit.driver.set_window_rect(0, 0, width, height).await.unwrap();
        send("/devices/import", &list, "#columns").await;
        violations.extend(visit.look(&format!("import-report-{look}"), axe).await);
        send("/releases/upload", &bill, "#means").await;
        violations.extend(visit.look(&format!("upload-receipt-{look}"), axe).await);
        send("/exposure", &nat, "#report").await;
        violations.extend(visit.look(&format!("exposure-report-{look}"), axe).await);
    }
    violations
}
