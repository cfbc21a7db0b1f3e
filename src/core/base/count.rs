//! Counts from languages whose numbers are floats.

use crate::core::base::error::Error;

/// A whole number of at least `min` as a count; infinity, and whatever else is too large, is the largest.
///
/// ```
/// use taskloom::core::base::count::count;
///
/// assert_eq!(count("max_queue", 3.0, 0), Ok(3));
/// assert_eq!(count("max_queue", f64::INFINITY, 0), Ok(u32::MAX));
/// assert_eq!(count("max_queue", 1.5, 0).unwrap_err().code(), "invalid-argument");
/// ```
pub fn count(name: &str, value: f64, min: u32) -> Result<u32, Error> {
    if !is_whole(value) || value < f64::from(min) {
        let expected = if min == 0 {
            "a whole number of at least 0, or Infinity"
        } else {
            "a whole number of at least 1, or Infinity"
        };
        return Err(Error::invalid(name, value, expected));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and is not negative
    Ok(value as u32)
}

/// From here on every float is a whole number.
const ALL_WHOLE: f64 = 9_007_199_254_740_992.0; // 2^53

#[allow(clippy::cast_precision_loss, clippy::float_cmp)] // exact below `ALL_WHOLE`, and so is the comparison
fn is_whole(value: f64) -> bool {
    value.abs() >= ALL_WHOLE || floor(value) as f64 == value
}

/// The largest whole number that is not above this one; saturates, and is 0 for NaN. `f64::floor` is not in `core`.
///
/// ```
/// use taskloom::core::base::count::floor;
///
/// assert_eq!([2.5, 2.0, -0.5, f64::NEG_INFINITY].map(floor), [2, 2, -1, i64::MIN]);
/// ```
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // as the text says
pub fn floor(value: f64) -> i64 {
    let cut = value as i64;
    cut.saturating_sub(i64::from(cut as f64 > value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        #[allow(clippy::cast_possible_truncation)]
        fn floor_is_that_of_the_standard_library(value: f64) {
            prop_assert_eq!(floor(value), value.floor() as i64);
        }

        #[test]
        fn a_number_is_whole_if_nothing_is_left_behind_its_point(value: f64) {
            prop_assert_eq!(is_whole(value), value.fract() == 0.0 || value.is_infinite());
        }

        #[test]
        fn small_numbers_are_no_exception(whole in -1000_i32..1000, part in 0_u8..4) {
            let value = f64::from(whole) + f64::from(part) / 4.0;
            prop_assert_eq!(floor(value), i64::from(whole));
            prop_assert_eq!(is_whole(value), part == 0);
        }
    }
}
