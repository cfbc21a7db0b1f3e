//! When a job is due: intervals and cron expressions, and their bounds.

use super::{zones::shared_zone, *};

#[test]
fn an_interval_is_due_on_its_grid_and_nowhere_else() {
    let trigger = Trigger::every(ms(10_000), 5_000).expect("1 ms or more");
    assert_eq!(trigger.after(Millis::MIN / 2), Some(5_000));
    assert_eq!(trigger.after(4_999), Some(5_000));
    assert_eq!(trigger.after(5_000), Some(15_000));
    assert_eq!(trigger.until(4_999), None);
    assert_eq!(trigger.until(5_000), Some(5_000));
    assert_eq!(trigger.until(24_999), Some(15_000));
    assert_eq!(trigger.count(0, 4_999, 1_000), 0);
    assert_eq!(trigger.count(0, 25_000, 1_000), 3);
    assert_eq!(trigger.count(5_000, 25_000, 1_000), 2, "after the one, up to the other");
}

#[test]
fn an_interval_is_cut_to_whole_milliseconds_and_refused_below_one() {
    let trigger = Trigger::every(Duration::from_micros(1_999), 0).expect("1 ms");
    assert_eq!(trigger.after(0), Some(1));
    for too_short in [Duration::ZERO, Duration::from_micros(999)] {
        let error = Trigger::every(too_short, 0).expect_err("too short");
        assert_eq!(error.code(), "invalid-argument");
        assert!(error.to_string().contains("every"), "{error}");
    }
}

#[test]
fn an_interval_beyond_the_end_of_time_is_due_once_and_does_not_overflow() {
    let trigger = Trigger::every(Duration::MAX, 0).expect("1 ms or more");
    assert_eq!(
        (trigger.after(-1), trigger.after(0), trigger.after(5)),
        (Some(0), Some(Millis::MAX), Some(Millis::MAX))
    );
    let trigger = Trigger::every(Duration::MAX, 5).expect("1 ms or more");
    assert_eq!((trigger.after(4), trigger.after(5)), (Some(5), None));
    assert_eq!((trigger.until(Millis::MAX), trigger.count(0, Millis::MAX, 9)), (Some(5), 1));
}

#[test]
fn an_interval_of_25_days_and_more_is_exact() {
    let trigger = every(30 * DAY);
    assert_eq!(trigger.after(60 * DAY + 1), Some(90 * DAY));
    assert_eq!(trigger.until(90 * DAY - 1), Some(60 * DAY));
}

#[test]
fn a_cron_expression_is_due_in_whole_seconds_after_a_time_in_milliseconds() {
    let trigger = cron_trigger("* * * * * *", &utc());
    assert_eq!(trigger.after(999), Some(1_000));
    assert_eq!(trigger.after(1_000), Some(2_000));
    assert_eq!(trigger.after(-1), Some(0));
    assert_eq!(trigger.until(1_999), Some(1_000));
    assert_eq!(trigger.until(-1), Some(-1_000));
    assert_eq!(trigger.count(0, 60_000, 1_000), 60);
}

#[test]
fn a_count_of_cron_stops_where_it_is_told_to() {
    let trigger = cron_trigger("* * * * *", &utc());
    assert_eq!(trigger.count(0, 10 * HOUR, 1_000), 600);
    assert_eq!(trigger.count(0, 365 * DAY, 1_000), 1_000);
    assert_eq!(trigger.count(365 * DAY, 0, 1_000), 0);
}

