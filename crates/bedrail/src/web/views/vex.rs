//! Statements of others on weaknesses in products.

use bedrail_app::vex::{IdleUse, Issuer, Otherwise, Spoken, StatementRow, VexReceipt};
use bedrail_model::vex::Product;
use serde::Serialize;
use utoipa::ToSchema;

/// A statement, and what it says of our releases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatementView {
    /// Id.
    pub(crate) id: String,
    /// The id that we call the weakness by.
    pub(crate) weakness: String,
    /// The ids that the statement has.
    pub(crate) ids: Vec<String>,
    /// `affected`, `not_affected`, `fixed` or `under_investigation`.
    pub(crate) status: String,
    /// Why it is not affected, in OpenVEX's word.
    pub(crate) justification: Option<String>,
    /// The document's own word for why, where it is none of those.
    pub(crate) reason: Option<String>,
    /// Why it is not affected, in words; untrusted.
    pub(crate) impact: Option<String>,
    /// What to do, in words; untrusted.
    pub(crate) action: Option<String>,
    /// How the status was found, in words; untrusted.
    pub(crate) notes: Option<String>,
    /// `proposed`, `unclear`, `in_force`, `unpinned`, `unmatched`, `lapsed`, `declined` or `replaced`.
    pub(crate) standing: String,
    /// What it lacks, in a clause.
    pub(crate) lapse: Option<String>,
    /// The issuer, as the document names it; untrusted.
    pub(crate) issuer: String,
    /// What the issuer is pinned by.
    pub(crate) issuer_key: String,
    /// Whether the issuer is pinned by a key that did not sign the document; it counts for nothing then.
    pub(crate) unsigned: bool,
    /// The issuer's id of the document.
    pub(crate) document: String,
    /// Id of the original as received.
    pub(crate) original: String,
    /// Format and version.
    pub(crate) format: String,
    /// Where it stands in the document.
    pub(crate) place: String,
    /// The mark of confidentiality; empty for none.
    pub(crate) tlp: String,
    /// When it was received.
    pub(crate) added: String,
    /// The products that it names.
    pub(crate) products: Vec<String>,
    /// What it says of our releases.
    pub(crate) spoken: Vec<SpokenView>,
    /// Statements that say otherwise.
    pub(crate) otherwise: Vec<OtherwiseView>,
    /// What was accepted of it and does nothing any more, or stands on nothing.
    pub(crate) idle: Vec<IdleView>,
}

/// What was accepted of a statement on a release, and is unused or expired.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IdleView {
    /// Id of the release.
    pub(crate) release: String,
    /// Maker, model and version.
    pub(crate) release_name: String,
    /// Id of the decision in force.
    pub(crate) decision: String,
    /// `unused` or `expired`.
    #[serde(rename = "use")]
    pub(crate) in_use: String,
    /// `no_device`, `no_finding`, `nothing_spoken_of`, `replaced`, `declined` or `unpinned`.
    pub(crate) reason: String,
    /// The reason in a clause.
    pub(crate) why: String,
}

impl From<&IdleUse> for IdleView {
    fn from(it: &IdleUse) -> IdleView {
        IdleView {
            release: it.release.to_string(),
            release_name: it.release_name.clone(),
            decision: it.decision.to_string(),
            in_use: if it.why.is_unused() { "unused" } else { "expired" }.to_owned(),
            reason: it.why.code().to_owned(),
            why: it.why.sentence().to_owned(),
        }
    }
}

/// What a statement says of a release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpokenView {
    /// Id of the release.
    pub(crate) release: String,
    /// Maker, model and version.
    pub(crate) release_name: String,
    /// Devices that run it.
    pub(crate) devices: u64,
    /// `yes` or `cannot_tell`.
    pub(crate) speaks: String,
    /// Stable code of the reason.
    pub(crate) reason: String,
    /// The reason in a clause.
    pub(crate) why: String,
    /// Components that it speaks of; none for the release as a whole.
    pub(crate) components: Vec<String>,
    /// Our own answer: `affected` or `cannot_tell`; none where no finding is open.
    pub(crate) finding: Option<String>,
    /// Whether the issuer was pinned for this maker.
    pub(crate) pinned: bool,
    /// Why a named person has to accept it, in clauses.
    pub(crate) needs: Vec<String>,
    /// Id of the decision in force that it was accepted by.
    pub(crate) decision: Option<String>,
}

/// A statement that says otherwise.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OtherwiseView {
    /// Its id.
    pub(crate) statement: String,
    /// Its issuer.
    pub(crate) issuer: String,
    /// What it says.
    pub(crate) status: String,
    /// Of which release.
    pub(crate) release_name: String,
}

impl From<&StatementRow> for StatementView {
    fn from(row: &StatementRow) -> StatementView {
        let said = &row.statement;
        StatementView {
            id: row.id.to_string(),
            weakness: row.weakness.clone(),
            ids: said.weaknesses.clone(),
            status: said.status.name().to_owned(),
            justification: said.justification.map(|it| it.name().to_owned()),
            reason: said.reason.clone(),
            impact: said.impact.clone(),
            action: said.action.clone(),
            notes: said.notes.clone(),
            standing: row.standing.code().to_owned(),
            lapse: row.lapse.map(|it| it.sentence().to_owned()),
            issuer: row.issuer.clone(),
            issuer_key: row.issuer_key.clone(),
            unsigned: row.unsigned,
            document: row.document_name.clone(),
            original: row.original.to_string(),
            format: row.format.clone(),
            place: said.place.clone(),
            tlp: row.tlp.clone(),
            added: row.added.to_string(),
            products: said.products.iter().map(product).collect(),
            spoken: row.spoken.iter().map(SpokenView::from).collect(),
            otherwise: row.otherwise.iter().map(OtherwiseView::from).collect(),
            idle: row.idle.iter().map(IdleView::from).collect(),
        }
    }
}

