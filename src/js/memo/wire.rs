//! The memo cache's calls, in numbers. Keys and values stay in JavaScript.

use core::time::Duration;

use slab::Slab;
use wasm_bindgen::prelude::*;

use crate::{
    core::{
        base::{count::count, error::Error},
        memo::{FlightId, Refresh, Rules, SlotId, Slots, hash::Hasher, wire},
    },
    js::base::{
        duration::span,
        kept::{Kept, inside},
    },
    platform::clock::{from_millis, to_millis},
};

/// What the caches of this thread keep.
struct Memo {
    caches: Slab<Slots>,
    hasher: Option<Hasher>,
    hash: [u32; 4],
}

static MEMO: Kept<Memo> = Kept::new(Memo { caches: Slab::new(), hasher: None, hash: [0; 4] });

fn with<R>(call: impl FnOnce(&mut Memo) -> R) -> R {
    inside(|inside| call(MEMO.of(inside)))
}

/// A cache that JavaScript holds the number of is there.
fn with_cache<R: Default>(cache: usize, call: impl FnOnce(&mut Slots) -> R) -> R {
    with(|memo| memo.caches.get_mut(cache).map(call).unwrap_or_default())
}

/// A new cache. NaN is none, and infinity without end; throws `invalid-argument` that names the option.
#[wasm_bindgen(js_name = memoOpen)]
#[allow(clippy::too_many_arguments)] // numbers side by side cross the border for nothing, an object does not
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked
pub fn memo_open(
    ttl: f64,
    ttl_jitter: f64,
    max_entries: f64,
    max_bytes: f64,
    error_ttl: f64,
    stale_if_error: f64,
    max_stale: f64,
    background: bool,
    refresh_every: f64,
    refresh_concurrency: f64,
    seed: f64,
) -> Result<usize, Error> {
    if max_bytes < 1.0 {
        return Err(Error::invalid("maxBytes", max_bytes, "a number of at least 1"));
    }
    let rules = Rules {
        ttl: span(ttl),
        ttl_jitter,
        max_entries: count("maxEntries", max_entries, 1)?,
        max_bytes: max_bytes.is_finite().then_some(max_bytes as u64),
        error_ttl: span(error_ttl),
        stale_if_error: if stale_if_error.is_infinite() { Some(Duration::MAX) } else { span(stale_if_error) },
        max_stale: span(max_stale),
        refresh: if background { Refresh::Background } else { Refresh::Foreground },
        refresh_every: span(refresh_every),
        refresh_concurrency: count("refreshConcurrency", refresh_concurrency, 1)?,
    };
    let slots = Slots::new(rules.validated()?, seed.to_bits());
    Ok(with(|memo| memo.caches.insert(slots)))
}

/// Forgets a cache.
#[wasm_bindgen(js_name = memoClose)]
pub fn memo_close(cache: usize) {
    with(|memo| drop(memo.caches.try_remove(cache)));
}

/// A new entry.
#[wasm_bindgen(js_name = memoSlot)]
pub fn memo_slot(cache: usize) -> SlotId {
    with_cache(cache, Slots::open)
}

/// A new entry with a value, and how many others have gone for it.
#[wasm_bindgen(js_name = memoAdd)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a size; saturates
pub fn memo_add(cache: usize, now: f64, bytes: f64) -> f64 {
    with_cache(cache, |slots| wire::pack_added(slots.add(from_millis(now), bytes as u64), slots.gone()))
}

/// What a call is served.
#[wasm_bindgen(js_name = memoLook)]
pub fn memo_look(cache: usize, slot: SlotId, now: f64) -> u32 {
    with_cache(cache, |slots| wire::pack_look(slots.look(slot, from_millis(now))))
}

/// Whether a call would be served a value.
#[wasm_bindgen(js_name = memoPeek)]
pub fn memo_peek(cache: usize, slot: SlotId, now: f64) -> bool {
    with_cache(cache, |slots| slots.peek(slot, from_millis(now)))
}

/// An execution begins; `refresh` if whatever is there.
#[wasm_bindgen(js_name = memoBegin)]
pub fn memo_begin(cache: usize, slot: SlotId, refresh: bool) -> f64 {
    with_cache(cache, |slots| {
        let flight = if refresh { slots.begin_refresh(slot) } else { slots.begin(slot) };
        flight.to_number()
    })
}

/// Another caller waits.
#[wasm_bindgen(js_name = memoJoin)]
pub fn memo_join(cache: usize, flight: f64) {
    with_cache(cache, |slots| slots.join(FlightId::from_number(flight)));
}

/// A caller has left; true if the execution is to be aborted.
#[wasm_bindgen(js_name = memoLeave)]
pub fn memo_leave(cache: usize, flight: f64) -> bool {
    with_cache(cache, |slots| slots.leave(FlightId::from_number(flight)))
}

/// An execution has returned. `ttl` is the value's own; NaN is that of all.
#[wasm_bindgen(js_name = memoSettle)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a size; saturates
pub fn memo_settle(cache: usize, flight: f64, now: f64, bytes: f64, ttl: f64) -> u32 {
    with_cache(cache, |slots| {
        let settled =
            slots.settle_for(FlightId::from_number(flight), from_millis(now), bytes as u64, span(ttl));
        wire::pack_settled(settled)
    })
}

