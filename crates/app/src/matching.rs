//! From judgements on software to findings on configuration classes: decided purely, written as a difference.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use bedrail_assess::decisions::Where;
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ids::{ClassId, ContentId, DecisionId, ReleaseId, SoftwareId};
use bedrail_store::classes::{self, ClassRow, CountShift};
use bedrail_store::findings::{self, FindingRow, NewFinding};
use bedrail_store::releases::{self, ReleaseRow};
use bedrail_store::software::{self, JudgementRow};
use bedrail_store::weaknesses::TouchShift;
use bedrail_store::{Change, View, sboms, weaknesses};

use crate::decisions::{Rulings, key_of};
use crate::{Context, Error};

/// A class, and the software of its release's components in document order.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) class: ClassId,
    pub(crate) software: Arc<[SoftwareId]>,
}

/// What moved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    /// Findings opened, opened again or changed.
    pub(crate) opened: u64,
    /// Findings closed.
    pub(crate) closed: u64,
    /// By how much the counts of weaknesses move; that of releases is right where all classes of a release are among the targets.
    pub(crate) shifts: BTreeMap<String, TouchShift>,
}

impl Moved {
    /// Takes another part's numbers over; its shifts are written.
    pub(crate) fn add(&mut self, part: &Moved) {
        self.opened += part.opened;
        self.closed += part.closed;
    }

    /// For the audit entry.
    pub(crate) fn words(&self) -> String {
        format!("{} findings opened or changed, {} closed", self.opened, self.closed)
    }
}

/// What decides for a class and a weakness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decided {
    /// The decision that takes it away. What none takes away comes first.
    pub(crate) ruled_out: Option<DecisionId>,
    pub(crate) answer: Answer,
    pub(crate) reason: Reason,
    pub(crate) component: u32,
    pub(crate) software: SoftwareId,
}

impl Decided {
    /// Whether a finding says the same.
    pub(crate) fn is_as(&self, row: &FindingRow) -> bool {
        let Decided { ruled_out, answer, reason, component, software } = *self;
        (row.ruled_out, row.answer, row.reason, row.component, row.software)
            == (ruled_out, answer, reason, component, software)
    }

    /// The answer that it counts with.
    pub(crate) fn counted(&self) -> Option<Answer> {
        self.ruled_out.is_none().then_some(self.answer)
    }

    /// As it is written.
    pub(crate) fn finding(self, class: ClassId, weakness: &str) -> NewFinding {
        let Decided { ruled_out, answer, reason, component, software } = self;
        NewFinding { class, weakness: weakness.to_owned(), answer, reason, software, component, ruled_out }
    }
}

/// Classes worked on at once: bounds the findings held in memory to some hundred thousand.
const CLASSES_AT_ONCE: usize = 512;

/// Brings the findings of classes in line with the judgements on their software and with what was decided. What is
/// `at_hand` of the judgements, for each software whole, is not read again.
pub(crate) async fn follow(
    ctx: &Context,
    change: &Change,
    targets: &[Target],
    at_hand: Judgements,
) -> Result<Moved, Error> {
    let judgements = judgements_of(change, targets, at_hand).await?;
    let decided_on = DecidedOn::of(ctx, change, &judgements).await?;
    let exploited: HashSet<String> = weaknesses::known_exploited(change).await?.into_iter().collect();
    let mut moved = Moved::default();
    let mut spread = Spread::default();
    for targets in targets.chunks(CLASSES_AT_ONCE) {
        let ids: Vec<ClassId> = targets.iter().map(|target| target.class).collect();
        let mut open: HashMap<ClassId, Vec<FindingRow>> = HashMap::new();
        for row in findings::of_classes(change, &ids).await? {
            open.entry(row.class).or_default().push(row);
        }
        let rows = classes::by_ids(change, &ids).await?;
        let rows: HashMap<ClassId, ClassRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        let places = decided_on.places(change, rows.values()).await?;
        let mut step =
            Step { exploited: &exploited, put: Vec::new(), close: Vec::new(), shifts: HashMap::new() };
        for target in targets {
            let Some(class) = rows.get(&target.class) else { continue };
            let wanted = decide(&target.software, &judgements, |weakness, software| {
                decided_on.ruled_out(weakness, places.get(&class.release)?, software)
            });
            let open = open.remove(&class.id).unwrap_or_default();
            spread.add(class.release, &wanted, &open);
            step.compare(class, &wanted, open, &mut moved.shifts);
        }
        // In the order of the key, so that neighbours in the tree are written together.
        step.put.sort_unstable_by(|a, b| (&a.weakness, a.class).cmp(&(&b.weakness, b.class)));
        findings::put(change, &step.put).await?;
        findings::close(change, &step.close).await?;
        classes::shift_counts(change, &step.shifts).await?;
        moved.opened += step.put.len() as u64;
        moved.closed += step.close.len() as u64;
    }
    spread.shift(&mut moved.shifts);
    if moved.opened + moved.closed > 0 {
        crate::campaigns::ask(change).await?;
    }
    Ok(moved)
}

