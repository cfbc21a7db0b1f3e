//! Which local times an expression matches: against its own meaning, day by day.

use chrono::{Datelike, NaiveDate};

use super::{
    expression::{Expression, date},
    generate::expression,
    *,
};

/// The first local time from this one on, by looking at each day of so many years.
fn first(expression: &Expression, local: i64, years: i32) -> Option<i64> {
    let times = expression.day();
    let today = date(local);
    let days = today.iter_days().take_while(|day| day.year() <= today.year() + years);
    days.filter(|day| expression.on(*day))
        .flat_map(|day| times.iter().map(move |second| start_of(day) + second))
        .find(|at| *at >= local)
}

/// The last local time up to this one.
fn last(expression: &Expression, local: i64, years: i32) -> Option<i64> {
    let times = expression.day();
    let today = date(local);
    let days = std::iter::successors(Some(today), NaiveDate::pred_opt)
        .take_while(|day| day.year() >= today.year() - years);
    days.filter(|day| expression.on(*day))
        .flat_map(|day| times.iter().rev().map(move |second| start_of(day) + second))
        .find(|at| *at <= local)
}

fn start_of(day: NaiveDate) -> i64 {
    i64::from(day.to_epoch_days()) * 86_400
}

/// A time between these years, to the second.
fn times(from: &str, until: &str) -> std::ops::Range<i64> {
    time(from)..time(until)
}

fn next(expression: &str, from: &str) -> Option<String> {
    cron(expression).at_or_after(time(from)).map(show)
}

fn previous(expression: &str, until: &str) -> Option<String> {
    cron(expression).at_or_before(time(until)).map(show)
}

