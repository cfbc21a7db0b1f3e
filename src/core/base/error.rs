//! What can go wrong, each with a stable code.

use alloc::{borrow::ToOwned, string::String};
use core::{error, fmt};

/// An error of taskloom's own. [`code`](Error::code) is the contract; the text may change.
///
/// ```
/// use taskloom::Error;
///
/// let error = Error::invalid("timeout", -5.0, "a duration of 0 ms or more");
/// assert_eq!(error.code(), "invalid-argument");
/// assert_eq!(error.to_string(), "timeout is -5; it must be a duration of 0 ms or more");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// An argument is outside its range or of the wrong kind.
    InvalidArgument {
        /// The argument as Rust spells it: `retry.max_attempts`. Faces for other languages show it in theirs.
        name: String,
        /// The value that was given.
        value: Value,
        /// What is accepted, to be read after "it must be".
        expected: &'static str,
    },
    /// The queue of a manager holds as many tasks as its `max_queue` allows.
    QueueFull {
        /// The bound that was reached.
        limit: u32,
    },
}

/// A value that was refused. Kept as it came, so that a face of the library can show it in its own language's way; the JavaScript
/// one saves the 20 kB that printing a float in Rust takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => write!(f, "'{text}'"),
        }
    }
}

impl Error {
    /// An [`Error::InvalidArgument`].
    pub fn invalid(name: &str, value: impl Into<Value>, expected: &'static str) -> Self {
        Self::InvalidArgument { name: name.to_owned(), value: value.into(), expected }
    }

    /// The stable code, the same in Rust, JavaScript and Python.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidArgument { .. } => "invalid-argument",
            Self::QueueFull { .. } => "queue-full",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidArgument { name, value, expected } => {
                write!(f, "{name} is {value}; it must be {expected}")
            }
            Self::QueueFull { limit } => {
                write!(
                    f,
                    "the queue holds {limit} tasks, its max_queue; wait for on_idle() or raise max_queue"
                )
            }
        }
    }
}

impl error::Error for Error {}