/// An execution has failed.
#[wasm_bindgen(js_name = memoFail)]
pub fn memo_fail(cache: usize, flight: f64, now: f64) -> u32 {
    with_cache(cache, |slots| wire::pack_failed(slots.fail(FlightId::from_number(flight), from_millis(now))))
}

/// An execution ends without an outcome.
#[wasm_bindgen(js_name = memoAbandon)]
pub fn memo_abandon(cache: usize, flight: f64) {
    with_cache(cache, |slots| slots.abandon(FlightId::from_number(flight)));
}

/// A value that was stored elsewhere is there again.
#[wasm_bindgen(js_name = memoRestore)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a size; saturates
pub fn memo_restore(cache: usize, slot: SlotId, settled: f64, fresh_until: f64, bytes: f64) {
    let fresh_until = fresh_until.is_finite().then(|| from_millis(fresh_until));
    with_cache(cache, |slots| slots.restore(slot, from_millis(settled), fresh_until, bytes as u64));
}

/// Until when the value of an entry is fresh; with `use` until when it is of any use. Infinity is for ever.
#[wasm_bindgen(js_name = memoEnd)]
pub fn memo_end(cache: usize, slot: SlotId, of_use: bool) -> f64 {
    let times = with_cache(cache, |slots| slots.times(slot));
    let end = times.and_then(|(fresh_until, keep_until)| if of_use { keep_until } else { fresh_until });
    end.map_or(f64::INFINITY, to_millis)
}

/// Lets an entry go.
#[wasm_bindgen(js_name = memoClear)]
pub fn memo_clear(cache: usize, slot: SlotId) {
    with_cache(cache, |slots| slots.clear(slot));
}

/// Lets all entries go.
#[wasm_bindgen(js_name = memoClearAll)]
pub fn memo_clear_all(cache: usize) {
    with_cache(cache, Slots::clear_all);
}

/// Lets a value go that is no longer valid.
#[wasm_bindgen(js_name = memoInvalidate)]
pub fn memo_invalidate(cache: usize, slot: SlotId) {
    with_cache(cache, |slots| slots.invalidate(slot));
}

/// Lets the least recently used entry go; false if there is none.
#[wasm_bindgen(js_name = memoEvictOne)]
pub fn memo_evict_one(cache: usize) -> bool {
    with_cache(cache, Slots::evict_one)
}

/// The next entry to let go, or -1.
#[wasm_bindgen(js_name = memoNextGone)]
pub fn memo_next_gone(cache: usize) -> f64 {
    with_cache(cache, Slots::next_gone).map_or(wire::NO_SLOT, wire::pack_gone)
}

/// Begins the next refresh: its entry, or -1.
#[wasm_bindgen(js_name = memoNextRefresh)]
pub fn memo_next_refresh(cache: usize) -> f64 {
    with_cache(cache, Slots::next_refresh).map_or(wire::NO_SLOT, |(slot, _)| f64::from(slot))
}

/// The execution that is under way for an entry.
#[wasm_bindgen(js_name = memoFlight)]
pub fn memo_flight(cache: usize, slot: SlotId) -> f64 {
    with_cache(cache, |slots| slots.flight(slot)).map_or(wire::NO_SLOT, FlightId::to_number)
}

/// When the cache wants to be woken; infinity if never.
#[wasm_bindgen(js_name = memoWake)]
pub fn memo_wake(cache: usize) -> f64 {
    with_cache(cache, |slots| slots.wake()).map_or(f64::INFINITY, to_millis)
}

/// Sees to what is due.
#[wasm_bindgen(js_name = memoTick)]
pub fn memo_tick(cache: usize, now: f64, visible: bool) {
    with_cache(cache, |slots| slots.tick(from_millis(now), visible));
}

/// One of the counts.
#[wasm_bindgen(js_name = memoStat)]
pub fn memo_stat(cache: usize, index: usize) -> f64 {
    with_cache(cache, |slots| wire::stat(&slots.stats(), index))
}

// ---- keys ------------------------------------------------------------------------------------------------------------

/// Begins a hash with this seed.
#[wasm_bindgen(js_name = hashBegin)]
pub fn hash_begin(low: u32, high: u32) {
    with(|memo| memo.hasher = Some(Hasher::new(u64::from(high) << 32 | u64::from(low))));
}

/// Takes in bytes.
#[wasm_bindgen(js_name = hashUpdate)]
pub fn hash_update(bytes: &[u8]) {
    with(|memo| memo.hasher.as_mut().map(|hasher| hasher.update(bytes)));
}

/// Ends the hash with the first of its four words, and gives the others after it.
#[wasm_bindgen(js_name = hashWord)]
#[allow(clippy::cast_possible_truncation)] // one word of it
pub fn hash_word(index: usize) -> u32 {
    with(|memo| {
        if let Some(hasher) = memo.hasher.take() {
            let hash = hasher.finish();
            memo.hash = [0, 32, 64, 96].map(|shift| (hash >> shift) as u32);
        }
        memo.hash.get(index).copied().unwrap_or(0)
    })
}
