//! A sleep ends at its time, and leaves nothing behind.

use std::time::Duration;

use futures::{FutureExt, StreamExt, executor::LocalPool, future::join3, stream::FuturesUnordered};
use taskloom::{
    Runtime,
    core::base::{
        clock::{Instant, ManualClock, ManualWallClock},
        timer::ManualTimer,
    },
    rt::{PendOnce, Ports},
};

use crate::support::{SECOND, manual};

#[test]
fn sleeps_end_in_the_order_of_their_times() {
    let (mut manual, runtime) = manual();
    let sleeps: FuturesUnordered<_> =
        [3, 1, 2].map(|n| runtime.sleep(n * SECOND).map(move |()| n)).into_iter().collect();
    assert_eq!(manual.run(sleeps.collect::<Vec<_>>()), [1, 2, 3]);
    assert_eq!(runtime.now().as_micros(), 3_000_000);
}

#[test]
fn sleeps_of_the_same_time_end_together() {
    let (mut manual, runtime) = manual();
    let sleep = || runtime.sleep(SECOND);
    manual.run(join3(sleep(), sleep(), sleep()));
    assert_eq!(runtime.now().as_micros(), 1_000_000);
}

#[test]
fn a_sleep_of_no_time_is_over() {
    let (_manual, runtime) = manual();
    assert_eq!(runtime.sleep(Duration::ZERO).now_or_never(), Some(()));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_sleep_that_is_dropped_wakes_nobody() {
    let (mut manual, runtime) = manual();
    let mut sleep = Box::pin(runtime.sleep(SECOND));
    assert_eq!(manual.run(async { (&mut sleep).now_or_never() }), None);
    drop(sleep);
    manual.run(std::future::pending::<()>());
}

#[test]
fn the_timer_is_set_for_those_who_still_sleep() {
    let (pool, clock) = (LocalPool::new(), ManualClock::default());
    let timer = ManualTimer::new(clock.clone());
    let runtime = Runtime::new(Ports {
        clock: Box::new(clock),
        wall_clock: Box::new(ManualWallClock::default()),
        timer: Box::new(timer.clone()),
        spawner: Box::new(pool.spawner()),
        turn: Box::new(PendOnce),
        seed: 0,
    });
    let (mut short, mut long) = (runtime.sleep(SECOND), runtime.sleep(2 * SECOND));
    assert_eq!((&mut long).now_or_never(), None);
    assert_eq!((&mut short).now_or_never(), None);
    let next = || timer.next().map(Instant::as_micros);
    assert_eq!(next(), Some(1_000_000));
    drop(short);
    assert_eq!(next(), Some(2_000_000));
    drop(long);
    assert_eq!(next(), None);
}
