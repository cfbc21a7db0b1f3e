//! What a tab takes in, and when it reads.

use std::time::Duration;

use super::super::{hearing::*, record::Head};
use crate::core::base::clock::Instant;

const BORN: u64 = 9;

fn at(millis: u64) -> Instant {
    Instant::from_micros(millis * 1_000)
}

fn notice(from: u64, to: u64) -> Notice {
    Notice { born: BORN, from, to, whole: true }
}

fn head(seq: u64) -> Head {
    Head { born: BORN, seq, ..Head::default() }
}

/// One that has read everything up to this version.
fn heard(seq: u64) -> Hearing {
    let mut hearing = Hearing::new();
    hearing.ask();
    assert_eq!(hearing.on_read(&head(seq), true, 0), OnRead::Reset);
    assert_eq!(hearing.heard(), seq);
    hearing
}

fn read(hearing: &mut Hearing, head: &Head) -> OnRead {
    let from = hearing.ask();
    hearing.on_read(head, false, from)
}

#[test]
fn a_change_is_taken_in_if_it_is_newer() {
    let mut hearing = heard(5);
    assert_eq!(hearing.notice(&notice(6, 8), at(0)), Then::Nothing);
    for (known, version, expected) in
        [(0, 6, true), (5, 8, true), (8, 8, false), (9, 8, false), (0, 5, false), (0, 9, false)]
    {
        assert_eq!(hearing.takes(known, version), expected, "{version} where {known} is known");
    }
    assert_eq!(hearing.notice(&notice(6, 8), at(0)), Then::Nothing, "a second time");
    assert!(!hearing.takes(0, 7), "it was heard, and may have been removed since");
}

#[test]
fn a_hole_waits_for_the_notice_that_fills_it() {
    let mut hearing = heard(5);
    assert_eq!(hearing.notice(&notice(8, 8), at(0)), Then::Wait);
    assert!(hearing.takes(0, 8), "newer is newer");
    assert_eq!((hearing.heard(), hearing.due()), (5, Some(at(50))));
    assert_eq!(hearing.tick(at(49)), Then::Wait);
    assert_eq!(hearing.notice(&notice(6, 7), at(49)), Then::Nothing);
    assert!(hearing.takes(0, 7) && !hearing.takes(8, 7));
    assert_eq!((hearing.heard(), hearing.due()), (8, None));
}

#[test]
fn a_hole_that_is_not_filled_in_time_is_read() {
    let mut hearing = heard(5);
    hearing.notice(&notice(8, 8), at(0));
    hearing.notice(&notice(12, 12), at(40));
    assert_eq!(hearing.due(), Some(at(50)), "it is the older hole that is waited for");
    assert_eq!(hearing.tick(at(50)), Then::Read);
    assert_eq!(read(&mut hearing, &head(12)), OnRead::Apply);
    assert!(hearing.takes(5, 7) && !hearing.takes(8, 8));
    assert_eq!((hearing.heard(), hearing.due()), (12, None));
    assert_eq!(hearing.tick(at(1_000)), Then::Nothing);
}

#[test]
fn another_hole_has_its_own_time() {
    let mut hearing = heard(5);
    hearing.notice(&notice(7, 7), at(0));
    hearing.notice(&notice(9, 9), at(30));
    assert_eq!(hearing.notice(&notice(6, 6), at(40)), Then::Wait);
    assert_eq!((hearing.heard(), hearing.due()), (7, Some(at(40) + Duration::from_millis(50))));
}

#[test]
fn a_notice_without_a_value_is_read_at_once() {
    let mut hearing = heard(5);
    assert_eq!(hearing.notice(&Notice { whole: false, ..notice(6, 6) }, at(0)), Then::Read);
    assert_eq!(hearing.heard(), 5, "not before it was read");
}

