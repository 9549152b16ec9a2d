//! What SQLite's planner is told of the tables. Left alone it takes an organisation for ten rows, or for what it had when
//! the statistics were last taken, and then walks all findings of an organisation where an index leads to a few. Fixed
//! numbers make every plan the one for a large fleet, on every installation, from the first row on. PostgreSQL keeps
//! statistics by itself.

use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::Error;

/// Table, index (a table's own name is its primary key), and per column of the index how many rows share its values:
/// <https://www.sqlite.org/fileformat2.html#stat1tab>.
const STATISTICS: &[(&str, &str, &str)] = &[
    ("audit_entry", "audit_entry", "20000 20000 1"),
    ("audit_entry", "sqlite_autoindex_audit_entry_2", "20000 20000 1"),
    ("class", "class", "4000 4000 1"),
    ("class", "class_changed", "4000 4000 100"),
    ("class", "sqlite_autoindex_class_2", "4000 4000 2 1"),
    ("content", "content_changed", "2000 2000 2"),
    ("content", "sqlite_autoindex_content_1", "2000 2000 1"),
    ("device", "device", "100000 100000 1"),
    ("device", "device_asset", "100000 100000 1"),
    ("device", "device_changed", "100000 100000 1000"),
    ("device", "device_serial", "100000 100000 1"),
    ("device", "device_udi", "100000 100000 1"),
    ("device", "device_updated", "100000 100000 1000"),
    ("document", "document", "3000 3000 1"),
    ("document", "document_sha256", "3000 3000 1"),
    ("finding", "finding", "1000000 1000000 200 1"),
    ("finding", "finding_class", "1000000 1000000 300"),
    ("judgement", "judgement", "60000 4 1"),
    ("judgement", "judgement_weakness", "60000 8"),
    ("release", "release", "2000 2000 1"),
    ("release", "release_changed", "2000 2000 50"),
    ("release", "release_content", "2000 2000 1"),
    ("release", "sqlite_autoindex_release_2", "2000 2000 1"),
    ("sbom", "sbom", "3000 3000 1"),
    ("sbom", "sbom_release", "3000 3000 2 1"),
    ("site", "site", "20 20 1"),
    ("site", "sqlite_autoindex_site_2", "20 20 1"),
    ("software", "software", "20000 1"),
    ("software", "software_changed", "20000 200"),
    ("software_package", "software_package", "30000 4 1"),
    ("weakness", "weakness", "10000 1"),
    ("weakness_alias", "weakness_alias", "30000 1"),
    ("weakness_count", "weakness_count", "8000 8000 1"),
];

/// Writes the numbers into a migrated database; connections opened later read them with the schema.
pub(crate) async fn fix(writer: &DatabaseConnection) -> Result<(), Error> {
    let rows: Vec<String> = STATISTICS
        .iter()
        .map(|(table, index, numbers)| format!("('{table}', '{index}', '{numbers}')"))
        .collect();
    let rows = rows.join(", ");
    // Analysing one small table is the only way to have the table of statistics made.
    let text = format!(
        "ANALYZE reference_state; DELETE FROM sqlite_stat1; INSERT INTO sqlite_stat1 VALUES {rows}; ANALYZE sqlite_schema"
    );
    writer.execute_unprepared(&text).await?;
    Ok(())
}
