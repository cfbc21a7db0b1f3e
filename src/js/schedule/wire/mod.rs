//! The scheduler's calls, in numbers. Functions and tasks stay in JavaScript.

mod claim;
mod cron;
mod jobs;

use crate::core::{base::count::floor, schedule::trigger::Millis};

/// Checked to be a Date's in JavaScript.
fn millis(time: f64) -> Millis {
    floor(time)
}

fn maybe_millis(time: f64) -> Option<Millis> {
    (!time.is_nan()).then(|| millis(time))
}

/// NaN for nothing.
#[allow(clippy::cast_precision_loss)] // exact in the range of a Date
fn time(millis: Option<Millis>) -> f64 {
    millis.map_or(f64::NAN, |millis| millis as f64)
}
