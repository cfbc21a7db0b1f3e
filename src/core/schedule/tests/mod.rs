//! Tests of schedules, on a manual clock.
