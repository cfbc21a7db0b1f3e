//! Which tick may be run, when several tabs could.

use super::trigger::Millis;
use crate::core::base::count::floor;

/// A tick that is claimed further ahead of the wall clock than this was claimed before the clock was set back: it no longer counts.
const SET_BACK: Millis = 3 * 3_600_000;

/// By how much the clocks of two tabs of one machine may differ: browsers coarsen them, each tab by itself.
const LEEWAY: Millis = 1_000;

/// The furthest time from 1970 that a `Date` can have.
const MAX_TIME: Millis = 8_640_000_000_000_000;

/// A time that others have written, if it is one and not after this one.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // in the range of a Date
fn plausible(time: f64, latest: Millis) -> Option<Millis> {
    // False for NaN and the infinities as well.
    let is_time = time.abs() < MAX_TIME as f64 + 1.0;
    let time = floor(time);
    (is_time && time <= latest).then_some(time)
}

/// The newest tick as the database has it, where scripts of the origin can have written anything. Nothing if it is no time, or if it was claimed before
/// the clock was set back: it no longer counts.
///
/// ```
/// use taskloom::core::schedule::claim::stored_tick;
///
/// let now = 1_000_000_000;
/// assert_eq!(stored_tick(999_940_000.0, now), Some(999_940_000));
/// assert_eq!(stored_tick(f64::INFINITY, now), None);
/// assert_eq!(stored_tick(4e15, now), None, "nobody has run what is due in the year 128724");
/// ```
pub fn stored_tick(tick: f64, now: Millis) -> Option<Millis> {
    plausible(tick, now.saturating_add(SET_BACK))
}

/// The time from which all tabs count an interval, as the database has it; nothing if it can't be. A job that is to start at some time counts from
/// before that, any other one from when it was made.
pub fn stored_anchor(anchor: f64, start: Option<Millis>, now: Millis) -> Option<Millis> {
    plausible(anchor, start.unwrap_or(now.saturating_add(SET_BACK)))
}

/// The newest tick that a message tells of, which any script of the origin can have sent; nothing if it can't be. Nobody has seen to what is not due yet.
/// To leave a message out does no harm: the database decides who runs a tick.
pub fn told_tick(tick: f64, now: Millis) -> Option<Millis> {
    plausible(tick, now.saturating_add(LEEWAY))
}

/// Whether a tick may be claimed, given the newest one that was. To be asked, and the answer stored, in one transaction: then no tick is run twice.
///
/// ```
/// use taskloom::core::schedule::claim::may_claim;
///
/// let now = 1_000_000_000;
/// assert!(may_claim(None, now - 50, now));
/// assert!(may_claim(Some(now - 60_000), now - 50, now));
/// assert!(!may_claim(Some(now - 50), now - 50, now), "another tab has run it");
/// ```
pub fn may_claim(newest: Option<Millis>, tick: Millis, now: Millis) -> bool {
    newest.is_none_or(|newest| newest < tick || newest > now + SET_BACK)
}
