//! One call, between its task and the worker that runs it.

use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
};

use super::{error::JobError, host::Host};
use crate::{
    core::{pool::WorkerId, tasks::task::TaskKey},
    rt::{
        live::Live,
        runtime::Runtime,
        state::{Remote, Reports, State},
    },
};

/// How what comes from a worker becomes what the caller asked for. An error is the text of a
/// [`NotSerializable`](JobError::NotSerializable).
pub struct Decoder<V, T, P, E> {
    /// A result.
    pub result: fn(V) -> Result<T, String>,
    /// A progress value; one that can't be read is left out.
    pub progress: fn(V) -> Option<P>,
    /// What was thrown.
    pub error: fn(V) -> JobError<E>,
}

impl<V, T, P, E> Clone for Decoder<V, T, P, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V, T, P, E> Copy for Decoder<V, T, P, E> {}

impl<V, T, P, E> fmt::Debug for Decoder<V, T, P, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").finish_non_exhaustive()
    }
}

/// A task that was submitted.
type Submitted<V> = (TaskKey, Rc<dyn Receiver<V>>);

pub(super) struct Call<V: 'static> {
    /// Until the task is over: a handle that is kept for its result keeps no workers.
    host: RefCell<Option<Rc<Host<V>>>>,
    /// Its number among the jobs of the pool.
    pub job: u32,
    /// Until the task is over: another attempt needs it again.
    args: RefCell<Option<V>>,
    /// The task, from its submission until it is over.
    task: RefCell<Option<Submitted<V>>>,
    /// Where its present attempt was sent.
    sent: Cell<Option<(WorkerId, u32)>>,
    /// Whether that attempt counts as started.
    begun: Cell<bool>,
}

impl<V: Clone> Call<V> {
    pub fn new(host: Rc<Host<V>>, job: u32, args: V) -> Self {
        Self {
            host: RefCell::new(Some(host)),
            job,
            args: RefCell::new(Some(args)),
            task: RefCell::default(),
            sent: Cell::default(),
            begun: Cell::default(),
        }
    }

    pub fn submitted(&self, key: TaskKey, receiver: Rc<dyn Receiver<V>>) {
        self.task.replace(Some((key, receiver)));
    }

    pub fn receiver(&self) -> Option<Rc<dyn Receiver<V>>> {
        self.task.borrow().as_ref().map(|(_, receiver)| receiver.clone())
    }

    pub fn key(&self) -> Option<TaskKey> {
        self.task.borrow().as_ref().map(|(key, _)| *key)
    }

    pub fn args(&self) -> Option<V> {
        // A clone of a value is its owner's code: not within the borrow.
        let args = self.args.take()?;
        let clone = args.clone();
        self.args.replace(Some(args));
        Some(clone)
    }

    /// It goes to a worker now.
    pub fn send(&self, worker: WorkerId, number: u32) {
        self.sent.set(Some((worker, number)));
    }

    /// Whether this is its present attempt.
    pub fn is_at(&self, worker: WorkerId, number: u32) -> bool {
        self.sent.get() == Some((worker, number))
    }

    /// The worker has no more to do with it.
    pub fn leave(&self) {
        self.sent.set(None);
        self.begun.set(false);
    }

    /// The attempt counts as started.
    pub fn begin(&self, runtime: &Runtime, attempt: u32) {
        if !self.begun.replace(true)
            && let Some(receiver) = self.receiver()
        {
            receiver.begin(runtime, attempt);
        }
    }
}

impl<V: Clone> Remote for Call<V> {
    fn abort(&self) {
        self.begun.set(false);
        let host = self.host.borrow().clone();
        if let (Some(host), Some((worker, number))) = (host, self.sent.take()) {
            host.abort(worker, number);
        }
    }

    fn release(&self) {
        let task = self.task.take();
        let host = self.host.borrow().clone();
        if let (Some((key, _)), Some(host)) = (&task, &host) {
            host.forget(*key);
        }
        self.abort();
        let args = self.args.take();
        self.host.take();
        drop((task, args, host));
    }
}

/// The task of a call, whatever its types.
pub(super) trait Receiver<V> {
    fn begin(&self, runtime: &Runtime, attempt: u32);
    fn progress(&self, value: V);
    fn done(&self, runtime: &Runtime, attempt: u32, value: V);
    fn threw(&self, runtime: &Runtime, attempt: u32, thrown: V);
    fn failed(&self, runtime: &Runtime, attempt: u32, failure: JobError<()>);
}

pub(super) struct Typed<V, T: 'static, P: 'static, E: 'static> {
    pub state: Rc<State<T, P, JobError<E>>>,
    pub decoder: Decoder<V, T, P, E>,
}

impl<V, T, P, E> Typed<V, T, P, E> {
    fn end(&self, runtime: &Runtime, attempt: u32, result: Result<T, JobError<E>>) {
        let is_final = result.as_ref().is_err_and(JobError::is_final);
        self.state.attempt_has_ended(runtime, attempt, result, is_final);
    }
}

impl<V, T, P, E> Receiver<V> for Typed<V, T, P, E> {
    fn begin(&self, runtime: &Runtime, attempt: u32) {
        self.state.clone().begin(runtime, attempt);
    }

    fn progress(&self, value: V) {
        if let Some(value) = (self.decoder.progress)(value) {
            self.state.common().progress.push(value);
        }
    }

    fn done(&self, runtime: &Runtime, attempt: u32, value: V) {
        self.end(runtime, attempt, (self.decoder.result)(value).map_err(JobError::NotSerializable));
    }

    fn threw(&self, runtime: &Runtime, attempt: u32, thrown: V) {
        self.end(runtime, attempt, Err((self.decoder.error)(thrown)));
    }

    fn failed(&self, runtime: &Runtime, attempt: u32, failure: JobError<()>) {
        self.end(runtime, attempt, Err(failure.retyped()));
    }
}
