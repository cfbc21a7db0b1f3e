//! How a simulated tab hears of commits and reads what it has missed, as src/js/shared/store.ts does.

use std::time::Duration;

use super::{Bug, End, Happening, Head, Key, Next, Origin, Purpose, Row, tab::Tab};
use crate::core::shared::{
    hearing::{self, OnRead, Then},
    lock::Event,
    record::{Born, Version},
};

/// How often the head is looked at, in case a notice was lost.
const CHECKS: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub struct Told {
    pub key: Key,
    pub seq: Version,
    pub gone: bool,
    /// Left out if it is large.
    pub value: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Notice {
    pub born: Born,
    pub from: Version,
    pub to: Version,
    pub changes: Vec<Told>,
}

/// What is known of a key.
#[derive(Clone, Debug)]
pub struct Known {
    pub version: Version,
    pub value: Option<u64>,
}

impl Tab {
    /// A notice, or an own commit.
    pub fn heard(&mut self, notice: &Notice, origin: &mut Origin) {
        let Notice { born, from, to, .. } = *notice;
        let whole = notice.changes.iter().all(|told| told.gone || told.value.is_some());
        let then = self.hearing.notice(&hearing::Notice { born, from, to, whole }, self.clock(origin));
        for told in notice.changes.iter().filter(|told| told.gone || told.value.is_some()) {
            self.take_in(told.key, told.seq, told.value, origin);
        }
        self.follow(then, origin);
    }

    fn take_in(&mut self, key: Key, version: Version, value: Option<u64>, origin: &mut Origin) {
        let known = self.replica.get(key).map(|known| known.version).unwrap_or_default();
        let is_taken = if self.bug == Some(Bug::NoVersionCheck) {
            known != version
        } else {
            self.hearing.takes(known, version)
        };
        if is_taken {
            self.replica.insert(key, Known { version, value });
            origin.checker.saw(self.id, key, version);
        }
    }

    pub fn follow(&mut self, then: Then, origin: &mut Origin) {
        self.hole += 1;
        if matches!(then, Then::Read | Then::ReadAll) {
            return self.read(then == Then::ReadAll, origin);
        }
        if let Some(due) = self.hearing.due() {
            let hole = self.hole;
            self.at(due, Happening::Hole(hole), origin);
        }
    }

    pub fn hole_due(&mut self, hole: u32, origin: &mut Origin) {
        if hole == self.hole {
            let then = self.hearing.tick(self.clock(origin));
            self.follow(then, origin);
        }
    }

    /// Reads what is newer than what it has heard, or everything. One at a time.
    pub fn read(&mut self, all: bool, origin: &mut Origin) {
        if self.reading.is_some() {
            self.is_read_again = true;
            return;
        }
        self.reading = Some(all);
        self.reads_all = all;
        self.is_read_again = false;
        self.read_once(origin);
    }

    pub fn read_once(&mut self, origin: &mut Origin) {
        let from = self.hearing.ask();
        origin.begin(self.id, Purpose::Read { all: self.reads_all, from });
    }

    /// A reading is over.
    pub fn read_ended(&mut self, origin: &mut Origin) {
        let Some(all) = self.reading else { return };
        if self.is_read_again {
            self.is_read_again = false;
            self.reads_all = all;
            return self.read_once(origin);
        }
        self.reading = None;
    }

    /// The storage is blocked.
    pub fn read_failed(&mut self, origin: &mut Origin) {
        self.is_read_again = false;
        self.reading = None;
        if !self.is_ready {
            self.read(true, origin); // it opens when the database answers
        }
    }

    pub fn has_read(&mut self, all: bool, from: Version, end: &End, origin: &mut Origin) {
        let End::Read { head, rows } = end else {
            return self.read_failed(origin);
        };
        let Some(head) = head else { return self.begin_anew(Next::Read, origin) };
        let on_read = self.hearing.on_read(head, all, from);
        if on_read == OnRead::ReadAll {
            self.reads_all = true;
            return self.read_once(origin);
        }
        if on_read == OnRead::Reset {
            self.reset(head, origin);
        }
        self.take_in_all(rows, all || on_read == OnRead::Reset, origin);
        self.read_ended(origin);
    }

    fn take_in_all(&mut self, rows: &[(Key, Row)], all: bool, origin: &mut Origin) {
        for (key, row) in rows.iter().filter(|(_, row)| row.record.seq > 0) {
            self.take_in(key, row.record.seq, row.value, origin);
        }
        let has_value = |key: &Key| rows.iter().any(|(of, row)| of == key && row.value.is_some());
        if all {
            self.replica.retain(|key, known| has_value(key) || !self.hearing.drops(known.version));
        }
        let heard = self.hearing.heard();
        self.replica.retain(|_, known| known.value.is_some() || known.version > heard);
    }

    fn reset(&mut self, head: &Head, origin: &mut Origin) {
        self.replica.values_mut().for_each(|known| known.version = 0);
        origin.checker.forgets(self.id);
        if head.born == self.born {
            return;
        }
        origin.checker.count("reset");
        self.born = head.born;
        self.all_calls(Event::Reset, origin);
    }

    pub fn found_other(&mut self, origin: &mut Origin) {
        self.read(false, origin);
    }

    /// Reads what it has missed, if it has missed anything.
    pub fn check(&mut self, origin: &mut Origin) {
        self.read(false, origin);
        self.check_later(origin);
    }

    pub fn check_later(&mut self, origin: &mut Origin) {
        self.checks += 1;
        origin.plan(CHECKS, self.id, Happening::Check(self.checks));
    }
}
