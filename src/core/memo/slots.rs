//! The decisions of a cache, by the number of an entry.

use alloc::{collections::VecDeque, vec::Vec};
use core::time::Duration;

use slab::Slab;

use super::{
    flight::{FlightId, Flights},
    outcome::{Failed, Gone, Look, Reason, Settled, SlotId, Stats},
    rules::{NEVER, Refresh, Rules},
};
use crate::core::base::{
    clock::Instant,
    list::{LinkTable, List},
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kept {
    #[default]
    Nothing,
    Value,
    Failure,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    kept: Kept,
    settled: Instant,
    /// The end of a value's or a failure's time.
    fresh_until: Instant,
    /// When the last try to make a successor has failed; [`NEVER`] if it has not.
    failed_at: Instant,
    /// When it is made anew without being asked for.
    refresh_at: Instant,
    bytes: u64,
    flight: Option<FlightId>,
    /// It waits for a refresh.
    queued: bool,
}

impl Entry {
    /// A clock that was set back ends it as well: what is left of its time can't be told any more.
    fn is_fresh(&self, now: Instant) -> bool {
        self.fresh_until == NEVER || (self.settled <= now && now < self.fresh_until)
    }

    /// Whether it is too soon after a failure to try again.
    fn pauses(&self, rules: &Rules, now: Instant) -> bool {
        self.failed_at <= now && now < self.failed_at + rules.error_ttl.unwrap_or_default()
    }

    /// After this it is of no use to anybody.
    fn keep_until(&self, rules: &Rules) -> Instant {
        match self.kept {
            Kept::Value => rules.keep_until(self.fresh_until),
            Kept::Nothing | Kept::Failure => self.fresh_until,
        }
    }
}

/// The entries of one cache, without keys and values.
///
/// Time is by the wall clock, which goes on while the machine sleeps. After each call that can end an entry the host takes what is
/// [gone](Self::next_gone); it wakes the cache [when it wants to be](Self::wake).
#[derive(Debug)]
pub struct Slots {
    rules: Rules,
    random: fastrand::Rng,
    entries: Slab<Entry>,
    flights: Flights,
    /// Entries that keep something, the most recently used one first.
    recent: List,
    links: LinkTable,
    /// Entries that wait for a refresh, which are `queued`.
    refreshes: List,
    refresh_links: LinkTable,
    refreshing: u32,
    gone: VecDeque<Gone>,
    wake: Instant,
    /// Not to be woken before.
    rests_until: Instant,
    stats: Stats,
}

impl Slots {
    /// An empty cache with [valid](Rules::validated) rules. The seed is that of `ttl_jitter`.
    pub fn new(rules: Rules, seed: u64) -> Self {
        Self {
            rules,
            random: fastrand::Rng::with_seed(seed),
            entries: Slab::new(),
            flights: Flights::default(),
            recent: List::default(),
            links: LinkTable::default(),
            refreshes: List::default(),
            refresh_links: LinkTable::default(),
            refreshing: 0,
            gone: VecDeque::new(),
            wake: NEVER,
            rests_until: Instant::default(),
            stats: Stats::default(),
        }
    }

    /// An entry for a key that has none. It has to get an execution or a value next.
    pub fn open(&mut self) -> SlotId {
        SlotId::try_from(self.entries.insert(Entry::default())).unwrap_or(SlotId::MAX)
    }

    // ---- calls -------------------------------------------------------------------------------------------------------

    /// What a call is served now; it counts as a use.
    pub fn look(&mut self, slot: SlotId, now: Instant) -> Look {
        let Some(entry) = self.entries.get(slot as usize) else { return Look::Miss };
        if entry.kept != Kept::Nothing && entry.is_fresh(now) {
            let failed = entry.kept == Kept::Failure;
            self.touch(slot);
            self.stats.hits += 1;
            return if failed { Look::Failed } else { Look::Fresh };
        }
        self.look_further(slot, now)
    }

    #[inline(never)]
    fn look_further(&mut self, slot: SlotId, now: Instant) -> Look {
        if self.entries[slot as usize].kept != Kept::Nothing {
            self.touch(slot);
        }
        if self.may_be_stale(slot, now) {
            self.stats.stale += 1;
            let refreshes = self.rules.refresh == Refresh::Background
                && !self.entries[slot as usize].pauses(&self.rules, now);
            return Look::Stale { refresh: refreshes && self.ask_refresh(slot) };
        }
        self.entries[slot as usize].flight.map_or(Look::Miss, Look::Join)
    }

    /// What a call would be served, if anything is there; it counts as nothing.
    pub fn peek(&self, slot: SlotId, now: Instant) -> bool {
        let Some(entry) = self.entries.get(slot as usize) else { return false };
        entry.kept == Kept::Value && (entry.is_fresh(now) || self.may_be_stale(slot, now))
    }

    fn may_be_stale(&self, slot: SlotId, now: Instant) -> bool {
        let entry = &self.entries[slot as usize];
        if entry.kept != Kept::Value {
            return false;
        }
        let in_background = self.rules.refresh == Refresh::Background;
        if entry.failed_at == NEVER {
            return in_background && now < self.rules.stale_until(entry.fresh_until);
        }
        let in_time = now < self.rules.in_error_until(entry.fresh_until);
        in_time && (in_background || entry.pauses(&self.rules, now))
    }

    fn touch(&mut self, slot: SlotId) {
        if self.recent.first() != Some(slot) {
            self.recent.remove(&mut self.links, slot);
            self.recent.push_front(&mut self.links, slot);
        }
    }

    // ---- executions --------------------------------------------------------------------------------------------------

    /// An execution begins, for one caller.
    pub fn begin(&mut self, slot: SlotId) -> FlightId {
        self.stats.misses += 1;
        self.launch(slot, false)
    }

    /// A new entry for one call, whose execution has returned before anybody could join it.
    pub fn add(&mut self, now: Instant, bytes: u64) -> SlotId {
        let slot = self.open();
        let flight = self.begin(slot);
        self.settle(flight, now, bytes);
        slot
    }

    /// An execution [begins](Self::begin) for a caller that wants a new value whatever is there.
    pub fn begin_refresh(&mut self, slot: SlotId) -> FlightId {
        self.stats.refreshes += 1;
        self.launch(slot, false)
    }

    fn launch(&mut self, slot: SlotId, background: bool) -> FlightId {
        let flight = self.flights.begin(slot, background);
        self.unqueue(slot);
        self.entries[slot as usize].flight = Some(flight);
        flight
    }

    /// The execution that is under way for an entry.
    pub fn flight(&self, slot: SlotId) -> Option<FlightId> {
        self.entries.get(slot as usize)?.flight
    }

    /// Another caller waits for it.
    pub fn join(&mut self, flight: FlightId) {
        if let Some(flight) = self.flights.get(flight) {
            flight.callers += 1;
            self.stats.shared += 1;
        }
    }

    /// A caller no longer waits for it. True if it was the last one: then the execution is to be aborted, and its value is not kept.
    pub fn leave(&mut self, flight: FlightId) -> bool {
        let Some(entry) = self.flights.get(flight) else { return false };
        entry.callers = entry.callers.saturating_sub(1);
        if entry.callers > 0 || entry.background {
            return false;
        }
        self.abandon(flight);
        true
    }

    /// An execution has returned; `bytes` is what the value takes.
    pub fn settle(&mut self, flight: FlightId, now: Instant, bytes: u64) -> Settled {
        self.settle_for(flight, now, bytes, None)
    }

    /// The same for a value with a time to live of its own.
    pub fn settle_for(
        &mut self,
        flight: FlightId,
        now: Instant,
        bytes: u64,
        ttl: Option<Duration>,
    ) -> Settled {
        let Some(slot) = self.detach(flight) else { return Settled::Dropped };
        if self.rules.max_bytes.is_some_and(|max| bytes > max) {
            self.drop_kept(slot, Reason::Evicted);
            return Settled::TooLarge;
        }
        let fresh_until = self.rules.fresh_until(ttl, now, &mut self.random);
        self.keep_as_first(slot, Kept::Value, now, fresh_until, bytes);
        Settled::Stored
    }

    /// An execution has failed.
    pub fn fail(&mut self, flight: FlightId, now: Instant) -> Failed {
        self.stats.failures += u64::from(self.flights.get(flight).is_some());
        let Some(slot) = self.detach(flight) else { return Failed::Dropped };
        let error_ttl = self.rules.error_ttl;
        let entry = &mut self.entries[slot as usize];
        if entry.kept == Kept::Value && entry.is_fresh(now) {
            return Failed::Dropped; // a value that was to be refreshed before its time
        }
        if entry.kept == Kept::Value && now < self.rules.in_error_until(entry.fresh_until) {
            entry.failed_at = now;
            entry.refresh_at = entry.refresh_at.max(now + error_ttl.unwrap_or_default());
            self.wake = self.wake.min(entry.refresh_at.max(self.rests_until));
            return Failed::Stale;
        }
        let Some(error_ttl) = error_ttl else {
            self.drop_kept(slot, Reason::Expired);
            return Failed::Dropped;
        };
        if let Some(reason) = self.take_kept(slot, Reason::Expired) {
            self.gone.push_back(Gone { slot, reason: Some(reason), freed: false });
        }
        self.keep_as_first(slot, Kept::Failure, now, now + error_ttl, 0);
        Failed::Kept
    }

    /// Takes an execution off the list; returns the entry that it was for, unless that was cleared.
    fn detach(&mut self, flight: FlightId) -> Option<SlotId> {
        let flight = self.flights.end(flight)?;
        if flight.background {
            self.refreshing -= 1;
        }
        let slot = flight.slot?;
        self.entries[slot as usize].flight = None;
        Some(slot)
    }

    /// An execution ends without an outcome, since the host can't run it.
    pub fn abandon(&mut self, flight: FlightId) {
        if let Some(slot) = self.detach(flight) {
            self.free_if_empty(slot, None);
        }
    }

    // ---- what is kept ------------------------------------------------------------------------------------------------

    /// A value that was stored elsewhere is there again: as the most recently used one, or in place of the present one. `fresh_until` is `None` for ever.
    pub fn restore(&mut self, slot: SlotId, settled: Instant, fresh_until: Option<Instant>, bytes: u64) {
        if self.rules.max_bytes.is_some_and(|max| bytes > max) {
            self.drop_kept(slot, Reason::Evicted);
            return;
        }
        let fresh_until = fresh_until.unwrap_or(NEVER);
        if self.entries[slot as usize].kept == Kept::Nothing {
            self.keep_as_first(slot, Kept::Value, settled, fresh_until, bytes);
        } else {
            self.keep(slot, Kept::Value, settled, fresh_until, bytes);
            self.evict();
        }
    }

    /// Has an entry keep something, as the most recently used one.
    fn keep_as_first(
        &mut self,
        slot: SlotId,
        kept: Kept,
        settled: Instant,
        fresh_until: Instant,
        bytes: u64,
    ) {
        if self.entries[slot as usize].kept == Kept::Nothing {
            self.recent.push_front(&mut self.links, slot);
        } else {
            self.touch(slot);
        }
        self.keep(slot, kept, settled, fresh_until, bytes);
        self.evict();
    }

    /// Has an entry keep something, wherever it stands among the recent ones.
    fn keep(&mut self, slot: SlotId, kept: Kept, settled: Instant, fresh_until: Instant, bytes: u64) {
        let entry = &mut self.entries[slot as usize];
        let was = core::mem::replace(&mut entry.kept, kept);
        self.stats.bytes = self.stats.bytes.saturating_sub(entry.bytes).saturating_add(bytes);
        entry.bytes = bytes;
        entry.settled = settled;
        entry.fresh_until = fresh_until;
        entry.failed_at = NEVER;
        let refresh_every = self.rules.refresh_every.filter(|_| kept == Kept::Value);
        entry.refresh_at = refresh_every.map_or(NEVER, |every| settled + every);
        let due = entry.keep_until(&self.rules).min(entry.refresh_at);
        self.stats.entries += u64::from(was == Kept::Nothing);
        let rests_until = self.rests_until.min(settled + self.rest());
        self.wake = self.wake.min(due.max(rests_until));
    }

    fn evict(&mut self) {
        let max_bytes = self.rules.max_bytes.unwrap_or(u64::MAX);
        while self.stats.entries > u64::from(self.rules.max_entries) || self.stats.bytes > max_bytes {
            let Some(slot) = self.recent.last() else { break };
            self.drop_kept(slot, Reason::Evicted);
        }
    }

    /// Lets the least recently used entry go, for want of room elsewhere; false if there is none.
    pub fn evict_one(&mut self) -> bool {
        let Some(slot) = self.recent.last() else { return false };
        self.drop_kept(slot, Reason::Evicted);
        true
    }

    /// Lets the value of an entry go, which the owner finds no longer valid.
    pub fn invalidate(&mut self, slot: SlotId) {
        self.drop_kept(slot, Reason::Invalid);
    }

    /// Lets an entry go. What an execution under way for it returns is not kept.
    pub fn clear(&mut self, slot: SlotId) {
        let Some(flight) = self.entries.get_mut(slot as usize).map(|entry| entry.flight.take()) else {
            return;
        };
        if let Some(flight) = flight.and_then(|flight| self.flights.get(flight)) {
            flight.slot = None;
        }
        self.drop_kept(slot, Reason::Cleared);
    }

    /// Lets all entries go.
    pub fn clear_all(&mut self) {
        let slots: Vec<_> = self.entries.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            self.clear(SlotId::try_from(slot).unwrap_or(SlotId::MAX));
        }
    }

    /// Lets go what is kept, and the entry with it unless an execution is under way.
    fn drop_kept(&mut self, slot: SlotId, reason: Reason) {
        let reason = self.take_kept(slot, reason);
        self.free_if_empty(slot, reason);
    }

    /// Returns the reason if a value has gone.
    fn take_kept(&mut self, slot: SlotId, reason: Reason) -> Option<Reason> {
        let entry = self.entries.get_mut(slot as usize)?;
        let kept = core::mem::take(&mut entry.kept);
        self.stats.bytes = self.stats.bytes.saturating_sub(core::mem::take(&mut entry.bytes));
        if kept == Kept::Nothing {
            return None;
        }
        self.stats.entries -= 1;
        self.recent.remove(&mut self.links, slot);
        if kept == Kept::Failure {
            return None;
        }
        match reason {
            Reason::Evicted => self.stats.evictions += 1,
            Reason::Expired => self.stats.expirations += 1,
            Reason::Cleared | Reason::Invalid => {}
        }
        Some(reason)
    }

    /// Lets an entry go that keeps nothing and waits for nothing. `reason` is why its value has just gone.
    fn free_if_empty(&mut self, slot: SlotId, reason: Option<Reason>) {
        let Some(entry) = self.entries.get(slot as usize) else { return };
        let freed = entry.kept == Kept::Nothing && entry.flight.is_none();
        if freed {
            self.unqueue(slot);
            self.entries.remove(slot as usize);
        }
        if freed || reason.is_some() {
            self.gone.push_back(Gone { slot, reason, freed });
        }
    }

    /// How much there is that the host has to let go.
    pub fn gone(&self) -> usize {
        self.gone.len()
    }

    /// The next one that the host has to let go.
    pub fn next_gone(&mut self) -> Option<Gone> {
        self.gone.pop_front()
    }

    // ---- refreshes ---------------------------------------------------------------------------------------------------

    /// Has an entry refreshed when its turn comes; false if it is being, or waits already.
    pub fn ask_refresh(&mut self, slot: SlotId) -> bool {
        let Some(entry) = self.entries.get_mut(slot as usize) else { return false };
        if entry.queued || entry.flight.is_some() {
            return false;
        }
        entry.queued = true;
        self.refreshes.push(&mut self.refresh_links, slot);
        true
    }

    fn unqueue(&mut self, slot: SlotId) {
        if core::mem::take(&mut self.entries[slot as usize].queued) {
            self.refreshes.remove(&mut self.refresh_links, slot);
        }
    }

    /// Begins the next refresh, if there is one and not too many run.
    pub fn next_refresh(&mut self) -> Option<(SlotId, FlightId)> {
        if self.refreshing >= self.rules.refresh_concurrency {
            return None;
        }
        let slot = self.refreshes.first()?;
        self.refreshing += 1;
        self.stats.refreshes += 1;
        Some((slot, self.launch(slot, true)))
    }

    // ---- time --------------------------------------------------------------------------------------------------------

    /// When the cache wants to be [woken](Self::tick); `None` if never.
    pub fn wake(&self) -> Option<Instant> {
        (self.wake != NEVER).then_some(self.wake)
    }

    /// Lets go what has expired and is of no use, and asks for the refreshes that are due; those wait while nobody looks (`visible`).
    ///
    /// It looks at every entry, so it wants to be woken again the later the more there are.
    pub fn tick(&mut self, now: Instant, visible: bool) {
        let mut expired = Vec::new();
        let mut due = Vec::new();
        let mut wake = NEVER;
        let every = self.rules.refresh_every.unwrap_or_default();
        for (number, entry) in &mut self.entries {
            let slot = SlotId::try_from(number).unwrap_or(SlotId::MAX);
            if entry.kept == Kept::Nothing {
                continue;
            }
            let keep_until = entry.keep_until(&self.rules);
            if keep_until <= now {
                expired.push(slot);
                continue;
            }
            // Later than that it is only if the clock was set back.
            let is_due = entry.refresh_at <= now
                || (entry.refresh_at != NEVER
                    && entry.refresh_at > now + every
                    && !entry.pauses(&self.rules, now));
            if is_due && visible {
                entry.refresh_at = now + every;
                due.push(slot);
            }
            if !is_due || visible {
                wake = wake.min(entry.refresh_at);
            }
            wake = wake.min(keep_until);
        }
        for slot in expired {
            self.drop_kept(slot, Reason::Expired);
        }
        for slot in due {
            self.ask_refresh(slot);
        }
        self.rests_until = now + self.rest();
        self.wake = if wake == NEVER { NEVER } else { wake.max(self.rests_until) };
    }

    /// How long a look at every entry is not repeated.
    fn rest(&self) -> Duration {
        Duration::from_micros(self.entries.len() as u64)
    }

    // ---- looking at it -----------------------------------------------------------------------------------------------

    /// Until when the value of an entry is fresh, and until when it is of use; `None` is for ever.
    pub fn times(&self, slot: SlotId) -> Option<(Option<Instant>, Option<Instant>)> {
        let entry = self.entries.get(slot as usize)?;
        let end = |at| (at != NEVER).then_some(at);
        Some((end(entry.fresh_until), end(entry.keep_until(&self.rules))))
    }

    /// What has happened so far.
    pub fn stats(&self) -> Stats {
        Stats { in_flight: self.flights.len() as u64, ..self.stats }
    }
}
