//! The schema as a numbered list. Rows are only ever appended; a change of an old one would leave databases apart.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};

use crate::Error;
use crate::transfer::marked;

/// One step of the schema.
struct Migration {
    /// Counted from 1.
    number: i64,
    /// Why it is there.
    why: &'static str,
    /// The text, in words that both databases take.
    text: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        why: "the first schema: organisations, devices, bills of materials, findings, the audit log",
        text: include_str!("../migrations/0001_first.sql"),
    },
    Migration {
        number: 2,
        why: "people of several organisations: kinds, memberships with roles",
        text: include_str!("../migrations/0002_people.sql"),
    },
    Migration {
        number: 3,
        why: "weaknesses that an advisory mentions, and what it is rated by",
        text: include_str!("../migrations/0003_mentions.sql"),
    },
    Migration { number: 4, why: "background jobs", text: include_str!("../migrations/0004_jobs.sql") },
    Migration {
        number: 5,
        why: "the audit log says from where, and what was before and after",
        text: include_str!("../migrations/0005_audit.sql"),
    },
    Migration {
        number: 6,
        why: "invitations, second factors, listed sessions, tokens, emergency access",
        text: include_str!("../migrations/0006_sign_in.sql"),
    },
    Migration { number: 7, why: "notices", text: include_str!("../migrations/0007_notices.sql") },
    Migration {
        number: 8,
        why: "a change that is sent twice with one key is carried out once",
        text: include_str!("../migrations/0008_idempotency.sql"),
    },
    Migration {
        number: 9,
        why: "single sign-on: providers, and identities linked to accounts",
        text: include_str!("../migrations/0009_single_sign_on.sql"),
    },
    Migration {
        number: 10,
        why: "what names a person in the audit log can be erased without breaking it",
        text: include_str!("../migrations/0010_personal.sql"),
    },
    Migration {
        number: 12,
        why: "who asked for a job, what comes out of it, and how often regular work is done",
        text: include_str!("../migrations/0012_results.sql"),
    },
    Migration {
        number: 13,
        why: "what several processes share: marks of idempotency keys, tries to sign in",
        text: include_str!("../migrations/0013_processes.sql"),
    },
    Migration {
        number: 14,
        why: "the zone that a person reads times in",
        text: include_str!("../migrations/0014_zone.sql"),
    },
    Migration {
        number: 15,
        why: "advisories about products named by maker, product and version, and whose names are ours",
        text: include_str!("../migrations/0015_medical.sql"),
    },
    Migration {
        number: 16,
        why: "software that only a product name (CPE) identifies, and the device it is in",
        text: include_str!("../migrations/0016_products.sql"),
    },
    Migration {
        number: 17,
        why: "decisions on weaknesses, and actions",
        text: include_str!("../migrations/0017_decisions.sql"),
    },
    Migration {
        number: 18,
        why: "statements on weaknesses that others make (VEX), and whose word is taken",
        text: include_str!("../migrations/0018_vex.sql"),
    },
    Migration {
        number: 19,
        why: "facts that somebody was asked for and answered, and devices that are more than their bill of materials",
        text: include_str!("../migrations/0019_answered.sql"),
    },
    Migration {
        number: 22,
        why: "publishers that security advisories are fetched from",
        text: include_str!("../migrations/0022_providers.sql"),
    },
    Migration {
        number: 23,
        why: "what people said of components that bills know by a name alone",
        text: include_str!("../migrations/0023_names.sql"),
    },
    Migration {
        number: 24,
        why: "written rules on statements carry something out: who wrote one before did not know",
        text: include_str!("../migrations/0024_rules.sql"),
    },
    Migration {
        number: 25,
        why: "alerts of other programs: sources, what was received, and the work that it makes",
        text: include_str!("../migrations/0025_alerts.sql"),
    },
    Migration {
        number: 26,
        why: "evidence that devices can be reached from outside",
        text: include_str!("../migrations/0026_exposure.sql"),
    },
    Migration {
        number: 27,
        why: "campaigns and how they stood from day to day, kinds of actions, windows, amounts, and what shows them",
        text: include_str!("../migrations/0027_campaigns.sql"),
    },
    Migration {
        number: 28,
        why: "the desk of alerts: what was made of an item, pauses, links, who has duty, answers by mail",
        text: include_str!("../migrations/0028_desk.sql"),
    },
    Migration {
        number: 29,
        why: "our own judgement as a source of alerts, gaps in numbered messages, a ticket system",
        text: include_str!("../migrations/0029_alert_sources.sql"),
    },
    Migration {
        number: 40,
        why: "incidents: timelines, assessments as breaches, letters",
        text: include_str!("../migrations/0040_incidents.sql"),
    },
    Migration {
        number: 41,
        why: "the programme: documents that show something, decisions on addressable specifications, states by day",
        text: include_str!("../migrations/0041_programme.sql"),
    },
    Migration {
        number: 42,
        why: "physical and media facts that people write down",
        text: include_str!("../migrations/0042_written.sql"),
    },
    Migration {
        number: 43,
        why: "answers of the self-assessment",
        text: include_str!("../migrations/0043_self_assessment.sql"),
    },
    Migration {
        number: 45,
        why: "single readers of the privileged parts of one incident, whom counsel names",
        text: include_str!("../migrations/0045_readers.sql"),
    },
    Migration {
        number: 46,
        why: "the risk analysis: what products hold, how threats are judged, what was signed",
        text: include_str!("../migrations/0046_risk.sql"),
    },
    Migration {
        number: 47,
        why: "the plan for incidents: contacts, downtime steps, who may disconnect what, exercises",
        text: include_str!("../migrations/0047_response.sql"),
    },
    Migration {
        number: 50,
        why: "the workforce: its people, personal links, what is asked of each",
        text: include_str!("../migrations/0050_workforce.sql"),
    },
    Migration {
        number: 51,
        why: "policies, their versions and reviews",
        text: include_str!("../migrations/0051_policies.sql"),
    },
    Migration {
        number: 52,
        why: "attempts at the quizzes of courses",
        text: include_str!("../migrations/0052_training.sql"),
    },
    Migration {
        number: 55,
        why: "vendors: agreements with their clauses, questionnaires, requests to makers, incidents of their own",
        text: include_str!("../migrations/0055_vendors.sql"),
    },
    Migration {
        number: 56,
        why: "the registers that the Privacy Rule asks for",
        text: include_str!("../migrations/0056_registers.sql"),
    },
    Migration {
        number: 57,
        why: "what an adviser writes down with a client",
        text: include_str!("../migrations/0057_clients.sql"),
    },
    Migration {
        number: 60,
        why: "web application firewalls in front of devices, ours and those of others, and what ours says of its rule sets",
        text: include_str!("../migrations/0060_firewalls.sql"),
    },
    Migration {
        number: 61,
        why: "what is in a document that was brought as a policy and not in its text",
        text: include_str!("../migrations/0061_policy_words.sql"),
    },
    Migration {
        number: 62,
        why: "days by which things are to be signed and learned, counted for the calendar",
        text: include_str!("../migrations/0062_dues.sql"),
    },
    Migration {
        number: 65,
        why: "what follows from an exercise is an action of the board",
        text: include_str!("../migrations/0065_follow_ups.sql"),
    },
    Migration {
        number: 66,
        why: "an engagement is about some requirements and sites",
        text: include_str!("../migrations/0066_engagements.sql"),
    },
    Migration {
        number: 67,
        why: "where the head of the audit log was noted outside",
        text: include_str!("../migrations/0067_anchors.sql"),
    },
    Migration {
        number: 68,
        why: "risks that were graded in a workbook elsewhere",
        text: include_str!("../migrations/0068_brought_risks.sql"),
    },
    Migration {
        number: 69,
        why: "what was read moves the log and nothing that is worked out",
        text: include_str!("../migrations/0069_mentions.sql"),
    },
    Migration {
        number: 70,
        why: "devices that a list wrote lately are counted at once",
        text: include_str!("../migrations/0070_devices_by_update.sql"),
    },
    Migration {
        number: 71,
        why: "people of a place are listed without sorting all of them",
        text: include_str!("../migrations/0071_people_by_place.sql"),
    },
    Migration {
        number: 72,
        why: "issuers of statements that are pinned by a key, and who signed a document",
        text: include_str!("../migrations/0072_vex_signatures.sql"),
    },
];

