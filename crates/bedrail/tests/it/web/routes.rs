//! Every way in, and the right that it takes. A page or a route of the API without a row here fails the build.

use std::collections::BTreeSet;

use bedrail_app::rights::Right;
use serde_json::Value;

/// Who gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Anybody.
    Nobody,
    /// Whoever is signed in.
    Member,
    /// Whoever is signed in and has the right.
    Needs(Right),
}

/// What is sent along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Nothing.
    Nothing,
    /// JSON.
    Json(&'static str),
    /// The fields of a form, without its token.
    Form(&'static str),
    /// A device list or a bill of materials, whichever the path takes.
    File,
}

/// A way in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    /// Method.
    pub(crate) method: &'static str,
    /// The path as the router has it, with a query where the handler does nothing without one.
    pub(crate) path: &'static str,
    /// Who gets in.
    pub(crate) guard: Guard,
    /// What is sent along.
    pub(crate) sent: Sent,
}

impl Way {
    /// The path as the router has it.
    pub(crate) fn route(&self) -> &'static str {
        self.path.split('?').next().unwrap_or(self.path)
    }

    /// Whether it is one of the API.
    pub(crate) fn is_api(&self) -> bool {
        ["/api/", "/scim/"].iter().any(|start| self.path.starts_with(start))
    }
}

const fn get(path: &'static str, guard: Guard) -> Way {
    Way { method: "GET", path, guard, sent: Sent::Nothing }
}

const fn post(path: &'static str, guard: Guard, sent: Sent) -> Way {
    Way { method: "POST", path, guard, sent }
}

const fn way(method: &'static str, path: &'static str, guard: Guard, sent: Sent) -> Way {
    Way { method, path, guard, sent }
}

use Guard::{Member, Needs, Nobody};
use Sent::{File, Form, Json, Nothing};

