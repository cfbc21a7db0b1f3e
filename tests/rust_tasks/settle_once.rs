//! Whatever is done to them in whatever order, every task settles once, and nothing is left behind.

use std::{cell::RefCell, rc::Rc, time::Duration};

use futures::FutureExt;
use proptest::prelude::*;
use taskloom::{
    Context, Priority, RetryPolicy, Task, TaskManager, TaskState,
    core::tasks::engine::ManagerOptions,
    rt::{ManualRuntime, Retry, sleep},
};

use crate::support::Count;

/// What a function does, one step after the other.
#[derive(Clone, Debug)]
enum Step {
    Sleep(u64),
    Child(u64),
    ForgetChild(u64),
    Fail,
    CancelAnother(usize),
    Report,
}

#[derive(Clone, Debug)]
struct Plan {
    steps: Vec<Step>,
    attempts: u32,
    managed: bool,
    urgent: bool,
    timeout: Option<u64>,
    queue_timeout: Option<u64>,
    attempt_timeout: Option<u64>,
}

#[derive(Clone, Debug)]
enum Operation {
    Spawn(Plan),
    Cancel(usize),
    Drop(usize),
    Detach(usize),
    Take(usize),
    Advance(u64),
    Pause(bool),
    CancelAll,
    Concurrency(u32),
}

type Handles = Rc<RefCell<Vec<Option<Task<u32, u32, u32>>>>>;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..40_u64).prop_map(Step::Sleep),
        1 => (0..40_u64).prop_map(Step::Child),
        1 => (0..40_u64).prop_map(Step::ForgetChild),
        1 => Just(Step::Fail),
        1 => (0..20_usize).prop_map(Step::CancelAnother),
        1 => Just(Step::Report),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    let limit = || proptest::option::weighted(0.3, 1..60_u64);
    (
        proptest::collection::vec(step(), 0..5),
        1..4_u32,
        any::<bool>(),
        any::<bool>(),
        limit(),
        limit(),
        limit(),
    )
        .prop_map(|(steps, attempts, managed, urgent, timeout, queue_timeout, attempt_timeout)| Plan {
            steps,
            attempts,
            managed,
            urgent,
            timeout,
            queue_timeout,
            attempt_timeout,
        })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        8 => plan().prop_map(Operation::Spawn),
        3 => (0..20_usize).prop_map(Operation::Cancel),
        2 => (0..20_usize).prop_map(Operation::Drop),
        1 => (0..20_usize).prop_map(Operation::Detach),
        2 => (0..20_usize).prop_map(Operation::Take),
        6 => (0..50_u64).prop_map(Operation::Advance),
        1 => any::<bool>().prop_map(Operation::Pause),
        1 => Just(Operation::CancelAll),
        1 => (1..4_u32).prop_map(Operation::Concurrency),
    ]
}

async fn follow(steps: &[Step], ctx: &Context<u32>, handles: &Handles) -> Result<u32, u32> {
    for step in steps {
        match step {
            Step::Sleep(millis) => sleep(Duration::from_millis(*millis)).await,
            Step::Child(millis) => {
                let span = Duration::from_millis(*millis);
                let _ = ctx.spawn(async move |_| sleep(span).await).await;
            }
            Step::ForgetChild(millis) => {
                let span = Duration::from_millis(*millis);
                ctx.spawn(async move |_| sleep(span).await).detach();
            }
            Step::Fail => return Err(ctx.attempt()),
            Step::CancelAnother(index) => {
                let another = pick(handles, *index);
                if let Some((index, task)) = another {
                    task.cancel();
                    handles.borrow_mut()[index] = Some(task);
                }
            }
            Step::Report => ctx.progress(ctx.attempt()),
        }
        ctx.checkpoint().await;
    }
    Ok(ctx.attempt())
}

