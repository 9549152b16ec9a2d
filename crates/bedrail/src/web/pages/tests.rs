//! Every page rendered from made-up values: nothing hostile acts, every page has its one headline. With
//! `BEDRAIL_PREVIEW=DIR` the pages are written there, to be looked at.

use std::path::Path;

use super::{
    action_board, action_budget, action_month, actions, advisories, affected, alert_account, alert_answer,
    alert_desk, alert_rota, alerts, bills, breakfast, campaigns, data, deciding, decisions, device, devices,
    exposure, facts, firewall, guide, incidents, jobs, medical, names, notices, people, priorities,
    programme, registers, releases, reports, response, risk_analysis, risk_import, search, self_assessment,
    today, unknowns, vendor_answer, vendors, vex,
};
use crate::web::sample::HOSTILE;

type Sample = (&'static str, fn() -> super::Page);

const SAMPLES: &[Sample] = &[
    ("today", today::sample),
    ("affected", affected::sample),
    ("devices", devices::sample_list),
    ("device", device::sample_one),
    ("device-sheet", device::sample_sheet),
    ("releases", releases::sample_list),
    ("release", releases::sample_one),
    ("release-unknown", releases::sample_unknown),
    ("bill-quality", bills::sample_quality),
    ("bill-compare", bills::sample_compare),
    ("advisories", advisories::sample_list),
    ("advisory", advisories::sample_one),
    ("decisions", decisions::sample_list),
    ("decision", decisions::sample_one),
    ("decision-new", deciding::sample),
    ("actions", actions::sample),
    ("alerts", alerts::sample),
    ("alert", alerts::sample_one),
    ("alert-account", alert_account::sample_account),
    ("alert-printed", alert_desk::sample_printed),
    ("alert-rota", alert_rota::sample),
    ("alert-answer", alert_answer::sample),
    ("alert-sources", alert_account::sample_sources),
    ("actions-board", action_board::sample),
    ("actions-calendar", action_month::sample),
    ("actions-budget", action_budget::sample),
    ("campaigns", campaigns::sample_list),
    ("campaign", campaigns::sample_one),
    ("campaign-report", campaigns::sample_report),
    ("incidents", incidents::sample_list),
    ("incident", incidents::sample_one),
    ("priorities", priorities::sample),
    ("breakfast", breakfast::sample),
    ("names", names::sample_list),
    ("release-names", names::sample_of_release),
    ("medical", medical::sample_list),
    ("medical-advisory", medical::sample_one),
    ("unknowns", unknowns::sample),
    ("unknown", unknowns::sample_one),
    ("exposure", exposure::sample),
    ("facts", facts::sample),
    ("self_assessment", self_assessment::sample),
    ("programme", programme::sample_list),
    ("requirement", programme::sample_one),
    ("risk-analysis", risk_analysis::sample),
    ("risk-analysis-import", risk_import::sample),
    ("response", response::sample),
    ("reports", reports::sample_list),
    ("vendors", vendors::sample_list),
    ("vendor", vendors::sample_one),
    ("vendor-answer", vendor_answer::sample),
    ("registers", registers::sample_list),
    ("register", registers::sample_register_page),
    ("register-entry", registers::sample_entry),
    ("guide", guide::sample),
    ("clients", guide::sample_clients),
    ("client", guide::sample_client),
    ("vex", vex::sample),
    ("firewalls", firewall::sample_list),
    ("firewall", firewall::sample_one),
    ("firewall_proposal", firewall::sample_proposal),
    ("data", data::sample),
    ("jobs", jobs::sample_list),
    ("job", jobs::sample_one),
    ("people", people::sample),
    ("notices", notices::sample),
    ("meanwhile", crate::web::meanwhile::sample),
    ("search", search::sample),
];

fn html(sample: fn() -> super::Page) -> String {
    sample().unwrap_or_else(|failure| panic!("{failure:?}")).0
}

#[test]
fn hostile_names_do_not_act_on_any_page() {
    for (name, sample) in SAMPLES {
        let html = html(*sample);
        assert!(!html.contains("<script>alert"), "{name}");
        assert!(!html.contains('\u{202e}') && !html.contains('\u{1b}'), "{name}");
        assert!(!html.contains("href=\"javascript:"), "{name}");
        assert!(!html.contains(HOSTILE), "{name}");
    }
}

#[test]
fn hostile_names_do_not_act_in_suggestions() {
    let html = html(search::sample_suggestions);
    assert!(
        html.contains("role=\"option\"") && !html.contains("<script>alert") && !html.contains(HOSTILE),
        "{html}"
    );
}

#[test]
fn every_page_has_one_headline_and_nothing_inline() {
    for (name, sample) in SAMPLES {
        let html = html(*sample);
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert!(!html.contains(" style=") && !html.contains("<style"), "{name}");
        assert!(!html.contains(" onclick=") && !html.contains("http://"), "{name}");
        assert!(
            html.matches("class=\"button first\"").count() + html.matches("button go first").count() <= 1,
            "{name}"
        );
    }
}

#[test]
fn every_picture_has_a_sentence_above_it_and_a_table_behind_it() {
    let mut pictures = 0;
    for (name, sample) in SAMPLES {
        let html = html(*sample);
        let figures: Vec<&str> =
            html.split("<figure").skip(1).map(|rest| rest.split("</figure>").next().unwrap()).collect();
        let drawn = figures.iter().map(|figure| figure.matches("class=\"drawing").count()).sum::<usize>();
        assert_eq!(
            html.matches("class=\"drawing").count(),
            drawn,
            "{name}: a picture stands outside of a figure"
        );
        for figure in figures {
            let caption = figure
                .split("<figcaption>")
                .nth(1)
                .and_then(|rest| rest.split('<').next())
                .unwrap_or_default();
            assert!(
                caption.trim().ends_with('.') && caption.contains(' '),
                "{name}: no sentence reads the picture: {caption:?}"
            );
            let table = figure.split("data-table=\"").nth(1).and_then(|rest| rest.split('"').next());
            let table = table.unwrap_or_else(|| panic!("{name}: a figure names no table"));
            let place = html
                .split(&format!(" id=\"{table}\""))
                .nth(1)
                .unwrap_or_else(|| panic!("{name}: no {table}"));
            let table = place.split("</table>").next().unwrap();
            assert!(table.contains("<tbody><tr>"), "{name}: {table} is no table with rows");
            pictures += 1;
        }
    }
    assert!(pictures >= 7, "{pictures}");
}

#[test]
fn pages_can_be_written_out_to_be_looked_at() {
    let Ok(folder) = std::env::var("BEDRAIL_PREVIEW") else { return };
    let (folder, assets) = (Path::new(&folder), Path::new(env!("CARGO_MANIFEST_DIR")).join("assets"));
    std::fs::create_dir_all(folder).unwrap();
    for (name, sample) in SAMPLES {
        let html = html(*sample).replace("\"/assets/", &format!("\"file://{}/", assets.display()));
        std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
    }
}
