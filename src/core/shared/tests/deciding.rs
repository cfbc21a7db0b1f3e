//! What becomes of operations, claims, commits without an answer, and tombstones.

use super::super::{
    decide::*,
    fate::*,
    record::{Head, Record, Token},
    tell::*,
    trim::*,
};

const ME: u64 = 1;
const OTHER: u64 = 2;
const HEAD: Head = Head { born: 9, seq: 20, trimmed: 3, token: 2 };
const VALUE: Effect = Effect::Value { same: false };
const SAME: Effect = Effect::Value { same: true };

fn record(seq: u64, gone: bool, token: Token, holder: Option<u64>) -> Record {
    Record { seq, gone, token, holder }
}

fn plain() -> Op {
    Op { born: HEAD.born, ..Op::default() }
}

#[test]
fn an_operation_puts_the_next_version_or_changes_nothing() {
    let there = record(7, false, 0, None);
    let gone = record(7, true, 0, None);
    let missing = Record::missing(&HEAD);
    for (record, effect, expected) in [
        (there, VALUE, Decision::Put(21)),
        (there, SAME, Decision::Unchanged),
        (there, Effect::Gone, Decision::Put(21)),
        (there, Effect::Touch, Decision::Put(21)),
        (gone, VALUE, Decision::Put(21)),
        (gone, SAME, Decision::Put(21)), // a value where there was none is a change, whatever it was before
        (gone, Effect::Gone, Decision::Unchanged),
        (gone, Effect::Touch, Decision::Unchanged),
        (missing, VALUE, Decision::Put(21)),
        (missing, Effect::Gone, Decision::Unchanged),
    ] {
        assert_eq!(decide(&record, &HEAD, &plain(), effect), expected, "{record:?} {effect:?}");
    }
}

#[test]
fn a_lock_binds_all_that_do_not_carry_its_token() {
    let with = |token| Op { token: Some(token), ..plain() };
    for (record, op, expected) in [
        (record(7, false, 5, Some(OTHER)), plain(), Err(Refusal::Locked(OTHER))),
        (record(7, false, 5, Some(ME)), plain(), Err(Refusal::Locked(ME))),
        (record(7, false, 5, None), plain(), Ok(())),
        (record(7, false, 5, Some(ME)), with(5), Ok(())),
        (record(7, false, 6, Some(OTHER)), with(5), Err(Refusal::LeaseLost)),
        (record(7, false, 5, None), with(5), Err(Refusal::LeaseLost)),
        (record(7, false, 5, Some(ME)), Op { born: 8, ..with(5) }, Err(Refusal::LeaseLost)),
        (Record::missing(&HEAD), with(2), Err(Refusal::LeaseLost)),
    ] {
        assert_eq!(admit(&record, &HEAD, &op), expected, "{record:?} {op:?}");
    }
}

#[test]
fn a_version_is_compared_and_no_value_is_version_0() {
    let at = |version| Op { if_version: Some(version), ..plain() };
    for (record, op, expected) in [
        (record(7, false, 0, None), at(7), Ok(())),
        (record(7, false, 0, None), at(6), Err(Refusal::Conflict)),
        (record(7, false, 0, None), at(0), Err(Refusal::Conflict)),
        (record(7, true, 0, None), at(0), Ok(())),
        (record(7, true, 0, None), at(7), Err(Refusal::Conflict)),
        (Record::missing(&HEAD), at(0), Ok(())),
        (record(7, false, 0, None), Op { born: 8, ..at(7) }, Err(Refusal::Conflict)),
        (record(7, false, 1, Some(OTHER)), at(7), Err(Refusal::Locked(OTHER))),
        (record(7, false, 1, Some(OTHER)), at(6), Err(Refusal::Conflict)),
    ] {
        assert_eq!(admit(&record, &HEAD, &op), expected, "{record:?} {op:?}");
    }
}

#[test]
fn a_claim_gets_a_larger_token_than_all_before() {
    for (record, over, expected) in [
        (Record::missing(&HEAD), None, Some(3)),
        (record(0, true, 7, None), None, Some(8)),
        (record(0, true, 7, Some(OTHER)), None, None),
        (record(0, true, 7, Some(OTHER)), Some((7, HEAD.born)), Some(8)),
        (record(0, true, 7, Some(OTHER)), Some((6, HEAD.born)), None),
        (record(0, true, 7, None), Some((7, HEAD.born)), Some(8)),
        (record(0, true, 1, None), None, Some(3)), // what was trimmed had a larger one
    ] {
        assert_eq!(claim(&record, &HEAD, over), expected, "{record:?} {over:?}");
    }
    let own = (7, HEAD.born);
    assert!(gives_back(&record(0, true, 7, Some(ME)), &HEAD, own));
    assert!(!gives_back(&record(0, true, 8, Some(OTHER)), &HEAD, own));
    assert!(!gives_back(&record(0, true, 7, None), &HEAD, own));
}

