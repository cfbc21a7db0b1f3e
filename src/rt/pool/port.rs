//! What a pool needs of its platform: workers, and frames that go to and fro. The [protocol](crate::core::pool::protocol) says what each means.

use std::{
    fmt,
    rc::{Rc, Weak},
};

use futures::future::LocalBoxFuture;

/// Makes workers. `V` is what can be sent to them.
pub trait Workers<V> {
    /// Makes a worker. What becomes of it is told to `events`, later and not within this call.
    fn start(&self, events: Events<V>) -> Box<dyn Port<V>>;

    /// Completes when every message that has come by now was told.
    fn after_messages(&self) -> LocalBoxFuture<'static, ()>;
}

/// A worker, which ends when this is dropped.
pub trait Port<V> {
    /// Sends a frame. An error says why it can't be sent.
    fn post(&self, sequence: u32, frame: &ToWorker<V>) -> Result<(), String>;

    /// The number of the last call that it has started, where memory is shared with it.
    fn last_started(&self) -> Option<u32>;
}

/// A frame for a worker.
#[derive(Clone, Debug, PartialEq)]
pub enum ToWorker<V> {
    /// The answer to `READY`.
    Hello,
    /// Calls, to be run in this order.
    Calls(Vec<CallFrame<V>>),
    /// A call was cancelled.
    Cancel(u32),
    /// The calls from this number on are wanted back, if they have not started.
    Withdraw(u32),
    /// Is asked for a sign of life.
    Ping,
    /// The frame after this one could not be read.
    Unreadable(u32),
}

/// A call within a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct CallFrame<V> {
    /// Its number in this worker.
    pub number: u32,
    /// Whether the start is to be announced, and the number of the attempt.
    pub flags: u32,
    /// An index into the names of `READY`.
    pub job: u32,
    /// The argument.
    pub args: V,
}

/// A frame from a worker.
#[derive(Clone, Debug, PartialEq)]
pub enum FromWorker<V> {
    /// It runs calls from now on.
    Ready {
        /// Whether its end will be told as [`Said::Gone`], so that silence need not mean anything.
        watched: bool,
        /// The names of its jobs.
        jobs: Vec<String>,
    },
    /// What has become of calls, each by its number.
    Results(Vec<(u32, Entry<V>)>),
    /// The answer to a ping.
    Pong,
    /// It ends now, by itself.
    Closing,
    /// The frame after this one could not be read.
    Unreadable(u32),
}

/// What has become of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<V> {
    /// It starts now.
    Started,
    /// It has reported this.
    Progress(V),
    /// It has returned this, after so many microseconds.
    Done(V, f32),
    /// It has thrown this, after so many microseconds.
    Failed(V, f32),
    /// It has not started, and will not.
    Withdrawn,
}

/// What there is to tell of a worker.
#[derive(Clone, Debug, PartialEq)]
pub enum Said<V> {
    /// A frame has come, with its sequence number.
    Frame(u32, FromWorker<V>),
    /// A frame has come that could not be read.
    Unreadable,
    /// It could not be started, or speaks another version of the protocol.
    NotStarted(StartError),
    /// It has ended. What it has said last may still be on its way.
    Gone,
}

/// Why a worker could not be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The platform says this.
    Load(String),
    /// It speaks this version of the protocol.
    Version(u32),
}

/// Where a worker's [`Port`] tells what becomes of it. It may be told at any time, also when the pool has gone.
pub struct Events<V>(Weak<dyn Listener<V>>);

pub(super) trait Listener<V> {
    fn hear(self: Rc<Self>, said: Said<V>);
}

impl<V> Events<V> {
    pub(super) fn to(listener: Weak<dyn Listener<V>>) -> Self {
        Self(listener)
    }

    /// Tells it.
    pub fn tell(&self, said: Said<V>) {
        if let Some(listener) = self.0.upgrade() {
            listener.hear(said);
        }
    }
}

impl<V> Clone for Events<V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<V> fmt::Debug for Events<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
