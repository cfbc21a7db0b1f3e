//! The values that a task reports while it runs.

use alloc::{collections::VecDeque, vec::Vec};
use core::time::Duration;

/// How many values are kept if the caller does not say.
pub const DEFAULT_CAPACITY: usize = 1024;

/// The latest values of a task, oldest first, up to a bound; beyond it the oldest make room and are counted.
///
/// One [`drain`](Self::drain) cursor is built in; any number of readers keep their own
/// [`Cursor`]. Reading never blocks the writer, and draining takes nothing from the readers.
///
/// ```
/// use taskloom::core::tasks::progress::ProgressBuffer;
///
/// let mut progress = ProgressBuffer::new(2);
/// for value in [10, 20, 30] {
///     progress.push(value);
/// }
/// assert_eq!(progress.drain(), [20, 30]);
/// assert_eq!(progress.drain(), []);
/// assert_eq!((progress.latest(), progress.dropped()), (Some(&30), 1));
/// ```
#[derive(Clone, Debug)]
pub struct ProgressBuffer<V> {
    values: VecDeque<V>,
    capacity: usize,
    /// How many have left at the front: the position of `values[0]`.
    dropped: u64,
    drained: Cursor,
}

/// How far a reader has come. A new one starts at the oldest value that is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor(u64);

impl<V> ProgressBuffer<V> {
    /// A buffer of at most `capacity` values; 0 counts as 1, so that the latest is always there.
    pub fn new(capacity: usize) -> Self {
        Self { values: VecDeque::new(), capacity: capacity.max(1), dropped: 0, drained: Cursor(0) }
    }

    /// Adds a value.
    pub fn push(&mut self, value: V) {
        if self.values.len() == self.capacity {
            self.values.pop_front();
            self.dropped += 1;
        }
        self.values.push_back(value);
    }

    /// The newest value.
    pub fn latest(&self) -> Option<&V> {
        self.values.back()
    }

    /// How many values had to make room.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl<V: Clone> ProgressBuffer<V> {
    /// The values since the last drain that are still kept, oldest first.
    pub fn drain(&mut self) -> Vec<V> {
        let mut cursor = self.drained;
        let values = core::iter::from_fn(|| self.read(&mut cursor)).collect();
        self.drained = cursor;
        values
    }

    /// The next value for a reader, or `None` if it has seen all there are. What was dropped before the reader
    /// came to it is passed over.
    pub fn read(&self, cursor: &mut Cursor) -> Option<V> {
        let position = cursor.0.max(self.dropped);
        let value = self.values.get(usize::try_from(position - self.dropped).ok()?)?.clone();
        cursor.0 = position + 1;
        Some(value)
    }
}

/// How much longer a task will take that has done `value` of `total` in the time `elapsed`, at the pace so far. `None` while nothing
/// is done, and for numbers that say nothing (not finite, negative, or a total of 0).
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::tasks::progress::time_left;
///
/// assert_eq!(time_left(1.0, 4.0, Duration::from_secs(2)), Some(Duration::from_secs(6)));
/// assert_eq!(time_left(0.0, 4.0, Duration::from_secs(2)), None);
/// ```
pub fn time_left(value: f64, total: f64, elapsed: Duration) -> Option<Duration> {
    let known = value > 0.0 && total > 0.0 && value.is_finite() && total.is_finite();
    let micros = elapsed.as_secs_f64() * 1e6 * (total - value).max(0.0) / value;
    // 10^17 us are 3,000 years: not an estimate any more. A whole number of them, since `Duration::from_secs_f64` takes 0.3 kB.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // in range, and not negative
    (known && micros < 1e17).then(|| Duration::from_micros((micros + 0.5) as u64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_reader_sees_each_kept_value_once_in_order(
            capacity in 0..6_usize, steps in proptest::collection::vec(0..4_u8, 0..60),
        ) {
            let mut progress = ProgressBuffer::new(capacity);
            let (mut cursor, mut pushed, mut read, mut drained) = (Cursor::default(), 0_usize, Vec::new(), Vec::new());
            for step in steps {
                match step {
                    0 | 1 => { progress.push(pushed); pushed += 1; }
                    2 => read.extend(progress.read(&mut cursor)),
                    _ => drained.extend(progress.drain()),
                }
                prop_assert_eq!(progress.latest().copied(), pushed.checked_sub(1));
                prop_assert_eq!(progress.dropped(), pushed.saturating_sub(capacity.max(1)) as u64);
            }
            read.extend(std::iter::from_fn(|| progress.read(&mut cursor)));
            for seen in [&read, &drained] {
                prop_assert!(seen.is_sorted() && seen.windows(2).all(|pair| pair[0] < pair[1]));
            }
            if pushed > 0 {
                prop_assert_eq!(read.last(), Some(&(pushed - 1)));
            }
        }
    }
}
