//! DICOM over HTTP (PS3.18).

use serde_json::json;

use super::Dice;
use crate::request::{Request, form};

const BASES: &[&str] = &["/dicom-web", "/dcm4chee-arc/aets/DCM4CHEE/rs", "/orthanc/dicom-web", "/wado/rs"];

pub(super) fn query(dice: &mut Dice) -> Request {
    let base = dice.one(BASES);
    let (study, series, instance) = (dice.uid(), dice.uid(), dice.uid());
    let name = form(&format!("{}*", dice.name()));
    let text = form(dice.words());
    let target = match dice.below(9) {
        0 => format!(
            "{base}/studies?PatientName={name}&StudyDate=20250101-20261231&limit=25&fuzzymatching=true"
        ),
        1 => {
            format!("{base}/studies?00100010={name}&includefield=00081030,00080060&ModalitiesInStudy=CT%5CMR")
        }
        2 => format!("{base}/studies?StudyDescription={text}&includefield=all&offset=100"),
        3 => format!("{base}/studies/{study}/series?Modality=CT&SeriesNumber=2"),
        4 => format!("{base}/studies/{study}/series/{series}/instances/{instance}/frames/1,2,3"),
        5 => format!("{base}/studies/{study}/metadata"),
        6 => format!(
            "{base}/studies/{study}/series/{series}/instances/{instance}/rendered?viewport=512,512&window=40,400,linear&quality=90"
        ),
        7 => format!("{base}/studies/{study}/series/{series}/thumbnail?viewport=128,128"),
        _ => format!("{base}/studies/{study}"),
    };
    let accept = dice.one(&[
        "application/dicom+json",
        "multipart/related; type=\"application/dicom\"; transfer-syntax=*",
        "multipart/related; type=\"application/octet-stream\"; transfer-syntax=1.2.840.10008.1.2.4.70, multipart/related; type=\"image/jls\"",
        "image/jpeg, image/png;q=0.8",
    ]);
    Request::new("dicomweb query", "GET", target).with("Accept", accept)
}

/// A file as PS3.10 has it: preamble, `DICM`, a few elements with text, pixels.
pub(super) fn dicom_file(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    let name = format!("{}^{}", dice.name(), dice.name());
    let description = dice.words().to_owned();
    for (group, element, vr, text) in [
        (0x0010_u16, 0x0010_u16, b"PN", name),
        (0x0008, 0x1030, b"LO", description),
        (0x0020, 0x000d, b"UI", dice.uid()),
    ] {
        bytes.extend(group.to_le_bytes());
        bytes.extend(element.to_le_bytes());
        bytes.extend(vr);
        bytes.extend(u16::try_from(text.len()).unwrap_or(0).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes.extend([0xe0, 0x7f, 0x10, 0x00, b'O', b'W', 0, 0]);
    let count = 2_000 + dice.below(6_000);
    bytes.extend(dice.noise(count));
    bytes
}

fn part(body: &mut Vec<u8>, boundary: &str, media: &str, content: &[u8]) {
    body.extend(format!("--{boundary}\r\nContent-Type: {media}\r\n\r\n").as_bytes());
    body.extend(content);
    body.extend(b"\r\n");
}

pub(super) fn store(dice: &mut Dice) -> Request {
    let base = dice.one(BASES);
    let boundary = format!("bnd{}", dice.digits(12));
    let mut body = Vec::new();
    let target =
        if dice.chance(50) { format!("{base}/studies") } else { format!("{base}/studies/{}", dice.uid()) };
    let kind = if dice.chance(65) {
        for _ in 0..=dice.below(2) {
            let file = dicom_file(dice);
            part(&mut body, &boundary, "application/dicom", &file);
        }
        "application/dicom"
    } else {
        let metadata = json!([{
            "00080005": {"vr": "CS", "Value": ["ISO_IR 192"]},
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": dice.name()}]},
            "00081030": {"vr": "LO", "Value": [dice.words()]},
            "00104000": {"vr": "LT", "Value": [dice.note()]},
            "0020000D": {"vr": "UI", "Value": [dice.uid()]},
            "7FE00010": {"vr": "OW", "BulkDataURI": "bulkdata/1"},
        }]);
        part(&mut body, &boundary, "application/dicom+json", metadata.to_string().as_bytes());
        let pixels = dice.noise(3_000);
        let media = "image/jpeg\r\nContent-Location: bulkdata/1";
        part(&mut body, &boundary, media, &pixels);
        "application/dicom+json"
    };
    body.extend(format!("--{boundary}--\r\n").as_bytes());
    let media = format!("multipart/related; type=\"{kind}\"; boundary={boundary}");
    Request::new(format!("dicomweb store {kind}"), "POST", target)
        .with("Accept", "application/dicom+json")
        .body(&media, body)
}

pub(super) fn worklist(dice: &mut Dice) -> Request {
    let base = dice.one(BASES);
    if dice.chance(40) {
        let (study, series, object) = (dice.uid(), dice.uid(), dice.uid());
        let target = format!(
            "/wado?requestType=WADO&studyUID={study}&seriesUID={series}&objectUID={object}&contentType=image%2Fjpeg&windowCenter=40&windowWidth=400&frameNumber=1"
        );
        return Request::new("wado-uri", "GET", target);
    }
    let item = json!([{
        "00404005": {"vr": "DT", "Value": ["20261127120000"]},
        "00741204": {"vr": "LO", "Value": [dice.words()]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": dice.name()}]},
        "00321060": {"vr": "LO", "Value": ["CT Abdomen & Pelvis w/ contrast"]},
        "00404010": {"vr": "LT", "Value": [dice.note()]},
    }]);
    let (method, target) = match dice.below(3) {
        0 => ("POST", format!("{base}/workitems?{}", dice.uid())),
        1 => ("PUT", format!("{base}/workitems/{}/state", dice.uid())),
        _ => ("POST", format!("{base}/workitems/{}", dice.uid())),
    };
    Request::new("dicomweb worklist", method, target).body("application/dicom+json", item.to_string())
}
