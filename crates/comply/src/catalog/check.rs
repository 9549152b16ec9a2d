//! What holds across files: ids are unique, and what is referred to is there.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::read::yaml;
use super::{Catalogue, Fault, embedded};

#[derive(Deserialize)]
struct Csf {
    functions: Vec<Function>,
}

#[derive(Deserialize)]
struct Function {
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Category {
    subcategories: Vec<String>,
}

#[derive(Deserialize)]
struct Families {
    families: Vec<Family>,
}

#[derive(Deserialize)]
struct Family {
    id: String,
}

/// The ids of subcategories of NIST CSF 2.0.
fn subcategories() -> Result<BTreeSet<String>, Fault> {
    let csf: Csf = yaml("csf2.yaml", embedded::text("csf2.yaml"))?;
    let categories = csf.functions.into_iter().flat_map(|function| function.categories);
    Ok(categories.flat_map(|category| category.subcategories).collect())
}

/// The families of NIST SP 800-53.
fn families() -> Result<BTreeSet<String>, Fault> {
    let families: Families = yaml("sp800-53r5.yaml", embedded::text("sp800-53r5.yaml"))?;
    Ok(families.families.into_iter().map(|family| family.id).collect())
}

pub(super) fn across(files: &[Catalogue]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (subcategories, families) = match (subcategories(), families()) {
        (Ok(subcategories), Ok(families)) => (subcategories, families),
        (subcategories, families) => {
            return [subcategories.err(), families.err()].into_iter().flatten().collect();
        }
    };
    let mut seen: BTreeMap<&str, (&str, u64)> = BTreeMap::new();
    let goals: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.schema.starts_with("hph-cpg/"))
        .flat_map(|file| file.requirements.iter().map(|requirement| requirement.id.as_str()))
        .collect();
    for file in files {
        for requirement in &file.requirements {
            let mut fault = |message: String| {
                faults.push(Fault { file: file.file.clone(), line: requirement.line, message });
            };
            if let Some((other, line)) = seen.insert(&requirement.id, (&file.file, requirement.line)) {
                fault(format!("{}: the id stands already at {other}:{line}", requirement.id));
            }
            for id in requirement.csf2.iter().filter(|id| !subcategories.contains(*id)) {
                fault(format!("{}: {id} is no subcategory of CSF 2.0", requirement.id));
            }
            let unknown = |id: &&String| {
                !id.split_once('-').is_some_and(|(family, rest)| {
                    families.contains(family) && rest.starts_with(|c: char| c.is_ascii_digit())
                })
            };
            for id in requirement.sp800_53.iter().filter(unknown) {
                fault(format!("{}: {id} is no control of SP 800-53", requirement.id));
            }
            // Only where the goals are at hand: a folder may hold the Security Rule alone.
            for id in requirement.goals.iter().filter(|id| !goals.is_empty() && !goals.contains(id.as_str()))
            {
                fault(format!("{}: {id} is no performance goal", requirement.id));
            }
        }
    }
    let ids: BTreeSet<&str> = seen.keys().copied().collect();
    for file in files {
        for item in &file.proposed {
            for id in item.relates_to.iter().filter(|id| !ids.contains(id.as_str())) {
                let message = format!("{}: relates to {id}, which is not there", item.id);
                faults.push(Fault { file: file.file.clone(), line: 0, message });
            }
        }
    }
    faults
}
