//! What the tests of core have in common.

use proptest::{prelude::ProptestConfig, test_runner::RngAlgorithm};

/// By how many cases a property is tried: 256, and `all` of them where `TASKLOOM_ALL` is set (`npm test -- --all`).
///
/// There are none of the files in which failures are kept: each failure becomes a test.
pub fn cases(all: u32) -> ProptestConfig {
    ProptestConfig {
        cases: if std::env::var_os("TASKLOOM_ALL").is_some() { all } else { all.min(256) },
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::XorShift, // most of the time would go into the default one
        ..ProptestConfig::default()
    }
}