/// So many local times from this one on.
fn some(expression: &str, from: &str, count: usize) -> Vec<String> {
    let cron = cron(expression);
    let first = cron.at_or_after(time(from));
    shown(std::iter::successors(first, |at| cron.at_or_after(at + 1)).take(count))
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn the_next_and_the_previous_time_are_those_that_a_walk_through_the_days_finds(
        expression in expression(),
        local in times("1890-01-01 00:00", "2450-01-01 00:00"),
    ) {
        let Some(cron) = expression.parsed() else { return Ok(()) };
        prop_assert_eq!(cron.is_fixed(), expression.is_fixed());
        prop_assert_eq!(cron.at_or_after(local).map(show), first(&expression, local, 401).map(show));
        prop_assert_eq!(cron.at_or_before(local).map(show), last(&expression, local, 401).map(show));
    }

    #[test]
    fn next_and_previous_mirror_each_other(expression in expression(), local in times("0100-01-01 00:00", "9000-01-01 00:00")) {
        let Some(cron) = expression.parsed() else { return Ok(()) };
        let next = cron.at_or_after(local).expect("the calendar repeats");
        prop_assert!(next >= local);
        prop_assert_eq!(cron.at_or_after(next), Some(next));
        prop_assert_eq!(cron.at_or_before(next), Some(next));
        let previous = cron.at_or_before(next - 1).expect("the calendar repeats");
        prop_assert!(previous < local, "{} lies between {} and {}", show(previous), show(local), show(next));
        prop_assert_eq!(cron.at_or_after(previous + 1), Some(next));
        prop_assert_eq!(cron.at_or_before(local.max(previous)), Some(if next == local { next } else { previous }));
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn an_expression_is_refused_for_its_date_only_if_four_hundred_years_have_none(expression in expression()) {
        if expression.parsed().is_none() {
            prop_assert_eq!(first(&expression, time("1999-12-31 00:00"), 401).map(show), None);
        }
    }
}

#[test]
fn a_year_of_every_kind_has_the_last_days_that_it_should() {
    for year in [2023, 2024, 2100, 2000] {
        let leap = NaiveDate::from_ymd_opt(year, 2, 29).is_some();
        let february = if leap { 29 } else { 28 };
        let from = format!("{year}-02-01 00:00");
        assert_eq!(next("0 0 L * *", &from), Some(format!("{year}-02-{february} 00:00:00")));
        assert_eq!(next("0 0 L-2 * *", &from), Some(format!("{year}-02-{} 00:00:00", february - 2)));
        assert_eq!(next("0 0 L-27 * *", &from), Some(format!("{year}-02-{:02} 00:00:00", february - 27)));
    }
    assert_eq!(
        some("0 0 L-1,L * *", "2026-04-01 00:00", 4),
        ["2026-04-29 00:00:00", "2026-04-30 00:00:00", "2026-05-30 00:00:00", "2026-05-31 00:00:00",]
    );
}

#[test]
fn a_workday_is_the_nearest_one_in_the_same_month() {
    // The 1st is a Saturday, the 15th too, the 30th and the 16th are Sundays, in these months of 2026 and 2025.
    assert_eq!(
        next("0 0 1W * *", "2026-08-01 00:00"),
        Some("2026-08-03 00:00:00".into()),
        "forward past the Sunday"
    );
    assert_eq!(next("0 0 15W * *", "2026-08-01 00:00"), Some("2026-08-14 00:00:00".into()));
    assert_eq!(next("0 0 16W * *", "2026-08-01 00:00"), Some("2026-08-17 00:00:00".into()));
    assert_eq!(
        next("0 0 30W * *", "2025-11-01 00:00"),
        Some("2025-11-28 00:00:00".into()),
        "back past the Saturday"
    );
    assert_eq!(next("0 0 1W * *", "2026-02-01 00:00"), Some("2026-02-02 00:00:00".into()));
    assert_eq!(
        next("0 0 31W * *", "2026-02-01 00:00"),
        Some("2026-03-31 00:00:00".into()),
        "only where there is a 31st"
    );
    assert_eq!(next("0 0 28W 2 *", "2027-02-01 00:00"), Some("2027-02-26 00:00:00".into()));
    assert_eq!(
        some("0 0 LW * *", "2026-01-01 00:00", 6),
        [
            "2026-01-30 00:00:00",
            "2026-02-27 00:00:00",
            "2026-03-31 00:00:00",
            "2026-04-30 00:00:00",
            "2026-05-29 00:00:00",
            "2026-06-30 00:00:00",
        ]
    );
}

#[test]
fn the_nth_weekday_is_left_out_of_months_that_have_none() {
    assert_eq!(
        some("0 0 * * FRI#5", "2026-01-01 00:00", 4),
        ["2026-01-30 00:00:00", "2026-05-29 00:00:00", "2026-07-31 00:00:00", "2026-10-30 00:00:00",]
    );
    assert_eq!(some("0 0 * * FRIL", "2026-01-01 00:00", 2), some("0 0 * * 5#L", "2026-01-01 00:00", 2));
}

#[test]
fn a_leap_day_on_a_monday_is_found_decades_ahead_and_across_a_century_without_one() {
    assert_eq!(
        some("0 0 29 2 +MON", "1970-01-01 00:00", 5),
        [
            "1988-02-29 00:00:00",
            "2016-02-29 00:00:00",
            "2044-02-29 00:00:00",
            "2072-02-29 00:00:00",
            "2112-02-29 00:00:00", // 40 years: 2100 has no leap day
        ]
    );
    assert_eq!(next("0 0 29 2 *", "2096-03-01 00:00"), Some("2104-02-29 00:00:00".into()));
    assert_eq!(previous("0 0 29 2 *", "2104-02-28 00:00"), Some("2096-02-29 00:00:00".into()));
    assert_eq!(previous("0 0 29 2 +MON", "1970-01-01 00:00"), Some("1960-02-29 00:00:00".into()));
}

#[test]
fn times_before_1970_and_before_the_year_1_are_times_like_others() {
    assert_eq!(previous("59 23 31 12 *", "1970-01-01 00:00"), Some("1969-12-31 23:59:00".into()));
    assert_eq!(next("0 0 L 2 *", "1900-02-01 00:00"), Some("1900-02-28 00:00:00".into()));
    assert_eq!(previous("30 59 23 L 2 *", "0001-01-01 00:00"), Some("0000-02-29 23:59:30".into()));
}

#[test]
fn the_end_of_the_calendar_is_that_of_a_javascript_date() {
    let end = 8_640_000_000_000;
    assert_eq!(cron("0 0 13 9 *").at_or_after(end - 86_400), Some(end), "its last second");
    assert_eq!(cron("0 0 1 1 *").at_or_after(end - 86_400), None);
    assert_eq!(cron("0 0 20 4 *").at_or_before(-end + 86_400), Some(-end));
    assert_eq!(cron("0 0 1 1 *").at_or_before(-end + 86_400), None);
    assert_eq!(cron("* * * * * *").at_or_before(end), Some(end));
}