/// Every table with rows of organisations. PostgreSQL guards each by row-level security; a test compares this list
/// with the tables that have a column `org_id`, but for `DOOR_TABLES` below.
pub(crate) const ORGANISATION_TABLES: &[&str] = &[
    "site",
    "document",
    "content",
    "release",
    "sbom",
    "class",
    "device",
    "finding",
    "weakness_count",
    "audit_entry",
    "notice",
    "notice_about",
    "notice_reader",
    "notice_choice",
    "notice_channel",
    "idempotency",
    "personal_value",
    "personal_mention",
    "identity",
    "job_result",
    "product_alias",
    "decision",
    "decision_device",
    "action",
    "vex_document",
    "vex_statement",
    "vex_issuer",
    "fact",
    "component_name",
    "alert_source",
    "alert_file",
    "alert_segment",
    "alert_policy",
    "alert_item",
    "alert_tally",
    "alert_step",
    "alert_counter",
    "alert_address",
    "alert_state",
    "alert_standing",
    "alert_ticket",
    "campaign",
    "campaign_look",
    "campaign_ward",
    "action_device",
    "exposure_import",
    "exposure_evidence",
    "alert_notice",
    "alert_pause",
    "alert_link",
    "alert_desk",
    "alert_duty",
    "alert_absence",
    "alert_answer",
    "incident",
    "incident_event",
    "incident_resident",
    "incident_device",
    "incident_alert",
    "incident_step",
    "breach_assessment",
    "breach_factor",
    "incident_letter",
    "incident_reader",
    "risk_holding",
    "risk_line",
    "risk_signed",
    "response_entry",
    "exercise_follow_up",
    "time_anchor",
    "risk_brought",
    "proof",
    "programme_decision",
    "programme_day",
    "programme_state",
    "written_fact",
    "self_answer",
    "worker",
    "worker_role",
    "worker_link",
    "duty",
    "duty_role",
    "assignment",
    "duty_tally",
    "duty_due",
    "workforce_figure",
    "policy",
    "policy_version",
    "policy_review",
    "attempt",
    "vendor",
    "vendor_agreement",
    "vendor_clause",
    "vendor_link",
    "vendor_answer",
    "vendor_request",
    "vendor_incident",
    "register_entry",
    "register_value",
    "register_review",
    "client_note",
    "firewall",
    "firewall_device",
    "firewall_word",
];

