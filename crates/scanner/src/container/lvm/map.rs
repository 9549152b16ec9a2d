//! Where the extents of logical volumes lie (lvm2, lib/format_text/export.c writes what is read here).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::rc::Rc;

use super::damaged;
use super::text::{Section, Value};
use crate::budget::Meter;
use crate::content::{Content, ReadAt, zeros};
use crate::examine::Examiner;
use crate::report::Reason;

const VOLUME: &str = "LVM logical volume";
/// Volumes that lie in one another: a mirror that is being moved has three.
const MAX_DEPTH: usize = 8;

/// A group of volumes, as one of its physical volumes sees it.
pub(super) struct Group<'d, 's> {
    disk: &'d Content<'s>,
    name: &'d str,
    /// Bytes of an extent.
    extent: u64,
    /// The name of the physical volume that is looked at, and where its extents begin.
    here: (&'d str, u64),
    /// What is known of the others by their names.
    others: HashMap<&'d str, String>,
    volumes: BTreeMap<&'d str, &'d Section<'d>>,
    /// Volumes that were put together already: one may lie in many others.
    known: RefCell<Known<'d, 's>>,
    meter: Rc<Meter<'s>>,
}

/// A logical volume as far as it is here.
#[derive(Clone)]
struct Volume<'s> {
    content: Content<'s>,
    /// What of it is not.
    lacks: Option<Reason>,
}

/// By names.
type Known<'d, 's> = HashMap<&'d str, Result<Volume<'s>, Reason>>;

impl<'d, 's> Group<'d, 's> {
    /// The group in its text, and which of its physical volumes bears this id.
    pub(super) fn new(
        disk: &'d Content<'s>,
        all: &'d Section<'d>,
        id: &[u8],
        meter: &Rc<Meter<'s>>,
    ) -> Result<Group<'d, 's>, Reason> {
        let group = all.sections().find(|(_, it)| it.number("seqno").is_some());
        let (name, group) = group.ok_or_else(|| damaged("its metadata has no group of volumes"))?;
        let extent = group.number("extent_size").and_then(|it| it.checked_mul(512)).filter(|it| *it > 0);
        let extent = extent.ok_or_else(|| damaged("its extents have no size"))?;
        let (mut here, mut others) = (None, HashMap::new());
        for (name, physical) in group.section("physical_volumes").iter().flat_map(|it| it.sections()) {
            let its_id = physical.text("id").unwrap_or_default();
            if its_id.bytes().filter(|byte| *byte != b'-').eq(id.iter().copied()) {
                let start = physical.number("pe_start").and_then(|it| it.checked_mul(512));
                here = start.filter(|start| *start > 0).map(|start| (name, start));
            } else {
                let device = physical.text("device").unwrap_or("of no known name");
                others.insert(name, format!("the physical volume {its_id} (it was {device})"));
            }
        }
        let here = here.ok_or_else(|| damaged("its group of volumes does not know it"))?;
        let volumes = group.section("logical_volumes").iter().flat_map(|it| it.sections()).collect();
        let (known, meter) = (RefCell::default(), Rc::clone(meter));
        Ok(Group { disk, name, extent, here, others, volumes, known, meter })
    }

    /// Looks at every logical volume that somebody can use; the others are parts of these.
    pub(super) fn each(&self, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
        let all = || self.volumes.values().flat_map(|volume| segments(volume));
        let named = |key| all().filter_map(|it| it.text(key)).collect::<HashSet<_>>();
        let (changes, merged) = (named("cow_store"), named("merging_store"));
        let changing: HashSet<_> = all()
            .filter(|it| it.text("merging_store").is_some())
            .filter_map(|it| it.text("origin"))
            .collect();
        for (name, section) in &self.volumes {
            // The link of a snapshot to what it is of is no volume itself.
            let is_link = segments(section).any(|it| it.text("type") == Some("snapshot"));
            if !section.has("status", "VISIBLE") || is_link {
                examiner.meter.entry()?;
                continue;
            }
            let full = format!("{}/{name}", self.name);
            if changes.contains(name) || merged.contains(name) {
                let what = "a snapshot of an LVM logical volume".to_owned();
                examiner.not_scanned(&full, Reason::Unsupported(what))?;
                continue;
            }
            match self.volume(name, 0) {
                Ok(volume) => {
                    examiner.volume(full.as_bytes(), &volume.content)?;
                    if let Some(reason) = volume.lacks {
                        examiner.not_scanned(&full, reason)?;
                    }
                }
                Err(reason) => examiner.not_scanned(&full, reason)?,
            }
            if changing.contains(name) {
                let what = "what a snapshot that is being merged into it holds".to_owned();
                examiner.not_scanned(&full, Reason::Unsupported(what))?;
            }
        }
        Ok(())
    }

