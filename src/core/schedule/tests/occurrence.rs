//! When an expression is due where clocks change: times that are left out and times that come twice.

use std::sync::OnceLock;

use super::{
    super::occurrence::CronInZone,
    generate::{expression_in, nightly},
    walk::walk,
    zones::{ZONES, changes, tz, zone},
    *,
};

/// When it is due after one time and up to another, forward; backward has to give the same.
#[track_caller]
fn due(expression: &str, name: &str, after: &str, until: &str) -> Vec<String> {
    let (cron, zone) = (cron(expression), zone(name));
    let due = CronInZone::new(&cron, &zone);
    let (after, until) = (time(after), time(until));
    let forward = std::iter::successors(due.after(after), |at| due.after(*at)).take_while(|at| *at <= until);
    let mut backward: Vec<_> = std::iter::successors(due.before(until + 1), |at| due.before(*at))
        .take_while(|at| *at > after)
        .collect();
    backward.reverse();
    let forward: Vec<_> = forward.collect();
    assert_eq!(shown(forward.clone()), shown(backward), "{expression}: forward and backward");
    forward.into_iter().map(|at| show(at)[5..16].to_owned()).collect()
}

const SPRING: [&str; 3] = ["Europe/Berlin", "2026-03-29 00:00", "2026-03-29 05:00"]; // 02:00 becomes 03:00 at 01:00 UTC
const AUTUMN: [&str; 3] = ["Europe/Berlin", "2026-10-24 23:00", "2026-10-25 03:00"]; // 03:00 becomes 02:00 at 01:00 UTC

fn in_spring(expression: &str) -> Vec<String> {
    due(expression, SPRING[0], SPRING[1], SPRING[2])
}

fn in_autumn(expression: &str) -> Vec<String> {
    due(expression, AUTUMN[0], AUTUMN[1], AUTUMN[2])
}

#[test]
fn a_fixed_time_that_is_skipped_is_due_once_at_the_first_moment_after_the_gap() {
    assert_eq!(in_spring("30 2 * * *"), ["03-29 01:00"]);
    assert_eq!(in_spring("0 2 * * *"), ["03-29 01:00"]);
    assert_eq!(in_spring("59 59 2 * * *"), ["03-29 01:00"]);
    assert_eq!(in_spring("0,15,30,45 2 * * *"), ["03-29 01:00"], "four of them, once");
    assert_eq!(in_spring("0 2,3 * * *"), ["03-29 01:00"], "which is when the other one is due anyway");
    assert_eq!(in_spring("30 2,3 * * *"), ["03-29 01:00", "03-29 01:30"]);
    assert_eq!(in_spring("30 1 * * *"), ["03-29 00:30"]);
    assert_eq!(in_spring("0 3 * * *"), ["03-29 01:00"]);
}

#[test]
fn a_pace_has_no_runs_in_the_gap() {
    assert_eq!(
        in_spring("0 * * * *"),
        ["03-29 01:00", "03-29 02:00", "03-29 03:00", "03-29 04:00", "03-29 05:00"]
    );
    assert_eq!(in_spring("*/30 2 * * *"), Vec::<String>::new());
    assert_eq!(in_spring("*/30 1-3 * * *"), ["03-29 00:30", "03-29 01:00", "03-29 01:30"]);
    assert_eq!(in_spring("30 */2 * * *"), ["03-29 02:30", "03-29 04:30"], "04:30 and 06:30 there");
}

#[test]
fn a_fixed_time_that_is_doubled_is_due_the_first_time_only() {
    assert_eq!(in_autumn("30 2 * * *"), ["10-25 00:30"]);
    assert_eq!(in_autumn("0 2 * * *"), ["10-25 00:00"]);
    assert_eq!(in_autumn("59 2 * * *"), ["10-25 00:59"]);
    assert_eq!(in_autumn("0 3 * * *"), ["10-25 02:00"], "which comes once, after both");
    assert_eq!(in_autumn("0,30 2,3 * * *"), ["10-25 00:00", "10-25 00:30", "10-25 02:00", "10-25 02:30"]);
}

#[test]
fn a_pace_runs_in_both_passes_through_what_is_doubled() {
    assert_eq!(in_autumn("0 * * * *"), ["10-25 00:00", "10-25 01:00", "10-25 02:00", "10-25 03:00"]);
    assert_eq!(in_autumn("*/30 2 * * *"), ["10-25 00:00", "10-25 00:30", "10-25 01:00", "10-25 01:30"]);
    assert_eq!(in_autumn("30 0-23 * * *"), ["10-24 23:30", "10-25 00:30", "10-25 01:30", "10-25 02:30"]);
}

