//! The JavaScript face: exports that convert, call core and convert back.
//!
//! The handles, promises and callbacks are in the JavaScript files beside this one. On the hot path they pass numbers
//! only: a number crosses into wasm for nothing, a string or an object does not.
//!
//! What JavaScript keeps for speed, each with core as its model:
//!
//! | fast path | instead of | held to core by |
//! |---|---|---|
//! | `tasks/progress.js`, the ring of progress values | a table slot and 50 ns for each value that crosses | `tests/web/progress.rs` |
//! | `Task`'s state, result and dates, a snapshot | a call for each look at a task | `tests/e2e/tasks` |
//! | `createdAt` is `startedAt` for a task that starts at once | a reading of the clock, a tenth of a short task's cost | `tests/e2e/tasks/attempts.mjs` |
//! | the bound from which a submit asks `trim` | a call for each submit | `tests/e2e/manager.test.mjs` |
//! | `worker/ring.js`, frames through shared memory | a message of 20 to 30 us; half of that for a round trip | `tests/e2e/pool`, all of it on isolated pages too |
//! | `base/snapshot.js`, copies of small plain data | a structured clone, ten times as slow with what follows from it | `tests/e2e/pool/values.mjs` |
//! | `pool/open-calls.js`, a table by the call's number | a map, three times as slow; core bounds the numbers | `tests/e2e/pool/torture.mjs` |
//! | the clock stands still for the answers of one frame | a reading of it for each | `tests/e2e/pool/calls.mjs` |
//! | plain data is the engine's own JSON | a shape, half as slow again | `tests/e2e/state/codec.mjs` |
//! | a slot knows whether it waits to be written, and whether its value can end | a call for each write and read of a slot | `tests/e2e/state` |
//! | `memo/key.js`, the key of a call as a text, in a map | a string that crosses, and a map in wasm: 0.2 us and more a call | `tests/e2e/memo/keys.mjs` |
//! | `memo/short-cut.js`, small plain arguments are compared with those of an earlier call | a key, 0.25 us more a call | `tests/e2e/memo/keys.mjs` |
//! | a synchronous value is new to core when it is there (`memoAdd`) | four calls | `src/core/memo/tests`, as `ask` and `settle` |
//! | a value, and the promise of it, are served by a snapshot | a table slot and 50 ns for each value that crosses | `tests/e2e/memo` |
//! | `shared/values.ts`, whether two values are stored alike (`form.rs`) | two texts that cross for each write | `tests/e2e/shared/basics.mjs` |
//! | `shared/subscribers.ts`, changes are folded, and who is called (`tell.rs`) | a call for each change and for each subscriber | `tests/e2e/shared/basics.mjs` |
//! | the ages of values without a `ttl` are by a clock that stands still in a turn | a reading of it for each value | `tests/e2e/memo/methods.mjs` |

/// Half the size of the standard library's, and faster.
#[cfg(not(target_feature = "atomics"))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// What every capability stands on.
mod base {
    pub mod duration;
    mod error;
    pub mod kept;
    mod stack;
}
mod memo {
    mod wire;
}
mod pool {
    mod wire;
}
mod schedule {
    mod wire;
}
mod shared {
    mod wire;
}
mod state {
    mod wire;
}
mod tasks {
    pub mod wire;
}
#[cfg(feature = "testing")]
mod testing;
