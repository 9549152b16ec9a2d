//! Names of components that bills of materials give without an identifier.

use crate::web::texts::keys::NamesPage;
use crate::web::words::{self, count, number};

pub(super) const NAMES: NamesPage = NamesPage {
    title: "Names of components",
    list: "What people said of names",
    what: "A supplier's list often gives a name and no identifier that an advisory could name. A person says once what a name means; every release with that name, now and later, is judged by it.",
    none: "Nobody has said anything of a name yet. The page of a release shows the names that its bill of materials gives without an identifier.",
    name: "Name",
    supplier: "Supplier",
    is: "Is",
    said: "Said before",
    take_back: "Take back",
    known: |names| match names {
        0 => "No name of a component is confirmed.".to_owned(),
        names => format!("Of {} it is said what they mean.", count(names, "name")),
    },
    by: |author, day| format!("{author}, {day}"),
    none_of: |declined| format!("none of {declined}"),
    headline: |names, proposed| match (names, proposed) {
        (0, _) => "Every component has an identifier, or somebody said what its name means.".to_owned(),
        (names, 0) => {
            format!("{} without an identifier; the data has nothing that is called so.", count(names, "name"))
        }
        (names, proposed) => {
            format!(
                "{} without an identifier; for {} of them something is proposed.",
                count(names, "name"),
                number(proposed)
            )
        }
    },
    until: "Until a person says what a name means, it stays “cannot tell”. What you say holds for every release with this name from this supplier, and can be taken back.",
    open: "Names without an identifier",
    may_be: "May be",
    this: "It is this",
    other: "Another supplier, and yet it is this",
    none_of_these: "None of these",
    something_else: "Something else",
    such_as: "pkg:maven/group/name or cpe:2.3:…",
    nothing_proposed: "nothing in the data is called so",
    exact: "Name and supplier are the same",
    exact_reading: |names, components| {
        format!(
            "For {} the data has one package or product of the same name and supplier ({}).",
            count(names, "name"),
            count(components, "component")
        )
    },
    confirm_all: |names| {
        format!("Confirm {}", if names == 1 { "it".to_owned() } else { format!("all {}", number(names)) })
    },
    left: |names| format!("{} more; the command line and the API have them.", number(names)),
    detail: |supplier, versions, components| {
        let from = supplier.map(|it| format!("from {it}")).into_iter();
        let some: Vec<&str> = versions.iter().map(String::as_str).take(4).collect();
        let more = if versions.len() > 4 { " …" } else { "" };
        let version = if some.is_empty() {
            "without a version".to_owned()
        } else {
            format!("version {}{more}", some.join(", "))
        };
        let times = (components > 1).then(|| words::count(components, "component"));
        from.chain([version]).chain(times).collect::<Vec<_>>().join(", ")
    },
    in_release: |names| format!("{} without an identifier", count(names, "component")),
    see: "What they may be",
    all: "What people said of names",
    reach: |releases, makers| {
        format!("in at most {} of {}", count(releases, "release"), count(makers, "maker"))
    },
    everywhere: |makers| format!("I mean it in the bills of up to {}", count(makers, "maker")),
};
