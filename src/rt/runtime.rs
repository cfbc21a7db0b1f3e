//! A runtime: an engine, and the carrying out of what it decides.

use std::{
    cell::{Cell, RefCell, RefMut},
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    rc::{Rc, Weak},
    task::{self, Poll, Waker},
    time::Duration,
};

use futures::task::{LocalFutureObj, LocalSpawn};

use super::{
    builder::{Place, TaskBuilder},
    context::Context,
    live::{Live, LiveTasks},
    manager::{Membership, TaskManager},
    pool::Pooled,
    sleep::{Sleep, Sleepers},
    task::Task,
    turn::Turn,
};
use crate::core::{
    base::{
        clock::{Clock, Instant, WallClock},
        deadline::platform_delay,
        error::Error,
        timer::Timer,
    },
    pool::{Pool, Roster},
    schedule::clocks::Reading,
    tasks::{
        engine::{Effect, Engine, ManagerId, ManagerOptions},
        priority::Priority,
        slice::TimeSlice,
        task::TaskKey,
    },
};

/// What a runtime needs of its platform.
pub struct Ports {
    /// Tells the time.
    pub clock: Box<dyn Clock>,
    /// Tells the time of day, for schedules.
    pub wall_clock: Box<dyn WallClock>,
    /// Wakes the runtime for its deadlines.
    pub timer: Box<dyn Timer>,
    /// Runs futures: an executor of the same thread. Each future must be polled from its top, not within this call.
    pub spawner: Box<dyn LocalSpawn>,
    /// Gives the event loop a turn: for checkpoints, and for tasks with a priority.
    pub turn: Box<dyn Turn>,
    /// Makes the jitter of retries: one seed, one series.
    pub seed: u64,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// Runs tasks on one thread. Clones are one runtime.
///
/// It lives as long as somebody holds it: a clone, the handle of a task, or a function that runs. When it goes, or when its
/// executor does, what has not settled is cancelled, so that nobody waits for ever.
///
/// ```
/// use taskloom::rt::ManualRuntime;
///
/// let mut manual = ManualRuntime::default();
/// let runtime = manual.runtime().clone();
/// let task = runtime.spawn(async |_| 6 * 7);
/// assert_eq!(manual.run(task), Ok(42));
/// ```
#[derive(Clone)]
pub struct Runtime(pub(super) Rc<Inner>);

pub(super) struct Inner {
    engine: RefCell<Engine<AnyClock>>,
    live: RefCell<LiveTasks>,
    memberships: RefCell<BTreeMap<ManagerId, Weak<Membership>>>,
    /// The worker pools, by the managers of their calls.
    pools: RefCell<BTreeMap<ManagerId, Weak<dyn Pooled>>>,
    /// Those of them that there is something to do for.
    roster: RefCell<Roster>,
    pub sleepers: RefCell<Sleepers>,
    pub slice: Cell<TimeSlice>,
    /// How many checkpoints wait for their turn of the event loop.
    pub yielding: Cell<u32>,
    /// The deadline that the timer is armed for.
    armed: Cell<Option<Instant>>,
    /// Whether a future is on its way that will start what is ready.
    starting: Cell<bool>,
    wall_clock: Box<dyn WallClock>,
    timer: Box<dyn Timer>,
    spawner: Box<dyn LocalSpawn>,
    turn: Box<dyn Turn>,
}

/// The clock of the platform, as the engine's own.
pub(super) struct AnyClock(Box<dyn Clock>);

impl Clock for AnyClock {
    fn now(&self) -> Instant {
        self.0.now()
    }
}

impl Runtime {
    /// A runtime on this platform.
    pub fn new(ports: Ports) -> Self {
        Self(Rc::new(Inner {
            engine: RefCell::new(Engine::new(AnyClock(ports.clock), ports.seed)),
            live: RefCell::default(),
            memberships: RefCell::default(),
            pools: RefCell::default(),
            roster: RefCell::default(),
            sleepers: RefCell::default(),
            slice: Cell::default(),
            yielding: Cell::default(),
            armed: Cell::new(None),
            starting: Cell::new(false),
            wall_clock: ports.wall_clock,
            timer: ports.timer,
            spawner: ports.spawner,
            turn: ports.turn,
        }))
    }

    /// Starts a task in the executor's next turn; see [`spawn`](super::spawn).
    pub fn spawn<T, F>(&self, function: F) -> Task<T>
    where
        T: 'static,
        F: AsyncFnOnce(Context) -> T + 'static,
    {
        self.task().spawn(function)
    }

    /// A task that is to be spawned here, with options.
    pub fn task(&self) -> TaskBuilder {
        TaskBuilder::at(Place { runtime: self.clone(), membership: None, parent: None })
    }

    /// A manager of tasks on this runtime. A concurrency of 0 is `invalid-argument`.
    pub fn manager(&self, options: ManagerOptions) -> Result<TaskManager, Error> {
        Ok(self.manager_with_membership(options)?.1)
    }

