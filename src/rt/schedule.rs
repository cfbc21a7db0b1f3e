//! Triggers: due times as streams.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use futures::stream::{FusedStream, Stream};

use super::{runtime::Runtime, sleep::Sleep};
use crate::core::{
    base::error::Error,
    schedule::{
        clocks::Clocks,
        cron::{Cron, Dialect},
        pacer::{Missed, Pace, Pacer},
        scheduler::MAX_SLEEP,
        trigger::{Millis, SharedZone, Trigger as Times},
        zone::{Transitions, Zone},
    },
};

/// When something is due: every so often, or at the times of a cron expression. [`ticks`](Trigger::ticks) makes a stream of it.
///
/// ```
/// use std::time::Duration;
/// use futures::StreamExt;
/// use taskloom::{core::schedule::zone::FixedOffset, rt::{ManualRuntime, Trigger}};
///
/// let mut manual = ManualRuntime::default(); // it is 1970-01-01T00:00Z, a Thursday
/// manual.run(async {
///     let mut ticks = Trigger::cron("0 9 * * MON-FRI", FixedOffset(0))?.ticks();
///     let nine = Duration::from_secs(9 * 3600);
///     assert_eq!(ticks.next().await.map(|tick| tick.since_epoch()), Some(nine));
///
///     let mut ticks = Trigger::every(Duration::from_secs(60))?.ticks();
///     assert_eq!(ticks.next().await.map(|tick| tick.since_epoch()), Some(nine + Duration::from_secs(60)));
///     Ok::<(), taskloom::Error>(())
/// })?;
/// # Ok::<(), taskloom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trigger {
    rhythm: Rhythm,
    pace: Pace,
    start: Option<Millis>,
    end: Option<Millis>,
}

#[derive(Clone)]
enum Rhythm {
    Every(Duration),
    Cron(Rc<Cron>, SharedZone),
}

impl Trigger {
    /// Every so often, from when the stream is made. Ticks lie on a grid: neither slow consumers nor late timers make them drift. Time is that of the
    /// monotonic clock and of [sleep](Clocks). Less than 1 ms is `invalid-argument`.
    pub fn every(every: Duration) -> Result<Self, Error> {
        Times::every(every, 0)?;
        Ok(Self::of(Rhythm::Every(every)))
    }

    /// At the times of a [cron expression](Cron) in a zone. In the browser `platform::zone::PlatformZone` has those of the platform. What is wrong with the
    /// expression is `invalid-argument`, with the name of the field.
    pub fn cron(expression: &str, zone: impl Zone + 'static) -> Result<Self, Error> {
        Self::cron_in(expression, Dialect::Cron, zone)
    }

    /// The same in another dialect.
    pub fn cron_in(expression: &str, dialect: Dialect, zone: impl Zone + 'static) -> Result<Self, Error> {
        let cron = Rc::new(Cron::parse(expression, dialect)?);
        Ok(Self::of(Rhythm::Cron(cron, Rc::new(Transitions::new(Box::new(zone))))))
    }

    fn of(rhythm: Rhythm) -> Self {
        Self { rhythm, pace: Pace::default(), start: None, end: None }
    }

    /// What happens to ticks for which nobody was awake, or that come while the consumer is busy; [`Missed::Once`] if not said.
    #[must_use]
    pub fn missed(mut self, missed: Missed) -> Self {
        self.pace.missed = missed;
        self
    }

    /// How late a tick may be and not count as missed, for [`Missed::Skip`]; 90 s if not said.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.pace.grace = grace;
        self
    }

    /// Each tick comes up to this much after its time, at random, but before the next one is due.
    #[must_use]
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.pace.jitter = jitter;
        self
    }

    /// No ticks before this time. An interval counts from it.
    #[must_use]
    pub fn starting(mut self, start: SystemTime) -> Self {
        self.start = Some(millis_of(start));
        self
    }

    /// No ticks after this time: then the stream ends.
    #[must_use]
    pub fn until(mut self, end: SystemTime) -> Self {
        self.end = Some(millis_of(end));
        self
    }

    /// The ticks from now on, on the [current](Runtime::current) runtime.
    ///
    /// # Panics
    ///
    /// Outside the browser, if no runtime was entered.
    pub fn ticks(&self) -> Ticks {
        self.ticks_on(&Runtime::current())
    }

    /// The ticks from now on, on this runtime.
    #[allow(clippy::missing_panics_doc)] // it can't
    pub fn ticks_on(&self, runtime: &Runtime) -> Ticks {
        let now = runtime.reading();
        // An interval goes by elapsed time, which is 0 now; a cron expression by the wall clock.
        let ahead = match self.rhythm {
            Rhythm::Every(_) => now.wall,
            Rhythm::Cron(..) => 0,
        };
        let (start, end) = (self.start.map(|start| start - ahead), self.end.map(|end| end - ahead));
        let times = match &self.rhythm {
            Rhythm::Every(every) => {
                let step = Millis::try_from(every.as_millis()).unwrap_or(Millis::MAX);
                Times::every(*every, start.unwrap_or(step)).expect("it was checked when the trigger was made")
            }
            Rhythm::Cron(cron, zone) => Times::cron(cron.clone(), zone.clone()),
        };
        let seed =
            u64::from_ne_bytes(now.wall.to_ne_bytes()) ^ u64::from_ne_bytes(now.monotonic.to_ne_bytes());
        Ticks {
            runtime: runtime.clone(),
            pacer: Pacer::new(times.within(start, end), self.pace, now.wall - ahead, seed),
            clocks: Clocks::new(now),
            is_elapsed: matches!(self.rhythm, Rhythm::Every(_)),
            due: VecDeque::new(),
            sleep: None,
            is_over: false,
        }
    }
}

