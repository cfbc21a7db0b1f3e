//! How a simulated tab commits, as src/js/shared/commits.ts does.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Bug, Decided, End, Head, Kept, Key, Next, Origin, Purpose, Row, Tx,
    checker::{self, Done},
    hears::{Notice, Told},
    locks::Plan,
    tab::Tab,
};
use crate::core::{
    origin::{
        fakes::Memory,
        ports::{Broadcast, KeyValue},
    },
    shared::{
        batch::plan_batch,
        decide::{self, Effect, Refusal},
        fate::{self, Fate, Mark},
        record::{Born, Record, Token, Version},
        trim,
    },
};

const ATTEMPTS: u32 = 3;

#[derive(Clone, Debug)]
pub enum Deed {
    /// One more.
    Add,
    /// This value. `counts`: it is one more than it was.
    Set {
        value: u64,
        counts: bool,
    },
    Delete,
    /// Tells of it so many times.
    Touch(u64),
    Claim {
        over: Option<Token>,
        lease: Duration,
    },
    Release {
        token: Token,
    },
}

/// Who is told what has become of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    User,
    /// An async function was called outside.
    Async,
    /// What runs under a lock.
    Call(u32),
    /// A call claims its lock.
    Claim(u32),
    Nobody,
}

#[derive(Clone, Debug)]
pub struct Op {
    pub key: Key,
    pub deed: Deed,
    pub token: Option<Token>,
    pub if_version: Option<Version>,
    pub born: Born,
    pub asker: Asker,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    Done,
    Conflict,
    LeaseLost,
    Locked,
    Claimed {
        token: Option<Token>,
        row: Row,
        born: Born,
    },
    /// `storage-blocked`: nothing was changed.
    Blocked,
    /// `outcome-unknown`
    Unknown,
}

#[derive(Clone, Debug)]
struct Work {
    row: Row,
    is_changed: bool,
    is_made: bool,
}

/// What is in flight.
#[derive(Debug)]
pub struct Flight {
    number: u64,
    attempt: u32,
    ops: Vec<Op>,
    head: Option<Head>,
    base: Version,
    works: BTreeMap<Key, Work>,
    outcomes: Vec<Outcome>,
}

impl Op {
    pub fn counts(&self) -> bool {
        matches!(self.deed, Deed::Add | Deed::Set { counts: true, .. })
    }
}

impl Tab {
    /// Begins the next commit, if there is anything to do and none is in flight.
    pub fn commit(&mut self, origin: &mut Origin) {
        if self.flight.is_some() || self.queue.is_empty() {
            return;
        }
        let mut keys = Vec::new();
        let is_new = self.queue.iter().map(|op| {
            let is_new = !keys.contains(&op.key);
            keys.push(op.key);
            is_new
        });
        let count = plan_batch(is_new.collect::<Vec<_>>());
        self.commits += 1;
        self.flight = Some(Flight {
            number: self.commits,
            attempt: 1,
            ops: self.queue.drain(..count).collect(),
            head: None,
            base: 0,
            works: BTreeMap::new(),
            outcomes: Vec::new(),
        });
        origin.begin(self.id, Purpose::Commit);
    }

    /// In the transaction: what it writes, or how it fails.
    pub fn decide(&mut self, tx: &Tx, mut draft: Memory<Kept>) -> Result<Decided, End> {
        let head = super::head(&draft);
        match &tx.purpose {
            Purpose::Commit => {
                let mut head = head.ok_or(End::NoHead)?;
                let done = self.apply_all(&mut head, &mut draft);
                Ok((head.born, draft, done))
            }
            Purpose::AnewWrite { head: new, .. } => {
                if head.is_some() {
                    return Ok((0, draft, Vec::new())); // another tab was faster
                }
                draft.put("", Kept::Head(*new));
                Ok((new.born, draft, Vec::new()))
            }
            Purpose::Trim { keys, bug } => {
                let Some(mut head) = head else { return Ok((0, draft, Vec::new())) };
                for key in keys {
                    let Some(Kept::Row(Row { record, .. })) = draft.get(key) else { continue };
                    if *bug == Some(Bug::TrimmedEarly) {
                        if record.gone && record.holder.is_none() {
                            draft.delete(key);
                        }
                    } else if trim::may_trim(&record, &head) {
                        draft.delete(key);
                        head = trim::trimmed(&record, &head);
                    }
                }
                draft.put("", Kept::Head(head));
                Ok((0, draft, Vec::new()))
            }
            _ => Ok((0, draft, Vec::new())),
        }
    }

