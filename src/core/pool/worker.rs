//! One worker: what it was sent, in which order, and what is known of each.

use alloc::{collections::VecDeque, vec::Vec};

use crate::core::{base::clock::Instant, pool::protocol::MAX_OPEN, tasks::task::TaskKey};

/// A call that a worker was sent and has not answered.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools)] // each is known or decided by itself
pub(super) struct Sent {
    pub key: TaskKey,
    /// Which attempt of its task it is.
    pub attempt: u32,
    pub job: u32,
    /// The worker says so before it starts the call.
    pub marked: bool,
    /// Expected microseconds, if it is known to be short.
    pub cost: Option<f32>,
    /// It has come with values that are no longer on the page.
    pub transfers: bool,
    /// The worker has said that it starts.
    pub started: bool,
    /// The engine counts the attempt as begun.
    pub begun: bool,
    /// Its task needs no answer any more.
    pub abandoned: bool,
    /// The worker has given it back or answered it, while an earlier one was still open.
    pub gone: bool,
}

/// Where a worker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It was made, and has not said that it is ready; it may take until then.
    Starting(Instant),
    /// It answers calls.
    Ready,
    /// It cleans up and ends; it may take until then.
    Ending(Instant),
}

#[derive(Debug)]
pub(super) struct Worker {
    pub phase: Phase,
    /// How many of the pool's workers were made before it.
    pub born: u32,
    /// Open calls in the order in which the worker runs them.
    sent: VecDeque<Sent>,
    /// The number of the first of them.
    first: u32,
    /// How many of them are not gone.
    open: u32,
    /// Those among them that are not known to be short.
    long: u32,
    /// Expected microseconds of the others.
    backlog: f32,
    /// When the first of them became the first.
    pub head_since: Instant,
    /// Since when there is none.
    pub idle_since: Instant,
    /// When a cancelled head is out of grace.
    pub grace: Option<Instant>,
    /// The grace is over, or it has been silent for too long, and the last messages are being waited for.
    pub condemned: bool,
    /// The worker was asked to give back what it has not started, up to this number.
    withdrawing: Option<u32>,
    /// The last call that has come with transferred values, which would be lost if it were given back: it stays, and what is before it.
    kept: Option<u32>,
    /// When a sign of life was asked for that has not come.
    pub asked: Option<Instant>,
    /// Whether its end is noticed by other means than silence.
    pub watched: bool,
    /// Whether it has something to do before it ends.
    pub cleans_up: bool,
    /// How many calls it has answered.
    pub answered: u32,
}

impl Worker {
    pub fn new(born: u32, until: Instant, now: Instant) -> Self {
        Self {
            phase: Phase::Starting(until),
            born,
            sent: VecDeque::new(),
            first: 0,
            open: 0,
            long: 0,
            backlog: 0.0,
            head_since: now,
            idle_since: now,
            grace: None,
            condemned: false,
            withdrawing: None,
            kept: None,
            asked: None,
            watched: false,
            cleans_up: false,
            answered: 0,
        }
    }

    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    pub fn is_starting(&self) -> bool {
        matches!(self.phase, Phase::Starting(_))
    }

    /// How many calls it has not answered.
    pub fn open(&self) -> u32 {
        self.open
    }

    /// Expected microseconds until it has answered them, if that is known.
    pub fn backlog(&self) -> Option<f32> {
        (self.long == 0).then_some(self.backlog)
    }

    /// Whether calls may be added to it now.
    pub fn takes_calls(&self) -> bool {
        let has_room = self.sent.len() < MAX_OPEN as usize; // answered ones in between count: numbers name places in shared memory
        self.is_ready() && self.grace.is_none() && self.withdrawing.is_none() && has_room
    }

    /// The number that the next call gets.
    pub fn next_number(&self) -> u32 {
        self.first.wrapping_add(u32::try_from(self.sent.len()).unwrap_or(u32::MAX))
    }

