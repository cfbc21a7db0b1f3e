//! That no tick is run twice, whichever tabs ask in whichever order.

use super::{
    super::claim::{may_claim, stored_anchor, stored_tick, told_tick},
    *,
};

const NOW: Millis = 1_800_000_000_000;

#[test]
fn the_first_tick_of_all_may_be_claimed() {
    assert!(may_claim(None, NOW, NOW));
    assert!(may_claim(None, NOW - 30 * DAY, NOW), "a missed one too");
}

#[test]
fn a_tick_may_be_claimed_once_and_no_older_one_after_it() {
    assert!(may_claim(Some(NOW - 1), NOW, NOW));
    assert!(!may_claim(Some(NOW), NOW, NOW));
    assert!(!may_claim(Some(NOW), NOW - 1, NOW));
    assert!(!may_claim(Some(NOW), NOW - 30 * DAY, NOW));
}

#[test]
fn what_was_claimed_up_to_three_hours_ahead_of_the_clock_still_counts() {
    for ahead in [1, SECOND, HOUR, 3 * HOUR - 1, 3 * HOUR] {
        assert!(!may_claim(Some(NOW + ahead), NOW, NOW), "{ahead} ms ahead");
        assert!(may_claim(Some(NOW + ahead), NOW + ahead + 1, NOW), "a newer tick may");
    }
}

#[test]
fn what_was_claimed_further_ahead_was_so_before_the_clock_was_set_back_and_no_longer_counts() {
    for ahead in [3 * HOUR + 1, DAY, 365 * DAY] {
        assert!(may_claim(Some(NOW + ahead), NOW, NOW), "{ahead} ms ahead");
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    /// Tabs whose clocks are one, that come late as they like, and store what they have claimed.
    #[test]
    fn no_tick_is_claimed_twice_however_tabs_take_turns(
        steps in proptest::collection::vec((0..120_i64, 0..40_i64), 1..60),
    ) {
        let mut newest = None;
        let mut claimed = Vec::new();
        let mut now = NOW;
        for (later, late) in steps {
            now += later * SECOND;
            let tick = (now - late * SECOND).div_euclid(10 * SECOND) * 10 * SECOND;
            if may_claim(newest, tick, now) {
                newest = Some(tick);
                claimed.push(tick);
            }
        }
        prop_assert!(claimed.is_sorted_by(|one, next| one < next), "{claimed:?}");
    }
}

const JUNK: [f64; 9] =
    [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 4e15, -8.7e15, 1e300, -1e300, f64::MAX, f64::MIN];

#[test]
fn what_can_be_no_tick_is_none_wherever_it_stands() {
    for junk in JUNK {
        assert_eq!((stored_tick(junk, NOW), told_tick(junk, NOW)), (None, None), "{junk}");
        assert_eq!(stored_anchor(junk, None, NOW), None, "{junk}");
        assert_eq!(stored_anchor(junk, Some(NOW + DAY), NOW), None, "{junk}");
    }
}

#[test]
#[allow(clippy::cast_precision_loss)] // exact in the range of a Date
fn what_can_be_a_tick_is_one() {
    for age in [0, 1, MINUTE, 365 * DAY, NOW, 2 * NOW] {
        let tick = NOW - age;
        assert_eq!((stored_tick(tick as f64, NOW), told_tick(tick as f64, NOW)), (Some(tick), Some(tick)));
        assert_eq!(stored_anchor(tick as f64, None, NOW), Some(tick));
    }
    assert_eq!(stored_tick(0.9, NOW), Some(0), "times are whole");
    assert_eq!(stored_tick((NOW + 3 * HOUR) as f64, NOW), Some(NOW + 3 * HOUR), "the clock was set back");
    assert_eq!(stored_tick((NOW + 3 * HOUR + 1) as f64, NOW), None);
    assert_eq!(told_tick((NOW + SECOND) as f64, NOW), Some(NOW + SECOND), "clocks are coarse");
    assert_eq!(told_tick((NOW + SECOND + 1) as f64, NOW), None, "nobody has seen to what is to come");
    let start = NOW + 30 * DAY;
    assert_eq!(stored_anchor(start as f64, Some(start), NOW), Some(start));
    assert_eq!(stored_anchor((start + 1) as f64, Some(start), NOW), None, "it would begin late");
    assert_eq!(stored_anchor(start as f64, None, NOW), None);
}