/// Tables with a column `org_id` that are looked up before it is known whose request it is: row-level security cannot
/// guard them, their module does, and says so.
#[cfg(test)]
const DOOR_TABLES: &[&str] = &["account", "membership", "job", "invitation", "token", "single_sign_on"];

/// Two processes that start at once migrate one after the other.
const LOCK_POSTGRES: &str = "SELECT pg_advisory_xact_lock(4202112)";
const LOG_TABLE: &str = "CREATE TABLE IF NOT EXISTS migration
    (number bigint NOT NULL PRIMARY KEY, why text NOT NULL)";
const TAKEN: &str = "SELECT number FROM migration ORDER BY number";
const LOG: &str = "INSERT INTO migration (number, why) VALUES ($1, $2)";

/// The steps that a database has taken, in order.
pub(crate) async fn steps(connection: &DatabaseConnection) -> Result<Vec<i64>, Error> {
    taken(connection).await
}

async fn taken(connection: &impl ConnectionTrait) -> Result<Vec<i64>, Error> {
    let backend = connection.get_database_backend();
    let rows = connection.query_all_raw(Statement::from_string(backend, TAKEN)).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

/// The steps that this program knows, in order.
pub(crate) fn known() -> Vec<i64> {
    MIGRATIONS.iter().map(|migration| migration.number).collect()
}

/// The newest step that this program knows.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |last| last.number)
}

