//! How what is said of state is packed into numbers, for a host on the other side of a language border.

use super::{
    Change,
    entry::{Body, Standing},
    session::{PATIENCE, Step},
    writes::{Next, Written},
};

const TELL: u32 = 0;
const NOTHING: u32 = 1;
const TELL_UNLESS_EQUAL: u32 = 2;

const CURRENT: u32 = 0;
const EXPIRED: u32 = 1;
const OLDER: u32 = 2;
const NEWER: u32 = 3;
/// In place of a standing: it is no text of ours.
pub const FOREIGN: u32 = 4;
const STANDING_MASK: u32 = 7;
/// Added to a standing: the body is a shape.
const SHAPE: u32 = 8;
/// How far the length of the head stands left of the standing.
const LENGTH_SHIFT: u32 = 4;

const STORED: u32 = 0;
const SHRUNK: u32 = 1;
const FULL: u32 = 2;
const NOT_TEXT: u32 = 3;

const GO_ON: u32 = 0;
const MAKE_ROOM: u32 = 1;
const REPORT: u32 = 2;

const KEEP: u32 = 0;
const WAIT: u32 = 1;
const FORK: u32 = 2;

/// A part of a shape: its kind in the low bits, its count in units of this.
pub const COUNT_UNIT: f64 = 256.0;

/// Every number that both sides must read alike, by its name in JavaScript.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // small whole numbers, all of them
pub const CONSTANTS: [(&str, i64); 24] = [
    ("CHANGE_TELL", TELL as i64),
    ("CHANGE_NOTHING", NOTHING as i64),
    ("CHANGE_TELL_UNLESS_EQUAL", TELL_UNLESS_EQUAL as i64),
    ("STANDING_CURRENT", CURRENT as i64),
    ("STANDING_EXPIRED", EXPIRED as i64),
    ("STANDING_OLDER", OLDER as i64),
    ("STANDING_NEWER", NEWER as i64),
    ("STANDING_FOREIGN", FOREIGN as i64),
    ("STANDING_MASK", STANDING_MASK as i64),
    ("HEAD_SHAPE", SHAPE as i64),
    ("HEAD_LENGTH_SHIFT", LENGTH_SHIFT as i64),
    ("MAX_HEAD", super::entry::MAX_HEAD as i64),
    ("WRITTEN_STORED", STORED as i64),
    ("WRITTEN_SHRUNK", SHRUNK as i64),
    ("WRITTEN_FULL", FULL as i64),
    ("WRITTEN_NOT_TEXT", NOT_TEXT as i64),
    ("NEXT_MAKE_ROOM", MAKE_ROOM as i64),
    ("NEXT_REPORT", REPORT as i64),
    ("SESSION_KEEP", KEEP as i64),
    ("SESSION_WAIT", WAIT as i64),
    ("SESSION_FORK", FORK as i64),
    ("SESSION_PATIENCE", PATIENCE.as_millis() as i64),
    ("PART_COUNT_UNIT", COUNT_UNIT as i64),
    ("NO_WRITE", NO_WRITE as i64),
];

/// In place of a slot: there is nothing to write.
pub const NO_WRITE: i32 = -1;

/// A change as a number.
pub fn pack_change(change: Change) -> u32 {
    match change {
        Change::Tell => TELL,
        Change::Nothing => NOTHING,
        Change::TellUnlessEqual => TELL_UNLESS_EQUAL,
    }
}

/// A standing, the kind of the body, and how long the head is.
pub fn pack_head(standing: Standing, body: Body, length: usize) -> u32 {
    let standing = match standing {
        Standing::Current => CURRENT,
        Standing::Expired => EXPIRED,
        Standing::Older => OLDER,
        Standing::Newer => NEWER,
    };
    let shape = if body == Body::Shape { SHAPE } else { 0 };
    standing | shape | (u32::try_from(length).unwrap_or(0) << LENGTH_SHIFT)
}

/// How a write went, out of a number.
pub fn unpack_written(number: u32) -> Written {
    match number {
        SHRUNK => Written::Shrunk,
        FULL => Written::Full,
        NOT_TEXT => Written::NotText,
        _ => Written::Stored,
    }
}

/// What follows a write, as a number.
pub fn pack_next(next: Next) -> u32 {
    match next {
        Next::GoOn => GO_ON,
        Next::MakeRoom => MAKE_ROOM,
        Next::Report => REPORT,
    }
}

/// A step as a number.
pub fn pack_step(step: Step) -> u32 {
    match step {
        Step::Keep => KEEP,
        Step::Wait => WAIT,
        Step::Fork => FORK,
    }
}
