//! Recorded traffic without what it says: letters become letters and digits digits, punctuation and structure stay, since
//! these are what rules stumble over. What is lost with it: rules that look for words do not fire on redacted traffic.

use crate::request::Request;

/// Headers whose values are kept: they say what kind of request it is, and nothing of a person.
const KEPT_HEADERS: &[&str] = &[
    "accept",
    "accept-encoding",
    "content-encoding",
    "content-length",
    "content-type",
    "prefer",
    "transfer-encoding",
];
/// Bytes of a body that are kept.
const MOST_BODY: usize = 256 << 10;
/// A path is cut after so many parts.
const MOST_PARTS: usize = 40;

/// A request without what it says.
#[must_use]
pub fn redact(request: &Request) -> Request {
    let (path, query) =
        request.target.split_once('?').map_or((request.target.as_str(), None), |(p, q)| (p, Some(q)));
    let mut target: String = path.split('/').take(MOST_PARTS).map(path_part).collect::<Vec<_>>().join("/");
    if let Some(query) = query {
        target.push('?');
        target.push_str(&query.split('&').map(parameter).collect::<Vec<_>>().join("&"));
    }
    let header = |(name, value): &(String, String)| {
        let kept = KEPT_HEADERS.iter().any(|kept| name.eq_ignore_ascii_case(kept));
        (name.clone(), if kept { value.clone() } else { encoded_shape(value) })
    };
    Request {
        name: shape(&request.name),
        method: request.method.clone(),
        target,
        headers: request.headers.iter().map(header).collect(),
        body: body(request),
    }
}

/// A word of a path stays when it is one: letters only, not too long. Everything else may be a name or a number of somebody.
fn path_part(part: &str) -> String {
    let word = part.len() <= 24 && part.chars().all(|c| c.is_ascii_alphabetic() || "._-$".contains(c));
    let known =
        part.chars().all(|c| c.is_ascii_lowercase() || "._-$".contains(c)) || FHIR_TYPES.contains(&part);
    if word && known { part.to_owned() } else { encoded_shape(part) }
}

/// Types of FHIR resources that stay legible.
const FHIR_TYPES: &[&str] = &[
    "Patient",
    "Observation",
    "Encounter",
    "Condition",
    "Device",
    "DeviceMetric",
    "DiagnosticReport",
    "ImagingStudy",
    "Procedure",
    "MedicationRequest",
    "Practitioner",
    "Organization",
    "Location",
    "ServiceRequest",
    "DocumentReference",
];

fn parameter(pair: &str) -> String {
    let (name, value) = pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value)));
    let plain = name.len() <= 60 && !name.chars().any(|c| c.is_ascii_digit()) && name.is_ascii();
    let name = if plain { name.to_owned() } else { encoded_shape(name) };
    value.map_or(name.clone(), |value| format!("{name}={}", encoded_shape(value)))
}

/// The shape of text in which `%XX` stands for a byte: escapes of letters and digits become letters and digits, escapes of
/// other signs stay.
fn encoded_shape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = rest
            .strip_prefix('%')
            .and_then(|after| after.get(..2))
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        if let Some(hex) = escape {
            let byte = u8::from_str_radix(hex, 16).unwrap_or(b'x');
            match byte {
                _ if byte.is_ascii_alphanumeric() => out.push(letter(char::from(byte))),
                0x80.. => out.push_str("%C3%A4".get(if byte < 0xc0 { 3..6 } else { 0..3 }).unwrap_or("x")),
                _ => out.push_str(&rest[..3]),
            }
            rest = &rest[3..];
        } else {
            out.push(letter(c));
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

fn shape(text: &str) -> String {
    text.chars().map(letter).collect()
}

fn letter(c: char) -> char {
    match c {
        _ if c.is_ascii_lowercase() => 'x',
        _ if c.is_ascii_uppercase() => 'X',
        _ if c.is_numeric() => '0',
        _ if c.is_alphabetic() => 'ä',
        _ => c,
    }
}

fn body(request: &Request) -> Vec<u8> {
    let media = request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let bytes = &request.body[..request.body.len().min(MOST_BODY)];
    if let (true, Ok(mut value)) = (media.contains("json"), serde_json::from_slice(bytes)) {
        json(&mut value);
        return value.to_string().into_bytes();
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        // Images and the like: nothing of them is kept but their length.
        return vec![b'x'; bytes.len()];
    };
    if media.contains("urlencoded") {
        return text.split('&').map(parameter).collect::<Vec<_>>().join("&").into_bytes();
    }
    shape(text).into_bytes()
}

/// Values lose what they say; names of members stay, they are the format's.
fn json(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::String(text) => *text = shape(text),
        Value::Number(_) => *value = Value::from(0),
        Value::Array(all) => all.iter_mut().for_each(json),
        Value::Object(all) => all.values_mut().for_each(json),
        Value::Bool(_) | Value::Null => {}
    }
}
