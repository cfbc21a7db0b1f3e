//! What one waiter does, whatever happens to it.

use std::time::Duration;

use super::super::lock::{Event::*, *};
use crate::core::base::clock::Instant;

const ME: u64 = 1;
const OTHER: u64 = 2;
const LEASE: Duration = Duration::from_secs(10);

fn at(millis: u64) -> Instant {
    Instant::from_micros(millis * 1_000)
}

fn held(token: u64) -> Event {
    Record { token, holder: Some(OTHER), lease: LEASE }
}

/// A claim has failed since another has the lock.
fn refused(token: u64) -> Event {
    Refused { token, holder: Some(OTHER), lease: LEASE }
}

fn mine(token: u64) -> Event {
    Record { token, holder: Some(ME), lease: LEASE }
}

fn free(token: u64) -> Event {
    Record { token, holder: None, lease: LEASE }
}

/// Tells a waiter of events at times, and holds it to its steps.
fn run(waiter: &mut Waiter, script: &[(u64, Event, Step)]) {
    for (millis, event, step) in script {
        assert_eq!(waiter.step(*event, at(*millis)), *step, "{event:?} at {millis}");
    }
}

fn waiter(script: &[(u64, Event, Step)]) -> Waiter {
    let mut waiter = Waiter::new(ME, LEASE, false);
    run(&mut waiter, script);
    waiter
}

#[test]
fn a_free_lock_is_claimed_when_it_is_granted() {
    let mut waiter = waiter(&[(0, Begin, Step::Queue), (0, free(3), Step::Wait), (1, Granted, Step::Claim)]);
    assert_eq!(waiter.token(), None, "it has to be free");
    assert!(waiter.answers(3), "it is about to claim");
    run(&mut waiter, &[(2, Claimed(4), Step::Run)]);
    assert_eq!(waiter.token(), Some(4));
    assert!(waiter.answers(4) && !waiter.answers(3));
    run(&mut waiter, &[(9, Finished, Step::Release)]);
    assert_eq!(waiter.token(), Some(4), "to be given back");
}

#[test]
fn the_token_of_a_holder_that_is_gone_is_claimed_over_at_once() {
    let mut waiter = waiter(&[
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, refused(3), Step::Probe),
        (1, Probed { alive: false }, Step::Claim),
    ]);
    assert_eq!(waiter.token(), Some(3));
    run(&mut waiter, &[(2, Claimed(4), Step::Run)]);
}

#[test]
fn a_holder_that_is_there_and_not_in_the_line_is_asked() {
    let start = [
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, refused(3), Step::Probe),
        (1, Probed { alive: true }, Step::Ask),
    ];
    let mut given_back = waiter(&start);
    run(&mut given_back, &[(2, Answer { token: 3, holds: false }, Step::Claim)]);
    let mut holds = waiter(&start);
    run(&mut holds, &[(2, Answer { token: 3, holds: true }, Step::Wait)]);
    assert_eq!(holds.wake(), Some(at(502)), "it wakes nobody when it is closed");
    run(
        &mut holds,
        &[
            (502, Tick, Step::Probe),
            (503, Probed { alive: true }, Step::Ask),
            (504, Answer { token: 3, holds: true }, Step::Wait),
            (1_004, Tick, Step::Probe),
            (1_005, Probed { alive: false }, Step::Claim),
        ],
    );
}

#[test]
fn with_the_lock_in_hand_a_silent_holder_is_probed_again_and_may_be_silent_for_a_lease() {
    let start = [
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, refused(3), Step::Probe),
        (1, Probed { alive: true }, Step::Ask),
        (501, Tick, Step::Probe),
    ];
    let mut closed = waiter(&start);
    run(&mut closed, &[(502, Probed { alive: false }, Step::Claim)]);
    assert_eq!(closed.token(), Some(3));
    let mut stands_still = waiter(&start);
    for round in 1..20 {
        let now = round * 500 + 1;
        run(
            &mut stands_still,
            &[(now, Probed { alive: true }, Step::Ask), (now + 500, Tick, Step::Probe)]
                [..if round == 19 { 1 } else { 2 }],
        );
    }
    run(&mut stands_still, &[(10_001, Tick, Step::Look), (10_001, held(3), Step::Claim)]);
    assert_eq!(stands_still.token(), Some(3), "after a lease");
}

#[test]
fn who_may_hold_a_token_without_having_heard_so_answers() {
    let claims = [(0, Begin, Step::Queue), (0, Granted, Step::Claim)];
    assert!(waiter(&claims).answers(4), "its claim may be stored");
    let mut stolen = waiter(&claims);
    run(&mut stolen, &[(1, Stolen, Step::Wait)]);
    assert!(stolen.answers(4), "whoever has the platform's lock");
    let over = waiter(&[
        (0, Begin, Step::Queue),
        (0, held(3), Step::Wait),
        (10_000, Tick, Step::Look),
        (10_000, held(3), Step::Ask),
        (10_500, Tick, Step::Look),
        (10_500, held(3), Step::Claim),
    ]);
    assert!(over.answers(4));
    let mut looks = waiter(&claims);
    run(&mut looks, &[(1, Reset, Step::Look)]);
    assert!(looks.answers(4), "it has the platform's lock");
    assert!(!waiter(&[(0, Begin, Step::Queue)]).answers(4), "it only waits");
}

