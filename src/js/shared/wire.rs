//! Shared state's calls, in numbers. `SHARED_NONE` stands for no token, no version, no number.

use alloc::vec::Vec;
use core::time::Duration;

use slab::Slab;
use wasm_bindgen::prelude::*;

use crate::{
    core::{
        base::clock::Instant,
        shared::{
            batch::Batch,
            decide::{self, Op},
            fate,
            hearing::{Hearing, Notice},
            lock::Waiter,
            record::{Head, Record},
            trim, wire,
        },
    },
    js::base::kept::{Kept, inside},
};

/// What shared state keeps in this thread.
struct Shared {
    batch: Batch,
    /// The head and the record that were told last.
    head: Head,
    record: Record,
    hearings: Slab<Hearing>,
    waiters: Slab<Waiter>,
}

static SHARED: Kept<Shared> = Kept::new(Shared {
    batch: Batch::new(),
    head: Head { born: 0, seq: 0, trimmed: 0, token: 0 },
    record: Record { seq: 0, gone: true, token: 0, holder: None },
    hearings: Slab::new(),
    waiters: Slab::new(),
});

fn with<R>(call: impl FnOnce(&mut Shared) -> R) -> R {
    inside(|inside| call(SHARED.of(inside)))
}

/// A whole number below 2^53.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the host checks what it has read
fn count(number: f64) -> u64 {
    number as u64
}

/// The same, or none.
fn maybe(number: f64) -> Option<u64> {
    (number >= 0.0).then(|| count(number))
}

#[allow(clippy::cast_precision_loss)] // below 2^53
fn number(count: u64) -> f64 {
    count as f64
}

fn or_none(count: Option<u64>) -> f64 {
    count.map_or(wire::NONE, number)
}

/// A time of `performance.now()`.
fn instant(now: f64) -> Instant {
    Instant::from_micros(count(now * 1000.0))
}

fn millis(at: Option<Instant>) -> f64 {
    at.map_or(wire::NONE, |at| number(at.as_micros()) / 1000.0)
}

// ---- commits ---------------------------------------------------------------------------------------------------------

/// A transaction is planned.
#[wasm_bindgen(js_name = sharedBatch)]
pub fn shared_batch() {
    with(|shared| shared.batch = Batch::new());
}

/// Whether the next operation goes into it. `is_new`: it is the first one of its key.
#[wasm_bindgen(js_name = sharedTakes)]
pub fn shared_takes(is_new: bool) -> bool {
    with(|shared| shared.batch.takes(is_new))
}

/// The head is this.
#[wasm_bindgen(js_name = sharedHead)]
pub fn shared_head(born: f64, seq: f64, trimmed: f64, token: f64) {
    with(|shared| {
        shared.head =
            Head { born: count(born), seq: count(seq), trimmed: count(trimmed), token: count(token) };
    });
}

/// The record is this. `holder` is 0 for nobody.
#[wasm_bindgen(js_name = sharedRecord)]
pub fn shared_record(seq: f64, gone: bool, token: f64, holder: f64) {
    let holder = Some(count(holder)).filter(|holder| *holder != 0);
    with(|shared| shared.record = Record { seq: count(seq), gone, token: count(token), holder });
}

/// Whether an operation on the record may be done.
#[wasm_bindgen(js_name = sharedAdmit)]
pub fn shared_admit(token: f64, if_version: f64, born: f64) -> u32 {
    let op = Op { token: maybe(token), if_version: maybe(if_version), born: count(born) };
    with(|shared| wire::pack_admit(decide::admit(&shared.record, &shared.head, &op)))
}

/// The version that an operation puts on the record.
#[wasm_bindgen(js_name = sharedNext)]
pub fn shared_next(effect: u32) -> f64 {
    with(|shared| {
        or_none(decide::next_version(shared.record.gone, &shared.head, wire::unpack_effect(effect)))
    })
}

/// The token that a claim of the record gets, over a token of an incarnation.
#[wasm_bindgen(js_name = sharedClaim)]
pub fn shared_claim(over: f64, born: f64) -> f64 {
    let over = maybe(over).map(|over| (over, count(born)));
    with(|shared| or_none(decide::claim(&shared.record, &shared.head, over)))
}

/// Whether the record gives a token of an incarnation back.
#[wasm_bindgen(js_name = sharedGivesBack)]
pub fn shared_gives_back(token: f64, born: f64) -> bool {
    with(|shared| decide::gives_back(&shared.record, &shared.head, (count(token), count(born))))
}

/// Which mark goes for a new one.
#[wasm_bindgen(js_name = sharedReplaced)]
#[allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)] // a few
pub fn shared_replaced(own: i32, count: usize) -> i32 {
    fate::replaced(usize::try_from(own).ok(), count).map_or(-1, |place| place as i32)
}

/// What became of a commit, by the head that was read since and a record that it has put: the writer's own mark there, and the base of the oldest if there is no more room.
#[wasm_bindgen(js_name = sharedFate)]
pub fn shared_fate(born: f64, commit: f64, base: f64, own: f64, oldest: f64, is_missing: bool) -> u32 {
    let commit = (count(commit), count(base));
    with(|shared| {
        wire::pack_fate(fate::after_unknown(
            &shared.head,
            count(born),
            commit,
            maybe(own),
            maybe(oldest),
            is_missing,
        ))
    })
}

/// Whether the record may be removed.
#[wasm_bindgen(js_name = sharedMayTrim)]
pub fn shared_may_trim() -> bool {
    with(|shared| trim::may_trim(&shared.record, &shared.head))
}

