//! Cron expressions: which local times they match.

mod parse;

use super::civil::{DAY, Date, days_in_month, weekday};
use crate::core::base::error::Error;

/// How numbers stand for weekdays, and how the two fields of days go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// 0 and 7 are Sunday. If both fields of days are restricted, either is enough; one that begins with `*` or `?` is
    /// not ([crontab(5)](https://man7.org/linux/man-pages/man5/crontab.5.html)).
    #[default]
    Cron,
    /// 0 is Monday. Both fields have to match
    /// ([`CronTrigger`](https://apscheduler.readthedocs.io/en/3.x/modules/triggers/cron.html)).
    Apscheduler,
}

/// A cron expression, as the sets of values that its fields name: bit n stands for the value n.
///
/// Local times are seconds since 1970-01-01T00:00 as a clock on the wall would show them.
///
/// ```
/// use taskloom::core::schedule::cron::{Cron, Dialect};
///
/// let cron = Cron::parse("0 9 * * MON-FRI", Dialect::Cron)?;
/// let thursday = 0; // 1970-01-01
/// assert_eq!(cron.at_or_after(thursday), Some(9 * 3600));
/// assert_eq!(cron.at_or_before(thursday), Some(9 * 3600 - 86_400));
/// assert_eq!(Cron::parse("61 9 * * *", Dialect::Cron).unwrap_err().code(), "invalid-argument");
/// # Ok::<(), taskloom::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    seconds: u64,
    minutes: u64,
    hours: u64,
    days: MonthDays,
    months: u64,
    weekdays: Weekdays,
    /// Whether a day that matches one of the two fields of days is enough.
    either: bool,
    /// Whether it names fixed times, and not a pace.
    is_fixed: bool,
}

/// The field of the day of the month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct MonthDays {
    /// Days by their number.
    numbered: u64,
    /// Days before the last one; bit 0 is that itself.
    before_last: u64,
    /// The days from Monday to Friday that are nearest to these.
    nearest: u64,
    /// The last day from Monday to Friday.
    last_weekday: bool,
}

/// The field of the day of the week. Bit 0 is Sunday.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Weekdays {
    every: u64,
    /// Those that are the first, second … of their month.
    nth: [u64; 5],
    /// Those that are the last of their month.
    last: u64,
}

/// No time lies further from 1970 than a JavaScript `Date` reaches; a local time may by a day.
pub(super) const MAX_SECONDS: i64 = 8_640_000_000_000;
/// The calendar repeats after so many years, weekdays included.
const CYCLE: i32 = 400;

impl Cron {
    /// Reads an expression of five fields, or six with seconds first. What is wrong is `invalid-argument`, with the name of
    /// the field: `cron.minute`. An expression that no date ever matches is wrong too.
    pub fn parse(expression: &str, dialect: Dialect) -> Result<Self, Error> {
        parse::parse(expression, dialect)
    }

    /// Whether it names fixed times: not one of its seconds, minutes and hours has a `*`, a `?` or a step, and not all
    /// hours are named. See [`Schedule`](super::occurrence::CronInZone) for what follows from that.
    pub fn is_fixed(&self) -> bool {
        self.is_fixed
    }

