//! Calls of jobs in workers as tasks: the Rust host of core's [pool](crate::core::pool).
//!
//! Core decides which worker runs which call, and what becomes of it when a worker dies. What is here carries that out for Rust tasks,
//! and speaks the frames of the [protocol](crate::core::pool::protocol) to whatever a platform has for workers: it names what it needs of
//! that as [`Workers`] and [`Port`], and is generic over the values `V` that these can send. In the browser `taskloom::workers` puts
//! web workers and serde behind it, and is what an app uses.
//!
//! - `job`: what a job is called, is given, and can end with.
//! - `port`: frames, and who carries them.
//! - `handle`: the pool's handle, and the options of a call.
//! - `call`: one call, between its task and its worker.
//! - `host`: reports to core, and does what core says.
//! - `worker`: one worker, as the host sees it.

mod call;
mod error;
mod handle;
mod host;
mod job;
mod port;
mod worker;

pub(super) use self::host::Pooled;
pub use self::{
    call::Decoder,
    error::JobError,
    handle::{CallBuilder, Warm, WorkerPool},
    job::{Job, JobContext, JobPort},
    port::{CallFrame, Entry, Events, FromWorker, Port, Said, StartError, ToWorker, Workers},
};
