//! A simulated tab: what it is told, and what its user does.

use std::collections::{BTreeMap, VecDeque};

use super::{
    Born, Bug, CELLS, COUNTERS, Decided, End, Happening, Head, Kept, Key, Message, Next, Origin, Purpose,
    Question, Tx,
    commits::{Asker, Deed, Flight, Op},
    hears::Known,
    locks::{Call, Plan, presence},
};
use crate::core::{
    base::clock::Instant,
    origin::{
        fakes::{Granting, Memory, Outbox, Ticket},
        ports::{Lock, Request},
    },
    shared::{hearing::Hearing, lock::Event, record::TabId},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Live,
    /// It does nothing, and does not know it.
    Frozen,
    /// It is in the back/forward cache.
    Away,
}

#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // they are as independent as those of the page
pub struct Tab {
    pub id: TabId,
    pub life: Life,
    /// When it last stood still, was away, or had its clock moved.
    pub disturbed: Instant,
    /// It will stand still in its next transaction.
    pub stops_in_transaction: bool,
    /// How much later its clock is.
    pub skew: std::time::Duration,
    /// What waits while it stands still.
    pub backlog: VecDeque<Happening>,
    pub outbox: Outbox<Message>,
    pub asked: Vec<Question>,
    pub bug: Option<Bug>,
    pub born: Born,
    /// It has read everything.
    pub is_ready: bool,
    presence: Option<Ticket>,
    counted: u32,

    pub hearing: Hearing,
    pub replica: BTreeMap<Key, Known>,
    pub reading: Option<bool>,
    pub reads_all: bool,
    pub is_read_again: bool,
    pub hole: u32,
    pub checks: u32,

    pub queue: VecDeque<Op>,
    pub flight: Option<Flight>,
    pub commits: u64,

    pub calls: Vec<Call>,
}

impl Tab {
    pub fn new(id: TabId, bug: Option<Bug>, now: Instant) -> Self {
        Self {
            id,
            life: Life::Live,
            disturbed: now,
            stops_in_transaction: false,
            skew: std::time::Duration::ZERO,
            backlog: VecDeque::new(),
            outbox: Outbox::default(),
            asked: Vec::new(),
            bug,
            born: 0,
            is_ready: false,
            presence: None,
            counted: 0,
            hearing: Hearing::new(),
            replica: BTreeMap::new(),
            reading: None,
            reads_all: false,
            is_read_again: false,
            hole: 0,
            checks: 0,
            queue: VecDeque::new(),
            flight: None,
            commits: 0,
            calls: Vec::new(),
        }
    }

    pub fn count(&mut self) -> u32 {
        self.counted += 1;
        self.counted
    }

    pub fn clock(&self, origin: &Origin) -> Instant {
        origin.now + self.skew
    }

    /// Plans what happens at a time of this tab's clock.
    pub fn at(&self, at: Instant, happening: Happening, origin: &mut Origin) {
        origin.plan(at - self.clock(origin), self.id, happening);
    }

    /// Something happens to it, and it does all that follows in this turn. A transaction that is decided in it is returned.
    pub fn handle(&mut self, happening: Happening, origin: &mut Origin) {
        match happening {
            Happening::Open => origin.begin(self.id, Purpose::Open),
            Happening::Granting(ticket, granting) if self.presence == Some(ticket) => {
                self.is_present(granting, origin);
            }
            Happening::Granting(ticket, granting) => self.granting(ticket, granting, origin),
            Happening::Message(Message::Notice(notice)) if notice.born == self.born => {
                self.heard(&notice, origin);
            }
            Happening::Message(Message::Question(question)) if question.born == self.born => {
                self.question(question, origin);
            }
            Happening::Decide(tx) => origin.decide(self, tx),
            Happening::Ended(tx, end) => self.ended(&tx, &end, origin),
            Happening::Hole(hole) => self.hole_due(hole, origin),
            Happening::Check(check) if check == self.checks => self.check(origin),
            Happening::Message(_) | Happening::Check(_) => {} // on another channel, or no longer due
            Happening::Seen => self.check(origin),
            Happening::Tick(call, timer) => self.tick(call, timer, origin),
            Happening::Soon(call) => self.soon(call, origin),
            Happening::Probed { call, token, alive } => self.probed(call, token, alive, origin),
            Happening::Act(call) => self.act(call, origin),
            Happening::Abort(call) => self.abort(call, origin),
            Happening::Work => self.work(origin),
        }
        self.settle(origin);
    }

    /// What follows in the same turn.
    pub fn settle(&mut self, origin: &mut Origin) {
        self.ask_all(origin);
        self.commit(origin);
        for message in self.outbox.take() {
            origin.send(self.id, &message);
        }
    }

    /// A transaction of this tab is decided: see [`commits`](super::commits).
    pub fn decided(&mut self, tx: &Tx, draft: Memory<Kept>) -> Result<Decided, End> {
        self.decide(tx, draft)
    }