/// Takes a handle out, so that nothing is borrowed while it is used.
fn pick(handles: &Handles, index: usize) -> Option<(usize, Task<u32, u32, u32>)> {
    let mut handles = handles.borrow_mut();
    let index = index.checked_rem(handles.len())?;
    Some((index, handles[index].take()?))
}

fn spawn(plan: Plan, manual: &ManualRuntime, manager: &TaskManager, handles: &Handles, live: &Count) {
    let millis = |limit: Option<u64>| limit.map(Duration::from_millis);
    let mut builder = if plan.managed { manager.task() } else { manual.runtime().task() }.progress::<u32>();
    if plan.urgent {
        builder = builder.priority(Priority::UserBlocking);
    }
    if let Some(timeout) = millis(plan.timeout) {
        builder = builder.timeout(timeout);
    }
    if let Some(timeout) = millis(plan.queue_timeout) {
        builder = builder.queue_timeout(timeout);
    }
    let retry = Retry::new(RetryPolicy {
        max_attempts: plan.attempts,
        base_delay: Duration::from_millis(5),
        attempt_timeout: millis(plan.attempt_timeout),
        ..RetryPolicy::default()
    });
    let (own, guard) = (handles.clone(), live.on_drop());
    let task = builder.spawn_retry(retry.expect("in range"), async move |ctx| {
        let _captured = &guard;
        follow(&plan.steps, &ctx, &own).await
    });
    handles.borrow_mut().push(Some(task));
}

proptest! {
    #[test]
    fn every_task_settles_once_and_nothing_is_left(operations in proptest::collection::vec(operation(), 1..40)) {
        let mut manual = ManualRuntime::new(1);
        let options = ManagerOptions { concurrency: 2, max_queue: 4, ..ManagerOptions::default() };
        let manager = manual.runtime().manager(options).expect("in range");
        let (handles, dropped) = (Handles::default(), Count::default());
        let mut spawned = 0;
        // What was seen of each task when it had settled.
        let mut seen: Vec<Option<TaskState>> = Vec::new();
        for operation in operations {
            match operation {
                Operation::Spawn(plan) => {
                    spawned += 1;
                    spawn(plan, &manual, &manager, &handles, &dropped);
                    seen.push(None);
                }
                Operation::Cancel(index) => if let Some((index, task)) = pick(&handles, index) {
                    let was_done = task.is_done();
                    prop_assert_eq!(task.cancel(), !was_done);
                    prop_assert!(task.is_done() && !task.cancel());
                    handles.borrow_mut()[index] = Some(task);
                }
                Operation::Drop(index) => drop(pick(&handles, index)),
                Operation::Detach(index) => if let Some((_, task)) = pick(&handles, index) {
                    task.detach();
                }
                Operation::Take(index) => if let Some((_, mut task)) = pick(&handles, index) {
                    prop_assert_eq!(task.is_done(), task.take_result().is_some());
                }
                Operation::Advance(millis) => manual.advance(Duration::from_millis(millis)),
                Operation::Pause(true) => manager.pause(),
                Operation::Pause(false) => manager.resume(),
                Operation::CancelAll => { manager.cancel_all(); }
                Operation::Concurrency(concurrency) => manager.set_concurrency(concurrency).expect("in range"),
            }
            for (task, seen) in handles.borrow().iter().zip(&mut seen) {
                let Some(task) = task else { continue };
                if let Some(state) = seen {
                    prop_assert_eq!(task.state(), *state, "it has settled, and does not change any more");
                } else if task.is_done() {
                    *seen = Some(task.state());
                }
            }
        }
        manager.resume();
        manual.advance(Duration::from_secs(10));
        prop_assert_eq!(manual.runtime().live(), 0);
        prop_assert_eq!((manager.running(), manager.waiting()), (0, 0));
        prop_assert_eq!(manager.on_idle().now_or_never(), Some(()));
        prop_assert_eq!(dropped.get(), spawned, "no function is kept");
        for task in handles.take().into_iter().flatten() {
            prop_assert!(task.now_or_never().is_some(), "a settled task has a result");
        }
    }
}
