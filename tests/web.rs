//! The crate in a browser: what the platform does for core and for the Rust face.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);

mod web {
    mod progress;
    mod schedule;
    mod support;
    mod tasks;
    mod turns;
}
