//! Every decision of taskloom, without a browser.
//!
//! Nothing here knows JavaScript: a host (the JavaScript face, or the Rust runtime) tells the [`engine`] what
//! happened, and carries out what the engine answers. The engine never sees a task's value, so it serves any.

pub mod clock;
pub mod count;
pub mod deadline;
pub mod duration;
pub mod engine;
pub mod error;
pub mod list;
pub mod memo;
pub mod pool;
pub mod priority;
pub mod progress;
pub mod protocol;
pub mod queue;
pub mod rate;
pub mod remember;
pub mod retry;
pub mod schedule;
pub mod slice;
pub mod state;
pub mod task;
#[cfg(test)]
pub(crate) mod testing;
pub mod timer;
