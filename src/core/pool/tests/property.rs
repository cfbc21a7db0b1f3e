//! Whatever happens in whatever order: each call settles once, nothing starts twice, nobody pays for another's fault, nothing is left over.

use proptest::prelude::*;

use super::*;
use crate::core::testing::cases;

/// One thing that may happen. Numbers pick among what there is.
#[derive(Clone, Debug)]
enum Step {
    Submit(Plan),
    Dispatch,
    Ready {
        worker: usize,
        watched: bool,
    },
    StartFailed {
        worker: usize,
        loss: Loss,
    },
    /// Messages to a worker arrive.
    Arrive {
        worker: usize,
        count: usize,
    },
    Run {
        worker: usize,
        most: usize,
        reads: bool,
    },
    Progress(usize),
    /// Messages of a worker arrive.
    Deliver {
        worker: usize,
        count: usize,
    },
    /// All messages arrive, and all workers do what they can at this time.
    Exchange,
    Crash {
        worker: usize,
        how: Crash,
    },
    Turn(usize),
    Cancel(usize),
    Decide(usize, Verdict),
    Advance(Duration),
    Warm(u32),
    Pause(bool),
}

/// How a worker's end is noticed.
#[derive(Clone, Copy, Debug)]
enum Crash {
    /// After all that it has sent.
    Noticed { exact: bool },
    /// Before what is on its way, which is lost.
    Lossy { exact: bool },
    /// Not at all, unless it is watched.
    Silent,
}

/// The first two jobs are known to be short when the pool is new; what the first takes is never told truly.
const JOBS: u32 = 4;

fn work() -> impl Strategy<Value = Work> {
    let duration = prop_oneof![
        8 => Just(Some(0)),
        3 => (1..900_u64).prop_map(Some),
        3 => (1_000..9_000_u64).prop_map(Some),
        1 => (10_000..400_000_u64).prop_map(Some),
        1 => Just(None),
    ];
    (duration, any::<bool>(), any::<bool>(), proptest::bool::weighted(0.2))
        .prop_map(|(micros, blocks, heeds, fails)| Work { micros, told: None, blocks, heeds, fails })
}