#[test]
fn half_an_hour_is_left_out_and_comes_twice_on_lord_howe() {
    // 02:00 becomes 02:30, in October; 02:00 becomes 01:30, in April. UTC+10:30 and +11.
    let spring = |expression| due(expression, "Australia/Lord_Howe", "2026-10-03 14:00", "2026-10-03 17:00");
    assert_eq!(spring("15 2 * * *"), ["10-03 15:30"]);
    assert_eq!(spring("30 2 * * *"), ["10-03 15:30"]);
    assert_eq!(spring("*/15 2 * * *"), ["10-03 15:30", "10-03 15:45"]);
    let autumn = |expression| due(expression, "Australia/Lord_Howe", "2026-04-04 14:00", "2026-04-04 17:00");
    assert_eq!(autumn("45 1 * * *"), ["04-04 14:45"]);
    assert_eq!(
        autumn("*/15 1 * * *"),
        ["04-04 14:15", "04-04 14:30", "04-04 14:45", "04-04 15:00", "04-04 15:15"]
    );
}

#[test]
fn a_midnight_that_is_left_out_is_made_up_for_on_the_same_day() {
    // Beirut: 2026-03-29 begins at 01:00, which is 2026-03-28 22:00 UTC.
    assert_eq!(
        due("0 0 * * *", "Asia/Beirut", "2026-03-28 12:00", "2026-03-29 22:00"),
        ["03-28 22:00", "03-29 21:00"]
    );
    assert_eq!(
        due("0 0 29 3 *", "Asia/Beirut", "2026-03-01 00:00", "2026-04-30 00:00"),
        ["03-28 22:00"],
        "the day that has no midnight"
    );
    assert_eq!(due("30 0 * * SUN", "Asia/Beirut", "2026-03-28 12:00", "2026-03-29 22:00"), ["03-28 22:00"]);
    // Cairo: Friday, 2026-04-24, begins at 01:00.
    assert_eq!(
        due("@daily", "Africa/Cairo", "2026-04-23 12:00", "2026-04-24 22:00"),
        ["04-23 22:00", "04-24 21:00"]
    );
}

#[test]
fn a_time_before_midnight_that_is_left_out_is_made_up_for_when_the_next_day_begins() {
    // Nuuk: Saturday, 2026-03-28, ends at 23:00, which is 2026-03-29 01:00 UTC.
    assert_eq!(due("30 23 * * *", "America/Nuuk", "2026-03-28 12:00", "2026-03-29 12:00"), ["03-29 01:00"]);
    assert_eq!(
        due("30 23 * * SAT", "America/Nuuk", "2026-03-28 12:00", "2026-04-03 12:00"),
        ["03-29 01:00"],
        "although it is Sunday by then"
    );
    assert_eq!(due("0 0 * * *", "America/Nuuk", "2026-03-28 12:00", "2026-03-29 12:00"), ["03-29 01:00"]);
    assert_eq!(
        due("*/30 23 * * SAT", "America/Nuuk", "2026-03-28 12:00", "2026-04-03 12:00"),
        Vec::<String>::new()
    );
}

#[test]
fn a_day_that_is_left_out_is_made_up_for_once() {
    // Apia: 2011-12-29 is followed by 2011-12-31, at 10:00 UTC on the 30th.
    let apia = |expression| due(expression, "Pacific/Apia", "2011-12-29 10:00", "2011-12-31 10:00");
    assert_eq!(apia("0 9 * * *"), ["12-29 19:00", "12-30 10:00", "12-30 19:00"]);
    assert_eq!(apia("0 9 30 12 *"), ["12-30 10:00"]);
    assert_eq!(apia("0,30 9,17 30 * *"), ["12-30 10:00"], "all of its times, once");
    assert_eq!(apia("0 0 30,31 12 *"), ["12-30 10:00"]);
    assert_eq!(apia("0 */12 30 12 *"), Vec::<String>::new());
    assert_eq!(apia("0 */12 * * *"), ["12-29 22:00", "12-30 10:00", "12-30 22:00", "12-31 10:00"]);
}

#[test]
fn changes_that_are_not_for_the_summer_are_treated_alike() {
    // Caracas: 2007-12-09 03:00 becomes 02:30; 2016-05-01 02:30 becomes 03:00. Pyongyang: 2015-08-15 00:00 becomes 23:30 of the 14th; 2018-05-04 23:30 becomes 00:00.
    assert_eq!(due("45 2 * * *", "America/Caracas", "2007-12-09 05:00", "2007-12-09 09:00"), ["12-09 06:45"]);
    assert_eq!(due("45 2 * * *", "America/Caracas", "2016-05-01 05:00", "2016-05-01 09:00"), ["05-01 07:00"]);
    assert_eq!(due("45 23 * * *", "Asia/Pyongyang", "2015-08-14 13:00", "2015-08-14 17:00"), ["08-14 14:45"]);
    assert_eq!(due("45 23 * * *", "Asia/Pyongyang", "2018-05-04 13:00", "2018-05-04 17:00"), ["05-04 15:00"]);
    assert_eq!(due("*/15 23 * * *", "Asia/Pyongyang", "2015-08-14 13:59", "2015-08-14 15:59").len(), 6);
}