    /// The first local time it matches, from this one on.
    pub fn at_or_after(&self, local: i64) -> Option<i64> {
        let (day, second) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let date = Date::from_days(day);
        if self.matches_date(date)
            && let Some(second) = self.time_from(second)
        {
            return Some(day * DAY + second);
        }
        let first = self.time_from(0)?;
        let Date { mut year, mut month, day } = date;
        let last_year = year + CYCLE;
        let mut from = day + 1;
        while year <= last_year {
            let days = self.days_of(year, month);
            if let Some(day) = lowest(days, from) {
                let local = Date { year, month, day }.to_days() * DAY + first;
                return (local <= MAX_SECONDS + DAY).then_some(local);
            }
            from = 1;
            month += 1;
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        None
    }

    /// The last local time it matches, up to this one.
    pub fn at_or_before(&self, local: i64) -> Option<i64> {
        let (day, second) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let date = Date::from_days(day);
        if self.matches_date(date)
            && let Some(second) = self.time_until(second)
        {
            return Some(day * DAY + second);
        }
        let last = self.time_until(DAY - 1)?;
        let Date { mut year, mut month, day } = date;
        let first_year = year - CYCLE;
        let mut until = day - 1;
        while year >= first_year {
            let days = self.days_of(year, month);
            if let Some(day) = highest(days, until) {
                let local = Date { year, month, day }.to_days() * DAY + last;
                return (local >= -MAX_SECONDS - DAY).then_some(local);
            }
            until = 31;
            month -= 1;
            if month == 0 {
                (year, month) = (year - 1, 12);
            }
        }
        None
    }

    fn matches_date(&self, date: Date) -> bool {
        self.days_of(date.year, date.month) >> date.day & 1 == 1
    }

    /// The days of a month that it matches.
    fn days_of(&self, year: i32, month: u32) -> u64 {
        if self.months >> month & 1 == 0 {
            return 0;
        }
        let length = days_in_month(year, month);
        let first = weekday(Date { year, month, day: 1 }.to_days());
        let by_number = self.days.of_month(length, first);
        let by_weekday = self.weekdays.of_month(length, first);
        (if self.either { by_number | by_weekday } else { by_number & by_weekday }) & every_day(length)
    }

    /// The first time of day from this second of it on.
    fn time_from(&self, second: i64) -> Option<i64> {
        let (h, m, s) = clock(second);
        let hour = lowest(self.hours, h)?;
        if hour > h {
            return Some(time(hour, lowest(self.minutes, 0)?, lowest(self.seconds, 0)?));
        }
        if let Some(minute) = lowest(self.minutes, m) {
            let from = if minute > m { 0 } else { s };
            if let Some(second) = lowest(self.seconds, from) {
                return Some(time(hour, minute, second));
            }
            if let Some(minute) = lowest(self.minutes, minute + 1) {
                return Some(time(hour, minute, lowest(self.seconds, 0)?));
            }
        }
        Some(time(lowest(self.hours, hour + 1)?, lowest(self.minutes, 0)?, lowest(self.seconds, 0)?))
    }

    /// The last time of day up to this second of it.
    fn time_until(&self, second: i64) -> Option<i64> {
        let (h, m, s) = clock(second);
        let hour = highest(self.hours, h)?;
        if hour < h {
            return Some(time(hour, highest(self.minutes, 59)?, highest(self.seconds, 59)?));
        }
        if let Some(minute) = highest(self.minutes, m) {
            let until = if minute < m { 59 } else { s };
            if let Some(second) = highest(self.seconds, until) {
                return Some(time(hour, minute, second));
            }
            if minute > 0
                && let Some(minute) = highest(self.minutes, minute - 1)
            {
                return Some(time(hour, minute, highest(self.seconds, 59)?));
            }
        }
        let hour = highest(self.hours, hour.checked_sub(1)?)?;
        Some(time(hour, highest(self.minutes, 59)?, highest(self.seconds, 59)?))
    }
}

impl MonthDays {
    /// Those of a month of this length whose first day is this weekday.
    fn of_month(&self, length: u32, first: u32) -> u64 {
        let weekday_of = |day: u32| (first + day - 1) % 7;
        let mut days = self.numbered;
        let mut rest = self.before_last;
        while let Some(before) = lowest(rest, 0) {
            rest &= rest - 1;
            days |= 1_u64 << length.saturating_sub(before);
        }
        let mut rest = self.nearest & every_day(length);
        while let Some(day) = lowest(rest, 0) {
            rest &= rest - 1;
            days |= 1
                << match weekday_of(day) {
                    6 if day == 1 => 3,
                    6 => day - 1,
                    0 if day == length => day - 2,
                    0 => day + 1,
                    _ => day,
                };
        }
        if self.last_weekday {
            days |= 1
                << match weekday_of(length) {
                    6 => length - 1,
                    0 => length - 2,
                    _ => length,
                };
        }
        days
    }
}

impl Weekdays {
    fn of_month(&self, length: u32, first: u32) -> u64 {
        let mut days = 0;
        for day in 1..=length {
            let weekday = (first + day - 1) % 7;
            let nth = self.nth[((day - 1) / 7) as usize];
            let last = if day + 7 > length { self.last } else { 0 };
            days |= ((self.every | nth | last) >> weekday & 1) << day;
        }
        days
    }
}

const fn every_day(length: u32) -> u64 {
    (1 << (length + 1)) - 2
}

/// The lowest value of a set from this one on. No value is 63 or more.
fn lowest(set: u64, from: u32) -> Option<u32> {
    let rest = set & (u64::MAX << from);
    (rest != 0).then(|| rest.trailing_zeros())
}

/// The highest value of a set up to this one.
fn highest(set: u64, until: u32) -> Option<u32> {
    let rest = set & (u64::MAX >> (63 - until));
    rest.checked_ilog2()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a second of a day
fn clock(second: i64) -> (u32, u32, u32) {
    let second = second as u32;
    (second / 3600, second / 60 % 60, second % 60)
}

fn time(hour: u32, minute: u32, second: u32) -> i64 {
    i64::from(hour * 3600 + minute * 60 + second)
}
