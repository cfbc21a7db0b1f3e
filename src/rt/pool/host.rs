//! The host: reports to core what comes from the workers, and does what core says.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::{Rc, Weak},
};

use super::{
    call::{Call, Receiver},
    error::JobError,
    port::{CallFrame, Entry, Events, FromWorker, Listener, Said, StartError, ToWorker, Workers},
    worker::Worker,
};
use crate::{
    core::{
        pool::{Action, Dispatch, Loss, Pool, WorkerId, WorkerView, protocol},
        tasks::{engine::Engine, task::TaskKey},
    },
    rt::{
        manager::Membership,
        runtime::{AnyClock, Inner, Runtime},
        wakers::Wakers,
    },
};

/// A pool as its runtime sees it, whatever its values.
pub(in crate::rt) trait Pooled {
    /// Does the next thing that core asks for; false if there is none.
    fn act(self: Rc<Self>, runtime: &Runtime) -> bool;

    /// Has core look at the line at the end of this turn.
    fn look(self: Rc<Self>);

    /// Acts on what is due.
    fn fire(&self, runtime: &Runtime);
}

pub(super) struct Host<V: 'static> {
    runtime: Weak<Inner>,
    pub membership: Rc<Membership>,
    pool: RefCell<Pool>,
    platform: Box<dyn Workers<V>>,
    /// By their ids in core.
    workers: RefCell<BTreeMap<WorkerId, Rc<Worker<V>>>>,
    /// The calls that are not over, by task.
    calls: RefCell<BTreeMap<TaskKey, Rc<Call<V>>>>,
    jobs: RefCell<Vec<Box<str>>>,
    /// Why the last worker that did not start did not.
    start_error: RefCell<Option<StartError>>,
    /// Whether a future is on its way that will look at the line.
    looking: Cell<bool>,
    /// Those who wait for workers to be ready.
    pub warming: Wakers,
}

impl<V: Clone> Host<V> {
    pub fn new(
        runtime: &Runtime,
        membership: Rc<Membership>,
        pool: Pool,
        platform: Box<dyn Workers<V>>,
    ) -> Rc<Self> {
        let host = Rc::new(Self {
            runtime: Rc::downgrade(&runtime.0),
            membership,
            pool: RefCell::new(pool),
            platform,
            workers: RefCell::default(),
            calls: RefCell::default(),
            jobs: RefCell::default(),
            start_error: RefCell::default(),
            looking: Cell::default(),
            warming: Wakers::default(),
        });
        let pooled: Rc<dyn Pooled> = host.clone();
        runtime.add_pool(host.membership.id, Rc::downgrade(&pooled));
        host.clone().look(); // min_workers
        host
    }

    /// A single call of core.
    pub fn core<R>(&self, runtime: &Runtime, call: impl FnOnce(&mut Pool, &mut Engine<AnyClock>) -> R) -> R {
        let mut pool = self.pool.borrow_mut();
        let result = call(&mut pool, &mut runtime.engine());
        runtime.note_pool(self.membership.id, &pool);
        result
    }

    fn runtime(&self) -> Option<Runtime> {
        self.runtime.upgrade().map(Runtime)
    }