    fn apply_all(&mut self, head: &mut Head, draft: &mut Memory<Kept>) -> Vec<(Key, Done)> {
        let mut flight = self.flight.take().expect("its transaction is under way");
        flight.base = head.seq;
        let base_head = *head;
        let row_of = |key: Key| match draft.get(key) {
            Some(Kept::Row(row)) => row,
            _ => Row::missing(&base_head),
        };
        flight.works = flight
            .ops
            .iter()
            .map(|op| (op.key, Work { row: row_of(op.key), is_changed: false, is_made: false }))
            .collect();
        let mut done = Vec::new();
        flight.outcomes = Vec::new();
        for op in &flight.ops {
            let work = flight.works.get_mut(op.key).expect("it was read");
            let outcome = self.apply(op, work, head, &mut done);
            flight.outcomes.push(outcome);
        }
        for (key, work) in flight.works.iter_mut().filter(|(_, work)| work.is_changed) {
            let marks = &mut work.row.marks;
            if let Some(gone) =
                fate::replaced(marks.iter().position(|mark| mark.writer == self.id), marks.len())
            {
                marks.remove(gone);
            }
            marks.push(Mark { writer: self.id, commit: flight.number, base: flight.base });
            draft.put(key, Kept::Row(work.row.clone()));
        }
        if head.seq > flight.base {
            draft.put("", Kept::Head(*head));
        }
        flight.head = Some(*head);
        self.flight = Some(flight);
        done
    }

    fn apply(&self, op: &Op, work: &mut Work, head: &mut Head, done: &mut Vec<(Key, Done)>) -> Outcome {
        let row = &mut work.row;
        match op.deed {
            Deed::Claim { over, lease } => {
                let over = over.map(|over| {
                    if self.bug == Some(Bug::ClaimedAfterStealing) { row.record.token } else { over }
                });
                let claimed = decide::claim(&row.record, head, over.map(|over| (over, op.born)));
                let token = claimed.filter(|_| self.claims(op.asker));
                if let Some(token) = token {
                    (row.record.token, row.record.holder, row.lease) = (token, Some(self.id), lease);
                    work.is_changed = true;
                    done.push((op.key, Done::Claimed { token, by: self.id }));
                }
                return Outcome::Claimed { token, row: row.clone(), born: head.born };
            }
            Deed::Release { token } => {
                if decide::gives_back(&row.record, head, (token, op.born)) {
                    row.record.holder = None;
                    work.is_changed = true;
                    done.push((op.key, Done::Released { token }));
                }
                return Outcome::Done;
            }
            _ => {}
        }
        let own = if op.token.is_none() { self.token_of(op.key) } else { None };
        let plain = decide::Op { token: op.token, if_version: op.if_version, born: op.born };
        let mut token = own.or(op.token);
        let born = if own.is_some() { head.born } else { op.born };
        let mut admitted = decide::admit(&row.record, head, &decide::Op { token, born, ..plain });
        if own.is_some() && admitted == Err(Refusal::LeaseLost) {
            token = None;
            admitted = decide::admit(&row.record, head, &plain);
        }
        match admitted {
            Err(Refusal::LeaseLost) => return Outcome::LeaseLost,
            Err(Refusal::Conflict) => return Outcome::Conflict,
            Err(Refusal::Locked(_)) => return Outcome::Locked,
            Ok(()) => {}
        }
        let (value, effect) = match op.deed {
            Deed::Add => (Some(row.value.unwrap_or_default() + 1), Effect::Value { same: false }),
            Deed::Set { value, .. } => (Some(value), Effect::Value { same: row.value == Some(value) }),
            Deed::Touch(_) => (row.value, Effect::Touch),
            _ => (None, Effect::Gone),
        };
        if let Some(mut version) = decide::next_version(row.record.gone, head, effect) {
            if let Deed::Touch(times) = op.deed {
                version += times - 1;
            }
            row.record = Record { seq: version, gone: value.is_none(), ..row.record };
            (row.value, row.by, head.seq) = (value, self.id, version);
            (work.is_changed, work.is_made) = (true, true);
            done.push((op.key, Done::Wrote { token, counts: op.counts() }));
        }
        Outcome::Done
    }

