//! Messages between systems: HL7 v2 over HTTP, GraphQL, SOAP.

use serde_json::json;

use super::Dice;
use super::fhir::xml_text;
use crate::request::{Request, form};

/// Text in a field: the separators are escaped (HL7 v2.5.1, 2.7).
fn er7(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\E\\"),
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '&' => out.push_str("\\T\\"),
            '~' => out.push_str("\\R\\"),
            _ => out.push(c),
        }
    }
    out
}

pub(super) fn hl7(dice: &mut Dice) -> Request {
    let (name, given, note) = (er7(dice.name()), er7(dice.name()), er7(dice.note()));
    let (kind, id, stamp) = (
        dice.one(&["ADT^A01", "ORU^R01", "ORM^O01", "SIU^S12", "MDM^T02"]),
        dice.digits(8),
        "20261127120000",
    );
    let mut lines = vec![
        format!("MSH|^~\\&|LAB|HOSP|EHR|HOSP|{stamp}||{kind}|MSG{id}|P|2.5.1|||AL|NE|DEU|UNICODE UTF-8"),
        format!(
            "PID|1||{id}^^^HOSP^MR||{name}^{given}^^^Dr.||19700101|M|||Main St. 5&7^^City^ST^12345||(089)123-45"
        ),
    ];
    match dice.below(3) {
        0 => lines
            .push("PV1|1|I|W3^312^1^HOSP||||0123^O'Neil^Pat^^^Dr|||MED||||1|||0123^O'Neil|IP|V1".to_owned()),
        1 => {
            lines.push("OBR|1|A12|B34|24331-1^Lipid panel^LN|||20261127".to_owned());
            lines.push("OBX|1|NM|2093-3^Cholesterol^LN||>300|mg/dL|<200|H|||F".to_owned());
        }
        _ => lines.push("ORC|NW|A12||||||^^^20261127^^R".to_owned()),
    }
    lines.push(format!("NTE|1|L|{note}"));
    lines.push(format!("OBX|2|TX|NOTE^Text||{}\\.br\\{}||||||F", er7(dice.note()), er7(dice.note())));
    let body = lines.join("\r") + "\r";
    let media = dice.one(&[
        "application/hl7-v2; charset=utf-8",
        "application/hl7-v2+er7; charset=UTF-8",
        "x-application/hl7-v2+er7; charset=utf-8",
        "text/plain; charset=utf-8",
    ]);
    let target = dice.one(&["/hl7", "/api/hl7v2/messages", "/hl7v2", "/mirth/inbound"]);
    Request::new(format!("hl7 v2 {kind}"), "POST", target).with("Accept", media).body(media, body)
}

pub(super) fn graphql(dice: &mut Dice) -> Request {
    let name = dice.name();
    let word = dice.words();
    let quoted = serde_json::Value::from(name).to_string();
    let query = match dice.below(5) {
        0 => format!("query {{ PatientList(name: {quoted}, _count: 10) {{ id name @flatten {{ family given @first }} }} }}"),
        1 => "query Devices($ward: ID!, $first: Int = 20) { ward(id: $ward) { devices(first: $first) { edges { node { id ...D } } } } }\nfragment D on Device { serial model { name } alarms(last: 5) { text } }".to_owned(),
        2 => "mutation AddNote($input: NoteInput!) { addNote(input: $input) { note { id text } errors { message } } }".to_owned(),
        3 => "{ __schema { queryType { name } types { name kind fields { name } } } }".to_owned(),
        _ => "subscription { vitals(bed: \"12\") { hr spo2 ... on Alarm { text } } } # live view".to_owned(),
    };
    match dice.below(4) {
        0 => Request::new("graphql GET", "GET", format!("/graphql?query={}", form(&query))),
        1 => Request::new("graphql raw", "POST", "/graphql").body("application/graphql", query),
        _ => {
            let note = dice.note();
            let body = json!({"query": query, "operationName": null,
                "variables": {"ward": "W3", "input": {"text": note, "filter": word}}});
            let media = dice.one(&[
                "application/json",
                "application/graphql+json",
                "application/json; charset=utf-8",
            ]);
            Request::new("graphql POST", "POST", "/graphql").body(media, body.to_string())
        }
    }
}

pub(super) fn soap(dice: &mut Dice) -> Request {
    let (name, note) = (xml_text(dice.name()), xml_text(dice.note()));
    let id = dice.uuid();
    let body = format!(
        "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"><soap:Header><wsa:Action>urn:ihe:iti:2007:RegistryStoredQuery</wsa:Action><wsa:MessageID>urn:uuid:{id}</wsa:MessageID></soap:Header><soap:Body><query:AdhocQueryRequest xmlns:query=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0\"><query:ResponseOption returnType=\"LeafClass\"/><Slot name=\"$XDSDocumentEntryPatientId\"><Value>'{}^^^&amp;1.2.3&amp;ISO'</Value></Slot><Slot name=\"author\"><Value>{name}</Value></Slot><Comment>{note}</Comment></query:AdhocQueryRequest></soap:Body></soap:Envelope>",
        dice.digits(7)
    );
    let media = dice.one(&[
        "application/soap+xml; charset=UTF-8; action=\"urn:ihe:iti:2007:RegistryStoredQuery\"",
        "text/xml; charset=utf-8",
    ]);
    Request::new("soap", "POST", "/services/xdsregistryb").body(media, body)
}
