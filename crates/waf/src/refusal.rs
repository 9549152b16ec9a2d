//! What is refused before a judge sees it: requests that could be read in more than one way, and those beyond a limit.

/// Why a request was refused, or an answer not handed on. Each has a row in [`REFUSALS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A line of the head ends with LF alone.
    BareLf,
    /// CR without LF.
    BareCr,
    /// A header goes on in the next line.
    ObsFold,
    /// White space before the colon, or a name that is no token.
    HeaderName,
    /// A control byte in a header's value.
    HeaderValue,
    /// A request line that is none.
    RequestLine,
    /// An HTTP version that is not read.
    Version,
    /// `CONNECT`.
    Method,
    /// Content-Length and Transfer-Encoding.
    BothLengths,
    /// More than one Content-Length, or one that is no number.
    Length,
    /// A transfer coding other than `chunked` alone, or with HTTP/1.0.
    Coding,
    /// A chunk that is not as RFC 9112 §7.1 says.
    Chunk,
    /// `Connection` names a header that frames, routes or identifies.
    ConnectionNames,
    /// A header whose name a device may take for one that frames or routes (`_` for `-`).
    Lookalike,
    /// No host, several, or one that is none.
    Host,
    /// The target names another host than the header.
    OtherHost,
    /// TLS was opened for another name.
    OtherName,
    /// The head is larger than allowed.
    HeadTooLarge,
    /// More headers than allowed.
    TooManyHeaders,
    /// The body is larger than allowed.
    BodyTooLarge,
    /// The head did not come in time.
    SlowHead,
    /// The body did not come in time.
    SlowBody,
    /// The body ended before its length.
    BodyCut,
    /// More connections of one client than allowed.
    Connections,
    /// The body expands beyond the limits.
    Expands,
    /// The body is coded in a way that cannot be looked into.
    BodyCoding,
    /// The device's answer can be read in two ways.
    Answer,
    /// The device's answer is shorter or longer than it says.
    AnswerLength,
    /// No verdict, and the site is to be closed then.
    NoVerdict,
    /// A message through a WebSocket is longer than allowed.
    WebSocketMessage,
    /// More messages a second through a WebSocket than allowed.
    WebSocketRate,
    /// A client sent through a WebSocket what is no frame.
    WebSocketFrame,
    /// The first part of a body was judged, the rest streamed.
    PartlyJudged,
    /// The request was forwarded without a verdict.
    NotJudged,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The number of the rule in events. 70,001 to 70,999 of the range that ModSecurity leaves to local rules.
    pub rule: u32,
    /// The status that the client gets.
    pub status: u16,
    /// Severity as rules have it (RFC 5424 §6.2.1): 2 critical, 4 warning, 5 notice.
    pub severity: u8,
    /// What the event says.
    pub message: &'static str,
}

const fn row(reason: Reason, rule: u32, status: u16, severity: u8, message: &'static str) -> Refusal {
    Refusal { reason, rule, status, severity, message }
}

