//! Which ticks get a run, when some come late.

use super::{
    super::pacer::{Due, Missed, Pace, Pacer, Tick},
    *,
};

fn pace(missed: Missed) -> Pace {
    Pace { missed, ..Pace::default() }
}

/// Ticks each minute, from the first one on, after 0.
fn pacer(pace: Pace) -> Pacer {
    Pacer::new(every(MINUTE), pace, 0, 1)
}

/// In minutes: those with a run, each with the ticks before it that were missed; and how many were missed.
fn minutes(due: &Due) -> (Vec<(Millis, u32)>, u32) {
    let ticks = due.ticks.iter().map(|tick| (tick.at / MINUTE, tick.missed)).collect();
    (ticks, due.missed)
}

#[test]
fn a_tick_that_is_on_time_runs_whatever_is_done_about_missed_ones() {
    for missed in [Missed::Skip, Missed::Once, Missed::All] {
        let mut pacer = pacer(pace(missed));
        assert_eq!((pacer.next(), pacer.wake(), pacer.cursor()), (Some(MINUTE), Some(MINUTE), 0));
        assert_eq!(pacer.look(MINUTE - 1), Due::default());
        let due = pacer.look(MINUTE);
        assert_eq!((minutes(&due), due.made_up), ((vec![(1, 0)], 0), false));
        assert_eq!((pacer.next(), pacer.cursor()), (Some(2 * MINUTE), MINUTE));
        assert_eq!(pacer.look(MINUTE), Due::default(), "once");
        assert_eq!(minutes(&pacer.look(2 * MINUTE + 59_999)), (vec![(2, 0)], 0), "late, and no other is due");
        assert_eq!(pacer.next(), Some(3 * MINUTE), "the grid stays");
    }
}

#[test]
fn once_is_one_run_for_all_that_were_missed_however_many() {
    let mut pacer = pacer(pace(Missed::Once));
    assert_eq!(minutes(&pacer.look(8 * HOUR + 1)), (vec![(480, 479)], 479));
    assert_eq!(pacer.next(), Some(8 * HOUR + MINUTE));
}

#[test]
fn skip_leaves_out_all_but_the_newest_and_that_too_if_it_is_later_than_the_grace() {
    let hourly = || Pacer::new(every(HOUR), pace(Missed::Skip), 0, 1);
    assert_eq!(hourly().look(8 * HOUR + 90_000).ticks, [Tick { at: 8 * HOUR, missed: 7 }], "90 s");
    let due = hourly().look(8 * HOUR + 90_001);
    assert_eq!((due.ticks.len(), due.missed), (0, 8));
    let mut late = hourly();
    late.look(8 * HOUR + 30 * MINUTE);
    assert_eq!(late.cursor(), 8 * HOUR, "it is over all the same");
    assert_eq!(late.look(9 * HOUR).ticks.len(), 1);
}

#[test]
fn the_grace_may_be_anything() {
    let graced = |grace| Pacer::new(every(HOUR), Pace { grace, ..pace(Missed::Skip) }, 0, 1);
    assert_eq!(graced(Duration::ZERO).look(HOUR).ticks.len(), 1);
    assert_eq!(graced(Duration::ZERO).look(HOUR + 1).ticks.len(), 0);
    assert_eq!(graced(Duration::MAX).look(2 * HOUR - 1).ticks.len(), 1);
}

#[test]
fn all_is_a_run_for_each_oldest_first() {
    let mut pacer = pacer(pace(Missed::All));
    let due = pacer.look(5 * MINUTE + 10);
    assert_eq!(minutes(&due), ((1..=5).map(|minute| (minute, 0)).collect(), 0));
    assert!(due.made_up, "one after another");
    let due = pacer.look(6 * MINUTE + 91_000);
    assert_eq!((due.ticks.len(), due.made_up), (2, true));
    let mut hourly = Pacer::new(every(HOUR), pace(Missed::All), 0, 1);
    assert!(!hourly.look(HOUR + 90_000).made_up, "a single one, in time");
    assert!(hourly.look(2 * HOUR + 90_001).made_up, "a single one, too late");
}

#[test]
fn all_makes_up_for_at_most_so_many_and_drops_the_oldest() {
    let mut pacer = pacer(Pace { most: 3, ..pace(Missed::All) });
    assert_eq!(minutes(&pacer.look(10 * MINUTE)), (vec![(8, 7), (9, 0), (10, 0)], 7));
    let mut pacer = Pacer::new(every(1), pace(Missed::All), 0, 1);
    let due = pacer.look(DAY);
    assert_eq!((due.ticks.len(), due.missed), (1_000, 86_400_000 - 1_000));
    assert_eq!(due.ticks[0], Tick { at: DAY - 999, missed: 86_400_000 - 1_000 });
}

