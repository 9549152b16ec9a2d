//! Who asked for a job, kept with it: the work is done with the rights that this person has then, and had when asking.

use std::net::IpAddr;

use bedrail_model::ids::OrgId;
use serde::{Deserialize, Serialize};

use super::run::Stop;
use crate::actor::Via;
use crate::rights::{Right, Rights};
use crate::{Actor, Context, Error, accounts};

/// Who asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Who {
    account: Option<String>,
    name: String,
    via: String,
    address: Option<IpAddr>,
    rights: Vec<String>,
}

impl Who {
    /// The actor who asks.
    pub(crate) fn of(actor: &Actor) -> Who {
        Who {
            account: actor.account.map(|account| account.to_string()),
            name: actor.name.clone(),
            via: actor.via.code().to_owned(),
            address: actor.address,
            rights: actor.rights().iter().map(|right| right.code().to_owned()).collect(),
        }
    }

    /// The actor as it may act now: who has left meanwhile may nothing.
    pub(crate) async fn actor(&self, ctx: &Context, org: OrgId) -> Result<Actor, Stop> {
        let via = Via::from_code(&self.via).unwrap_or(Via::System);
        let rights: Rights = self.rights.iter().filter_map(|code| Right::from_code(code)).collect();
        let actor = match &self.account {
            None => Actor::at_terminal(org, self.name.clone()),
            Some(account) => {
                let gone = || Stop::Never("whoever asked for it is a member no more".into());
                let account = account.parse().map_err(|_| gone())?;
                match accounts::visit(ctx, account, org, via).await {
                    Ok((_, actor)) => actor,
                    Err(Error::NotFound { .. }) => return Err(gone()),
                    Err(error) => return Err(error.into()),
                }
            }
        };
        Ok(actor.later(self.name.clone(), via, rights).at(self.address))
    }
}
