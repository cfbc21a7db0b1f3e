//! Elapsed time: neither sleep nor somebody who sets the clock disturbs it.

use super::{
    super::clocks::{Clocks, Reading},
    *,
};

const WALL: Millis = 1_800_000_000_000;

/// Two clocks that are turned by hand.
struct Hands {
    reading: Reading,
    clocks: Clocks,
}

impl Hands {
    fn new() -> Self {
        let reading = Reading { wall: WALL, monotonic: 777 };
        Self { reading, clocks: Clocks::new(reading) }
    }

    /// Turns the wall clock and the monotonic one by so much.
    fn turn(&mut self, wall: Millis, monotonic: Millis) -> Millis {
        self.reading.wall += wall;
        self.reading.monotonic += monotonic;
        self.clocks.elapsed(self.reading)
    }
}

#[test]
fn time_elapses_as_the_monotonic_clock_says_while_the_page_is_awake() {
    let mut hands = Hands::new();
    assert_eq!(hands.turn(0, 0), 0);
    assert_eq!(hands.turn(1_000, 1_000), 1_000);
    assert_eq!(hands.turn(998, 1_001), 2_001, "the wall clock is corrected all the time");
    assert_eq!(hands.turn(DAY, DAY), DAY + 2_001, "a frozen tab: both run");
}

#[test]
fn sleep_counts_where_the_monotonic_clock_stands_still_meanwhile() {
    let mut hands = Hands::new();
    assert_eq!(hands.turn(8 * HOUR, 20), 8 * HOUR, "and is not counted twice");
    assert_eq!(hands.turn(1_000, 1_000), 8 * HOUR + 1_000);
}

#[test]
fn sleep_counts_once_where_the_monotonic_clock_runs_on_meanwhile() {
    let mut hands = Hands::new();
    assert_eq!(hands.turn(8 * HOUR, 8 * HOUR), 8 * HOUR);
}

#[test]
fn a_wall_clock_that_gets_up_to_five_seconds_ahead_is_corrected_and_more_is_sleep() {
    let mut hands = Hands::new();
    assert_eq!(hands.turn(1_000 + 5_000, 1_000), 1_000);
    assert_eq!(hands.turn(1_000 + 5_001, 1_000), 1_000 + 1_000 + 5_001);
}

#[test]
fn a_wall_clock_that_drifts_is_not_sleep_however_far_it_gets() {
    let mut hands = Hands::new();
    for _ in 0..1_000 {
        hands.turn(30_000 + 100, 30_000);
    }
    assert_eq!(hands.turn(0, 0), 30_000_000, "100 s ahead by now");
}

#[test]
fn a_wall_clock_that_is_set_back_changes_nothing_and_sleep_is_noticed_as_before() {
    let mut hands = Hands::new();
    assert_eq!(hands.turn(-10 * DAY, 1_000), 1_000);
    assert_eq!(hands.turn(1_000, 1_000), 2_000);
    assert_eq!(hands.turn(HOUR, 0), HOUR + 2_000);
}

#[test]
fn a_wall_clock_that_is_set_forward_looks_like_sleep_and_setting_it_right_takes_nothing_back() {
    let mut hands = Hands::new();
    assert_eq!(hands.turn(HOUR, 0), HOUR);
    assert_eq!(hands.turn(-HOUR, 0), HOUR);
}

#[test]
fn a_monotonic_clock_that_is_not_monotonic_does_no_harm() {
    let mut hands = Hands::new();
    hands.turn(1_000, 1_000);
    assert_eq!(hands.turn(0, -500), 1_000);
}

proptest! {
    #![proptest_config(cases(2000))]

    /// Each turn is the time that is spent awake, the sleep, whether the monotonic clock runs through it, and by how much the wall clock is set.
    #[test]
    fn elapsed_time_is_what_was_spent_awake_and_asleep_whatever_the_wall_clock_is_set_to(
        turns in proptest::collection::vec((0..120_000_i64, prop_oneof![Just(0), 10_000..DAY], any::<bool>(), -DAY..=0), 1..50),
    ) {
        let mut hands = Hands::new();
        let mut spent = 0;
        for (awake, asleep, runs_on, set) in turns {
            // The clock is set at a time of its own: at once with a sleep it would hide that.
            let elapsed = hands.turn(awake + asleep, awake + if runs_on { asleep } else { 0 });
            spent += awake + asleep;
            prop_assert_eq!(elapsed, spent);
            prop_assert_eq!(hands.turn(set, 0), spent);
        }
    }
}
