//! Several weaknesses at once: each by itself, and all together.

use std::collections::HashSet;

use bedrail_model::finding::Weakness;
use bedrail_model::ids::DeviceId;
use bedrail_store::View;

use super::marks::{self, Marks};
use super::selection::Selection;
use super::{OneOfSeveral, Question, Told, Understood};
use crate::fleet::{Fleet, index};
use crate::{Context, Error};

/// Says of each class the most pressing of what the known weaknesses say.
pub(super) async fn tell(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    weaknesses: Vec<(String, Option<Weakness>)>,
    left_out: u64,
) -> Result<Told, Error> {
    let mut each = Vec::new();
    let mut by_weakness = Vec::new();
    let any_known = weaknesses.iter().any(|(_, weakness)| weakness.is_some());
    for (id, weakness) in weaknesses {
        let marks = match &weakness {
            Some(_) => marks::weakness(ctx, fleet, view, &id).await?,
            None => marks::unknown_weakness(ctx, fleet, view, &id).await?,
        };
        let totals = Selection::of(fleet, &marks, &Question::default()).totals;
        // Beside one that is known, one that is not adds what advisories say of products themselves.
        let beside = weakness.is_none() && any_known;
        by_weakness.push((id.clone(), if beside { marks.without_unrecorded() } else { marks }));
        each.push(OneOfSeveral { id, weakness, totals });
    }
    let marks = union(fleet, &by_weakness);
    Ok(Told { understood: Understood::Several { each, left_out }, marks, by_weakness })
}

/// The most pressing of what each says.
fn union(fleet: &Fleet, by_weakness: &[(String, Marks)]) -> Marks {
    let mut all = Marks::new(fleet);
    for class in 0..index(fleet.products.classes.len()) {
        let most = by_weakness.iter().filter_map(|(_, marks)| marks.of(class)).min();
        if let Some(most) = most {
            all.add(class, most);
        }
    }
    // A device of its own in one is asked for in all.
    let single = by_weakness.iter().flat_map(|(_, marks)| marks.single.keys().copied());
    let single: HashSet<DeviceId> = single.collect();
    let here = fleet.devices.list.iter().filter(|device| single.contains(&device.id));
    for device in here {
        let marks = by_weakness.iter().filter_map(|(_, marks)| marks.of_device(device.id, device.class));
        if let Some(most) = marks.min() {
            all.single.insert(device.id, most);
        }
    }
    // All that are known have the same; those that are not have none.
    if let Some((_, known)) = by_weakness.iter().find(|(_, marks)| marks.is_recorded()) {
        all.rulings = known.rulings.clone();
    }
    all
}
