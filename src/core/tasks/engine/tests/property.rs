//! Whatever happens in whatever order: each task settles once, places are kept, and nothing is left over.

use proptest::prelude::*;

use super::*;
use crate::core::{tasks::rate::RateLimit, testing::cases};

/// How long a settled task keeps its place.
const GRACE: Duration = Duration::from_millis(60);

/// One thing that a host may do. Numbers pick among the tasks that there are.
#[derive(Clone, Debug)]
enum Step {
    Submit { manager: usize, priority: Option<Priority>, limits: Limits, parent: Option<usize> },
    Turn,
    Resolve(usize),
    Reject(usize),
    Decide(usize, Verdict),
    Cancel(usize),
    Advance(u64),
    Pause(usize, bool),
    Concurrency(usize, u32),
}

fn step() -> impl Strategy<Value = Step> {
    let priority = proptest::option::of(prop::sample::select(Priority::ALL.to_vec()));
    let span = || proptest::option::weighted(0.3, (0..50_u64).prop_map(ms));
    let policy = (
        1..4_u32,
        0..30_u64,
        0.0..=1.0_f64,
        span(),
        proptest::option::weighted(0.3, (1..40_u64).prop_map(ms)),
    )
        .prop_map(|(max_attempts, base, jitter, attempt_timeout, max_elapsed)| RetryPolicy {
            max_attempts,
            base_delay: ms(base),
            jitter,
            attempt_timeout,
            max_elapsed,
            ..RetryPolicy::default()
        });
    let limits = (span(), span(), proptest::option::weighted(0.4, policy))
        .prop_map(|(timeout, queue_timeout, retry)| Limits { timeout, queue_timeout, retry });
    let verdict = prop_oneof![
        Just(Verdict::GiveUp),
        Just(Verdict::Retry),
        (0..30_u64).prop_map(|delay| Verdict::RetryAfter(ms(delay)))
    ];
    prop_oneof![
        6 => (0..3_usize, priority, limits, proptest::option::weighted(0.3, any::<usize>()))
            .prop_map(|(manager, priority, limits, parent)| Step::Submit { manager, priority, limits, parent }),
        4 => Just(Step::Turn),
        4 => any::<usize>().prop_map(Step::Resolve),
        4 => any::<usize>().prop_map(Step::Reject),
        4 => (any::<usize>(), verdict).prop_map(|(task, verdict)| Step::Decide(task, verdict)),
        2 => any::<usize>().prop_map(Step::Cancel),
        3 => (0..40_u64).prop_map(Step::Advance),
        1 => (0..3_usize, any::<bool>()).prop_map(|(manager, paused)| Step::Pause(manager, paused)),
        1 => (0..3_usize, 1..4_u32).prop_map(|(manager, places)| Step::Concurrency(manager, places)),
    ]
}

/// A host with three managers, and the bounds that they must keep.
struct Model {
    host: Host,
    managers: Vec<ManagerId>,
    /// What may run at once: lowering the bound stops nobody, so it is the largest since the manager was idle.
    places: Vec<u32>,
    keys: Vec<(TaskKey, usize, bool)>,
}

impl Model {
    fn new() -> Self {
        let mut host = Host::new();
        let places = vec![1, 2, 3];
        let managers = places
            .iter()
            .map(|concurrency| {
                // The last of them has a rate limit too.
                let rate = (*concurrency == 3).then_some(RateLimit { limit: 2, per: ms(15) });
                let options = ManagerOptions {
                    concurrency: *concurrency,
                    max_queue: 5,
                    rate,
                    cancel_grace: Some(GRACE),
                    ..ManagerOptions::default()
                };
                host.engine.add_manager(options).expect("valid options")
            })
            .collect();
        Self { host, managers, places, keys: Vec::new() }
    }

