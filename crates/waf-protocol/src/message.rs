//! The nouns of the exchange.

/// The version of the protocol. Proxy and judge of different versions do not work together.
pub const VERSION: u32 = 1;

/// Rules named in one verdict; what fires beyond is counted.
pub const MATCH_LIMIT: usize = 200;

/// The variable of a transaction (collection `TX`) that holds the key of the site.
pub const SITE_VARIABLE: &str = "bedrail_site";

/// The variable that is `1` where the judge sees only the first part of a request's body.
pub const PARTIAL_VARIABLE: &str = "bedrail_partial";

/// What a judge says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// [`VERSION`] of the judge.
    pub version: u32,
    /// The engine and its version, in its own words.
    pub engine: String,
    /// The name of the rule set, as given when it was started.
    pub rule_set: String,
    /// Rules loaded.
    pub rules: u32,
    /// Process id.
    pub pid: u32,
}

/// One end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// An IP address as text.
    pub address: String,
    /// The port.
    pub port: u16,
}

/// A request to be judged: what the device would get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Variables of the transaction, set before the first rule: the site, its paranoia level, its thresholds. No client can set them.
    pub variables: Vec<(String, String)>,
    /// Go on after a rule wants to interrupt, so that all findings are known (mode detect).
    pub go_on: bool,
    /// The answer of the device will follow; the transaction is kept for it.
    pub answer_follows: bool,
    /// Who sends it, by trusted proxies.
    pub client: Side,
    /// Where it came in.
    pub server: Side,
    /// Method.
    pub method: Vec<u8>,
    /// Target as written, query included.
    pub target: Vec<u8>,
    /// `1.0`, `1.1` or `2.0`.
    pub http_version: String,
    /// Headers in their order and spelling.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Body, inflated, or its first part.
    pub body: Vec<u8>,
}

/// What the device answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// `HTTP/1.1`.
    pub protocol: String,
    /// Headers in their order and spelling.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Body or its first part; empty where it is of no inspected type.
    pub body: Vec<u8>,
}

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The first rule that wanted to interrupt, if any did.
    pub interruption: Option<Interruption>,
    /// Anomaly score of the request (Core Rule Set, blocking score).
    pub inbound_score: u32,
    /// Anomaly score of the answer.
    pub outbound_score: u32,
    /// Rules that fired and log, in their order.
    pub matches: Vec<Match>,
    /// Rules that fired beyond [`MATCH_LIMIT`].
    pub more_matches: u32,
    /// Time in the engine, in microseconds.
    pub micros: u64,
}

/// A rule wants the transaction to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// The status that it wants to answer with.
    pub status: u16,
    /// The phase: 1 request head, 2 request body, 3 answer's head, 4 answer's body, 5 logging.
    pub phase: u8,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The rule's number.
    pub id: u32,
    /// Its phase, 1 to 5.
    pub phase: u8,
    /// Its severity, 0 emergency to 7 debug; 255 where it names none.
    pub severity: u8,
    /// Whether this rule itself interrupts.
    pub disruptive: bool,
    /// What it says of itself.
    pub message: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// The variable that matched, such as `ARGS:q`. The name of a parameter is the client's word: odd characters are left out.
    pub variable: String,
    /// The shape of the value: letters as `a`, digits as `0`, other signs kept, repetition dropped. The value itself stays in the judge.
    pub shape: String,
}

/// A judge cannot judge this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why, for the log.
    pub reason: String,
}
