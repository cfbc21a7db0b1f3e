//! What becomes of calls, executions and entries.

use super::flight::FlightId;

/// Names an entry. The number of one that is gone is used again.
pub type SlotId = u32;

/// What a call is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The value.
    Fresh,
    /// The value, although its time is over. With `refresh` one was just asked for: see [`Slots::next_refresh`](super::Slots::next_refresh).
    Stale {
        /// Whether a refresh waits for its turn since this call.
        refresh: bool,
    },
    /// The failure that is kept.
    Failed,
    /// What comes of this execution: see [`Slots::join`](super::Slots::join).
    Join(FlightId),
    /// Nothing: an execution has to [begin](super::Slots::begin).
    Miss,
}

/// What became of a value that has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is kept.
    Stored,
    /// It is larger than the cache may be, and not kept.
    TooLarge,
    /// The entry was cleared meanwhile, or everybody has left: it is not kept.
    Dropped,
}

/// What became of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// Nothing is kept of it.
    Dropped,
    /// It is kept, and served for as long as `error_ttl` says.
    Kept,
    /// The callers are served the stale value instead.
    Stale,
}

/// Why a value has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Others were used more recently, and there was no room for all.
    Evicted,
    /// Its time was over.
    Expired,
    /// The owner has cleared it.
    Cleared,
    /// The owner finds it no longer valid.
    Invalid,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Evicted, Self::Expired, Self::Cleared, Self::Invalid];
}

/// What the host has to let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The entry.
    pub slot: SlotId,
    /// Why its value is gone; `None` if it had none.
    pub reason: Option<Reason>,
    /// Whether the entry itself is gone, and its number free. Else an execution for it is under way, or its failure is kept.
    pub freed: bool,
}

/// What has happened in a cache since it was made, and what is in it now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Calls that were served a fresh value, or a failure that is kept.
    pub hits: u64,
    /// Calls that began an execution.
    pub misses: u64,
    /// Calls that were served a stale value.
    pub stale: u64,
    /// Calls that joined an execution under way.
    pub shared: u64,
    /// Executions for a value before anybody missed it.
    pub refreshes: u64,
    /// Executions that have failed.
    pub failures: u64,
    /// Values that made room for others.
    pub evictions: u64,
    /// Values whose time was over.
    pub expirations: u64,
    /// Values and failures that are kept.
    pub entries: u64,
    /// What the values take together.
    pub bytes: u64,
    /// Executions under way.
    pub in_flight: u64,
}