#[test]
fn of_a_cron_expression_a_thousand_missed_ticks_are_counted() {
    for missed in [Missed::Skip, Missed::Once] {
        let mut pacer = Pacer::new(cron_trigger("* * * * * *", &utc()), pace(missed), 0, 1);
        let due = pacer.look(DAY);
        assert_eq!((due.ticks.len(), due.missed), (1, 999), "{missed:?}: and the one that runs");
    }
}

#[test]
fn nothing_is_missed_after_the_end_and_what_was_missed_before_it_is_made_up_for() {
    let mut pacer = Pacer::new(every(MINUTE).within(None, Some(3 * MINUTE)), pace(Missed::All), 0, 1);
    assert_eq!(minutes(&pacer.look(DAY)).0, [(1, 0), (2, 0), (3, 0)]);
    assert_eq!((pacer.next(), pacer.wake()), (None, None));
    assert_eq!(pacer.look(2 * DAY), Due::default());
}

#[test]
fn jitter_puts_each_tick_off_by_at_most_its_span_and_uses_all_of_it() {
    let jitter = ms(10_000);
    let mut pacer = pacer(Pace { jitter, ..Pace::default() });
    let mut delays = Vec::new();
    for minute in 1..=2_000 {
        let wake = pacer.wake().expect("it goes on");
        delays.push(wake - minute * MINUTE);
        assert_eq!(pacer.look(wake - 1), Due::default());
        assert_eq!(
            pacer.look(wake).ticks,
            [Tick { at: minute * MINUTE, missed: 0 }],
            "the tick is that of the grid"
        );
    }
    assert!(delays.iter().all(|delay| (0..=10_000).contains(delay)));
    for tenth in 0..10 {
        let count =
            delays.iter().filter(|delay| (tenth * 1_000..(tenth + 1) * 1_000).contains(*delay)).count();
        assert!((130..280).contains(&count), "{count} of 2,000 in tenth {tenth}");
    }
}

#[test]
fn jitter_is_repeated_by_the_same_seed_and_not_by_another() {
    let delays = |seed| {
        let pace = Pace { jitter: ms(30_000), ..Pace::default() };
        let mut pacer = Pacer::new(every(MINUTE), pace, 0, seed);
        let next = |_| pacer.wake().inspect(|wake| drop(pacer.look(*wake)));
        (0..20).map(next).collect::<Vec<_>>()
    };
    assert_eq!(delays(7), delays(7));
    assert_ne!(delays(7), delays(8));
}

#[test]
fn a_tick_that_its_jitter_puts_off_is_not_late() {
    let pace = Pace { jitter: ms(300_000), grace: Duration::ZERO, ..pace(Missed::Skip) };
    let mut pacer = Pacer::new(every(HOUR), pace, 0, 3);
    for _ in 0..100 {
        let wake = pacer.wake().expect("it goes on");
        assert_eq!(pacer.look(wake).ticks.len(), 1);
    }
}

#[test]
fn no_tick_is_missed_for_its_jitter_alone() {
    let mut pacer = Pacer::new(every(10_000), Pace { jitter: ms(60_000), ..pace(Missed::Skip) }, 0, 3);
    let (mut runs, mut missed) = (0, 0);
    for now in (0..HOUR).step_by(100) {
        let due = pacer.look(now);
        runs += due.ticks.len();
        missed += due.missed;
    }
    assert!(missed == 0 && runs >= 350, "{runs} runs, {missed} missed");
}

#[test]
fn a_lease_leaves_each_tick_to_others_for_that_long_and_for_the_longest_jitter() {
    let mut plain = pacer(Pace::default());
    plain.set_lease(ms(15_000));
    assert_eq!(plain.wake(), Some(75_000));
    assert_eq!(plain.look(74_999), Due::default());
    assert_eq!(plain.look(75_000).ticks, [Tick { at: MINUTE, missed: 0 }]);
    plain.set_lease(Duration::ZERO);
    assert_eq!(plain.wake(), Some(2 * MINUTE), "it leads");
    let mut jittered = pacer(Pace { jitter: ms(5_000), ..Pace::default() });
    jittered.set_lease(ms(15_000));
    assert_eq!(jittered.wake(), Some(80_000));
    jittered.set_lease(Duration::MAX);
    assert_eq!(jittered.wake(), Some(Millis::MAX));
    assert_eq!(jittered.look(Millis::MAX / 2), Due::default());
}

#[test]
fn a_tick_that_was_left_to_others_first_is_not_late_for_that() {
    let mut pacer = Pacer::new(every(HOUR), Pace { grace: ms(1_000), ..pace(Missed::Skip) }, 0, 1);
    pacer.set_lease(ms(15_000));
    assert_eq!(pacer.look(HOUR + 16_000).ticks.len(), 1);
    assert_eq!(pacer.look(2 * HOUR + 16_001).ticks.len(), 0);
}

