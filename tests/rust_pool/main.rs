//! Worker pools of a Rust app, on the manual runtime and workers that the tests play: one file a topic.
#![cfg(not(target_arch = "wasm32"))]

mod calling;
mod cancelling;
mod losing;
mod support;