#[test]
fn what_was_read_before_a_claim_does_not_end_it() {
    let mut waiter = waiter(&[
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, held(3), Step::Wait),
        (1, free(3), Step::Wait),
    ]);
    assert!(waiter.answers(4));
    run(&mut waiter, &[(2, Claimed(4), Step::Run)]);
}

#[test]
fn a_silent_holder_loses_its_token_before_its_lock_is_stolen() {
    let mut waiter = waiter(&[
        (0, Begin, Step::Queue),
        (0, held(3), Step::Wait),
        (9_999, Tick, Step::Wait),
        (10_000, Tick, Step::Look),
        (10_000, held(3), Step::Ask),
        (10_499, Tick, Step::Wait),
        (10_500, Tick, Step::Look),
        (10_500, held(3), Step::Claim),
    ]);
    assert_eq!(waiter.token(), Some(3));
    run(&mut waiter, &[(10_501, Claimed(4), Step::Steal), (10_502, Granted, Step::Run)]);
}

#[test]
fn who_claims_too_late_steals_nothing() {
    waiter(&[
        (0, Begin, Step::Queue),
        (0, held(3), Step::Wait),
        (10_000, Tick, Step::Look),
        (10_000, held(3), Step::Ask),
        (10_500, Tick, Step::Look),
        (10_500, held(3), Step::Claim),
        (10_501, refused(4), Step::Wait),
        (20_500, Tick, Step::Wait),
        (20_501, Tick, Step::Look),
    ]);
}

#[test]
fn a_holder_that_answers_keeps_its_token() {
    let script = [(0, Begin, Step::Queue), (0, held(3), Step::Wait)];
    let mut waiter = waiter(&script);
    for round in 1..5 {
        let now = round * 10_000 + (round - 1);
        run(
            &mut waiter,
            &[
                (now, Tick, Step::Look),
                (now, held(3), Step::Ask),
                (now + 1, Answer { token: 3, holds: true }, Step::Wait),
            ],
        );
    }
}

#[test]
fn what_was_read_before_the_claim_was_stored_takes_no_lease() {
    let mut runs = waiter(&[(0, Begin, Step::Queue), (0, Granted, Step::Claim), (1, Claimed(4), Step::Run)]);
    run(&mut runs, &[(2, free(3), Step::Wait), (2, held(3), Step::Wait), (3, free(4), Step::Lost)]);
    let mut steals = waiter(&[
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, Stolen, Step::Wait),
        (2, Claimed(4), Step::Steal),
    ]);
    run(&mut steals, &[(2, held(3), Step::Wait), (3, held(5), Step::Look)]);
}

#[test]
fn an_answer_that_waits_behind_the_tick_is_heard() {
    waiter(&[
        (0, Begin, Step::Queue),
        (0, held(3), Step::Wait),
        (10_000, Tick, Step::Look),
        (10_000, held(3), Step::Ask),
        (10_600, Tick, Step::Look),
        (10_600, Answer { token: 3, holds: true }, Step::Wait),
        (10_601, held(3), Step::Wait),
    ]);
}

#[test]
fn an_answer_that_comes_before_the_claim_is_made_keeps_it_from_being_made() {
    let mut waiter = waiter(&[
        (0, Begin, Step::Queue),
        (0, held(3), Step::Wait),
        (10_000, Tick, Step::Look),
        (10_000, held(3), Step::Ask),
        (10_500, Tick, Step::Look),
        (10_500, held(3), Step::Claim),
        (10_501, Answer { token: 2, holds: true }, Step::Wait),
    ]);
    assert!(waiter.claims(), "of another token");
    run(&mut waiter, &[(10_502, Answer { token: 3, holds: true }, Step::Wait)]);
    assert!(!waiter.claims());
    run(&mut waiter, &[(10_503, refused(3), Step::Wait)]);
    assert_eq!(waiter.wake(), Some(at(10_503) + LEASE));
    run(&mut waiter, &[(10_504, Aborted, Step::Leave)]);
    assert!(!waiter.claims(), "nobody wants it any more");
}

#[test]
fn an_answer_to_anybody_is_an_answer() {
    let mut waiter = waiter(&[(0, Begin, Step::Queue), (0, held(3), Step::Wait)]);
    run(&mut waiter, &[(9_000, Answer { token: 2, holds: true }, Step::Wait)]);
    assert_eq!(waiter.wake(), Some(at(10_000)), "of another token");
    run(&mut waiter, &[(9_000, Answer { token: 3, holds: true }, Step::Wait)]);
    assert_eq!(waiter.wake(), Some(at(19_000)));
}

