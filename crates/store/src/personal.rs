//! What names a person in the audit log: names, addresses, free words. Entries hold a mark in place of such a value, which
//! is its commitment: a hash of the value with a salt of its own. The value stands in a table beside and can be erased; the
//! entry, its hash and everything that was carried away stay what they were.

use std::collections::BTreeMap;

use bedrail_model::ids::{AccountId, OrgId};
use jiff::Timestamp;
use sea_orm::QueryResult;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::audit::EntryRow;
use crate::sql::{get, id_batches, micros, values};
use crate::{Change, Error, View};

/// Bytes of a commitment.
const COMMITMENT_BYTES: usize = 32;
/// Braille patterns, one for each byte: nobody searches the log for them, so that no search finds a mark by chance.
const FIRST_SIGN: u32 = 0x2800;
const OPEN: char = '\u{27e8}';
const CLOSE: char = '\u{27e9}';
/// What people read where a value was erased.
pub const ERASED: &str = "(erased)";

/// The commitment of a value.
pub type Commitment = [u8; COMMITMENT_BYTES];

/// A value as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The salt and the value.
    Value(Vec<u8>, String),
    /// It was erased.
    Erased,
}

/// Values by their commitments.
pub type Values = BTreeMap<Commitment, Kept>;

/// SHA-256 over the organisation, the salt and the value, each with its length.
pub fn commitment(org: OrgId, salt: &[u8], value: &str) -> Commitment {
    let mut digest = Sha256::new();
    for field in [b"personal value".as_slice(), org.uuid().as_bytes(), salt, value.as_bytes()] {
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field);
    }
    digest.finalize().into()
}

/// What stands in a text in place of a value.
pub fn mark(commitment: &Commitment) -> String {
    let signs = commitment.iter().filter_map(|byte| char::from_u32(FIRST_SIGN + u32::from(*byte)));
    std::iter::once(OPEN).chain(signs).chain([CLOSE]).collect()
}

/// A text in its parts: words, and the commitments of marks.
fn parts(text: &str) -> impl Iterator<Item = Result<&str, Commitment>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((commitment, after)) = leading_mark(rest) {
            rest = after;
            return Some(Err(commitment));
        }
        // The sign that begins a mark may be a word's own: it is passed by then.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find(OPEN).map_or(rest.len(), |at| first + at);
        let (words, after) = rest.split_at(end);
        rest = after;
        Some(Ok(words))
    })
}

/// The mark that a text begins with, and what follows it.
fn leading_mark(text: &str) -> Option<(Commitment, &str)> {
    let mut signs = text.strip_prefix(OPEN)?.chars();
    let mut commitment = [0; COMMITMENT_BYTES];
    for byte in &mut commitment {
        *byte = u8::try_from(u32::from(signs.next()?).checked_sub(FIRST_SIGN)?).ok()?;
    }
    Some((commitment, signs.as_str().strip_prefix(CLOSE)?))
}

/// The commitments that a text holds.
pub fn marks(text: &str) -> impl Iterator<Item = Commitment> {
    parts(text).filter_map(Result::err)
}

/// A text as people read it.
pub fn shown(text: &str, values: &Values) -> String {
    let read = |part| match part {
        Ok(words) => words,
        Err(commitment) => match values.get(&commitment) {
            Some(Kept::Value(_, value)) => value.as_str(),
            Some(Kept::Erased) | None => ERASED,
        },
    };
    parts(text).map(read).collect()
}

/// A text in which nothing but what `known` holds is a mark: what a person types never passes for one.
pub(crate) fn only_marks_of(text: &str, known: &[Commitment]) -> String {
    let safe = |part| match part {
        Ok(words) => str::to_owned(words),
        Err(commitment) if known.contains(&commitment) => mark(&commitment),
        Err(commitment) => mark(&commitment).replace([OPEN, CLOSE], "\u{fffd}"),
    };
    parts(text).map(safe).collect()
}

/// The texts of an entry that may hold marks.
fn texts(entry: &EntryRow) -> impl Iterator<Item = &str> {
    let certain = [entry.actor.as_str(), &entry.subject, &entry.detail];
    let perhaps = [&entry.address, &entry.before, &entry.after];
    certain.into_iter().chain(perhaps.into_iter().filter_map(|text| text.as_deref()))
}

