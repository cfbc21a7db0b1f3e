//! The pool with workers that keep to the protocol, and a host that keeps books: what really started, what was sent, what became of it.

mod cancel;
mod dispatch;
mod life;
mod property;
mod simulated;

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::Duration,
};

use self::simulated::{Call, Entry, Simulated, Starts, ToPage, ToWorker, Work};
use super::*;
use crate::core::{
    base::clock::ManualClock,
    pool::protocol::MAX_OPEN,
    tasks::{
        engine::{Effect, ManagerOptions, Submission},
        priority::Priority,
        retry::{RetryPolicy, Verdict},
        task::{Limits, Outcome},
    },
};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

/// The time just before the end of a span.
fn just_before(span: Duration) -> Duration {
    span.saturating_sub(micros(1))
}

/// A call to submit.
#[derive(Clone, Debug, Default)]
struct Plan {
    job: u32,
    work: Work,
    transfers: bool,
    priority: Option<Priority>,
    limits: Limits,
}

/// What the host knows of a task.
#[derive(Debug, Default)]
struct Record {
    plan: Plan,
    /// Where it was sent, while an answer is awaited.
    sending: Option<(WorkerId, u32)>,
    /// Whether it was sent at all.
    was_sent: bool,
    /// The failed attempt that waits for a verdict.
    undecided: Option<u32>,
    /// How many further attempts were decided on.
    retries: u32,
    losses: Vec<Loss>,
    settled: Option<Outcome>,
    stopped: bool,
}

/// A call that a worker was sent and has not answered.
#[derive(Clone, Copy, Debug)]
struct Sending {
    key: TaskKey,
    attempt: u32,
    marked: bool,
    begun: bool,
    abandoned: bool,
}

/// What is known of a worker's end.
#[derive(Clone, Copy, Debug, Default)]
struct Ending {
    exact: bool,
    lossy: bool,
}

struct Host {
    engine: Engine<ManualClock>,
    clock: ManualClock,
    pool: Pool,
    manager: ManagerId,
    workers: BTreeMap<WorkerId, Simulated>,
    sent: BTreeMap<(WorkerId, u32), Sending>,
    records: BTreeMap<TaskKey, Record>,
    starts: Starts,
    /// Workers of which a turn was asked for.
    turning: BTreeSet<WorkerId>,
    /// All actions since the log was last taken.
    log: Vec<Action>,
    /// Carries out what the pool asks for before it looks at what the engine has decided.
    acts_first: bool,
    /// Whoever is told of a loss cancels another call that may be told of it next.
    cancels_others: bool,
    ending: Ending,
    /// Who may fail for the end of a worker that was just reported, and who must.
    suspects: BTreeSet<TaskKey>,
    doomed: BTreeSet<TaskKey>,
}

impl Host {
    fn new(options: PoolOptions) -> Self {
        Self::with_queue(options, u32::MAX)
    }

    fn with_queue(options: PoolOptions, max_queue: u32) -> Self {
        let clock = ManualClock::default();
        let mut engine = Engine::new(clock.clone(), 1);
        let manager = engine
            .add_manager(ManagerOptions { max_queue, ..ManagerOptions::default() })
            .expect("valid options");
        let pool = Pool::new(manager, options, &mut engine).expect("valid options");
        Self {
            engine,
            clock,
            pool,
            manager,
            workers: BTreeMap::new(),
            sent: BTreeMap::new(),
            records: BTreeMap::new(),
            starts: Starts::new(),
            turning: BTreeSet::new(),
            log: Vec::new(),
            acts_first: false,
            cancels_others: false,
            ending: Ending::default(),
            suspects: BTreeSet::new(),
            doomed: BTreeSet::new(),
        }
    }

    /// A host whose pool has this many ready workers.
    fn ready(size: u32) -> Self {
        let mut host = Self::new(PoolOptions { size, min_workers: size, ..PoolOptions::default() });
        host.dispatch();
        host.start_all();
        host.take_log();
        host
    }

    /// Lets a job be known to take so long.
    fn teach(&mut self, job: u32, micros: f32) {
        self.pool.paces.resize(self.pool.paces.len().max(job as usize + 1), Pace::default());
        let pace = &mut self.pool.paces[job as usize];
        *pace = Pace::default();
        for _ in 0..20 {
            pace.note(micros);
        }
    }

    // ---- tasks -------------------------------------------------------------------------------------------------------