#[test]
fn nothing_is_due_before_the_start_or_after_the_end_and_both_are_included() {
    let bounded = every(100).within(Some(200), Some(400));
    assert_eq!(bounded.after(0), Some(200));
    assert_eq!(bounded.after(399), Some(400));
    assert_eq!(bounded.after(400), None);
    assert_eq!(bounded.until(199), None);
    assert_eq!(bounded.until(1_000_000), Some(400));
    assert_eq!(bounded.count(0, 1_000_000, 1_000), 3);
    let bounded = every(100).within(Some(201), Some(399));
    assert_eq!((bounded.after(0), bounded.until(1_000)), (Some(300), Some(300)));
    assert_eq!(bounded.after(300), None);

    let bounded = cron_trigger("* * * * *", &utc()).within(Some(MINUTE), Some(3 * MINUTE));
    assert_eq!((bounded.after(-DAY), bounded.until(DAY)), (Some(MINUTE), Some(3 * MINUTE)));
    let bounded = cron_trigger("* * * * *", &utc()).within(Some(MINUTE + 1), Some(3 * MINUTE - 1));
    assert_eq!((bounded.after(-DAY), bounded.until(DAY)), (Some(2 * MINUTE), Some(2 * MINUTE)));
    let never = cron_trigger("0 0 1 1 *", &utc()).within(Some(DAY), Some(2 * DAY));
    assert_eq!((never.after(0), never.until(99 * DAY), never.count(0, 99 * DAY, 9)), (None, None, 0));
}

#[test]
fn another_zone_moves_the_times_of_a_cron_expression_and_not_those_of_an_interval() {
    let mut daily = cron_trigger("0 9 * * *", &utc());
    assert_eq!(daily.after(0), Some(9 * HOUR));
    daily.set_zone(&shared_zone("Asia/Kolkata"));
    assert_eq!(daily.after(0), Some(3 * HOUR + 30 * MINUTE));
    let mut interval = every(HOUR);
    interval.set_zone(&shared_zone("Asia/Kolkata"));
    assert_eq!(interval.after(0), Some(HOUR));
}

#[test]
fn a_rhythm_is_taken_over_and_the_bounds_stay() {
    let mut trigger = every(1_000).within(None, Some(2_500));
    trigger.keep_rhythm(&Trigger::every(ms(1_000), 300).expect("1 ms or more").within(None, Some(9)));
    assert_eq!(
        (trigger.after(300), trigger.after(1_300), trigger.after(2_300)),
        (Some(1_300), Some(2_300), None)
    );
}

fn bounded() -> impl Strategy<Value = Trigger> {
    let every = (1..5_000_u64, -5_000..5_000_i64)
        .prop_map(|(every, first)| Trigger::every(ms(every), first).expect("1 ms or more"));
    let expressions = vec!["* * * * * *", "*/7 * * * * *", "0,1,30 * * * * *", "* * * * *"];
    let cron = proptest::sample::select(expressions).prop_map(|expression| cron_trigger(expression, &utc()));
    let bound = || proptest::option::of(-20_000..120_000_i64);
    (prop_oneof![every.boxed(), cron.boxed()], bound(), bound())
        .prop_map(|(trigger, start, end)| trigger.within(start, end))
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn after_until_and_count_tell_of_the_same_ticks(trigger in bounded(), from in -30_000..100_000_i64, more in 0..60_000_i64) {
        let until = from + more;
        let ticks: Vec<_> = std::iter::successors(trigger.after(from), |at| trigger.after(*at)).take_while(|at| *at <= until).collect();
        let mut back: Vec<_> = std::iter::successors(trigger.until(until), |at| trigger.until(at - 1)).take_while(|at| *at > from).collect();
        back.reverse();
        prop_assert_eq!(&ticks, &back);
        prop_assert!(ticks.is_sorted_by(|one, next| one < next));
        prop_assert_eq!(trigger.count(from, until, u32::MAX) as usize, ticks.len());
    }
}

#[test]
fn what_is_due_once_is_due_at_that_time_and_never_again() {
    let trigger = Trigger::once(5_000);
    assert_eq!(
        [0, 4_999, 5_000, 5_001, Millis::MAX / 2].map(|at| trigger.after(at)),
        [Some(5_000), Some(5_000), None, None, None]
    );
    assert_eq!([0, 4_999, 5_000, DAY].map(|at| trigger.until(at)), [None, None, Some(5_000), Some(5_000)]);
    assert_eq!(trigger.count(0, DAY, 1_000), 1);
    assert_eq!(Trigger::once(-5_000).after(-5_000), None);
}
