//! When a cron expression is due in a zone: the rule for clocks that change.

use super::{
    cron::{Cron, MAX_SECONDS},
    zone::{Piece, Transitions, Zone},
};

/// A stretch within which all local times have passed that a change of the clocks can repeat or leave out: the largest there have been are of a day.
const SETTLED: i64 = 3 * 86_400;

/// A cron expression in a zone, as a set of points in time: seconds since 1970-01-01T00:00Z.
///
/// An expression that [names fixed times](Cron::is_fixed) is due at each of them on each day: what the clocks leave out is due once at the
/// first moment after the gap, and what they repeat is due the first time only. Any other keeps its pace in real time: it is not due at
/// times that are left out, and is due in both passes through what is repeated. This is the rule of
/// [Vixie's cron](https://man7.org/linux/man-pages/man8/cron.8.html).
///
/// ```
/// use taskloom::core::schedule::{
///     cron::{Cron, Dialect},
///     occurrence::CronInZone,
///     zone::{FixedOffset, Transitions},
/// };
///
/// let daily = Cron::parse("30 2 * * *", Dialect::Cron)?;
/// let utc = Transitions::new(FixedOffset(0));
/// let daily = CronInZone::new(&daily, &utc);
/// assert_eq!(daily.after(0), Some(9000));
/// assert_eq!(daily.before(9000), Some(9000 - 86_400));
/// assert!(daily.matches(9000) && !daily.matches(9001));
/// # Ok::<(), taskloom::Error>(())
/// ```
#[derive(Debug)]
pub struct CronInZone<'a, Z> {
    cron: &'a Cron,
    zone: &'a Transitions<Z>,
}

impl<'a, Z: Zone> CronInZone<'a, Z> {
    /// This expression in this zone.
    pub fn new(cron: &'a Cron, zone: &'a Transitions<Z>) -> Self {
        Self { cron, zone }
    }

    /// Whether it is due at this second.
    pub fn matches(&self, at: i64) -> bool {
        self.after(at - 1) == Some(at)
    }

    /// When it is due next after this second; nothing if not before the end of the calendar.
    pub fn after(&self, second: i64) -> Option<i64> {
        self.find_after(second).filter(|due| *due <= MAX_SECONDS)
    }

    fn find_after(&self, second: i64) -> Option<i64> {
        let mut at = second + 1;
        loop {
            let piece = self.zone.piece(at);
            if at == piece.from && self.makes_up(&piece) {
                return Some(at);
            }
            let local = at + i64::from(piece.offset);
            let due = self.cron.at_or_after(local.max(self.first_new(&piece)))? - i64::from(piece.offset);
            if due < piece.until {
                return Some(due);
            }
            // No local time in between matches, whichever way the clocks change, once a few days have been looked at.
            at = if piece.until - at < SETTLED { piece.until } else { piece.until.max(due - SETTLED) };
        }
    }

    /// When it was due last before this second; nothing if not after the beginning of the calendar.
    pub fn before(&self, second: i64) -> Option<i64> {
        self.find_before(second).filter(|due| *due >= -MAX_SECONDS)
    }

    fn find_before(&self, second: i64) -> Option<i64> {
        let mut at = second - 1;
        loop {
            let piece = self.zone.piece(at);
            let local = at + i64::from(piece.offset);
            let found = self.cron.at_or_before(local);
            if let Some(found) = found
                && found >= self.first_new(&piece)
            {
                return Some(found - i64::from(piece.offset));
            }
            if self.makes_up(&piece) {
                return Some(piece.from);
            }
            let due = found? - i64::from(piece.offset);
            at = if at - piece.from < SETTLED { piece.from - 1 } else { (piece.from - 1).min(due + SETTLED) };
        }
    }

    /// The first local time of a piece that is due: what the piece before has shown already is not due again at a fixed time.
    fn first_new(&self, piece: &Piece) -> i64 {
        let offset = match piece.before {
            Some(before) if self.cron.is_fixed() => before.max(piece.offset),
            _ => piece.offset,
        };
        piece.from + i64::from(offset)
    }

    /// Whether a fixed time lies in the gap before a piece.
    fn makes_up(&self, piece: &Piece) -> bool {
        let Some(before) = piece.before.filter(|_| self.cron.is_fixed()) else { return false };
        let skipped = self.cron.at_or_after(piece.from + i64::from(before));
        skipped.is_some_and(|skipped| skipped < piece.from + i64::from(piece.offset))
    }
}