    fn try_submit(&mut self, plan: Plan) -> Result<TaskKey, Error> {
        let Plan { job, transfers, priority, .. } = plan;
        let limits = plan.limits.clone();
        let submission = Submission { manager: self.manager, priority, limits, parent: None };
        let key = self.engine.submit(submission)?;
        self.pool.describe(key, job, transfers);
        let previous = self.records.insert(key, Record { plan, ..Record::default() });
        assert!(previous.is_none(), "a key was given out twice");
        self.carry_out();
        Ok(key)
    }

    fn submit(&mut self, plan: Plan) -> TaskKey {
        self.try_submit(plan).expect("the queue has room")
    }

    /// Submits a call of a job that does this.
    fn call(&mut self, job: u32, work: Work) -> TaskKey {
        self.submit(Plan { job, work, ..Plan::default() })
    }

    fn record(&mut self, key: TaskKey) -> &mut Record {
        self.records.get_mut(&key).expect("a task that was submitted")
    }

    fn cancel(&mut self, key: TaskKey) -> bool {
        let ended = self.engine.cancel(key);
        if let Ended::Settled { stopped } = ended {
            self.settle(key, Outcome::Cancelled, stopped);
            self.abort(key);
        }
        self.carry_out();
        ended != Ended::Late
    }

    fn decide(&mut self, key: TaskKey, verdict: Verdict) {
        let Some(attempt) = self.record(key).undecided.take() else { return };
        match self.engine.decide(key, attempt, verdict) {
            Ended::Undecided => self.record(key).retries += 1,
            Ended::Settled { stopped } => self.settle(key, Outcome::Failed, stopped),
            Ended::Late => assert!(self.records[&key].settled.is_some(), "an open failure is decided on"),
        }
        self.carry_out();
    }

    fn settle(&mut self, key: TaskKey, outcome: Outcome, stopped: bool) {
        let record = self.record(key);
        assert_eq!(record.settled, None, "settled twice");
        record.settled = Some(outcome);
        record.stopped = stopped;
        self.doomed.remove(&key);
    }

    fn failed(&mut self, key: TaskKey, attempt: u32) -> Ended {
        let ended = self.engine.reject(key, attempt);
        match ended {
            Ended::Settled { stopped } => self.settle(key, Outcome::Failed, stopped),
            Ended::Undecided => self.record(key).undecided = Some(attempt),
            Ended::Late => {}
        }
        ended
    }

    /// Its task needs no answer any more.
    fn abort(&mut self, key: TaskKey) {
        if let Some((worker, number)) = self.record(key).sending.take() {
            self.sent.get_mut(&(worker, number)).expect("it was sent").abandoned = true;
            self.pool.abort(worker, number, &mut self.engine);
        }
    }

    fn outcome(&self, key: TaskKey) -> Option<Outcome> {
        self.records[&key].settled
    }

    fn losses(&self, key: TaskKey) -> &[Loss] {
        &self.records[&key].losses
    }

    fn started(&self, key: TaskKey) -> bool {
        self.starts.iter().any(|(started, _)| *started == key)
    }

    fn waiting(&self) -> u32 {
        self.engine.counts(self.manager).0
    }

    /// How many further calls need not wait: as many as there are workers without any, or places for them.
    fn free(&self) -> u32 {
        let busy: BTreeSet<WorkerId> = self.sent.keys().map(|(worker, _)| *worker).collect();
        self.pool.options.size - id_of(busy.len())
    }

    fn unsettled(&self) -> Vec<TaskKey> {
        self.records.iter().filter(|(_, record)| record.settled.is_none()).map(|(key, _)| *key).collect()
    }

    // ---- what the pool asks for ----------------------------------------------------------------------------------------

