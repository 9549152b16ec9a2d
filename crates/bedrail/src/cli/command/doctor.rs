//! `bedrail doctor`: examines an installation and says what to mend.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrail_app::doctor::{self, Check, Depth, Health};
use jiff::{SignedDuration, Timestamp};

use super::session;
use crate::cli::args::{Doctor, Place, TextOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::checks;
use crate::cli::terminal::Look;
use crate::web::net::tls::Certificate;

/// A certificate that ends within this is a warning: enough for a person to come back from holiday.
const SOON: SignedDuration = SignedDuration::from_hours(21 * 24);

pub(crate) fn run(place: &Place, options: &Doctor) -> Result<Exit, Failure> {
    let settings = session::settings(place, &options.database, options.as_of.clock());
    let now = settings.clock.now();
    let depth = if options.deep { Depth::Deep } else { Depth::Usual };
    let mut found = session::block_on(async { Ok(doctor::examine(settings, depth).await) })?;
    if let (Some(chain), Some(key)) = (&options.tls_cert, &options.tls_key) {
        found.push(certificate(chain, key, now));
    }
    found.push(public(options.public_url.as_deref()));
    let mut out = BufWriter::new(io::stdout().lock());
    match options.format {
        TextOrJson::Text => checks::write_text(&found, Look::of_stdout(), &mut out)?,
        TextOrJson::Json => checks::write_json(&found, &mut out)?,
    }
    out.flush()?;
    Ok(match found.iter().map(|check| check.health).max() {
        Some(Health::Broken) => Exit::Error,
        Some(Health::Warning) => Exit::Incomplete,
        Some(Health::Fine) | None => Exit::Success,
    })
}

fn certificate(chain: &Path, key: &Path, now: Timestamp) -> Check {
    const PART: &str = "certificate";
    let certificate = match Certificate::open(chain.to_owned(), key.to_owned()) {
        Ok(certificate) => certificate,
        Err(error) => {
            return Check::broken(
                PART,
                error.to_string(),
                "bring certificate and key, which belong together",
            );
        }
    };
    let mend = "renew it; a running server takes the new files by itself";
    match certificate.expires() {
        None => Check::warning(PART, "until when it counts cannot be read", mend),
        Some(end) if end <= now => Check::broken(PART, format!("it counts no more since {end:.0}"), mend),
        Some(end) if end.duration_since(now) < SOON => {
            Check::warning(PART, format!("it counts until {end:.0}"), mend)
        }
        Some(end) => Check::fine(PART, format!("it counts until {end:.0}")),
    }
}

fn public(url: Option<&str>) -> Check {
    const PART: &str = "public_address";
    match url {
        Some(url) if url.starts_with("https://") => Check::fine(PART, url),
        Some(url) => Check::warning(PART, format!("{url} is not https"), "people must reach it over TLS"),
        None => Check::warning(
            PART,
            "the address that people use is not named here",
            "set BEDRAIL_PUBLIC_URL for `serve` and `doctor`, or --public-url",
        ),
    }
}
