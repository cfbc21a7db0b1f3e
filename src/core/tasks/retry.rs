//! Whether and when a failed attempt is made again: exponential backoff with jitter.

use core::time::Duration;

use crate::core::base::error::Error;

/// How often an operation is tried, and how long to wait in between.
///
/// The wait after failure `i` (0 is the first) is `base_delay * multiplier^i`, at most `max_delay`, then moved
/// up or down by a random part of at most `jitter` of itself and capped again. Symmetric jitter keeps the mean
/// wait where it was and spreads callers that failed together; see [Exponential Backoff And Jitter].
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::tasks::retry::RetryPolicy;
///
/// let policy = RetryPolicy { base_delay: Duration::from_millis(100), ..RetryPolicy::default() };
/// let mut random = fastrand::Rng::with_seed(1);
/// assert_eq!(policy.delay_for_attempt(0, &mut random), Duration::from_millis(100));
/// assert_eq!(policy.delay_for_attempt(3, &mut random), Duration::from_millis(800));
/// ```
///
/// [Exponential Backoff And Jitter]: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included; at least 1.
    pub max_attempts: u32,
    /// The wait after the first failure.
    pub base_delay: Duration,
    /// No wait is longer, unless the failed operation itself asked for it (a `Retry-After`).
    pub max_delay: Duration,
    /// What each wait is multiplied by to get the next; at least 1 and finite.
    pub multiplier: f64,
    /// The random part of a wait, 0 to 1: 0.2 means 20 % up or down.
    pub jitter: f64,
    /// No attempt starts later than this after the first one started. With zero there is only the first.
    pub max_elapsed: Option<Duration>,
    /// An attempt that takes longer is aborted, and counts as failed by a timeout.
    pub attempt_timeout: Option<Duration>,
}

impl Default for RetryPolicy {
    /// Three attempts at once after one another: no wait, no jitter, no bound on time.
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::ZERO,
            max_delay: Duration::from_secs(60),
            multiplier: 2.0,
            jitter: 0.0,
            max_elapsed: None,
            attempt_timeout: None,
        }
    }
}

/// What the operation's own rules said of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The error is not one that another attempt could mend.
    GiveUp,
    /// Try again after the policy's own delay.
    Retry,
    /// Try again after this delay, which the error asked for; `max_delay` does not cap it.
    RetryAfter(Duration),
}

impl RetryPolicy {
    /// The policy, if each of its fields is in range; else `invalid-argument` that names the field.
    pub fn validated(self) -> Result<Self, Error> {
        if self.max_attempts < 1 {
            return Err(Error::invalid("max_attempts", self.max_attempts, "a whole number of at least 1"));
        }
        if !(self.multiplier >= 1.0 && self.multiplier.is_finite()) {
            return Err(Error::invalid("multiplier", self.multiplier, "a finite number of at least 1"));
        }
        if !(0.0..=1.0).contains(&self.jitter) {
            return Err(Error::invalid("jitter", self.jitter, "a number from 0 to 1"));
        }
        if self.attempt_timeout == Some(Duration::ZERO) {
            return Err(Error::invalid("attempt_timeout", 0.0, "a duration of more than 0 ms"));
        }
        Ok(self)
    }

    /// The wait after the failure with this index; 0 is the first failure.
    #[inline(never)] // smaller by more than its calls
    pub fn delay_for_attempt(&self, index: u32, random: &mut fastrand::Rng) -> Duration {
        let max = micros(self.max_delay);
        let base = micros(self.base_delay);
        // The power may be infinite, and 0 times that is no number.
        let factor = power(self.multiplier, index);
        let mut delay = if base == 0.0 { 0.0 } else { (base * factor).min(max) };
        if self.jitter > 0.0 {
            delay = (delay * (1.0 + self.jitter * (2.0 * random.f64() - 1.0))).clamp(0.0, max);
        }
        // At most `max_delay`, which came from a duration.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Duration::from_micros(delay as u64)
    }

    /// Whether attempt `attempt` (1 is the first) may be followed by another at all.
    pub fn has_attempts_left(&self, attempt: u32) -> bool {
        attempt < self.max_attempts
    }

    /// When attempt `attempt` (1 is the first) has failed: the wait before the next one, or `None` to give up.
    ///
    /// `elapsed` is the time since the first attempt started. A wait that would end after `max_elapsed` is not begun:
    /// giving up now tells the caller sooner what is certain.
    pub fn next_delay(
        &self,
        attempt: u32,
        elapsed: Duration,
        verdict: Verdict,
        random: &mut fastrand::Rng,
    ) -> Option<Duration> {
        if !self.has_attempts_left(attempt) {
            return None;
        }
        let delay = match verdict {
            Verdict::GiveUp => return None,
            Verdict::Retry => self.delay_for_attempt(attempt - 1, random),
            Verdict::RetryAfter(delay) => delay,
        };
        let in_time = self.max_elapsed.is_none_or(|max| elapsed.saturating_add(delay) < max);
        in_time.then_some(delay)
    }
}

#[allow(clippy::cast_precision_loss)] // exact to 2^53 us, which is 285 years
fn micros(span: Duration) -> f64 {
    span.as_micros() as f64
}

