//! How long jobs take, by name: what decides how many calls a worker is sent ahead.

/// A job is short below this mean. Several of it wait in the worker then, so that it need not wait for the page.
const SHORT_MICROS: f32 = 500.0;
/// How often a job must have been seen before it is taken for short.
const SEEN_OFTEN: u32 = 4;
/// How much work a worker is sent ahead, as far as it can be told: some round trips' worth, and not so much that what waits in one
/// worker would be missed by another.
pub(super) const AHEAD_MICROS: f32 = 2_000.0;
/// No job is taken for shorter than this: a coarse clock reads 0 for most.
const LEAST_MICROS: f32 = 1.0;
/// The weight of the newest of the durations in the mean.
const WEIGHT: f32 = 0.125;

/// What is known of the jobs of one name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    mean: f32,
    seen: u32,
}

impl Pace {
    /// One more has taken this many microseconds.
    pub fn note(&mut self, micros: f32) {
        let micros = if micros.is_finite() { micros.max(0.0) } else { 0.0 };
        self.mean = if self.seen == 0 { micros } else { self.mean + (micros - self.mean) * WEIGHT };
        self.seen = self.seen.saturating_add(1);
    }

    /// How many microseconds the next one is expected to take, if that is known and short.
    pub fn short(self) -> Option<f32> {
        (self.seen >= SEEN_OFTEN && self.mean < SHORT_MICROS).then_some(self.mean.max(LEAST_MICROS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_short_once_it_has_been_so_for_a_while_and_no_longer_when_it_is_not() {
        let mut pace = Pace::default();
        for _ in 0..SEEN_OFTEN {
            assert_eq!(pace.short(), None);
            pace.note(20.0);
        }
        assert!(pace.short().is_some_and(|micros| (19.0..21.0).contains(&micros)));
        pace.note(10_000.0);
        assert_eq!(pace.short(), None);
    }

    #[test]
    fn a_clock_that_is_coarse_or_broken_does_no_harm() {
        let mut pace = Pace::default();
        for micros in [0.0, f32::NAN, -3.0, f32::INFINITY] {
            pace.note(micros);
        }
        assert_eq!(pace.short(), Some(LEAST_MICROS));
    }
}