#[test]
fn a_token_of_another_incarnation_is_neither_claimed_over_nor_given_back() {
    let held = record(0, true, 7, Some(OTHER));
    assert_eq!(claim(&held, &HEAD, Some((7, 8))), None, "the new store counts its tokens anew");
    assert_eq!(claim(&record(0, true, 7, None), &HEAD, Some((7, 8))), None);
    assert!(!gives_back(&held, &HEAD, (7, 8)));
}

#[test]
fn the_record_tells_what_became_of_a_commit() {
    let fate = |own, oldest, is_missing| after_unknown(&HEAD, HEAD.born, (4, 10), own, oldest, is_missing);
    assert_eq!(fate(Some(4), None, false), Fate::Landed);
    assert_eq!(fate(Some(3), None, false), Fate::NotLanded);
    assert_eq!(fate(Some(5), None, false), Fate::Unknown);
    assert_eq!(fate(None, None, false), Fate::NotLanded);
    assert_eq!(
        fate(None, Some(10), false),
        Fate::NotLanded,
        "the mark would have been newer than the oldest"
    );
    assert_eq!(fate(None, Some(11), false), Fate::Unknown, "the mark may have been trimmed");
    assert_eq!(fate(None, None, true), Fate::NotLanded);
    let trimmed = Head { trimmed: 11, ..HEAD };
    assert_eq!(after_unknown(&trimmed, HEAD.born, (4, 10), None, None, true), Fate::Unknown);
    assert_eq!(
        after_unknown(&HEAD, 8, (4, 10), Some(4), None, false),
        Fate::NotLanded,
        "of another incarnation"
    );
}

#[test]
fn a_new_mark_takes_the_place_of_the_writers_own_or_of_the_oldest() {
    assert_eq!(replaced(None, 0), None);
    assert_eq!(replaced(None, MAX_MARKS - 1), None);
    assert_eq!(replaced(None, MAX_MARKS), Some(0));
    assert_eq!(replaced(Some(3), MAX_MARKS), Some(3));
    assert_eq!(replaced(Some(0), 1), Some(0));
}

#[test]
fn a_tombstone_goes_when_it_is_old_and_free_and_the_head_remembers() {
    let head = Head { seq: 5_000, ..HEAD };
    for (record, expected) in [
        (record(5_000 - TOMBSTONE_LASTS, true, 4, None), true),
        (record(5_001 - TOMBSTONE_LASTS, true, 4, None), false),
        (record(1, true, 4, Some(OTHER)), false),
        (record(1, false, 4, None), false),
        (record(0, true, 4, None), true), // a lock that was given back
    ] {
        assert_eq!(may_trim(&record, &head), expected, "{record:?}");
    }
    let after = trimmed(&record(1_000, true, 4, None), &head);
    assert_eq!(after, Head { trimmed: 1_000, token: 4, ..head });
    assert_eq!(trimmed(&record(2, true, 1, None), &after), after);
}

#[test]
fn folded_changes_have_the_newest_version_and_are_quiet_if_all_are() {
    let change = |version, by, quiet| Change { version, by, quiet };
    let (old, new) = (change(4, ME, true), change(5, OTHER, false));
    for folded in [old.fold(new), new.fold(old)] {
        assert_eq!(folded, change(5, OTHER, false));
        assert!(folded.reruns() && !folded.is_own(ME) && folded.is_own(OTHER));
    }
    assert!(!old.fold(change(5, OTHER, true)).reruns());
}

#[test]
fn who_subscribes_during_a_round_is_not_called_in_it_nor_who_has_ended() {
    let called: Vec<_> = (0..5).filter(|id| is_called(*id, 4, *id != 2)).collect();
    assert_eq!(called, [0, 1, 3]);
}

#[test]
fn a_batch_has_a_bound_and_keeps_the_order() {
    use super::super::batch::*;
    assert_eq!(plan_batch([]), 0);
    assert_eq!(plan_batch(std::iter::repeat_n(true, 128).chain([false, true, false])), 129);
    assert_eq!(plan_batch([true].into_iter().chain(std::iter::repeat_n(false, 20_000))), MAX_OPS as usize);
}
