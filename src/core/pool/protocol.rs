//! What a page and its workers say to each other.
//!
//! A frame is one message: an array that begins with [`MAGIC`], [`VERSION`], the kind of the frame, and its sequence number, which
//! counts the frames of one direction from 0. A message that does not begin with `MAGIC` is foreign, and ignored; one of another
//! version ends the worker, which is then older or newer than its page. What follows depends on the kind.
//!
//! | page to worker | fields | meaning |
//! |---|---|---|
//! | [`HELLO`] | shared memory or null, whether the page reads the ring of answers | answers `READY`; only then calls may follow |
//! | [`CALLS`] | for each call: number, flags, job, arguments | numbers count the calls of one worker from 0, `job` is an index into the names of `READY` |
//! | [`CANCEL`] | number, reason | the call's signal aborts, and what it has asked the page by `CALLBACK` is answered with an error; one that has not started is given back |
//! | [`WITHDRAW`] | number | calls from this one on that have not started are given back |
//! | [`PING`] | | answered with `PONG` |
//! | [`TO_WORKER_UNREADABLE`] | sequence number | the frame after this one could not be read: its answers are to be sent as errors |
//! | [`RETURNED`] | number, id, whether it has returned, the result or the error as a record | what a function of the page has made of a `CALLBACK` |
//! | [`RETIRE`] | | it has nothing to do: it cleans up and ends |
//! | [`BELL`] | | wakes a worker that went to sleep while the frame before was written to its ring |
//!
//! | worker to page | fields | meaning |
//! |---|---|---|
//! | [`READY`] | name of the lock that it holds or null, names of its jobs, whether it has to clean up before it ends | sent once, before anything else |
//! | [`RESULTS`] | for each entry: kind, number, value, microseconds | see below |
//! | [`PONG`] | | it has read everything that was sent before the ping; what it had to say until then has been sent before |
//! | [`CLOSING`] | | it ends now, by its own `close()` |
//! | [`CALLBACK`] | number, id, index, arguments | a call with [`CALLS_BACK`] calls one of the functions that it was given |
//! | [`TO_PAGE_UNREADABLE`] | sequence number | the frame after this one could not be read |
//!
//! | entry | value | meaning |
//! |---|---|---|
//! | [`STARTED`] | | the call starts now |
//! | [`PROGRESS`] | a progress value | |
//! | [`DONE`] | the result | it has returned; the microseconds are what it took |
//! | [`FAILED`] | the error as a record | it has thrown |
//! | [`WITHDRAWN`] | | it has not started and will not; what the worker had to say until then has been sent before |
//!
//! A worker runs its calls one after the other, in the order of their numbers. It sends what it has to say
//!
//! - when it runs out of calls;
//! - before it starts a call with the flag [`MARKED`], or any more than [`SILENT_MICROS`] after its last sending (both with an entry `STARTED`),
//!   and after a call that it has announced so;
//! - before it starts a call more than [`TURN_MICROS`] after it last read its messages: it sends, and reads them first, so that what was
//!   withdrawn meanwhile is not started;
//! - in the next turn of its event loop, when a call does not return at once, and with its progress values (the first of which says `STARTED`, if
//!   that was not announced);
//! - before a frame of another kind, and before what it gives back;
//! - at once, in a frame of its own, a value that is not small plain data or that comes with a list of what is moved.
//!
//! Therefore, as long as a call that was announced is unanswered, none behind it has started; and one with the flag that was not announced has
//! not started.
//!
//! # Values
//!
//! The platform clones a frame as a whole, when it is posted, so both sides see to it that each value is as if it had
//! crossed alone, in the moment in which it was given. Small plain data (primitives, and objects, arrays and dates of
//! them) is copied when it is given. Of anything else the page takes a structured clone, in which what is to be moved
//! is moved already, and posts the call in a frame of its own; a worker posts it at once. So in no frame an object
//! stands in two entries, no value changes before it is sent, and what the platform refuses or the other side can't
//! read is alone in its frame. See `src/js/base/snapshot.js`.
//!
//! # Shared memory
//!
//! A cross-origin isolated page shares a buffer with each worker: 32-bit words at first, then two rings of [`RING_SLOTS`] slots of [`RING_SLOT_BYTES`].
//!
//! | word | meaning |
//! |---|---|
//! | [`SHARED_STARTED`] | the number of the last call that has started; -1 before the first |
//! | [`SHARED_AWAKE`] | 1 while the worker will look at its ring before it goes back to its event loop, else 0 |
//! | [`SHARED_HEAD_IN`], [`SHARED_TAIL_IN`] | frames that the page has written and the worker has read |
//! | [`SHARED_HEAD_OUT`], [`SHARED_TAIL_OUT`] | the same the other way |
//! | [`SHARED_POSTED`] | the sequence number of the latest frame that the page has posted as a message |
//! | from [`SHARED_FLAGS`] on | for call `n`, at `n mod MAX_OPEN`: `n + 1` if it was cancelled |
//!
//! A small frame of plain data may go through a ring instead of as a message; the sequence numbers keep the two in order: a reader passes over
//! nothing, and leaves a frame in the ring until the messages before it have come. A worker that has answered everything blocks on its ring for
//! [`RING_WAIT_MICROS`] if the last call came as soon as that and no message is on its way (the page wakes it when it posts one), but gives its event loop a turn every [`TURN_MICROS`]. A page writes
//! to the ring only while the worker is awake (otherwise a message is as fast), and looks again afterwards: if the worker has gone to sleep meanwhile, `BELL`
//! wakes it.

