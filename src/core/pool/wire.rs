//! How a pool's actions are packed into numbers, for a host on the other side of a language border.

use super::Action;

const START: u32 = 1;
const TERMINATE: u32 = 2;
const CANCEL: u32 = 3;
const WITHDRAW: u32 = 4;
const PING: u32 = 5;
const TURN: u32 = 6;
const FAIL: u32 = 7;
const REMIND: u32 = 8;
const RETIRE: u32 = 9;
const EXPIRE: u32 = 10;
/// How far the detail of an action stands left of its kind: the worker, or the loss.
const DETAIL_SHIFT: u32 = 4;

/// A dispatch, as four numbers: the task's key, the worker, the number of the call, and flags.
pub const DISPATCH_FIELDS: u32 = 4;
/// Flag of a dispatch: the attempt has begun.
pub const DISPATCH_BEGUN: u32 = 1;
/// Flag of a dispatch: the worker is to announce the start.
pub const DISPATCH_MARKED: u32 = 2;

/// Every number of a pool that both sides must read alike, by its name in JavaScript.
pub const CONSTANTS: [(&str, i64); 15] = [
    ("ACTION_START", START as i64),
    ("ACTION_TERMINATE", TERMINATE as i64),
    ("ACTION_CANCEL", CANCEL as i64),
    ("ACTION_WITHDRAW", WITHDRAW as i64),
    ("ACTION_PING", PING as i64),
    ("ACTION_TURN", TURN as i64),
    ("ACTION_FAIL", FAIL as i64),
    ("ACTION_REMIND", REMIND as i64),
    ("ACTION_RETIRE", RETIRE as i64),
    ("ACTION_EXPIRE", EXPIRE as i64),
    ("ACTION_KIND_MASK", (1 << DETAIL_SHIFT) - 1),
    ("ACTION_DETAIL_SHIFT", DETAIL_SHIFT as i64),
    ("DISPATCH_FIELDS", DISPATCH_FIELDS as i64),
    ("DISPATCH_BEGUN", DISPATCH_BEGUN as i64),
    ("DISPATCH_MARKED", DISPATCH_MARKED as i64),
];

/// An action as its subject (a worker, the number of a call, a task's key) and its kind with its detail.
pub fn pack_action(action: Action) -> (f64, u32) {
    match action {
        Action::Start(worker) => (f64::from(worker), START),
        Action::Terminate(worker) => (f64::from(worker), TERMINATE),
        Action::Cancel(worker, number) => (f64::from(number), CANCEL | worker << DETAIL_SHIFT),
        Action::Withdraw(worker, number) => (f64::from(number), WITHDRAW | worker << DETAIL_SHIFT),
        Action::Ping(worker) => (f64::from(worker), PING),
        Action::Turn(worker) => (f64::from(worker), TURN),
        Action::Remind(worker) => (f64::from(worker), REMIND),
        Action::Retire(worker) => (f64::from(worker), RETIRE),
        Action::Expire => (0.0, EXPIRE),
        Action::Fail(key, _, loss) => (key.to_number(), FAIL | (loss as u32) << DETAIL_SHIFT),
    }
}

// The widths that the packing relies on.
const _: () = assert!(EXPIRE < 1 << DETAIL_SHIFT);