    fn pick(&self, number: usize) -> Option<TaskKey> {
        (!self.keys.is_empty()).then(|| self.keys[number % self.keys.len()].0)
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Submit { manager, priority, limits, parent } => {
                let parent = parent.and_then(|number| self.pick(number));
                let submission = Submission { manager: self.managers[manager], priority, limits, parent };
                match self.host.engine.submit(submission) {
                    Ok(key) => {
                        self.keys.push((key, manager, parent.is_some()));
                        self.host.track(key);
                    }
                    Err(error) => assert_eq!((error.code(), parent), ("queue-full", None)),
                }
            }
            Step::Turn => self.host.turn(),
            Step::Resolve(number) => self.end(number, Host::resolve),
            Step::Reject(number) => self.end(number, Host::reject),
            Step::Decide(number, verdict) => {
                if let Some(key) = self.pick(number) {
                    let attempt = self.host.records[&key].attempts;
                    self.host.decide(key, attempt, verdict);
                }
            }
            Step::Cancel(number) => {
                if let Some(key) = self.pick(number) {
                    let was_open = self.host.outcome(key).is_none();
                    assert_eq!(self.host.cancel(key), was_open);
                }
            }
            Step::Advance(span) => self.host.advance(ms(span)),
            Step::Pause(manager, paused) => {
                self.host.engine.set_paused(self.managers[manager], paused);
                self.host.carry_out();
            }
            Step::Concurrency(manager, places) => {
                self.host.engine.set_concurrency(self.managers[manager], places).expect("in range");
                self.places[manager] = self.places[manager].max(places);
                self.host.carry_out();
            }
        }
        self.check();
    }

    fn end(&mut self, number: usize, how: fn(&mut Host, TaskKey, u32) -> Ended) {
        if let Some(key) = self.pick(number)
            && let Some(attempt) = self.host.records[&key].running.first().copied()
        {
            how(&mut self.host, key, attempt);
        }
    }

    fn check(&mut self) {
        for manager in 0..3 {
            let (waiting, running) = self.host.engine.counts(self.managers[manager]);
            assert!(waiting <= 5, "the queue is bounded");
            assert!(running <= self.places[manager], "{running} run in {} places", self.places[manager]);
            let busy = self.keys.iter().filter(|(key, of, is_child)| {
                let record = &self.host.records[key];
                let given_up = record.settled_at.is_some_and(|at| self.host.clock.now() - at >= GRACE);
                *of == manager && !is_child && !given_up && !record.running.is_empty()
            });
            assert!(busy.count() <= running as usize, "a function runs without a place");
        }
        for (key, record) in &self.host.records {
            let state = self.host.engine.state(*key);
            match record.settled {
                Some(outcome) if !record.stopped => assert_eq!(state, Some(outcome.state())),
                Some(_) => assert_eq!(state, None, "a stopped task frees its slot"),
                None => assert!(matches!(state, Some(TaskState::Pending | TaskState::Running))),
            }
        }
    }

    /// Ends everything, and shows that nothing is left.
    fn finish(&mut self) {
        let keys: Vec<TaskKey> = self.keys.iter().map(|(key, ..)| *key).collect();
        for key in &keys {
            self.host.cancel(*key);
        }
        for key in keys {
            while let Some(attempt) = self.host.records[&key].running.first().copied() {
                self.host.reject(key, attempt);
            }
            assert!(self.host.records[&key].stopped, "it hangs");
        }
        assert_eq!((self.host.engine.live(), self.host.engine.deadlines()), (0, 0));
        assert_eq!(self.host.engine.next_deadline(), None);
        assert_eq!(self.host.engine.next_ready(), None);
        for manager in &self.managers {
            assert_eq!(self.host.engine.counts(*manager), (0, 0));
            assert!(self.host.engine.watch_idle(*manager));
        }
    }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn every_sequence_settles_each_task_once_and_leaves_nothing_behind(
        steps in proptest::collection::vec(step(), 0..120),
    ) {
        let mut model = Model::new();
        for step in steps {
            model.apply(step);
        }
        model.finish();
    }
}
