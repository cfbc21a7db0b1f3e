//! How many operations go into one transaction.
//!
//! While a transaction is in flight, operations queue; what has come until it ends goes into the next. A transaction keeps all other tabs from writing, so it has
//! a bound, and others have their turn after it.

/// How many keys a transaction may touch: of 128 another tab waits about 20 ms, of 5,000 half a second.
pub const MAX_KEYS: u32 = 128;

/// How many operations it may have, which take about a microsecond each.
pub const MAX_OPS: u32 = 10_000;

/// A transaction that is being planned.
#[derive(Clone, Copy, Debug, Default)]
pub struct Batch {
    keys: u32,
    ops: u32,
}

impl Batch {
    /// Nothing is in it yet.
    pub const fn new() -> Self {
        Self { keys: 0, ops: 0 }
    }

    /// Whether the next operation of the queue goes into it, which must come into it then. `is_new`: it is the first one of its key. The first that does
    /// not ends the batch, so operations keep their order.
    pub fn takes(&mut self, is_new: bool) -> bool {
        if self.ops == MAX_OPS || (is_new && self.keys == MAX_KEYS) {
            return false;
        }
        self.ops += 1;
        self.keys += u32::from(is_new);
        true
    }
}

/// How many operations from the front of a queue go into the next transaction, given for each whether it is the first one of its key.
///
/// ```
/// use taskloom::core::shared::batch::{MAX_KEYS, plan_batch};
///
/// assert_eq!(plan_batch([true, false, true]), 3);
/// assert_eq!(plan_batch(vec![true; 200]), MAX_KEYS as usize);
/// ```
pub fn plan_batch(queue: impl IntoIterator<Item = bool>) -> usize {
    let mut batch = Batch::default();
    queue.into_iter().take_while(|is_new| batch.takes(*is_new)).count()
}
