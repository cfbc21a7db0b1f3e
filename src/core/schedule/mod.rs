//! Schedules: when jobs are due, and which ticks get a run.
//!
//! From the inside out: a [`cron`] expression matches local times; in a [`zone`] its [`occurrence`]s are points in time; a [`trigger`] is such a set or an interval; a
//! [`pacer`] follows one, and knows what to do about ticks that come late; a [`job`] keeps its runs from overlapping; a [`scheduler`] has all jobs of a host, which
//! needs one timer. The [`clocks`] of a host are made one that sleep does not stop; a [`claim`] keeps several tabs from running a tick twice.

pub mod civil;
pub mod claim;
pub mod clocks;
pub mod cron;
pub mod job;
pub mod occurrence;
pub mod pacer;
pub mod scheduler;
#[cfg(test)]
mod tests;
pub mod trigger;
pub mod wire;
pub mod zone;