/// The commitments that an entry holds, each once. Entries from before values were kept apart hold none.
pub fn of_entry(entry: &EntryRow) -> Vec<Commitment> {
    if entry.format < crate::audit::PERSONAL_FORMAT {
        return Vec::new();
    }
    let mut found: Vec<Commitment> = texts(entry).flat_map(marks).collect();
    found.sort_unstable();
    found.dedup();
    found
}

const FIND: &str = "SELECT commitment FROM personal_value WHERE org_id = $1 AND about_id = $2 AND value = $3";
const INSERT: &str = "INSERT INTO personal_value (org_id, commitment, about_id, salt, value)
    VALUES ($1, $2, $3, $4, $5)";
const MENTION: &str = "INSERT INTO personal_mention (org_id, sequence, commitment) VALUES ($1, $2, $3)";
const BY_COMMITMENT: &str = "SELECT commitment, salt, value, erased FROM personal_value
    WHERE org_id = $1 AND commitment IN ({ids})";
const ABOUT: &str =
    "SELECT value FROM personal_value WHERE org_id = $1 AND about_id = $2 AND value IS NOT NULL";
const ERASE: &str = "UPDATE personal_value SET salt = NULL, value = NULL, erased = $3
    WHERE org_id = $1 AND about_id = $2 AND value IS NOT NULL";
const ADOPT: &str = "UPDATE personal_value SET about_id = $3 WHERE org_id = $1 AND about_id = $2";
/// Who a value is about that was invited and has no account.
const INVITED: &str = "SELECT DISTINCT v.about_id FROM personal_value v WHERE v.org_id = $1 AND v.value = $2
    AND NOT EXISTS (SELECT 1 FROM account a WHERE a.id = v.about_id)";
/// Entries from before values were kept apart, whose texts name somebody.
const OLDER: &str = "SELECT COUNT(*) FROM audit_entry WHERE org_id = $1 AND format < 3
    AND (lower(actor) LIKE $2 ESCAPE '!' OR lower(subject) LIKE $3 ESCAPE '!')";
/// Takes the beginning off a column that says who did something, and by which way.
macro_rules! forget {
    ($table:literal, $column:literal, $whose:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET ",
            $column,
            " = $2 || substr(",
            $column,
            ", length(CAST($3 AS text)) + 1)
            WHERE ",
            $whose,
            " AND substr(",
            $column,
            ", 1, length(CAST($3 AS text))) = $3"
        )
    };
    ($table:literal, $column:literal) => {
        forget!($table, $column, "org_id = $1")
    };
}

/// Every column that says who did something, and by which way.
pub(crate) const FORGET: &[&str] = &[
    forget!("membership", "created_by"),
    forget!("invitation", "created_by"),
    forget!("document", "added_by"),
    forget!("job", "created_by", "(org_id = $1 OR org_id IS NULL)"),
    forget!("decision", "author"),
    forget!("decision", "withdrawn_by"),
    forget!("action", "author"),
    forget!("action", "ended_by"),
    forget!("vex_issuer", "pinned_by"),
    forget!("vex_issuer", "automatic_by"),
    forget!("fact", "author"),
    forget!("fact", "revoked_by"),
    forget!("component_name", "author"),
    forget!("campaign", "author"),
    forget!("campaign", "closed_by"),
    forget!("exposure_import", "added_by"),
    forget!("exposure_import", "removed_by"),
    forget!("incident", "author"),
    forget!("incident", "closed_by"),
    forget!("incident_event", "author"),
    forget!("incident_step", "author"),
    forget!("breach_assessment", "author"),
    forget!("breach_assessment", "approved_by"),
    forget!("incident_letter", "author"),
    forget!("incident_letter", "sent_by"),
    forget!("incident_reader", "author"),
    forget!("incident_reader", "ended_by"),
    forget!("risk_holding", "author"),
    forget!("risk_line", "author"),
    forget!("risk_signed", "author"),
    forget!("response_entry", "author"),
    forget!("proof", "added_by"),
    forget!("proof", "withdrawn_by"),
    forget!("programme_decision", "added_by"),
    forget!("worker", "added_by"),
    forget!("worker_link", "made_by"),
    forget!("duty", "opened_by"),
    forget!("assignment", "ended_by"),
    forget!("policy", "added_by"),
    forget!("policy", "retired_by"),
    forget!("policy_version", "author"),
    forget!("policy_version", "approved_by"),
    forget!("policy_review", "author"),
    forget!("vendor", "added_by"),
    forget!("vendor_agreement", "added_by"),
    forget!("vendor_agreement", "ended_by"),
    forget!("vendor_clause", "checked_by"),
    forget!("vendor_link", "made_by"),
    forget!("vendor_request", "asked_by"),
    forget!("vendor_incident", "added_by"),
    forget!("register_entry", "added_by"),
    forget!("register_entry", "closed_by"),
    forget!("register_review", "reviewer"),
    forget!("client_note", "author"),
    forget!("client_note", "done_by"),
];
/// Takes a name out of a column that holds nothing but names.
macro_rules! forget_name {
    ($table:literal, $column:literal) => {
        concat!("UPDATE ", $table, " SET ", $column, " = $2 WHERE org_id = $1 AND ", $column, " = $3")
    };
}

