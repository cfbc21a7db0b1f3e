//! How what is said of shared state is packed into numbers, for a host on the other side of a language border.
//!
//! Versions, tokens, tabs and incarnations are whole numbers below 2^53. No token is 0, no tab and no incarnation either: there 0 is none.

use core::time::Duration;

use super::{
    decide::{Effect, Refusal},
    fate::Fate,
    hearing::{OnRead, Then},
    lock::{Event, Step},
    record::Token,
};

const ADMITTED: u32 = 0;
const LEASE_LOST: u32 = 1;
const CONFLICT: u32 = 2;
const LOCKED: u32 = 3;

const VALUE: u32 = 0;
const SAME: u32 = 1;
const REMOVED: u32 = 2;
const TOUCH: u32 = 3;

const LANDED: u32 = 0;
const NOT_LANDED: u32 = 1;
const UNKNOWN: u32 = 2;

const NOTHING: u32 = 0;
const WAIT: u32 = 1;
const READ: u32 = 2;
const READ_ALL: u32 = 3;

const APPLY: u32 = 0;
const RESET: u32 = 1;

const BEGIN: u32 = 0;
const GRANTED: u32 = 1;
const TAKEN: u32 = 2;
const RECORD: u32 = 3;
const ALIVE: u32 = 4;
const DEAD: u32 = 5;
const HOLDS: u32 = 6;
const HOLDS_NOT: u32 = 7;
const CLAIMED: u32 = 8;
const TICK: u32 = 9;
const STOLEN: u32 = 10;
const GONE: u32 = 11;
const BACK: u32 = 12;
const REBORN: u32 = 13;
const FINISHED: u32 = 14;
const ABORTED: u32 = 15;
const REFUSED: u32 = 16;

/// In place of a token or of a version: none.
pub const NONE: f64 = -1.0;

/// Every number that both sides must read alike, by its name in JavaScript.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // small whole numbers, all of them
pub const CONSTANTS: [(&str, i64); 46] = [
    ("SHARED_NONE", NONE as i64),
    ("ADMIT_ADMITTED", ADMITTED as i64),
    ("ADMIT_LEASE_LOST", LEASE_LOST as i64),
    ("ADMIT_CONFLICT", CONFLICT as i64),
    ("ADMIT_LOCKED", LOCKED as i64),
    ("EFFECT_VALUE", VALUE as i64),
    ("EFFECT_SAME", SAME as i64),
    ("EFFECT_REMOVED", REMOVED as i64),
    ("EFFECT_TOUCH", TOUCH as i64),
    ("FATE_LANDED", LANDED as i64),
    ("FATE_NOT_LANDED", NOT_LANDED as i64),
    ("FATE_UNKNOWN", UNKNOWN as i64),
    ("THEN_NOTHING", NOTHING as i64),
    ("THEN_WAIT", WAIT as i64),
    ("THEN_READ", READ as i64),
    ("THEN_READ_ALL", READ_ALL as i64),
    ("READ_APPLY", APPLY as i64),
    ("READ_RESET", RESET as i64),
    ("LOCK_BEGIN", BEGIN as i64),
    ("LOCK_GRANTED", GRANTED as i64),
    ("LOCK_TAKEN", TAKEN as i64),
    ("LOCK_RECORD", RECORD as i64),
    ("LOCK_ALIVE", ALIVE as i64),
    ("LOCK_DEAD", DEAD as i64),
    ("LOCK_HOLDS", HOLDS as i64),
    ("LOCK_HOLDS_NOT", HOLDS_NOT as i64),
    ("LOCK_CLAIMED", CLAIMED as i64),
    ("LOCK_TICK", TICK as i64),
    ("LOCK_STOLEN", STOLEN as i64),
    ("LOCK_GONE", GONE as i64),
    ("LOCK_BACK", BACK as i64),
    ("LOCK_REBORN", REBORN as i64),
    ("LOCK_FINISHED", FINISHED as i64),
    ("LOCK_ABORTED", ABORTED as i64),
    ("LOCK_REFUSED", REFUSED as i64),
    ("STEP_QUEUE", Step::Queue as i64),
    ("STEP_LOOK", Step::Look as i64),
    ("STEP_PROBE", Step::Probe as i64),
    ("STEP_ASK", Step::Ask as i64),
    ("STEP_CLAIM", Step::Claim as i64),
    ("STEP_STEAL", Step::Steal as i64),
    ("STEP_RUN", Step::Run as i64),
    ("STEP_LOST", Step::Lost as i64),
    ("STEP_UNAVAILABLE", Step::Unavailable as i64),
    ("STEP_LEAVE", Step::Leave as i64),
    ("STEP_RELEASE", Step::Release as i64),
];

/// Whether an operation is admitted, as a number.
pub fn pack_admit(admitted: Result<(), Refusal>) -> u32 {
    match admitted {
        Ok(()) => ADMITTED,
        Err(Refusal::LeaseLost) => LEASE_LOST,
        Err(Refusal::Conflict) => CONFLICT,
        Err(Refusal::Locked(_)) => LOCKED,
    }
}

/// An effect out of a number.
pub fn unpack_effect(number: u32) -> Effect {
    match number {
        REMOVED => Effect::Gone,
        TOUCH => Effect::Touch,
        other => Effect::Value { same: other == SAME },
    }
}

/// A fate as a number.
pub fn pack_fate(fate: Fate) -> u32 {
    match fate {
        Fate::Landed => LANDED,
        Fate::NotLanded => NOT_LANDED,
        Fate::Unknown => UNKNOWN,
    }
}

/// What follows, as a number.
pub fn pack_then(then: Then) -> u32 {
    match then {
        Then::Nothing => NOTHING,
        Then::Wait => WAIT,
        Then::Read => READ,
        Then::ReadAll => READ_ALL,
    }
}

/// What is done with what was read, as a number.
pub fn pack_on_read(on_read: OnRead) -> u32 {
    match on_read {
        OnRead::Apply => APPLY,
        OnRead::Reset => RESET,
        OnRead::ReadAll => READ_ALL,
    }
}

/// An event out of a number, with its token, its holder (0 is nobody) and the holder's lease.
pub fn unpack_event(number: u32, token: Token, holder: u64, lease: Duration) -> Event {
    let holder = (holder != 0).then_some(holder);
    match number {
        BEGIN => Event::Begin,
        GRANTED => Event::Granted,
        TAKEN => Event::Taken,
        RECORD => Event::Record { token, holder, lease },
        REFUSED => Event::Refused { token, holder, lease },
        ALIVE | DEAD => Event::Probed { alive: number == ALIVE },
        HOLDS | HOLDS_NOT => Event::Answer { token, holds: number == HOLDS },
        CLAIMED => Event::Claimed(token),
        STOLEN => Event::Stolen,
        GONE => Event::Gone,
        BACK => Event::Back,
        REBORN => Event::Reset,
        FINISHED => Event::Finished,
        ABORTED => Event::Aborted,
        _ => Event::Tick,
    }
}

/// A step as a number.
pub fn pack_step(step: Step) -> u32 {
    step as u32
}
