//! Background tasks for apps that run in the browser: poll, await, cancel and retry them, and follow their progress.
//!
//! ```
//! use std::time::Duration;
//! use taskloom::{Retry, Task, gather};
//!
//! async fn fetch_part(part: u32) -> Result<String, String> {
//!     Ok(format!("part {part}"))
//! }
//!
//! async fn load() -> Result<Vec<String>, taskloom::TaskError<String>> {
//!     let parts = (0..3).map(|part| {
//!         Task::builder()
//!             .timeout(Duration::from_secs(30))
//!             .spawn_retry(Retry::default(), async move |_| fetch_part(part).await)
//!     });
//!     gather(parts).await // the first error cancels the rest
//! }
//!
//! // In the browser `taskloom::spawn(async |_| load().await)` is all it takes. Elsewhere, in a test for instance:
//! let parts = taskloom::rt::ManualRuntime::default().run(load())?;
//! assert_eq!(parts, ["part 0", "part 1", "part 2"]);
//! # Ok::<(), taskloom::TaskError<String>>(())
//! ```
//!
//! - [`core`] holds every decision, in pure Rust without a browser in sight, tested on a manual clock.
//! - [`rt`] carries them out for Rust: tasks are futures, [`Trigger`]s are streams of due times.
//! - `platform` implements core's ports with the platform: clock and timers.
//! - `workers` (feature `workers`) runs Rust jobs in web workers: calls are tasks too.
//! - `js` (feature `npm`) is the face that the npm package `taskloom` is made of.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(any(feature = "std", test)), no_std)]

extern crate alloc;

pub mod core;
#[cfg(feature = "std")]
pub mod rt;
#[cfg(feature = "workers")]
pub mod workers;

#[cfg(target_arch = "wasm32")]
pub mod platform;

#[cfg(all(target_arch = "wasm32", feature = "npm"))]
mod js;

pub use crate::core::{
    base::error::Error,
    tasks::{priority::Priority, retry::RetryPolicy, task::TaskState},
};
#[cfg(feature = "std")]
pub use crate::rt::{
    Context, Retry, Runtime, Task, TaskBuilder, TaskError, TaskManager, Trigger, as_completed, gather, spawn,
};

/// The Rust examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
