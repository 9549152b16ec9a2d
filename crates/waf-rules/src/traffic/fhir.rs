//! FHIR R4 over HTTP (hl7.org/fhir/R4/http.html, search.html).

use serde_json::{Value, json};

use super::Dice;
use crate::request::{Request, base64, form, percent};

const TYPES: &[&str] = &[
    "Patient",
    "Observation",
    "Encounter",
    "Condition",
    "MedicationRequest",
    "Device",
    "DeviceMetric",
    "Procedure",
    "DiagnosticReport",
    "ImagingStudy",
    "Practitioner",
    "AllergyIntolerance",
    "Immunization",
    "ServiceRequest",
    "CarePlan",
    "DocumentReference",
    "Communication",
    "QuestionnaireResponse",
];
const BASES: &[&str] = &["/fhir", "/fhir/r4", "/baseR4", "/api/fhir", "/hapi-fhir/fhir"];
const JSON: &str = "application/fhir+json";

fn json_media(dice: &mut Dice) -> &'static str {
    dice.one(&[
        JSON,
        "application/fhir+json; charset=utf-8",
        "application/fhir+json; fhirVersion=4.0",
        "application/json",
    ])
}

fn place(dice: &mut Dice) -> (String, &'static str, String) {
    let kind = dice.one(TYPES);
    let id = if dice.chance(50) { dice.uuid() } else { dice.digits(6) };
    (dice.one(BASES).to_owned(), kind, id)
}

pub(super) fn read(dice: &mut Dice) -> Request {
    let (base, kind, id) = place(dice);
    let target = match dice.below(8) {
        0 => format!("{base}/metadata?_format=json&_summary=true"),
        1 => format!("{base}/{kind}/{id}/_history/{}", 1 + dice.below(9)),
        2 => format!("{base}/{kind}/{id}?_elements=identifier,name&_pretty=true"),
        3 => format!("{base}/Patient/{id}/$everything?start={}&_count=50", dice.date()),
        4 => format!("{base}/{kind}/_history?_since={}&_count=20", form(&dice.instant())),
        5 => format!("{base}/.well-known/smart-configuration"),
        _ => format!("{base}/{kind}/{id}"),
    };
    Request::new(format!("fhir read {kind}"), "GET", target).with("Accept", JSON)
}

fn parameters(dice: &mut Dice, kind: &str) -> String {
    let name = form(dice.name());
    let word = form(dice.words());
    let (date, id) = (dice.date(), dice.uuid());
    let all: Vec<String> = vec![
        format!("name:exact={name}"),
        format!("family:contains={name}&birthdate=ge{date}&birthdate=lt2027-01-01"),
        "code=http%3A%2F%2Floinc.org%7C8867-4&value-quantity=gt100%7Chttp%3A%2F%2Funitsofmeasure.org%7C%2Fmin".to_owned(),
        "code=http://loinc.org|8867-4&value-quantity=le5.4|http://unitsofmeasure.org|mg".to_owned(),
        format!("subject:Patient.name={name}&date=ge{date}T00:00:00%2B01:00"),
        format!("patient=Patient/{id}&_include={kind}:subject&_revinclude=Provenance:target"),
        format!("_has:Observation:patient:code=1234-5&_sort=-_lastUpdated&_count=100"),
        format!("_filter=name%20co%20%22{name}%22%20and%20(birthdate%20gt%20{date}%20or%20gender%20eq%20male)"),
        format!("_text={word}&_content={word}"),
        "identifier=urn:oid:1.2.36.146.595.217.0.1|12345&active:not=false".to_owned(),
        "status:not=cancelled,entered-in-error&_total=accurate&_summary=count".to_owned(),
        format!("code:text={word}&_elements=id,status"),
        "_type=Patient,Observation&_query=everything&near=42.25475478|-83.6945691|11.20|km".to_owned(),
        "component-code-value-quantity=http://loinc.org|8480-6$lt60".to_owned(),
    ];
    let index = dice.below(all.len());
    all[index].clone()
}

pub(super) fn search(dice: &mut Dice) -> Request {
    let (base, kind, _) = place(dice);
    let query = parameters(dice, kind);
    Request::new(format!("fhir search {kind}"), "GET", format!("{base}/{kind}?{query}")).with("Accept", JSON)
}

pub(super) fn search_by_post(dice: &mut Dice) -> Request {
    let (base, kind, _) = place(dice);
    let query = parameters(dice, kind);
    let request =
        Request::new(format!("fhir search by POST {kind}"), "POST", format!("{base}/{kind}/_search"));
    request.body("application/x-www-form-urlencoded", query)
}

/// The narrative of a resource is XHTML by law of the format (R4, 2.4: Narrative).
fn narrative(dice: &mut Dice) -> String {
    let note = xml_text(dice.note());
    let name = xml_text(dice.name());
    let inner = match dice.below(4) {
        0 => format!("<p><b>Generated Narrative</b></p><p>{note}</p>"),
        1 => format!(
            "<table class=\"hapiPropertyTable\"><tbody><tr><td>Name</td><td><b>{name}</b></td></tr></tbody></table>"
        ),
        2 => format!("<p style=\"border: 1px solid\"><a name=\"x\"> </a>{note}<br/><i>{name}</i></p>"),
        _ => format!(
            "<ul><li>{note}</li><li><a href=\"http://hospital.example/p?a=1&amp;b=2\">{name}</a></li></ul>"
        ),
    };
    format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>")
}

