//! Files between the thread that walks and those that look at them.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Files handed to a thread at once: more than one, so that small ones cost little.
pub(crate) const BATCH: usize = 16;
/// Batches that wait at the most: a few thousand paths. The walk goes no further ahead.
const WAITING: usize = 256;

pub(crate) type Batch = Vec<PathBuf>;

/// The batches, in the order in which they came; one that was begun and is given back comes first.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// Told where there is something to take, or nothing more will come.
    something: Condvar,
    /// Told where there is room.
    room: Condvar,
}

#[derive(Default)]
struct State {
    batches: VecDeque<Batch>,
    is_closed: bool,
    /// Threads that wait for something: telling nobody costs a call of the system, too.
    idle: usize,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here breaks in the middle of a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a batch to the end; waits while there are enough. Returns whether anybody will take it.
    pub(crate) fn put(&self, batch: Batch) -> bool {
        let mut state = self.state();
        while state.batches.len() >= WAITING && !state.is_closed {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed {
            return false;
        }
        state.batches.push_back(batch);
        self.tell(&state);
        true
    }

    /// Gives back what was not begun of a batch, since something in it takes long.
    pub(crate) fn give_back(&self, batch: Batch) {
        if batch.is_empty() {
            return;
        }
        let mut state = self.state();
        state.batches.push_front(batch);
        self.tell(&state);
    }

    fn tell(&self, state: &State) {
        if state.idle > 0 {
            self.something.notify_one();
        }
    }

    /// The next batch; none when there will be no more.
    pub(crate) fn take(&self) -> Option<Batch> {
        let mut state = self.state();
        loop {
            if let Some(batch) = state.batches.pop_front() {
                // The walk waits only where it was full.
                if state.batches.len() + 1 == WAITING {
                    self.room.notify_one();
                }
                return Some(batch);
            }
            if state.is_closed {
                return None;
            }
            state.idle += 1;
            state = self.something.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.something.notify_all();
        self.room.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(name: &str) -> Batch {
        vec![PathBuf::from(name)]
    }

    #[test]
    fn what_is_given_back_comes_first_and_nothing_is_lost_at_the_end() {
        let queue = Queue::default();
        assert!(queue.put(batch("a")) && queue.put(batch("b")));
        assert_eq!(queue.take(), Some(batch("a")));
        queue.close();
        assert!(!queue.put(batch("late")), "nobody is told of it");
        queue.give_back(batch("rest of a"));
        queue.give_back(Batch::new());
        assert_eq!(queue.take(), Some(batch("rest of a")));
        assert_eq!(queue.take(), Some(batch("b")));
        assert_eq!(queue.take(), None);
    }

    #[test]
    fn every_file_is_taken_once_by_whichever_thread() {
        let queue = Queue::default();
        let taken = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| std::iter::from_fn(|| queue.take()).flatten().count()))
                .collect();
            for number in 0..10 * WAITING {
                assert!(queue.put(batch(&number.to_string())));
            }
            queue.close();
            takers.into_iter().map(|it| it.join().unwrap()).sum::<usize>()
        });
        assert_eq!(taken, 10 * WAITING);
    }
}
