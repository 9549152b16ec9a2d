//! What was asked and answered in an organisation, by the release that it holds for.

use std::collections::HashMap;

use bedrail_model::answered::{AnsweredFact, Fact, Holds};
use bedrail_model::ids::ReleaseId;
use bedrail_model::text::squeezed;
use bedrail_store::releases::ReleaseRow;
use bedrail_store::{View, facts};

use crate::Error;

/// All facts that were not taken back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    /// The change that last recorded a fact or took one back.
    pub(crate) newest: i64,
    of_release: HashMap<ReleaseId, Vec<AnsweredFact>>,
    of_model: HashMap<(String, String), Vec<AnsweredFact>>,
}

/// How maker and model are compared: without case and outer space.
fn model_key(maker: &str, model: &str) -> (String, String) {
    (squeezed(maker).to_lowercase(), squeezed(model).to_lowercase())
}

impl Answers {
    /// Those that a view sees.
    pub(crate) async fn read(view: &View) -> Result<Answers, Error> {
        Ok(Answers::new(facts::newest(view).await?, facts::all(view).await?))
    }

    pub(crate) fn new(newest: i64, facts: Vec<AnsweredFact>) -> Answers {
        let mut answers = Answers { newest, ..Answers::default() };
        let mut facts: Vec<AnsweredFact> = facts.into_iter().filter(|fact| fact.revoked.is_none()).collect();
        facts.sort_by_key(|fact| fact.id);
        for fact in facts {
            let of = match &fact.holds {
                Holds::Release(id) => answers.of_release.entry(*id).or_default(),
                Holds::Model { maker, model } => answers.of_model.entry(model_key(maker, model)).or_default(),
            };
            of.push(fact);
        }
        answers
    }

    /// What holds for a release, the first recorded first.
    pub(crate) fn on(&self, release: &ReleaseRow) -> Vec<&AnsweredFact> {
        let own = self.of_release.get(&release.id).into_iter().flatten();
        let key = model_key(&release.maker, &release.model);
        let mut facts: Vec<&AnsweredFact> =
            own.chain(self.of_model.get(&key).into_iter().flatten()).collect();
        facts.sort_by_key(|fact| fact.id);
        facts
    }

    /// Whether somebody said of a release that it contains nothing of this name. Only of the name itself: who was asked for
    /// `node` said nothing of `node-forge`.
    pub(crate) fn lacks(&self, release: &ReleaseRow, name: &str) -> bool {
        let name = squeezed(name).to_lowercase();
        self.on(release).iter().any(|fact| match &fact.fact {
            Fact::Lacks(lacked) => squeezed(lacked).to_lowercase() == name,
            _ => false,
        })
    }

    /// Whether a fact holds for a release.
    pub(crate) fn holds_for(holds: &Holds, release: &ReleaseRow) -> bool {
        match holds {
            Holds::Release(id) => *id == release.id,
            Holds::Model { maker, model } => {
                model_key(maker, model) == model_key(&release.maker, &release.model)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bedrail_model::ids::FactId;

    use super::*;

    #[test]
    fn what_a_model_lacks_all_of_its_releases_lack_and_no_more_than_that() {
        let fact = AnsweredFact {
            id: FactId::generate(),
            holds: Holds::Model { maker: "Orbis  medical".into(), model: "FLOW".into() },
            fact: Fact::Lacks("Log4j".into()),
            said_by: "the maker".into(),
            said_on: jiff::civil::date(2026, 2, 1),
            source: "letter".into(),
            document: None,
            question: None,
            recorded: jiff::Timestamp::UNIX_EPOCH,
            author: "kim".into(),
            revoked: None,
        };
        let release = |model: &str| ReleaseRow {
            id: ReleaseId::generate(),
            maker: "Orbis Medical".into(),
            model: model.into(),
            version: Some("2.1".into()),
            content: None,
        };
        let answers = Answers::new(1, vec![fact.clone()]);
        for (model, name, lacks) in [
            ("Flow", "log4j", true),
            ("Flow", "log4j-core", false),
            ("Flow", "log4js", false),
            ("Flow", "log", false),
            ("Vista", "log4j", false),
        ] {
            assert_eq!(answers.lacks(&release(model), name), lacks, "{model} {name}");
        }
        let revoked = Some((jiff::Timestamp::UNIX_EPOCH, "kim".to_owned(), "wrong model".to_owned()));
        let answers = Answers::new(2, vec![AnsweredFact { revoked, ..fact }]);
        assert!(!answers.lacks(&release("Flow"), "log4j"));
    }
}
