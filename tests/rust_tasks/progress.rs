//! What a task reports reaches its handle and every reader.

use futures::StreamExt;
use taskloom::{
    Context, TaskError,
    rt::{Retry, sleep},
};

use crate::support::{SECOND, manual};

#[test]
fn a_handle_sees_the_latest_value_and_drains_them_all() {
    let (mut manual, runtime) = manual();
    let task = runtime.task().progress::<u32>().spawn(async |ctx| {
        for i in 1..=4 {
            ctx.progress(i);
            sleep(SECOND).await;
        }
    });
    assert_eq!((task.latest_progress(), task.drain_progress()), (None, vec![]));
    manual.advance(SECOND);
    assert_eq!(task.latest_progress(), Some(2));
    assert_eq!(task.drain_progress(), [1, 2]);
    assert_eq!(task.drain_progress(), []);
    manual.advance(4 * SECOND);
    assert_eq!(task.drain_progress(), [3, 4], "still readable after the end");
}

#[test]
fn every_reader_gets_every_value_and_ends_with_the_task() {
    let (mut manual, runtime) = manual();
    let task = runtime.task().progress::<String>().spawn(async |ctx| {
        for part in ["a", "b", "c"] {
            ctx.progress(part.to_owned());
            sleep(SECOND).await;
        }
    });
    let early = task.progress_stream();
    manual.advance(SECOND);
    let late = task.progress_stream();
    let (early, late) =
        manual.run(futures::future::join(early.collect::<Vec<_>>(), late.collect::<Vec<_>>()));
    assert_eq!(
        (early, late),
        (vec!["a".into(), "b".into(), "c".into()], vec!["a".into(), "b".into(), "c".into()])
    );
}

#[test]
fn a_reader_of_a_cancelled_task_ends() {
    let (mut manual, runtime) = manual();
    let task = runtime.task().progress::<u8>().spawn(async |ctx| {
        ctx.progress(1);
        std::future::pending::<()>().await;
    });
    let mut stream = task.progress_stream();
    assert_eq!(manual.run(stream.next()), Some(1));
    let reader = runtime.spawn(async move |_| stream.next().await);
    manual.run_until_stalled();
    task.cancel();
    assert_eq!(manual.run(reader), Ok(None));
}

#[test]
fn the_buffer_is_bounded_and_counts_what_it_drops() {
    let (mut manual, runtime) = manual();
    let builder = runtime.task().progress::<u32>().progress_buffer(2);
    let task = builder.spawn(async |ctx| (1..=5).for_each(|i| ctx.progress(i)));
    manual.run_until_stalled();
    assert_eq!((task.dropped_progress(), task.drain_progress()), (3, vec![4, 5]));
}

#[test]
fn what_a_context_says_after_the_end_is_dropped() {
    let (mut manual, runtime) = manual();
    let mut task = runtime.task().progress::<u32>().spawn(async |ctx| ctx);
    let context = manual.run(&mut task).expect("done");
    context.progress(1);
    assert!(context.is_cancelled());
    assert_eq!(task.latest_progress(), None);
    let orphan = context.spawn(async |_| ());
    assert!(manual.run(orphan).is_err_and(|error: TaskError| error.is_cancelled()));
}

#[test]
fn readers_in_several_tasks_are_all_woken() {
    let (mut manual, runtime) = manual();
    let task = runtime.task().progress::<u8>().spawn(async |ctx| {
        for i in 0..3 {
            sleep(SECOND).await;
            ctx.progress(i);
        }
    });
    let readers = [(); 3].map(|()| {
        let stream = task.progress_stream();
        runtime.spawn(async move |_| stream.collect::<Vec<_>>().await)
    });
    assert_eq!(manual.run(taskloom::gather(readers)), Ok(vec![vec![0, 1, 2]; 3]));
}

#[test]
fn what_an_earlier_attempt_still_says_is_dropped() {
    let (mut manual, runtime) = manual();
    let mut earlier = None::<Context<u32>>;
    let task = runtime.task().progress().spawn_retry(Retry::default(), async move |ctx| {
        if let Some(earlier) = &earlier {
            earlier.progress(1);
            assert!(earlier.is_cancelled());
            ctx.progress(2);
            return Ok(());
        }
        earlier = Some(ctx);
        Err(())
    });
    manual.advance(SECOND);
    assert_eq!(task.drain_progress(), [2]);
}
