//! Managers, in numbers.

use wasm_bindgen::prelude::*;

use super::with;
use crate::{
    core::{
        base::{count::count, error::Error},
        tasks::{engine::ManagerOptions, rate::RateLimit},
    },
    js::base::duration::span,
};

/// Adds a manager; infinity is no bound, a NaN rate is none, and a NaN grace is without end.
#[wasm_bindgen(js_name = addManager)]
pub fn add_manager(
    concurrency: f64,
    max_queue: f64,
    max_completed: f64,
    rate_limit: f64,
    rate_per: f64,
    cancel_grace: f64,
) -> Result<u32, Error> {
    let rate = if rate_limit.is_nan() {
        None
    } else {
        let limit = count("rateLimit.limit", rate_limit, 1)?;
        Some(RateLimit { limit, per: span(rate_per).unwrap_or_default() })
    };
    let options = ManagerOptions {
        rate,
        cancel_grace: span(cancel_grace),
        concurrency: count("concurrency", concurrency, 1)?,
        max_queue: count("maxQueue", max_queue, 0)?,
        max_completed: count("maxCompleted", max_completed, 0)?,
    };
    with(|host| host.engine.add_manager(options))
}

/// Forgets a manager without live tasks.
#[wasm_bindgen(js_name = removeManager)]
pub fn remove_manager(manager: u32) -> bool {
    with(|host| host.engine.remove_manager(manager))
}

/// Changes a manager's concurrency.
#[wasm_bindgen(js_name = setConcurrency)]
pub fn set_concurrency(manager: u32, concurrency: f64) -> Result<(), Error> {
    let concurrency = count("concurrency", concurrency, 1)?;
    with(|host| host.engine.set_concurrency(manager, concurrency))
}

/// Pauses or resumes a manager.
#[wasm_bindgen(js_name = setPaused)]
pub fn set_paused(manager: u32, paused: bool) {
    with(|host| host.engine.set_paused(manager, paused));
}

/// How many tasks wait for a place.
#[wasm_bindgen]
pub fn waiting(manager: u32) -> u32 {
    with(|host| host.engine.counts(manager).0)
}

/// How many tasks hold a place.
#[wasm_bindgen]
pub fn running(manager: u32) -> u32 {
    with(|host| host.engine.counts(manager).1)
}

/// Whether tasks wait for nothing but the rate limit.
#[wasm_bindgen(js_name = isRateLimited)]
pub fn is_rate_limited(manager: u32) -> bool {
    with(|host| host.engine.is_rate_limited(manager))
}

/// Asks for an effect whenever that may have changed.
#[wasm_bindgen(js_name = watchRate)]
pub fn watch_rate(manager: u32) {
    with(|host| host.engine.watch_rate(manager));
}

/// How many of the oldest of `finished` tasks to forget.
#[wasm_bindgen]
pub fn trim(manager: u32, finished: u32) -> u32 {
    with(|host| host.engine.trim(manager, finished))
}

/// From how many finished tasks on a submit has to ask `trim`.
#[wasm_bindgen(js_name = trimAt)]
pub fn trim_at(manager: u32) -> u32 {
    with(|host| host.engine.trim_at(manager))
}

/// Asks for the idle effect; true if the manager is idle already.
#[wasm_bindgen(js_name = watchIdle)]
pub fn watch_idle(manager: u32) -> bool {
    with(|host| host.engine.watch_idle(manager))
}
