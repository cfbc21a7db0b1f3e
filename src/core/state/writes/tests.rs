use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::core::testing::cases;

#[test]
fn a_burst_on_a_slot_is_one_write() {
    let mut writes = Writes::default();
    let (a, b) = (writes.open(), writes.open());
    assert!(writes.changed(a));
    assert!(!writes.changed(a) && !writes.changed(b) && !writes.changed(a));
    writes.begin(false);
    assert_eq!((writes.next_write(), writes.written(a, Written::Stored)), (Some(a), Next::GoOn));
    assert_eq!((writes.next_write(), writes.written(b, Written::Stored)), (Some(b), Next::GoOn));
    assert_eq!(writes.next_write(), None);
    assert!(writes.is_done());
    assert!(writes.changed(a), "the next burst needs a flush of its own");
}

#[test]
fn a_slot_that_is_closed_leaves_nothing_and_its_number_is_used_again() {
    let mut writes = Writes::default();
    for round in 0..1000 {
        let (a, b) = (writes.open(), writes.open());
        assert!(a < 2 && b < 2 && a != b, "round {round}: {a} {b}");
        assert!(writes.changed(a));
        writes.close(a); // it is still to be written
        writes.begin(false);
        assert_eq!((writes.next_write(), writes.written(a, Written::Stored)), (Some(a), Next::GoOn));
        writes.close(a);
        assert_eq!(writes.open(), a);
        assert!(writes.changed(a), "nothing is left of the one before");
        assert!(!writes.is_done());
        writes.begin(false);
        assert_eq!((writes.next_write(), writes.written(a, Written::Stored)), (Some(a), Next::GoOn));
        assert_eq!((writes.next_write(), writes.is_done()), (None, true));
        writes.close(b);
        writes.close(a);
    }
    assert_eq!((writes.slots.len(), writes.free.len()), (0, 0));
}

#[test]
fn a_slot_that_has_failed_is_not_closed() {
    let mut writes = Writes::default();
    let slot = writes.open();
    writes.changed(slot);
    writes.begin(false);
    assert_eq!((writes.next_write(), writes.written(slot, Written::Full)), (Some(slot), Next::MakeRoom));
    assert_eq!(writes.written(slot, Written::Full), Next::Report);
    writes.close(slot);
    assert_ne!(writes.open(), slot);
    assert!(!writes.is_done());
    writes.begin(true);
    assert_eq!((writes.next_write(), writes.written(slot, Written::Stored)), (Some(slot), Next::GoOn));
    assert!(writes.is_done());
}

#[test]
fn in_a_full_storage_room_is_made_once_a_flush_and_the_error_is_told_once() {
    let mut writes = Writes::default();
    let (a, b) = (writes.open(), writes.open());
    writes.changed(a);
    writes.changed(b);
    writes.begin(false);
    assert_eq!(
        (writes.next_write(), writes.written(a, Written::Full), writes.written(a, Written::Full)),
        (Some(a), Next::MakeRoom, Next::Report)
    );
    assert_eq!((writes.next_write(), writes.written(b, Written::Full)), (Some(b), Next::Report));
    assert!(!writes.is_done());

    writes.changed(a);
    writes.begin(false);
    assert_eq!(
        (writes.next_write(), writes.written(a, Written::Full), writes.written(a, Written::Full)),
        (Some(a), Next::MakeRoom, Next::GoOn)
    );
    assert_eq!(writes.next_write(), None, "b has not changed, and there is no more room than before");
}

