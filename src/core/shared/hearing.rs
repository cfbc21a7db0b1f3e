//! What a tab has heard of, which change it takes in, and what it has missed.
//!
//! A commit takes a range of versions, and is told by one notice. Notices come late, twice, in another order, or not at all. A tab remembers up to which version it has
//! heard of everything; a notice from further on leaves a hole. If that isn't filled soon, the tab reads all that is newer than what it has heard.

use alloc::vec::Vec;
use core::time::Duration;

use super::record::{Born, Head, Version};
use crate::core::base::clock::Instant;

/// How long a hole waits for the notice that fills it: of 800 notices of four tabs 66 came out of order.
pub const HOLE_WAITS: Duration = Duration::from_millis(50);

/// More holes than this are not remembered.
const MAX_RANGES: usize = 64;

/// What a notice says of a commit, besides its changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The incarnation.
    pub born: Born,
    /// The first version of the commit,
    pub from: Version,
    /// and the last.
    pub to: Version,
    /// Whether it has the value of each change: large ones are left out.
    pub whole: bool,
}

/// What follows for a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// It waits for what is missing, and [looks again](Hearing::tick) when [that is due](Hearing::due).
    Wait,
    /// It reads all that is newer than what it has heard, and the head, in one transaction.
    Read,
    /// It reads everything.
    ReadAll,
}

/// What a tab does with what it has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRead {
    /// It takes in what [is newer](Hearing::takes). After a reading of everything it also drops what [is gone](Hearing::drops).
    Apply,
    /// The store has begun anew: it drops all that it knows, and takes in everything.
    Reset,
    /// It reads everything: what it has read is not enough.
    ReadAll,
}

/// What a tab has heard.
#[derive(Debug)]
pub struct Hearing {
    born: Born,
    /// Up to this version it has heard of everything.
    heard: Version,
    /// What it has heard of beyond, in order; between them, and before the first, is a hole.
    ahead: Vec<(Version, Version)>,
    /// Up to this version it was told of changes that are not among these.
    told: Version,
    /// When the hole is no longer waited for.
    due: Option<Instant>,
    /// The newest version it had heard of when it began to read.
    asked: Version,
    /// What is being taken in: versions above this one
    above: Version,
    /// and up to this one.
    until: Version,
    /// The store is another one than before; all is to be read.
    reborn: bool,
}

impl Default for Hearing {
    fn default() -> Self {
        Self::new()
    }
}

impl Hearing {
    /// Nothing heard yet.
    pub const fn new() -> Self {
        Self {
            born: 0,
            heard: 0,
            ahead: Vec::new(),
            told: 0,
            due: None,
            asked: 0,
            above: 0,
            until: Version::MAX,
            reborn: true,
        }
    }

    /// The incarnation that it knows.
    pub fn born(&self) -> Born {
        self.born
    }

    /// Up to which version it has heard of everything. What is gone since that or before may be forgotten.
    pub fn heard(&self) -> Version {
        self.heard
    }

    /// When a hole is no longer waited for.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// The newest version it has heard of.
    fn newest(&self) -> Version {
        self.ahead.last().map_or(self.heard, |(_, to)| *to).max(self.told)
    }

    /// A notice has come, or an own commit is done, which counts as heard. The tab takes in those of its changes that [are newer](Self::takes), then does what this says.
    pub fn notice(&mut self, notice: &Notice, now: Instant) -> Then {
        (self.above, self.until) = (Version::MAX, 0); // takes nothing
        if notice.from == 0 || notice.from > notice.to || self.reborn {
            return Then::Nothing; // junk, or all will be read
        }
        if notice.born != self.born {
            return Then::Read; // the head tells
        }
        if notice.to <= self.heard {
            return Then::Nothing;
        }
        (self.above, self.until) = (self.heard, notice.to);
        if !notice.whole || self.ahead.len() >= MAX_RANGES {
            self.told = self.told.max(notice.to);
            return Then::Read;
        }
        let hole = self.ahead.first().map(|(from, _)| *from);
        let place = self.ahead.partition_point(|range| *range < (notice.from, notice.to));
        self.ahead.insert(place, (notice.from, notice.to));
        self.close_up();
        let still = self.ahead.first().map(|(from, _)| *from);
        if still.is_none() {
            self.due = None;
            return Then::Nothing;
        }
        if still != hole || self.due.is_none() {
            self.due = Some(now + HOLE_WAITS);
        }
        Then::Wait
    }

    /// The ranges that join what was heard are part of it.
    fn close_up(&mut self) {
        let joined = self.ahead.iter().take_while(|(from, to)| {
            let joins = *from <= self.heard + 1;
            if joins {
                self.heard = self.heard.max(*to);
            }
            joins
        });
        let joined = joined.count();
        self.ahead.drain(..joined);
    }

    /// What follows when a hole is [due](Self::due).
    pub fn tick(&mut self, now: Instant) -> Then {
        match self.due {
            Some(due) if due <= now => {
                self.due = None;
                Then::Read
            }
            Some(_) => Then::Wait,
            None => Then::Nothing,
        }
    }

    /// A reading begins, of the head alone or of records with it; there is one at a time. Returns the version beyond which it reads, unless it reads everything.
    pub fn ask(&mut self) -> Version {
        self.asked = self.newest();
        self.heard
    }

    /// The head was read, because the tab is seen again, or from time to time.
    pub fn head_check(&mut self, head: &Head) -> Then {
        if self.reborn || head.born != self.born || head.seq < self.asked {
            Then::ReadAll
        } else if head.seq > self.heard {
            Then::Read
        } else {
            Then::Nothing
        }
    }

    /// Records were read with the head. `all`: everything; `from`: else what is newer than this, which [`ask`](Self::ask) has returned.
    pub fn on_read(&mut self, head: &Head, all: bool, from: Version) -> OnRead {
        // Who has heard of a version before reading finds it, or somebody has told stories.
        let is_other = self.reborn || head.born != self.born || head.seq < self.asked;
        self.reborn = is_other;
        if !all && (is_other || from < head.trimmed) {
            return OnRead::ReadAll;
        }
        if is_other {
            *self = Self { born: head.born, reborn: false, ..Self::new() };
        }
        (self.above, self.until) = (self.heard, head.seq);
        self.heard = self.heard.max(head.seq);
        self.close_up();
        if self.ahead.is_empty() {
            self.due = None;
        }
        if is_other { OnRead::Reset } else { OnRead::Apply }
    }

    /// Whether a change is taken in, or a record, of which the tab knows this version; 0 is none.
    pub fn takes(&self, known: Version, version: Version) -> bool {
        version > known && version > self.above && version <= self.until
    }

    /// Whether an entry goes that a reading of everything has not found: not if it is newer than the reading.
    pub fn drops(&self, known: Version) -> bool {
        known <= self.until
    }
}