    pub(super) fn manager_with_membership(
        &self,
        options: ManagerOptions,
    ) -> Result<(Rc<Membership>, TaskManager), Error> {
        let id = self.engine().add_manager(options)?;
        let membership = Rc::new(Membership::new(id, Rc::downgrade(&self.0)));
        self.0.memberships.borrow_mut().insert(id, Rc::downgrade(&membership));
        Ok((membership.clone(), TaskManager::of(membership, self.clone())))
    }

    /// Waits; see [`sleep`](super::sleep).
    pub fn sleep(&self, span: Duration) -> Sleep {
        Sleep::new(self.clone(), self.now() + span)
    }

    /// The time by the runtime's clock.
    pub fn now(&self) -> Instant {
        self.engine().now()
    }

    /// What the runtime's clocks show.
    pub(super) fn reading(&self) -> Reading {
        let monotonic = i64::try_from(self.now().as_micros() / 1000).unwrap_or(i64::MAX);
        Reading { wall: self.0.wall_clock.millis(), monotonic }
    }

    /// How many of its tasks wait, run, or have settled but not stopped; for tests and for leak hunters.
    pub fn live(&self) -> usize {
        self.engine().live()
    }

    /// The engine, for a single call.
    pub(super) fn engine(&self) -> RefMut<'_, Engine<AnyClock>> {
        self.0.engine.borrow_mut()
    }

    pub(super) fn adopt(&self, key: TaskKey, task: Rc<dyn Live>) {
        self.0.live.borrow_mut().insert(key, task);
    }

    #[must_use = "its drop is the caller's code"]
    pub(super) fn forget(&self, key: TaskKey) -> Option<Rc<dyn Live>> {
        self.0.live.borrow_mut().remove(key)
    }

    pub(super) fn forget_manager(&self, id: ManagerId) {
        self.engine().remove_manager(id);
        self.0.memberships.borrow_mut().remove(&id);
    }

    pub(super) fn add_pool(&self, manager: ManagerId, pool: Weak<dyn Pooled>) {
        self.0.pools.borrow_mut().insert(manager, pool);
    }

    pub(super) fn forget_pool(&self, manager: ManagerId) {
        self.0.pools.borrow_mut().remove(&manager);
        self.0.roster.borrow_mut().forget(manager);
    }

    /// The pool with the calls of this manager was told something.
    pub(super) fn note_pool(&self, manager: ManagerId, pool: &Pool) {
        self.0.roster.borrow_mut().note(manager, pool);
    }

    fn next_acting_pool(&self) -> Option<Rc<dyn Pooled>> {
        let mut roster = self.0.roster.borrow_mut();
        std::iter::from_fn(|| roster.next_waiting()).find_map(|manager| self.pool(manager))
    }

    fn next_due_pool(&self, now: Instant) -> Option<Rc<dyn Pooled>> {
        let mut roster = self.0.roster.borrow_mut();
        std::iter::from_fn(|| roster.next_due(now)).find_map(|manager| self.pool(manager))
    }

    pub(super) fn tasks_of(&self, manager: ManagerId) -> Vec<Rc<dyn Live>> {
        self.0.live.borrow().of_manager(manager)
    }

    pub(super) fn turn(&self, priority: Option<Priority>) -> impl Future<Output = ()> + use<> {
        self.0.turn.turn(priority)
    }

    /// Hands a future to the executor. One that has shut down drops it, which the future's own drop sees to.
    pub(super) fn execute(&self, future: impl Future<Output = ()> + 'static) {
        let _ = self.0.spawner.spawn_local_obj(LocalFutureObj::new(Box::new(future)));
    }

    /// Carries out what the engine has decided. To be called after every call of the engine that can change something.
    pub(super) fn follow(&self) {
        loop {
            let steps = self.collect();
            let is_done = steps.is_empty();
            for step in steps {
                step.run(self);
            }
            let mut acted = false;
            while let Some(pool) = self.next_acting_pool() {
                while pool.clone().act(self) {
                    acted = true;
                }
            }
            if is_done && !acted {
                break;
            }
        }
        if self.engine().has_ready() && !self.0.starting.replace(true) {
            self.execute(Starter { runtime: self.clone(), begun: false });
        }
        self.arm();
    }

    /// Applies all that the engine has decided to the states, and returns what is left: the caller's code.
    fn collect(&self) -> Vec<Step> {
        let mut engine = self.engine();
        let mut live = self.0.live.borrow_mut();
        let mut steps = Vec::new();
        while let Some(effect) = engine.next_effect() {
            let step = match effect {
                Effect::Post(key, priority) => Some(Step::Post(key, priority)),
                Effect::Attempt(key) => live.get(key).map(|task| Step::Begin(task, engine.attempt(key))),
                Effect::AttemptTimedOut(key) => {
                    live.get(key).map(|task| Step::TimeOut(task, engine.attempt(key)))
                }
                Effect::Settled { key, outcome, stopped } => {
                    let task = if stopped { live.remove(key) } else { live.get(key) };
                    task.inspect(|task| task.settle(outcome)).map(Step::Finish)
                }
                Effect::Stopped(key) => live.remove(key).map(Step::Forget),
                Effect::Idle(manager) => self.membership(manager).map(Step::Idle),
                Effect::Waiting(manager) => self.pool(manager).map(Step::Look),
                Effect::RateLimited(_) => None, // never asked for
            };
            steps.extend(step);
        }
        steps
    }