    /// The number of the job with this name.
    pub fn job(&self, name: &str) -> u32 {
        let mut jobs = self.jobs.borrow_mut();
        let index = jobs.iter().position(|known| **known == *name).unwrap_or_else(|| {
            jobs.push(name.into());
            jobs.len() - 1
        });
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    fn job_name(&self, job: u32) -> Box<str> {
        self.jobs.borrow().get(job as usize).cloned().unwrap_or_default()
    }

    /// A call was submitted as this task.
    pub fn accept(self: &Rc<Self>, runtime: &Runtime, key: TaskKey, call: Rc<Call<V>>) {
        self.core(runtime, |pool, _| pool.describe(key, call.job, false));
        self.calls.borrow_mut().insert(key, call);
        self.clone().look();
    }

    pub fn forget(&self, key: TaskKey) {
        let call = self.calls.borrow_mut().remove(&key);
        drop(call);
    }

    /// The task of a call needs no answer any more.
    pub fn abort(&self, worker: WorkerId, number: u32) {
        // Without a runtime the pool goes too.
        let Some(runtime) = self.runtime() else { return };
        self.core(&runtime, |pool, engine| pool.abort(worker, number, engine));
        runtime.follow();
    }

    /// Ends all workers. What they run is to be cancelled first.
    pub fn dispose(&self, runtime: &Runtime) {
        self.core(runtime, Pool::dispose);
        runtime.follow();
    }

    pub fn warm(self: &Rc<Self>, runtime: &Runtime, workers: u32) {
        self.core(runtime, |pool, engine| pool.warm(workers, engine));
        self.clone().look();
    }

    pub fn running(&self) -> u32 {
        self.pool.borrow().running()
    }

    pub fn ready_count(&self) -> u32 {
        self.pool.borrow().ready_count()
    }

    /// Why calls fail at once, if they do.
    pub fn broken(&self) -> Option<JobError<()>> {
        let loss = self.pool.borrow().broken()?;
        Some(self.loss_error(loss))
    }

    pub fn views(&self, runtime: &Runtime) -> Vec<WorkerView> {
        self.core(runtime, |pool, engine| pool.ids().filter_map(|id| pool.view(id, engine)).collect())
    }

    fn loss_error(&self, loss: Loss) -> JobError<()> {
        JobError::of_loss(loss, self.start_error.borrow().clone())
    }

    fn worker(&self, id: WorkerId) -> Option<Rc<Worker<V>>> {
        self.workers.borrow().get(&id).cloned()
    }

    // ---- what comes from the workers -----------------------------------------------------------------------------------

    pub fn hear(self: &Rc<Self>, worker: &Rc<Worker<V>>, said: Said<V>) {
        let Some(runtime) = self.runtime() else { return };
        let _entered = runtime.enter();
        match said {
            Said::Frame(sequence, frame) => {
                worker.hears(sequence);
                self.receive(&runtime, worker, frame);
            }
            Said::Unreadable if worker.is_ready() => worker.post(&ToWorker::Unreadable(worker.heard())),
            Said::NotStarted(error) if !worker.is_ready() => {
                let loss = if matches!(error, StartError::Version(_)) { Loss::Version } else { Loss::Load };
                self.start_error.replace(Some(error));
                self.core(&runtime, |pool, engine| pool.start_failed(worker.id, loss, engine));
            }
            Said::Gone => self.expect_end(&runtime, worker),
            Said::Unreadable | Said::NotStarted(_) => {}
        }
        runtime.follow();
        self.clone().look();
    }

    fn receive(self: &Rc<Self>, runtime: &Runtime, worker: &Rc<Worker<V>>, frame: FromWorker<V>) {
        match frame {
            FromWorker::Ready { watched, jobs } => {
                worker.becomes_ready(jobs);
                self.core(runtime, |pool, engine| pool.ready(worker.id, watched, engine));
                self.warming.wake();
            }
            FromWorker::Results(entries) => {
                self.core(runtime, |pool, engine| pool.heard(worker.id, engine));
                for (number, entry) in entries {
                    self.receive_entry(runtime, worker, number, entry);
                }
            }
            FromWorker::Pong => self.core(runtime, |pool, _| pool.pong(worker.id)),
            FromWorker::Closing => self.expect_end(runtime, worker),
            FromWorker::Unreadable(sequence) => {
                let reason = "the arguments could not be read by the worker; they may be too large";
                for number in worker.unread(sequence) {
                    self.refuse(runtime, worker, number, JobError::NotSerializable(reason.into()));
                }
            }
        }
    }

    fn receive_entry(&self, runtime: &Runtime, worker: &Worker<V>, number: u32, entry: Entry<V>) {
        let Some(call) = worker.call(number) else { return };
        match entry {
            Entry::Started => {
                let begins = self.core(runtime, |pool, engine| pool.started(worker.id, number, engine));
                if begins {
                    begin(runtime, &call);
                }
            }
            Entry::Progress(value) => {
                if call.is_at(worker.id, number)
                    && let Some(receiver) = call.receiver()
                {
                    receiver.progress(value);
                }
            }
            Entry::Done(value, micros) => {
                if let Some((receiver, attempt)) = self.answered(runtime, worker, number, micros) {
                    receiver.done(runtime, attempt, value);
                }
            }
            Entry::Failed(thrown, micros) => {
                if let Some((receiver, attempt)) = self.answered(runtime, worker, number, micros) {
                    receiver.threw(runtime, attempt, thrown);
                }
            }
            Entry::Withdrawn => {
                worker.forget(number);
                if call.is_at(worker.id, number) {
                    call.leave();
                }
                self.core(runtime, |pool, engine| pool.withdrawn(worker.id, number, engine));
            }
        }
    }

    /// A call has its answer: who is to be told, if anybody, and for which attempt.
    fn answered(
        &self,
        runtime: &Runtime,
        worker: &Worker<V>,
        number: u32,
        micros: f32,
    ) -> Option<(Rc<dyn Receiver<V>>, u32)> {
        let call = worker.call(number)?;
        worker.forget(number);
        let (_, attempt) =
            self.core(runtime, |pool, engine| pool.answered(worker.id, number, micros, engine))?;
        call.begin(runtime, attempt);
        call.leave();
        Some((call.receiver()?, attempt))
    }

    /// A call has not reached the worker.
    fn refuse(&self, runtime: &Runtime, worker: &Worker<V>, number: u32, error: JobError<()>) {
        if let Some((receiver, attempt)) = self.answered(runtime, worker, number, f32::NAN) {
            receiver.failed(runtime, attempt, error);
        }
    }

    /// A worker ends by itself; what it has said last is read first.
    fn expect_end(self: &Rc<Self>, runtime: &Runtime, worker: &Rc<Worker<V>>) {
        let (host, worker) = (Rc::downgrade(self), Rc::downgrade(worker));
        self.after_messages(runtime, move |runtime| {
            if let (Some(host), Some(worker)) = (host.upgrade(), worker.upgrade()) {
                let last = worker.last_started();
                host.core(runtime, |pool, engine| pool.lost(worker.id, last, false, engine));
                host.look();
            }
        });
    }

    // ---- what core says ------------------------------------------------------------------------------------------------

    /// Sends what core hands out.
    fn dispatch(self: &Rc<Self>, runtime: &Runtime) {
        let mut batch: Vec<Dispatch> = Vec::new();
        self.core(runtime, |pool, engine| pool.dispatch(engine, |call| batch.push(call)));
        let mut senders = BTreeMap::new();
        let mut unknown = Vec::new();
        for Dispatch { key, worker: id, number, marked, begun } in batch {
            let call = self.calls.borrow().get(&key).cloned();
            let (Some(call), Some(worker)) = (call, self.worker(id)) else { continue };
            let Some(args) = call.args() else { continue };
            call.send(id, number);
            if begun {
                begin(runtime, &call);
            }
            let attempt = runtime.engine().attempt(key) + u32::from(!begun);
            let flags = if marked { protocol::MARKED } else { 0 } | attempt << protocol::ATTEMPT_SHIFT;
            let name = self.job_name(call.job);
            let job = worker.job(&name);
            worker.add(call, CallFrame { number, flags, job: job.unwrap_or_default(), args });
            match job {
                Some(_) => drop(senders.insert(id, worker)),
                None => unknown.push((worker, number, name)),
            }
        }
        for (worker, number, name) in unknown {
            worker.unsend(number);
            self.refuse(runtime, &worker, number, JobError::UnknownJob(name.into()));
        }
        for worker in senders.into_values() {
            for (number, reason) in worker.send() {
                self.refuse(runtime, &worker, number, JobError::NotSerializable(reason));
            }
        }
        runtime.follow();
    }

    fn start(self: &Rc<Self>, id: WorkerId) {
        let worker = Rc::new(Worker::new(id, Rc::downgrade(self)));
        let listener: Rc<dyn Listener<V>> = worker.clone();
        let port = self.platform.start(Events::to(Rc::downgrade(&listener)));
        worker.set_port(port.into());
        self.workers.borrow_mut().insert(id, worker);
    }

    fn after_messages(&self, runtime: &Runtime, then: impl FnOnce(&Runtime) + 'static) {
        let messages = self.platform.after_messages();
        let runtime_then = Rc::downgrade(&runtime.0);
        runtime.execute(async move {
            messages.await;
            if let Some(inner) = runtime_then.upgrade() {
                let runtime = Runtime(inner);
                let _entered = runtime.enter();
                then(&runtime);
                runtime.follow();
            }
        });
    }
}

impl<V: Clone> Pooled for Host<V> {
    fn act(self: Rc<Self>, runtime: &Runtime) -> bool {
        let had_actions = self.pool.borrow().has_actions();
        let Some(action) = self.core(runtime, Pool::next_action) else { return had_actions };
        let post = |worker: WorkerId, frame: ToWorker<V>| {
            if let Some(worker) = self.worker(worker) {
                worker.post(&frame);
            }
        };
        match action {
            Action::Start(id) => self.start(id),
            Action::Terminate(id) => {
                let worker = self.workers.borrow_mut().remove(&id);
                if let Some(worker) = worker {
                    worker.end();
                }
            }
            Action::Cancel(worker, number) => post(worker, ToWorker::Cancel(number)),
            Action::Withdraw(worker, number) => post(worker, ToWorker::Withdraw(number)),
            Action::Ping(worker) => post(worker, ToWorker::Ping),
            Action::Turn(worker) => {
                let host = Rc::downgrade(&self);
                self.after_messages(runtime, move |runtime| {
                    if let Some(host) = host.upgrade() {
                        host.core(runtime, |pool, engine| pool.turned(worker, engine));
                        host.look();
                    }
                });
            }
            // A crate's workers are made by the library itself: nobody has forgotten anything in them, and they have nothing to clean up. A Rust
            // pool has no time to close in.
            Action::Remind(_) | Action::Retire(_) | Action::Expire => {}
            Action::Fail(key, attempt, loss) => {
                let call = self.calls.borrow().get(&key).cloned();
                if let Some(call) = call {
                    call.begin(runtime, attempt);
                    call.leave();
                    if let Some(receiver) = call.receiver() {
                        receiver.failed(runtime, attempt, self.loss_error(loss));
                    }
                }
            }
        }
        self.warming.wake();
        self.look();
        true
    }

