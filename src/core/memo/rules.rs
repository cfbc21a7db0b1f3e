//! What the owner of a cache decides.

use core::time::Duration;

use crate::core::base::{clock::Instant, error::Error};

/// Who waits for the new value when one is stale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refresh {
    /// The caller: a stale value is not served.
    #[default]
    Foreground,
    /// Nobody: the caller is served the stale value, and one refresh runs behind it.
    Background,
}

/// The rules of a cache.
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::memo::Rules;
///
/// let rules = Rules { ttl: Some(Duration::from_secs(60)), max_entries: 500, ..Rules::default() };
/// assert!(rules.validated().is_ok());
/// assert_eq!(Rules { max_entries: 0, ..Rules::default() }.validated().unwrap_err().code(), "invalid-argument");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// How long a value is fresh, from when it settled; `None` is for ever, zero not at all: then concurrent calls still share one execution.
    pub ttl: Option<Duration>,
    /// By which part of itself `ttl` may be shorter, drawn for each value: 0 to 1. What was stored together does not expire together; and no value is
    /// fresh for longer than `ttl` says.
    pub ttl_jitter: f64,
    /// How many entries are kept, at least 1; the least recently used one goes first.
    pub max_entries: u32,
    /// How many bytes the values may take together; a value that is larger by itself is not kept.
    pub max_bytes: Option<u64>,
    /// How long a failure is kept and served again; `None` is not at all. While a stale value can be served instead, it is the pause between two tries.
    pub error_ttl: Option<Duration>,
    /// How long after it has expired a value is still served if its successor could not be made; `None` is not at all.
    pub stale_if_error: Option<Duration>,
    /// How long after it has expired a value may still be served at all, in the background or for a failure; `None` is without end.
    pub max_stale: Option<Duration>,
    /// Who waits for a new value.
    pub refresh: Refresh,
    /// How long after a value settled it is made again without being asked for; more than zero.
    pub refresh_every: Option<Duration>,
    /// How many refreshes run at once, at least 1. Those that callers wait for are not counted.
    pub refresh_concurrency: u32,
}

impl Default for Rules {
    /// Values are kept for ever, and as many as there are.
    fn default() -> Self {
        Self {
            ttl: None,
            ttl_jitter: 0.0,
            max_entries: u32::MAX,
            max_bytes: None,
            error_ttl: None,
            stale_if_error: None,
            max_stale: None,
            refresh: Refresh::Foreground,
            refresh_every: None,
            refresh_concurrency: 4,
        }
    }
}

impl Rules {
    /// The rules, if each is in range; else `invalid-argument` that names the option.
    pub fn validated(self) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&self.ttl_jitter) {
            return Err(Error::invalid("ttl_jitter", self.ttl_jitter, "a number from 0 to 1"));
        }
        for (name, number) in
            [("max_entries", self.max_entries), ("refresh_concurrency", self.refresh_concurrency)]
        {
            if number == 0 {
                return Err(Error::invalid(name, number, "a whole number of at least 1"));
            }
        }
        if self.refresh_every == Some(Duration::ZERO) {
            return Err(Error::invalid("refresh_every", 0.0, "a duration of more than 0 ms"));
        }
        Ok(self)
    }

    /// Until when a value that settles now is fresh. `own` is its own time to live, in place of that of all.
    pub(super) fn fresh_until(
        &self,
        own: Option<Duration>,
        now: Instant,
        random: &mut fastrand::Rng,
    ) -> Instant {
        let Some(ttl) = own.or(self.ttl) else { return NEVER };
        if self.ttl_jitter == 0.0 {
            return now + ttl;
        }
        // At most `ttl`, which came from a duration.
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let micros = (ttl.as_micros() as f64 * (1.0 - self.ttl_jitter * random.f64())) as u64;
        now + Duration::from_micros(micros)
    }

    /// Until when a value may be served although it has expired.
    pub(super) fn stale_until(&self, fresh_until: Instant) -> Instant {
        self.max_stale.map_or(NEVER, |span| fresh_until + span)
    }

    /// Until when that is so in place of a failure.
    pub(super) fn in_error_until(&self, fresh_until: Instant) -> Instant {
        (fresh_until + self.stale_if_error.unwrap_or_default()).min(self.stale_until(fresh_until))
    }

    /// Until when a value is of any use.
    pub(super) fn keep_until(&self, fresh_until: Instant) -> Instant {
        match self.refresh {
            Refresh::Background => self.stale_until(fresh_until),
            Refresh::Foreground => self.in_error_until(fresh_until),
        }
    }
}

/// An end that no value lives to see.
pub(super) const NEVER: Instant = Instant::from_micros(u64::MAX);
