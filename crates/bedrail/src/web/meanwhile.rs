//! The page for who saved a form that showed an old state: what they want, what stands there now, and two ways on.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bedrail_app::seen::{Clash, Seen, Stale};

use super::assets;
use super::error::{Failure, OwnPage};
use super::form::{Submission, TOKEN_FIELD};
use super::frame::Frame;
use super::pages::show;

/// The hidden field that carries the version of the record that a form shows.
const VERSION_FIELD: &str = "version";
/// The field of a form that holds what is never shown again.
const SECRET_FIELD: &str = "secret";

#[derive(Template)]
#[template(path = "meanwhile.html")]
struct MeanwhilePage {
    frame: Frame,
    what: String,
    clashes: Vec<Clash>,
    /// Where the record is shown.
    look: String,
    /// Where the form goes.
    action: String,
    version: String,
    /// The form's fields, to send them once more; none where it held a secret, which is not repeated.
    fields: Vec<(String, String)>,
    secret: bool,
}

/// The state that a form was made from.
pub(crate) fn seen(form: &Submission) -> Seen {
    Seen::Version(vec![form.verbatim(VERSION_FIELD).to_owned()])
}

/// What a form answers that was made from an old state of a record, which is shown at `look`.
pub(crate) fn page(form: &Submission, action: &str, look: &str, stale: Stale) -> Result<Response, Failure> {
    let page = view(form.frame(action), form.all(), (action, look), stale);
    Ok((StatusCode::CONFLICT, OwnPage, show(&page)?).into_response())
}

fn view(
    frame: Frame,
    fields: &[(String, String)],
    (action, look): (&str, &str),
    stale: Stale,
) -> MeanwhilePage {
    let secret = fields.iter().any(|(name, value)| name == SECRET_FIELD && !value.is_empty());
    let ours = [TOKEN_FIELD, VERSION_FIELD, SECRET_FIELD];
    let fields = fields.iter().filter(|(name, _)| !ours.contains(&name.as_str())).cloned().collect();
    MeanwhilePage {
        frame,
        what: stale.what,
        clashes: stale.clashes,
        look: look.to_owned(),
        action: action.to_owned(),
        version: stale.version,
        fields,
        secret,
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> super::pages::Page {
    use super::sample;
    let clash = |field, wanted: &str, present: &str| Clash {
        field,
        wanted: wanted.to_owned(),
        present: present.to_owned(),
    };
    let stale = Stale {
        what: format!("the membership of {}", sample::HOSTILE),
        version: "0a1b2c".into(),
        clashes: vec![
            clash("roles", "engineer", "analyst, compliance"),
            clash("valid until", "", sample::HOSTILE),
        ],
    };
    let fields =
        [("role.engineer".to_owned(), "1".to_owned()), ("makers".to_owned(), sample::HOSTILE.to_owned())];
    show(&view(sample::frame("/people"), &fields, ("/people/1", "/people/1"), stale))
}
