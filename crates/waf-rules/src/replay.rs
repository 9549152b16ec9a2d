//! Requests before a judge, for the stage of tests: what would this rule set do?

use std::path::Path;
use std::time::Duration;

use bedrail_waf_protocol::{Client, ProtocolError, Side, message};

use crate::difference::Outcome;
use crate::request::Request;

/// Has requests judged, one after the other. A request that the judge fails on has no verdict; when the judge is gone, so have
/// all that follow.
///
/// # Errors
/// [`ProtocolError`] when there is no judge to begin with.
pub fn replay(
    socket: &Path,
    site: &str,
    requests: &[Request],
    timeout: Duration,
) -> Result<Vec<Outcome>, ProtocolError> {
    let mut client = Client::connect(socket, timeout)?;
    let mut gone = false;
    let one = |request: &Request| {
        let none = Outcome { stopped: None, rules: Vec::new(), micros: 0 };
        if gone {
            return none;
        }
        match client.judge(to_judge(request, site)) {
            Ok(Ok(verdict)) => Outcome {
                stopped: Some(verdict.interruption.is_some()),
                rules: verdict.matches.iter().map(|found| found.id).collect(),
                micros: verdict.micros,
            },
            Ok(Err(_)) => none,
            Err(_) => {
                gone = true;
                none
            }
        }
    };
    Ok(requests.iter().map(one).collect())
}

fn to_judge(request: &Request, site: &str) -> message::Request {
    let bytes = |text: &String| text.clone().into_bytes();
    message::Request {
        variables: vec![
            (message::SITE_VARIABLE.to_owned(), site.to_owned()),
            (message::PARTIAL_VARIABLE.to_owned(), "0".to_owned()),
        ],
        go_on: false,
        answer_follows: false,
        client: Side { address: "192.0.2.1".to_owned(), port: 40_000 },
        server: Side { address: "192.0.2.2".to_owned(), port: 80 },
        method: bytes(&request.method),
        target: bytes(&request.target),
        http_version: "1.1".to_owned(),
        headers: request.headers.iter().map(|(name, value)| (bytes(name), bytes(value))).collect(),
        body: request.body.clone(),
    }
}
