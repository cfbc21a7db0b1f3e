//! Web workers that run Rust jobs: see [`taskloom::workers`](crate::workers).
//!
//! - `pool`: the handle, and what it is built with.
//! - `port`: a worker and its frames, as [`rt::pool`](crate::rt::pool) needs them; page.js is its other half.
//! - `serve` and `jobs`: the worker's side; bootstrap.js makes the instance and calls it.
//! - `context`: what a job is given.
//! - `border`: values and errors on their way.
//! - `snippets`: the JavaScript files that belong to it.

mod border;
mod context;
mod jobs;
mod pool;
mod port;
mod serve;
mod snippets;

pub use self::{
    jobs::Jobs,
    pool::{CallBuilder, WorkerPool, WorkerPoolBuilder, worker},
};
