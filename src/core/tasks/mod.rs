//! Tasks: which starts when, how often it is tried, and how it ends. The [`engine`] decides it, by the rules of the modules beside it.

pub mod engine;
pub mod priority;
pub mod progress;
pub mod queue;
pub mod rate;
pub mod remember;
pub mod retry;
pub mod slice;
pub mod task;
