//! The JavaScript face: exports that convert, call core and convert back.
//!
//! The handles, promises and callbacks are in the JavaScript files beside this one. On the hot path they pass numbers
//! only: a number crosses into wasm for nothing, a string or an object does not.

mod duration;
mod engine;
mod error;
mod manager;
mod retry;
#[cfg(feature = "testing")]
mod testing;
