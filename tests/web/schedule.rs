//! Triggers by the platform's clocks and zones.

use std::time::{Duration, SystemTime};

use futures::StreamExt;
use taskloom::{Trigger, core::schedule::zone::Zone, platform::zone::PlatformZone, rt::Tick};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// The zones of the npm package.
#[wasm_bindgen(module = "/src/platform/zones.js")]
extern "C" {
    #[wasm_bindgen(js_name = zoneNumber)]
    fn zone_number(name: &str) -> usize;
    #[wasm_bindgen(js_name = zoneOffset)]
    fn zone_offset(zone: usize, at: f64) -> i32;
}

#[wasm_bindgen_test]
fn offsets_are_the_platforms() {
    let berlin = PlatformZone::named("Europe/Berlin").expect("every browser knows it");
    assert_eq!(berlin.offset(1_767_225_600), 3600); // 2026-01-01
    assert_eq!(berlin.offset(1_782_864_000), 7200); // 2026-07-01
    let kolkata = PlatformZone::named("Asia/Kolkata").expect("every browser knows it");
    assert_eq!(kolkata.offset(0), 19_800);
    assert_eq!(PlatformZone::named("Mars/Olympus").unwrap_err().code(), "invalid-argument");
    let _ = PlatformZone::system().offset(0);
}

#[wasm_bindgen_test]
async fn an_interval_ticks() {
    let ticks = Trigger::every(Duration::from_millis(20)).expect("it is long enough").ticks();
    let seen: Vec<_> = ticks.take(3).map(Tick::millis).collect().await;
    assert!(seen.windows(2).all(|pair| pair[1] > pair[0] && (pair[1] - pair[0]) % 20 == 0), "{seen:?}");
}

#[wasm_bindgen_test]
async fn a_cron_expression_ticks_in_a_zone_of_the_platform() {
    let zone = PlatformZone::named("Asia/Kolkata").expect("every browser knows it");
    let mut ticks = Trigger::cron("* * * * * *", zone).expect("it is an expression").ticks();
    let next = ticks.next_due().expect("there is one");
    let tick = ticks.next().await.expect("it never ends");
    assert_eq!(SystemTime::UNIX_EPOCH + tick.since_epoch(), next);
    assert_eq!(tick.millis() % 1000, 0);
}

#[wasm_bindgen_test]
#[allow(clippy::cast_precision_loss)] // seconds of a Date
fn a_rust_app_has_the_offsets_that_the_npm_package_has() {
    let mut random = fastrand::Rng::with_seed(26);
    let zones = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Pacific/Apia",
        "Africa/Monrovia",
        "Etc/GMT-14",
        "Etc/GMT+12",
    ];
    for name in zones {
        let (ours, theirs) = (PlatformZone::named(name).expect("every browser knows it"), zone_number(name));
        let edges = [0, -1, 1, 8_640_000_000_000, -8_640_000_000_000, i64::MAX, i64::MIN, 1_798_761_599];
        let times = edges
            .into_iter()
            .chain((0..200).map(|_| random.i64(-5_000_000_000..9_000_000_000)))
            .collect::<Vec<_>>();
        for at in times {
            assert_eq!(ours.offset(at), zone_offset(theirs, at as f64), "{name} at {at}");
        }
        assert_eq!(PlatformZone::named(name), Ok(ours), "one zone, one number");
    }
}
