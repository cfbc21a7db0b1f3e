//! The engine with a host that only keeps books: what it was told, and what it was asked to do.

mod limits;
mod managers;
mod property;
mod pull;
mod tasks;

use std::{collections::HashMap, time::Duration};

use super::*;
use crate::core::{base::clock::ManualClock, tasks::task::Timeout};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What the host knows of a task.
#[derive(Debug, Default)]
struct Record {
    /// Attempts whose function has not ended.
    running: Vec<u32>,
    attempts: u32,
    settled: Option<Outcome>,
    settled_at: Option<Instant>,
    stopped: bool,
    posted: bool,
}

/// A host that starts what it is told to start, and ends functions when the test says so.
struct Host {
    engine: Engine<ManualClock>,
    clock: ManualClock,
    records: HashMap<TaskKey, Record>,
    idle: Vec<ManagerId>,
    rate_changes: usize,
    started: Vec<TaskKey>,
}

impl Host {
    fn new() -> Self {
        let clock = ManualClock::default();
        let engine = Engine::new(clock.clone(), 1);
        Self {
            engine,
            clock,
            records: HashMap::new(),
            idle: Vec::new(),
            rate_changes: 0,
            started: Vec::new(),
        }
    }

    fn submit(&mut self, submission: Submission) -> TaskKey {
        let key = self.engine.submit(submission).expect("the queue has room");
        self.track(key);
        key
    }

    fn track(&mut self, key: TaskKey) {
        let previous = self.records.insert(key, Record::default());
        assert!(previous.is_none(), "a key was given out twice");
        self.carry_out();
    }

    /// The host's next turn: starts everything that is ready or posted.
    fn turn(&mut self) {
        while let Some(key) = self.engine.next_ready() {
            self.started(key, 1);
        }
        let posted: Vec<TaskKey> =
            self.records.iter().filter(|(_, r)| r.posted).map(|(key, _)| *key).collect();
        for key in posted {
            self.record(key).posted = false;
            if self.engine.begin(key) {
                self.started(key, 1);
            }
        }
        self.carry_out();
    }

    fn started(&mut self, key: TaskKey, attempt: u32) {
        assert_eq!(self.engine.attempt(key), attempt);
        self.started.push(key);
        let record = self.record(key);
        assert!(record.settled.is_none(), "a settled task was started");
        record.running.push(attempt);
        record.attempts = attempt;
    }

    fn record(&mut self, key: TaskKey) -> &mut Record {
        self.records.get_mut(&key).expect("a task that was submitted")
    }

    fn settled(&mut self, key: TaskKey, outcome: Outcome, stopped: bool) {
        let now = self.clock.now();
        let record = self.record(key);
        assert_eq!(record.settled, None, "settled twice");
        assert_eq!(stopped, record.running.is_empty(), "stopped means that nothing runs");
        record.settled = Some(outcome);
        record.settled_at = Some(now);
        record.stopped = stopped;
    }

    fn ended(&mut self, key: TaskKey, outcome: Outcome, ended: Ended) -> Ended {
        if let Ended::Settled { stopped } = ended {
            self.settled(key, outcome, stopped);
        }
        self.carry_out();
        ended
    }

    fn resolve(&mut self, key: TaskKey, attempt: u32) -> Ended {
        self.record(key).running.retain(|running| *running != attempt);
        let ended = self.engine.resolve(key, attempt);
        self.ended(key, Outcome::Done, ended)
    }

    fn reject(&mut self, key: TaskKey, attempt: u32) -> Ended {
        self.record(key).running.retain(|running| *running != attempt);
        let ended = self.engine.reject(key, attempt);
        self.ended(key, Outcome::Failed, ended)
    }

    fn decide(&mut self, key: TaskKey, attempt: u32, verdict: Verdict) -> Ended {
        let ended = self.engine.decide(key, attempt, verdict);
        self.ended(key, Outcome::Failed, ended)
    }

    fn cancel(&mut self, key: TaskKey) -> bool {
        let ended = self.engine.cancel(key);
        self.ended(key, Outcome::Cancelled, ended) != Ended::Late
    }

    fn advance(&mut self, span: Duration) {
        self.clock.advance(span);
        self.engine.fire();
        self.carry_out();
    }

    fn carry_out(&mut self) {
        while let Some(effect) = self.engine.next_effect() {
            match effect {
                Effect::Post(key, _) => self.record(key).posted = true,
                Effect::Attempt(key) => {
                    let attempt = self.record(key).attempts + 1;
                    // The task may have been settled by an earlier effect of the same batch only if the engine is wrong.
                    self.started(key, attempt);
                }
                Effect::AttemptTimedOut(key) => assert!(self.record(key).settled.is_none()),
                Effect::Settled { key, outcome, stopped } => self.settled(key, outcome, stopped),
                Effect::Stopped(key) => {
                    let record = self.record(key);
                    assert!(record.settled.is_some() && !record.stopped && record.running.is_empty());
                    record.stopped = true;
                }
                Effect::Idle(manager) => self.idle.push(manager),
                Effect::RateLimited(_) => self.rate_changes += 1,
                Effect::Waiting(_) => panic!("no manager here is pulled"),
            }
        }
    }

    fn outcome(&self, key: TaskKey) -> Option<Outcome> {
        self.records[&key].settled
    }
}

fn plain() -> Submission {
    Submission::default()
}

fn child_of(parent: TaskKey) -> Submission {
    Submission { parent: Some(parent), ..Submission::default() }
}

fn with_limits(limits: Limits) -> Submission {
    Submission { limits, ..Submission::default() }
}