pub(super) fn xml_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn resource(dice: &mut Dice, kind: &str, id: &str) -> Value {
    let mut value = json!({
        "resourceType": kind,
        "id": id,
        "meta": {"versionId": "1", "lastUpdated": dice.instant(), "profile": [format!("http://hl7.org/fhir/StructureDefinition/{kind}")]},
        "identifier": [{"system": "urn:oid:1.2.36.146.595.217.0.1", "value": dice.digits(8)}],
    });
    if dice.chance(60) {
        value["text"] = json!({"status": "generated", "div": narrative(dice)});
    }
    let more = match dice.below(6) {
        0 => json!({"name": [{"use": "official", "family": dice.name(), "given": [dice.name()]}],
            "telecom": [{"system": "phone", "value": "(+49) 89 / 123-45"}], "birthDate": dice.date()}),
        1 => {
            json!({"status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}]},
            "valueQuantity": {"value": 72.5, "comparator": "<=", "unit": "/min"}, "note": [{"text": dice.note()}]})
        }
        2 => {
            json!({"dosageInstruction": [{"text": "1-0-1; take \"with food\" & water", "asNeededBoolean": true}],
            "note": [{"text": dice.note()}, {"text": dice.note()}]})
        }
        3 => {
            json!({"conclusion": dice.note(), "subject": {"reference": "Patient/1", "display": dice.name()}})
        }
        4 => json!({"payload": [{"contentString": dice.note()}], "sent": dice.instant()}),
        _ => json!({"content": [{"attachment": {"contentType": "application/pdf", "title": "Befund (1).pdf",
            "data": base64(&dice.noise(400))}}], "description": dice.note()}),
    };
    if let (Some(value), Some(more)) = (value.as_object_mut(), more.as_object()) {
        value.extend(more.clone());
    }
    value
}

pub(super) fn write_json(dice: &mut Dice) -> Request {
    let (base, kind, id) = place(dice);
    let body = resource(dice, kind, &id).to_string();
    let (method, target) = match dice.below(4) {
        0 => ("POST", format!("{base}/{kind}")),
        1 => ("PUT", format!("{base}/{kind}?identifier=urn:oid:1.2|{id}")),
        _ => ("PUT", format!("{base}/{kind}/{id}")),
    };
    let media = json_media(dice);
    let request = Request::new(format!("fhir {method} {kind}"), method, target).body(media, body);
    if dice.chance(40) {
        request.with("If-Match", "W/\"3\"").with("Prefer", "return=minimal")
    } else {
        request
    }
}

pub(super) fn patch_or_delete(dice: &mut Dice) -> Request {
    let (base, kind, id) = place(dice);
    if dice.chance(40) {
        return Request::new(format!("fhir DELETE {kind}"), "DELETE", format!("{base}/{kind}/{id}"));
    }
    let change = json!([
        {"op": "replace", "path": "/name/0/family", "value": dice.name()},
        {"op": "add", "path": "/note/-", "value": {"text": dice.note()}},
        {"op": "remove", "path": "/telecom/1"},
    ]);
    let target = format!("{base}/{kind}/{id}");
    Request::new(format!("fhir PATCH {kind}"), "PATCH", target)
        .body("application/json-patch+json", change.to_string())
}

pub(super) fn write_xml(dice: &mut Dice) -> Request {
    let (base, kind, id) = place(dice);
    let (name, note) = (xml_text(dice.name()), xml_text(dice.note()));
    let text = narrative(dice);
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{kind} xmlns=\"http://hl7.org/fhir\"><id value=\"{id}\"/><text><status value=\"generated\"/>{text}</text><note><text value=\"{note}\"/></note><name><family value=\"{name}\"/></name></{kind}>"
    );
    let media = dice.one(&["application/fhir+xml", "application/fhir+xml; charset=utf-8", "application/xml"]);
    Request::new(format!("fhir PUT xml {kind}"), "PUT", format!("{base}/{kind}/{id}")).body(media, body)
}

pub(super) fn bundle(dice: &mut Dice) -> Request {
    let base = dice.one(BASES).to_owned();
    if dice.chance(30) {
        let (kind, id) = (dice.one(TYPES), dice.uuid());
        let resource = resource(dice, kind, &id);
        let parameters = json!({"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": resource},
            {"name": "filter", "valueString": dice.words()}]});
        let target = format!("{base}/{kind}/{}", percent("$validate").replace("%24", "$"));
        return Request::new(format!("fhir operation {kind}"), "POST", target)
            .body(json_media(dice), parameters.to_string());
    }
    let count = 2 + dice.below(5);
    let entries: Vec<Value> = (0..count)
        .map(|_| {
            let (kind, id) = (dice.one(TYPES), dice.uuid());
            let resource = resource(dice, kind, &id);
            json!({"fullUrl": format!("urn:uuid:{id}"), "resource": resource,
                "request": {"method": "PUT", "url": format!("{kind}/{id}"), "ifNoneExist": "identifier=a|b"}})
        })
        .collect();
    let body = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}).to_string();
    Request::new("fhir transaction", "POST", base).body(json_media(dice), body)
}