/// The releases that each weakness touches, by some class of theirs: before, and after.
#[derive(Default)]
struct Spread(HashMap<String, HashMap<ReleaseId, (bool, bool)>>);

impl Spread {
    fn add(&mut self, release: ReleaseId, wanted: &HashMap<&str, Decided>, open: &[FindingRow]) {
        let before =
            open.iter().filter(|row| row.counted().is_some()).map(|row| (row.weakness.as_str(), true));
        let after = wanted.iter().filter(|(_, new)| new.counted().is_some()).map(|(id, _)| (*id, false));
        for (weakness, earlier) in before.chain(after) {
            let releases = match self.0.get_mut(weakness) {
                Some(releases) => releases,
                None => self.0.entry(weakness.to_owned()).or_default(),
            };
            let (had, has) = releases.entry(release).or_default();
            *(if earlier { had } else { has }) = true;
        }
    }

    fn shift(self, shifts: &mut BTreeMap<String, TouchShift>) {
        for (weakness, releases) in self.0 {
            let more: i64 = releases.values().map(|(had, has)| i64::from(*has) - i64::from(*had)).sum();
            if more != 0 {
                shifts.entry(weakness).or_default().releases += more;
            }
        }
    }
}

/// The software of a content's components in document order.
pub(crate) async fn software_of(view: &View, content: ContentId) -> Result<Arc<[SoftwareId]>, Error> {
    let bones = sboms::skeleton(view, content).await?;
    Ok(bones.into_iter().map(|bone| bone.software).collect())
}

/// Judgements by software.
pub(crate) type Judgements = HashMap<SoftwareId, Vec<JudgementRow>>;

async fn judgements_of(
    change: &Change,
    targets: &[Target],
    mut judgements: Judgements,
) -> Result<Judgements, Error> {
    let mut ids = distinct_software(targets);
    ids.retain(|id| !judgements.contains_key(id));
    for row in software::judgements(change, &ids).await? {
        judgements.entry(row.software).or_default().push(row);
    }
    Ok(judgements)
}

/// The software of all targets, each once. Targets share lists, so equal lists are walked once.
fn distinct_software(targets: &[Target]) -> Vec<SoftwareId> {
    let mut seen = HashSet::new();
    let ids: HashSet<SoftwareId> = targets
        .iter()
        .filter(|target| seen.insert(Arc::as_ptr(&target.software)))
        .flat_map(|target| target.software.iter().copied())
        .collect();
    // In the order of the key, so that neighbours in the tree are read together.
    let mut ids: Vec<SoftwareId> = ids.into_iter().collect();
    ids.sort_unstable();
    ids
}

/// What was decided on the weaknesses at hand, and what the software in question is.
struct DecidedOn {
    rulings: Rulings,
    /// What decisions know software by, of that which has a weakness that something was decided on.
    keys: HashMap<SoftwareId, String>,
}

impl DecidedOn {
    async fn of(ctx: &Context, change: &Change, judgements: &Judgements) -> Result<DecidedOn, Error> {
        let rulings = Rulings::of(ctx, change).await?;
        let concerned = |rows: &Vec<JudgementRow>| rows.iter().any(|row| rulings.any_on(&row.weakness));
        let ids = judgements.iter().filter(|(_, rows)| concerned(rows)).map(|(id, _)| *id);
        let ids: Vec<SoftwareId> = ids.collect();
        let rows = software::by_ids(change, &ids).await?;
        let keys = rows.into_iter().map(|row| (row.id, key_of(&row.facts))).collect();
        Ok(DecidedOn { rulings, keys })
    }

    /// The releases of classes; none where nothing was decided on what they contain.
    async fn places(
        &self,
        change: &Change,
        rows: impl Iterator<Item = &ClassRow> + Send,
    ) -> Result<HashMap<ReleaseId, ReleaseRow>, Error> {
        if self.keys.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: HashSet<ReleaseId> = rows.map(|row| row.release).collect();
        let ids: Vec<ReleaseId> = ids.into_iter().collect();
        Ok(releases::by_ids(change, &ids).await?.into_iter().map(|row| (row.id, row)).collect())
    }

