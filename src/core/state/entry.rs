//! The head of a stored text: `t1`, then `e` and until when the value holds (milliseconds of the wall clock), `v` and its version, each if there
//! is one, then `:` before JSON or `*` before a [shape](super::shape).
//!
//! ```
//! use taskloom::core::state::entry::{Body, Head, Standing};
//!
//! let head = Head { expires_at: Some(1_800_000_000_000), version: 2, body: Body::Json };
//! assert_eq!(head.text(), "t1e1800000000000v2:");
//! let (read, length) = Head::parse("t1e1800000000000v2:{\"a\":1}").unwrap();
//! assert_eq!((read, length), (head, 19));
//! assert_eq!(read.standing(1_700_000_000_000, 2), Standing::Current);
//! assert_eq!(read.standing(1_800_000_000_000, 2), Standing::Expired);
//! assert_eq!(read.standing(0, 3), Standing::Older);
//! ```

use alloc::string::String;

use super::decimal;

/// What a text of this format begins with; the digit is raised when older readers can't read it.
const MAGIC: &str = "t1";
/// No head is longer than this many characters.
pub const MAX_HEAD: usize = 32;
/// A date further off could not be told from others as a number of JavaScript's.
const MAX_DATE: u64 = 1 << 53;

/// How the value stands behind its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// As JSON.
    Json,
    /// As a shape and its leaves.
    Shape,
}

/// What is said of a stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// When it ends, in milliseconds of the wall clock.
    pub expires_at: Option<u64>,
    /// The version of the app's data that it is of.
    pub version: u32,
    /// How the value is written.
    pub body: Body,
}

/// What a stored value is worth to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is to be used.
    Current,
    /// Its time is over: it is as if it were not there.
    Expired,
    /// It is of an earlier version: to be migrated.
    Older,
    /// It is of a later version, which this reader can't know.
    Newer,
}

impl Head {
    /// The head of this text, and how many characters it takes; nothing if it is not one of ours, or damaged.
    pub fn parse(text: &str) -> Option<(Self, usize)> {
        // Bytes, and numbers read by hand: what checks the borders of characters, and says where, takes 4 kB.
        let mut rest = text.as_bytes().strip_prefix(MAGIC.as_bytes())?;
        let expires_at = field(&mut rest, b'e')?;
        let version = field(&mut rest, b'v')?;
        let body = match rest.first()? {
            b':' => Body::Json,
            b'*' => Body::Shape,
            _ => return None,
        };
        let head = Self { expires_at, version: u32::try_from(version.unwrap_or(0)).ok()?, body };
        Some((head, text.len() - rest.len() + 1))
    }

    /// The text.
    pub fn text(&self) -> String {
        let mut text = String::from(MAGIC);
        if let Some(at) = self.expires_at {
            text.push('e');
            decimal::push(&mut text, at.min(MAX_DATE));
        }
        if self.version > 0 {
            text.push('v');
            decimal::push(&mut text, self.version.into());
        }
        text.push(match self.body {
            Body::Json => ':',
            Body::Shape => '*',
        });
        text
    }

    /// What the value is worth at this time to a reader of this version.
    pub fn standing(&self, now: u64, version: u32) -> Standing {
        if self.expires_at.is_some_and(|at| now >= at) {
            return Standing::Expired;
        }
        match self.version.cmp(&version) {
            core::cmp::Ordering::Less => Standing::Older,
            core::cmp::Ordering::Equal => Standing::Current,
            core::cmp::Ordering::Greater => Standing::Newer,
        }
    }
}

/// A letter and a number, if the letter comes next; nothing at all if the number is none.
#[allow(clippy::option_option)]
fn field(rest: &mut &[u8], letter: u8) -> Option<Option<u64>> {
    let Some(digits) = rest.strip_prefix(&[letter]) else { return Some(None) };
    let (number, tail) = decimal::take(digits).filter(|&(number, _)| number <= MAX_DATE)?;
    *rest = tail;
    Some(Some(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(expires_at in proptest::option::of(0..=MAX_DATE), version: u32, json: bool, body in ".{0,20}") {
            let head = Head { expires_at, version, body: if json { Body::Json } else { Body::Shape } };
            let text = head.text();
            prop_assert!(text.len() <= MAX_HEAD);
            prop_assert_eq!(Head::parse(&format!("{text}{body}")), Some((head, text.len())));
        }

        #[test]
        fn a_head_that_is_cut_off_is_none(expires_at in proptest::option::of(0..=MAX_DATE), version: u32, cut in 0_usize..MAX_HEAD) {
            let text = Head { expires_at, version, body: Body::Json }.text();
            prop_assert_eq!(Head::parse(&text[..cut.min(text.len() - 1)]), None);
        }

        #[test]
        fn garbage_is_no_head_or_one_that_would_be_written_alike(text in "t1[ev0-9:*]{0,24}") {
            if let Some((head, length)) = Head::parse(&text) {
                prop_assert_eq!(Head::parse(&head.text()).map(|(again, _)| again), Some(head));
                prop_assert!(length <= text.len());
            }
        }
    }

    #[test]
    fn foreign_texts_are_none() {
        for text in [
            "",
            "t",
            "t1",
            "t2:1",
            "{\"a\":1}",
            "t1x:1",
            "t1e:1",
            "t1ev1:",
            "t1v1e1:",
            "t1v4294967296:",
            "t1e9007199254740993:",
            "T1:1",
            " t1:1",
        ] {
            assert_eq!(Head::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_ends_at_its_time_whatever_its_version() {
        let head = Head { expires_at: Some(10), version: 1, body: Body::Json };
        assert_eq!(head.standing(9, 1), Standing::Current);
        assert_eq!(head.standing(9, 0), Standing::Newer);
        assert_eq!(head.standing(9, 2), Standing::Older);
        assert_eq!(head.standing(10, 2), Standing::Expired);
    }
}
