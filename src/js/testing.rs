//! Ways to break the instance, for the tests of what follows. Feature `testing`; never in the published package.

#![allow(missing_docs)] // called by tests/e2e/panic.test.mjs only

use alloc::{vec, vec::Vec};

use wasm_bindgen::prelude::*;

use super::tasks::wire::with;

/// A panic in the middle of a call, with the engine borrowed.
#[wasm_bindgen(js_name = testPanic)]
pub fn panic() {
    with(|_| panic!("a panic of the test's own"));
}

/// How many tasks are live, and how many deadlines are set.
#[wasm_bindgen(js_name = liveCounts)]
#[allow(clippy::cast_precision_loss)] // counts of what is in memory
pub fn live_counts() -> Vec<f64> {
    with(|host| vec![host.engine.live() as f64, host.engine.deadlines() as f64])
}

/// A stack overflow, which traps without a panic.
#[wasm_bindgen(js_name = testOverflow)]
pub fn overflow(depth: u32) -> u32 {
    if depth == u32::MAX {
        return 0;
    }
    let frame = core::hint::black_box([depth; 64]);
    overflow(depth + 1) + frame[(depth % 64) as usize]
}

/// Memory that can't be had.
#[wasm_bindgen(js_name = testExhaust)]
pub fn exhaust() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(Vec::<u8>::with_capacity(1 << 28));
        core::hint::black_box(&hoard);
    }
}