fn plan() -> impl Strategy<Value = Plan> {
    let span = || proptest::option::weighted(0.15, (0..200_u64).prop_map(ms));
    let attempt_timeout = proptest::option::weighted(0.4, (1..100_u64).prop_map(ms));
    let policy = (1..4_u32, 0..60_u64, attempt_timeout).prop_map(|(max_attempts, base, attempt_timeout)| {
        RetryPolicy { max_attempts, base_delay: ms(base), attempt_timeout, ..RetryPolicy::default() }
    });
    let limits = (span(), span(), proptest::option::weighted(0.4, policy))
        .prop_map(|(timeout, queue_timeout, retry)| Limits { timeout, queue_timeout, retry });
    let priority = proptest::option::of(prop::sample::select(Priority::ALL.to_vec()));
    (0..JOBS, work(), proptest::bool::weighted(0.15), priority, limits).prop_map(
        |(job, work, transfers, priority, limits)| {
            let work = Work { told: (job == 0).then_some(20.0), ..work };
            Plan { job, work, transfers, priority, limits }
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let one = any::<usize>;
    let loss = prop_oneof![5 => Just(Loss::Load), 1 => Just(Loss::Version)];
    let crash = prop_oneof![
        any::<bool>().prop_map(|exact| Crash::Noticed { exact }),
        any::<bool>().prop_map(|exact| Crash::Lossy { exact }),
        Just(Crash::Silent),
    ];
    let verdict = prop_oneof![
        1 => Just(Verdict::GiveUp),
        3 => Just(Verdict::Retry),
        1 => (0..30_u64).prop_map(|delay| Verdict::RetryAfter(ms(delay))),
    ];
    let span = prop_oneof![
        5 => (0..1_200_u64).prop_map(micros),
        5 => (1..30_u64).prop_map(ms),
        3 => (30..500_u64).prop_map(ms),
        1 => (1..10_u64).prop_map(Duration::from_secs),
        1 => Just(Duration::from_secs(61)),
    ];
    prop_oneof![
        24 => plan().prop_map(Step::Submit),
        14 => Just(Step::Dispatch),
        10 => (one(), any::<bool>()).prop_map(|(worker, watched)| Step::Ready { worker, watched }),
        1 => (one(), loss).prop_map(|(worker, loss)| Step::StartFailed { worker, loss }),
        10 => (one(), 1..5_usize).prop_map(|(worker, count)| Step::Arrive { worker, count }),
        14 => (one(), 1..12_usize, any::<bool>())
            .prop_map(|(worker, most, reads)| Step::Run { worker, most, reads }),
        2 => one().prop_map(Step::Progress),
        10 => (one(), 1..5_usize).prop_map(|(worker, count)| Step::Deliver { worker, count }),
        3 => Just(Step::Exchange),
        3 => (one(), crash).prop_map(|(worker, how)| Step::Crash { worker, how }),
        5 => one().prop_map(Step::Turn),
        6 => one().prop_map(Step::Cancel),
        8 => (one(), verdict).prop_map(|(task, verdict)| Step::Decide(task, verdict)),
        12 => span.prop_map(Step::Advance),
        1 => (0..4_u32).prop_map(Step::Warm),
        1 => any::<bool>().prop_map(Step::Pause),
    ]
}

fn options() -> impl Strategy<Value = PoolOptions> {
    let idle_timeout = proptest::option::of((0..300_u64).prop_map(ms));
    (1..4_u32, 0..3_u32, idle_timeout, prop::sample::select(vec![0, 10, 100])).prop_map(
        |(size, min_workers, idle_timeout, grace)| PoolOptions {
            size,
            min_workers: min_workers.min(size),
            idle_timeout,
            start_timeout: ms(700),
            cancel_grace: ms(grace),
        },
    )
}

fn pick<T: Copy>(of: &[T], number: usize) -> Option<T> {
    (!of.is_empty()).then(|| of[number % of.len()])
}

impl Host {
    fn take_step(&mut self, step: Step) {
        let broken = self.pool.broken();
        let mends = matches!(step, Step::Ready { .. } | Step::Warm(_));
        match step {
            Step::Submit(plan) => {
                let room = self.waiting() < self.queue_bound();
                let submitted = self.try_submit(plan);
                assert_eq!(submitted.map_err(|error| error.code()).err(), (!room).then_some("queue-full"));
            }
            Step::Dispatch => {
                self.dispatch();
            }
            Step::Ready { worker, watched } => {
                if let Some(id) = pick(&self.starting(), worker) {
                    self.become_ready(id, watched);
                }
            }
            Step::StartFailed { worker, loss } => {
                if let Some(id) = pick(&self.starting(), worker) {
                    self.start_failed(id, loss);
                }
            }
            Step::Turn(worker) => {
                let turning: Vec<WorkerId> = self.turning.iter().copied().collect();
                if let Some(id) = pick(&turning, worker) {
                    self.turn(id);
                }
            }
            Step::Exchange => self.exchange(),
            Step::Cancel(task) => {
                let keys: Vec<TaskKey> = self.records.keys().copied().collect();
                if let Some(key) = pick(&keys, task) {
                    assert_eq!(self.outcome(key).is_none(), self.cancel(key));
                }
            }
            Step::Decide(task, verdict) => {
                let undecided = self.records.iter().filter(|(_, record)| record.undecided.is_some());
                let keys: Vec<TaskKey> = undecided.map(|(key, _)| *key).collect();
                if let Some(key) = pick(&keys, task) {
                    self.decide(key, verdict);
                }
            }
            Step::Advance(span) => self.advance(span),
            Step::Warm(workers) => {
                self.pool.warm(workers, &self.engine);
                assert_eq!(self.pool.broken(), None);
            }
            Step::Pause(paused) => {
                self.engine.set_paused(self.manager, paused);
                self.carry_out();
            }
            Step::Arrive { worker, .. }
            | Step::Run { worker, .. }
            | Step::Progress(worker)
            | Step::Deliver { worker, .. }
            | Step::Crash { worker, .. } => {
                let ids: Vec<WorkerId> = self.workers.keys().copied().collect();
                if let Some(id) = pick(&ids, worker) {
                    self.step_of(id, &step);
                }
            }
        }
        assert!(mends || broken.is_none() || self.pool.broken().is_some(), "broken until it is warmed up");
        self.check();
    }

    fn step_of(&mut self, id: WorkerId, step: &Step) {
        let now = self.clock.now();
        let Self { workers, starts, .. } = self;
        let worker = workers.get_mut(&id).expect("it was picked");
        match *step {
            Step::Arrive { count, .. } => worker.arrive(count),
            Step::Run { most, reads, .. } => {
                worker.run(most, reads, now, starts);
            }
            Step::Progress(_) => worker.progress(now),
            Step::Deliver { count, .. } => {
                for _ in 0..count {
                    self.deliver(id);
                }
            }
            Step::Crash { how, .. } if !worker.dead => {
                worker.die();
                let last_started = worker.last_started();
                match how {
                    Crash::Silent if !worker.watched => {}
                    Crash::Silent => worker.to_page.push_back(ToPage::Lost(None)),
                    Crash::Noticed { exact } => {
                        worker.to_page.push_back(ToPage::Lost(exact.then_some(last_started)));
                    }
                    Crash::Lossy { exact } => self.lost(id, exact.then_some(last_started), true),
                }
            }
            _ => {}
        }
    }

    /// How many tasks may wait, those that need not wait for long included.
    fn queue_bound(&self) -> u32 {
        MAX_QUEUE + self.free()
    }

    fn check(&mut self) {
        let (waiting, placed) = self.engine.counts(self.manager);
        assert_eq!((waiting + placed) as usize, self.engine.live(), "each live task waits or has a place");
        let live = self.records.values().filter(|record| record.settled.is_none() || !record.stopped);
        assert_eq!(live.count(), self.engine.live());
        assert!(self.pool.ids().eq(self.workers.keys().copied()), "the host has the pool's workers");
        assert_eq!(self.pool.running() as usize, self.sent.len());
        let has_ready = self.workers.values().any(|worker| worker.ready);
        assert!(self.pool.broken().is_none() || !has_ready, "a pool with a worker is not broken");
        for id in self.workers.keys() {
            let view = self.pool.view(*id, &self.engine).expect("as above");
            assert_eq!(view.open as usize, self.open(*id));
        }
    }
}

const MAX_QUEUE: u32 = 20;

/// What a pool lives through whose workers don't die.
#[derive(Clone, Copy, Debug)]
enum Peace {
    Call(Work),
    Dispatch,
    Ready(usize),
    Exchange,
    Advance(Duration),
    CleansUp(usize),
    Cleaned(usize),
    Warm(u32),
}

fn peace() -> impl Strategy<Value = Peace> {
    let one = any::<usize>;
    prop_oneof![
        8 => (0..200_000_u64).prop_map(|micros| Peace::Call(Work::of_micros(micros))),
        8 => Just(Peace::Dispatch),
        6 => one().prop_map(Peace::Ready),
        4 => Just(Peace::Exchange),
        8 => (0..400_u64).prop_map(|span| Peace::Advance(ms(span))),
        4 => one().prop_map(Peace::CleansUp),
        4 => one().prop_map(Peace::Cleaned),
        1 => (0..5_u32).prop_map(Peace::Warm),
    ]
}

impl Host {
    /// Workers that are starting or ready, the oldest first.
    fn lasting(&self) -> Vec<WorkerId> {
        let lasting =
            self.pool.workers.iter().filter(|(_, worker)| worker.is_ready() || worker.is_starting());
        let mut lasting: Vec<_> = lasting.map(|(id, worker)| (worker.born, id_of(id))).collect();
        lasting.sort_unstable();
        lasting.into_iter().map(|(_, id)| id).collect()
    }

    fn live_on(&mut self, step: Peace) {
        match step {
            Peace::Call(work) => {
                self.call(1, work);
            }
            Peace::Dispatch => {
                self.dispatch();
            }
            Peace::Ready(worker) => {
                if let Some(id) = pick(&self.starting(), worker) {
                    self.become_ready(id, true);
                }
            }
            Peace::Exchange => self.exchange(),
            Peace::Advance(span) => self.advance(span),
            Peace::CleansUp(worker) => {
                if let Some(id) = pick(&self.lasting(), worker) {
                    self.pool.cleans_up(id);
                }
            }
            Peace::Cleaned(worker) => {
                let lasting = self.lasting();
                let ending: Vec<_> = self.pool.ids().filter(|id| !lasting.contains(id)).collect();
                if let Some(id) = pick(&ending, worker) {
                    self.lost(id, None, false);
                }
            }
            Peace::Warm(workers) => self.pool.warm(workers, &self.engine),
        }
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn the_oldest_workers_stay_as_many_as_are_wanted_and_no_more(
        size in 1..6_u32,
        least in 0..4_u32,
        steps in proptest::collection::vec(peace(), 0..80),
    ) {
        let mut host = Host::new(PoolOptions {
            size,
            min_workers: least.min(size),
            idle_timeout: Some(ms(100)),
            start_timeout: Duration::from_secs(1_000_000),
            cancel_grace: ms(100),
        });
        for step in steps {
            let wanted = host.pool.wanted as usize;
            let staying: Vec<_> = host.lasting().into_iter().take(wanted).collect();
            host.live_on(step);
            let lasting = host.lasting();
            prop_assert!(staying.iter().all(|id| lasting.contains(id)), "{staying:?} were to stay of {lasting:?}");
        }
        host.settle_all();
        for _ in 0..20 {
            for id in host.starting() {
                host.become_ready(id, true);
            }
            host.advance(ms(100));
            let ending: Vec<_> = host.pool.ids().filter(|id| !host.lasting().contains(id)).collect();
            for id in ending {
                host.lost(id, None, false);
            }
            host.dispatch();
        }
        prop_assert_eq!(host.lasting().len(), host.pool.wanted as usize);
        prop_assert_eq!(host.pool.ready_count(), host.pool.wanted);
        host.finish();
    }
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn every_sequence_settles_each_call_once_starts_none_twice_and_leaves_nothing_behind(
        options in options(),
        steps in proptest::collection::vec(step(), 0..160),
        patient in any::<bool>(),
        acts_first in any::<bool>(),
        cancels_others in any::<bool>(),
    ) {
        let mut host = Host::with_queue(options, MAX_QUEUE);
        host.acts_first = acts_first;
        host.cancels_others = cancels_others;
        host.teach(0, 20.0);
        host.teach(1, 200.0);
        for step in steps {
            host.take_step(step);
        }
        if patient {
            host.settle_all();
            host.check();
        }
        host.finish();
    }
}
