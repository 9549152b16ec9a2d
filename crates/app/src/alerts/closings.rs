//! Tables of other systems that say what was closed there.

use super::work::ClosedElsewhere;
use crate::Error;

/// Rows of a table at most.
const ROWS: usize = 100_000;

/// Which columns of a table say what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The id of the item.
    pub id: String,
    /// Who closed it there.
    pub person: String,
    /// What they wrote.
    pub sentence: String,
}

/// Reads a table with a header as CSV.
///
/// # Errors
/// [`Error::Invalid`] with the row and what is wrong there.
pub fn read(text: &str, system: &str, columns: &Columns) -> Result<Vec<ClosedElsewhere>, Error> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| Error::invalid(error.to_string()))?.clone();
    let place = |name: &str| {
        headers.iter().position(|header| header.trim() == name).ok_or_else(|| {
            let there = headers.iter().collect::<Vec<_>>().join(", ");
            Error::Invalid {
                message: format!("the table has no column `{name}`"),
                hint: Some(format!("its columns are {there}")),
            }
        })
    };
    let places = (place(&columns.id)?, place(&columns.person)?, place(&columns.sentence)?);
    let mut all = Vec::new();
    for (row, record) in reader.records().enumerate() {
        if row >= ROWS {
            return Err(Error::invalid("the table has more than 100,000 rows"));
        }
        let record = record.map_err(|error| Error::invalid(error.to_string()))?;
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let id = cell(places.0).parse().map_err(|_| Error::Invalid {
            message: format!("row {}, column `{}`: this is no id of an item", row + 2, columns.id),
            hint: Some("the id that the item was handed over with".into()),
        })?;
        all.push(ClosedElsewhere {
            id,
            events: None,
            system: system.to_owned(),
            person: cell(places.1).to_owned(),
            sentence: cell(places.2).to_owned(),
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_names_its_mistakes() {
        let columns =
            Columns { id: "correlation_id".into(), person: "closed_by".into(), sentence: "notes".into() };
        let id = bedrail_model::ids::AlertItemId::generate();
        let text = format!("number,correlation_id,closed_by,notes\nINC1,{id},Kim,\"a scan, ours\"\n");
        let read_all = read(&text, "ServiceNow", &columns).unwrap();
        assert_eq!((read_all[0].id, read_all[0].sentence.as_str()), (id, "a scan, ours"));
        let wrong = read("number,closed_by,notes\n", "x", &columns).unwrap_err();
        assert!(wrong.to_string().contains("no column `correlation_id`"), "{wrong}");
        let wrong = read("correlation_id,closed_by,notes\nINC1,Kim,x\n", "x", &columns).unwrap_err();
        assert!(wrong.to_string().starts_with("row 2, column `correlation_id`"), "{wrong}");
    }
}
