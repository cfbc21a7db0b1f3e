//! Days as numbers, against chrono's calendar.

use chrono::{Datelike, NaiveDate};

use super::super::civil::{Date, days_in_month, weekday};

/// The first and the last day that a JavaScript `Date` reaches lie closer than chrono's.
const DAYS: i64 = 95_000_000;

fn same(days: i64) {
    let Some(theirs) = NaiveDate::from_epoch_days(i32::try_from(days).expect("days of a Date")) else {
        panic!("chrono has no day {days}");
    };
    let ours = Date::from_days(days);
    assert_eq!(
        (ours.year, ours.month, ours.day),
        (theirs.year(), theirs.month(), theirs.day()),
        "day {days}"
    );
    assert_eq!(ours.to_days(), days);
    assert_eq!(weekday(days), theirs.weekday().num_days_from_sunday(), "{theirs}");
}

#[test]
fn each_day_of_twelve_hundred_years_is_what_the_calendar_says() {
    let from = Date { year: 1500, month: 1, day: 1 }.to_days();
    let until = Date { year: 2700, month: 12, day: 31 }.to_days();
    (from..=until).for_each(same);
}

#[test]
fn days_far_away_and_before_the_year_1_are_too() {
    (-DAYS..=DAYS).step_by(1_009).for_each(same);
    for year in [-262_000, -4, -1, 0, 1, 4, 100, 262_000] {
        let newyear = Date { year, month: 1, day: 1 }.to_days();
        (newyear - 70..newyear + 70).for_each(same);
    }
}

#[test]
fn each_month_has_its_days_leap_years_and_the_centuries_that_are_none_included() {
    for year in (1580..2420).chain([-400, -100, -4, -1, 0, 4000, 100_000]) {
        for month in 1..=12 {
            let theirs = NaiveDate::from_ymd_opt(year, month, 1).expect("a date");
            assert_eq!(days_in_month(year, month), u32::from(theirs.num_days_in_month()), "{year}-{month}");
        }
    }
}