    /// The transaction of a commit has ended.
    pub fn committed(&mut self, end: &End, origin: &mut Origin) {
        let Some(flight) = &mut self.flight else { return };
        let is_tried_again = flight.attempt < ATTEMPTS;
        match end {
            End::Landed => self.land(origin),
            End::NoHead if is_tried_again => self.begin_anew(Next::Commit, origin),
            End::Lost => {
                let work = flight.works.iter().find(|(_, work)| work.is_changed);
                match work {
                    Some((key, _)) => {
                        let key = *key;
                        origin.begin(self.id, Purpose::Fate { key });
                    }
                    None => self.fated(Fate::NotLanded, origin),
                }
            }
            End::Unknown => self.refuse(&Outcome::Unknown, origin),
            _ => self.refuse(&Outcome::Blocked, origin),
        }
    }

    /// The record of a commit that was lost was read.
    pub fn fate_read(&mut self, key: Key, end: &End, origin: &mut Origin) {
        let Some(flight) = &self.flight else { return };
        let End::Read { head, rows } = end else { return self.refuse(&Outcome::Unknown, origin) };
        let Some(head) = head else { return self.fated(Fate::NotLanded, origin) };
        let row = rows.iter().find(|(of, _)| *of == key).map(|(_, row)| row);
        let marks = row.map(|row| row.marks.as_slice()).unwrap_or_default();
        let own = marks.iter().find(|mark| mark.writer == self.id).map(|mark| mark.commit);
        let oldest = fate::replaced(None, marks.len()).map(|oldest| marks[oldest].base);
        let born = flight.head.map(|head| head.born).unwrap_or_default();
        let fate = fate::after_unknown(head, born, (flight.number, flight.base), own, oldest, row.is_none());
        self.fated(fate, origin);
    }

    fn fated(&mut self, fate: Fate, origin: &mut Origin) {
        let Some(flight) = &self.flight else { return };
        origin.checker.count("lost");
        match fate {
            Fate::Landed => self.land(origin),
            Fate::Unknown => self.refuse(&Outcome::Unknown, origin),
            Fate::NotLanded if flight.attempt < ATTEMPTS => self.try_again(origin),
            Fate::NotLanded => self.refuse(&Outcome::Blocked, origin),
        }
    }

    pub fn try_again(&mut self, origin: &mut Origin) {
        let Some(flight) = &mut self.flight else { return };
        flight.attempt += 1;
        origin.begin(self.id, Purpose::Commit);
    }

    pub fn refuse(&mut self, outcome: &Outcome, origin: &mut Origin) {
        let Some(flight) = self.flight.take() else { return };
        let born = flight.head.map(|head| head.born).unwrap_or_default();
        for op in flight.ops {
            if op.counts() && matches!(outcome, Outcome::Unknown) {
                origin.checker.unknown(born, op.key);
            }
            self.told(op, outcome.clone(), origin);
        }
    }

