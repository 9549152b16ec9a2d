//! Rows of one list that are about the same maker and weakness and stand in several files.

use std::collections::HashMap;

use bedrail_model::product_advisory::{NamedProduct, ProductAdvisory, ProductStatus};

/// Adds what an older document says of products; a row that the newer one has in the same words is not said twice. Where the two
/// disagree, both stand, and the judgement says so.
pub(super) fn add(advisory: &mut ProductAdvisory, older: &ProductAdvisory) {
    let mut at: HashMap<usize, usize> = HashMap::new();
    for (index, product) in older.products.iter().enumerate() {
        let statuses = statuses(older, index);
        let known = |it: &usize| {
            is_same(&advisory.products[*it], product) && self::statuses(advisory, *it) == statuses
        };
        let place = (0..advisory.products.len()).find(known).unwrap_or_else(|| {
            // The date of its document, where it has none of its own.
            let updated = product.updated.clone().or_else(|| older.released.clone());
            advisory.products.push(NamedProduct { updated, made_of: Vec::new(), ..product.clone() });
            advisory.products.len() - 1
        });
        at.insert(index, place);
    }
    let moved = |products: &[usize]| products.iter().filter_map(|it| at.get(it)).copied().collect::<Vec<_>>();
    for weakness in &older.weaknesses {
        let Some(mine) = advisory.weaknesses.iter_mut().find(|it| it.ids == weakness.ids) else {
            let mut weakness = weakness.clone();
            weakness.statuses.iter_mut().for_each(|(_, it)| *it = at.get(it).copied().unwrap_or(*it));
            weakness.scores.iter_mut().for_each(|(_, it)| *it = moved(it));
            weakness.flags.iter_mut().for_each(|(_, it)| *it = moved(it));
            weakness.remediations.iter_mut().for_each(|it| it.products = moved(&it.products));
            weakness.threats.iter_mut().for_each(|it| it.products = moved(&it.products));
            advisory.weaknesses.push(weakness);
            continue;
        };
        for (status, product) in &weakness.statuses {
            let said = at.get(product).map(|place| (*status, *place));
            mine.statuses.extend(said.filter(|it| !mine.statuses.contains(it)));
        }
        for remediation in &weakness.remediations {
            let mut remediation = remediation.clone();
            remediation.products = moved(&remediation.products);
            if !mine.remediations.contains(&remediation) {
                mine.remediations.push(remediation);
            }
        }
    }
    advisory.warnings.extend(older.warnings.iter().cloned());
}

/// Whether two rows name the same in the same versions.
fn is_same(one: &NamedProduct, other: &NamedProduct) -> bool {
    (&one.maker, &one.product, &one.version, one.all_of_maker)
        == (&other.maker, &other.product, &other.version, other.all_of_maker)
}

/// What is said of a product, by weakness.
fn statuses(advisory: &ProductAdvisory, product: usize) -> Vec<(&[String], ProductStatus)> {
    let mut found = Vec::new();
    for weakness in &advisory.weaknesses {
        let here = weakness.statuses.iter().filter(|(_, it)| *it == product);
        found.extend(here.map(|(status, _)| (weakness.ids.as_slice(), *status)));
    }
    found
}

#[cfg(test)]
mod tests {
    use bedrail_model::product_advisory::{ProductWeakness, Remediation, VersionText};

    use super::*;

    /// A document of these rows: product, version, status.
    fn document(released: &str, rows: &[(&str, &str, ProductStatus)]) -> ProductAdvisory {
        let products = rows.iter().map(|(product, version, _)| NamedProduct {
            maker: "Orbis".to_owned(),
            product: (*product).to_owned(),
            version: VersionText::Exact((*version).to_owned()),
            ..NamedProduct::default()
        });
        let statuses = rows.iter().enumerate().map(|(index, (_, _, status))| (*status, index));
        let advice =
            Remediation { details: released.to_owned(), products: vec![0], ..Remediation::default() };
        ProductAdvisory {
            released: Some(released.to_owned()),
            products: products.collect(),
            weaknesses: vec![ProductWeakness {
                ids: vec!["CVE-2021-44228".to_owned()],
                statuses: statuses.collect(),
                remediations: vec![advice],
                ..ProductWeakness::default()
            }],
            ..ProductAdvisory::default()
        }
    }

    #[test]
    fn no_row_of_an_older_file_is_lost_and_none_is_said_twice() {
        use ProductStatus::{Fixed, KnownAffected};
        let mut newer = document("2022-02-01", &[("Flow", "2.0", Fixed), ("Flow", "1.0", KnownAffected)]);
        let older = document(
            "2022-01-01",
            &[("Pump", "1.0", KnownAffected), ("Flow", "1.0", KnownAffected), ("Flow", "2.0", KnownAffected)],
        );
        add(&mut newer, &older);
        let told: Vec<_> = newer.weaknesses[0]
            .statuses
            .iter()
            .map(|(status, at)| {
                (newer.products[*at].product.as_str(), newer.products[*at].version.text(), *status)
            })
            .collect();
        // They disagree on 2.0: both stand.
        assert_eq!(
            told,
            [
                ("Flow", "2.0", Fixed),
                ("Flow", "1.0", KnownAffected),
                ("Pump", "1.0", KnownAffected),
                ("Flow", "2.0", KnownAffected)
            ]
        );
        assert_eq!(newer.products[2].updated.as_deref(), Some("2022-01-01"));
        let advice: Vec<_> = newer.weaknesses[0].remediations.iter().map(|it| it.products.clone()).collect();
        assert_eq!(advice, [vec![0], vec![2]]);
    }
}
