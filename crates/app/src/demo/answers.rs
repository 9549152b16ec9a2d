//! What the people of the hospital asked and were answered: a question that waits, and an answer of each kind that the sample
//! has a question for.

use bedrail_model::cpe::Cpe;
use jiff::ToSpan as _;

use crate::answered::{self, Fact, Holds, Record};
use crate::page::{MAX_LIMIT, PageRequest};
use crate::unknowns::{self, Ask, Kind, Unknown, UnknownFilter};
use crate::{Actor, Context, Error};

/// Versions that a maker might name, by a part of the component's name.
const VERSIONS: &[(&str, &str)] = &[("openssl", "1.1.1k"), ("zlib", "1.2.11"), ("busybox", "1.31.1")];

/// Asks and records, unless anything was recorded before.
pub(super) async fn take(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    if answered::list(ctx, actor, None, &PageRequest::at(0, 1)).await?.total > 0 {
        return Ok(());
    }
    let all = PageRequest::at(0, MAX_LIMIT);
    let groups = unknowns::list(ctx, actor, &UnknownFilter::default(), &all).await?.page.rows;
    let of = |kind: Kind| groups.iter().filter(move |group| group.kind == kind);
    if let Some(group) = of(Kind::Bill).next() {
        let due = ctx.clock.today().saturating_add(7.days());
        let whom = group.maker.clone().unwrap_or_else(|| "the maker".to_owned());
        let owner = "Biomedical engineering, North".to_owned();
        unknowns::ask(ctx, actor, &Ask { key: group.key.clone(), whom, owner, due }).await?;
    }
    let mut answers = Vec::new();
    if let Some(group) = of(Kind::Bill).nth(1) {
        let fact = Fact::Lacks("log4j".to_owned());
        answers.extend(record(
            ctx,
            group,
            fact,
            "product security of the maker",
            "mail to biomedical engineering",
        ));
    }
    if let Some((group, name)) =
        of(Kind::Condition).find_map(|group| Some((group, group.product_names().pop()?)))
        && name.parse::<Cpe>().is_ok()
    {
        let fact = Fact::HasNot(name);
        answers.extend(record(
            ctx,
            group,
            fact,
            "field service of the maker",
            "service report of the last visit",
        ));
    }
    let version =
        |name: &String| VERSIONS.iter().find(|(part, _)| name.contains(part)).map(|(_, version)| *version);
    let filled = of(Kind::Versions).find_map(|group| {
        let name = group.components.iter().find(|name| version(name).is_some())?;
        Some((group, name))
    });
    if let Some((group, name)) = filled {
        let version = version(name).unwrap_or_default().to_owned();
        let fact = Fact::Contains { name: name.clone(), version, purl: None, cpe: None };
        answers.extend(record(
            ctx,
            group,
            fact,
            "product security of the maker",
            "list sent as a corrected table",
        ));
    }
    for command in answers {
        answered::record(ctx, actor, command).await?;
    }
    Ok(())
}

fn record(ctx: &Context, group: &Unknown, fact: Fact, said_by: &str, source: &str) -> Option<Record> {
    let (release, _) = group.releases.first()?;
    Some(Record {
        holds: vec![Holds::Release(*release)],
        fact,
        said_by: said_by.to_owned(),
        said_on: ctx.clock.today().saturating_sub(3.days()),
        source: source.to_owned(),
        document: None,
        question: Some(group.key.clone()),
    })
}
