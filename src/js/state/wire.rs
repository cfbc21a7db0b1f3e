//! State's calls, in numbers.

use alloc::{string::String, vec::Vec};

use wasm_bindgen::prelude::*;

use crate::{
    core::state::{
        change,
        ends::Ends,
        entry::{Body, Head},
        session,
        shape::{Part, Shape, Writer},
        wire,
        writes::Writes,
    },
    js::base::kept::{Kept, inside},
};

/// What state keeps in this thread.
struct State {
    /// By the number of the storage.
    writes: Vec<Writes>,
    ends: Ends,
    /// The head that was read last.
    head: Option<Head>,
    writer: Writer,
    shape: Shape,
    /// The next part of it.
    next: usize,
}

static STATE: Kept<State> = Kept::new(State {
    writes: Vec::new(),
    ends: Ends::new(),
    head: None,
    writer: Writer::new(),
    shape: Shape::new(),
    next: 0,
});

fn with<R>(call: impl FnOnce(&mut State) -> R) -> R {
    inside(|inside| call(STATE.of(inside)))
}

fn with_writes<R>(storage: usize, call: impl FnOnce(&mut Writes) -> R) -> R {
    with(|state| {
        if storage >= state.writes.len() {
            state.writes.resize_with(storage + 1, Writes::default);
        }
        call(&mut state.writes[storage])
    })
}

// ---- writes ----------------------------------------------------------------------------------------------------------

/// A new slot of a storage.
#[wasm_bindgen(js_name = openSlot)]
pub fn open_slot(storage: usize) -> u32 {
    with_writes(storage, Writes::open)
}

/// A slot has nothing to write, and is forgotten.
#[wasm_bindgen(js_name = closeSlot)]
pub fn close_slot(storage: usize, slot: u32) {
    with_writes(storage, |writes| writes.close(slot));
}

/// A slot has changed; true if a flush is to be scheduled.
#[wasm_bindgen(js_name = slotChanged)]
pub fn slot_changed(storage: usize, slot: u32) -> bool {
    with_writes(storage, |writes| writes.changed(slot))
}

/// Whether another page's value takes the place of this slot's.
#[wasm_bindgen(js_name = slotYields)]
pub fn slot_yields(storage: usize, slot: u32) -> bool {
    with_writes(storage, |writes| writes.yields(slot))
}

/// A flush begins.
#[wasm_bindgen(js_name = beginFlush)]
pub fn begin_flush(storage: usize, all: bool) {
    with_writes(storage, |writes| writes.begin(all));
}

/// The next slot to write, or `NO_WRITE`.
#[wasm_bindgen(js_name = nextWrite)]
pub fn next_write(storage: usize) -> i32 {
    with_writes(storage, Writes::next_write)
        .and_then(|slot| i32::try_from(slot).ok())
        .unwrap_or(wire::NO_WRITE)
}

/// A slot was written.
#[wasm_bindgen(js_name = slotWritten)]
pub fn slot_written(storage: usize, slot: u32, how: u32) -> u32 {
    with_writes(storage, |writes| wire::pack_next(writes.written(slot, wire::unpack_written(how))))
}

/// Whether everything is stored that can be.
#[wasm_bindgen(js_name = isFlushed)]
pub fn is_flushed(storage: usize) -> bool {
    with_writes(storage, |writes| writes.is_done())
}

/// What an assignment means for those who listen.
#[wasm_bindgen(js_name = changeOf)]
pub fn change_of(same: bool, object: bool, comparable: bool) -> u32 {
    wire::pack_change(change(same, object, comparable))
}

// ---- entries ---------------------------------------------------------------------------------------------------------

/// Reads what a stored text begins with: its standing at this time for a reader of this version, and how long it is.
#[wasm_bindgen(js_name = readHead)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a date
pub fn read_head(text: &str, now: f64, version: u32) -> u32 {
    with(|state| {
        let Some((head, length)) = Head::parse(text) else { return wire::FOREIGN };
        state.head = Some(head);
        wire::pack_head(head.standing(now as u64, version), head.body, length)
    })
}

