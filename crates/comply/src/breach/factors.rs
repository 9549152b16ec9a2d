//! The four factors (45 CFR 164.402(2)), and what the assets involved say of each. Pre-filled text is evidence for whoever
//! decides; it decides nothing.

/// One of the four factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Factor {
    /// What was involved, and how easily somebody is recognised by it.
    Nature,
    /// Who used it or got it.
    Recipient,
    /// Whether it was acquired or viewed.
    AcquiredOrViewed,
    /// How far the risk was reduced.
    Mitigation,
}

/// All factors with their question, in the order of the rule.
pub const FACTORS: [(Factor, &str); 4] = [
    (
        Factor::Nature,
        "Which identifiers and clinical details were involved, and how easily can a person be re-identified?",
    ),
    (Factor::Recipient, "Who used it or received it, and are they bound to protect it?"),
    (Factor::AcquiredOrViewed, "Was it actually taken or looked at, or only exposed?"),
    (Factor::Mitigation, "How far has the risk been reduced, for example by assured return or destruction?"),
];

/// What is known of an asset that was involved. `None` is "not known", and is said as that.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AssetEvidence {
    /// Its name or serial number; never a patient's.
    pub name: String,
    /// Where this comes from: device list, MDS2, a person.
    pub source: String,
    /// Whether it stores or shows PHI.
    pub holds_phi: Option<bool>,
    /// How many patient records are on it.
    pub records: Option<u64>,
    /// Whether what it stores is encrypted.
    pub encrypted: Option<bool>,
    /// Whether the key could have been got with it.
    pub key_exposed: Option<bool>,
    /// Whether it could be reached from outside in the window.
    pub exposed: Option<bool>,
    /// Whether it keeps logs of who got at it.
    pub logs: Option<bool>,
    /// Whether logs show data going out in the window.
    pub egress_seen: Option<bool>,
    /// Whether a certificate of wiping or return is there.
    pub returned_or_wiped: Option<bool>,
}

/// What an asset says of a factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefilled {
    /// Of which factor.
    pub factor: Factor,
    /// The sentence.
    pub text: String,
    /// Where it comes from.
    pub source: String,
}

/// What the assets involved say of the factors, by factor.
pub fn prefill(assets: &[AssetEvidence]) -> Vec<Prefilled> {
    let mut all = Vec::new();
    for asset in assets {
        for (factor, text) in of_asset(asset) {
            all.push(Prefilled {
                factor,
                text: format!("{}: {text}", asset.name),
                source: asset.source.clone(),
            });
        }
    }
    all.sort_by_key(|it| it.factor);
    all
}

/// The words for yes, for no, and for not known.
type Words = [&'static str; 3];

fn said(answer: Option<bool>, [yes, no, unknown]: Words) -> &'static str {
    match answer {
        Some(true) => yes,
        Some(false) => no,
        None => unknown,
    }
}

fn of_asset(asset: &AssetEvidence) -> Vec<(Factor, String)> {
    let records = match asset.records {
        Some(count) => format!("{count} patient records on it"),
        None => "how many patient records are on it is not known".to_owned(),
    };
    let holds = said(
        asset.holds_phi,
        ["stores or shows PHI", "stores and shows no PHI", "whether it stores or shows PHI is not known"],
    );
    let encrypted = said(
        asset.encrypted,
        [
            "what it stores is encrypted",
            "what it stores is not encrypted",
            "whether it encrypts is not known",
        ],
    );
    let key = said(
        asset.key_exposed,
        [
            "the key could have been got with it",
            "the key was kept apart",
            "whether the key was kept apart is not known",
        ],
    );
    let exposed = said(
        asset.exposed,
        [
            "it could be reached from outside",
            "it could not be reached from outside",
            "whether it could be reached from outside is not known",
        ],
    );
    let egress = match (asset.logs, asset.egress_seen) {
        (_, Some(true)) => "logs show data going out in the window",
        (Some(true), Some(false)) => "logs of the window show no data going out",
        // Nothing seen where nothing is written down says nothing.
        (Some(false), _) => "it keeps no logs, so nothing shows whether data went out",
        (None, Some(false)) => "no data was seen going out, but whether it keeps logs is not known",
        (_, None) => "whether data went out is not known",
    };
    let returned = said(
        asset.returned_or_wiped,
        [
            "a certificate of wiping or return is there",
            "no certificate of wiping or return",
            "whether it was wiped or returned is not known",
        ],
    );
    vec![
        (Factor::Nature, format!("{holds}; {records}")),
        (Factor::Recipient, exposed.to_owned()),
        (Factor::AcquiredOrViewed, egress.to_owned()),
        (Factor::AcquiredOrViewed, format!("{encrypted}; {key}")),
        (Factor::Mitigation, returned.to_owned()),
    ]
}
