//! A memo cache: what a function has returned, kept for calls with the same arguments.
//!
//! [`Slots`] has every decision, by the number of an entry: what a call is served, whose execution it joins, what is stored, refreshed, evicted.
//! A host that keeps keys and values itself, as the JavaScript face does, asks it directly; [`MemoCache`] is the same with both, for Rust.
//! [`Rules`] are what the owner of a cache decides, and [`hash`] turns keys that are too long to keep into 128 bits.
//!
//! The rules come from HTTP's [`stale-while-revalidate` and `stale-if-error`](https://www.rfc-editor.org/rfc/rfc5861), and from the caches that apps
//! use today: lru-cache (exact recency, `ttl`, `fetch`), Streamlit's `cache_data` (`ttl` from when the value was made, `max_entries`), p-memoize (concurrent calls
//! share one execution).

#[cfg(any(feature = "std", test))]
pub mod cache;
mod flight;
pub mod hash;
mod outcome;
mod rules;
mod slots;
#[cfg(test)]
mod tests;
pub mod wire;

#[cfg(any(feature = "std", test))]
pub use self::cache::MemoCache;
pub use self::{
    flight::FlightId,
    outcome::{Failed, Gone, Look, Reason, Settled, SlotId, Stats},
    rules::{Refresh, Rules},
    slots::Slots,
};