#[test]
fn one_that_stood_still_itself_asks_again_once() {
    waiter(&[
        (0, Begin, Step::Queue),
        (0, held(3), Step::Wait),
        (10_000, Tick, Step::Look),
        (10_000, held(3), Step::Ask),
        (60_000, Tick, Step::Ask),
        (120_000, Tick, Step::Look),
        (120_000, held(3), Step::Claim),
    ]);
}

#[test]
fn who_stands_still_between_the_lock_and_the_token_is_passed_too() {
    waiter(&[
        (0, Begin, Step::Queue),
        (0, free(3), Step::Wait),
        (10_000, Tick, Step::Look),
        (10_000, free(3), Step::Ask),
        (10_001, Answer { token: 3, holds: false }, Step::Wait),
        (10_500, Tick, Step::Look),
        (10_500, free(3), Step::Claim),
        (10_501, Claimed(4), Step::Steal),
    ]);
}

#[test]
fn a_lock_that_is_stolen_from_who_has_the_newest_token_changes_nothing() {
    let mut waiter =
        waiter(&[(0, Begin, Step::Queue), (0, Granted, Step::Claim), (1, Claimed(4), Step::Run)]);
    run(&mut waiter, &[(2, Stolen, Step::Look), (2, mine(4), Step::Wait), (3, Stolen, Step::Look)]);
    assert!(waiter.answers(4));
    run(&mut waiter, &[(4, held(5), Step::Lost), (5, Finished, Step::Wait)]);
}

#[test]
fn one_in_the_line_whose_lock_is_stolen_queues_again() {
    waiter(&[
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, Stolen, Step::Wait),
        (2, refused(4), Step::Queue),
        (2, held(4), Step::Wait),
        (3, Granted, Step::Claim),
    ]);
    waiter(&[
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, Stolen, Step::Wait),
        (2, Claimed(4), Step::Steal),
    ]);
    waiter(&[(0, Begin, Step::Queue), (0, held(3), Step::Wait), (1, Stolen, Step::Queue)]);
}

#[test]
fn one_that_comes_back_goes_on_if_nobody_has_claimed_meanwhile() {
    let script = [
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, Claimed(4), Step::Run),
        (2, Gone, Step::Leave),
        (9, Back, Step::Look),
    ];
    run(&mut waiter(&script), &[(9, mine(4), Step::Wait), (10, Finished, Step::Release)]);
    run(&mut waiter(&script), &[(9, held(5), Step::Lost)]);
    run(&mut waiter(&script), &[(9, free(4), Step::Lost)]);
    waiter(&[
        (0, Begin, Step::Queue),
        (0, held(3), Step::Wait),
        (1, Gone, Step::Leave),
        (9, Back, Step::Queue),
    ]);
    // The claim was done on the way out.
    waiter(&[
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, Gone, Step::Leave),
        (9, Claimed(4), Step::Wait),
        (9, Back, Step::Look),
        (9, mine(4), Step::Run),
    ]);
}

#[test]
fn one_that_is_aborted_leaves_the_line_and_gives_back_what_it_gets_late() {
    waiter(&[
        (0, Begin, Step::Queue),
        (0, held(3), Step::Wait),
        (1, Aborted, Step::Leave),
        (2, Granted, Step::Leave),
    ]);
    let mut late = waiter(&[
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, Aborted, Step::Leave),
        (2, Claimed(4), Step::Release),
    ]);
    assert_eq!(late.token(), Some(4));
    run(&mut late, &[(3, Tick, Step::Wait), (3, Aborted, Step::Wait)]);
    // What runs is not ended by that.
    waiter(&[
        (0, Begin, Step::Queue),
        (0, Granted, Step::Claim),
        (1, Claimed(4), Step::Run),
        (2, Aborted, Step::Wait),
        (3, Finished, Step::Release),
    ]);
}

#[test]
fn one_that_does_not_wait_is_told() {
    let mut taken = Waiter::new(ME, LEASE, true);
    run(&mut taken, &[(0, Begin, Step::Queue), (0, Taken, Step::Unavailable)]);
    let mut holds = Waiter::new(ME, LEASE, true);
    run(
        &mut holds,
        &[
            (0, Begin, Step::Queue),
            (0, Granted, Step::Claim),
            (1, refused(3), Step::Probe),
            (1, Probed { alive: true }, Step::Ask),
            (2, Answer { token: 3, holds: true }, Step::Unavailable),
        ],
    );
}

#[test]
fn a_store_that_begins_anew_ends_what_runs_and_keeps_what_waits() {
    let mut runs = waiter(&[(0, Begin, Step::Queue), (0, Granted, Step::Claim), (1, Claimed(4), Step::Run)]);
    run(&mut runs, &[(2, Reset, Step::Lost)]);
    waiter(&[
        (0, Begin, Step::Queue),
        (0, held(3), Step::Wait),
        (1, Reset, Step::Look),
        (1, free(0), Step::Wait),
    ]);
}