/// As `f64::powi`, which is not in `core`.
fn power(mut base: f64, mut exponent: u32) -> f64 {
    let mut power = 1.0;
    while exponent > 0 {
        if exponent % 2 == 1 {
            power *= base;
        }
        base *= base;
        exponent /= 2;
    }
    power
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy() -> impl Strategy<Value = RetryPolicy> {
        (
            1..20_u32,
            0..5000_u64,
            0..60_000_u64,
            1.0..4.0_f64,
            0.0..=1.0_f64,
            proptest::option::of(1..100_000_u64),
        )
            .prop_map(|(max_attempts, base, max, multiplier, jitter, elapsed)| RetryPolicy {
                max_attempts,
                base_delay: Duration::from_millis(base),
                max_delay: Duration::from_millis(max),
                multiplier,
                jitter,
                max_elapsed: elapsed.map(Duration::from_millis),
                attempt_timeout: None,
            })
    }

    proptest! {
        #[test]
        fn a_delay_is_the_formula_of_the_docs_within_its_jitter(policy in policy(), index in 0..40_u32, seed: u64) {
            let delay = policy.delay_for_attempt(index, &mut fastrand::Rng::with_seed(seed)).as_secs_f64();
            let plain = (policy.base_delay.as_secs_f64() * policy.multiplier.powi(index.cast_signed()))
                .min(policy.max_delay.as_secs_f64());
            let span = plain * policy.jitter + 1e-5;
            prop_assert!(delay >= plain - span && delay <= plain + span, "{} not near {}", delay, plain);
            prop_assert!(delay <= policy.max_delay.as_secs_f64());
        }

        #[test]
        fn one_seed_gives_one_series(policy in policy(), seed: u64) {
            let series = |seed| {
                let mut random = fastrand::Rng::with_seed(seed);
                (0..8).map(|index| policy.delay_for_attempt(index, &mut random)).collect::<Vec<_>>()
            };
            prop_assert_eq!(series(seed), series(seed));
        }

        #[test]
        fn never_more_attempts_than_allowed_and_none_after_max_elapsed(
            policy in policy(), attempt in 1..40_u32, elapsed in 0..200_000_u64, seed: u64,
        ) {
            let elapsed = Duration::from_millis(elapsed);
            let next = policy.next_delay(attempt, elapsed, Verdict::Retry, &mut fastrand::Rng::with_seed(seed));
            if let Some(delay) = next {
                prop_assert!(attempt < policy.max_attempts);
                prop_assert!(policy.max_elapsed.is_none_or(|max| elapsed + delay < max));
            } else {
                prop_assert!(attempt >= policy.max_attempts || policy.max_elapsed.is_some());
            }
        }
    }

    #[test]
    fn jitter_goes_both_ways_and_keeps_the_mean() {
        let policy =
            RetryPolicy { base_delay: Duration::from_secs(1), jitter: 0.5, ..RetryPolicy::default() };
        let mut random = fastrand::Rng::with_seed(7);
        let delays: Vec<f64> =
            (0..4000).map(|_| policy.delay_for_attempt(0, &mut random).as_secs_f64()).collect();
        let mean = delays.iter().sum::<f64>() / 4000.0;
        assert!(delays.iter().any(|d| *d < 0.6) && delays.iter().any(|d| *d > 1.4));
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
    }

    #[test]
    fn a_retry_after_is_not_capped_by_max_delay_but_bounded_by_max_elapsed() {
        let policy = RetryPolicy {
            max_delay: Duration::from_secs(1),
            max_elapsed: Some(Duration::from_secs(100)),
            ..RetryPolicy::default()
        };
        let mut random = fastrand::Rng::with_seed(1);
        let after = |seconds| Verdict::RetryAfter(Duration::from_secs(seconds));
        assert_eq!(
            policy.next_delay(1, Duration::ZERO, after(90), &mut random),
            Some(Duration::from_secs(90))
        );
        assert_eq!(policy.next_delay(1, Duration::ZERO, after(100), &mut random), None);
    }

    #[test]
    fn with_a_max_elapsed_of_zero_there_is_one_attempt() {
        let policy = RetryPolicy { max_elapsed: Some(Duration::ZERO), ..RetryPolicy::default() };
        let policy = policy.validated().unwrap();
        let mut random = fastrand::Rng::with_seed(1);
        for verdict in [Verdict::Retry, Verdict::RetryAfter(Duration::ZERO)] {
            assert_eq!(policy.next_delay(1, Duration::ZERO, verdict, &mut random), None);
        }
    }

    #[test]
    fn each_field_out_of_range_is_named() {
        let cases: [(&str, RetryPolicy); 5] = [
            ("max_attempts", RetryPolicy { max_attempts: 0, ..RetryPolicy::default() }),
            ("multiplier", RetryPolicy { multiplier: 0.5, ..RetryPolicy::default() }),
            ("multiplier", RetryPolicy { multiplier: f64::NAN, ..RetryPolicy::default() }),
            ("jitter", RetryPolicy { jitter: 1.1, ..RetryPolicy::default() }),
            (
                "attempt_timeout",
                RetryPolicy { attempt_timeout: Some(Duration::ZERO), ..RetryPolicy::default() },
            ),
        ];
        for (name, policy) in cases {
            let error = policy.validated().unwrap_err();
            assert!(error.to_string().starts_with(&format!("{name} is ")), "{error}");
        }
    }
}
