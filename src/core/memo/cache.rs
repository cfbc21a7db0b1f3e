//! A memo cache with its keys and values.

use std::{collections::HashMap, hash::Hash};

use super::{
    flight::FlightId,
    outcome::{Failed, Gone, Look, Reason, Settled, SlotId, Stats},
    rules::Rules,
    slots::Slots,
};
use crate::core::base::clock::{Clock, Instant};

/// What a call is answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer<'a, V, E> {
    /// A value whose time is not over.
    Fresh(&'a V),
    /// A value whose time is over. Unless the last try has just failed, a refresh runs behind it or waits for its turn: see [`MemoCache::next_refresh`].
    Stale(&'a V),
    /// A failure that is kept.
    Failed(&'a E),
    /// An execution is under way: its value is for this caller too.
    Join(FlightId),
    /// Nothing is there: the caller has to execute the function, and to [`settle`](MemoCache::settle) or [`fail`](MemoCache::fail) this.
    Run(FlightId),
}

/// A cache of what a function has returned (`V`) or failed with (`E`) by its arguments (`K`), on any clock.
///
/// It executes nothing by itself: the host does, and tells it of the outcome.
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::{base::clock::ManualClock, memo::{MemoCache, Rules, cache::Answer}};
///
/// let clock = ManualClock::default();
/// let rules = Rules { ttl: Some(Duration::from_secs(60)), max_entries: 2, ..Rules::default() };
/// let mut cache = MemoCache::<_, _, _>::new(rules, clock.clone(), 1);
///
/// let Answer::Run(flight) = cache.ask("a") else { unreachable!("nothing is there") };
/// assert_eq!(cache.ask("a"), Answer::Join(flight), "one execution for both");
/// cache.settle(flight, 1, 8);
/// assert_eq!(cache.ask("a"), Answer::Fresh(&1));
/// clock.advance(Duration::from_secs(60));
/// assert!(matches!(cache.ask("a"), Answer::Run(_)), "its time is over");
/// ```
#[derive(Debug)]
pub struct MemoCache<K, V, C, E = ()> {
    clock: C,
    slots: Slots,
    keys: HashMap<K, SlotId>,
    entries: Vec<Option<Entry<K, V, E>>>,
    gone: Vec<(K, V, Reason)>,
    /// Which entry an execution is for, as the host needs to know.
    flights: HashMap<FlightId, SlotId>,
}

#[derive(Debug)]
struct Entry<K, V, E> {
    key: K,
    kept: Option<Result<V, E>>,
}

impl<K: Hash + Eq + Clone, V, C: Clock, E> MemoCache<K, V, C, E> {
    /// An empty cache with [valid](Rules::validated) rules. The seed is that of `ttl_jitter`.
    pub fn new(rules: Rules, clock: C, seed: u64) -> Self {
        Self {
            clock,
            slots: Slots::new(rules, seed),
            keys: HashMap::new(),
            entries: Vec::new(),
            gone: Vec::new(),
            flights: HashMap::new(),
        }
    }

    /// What a call with this key is answered; it counts as a use of the entry.
    pub fn ask(&mut self, key: K) -> Answer<'_, V, E> {
        let slot = self.slot(key);
        match self.slots.look(slot, self.clock.now()) {
            Look::Join(flight) => {
                self.slots.join(flight);
                Answer::Join(flight)
            }
            Look::Miss => {
                let flight = self.slots.begin(slot);
                self.flights.insert(flight, slot);
                Answer::Run(flight)
            }
            look => match (&self.entries[slot as usize], look) {
                (Some(Entry { kept: Some(Ok(value)), .. }), Look::Fresh) => Answer::Fresh(value),
                (Some(Entry { kept: Some(Ok(value)), .. }), _) => Answer::Stale(value),
                (Some(Entry { kept: Some(Err(error)), .. }), _) => Answer::Failed(error),
                _ => unreachable!("what is served is kept"),
            },
        }
    }

    /// The same for a caller that wants a new value whatever is there: it runs, or joins what runs.
    pub fn refresh(&mut self, key: K) -> Answer<'_, V, E> {
        let slot = self.slot(key);
        if let Some(flight) = self.slots.flight(slot) {
            self.slots.join(flight);
            return Answer::Join(flight);
        }
        let flight = self.slots.begin_refresh(slot);
        self.flights.insert(flight, slot);
        Answer::Run(flight)
    }

    fn slot(&mut self, key: K) -> SlotId {
        if let Some(slot) = self.keys.get(&key) {
            return *slot;
        }
        let slot = self.slots.open();
        let index = slot as usize;
        if index >= self.entries.len() {
            self.entries.resize_with(index + 1, || None);
        }
        self.entries[index] = Some(Entry { key: key.clone(), kept: None });
        self.keys.insert(key, slot);
        slot
    }

    /// The function has returned; `bytes` is what the value takes. Returns the value that it takes the place of; gives the new one back if it is not kept.
    pub fn settle(&mut self, flight: FlightId, value: V, bytes: u64) -> Result<Option<V>, V> {
        let slot = self.flights.remove(&flight);
        let settled = self.slots.settle(flight, self.clock.now(), bytes);
        let kept =
            slot.filter(|_| settled == Settled::Stored).and_then(|slot| self.entries[slot as usize].as_mut());
        let result = match kept {
            Some(entry) => Ok(entry.kept.replace(Ok(value)).and_then(Result::ok)),
            None => Err(value),
        };
        self.let_go();
        result
    }

    /// The function has failed. `Ok` is what its callers are served: a stale value, or the failure, which is kept; else they are given it back.
    pub fn fail(&mut self, flight: FlightId, error: E) -> Result<Answer<'_, V, E>, E> {
        let slot = self.flights.remove(&flight);
        let failed = self.slots.fail(flight, self.clock.now());
        self.let_go();
        let Some(entry) = slot.and_then(|slot| self.entries[slot as usize].as_mut()) else {
            return Err(error);
        };
        match (failed, &mut entry.kept) {
            (Failed::Dropped, _) | (Failed::Stale, None | Some(Err(_))) => Err(error),
            (Failed::Stale, Some(Ok(value))) => Ok(Answer::Stale(value)),
            (Failed::Kept, kept) => match kept.insert(Err(error)) {
                Err(error) => Ok(Answer::Failed(error)),
                Ok(_) => unreachable!("it was just inserted"),
            },
        }
    }

    /// A caller no longer waits. True if it was the last one: the host aborts the execution, and the cache has forgotten it.
    pub fn leave(&mut self, flight: FlightId) -> bool {
        let last = self.slots.leave(flight);
        if last {
            self.flights.remove(&flight);
            self.let_go();
        }
        last
    }

    /// The value that a call would be served now; it counts as nothing.
    pub fn peek(&self, key: &K) -> Option<&V> {
        let slot = *self.keys.get(key)?;
        if !self.slots.peek(slot, self.clock.now()) {
            return None;
        }
        self.entries[slot as usize].as_ref()?.kept.as_ref()?.as_ref().ok()
    }

    /// Lets an entry go; what runs for it is not kept.
    pub fn clear(&mut self, key: &K) {
        if let Some(slot) = self.keys.get(key) {
            self.slots.clear(*slot);
            self.let_go();
        }
    }

    /// Lets all entries go.
    pub fn clear_all(&mut self) {
        self.slots.clear_all();
        self.let_go();
    }

    /// Begins the next refresh, if there is one and not too many run.
    pub fn next_refresh(&mut self) -> Option<(FlightId, &K)> {
        let (slot, flight) = self.slots.next_refresh()?;
        self.flights.insert(flight, slot);
        Some((flight, &self.entries[slot as usize].as_ref()?.key))
    }

    /// When it wants to be woken; see [`Slots::wake`].
    pub fn wake(&self) -> Option<Instant> {
        self.slots.wake()
    }

    /// See [`Slots::tick`].
    pub fn tick(&mut self, visible: bool) {
        self.slots.tick(self.clock.now(), visible);
        self.let_go();
    }

    /// The values that have gone since this was last asked, and why; those that were replaced were given back by [`settle`](Self::settle).
    pub fn gone(&mut self) -> Vec<(K, V, Reason)> {
        std::mem::take(&mut self.gone)
    }

    /// What has happened so far.
    pub fn stats(&self) -> Stats {
        self.slots.stats()
    }

    fn let_go(&mut self) {
        while let Some(Gone { slot, reason, freed }) = self.slots.next_gone() {
            let place = &mut self.entries[slot as usize];
            let Some(entry) = place else { continue };
            if let (Some(Ok(value)), Some(reason)) = (entry.kept.take(), reason) {
                self.gone.push((entry.key.clone(), value, reason));
            }
            if freed {
                self.keys.remove(&entry.key);
                *place = None;
            }
        }
    }
}
