//! Findings follow the judgements on software, weakness by weakness in the order of the findings' key, so that neighbours
//! in the tree are written together.
//!
//! What differs is worked out from a view, then written in changes that give way: whenever somebody else waits to write,
//! what was written is committed with its audit entry, and the rest goes on in another change. Work that touches little is
//! one change and one entry; nothing that moved is none. See `docs/decisions/0310-steps-that-give-way.md`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ids::{ClassId, OrgId, SoftwareId};
use bedrail_store::classes::{self, CountShift};
use bedrail_store::findings::{self, FindingRow, NewFinding};
use bedrail_store::software::{self, JudgementRow};
use bedrail_store::weaknesses::{self, TouchShift};
use bedrail_store::{Change, Held, Lock, View};
use tokio::time::{Instant, sleep};

use crate::decisions::{Rulings, key_of};
use crate::fleet::{Fleet, index};
use crate::matching::{Decided, Moved, shift_class, shift_touched};
use crate::rights::Right;
use crate::{Actor, Context, Error, campaigns, notices};

/// Places where a weakness may be found that are looked at, and written where they differ, in one step: some 7 ms.
const PLACES_AT_ONCE: usize = 256;
/// Weaknesses looked at in one step: as many as one statement asks for.
const WEAKNESSES_AT_ONCE: usize = 1024;
/// Findings written by one statement, between two looks at who waits: some 4 ms of SQLite's writer.
const ROWS_AT_ONCE: usize = 256;
/// Findings written in one change at most: more gains nothing, and makes its commit long.
const ROWS_IN_CHANGE: u64 = 1_024;
/// A change is ended after this long, for those who wait in other processes, whom nobody here sees.
const LONGEST_CHANGE: Duration = Duration::from_millis(250);
/// How long the lock on matching is left alone when it was let go of: a process that waits for it is woken first.
const PAUSE: Duration = Duration::from_millis(1);

/// What the judgements say, by weakness: which software, and how. The software is an index of the fleet.
#[derive(Default)]
struct Said {
    by_weakness: BTreeMap<String, Vec<(u32, Answer, Reason)>>,
    /// Software of the fleet below this index was asked for.
    asked: usize,
}

impl Said {
    fn take(&mut self, fleet: &Fleet, rows: Vec<JudgementRow>) {
        for row in rows {
            let Some(at) = fleet.bills.software_at(row.software) else { continue };
            if row.answer != Answer::NotAffected {
                self.by_weakness.entry(row.weakness).or_default().push((at, row.answer, row.reason));
            }
        }
    }

    /// Asks for the judgements on software that came to the fleet since. Those on other software do not change meanwhile:
    /// only who judges everything again changes them, one at a time.
    async fn catch_up(&mut self, view: &View, fleet: &Fleet) -> Result<(), Error> {
        let new: Vec<SoftwareId> =
            fleet.bills.software.iter().skip(self.asked).map(|one| one.row.id).collect();
        self.asked = fleet.bills.software.len();
        if !new.is_empty() {
            self.take(fleet, software::judgements(view, &new).await?);
        }
        Ok(())
    }
}

/// A finding that is not as it should be.
struct Move {
    /// Index in the weaknesses of the step.
    weakness: usize,
    /// Index in the fleet.
    class: u32,
    old: Option<Answer>,
    new: Option<Decided>,
}

/// Lets all findings of an organisation follow. Whoever waits for the lock on matching gets it between two steps. After
/// work that was `cut_off` the counts are made anew.
pub(super) async fn all(ctx: &Context, org: OrgId, cut_off: bool) -> Result<Moved, Error> {
    let mut follow = Follow::new(ctx, org, "all weaknesses".to_owned());
    // The longest look of all, and without the lock: each step catches up with what came since.
    let (fleet, view) = ctx.fleet(&follow.actor, Right::SeeFleet).await?;
    follow.difference.exploited = weaknesses::known_exploited(&view).await?.into_iter().collect();
    follow.difference.said.catch_up(&view, &fleet).await?;
    let mut ids = weaknesses::counted_ids(&view).await?;
    // What decisions took away is counted nowhere.
    let rulings = Rulings::of(ctx, &view).await?;
    let decided_on: Vec<String> = rulings.weaknesses().map(str::to_owned).collect();
    drop(view);
    ids.extend(follow.difference.said.by_weakness.keys().cloned());
    ids.extend(decided_on);
    ids.sort_unstable();
    ids.dedup();
    let mut rest = ids.as_slice();
    let mut matching = ctx.matching().await?;
    while !rest.is_empty() {
        rest = follow.step(rest).await?;
        if follow.writing.is_none() || ctx.inner.store.is_lock_wanted(Lock::Matching) {
            matching = follow.let_go(matching).await?;
        }
    }
    follow.finish(true, cut_off).await
}