#[test]
fn what_has_failed_is_tried_again_when_there_is_room_or_when_asked() {
    let mut writes = Writes::default();
    let (a, b) = (writes.open(), writes.open());
    writes.changed(a);
    writes.begin(false);
    assert_eq!(
        (writes.next_write(), writes.written(a, Written::Full), writes.written(a, Written::Full)),
        (Some(a), Next::MakeRoom, Next::Report)
    );

    writes.begin(true);
    assert_eq!(
        (writes.next_write(), writes.written(a, Written::Full), writes.written(a, Written::Full)),
        (Some(a), Next::MakeRoom, Next::GoOn)
    );

    writes.changed(b);
    writes.begin(false);
    assert_eq!((writes.next_write(), writes.written(b, Written::Shrunk)), (Some(b), Next::GoOn));
    assert_eq!((writes.next_write(), writes.written(a, Written::Stored)), (Some(a), Next::GoOn));
    assert_eq!(writes.next_write(), None);
    assert!(writes.is_done());
}

#[test]
fn what_cant_be_text_is_told_once_and_needs_no_room() {
    let mut writes = Writes::default();
    let a = writes.open();
    for next in [Next::Report, Next::GoOn] {
        writes.changed(a);
        writes.begin(false);
        assert_eq!((writes.next_write(), writes.written(a, Written::NotText)), (Some(a), next));
        assert!(writes.is_done());
    }
    writes.changed(a);
    assert_eq!((writes.next_write(), writes.written(a, Written::Stored)), (Some(a), Next::GoOn));
    writes.changed(a);
    assert_eq!(
        (writes.next_write(), writes.written(a, Written::NotText)),
        (Some(a), Next::Report),
        "it had been stored in between"
    );
}

#[test]
fn another_pages_value_gives_way_to_one_that_is_about_to_be_written() {
    let mut writes = Writes::default();
    let a = writes.open();
    assert!(writes.yields(a));
    writes.changed(a);
    assert!(!writes.yields(a));
    writes.next_write();
    writes.written(a, Written::Stored);
    assert!(writes.yields(a));
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// A storage of bounded size, and writes of any lengths: what is read back is the last value that was stored, a flush ends, what could not be stored
    /// is told once until it is, and once everything fits everything is stored.
    #[test]
    fn nothing_is_forgotten(steps in proptest::collection::vec((0..6_u32, 0..40_usize, any::<bool>()), 1..80), size in 20..120_usize) {
        let mut writes = Writes::default();
        let mut memory = BTreeMap::new();
        let mut stored: BTreeMap<SlotId, usize> = BTreeMap::new();
        let mut told: BTreeMap<SlotId, bool> = BTreeMap::new();
        let slots: Vec<_> = (0..6).map(|_| writes.open()).collect();
        let flush = |writes: &mut Writes, memory: &BTreeMap<SlotId, usize>, stored: &mut BTreeMap<SlotId, usize>, told: &mut BTreeMap<SlotId, bool>, size: usize, all: bool| {
            writes.begin(all);
            let mut turns = 0;
            while let Some(slot) = writes.next_write() {
                turns += 1;
                assert!(turns < 1_000, "a flush ends");
                loop {
                    let length = memory[&slot];
                    let before = stored.get(&slot).copied().unwrap_or(0);
                    let fits = stored.values().sum::<usize>() - before + length <= size;
                    let how = if !fits { Written::Full } else if length < before { Written::Shrunk } else { Written::Stored };
                    if fits {
                        stored.insert(slot, length);
                        told.insert(slot, false);
                    }
                    match writes.written(slot, how) {
                        Next::MakeRoom => {}
                        Next::Report => {
                            assert_eq!(told.insert(slot, true), Some(false), "told once");
                            break;
                        }
                        Next::GoOn => break,
                    }
                }
            }
        };
        for (slot, length, flushed) in steps {
            memory.insert(slots[slot as usize], length);
            told.entry(slot).or_insert(false);
            writes.changed(slot);
            if flushed {
                flush(&mut writes, &memory, &mut stored, &mut told, size, false);
                let failed = memory.iter().filter(|(slot, length)| stored.get(slot) != Some(length)).count();
                prop_assert_eq!(writes.is_done(), failed == 0);
            }
        }
        flush(&mut writes, &memory, &mut stored, &mut told, usize::MAX / 2, true);
        prop_assert!(writes.is_done());
        prop_assert_eq!(stored, memory);
    }
}