    fn ruled_out(&self, weakness: &str, release: &ReleaseRow, software: SoftwareId) -> Option<DecisionId> {
        let key = self.keys.get(&software)?;
        let place = Where {
            release: release.id,
            maker: &release.maker,
            model: &release.model,
            version: release.version.as_deref(),
        };
        self.rulings.ruled_out(weakness, place, key)
    }
}

/// Per weakness the most pressing answer of all components that no decision takes away, else of all; of equals the first in
/// the document.
fn decide<'a>(
    software: &[SoftwareId],
    judgements: &'a Judgements,
    ruled_out: impl Fn(&str, SoftwareId) -> Option<DecisionId>,
) -> HashMap<&'a str, Decided> {
    let mut decided: HashMap<&str, Decided> = HashMap::new();
    for (component, id) in (0..).zip(software) {
        for row in judgements.get(id).into_iter().flatten() {
            if row.answer == Answer::NotAffected {
                continue;
            }
            let new = Decided {
                ruled_out: ruled_out(&row.weakness, *id),
                answer: row.answer,
                reason: row.reason,
                component,
                software: *id,
            };
            decided.entry(&row.weakness).and_modify(|old| *old = new.min(*old)).or_insert(new);
        }
    }
    decided
}

/// The difference between what is wanted and what is open, of some classes.
struct Step<'a> {
    exploited: &'a HashSet<String>,
    put: Vec<NewFinding>,
    close: Vec<(String, ClassId)>,
    shifts: HashMap<ClassId, CountShift>,
}

impl Step<'_> {
    fn compare(
        &mut self,
        class: &ClassRow,
        wanted: &HashMap<&str, Decided>,
        open: Vec<FindingRow>,
        touched: &mut BTreeMap<String, TouchShift>,
    ) {
        let open: HashMap<String, FindingRow> =
            open.into_iter().map(|row| (row.weakness.clone(), row)).collect();
        for (weakness, new) in wanted {
            let old = open.get(*weakness);
            if old.is_some_and(|old| new.is_as(old)) {
                continue;
            }
            let answers = (old.and_then(FindingRow::counted), new.counted());
            self.shift(class.id, weakness, answers);
            shift_touched(touched, weakness, class.devices, answers);
            self.put.push(new.finding(class.id, weakness));
        }
        for (weakness, old) in open {
            if !wanted.contains_key(weakness.as_str()) {
                let answers = (old.counted(), None);
                self.shift(class.id, &weakness, answers);
                shift_touched(touched, &weakness, class.devices, answers);
                self.close.push((weakness, class.id));
            }
        }
    }

    fn shift(&mut self, class: ClassId, weakness: &str, answers: (Option<Answer>, Option<Answer>)) {
        let shift = self.shifts.entry(class).or_default();
        shift_class(shift, self.exploited.contains(weakness), answers);
    }
}

/// Moves the counts of a class by one weakness, of which the answer was the one and is the other now.
pub(crate) fn shift_class(
    shift: &mut CountShift,
    exploited: bool,
    (old, new): (Option<Answer>, Option<Answer>),
) {
    for (answer, by) in [(old, -1), (new, 1)] {
        match answer {
            Some(Answer::Affected) => {
                shift.affected += by;
                shift.known_exploited += if exploited { by } else { 0 };
            }
            Some(Answer::CannotTell) => shift.cannot_tell += by,
            Some(Answer::NotAffected) | None => {}
        }
    }
}

/// Moves what a weakness touches by the devices of one class, whose answer was the one and is the other now.
pub(crate) fn shift_touched(
    touched: &mut BTreeMap<String, TouchShift>,
    weakness: &str,
    devices: u64,
    (old, new): (Option<Answer>, Option<Answer>),
) {
    let shift = match touched.get_mut(weakness) {
        Some(shift) => shift,
        None => touched.entry(weakness.to_owned()).or_default(),
    };
    for (answer, by) in [(old, -1), (new, 1)] {
        match answer {
            Some(Answer::Affected) => shift.affected += by * devices.cast_signed(),
            Some(Answer::CannotTell) => shift.cannot_tell += by * devices.cast_signed(),
            Some(Answer::NotAffected) | None => {}
        }
    }
}
