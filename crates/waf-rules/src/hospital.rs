//! The exclusions of the hospital profile as a table, and the requests that prove each row: one that passes now, and one
//! with an attack at the same place that is still stopped.

use crate::request::Request;

const TABLE: &str = include_str!("../rules/hospital/exclusions.csv");

/// One exclusion: rules that do not look at a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Ids of rules of the Core Rule Set.
    pub rules: Vec<u32>,
    /// Where they do not look, as ModSecurity names it; several parted by `|`.
    pub target: String,
    /// Our rules that look there instead; none where what is excluded can do no harm.
    pub guards: Vec<u32>,
    /// Why.
    pub reason: String,
    /// The rule of ours that makes the exclusion for requests of one shape only. `None`: it holds for all.
    pub made_by: Option<u32>,
    /// A request that passes.
    pub passes: Request,
    /// A request with an attack at the same place, which is stopped.
    pub stopped: Request,
}

/// A row that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("exclusions.csv, line {line}: {reason}")]
pub struct RowError {
    /// The line, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// The rows of the table.
///
/// # Errors
/// [`RowError`] with its line, which a test rules out.
pub fn exclusions() -> Result<Vec<Exclusion>, RowError> {
    let lines = TABLE.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty());
    lines.map(|(index, line)| read(line).map_err(|reason| RowError { line: index + 1, reason })).collect()
}

fn read(line: &str) -> Result<Exclusion, String> {
    let fields = fields(line);
    let [rules, target, guards, reason, passes, stopped] = fields.as_slice() else {
        return Err(format!("{} fields in place of 6", fields.len()));
    };
    let ids = |text: &str| -> Result<Vec<u32>, String> {
        let words = text.split_whitespace().filter(|word| *word != "-");
        words.map(|word| word.parse().map_err(|_| format!("`{word}` is no rule id"))).collect()
    };
    let made_by = reason.rsplit_once('(').and_then(|(_, end)| end.trim_end_matches(')').parse().ok());
    Ok(Exclusion {
        rules: ids(rules)?,
        target: target.clone(),
        guards: ids(guards)?,
        reason: reason.clone(),
        made_by,
        passes: request(passes)?,
        stopped: request(stopped)?,
    })
}

/// Fields of one line of CSV (RFC 4180, 2).
fn fields(line: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut quoted, mut after_quote) = (false, false);
    for c in line.chars() {
        let last = all.len() - 1;
        match c {
            '"' if quoted => (quoted, after_quote) = (false, true),
            '"' if after_quote => {
                all[last].push('"');
                (quoted, after_quote) = (true, false);
            }
            '"' => quoted = true,
            ',' if !quoted => {
                all.push(String::new());
                after_quote = false;
            }
            _ => all[last].push(c),
        }
    }
    all
}

/// A request in one line: `METHOD TARGET [MEDIA BODY]`, `@upload NAME` for a form with a file, `@accept VALUE` for a header.
/// `§` stands for a blank in the media type, and for a line end in the body of a multipart message.
fn request(text: &str) -> Result<Request, String> {
    if let Some(name) = text.strip_prefix("@upload ") {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--b--\r\n"
        );
        let request = Request::new(text, "POST", "/upload");
        return Ok(request.body("multipart/form-data; boundary=b", body));
    }
    if let Some(accept) = text.strip_prefix("@accept ") {
        return Ok(Request::new(text, "GET", "/dicom-web/studies/1.2.3").with("Accept", accept));
    }
    let mut words = text.splitn(4, ' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(format!("`{text}` is no request"));
    };
    let request = Request::new(text, method, target);
    match (words.next(), words.next()) {
        (Some(media), Some(body)) => {
            let body =
                if media.starts_with("multipart/") { body.replace('§', "\r\n") } else { body.to_owned() };
            Ok(request.body(&media.replace('§', " "), body))
        }
        _ => Ok(request),
    }
}

/// The directives of the rows that hold for all requests.
pub fn directives(rows: &[Exclusion]) -> String {
    let mut text = String::from(
        "# Hospital profile, part 6: made of exclusions.csv, where each row has its reason and its tests.\n\n",
    );
    for row in rows.iter().filter(|row| row.made_by.is_none()) {
        let targets: Vec<String> = row.target.split('|').map(without).collect();
        for rule in &row.rules {
            text.push_str(&format!("SecRuleUpdateTargetById {rule} \"{}\"\n", targets.join("|")));
        }
    }
    text
}

/// A target taken away. Attributes of some elements are taken away by looking at those of all others.
fn without(target: &str) -> String {
    let condition = target.strip_prefix("XML://*[").and_then(|rest| rest.strip_suffix("]/@*"));
    match condition {
        Some(condition) => format!("!XML://@*|XML://*[not({condition})]/@*"),
        None => format!("!{target}"),
    }
}
