//! Whether a commit has happened that nobody knows the end of: the connection was lost, or the server has not answered in time.
//!
//! The record keeps a [mark](Mark) for each of the last writers. A writer has one commit in flight at a time, and finds out what became of it before the next.

use super::record::{Born, Head, TabId, Version};

/// How many writers leave a mark in a record.
pub const MAX_MARKS: usize = 8;

/// Which commit of a writer has last changed the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Who.
    pub writer: TabId,
    /// The number of the commit, which the writer counts.
    pub commit: u64,
    /// The version of the head (over NATS: the revision of the record) that the commit has read. Marks are kept in the order of it.
    pub base: Version,
}

/// Which mark of a record goes for a new one, which comes last: the writer's own, else the oldest if there are too many.
///
/// `own`: the place of the writer's mark.
pub fn replaced(own: Option<usize>, count: usize) -> Option<usize> {
    own.or((count >= MAX_MARKS).then_some(0))
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has happened.
    Landed,
    /// It has not, and may be tried again.
    NotLanded,
    /// Nobody can tell: `outcome-unknown`.
    Unknown,
}

/// What the record tells of a commit of an incarnation. The transaction of the commit must have ended, one way or the other.
///
/// `own` is the number in the writer's own mark, `oldest` the base of the oldest mark if there are [`MAX_MARKS`], `is_missing` whether there is no record at all.
pub fn after_unknown(
    head: &Head,
    born: Born,
    (commit, base): (u64, Version),
    own: Option<u64>,
    oldest: Option<Version>,
    is_missing: bool,
) -> Fate {
    if head.born != born {
        return Fate::NotLanded; // what it was written to is no more
    }
    match own {
        Some(own) if own == commit => Fate::Landed,
        Some(own) if own < commit => Fate::NotLanded,
        Some(_) => Fate::Unknown,
        // Its mark, or the whole record, may have been trimmed since.
        None if oldest.is_some_and(|oldest| oldest > base) => Fate::Unknown,
        None if is_missing && head.trimmed > base => Fate::Unknown,
        None => Fate::NotLanded,
    }
}
