//! The brake on guessing passwords and codes: a bucket of tries per name, one per address, and one for all together.
//!
//! In memory first: it must be cheaper than what it protects, and a restart of the server is not in a guesser's hands. What
//! that lets through is counted in the database too where it is PostgreSQL, by all processes together, so that a guesser who
//! reaches several has no more tries. An address has many: whole hospitals sit behind one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use bedrail_store::tries::{self as rows, Counted};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::allowance::{Allowance, Bucket, network};
use crate::{Context, Error};

/// Tries per name before the brake, and seconds until one comes back.
const PER_NAME: Allowance = Allowance { burst: 8.0, seconds_each: 20.0 };
/// Tries per address (IPv6: per /64, which one customer has).
const PER_ADDRESS: Allowance = Allowance { burst: 60.0, seconds_each: 1.0 };
/// Tries of all together.
const IN_ALL: Allowance = Allowance { burst: 100.0, seconds_each: 0.5 };
/// Names and addresses remembered at most; beyond it the full buckets are forgotten.
const REMEMBERED: usize = 20_000;

/// Whose tries are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whose {
    Name(String),
    Address(IpAddr),
}

impl Whose {
    fn name(name: &str) -> Whose {
        Whose::Name(name.to_lowercase())
    }

    fn address(address: IpAddr) -> Whose {
        Whose::Address(network(address))
    }

    fn allowance(&self) -> Allowance {
        match self {
            Whose::Name(_) => PER_NAME,
            Whose::Address(_) => PER_ADDRESS,
        }
    }
}

/// Takes one try; false where none is left, here or in all processes together.
pub(crate) async fn take(ctx: &Context, name: &str, address: Option<IpAddr>) -> Result<bool, Error> {
    let now = ctx.clock.now();
    if !ctx.inner.tries.take(name, address, now) {
        return Ok(false);
    }
    if !ctx.inner.store.is_shared() {
        return Ok(true);
    }
    let mut all = vec![counted(&Whose::name(name))];
    all.extend(shared(address));
    Ok(rows::take(&ctx.inner.store, &all, now).await?)
}

/// Gives the tries of a name back after the right password, and one of those that it shared.
pub(crate) async fn forget(ctx: &Context, name: &str, address: Option<IpAddr>) -> Result<(), Error> {
    ctx.inner.tries.forget(name, address);
    if ctx.inner.store.is_shared() {
        let own = counted(&Whose::name(name));
        rows::give_back(&ctx.inner.store, &own.whose, &shared(address)).await?;
    }
    Ok(())
}

/// What a try takes of beside its name's: its address's, and those of all.
fn shared(address: Option<IpAddr>) -> Vec<Counted> {
    let all = of("all", "", IN_ALL);
    address.map(|address| counted(&Whose::address(address))).into_iter().chain([all]).collect()
}

fn counted(whose: &Whose) -> Counted {
    match whose {
        Whose::Name(name) => of("name", name, whose.allowance()),
        Whose::Address(address) => of("address", &address.to_string(), whose.allowance()),
    }
}

fn of(kind: &str, text: &str, allowance: Allowance) -> Counted {
    let whose = Sha256::new().chain_update(kind).chain_update([0]).chain_update(text).finalize().to_vec();
    let each = (allowance.seconds_each * 1_000_000.0) as i64;
    Counted { whose, each, burst: allowance.burst as i64 }
}

/// Tries left, by name, by address and in all.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<Buckets>);

#[derive(Debug, Default)]
struct Buckets {
    own: HashMap<Whose, Bucket>,
    all: Option<Bucket>,
}

impl Tries {
    /// Takes one try; false where none is left.
    pub(crate) fn take(&self, name: &str, address: Option<IpAddr>, now: Timestamp) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.own.len() >= REMEMBERED {
            buckets.own.retain(|whose, bucket| {
                bucket.refilled(whose.allowance(), now).left < whose.allowance().burst
            });
        }
        let full = |allowance| Bucket::full(allowance, now);
        let mut all = buckets.all.unwrap_or(full(IN_ALL)).refilled(IN_ALL, now);
        let whose = [Some(Whose::name(name)), address.map(Whose::address)].into_iter().flatten();
        let mut own: Vec<(Whose, Bucket)> = whose
            .map(|whose| {
                let allowance = whose.allowance();
                let bucket = buckets.own.get(&whose).copied().unwrap_or(full(allowance));
                (whose, bucket.refilled(allowance, now))
            })
            .collect();
        let allowed = all.left >= 1.0
            && own.iter().all(|(_, bucket)| bucket.left >= 1.0)
            && buckets.own.len() < REMEMBERED;
        if allowed {
            all.left -= 1.0;
            own.iter_mut().for_each(|(_, bucket)| bucket.left -= 1.0);
        }
        buckets.all = Some(all);
        buckets.own.extend(own);
        allowed
    }

    /// Gives the tries of a name back after the right password, and one of those that it shared.
    pub(crate) fn forget(&self, name: &str, address: Option<IpAddr>) {
        let mut buckets = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        buckets.own.remove(&Whose::name(name));
        if let Some(shared) = address.and_then(|address| buckets.own.get_mut(&Whose::address(address))) {
            shared.left = (shared.left + 1.0).min(PER_ADDRESS.burst);
        }
        if let Some(all) = &mut buckets.all {
            all.left = (all.left + 1.0).min(IN_ALL.burst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_one_name_is_slowed_and_others_are_not() {
        let tries = Tries::default();
        let now = Timestamp::UNIX_EPOCH;
        assert!((0..8).all(|_| tries.take("admin", None, now)));
        assert!(!tries.take("Admin", None, now), "upper and lower case are one name");
        assert!(tries.take("other", None, now));
        assert!(tries.take("admin", None, Timestamp::from_second(20).unwrap()), "one try comes back");
        tries.forget("admin", None);
        assert!(tries.take("admin", None, now));
    }

    #[test]
    fn guessing_many_names_from_one_address_is_slowed_and_other_addresses_are_not() {
        let tries = Tries::default();
        let now = Timestamp::UNIX_EPOCH;
        let at = |text: &str| text.parse().ok();
        assert!((0..60).all(|n| tries.take(&format!("name {n}"), at("2001:db8::1"), now)));
        assert!(!tries.take("admin", at("2001:db8::2"), now), "the same network");
        assert!(tries.take("admin", at("2001:db8:1::1"), now));
        assert!(tries.take("admin", at("192.0.2.1"), now));
    }
}
