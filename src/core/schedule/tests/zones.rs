//! Zones of the world, from chrono-tz, and when their clocks change, found by asking hour by hour.

use chrono::{Offset, TimeZone};
use chrono_tz::Tz;

use super::*;

/// Zones that have changed their clocks in every way there is.
pub const ZONES: [&str; 16] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe", // by half an hour
    "America/Nuuk",        // forward at 22:00, later at 23:00, so that the gap ends with the day
    "Asia/Beirut",         // at midnight
    "Africa/Cairo",        // at midnight, and none for years
    "Africa/Casablanca",   // back for Ramadan
    "Pacific/Apia",        // 2011-12-30 was left out
    "America/Caracas",     // by half an hour, and back, without summer time
    "Asia/Pyongyang",      // likewise
    "Antarctica/Troll",    // by two hours
    "Asia/Kolkata",        // never, and no whole hours
    "America/Santiago",    // at midnight, in the south
    "Asia/Gaza",           // a few days apart at times
    "America/St_Johns",    // at one minute past midnight until 2011
    "Asia/Kathmandu",
];

pub struct Named(Tz);

impl Zone for Named {
    fn offset(&self, at: i64) -> i32 {
        offset(self.0, at)
    }
}

pub fn tz(name: &str) -> Tz {
    name.parse().unwrap_or_else(|_| panic!("{name} is a zone"))
}

pub fn offset(tz: Tz, at: i64) -> i32 {
    let at = DateTime::from_timestamp(at, 0).expect("a time that chrono has").naive_utc();
    tz.offset_from_utc_datetime(&at).fix().local_minus_utc()
}

pub fn zone(name: &str) -> Transitions<Named> {
    Transitions::new(Named(tz(name)))
}

pub fn shared_zone(name: &str) -> SharedZone {
    shared(Named(tz(name)))
}

/// When the clocks of a zone change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub at: i64,
    pub before: i32,
    pub after: i32,
}

/// All changes after one time and up to another. Asks four times a day, then each hour, and then second by second.
pub fn changes(tz: Tz, from: i64, until: i64) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut before = offset(tz, from);
    for at in (from..until).step_by(21_600) {
        if offset(tz, at + 21_600) == before {
            continue;
        }
        for hour in (at..at + 21_600).step_by(3_600) {
            if offset(tz, hour + 3_600) == before {
                continue;
            }
            for second in hour + 1..=hour + 3_600 {
                let after = offset(tz, second);
                if after != before {
                    changes.push(Change { at: second, before, after });
                    before = after;
                }
            }
        }
    }
    changes
}
