//! What every capability stands on: time, deadlines, durations, counts, lists, and what can go wrong.

pub mod clock;
pub mod count;
pub mod deadline;
pub mod duration;
pub mod error;
pub mod list;
pub mod timer;
