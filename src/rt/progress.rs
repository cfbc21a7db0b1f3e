//! The values that a task reports, for its handle and for any number of readers.

use std::{
    cell::RefCell,
    fmt,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use futures::stream::{FusedStream, Stream};

use super::{state::Reports, wakers::Wakers};
use crate::core::tasks::progress::{Cursor, ProgressBuffer};

/// Core's buffer, shared. Values are kept in an `Rc`, so that to clone or to drop one, which is the caller's code, never
/// happens while the buffer is borrowed.
pub(super) struct Progress<P> {
    buffer: RefCell<Option<ProgressBuffer<Rc<P>>>>,
    capacity: usize,
    readers: Wakers,
}

impl<P> Progress<P> {
    pub fn new(capacity: usize) -> Self {
        Self { buffer: RefCell::default(), capacity, readers: Wakers::default() }
    }

    pub fn push(&self, value: P) {
        let value = Rc::new(value);
        let mut buffer = self.buffer.borrow_mut();
        let buffer_mut = buffer.get_or_insert_with(|| ProgressBuffer::new(self.capacity));
        // The one that may have to make room: held until the borrow is over.
        let oldest = buffer_mut.read(&mut Cursor::default());
        buffer_mut.push(value);
        drop(buffer);
        drop(oldest);
        self.wake();
    }

    pub fn wake(&self) {
        self.readers.wake();
    }

    pub fn dropped(&self) -> u64 {
        self.buffer.borrow().as_ref().map_or(0, ProgressBuffer::dropped)
    }

    fn read(&self, cursor: &mut Cursor) -> Option<Rc<P>> {
        self.buffer.borrow().as_ref()?.read(cursor)
    }
}

impl<P: Clone> Progress<P> {
    pub fn latest(&self) -> Option<P> {
        let latest = self.buffer.borrow().as_ref()?.latest().cloned();
        latest.map(Rc::unwrap_or_clone)
    }

    pub fn drain(&self) -> Vec<P> {
        let values = self.buffer.borrow_mut().as_mut().map(ProgressBuffer::drain);
        values.into_iter().flatten().map(Rc::unwrap_or_clone).collect()
    }
}

/// What a task reports, from [`Task::progress_stream`](super::Task::progress_stream).
#[must_use = "a stream does nothing unless it is polled"]
pub struct ProgressStream<P: 'static> {
    task: Rc<dyn Reports<P>>,
    cursor: Cursor,
    over: bool,
}

impl<P> ProgressStream<P> {
    pub(super) fn of(task: Rc<dyn Reports<P>>) -> Self {
        Self { task, cursor: Cursor::default(), over: false }
    }
}

impl<P: Clone> Stream for ProgressStream<P> {
    type Item = P;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<P>> {
        let this = &mut *self;
        let common = this.task.common();
        if let Some(value) = common.progress.read(&mut this.cursor) {
            return Poll::Ready(Some(Rc::unwrap_or_clone(value)));
        }
        if common.is_over() {
            this.over = true;
            return Poll::Ready(None);
        }
        common.progress.readers.add(cx.waker());
        Poll::Pending
    }
}

impl<P: Clone> FusedStream for ProgressStream<P> {
    fn is_terminated(&self) -> bool {
        self.over
    }
}

impl<P> fmt::Debug for ProgressStream<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressStream")
            .field("task", &self.task.common().name)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}
