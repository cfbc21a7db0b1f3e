//! A job as lists of ticks, each of which has one fate, looked through from end to end.

use super::{
    super::{
        job::{JobRules, Overlap, Run, RunNow},
        pacer::{Missed, Tick},
    },
    *,
};

/// What has become of a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Run,
    /// It has come, and waits.
    Waits,
    Skipped,
    Missed,
    /// Others have run it.
    Others,
    /// It was left out by a pause.
    Paused,
    /// It came after the last run that the job may have.
    Over,
}

#[derive(Debug)]
pub struct Model {
    pub rules: JobRules,
    pub every: Millis,
    /// Missed ticks since the last one that was not.
    left_out: u32,
    pub cursor: Millis,
    /// Each tick that has come, in the order in which they came, with its fate. After the clock was set back a tick may come again.
    pub ticks: Vec<(Millis, Fate)>,
    /// What waits: the tick, how many were missed before it, and whether it was asked for.
    pub waiting: Vec<(Millis, u32, bool)>,
    pub starting: Vec<Run>,
    pub running: u32,
    pub runs: u32,
    pub is_paused: bool,
    pub is_over: bool,
}

impl Model {
    pub fn new(rules: JobRules, every: Millis) -> Self {
        Self {
            rules,
            every,
            cursor: 0,
            left_out: 0,
            ticks: Vec::new(),
            waiting: Vec::new(),
            starting: Vec::new(),
            running: 0,
            runs: 0,
            is_paused: false,
            is_over: false,
        }
    }

    pub fn count(&self, fate: Fate) -> u32 {
        u32::try_from(self.ticks.iter().filter(|(_, its)| *its == fate).count()).expect("few")
    }

    /// What the newest tick of this time has become.
    fn fate(&mut self, at: Millis, fate: Fate) {
        self.ticks.iter_mut().rev().find(|tick| tick.0 == at).expect("it has come").1 = fate;
    }

    /// Ticks after the newest one that was seen to, up to this time.
    fn come(&self, until: Millis) -> Vec<Millis> {
        let mut at = 0;
        std::iter::from_fn(|| {
            at += self.every;
            Some(at)
        })
        .take_while(|at| *at <= until)
        .filter(|at| *at > self.cursor)
        .collect()
    }

    pub fn is_spent(&self) -> bool {
        self.rules.max_runs.is_some_and(|most| self.runs >= most)
    }

    pub fn look(&mut self, now: Millis) {
        if self.is_paused || self.is_over || self.is_spent() {
            return;
        }
        if self.cursor - now > 3 * HOUR {
            self.cursor = now;
        }
        let come = self.come(now);
        let Some(newest) = come.last().copied() else { return };
        self.cursor = newest;
        self.ticks.extend(come.iter().map(|at| (*at, Fate::Missed)));
        let is_late = span(now - newest) > self.rules.pace.grace;
        let kept = match self.rules.pace.missed {
            Missed::Skip if is_late => 0,
            Missed::Skip | Missed::Once => 1,
            Missed::All => come.len().min(self.rules.pace.most as usize),
        };
        let made_up = self.rules.pace.missed == Missed::All && (come.len() > 1 || is_late);
        let (missed, kept) = come.split_at(come.len() - kept);
        self.left_out += u32::try_from(missed.len()).expect("few");
        for at in kept {
            let before = std::mem::take(&mut self.left_out);
            self.tick(*at, before, made_up);
        }
    }

    fn tick(&mut self, at: Millis, missed: u32, made_up: bool) {
        if self.is_spent() {
            self.fate(at, Fate::Over);
        } else if self.running == 0 && self.waiting.is_empty() {
            self.start(at, missed, false, false);
        } else if made_up || !self.waiting.is_empty() || self.rules.overlap == Overlap::Queue {
            self.fate(at, Fate::Waits);
            self.waiting.push((at, missed, false));
            if self.waiting.len() > self.rules.pace.most as usize
                && let Some(oldest) = self.waiting.iter().position(|waits| !waits.2)
            {
                let (dropped, ..) = self.waiting.remove(oldest);
                self.fate(dropped, Fate::Skipped);
            }
        } else if self.rules.overlap == Overlap::Skip {
            self.fate(at, Fate::Skipped);
        } else {
            self.start(at, missed, false, true);
        }
    }

    fn start(&mut self, at: Millis, missed: u32, manual: bool, cancels: bool) {
        self.running += 1;
        if !manual {
            self.runs += 1;
            self.fate(at, Fate::Run);
        }
        self.starting.push(Run { tick: Tick { at, missed }, manual, cancels });
    }

    pub fn run_now(&mut self, now: Millis) -> RunNow {
        let is_busy = self.running > 0;
        match self.rules.overlap {
            Overlap::Skip if is_busy => RunNow::Shares,
            Overlap::Queue if is_busy => {
                self.waiting.push((now, 0, true));
                RunNow::Waits
            }
            _ => {
                self.start(now, 0, true, is_busy);
                RunNow::Starts
            }
        }
    }

    pub fn ended(&mut self) {
        self.running -= 1;
        self.go_on();
    }

    fn go_on(&mut self) {
        if self.running > 0 {
            return;
        }
        if self.is_spent() {
            for (at, _, manual) in std::mem::take(&mut self.waiting) {
                if manual { self.waiting.push((at, 0, true)) } else { self.fate(at, Fate::Over) }
            }
        }
        if let Some(next) = self.waiting.iter().position(|(_, _, manual)| *manual || !self.is_paused) {
            let (at, missed, manual) = self.waiting.remove(next);
            self.start(at, missed, manual, false);
        }
    }

    pub fn lost(&mut self, run: Millis, tick: Millis) {
        self.runs -= 1;
        self.fate(run, Fate::Others);
        self.seen(tick);
        self.ended();
    }

    pub fn seen(&mut self, tick: Millis) {
        self.pass(tick, Fate::Others);
        for (at, ..) in self.waiting.extract_if(.., |waits| !waits.2 && waits.0 <= tick).collect::<Vec<_>>() {
            self.fate(at, Fate::Others);
        }
    }

    fn pass(&mut self, until: Millis, fate: Fate) {
        let come = self.come(until);
        self.ticks.extend(come.into_iter().map(|at| (at, fate)));
        self.cursor = self.cursor.max(until);
    }

    pub fn resume(&mut self, now: Millis) {
        if std::mem::take(&mut self.is_paused) {
            self.pass(now, Fate::Paused);
            self.go_on();
        }
    }

    pub fn end(&mut self) {
        self.is_over = true;
        self.starting.clear();
        for (at, _, manual) in std::mem::take(&mut self.waiting) {
            if !manual {
                self.fate(at, Fate::Over);
            }
        }
    }
}
