//! OSCAL: a catalogue, and the results of an assessment, as NIST's JSON (OSCAL 1.2.3). The shapes live here alone; tests hold
//! what comes out against NIST's schemas.
//!
//! Ids are of version 4, their bits taken from a hash, so that the same content gives the same document.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::catalog::{Catalogue, Requirement};
use crate::state::{Applies, RequirementState, SignalState, State};

/// The version of OSCAL that is written.
pub const OSCAL_VERSION: &str = "1.2.3";
/// The namespace of our own properties.
const NS: &str = "urn:bedrail:oscal";

fn id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// OSCAL texts of one line neither begin nor end with a space.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn prop(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NS, "value": line(value) })
}

/// A catalogue. `last-modified` is its day, at midnight UTC.
pub fn catalog(catalogue: &Catalogue) -> Value {
    let digest = hex::encode(catalogue.digest);
    let modified = catalogue.as_of.to_zoned(TimeZone::UTC).map(|day| day.timestamp()).unwrap_or_default();
    let mut families: Vec<&str> = Vec::new();
    for requirement in &catalogue.requirements {
        if !families.contains(&requirement.family.as_str()) {
            families.push(&requirement.family);
        }
    }
    let groups: Vec<Value> = families
        .iter()
        .map(|family| {
            let theirs = catalogue.requirements.iter().filter(|it| it.family == *family);
            let title = if family.is_empty() { "requirements" } else { family };
            json!({
                "id": format!("group-{}", title.replace(' ', "-")),
                "title": title,
                "controls": theirs.map(control).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "catalog": {
        "uuid": id(&["catalog", &digest]),
        "metadata": {
            "title": line(&format!("{} (own words with citations)", catalogue.schema)),
            "last-modified": modified.to_string(),
            "version": format!("{} {}", catalogue.as_of, &digest[..12]),
            "oscal-version": OSCAL_VERSION,
            "remarks": "Paraphrase for self-assessment, not legal text or legal advice.",
        },
        "groups": groups,
    } })
}

fn control(requirement: &Requirement) -> Value {
    let statement = if requirement.meaning.is_empty() { &requirement.question } else { &requirement.meaning };
    let mut props = vec![
        json!({ "name": "label", "value": line(&requirement.citation) }),
        prop("designation", requirement.designation.code()),
    ];
    props.extend(requirement.csf2.iter().map(|it| prop("csf-2.0", it)));
    props.extend(requirement.sp800_53.iter().map(|it| prop("sp800-53r5", it)));
    props.extend(requirement.goals.iter().map(|it| prop("hph-cpg", it)));
    props.extend(requirement.signals.iter().map(|signal| prop("signal", signal.id)));
    if let Some(manual) = &requirement.manual {
        props.push(prop("manual", &manual.reason));
    }
    json!({
        "id": requirement.id,
        "title": line(&requirement.title),
        "props": props,
        "parts": [
            { "id": format!("{}_smt", requirement.id), "name": "statement", "prose": statement },
            { "id": format!("{}_obj", requirement.id), "name": "assessment-objective", "prose": requirement.question },
            { "id": format!("{}_gdn", requirement.id), "name": "guidance",
              "prose": format!("Evidence: {}.", requirement.evidence.join("; ")) },
        ],
    })
}

/// The results of an assessment: each requirement that was assessed as a finding, each of its signals as an observation.
/// "satisfied" is said of what is evidenced, and of nothing else; the state stands beside it as a property. `None` where nothing
/// was assessed: OSCAL has no results without controls.
pub fn assessment_results(
    organisation: &str,
    states: &[RequirementState<'_>],
    at: Timestamp,
) -> Option<Value> {
    let assessed: Vec<&RequirementState<'_>> =
        states.iter().filter(|it| it.applies == Applies::Yes).collect();
    let moment = at.to_string();
    let key = |parts: &[&str]| {
        let mut all = vec!["results", organisation, &moment];
        all.extend_from_slice(parts);
        id(&all)
    };
    let mut observations = Vec::new();
    let mut findings = Vec::new();
    for state in &assessed {
        let requirement = state.requirement;
        let mut related = Vec::new();
        for signal in &state.signals {
            let uuid = key(&["observation", &requirement.id, signal.signal.id]);
            observations.push(observation(&uuid, signal, &moment));
            related.push(json!({ "observation-uuid": uuid }));
        }
        let mut finding = json!({
            "uuid": key(&["finding", &requirement.id]),
            "title": line(&format!("{} {}", requirement.citation, requirement.title)),
            "description": state.reason(),
            "props": [prop("state", state.state.code()), prop("catalogue", &state.catalogue)],
            "target": {
                "type": "objective-id",
                "target-id": format!("{}_obj", requirement.id),
                "status": status(state.state),
            },
        });
        if !related.is_empty() {
            finding["related-observations"] = Value::Array(related);
        }
        findings.push(finding);
    }
    let controls: Vec<Value> = assessed.iter().map(|it| json!({ "control-id": it.requirement.id })).collect();
    if controls.is_empty() {
        return None;
    }
    let mut result = json!({
        "uuid": key(&["result"]),
        "title": "State computed from facts",
        "description": "Each state is computed from dated facts; what nothing in force says anything of is unknown.",
        "start": moment,
        "reviewed-controls": { "control-selections": [{ "include-controls": controls }] },
    });
    if !observations.is_empty() {
        result["observations"] = Value::Array(observations);
    }
    result["findings"] = Value::Array(findings);
    let plan = key(&["plan"]);
    Some(json!({ "assessment-results": {
        "uuid": key(&["document"]),
        "metadata": {
            "title": line(&format!("Assessment of {organisation}")),
            "last-modified": moment,
            "version": moment,
            "oscal-version": OSCAL_VERSION,
        },
        "import-ap": { "href": format!("#{plan}"), "remarks": "There is no plan beside the catalogue: every requirement is computed." },
        "results": [result],
        "back-matter": { "resources": [
            { "uuid": plan, "title": "Standing plan", "description": "All requirements of the catalogues, from facts." },
        ] },
    } }))
}

fn status(state: State) -> Value {
    let (word, reason) = match state {
        State::Evidenced => ("satisfied", "pass"),
        State::No => ("not-satisfied", "fail"),
        State::Claimed | State::Partly | State::Unknown => ("not-satisfied", "other"),
    };
    json!({ "state": word, "reason": reason })
}

fn observation(uuid: &str, signal: &SignalState, moment: &str) -> Value {
    let [no, unknown, partly, claimed, evidenced] = signal.systems;
    let total = no + unknown + partly + claimed + evidenced;
    let description = format!(
        "{}: {}. Systems: {total}; evidenced {evidenced}, claimed {claimed}, partly {partly}, unknown {unknown}, no {no}.",
        signal.signal.id, signal.signal.how
    );
    let collected = signal.oldest.map_or_else(|| moment.to_owned(), |at| at.to_string());
    json!({
        "uuid": uuid,
        "description": description,
        "methods": [if signal.oldest.is_some() { "TEST" } else { "UNKNOWN" }],
        "props": [prop("state", signal.state.code()), prop("signal", signal.signal.id)],
        "collected": collected,
    })
}
