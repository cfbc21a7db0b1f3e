//! Every decision of taskloom, without a browser.
//!
//! Nothing here knows JavaScript: a host (the JavaScript face, or the Rust runtime) tells the [`engine`](tasks::engine) what
//! happened, and carries out what the engine answers. The engine never sees a task's value, so it serves any.
//!
//! A folder is a capability. What all of them stand on is in [`base`].

pub mod base;
pub mod memo;
pub mod origin;
pub mod pool;
pub mod schedule;
pub mod shared;
pub mod state;
pub mod tasks;
#[cfg(test)]
pub(crate) mod testing;
