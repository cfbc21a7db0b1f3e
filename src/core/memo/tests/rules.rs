//! Which rules a cache can have.

use super::*;

fn refused(rules: Rules) -> String {
    let error = rules.validated().expect_err("out of range");
    assert_eq!(error.code(), "invalid-argument");
    error.to_string()
}

#[test]
fn the_default_keeps_all_that_there_is_for_ever() {
    let rules = Rules::default().validated().expect("in range");
    assert_eq!((rules.ttl, rules.max_entries, rules.max_bytes), (None, u32::MAX, None));
    assert_eq!((rules.error_ttl, rules.stale_if_error, rules.refresh_every), (None, None, None));
    assert_eq!(rules.refresh, Refresh::Foreground);
}

#[test]
fn a_jitter_that_is_no_part_of_a_whole_is_refused_by_its_name() {
    for ttl_jitter in [-0.1, 1.001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let message = refused(Rules { ttl_jitter, ..Rules::default() });
        assert!(message.starts_with("ttl_jitter is ") && message.contains("0 to 1"), "{message}");
    }
}

#[test]
fn counts_of_zero_are_refused_by_their_names() {
    let message = refused(Rules { max_entries: 0, ..Rules::default() });
    assert_eq!(message, "max_entries is 0; it must be a whole number of at least 1");
    let message = refused(Rules { refresh_concurrency: 0, ..Rules::default() });
    assert_eq!(message, "refresh_concurrency is 0; it must be a whole number of at least 1");
}

#[test]
fn to_refresh_all_the_time_is_refused_by_its_name() {
    let message = refused(Rules { refresh_every: Some(Duration::ZERO), ..Rules::default() });
    assert_eq!(message, "refresh_every is 0; it must be a duration of more than 0 ms");
}

#[test]
fn what_lies_at_the_ends_of_the_ranges_is_accepted_and_not_changed() {
    for ttl_jitter in [0.0, 1.0] {
        let rules = Rules {
            ttl: Some(Duration::ZERO),
            ttl_jitter,
            max_entries: 1,
            max_bytes: Some(0),
            error_ttl: Some(Duration::ZERO),
            stale_if_error: Some(Duration::MAX),
            max_stale: Some(Duration::MAX),
            refresh: Refresh::Background,
            refresh_every: Some(Duration::from_nanos(1)),
            refresh_concurrency: 1,
        };
        assert_eq!(rules.clone().validated(), Ok(rules));
    }
}