    fn land(&mut self, origin: &mut Origin) {
        let Some(flight) = self.flight.take() else { return };
        let head = flight.head.expect("it has landed");
        if head.seq > flight.base {
            let whole = origin.random.u8(0..10) > 0;
            let changes =
                flight.works.iter().filter(|(_, work)| work.is_made).map(|(key, Work { row, .. })| Told {
                    key,
                    seq: row.record.seq,
                    gone: row.record.gone,
                    value: row.value,
                });
            let mut notice =
                Notice { born: head.born, from: flight.base + 1, to: head.seq, changes: changes.collect() };
            self.heard(&notice, origin);
            if !whole {
                notice.changes.iter_mut().for_each(|told| told.value = None); // they are large
            }
            self.outbox.post(super::Message::Notice(notice));
        }
        for (op, outcome) in flight.ops.into_iter().zip(flight.outcomes) {
            if op.counts() && matches!(outcome, Outcome::Done) {
                origin.checker.confirmed(head.born, op.key);
            }
            self.told(op, outcome, origin);
        }
    }

    /// What follows from the outcome of an operation.
    fn told(&mut self, op: Op, outcome: Outcome, origin: &mut Origin) {
        match op.asker {
            Asker::User | Asker::Async if matches!(outcome, Outcome::Locked) => {
                self.lock(op.key, Plan::Do(op), false, origin);
            }
            Asker::Async if matches!(outcome, Outcome::Conflict) => {
                self.lock(op.key, Plan::Count, false, origin);
            }
            Asker::Call(call) => self.has_written(call, &outcome, origin),
            Asker::Claim(call) => self.has_claimed(call, &op, outcome, origin),
            Asker::User | Asker::Async | Asker::Nobody => {}
        }
    }

    /// The tab has crashed: nobody knows of what was in flight.
    pub fn gives_up(&self, origin: &mut Origin) {
        let Some(Flight { ops, head: Some(head), .. }) = &self.flight else { return };
        for op in ops.iter().filter(|op| op.counts()) {
            origin.checker.unknown(head.born, op.key);
        }
    }

    // ---- a store without a head --------------------------------------------------------------------------------------

    pub fn begin_anew(&mut self, next: Next, origin: &mut Origin) {
        origin.begin(self.id, Purpose::AnewRead { next });
    }

    pub fn anew_read(&mut self, next: Next, end: &End, origin: &mut Origin) {
        let End::Read { rows, .. } = end else { return self.anew(next, false, origin) };
        let seq = rows.iter().map(|(_, row)| row.record.seq).max().unwrap_or_default();
        let token = rows.iter().map(|(_, row)| row.record.token).max().unwrap_or_default();
        let head = Head { born: origin.random.u64(1..1 << 53), seq, trimmed: 0, token };
        origin.begin(self.id, Purpose::AnewWrite { next, head });
    }

    pub fn anew(&mut self, next: Next, is_there: bool, origin: &mut Origin) {
        match next {
            Next::Commit if is_there => self.try_again(origin),
            Next::Commit => self.refuse(&Outcome::Blocked, origin),
            Next::Read if is_there => self.read_once(origin),
            Next::Read => self.read_failed(origin),
            Next::Open => origin.begin(self.id, Purpose::Open),
        }
    }

    /// Removes old tombstones.
    pub fn trim_read(&mut self, end: &End, origin: &mut Origin) {
        let End::Read { rows, .. } = end else { return };
        let is_old = |row: &Row| row.value.is_none() && row.record.holder.is_none();
        let keys: Vec<_> = rows.iter().filter(|(_, row)| is_old(row)).map(|(key, _)| *key).collect();
        if !keys.is_empty() {
            origin.begin(self.id, Purpose::Trim { keys, bug: self.bug });
        }
    }
}

/// What the store has, in order.
pub fn stored(store: &Memory<Kept>) -> BTreeMap<Key, Row> {
    checker::rows(store.all()).into_iter().collect()
}
