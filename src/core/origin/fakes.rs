//! The ports of an origin in memory, for tests in which a seed decides what happens when.

use alloc::{
    collections::{BTreeMap, VecDeque},
    string::{String, ToString},
    vec::Vec,
};
use core::{mem, ops::Range, time::Duration};

use super::ports::{Broadcast, KeyValue, Lock, Request};

/// A store. A transaction works on a clone, which takes the store's place when it is done.
#[derive(Clone, Debug)]
pub struct Memory<R> {
    records: BTreeMap<String, R>,
}

impl<R> Default for Memory<R> {
    fn default() -> Self {
        Self { records: BTreeMap::new() }
    }
}

impl<R: Clone> KeyValue for Memory<R> {
    type Record = R;

    fn get(&self, key: &str) -> Option<R> {
        self.records.get(key).cloned()
    }

    fn put(&mut self, key: &str, record: R) {
        self.records.insert(key.to_string(), record);
    }

    fn delete(&mut self, key: &str) {
        self.records.remove(key);
    }

    fn all(&self) -> Vec<(String, R)> {
        self.records.iter().map(|(key, record)| (key.clone(), record.clone())).collect()
    }
}

/// A tab's end of a channel: what it has sent, until somebody carries it to the others.
#[derive(Debug)]
pub struct Outbox<M> {
    sent: Vec<M>,
}

impl<M> Default for Outbox<M> {
    fn default() -> Self {
        Self { sent: Vec::new() }
    }
}

impl<M> Outbox<M> {
    /// What was sent since the last call.
    pub fn take(&mut self) -> Vec<M> {
        mem::take(&mut self.sent)
    }
}

impl<M> Broadcast<M> for Outbox<M> {
    fn post(&mut self, message: M) {
        self.sent.push(message);
    }
}

/// What happens to messages on their way.
#[derive(Clone, Debug)]
pub struct Air {
    /// How many of 100 are lost,
    pub lost: u8,
    /// and how many come twice.
    pub doubled: u8,
    /// How long one is on its way, in microseconds; each by itself, so that they overtake each other.
    pub takes: Range<u64>,
}

impl Air {
    /// When the copies of one message arrive: none if it is lost.
    pub fn copies(&self, random: &mut fastrand::Rng) -> Vec<Duration> {
        let chance = random.u8(0..100);
        let count = if chance < self.lost { 0 } else { 1 + usize::from(chance < self.lost + self.doubled) };
        (0..count).map(|_| Duration::from_micros(random.u64(self.takes.clone()))).collect()
    }
}

/// Names a request for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granting {
    /// It has the lock.
    Granted,
    /// It was for a lock that is free, which it is not.
    Taken,
    /// It had the lock until somebody else has stolen it.
    Stolen,
}

#[derive(Debug, Default)]
struct Line {
    holder: Option<(u64, Ticket)>,
    queue: VecDeque<(u64, Ticket)>,
}

/// The locks of all tabs.
#[derive(Debug, Default)]
pub struct Locks {
    lines: BTreeMap<String, Line>,
    count: u64,
    outcomes: Vec<(u64, Ticket, Granting)>,
}

impl Locks {
    /// As a tab sees them.
    pub fn of(&mut self, tab: u64) -> LocksOf<'_> {
        LocksOf { locks: self, tab }
    }

    /// A tab has ended: others get what it had.
    pub fn end(&mut self, tab: u64) {
        for line in self.lines.values_mut() {
            line.queue.retain(|(owner, _)| *owner != tab);
            line.holder.take_if(|(owner, _)| *owner == tab);
        }
        self.outcomes.retain(|(owner, ..)| *owner != tab);
        self.grant();
    }

    /// What has become of requests since the last call, of which tab.
    pub fn take_outcomes(&mut self) -> Vec<(u64, Ticket, Granting)> {
        mem::take(&mut self.outcomes)
    }

    fn grant(&mut self) {
        for line in self.lines.values_mut().filter(|line| line.holder.is_none()) {
            line.holder = line.queue.pop_front();
            self.outcomes.extend(line.holder.map(|(tab, ticket)| (tab, ticket, Granting::Granted)));
        }
        self.lines.retain(|_, line| line.holder.is_some());
    }
}

/// The locks as one tab sees them.
#[derive(Debug)]
pub struct LocksOf<'a> {
    locks: &'a mut Locks,
    tab: u64,
}

impl Lock for LocksOf<'_> {
    type Ticket = Ticket;

    fn request(&mut self, name: &str, how: Request) -> Ticket {
        let Locks { lines, count, outcomes } = &mut *self.locks;
        *count += 1;
        let own = (self.tab, Ticket(*count));
        let line = lines.entry(name.to_string()).or_default();
        match how {
            Request::Queue => line.queue.push_back(own),
            Request::IfAvailable if line.holder.is_some() => outcomes.push((own.0, own.1, Granting::Taken)),
            Request::IfAvailable => line.queue.push_front(own),
            Request::Steal => {
                outcomes.extend(line.holder.take().map(|(tab, ticket)| (tab, ticket, Granting::Stolen)));
                line.queue.push_front(own);
            }
        }
        self.locks.grant();
        own.1
    }

    fn release(&mut self, ticket: Ticket) {
        for line in self.locks.lines.values_mut() {
            line.queue.retain(|(_, queued)| *queued != ticket);
            line.holder.take_if(|(_, held)| *held == ticket);
        }
        self.locks.grant();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_goes_down_its_queue_to_thieves_first_and_from_tabs_that_end() {
        let mut locks = Locks::default();
        let [first, second] = [1, 2].map(|tab| locks.of(tab).request("a", Request::Queue));
        let third = locks.of(3).request("a", Request::IfAvailable);
        assert_eq!(locks.take_outcomes(), [(1, first, Granting::Granted), (3, third, Granting::Taken)]);
        let thief = locks.of(4).request("a", Request::Steal);
        assert_eq!(locks.take_outcomes(), [(1, first, Granting::Stolen), (4, thief, Granting::Granted)]);
        locks.of(1).release(first);
        assert_eq!(locks.take_outcomes(), [], "it had lost it");
        locks.end(4);
        assert_eq!(locks.take_outcomes(), [(2, second, Granting::Granted)]);
        locks.of(2).release(second);
        let last = locks.of(3).request("a", Request::IfAvailable);
        assert_eq!(locks.take_outcomes(), [(3, last, Granting::Granted)]);
    }

    #[test]
    fn messages_are_lost_doubled_and_overtake_each_other_as_often_as_is_said() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut copies = |lost, doubled| Air { lost, doubled, takes: 0..9 }.copies(&mut random).len();
        assert_eq!([copies(0, 0), copies(100, 0), copies(0, 100)], [1, 0, 2]);
    }

    #[test]
    fn what_a_transaction_writes_is_there_when_it_has_ended() {
        let mut memory = Memory::default();
        memory.put("a", 1);
        let mut transaction = memory.clone();
        transaction.put("b", 2);
        transaction.delete("a");
        assert_eq!((memory.get("a"), memory.get("b")), (Some(1), None));
        memory = transaction;
        assert_eq!(memory.all(), [("b".to_string(), 2)]);
    }
}
