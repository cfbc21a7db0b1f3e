//! Time zones as a port: the platform knows the offsets, this module finds where they change.

use alloc::{boxed::Box, vec::Vec};
use core::{cell::RefCell, fmt};

/// What the clocks of a place show. The platform knows; no database of ours.
pub trait Zone {
    /// How many seconds local time is ahead of UTC, at so many seconds since 1970-01-01T00:00Z.
    fn offset(&self, at: i64) -> i32;
}

/// A zone whose clocks never change.
///
/// ```
/// use taskloom::core::schedule::zone::{FixedOffset, Zone};
///
/// assert_eq!(FixedOffset(5 * 3600 + 1800).offset(0), 19_800); // India's
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixedOffset(pub i32);

impl Zone for FixedOffset {
    fn offset(&self, _: i64) -> i32 {
        self.0
    }
}

impl<Z: Zone + ?Sized> Zone for Box<Z> {
    fn offset(&self, at: i64) -> i32 {
        (**self).offset(at)
    }
}

/// A stretch of time in which the clocks of a zone do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its first second.
    pub from: i64,
    /// The first second after it. The clocks need not change there.
    pub until: i64,
    /// What local time is ahead by.
    pub offset: i32,
    /// What local time was ahead by before, if the clocks change at the first second.
    pub before: Option<i32>,
}

/// How far apart the platform is asked. Two changes between two such points that cancel each other go unseen; no zone has had any since 1970 (the
/// shortest summer, a week in 2000 on Fernando de Noronha, lies across one).
const CELL: i64 = 7 * 86_400;
const SLOTS: usize = 64;
/// The index of a cell that was not asked for yet.
const NO_CELL: i64 = i64::MIN;

/// The changes of a zone's clocks, found by asking for its offsets and kept.
pub struct Transitions<Z> {
    zone: Z,
    cells: RefCell<Vec<Cell>>,
}

#[derive(Clone, Copy)]
struct Cell {
    index: i64,
    before: i32,
    /// When the clocks change, after its first second and up to the one after its last; if they do not, the latter.
    at: i64,
    after: i32,
}

impl<Z: Zone> Transitions<Z> {
    /// Those of this zone.
    pub fn new(zone: Z) -> Self {
        Self { zone, cells: RefCell::default() }
    }

    /// The piece that a second is in.
    pub fn piece(&self, at: i64) -> Piece {
        let index = at.div_euclid(CELL);
        let cell = self.cell(index);
        let (start, end) = (index * CELL, (index + 1) * CELL);
        if at >= cell.at {
            return Piece { from: cell.at, until: end, offset: cell.after, before: Some(cell.before) };
        }
        // A change shortly before the cell still matters: it may have doubled a time of day.
        let earlier = self.cell(index - 1);
        let changes = earlier.before != earlier.after;
        let (from, before) = if changes { (earlier.at, Some(earlier.before)) } else { (start, None) };
        Piece { from, until: cell.at, offset: cell.before, before }
    }

    fn cell(&self, index: i64) -> Cell {
        if let Some(known) = self.known(index) {
            return known;
        }
        let (start, end) = (index * CELL, (index + 1) * CELL);
        // What its neighbours know need not be asked: the platform takes microseconds.
        let before = self.known(index - 1).map_or_else(|| self.zone.offset(start), |cell| cell.after);
        let after = self.known(index + 1).map_or_else(|| self.zone.offset(end), |cell| cell.before);
        let mut at = end;
        if before != after {
            let mut earlier = start;
            while at - earlier > 1 {
                let middle = earlier + (at - earlier) / 2;
                *(if self.zone.offset(middle) == before { &mut earlier } else { &mut at }) = middle;
            }
        }
        let cell = Cell { index, before, at, after };
        let mut cells = self.cells.borrow_mut();
        let slot = slot_of(index);
        if cells.len() <= slot {
            cells.resize(slot + 1, Cell { index: NO_CELL, ..cell });
        }
        cells[slot] = cell;
        cell
    }

    fn known(&self, index: i64) -> Option<Cell> {
        self.cells.borrow().get(slot_of(index)).copied().filter(|cell| cell.index == index)
    }
}

#[allow(clippy::cast_possible_truncation)] // below SLOTS
fn slot_of(index: i64) -> usize {
    (index.cast_unsigned() % SLOTS as u64) as usize
}

impl<Z> fmt::Debug for Transitions<Z> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transitions").finish_non_exhaustive()
    }
}