#[test]
fn two_hours_are_left_out_and_come_twice_at_troll() {
    // 01:00 becomes 03:00 at 01:00 UTC in March, 03:00 becomes 01:00 at 01:00 UTC in October.
    assert_eq!(
        due("30 1,2 * * *", "Antarctica/Troll", "2026-03-29 00:00", "2026-03-29 04:00"),
        ["03-29 01:00"]
    );
    assert_eq!(
        due("30 1,2 * * *", "Antarctica/Troll", "2026-10-24 22:00", "2026-10-25 04:00"),
        ["10-24 23:30", "10-25 00:30"]
    );
    assert_eq!(due("30 */1 * * *", "Antarctica/Troll", "2026-10-24 22:00", "2026-10-25 03:00").len(), 5);
}

#[test]
fn a_second_that_is_asked_for_in_the_gap_or_the_fold_is_between_its_neighbours() {
    let (daily, berlin) = (cron("30 2 * * *"), zone("Europe/Berlin"));
    let daily = CronInZone::new(&daily, &berlin);
    let second_pass = time("2026-10-25 01:30");
    assert!(!daily.matches(second_pass));
    assert_eq!(daily.before(second_pass).map(show), Some("2026-10-25 00:30:00".into()));
    assert_eq!(daily.after(second_pass - 1).map(show), Some("2026-10-26 01:30:00".into()));
    let after_the_gap = time("2026-03-29 01:00");
    assert!(
        daily.matches(after_the_gap)
            && !daily.matches(after_the_gap + 1)
            && !daily.matches(after_the_gap - 1)
    );
    assert_eq!(daily.before(after_the_gap + 1), Some(after_the_gap));
    assert_eq!(daily.before(after_the_gap).map(show), Some("2026-03-28 01:30:00".into()));
}

#[test]
fn the_end_of_the_calendar_is_the_end() {
    let (daily, berlin) = (cron("30 2 * * *"), shared(FixedOffset(3_600)));
    let daily = CronInZone::new(&daily, &berlin);
    let end = 8_640_000_000_000;
    assert_eq!(daily.after(end), None);
    assert!(daily.before(end).is_some());
    assert_eq!(daily.before(-end - 86_400), None);
    assert!(daily.after(-end).is_some());
}

/// A change of the clocks somewhere.
fn change() -> impl Strategy<Value = (&'static str, i64)> {
    static ALL: OnceLock<Vec<(&str, i64)>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let (from, until) = (time("2006-01-01 00:00"), time("2030-01-01 00:00"));
        let of = |name| changes(tz(name), from, until).into_iter().map(move |change| (name, change.at));
        ZONES.into_iter().flat_map(of).collect()
    });
    assert!(all.len() > 300, "{} changes", all.len());
    proptest::sample::select(&all[..])
}

fn same_as_a_walk(
    expression: &super::expression::Expression,
    name: &str,
    from: i64,
    until: i64,
    step: i64,
) -> Result<(), TestCaseError> {
    let Some(cron) = expression.parsed() else { return Ok(()) };
    let zone = zone(name);
    let due = CronInZone::new(&cron, &zone);
    let expected = walk(expression, tz(name), from, until, step);
    let forward =
        std::iter::successors(due.after(from - 1), |at| due.after(*at)).take_while(|at| *at <= until);
    prop_assert_eq!(shown(forward), shown(expected.clone()), "{} in {}", expression.text(), name);
    let backward =
        std::iter::successors(due.before(until + 1), |at| due.before(*at)).take_while(|at| *at >= from);
    let mut backward = shown(backward);
    backward.reverse();
    prop_assert_eq!(backward, shown(expected.clone()), "{} in {}, backward", expression.text(), name);
    for at in expected.iter().flat_map(|at| [at - 1, *at, at + 1]).filter(|at| (from..=until).contains(at)) {
        prop_assert_eq!(
            due.matches(at),
            expected.contains(&at),
            "{} in {} at {}",
            expression.text(),
            name,
            show(at)
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn around_each_change_it_is_due_when_a_walk_through_the_minutes_finds_that_it_is(
        expression in nightly(),
        (name, at) in change(),
        (before, after) in (0..2_160_i64, 0..2_160_i64),
    ) {
        same_as_a_walk(&expression, name, at - before * 60, at + after * 60, 60)?;
    }
}

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn and_when_a_walk_through_the_seconds_does(
        expression in expression_in(Dialect::Cron),
        (name, at) in change(),
        (before, after) in (0..14_400_i64, 0..14_400_i64),
    ) {
        same_as_a_walk(&expression, name, at - before, at + after, 1)?;
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn next_and_previous_mirror_each_other_in_every_zone(
        expression in prop_oneof![nightly(), expression_in(Dialect::Cron)],
        name in proptest::sample::select(&ZONES[..]),
        at in time("1975-01-01 00:00")..time("2060-01-01 00:00"),
    ) {
        let Some(cron) = expression.parsed() else { return Ok(()) };
        let zone = zone(name);
        let due = CronInZone::new(&cron, &zone);
        let next = due.after(at).expect("the calendar repeats");
        let previous = due.before(next).expect("the calendar repeats");
        prop_assert!(previous <= at && at < next, "{} in {}: {} at {} {}", expression.text(), name, show(previous), show(at), show(next));
        prop_assert_eq!(due.after(previous).map(show), Some(show(next)));
        prop_assert!(due.matches(next) && due.matches(previous));
        prop_assert_eq!(due.matches(at), previous == at);
    }
}
