//! What tabs make of each other's ticks.

use wasm_bindgen::prelude::*;

use super::{maybe_millis, millis, time};
use crate::core::schedule::claim;

/// Whether a tick may be claimed, given the newest one that was, or NaN.
#[wasm_bindgen(js_name = mayClaim)]
pub fn may_claim(newest: f64, tick: f64, now: f64) -> bool {
    claim::may_claim(maybe_millis(newest), millis(tick), millis(now))
}

/// A tick that stands in the database, or NaN if it can't be one.
#[wasm_bindgen(js_name = storedTick)]
pub fn stored_tick(tick: f64, now: f64) -> f64 {
    time(claim::stored_tick(tick, millis(now)))
}

/// The time from which an interval counts that stands in the database, or NaN if it can't be one. `start` is NaN for a job without one.
#[wasm_bindgen(js_name = storedAnchor)]
pub fn stored_anchor(anchor: f64, start: f64, now: f64) -> f64 {
    time(claim::stored_anchor(anchor, maybe_millis(start), millis(now)))
}

/// A tick that a message tells of, or NaN if it can't be one.
#[wasm_bindgen(js_name = toldTick)]
pub fn told_tick(tick: f64, now: f64) -> f64 {
    time(claim::told_tick(tick, millis(now)))
}
