//! Background tasks for apps that run in the browser: poll, await, cancel and retry them, and follow their progress.
//!
//! - [`core`] holds every decision, in pure Rust without a browser in sight, tested on a manual clock.
//! - `web` implements core's ports with the platform: clock and timers.
//! - `js` (feature `npm`) is the face that the npm package `taskloom` is made of.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod core;

#[cfg(target_arch = "wasm32")]
pub mod web;

#[cfg(all(target_arch = "wasm32", feature = "npm"))]
mod js;

pub use crate::core::error::Error;