#[test]
fn what_others_have_seen_to_is_neither_due_nor_missed() {
    let mut pacer = pacer(pace(Missed::All));
    pacer.skip_to(5 * MINUTE);
    assert_eq!((pacer.cursor(), pacer.next()), (5 * MINUTE, Some(6 * MINUTE)));
    pacer.skip_to(2 * MINUTE);
    assert_eq!(pacer.cursor(), 5 * MINUTE, "never back");
    assert_eq!(minutes(&pacer.look(7 * MINUTE)).0, [(6, 0), (7, 0)]);
}

#[test]
fn a_clock_that_is_set_back_by_up_to_three_hours_repeats_nothing() {
    for back in [1, HOUR, 3 * HOUR] {
        let mut pacer = Pacer::new(every(HOUR), pace(Missed::All), 100 * HOUR, 1);
        assert_eq!(pacer.look(101 * HOUR).ticks.len(), 1);
        let mut runs = Vec::new();
        for now in (101 * HOUR - back..104 * HOUR + MINUTE).step_by(60_000) {
            runs.extend(pacer.look(now).ticks.iter().map(|tick| tick.at / HOUR));
        }
        assert_eq!(runs, [102, 103, 104], "set back by {back}");
    }
}

#[test]
fn a_clock_that_is_set_back_by_more_begins_anew() {
    let mut pacer = Pacer::new(every(HOUR), pace(Missed::All), 100 * HOUR, 1);
    assert_eq!(pacer.look(101 * HOUR).ticks.len(), 1);
    let now = 98 * HOUR - 1;
    assert_eq!(pacer.look(now), Due::default());
    assert_eq!((pacer.cursor(), pacer.next()), (now, Some(98 * HOUR)));
    assert_eq!(pacer.look(98 * HOUR).ticks, [Tick { at: 98 * HOUR, missed: 0 }]);
}

#[test]
fn what_counts_is_how_far_the_clock_is_behind_the_newest_tick_not_by_how_much_it_was_set_back() {
    let daily = cron_trigger("0 12 * * *", &utc());
    let mut pacer = Pacer::new(daily, pace(Missed::Once), 0, 1);
    assert_eq!(pacer.look(12 * HOUR).ticks.len(), 1);
    assert_eq!(pacer.look(20 * HOUR), Due::default());
    assert_eq!(pacer.look(11 * HOUR), Due::default(), "set back by nine hours, from 20:00 to 11:00");
    assert_eq!(pacer.next(), Some(36 * HOUR), "today's has run");
    assert_eq!(pacer.look(8 * HOUR), Due::default(), "more than three hours before it");
    assert_eq!(pacer.next(), Some(12 * HOUR), "the schedule begins anew");
}

#[test]
fn a_clock_that_is_set_forward_has_missed_what_lies_between() {
    let mut pacer = pacer(pace(Missed::Once));
    assert_eq!(minutes(&pacer.look(365 * DAY)), (vec![(365 * 1_440, 365 * 1_440 - 1)], 365 * 1_440 - 1));
}

#[test]
fn another_zone_moves_the_next_tick_and_repeats_none_that_was_seen_to() {
    let mut pacer = Pacer::new(cron_trigger("0 9 * * *", &utc()), Pace::default(), 0, 1);
    assert_eq!(pacer.look(9 * HOUR).ticks.len(), 1);
    pacer.set_zone(&shared(FixedOffset(-3_600)));
    assert_eq!(pacer.next(), Some(10 * HOUR), "09:00 comes again, there");
    pacer.set_zone(&shared(FixedOffset(3_600)));
    assert_eq!(pacer.next(), Some(DAY + 8 * HOUR));
}

#[test]
fn the_beat_of_another_is_kept_with_the_jitter_and_the_lease_of_its_next_tick() {
    let jittered = Pace { jitter: ms(20_000), ..Pace::default() };
    let mut other = Pacer::new(Trigger::every(ms(60_000), 7_000).expect("1 ms or more"), jittered, 0, 5);
    let wake = other.wake().expect("it goes on");
    other.look(wake);
    let wake = other.wake();
    let fresh = |pace| Pacer::new(Trigger::every(ms(60_000), 99_000).expect("1 ms or more"), pace, 39_000, 9);
    let mut pacer = fresh(jittered);
    pacer.keep_beat(&other);
    assert_eq!((pacer.cursor(), pacer.next(), pacer.wake()), (7_000, Some(67_000), wake));
    let mut pacer = fresh(Pace::default());
    pacer.keep_beat(&other);
    assert_eq!(pacer.wake(), Some(67_000), "no more jitter than its own");
}
