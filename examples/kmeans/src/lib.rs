//! An app that clusters points in web workers.
//!
//! - `clusters`: the computation, which knows nothing of workers.
//! - `jobs`: what the workers do, by name.
//! - `page`: what the page shows, and calls.

pub mod clusters;
pub mod jobs;

#[cfg(target_arch = "wasm32")]
pub mod page;
#[cfg(all(target_arch = "wasm32", feature = "trials"))]
mod trials;
