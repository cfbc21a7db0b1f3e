//! A task with a priority starts through the platform's scheduler.

use std::{cell::RefCell, rc::Rc};

use futures::{FutureExt, channel::oneshot, executor::LocalPool, future::LocalBoxFuture};
use taskloom::{
    Priority, Runtime, TaskState,
    core::base::{
        clock::{ManualClock, ManualWallClock},
        timer::ManualTimer,
    },
    rt::{Ports, Turn},
};

type Asked = Rc<RefCell<Vec<(Option<Priority>, oneshot::Sender<()>)>>>;

/// A scheduler that the test is.
struct Scheduler(Asked);

impl Turn for Scheduler {
    fn turn(&self, priority: Option<Priority>) -> LocalBoxFuture<'static, ()> {
        let (sender, receiver) = oneshot::channel();
        self.0.borrow_mut().push((priority, sender));
        receiver.map(drop).boxed_local()
    }
}

fn scheduled() -> (LocalPool, Runtime, Asked) {
    let (pool, clock, asked) = (LocalPool::new(), ManualClock::default(), Asked::default());
    let runtime = Runtime::new(Ports {
        clock: Box::new(clock.clone()),
        wall_clock: Box::new(ManualWallClock::default()),
        timer: Box::new(ManualTimer::new(clock)),
        spawner: Box::new(pool.spawner()),
        turn: Box::new(Scheduler(asked.clone())),
        seed: 0,
    });
    (pool, runtime, asked)
}

#[test]
fn it_begins_when_the_scheduler_gets_to_it() {
    let (mut pool, runtime, asked) = scheduled();
    let task = runtime.task().priority(Priority::Background).spawn(async |_| ());
    pool.run_until_stalled();
    assert_eq!(task.state(), TaskState::Pending);
    let (priority, turn) = asked.borrow_mut().pop().expect("the scheduler was asked");
    assert_eq!(priority, Some(Priority::Background));
    turn.send(()).expect("somebody waits");
    pool.run_until_stalled();
    assert_eq!(task.state(), TaskState::Done);
}

#[test]
fn a_cancel_before_that_means_that_it_never_runs() {
    let (mut pool, runtime, asked) = scheduled();
    let task = runtime.task().priority(Priority::UserBlocking).spawn(async |_| panic!("it ran"));
    pool.run_until_stalled();
    assert!(task.cancel());
    assert_eq!(runtime.live(), 0);
    drop(asked.take());
    pool.run_until_stalled();
    assert_eq!(task.state(), TaskState::Cancelled);
}

#[test]
fn a_checkpoint_yields_at_the_priority_of_its_task() {
    let (mut pool, runtime, asked) = scheduled();
    let task = runtime.task().priority(Priority::Background).spawn(async |ctx| {
        // The clock stands at 0, where the slice began; so it is not spent.
        ctx.checkpoint().await;
    });
    pool.run_until_stalled();
    let (_, turn) = asked.borrow_mut().pop().expect("to begin");
    turn.send(()).expect("somebody waits");
    pool.run_until_stalled();
    assert!(task.is_done() && asked.borrow().is_empty());
}
