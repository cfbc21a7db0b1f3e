//! What the store keeps of a key besides its value, and of all keys together.

/// Names a tab, or a connection of another machine: 53 random bits.
pub type TabId = u64;

/// Which incarnation of the store it is: 53 random bits, made anew when the store is found empty.
pub type Born = u64;

/// The version of a value: one counter for all keys of a store, so that versions of one key rise, also over its removal. 0 is no value.
pub type Version = u64;

/// A fencing token: who claims a lock gets a larger one than all before.
pub type Token = u64;

/// What is kept of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The incarnation.
    pub born: Born,
    /// The newest version there is.
    pub seq: Version,
    /// The newest version of all tombstones that were trimmed: who has heard less than that reads everything.
    pub trimmed: Version,
    /// The largest token of all records that were trimmed.
    pub token: Token,
}

/// What is kept of a key, besides its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The version of its value, or of its removal; 0 if it never had any.
    pub seq: Version,
    /// It has no value: the record is a tombstone, or only a lock.
    pub gone: bool,
    /// The newest token.
    pub token: Token,
    /// Who holds that token; nobody if it was given back.
    pub holder: Option<TabId>,
}

impl Record {
    /// What stands for a record that is not there.
    pub fn missing(head: &Head) -> Self {
        Self { seq: 0, gone: true, token: head.token, holder: None }
    }

    /// The version as callers know it: 0 if there is no value.
    pub fn version(&self) -> Version {
        if self.gone { 0 } else { self.seq }
    }
}
