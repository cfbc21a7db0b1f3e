//! State that survives its page: how a value becomes text and back, when it is written, and what becomes of what can't be.
//!
//! A value is kept in memory by the host and written behind, as an [`entry`]: a head that says until when it holds and which version of the
//! app wrote it, then the value. Plain data is left to the platform's JSON; of anything else the [`shape`] is written here, and the strings and
//! numbers in it are a list of JSON's. [`writes`] says what is written when, and what follows if it fails; [`ends`] when values end; [`session`]
//! whose a copied storage is.

mod decimal;
pub mod ends;
pub mod entry;
pub mod session;
pub mod shape;
pub mod wire;
pub mod writes;

/// What the assignment of a value means for those who listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// They are told.
    Tell,
    /// Nothing has changed.
    Nothing,
    /// They are told unless the value has the same stored form as the one before.
    TellUnlessEqual,
}

/// Whether an assignment is a change: the same object assigned again always is, since it may have been changed in place.
///
/// `same`: the new value is the very one before. `object`: the new value can be changed in place. `comparable`: both are values of a kind that
/// can differ in identity and be equal in form.
///
/// ```
/// use taskloom::core::state::{Change, change};
///
/// assert_eq!(change(true, false, false), Change::Nothing); // 1 = 1
/// assert_eq!(change(true, true, true), Change::Tell); // the same list
/// assert_eq!(change(false, true, true), Change::TellUnlessEqual); // another list
/// assert_eq!(change(false, false, false), Change::Tell); // 1 = 2
/// ```
pub fn change(same: bool, object: bool, comparable: bool) -> Change {
    match (same, object) {
        (true, false) => Change::Nothing,
        (false, _) if comparable => Change::TellUnlessEqual,
        _ => Change::Tell,
    }
}