/// Every refusal.
pub const REFUSALS: &[Refusal] = &[
    // RFC 9112 §2.2: a recipient may take a single LF for a line's end; where one does and the other does not, requests hide.
    row(Reason::BareLf, 70_001, 400, 2, "Request smuggling: a line ends without CR"),
    row(Reason::BareCr, 70_002, 400, 2, "Request smuggling: CR without LF"),
    // RFC 9112 §5.2.
    row(Reason::ObsFold, 70_003, 400, 2, "Request smuggling: a folded header"),
    // RFC 9112 §5.1: no white space before the colon.
    row(Reason::HeaderName, 70_004, 400, 2, "Request smuggling: a header's name is no token"),
    // RFC 9110 §5.5.
    row(Reason::HeaderValue, 70_005, 400, 2, "A control byte in a header"),
    row(Reason::RequestLine, 70_006, 400, 4, "A request line that is none"),
    row(Reason::Version, 70_007, 505, 4, "An HTTP version that is not read"),
    row(Reason::Method, 70_008, 405, 4, "CONNECT to a device"),
    // RFC 9112 §6.3, item 3.
    row(Reason::BothLengths, 70_009, 400, 2, "Request smuggling: Content-Length and Transfer-Encoding"),
    // RFC 9112 §6.3, item 5.
    row(Reason::Length, 70_010, 400, 2, "Request smuggling: Content-Length is no single number"),
    // RFC 9112 §6.1.
    row(Reason::Coding, 70_011, 501, 2, "Request smuggling: a transfer coding that is not understood"),
    // RFC 9112 §7.1.
    row(Reason::Chunk, 70_012, 400, 2, "Request smuggling: a chunk that is none"),
    // RFC 9110 §7.6.1.
    row(Reason::ConnectionNames, 70_013, 400, 2, "Request smuggling: Connection names a header that matters"),
    row(Reason::Lookalike, 70_014, 400, 2, "Request smuggling: a header that may be taken for another"),
    // RFC 9112 §3.2.
    row(Reason::Host, 70_015, 400, 4, "No host, several, or one that is none"),
    row(Reason::OtherHost, 70_016, 400, 2, "The target names another host"),
    // RFC 9110 §15.5.20.
    row(Reason::OtherName, 70_017, 421, 4, "No site of this name here"),
    row(Reason::HeadTooLarge, 70_018, 431, 4, "The head is larger than allowed"),
    row(Reason::TooManyHeaders, 70_019, 431, 4, "More headers than allowed"),
    row(Reason::BodyTooLarge, 70_020, 413, 4, "The body is larger than allowed"),
    row(Reason::SlowHead, 70_021, 408, 4, "The head did not come in time"),
    row(Reason::SlowBody, 70_022, 408, 4, "The body did not come in time"),
    row(Reason::BodyCut, 70_023, 400, 5, "The body ended before its length"),
    row(Reason::Connections, 70_024, 503, 4, "More connections of one client than allowed"),
    row(Reason::Expands, 70_025, 413, 2, "The body expands beyond the limits"),
    row(Reason::BodyCoding, 70_026, 415, 4, "The body is coded in a way that is not looked into"),
    row(Reason::Answer, 70_030, 502, 2, "The device's answer can be read in two ways"),
    row(Reason::AnswerLength, 70_031, 502, 4, "The device's answer is not as long as it says"),
    // RFC 6455 §7.4.1: 1009, 1008, 1002. The request itself was answered with 101.
    row(Reason::WebSocketMessage, 70_050, 101, 4, "A WebSocket message is longer than allowed"),
    row(Reason::WebSocketRate, 70_051, 101, 4, "More WebSocket messages a second than allowed"),
    row(Reason::WebSocketFrame, 70_052, 101, 4, "A WebSocket frame that is none"),
    row(Reason::NoVerdict, 70_040, 503, 4, "No verdict: refused, as the site is set"),
    row(Reason::PartlyJudged, 70_041, 200, 5, "Only the first part of the body was judged"),
    row(Reason::NotJudged, 70_042, 200, 4, "No verdict: forwarded, as the site is set"),
];

impl Reason {
    /// Its row.
    pub fn row(self) -> &'static Refusal {
        REFUSALS.iter().find(|it| it.reason == self).unwrap_or(&REFUSALS[5])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{REFUSALS, Reason};

    #[test]
    fn rows_are_told_apart() {
        let rules: BTreeSet<u32> = REFUSALS.iter().map(|it| it.rule).collect();
        let messages: BTreeSet<&str> = REFUSALS.iter().map(|it| it.message).collect();
        assert_eq!((rules.len(), messages.len()), (REFUSALS.len(), REFUSALS.len()));
        assert!(rules.iter().all(|it| (70_001..71_000).contains(it)));
        // The last of the list is the last of the enum, and every one before has a row of its own.
        let reasons: BTreeSet<u8> = REFUSALS.iter().map(|it| it.reason as u8).collect();
        assert_eq!(reasons.len(), Reason::NotJudged as usize + 1);
    }
}