/// A product with its parts, in words.
fn product(product: &Product) -> String {
    let parts: Vec<String> = product.parts.iter().map(Product::words).collect();
    if parts.is_empty() { product.words() } else { format!("{}: {}", product.words(), parts.join(", ")) }
}

impl From<&Spoken> for SpokenView {
    fn from(it: &Spoken) -> SpokenView {
        SpokenView {
            release: it.release.to_string(),
            release_name: it.release_name.clone(),
            devices: it.devices,
            speaks: it.speaks.code().to_owned(),
            reason: it.why.code().to_owned(),
            why: it.why.sentence(),
            components: it.components.clone(),
            finding: it.finding.map(|it| it.code().to_owned()),
            pinned: it.pinned,
            needs: it.needs.iter().map(|it| it.sentence().to_owned()).collect(),
            decision: it.decision.map(|it| it.to_string()),
        }
    }
}

impl From<&Otherwise> for OtherwiseView {
    fn from(it: &Otherwise) -> OtherwiseView {
        OtherwiseView {
            statement: it.statement.to_string(),
            issuer: it.issuer.clone(),
            status: it.status.name().to_owned(),
            release_name: it.release_name.clone(),
        }
    }
}

/// An issuer of statements.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuerView {
    /// What it is known by.
    pub(crate) key: String,
    /// How it is called; untrusted.
    pub(crate) name: String,
    /// When somebody said that its word counts; none where nobody did.
    pub(crate) pinned: Option<String>,
    /// Who said so.
    pub(crate) pinned_by: Option<String>,
    /// The makers of whose products it may speak; none for all.
    pub(crate) makers: Vec<String>,
    /// Since when its statements may be accepted without a person, where no rule asks for one.
    pub(crate) automatic: Option<String>,
    /// Who said so.
    pub(crate) automatic_by: Option<String>,
    /// The fingerprint of the key that its documents must be signed by; none where a person vouches for the way they come.
    pub(crate) signed_with: Option<String>,
    /// Documents of it that are held.
    pub(crate) documents: u64,
}

impl From<&Issuer> for IssuerView {
    fn from(it: &Issuer) -> IssuerView {
        let (pinned, pinned_by) = it.pinned.clone().map(|(at, by)| (at.to_string(), by)).unzip();
        let (automatic, automatic_by) = it.automatic.clone().map(|(at, by)| (at.to_string(), by)).unzip();
        IssuerView {
            key: it.key.clone(),
            name: it.name.clone(),
            pinned,
            pinned_by,
            makers: it.makers.clone(),
            automatic,
            automatic_by,
            signed_with: it.signed_with.clone(),
            documents: it.documents,
        }
    }
}

/// What was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VexReceiptView {
    /// Id of the document.
    pub(crate) id: String,
    /// Whether it was held already.
    pub(crate) unchanged: bool,
    /// Whether a later version of it is held, so that its statements do not count.
    pub(crate) outdated: bool,
    /// Format and version.
    pub(crate) format: String,
    /// The issuer's id of it.
    pub(crate) name: String,
    /// The issuer.
    pub(crate) issuer: String,
    /// What the issuer is pinned by.
    pub(crate) issuer_key: String,
    /// Whether it is pinned.
    pub(crate) pinned: bool,
    /// The fingerprint of the issuer's key, where it is pinned by one that signed the document.
    pub(crate) signed_by: Option<String>,
    /// Why it does not count, where the issuer is pinned by a key that is not seen to have signed it.
    pub(crate) unsigned: Option<String>,
    /// Statements in it.
    pub(crate) statements: u64,
    /// How many of them stand where.
    pub(crate) standings: Vec<StandingCount>,
    /// What was mended or lost.
    pub(crate) warnings: Vec<VexWarning>,
}

/// How many statements stand in one place.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StandingCount {
    /// `proposed`, `unclear`, …
    pub(crate) standing: String,
    /// How many.
    pub(crate) count: u64,
}

/// Something that was mended or lost in reading.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VexWarning {
    /// Where, as a JSON pointer.
    pub(crate) place: String,
    /// What.
    pub(crate) message: String,
    /// Whether something that the document says is missing.
    pub(crate) lost: bool,
}

impl From<&VexReceipt> for VexReceiptView {
    fn from(it: &VexReceipt) -> VexReceiptView {
        VexReceiptView {
            id: it.id.to_string(),
            unchanged: it.unchanged,
            outdated: it.outdated,
            format: it.format.clone(),
            name: it.name.clone(),
            issuer: it.issuer.clone(),
            issuer_key: it.issuer_key.clone(),
            pinned: it.pinned,
            signed_by: it.signed_by.clone(),
            unsigned: it.unsigned.clone(),
            statements: it.statements,
            standings: it
                .standings
                .iter()
                .map(|(standing, count)| StandingCount {
                    standing: standing.code().to_owned(),
                    count: *count,
                })
                .collect(),
            warnings: it
                .warnings
                .iter()
                .map(|it| VexWarning { place: it.place.clone(), message: it.message.clone(), lost: it.lost })
                .collect(),
        }
    }
}
