//! What schedules promise, on clocks that the tests turn.
//!
//! Held against what is written down twice: an [`expression`] has a meaning of its own next to its text, a [`walk`] goes through time second by second, and
//! the zones and the calendar are chrono's. Native only, as chrono is here.

#![cfg(not(target_arch = "wasm32"))]

mod civil;
mod claim;
mod clocks;
mod croner;
mod expression;
mod generate;
mod job;
mod job_model;
mod job_property;
mod local;
mod occurrence;
mod pacer;
mod parse;
mod refusals;
mod replace;
mod scheduler;
mod transitions;
mod trigger;
mod walk;
mod week;
mod week_model;
mod wire;
mod zones;

use std::{rc::Rc, time::Duration};

use chrono::{DateTime, NaiveDateTime};
use proptest::prelude::*;

use super::{
    cron::{Cron, Dialect},
    trigger::{Millis, SharedZone, Trigger},
    zone::{FixedOffset, Transitions, Zone},
};
use crate::core::testing::cases;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

fn cron(expression: &str) -> Cron {
    Cron::parse(expression, Dialect::Cron).unwrap_or_else(|error| panic!("{expression}: {error}"))
}

/// A time such as `2026-10-25 02:30` or `2026-10-25 02:30:15` as seconds since 1970-01-01 00:00, of UTC or of a clock on the wall.
fn time(text: &str) -> i64 {
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .unwrap_or_else(|| panic!("{text} is a time"))
        .and_utc()
        .timestamp()
}

fn show(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .map_or_else(|| seconds.to_string(), |at| at.format("%Y-%m-%d %H:%M:%S").to_string())
}

fn shown(seconds: impl IntoIterator<Item = i64>) -> Vec<String> {
    seconds.into_iter().map(show).collect()
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn span(millis: Millis) -> Duration {
    Duration::from_millis(millis.unsigned_abs())
}

/// Ticks at each multiple of this.
fn every(millis: Millis) -> Trigger {
    Trigger::every(span(millis), millis).expect("1 ms or more")
}

fn shared(zone: impl Zone + 'static) -> SharedZone {
    Rc::new(Transitions::new(Box::new(zone) as Box<dyn Zone>))
}

fn utc() -> SharedZone {
    shared(FixedOffset(0))
}

fn cron_trigger(expression: &str, zone: &SharedZone) -> Trigger {
    Trigger::cron(Rc::new(cron(expression)), zone.clone())
}
