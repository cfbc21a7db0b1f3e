//! What both sides of the border must read alike.

use std::collections::BTreeSet;

use super::{
    super::wire::{self, *},
    *,
};
use crate::core::{pool, pool::protocol, state, tasks::engine};

/// A number of the wire by its name in JavaScript.
fn named(name: &str) -> u32 {
    let constant = CONSTANTS.iter().find(|(other, _)| *other == name);
    let (_, number) = constant.unwrap_or_else(|| panic!("{name} is not on the list"));
    u32::try_from(*number).expect("small and whole")
}

fn flight() -> FlightId {
    FlightId::from_number(17.0)
}

#[test]
fn no_two_constants_have_one_name() {
    let all = wire::CONSTANTS
        .iter()
        .chain(&engine::wire::CONSTANTS)
        .chain(&pool::wire::CONSTANTS)
        .chain(&state::wire::CONSTANTS)
        .chain(&protocol::CONSTANTS);
    let mut names = BTreeSet::new();
    for (name, _) in all {
        assert!(names.insert(*name), "{name} is there twice");
    }
}

#[test]
fn each_look_has_a_number_of_its_own_under_its_name() {
    let looks = [
        (Look::Fresh, "MEMO_LOOK_FRESH"),
        (Look::Stale { refresh: false }, "MEMO_LOOK_STALE"),
        (Look::Stale { refresh: true }, "MEMO_LOOK_STALE_REFRESH"),
        (Look::Failed, "MEMO_LOOK_FAILED"),
        (Look::Join(flight()), "MEMO_LOOK_JOIN"),
        (Look::Miss, "MEMO_LOOK_MISS"),
    ];
    for (look, name) in looks {
        assert_eq!(pack_look(look), named(name), "{name}");
    }
    let numbers: BTreeSet<_> = looks.iter().map(|(look, _)| pack_look(*look)).collect();
    assert_eq!(numbers.len(), looks.len());
}

#[test]
fn each_outcome_has_a_number_of_its_own_under_its_name() {
    let outcomes = [
        (pack_settled(Settled::Stored), "MEMO_STORED"),
        (pack_settled(Settled::TooLarge), "MEMO_TOO_LARGE"),
        (pack_settled(Settled::Dropped), "MEMO_DROPPED"),
        (pack_failed(Failed::Kept), "MEMO_KEPT"),
        (pack_failed(Failed::Stale), "MEMO_STALE"),
    ];
    for (number, name) in outcomes {
        assert_eq!(number, named(name), "{name}");
    }
    let numbers: BTreeSet<_> = outcomes.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers.len(), outcomes.len());
    assert_eq!(pack_failed(Failed::Dropped), pack_settled(Settled::Dropped));
}

/// As the host does it, with no more than the constants.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole numbers in range
fn unpack_gone(number: f64) -> Gone {
    let unit = f64::from(named("MEMO_GONE_UNIT"));
    let slot = (number / unit).floor();
    let rest = (number - slot * unit) as u32;
    let freed = rest & named("MEMO_GONE_FREED") != 0;
    let reason = (rest & !named("MEMO_GONE_FREED")).checked_sub(1).map(|index| Reason::ALL[index as usize]);
    Gone { slot: slot as SlotId, reason, freed }
}

#[test]
fn what_has_gone_is_read_as_it_was_packed() {
    let mut numbers = BTreeSet::new();
    for slot in [0, 1, 15, 16, 1_000_000, SlotId::MAX - 1, SlotId::MAX] {
        for reason in [None].into_iter().chain(Reason::ALL.map(Some)) {
            for freed in [false, true] {
                let gone = Gone { slot, reason, freed };
                let number = pack_gone(gone);
                assert_eq!(unpack_gone(number), gone);
                assert!(number != NO_SLOT && number.fract() == 0.0);
                assert!(numbers.insert(number.to_bits()), "{gone:?}");
            }
        }
    }
}

#[test]
fn each_count_is_read_at_its_place() {
    let stats = Stats {
        hits: 1,
        misses: 2,
        stale: 3,
        shared: 4,
        refreshes: 5,
        failures: 6,
        evictions: 7,
        expirations: 8,
        entries: 9,
        bytes: 10,
        in_flight: 11,
    };
    let count = wire::STAT_COUNT;
    let read: Vec<_> = (0..count).map(|index| stat(&stats, index)).collect();
    assert_eq!(read, (1..=11).map(f64::from).collect::<Vec<_>>());
    assert_eq!((stat(&stats, count), stat(&stats, usize::MAX)), (0.0, 0.0));
}
