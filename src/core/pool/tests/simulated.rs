//! A worker that keeps to the [protocol](crate::core::pool::protocol), and leaves all else open: how long its calls take, when messages arrive,
//! when it dies.

use std::{
    collections::{BTreeSet, VecDeque},
    mem,
};

use crate::core::{
    base::clock::Instant,
    pool::protocol::{SILENT_MICROS, TURN_MICROS},
    tasks::task::TaskKey,
};

/// Which attempts of which tasks have really been started.
pub(super) type Starts = BTreeSet<(TaskKey, u32)>;

/// What a worker finds when it runs a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// How long it takes by the manual clock; `None` for ever.
    pub micros: Option<u64>,
    /// What the worker says that it took, if that is not so.
    pub told: Option<f32>,
    /// Whether the worker reads no message meanwhile.
    pub blocks: bool,
    /// Whether it ends when its signal aborts.
    pub heeds: bool,
    /// Whether it throws.
    pub fails: bool,
}

impl Default for Work {
    /// Returns at once.
    fn default() -> Self {
        Self { micros: Some(0), told: None, blocks: true, heeds: false, fails: false }
    }
}

impl Work {
    pub fn of_micros(micros: u64) -> Self {
        Self { micros: Some(micros), ..Self::default() }
    }

    /// A loop that nothing ends but the worker's own end.
    pub fn for_ever() -> Self {
        Self { micros: None, ..Self::default() }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub number: u32,
    pub marked: bool,
    pub key: TaskKey,
    pub attempt: u32,
    pub work: Work,
}

#[derive(Clone, Debug)]
pub(super) enum ToWorker {
    Calls(Vec<Call>),
    Cancel(u32),
    Withdraw(u32),
    Ping,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    Started(u32),
    Progress,
    /// The number, the microseconds, and whether it has failed.
    Answered(u32, f32, bool),
    Withdrawn(u32),
}

#[derive(Clone, Debug)]
pub(super) enum ToPage {
    Results(Vec<Entry>),
    Pong,
    /// It is dead; the number of the last call that it has started, if that is told.
    Lost(Option<u32>),
}

#[derive(Clone, Copy, Debug)]
struct Running {
    call: Call,
    since: Instant,
    announced: bool,
    cut_short: bool,
}

#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each happens by itself
pub(super) struct Simulated {
    pub ready: bool,
    pub watched: bool,
    pub dead: bool,
    /// In flight to the worker.
    pub to_worker: VecDeque<ToWorker>,
    /// Arrived there, and not read.
    inbox: VecDeque<ToWorker>,
    calls: VecDeque<Call>,
    running: Option<Running>,
    /// What it has to say and has not sent.
    unsent: Vec<Entry>,
    /// In flight to the page.
    pub to_page: VecDeque<ToPage>,
    /// What it has sent a start mark of.
    pub announced: BTreeSet<u32>,
    last_sent: Instant,
    last_started: Option<u32>,
    last_read: Instant,
}

impl Simulated {
    pub fn is_starting(&self) -> bool {
        !self.ready && !self.dead
    }

    pub fn become_ready(&mut self, watched: bool, now: Instant) {
        self.ready = true;
        self.watched = watched;
        self.last_sent = now;
        self.last_read = now;
    }

    /// Some of the messages that are in flight to the worker arrive.
    pub fn arrive(&mut self, count: usize) {
        let count = count.min(self.to_worker.len());
        self.inbox.extend(self.to_worker.drain(..count));
    }

    /// Does up to so many of the things that it can do at this time; says whether it did any. `reads`: it also reads its messages when it
    /// need not.
    pub fn run(&mut self, most: usize, reads: bool, now: Instant, starts: &mut Starts) -> bool {
        let mut steps = 0;
        while steps < most && self.step(reads, now, starts) {
            steps += 1;
        }
        steps > 0
    }

    /// When its present call ends by itself.
    pub fn busy_until(&self) -> Option<Instant> {
        let running = self.running.filter(|_| !self.dead)?;
        Some(running.since + std::time::Duration::from_micros(running.call.work.micros?))
    }

    fn step(&mut self, reads: bool, now: Instant, starts: &mut Starts) -> bool {
        if !self.ready || self.dead {
            return false;
        }
        if let Some(running) = self.running {
            if running.cut_short || self.busy_until().is_some_and(|end| end <= now) {
                self.finish(running, now);
                return true;
            }
            return !running.call.work.blocks && self.read(now);
        }
        if self.calls.is_empty() {
            self.send(now);
            return self.read(now);
        }
        if now - self.last_read > micros(TURN_MICROS) {
            self.send(now);
            self.read(now);
        } else if reads {
            self.read(now);
        }
        self.start(now, starts);
        true
    }

    fn start(&mut self, now: Instant, starts: &mut Starts) {
        let Some(call) = self.calls.pop_front() else { return };
        let announced = call.marked || now - self.last_sent > micros(SILENT_MICROS);
        if announced {
            self.unsent.push(Entry::Started(call.number));
            self.announced.insert(call.number);
            self.send(now);
        }
        assert!(starts.insert((call.key, call.attempt)), "{call:?} was started before");
        self.last_started = Some(call.number);
        self.running = Some(Running { call, since: now, announced, cut_short: false });
    }

    fn finish(&mut self, running: Running, now: Instant) {
        let Running { call, since, announced, cut_short } = running;
        #[allow(clippy::cast_precision_loss)] // a duration of a test
        let took = (now - since).as_micros() as f32;
        let failed = call.work.fails || cut_short;
        self.unsent.push(Entry::Answered(call.number, call.work.told.unwrap_or(took), failed));
        self.running = None;
        if announced {
            self.send(now);
        }
    }

    fn read(&mut self, now: Instant) -> bool {
        self.last_read = now;
        let any = !self.inbox.is_empty();
        while let Some(message) = self.inbox.pop_front() {
            match message {
                ToWorker::Calls(calls) => self.calls.extend(calls),
                ToWorker::Cancel(number) => match &mut self.running {
                    Some(running) if running.call.number == number => {
                        running.cut_short = running.call.work.heeds;
                    }
                    _ => self.give_back(|call| call.number == number, now),
                },
                ToWorker::Withdraw(from) => self.give_back(|call| call.number >= from, now),
                ToWorker::Ping => {
                    self.send(now);
                    self.to_page.push_back(ToPage::Pong);
                }
            }
        }
        any
    }

    fn give_back(&mut self, which: impl Fn(&Call) -> bool, now: Instant) {
        let (back, kept): (VecDeque<_>, _) = mem::take(&mut self.calls).into_iter().partition(which);
        self.calls = kept;
        self.unsent.extend(back.iter().map(|call| Entry::Withdrawn(call.number)));
        self.send(now);
    }

    /// The running call reports progress.
    pub fn progress(&mut self, now: Instant) {
        if self.running.is_some() && !self.dead {
            self.unsent.push(Entry::Progress);
            self.send(now);
        }
    }

    fn send(&mut self, now: Instant) {
        if !self.unsent.is_empty() {
            self.to_page.push_back(ToPage::Results(mem::take(&mut self.unsent)));
            self.last_sent = now;
        }
    }

    /// It ends by itself. What it has not sent is lost.
    pub fn die(&mut self) {
        self.dead = true;
    }

    /// The number of the last call that it has started, as shared memory would have it.
    pub fn last_started(&self) -> u32 {
        self.last_started.unwrap_or(u32::MAX)
    }
}

fn micros(span: u32) -> std::time::Duration {
    std::time::Duration::from_micros(span.into())
}