#[cfg(any(feature = "std", test))]
pub mod vectors;

/// The first element of a frame: "taskloom" in few bits.
pub const MAGIC: u32 = 0x7461_736b;
/// Raised with every change that the other side must know of.
pub const VERSION: u32 = 1;

/// How many elements a frame begins with.
pub const HEADER: u32 = 4;
/// How many elements a call has in `CALLS`, and an entry in `RESULTS`.
pub const FIELDS: u32 = 4;

/// See the [module](self).
pub const HELLO: u32 = 1;
/// See the [module](self).
pub const CALLS: u32 = 2;
/// See the [module](self).
pub const CANCEL: u32 = 3;
/// See the [module](self).
pub const WITHDRAW: u32 = 4;
/// See the [module](self).
pub const PING: u32 = 5;
/// See the [module](self).
pub const TO_WORKER_UNREADABLE: u32 = 6;
/// See the [module](self).
pub const BELL: u32 = 7;
/// A frame of the page: what a function of its own has returned or thrown.
pub const RETURNED: u32 = 8;
/// A frame of the page: the worker is to clean up and to end.
pub const RETIRE: u32 = 9;

/// See the [module](self).
pub const READY: u32 = 1;
/// See the [module](self).
pub const RESULTS: u32 = 2;
/// See the [module](self).
pub const PONG: u32 = 3;
/// See the [module](self).
pub const CLOSING: u32 = 4;
/// See the [module](self).
pub const TO_PAGE_UNREADABLE: u32 = 5;
/// A frame of the worker: a job calls a function of the page.
pub const CALLBACK: u32 = 6;

/// See the [module](self).
pub const STARTED: u32 = 1;
/// See the [module](self).
pub const PROGRESS: u32 = 2;
/// See the [module](self).
pub const DONE: u32 = 3;
/// See the [module](self).
pub const FAILED: u32 = 4;
/// See the [module](self).
pub const WITHDRAWN: u32 = 5;

/// Flag of a call: the worker announces its start. The number of its attempt stands left of it.
pub const MARKED: u32 = 1;
/// How far the attempt stands left in a call's flags.
pub const ATTEMPT_SHIFT: u32 = 1;
/// Flag of a call: its last argument is a list of the places at which functions of the page stand in the others.
pub const CALLS_BACK: u32 = 1 << 30;

/// A worker that starts a call so long after its last sending says so.
pub const SILENT_MICROS: u32 = 1_000;
/// A worker that has read no message for so long does so before it starts a call.
pub const TURN_MICROS: u32 = 5_000;
/// A worker is never sent more than this many calls that it has not answered, so that shared memory has a place for each.
pub const MAX_OPEN: u32 = 2_048;

