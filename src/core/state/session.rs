//! Whose session a storage is. A tab that is duplicated starts with a copy of its original's storage, and with it of the session's id.
//!
//! A tab holds a lock on the id of its session. One that can't have the lock is a duplicate, or its own page before a reload has not gone quite
//! yet; the latter ends within moments.

use core::time::Duration;

/// How long a page waits for the lock of its session.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// What a page does that has asked for the lock of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The session is its own.
    Keep,
    /// It asks again, and waits for [`PATIENCE`].
    Wait,
    /// Another tab has the session: this one goes on under a new id.
    Fork,
}

/// What follows when the lock was granted or not, at once or after the wait.
///
/// ```
/// use taskloom::core::state::session::{Step, next};
///
/// assert_eq!(next(true, false), Step::Keep);
/// assert_eq!(next(false, false), Step::Wait);
/// assert_eq!(next(false, true), Step::Fork);
/// ```
pub fn next(granted: bool, waited: bool) -> Step {
    match (granted, waited) {
        (true, _) => Step::Keep,
        (false, false) => Step::Wait,
        (false, true) => Step::Fork,
    }
}
