//! Retry policies, in numbers.

use core::time::Duration;

use wasm_bindgen::prelude::*;

use super::with;
use crate::{
    core::{
        base::{count::count, error::Error},
        tasks::retry::RetryPolicy,
    },
    js::base::duration::span,
};

pub(super) fn policy_from(
    max_attempts: u32,
    base_delay: f64,
    max_delay: f64,
    multiplier: f64,
    jitter: f64,
    max_elapsed: f64,
    attempt_timeout: f64,
) -> RetryPolicy {
    RetryPolicy {
        max_attempts,
        base_delay: span(base_delay).unwrap_or_default(),
        max_delay: span(max_delay).unwrap_or(Duration::MAX),
        multiplier,
        jitter,
        max_elapsed: span(max_elapsed),
        attempt_timeout: span(attempt_timeout),
    }
}

/// Throws `invalid-argument` that names the first field out of range. Durations were checked before.
#[wasm_bindgen(js_name = checkPolicy)]
pub fn check_policy(
    max_attempts: f64,
    multiplier: f64,
    jitter: f64,
    max_elapsed: f64,
    attempt_timeout: f64,
) -> Result<(), Error> {
    count("maxAttempts", max_attempts, 1)?;
    policy_from(1, 0.0, 0.0, multiplier, jitter, max_elapsed, attempt_timeout).validated().map(drop)
}

/// The wait in milliseconds after the failure with this index, jitter included.
#[wasm_bindgen(js_name = delayForAttempt)]
pub fn delay_for_attempt(index: u32, base_delay: f64, max_delay: f64, multiplier: f64, jitter: f64) -> f64 {
    let policy = policy_from(1, base_delay, max_delay, multiplier, jitter, f64::NAN, f64::NAN);
    with(|host| host.engine.delay_for_attempt(&policy, index).as_secs_f64() * 1000.0)
}
