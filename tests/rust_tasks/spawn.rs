//! A task starts by itself and settles with what its function returns.

use futures::future::FusedFuture;
use taskloom::{Context, Runtime, Task, TaskState};

use crate::support::{Count, SECOND, manual};

#[test]
fn a_task_runs_without_being_awaited() {
    let (mut manual, runtime) = manual();
    let ran = Count::default();
    let task = runtime.spawn({
        let ran = ran.clone();
        async move |_| ran.add()
    });
    assert_eq!((ran.get(), task.state(), task.attempt()), (0, TaskState::Pending, 0));
    manual.run_until_stalled();
    assert_eq!((ran.get(), task.state(), task.attempt()), (1, TaskState::Done, 1));
}

#[test]
fn a_value_need_be_neither_send_nor_clone() {
    struct Plain(std::rc::Rc<str>);
    let (mut manual, runtime) = manual();
    let task = runtime.spawn(async |_| Plain("x".into()));
    assert_eq!(&*manual.run(task).expect("done").0, "x");
}

#[test]
fn tasks_start_in_the_order_in_which_they_were_spawned() {
    let (mut manual, runtime) = manual();
    let (sender, receiver) = std::sync::mpsc::channel();
    for i in 0..5 {
        let sender = sender.clone();
        runtime.spawn(async move |_| sender.send(i)).detach();
    }
    manual.run_until_stalled();
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[test]
fn a_task_knows_its_name_and_its_runtime() {
    let (mut manual, runtime) = manual();
    let task = runtime.task().name("outer").spawn(async |ctx| {
        assert!(Runtime::try_current().is_some(), "its own runtime is the current one");
        let inner = Task::builder().name("inner").spawn(async |ctx| ctx.name().to_owned());
        (ctx.name().to_owned(), inner.await)
    });
    assert_eq!(task.name(), "outer");
    assert_eq!(manual.run(task), Ok(("outer".to_owned(), Ok("inner".to_owned()))));
}

#[test]
fn a_closure_that_returns_a_future_is_a_function_too() {
    let (mut manual, runtime) = manual();
    let task = runtime.spawn(|ctx: Context| async move { ctx.attempt() });
    assert_eq!(manual.run(task), Ok(1));
}

#[test]
fn nothing_is_left_of_a_task_that_has_settled() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let guard = dropped.on_drop();
    let task = runtime.spawn(async move |ctx| {
        let _guard = guard;
        ctx.runtime().sleep(SECOND).await;
    });
    manual.run_until_stalled();
    assert_eq!((runtime.live(), dropped.get()), (1, 0));
    manual.advance(SECOND);
    assert_eq!((runtime.live(), dropped.get()), (0, 1), "its function is dropped though its handle lives");
    assert!(task.is_done());
}

#[test]
#[should_panic(expected = "polled after its result had been taken")]
fn a_result_is_given_once() {
    let (mut manual, runtime) = manual();
    let mut task = runtime.spawn(async |_| 1);
    assert_eq!(manual.run(&mut task), Ok(1));
    assert!(task.is_terminated());
    let _ = manual.run(&mut task);
}