    fn pool(&self, manager: ManagerId) -> Option<Rc<dyn Pooled>> {
        self.0.pools.borrow().get(&manager)?.upgrade()
    }

    fn membership(&self, id: ManagerId) -> Option<Rc<Membership>> {
        self.0.memberships.borrow().get(&id)?.upgrade()
    }

    /// Sets the timer for the soonest deadline, if it is not.
    pub(super) fn arm(&self) {
        let next = self.engine().next_deadline();
        let next = next.into_iter().chain(self.0.sleepers.borrow().next());
        let next = next.chain(self.0.roster.borrow_mut().next_deadline()).min();
        if next == self.0.armed.replace(next) {
            return;
        }
        let Some(next) = next else {
            return self.0.timer.disarm();
        };
        let inner = Rc::downgrade(&self.0);
        let ring = move || {
            if let Some(inner) = inner.upgrade() {
                Self(inner).ring();
            }
        };
        self.0.timer.arm(platform_delay(self.now(), next), Box::new(ring));
    }

    /// The timer has fired.
    fn ring(&self) {
        self.0.armed.set(None);
        settle_trapped();
        let _entered = self.enter();
        let now = self.now();
        self.engine().fire();
        while let Some(pool) = self.next_due_pool(now) {
            pool.fire(self);
            pool.look();
        }
        let woken = self.0.sleepers.borrow_mut().take_due(now);
        self.follow();
        woken.into_iter().for_each(Waker::wake);
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("engine", &*self.engine()).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    /// Whoever still waits for a task is told.
    fn drop(&mut self) {
        self.timer.disarm();
        let tasks = self.live.borrow_mut().take_all();
        for task in tasks {
            task.lose();
        }
    }
}

/// What is left to do of an effect when all states have changed.
enum Step {
    Post(TaskKey, Priority),
    Begin(Rc<dyn Live>, u32),
    TimeOut(Rc<dyn Live>, u32),
    Finish(Rc<dyn Live>),
    Forget(Rc<dyn Live>),
    Idle(Rc<Membership>),
    Look(Rc<dyn Pooled>),
}

impl Step {
    fn run(self, runtime: &Runtime) {
        match self {
            Self::Post(key, priority) => runtime.execute(post(runtime, key, priority)),
            Self::Begin(task, attempt) => task.begin(runtime, attempt),
            Self::TimeOut(task, attempt) => task.attempt_timed_out(runtime, attempt),
            Self::Finish(task) => task.finish(),
            Self::Forget(task) => drop(task),
            Self::Idle(membership) => membership.is_idle(),
            Self::Look(pool) => pool.look(),
        }
    }
}

/// Starts all that is ready. If the executor drops it instead, nothing will ever start.
struct Starter {
    runtime: Runtime,
    begun: bool,
}

impl Future for Starter {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<()> {
        self.begun = true;
        settle_trapped();
        let runtime = &self.runtime;
        runtime.0.starting.set(false);
        while let Some((task, attempt)) = next_ready(runtime) {
            task.begin(runtime, attempt);
        }
        runtime.follow();
        Poll::Ready(())
    }
}

impl Drop for Starter {
    fn drop(&mut self) {
        if self.begun {
            return;
        }
        self.runtime.0.starting.set(false);
        while let Some((task, attempt)) = next_ready(&self.runtime) {
            task.lose();
            task.begin(&self.runtime, attempt); // which sees that it is over, and says that it has stopped
        }
        self.runtime.follow();
    }
}

/// A trap that was no panic, such as an overflow of the stack, is told by no hook: it is seen at the next turn. Elsewhere executors may be nested.
fn settle_trapped() {
    #[cfg(target_arch = "wasm32")]
    super::polling::settle_panicked();
}

fn next_ready(runtime: &Runtime) -> Option<(Rc<dyn Live>, u32)> {
    let mut engine = runtime.engine();
    let key = engine.next_ready()?;
    let task = runtime.0.live.borrow().get(key).expect("a task is live from its submission to its end");
    Some((task, engine.attempt(key)))
}

/// Begins a posted task when the platform gets to it. If the executor drops it instead, nothing ever will.
fn post(runtime: &Runtime, key: TaskKey, priority: Priority) -> impl Future<Output = ()> + use<> {
    struct Posted {
        runtime: Runtime,
        key: TaskKey,
        begun: bool,
    }
    impl Drop for Posted {
        fn drop(&mut self) {
            let task = self.runtime.0.live.borrow().get(self.key);
            if let Some(task) = task.filter(|_| !self.begun) {
                task.lose();
            }
        }
    }
    let mut posted = Posted { runtime: runtime.clone(), key, begun: false };
    async move {
        posted.runtime.turn(Some(priority)).await;
        posted.begun = true;
        let runtime = &posted.runtime;
        let begins = runtime.engine().begin(key);
        let task = runtime.0.live.borrow().get(key);
        if let Some(task) = task.filter(|_| begins) {
            task.begin(runtime, 1);
        }
        runtime.follow();
    }
}