    /// The bytes of a logical volume, put together once.
    fn volume(&self, name: &'d str, depth: usize) -> Result<Volume<'s>, Reason> {
        if let Some(volume) = self.known.borrow().get(name) {
            return volume.clone();
        }
        let section = self.volumes.get(name).copied();
        let section = section.ok_or_else(|| wrong("it lies on a volume that its group does not know"))?;
        if depth > MAX_DEPTH {
            return Err(wrong("volumes lie in one another without end"));
        }
        let volume = self.put_together(section, depth);
        self.known.borrow_mut().insert(name, volume.clone());
        volume
    }

    fn put_together(&self, section: &'d Section<'d>, depth: usize) -> Result<Volume<'s>, Reason> {
        let mut all: Vec<&Section<'d>> = segments(section).collect();
        all.sort_by_key(|it| it.number("start_extent"));
        if section.number("segment_count") != Some(all.len() as u64) {
            return Err(wrong("its metadata lacks some of its segments"));
        }
        let (mut parts, mut end, mut lacks) = (Vec::new(), 0, None);
        for segment in all {
            self.meter.entry()?;
            let start = segment.number("start_extent").and_then(|it| it.checked_mul(self.extent));
            let length = segment.number("extent_count").and_then(|it| it.checked_mul(self.extent));
            let next = start.zip(length).and_then(|(start, length)| start.checked_add(length));
            if start != Some(end) || next.is_none_or(|next| next <= end) {
                return Err(wrong("its segments leave a gap or overlap"));
            }
            let length = length.unwrap_or_default();
            let laid = match self.segment(segment, length, depth) {
                // What of a volume is on another disk leaves the rest of it, where it begins here.
                Err(reason @ Reason::NeedsOther { .. }) if end > 0 => {
                    let areas = vec![Area::Missing(reason.clone())];
                    Laid { areas, stripe: length, lacks: Some(reason) }
                }
                laid => laid?,
            };
            lacks = lacks.or(laid.lacks);
            parts.push(Part { start: end, length, stripe: laid.stripe, areas: laid.areas });
            end = next.unwrap_or(end);
        }
        let content = match parts.as_slice() {
            [Part { areas, .. }] if let [Area::Here(area)] = areas.as_slice() => area.clone(),
            _ => Content::made(Parts(parts), end, &self.meter),
        };
        Ok(Volume { content, lacks })
    }