/// The record is removed: what the head keeps of it, which is its `trimmed`, then its token.
#[wasm_bindgen(js_name = sharedTrim)]
pub fn shared_trim() -> Vec<f64> {
    with(|shared| {
        shared.head = trim::trimmed(&shared.record, &shared.head);
        [shared.head.trimmed, shared.head.token].map(number).to_vec()
    })
}

// ---- hearing ---------------------------------------------------------------------------------------------------------

/// A tab that has heard nothing.
#[wasm_bindgen(js_name = sharedHearing)]
pub fn shared_hearing() -> usize {
    with(|shared| shared.hearings.insert(Hearing::new()))
}

/// Forgets it.
#[wasm_bindgen(js_name = sharedHearingClose)]
pub fn shared_hearing_close(hearing: usize) {
    with(|shared| shared.hearings.try_remove(hearing));
}

fn with_hearing<R>(hearing: usize, call: impl FnOnce(&mut Hearing, &Head) -> R) -> R {
    with(|shared| call(&mut shared.hearings[hearing], &shared.head))
}

/// A notice has come, or an own commit is done.
#[wasm_bindgen(js_name = sharedNotice)]
pub fn shared_notice(hearing: usize, born: f64, from: f64, to: f64, whole: bool, now: f64) -> u32 {
    let notice = Notice { born: count(born), from: count(from), to: count(to), whole };
    with_hearing(hearing, |hearing, _| wire::pack_then(hearing.notice(&notice, instant(now))))
}

/// Whether a change is taken in of what came last.
#[wasm_bindgen(js_name = sharedIsTaken)]
pub fn shared_is_taken(hearing: usize, known: f64, version: f64) -> bool {
    with_hearing(hearing, |hearing, _| hearing.takes(count(known), count(version)))
}

/// Whether an entry goes that a reading of everything has not found.
#[wasm_bindgen(js_name = sharedDrops)]
pub fn shared_drops(hearing: usize, known: f64) -> bool {
    with_hearing(hearing, |hearing, _| hearing.drops(count(known)))
}

/// When a hole is no longer waited for.
#[wasm_bindgen(js_name = sharedDue)]
pub fn shared_due(hearing: usize) -> f64 {
    with_hearing(hearing, |hearing, _| millis(hearing.due()))
}

/// That time may have come.
#[wasm_bindgen(js_name = sharedTick)]
pub fn shared_tick(hearing: usize, now: f64) -> u32 {
    with_hearing(hearing, |hearing, _| wire::pack_then(hearing.tick(instant(now))))
}

/// A reading begins; the version beyond which it reads.
#[wasm_bindgen(js_name = sharedAsk)]
pub fn shared_ask(hearing: usize) -> f64 {
    with_hearing(hearing, |hearing, _| number(hearing.ask()))
}

/// The head that was told last was read, with records.
#[wasm_bindgen(js_name = sharedOnRead)]
pub fn shared_on_read(hearing: usize, all: bool, from: f64) -> u32 {
    with_hearing(hearing, |hearing, head| wire::pack_on_read(hearing.on_read(head, all, count(from))))
}

/// Up to which version everything was heard of.
#[wasm_bindgen(js_name = sharedHeard)]
pub fn shared_heard(hearing: usize) -> f64 {
    with_hearing(hearing, |hearing, _| number(hearing.heard()))
}

// ---- locks -----------------------------------------------------------------------------------------------------------

/// A call that wants a lock.
#[wasm_bindgen(js_name = sharedWaiter)]
pub fn shared_waiter(tab: f64, lease: f64, impatient: bool) -> usize {
    with(|shared| {
        shared.waiters.insert(Waiter::new(
            count(tab),
            Duration::from_micros(count(lease * 1000.0)),
            impatient,
        ))
    })
}

/// Forgets it.
#[wasm_bindgen(js_name = sharedWaiterClose)]
pub fn shared_waiter_close(waiter: usize) {
    with(|shared| shared.waiters.try_remove(waiter));
}

fn with_waiter<R>(waiter: usize, call: impl FnOnce(&mut Waiter) -> R) -> R {
    with(|shared| call(&mut shared.waiters[waiter]))
}

/// Something has happened, with the token that it is about, and of a record its holder and the holder's lease.
#[wasm_bindgen(js_name = sharedStep)]
pub fn shared_step(waiter: usize, event: u32, token: f64, holder: f64, lease: f64, now: f64) -> u32 {
    let event =
        wire::unpack_event(event, count(token), count(holder), Duration::from_micros(count(lease * 1000.0)));
    with_waiter(waiter, |waiter| wire::pack_step(waiter.step(event, instant(now))))
}

/// The token that its last step is about.
#[wasm_bindgen(js_name = sharedToken)]
pub fn shared_token(waiter: usize) -> f64 {
    with_waiter(waiter, |waiter| or_none(waiter.token()))
}

/// Whether a claim of its is still to be made.
#[wasm_bindgen(js_name = sharedClaims)]
pub fn shared_claims(waiter: usize) -> bool {
    with_waiter(waiter, |waiter| waiter.claims())
}

/// When it wants a tick.
#[wasm_bindgen(js_name = sharedWake)]
pub fn shared_wake(waiter: usize) -> f64 {
    with_waiter(waiter, |waiter| millis(waiter.wake()))
}

/// Whether it says that a token is in use.
#[wasm_bindgen(js_name = sharedAnswers)]
pub fn shared_answers(waiter: usize, token: f64) -> bool {
    with_waiter(waiter, |waiter| waiter.answers(count(token)))
}
