//! When a record without a value may be removed.
//!
//! A tab that has missed the removal of a key finds the tombstone among what is newer than what it has heard. So when a tombstone goes, the head keeps its version:
//! a tab that has heard less reads everything. The head keeps the largest token as well, so that none is given twice.

use super::record::{Head, Record, Version};

/// So many versions a tombstone stays, for the sake of tabs that have heard a little less.
pub const TOMBSTONE_LASTS: Version = 1_000;

/// Whether a record may be removed: it has no value, nobody holds its lock, and it is old, or has never had a value.
pub fn may_trim(record: &Record, head: &Head) -> bool {
    let is_old = record.seq == 0 || head.seq.saturating_sub(record.seq) >= TOMBSTONE_LASTS;
    record.gone && record.holder.is_none() && is_old
}

/// The head, when the record is removed in the same transaction.
pub fn trimmed(record: &Record, head: &Head) -> Head {
    Head { trimmed: head.trimmed.max(record.seq), token: head.token.max(record.token), ..*head }
}
