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
    let whole = value.fract() == 0.0 || value.is_infinite();
    if !whole || value < f64::from(min) {
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
