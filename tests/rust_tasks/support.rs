//! What the tests observe with.

use std::{cell::Cell, rc::Rc, time::Duration};

use taskloom::rt::ManualRuntime;

pub const SECOND: Duration = Duration::from_secs(1);

/// A runtime, and its clone of the handle that tasks are spawned by.
pub fn manual() -> (ManualRuntime, taskloom::Runtime) {
    let manual = ManualRuntime::default();
    let runtime = manual.runtime().clone();
    (manual, runtime)
}

/// Counts how often something happened; clones count together.
#[derive(Clone, Debug, Default)]
pub struct Count(Rc<Cell<u32>>);

impl Count {
    pub fn add(&self) {
        self.0.set(self.0.get() + 1);
    }

    pub fn get(&self) -> u32 {
        self.0.get()
    }

    /// Counts when the guard is dropped.
    pub fn on_drop(&self) -> impl Drop + use<> {
        OnDrop({
            let count = self.clone();
            move || count.add()
        })
    }
}

/// Runs a function when it is dropped.
pub struct OnDrop<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
