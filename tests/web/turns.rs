//! A checkpoint gives the event loop a real turn, on each of the ways that a platform has.

use std::{cell::Cell, rc::Rc, time::Duration};

use taskloom::{
    Runtime,
    platform::{
        clock::{DateClock, PerformanceClock},
        runtime::MicrotaskSpawner,
        timer::Timeout,
        turn::{MessageTurn, PlatformTurn},
    },
    rt::{Ports, Turn},
    spawn,
};
use wasm_bindgen_test::wasm_bindgen_test;

use super::support::{Stopwatch, block, flag_by_timer, global, platform_sleep};

fn runtime(turn: impl Turn + 'static) -> Runtime {
    Runtime::new(Ports {
        clock: Box::new(PerformanceClock),
        wall_clock: Box::new(DateClock),
        timer: Box::new(Timeout::default()),
        spawner: Box::new(MicrotaskSpawner),
        turn: Box::new(turn),
        seed: 1,
    })
}

/// A job that computes for 200 ms with checkpoints, and whether a timer of 0 ms got through meanwhile.
async fn lets_a_timer_through(runtime: Runtime) {
    let fired = flag_by_timer();
    let task = runtime.spawn(async move |ctx| {
        let mut steps = 0;
        while !fired.get() && steps < 200 {
            block(Duration::from_millis(1));
            ctx.checkpoint().await;
            steps += 1;
        }
        steps
    });
    let steps = task.await.expect("done");
    assert!(steps < 200, "the timer had to wait for the end");
}

#[wasm_bindgen_test]
async fn a_checkpoint_lets_a_timer_through() {
    lets_a_timer_through(Runtime::current()).await;
}

#[wasm_bindgen_test]
async fn a_checkpoint_by_a_message_lets_a_timer_through() {
    lets_a_timer_through(runtime(MessageTurn::default())).await;
}

#[wasm_bindgen_test]
async fn a_checkpoint_within_the_slice_costs_no_turn() {
    let mut most = 0;
    // A page that is held up meanwhile shows nothing, and is asked again.
    for _ in 0..50 {
        platform_sleep(0.0).await;
        let fired = flag_by_timer();
        let task = spawn(async move |ctx| {
            ctx.checkpoint().await; // which may be the first after a long time, and so a turn
            let watch = Stopwatch::start();
            let (mut count, fired_before) = (0, fired.get());
            while watch.millis() < 3.0 {
                ctx.checkpoint().await;
                count += 1;
            }
            (count, fired_before == fired.get())
        });
        let (count, same_turn) = task.await.expect("done");
        if count > 100 && same_turn {
            return;
        }
        most = most.max(count);
    }
    panic!("{most} at most");
}

#[wasm_bindgen_test]
async fn turns_come_in_order_and_may_be_dropped() {
    let turn = MessageTurn::default();
    let order = Rc::new(Cell::new(0));
    let (first, dropped, last) = (turn.turn(None), turn.turn(None), turn.turn(None));
    drop(dropped);
    wasm_bindgen_futures::spawn_local({
        let order = order.clone();
        async move {
            first.await;
            order.set(order.get() + 1);
        }
    });
    last.await;
    assert_eq!(order.get(), 1);
}

#[wasm_bindgen_test]
fn the_platform_s_scheduler_is_used_where_there_is_one() {
    let posts = !global("scheduler").is_undefined();
    assert_eq!(matches!(PlatformTurn::default(), PlatformTurn::Posted(_)), posts);
}