/// Lets the findings of some weaknesses follow; `exploited` says that the catalogue of known exploited ones moved, too.
/// The caller holds the lock on matching.
pub(super) async fn some(ctx: &Context, org: OrgId, ids: &[String], exploited: bool) -> Result<Moved, Error> {
    let subject = if ids.is_empty() { "known exploited weaknesses".to_owned() } else { ids.join(" ") };
    let mut follow = Follow::new(ctx, org, subject);
    let (fleet, view) = ctx.fleet(&follow.actor, Right::SeeFleet).await?;
    follow.difference.exploited = weaknesses::known_exploited(&view).await?.into_iter().collect();
    follow.difference.said.take(&fleet, software::judgements_on(&view, ids).await?);
    follow.difference.said.asked = fleet.bills.software.len();
    drop(view);
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let mut rest = ids.as_slice();
    while !rest.is_empty() {
        rest = follow.step(rest).await?;
    }
    follow.finish(exploited, false).await
}

/// Lets the findings of some weaknesses follow what was decided, inside the change that decides. The caller holds the lock on
/// matching.
pub(crate) async fn decided(
    change: &Change,
    fleet: &Fleet,
    rulings: Rulings,
    ids: &[String],
) -> Result<Moved, Error> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let exploited = weaknesses::known_exploited(change).await?.into_iter().collect();
    let mut difference = Difference { exploited, rulings, ..Difference::default() };
    difference.said.take(fleet, software::judgements_on(change, &ids).await?);
    let open = findings::of_weaknesses(change, &ids).await?;
    let moves = difference.compare(fleet, &ids, open);
    let (put, close) = difference.count(fleet, &ids, &moves);
    findings::put(change, &put).await?;
    findings::close(change, &close).await?;
    classes::shift_counts(change, &difference.classes).await?;
    weaknesses::shift_counts(change, &difference.weaknesses).await?;
    Ok(Moved { opened: put.len() as u64, closed: close.len() as u64, ..Moved::default() })
}

/// Work on the findings of one organisation.
struct Follow<'c> {
    ctx: &'c Context,
    actor: Actor,
    /// What the audit entries are about.
    subject: String,
    difference: Difference,
    writing: Option<Writing>,
    moved: Moved,
}

/// What should be found, against what is.
#[derive(Default)]
struct Difference {
    exploited: HashSet<String>,
    said: Said,
    rulings: Rulings,
    /// By how much the counts of classes and weaknesses move. They are written at the end: until then, and for good where
    /// the work is cut off, they are behind.
    classes: HashMap<ClassId, CountShift>,
    weaknesses: BTreeMap<String, TouchShift>,
}

/// A change under way.
struct Writing {
    change: Change,
    begun: Instant,
    moved: Moved,
}

