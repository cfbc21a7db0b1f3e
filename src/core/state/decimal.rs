//! Whole numbers in decimal digits. By hand: the standard library's formatting and parsing take kilobytes of wasm.

use alloc::string::String;

/// No number has more digits.
const MAX_DIGITS: usize = 16;

/// Adds the digits of a number to a text.
pub fn push(text: &mut String, number: u64) {
    if number >= 10 {
        push(text, number / 10);
    }
    #[allow(clippy::cast_possible_truncation)] // a digit
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// The number that the text begins with, and what follows it; nothing if there is none, it is too long, or could be written shorter.
pub fn take(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    let mut rest = text;
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        number = number * 10 + u64::from(digit - b'0');
        rest = tail;
        if text.len() - rest.len() > MAX_DIGITS {
            return None;
        }
    }
    let digits = text.len() - rest.len();
    if digits == 0 || (digits > 1 && text[0] == b'0') { None } else { Some((number, rest)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(number in 0..10_u64.pow(16), tail in "[^0-9]?") {
            let mut text = String::new();
            push(&mut text, number);
            prop_assert_eq!(&text, &number.to_string());
            text.push_str(&tail);
            prop_assert_eq!(take(text.as_bytes()), Some((number, tail.as_bytes())));
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "x", "-1", "01", "00", "12345678901234567", " 1"] {
            assert_eq!(take(text.as_bytes()), None, "{text}");
        }
    }
}