/// Every column that says who has something or did it, by the name alone.
pub(crate) const FORGET_NAMES: &[&str] = &[
    forget_name!("alert_item", "owner"),
    forget_name!("alert_item", "closed_by"),
    forget_name!("alert_step", "who"),
    forget_name!("alert_policy", "approver"),
    forget_name!("alert_item", "decided_by"),
    forget_name!("alert_pause", "who"),
    forget_name!("alert_link", "added_by"),
    forget_name!("incident", "owner"),
    forget_name!("incident_reader", "name"),
    forget_name!("risk_line", "owner"),
    forget_name!("response_entry", "person"),
    forget_name!("proof", "collector"),
    forget_name!("programme_decision", "approver"),
];
const FORGET_CHOICES: &str = "DELETE FROM notice_choice WHERE org_id = $1 AND account_id = $2";
const FORGET_READER: &str = "DELETE FROM notice_reader WHERE org_id = $1 AND account_id = $2";
pub(crate) const STATEMENTS: &[&str] =
    &[FIND, INSERT, MENTION, ABOUT, ERASE, ADOPT, INVITED, OLDER, FORGET_CHOICES, FORGET_READER];

fn bytes(row: &QueryResult) -> Result<Commitment, Error> {
    let stored: Vec<u8> = get(row, 0)?;
    let odd = |stored: Vec<u8>| Error::Corrupt { column: "personal_value.commitment", value: hex(&stored) };
    stored.try_into().map_err(odd)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps a value apart, once for each person and text, so that one person is one mark in all entries.
pub(crate) async fn keep(change: &View, about: Uuid, value: &str) -> Result<Commitment, Error> {
    let org = change.org();
    if let Some(row) = change.one(FIND, values![org.uuid(), about, value]).await? {
        return bytes(&row);
    }
    // Two random UUIDs: 244 random bits.
    let salt = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes).concat();
    let commitment = commitment(org, &salt, value);
    let row = values![org.uuid(), commitment.to_vec(), about, salt, value];
    change.execute(INSERT, row).await?;
    Ok(commitment)
}

/// Notes which values an entry holds.
pub(crate) async fn mention(change: &View, entry: &EntryRow) -> Result<(), Error> {
    for commitment in of_entry(entry) {
        let row = values![change.org().uuid(), entry.sequence, commitment.to_vec()];
        change.execute(MENTION, row).await?;
    }
    Ok(())
}

/// The values that entries hold.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_entries(view: &View, entries: &[EntryRow]) -> Result<Values, Error> {
    let mut wanted: Vec<Commitment> = entries.iter().flat_map(of_entry).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let shared = values![view.org().uuid()];
    let wanted = wanted.into_iter().map(|commitment| commitment.to_vec().into());
    let rows = view.all_batches(id_batches(BY_COMMITMENT, &shared, wanted)).await?;
    let mut values = Values::new();
    for row in &rows {
        let (salt, value) = (get::<Option<Vec<u8>>>(row, 1)?, get::<Option<String>>(row, 2)?);
        let kept = match (salt, value, get::<Option<i64>>(row, 3)?) {
            (Some(salt), Some(value), None) => Kept::Value(salt, value),
            (None, None, Some(_)) => Kept::Erased,
            // Neither kept nor erased: whoever checks the log finds it missing.
            _ => continue,
        };
        values.insert(bytes(row)?, kept);
    }
    Ok(values)
}