    pub fn head(&self) -> Option<&Sent> {
        self.sent.front()
    }

    pub fn head_number(&self) -> u32 {
        self.first
    }

    /// An open call by its number.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut Sent> {
        let index = number.wrapping_sub(self.first) as usize;
        self.sent.get_mut(index).filter(|sent| !sent.gone)
    }

    /// Adds a call; returns its number.
    pub fn push(&mut self, sent: Sent, now: Instant) -> u32 {
        let number = self.next_number();
        if self.sent.is_empty() {
            self.head_since = now;
        }
        if sent.transfers {
            self.kept = Some(number);
        }
        self.open += 1;
        match sent.cost {
            Some(cost) => self.backlog += cost,
            None => self.long += 1,
        }
        self.sent.push_back(sent);
        number
    }

    /// Takes out a call that was answered or given back. True if the worker goes on to another one now.
    pub fn take(&mut self, number: u32, now: Instant) -> Option<(Sent, bool)> {
        let sent = *self.get_mut(number)?;
        self.open -= 1;
        match sent.cost {
            Some(cost) => self.backlog -= cost,
            None => self.long -= 1,
        }
        if self.long == 0 && self.open == 0 {
            self.backlog = 0.0; // no rounding error stays
        }
        self.sent[number.wrapping_sub(self.first) as usize].gone = true;
        let was_head = number == self.first;
        while self.sent.front().is_some_and(|sent| sent.gone) {
            self.sent.pop_front();
            self.first = self.first.wrapping_add(1);
        }
        if was_head {
            self.head_since = now;
            self.asked = None;
        }
        if self.sent.is_empty() {
            self.idle_since = now;
        }
        let passed = |last: &u32| self.sent.is_empty() || is_after(self.first, *last);
        self.withdrawing.take_if(|last| passed(last));
        self.kept.take_if(|last| passed(last));
        Some((sent, was_head))
    }

    /// Whether it may be at a call that needs no answer any more, which holds up the answers of those before it: they are sent together
    /// if none of them was announced.
    pub fn may_be_at_abandoned(&self) -> bool {
        let mut open = self.sent.iter().filter(|sent| !sent.gone);
        open.find(|sent| sent.abandoned || sent.marked || sent.started)
            .is_some_and(|sent| sent.abandoned && !sent.marked)
    }

    /// The number from which on it can be asked to give back what it has not started.
    pub fn withdrawable(&self) -> Option<u32> {
        let from = self.kept.unwrap_or(self.first).wrapping_add(1);
        (self.open >= 2 && self.withdrawing.is_none() && from != self.next_number()).then_some(from)
    }

    /// Asks for what stands behind the head; returns the number of the first of these.
    pub fn withdraw(&mut self) -> Option<u32> {
        let from = self.withdrawable()?;
        self.withdrawing = Some(self.next_number().wrapping_sub(1));
        Some(from)
    }

    /// What is to be said of each open call when the worker is gone, in order: whether it may have started. `exact` is the number of
    /// the last call that it has started, where that is known. `lossy`: its last messages may not have arrived.
    pub fn bury(self, exact: Option<u32>, lossy: bool) -> Vec<(Sent, bool)> {
        let mut possible = true;
        let mut number = self.first;
        let mut fates = Vec::with_capacity(self.open as usize);
        for sent in self.sent {
            if !sent.gone {
                let started = match exact {
                    Some(last) => !is_after(number, last),
                    None => sent.started || (possible && (lossy || !sent.marked)),
                };
                // It sends the answer of a call that it has announced before it starts another, and announces a marked one.
                possible &= lossy || !(sent.started || sent.marked);
                fates.push((sent, started));
            }
            number = number.wrapping_add(1);
        }
        fates
    }
}

/// Whether number `a` comes after `b`, over the wrap-around.
fn is_after(a: u32, b: u32) -> bool {
    a != b && a.wrapping_sub(b) < u32::MAX / 2
}