    fn carry_out(&mut self) {
        loop {
            let action = if self.acts_first || !self.engine.has_effects() {
                self.pool.next_action(&mut self.engine)
            } else {
                None
            };
            if let Some(action) = action {
                self.log.push(action);
                self.act(action);
            } else if let Some(effect) = self.engine.next_effect() {
                self.apply(effect);
            } else {
                break;
            }
        }
        assert!(self.doomed.is_empty(), "what had started in a worker that has ended is told so");
        self.suspects.clear();
        self.ending = Ending::default();
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::AttemptTimedOut(key) => {
                self.record(key).undecided = Some(self.engine.attempt(key));
                self.doomed.remove(&key);
                self.abort(key);
            }
            Effect::Settled { key, outcome, stopped } => {
                self.settle(key, outcome, stopped);
                self.abort(key);
            }
            Effect::Stopped(key) => {
                let record = self.record(key);
                assert!(record.settled.is_some() && !record.stopped);
                record.stopped = true;
            }
            Effect::Waiting(manager) => assert_eq!(manager, self.manager),
            Effect::Post(..) | Effect::Attempt(_) => panic!("a pulled task starts nothing here"),
            Effect::Idle(_) | Effect::RateLimited(_) => {}
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Start(id) => {
                assert!(!self.pool.disposed && self.pool.given_up.is_none());
                let previous = self.workers.insert(id, Simulated::default());
                assert!(previous.is_none(), "started twice");
                assert!(self.workers.len() <= self.pool.options.size as usize, "more workers than allowed");
            }
            Action::Terminate(id) => self.bury(id),
            Action::Retire(id) => assert_eq!(self.open(id), 0),
            Action::Expire => {}
            Action::Cancel(id, number) => self.post(id, ToWorker::Cancel(number)),
            Action::Withdraw(id, number) => self.post(id, ToWorker::Withdraw(number)),
            Action::Ping(id) => self.post(id, ToWorker::Ping),
            Action::Turn(id) => {
                self.turning.insert(id);
            }
            Action::Remind(id) => assert!(self.worker(id).is_starting()),
            Action::Fail(key, attempt, loss) => self.lose(key, attempt, loss),
        }
    }

    fn worker(&mut self, id: WorkerId) -> &mut Simulated {
        self.workers.get_mut(&id).expect("a worker that was started and not ended")
    }

    fn post(&mut self, id: WorkerId, message: ToWorker) {
        self.worker(id).to_worker.push_back(message);
    }

    /// Notes what may become of each call that a worker has left behind.
    fn bury(&mut self, id: WorkerId) {
        let worker = self.workers.remove(&id).expect("a worker is ended once");
        self.turning.remove(&id);
        let mut after = self.sent.split_off(&(id, 0));
        let mut others = after.split_off(&(id + 1, 0));
        self.sent.append(&mut others);
        // All that it has sent has arrived, unless the end was lossy; so this is what a page can know by the protocol.
        let mut possible = true;
        for ((_, number), sending) in after {
            let Sending { key, attempt, marked, begun, abandoned } = sending;
            let really = self.starts.contains(&(key, attempt));
            let announced = worker.announced.contains(&number);
            let suspect = match self.ending {
                Ending { exact: true, .. } => really || begun,
                Ending { lossy: true, .. } => true,
                _ => really || begun || (possible && !marked),
            };
            possible &= !(marked || announced);
            if abandoned {
                continue;
            }
            self.record(key).sending = None;
            if suspect {
                self.suspects.insert(key);
            }
            if really {
                self.doomed.insert(key);
            }
        }
    }

    fn lose(&mut self, key: TaskKey, attempt: u32, loss: Loss) {
        let really = self.starts.contains(&(key, attempt));
        self.doomed.remove(&key);
        match loss {
            Loss::Worker => assert!(self.suspects.contains(&key), "{key:?} is known not to have started"),
            Loss::Transferred => assert!(self.records[&key].plan.transfers && !really),
            Loss::Timeout => assert!(!really && self.pool.ready_count() == 0),
            _ => assert!(!really && self.pool.broken() == Some(loss)),
        }
        self.record(key).losses.push(loss);
        assert_ne!(self.failed(key, attempt), Ended::Late, "a failure is told in time");
        let other = self.suspects.iter().copied().find(|other| *other != key);
        if let (true, Some(other)) = (self.cancels_others, other) {
            self.cancel(other);
        }
    }

    fn dispatch(&mut self) -> Vec<Dispatch> {
        let broken = self.pool.broken();
        let mut batch = Vec::new();
        self.pool.dispatch(&mut self.engine, |dispatch| batch.push(dispatch));
        for dispatch in &batch {
            self.send(*dispatch);
        }
        self.carry_out();
        if broken.is_some() {
            assert!(batch.is_empty() && self.pool.broken() == broken, "a broken pool says so");
            assert!(self.waiting() == 0 || self.engine.is_paused(self.manager), "nothing waits for it");
        }
        batch
    }

    fn send(&mut self, dispatch: Dispatch) {
        let Dispatch { key, worker, number, marked, begun } = dispatch;
        assert!(self.workers[&worker].ready, "calls go to ready workers");
        assert!(!self.engine.is_paused(self.manager), "a paused pool sends nothing");
        assert!(!(marked && begun));
        let attempt = self.engine.attempt(key) + u32::from(!begun);
        let record = self.records.get_mut(&key).expect("a task that was submitted");
        assert_eq!(attempt, record.retries + 1, "each further attempt was decided on");
        assert_eq!((record.settled, record.sending), (None, None), "sent once, while it is wanted");
        assert!(
            !(mem::replace(&mut record.was_sent, true) && record.plan.transfers),
            "what was moved is gone"
        );
        record.sending = Some((worker, number));
        let work = record.plan.work;
        let sending = Sending { key, attempt, marked, begun, abandoned: false };
        let previous = self.sent.insert((worker, number), sending);
        assert!(previous.is_none(), "each call has its number");
        assert!(self.open(worker) <= MAX_OPEN as usize);
        let call = Call { number, marked, key, attempt, work };
        let simulated = self.worker(worker);
        if let Some(ToWorker::Calls(calls)) = simulated.to_worker.back_mut() {
            calls.push(call);
        } else {
            simulated.to_worker.push_back(ToWorker::Calls(vec![call]));
        }
    }

    fn open(&self, worker: WorkerId) -> usize {
        self.sent.range((worker, 0)..=(worker, u32::MAX)).count()
    }

    fn take_log(&mut self) -> Vec<Action> {
        mem::take(&mut self.log)
    }

    // ---- what the host reports -----------------------------------------------------------------------------------------

    fn become_ready(&mut self, id: WorkerId, watched: bool) {
        let now = self.clock.now();
        self.worker(id).become_ready(watched, now);
        self.pool.heard(id, &self.engine);
        self.pool.ready(id, watched, &mut self.engine);
        self.carry_out();
    }

    fn starting(&self) -> Vec<WorkerId> {
        self.workers.iter().filter(|(_, worker)| worker.is_starting()).map(|(id, _)| *id).collect()
    }

    /// All workers that are starting become ready, and are watched.
    fn start_all(&mut self) {
        for id in self.starting() {
            self.become_ready(id, true);
        }
    }

    fn start_failed(&mut self, id: WorkerId, loss: Loss) {
        self.pool.start_failed(id, loss, &mut self.engine);
        self.carry_out();
    }

    /// A worker gets all its messages and does what it can at this time; what it says arrives.
    fn serve(&mut self, id: WorkerId) {
        let now = self.clock.now();
        let Self { workers, starts, .. } = self;
        if let Some(worker) = workers.get_mut(&id) {
            worker.arrive(usize::MAX);
            worker.run(usize::MAX, true, now, starts);
        }
        while self.deliver(id) {}
    }

    /// The next message of a worker arrives; false if none is on its way.
    fn deliver(&mut self, id: WorkerId) -> bool {
        let Some(message) = self.workers.get_mut(&id).and_then(|worker| worker.to_page.pop_front()) else {
            return false;
        };
        if let ToPage::Lost(last_started) = message {
            self.lost(id, last_started, false);
            return true;
        }
        self.pool.heard(id, &self.engine);
        match message {
            ToPage::Results(entries) => entries.into_iter().for_each(|entry| self.take_in(id, entry)),
            ToPage::Pong => self.pool.pong(id),
            ToPage::Lost(_) => unreachable!("dealt with above"),
        }
        self.carry_out();
        true
    }

    fn take_in(&mut self, id: WorkerId, entry: Entry) {
        match entry {
            Entry::Progress => {}
            Entry::Started(number) => {
                let sending = self.sent[&(id, number)];
                let begins = self.pool.started(id, number, &mut self.engine);
                assert_eq!(begins, !sending.begun && !sending.abandoned, "a start counts once");
                self.sent.get_mut(&(id, number)).expect("as above").begun |= begins;
            }
            Entry::Answered(number, micros, failed) => {
                let sending = self.close(id, number);
                let answered = self.pool.answered(id, number, micros, &mut self.engine);
                let expected = (!sending.abandoned).then_some((sending.key, sending.attempt));
                assert_eq!(answered, expected, "an answer reaches its task");
                if let Some((key, attempt)) = answered {
                    if failed {
                        assert_ne!(self.failed(key, attempt), Ended::Late);
                    } else if let Ended::Settled { stopped } = self.engine.resolve(key, attempt) {
                        self.settle(key, Outcome::Done, stopped);
                    } else {
                        panic!("an awaited result settles its task");
                    }
                }
            }
            Entry::Withdrawn(number) => {
                let sending = self.close(id, number);
                let transfers = self.records[&sending.key].plan.transfers;
                assert!(sending.abandoned || !transfers, "what was transferred stays where it is");
                self.pool.withdrawn(id, number, &mut self.engine);
            }
        }
        self.carry_out();
    }

    fn close(&mut self, id: WorkerId, number: u32) -> Sending {
        let sending = self.sent.remove(&(id, number)).expect("a call that was sent is answered once");
        if !sending.abandoned {
            self.record(sending.key).sending = None;
        }
        sending
    }

    fn lost(&mut self, id: WorkerId, last_started: Option<u32>, lossy: bool) {
        self.ending = Ending { exact: last_started.is_some(), lossy };
        self.pool.lost(id, last_started, lossy, &mut self.engine);
        assert!(self.pool.workers.get(id as usize).is_none(), "a lost worker is no longer the pool's");
        self.carry_out();
    }

    /// A worker dies, and its end is noticed at once.
    fn crash(&mut self, id: WorkerId) {
        self.worker(id).die();
        self.worker(id).to_page.push_back(ToPage::Lost(None));
        while self.deliver(id) {}
    }

    /// The turn that was asked for: all that the worker has sent is dealt with.
    fn turn(&mut self, id: WorkerId) {
        if self.turning.remove(&id) {
            while self.deliver(id) {}
            self.pool.turned(id, &mut self.engine);
            self.carry_out();
        }
    }

    fn turn_all(&mut self) {
        for id in self.turning.clone() {
            self.turn(id);
        }
    }

    fn fire(&mut self) {
        self.engine.fire();
        self.pool.fire(&mut self.engine);
        self.carry_out();
    }

    fn advance(&mut self, span: Duration) {
        self.clock.advance(span);
        self.fire();
    }

    fn dispose(&mut self) {
        self.ending = Ending { exact: false, lossy: true };
        self.pool.dispose(&mut self.engine);
        self.carry_out();
        assert!(self.workers.is_empty(), "every worker is ended");
    }

    // ---- several at once -----------------------------------------------------------------------------------------------

    /// Delivers, runs and answers until nothing more happens at this time.
    fn exchange(&mut self) {
        let now = self.clock.now();
        loop {
            let mut moved = false;
            let ids: Vec<WorkerId> = self.workers.keys().copied().collect();
            for id in ids {
                let Self { workers, starts, .. } = self;
                if let Some(worker) = workers.get_mut(&id) {
                    worker.arrive(usize::MAX);
                    moved |= worker.run(usize::MAX, true, now, starts);
                }
                while self.deliver(id) {
                    moved = true;
                }
            }
            let turning = !self.turning.is_empty();
            self.turn_all();
            moved |= turning | !self.dispatch().is_empty();
            if !moved {
                break;
            }
        }
    }

    /// Goes on from one deadline to the next, with workers that start and answer, until all tasks have settled. What would run for ever is
    /// cancelled.
    fn settle_all(&mut self) {
        self.engine.set_paused(self.manager, false);
        for key in self.unsettled() {
            if self.records[&key].plan.work.micros.is_none() {
                self.cancel(key);
            }
        }
        for _ in 0..2000 {
            self.start_all();
            self.exchange();
            for key in self.unsettled() {
                self.decide(key, Verdict::GiveUp);
            }
            if self.unsettled().is_empty() {
                return;
            }
            if !self.starting().is_empty() {
                continue;
            }
            let ends = self.workers.values().filter_map(Simulated::busy_until);
            let deadlines = self.engine.next_deadline().into_iter().chain(self.pool.next_deadline());
            let Some(next) = ends.chain(deadlines).min() else { break };
            let now = self.clock.now();
            self.advance(next - now);
        }
        panic!("{:?} hang: {:#?}", self.unsettled(), self.pool);
    }

    /// Ends everything, and shows that nothing is left.
    fn finish(mut self) {
        let keys: Vec<TaskKey> = self.records.keys().copied().collect();
        for key in keys {
            assert_eq!(self.outcome(key).is_none(), self.cancel(key));
        }
        self.dispose();
        assert!(self.records.values().all(|record| record.settled.is_some() && record.stopped));
        assert!(self.sent.is_empty());
        assert_eq!((self.engine.live(), self.engine.deadlines()), (0, 0));
        assert_eq!(self.engine.next_deadline(), None);
        assert_eq!(self.engine.counts(self.manager), (0, 0));
        for _ in 0..3 {
            let Some(next) = self.pool.next_deadline() else { break };
            let now = self.clock.now();
            self.advance(next - now);
            assert_eq!(self.dispatch(), []);
        }
        assert_eq!(self.pool.next_deadline(), None, "it has nothing to wait for");
        assert!(self.workers.is_empty() && !self.pool.has_actions());
    }
}