/// See the [module](self).
pub const SHARED_STARTED: u32 = 0;
/// See the [module](self).
pub const SHARED_AWAKE: u32 = 1;
/// See the [module](self).
pub const SHARED_HEAD_IN: u32 = 2;
/// See the [module](self).
pub const SHARED_TAIL_IN: u32 = 3;
/// See the [module](self).
pub const SHARED_HEAD_OUT: u32 = 4;
/// See the [module](self).
pub const SHARED_TAIL_OUT: u32 = 5;
/// See the [module](self).
pub const SHARED_POSTED: u32 = 6;
/// See the [module](self).
pub const SHARED_FLAGS: u32 = 16;
/// Slots of a ring; a power of two.
pub const RING_SLOTS: u32 = 16;
/// Bytes of a slot.
pub const RING_SLOT_BYTES: u32 = 2_048;
/// Where the slots from the page to the worker begin, in bytes.
pub const SHARED_BYTES_IN: u32 = 4 * (SHARED_FLAGS + MAX_OPEN);
/// Where the slots from the worker to the page begin.
pub const SHARED_BYTES_OUT: u32 = SHARED_BYTES_IN + RING_SLOTS * RING_SLOT_BYTES;
/// How large the buffer is.
pub const SHARED_BYTES: u32 = SHARED_BYTES_OUT + RING_SLOTS * RING_SLOT_BYTES;
/// How long a worker blocks on its ring.
pub const RING_WAIT_MICROS: u32 = 200;

const _: () = assert!(RING_SLOTS.is_power_of_two());

/// Every number of the protocol, by its name in JavaScript.
pub const CONSTANTS: [(&str, i64); 45] = [
    ("MAGIC", MAGIC as i64),
    ("VERSION", VERSION as i64),
    ("HEADER", HEADER as i64),
    ("FIELDS", FIELDS as i64),
    ("HELLO", HELLO as i64),
    ("CALLS", CALLS as i64),
    ("CANCEL", CANCEL as i64),
    ("WITHDRAW", WITHDRAW as i64),
    ("PING", PING as i64),
    ("TO_WORKER_UNREADABLE", TO_WORKER_UNREADABLE as i64),
    ("BELL", BELL as i64),
    ("RETURNED", RETURNED as i64),
    ("RETIRE", RETIRE as i64),
    ("READY", READY as i64),
    ("RESULTS", RESULTS as i64),
    ("PONG", PONG as i64),
    ("CLOSING", CLOSING as i64),
    ("TO_PAGE_UNREADABLE", TO_PAGE_UNREADABLE as i64),
    ("CALLBACK", CALLBACK as i64),
    ("STARTED", STARTED as i64),
    ("PROGRESS", PROGRESS as i64),
    ("DONE", DONE as i64),
    ("FAILED", FAILED as i64),
    ("WITHDRAWN", WITHDRAWN as i64),
    ("MARKED", MARKED as i64),
    ("ATTEMPT_SHIFT", ATTEMPT_SHIFT as i64),
    ("CALLS_BACK", CALLS_BACK as i64),
    ("SILENT_MICROS", SILENT_MICROS as i64),
    ("TURN_MICROS", TURN_MICROS as i64),
    ("MAX_OPEN", MAX_OPEN as i64),
    ("SHARED_STARTED", SHARED_STARTED as i64),
    ("SHARED_AWAKE", SHARED_AWAKE as i64),
    ("SHARED_HEAD_IN", SHARED_HEAD_IN as i64),
    ("SHARED_TAIL_IN", SHARED_TAIL_IN as i64),
    ("SHARED_HEAD_OUT", SHARED_HEAD_OUT as i64),
    ("SHARED_TAIL_OUT", SHARED_TAIL_OUT as i64),
    ("SHARED_POSTED", SHARED_POSTED as i64),
    ("SHARED_FLAGS", SHARED_FLAGS as i64),
    ("RING_SLOTS", RING_SLOTS as i64),
    ("RING_SLOT_BYTES", RING_SLOT_BYTES as i64),
    ("SHARED_BYTES_IN", SHARED_BYTES_IN as i64),
    ("SHARED_BYTES_OUT", SHARED_BYTES_OUT as i64),
    ("SHARED_BYTES", SHARED_BYTES as i64),
    ("RING_WAIT_MICROS", RING_WAIT_MICROS as i64),
    ("MAX_WORKERS", super::MAX_WORKERS as i64),
];
