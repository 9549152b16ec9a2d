//! Typed identifiers: one type per kind of record, so that a device id never stands where a release id belongs.
//!
//! Ids made by us are UUID version 7 (RFC 9562 §5.7), so they sort by time of making. Ids of content that is equal
//! wherever it is seen (a software identity, the parsed content of an SBOM) are UUID version 8 over a SHA-256.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// Text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id (expected a UUID such as 0190b6a2-7c1e-7000-8000-000000000000)")]
pub struct InvalidId(String);

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh id, unique and later in order than the ones made before.
            pub fn generate() -> Self { Self(Uuid::now_v7()) }
            /// The id that these first 16 bytes of a digest name: equal content, equal id.
            pub fn from_digest(digest: [u8; 16]) -> Self { Self(Uuid::new_v8(digest)) }
            /// The id as a UUID, for the database.
            pub const fn uuid(self) -> Uuid { self.0 }
            /// The id from a UUID, as the database holds it.
            pub const fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId(text.to_owned()))
            }
        }
    )+};
}

id! {
    /// An organisation: a hospital, a clinic, a maker. Nothing crosses from one to another.
    OrgId;
    /// A person's account. Accounts stand outside organisations.
    AccountId;
    /// An invitation to become a member of an organisation.
    InvitationId;
    /// A token of a program.
    TokenId;
    /// A site of an organisation: a campus, a building, a practice.
    SiteId;
    /// A release of a product: maker, model and version.
    ReleaseId;
    /// A configuration class: a release with the match-relevant facts of devices (operating system, options).
    ClassId;
    /// A single device.
    DeviceId;
    /// A document as received.
    DocumentId;
    /// The parsed content of an SBOM; equal SBOMs share it (version 8).
    ContentId;
    /// A software identity: ecosystem, name, version and identifiers of a component (version 8).
    SoftwareId;
    /// An advisory about named products: its publisher's namespace and its id there (version 8).
    ProductAdvisoryId;
    /// A document of statements on weaknesses (VEX).
    VexDocumentId;
    /// A statement of such a document.
    VexStatementId;
    /// A vendor of the organisation.
    VendorId;
    /// An agreement with a vendor.
    AgreementId;
    /// A request to a maker of devices.
    VendorRequestId;
    /// An entry of a register of the Privacy Rule.
    RegisterEntryId;
    /// What an adviser wrote down with a client.
    ClientNoteId;
    /// The products that make up a device; equal ones share it (version 8).
    PlatformId;
    /// A finding: a configuration class and a weakness.
    FindingId;
    /// What was decided on a weakness.
    DecisionId;
    /// Something that is to be done.
    ActionId;
    /// An incident.
    IncidentId;
    /// A web application firewall, as it was registered.
    FirewallId;
    /// A document that shows that a requirement of the programme is met.
    ProofId;
    /// A decision on an addressable specification of the programme.
    ProgrammeDecisionId;
    /// A campaign against one weakness.
    CampaignId;
    /// A fact that somebody was asked for and answered.
    FactId;
    /// A physical or media fact that somebody wrote down.
    WrittenFactId;
    /// An answer of the self-assessment.
    SelfAnswerId;
    /// A file with evidence of exposure.
    ExposureImportId;
    /// An entry of the audit log.
    AuditId;
    /// A background job.
    JobId;
    /// A notice.
    NoticeId;
    /// Where alerts come from.
    AlertSourceId;
    /// A file of alerts that was read.
    AlertFileId;
    /// Events that were received at once.
    AlertSegmentId;
    /// A piece of work that alerts make.
    AlertItemId;
    /// What happened to a piece of work.
    AlertStepId;
    /// A written policy that closes such pieces of work.
    AlertPolicyId;
    /// A pause of the clocks of such a piece of work.
    AlertPauseId;
    /// A weekly duty of a person.
    AlertDutyId;
    /// An absence of a person.
    AlertAbsenceId;
    /// A member of the workforce.
    WorkerId;
    /// Something that is asked of members of the workforce.
    DutyId;
    /// A policy.
    PolicyId;
    /// An attempt at the quiz of a course.
    AttemptId;
}