/// The values about somebody in the organisation that is looked at.
///
/// # Errors
/// When the database cannot be used.
pub async fn about(view: &View, about: Uuid) -> Result<Vec<String>, Error> {
    let rows = view.all(ABOUT, values![view.org().uuid(), about]).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

/// Erases every value about somebody in the changed organisation. Returns how many there were.
///
/// # Errors
/// When the database refuses.
pub async fn erase(change: &Change, about: Uuid, at: Timestamp) -> Result<u64, Error> {
    change.execute(ERASE, values![change.org().uuid(), about, micros(at)]).await
}

/// What was said of an invitation is from now on about the account that took it up.
///
/// # Errors
/// When the database refuses.
pub async fn adopt(change: &Change, invitation: Uuid, account: AccountId) -> Result<(), Error> {
    change.execute(ADOPT, values![change.org().uuid(), invitation, account.uuid()]).await?;
    Ok(())
}

/// The invitations, taken back or not, whose entries in the changed organisation's log hold a value: a name or an address of
/// somebody who never joined.
///
/// # Errors
/// When the database cannot be used.
pub async fn invited(view: &View, value: &str) -> Result<Vec<Uuid>, Error> {
    let rows = view.all(INVITED, values![view.org().uuid(), value]).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

/// Entries from before values were kept apart that name an account: their texts are part of the chain and stay.
///
/// # Errors
/// When the database cannot be used.
pub async fn older_entries(view: &View, name: &str) -> Result<u64, Error> {
    let name = name.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let row = view.one(OLDER, values![view.org().uuid(), format!("{name}%"), name]).await?;
    let count: i64 = row.map_or(Ok(0), |row| get(&row, 0))?;
    Ok(count.unsigned_abs())
}

/// Takes somebody's names out of what the changed organisation keeps beside the audit log: who added what. `names` are those
/// that the account acted under; what a column says behind them, the way by which, stays.
///
/// # Errors
/// When the database refuses.
pub async fn forget(change: &Change, account: AccountId, names: &[String]) -> Result<(), Error> {
    let org = change.org().uuid();
    // The longest first: "ann, token nightly" is a name of its own, of which "ann" alone would leave the end.
    let mut names: Vec<&String> = names.iter().collect();
    names.sort_unstable_by_key(|name| std::cmp::Reverse(name.len()));
    for name in &names {
        // As "ann (web)" and "ann, token nightly (API)".
        for behind in [" (", ", token "] {
            let (new, old) = (format!("{ERASED}{behind}"), format!("{name}{behind}"));
            for text in FORGET.iter().copied() {
                change.execute(text, values![org, new.as_str(), old.as_str()]).await?;
            }
        }
    }
    for name in &names {
        for text in FORGET_NAMES.iter().copied() {
            change.execute(text, values![org, ERASED, name.as_str()]).await?;
        }
    }
    for text in [FORGET_CHOICES, FORGET_READER] {
        change.execute(text, values![org, account.uuid()]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_and_what_looks_like_one_is_not() {
        let (one, two) =
            ([7; COMMITMENT_BYTES], std::array::from_fn(|byte| u8::try_from(byte * 8).unwrap_or(255)));
        let text = format!("{} (web) by {}{OPEN}", mark(&one), mark(&two));
        assert_eq!(marks(&text).collect::<Vec<_>>(), [one, two]);
        let values = Values::from([(one, Kept::Value(vec![1], "ann".into())), (two, Kept::Erased)]);
        assert_eq!(shown(&text, &values), format!("ann (web) by (erased){OPEN}"));
        assert_eq!(shown(&text, &Values::new()), format!("(erased) (web) by (erased){OPEN}"));
        let safe = only_marks_of(&text, &[one]);
        assert_eq!(marks(&safe).collect::<Vec<_>>(), [one], "{safe}");
        for odd in ["", "\u{27e8}", "\u{27e8}\u{2800}\u{27e9}", "a\u{27e9}\u{27e8}b", &mark(&one)[3..]] {
            assert_eq!((marks(odd).count(), shown(odd, &values).as_str()), (0, odd));
        }
        let nested = format!("{OPEN}{}", mark(&one));
        assert_eq!(marks(&nested).count(), 1);
    }

    #[test]
    fn a_commitment_tells_organisation_salt_and_value_apart() {
        let (org, other) = (OrgId::generate(), OrgId::generate());
        let all = [
            commitment(org, b"salt", "ann"),
            commitment(other, b"salt", "ann"),
            commitment(org, b"sal", "tann"),
            commitment(org, b"salt", "Ann"),
        ];
        for (index, each) in all.iter().enumerate() {
            assert!(!all[..index].contains(each));
        }
    }
}