/// Every way in.
pub(crate) const WAYS: &[Way] = &[
    // Pages.
    get("/", Member),
    get("/affected?q=log4j", Needs(Right::SeeFleet)),
    get("/affected.csv?q=log4j", Needs(Right::SeeFleet)),
    get("/devices", Needs(Right::SeeFleet)),
    get("/devices.csv", Needs(Right::SeeFleet)),
    get("/devices/{id}", Needs(Right::SeeFleet)),
    get("/devices/{id}/sheet", Needs(Right::SeeFleet)),
    get("/devices/import", Needs(Right::ChangeDevices)),
    post("/devices/import", Needs(Right::ChangeDevices), File),
    get("/exposure", Needs(Right::SeeFleet)),
    post("/exposure/import", Needs(Right::ChangeDevices), File),
    post("/exposure/imports/{id}/remove", Needs(Right::ChangeDevices), Form("")),
    get("/self-assessment", Needs(Right::SeeFleet)),
    post("/self-assessment", Needs(Right::KeepProgramme), Form("requirement=sr-164-308-a-8&answer=not_sure")),
    get("/facts", Needs(Right::SeeFleet)),
    post(
        "/facts",
        Needs(Right::KeepProgramme),
        Form("kind=no_visitors&day=2026-03-01&system=Main&field.by=porter"),
    ),
    post("/facts/import", Needs(Right::KeepProgramme), File),
    post("/facts/{id}/withdraw", Needs(Right::KeepProgramme), Form("why=wrong")),
    get("/programme", Needs(Right::SeeFleet)),
    get("/programme/{id}", Needs(Right::SeeFleet)),
    post("/programme/{id}/proofs", Needs(Right::KeepProgramme), File),
    post("/programme/{id}/decisions", Needs(Right::KeepProgramme), Form("")),
    post("/programme/proofs/{id}/withdraw", Needs(Right::KeepProgramme), Form("")),
    post("/programme/binders", Needs(Right::SeeAudit), Form("from=2026-03-01&to=2026-03-02")),
    post(
        "/programme/anchors",
        Needs(Right::KeepProgramme),
        Form("head=1:00&kind=published&keeper=x&place=y&noted=2026-03-01"),
    ),
    get("/vendors", Needs(Right::SeeFleet)),
    post("/vendors", Needs(Right::KeepProgramme), Form("name=walked")),
    get("/vendors/answer/{code}", Nobody),
    post("/vendors/answer/{code}", Nobody, Form("form=x")),
    get("/vendors/{id}", Needs(Right::SeeFleet)),
    post("/vendors/{id}", Needs(Right::KeepProgramme), Form("name=walked+again")),
    post("/vendors/{id}/draft", Needs(Right::KeepProgramme), Form("title=x")),
    post("/vendors/{id}/document", Needs(Right::KeepProgramme), File),
    post("/vendors/{id}/clauses", Needs(Right::KeepProgramme), Form("place-uses=1")),
    post("/vendors/{id}/sign", Needs(Right::KeepProgramme), Form("on=2026-03-01&signer=x")),
    post("/vendors/{id}/end", Needs(Right::KeepProgramme), Form("on=2026-03-01&how=returned&note=x")),
    post("/vendors/{id}/link", Needs(Right::KeepProgramme), Form("")),
    post("/vendors/{id}/ask", Needs(Right::KeepProgramme), Form("kind=sbom&about=x")),
    post("/vendors/{id}/answered", Needs(Right::KeepProgramme), Form("answer=x")),
    post("/vendors/{id}/incident", Needs(Right::HandleIncidents), Form("")),
    get("/registers", Needs(Right::KeepRegisters)),
    get("/registers/{kind}", Needs(Right::KeepRegisters)),
    post("/registers/{kind}", Needs(Right::KeepRegisters), Form("about=x")),
    post("/registers/{kind}/review", Needs(Right::KeepRegisters), Form("note=x")),
    get("/registers/{kind}/{id}", Needs(Right::KeepRegisters)),
    post("/registers/{kind}/{id}/extend", Needs(Right::KeepRegisters), Form("why=x")),
    post("/registers/{kind}/{id}/close", Needs(Right::KeepRegisters), Form("outcome=granted&why=x")),
    get("/guide", Needs(Right::SeeFleet)),
    get("/clients", Member),
    get("/clients/{id}", Member),
    post("/clients/{id}", Needs(Right::AdviseClients), Form("kind=note&body=x")),
    post("/clients/{id}/done", Needs(Right::AdviseClients), Form("")),
    get("/releases", Needs(Right::SeeReleases)),
    get("/releases/{id}", Needs(Right::SeeReleases)),
    get("/releases/{id}/components/{index}", Needs(Right::SeeReleases)),
    get("/releases/compare", Needs(Right::SeeReleases)),
    get("/releases/{id}/quality", Needs(Right::SeeReleases)),
    get("/releases/{id}/sbom", Needs(Right::SeeReleases)),
    get("/releases/upload", Needs(Right::ChangeReleases)),
    post("/releases/upload", Needs(Right::ChangeReleases), File),
    get("/documents/{id}", Needs(Right::SeeReleases)),
    get("/advisories", Needs(Right::SeeFleet)),
    get("/advisories/{id}", Needs(Right::SeeFleet)),
    get("/advisories/{id}/wards", Needs(Right::SeeFleet)),
    get("/medical", Needs(Right::SeeFleet)),
    post("/medical/take-back", Needs(Right::DecideNames), Form("own=a&their=b")),
    post("/medical/providers/add", Needs(Right::ManageOrganisation), Form("url=")),
    post("/medical/providers/remove", Needs(Right::ManageOrganisation), Form("url=x")),
    get("/medical/{id}", Needs(Right::SeeFleet)),
    get("/medical/{id}/wards", Needs(Right::SeeFleet)),
    post("/medical/{id}/decide", Needs(Right::DecideNames), Form("release=x&key=y&decision=same")),
    get("/names", Needs(Right::SeeFleet)),
    post("/names", Needs(Right::DecideNames), Form("name=log4j&identifier=pkg:npm/log4j")),
    post("/names/take-back", Needs(Right::DecideNames), Form("name=log4j")),
    get("/releases/{id}/names", Needs(Right::SeeFleet)),
    post("/releases/{id}/names/exact", Needs(Right::DecideNames), Form("seen=x")),
    get("/decisions", Needs(Right::SeeFleet)),
    post(
        "/decisions",
        Needs(Right::Decide),
        Form("weakness=CVE-2021-44228&scope=organisation&verdict=under_investigation&reason=we+look"),
    ),
    get("/decisions/new?weakness=CVE-2021-44228", Needs(Right::Decide)),
    get("/decisions/{id}", Needs(Right::SeeFleet)),
    post("/decisions/{id}/take-back", Needs(Right::Decide), Form("")),
    get("/priorities", Needs(Right::SeeFleet)),
    get("/alerts", Needs(Right::SeeFleet)),
    get("/alerts/{id}", Needs(Right::SeeFleet)),
    get("/alerts/account", Needs(Right::SeeFleet)),
    get("/alerts/sources", Needs(Right::SeeFleet)),
    get("/alerts/policies", Needs(Right::SeeFleet)),
    get("/alerts/printed", Needs(Right::SeeFleet)),
    get("/alerts/number?number=123456782", Needs(Right::SeeFleet)),
    get("/alerts/rota", Needs(Right::HandleAlerts)),
    post("/alerts/rota/duties", Needs(Right::HandleAlerts), Form("days=mon")),
    post("/alerts/rota/duties/{id}/remove", Needs(Right::HandleAlerts), Form("x=y")),
    post("/alerts/rota/absences", Needs(Right::HandleAlerts), Form("person=x")),
    post("/alerts/rota/absences/{id}/remove", Needs(Right::HandleAlerts), Form("x=y")),
    post("/alerts/rota/zone", Needs(Right::HandleAlerts), Form("zone=utc")),
    get("/alerts/answer/{code}", Nobody),
    post("/alerts/answer/{code}", Nobody, Form("form=x")),
    post("/alerts/decide", Needs(Right::HandleAlerts), Form("item=x")),
    post(
        "/alerts/{id}/pause",
        Needs(Right::HandleAlerts),
        Form("wait=maker&hours=24&sentence=the+maker+was+asked"),
    ),
    post("/alerts/{id}/resume", Needs(Right::HandleAlerts), Form("x=y")),
    post("/alerts/{id}/link", Needs(Right::HandleAlerts), Form("kind=incident&target=I-7")),
    post("/alerts/{id}/unlink", Needs(Right::HandleAlerts), Form("kind=incident&target=I-7")),
    post("/alerts/{id}/action", Needs(Right::Decide), Form("what=look&owner=biomed&due=2026-12-24")),
    post("/alerts/take", Needs(Right::HandleAlerts), Form("item=x")),
    post("/alerts/close", Needs(Right::HandleAlerts), Form("item=x")),
    post("/alerts/sources", Needs(Right::HandleAlerts), Form("name=border")),
    post("/alerts/policies/{id}/end", Needs(Right::HandleAlerts), Form("x=y")),
    post("/alerts/{id}/comment", Needs(Right::HandleAlerts), Form("text=seen")),
    post("/alerts/{id}/reopen", Needs(Right::HandleAlerts), Form("text=it+came+back")),
    post("/alerts/{id}/policy", Needs(Right::Decide), Form("days=1")),
    get("/actions", Needs(Right::SeeFleet)),
    post("/actions/{id}/step", Needs(Right::Decide), Form("step=done&note=seen")),
    post("/actions", Needs(Right::Decide), Form("what=look&owner=biomed&due=2026-12-24&kind=patch")),
    get("/actions.csv", Needs(Right::SeeFleet)),
    get("/actions/board", Needs(Right::SeeFleet)),
    get("/actions/calendar", Needs(Right::SeeFleet)),
    post("/actions/calendar/link", Needs(Right::UseTokens), Form("")),
    get("/actions/budget", Needs(Right::SeeFleet)),
    post("/actions/{id}/plan", Needs(Right::Decide), Form("kind=patch&amount=12.50")),
    get("/calendar/{secret}", Nobody),
    get("/campaigns", Needs(Right::SeeFleet)),
    post("/campaigns/start", Needs(Right::Decide), Form("weakness=CVE-2021-44228")),
    get("/campaigns/{id}", Needs(Right::SeeFleet)),
    get("/campaigns/{id}/report", Needs(Right::SeeFleet)),
    get("/campaigns/{id}/report.csv", Needs(Right::SeeFleet)),
    post(
        "/campaigns/{id}/assign",
        Needs(Right::Decide),
        Form("site=Lakeside&ward=ICU&kind=patch&owner=biomed&due=2026-12-24"),
    ),
    post("/campaigns/{id}/ask", Needs(Right::Decide), Form("fact=x&whom=Maker&owner=biomed&due=2026-12-24")),
    post("/campaigns/{id}/close", Needs(Right::Decide), Form("sentence=all+is+done")),
    post("/campaigns/{id}/reopen", Needs(Right::Decide), Form("")),
    get("/firewall", Needs(Right::SeeFleet)),
    post(
        "/firewall/add",
        Needs(Right::HandleAlerts),
        Form("name=Border&product=f5&mode=block&proof=its+console&said_by=network"),
    ),
    get("/firewall/{id}", Needs(Right::SeeFleet)),
    post("/firewall/{id}/devices", Needs(Right::HandleAlerts), Form("site=&devices=")),
    post(
        "/firewall/{id}/exclusion",
        Needs(Right::HandleAlerts),
        Form("site=pump&rule=942100&place=ARGS:note&reason=nurses+write+notes"),
    ),
    post("/firewall/{id}/withdraw", Needs(Right::HandleAlerts), Form("")),
    get("/incidents", Needs(Right::SeeFleet)),
    post("/incidents/open", Needs(Right::HandleIncidents), Form("title=x&kind=other&harm=none")),
    get("/incidents/{id}", Needs(Right::SeeFleet)),
    post("/incidents/{id}/event", Needs(Right::HandleIncidents), Form("kind=note&note=x")),
    post("/incidents/{id}/attach", Needs(Right::HandleIncidents), Form("")),
    post("/incidents/{id}/vendor", Needs(Right::HandleIncidents), Form("")),
    post("/incidents/{id}/step", Needs(Right::HandleIncidents), Form("step=count")),
    post("/incidents/{id}/assess", Needs(Right::SeePrivileged), Form("seen=0&reason=x")),
    post("/incidents/{id}/decide", Needs(Right::SeePrivileged), Form("version=1")),
    post("/incidents/{id}/letter", Needs(Right::SeePrivileged), Form("kind=individual")),
    post(
        "/incidents/{id}/sent",
        Needs(Right::SeePrivileged),
        Form("number=1&on=2026-03-01&how=mail&proof=slip"),
    ),
    get("/incidents/{id}/letters/{number}/{format}", Needs(Right::SeeFleet)),
    post("/incidents/{id}/readers", Needs(Right::NameReaders), Form("who=system&reason=asked")),
    post("/incidents/{id}/readers/end", Needs(Right::NameReaders), Form("number=1")),
    post("/incidents/{id}/close", Needs(Right::HandleIncidents), Form("sentence=done")),
    post("/incidents/{id}/reopen", Needs(Right::HandleIncidents), Form("sentence=more")),
    get("/risk-analysis", Needs(Right::SeeFleet)),
    post(
        "/risk-analysis/judge",
        Needs(Right::KeepProgramme),
        Form("asset=nothing&threat=failure&likelihood=low&impact=low&treatment=undecided&reason=x"),
    ),
    post("/risk-analysis/declare", Needs(Right::KeepProgramme), Form("asset=nothing&holds=yes&source=x")),
    post("/risk-analysis/sign", Needs(Right::KeepProgramme), Form("scope=all")),
    get("/risk-analysis/import", Needs(Right::KeepProgramme)),
    post("/risk-analysis/import", Needs(Right::KeepProgramme), File),
    get("/risk-analysis/{number}/document", Needs(Right::SeeFleet)),
    get("/response", Needs(Right::SeeFleet)),
    post("/response/entry", Needs(Right::HandleIncidents), Form("kind=contact&name=Lead&reach=1")),
    post(
        "/response/follow-up",
        Needs(Right::HandleIncidents),
        Form("exercise=none&what=nothing&owner=Kim&due=2030-01-31"),
    ),
    get("/response/pack.zip", Needs(Right::SeeFleet)),
    get("/reports", Needs(Right::SeeFleet)),
    get("/reports/{report}", Needs(Right::SeeFleet)),
    get("/reports/{report}/{format}", Needs(Right::SeeFleet)),
    get("/roster", Needs(Right::SeeWorkforce)),
    post("/roster/add", Needs(Right::KeepWorkforce), Form("name=Walk+Er&mail=walk%40er.example")),
    get("/roster/import", Needs(Right::KeepWorkforce)),
    post("/roster/import", Needs(Right::KeepWorkforce), File),
    get("/roster/{id}", Needs(Right::SeeWorkforce)),
    post("/roster/{id}/change", Needs(Right::KeepWorkforce), Form("name=Walk+Er")),
    post("/roster/{id}/leave", Needs(Right::KeepWorkforce), Form("last=2999-01-01")),
    post("/roster/{id}/link", Needs(Right::KeepWorkforce), Form("")),
    get("/policies", Needs(Right::SeeFleet)),
    post("/policies", Needs(Right::KeepWorkforce), Form("title=x&body=y")),
    get("/policies/new", Needs(Right::KeepWorkforce)),
    get("/policies/{id}", Needs(Right::SeeFleet)),
    post("/policies/{id}/write", Needs(Right::KeepWorkforce), Form("seen=1&body=z")),
    post("/policies/{id}/bring", Needs(Right::KeepWorkforce), File),
    post("/policies/{id}/approve", Needs(Right::ApprovePolicies), Form("version=1")),
    post("/policies/{id}/publish", Needs(Right::KeepWorkforce), Form("version=1")),
    post("/policies/{id}/review", Needs(Right::KeepWorkforce), Form("note=good")),
    post("/policies/{id}/roles", Needs(Right::KeepWorkforce), Form("roles=*&sign_days=30")),
    post("/policies/{id}/retire", Needs(Right::KeepWorkforce), Form("why=done")),
    get("/policies/{id}/versions/{index}", Needs(Right::SeeFleet)),
    get("/policies/{id}/compare/{index}", Needs(Right::SeeFleet)),
    get("/policies/{id}/documents/{document}", Needs(Right::SeeFleet)),
    get("/training", Needs(Right::SeeWorkforce)),
    post(
        "/training/assign",
        Needs(Right::KeepWorkforce),
        Form("course=security-and-phishing&roles=*&days=30"),
    ),
    post("/training/import", Needs(Right::KeepWorkforce), File),
    get("/training/courses/{code}", Needs(Right::SeeWorkforce)),
    get("/attestations", Needs(Right::SeeWorkforce)),
    post("/attestations", Needs(Right::KeepWorkforce), Form("title=x&body=y&roles=*")),
    get("/attestations/{id}", Needs(Right::SeeWorkforce)),
    get("/attestations/{id}/sheet", Needs(Right::SeeWorkforce)),
    post("/attestations/{id}/signed", Needs(Right::KeepWorkforce), File),
    post("/attestations/{id}/list", Needs(Right::KeepWorkforce), File),
    post("/attestations/{id}/again", Needs(Right::KeepWorkforce), Form("note=incident&days=14")),
    post("/attestations/{id}/close", Needs(Right::KeepWorkforce), Form("")),
    get("/me", Nobody),
    post("/me/leave", Nobody, Form("")),
    get("/me/link/{code}", Nobody),
    post("/me/link/{code}", Nobody, Form("name=x")),
    post("/me/attempts/{id}", Nobody, Form("question-0=0")),
    get("/me/certificates/{number}", Nobody),
    get("/me/{id}", Nobody),
    post("/me/{id}/sign", Nobody, Form("sha256=x")),
    get("/me/{id}/document", Nobody),
    get("/me/{id}/pages/{index}", Nobody),
    post("/me/{id}/quiz", Nobody, Form("")),
    get("/unknowns", Needs(Right::SeeFleet)),
    post("/unknowns/take-back", Needs(Right::RecordFacts), Form("id=x&reason=wrong")),
    get("/unknowns/{key}", Needs(Right::SeeFleet)),
    post("/unknowns/{key}/ask", Needs(Right::Decide), Form("whom=Maker&owner=biomed&due=2026-12-24")),
    post("/unknowns/{key}/answer", Needs(Right::RecordFacts), File),
    get("/vex", Needs(Right::SeeFleet)),
    post("/vex/add", Needs(Right::TakeStatements), File),
    post("/vex/pin", Needs(Right::TakeStatements), Form("key=maker.example&makers=Maker")),
    post("/vex/unpin", Needs(Right::TakeStatements), Form("key=maker.example")),
    post("/vex/{id}/aside", Needs(Right::TakeStatements), Form("aside=true")),
    post("/vex/{id}/accept", Needs(Right::Decide), Form("release=x")),
    get("/search?q=log4j", Needs(Right::SeeReleases)),
    get("/search/suggestions?q=log4j", Needs(Right::SeeReleases)),
    get("/data", Member),
    get("/jobs", Needs(Right::SeeJobs)),
    post("/jobs", Needs(Right::ManageJobs), Form("kind=check")),
    get("/jobs/{id}", Needs(Right::SeeJobs)),
    post("/jobs/pace", Needs(Right::ManageJobs), Form("kind=feed.update&minutes=60")),
    get("/jobs/{id}/result", Needs(Right::ManageJobs)),
    post("/exports", Needs(Right::SeeFleet), Form("of=/devices?site=Main")),
    post("/jobs/{id}/cancel", Needs(Right::ManageJobs), Form("")),
    post("/jobs/{id}/retry", Needs(Right::ManageJobs), Form("")),
    get("/audit", Needs(Right::SeeAudit)),
    get("/audit/check", Needs(Right::SeeAudit)),
    post("/audit/export", Needs(Right::SeeAudit), Form("")),
    get("/sign-in", Nobody),
    post("/sign-in", Nobody, Form("")),
    get("/sign-in/code", Nobody),
    post("/sign-in/code", Nobody, Form("")),
    get("/sign-in/{slug}", Nobody),
    get("/sign-in/{slug}/begin", Nobody),
    get("/sign-in/{slug}/return", Nobody),
    get("/invitation", Nobody),
    post("/invitation", Nobody, Form("")),
    get("/password", Member),
    post("/password", Member, Form("present=wrong&new=one+two+three+four&again=one+two+three+four")),
    post("/organisation", Member, Form("organisation=0190b6a2-7c1e-7000-8000-000000000000")),
    get("/organisation", Needs(Right::ManageOrganisation)),
    post(
        "/organisation/settings",
        Needs(Right::ManageOrganisation),
        Form("name=Test+Clinic&kind=covered_entity"),
    ),
    get("/organisation/sign-in", Needs(Right::ManageOrganisation)),
    post("/organisation/sign-in/check", Needs(Right::ManageOrganisation), Form("")),
    post(
        "/organisation/sign-in",
        Needs(Right::ManageOrganisation),
        Form(
            "name=Login&issuer=https%3A%2F%2Flogin.example&client_id=x&secret=y&slug=walked&newcomers=invited&passwords=1",
        ),
    ),
    post("/organisation/sign-in/remove", Needs(Right::ManageOrganisation), Form("")),
    get("/notices", Member),
    post("/notices/seen", Member, Form("")),
    post("/notices/choices", Member, Form("")),
    post(
        "/notices/channels",
        Needs(Right::ManageOrganisation),
        Form("channel=syslog&host=127.0.0.1&port=5514&protocol=udp"),
    ),
    post("/notices/channels/remove", Needs(Right::ManageOrganisation), Form("channel=syslog")),
    post("/notices/test", Needs(Right::ManageOrganisation), Form("")),
    post("/theme", Member, Form("theme=dark")),
    post("/zone", Member, Form("zone=eastern")),
    post("/sign-out", Member, Form("")),
    get("/people", Needs(Right::SeePeople)),
    get("/people/invite", Needs(Right::ManagePeople)),
    post("/people/invite", Needs(Right::ManagePeople), Form("full_name=Somebody&role.engineer=on")),
    post("/people/erase-invited", Needs(Right::ErasePeople), Form("named=Nobody")),
    post("/people/invitations/{id}/take-back", Needs(Right::ManagePeople), Form("")),
    get("/people/{id}", Needs(Right::SeePeople)),
    post("/people/{id}", Needs(Right::ManagePeople), Form("role.engineer=on")),
    post("/people/{id}/{deed}", Needs(Right::ManagePeople), Form("")),
    post("/invitation/join", Member, Form("code=abcd-efgh-jkmn-pqrs-tuvw")),
    get("/account", Member),
    post("/account/sessions/end", Member, Form("key=00")),
    post("/account/sessions/end-others", Member, Form("")),
    get("/account/link", Member),
    post("/account/link", Member, Form("")),
    post("/account/unlink", Member, Form("")),
    get("/account/second-factor", Member),
    post("/account/second-factor/confirm", Member, Form("code=000000")),
    post("/account/second-factor/codes", Member, Form("code=000000")),
    post("/account/second-factor/remove", Member, Form("code=000000")),
    get("/account/tokens", Needs(Right::UseTokens)),
    post("/account/tokens", Needs(Right::UseTokens), Form("name=a+program&days=1&right.releases.see=on")),
    post("/account/tokens/{id}/end", Needs(Right::UseTokens), Form("")),
    // The API.
    get("/api/v1/affected?q=log4j", Needs(Right::SeeFleet)),
    get("/api/v1/devices", Needs(Right::SeeFleet)),
    get("/api/v1/devices/grid", Needs(Right::SeeFleet)),
    get("/api/v1/devices/{id}", Needs(Right::SeeFleet)),
    post("/api/v1/devices/import?dry_run=true", Needs(Right::ChangeDevices), File),
    get("/api/v1/releases", Needs(Right::SeeReleases)),
    get("/api/v1/releases/{id}", Needs(Right::SeeReleases)),
    get("/api/v1/releases/compare?before=a&after=b", Needs(Right::SeeReleases)),
    get("/api/v1/releases/{id}/quality", Needs(Right::SeeReleases)),
    get("/api/v1/releases/{id}/sbom", Needs(Right::SeeReleases)),
    post("/api/v1/sboms?maker=Orbis%20Medical&model=Flow%20300", Needs(Right::ChangeReleases), File),
    get("/api/v1/documents/{id}", Needs(Right::SeeReleases)),
    get("/api/v1/advisories", Needs(Right::SeeFleet)),
    get("/api/v1/advisories/{id}", Needs(Right::SeeFleet)),
    get("/api/v1/medical-advisories", Needs(Right::SeeFleet)),
    get("/api/v1/medical-advisories/{id}", Needs(Right::SeeFleet)),
    way(
        "PUT",
        "/api/v1/medical-advisories/{id}/decision",
        Needs(Right::DecideNames),
        Json(r#"{"release":"0190b6a2-7c1e-7000-8000-000000000000","key":"orbis|flow300","decision":"same"}"#),
    ),
    get("/api/v1/name-decisions", Needs(Right::SeeFleet)),
    get("/api/v1/releases/{id}/medical-advisories", Needs(Right::SeeReleases)),
    get("/api/v1/advisory-providers", Needs(Right::SeeFleet)),
    post("/api/v1/advisory-providers", Needs(Right::ManageOrganisation), Json(r#"{"url":"ftp://no"}"#)),
    way("DELETE", "/api/v1/advisory-providers/{key}", Needs(Right::ManageOrganisation), Nothing),
    get("/api/v1/component-names", Needs(Right::SeeFleet)),
    way(
        "PUT",
        "/api/v1/component-names",
        Needs(Right::DecideNames),
        Json(r#"{"name":"log4j","supplier":"Apache","identifier":"pkg:npm/log4j"}"#),
    ),
    way("DELETE", "/api/v1/component-names?name=log4j", Needs(Right::DecideNames), Nothing),
    get("/api/v1/releases/{id}/names", Needs(Right::SeeFleet)),
    get("/api/v1/releases/{id}/names/exact", Needs(Right::SeeFleet)),
    post("/api/v1/releases/{id}/names/exact", Needs(Right::DecideNames), Json(r#"{"seen":"x"}"#)),
    get("/api/v1/decisions", Needs(Right::SeeFleet)),
    post("/api/v1/decisions", Needs(Right::Decide), Json(DECISION)),
    post("/api/v1/decisions/preview", Needs(Right::Decide), Json(DECISION)),
    get("/api/v1/decisions/{id}", Needs(Right::SeeFleet)),
    way("DELETE", "/api/v1/decisions/{id}", Needs(Right::Decide), Nothing),
    get("/api/v1/priorities", Needs(Right::SeeFleet)),
    get("/api/v1/alerts", Needs(Right::SeeFleet)),
    get("/api/v1/alerts/{id}", Needs(Right::SeeFleet)),
    get("/api/v1/alerts/account", Needs(Right::SeeFleet)),
    get("/api/v1/alerts/sources", Needs(Right::SeeFleet)),
    get("/api/v1/alerts/policies", Needs(Right::SeeFleet)),
    get("/api/v1/alerts/rota", Needs(Right::HandleAlerts)),
    way("PUT", "/api/v1/alerts/rota/zone", Needs(Right::HandleAlerts), Json(r#"{"zone":"utc"}"#)),
    post(
        "/api/v1/alerts/rota/duties",
        Needs(Right::HandleAlerts),
        Json(r#"{"days":"mon","from":"08:00","to":"16:00","person":"nobody"}"#),
    ),
    way("DELETE", "/api/v1/alerts/rota/duties/{id}", Needs(Right::HandleAlerts), Nothing),
    post(
        "/api/v1/alerts/rota/absences",
        Needs(Right::HandleAlerts),
        Json(r#"{"person":"nobody","first":"2026-12-24","last":"2026-12-26"}"#),
    ),
    way("DELETE", "/api/v1/alerts/rota/absences/{id}", Needs(Right::HandleAlerts), Nothing),
    post(
        "/api/v1/alerts/decide",
        Needs(Right::HandleAlerts),
        Json(r#"{"items":[],"verdict":"attack","sentence":"it is looked at"}"#),
    ),
    post(
        "/api/v1/alerts/{id}/pause",
        Needs(Right::HandleAlerts),
        Json(r#"{"wait":"maker","sentence":"the maker was asked","until":"2026-12-24T10:00:00Z"}"#),
    ),
    post("/api/v1/alerts/{id}/resume", Needs(Right::HandleAlerts), Nothing),
    post(
        "/api/v1/alerts/{id}/links",
        Needs(Right::HandleAlerts),
        Json(r#"{"kind":"incident","target":"I-7"}"#),
    ),
    post(
        "/api/v1/alerts/{id}/links/remove",
        Needs(Right::HandleAlerts),
        Json(r#"{"kind":"incident","target":"I-7"}"#),
    ),
    post(
        "/api/v1/alerts/{id}/action",
        Needs(Right::Decide),
        Json(r#"{"what":"look","owner":"biomed","due":"2026-12-24"}"#),
    ),
    post("/api/v1/alerts/take", Needs(Right::HandleAlerts), Json(r#"{"ids":[]}"#)),
    post(
        "/api/v1/alerts/close",
        Needs(Right::HandleAlerts),
        Json(r#"{"items":[],"reason":"stopped","sentence":"it was stopped"}"#),
    ),
    post("/api/v1/alerts/closings", Needs(Right::HandleAlerts), Json("[]")),
    post("/api/v1/alerts/{id}/comment", Needs(Right::HandleAlerts), Json(r#"{"text":"seen"}"#)),
    post("/api/v1/alerts/{id}/reopen", Needs(Right::HandleAlerts), Json(r#"{"text":"it came back"}"#)),
    post("/api/v1/alerts/sources", Needs(Right::HandleAlerts), Json(r#"{"name":"border"}"#)),
    way("PUT", "/api/v1/alerts/sources/{id}", Needs(Right::HandleAlerts), Json(r#"{"name":"border 2"}"#)),
    post("/api/v1/alerts/sources/{id}/events", Needs(Right::HandleAlerts), File),
    post(
        "/api/v1/alerts/policies",
        Needs(Right::Decide),
        Json(r#"{"name":"ours","sentence":"our own scanner","reason":"expected","rule":"1:7","days":1}"#),
    ),
    post(
        "/api/v1/alerts/policies/preview",
        Needs(Right::HandleAlerts),
        Json(r#"{"name":"ours","sentence":"our own scanner","reason":"expected","rule":"1:7","days":1}"#),
    ),
    way("DELETE", "/api/v1/alerts/policies/{id}", Needs(Right::HandleAlerts), Nothing),
    get("/api/v1/actions", Needs(Right::SeeFleet)),
    post(
        "/api/v1/actions",
        Needs(Right::Decide),
        Json(r#"{"action":{"what":"look","owner":"biomed","due":"2026-12-24"}}"#),
    ),
    post("/api/v1/actions/{id}/step", Needs(Right::Decide), Json(r#"{"step":"done","note":"seen"}"#)),
    get("/api/v1/actions/calendar", Needs(Right::ReadCalendar)),
    get("/api/v1/campaigns", Needs(Right::SeeFleet)),
    post("/api/v1/campaigns", Needs(Right::Decide), Json(r#"{"weakness":"CVE-2021-44228"}"#)),
    get("/api/v1/campaigns/{id}", Needs(Right::SeeFleet)),
    post(
        "/api/v1/campaigns/{id}/actions",
        Needs(Right::Decide),
        Json(r#"{"action":{"what":"look","owner":"biomed","due":"2026-12-24","kind":"patch"}}"#),
    ),
    post(
        "/api/v1/campaigns/{id}/questions",
        Needs(Right::Decide),
        Json(r#"{"fact":"x","whom":"Maker","owner":"biomed","due":"2026-12-24"}"#),
    ),
    post("/api/v1/campaigns/{id}/close", Needs(Right::Decide), Json(r#"{"sentence":"all is done"}"#)),
    post("/api/v1/campaigns/{id}/reopen", Needs(Right::Decide), Nothing),
    get("/api/v1/firewalls", Needs(Right::SeeFleet)),
    post(
        "/api/v1/firewalls",
        Needs(Right::HandleAlerts),
        Json(r#"{"name":"Border","product":"f5","mode":"block","proof":"its console","said_by":"network"}"#),
    ),
    get("/api/v1/firewalls/{id}", Needs(Right::SeeFleet)),
    post("/api/v1/firewalls/{id}/devices", Needs(Right::HandleAlerts), Json(r#"{"devices":[]}"#)),
    post(
        "/api/v1/firewalls/{id}/exclusion",
        Needs(Right::HandleAlerts),
        Json(r#"{"site":"pump","rule":942100,"place":"ARGS:note","reason":"nurses write notes"}"#),
    ),
    post("/api/v1/firewalls/{id}/withdraw", Needs(Right::HandleAlerts), Nothing),
    get("/api/v1/incidents", Needs(Right::SeeFleet)),
    post(
        "/api/v1/incidents",
        Needs(Right::HandleIncidents),
        Json(r#"{"title":"x","kind":"other","harm":"none"}"#),
    ),
    get("/api/v1/incidents/{id}", Needs(Right::SeeFleet)),
    post(
        "/api/v1/incidents/{id}/events",
        Needs(Right::HandleIncidents),
        Json(r#"{"kind":"note","note":"x"}"#),
    ),
    post("/api/v1/incidents/{id}/devices", Needs(Right::HandleIncidents), Json(r#"{"devices":[]}"#)),
    post("/api/v1/incidents/{id}/steps", Needs(Right::HandleIncidents), Json(r#"{"step":"count"}"#)),
    post("/api/v1/incidents/{id}/assessments", Needs(Right::SeePrivileged), Json(r#"{"reason":"x"}"#)),
    post("/api/v1/incidents/{id}/decide", Needs(Right::SeePrivileged), Json(r#"{"version":1}"#)),
    post(
        "/api/v1/incidents/{id}/letters",
        Needs(Right::SeePrivileged),
        Json(r#"{"kind":"individual","fields":{}}"#),
    ),
    post(
        "/api/v1/incidents/{id}/letters/{number}/sent",
        Needs(Right::SeePrivileged),
        Json(r#"{"on":"2026-03-01","how":"mail","proof":"slip"}"#),
    ),
    get("/api/v1/incidents/{id}/letters/{number}/{format}", Needs(Right::SeeFleet)),
    post(
        "/api/v1/incidents/{id}/readers",
        Needs(Right::NameReaders),
        Json(r#"{"who":"x","reason":"asked"}"#),
    ),
    way("DELETE", "/api/v1/incidents/{id}/readers/{number}", Needs(Right::NameReaders), Nothing),
    post("/api/v1/incidents/{id}/close", Needs(Right::HandleIncidents), Json(r#"{"sentence":"done"}"#)),
    post("/api/v1/incidents/{id}/reopen", Needs(Right::HandleIncidents), Json(r#"{"sentence":"more"}"#)),
    get("/api/v1/risk-analysis", Needs(Right::SeeFleet)),
    post(
        "/api/v1/risk-analysis/judgements",
        Needs(Right::KeepProgramme),
        Json(
            r#"{"asset":"nothing","threat":"failure","likelihood":"low","impact":"low","treatment":"undecided","reason":"x"}"#,
        ),
    ),
    post(
        "/api/v1/risk-analysis/holdings",
        Needs(Right::KeepProgramme),
        Json(r#"{"asset":"nothing","holds":true,"source":"x"}"#),
    ),
    post("/api/v1/risk-analysis/sign", Needs(Right::KeepProgramme), Json(r#"{"scope":"all"}"#)),
    post("/api/v1/risk-analysis/import", Needs(Right::KeepProgramme), File),
    get("/api/v1/risk-analysis/{number}/document", Needs(Right::SeeFleet)),
    get("/api/v1/response", Needs(Right::SeeFleet)),
    post(
        "/api/v1/response",
        Needs(Right::HandleIncidents),
        Json(r#"{"kind":"contact","name":"Lead","reach":"1"}"#),
    ),
    post(
        "/api/v1/response/follow-ups",
        Needs(Right::HandleIncidents),
        Json(r#"{"exercise":"none","what":"nothing","owner":"Kim","due":"2030-01-31"}"#),
    ),
    get("/api/v1/response/pack", Needs(Right::SeeFleet)),
    get("/api/v1/reports", Needs(Right::SeeFleet)),
    get("/api/v1/reports/{report}/{format}", Needs(Right::SeeFleet)),
    get("/scim/v2/ServiceProviderConfig", Needs(Right::ProvisionRoster)),
    get("/scim/v2/ResourceTypes", Needs(Right::ProvisionRoster)),
    get("/scim/v2/Schemas", Needs(Right::ProvisionRoster)),
    get("/scim/v2/Users", Needs(Right::ProvisionRoster)),
    way(
        "POST",
        "/scim/v2/Users",
        Needs(Right::ProvisionRoster),
        Json(r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"walker"}"#),
    ),
    get("/scim/v2/Users/{id}", Needs(Right::ProvisionRoster)),
    way(
        "PUT",
        "/scim/v2/Users/{id}",
        Needs(Right::ProvisionRoster),
        Json(r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"walker"}"#),
    ),
    way(
        "PATCH",
        "/scim/v2/Users/{id}",
        Needs(Right::ProvisionRoster),
        Json(
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"nurse"}]}"#,
        ),
    ),
    way("DELETE", "/scim/v2/Users/{id}", Needs(Right::ProvisionRoster), Nothing),
    get("/api/v1/roster", Needs(Right::SeeWorkforce)),
    way("POST", "/api/v1/roster", Needs(Right::KeepWorkforce), Json(r#"{"name":"Walk Er"}"#)),
    post("/api/v1/roster/import", Needs(Right::KeepWorkforce), File),
    get("/api/v1/roster/{id}", Needs(Right::SeeWorkforce)),
    way("PUT", "/api/v1/roster/{id}", Needs(Right::KeepWorkforce), Json(r#"{"name":"Walk Er"}"#)),
    way("POST", "/api/v1/roster/{id}/leave", Needs(Right::KeepWorkforce), Json(r#"{"last":"2999-01-01"}"#)),
    way("POST", "/api/v1/roster/{id}/link", Needs(Right::KeepWorkforce), Nothing),
    get("/api/v1/policies", Needs(Right::SeeFleet)),
    way("POST", "/api/v1/policies", Needs(Right::KeepWorkforce), Json(r#"{"title":"x","body":"y"}"#)),
    get("/api/v1/policies/{id}", Needs(Right::SeeFleet)),
    way(
        "POST",
        "/api/v1/policies/{id}/versions",
        Needs(Right::KeepWorkforce),
        Json(r#"{"seen":1,"body":"z"}"#),
    ),
    way("POST", "/api/v1/policies/{id}/documents?file_name=a.txt", Needs(Right::KeepWorkforce), File),
    way("POST", "/api/v1/policies/{id}/approve", Needs(Right::ApprovePolicies), Json(r#"{"version":1}"#)),
    way("POST", "/api/v1/policies/{id}/publish", Needs(Right::KeepWorkforce), Json(r#"{"version":1}"#)),
    way("POST", "/api/v1/policies/{id}/review", Needs(Right::KeepWorkforce), Json(r#"{"note":"good"}"#)),
    get("/api/v1/attestations", Needs(Right::SeeWorkforce)),
    way(
        "POST",
        "/api/v1/attestations",
        Needs(Right::KeepWorkforce),
        Json(r#"{"title":"x","body":"y","roles":"*"}"#),
    ),
    get("/api/v1/attestations/{id}", Needs(Right::SeeWorkforce)),
    way("POST", "/api/v1/attestations/{id}/signed", Needs(Right::KeepWorkforce), File),
    way("POST", "/api/v1/attestations/{id}/close", Needs(Right::KeepWorkforce), Nothing),
    way(
        "POST",
        "/api/v1/training/assign",
        Needs(Right::KeepWorkforce),
        Json(r#"{"course":"security-and-phishing","roles":"*"}"#),
    ),
    post("/api/v1/training/import", Needs(Right::KeepWorkforce), File),
    get("/api/v1/unknowns", Needs(Right::SeeFleet)),
    get("/api/v1/unknowns/{key}", Needs(Right::SeeFleet)),
    post(
        "/api/v1/unknowns/{key}/ask",
        Needs(Right::Decide),
        Json(r#"{"whom":"Maker","owner":"biomed","due":"2026-12-24"}"#),
    ),
    get("/api/v1/facts", Needs(Right::SeeFleet)),
    post(
        "/api/v1/facts",
        Needs(Right::RecordFacts),
        Json(
            r#"{"models":[{"maker":"Orbis Medical","model":"Flow 300"}],"kind":"runs_on","subject":"Debian 11","said_by":"the maker","said_on":"2026-01-10","source":"mail"}"#,
        ),
    ),
    post("/api/v1/facts/{id}/take-back", Needs(Right::RecordFacts), Json(r#"{"reason":"wrong"}"#)),
    get("/api/v1/exposure", Needs(Right::SeeFleet)),
    get("/api/v1/devices/{id}/exposure", Needs(Right::SeeFleet)),
    post("/api/v1/exposure/imports", Needs(Right::ChangeDevices), File),
    way("DELETE", "/api/v1/exposure/imports/{id}", Needs(Right::ChangeDevices), Nothing),
    get("/api/v1/self-assessment", Needs(Right::SeeFleet)),
    post(
        "/api/v1/self-assessment",
        Needs(Right::KeepProgramme),
        Json(r#"{"requirement":"sr-164-308-a-8","answer":"not_sure"}"#),
    ),
    get("/api/v1/written-facts", Needs(Right::SeeFleet)),
    get("/api/v1/written-facts/kinds", Needs(Right::SeeFleet)),
    post(
        "/api/v1/written-facts",
        Needs(Right::KeepProgramme),
        Json(r#"{"kind":"no_visitors","day":"2026-03-01","system":"Main","fields":{"by":"porter"}}"#),
    ),
    post("/api/v1/written-facts/import", Needs(Right::KeepProgramme), File),
    post("/api/v1/written-facts/{id}/take-back", Needs(Right::KeepProgramme), Json(r#"{"reason":"wrong"}"#)),
    get("/api/v1/programme", Needs(Right::SeeFleet)),
    get("/api/v1/programme/{id}", Needs(Right::SeeFleet)),
    get("/api/v1/programme/days/{day}", Needs(Right::SeeFleet)),
    post("/api/v1/programme/{id}/proofs", Needs(Right::KeepProgramme), File),
    post(
        "/api/v1/programme/{id}/decisions",
        Needs(Right::KeepProgramme),
        Json(r#"{"outcome":"implement","reason":"done","approver":"x","review_by":"2027-01-01"}"#),
    ),
    way("DELETE", "/api/v1/programme/proofs/{id}", Needs(Right::KeepProgramme), Nothing),
    get("/api/v1/programme/anchors", Needs(Right::SeeFleet)),
    post(
        "/api/v1/programme/anchors",
        Needs(Right::KeepProgramme),
        Json(r#"{"head":"1:00","kind":"published","keeper":"x","place":"y","noted":"2026-03-01"}"#),
    ),
    post(
        "/api/v1/programme/binders",
        Needs(Right::SeeAudit),
        Json(r#"{"from":"2026-03-01","to":"2026-03-02"}"#),
    ),
    get("/api/v1/vendors", Needs(Right::SeeFleet)),
    post("/api/v1/vendors", Needs(Right::KeepProgramme), Json(r#"{"name":"walked by API"}"#)),
    get("/api/v1/vendor-makers", Needs(Right::SeeFleet)),
    get("/api/v1/vendors/{id}", Needs(Right::SeeFleet)),
    way("PUT", "/api/v1/vendors/{id}", Needs(Right::KeepProgramme), Json(r#"{"name":"walked"}"#)),
    post("/api/v1/vendors/{id}/agreements", Needs(Right::KeepProgramme), Json(r#"{"title":"x"}"#)),
    way("PUT", "/api/v1/vendors/{id}/agreements/{number}/document", Needs(Right::KeepProgramme), File),
    way(
        "PUT",
        "/api/v1/vendors/{id}/agreements/{number}/clauses/{kind}",
        Needs(Right::KeepProgramme),
        Json(r#"{"place":"1"}"#),
    ),
    post(
        "/api/v1/vendors/{id}/agreements/{number}/sign",
        Needs(Right::KeepProgramme),
        Json(r#"{"on":"2026-03-01","signer":"x"}"#),
    ),
    post(
        "/api/v1/vendors/{id}/agreements/{number}/end",
        Needs(Right::KeepProgramme),
        Json(r#"{"on":"2026-03-01","how":"returned","note":"x"}"#),
    ),
    post("/api/v1/vendors/{id}/links", Needs(Right::KeepProgramme), Nothing),
    post(
        "/api/v1/vendors/{id}/requests",
        Needs(Right::KeepProgramme),
        Json(r#"{"kind":"sbom","about":"x"}"#),
    ),
    post(
        "/api/v1/vendors/{id}/requests/{number}/answer",
        Needs(Right::KeepProgramme),
        Json(r#"{"answer":"x"}"#),
    ),
    way("PUT", "/api/v1/vendors/{id}/incidents/{number}", Needs(Right::HandleIncidents), Json("{}")),
    get("/api/v1/registers", Needs(Right::KeepRegisters)),
    get("/api/v1/registers/{kind}", Needs(Right::KeepRegisters)),
    post("/api/v1/registers/{kind}", Needs(Right::KeepRegisters), Json(r#"{"about":"x"}"#)),
    post("/api/v1/registers/{kind}/reviews", Needs(Right::KeepRegisters), Json("{}")),
    get("/api/v1/register-entries/{id}", Needs(Right::KeepRegisters)),
    post("/api/v1/register-entries/{id}/extend", Needs(Right::KeepRegisters), Json(r#"{"why":"x"}"#)),
    post(
        "/api/v1/register-entries/{id}/close",
        Needs(Right::KeepRegisters),
        Json(r#"{"outcome":"granted","why":"x"}"#),
    ),
    get("/api/v1/guide", Needs(Right::SeeFleet)),
    get("/api/v1/clients", Member),
    get("/api/v1/clients/{id}", Member),
    post("/api/v1/clients/{id}/notes", Needs(Right::AdviseClients), Json(r#"{"kind":"note","body":"x"}"#)),
    post("/api/v1/clients/{id}/notes/{number}/done", Needs(Right::AdviseClients), Nothing),
    post("/api/v1/vex", Needs(Right::TakeStatements), File),
    get("/api/v1/vex-statements", Needs(Right::SeeFleet)),
    get("/api/v1/vex-statements/{id}", Needs(Right::SeeFleet)),
    way("PUT", "/api/v1/vex-statements/{id}/aside", Needs(Right::TakeStatements), Json(r#"{"aside":true}"#)),
    post(
        "/api/v1/vex-statements/{id}/accept",
        Needs(Right::Decide),
        Json(r#"{"release":"0190b6a2-7c1e-7000-8000-000000000000"}"#),
    ),
    get("/api/v1/vex-export", Needs(Right::SeeFleet)),
    get("/api/v1/vex-issuers", Needs(Right::SeeFleet)),
    way("PUT", "/api/v1/vex-issuers/{key}", Needs(Right::TakeStatements), Json(r#"{"makers":["Maker"]}"#)),
    way("DELETE", "/api/v1/vex-issuers/{key}", Needs(Right::TakeStatements), Nothing),
    get("/api/v1/search?q=log4j", Needs(Right::SeeReleases)),
    get("/api/v1/data/status", Member),
    get("/api/v1/today", Needs(Right::SeeFleet)),
    get("/api/v1/audit", Needs(Right::SeeAudit)),
    get("/api/v1/audit/check", Needs(Right::SeeAudit)),
    post("/api/v1/audit/export", Needs(Right::SeeAudit), Nothing),
    get("/api/v1/jobs", Needs(Right::SeeJobs)),
    post("/api/v1/jobs", Needs(Right::ManageJobs), Json(r#"{"kind":"check"}"#)),
    get("/api/v1/jobs/{id}", Needs(Right::SeeJobs)),
    get("/api/v1/regular-jobs", Needs(Right::SeeJobs)),
    way("PUT", "/api/v1/regular-jobs/{kind}", Needs(Right::ManageJobs), Json(r#"{"minutes":60}"#)),
    get("/api/v1/jobs/{id}/result", Needs(Right::ManageJobs)),
    post("/api/v1/exports", Needs(Right::SeeFleet), Json(r#"{"of":"/devices?site=Main"}"#)),
    post("/api/v1/jobs/{id}/cancel", Needs(Right::ManageJobs), Nothing),
    post("/api/v1/jobs/{id}/retry", Needs(Right::ManageJobs), Nothing),
    get("/api/v1/events", Member),
    get("/api/v1/notices", Member),
    post("/api/v1/notices/seen", Member, Nothing),
    get("/api/v1/notices/choices", Member),
    way("PUT", "/api/v1/notices/choices", Member, Json("[]")),
    get("/api/v1/notices/channels", Needs(Right::ManageOrganisation)),
    way(
        "PUT",
        "/api/v1/notices/channels/{channel}",
        Needs(Right::ManageOrganisation),
        Json(r#"{"syslog":{"host":"127.0.0.1","port":5514,"tcp":false}}"#),
    ),
    get("/api/v1/notices/channels/{channel}", Needs(Right::ManageOrganisation)),
    post("/api/v1/notices/test", Needs(Right::ManageOrganisation), Nothing),
    way("DELETE", "/api/v1/notices/channels/{channel}", Needs(Right::ManageOrganisation), Nothing),
    get("/api/v1/organisation", Member),
    way(
        "PUT",
        "/api/v1/organisation",
        Needs(Right::ManageOrganisation),
        Json(r#"{"name":"Test Clinic","kind":"covered_entity","second_factor":false}"#),
    ),
    get("/api/v1/organisation/single-sign-on", Needs(Right::ManageOrganisation)),
    post("/api/v1/organisation/single-sign-on/check", Needs(Right::ManageOrganisation), Nothing),
    way(
        "PUT",
        "/api/v1/organisation/single-sign-on",
        Needs(Right::ManageOrganisation),
        Json(
            r#"{"active":false,"slug":"walked","name":"Login","issuer":"https://login.example","client_id":"x","client_secret":"y",
                "newcomers":"invited","passwords":true}"#,
        ),
    ),
    way("DELETE", "/api/v1/organisation/single-sign-on", Needs(Right::ManageOrganisation), Nothing),
    get("/api/v1/account/identities", Member),
    way("DELETE", "/api/v1/account/identities", Member, Nothing),
    get("/api/v1/people", Needs(Right::SeePeople)),
    get("/api/v1/people/{id}", Needs(Right::SeePeople)),
    way("PUT", "/api/v1/people/{id}", Needs(Right::ManagePeople), Json(r#"{"roles":["engineer"]}"#)),
    way("DELETE", "/api/v1/people/{id}", Needs(Right::ManagePeople), Nothing),
    post("/api/v1/people/{id}/close", Needs(Right::ManagePeople), Nothing),
    post("/api/v1/people/{id}/erase", Needs(Right::ErasePeople), Nothing),
    way("DELETE", "/api/v1/people/{id}/identities", Needs(Right::ManagePeople), Nothing),
    post("/api/v1/invitations/erase", Needs(Right::ErasePeople), Json(r#"{"named":"Nobody"}"#)),
    get("/api/v1/invitations", Needs(Right::ManagePeople)),
    post("/api/v1/invitations", Needs(Right::ManagePeople), Json(r#"{"grant":{"roles":["engineer"]}}"#)),
    way("DELETE", "/api/v1/invitations/{id}", Needs(Right::ManagePeople), Nothing),
    get("/api/v1/account/sessions", Member),
    way("DELETE", "/api/v1/account/sessions/{id}", Member, Nothing),
    way("PUT", "/api/v1/account/zone", Member, Json(r#"{"zone":"eastern"}"#)),
    get("/api/v1/account/tokens", Needs(Right::UseTokens)),
    post(
        "/api/v1/account/tokens",
        Needs(Right::UseTokens),
        Json(r#"{"name":"a program","rights":["releases.see"],"days":1}"#),
    ),
    way("DELETE", "/api/v1/account/tokens/{id}", Needs(Right::UseTokens), Nothing),
    post("/api/v1/session", Nobody, Json(r#"{"name":"nobody","password":"wrong"}"#)),
    way("DELETE", "/api/v1/session", Member, Nothing),
    // What needs no page.
    get("/api/v1/openapi.json", Nobody),
    get("/assets/{name}", Nobody),
    get("/healthz", Nobody),
    get("/readyz", Nobody),
    get("/metrics", Nobody),
    // At the end, since it gives further rights until it is ended.
    post("/account/emergency", Needs(Right::TakeEmergency), Form("reason=the+pumps+of+surgery+stand+still")),
    post("/account/emergency/end", Member, Form("")),
];

/// A decision that touches nothing in an empty house.
const DECISION: &str = r#"{"weaknesses":["CVE-2021-44228"],"scope":"organisation","verdict":"under_investigation","reason":"we look"}"#;

/// The router's own text: its rows are `.route("/path", get(…).post(…))`.
const ROUTER: &str =
    concat!(include_str!("../../../src/web/router.rs"), include_str!("../../../src/web/scim.rs"));

/// Every route of the router and of the API's description, as `GET /path`.
fn served() -> BTreeSet<String> {
    let mut served = BTreeSet::new();
    for row in ROUTER.split(".route(").skip(1) {
        let path = row.split('"').nth(1).expect("a route begins with its path");
        let handlers = row.splitn(3, '"').nth(2).unwrap_or_default();
        let handlers = handlers.split([';', '}']).next().unwrap_or(handlers);
        let handlers = handlers.split(".merge(").next().unwrap_or(handlers);
        for method in ["get", "post", "put", "delete", "patch", "any"] {
            if handlers.contains(&format!(" {method}(")) || handlers.contains(&format!(".{method}(")) {
                served.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    let document: Value = serde_json::from_str(&bedrail::web::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        served.extend(
            item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    served
}

#[test]
fn every_page_and_every_route_of_the_api_has_its_row_with_the_right_it_takes() {
    let rows: BTreeSet<String> = WAYS.iter().map(|way| format!("{} {}", way.method, way.route())).collect();
    let served = served();
    assert!(served.len() > 40, "the router's text is read: {served:?}");
    let missing: Vec<_> = served.difference(&rows).collect();
    let gone: Vec<_> = rows.difference(&served).collect();
    assert!(missing.is_empty(), "give these a row in WAYS, with the right that they take: {missing:?}");
    assert!(gone.is_empty(), "these rows of WAYS are served no more: {gone:?}");
    assert_eq!(rows.len(), WAYS.len(), "a way stands twice");
}

/// The right that each route takes is asked for before its handler sees anything; a route that is missing there would
/// look at what was sent first.
#[test]
fn the_table_of_rights_that_stands_before_the_routes_is_complete() {
    let rows = |way: &Way| match way.guard {
        Guard::Needs(right) => Some(format!("{} {} {}", way.method, way.route(), right.code())),
        _ => None,
    };
    let wanted: BTreeSet<String> = WAYS.iter().filter_map(rows).collect();
    let needs = bedrail::web::needs::NEEDS;
    let table: BTreeSet<String> =
        needs.iter().map(|(method, path, right)| format!("{method} {path} {}", right.code())).collect();
    assert_eq!(table, wanted);
    assert_eq!(table.len(), needs.len(), "a row stands twice");
}