impl<'c> Follow<'c> {
    fn new(ctx: &'c Context, org: OrgId, subject: String) -> Follow<'c> {
        Follow {
            ctx,
            actor: Actor::system(org),
            subject,
            difference: Difference::default(),
            writing: None,
            moved: Moved::default(),
        }
    }

    /// Compares what should be found of the first of these weaknesses with what is, and writes the difference. Returns
    /// those that were not looked at. The lock on matching is held.
    async fn step<'i>(&mut self, ids: &'i [String]) -> Result<&'i [String], Error> {
        let (fleet, view) = self.ctx.fleet(&self.actor, Right::SeeFleet).await?;
        self.difference.said.catch_up(&view, &fleet).await?;
        self.difference.rulings = Rulings::of(self.ctx, &view).await?;
        let (ids, rest) = ids.split_at(self.fitting(&fleet, ids));
        let open = findings::of_weaknesses(&view, ids).await?;
        drop(view);
        let moves = self.difference.compare(&fleet, ids, open);
        for some in moves.chunks(ROWS_AT_ONCE) {
            let (put, close) = self.difference.count(&fleet, ids, some);
            let mut writing = self.begin_change().await?;
            findings::put(&writing.change, &put).await?;
            findings::close(&writing.change, &close).await?;
            writing.moved.opened += put.len() as u64;
            writing.moved.closed += close.len() as u64;
            self.writing = Some(writing);
            self.give_way().await?;
        }
        // Looking takes its time, too, and may have found nothing to write.
        self.give_way().await?;
        Ok(rest)
    }

    /// How many of these weaknesses are looked at in one step; one at least.
    fn fitting(&self, fleet: &Fleet, ids: &[String]) -> usize {
        let mut places = 0;
        let fits = ids.iter().take(WEAKNESSES_AT_ONCE).take_while(|id| {
            let said = self.difference.said.by_weakness.get(*id).map_or(&[][..], Vec::as_slice);
            places += said.iter().map(|(software, ..)| fleet.bills.uses(*software).len()).sum::<usize>();
            places <= PLACES_AT_ONCE
        });
        fits.count().max(1)
    }

    /// The change under way, else a new one.
    async fn begin_change(&mut self) -> Result<Writing, Error> {
        if let Some(writing) = self.writing.take() {
            return Ok(writing);
        }
        let change = self.ctx.change(&self.actor, Right::UpdateData, "rematch").await?;
        Ok(Writing { change, begun: Instant::now(), moved: Moved::default() })
    }

    /// Ends the change under way where it is due, or somebody waits to write.
    async fn give_way(&mut self) -> Result<(), Error> {
        let wanted = self.ctx.inner.store.is_wanted();
        if self.writing.as_ref().is_some_and(|writing| wanted || writing.is_due()) {
            self.end_change().await?;
        }
        Ok(())
    }

    /// Lets whoever waits have the lock on matching, and takes it again. The change under way is ended first: who has the
    /// lock waits for the turn to write, and whoever has that turn must not wait for the lock.
    async fn let_go(&mut self, matching: Held) -> Result<Held, Error> {
        self.end_change().await?;
        drop(matching);
        sleep(PAUSE).await;
        self.ctx.matching().await
    }

    /// Commits what was written so far.
    async fn end_change(&mut self) -> Result<(), Error> {
        let Some(Writing { change, moved, .. }) = self.writing.take() else { return Ok(()) };
        self.moved.add(&moved);
        if moved.opened + moved.closed > 0 {
            campaigns::ask(&change).await?;
        }
        Ok(change.commit(&self.subject, &moved.words()).await?)
    }

    /// Writes the counts, tells of known exploited weaknesses that were not told of, and commits the last part.
    async fn finish(mut self, exploited: bool, cut_off: bool) -> Result<Moved, Error> {
        if self.writing.is_none() && !cut_off && self.moved == Moved::default() {
            let view = self.ctx.view(&self.actor, Right::SeeFleet).await?;
            let wrong = exploited && !classes::wrong_exploited(&view).await?.is_empty();
            if !wrong && !notices::is_exploited_untold(&view).await? {
                return Ok(self.moved);
            }
        }
        let writing = self.begin_change().await?;
        classes::shift_counts(&writing.change, &self.difference.classes).await?;
        if cut_off {
            classes::shift_counts(&writing.change, &classes::wrong_counts(&writing.change).await?).await?;
            weaknesses::recount(&writing.change).await?;
            self.writing = Some(writing);
        } else {
            self.writing = Some(writing);
            self.give_way().await?;
            let writing = self.begin_change().await?;
            weaknesses::shift_counts(&writing.change, &self.difference.weaknesses).await?;
            self.writing = Some(writing);
        }
        if exploited {
            self.follow_catalogue().await?;
        } else {
            let writing = self.begin_change().await?;
            notices::tell_exploited(&writing.change).await?;
            self.writing = Some(writing);
        }
        self.end_change().await?;
        Ok(self.moved)
    }

    /// Corrects the counts of known exploited weaknesses and tells of those that were not told of. Counting takes its time, so nobody
    /// waits for it who wants to write: the lock on matching is held, so what is counted stays as it is.
    async fn follow_catalogue(&mut self) -> Result<(), Error> {
        self.end_change().await?;
        let view = self.ctx.view(&self.actor, Right::SeeFleet).await?;
        let wrong = classes::wrong_exploited(&view).await?;
        let untold = notices::is_exploited_untold(&view).await?;
        drop(view);
        if !wrong.is_empty() || untold {
            let writing = self.begin_change().await?;
            classes::shift_counts(&writing.change, &wrong).await?;
            notices::tell_exploited(&writing.change).await?;
            self.writing = Some(writing);
        }
        Ok(())
    }
}

