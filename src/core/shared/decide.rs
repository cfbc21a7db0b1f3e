//! What becomes of an operation in the transaction that has read its record.

use super::record::{Born, Head, Record, TabId, Token, Version};

/// What an operation asks for, besides its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Op {
    /// The token under which it writes.
    pub token: Option<Token>,
    /// The version that it is to replace; 0 is no value.
    pub if_version: Option<Version>,
    /// The incarnation that its token and version are of.
    pub born: Born,
}

/// What an operation would do to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A value takes the place of the old one. `same`: they are [equal](super::form::are_equal).
    Value {
        /// Whether it is equal to the old one.
        same: bool,
    },
    /// The value is removed.
    Gone,
    /// The value stays, and everybody is told.
    Touch,
}

/// Why an operation is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its token is no longer the newest, or was given back: `lease-lost`.
    LeaseLost,
    /// The value has another version: `conflict`.
    Conflict,
    /// Somebody holds the lock: the operation waits for it.
    Locked(TabId),
}

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The value is put as this version, which is the head's as well.
    Put(Version),
    /// Nothing is put, and nobody is told: it has succeeded.
    Unchanged,
    /// It is not done.
    Refused(Refusal),
}

/// Whether an operation may be done at all. The host asks before it calls a function for the new value.
pub fn admit(record: &Record, head: &Head, op: &Op) -> Result<(), Refusal> {
    let is_reborn = op.born != head.born;
    if let Some(token) = op.token {
        // A lock that was given back has no holder, and its token is over.
        if is_reborn || record.token != token || record.holder.is_none() {
            return Err(Refusal::LeaseLost);
        }
    }
    if op.if_version.is_some_and(|version| is_reborn || version != record.version()) {
        return Err(Refusal::Conflict);
    }
    match record.holder {
        Some(holder) if op.token.is_none() => Err(Refusal::Locked(holder)),
        _ => Ok(()),
    }
}

/// What becomes of an operation, given what it would do. The record and the head are those that this transaction has read, or has come to by the operations before.
///
/// ```
/// use taskloom::core::shared::{decide::{Decision, Effect, Op, Refusal, decide}, record::{Head, Record}};
///
/// let head = Head { born: 1, seq: 7, ..Head::default() };
/// let record = Record { seq: 5, gone: false, token: 0, holder: None };
/// let op = Op { born: 1, ..Op::default() };
/// assert_eq!(decide(&record, &head, &op, Effect::Value { same: false }), Decision::Put(8));
/// assert_eq!(decide(&record, &head, &op, Effect::Value { same: true }), Decision::Unchanged);
/// let stale = Op { if_version: Some(4), ..op };
/// assert_eq!(decide(&record, &head, &stale, Effect::Gone), Decision::Refused(Refusal::Conflict));
/// ```
pub fn decide(record: &Record, head: &Head, op: &Op, effect: Effect) -> Decision {
    if let Err(refusal) = admit(record, head, op) {
        return Decision::Refused(refusal);
    }
    next_version(record.gone, head, effect).map_or(Decision::Unchanged, Decision::Put)
}

/// The version that an operation puts that is [admitted](admit); none if nothing changes. `gone`: there is no value.
pub fn next_version(gone: bool, head: &Head, effect: Effect) -> Option<Version> {
    let changes = match effect {
        Effect::Value { same } => gone || !same,
        Effect::Gone | Effect::Touch => !gone,
    };
    changes.then(|| head.seq + 1)
}

/// The token that a claim gets, in the transaction that has read the record; none if it fails.
///
/// `over`: the token that it takes the place of, whoever holds it, and the incarnation of which that is: another one counts its tokens anew. Without, the lock has to be free.
///
/// ```
/// use taskloom::core::shared::{decide::claim, record::{Head, Record}};
///
/// let head = Head { born: 9, ..Head::default() };
/// let held = Record { seq: 0, gone: true, token: 3, holder: Some(77) };
/// assert_eq!(claim(&held, &head, None), None);
/// assert_eq!(claim(&held, &head, Some((3, 9))), Some(4));
/// assert_eq!(claim(&held, &head, Some((2, 9))), None, "another was faster");
/// assert_eq!(claim(&held, &head, Some((3, 8))), None, "the site's data were cleared");
/// ```
pub fn claim(record: &Record, head: &Head, over: Option<(Token, Born)>) -> Option<Token> {
    let may = match over {
        Some((token, born)) => head.born == born && record.token == token,
        None => record.holder.is_none(),
    };
    may.then(|| record.token.max(head.token) + 1)
}

/// Whether the holder of a token of an incarnation gives it back by this record: not if it is another's by now.
pub fn gives_back(record: &Record, head: &Head, (token, born): (Token, Born)) -> bool {
    head.born == born && record.token == token && record.holder.is_some()
}
