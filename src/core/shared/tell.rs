//! Who is told of a change.
//!
//! Subscribers hear of a change in the order in which they have subscribed, with the newest value: changes that come before they were called are folded into one. A quiet
//! change reruns nothing; folded with a loud one it is loud.

use super::record::{TabId, Version};

/// Names a subscription: later ones have larger numbers.
pub type SubscriptionId = u32;

/// A change, or some of one key that are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The newest version.
    pub version: Version,
    /// Who has written that one.
    pub by: TabId,
    /// Whether all of them are quiet.
    pub quiet: bool,
}

impl Change {
    /// This one and another of the same key.
    #[must_use]
    pub fn fold(self, other: Self) -> Self {
        let newest = if other.version > self.version { other } else { self };
        Self { quiet: self.quiet && other.quiet, ..newest }
    }

    /// Whether it is the own one of a tab.
    pub fn is_own(&self, tab: TabId) -> bool {
        self.by == tab
    }

    /// Whether what reads the key runs again.
    pub fn reruns(&self) -> bool {
        !self.quiet
    }
}

/// Whether a subscription is called in a round that began when `next` was the number of the next one: those that subscribe meanwhile are not. `open`: it has not ended
/// meanwhile.
pub fn is_called(subscription: SubscriptionId, next: SubscriptionId, open: bool) -> bool {
    open && subscription < next
}
