//! Which devices the answer shows, in which order, and the exact totals over all of them.

use bedrail_model::answer::Answer;
use bedrail_model::campaign::{Counts, Ward, WardCounts};
use bedrail_model::device::Exposure;
use bedrail_model::ids::DeviceId;

use super::{Marks, Question, Totals, WardBlock};
use crate::Error;
use crate::fleet::{Brief, Fleet};
use crate::page::PageRequest;

/// The devices of an answer.
pub(super) struct Selection {
    pub(super) totals: Totals,
    /// Devices that pass the filters, in order: indices into the summary's list.
    list: Vec<u32>,
    /// Per place: devices, affected, cannot tell, outside, handled, ruled out.
    places: Vec<[u64; 6]>,
}

impl Selection {
    pub(super) fn of(fleet: &Fleet, marks: &Marks, question: &Question) -> Selection {
        let mut totals = Totals { fleet: fleet.devices.list.len() as u64, ..Totals::default() };
        let mut places = vec![[0; 6]; fleet.devices.places.len()];
        let filter = Filter::of(fleet, question, marks);
        // One bucket per exposure and answer; the summary's order is by exposure, place and name already, so the buckets
        // put together are the order of the answer.
        let mut buckets: Vec<Vec<u32>> = vec![Vec::new(); Exposure::ALL.len() * Answer::ALL.len()];
        for (at, device) in (0..).zip(&fleet.devices.briefs) {
            let place = &mut places[device.place as usize];
            place[0] += 1;
            let mark = if marks.single.is_empty() {
                marks.of(device.class)
            } else {
                marks.of_device(fleet.devices.list[at as usize].id, device.class)
            };
            let Some(mark) = mark else { continue };
            let outside = device.exposure == Exposure::Outside;
            let counted = match mark.answer {
                Answer::Affected => Some(1),
                Answer::NotAffected if marks.containing => Some(1),
                // A component that was asked for is there, whatever is known of its weaknesses.
                Answer::CannotTell if marks.containing && mark.component.is_some() => Some(1),
                Answer::CannotTell => Some(2),
                Answer::NotAffected => None,
            };
            if let Some(column) = counted {
                place[column] += 1;
                place[3] += u64::from(outside);
                totals.outside += u64::from(outside);
                let alone =
                    !device.owned && !marks.on_it.has(fleet.devices.list[at as usize].id, device.place);
                totals.without_owner += u64::from(alone);
                let affected = column == 1;
                totals.affected_outside += u64::from(affected && outside);
                totals.affected_without_owner += u64::from(affected && alone);
            }
            if let Some(decision) = mark.decision {
                let handled = mark.answer == Answer::Affected && decision.handled;
                place[4] += u64::from(handled);
                place[5] += u64::from(mark.answer == Answer::NotAffected);
                totals.ruled_out += u64::from(mark.answer == Answer::NotAffected);
                totals.handled += u64::from(handled);
            }
            if filter.takes(device, mark.answer) {
                let exposure = Exposure::ALL.iter().position(|one| *one == device.exposure).unwrap_or(0);
                let answer = Answer::ALL.iter().position(|one| *one == mark.answer).unwrap_or(0);
                buckets[exposure * Answer::ALL.len() + answer].push(at);
            }
        }
        count_places(fleet, &places, &mut totals);
        Selection { totals, list: buckets.concat(), places }
    }

    /// Devices that pass the filters.
    pub(super) fn matching(&self) -> u64 {
        self.list.len() as u64
    }

    /// All of them.
    pub(super) fn all(&self, fleet: &Fleet) -> Vec<DeviceId> {
        self.list.iter().map(|at| fleet.devices.list[*at as usize].id).collect()
    }

    /// The devices of one page, and how many come before them.
    pub(super) fn page(&self, fleet: &Fleet, page: &PageRequest) -> Result<(u64, Vec<DeviceId>), Error> {
        let id = |at: &u32| fleet.devices.list[*at as usize].id;
        let offset = page.skip(|after| {
            let after: DeviceId = after.parse().ok()?;
            self.list.iter().position(|at| id(at) == after).map(|at| at as u64)
        })?;
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok((offset, self.list.iter().skip(skip).take(page.rows()).map(id).collect()))
    }

    /// Wards with a device that is affected, cannot be told of, or is ruled out.
    pub(super) fn touched_wards(&self, fleet: &Fleet) -> Vec<WardCounts> {
        let touched = |counts: &[u64; 6]| counts[1] + counts[2] + counts[5] > 0;
        let places = fleet.devices.places.iter().zip(&self.places).filter(|(_, counts)| touched(counts));
        let counted = places.map(|(place, counts)| WardCounts {
            ward: Ward { site: place.site.to_string(), ward: place.ward.to_string() },
            counts: Counts {
                devices: counts[0],
                affected: counts[1],
                cannot_tell: counts[2],
                outside: counts[3],
                handled: counts[4],
                ruled_out: counts[5],
            },
        });
        counted.collect()
    }

    /// Every ward with its share.
    pub(super) fn wards(&self, fleet: &Fleet) -> Vec<WardBlock> {
        let places = fleet.devices.places.iter().zip(&self.places);
        places
            .filter(|(_, counts)| counts[0] > 0)
            .map(|(place, counts)| WardBlock {
                site: place.site.to_string(),
                ward: place.ward.to_string(),
                devices: counts[0],
                affected: counts[1],
                cannot_tell: counts[2],
                outside: counts[3],
            })
            .collect()
    }
}

fn count_places(fleet: &Fleet, places: &[[u64; 6]], totals: &mut Totals) {
    let mut last_site = None;
    for (place, counts) in fleet.devices.places.iter().zip(places) {
        totals.affected += counts[1];
        totals.cannot_tell += counts[2];
        if counts[1] + counts[2] == 0 {
            continue;
        }
        totals.wards += u64::from(!place.ward.is_empty());
        totals.affected_wards += u64::from(!place.ward.is_empty() && counts[1] > 0);
        // Places are in the order of their sites.
        if !place.site.is_empty() && last_site != Some(&place.site) {
            totals.sites += 1;
            last_site = Some(&place.site);
        }
    }
}

/// The filters, ready for comparing.
struct Filter<'a> {
    question: &'a Question,
    /// Whether what is not affected is listed without being asked for.
    all_answers: bool,
    places: Vec<bool>,
}

impl<'a> Filter<'a> {
    fn of(fleet: &Fleet, question: &'a Question, marks: &Marks) -> Filter<'a> {
        let same =
            |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|wanted| wanted == text);
        let places = fleet.devices.places.iter();
        let places =
            places.map(|place| same(&question.site, &place.site) && same(&question.ward, &place.ward));
        Filter { question, all_answers: marks.listing_all, places: places.collect() }
    }

    fn takes(&self, device: &Brief, answer: Answer) -> bool {
        let wanted = match self.question.answer {
            Some(wanted) => answer == wanted,
            None => self.all_answers || answer != Answer::NotAffected,
        };
        wanted
            && self.places[device.place as usize]
            && self.question.exposure.is_none_or(|exposure| device.exposure == exposure)
            && self.question.owned.is_none_or(|owned| device.owned == owned)
    }
}
