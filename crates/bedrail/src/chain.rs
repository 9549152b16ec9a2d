//! Why a device is said to have a weakness, or not: the chain from the record to the answer, a line each.

use bedrail_app::affected::{self, AffectedDevice, Understood};
use bedrail_app::medical::{self, Explained, HeldFor};
use bedrail_app::{Actor, Context, Error, devices};
use bedrail_model::ids::DeviceId;
use bedrail_model::product_advisory::Word;

use crate::web::parts::{Grounds, Why, release_name};

/// The chain of one device and one weakness or medical advisory.
///
/// # Errors
/// [`Error::NotFound`] when there is no such device; [`Error::Invalid`] when the text names neither.
pub(crate) async fn of(
    ctx: &Context,
    actor: &Actor,
    weakness: &str,
    device: DeviceId,
) -> Result<Vec<String>, Error> {
    let detail = devices::get(ctx, actor, device).await?;
    let facts = &detail.row.facts;
    let name = release_name(facts.maker.as_deref(), facts.model.as_deref(), facts.version.as_deref());
    let head = format!("{} ({name})", detail.row.name);
    let (understood, row) = affected::of_device(ctx, actor, weakness, device).await?;
    let asked = match &understood {
        Understood::Weakness(weakness) => weakness.id.clone(),
        Understood::UnknownWeakness(id) => id.clone(),
        Understood::Several { .. }
        | Understood::Package(_)
        | Understood::ComponentName { .. }
        | Understood::Maker(_) => {
            return Err(Error::invalid(format!("“{weakness}” is not the id of one weakness or advisory")));
        }
    };
    let mut told = match row {
        Some(row) => lines(head, &name, &row),
        None => {
            vec![head, format!("No record of {weakness} in the data held names anything that it contains.")]
        }
    };
    if told.len() == 2 && !ctx.data_status().complete {
        told.push("The data behind this is not whole and fresh: that is no all-clear.".to_owned());
    }
    for said in medical::explain(ctx, actor, &asked, detail.row.release).await? {
        told.extend(statement(&said));
    }
    Ok(told)
}

fn lines(head: String, release: &str, row: &AffectedDevice) -> Vec<String> {
    let why = Why::of(&Grounds {
        release,
        path: &row.path,
        component: row.component.as_deref(),
        version: row.version.as_deref(),
        purl: row.purl.as_deref(),
        identified: row.identified.as_ref(),
        answer: row.answer,
        reason: row.reason,
        fixed_in: &row.fixed_in,
        evidence: &row.evidence,
    });
    let numbered = why.steps.into_iter().zip(1..).map(|(step, number)| format!("{number}. {step}"));
    let decided = row.decision.iter().map(|brief| {
        format!("Decided: {} by {}: {}", brief.verdict.code().replace('_', " "), brief.author, brief.reason)
    });
    std::iter::once(head).chain(numbered).chain(decided).collect()
}

/// What an advisory says of the product itself: its words, the names, the versions, the answer.
fn statement(said: &Explained) -> Vec<String> {
    let day = said.released.as_deref().map_or("undated", |text| text.get(..10).unwrap_or(text));
    let word = match said.word {
        Word::Own => "",
        Word::Repeated => ", which repeats what makers say",
    };
    let mut lines =
        vec![format!("Advisory {} of {} ({day}){word}: {}", said.advisory, said.publisher, said.title)];
    for name in &said.names {
        let held = match name.held {
            HeldFor::SameByRule => {
                "the same product by rule: equal but for case, punctuation and legal form".to_owned()
            }
            HeldFor::SameByPerson(at) => {
                format!("the same product, as a person here decided on {}", at.strftime("%Y-%m-%d"))
            }
            HeldFor::AllOfMaker => "meant with all products of its maker".to_owned(),
            HeldFor::Open => "perhaps the same product; nobody has decided".to_owned(),
        };
        lines.push(format!("  Our “{}” and its “{}”: {held}.", said.own_name, name.name));
        let version = if said.version.is_empty() { "of an unknown version" } else { said.version.as_str() };
        lines.push(format!("  Ours is {version}; it names: {}.", name.versions.join("; ")));
    }
    lines.push(format!("  So by this advisory: {}, because {}.", said.answer, said.why.sentence()));
    lines
}
