//! The rules once more, as plainly as can be: a list of entries, looked through from end to end.

use super::*;

/// An [`Answer`] that borrows nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Owned {
    Fresh(u32),
    Stale(u32),
    Failed(u32),
    Join(FlightId),
    Run(FlightId),
}

impl From<Answer<'_, u32, u32>> for Owned {
    fn from(answer: Answer<'_, u32, u32>) -> Self {
        match answer {
            Answer::Fresh(value) => Self::Fresh(*value),
            Answer::Stale(value) => Self::Stale(*value),
            Answer::Failed(error) => Self::Failed(*error),
            Answer::Join(flight) => Self::Join(flight),
            Answer::Run(flight) => Self::Run(flight),
        }
    }
}

impl Owned {
    /// What a call has begun: what it is called is the cache's to say.
    pub fn begun(self) -> Option<FlightId> {
        match self {
            Self::Run(flight) => Some(flight),
            _ => None,
        }
    }
}

/// What is kept for a key.
#[derive(Debug)]
struct Kept {
    key: u8,
    outcome: Result<u32, u32>,
    bytes: u64,
    /// The end of its time, if it has one.
    end: Option<Instant>,
    /// Until when no successor is tried, after a try has failed.
    pause: Option<Instant>,
    /// When it is made anew unasked, if at all.
    refresh_at: Option<Instant>,
    /// The larger the more recent.
    used: u64,
}

#[derive(Debug)]
pub struct Flight {
    pub id: FlightId,
    /// None once it was cleared.
    key: Option<u8>,
    callers: u32,
    background: bool,
}

#[derive(Debug)]
pub struct Model {
    rules: Rules,
    pub now: Instant,
    kept: Vec<Kept>,
    pub flights: Vec<Flight>,
    waiting: Vec<u8>,
    pub gone: Vec<(u8, u32, Reason)>,
    counts: Stats,
    uses: u64,
    last_tick: Option<Instant>,
}

