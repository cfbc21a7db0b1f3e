//! Whatever happens in whatever order: each tick has one fate, and it is the one that a list of ticks gives it.

use super::{
    super::{
        job::{Job, JobRules, Overlap, Run},
        pacer::{Missed, Pace},
    },
    job_model::{Fate, Model},
    *,
};

/// One thing that may happen. Numbers pick among what is under way.
#[derive(Clone, Debug)]
enum Step {
    /// Time passes, or the clock is set, and the host looks.
    Look(Millis),
    Ended(usize),
    Lost(usize, u8),
    Seen(Millis),
    RunNow,
    Pause,
    Resume,
    End,
}

fn step() -> impl Strategy<Value = Step> {
    let minutes = |minutes: std::ops::Range<i64>| minutes.prop_map(|minutes| Step::Look(minutes * MINUTE));
    prop_oneof![
        24 => (0..70_000_i64).prop_map(Step::Look),
        6 => minutes(1..4),
        3 => minutes(4..20),
        1 => minutes(-170..0),
        1 => minutes(-500..-180),
        20 => any::<usize>().prop_map(Step::Ended),
        2 => (any::<usize>(), any::<u8>()).prop_map(|(run, more)| Step::Lost(run, more)),
        2 => (-5 * MINUTE..5 * MINUTE).prop_map(Step::Seen),
        4 => Just(Step::RunNow),
        2 => Just(Step::Pause),
        3 => Just(Step::Resume),
        1 => Just(Step::End),
    ]
}

fn rules() -> impl Strategy<Value = JobRules> {
    (
        proptest::sample::select(&[Missed::Skip, Missed::Once, Missed::All][..]),
        proptest::sample::select(&[Overlap::Skip, Overlap::Queue, Overlap::CancelPrevious][..]),
        prop_oneof![Just(0), Just(90_000), 0..200_000_u64],
        prop_oneof![Just(1000), 1..5_u32],
        proptest::option::weighted(0.3, 1..8_u32),
    )
        .prop_map(|(missed, overlap, grace, most, max_runs)| JobRules {
            pace: Pace { missed, grace: ms(grace), most, ..Pace::default() },
            overlap,
            max_runs,
        })
}

/// The job and the model side by side, with what is under way.
struct Both {
    job: Job,
    model: Model,
    running: Vec<Run>,
    now: Millis,
    /// The newest tick that a run was for, since the clock was last set back by much.
    newest: Millis,
}

impl Both {
    fn new(rules: JobRules, every: Millis) -> Self {
        let trigger = super::every(every);
        Self {
            job: Job::new(trigger, rules, 0, 1),
            model: Model::new(rules, every),
            running: Vec::new(),
            now: 0,
            newest: 0,
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Look(span) => {
                self.now = (self.now + span).max(0);
                if self.model.cursor - self.now > 3 * HOUR {
                    self.newest = 0;
                }
                self.job.look(self.now);
                self.model.look(self.now);
            }
            Step::Ended(run) => {
                if !self.running.is_empty() {
                    self.running.remove(run % self.running.len());
                    self.job.ended();
                    self.model.ended();
                }
            }
            Step::Lost(run, more) => {
                // Only those of ticks are claimed.
                let claimed: Vec<_> =
                    (0..self.running.len()).filter(|run| !self.running[*run].manual).collect();
                if !claimed.is_empty() && !self.model.is_over {
                    let run = self.running.remove(claimed[run % claimed.len()]);
                    let tick = run.tick.at + i64::from(more) * SECOND;
                    self.job.lost(tick);
                    self.model.lost(run.tick.at, tick);
                }
            }
            Step::Seen(span) => {
                self.job.seen(self.now + span);
                self.model.seen(self.now + span);
            }
            Step::RunNow => {
                if !self.model.is_over {
                    prop_assert_eq!(self.job.run_now(self.now, true), self.model.run_now(self.now));
                }
            }
            Step::Pause => {
                self.job.pause();
                self.model.is_paused = true;
            }
            Step::Resume => {
                self.job.resume(self.now);
                self.model.resume(self.now);
            }
            Step::End => {
                self.job.end();
                self.model.end();
                // The host never starts what it is not given.
                let started = u32::try_from(self.running.len()).expect("few");
                prop_assert!(self.model.running >= started);
            }
        }
        self.compare(step)
    }

    fn compare(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let expected = std::mem::take(&mut self.model.starting);
        for run in std::iter::from_fn(|| self.job.next_run()).collect::<Vec<_>>() {
            prop_assert!(
                self.running.is_empty() || run.cancels,
                "never two, unless the one cancels the other: {:?} and {:?}",
                run,
                self.running
            );
            self.running.push(run);
        }
        let started = &self.running[self.running.len() - expected.len().min(self.running.len())..];
        prop_assert_eq!(started, &expected[..], "after {:?}", step);
        for run in &expected {
            if !run.manual {
                prop_assert!(
                    run.tick.at > self.newest,
                    "in order, each once: {:?} after {}",
                    run,
                    self.newest
                );
                self.newest = run.tick.at;
            }
        }
        let model = &self.model;
        let stats = self.job.stats();
        prop_assert_eq!(stats.runs, model.runs);
        prop_assert_eq!(stats.runs, model.count(Fate::Run));
        prop_assert_eq!(stats.skipped, model.count(Fate::Skipped), "after {:?}", step);
        prop_assert_eq!(stats.missed, model.count(Fate::Missed), "after {:?}", step);
        prop_assert_eq!(self.job.waiting(), model.waiting.len());
        prop_assert_eq!(
            model.count(Fate::Waits) as usize,
            model.waiting.iter().filter(|waits| !waits.2).count()
        );
        prop_assert_eq!(self.job.cursor(), model.cursor);
        self.promises(step)
    }

    /// What holds whatever the model says.
    fn promises(&self, step: &Step) -> Result<(), TestCaseError> {
        let JobRules { pace, overlap, max_runs } = self.model.rules;
        if overlap != Overlap::CancelPrevious {
            prop_assert!(self.running.len() <= 1, "never two: {:?}", self.running);
        }
        let by_hand = self.model.waiting.iter().filter(|waits| waits.2).count();
        prop_assert!(self.job.waiting() <= pace.most as usize + by_hand);
        prop_assert!(max_runs.is_none_or(|most| self.job.stats().runs <= most));
        if let Some(wake) = self.job.wake()
            && matches!(step, Step::Look(_))
        {
            prop_assert!(
                wake > self.now && wake % self.model.every == 0,
                "wakes at {} after {}",
                wake,
                self.now
            );
        }
        if self.model.is_over {
            prop_assert!(self.job.is_over() && self.job.next_tick().is_none() && self.job.waiting() == 0);
        } else if self.running.is_empty() && !self.model.is_paused {
            prop_assert_eq!(self.job.waiting(), 0, "what waits has its turn");
            prop_assert_eq!(self.job.is_over(), self.model.is_spent());
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn each_tick_has_one_fate_and_it_is_that_of_a_plain_list_of_ticks(
        rules in rules(),
        every in prop_oneof![Just(MINUTE), 10_000..200_000_i64],
        steps in proptest::collection::vec(step(), 0..80),
    ) {
        let mut both = Both::new(rules, every);
        for step in &steps {
            both.step(step)?;
        }
        // In the end all that waits gets its turn.
        both.step(&Step::Resume)?;
        while !both.running.is_empty() {
            both.step(&Step::Ended(0))?;
        }
        prop_assert_eq!(both.model.count(Fate::Waits), 0);
    }
}
