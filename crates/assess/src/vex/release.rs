//! A product of a statement against a whole release: the release itself, or components in it.

use super::{Speaks, Spoken, Why};

/// What a product of a statement is in a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Whether the statement speaks of it: yes or cannot tell.
    pub speaks: Speaks,
    /// Why.
    pub why: Why,
    /// The components that it speaks of, by whatever the caller calls them; empty for the release as a whole.
    pub components: Vec<usize>,
}

/// Puts together what a product is in one release; `None` where it is nothing of it.
///
/// `release` is the answer for the release itself, `own` are the components that the product itself is or may be, `parts`
/// has for each of the product's parts the components that it is or may be. `has_bill` is whether components are known.
pub fn match_release(
    release: &Spoken,
    own: &[(usize, Spoken)],
    parts: &[Vec<(usize, Spoken)>],
    has_bill: bool,
) -> Option<Match> {
    let own: Vec<&(usize, Spoken)> = own.iter().filter(|(_, it)| it.speaks != Speaks::No).collect();
    if parts.is_empty() {
        return match release.speaks {
            // The product is the release: it is spoken of as a whole.
            Speaks::Yes => {
                Some(Match { speaks: Speaks::Yes, why: release.why.clone(), components: Vec::new() })
            }
            Speaks::CannotTell if !own.iter().any(|(_, it)| it.speaks == Speaks::Yes) => {
                Some(Match { speaks: Speaks::CannotTell, why: release.why.clone(), components: Vec::new() })
            }
            Speaks::CannotTell | Speaks::No => of_components(&own),
        };
    }
    let inside: Vec<&(usize, Spoken)> =
        parts.iter().flatten().filter(|(_, it)| it.speaks != Speaks::No).collect();
    let found = of_components(&inside);
    let cannot_tell =
        |why: Why, components: Vec<usize>| Some(Match { speaks: Speaks::CannotTell, why, components });
    match (release.speaks, found) {
        (Speaks::Yes, Some(found)) => Some(found),
        (Speaks::Yes, None) if has_bill => cannot_tell(Why::PartNotListed, Vec::new()),
        (Speaks::Yes, None) => cannot_tell(Why::NoBill, Vec::new()),
        (Speaks::CannotTell, found) => {
            cannot_tell(release.why.clone(), found.map(|it| it.components).unwrap_or_default())
        }
        // The product is a component, and its part another one: an image, a distribution.
        (Speaks::No, Some(found)) if !own.is_empty() => cannot_tell(Why::PartElsewhere, found.components),
        (Speaks::No, _) => None,
    }
}

/// Those that it speaks of; where it speaks of none for certain, those that it may speak of.
fn of_components(found: &[&(usize, Spoken)]) -> Option<Match> {
    let speaks = found.iter().map(|(_, it)| it.speaks).max()?;
    let chosen: Vec<&&(usize, Spoken)> = found.iter().filter(|(_, it)| it.speaks == speaks).collect();
    let why = chosen.first()?.1.why.clone();
    let mut components: Vec<usize> = chosen.iter().map(|(index, _)| *index).collect();
    components.sort_unstable();
    components.dedup();
    Some(Match { speaks, why, components })
}