impl Model {
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            now: Instant::default(),
            kept: Vec::new(),
            flights: Vec::new(),
            waiting: Vec::new(),
            gone: Vec::new(),
            counts: Stats::default(),
            uses: 0,
            last_tick: None,
        }
    }

    fn find(&self, key: u8) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.key == key)
    }

    fn running(&mut self, key: u8) -> Option<&mut Flight> {
        self.flights.iter_mut().find(|flight| flight.key == Some(key))
    }

    fn is_fresh(&self, kept: &Kept) -> bool {
        kept.end.is_none_or(|end| self.now < end)
    }

    fn in_window(&self, kept: &Kept) -> bool {
        let (Some(end), Some(span)) = (kept.end, self.rules.stale_if_error) else { return false };
        self.now < end + span && self.is_young(kept)
    }

    fn is_young(&self, kept: &Kept) -> bool {
        let (Some(end), Some(span)) = (kept.end, self.rules.max_stale) else { return true };
        self.now < end + span
    }

    fn pauses(&self, kept: &Kept) -> bool {
        kept.pause.is_some_and(|until| self.now < until)
    }

    /// Whether an expired value is served all the same.
    fn serves_stale(&self, kept: &Kept) -> bool {
        let background = self.rules.refresh == Refresh::Background;
        kept.outcome.is_ok()
            && match kept.pause {
                None => background && self.is_young(kept),
                Some(_) => (background || self.pauses(kept)) && self.in_window(kept),
            }
    }

    fn use_it(&mut self, key: u8) {
        self.uses += 1;
        let uses = self.uses;
        if let Some(kept) = self.kept.iter_mut().find(|kept| kept.key == key) {
            kept.used = uses;
        }
    }

    pub fn peek(&self, key: u8) -> Option<u32> {
        let kept = self.find(key)?;
        let value = kept.outcome.ok()?;
        (self.is_fresh(kept) || self.serves_stale(kept)).then_some(value)
    }

    pub fn ask(&mut self, key: u8, begun: Option<FlightId>) -> Owned {
        if let Some(kept) = self.find(key) {
            let (outcome, pauses) = (kept.outcome, self.pauses(kept));
            if self.is_fresh(kept) {
                self.use_it(key);
                self.counts.hits += 1;
                return outcome.map_or_else(Owned::Failed, Owned::Fresh);
            }
            if let (Ok(value), true) = (outcome, self.serves_stale(kept)) {
                self.use_it(key);
                self.counts.stale += 1;
                if self.rules.refresh == Refresh::Background && !pauses {
                    self.wait(key);
                }
                return Owned::Stale(value);
            }
        }
        self.use_it(key);
        self.join(key).unwrap_or_else(|| {
            self.counts.misses += 1;
            self.begin(key, begun.expect("nothing is there"), false)
        })
    }

    pub fn refresh(&mut self, key: u8, begun: Option<FlightId>) -> Owned {
        self.join(key).unwrap_or_else(|| {
            self.counts.refreshes += 1;
            self.begin(key, begun.expect("nothing runs"), false)
        })
    }

    fn join(&mut self, key: u8) -> Option<Owned> {
        let flight = self.running(key)?;
        flight.callers += 1;
        let joined = Owned::Join(flight.id);
        self.counts.shared += 1;
        Some(joined)
    }

    fn begin(&mut self, key: u8, id: FlightId, background: bool) -> Owned {
        assert!(self.flights.iter().all(|flight| flight.id != id), "it is another one's");
        self.waiting.retain(|other| *other != key);
        self.flights.push(Flight { id, key: Some(key), callers: u32::from(!background), background });
        Owned::Run(id)
    }

    fn wait(&mut self, key: u8) {
        if !self.waiting.contains(&key) && self.running(key).is_none() {
            self.waiting.push(key);
        }
    }

    /// Any that waits may be next: the order is held by `refreshing`.
    pub fn next_refresh(&mut self, next: Option<(FlightId, u8)>) {
        let running = self.flights.iter().filter(|flight| flight.background).count();
        let room = running < self.rules.refresh_concurrency as usize;
        assert_eq!(next.is_some(), room && !self.waiting.is_empty());
        if let Some((flight, key)) = next {
            assert!(self.waiting.contains(&key), "{key} does not wait");
            self.counts.refreshes += 1;
            self.begin(key, flight, true);
        }
    }

    /// Takes an execution off the list; returns the key that it is still for.
    fn end(&mut self, id: FlightId) -> Option<u8> {
        let index = self.flights.iter().position(|flight| flight.id == id)?;
        self.flights.remove(index).key
    }

    pub fn leave(&mut self, id: FlightId) -> bool {
        let Some(flight) = self.flights.iter_mut().find(|flight| flight.id == id) else { return false };
        flight.callers = flight.callers.saturating_sub(1);
        let aborts = flight.callers == 0 && !flight.background;
        if aborts {
            self.end(id);
        }
        aborts
    }

    pub fn settle(&mut self, id: FlightId, value: u32, bytes: u64) -> Result<(), u32> {
        let key = self.end(id).ok_or(value)?;
        if self.rules.max_bytes.is_some_and(|max| bytes > max) {
            self.let_go(key, Reason::Evicted);
            return Err(value);
        }
        self.keep(key, Ok(value), bytes, self.rules.ttl);
        Ok(())
    }

    pub fn fail(&mut self, id: FlightId, error: u32) -> Result<Owned, u32> {
        self.counts.failures += u64::from(self.flights.iter().any(|flight| flight.id == id));
        let key = self.end(id).ok_or(error)?;
        let before = self.find(key).map(|kept| (kept.outcome, self.is_fresh(kept), self.in_window(kept)));
        match before {
            Some((Ok(_), true, _)) => return Err(error),
            Some((Ok(value), false, true)) => {
                let pause = self.now + self.rules.error_ttl.unwrap_or_default();
                let mut kept = self.kept.iter_mut();
                let kept = kept.find(|kept| kept.key == key).expect("as above");
                kept.pause = Some(pause);
                kept.refresh_at = kept.refresh_at.map(|at| at.max(pause));
                return Ok(Owned::Stale(value));
            }
            _ => {}
        }
        self.let_go(key, Reason::Expired);
        let error_ttl = self.rules.error_ttl.ok_or(error)?;
        self.keep(key, Err(error), 0, Some(error_ttl));
        Ok(Owned::Failed(error))
    }

    /// What was kept before is replaced, which is not a way to go.
    fn keep(&mut self, key: u8, outcome: Result<u32, u32>, bytes: u64, time: Option<Duration>) {
        self.kept.retain(|kept| kept.key != key);
        let end = time.map(|time| self.now + time);
        let refresh_at = self.rules.refresh_every.filter(|_| outcome.is_ok()).map(|every| self.now + every);
        self.kept.push(Kept { key, outcome, bytes, end, pause: None, refresh_at, used: 0 });
        self.use_it(key);
        let max_bytes = self.rules.max_bytes.unwrap_or(u64::MAX);
        while self.kept.len() > self.rules.max_entries as usize || self.bytes() > max_bytes {
            let oldest = self.kept.iter().min_by_key(|kept| kept.used).expect("too many are none").key;
            self.let_go(oldest, Reason::Evicted);
        }
    }

    fn bytes(&self) -> u64 {
        self.kept.iter().map(|kept| kept.bytes).sum()
    }

    fn let_go(&mut self, key: u8, reason: Reason) {
        let Some(index) = self.kept.iter().position(|kept| kept.key == key) else { return };
        self.waiting.retain(|other| *other != key);
        if let Ok(value) = self.kept.remove(index).outcome {
            self.counts.evictions += u64::from(reason == Reason::Evicted);
            self.counts.expirations += u64::from(reason == Reason::Expired);
            self.gone.push((key, value, reason));
        }
    }

    pub fn clear(&mut self, key: u8) {
        if let Some(flight) = self.running(key) {
            flight.key = None;
        }
        self.let_go(key, Reason::Cleared);
    }

    pub fn clear_all(&mut self) {
        for flight in &mut self.flights {
            flight.key = None;
        }
        while let Some(kept) = self.kept.first() {
            self.let_go(kept.key, Reason::Cleared);
        }
    }

    /// When what is kept is of no use to anybody any more.
    fn useless_from(&self, kept: &Kept) -> Option<Instant> {
        match (kept.outcome, self.rules.refresh) {
            (Err(_), _) => kept.end,
            (Ok(_), Refresh::Background) => Some(kept.end? + self.rules.max_stale?),
            (Ok(_), Refresh::Foreground) => {
                let span = self.rules.stale_if_error.unwrap_or_default();
                kept.end.map(|end| end + self.rules.max_stale.map_or(span, |most| most.min(span)))
            }
        }
    }

    pub fn tick(&mut self, visible: bool) {
        let over = |at: Option<Instant>| at.is_some_and(|at| at <= self.now);
        let keys = |kept: &dyn Fn(&&Kept) -> bool| -> Vec<u8> {
            self.kept.iter().filter(kept).map(|kept| kept.key).collect()
        };
        let expired = keys(&|kept| over(self.useless_from(kept)));
        let due = keys(&|kept| visible && over(kept.refresh_at));
        for key in &expired {
            self.let_go(*key, Reason::Expired);
        }
        for key in due.into_iter().filter(|key| !expired.contains(key)) {
            self.wait(key);
            let next = self.rules.refresh_every.map(|every| self.now + every);
            self.kept.iter_mut().find(|kept| kept.key == key).expect("it is due").refresh_at = next;
        }
        self.last_tick = Some(self.now);
    }

    /// By when the cache must want to be woken, if for anything; a few microseconds are its pause.
    pub fn latest_wake(&self) -> Option<Instant> {
        let pause = micros(16);
        let values = self.kept.iter().filter(|kept| kept.outcome.is_ok());
        // What was due at the last tick either waits since then, or until somebody looks.
        let due = values.filter_map(|kept| kept.refresh_at).filter(|at| Some(*at) > self.last_tick);
        let first = self.kept.iter().filter_map(|kept| self.useless_from(kept)).chain(due).min()?;
        Some(first.max(self.last_tick.map_or(first, |tick| tick + pause)))
    }

    pub fn stats(&self) -> Stats {
        Stats {
            entries: self.kept.len() as u64,
            bytes: self.bytes(),
            in_flight: self.flights.len() as u64,
            ..self.counts
        }
    }
}
