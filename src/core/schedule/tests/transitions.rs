//! When the clocks of a zone change, found by asking for its offsets now and then.

use super::{
    super::zone::Piece,
    zones::{Named, ZONES, changes, offset, tz, zone},
    *,
};

/// The pieces from one time up to another.
fn pieces(zone: &Transitions<Named>, from: i64, until: i64) -> Vec<Piece> {
    let first = zone.piece(from);
    std::iter::successors(Some(first), |piece| (piece.until < until).then(|| zone.piece(piece.until)))
        .collect()
}

#[test]
fn each_change_of_sixteen_zones_in_seventy_years_is_found_to_the_second() {
    let (from, until) = (time("1970-01-15 00:00"), time("2040-01-01 00:00"));
    for name in ZONES {
        let pieces = pieces(&zone(name), from, until);
        let mut found: Vec<_> = pieces
            .iter()
            .filter(|piece| piece.from > from)
            .filter_map(|piece| Some((piece.from, piece.before?, piece.offset)))
            .collect();
        found.dedup();
        let expected: Vec<_> = changes(tz(name), from, until)
            .iter()
            .map(|change| (change.at, change.before, change.after))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn pieces_follow_each_other_without_a_gap_and_have_the_offset_that_the_platform_says() {
    for name in ZONES {
        let zone = zone(name);
        for pair in pieces(&zone, time("2005-01-01 00:00"), time("2030-01-01 00:00")).windows(2) {
            let [one, next] = pair else { unreachable!("two of them") };
            assert!(
                one.from < one.until && next.from <= one.until && one.until < next.until,
                "{one:?} and {next:?}"
            );
            for at in [one.from, i64::midpoint(one.from, one.until), one.until - 1] {
                assert_eq!(offset(tz(name), at), one.offset, "{name} at {}", show(at));
            }
            if let Some(before) = one.before {
                assert_eq!(offset(tz(name), one.from - 1), before, "{name} before {}", show(one.from));
                assert_ne!(before, one.offset);
            }
        }
    }
}

#[test]
fn a_change_of_the_last_week_is_remembered_across_the_border_at_which_the_platform_is_asked_again() {
    let changes = changes(tz("Europe/Berlin"), time("1981-01-01 00:00"), time("2030-01-01 00:00"));
    let zone = zone("Europe/Berlin");
    for change in changes {
        for second in [0, 1, 3_599, 3_600, 86_400, 86_400 + 7_200] {
            let piece = zone.piece(change.at + second);
            assert_eq!(
                (piece.from, piece.before),
                (change.at, Some(change.before)),
                "{}",
                show(change.at + second)
            );
        }
        assert_eq!(zone.piece(change.at - 1).offset, change.before);
    }
}

#[test]
fn in_whatever_order_it_is_asked_it_says_the_same() {
    let asked = zone("America/New_York");
    let times =
        (0..3_000).map(|index| time("1990-01-01 00:00") + index * 7_919 * 3_600 % (40 * 365 * 86_400));
    for at in times {
        assert_eq!(asked.piece(at), zone("America/New_York").piece(at), "{}", show(at));
    }
}

#[test]
fn a_zone_is_asked_seldom() {
    struct Counted(Rc<std::cell::Cell<u32>>);
    impl Zone for Counted {
        fn offset(&self, at: i64) -> i32 {
            self.0.set(self.0.get() + 1);
            offset(tz("Europe/Berlin"), at)
        }
    }
    let asked = Rc::new(std::cell::Cell::new(0));
    let zone = Transitions::new(Counted(asked.clone()));
    let year = time("2026-01-01 00:00")..time("2027-01-01 00:00");
    for _ in 0..100 {
        for at in year.clone().step_by(86_400) {
            zone.piece(at);
        }
    }
    assert!(asked.get() < 250, "asked {} times for 36,500 answers", asked.get());
}

/// What [`Transitions`] takes for granted of the world, checked on each zone that the world has: it asks from one Thursday to the next. Four zones of Brazil have had
/// a summer of a week, in 2000, from one Sunday to the next.
#[test]
fn no_zone_has_changed_its_clocks_twice_between_two_times_at_which_the_platform_is_asked_since_1970() {
    const WEEK: i64 = 7 * 86_400;
    const STEP: i64 = 3 * 86_400;
    let (from, until) = (time("1970-01-08 00:00"), time("2038-01-01 00:00"));
    let mut twice = Vec::new();
    for tz in chrono_tz::TZ_VARIANTS {
        let mut last: Option<i64> = None;
        let mut before = offset(tz, from);
        for step in 0..(until - from) / STEP {
            let at = from + step * STEP;
            let after = offset(tz, at + STEP);
            if before != after {
                for change in changes(tz, at, at + STEP) {
                    let cell = (change.at - 1).div_euclid(WEEK);
                    if last == Some(cell) {
                        twice.push(format!("{tz} at {}", show(change.at)));
                    }
                    last = Some(cell);
                }
            }
            before = after;
        }
    }
    assert_eq!(twice, Vec::<String>::new());
}
