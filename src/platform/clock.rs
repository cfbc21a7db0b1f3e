//! The platform's clocks.

use wasm_bindgen::prelude::*;

use crate::core::base::clock::{Clock, Instant, WallClock};

#[wasm_bindgen]
extern "C" {
    // On the page and in workers alike, which web-sys has as two types.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn date_now() -> f64;
}

/// [`performance.now()`](https://developer.mozilla.org/docs/Web/API/Performance/now): microseconds since the page
/// or worker began, unmoved by changes of the system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerformanceClock;

impl Clock for PerformanceClock {
    fn now(&self) -> Instant {
        from_millis(performance_now())
    }
}

/// [`Date.now()`](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Date/now): the system's clock, which its user may set.
#[derive(Clone, Copy, Debug, Default)]
pub struct DateClock;

impl WallClock for DateClock {
    #[allow(clippy::cast_possible_truncation)] // a whole number, and saturates
    fn millis(&self) -> i64 {
        date_now() as i64
    }
}

/// The instant at `millis` milliseconds of [`performance.timeOrigin`].
///
/// [`performance.timeOrigin`]: https://developer.mozilla.org/docs/Web/API/Performance/timeOrigin
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates; the clock is never negative
pub fn from_millis(millis: f64) -> Instant {
    Instant::from_micros((millis * 1000.0) as u64)
}

/// Milliseconds since `performance.timeOrigin`.
#[allow(clippy::cast_precision_loss)] // exact to 2^53 us, which is 285 years
pub fn to_millis(instant: Instant) -> f64 {
    instant.as_micros() as f64 / 1000.0
}
