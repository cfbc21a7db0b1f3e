//! What a panic leaves to be done: on wasm it aborts, so nothing is dropped, and whoever waits would wait for ever.

use std::{cell::Cell, panic};

use wasm_bindgen_futures::spawn_local;

use super::promise::reject_all;
use crate::rt::settle_panicked;

thread_local! {
    static IS_HOOKED: Cell<bool> = const { Cell::new(false) };
}

/// Puts this before whatever hook the app has: promises that are pending reject at once, and the task whose function has panicked settles in the
/// microtask after the trap.
pub(super) fn hook_panics() {
    if IS_HOOKED.replace(true) {
        return;
    }
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        reject_all(&info.to_string());
        spawn_local(async { settle_panicked() });
        previous(info);
    }));
}
