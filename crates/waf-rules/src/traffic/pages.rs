//! Pages of devices and of what runs beside them: log-ins, settings, notes, uploads.

use serde_json::json;

use super::{Dice, imaging};
use crate::request::{Request, form, percent};

const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn log_in(dice: &mut Dice) -> Request {
    let name = dice.name().to_lowercase().replace(' ', ".");
    let password = dice.password();
    let target =
        dice.one(&["/login", "/admin/login.php", "/j_security_check", "/api/session", "/oauth2/token"]);
    if dice.chance(30) {
        let body = json!({"username": name, "password": password, "remember": true});
        return Request::new("log-in json", "POST", target).body("application/json", body.to_string());
    }
    let (user, pass) = dice_names(dice);
    let body =
        format!("{user}={}&{pass}={}&csrf_token={}&submit=Log+in", form(&name), form(&password), dice.uuid());
    Request::new("log-in form", "POST", target)
        .with("Referer", "http://device.hospital.example/login?next=%2F")
        .body(FORM, body)
}

fn dice_names(dice: &mut Dice) -> (&'static str, &'static str) {
    [
        ("username", "password"),
        ("user", "pass"),
        ("j_username", "j_password"),
        ("login", "passwd"),
        ("email", "pwd"),
    ][dice.below(5)]
}

pub(super) fn settings(dice: &mut Dice) -> Request {
    let (new, again) = (dice.password(), dice.password());
    let fields: Vec<(&str, String)> = match dice.below(4) {
        0 => vec![
            ("hostname", "ct-scanner-3".into()),
            ("ntp", "ntp1.hospital.example,ntp2.hospital.example".into()),
            ("ip", "10.20.30.40".into()),
            ("mask", "255.255.255.0".into()),
            ("gw", "10.20.30.1".into()),
        ],
        1 => vec![
            ("ae_title", "CT_STORE".into()),
            ("peer", "PACS@10.1.2.3:11112".into()),
            ("filter", "(modality=CT)&(age>=18)".into()),
            ("path", "C:\\DICOM\\in".into()),
        ],
        2 => vec![("old_password", new), ("new_password", again.clone()), ("new_password2", again)],
        _ => vec![
            ("alarm_text", dice.note().into()),
            ("limit_low", "<50".into()),
            ("limit_high", ">120".into()),
            ("recipients", "ward3@hospital.example; it@hospital.example".into()),
            ("smtp_password", new),
        ],
    };
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", form(value))).collect();
    let target =
        dice.one(&["/settings/network", "/admin/config.cgi?page=dicom", "/setup/save", "/cgi-bin/settings"]);
    let cookie = format!("session={}; lang=de; theme=dark", dice.uuid());
    Request::new("settings", "POST", target).with("Cookie", cookie).body(FORM, body.join("&"))
}

pub(super) fn note(dice: &mut Dice) -> Request {
    let text = format!("{}\r\n{}", dice.note(), dice.note());
    match dice.below(4) {
        0 => {
            let body = json!({"patient": dice.digits(6), "note": text, "author": dice.name(), "tags": ["ward 3", "<new>"]});
            Request::new("note json", "POST", "/api/notes").body("application/json", body.to_string())
        }
        1 => {
            let html = text.replace('&', "&amp;").replace('<', "&lt;").replace("\r\n", "<br>");
            let body =
                format!("patient={}&html={}", dice.digits(6), form(&format!("<p><b>Note:</b> {html}</p>")));
            Request::new("note rich text", "POST", "/notes/save").body(FORM, body)
        }
        2 => Request::new("note text", "PUT", format!("/notes/{}.txt", dice.digits(5)))
            .body("text/plain; charset=utf-8", text),
        _ => {
            let fields = [
                ("patient_id", dice.digits(6)),
                ("title", dice.words().to_owned()),
                ("text", text),
                ("save", "1".to_owned()),
            ];
            let body: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}={}", form(value))).collect();
            Request::new("note form", "POST", "/emr/notes").body(FORM, body.join("&"))
        }
    }
}

pub(super) fn upload(dice: &mut Dice) -> Request {
    let boundary = format!("----WebKitFormBoundary{}", dice.digits(16));
    let (name, media, content): (String, &str, Vec<u8>) = match dice.below(6) {
        0 => ("Röntgen Thorax (1).dcm".into(), "application/dicom", imaging::dicom_file(dice)),
        1 => (
            "Befund_O'Brien.pdf".into(),
            "application/pdf",
            [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), dice.noise(3_000)].concat(),
        ),
        2 => (
            "export 2026-11.csv".into(),
            "text/csv",
            format!("name;value\r\n\"{}\";<5\r\n", dice.name()).into_bytes(),
        ),
        3 => (
            "wound & dressing.jpg".into(),
            "image/jpeg",
            [vec![0xff, 0xd8, 0xff, 0xe0], dice.noise(4_000)].concat(),
        ),
        4 => ("notes.txt".into(), "text/plain", dice.note().as_bytes().to_vec()),
        _ => ("firmware_v2.3.1.bin".into(), "application/octet-stream", dice.noise(6_000)),
    };
    let note = dice.note();
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\n{note}\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {media}\r\n\r\n"
    )
    .into_bytes();
    body.extend(content);
    body.extend(format!("\r\n--{boundary}--\r\n").as_bytes());
    let target = dice.one(&["/upload", "/api/documents", "/instances", "/admin/firmware"]);
    Request::new(format!("upload {media}"), "POST", target)
        .body(&format!("multipart/form-data; boundary={boundary}"), body)
}

pub(super) fn page(dice: &mut Dice) -> Request {
    let word = dice.words();
    let name = dice.name();
    let target = match dice.below(10) {
        0 => "/".to_owned(),
        1 => format!("/search?q={}&page={}", form(word), dice.below(9)),
        2 => format!("/patients/{}/chart?tab=labs&from={}&to=now", dice.digits(6), dice.date()),
        3 => format!("/patients?name={}&sort=-admitted&filter%5Bward%5D=3", form(name)),
        4 => "/static/js/app.3f2a1b.min.js?v=2.3.1".to_owned(),
        5 => format!("/files/{}.pdf?download=true", percent(word)),
        6 => "/viewer/?url=http%3A%2F%2Fpacs.hospital.example%2Fdicom-web&study=1.2.840.1".to_owned(),
        7 => "/cgi-bin/status.cgi?cmd=get&item=temp".to_owned(),
        8 => format!("/api/v1/devices?model={}&$filter=status%20eq%20'ok'&$top=50", form(word)),
        _ => format!("/reports/daily?date={}&format=csv&columns=name,value,unit", dice.date()),
    };
    let request = Request::new("page", "GET", target).with("Accept-Language", "de-DE,de;q=0.8,en;q=0.5");
    if dice.chance(50) {
        request.with("Cookie", format!("JSESSIONID={}; prefs=a|b|c", dice.digits(20)))
    } else {
        request
    }
}
