//! Tasks as a Rust app sees them, on the manual runtime: one file a behaviour.
#![cfg(not(target_arch = "wasm32"))]

mod cancel;
mod checkpoint;
mod children;
mod detach;
mod drop;
mod executor;
mod gather;
mod manager;
mod panic;
mod priority;
mod progress;
mod reentrancy;
mod retry;
mod settle_once;
mod sleep;
mod spawn;
mod support;
mod timeout;