impl fmt::Debug for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(every) => f.debug_tuple("Every").field(every).finish(),
            Self::Cron(cron, _) => f.debug_tuple("Cron").field(cron).finish_non_exhaustive(),
        }
    }
}

fn millis_of(time: SystemTime) -> Millis {
    let since = |span: Duration| Millis::try_from(span.as_millis()).unwrap_or(Millis::MAX);
    time.duration_since(SystemTime::UNIX_EPOCH).map_or_else(|before| -since(before.duration()), since)
}

/// A tick of a [`Trigger`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    at: Millis,
    /// How many ticks just before it were missed, and do not come on their own.
    pub missed: u32,
}

impl Tick {
    /// When it was due, by the wall clock, in milliseconds since 1970-01-01T00:00Z.
    pub fn millis(self) -> i64 {
        self.at
    }

    /// When it was due, by the wall clock, since 1970-01-01T00:00Z; zero for an earlier time.
    pub fn since_epoch(self) -> Duration {
        Duration::from_millis(u64::try_from(self.at).unwrap_or(0))
    }
}

/// The ticks of a [`Trigger`], as a stream. It ends when there are no more.
///
/// A consumer that is busy when ticks come due finds them as its trigger's policy for [missed](Trigger::missed) ones has it. Dropping the stream ends it.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Ticks {
    runtime: Runtime,
    pacer: Pacer,
    clocks: Clocks,
    is_elapsed: bool,
    due: VecDeque<Tick>,
    sleep: Option<Sleep>,
    is_over: bool,
}

impl Ticks {
    /// When the next tick is due that has not come yet; nothing if there is none.
    pub fn next_due(&mut self) -> Option<SystemTime> {
        self.now();
        let ahead = self.ahead();
        let at = self.due.front().map(|tick| tick.at).or_else(|| Some(self.pacer.next()? + ahead))?;
        let span = Duration::from_millis(at.unsigned_abs());
        Some(if at < 0 { SystemTime::UNIX_EPOCH - span } else { SystemTime::UNIX_EPOCH + span })
    }

    /// The time by the clock that the trigger goes by.
    fn now(&mut self) -> Millis {
        let now = self.runtime.reading();
        let elapsed = self.clocks.elapsed(now);
        if self.is_elapsed { elapsed } else { now.wall }
    }

    fn ahead(&self) -> Millis {
        if self.is_elapsed { self.clocks.ahead() } else { 0 }
    }
}

impl Stream for Ticks {
    type Item = Tick;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Tick>> {
        let this = &mut *self;
        loop {
            if let Some(tick) = this.due.pop_front() {
                this.sleep = None;
                return Poll::Ready(Some(tick));
            }
            let now = this.now();
            let ahead = this.ahead();
            let due = this.pacer.look(now).ticks;
            this.due.extend(due.into_iter().map(|tick| Tick { at: tick.at + ahead, missed: tick.missed }));
            if !this.due.is_empty() {
                continue;
            }
            let Some(wake) = this.pacer.wake() else {
                this.is_over = true;
                return Poll::Ready(None);
            };
            // No clock tells that the machine has slept, or that somebody has set it: one has to look.
            let wait = Duration::from_millis((wake - now).max(1).unsigned_abs()).min(MAX_SLEEP);
            let sleep = this.sleep.insert(this.runtime.sleep(wait));
            if Pin::new(sleep).poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl FusedStream for Ticks {
    fn is_terminated(&self) -> bool {
        self.is_over
    }
}

impl fmt::Debug for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticks").field("pacer", &self.pacer).finish_non_exhaustive()
    }
}