    fn look(self: Rc<Self>) {
        if self.looking.replace(true) {
            return;
        }
        let Some(runtime) = self.runtime() else { return };
        let host = Rc::downgrade(&self);
        let inner = self.runtime.clone();
        runtime.execute(async move {
            if let (Some(host), Some(inner)) = (host.upgrade(), inner.upgrade()) {
                let runtime = Runtime(inner);
                let _entered = runtime.enter();
                host.looking.set(false);
                host.dispatch(&runtime);
            }
        });
    }

    fn fire(&self, runtime: &Runtime) {
        self.core(runtime, Pool::fire);
    }
}

impl<V> Drop for Host<V> {
    /// The workers end; what they still run was cancelled before, and has stopped thereby.
    fn drop(&mut self) {
        if let Some(inner) = self.runtime.upgrade() {
            let runtime = Runtime(inner);
            runtime.forget_pool(self.membership.id);
            self.pool.get_mut().dispose(&mut runtime.engine());
            self.workers.take();
            runtime.follow();
        }
    }
}

/// The engine counts an attempt of a call as started.
fn begin<V: Clone>(runtime: &Runtime, call: &Call<V>) {
    if let Some(key) = call.key() {
        let attempt = runtime.engine().attempt(key);
        call.begin(runtime, attempt);
    }
}