    fn ended(&mut self, tx: &Tx, end: &End, origin: &mut Origin) {
        match tx.purpose {
            Purpose::Commit => self.committed(end, origin),
            Purpose::Fate { key } => self.fate_read(key, end, origin),
            Purpose::AnewRead { next } => self.anew_read(next, end, origin),
            Purpose::AnewWrite { next, .. } => self.anew(next, matches!(end, End::Landed), origin),
            Purpose::Read { all, from } => self.has_read(all, from, end, origin),
            Purpose::Row { call } => self.row_read(call, end, origin),
            Purpose::Open => self.opened(end, origin),
            Purpose::TrimRead => self.trim_read(end, origin),
            Purpose::Trim { .. } => {}
        }
        if !self.is_ready && self.reading.is_none() && self.hearing.born() != 0 {
            self.is_ready = true;
            self.check_later(origin);
            origin.begin(self.id, Purpose::TrimRead);
            origin.plan_soon(50_000, self.id, Happening::Work);
        }
    }

    // ---- its life ----------------------------------------------------------------------------------------------------

    fn opened(&mut self, end: &End, origin: &mut Origin) {
        match end {
            End::Read { head: Some(Head { born, .. }), .. } => {
                self.born = *born;
                self.enter(origin);
            }
            End::Read { .. } => self.begin_anew(Next::Open, origin),
            _ => origin.begin(self.id, Purpose::Open), // its user tries again
        }
    }

    /// Takes its presence lock.
    fn enter(&mut self, origin: &mut Origin) {
        self.presence = Some(origin.locks.of(self.id).request(&presence(self.id), Request::Queue));
        origin.tell_of_locks();
    }

    fn is_present(&mut self, granting: Granting, origin: &mut Origin) {
        assert_eq!(granting, Granting::Granted, "nobody steals it");
        if self.is_ready {
            self.all_calls(Event::Back, origin);
        } else {
            self.read(true, origin);
        }
    }

    pub fn goes_away(&mut self, origin: &mut Origin) {
        self.all_calls(Event::Gone, origin);
        if let Some(presence) = self.presence.take() {
            origin.locks.of(self.id).release(presence);
        }
        origin.tell_of_locks();
        self.hole += 1;
        self.checks += 1;
        self.life = Life::Away;
        self.settle(origin);
    }

    pub fn comes_back(&mut self, origin: &mut Origin) {
        self.life = Life::Live;
        self.enter(origin);
        self.check(origin);
        self.settle(origin);
    }

    /// Its clock is moved: what is due is due.
    pub fn jumps(&mut self, span: std::time::Duration, origin: &mut Origin) {
        self.skew += span;
        for id in self.calls.iter().map(Call::id).collect::<Vec<_>>() {
            self.wake(id, origin);
        }
        if let Some(due) = self.hearing.due() {
            self.hole += 1;
            self.at(due, Happening::Hole(self.hole), origin);
        }
    }

    // ---- its user ----------------------------------------------------------------------------------------------------

    fn work(&mut self, origin: &mut Origin) {
        if origin.is_over {
            return;
        }
        let next = if origin.random.u8(0..4) == 0 { 1_000 } else { 150_000 };
        origin.plan_soon(next, self.id, Happening::Work);
        let locks = origin.is_locking && origin.random.u8(0..3) > 0;
        let counter = if locks { COUNTERS[0] } else { COUNTERS[origin.random.usize(0..COUNTERS.len())] };
        let cell = CELLS[origin.random.usize(0..CELLS.len())];
        let is_counting = self.calls.iter().any(|call| call.key == counter)
            || self.queue.iter().any(|op| op.key == counter)
            || self.flight.is_some();
        match if locks { origin.random.u8(30..70) } else { origin.random.u8(0..100) } {
            0..40 => {
                // Not beside an own call that writes one more than it has read.
                let calls = self.calls.iter().any(|call| call.key == counter);
                if !calls {
                    self.ask_for(counter, Deed::Add, Asker::User);
                }
            }
            40..60 if !is_counting => {
                let impatient = origin.random.u8(0..4) == 0;
                self.lock(counter, Plan::Count, impatient, origin);
                if origin.random.u8(0..5) == 0
                    && let Some(call) = self.calls.last()
                {
                    origin.plan_soon(800_000, self.id, Happening::Abort(call.id()));
                }
            }
            60..70 if !is_counting => {
                let known = self.replica.get(counter).cloned();
                let (version, value) = known.map_or((0, None), |known| (known.version, known.value));
                let deed = Deed::Set { value: value.unwrap_or_default() + 1, counts: true };
                let if_version = Some(if value.is_some() { version } else { 0 });
                self.queue.push_back(Op {
                    key: counter,
                    deed,
                    token: None,
                    if_version,
                    born: self.born,
                    asker: Asker::Async,
                });
            }
            70..80 => {
                let value = origin.random.u64(0..3);
                self.ask_for(cell, Deed::Set { value, counts: false }, Asker::User);
            }
            80..90 => self.ask_for(cell, Deed::Delete, Asker::User),
            90..95 => self.ask_for(cell, Deed::Touch(1), Asker::User),
            95..97 => {
                let times = origin.random.u64(200..1_200);
                self.ask_for(cell, Deed::Touch(times), Asker::User);
            }
            97..99 => self.lock(cell, Plan::Count, false, origin),
            _ => {}
        }
    }

    fn ask_for(&mut self, key: Key, deed: Deed, asker: Asker) {
        self.queue.push_back(Op { key, deed, token: None, if_version: None, born: self.born, asker });
    }
}
