//! Durations as people write them.

use core::time::Duration;

use crate::core::base::error::Error;

/// The longest duration that is accepted: the range of a JavaScript `Date`, 8.64e15 ms.
pub const MAX_MILLIS: f64 = 8.64e15;

const EXPECTED: &str =
    "0 or more milliseconds up to 8.64e15, or a string such as '250ms', '90s', '1.5h' or '1h30m'";

/// A number of milliseconds as a duration.
///
/// `name` is the argument's name for the error. NaN, a negative number, or one over [`MAX_MILLIS`] is
/// `invalid-argument`.
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::base::duration::from_millis;
///
/// assert_eq!(from_millis("timeout", 1.5)?, Duration::from_micros(1500));
/// assert_eq!(from_millis("timeout", -1.0).unwrap_err().code(), "invalid-argument");
/// # Ok::<(), taskloom::Error>(())
/// ```
pub fn from_millis(name: &str, millis: f64) -> Result<Duration, Error> {
    if (0.0..=MAX_MILLIS).contains(&millis) {
        // In range and not negative, so the cast only cuts off fractions of a microsecond.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Ok(Duration::from_micros((millis * 1000.0) as u64))
    } else {
        Err(Error::invalid(name, millis, EXPECTED))
    }
}

/// Reads a duration such as `90s`, `1h30m` or `1.5 s`: one or more numbers, each with a unit out of
/// `ms s m h d w`, the larger unit first, none twice; blanks are allowed between the parts.
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::base::duration::parse;
///
/// assert_eq!(parse("every", "1h30m")?, Duration::from_secs(5400));
/// assert_eq!(parse("every", "2 minutes").unwrap_err().code(), "invalid-argument");
/// # Ok::<(), taskloom::Error>(())
/// ```
pub fn parse(name: &str, text: &str) -> Result<Duration, Error> {
    let millis = parse_millis(text).ok_or_else(|| Error::invalid(name, text, EXPECTED))?;
    from_millis(name, millis)
}

/// Milliseconds of each unit, the largest first.
const UNITS: [(&[u8], f64); 6] = [
    (b"w", 604_800_000.0),
    (b"d", 86_400_000.0),
    (b"h", 3_600_000.0),
    (b"m", 60_000.0),
    (b"s", 1000.0),
    (b"ms", 1.0),
];

/// Works on bytes: every byte that means something here is ASCII, and slicing a `str` would link in the tables that its
/// panic message needs.
fn parse_millis(text: &str) -> Option<f64> {
    let mut rest = text.as_bytes().trim_ascii();
    let mut units = UNITS.iter();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, tail) = split_while(rest, |byte| byte.is_ascii_digit() || byte == b'.');
        let (unit, tail) = split_while(tail.trim_ascii_start(), |byte| byte.is_ascii_lowercase());
        // `find` moves on past the unit it finds, which is what keeps them in order and single.
        let (_, millis) = units.find(|(known, _)| *known == unit)?;
        total += decimal(number)? * millis;
        rest = tail.trim_ascii_start();
    }
    Some(total)
}

fn split_while(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| !belongs(*byte)).unwrap_or(bytes.len());
    bytes.split_at(end)
}

/// Digits with at most one point between them. The standard library's float parser would do, and would add
/// 10 kB of tables to the package; the precision needed here is a microsecond.
fn decimal(text: &[u8]) -> Option<f64> {
    let point = text.iter().position(|byte| *byte == b'.');
    let digits = text.len() - usize::from(point.is_some());
    if digits == 0 || digits > 17 || point == Some(0) || point == Some(text.len() - 1) {
        return None;
    }
    let (mut value, mut scale) = (0.0, 1.0);
    for (index, byte) in text.iter().enumerate() {
        if point == Some(index) {
            continue;
        }
        if !byte.is_ascii_digit() {
            return None; // a second point
        }
        value = value * 10.0 + f64::from(byte - b'0');
        if point.is_some_and(|point| index > point) {
            scale *= 10.0;
        }
    }
    Some(value / scale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_each_unit_and_their_sums() {
        for (text, millis) in [
            ("0ms", 0),
            ("250ms", 250),
            ("90s", 90_000),
            ("1h30m", 5_400_000),
            ("1.5s", 1500),
            ("2d", 172_800_000),
            ("1w 2d 3h 4m 5s 6ms", 788_645_006),
            (" 10 s ", 10_000),
        ] {
            assert_eq!(parse("t", text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_duration_and_names_the_argument() {
        for text in
            ["", " ", "s", "5", "5x", "-5s", "1m1h", "1s1s", "1..5s", ".5s", "5.s", "1e3s", "5S", "∞s"]
        {
            let error = parse("retry.baseDelay", text).unwrap_err();
            assert_eq!(error.code(), "invalid-argument", "{text}");
            assert!(error.to_string().starts_with("retry.baseDelay is '"), "{error}");
        }
    }

    #[test]
    fn refuses_numbers_outside_the_range() {
        for millis in [f64::NAN, -0.001, f64::INFINITY, f64::NEG_INFINITY, MAX_MILLIS * 1.01] {
            assert!(from_millis("t", millis).is_err(), "{millis}");
        }
        assert!(parse("t", "99999999999999999w").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = parse("t", &text);
        }

        #[test]
        fn whole_seconds_round_trip(seconds in 0..1_000_000_000_u64) {
            prop_assert_eq!(parse("t", &format!("{seconds}s")), Ok(Duration::from_secs(seconds)));
        }
    }
}
