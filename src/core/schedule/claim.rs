//! Which tick may be run, when several tabs could.

use super::trigger::Millis;

/// A tick that is claimed further ahead of the wall clock than this was claimed before the clock was set back: it no longer counts.
const SET_BACK: Millis = 3 * 3_600_000;

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