impl Difference {
    /// What differs, in the order of the findings' key; and by how many releases more or fewer each weakness touches.
    fn compare(&mut self, fleet: &Fleet, ids: &[String], open: Vec<FindingRow>) -> Vec<Move> {
        let release_of = |class: u32| fleet.products.release_of[class as usize];
        let classes_of = fleet.classes_by_bill();
        let mut is: HashMap<(usize, u32), FindingRow> = HashMap::new();
        for row in open {
            let class = fleet.products.class_index.get(&row.class);
            if let (Ok(weakness), Some(class)) = (ids.binary_search(&row.weakness), class) {
                is.insert((weakness, *class), row);
            }
        }
        let mut before = vec![HashSet::new(); ids.len()];
        for ((weakness, class), _) in is.iter().filter(|(_, row)| row.counted().is_some()) {
            before[*weakness].insert(release_of(*class));
        }
        let mut moves = Vec::new();
        let mut wanted: HashMap<u32, Decided> = HashMap::new();
        for (weakness, id) in ids.iter().enumerate() {
            self.decide(fleet, &classes_of, id, &mut wanted);
            let counted = wanted.iter().filter(|(_, new)| new.counted().is_some());
            let after: HashSet<u32> = counted.map(|(class, _)| release_of(*class)).collect();
            let more = i64::from(index(after.len())) - i64::from(index(before[weakness].len()));
            if more != 0 {
                self.weaknesses.entry(id.clone()).or_default().releases += more;
            }
            for (class, new) in wanted.drain() {
                let old = is.remove(&(weakness, class));
                if !old.as_ref().is_some_and(|old| new.is_as(old)) {
                    moves.push(Move {
                        weakness,
                        class,
                        old: old.and_then(|old| old.counted()),
                        new: Some(new),
                    });
                }
            }
        }
        for ((weakness, class), old) in is {
            moves.push(Move { weakness, class, old: old.counted(), new: None });
        }
        moves.sort_unstable_by_key(|one| (one.weakness, fleet.products.classes[one.class as usize].id));
        moves
    }

    /// Per class the most pressing answer of all components that no decision takes away, else of all; of equals the first in
    /// the document.
    fn decide(&self, fleet: &Fleet, classes_of: &[Vec<u32>], id: &str, wanted: &mut HashMap<u32, Decided>) {
        for (at, answer, reason) in self.said.by_weakness.get(id).into_iter().flatten() {
            let software = &fleet.bills.software[*at as usize].row;
            let key = self.rulings.any_on(id).then(|| key_of(&software.facts));
            for one in fleet.bills.uses(*at) {
                for class in &classes_of[one.bill as usize] {
                    let ruled_out = key
                        .as_deref()
                        .and_then(|key| self.rulings.ruled_out(id, fleet.place_of(*class), key));
                    let (component, software) = (one.component, software.id);
                    let new = Decided { ruled_out, answer: *answer, reason: *reason, component, software };
                    wanted.entry(*class).and_modify(|old| *old = new.min(*old)).or_insert(new);
                }
            }
        }
    }

    /// What is to be written of these, and by how much the counts move.
    fn count(
        &mut self,
        fleet: &Fleet,
        ids: &[String],
        moves: &[Move],
    ) -> (Vec<NewFinding>, Vec<(String, ClassId)>) {
        let (mut put, mut close) = (Vec::new(), Vec::new());
        for one in moves {
            let class = &fleet.products.classes[one.class as usize];
            let weakness = &ids[one.weakness];
            let answers = (one.old, one.new.and_then(|new| new.counted()));
            let exploited = self.exploited.contains(weakness);
            shift_class(self.classes.entry(class.id).or_default(), exploited, answers);
            shift_touched(&mut self.weaknesses, weakness, class.devices, answers);
            match one.new {
                Some(new) => put.push(new.finding(class.id, weakness)),
                None => close.push((weakness.clone(), class.id)),
            }
        }
        (put, close)
    }
}

impl Writing {
    fn is_due(&self) -> bool {
        let rows = self.moved.opened + self.moved.closed;
        rows >= ROWS_IN_CHANGE || self.begun.elapsed() >= LONGEST_CHANGE
    }
}