#[test]
fn junk_takes_nothing_in() {
    let mut hearing = heard(5);
    for junk in [notice(0, 3), notice(9, 8), notice(3, 4)] {
        assert_eq!(hearing.notice(&junk, at(0)), Then::Nothing);
        assert!((0..12).all(|version| !hearing.takes(0, version)));
    }
    assert_eq!(hearing.notice(&Notice { born: 8, ..notice(6, 6) }, at(0)), Then::Read, "the head tells");
    assert!(!hearing.takes(0, 6));
}

#[test]
fn what_was_told_and_is_not_in_the_store_is_no_more() {
    let mut hearing = heard(5);
    hearing.notice(&notice(6, 1_000), at(0));
    hearing.ask();
    assert_eq!(hearing.head_check(&head(7)), Then::ReadAll);
    assert_eq!(read(&mut hearing, &head(7)), OnRead::ReadAll);
    hearing.ask();
    assert_eq!(hearing.on_read(&head(7), true, 0), OnRead::Reset);
    assert_eq!(hearing.heard(), 7);
    assert!(hearing.takes(0, 3), "everything is taken in anew");
}

#[test]
fn what_was_told_without_all_values_or_beside_too_many_holes_is_no_more_either() {
    let mut in_part = heard(5);
    assert_eq!(in_part.notice(&Notice { whole: false, ..notice(6, 1_000) }, at(0)), Then::Read);
    let mut full = heard(5);
    for hole in 0..64 {
        full.notice(&notice(2 * hole + 7, 2 * hole + 7), at(0));
    }
    assert_eq!(full.notice(&notice(1_000, 1_000), at(0)), Then::Read);
    for hearing in [&mut in_part, &mut full] {
        assert!(hearing.takes(0, 1_000), "newer is newer");
        assert_eq!(read(hearing, &head(200)), OnRead::ReadAll);
        hearing.ask();
        assert_eq!(hearing.on_read(&head(200), true, 0), OnRead::Reset);
        assert!(hearing.takes(0, 6));
    }
}

#[test]
fn what_comes_while_a_reading_is_under_way_stays() {
    let mut hearing = heard(5);
    let from = hearing.ask();
    hearing.notice(&notice(6, 9), at(0));
    assert_eq!(hearing.on_read(&head(7), false, from), OnRead::Apply, "the reading is older than the notice");
    assert_eq!(hearing.heard(), 9);
    assert!(!hearing.takes(0, 7), "removed by what came meanwhile, perhaps");
    assert!(!hearing.drops(9) && hearing.drops(7));
}

#[test]
fn the_head_tells_what_was_missed() {
    let mut hearing = heard(5);
    hearing.ask();
    assert_eq!(hearing.head_check(&head(5)), Then::Nothing);
    assert_eq!(hearing.head_check(&head(6)), Then::Read);
    assert_eq!(hearing.head_check(&Head { born: 8, ..head(5) }), Then::ReadAll);
}

#[test]
fn who_has_heard_less_than_what_was_trimmed_reads_everything() {
    let mut hearing = heard(5);
    let trimmed = Head { trimmed: 6, ..head(2_000) };
    assert_eq!(read(&mut hearing, &trimmed), OnRead::ReadAll);
    hearing.ask();
    assert_eq!(hearing.on_read(&trimmed, true, 5), OnRead::Apply);
    assert!(hearing.drops(4) && hearing.drops(2_000) && hearing.takes(4, 1_500));
    let mut ahead = heard(6);
    assert_eq!(read(&mut ahead, &trimmed), OnRead::Apply);
}

#[test]
fn a_store_that_began_anew_is_read_from_the_start() {
    let mut hearing = heard(50);
    let other = Head { born: 8, seq: 3, ..Head::default() };
    assert_eq!(read(&mut hearing, &other), OnRead::ReadAll);
    assert_eq!(hearing.notice(&notice(51, 51), at(0)), Then::Nothing, "all will be read");
    assert!(!hearing.takes(0, 51));
    hearing.ask();
    assert_eq!(hearing.on_read(&other, true, 0), OnRead::Reset);
    assert_eq!((hearing.born(), hearing.heard()), (8, 3));
    assert!(hearing.takes(0, 2));
}
