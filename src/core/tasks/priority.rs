//! How urgent a task is.

/// The three classes of the [Prioritized Task Scheduling API], most urgent first.
///
/// [Prioritized Task Scheduling API]: https://wicg.github.io/scheduling-apis/#sec-task-priorities
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Priority {
    /// The user can't go on without it: input handling, what is on the screen first.
    UserBlocking = 0,
    /// The user sees it, but can wait.
    #[default]
    UserVisible = 1,
    /// Nobody waits for it: logs, prefetches, housekeeping.
    Background = 2,
}

impl Priority {
    /// All of them, most urgent first.
    pub const ALL: [Self; 3] = [Self::UserBlocking, Self::UserVisible, Self::Background];

    /// Reads the platform's name of a priority, such as `user-visible`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.name() == name)
    }

    /// The priority at which a task of this one lets the event loop have a turn. Not `user-blocking`: what is posted at it
    /// goes ahead of timers, messages and fetches, so a job that yields in a loop would starve them until it ends.
    #[must_use]
    pub const fn of_checkpoint(self) -> Self {
        match self {
            Self::UserBlocking | Self::UserVisible => Self::UserVisible,
            Self::Background => Self::Background,
        }
    }

    /// The platform's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserBlocking => "user-blocking",
            Self::UserVisible => "user-visible",
            Self::Background => "background",
        }
    }
}
