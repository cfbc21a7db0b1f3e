//! How what is said of a cache is packed into numbers, for a host on the other side of a language border.

use super::{Failed, Gone, Look, Reason, Settled, SlotId, Stats};

const FRESH: u32 = 0;
const STALE: u32 = 1;
/// A refresh was asked for besides.
const STALE_REFRESH: u32 = 2;
const FAILED: u32 = 3;
const JOIN: u32 = 4;
const MISS: u32 = 5;

const DROPPED: u32 = 0;
const STORED: u32 = 1;
const TOO_LARGE: u32 = 2;
const KEPT: u32 = 3;
const SERVE_STALE: u32 = 4;

/// In place of an entry: nothing more has gone, or is to be refreshed.
pub const NO_SLOT: f64 = -1.0;
/// How often the number of an entry that has gone is added to the rest: reasons from 1, 0 is none.
const GONE_UNIT: u32 = 16;
/// Added to the reason: the entry itself has gone.
const GONE_FREED: u32 = 8;

/// Every number that both sides must read alike, by its name in JavaScript.
#[allow(clippy::cast_possible_wrap)] // small whole numbers, all of them
pub const CONSTANTS: [(&str, i64); 13] = [
    ("MEMO_LOOK_FRESH", FRESH as i64),
    ("MEMO_LOOK_STALE", STALE as i64),
    ("MEMO_LOOK_STALE_REFRESH", STALE_REFRESH as i64),
    ("MEMO_LOOK_FAILED", FAILED as i64),
    ("MEMO_LOOK_JOIN", JOIN as i64),
    ("MEMO_LOOK_MISS", MISS as i64),
    ("MEMO_DROPPED", DROPPED as i64),
    ("MEMO_STORED", STORED as i64),
    ("MEMO_TOO_LARGE", TOO_LARGE as i64),
    ("MEMO_KEPT", KEPT as i64),
    ("MEMO_STALE", SERVE_STALE as i64),
    ("MEMO_GONE_UNIT", GONE_UNIT as i64),
    ("MEMO_GONE_FREED", GONE_FREED as i64),
];

/// How many counts there are.
pub const STAT_COUNT: usize = 11;

/// What a call is served, as a number.
pub fn pack_look(look: Look) -> u32 {
    match look {
        Look::Fresh => FRESH,
        Look::Stale { refresh: false } => STALE,
        Look::Stale { refresh: true } => STALE_REFRESH,
        Look::Failed => FAILED,
        Look::Join(_) => JOIN,
        Look::Miss => MISS,
    }
}

/// What became of a value, as a number.
pub fn pack_settled(settled: Settled) -> u32 {
    match settled {
        Settled::Stored => STORED,
        Settled::TooLarge => TOO_LARGE,
        Settled::Dropped => DROPPED,
    }
}

/// What became of a failure, as a number.
pub fn pack_failed(failed: Failed) -> u32 {
    match failed {
        Failed::Dropped => DROPPED,
        Failed::Kept => KEPT,
        Failed::Stale => SERVE_STALE,
    }
}

/// What has gone, as a number.
pub fn pack_gone(gone: Gone) -> f64 {
    let reason = gone.reason.and_then(|reason| Reason::ALL.iter().position(|each| *each == reason));
    let reason = reason.map_or(0, |index| u32::try_from(index).unwrap_or(0) + 1);
    let freed = if gone.freed { GONE_FREED } else { 0 };
    f64::from(gone.slot) * f64::from(GONE_UNIT) + f64::from(reason + freed)
}

/// A new entry, and how much has gone for it: one at most, as it took the place of one.
#[allow(clippy::cast_precision_loss)] // small whole numbers
pub fn pack_added(slot: SlotId, gone: usize) -> f64 {
    f64::from(slot) * f64::from(GONE_UNIT) + gone as f64
}

/// One of the counts, by its place.
#[allow(clippy::cast_precision_loss)] // exact to 2^53
pub fn stat(stats: &Stats, index: usize) -> f64 {
    let Stats {
        hits,
        misses,
        stale,
        shared,
        refreshes,
        failures,
        evictions,
        expirations,
        entries,
        bytes,
        in_flight,
    } = *stats;
    let all: [u64; STAT_COUNT] =
        [hits, misses, stale, shared, refreshes, failures, evictions, expirations, entries, bytes, in_flight];
    all.get(index).map_or(0.0, |count| *count as f64)
}
