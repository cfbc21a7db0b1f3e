//! Durations from JavaScript.

use core::time::Duration;

use wasm_bindgen::prelude::*;

use crate::{
    core::base::{
        clock::Instant,
        duration::{from_millis, parse},
        error::Error,
    },
    platform::clock,
};

/// A checked duration in milliseconds; NaN is none.
pub fn span(millis: f64) -> Option<Duration> {
    (!millis.is_nan()).then(|| clock::from_millis(millis) - Instant::default())
}

/// Milliseconds out of a string such as `'1h30m'`; throws `invalid-argument` that names the option.
#[wasm_bindgen(js_name = parseDuration)]
pub fn parse_duration(name: &str, text: &str) -> Result<f64, Error> {
    parse(name, text).map(|span| span.as_secs_f64() * 1000.0)
}

/// Throws `invalid-argument` unless `millis` is a duration.
#[wasm_bindgen(js_name = checkDuration)]
pub fn check_duration(name: &str, millis: f64) -> Result<(), Error> {
    from_millis(name, millis).map(drop)
}
