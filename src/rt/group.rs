//! Several tasks as one.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{
    StreamExt,
    stream::{FusedStream, FuturesUnordered, Stream},
};

use super::{error::TaskError, task::Task};

type Settled<T, E> = Result<T, TaskError<E>>;

/// All results, in the order of the tasks. At the first error the other tasks are cancelled, and that error is returned.
///
/// Dropping the future cancels all. A task that was not spawned as [fallible](super::TaskBuilder::spawn_fallible) has an
/// error only if it was cancelled or timed out.
///
/// ```
/// use taskloom::{gather, rt::ManualRuntime};
///
/// ManualRuntime::default().run(async {
///     let tasks = (1..=3).map(|i| taskloom::spawn(async move |_| i * 10));
///     assert_eq!(gather(tasks).await, Ok(vec![10, 20, 30]));
/// });
/// ```
pub fn gather<T, P, E>(tasks: impl IntoIterator<Item = Task<T, P, E>>) -> Gather<T, P, E> {
    let tasks = as_completed(tasks);
    Gather { values: vacant(tasks.len()), tasks }
}

/// All results, errors included, in the order of the tasks. None is cancelled because of another; dropping the future
/// cancels all.
///
/// ```
/// use taskloom::{Task, TaskError, rt::{ManualRuntime, gather_all}};
///
/// ManualRuntime::default().run(async {
///     let tasks = ["1", "x"].map(|text| Task::builder().spawn_fallible(async move |_| text.parse::<u8>().map_err(drop)));
///     assert_eq!(gather_all(tasks).await, [Ok(1), Err(TaskError::Failed(()))]);
/// });
/// ```
pub fn gather_all<T, P, E>(tasks: impl IntoIterator<Item = Task<T, P, E>>) -> GatherAll<T, P, E> {
    let tasks = as_completed(tasks);
    GatherAll { results: vacant(tasks.len()), tasks }
}

/// Each result as it comes, with the index of its task; errors are results too. Tasks that have settled before come
/// first, in their own order. Dropping the stream cancels the rest.
///
/// ```
/// use std::time::Duration;
/// use futures::StreamExt;
/// use taskloom::{as_completed, rt::{ManualRuntime, sleep}};
///
/// ManualRuntime::default().run(async {
///     let tasks = [3, 1, 2].map(|i| taskloom::spawn(async move |_| sleep(Duration::from_secs(i)).await));
///     let order: Vec<usize> = as_completed(tasks).map(|(index, _)| index).collect().await;
///     assert_eq!(order, [1, 2, 0]);
/// });
/// ```
pub fn as_completed<T, P, E>(tasks: impl IntoIterator<Item = Task<T, P, E>>) -> AsCompleted<T, P, E> {
    let indexed = tasks.into_iter().enumerate();
    AsCompleted(indexed.map(|(index, task)| Indexed { index, task }).collect())
}

/// The first result, error or not, with the index of its task; the other tasks are cancelled. `None` if there are no
/// tasks.
///
/// ```
/// use std::{future, time::Duration};
/// use taskloom::{rt::{ManualRuntime, race, sleep}, spawn};
///
/// ManualRuntime::default().run(async {
///     let slow = spawn(async |_| future::pending().await);
///     let quick = spawn(async |_| { sleep(Duration::from_secs(1)).await; "quick" });
///     assert_eq!(race([slow, quick]).await, Some((1, Ok("quick"))));
/// });
/// ```
pub fn race<T, P, E>(tasks: impl IntoIterator<Item = Task<T, P, E>>) -> Race<T, P, E> {
    Race(as_completed(tasks))
}

struct Indexed<T: 'static, P: 'static, E: 'static> {
    index: usize,
    task: Task<T, P, E>,
}

impl<T, P, E> Future for Indexed<T, P, E> {
    type Output = (usize, Settled<T, E>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let index = self.index;
        Pin::new(&mut self.task).poll(cx).map(|result| (index, result))
    }
}

fn vacant<V>(count: usize) -> Vec<Option<V>> {
    std::iter::repeat_with(|| None).take(count).collect()
}

fn filled<V>(values: &mut Vec<Option<V>>) -> Vec<V> {
    // All are there: each task gives one result, under its own index.
    std::mem::take(values).into_iter().flatten().collect()
}

/// The stream of [`as_completed`].
#[must_use = "dropping the stream cancels its tasks"]
pub struct AsCompleted<T: 'static, P: 'static = (), E: 'static = std::convert::Infallible>(
    FuturesUnordered<Indexed<T, P, E>>,
);

impl<T, P, E> AsCompleted<T, P, E> {
    /// How many results are still to come.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether all results have come.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T, P, E> Stream for AsCompleted<T, P, E> {
    type Item = (usize, Settled<T, E>);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<T, P, E> FusedStream for AsCompleted<T, P, E> {
    fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }
}

/// The future of [`gather`].
#[must_use = "dropping the future cancels its tasks"]
pub struct Gather<T: 'static, P: 'static = (), E: 'static = std::convert::Infallible> {
    tasks: AsCompleted<T, P, E>,
    values: Vec<Option<T>>,
}

// Values are moved in and out, never pinned.
impl<T, P, E> Unpin for Gather<T, P, E> {}

impl<T, P, E> Future for Gather<T, P, E> {
    type Output = Result<Vec<T>, TaskError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match std::task::ready!(self.tasks.poll_next_unpin(cx)) {
                Some((index, Ok(value))) => self.values[index] = Some(value),
                Some((_, Err(error))) => {
                    self.tasks.0.clear();
                    return Poll::Ready(Err(error));
                }
                None => return Poll::Ready(Ok(filled(&mut self.values))),
            }
        }
    }
}

/// The future of [`gather_all`].
#[must_use = "dropping the future cancels its tasks"]
pub struct GatherAll<T: 'static, P: 'static = (), E: 'static = std::convert::Infallible> {
    tasks: AsCompleted<T, P, E>,
    results: Vec<Option<Settled<T, E>>>,
}

impl<T, P, E> Unpin for GatherAll<T, P, E> {}

impl<T, P, E> Future for GatherAll<T, P, E> {
    type Output = Vec<Result<T, TaskError<E>>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while let Some((index, result)) = std::task::ready!(self.tasks.poll_next_unpin(cx)) {
            self.results[index] = Some(result);
        }
        Poll::Ready(filled(&mut self.results))
    }
}

/// The future of [`race`].
#[must_use = "dropping the future cancels its tasks"]
pub struct Race<T: 'static, P: 'static = (), E: 'static = std::convert::Infallible>(AsCompleted<T, P, E>);

impl<T, P, E> Future for Race<T, P, E> {
    type Output = Option<(usize, Result<T, TaskError<E>>)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let first = std::task::ready!(self.0.poll_next_unpin(cx));
        self.0.0.clear();
        Poll::Ready(first)
    }
}

macro_rules! debug_by_count {
    ($($name:ident: $tasks:tt),*) => {$(
        impl<T, P, E> fmt::Debug for $name<T, P, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("to_come", &self.$tasks.len()).finish_non_exhaustive()
            }
        }
    )*};
}

debug_by_count!(AsCompleted: 0, Gather: tasks, GatherAll: tasks, Race: 0);