/// When the entry that was read last ends; infinity if never.
#[wasm_bindgen(js_name = headExpiresAt)]
#[allow(clippy::cast_precision_loss)] // a date
pub fn head_expires_at() -> f64 {
    with(|state| state.head.and_then(|head| head.expires_at).map_or(f64::INFINITY, |at| at as f64))
}

/// The version of the entry that was read last.
#[wasm_bindgen(js_name = headVersion)]
pub fn head_version() -> u32 {
    with(|state| state.head.map_or(0, |head| head.version))
}

/// What an entry begins with; infinity is no end.
#[wasm_bindgen(js_name = writeHead)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a date
pub fn write_head(expires_at: f64, version: u32, shape: bool) -> String {
    let expires_at = expires_at.is_finite().then_some(expires_at as u64);
    Head { expires_at, version, body: if shape { Body::Shape } else { Body::Json } }.text()
}

/// Whether a value that ends then has ended now.
#[wasm_bindgen(js_name = hasExpired)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // dates
pub fn has_expired(expires_at: f64, now: f64) -> bool {
    let head = Head { expires_at: Some(expires_at as u64), version: 0, body: Body::Json };
    head.standing(now as u64, 0) == crate::core::state::entry::Standing::Expired
}

// ---- ends ------------------------------------------------------------------------------------------------------------

/// A value ends then, and somebody is to hear of it.
#[wasm_bindgen(js_name = openEnd)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a date
pub fn open_end(at: f64) -> u32 {
    with(|state| state.ends.open(at as u64))
}

/// It does not.
#[wasm_bindgen(js_name = closeEnd)]
pub fn close_end(end: u32) {
    with(|state| state.ends.close(end));
}

/// When the next one ends; infinity if none does.
#[wasm_bindgen(js_name = nextEnd)]
#[allow(clippy::cast_precision_loss)] // a date
pub fn next_end() -> f64 {
    with(|state| state.ends.soonest().map_or(f64::INFINITY, |at| at as f64))
}

/// The next one that has ended by now, or -1.
#[wasm_bindgen(js_name = dueEnd)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a date
pub fn due_end(now: f64) -> i32 {
    with(|state| state.ends.take_due(now as u64)).and_then(|end| i32::try_from(end).ok()).unwrap_or(-1)
}

// ---- shapes ----------------------------------------------------------------------------------------------------------

/// Begins to write a shape.
#[wasm_bindgen(js_name = beginShape)]
pub fn begin_shape() {
    with(|state| state.writer = Writer::default());
}

/// Writes a part; false if it can't be there.
#[wasm_bindgen(js_name = putPart)]
pub fn put_part(kind: u8, count: u32) -> bool {
    with(|state| state.writer.put(Part { kind, count: count.into() }).is_ok())
}

/// The shape that was written; empty if it is not complete.
#[wasm_bindgen(js_name = endShape)]
pub fn end_shape() -> String {
    with(|state| core::mem::take(&mut state.writer).finish().unwrap_or_default())
}

/// Reads a shape; returns how many leaves it has, or -1 if it is none.
#[wasm_bindgen(js_name = readShape)]
pub fn read_shape(text: &str) -> i32 {
    with(|state| {
        state.next = 0;
        state.shape = Shape::parse(text).unwrap_or_default();
        if state.shape.parts().is_empty() { -1 } else { i32::try_from(state.shape.leaves()).unwrap_or(-1) }
    })
}

/// The next part of the shape that was read: its kind, and its count in units of `PART_COUNT_UNIT`.
#[wasm_bindgen(js_name = nextPart)]
#[allow(clippy::cast_precision_loss)] // at most 32 bits
pub fn next_part() -> f64 {
    with(|state| {
        let Some(part) = state.shape.parts().get(state.next) else { return 0.0 };
        state.next += 1;
        f64::from(part.kind) + part.count as f64 * wire::COUNT_UNIT
    })
}

// ---- sessions --------------------------------------------------------------------------------------------------------

/// What follows when the lock of the session was granted or not, at once or after a wait.
#[wasm_bindgen(js_name = sessionStep)]
pub fn session_step(granted: bool, waited: bool) -> u32 {
    wire::pack_step(session::next(granted, waited))
}
