//! Triggers as streams, on a manual clock.
#![cfg(not(target_arch = "wasm32"))]

use std::{
    future::poll_fn,
    pin::Pin,
    task::Poll,
    time::{Duration, SystemTime},
};

use futures::{Stream, StreamExt, stream::FusedStream};
use taskloom::{
    Trigger,
    core::{
        base::clock::Instant,
        schedule::{cron::Dialect, pacer::Missed, zone::FixedOffset},
    },
    rt::{ManualRuntime, Tick, Ticks, sleep},
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

fn every(span: Duration) -> Trigger {
    Trigger::every(span).expect("it is long enough")
}

fn cron(expression: &str) -> Trigger {
    Trigger::cron(expression, FixedOffset(0)).expect("it is an expression")
}

/// The ticks that are there without waiting, in seconds.
async fn due(ticks: &mut Ticks) -> Vec<u64> {
    let mut seconds = Vec::new();
    poll_fn(|cx| {
        while let Poll::Ready(Some(tick)) = Pin::new(&mut *ticks).poll_next(cx) {
            seconds.push(tick.since_epoch().as_secs());
        }
        Poll::Ready(())
    })
    .await;
    seconds
}

#[test]
fn an_interval_stays_on_its_grid_however_slow_its_consumer_is() {
    ManualRuntime::default().run(async {
        let mut ticks = every(MINUTE).ticks();
        let mut seen = Vec::new();
        for _ in 0..4 {
            let tick = ticks.next().await.expect("it never ends");
            seen.push(tick.since_epoch().as_secs());
            sleep(Duration::from_secs(17)).await;
        }
        assert_eq!(seen, [60, 120, 180, 240]);
    });
}

#[test]
fn what_came_due_while_the_consumer_was_busy_is_its_policys_to_say() {
    for (missed, seconds) in
        [(Missed::Skip, vec![]), (Missed::Once, vec![300]), (Missed::All, vec![60, 120, 180, 240, 300])]
    {
        ManualRuntime::default().run(async {
            let mut ticks = every(MINUTE).missed(missed).grace(Duration::from_secs(5)).ticks();
            assert_eq!(due(&mut ticks).await, []);
            sleep(Duration::from_secs(310)).await;
            assert_eq!(due(&mut ticks).await, seconds, "{missed:?}");
            assert_eq!(ticks.next().await.map(Tick::since_epoch), Some(6 * MINUTE), "and then the next one");
        });
    }
}

#[test]
fn a_cron_expression_follows_the_wall_clock_when_that_is_set() {
    let mut manual = ManualRuntime::default();
    let wall_clock = manual.wall_clock().clone();
    manual.run(async {
        let mut ticks = cron("0 12 * * *").ticks();
        wall_clock.set(11 * 3_600_000);
        let before = taskloom::Runtime::current().now();
        assert_eq!(ticks.next().await.map(Tick::since_epoch), Some(12 * HOUR));
        assert_eq!(taskloom::Runtime::current().now() - before, HOUR);
        wall_clock.set(11 * 3_600_000);
        assert_eq!(ticks.next().await.map(Tick::since_epoch), Some(DAY + 12 * HOUR), "no tick comes twice");
    });
}

#[test]
fn an_interval_counts_the_time_that_the_machine_slept() {
    let mut manual = ManualRuntime::default();
    let wall_clock = manual.wall_clock().clone();
    manual.run(async {
        let mut ticks = every(DAY).ticks();
        assert_eq!(due(&mut ticks).await, []);
        wall_clock.set(23 * 3_600_000); // the monotonic clock stood still
        let before = taskloom::Runtime::current().now();
        assert_eq!(ticks.next().await.map(Tick::since_epoch), Some(DAY));
        assert_eq!(taskloom::Runtime::current().now() - before, HOUR);
    });
}

#[test]
fn a_bounded_trigger_ends_and_says_so() {
    ManualRuntime::default().run(async {
        let at = |span| SystemTime::UNIX_EPOCH + span;
        let ticks = every(HOUR).starting(at(MINUTE)).until(at(3 * HOUR)).ticks();
        let seen: Vec<_> = ticks.map(Tick::since_epoch).collect().await;
        assert_eq!(seen, [MINUTE, HOUR + MINUTE, 2 * HOUR + MINUTE]);

        let mut ticks = cron("@hourly").until(at(5 * HOUR)).ticks();
        assert_eq!(ticks.next_due(), Some(at(3 * HOUR)));
        assert_eq!(ticks.by_ref().count().await, 3);
        assert!(ticks.is_terminated());
        assert_eq!(ticks.next_due(), None);
        assert_eq!(ticks.next().await, None);
    });
}

#[test]
fn a_tick_comes_later_by_its_jitter_and_says_when_it_was_due() {
    ManualRuntime::default().run(async {
        let mut ticks = every(HOUR).jitter(MINUTE).ticks();
        for hour in 1..50 {
            let tick = ticks.next().await.expect("it never ends");
            let now = taskloom::Runtime::current().now() - Instant::default();
            assert_eq!(tick.since_epoch(), hour * HOUR);
            assert!(now >= tick.since_epoch() && now <= tick.since_epoch() + MINUTE, "{now:?}");
        }
    });
}

#[test]
fn a_stream_that_is_dropped_leaves_no_timer() {
    let mut manual = ManualRuntime::default();
    manual.run(async {
        let mut ticks = every(MINUTE).ticks();
        assert_eq!(due(&mut ticks).await, []);
    });
    let before = manual.runtime().now();
    manual.run(async { sleep(HOUR).await });
    assert_eq!(manual.runtime().now() - before, HOUR);
    assert_eq!(manual.runtime().live(), 0);
}

#[test]
fn bad_triggers_name_what_is_wrong() {
    assert_eq!(Trigger::every(Duration::from_micros(900)).unwrap_err().code(), "invalid-argument");
    let message = |result: Result<Trigger, taskloom::Error>| result.unwrap_err().to_string();
    assert!(message(Trigger::cron("0 24 * * *", FixedOffset(0))).starts_with("cron.hour is '24'"));
    assert!(
        message(Trigger::cron_in("0 0 * * 7", Dialect::Apscheduler, FixedOffset(0)))
            .starts_with("cron.day_of_week is '7'")
    );
}