    /// A segment of so many bytes.
    fn segment(&self, segment: &Section<'d>, length: u64, depth: usize) -> Result<Laid<'s>, Reason> {
        let kind = segment.text("type").unwrap_or("unknown");
        match kind {
            "striped" | "linear" => self.stripes(segment, length, depth),
            "zero" => Ok(Laid { areas: vec![Area::Zeros], stripe: length, lacks: None }),
            // Every copy is whole: the first that is here.
            "mirror" => self.copy(pairs(segment.values("mirrors")), length, depth),
            "raid1" => {
                // A volume with the state of each copy, then the copy.
                let names = segment.values("raids").chunks_exact(2);
                let copies = names.filter_map(|pair| match pair {
                    [_, Value::Text(name)] => Some((*name, 0)),
                    _ => None,
                });
                self.copy(copies.collect(), length, depth)
            }
            _ => Err(Reason::Unsupported(format!("an {VOLUME} of type {kind}"))),
        }
    }

    /// One area, or several over which it goes round.
    fn stripes(&self, segment: &Section<'d>, length: u64, depth: usize) -> Result<Laid<'s>, Reason> {
        let places = pairs(segment.values("stripes"));
        let count = places.len() as u64;
        let stripe = match count {
            1 => Some(length),
            _ => segment.number("stripe_size").and_then(|it| it.checked_mul(512)),
        };
        let is_told = count > 0 && segment.number("stripe_count") == Some(count);
        let stripe = stripe.filter(|stripe| is_told && *stripe > 0 && length.is_multiple_of(count));
        let stripe = stripe.ok_or_else(|| wrong("its stripes are of no use"))?;
        let (mut areas, mut lacks) = (Vec::new(), None);
        for place in places {
            let area = self.area(place, length / count, depth)?;
            lacks = lacks.or(area.lacks);
            areas.push(Area::Here(area.content));
        }
        Ok(Laid { areas, stripe, lacks })
    }

    /// One copy of several.
    fn copy(&self, copies: Vec<(&'d str, u64)>, length: u64, depth: usize) -> Result<Laid<'s>, Reason> {
        let mut first_wrong = Err(wrong("it is a mirror without a copy"));
        for (at, copy) in copies.into_iter().enumerate() {
            let area = self.area(copy, length, depth).and_then(|it| match it.lacks {
                Some(reason) => Err(reason),
                None => Ok(it.content),
            });
            match area {
                Ok(content) => {
                    let what = "what a newer copy of a mirror than the one that was read may hold".to_owned();
                    let lacks = Some(Reason::Unsupported(what));
                    return Ok(Laid { areas: vec![Area::Here(content)], stripe: length, lacks });
                }
                Err(reason) if reason.ends_file() => return Err(reason),
                Err(reason) if at == 0 => first_wrong = Err(reason),
                Err(_) => {}
            }
        }
        first_wrong
    }

    /// So many bytes from an extent of a physical or a logical volume on.
    fn area(&self, (name, first): (&'d str, u64), length: u64, depth: usize) -> Result<Volume<'s>, Reason> {
        let start = first.checked_mul(self.extent).ok_or_else(|| wrong("it lies beyond any disk"))?;
        if let Some(other) = self.others.get(name) {
            return Err(Reason::NeedsOther { kind: VOLUME, other: other.clone() });
        }
        let (content, mut lacks) = if name == self.here.0 {
            let start = self.here.1.checked_add(start).ok_or_else(|| wrong("it lies beyond any disk"))?;
            (self.disk.window(start, length), None)
        } else {
            let volume = self.volume(name, depth + 1)?;
            (volume.content.window(start, length), volume.lacks)
        };
        if content.length() < length {
            lacks = Some(wrong("it reaches beyond the end"));
        }
        Ok(Volume { content, lacks })
    }
}

fn segments<'v, 'd>(volume: &'v Section<'d>) -> impl Iterator<Item = &'v Section<'d>> {
    volume.sections().filter(|(name, _)| name.starts_with("segment")).map(|(_, segment)| segment)
}

/// Names of volumes, each with the number of an extent behind it.
fn pairs<'d>(values: &[Value<'d>]) -> Vec<(&'d str, u64)> {
    let pair = |pair: &[Value<'d>]| match pair {
        [Value::Text(name), Value::Number(first)] => Some((*name, *first)),
        _ => None,
    };
    values.chunks(2).map_while(pair).collect()
}

enum Area<'s> {
    Here(Content<'s>),
    Zeros,
    Missing(Reason),
}

/// Where a segment lies.
struct Laid<'s> {
    /// It goes round over these.
    areas: Vec<Area<'s>>,
    /// Bytes of one area before those of the next.
    stripe: u64,
    /// What is not here of it, or not sure.
    lacks: Option<Reason>,
}

/// A segment in bytes.
struct Part<'s> {
    start: u64,
    length: u64,
    stripe: u64,
    areas: Vec<Area<'s>>,
}

/// The segments of a volume, one behind another.
struct Parts<'s>(Vec<Part<'s>>);

impl ReadAt for Parts<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let next = self.0.partition_point(|part| part.start <= offset);
        let Some(part) = next.checked_sub(1).and_then(|at| self.0.get(at)) else { return Ok(0) };
        let into = offset - part.start;
        let (stripe, within) = (into / part.stripe, into % part.stripe);
        let count = part.areas.len() as u64;
        let area = part.areas.get((stripe % count) as usize).ok_or(io::ErrorKind::InvalidData)?;
        let left = (part.stripe - within).min(part.length.saturating_sub(into));
        let wanted = left.min(buffer.len() as u64) as usize;
        let buffer = &mut buffer[..wanted];
        match area {
            Area::Here(content) => content.read_at(stripe / count * part.stripe + within, buffer),
            Area::Zeros => Ok(zeros(buffer)),
            Area::Missing(reason) => Err(io::Error::other(reason.clone())),
        }
    }
}

fn wrong(what: &str) -> Reason {
    Reason::Damaged { kind: VOLUME, what: what.to_owned() }
}
