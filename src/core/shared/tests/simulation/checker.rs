//! What must be true, whatever happens. It keeps books of its own, by what the store has really come to.

use std::collections::{BTreeMap, BTreeSet};

use super::{Kept, Key, Row};
use crate::core::shared::record::{Born, TabId, Token, Version};

/// What a transaction has done to a key.
#[derive(Clone, Copy, Debug)]
pub enum Done {
    /// It has written the value, under a token. `counts`: one more than before.
    Wrote { token: Option<Token>, counts: bool },
    /// It has claimed the lock.
    Claimed { token: Token, by: TabId },
    /// It has given a token back.
    Released { token: Token },
}

#[derive(Debug, Default)]
struct Counter {
    /// What it was when the incarnation began.
    base: u64,
    /// How often it was really raised,
    landed: u64,
    /// how often whoever has raised it knows so,
    confirmed: u64,
    /// and how often nobody knows.
    unknown: u64,
}

#[derive(Debug, Default)]
struct Tokens {
    newest: Token,
    /// The one that is valid, and whose it is.
    valid: Option<(Token, TabId)>,
}

#[derive(Debug, Default)]
pub struct Checker {
    pub violation: Option<String>,
    counters: BTreeMap<(Born, Key), Counter>,
    tokens: BTreeMap<(Born, Key), Tokens>,
    /// The version of each key that a tab knows.
    seen: BTreeMap<(TabId, Key), Version>,
    /// How often what has happened, to tell a world in which nothing does.
    pub tally: BTreeMap<&'static str, u64>,
}

impl Checker {
    pub fn fail(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }

    pub fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// An incarnation begins, with these records.
    pub fn begins(&mut self, born: Born, rows: &[(Key, Row)]) {
        for (key, row) in rows {
            let base = row.value.unwrap_or_default();
            self.counters.insert((born, *key), Counter { base, ..Counter::default() });
            let valid = row.record.holder.map(|holder| (row.record.token, holder));
            self.tokens.insert((born, *key), Tokens { newest: row.record.token, valid });
        }
    }

    /// The valid token of a key, and whose it is.
    pub fn valid(&self, born: Born, key: Key) -> Option<(Token, TabId)> {
        self.tokens.get(&(born, key))?.valid
    }

    /// A transaction has landed.
    pub fn landed(&mut self, born: Born, key: Key, done: Done) {
        let tokens = self.tokens.entry((born, key)).or_default();
        match done {
            Done::Wrote { token, counts } => {
                if let (Some(token), newest) = (token, tokens.newest)
                    && token != newest
                {
                    self.violation
                        .get_or_insert(format!("{key} is written under token {token} after {newest}"));
                }
                if let (None, Some(valid)) = (token, tokens.valid) {
                    self.violation
                        .get_or_insert(format!("{key} is written without a token, and {valid:?} is valid"));
                }
                if counts {
                    self.counters.entry((born, key)).or_default().landed += 1;
                }
            }
            Done::Claimed { token, by } => {
                if token <= tokens.newest {
                    let newest = tokens.newest;
                    self.violation.get_or_insert(format!("token {token} of {key} is claimed after {newest}"));
                }
                *tokens = Tokens { newest: token, valid: Some((token, by)) };
            }
            Done::Released { token } => {
                tokens.valid.take_if(|(valid, _)| *valid == token);
            }
        }
    }

    /// Whoever has raised a counter knows so.
    pub fn confirmed(&mut self, born: Born, key: Key) {
        self.counters.entry((born, key)).or_default().confirmed += 1;
    }

    /// Nobody knows whether it was raised.
    pub fn unknown(&mut self, born: Born, key: Key) {
        self.counters.entry((born, key)).or_default().unknown += 1;
    }

    /// A tab takes in a version.
    pub fn saw(&mut self, tab: TabId, key: Key, version: Version) {
        let before = self.seen.insert((tab, key), version).unwrap_or_default();
        if version <= before {
            self.fail(format!("tab {tab} takes in version {version} of {key} after {before}"));
        }
    }

    /// A tab forgets what it knows.
    pub fn forgets(&mut self, tab: TabId) {
        self.seen.retain(|(of, _), _| *of != tab);
    }

    /// Nothing moves any more: a tab knows what is stored.
    pub fn equal(&mut self, tab: TabId, replica: &[(Key, Version, u64)], stored: &[(Key, Version, u64)]) {
        if replica != stored {
            self.fail(format!("tab {tab} knows {replica:?}, stored is {stored:?}"));
        }
    }

    /// Nothing moves any more: the sums are right.
    pub fn sums(&mut self, born: Born, rows: &BTreeMap<Key, Row>) {
        let keys: BTreeSet<_> =
            self.counters.iter().filter(|((of, _), _)| *of == born).map(|((_, key), _)| *key).collect();
        for key in keys.into_iter().filter(|key| super::COUNTERS.contains(key)) {
            let Counter { base, landed, confirmed, unknown } = self.counters[&(born, key)];
            let value = rows.get(key).and_then(|row| row.value).unwrap_or_default();
            if value != base + landed {
                self.fail(format!("{key} is {value}, and was raised {landed} times from {base}"));
            }
            if landed < confirmed || landed > confirmed + unknown {
                self.fail(format!(
                    "{key} was raised {landed} times: {confirmed} confirmed, {unknown} unknown"
                ));
            }
        }
    }
}

/// The records out of what the store has.
pub fn rows(all: Vec<(String, Kept)>) -> Vec<(Key, Row)> {
    let row = |(key, kept): (String, Kept)| match kept {
        Kept::Row(row) => Some((super::key_of(&key), row)),
        Kept::Head(_) => None,
    };
    all.into_iter().filter_map(row).collect()
}
