//! Firewalls of the hospital: facts on two of somebody else. Made up, as all of the sample.

use bedrail_model::device::Exposure;
use bedrail_model::firewall::{Mode, Product};
use jiff::ToSpan as _;

use crate::devices::{self, DeviceFilter};
use crate::firewall::{self, NewFirewall};
use crate::page::PageRequest;
use crate::{Actor, Context, Error};

/// Devices behind the one that blocks, and behind the one that detects only.
const BEHIND: (usize, usize) = (3, 2);

/// Says them, unless something was said of a firewall before.
pub(super) async fn take(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    if !firewall::list(ctx, actor).await?.is_empty() {
        return Ok(());
    }
    let today = ctx.clock.today();
    let filter = DeviceFilter { exposure: Some(Exposure::Outside), ..DeviceFilter::default() };
    let page = PageRequest::at(0, 5);
    let outside = devices::list(ctx, actor, &filter, &page).await?.rows;
    let mut ids = outside.iter().map(|row| row.id.to_string());
    let mut behind = |count: usize| ids.by_ref().take(count).collect::<Vec<_>>();
    let said = [
        NewFirewall {
            name: "Sample: border of the main campus".to_owned(),
            product: Product::F5,
            mode: Mode::Block,
            rules_on: Some(today.saturating_sub(5.days())),
            proof: "Its console was looked at together with the network group.".to_owned(),
            document: None,
            said_by: "Network group".to_owned(),
            expires: Some(today.saturating_add(60.days())),
            devices: behind(BEHIND.0),
        },
        NewFirewall {
            name: "Sample: portal of the imaging centre".to_owned(),
            product: Product::Cloudflare,
            mode: Mode::Detect,
            rules_on: None,
            proof: "The contract says so; nobody has looked.".to_owned(),
            document: None,
            said_by: "Imaging centre".to_owned(),
            expires: Some(today.saturating_add(14.days())),
            devices: behind(BEHIND.1),
        },
    ];
    for one in &said {
        firewall::add(ctx, actor, one).await?;
    }
    Ok(())
}