/// Brings the schema up to date, all steps or none.
pub(crate) async fn run(connection: &DatabaseConnection) -> Result<(), Error> {
    let backend = connection.get_database_backend();
    let options = sea_orm::TransactionOptions {
        sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = connection.begin_with_options(options).await?;
    if backend == DbBackend::Postgres {
        transaction.execute_unprepared(LOCK_POSTGRES).await?;
    }
    if marked(&transaction).await? {
        return Err(Error::HalfMoved);
    }
    transaction.execute_unprepared(LOG_TABLE).await?;
    let taken = taken(&transaction).await?;
    let known = newest();
    if let Some(found) = taken.last().copied().filter(|found| *found > known) {
        return Err(Error::NewerSchema { found, known });
    }
    // Each that is missing, not each after the newest: steps that were made side by side come in either order.
    let missing = || MIGRATIONS.iter().filter(|migration| !taken.contains(&migration.number));
    if missing().next().is_some() && backend == DbBackend::Postgres {
        open_guards(&transaction).await?;
    }
    for migration in missing() {
        transaction.execute_unprepared(&dialect(migration.text, backend)).await?;
        let values = [migration.number.into(), migration.why.into()];
        transaction.execute_raw(Statement::from_sql_and_values(backend, LOG, values)).await?;
    }
    if missing().next().is_some() && backend == DbBackend::Postgres {
        for table in ORGANISATION_TABLES {
            transaction.execute_unprepared(&guard(table)).await?;
        }
    }
    Ok(transaction.commit().await?)
}

/// Lets the steps reach the rows of all organisations: row-level security would pass over each `UPDATE` in silence. The guards stand
/// again before the transaction ends, and nobody else sees them open.
async fn open_guards(transaction: &impl ConnectionTrait) -> Result<(), Error> {
    let names: Vec<String> = ORGANISATION_TABLES.iter().map(|table| format!("'{table}'")).collect();
    let there = format!(
        "SELECT relname::text FROM pg_class WHERE relforcerowsecurity AND oid IN
         (SELECT to_regclass(name) FROM unnest(ARRAY[{}]) AS name)",
        names.join(", ")
    );
    for row in transaction.query_all_raw(Statement::from_string(DbBackend::Postgres, there)).await? {
        let table: String = row.try_get_by_index(0)?;
        let open = format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY");
        transaction.execute_unprepared(&open).await?;
    }
    Ok(())
}

/// The text in the words of one database.
fn dialect(text: &str, backend: DbBackend) -> String {
    let clustered = if backend == DbBackend::Sqlite { ") WITHOUT ROWID;" } else { ");" };
    text.replace(") CLUSTERED;", clustered)
}

/// Row-level security: a transaction sees and writes the rows of the organisation it was opened for and no other, the
/// owner of the tables included. Without an organisation it sees none.
fn guard(table: &str) -> String {
    format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
         DROP POLICY IF EXISTS one_organisation ON {table};
         CREATE POLICY one_organisation ON {table}
         USING (org_id = NULLIF(current_setting('bedrail.org', true), '')::uuid);"
    )
}

#[cfg(test)]
mod generations;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_with_an_organisation_is_guarded_or_named_as_a_door() {
        for migration in MIGRATIONS {
            for table in migration.text.split("CREATE TABLE ").skip(1) {
                let (name, columns) = table.split_once(" (").expect("a table has columns");
                let columns = columns.split_once("\n)").map_or(columns, |(columns, _)| columns);
                let guarded = ORGANISATION_TABLES.contains(&name);
                if columns.contains("\n    org_id uuid") {
                    assert!(guarded != DOOR_TABLES.contains(&name), "{name} has rows of organisations");
                } else {
                    assert!(!guarded, "{name} has no organisation");
                }
            }
        }
    }

    #[test]
    fn migrations_are_numbered_in_order() {
        assert!(MIGRATIONS.windows(2).all(|pair| pair[0].number < pair[1].number));
    }
}
