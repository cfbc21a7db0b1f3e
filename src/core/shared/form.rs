//! When two values are equal: if they are stored alike.

/// How a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form<'a> {
    /// There is none.
    Absent,
    /// Encoded by the codec.
    Encoded(&'a [u8]),
    /// As a clone that nobody looks into.
    Opaque,
}

/// Whether a new value is the old one. A clone that nobody looks into is equal to nothing, not even to itself.
///
/// ```
/// use taskloom::core::shared::form::{Form, are_equal};
///
/// assert!(are_equal(Form::Encoded(b"[1]"), Form::Encoded(b"[1]")));
/// assert!(!are_equal(Form::Encoded(b"false"), Form::Absent), "a falsy value is a value");
/// assert!(!are_equal(Form::Opaque, Form::Opaque));
/// ```
pub fn are_equal(old: Form<'_>, new: Form<'_>) -> bool {
    old != Form::Opaque && old == new
}
