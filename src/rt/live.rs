//! The tasks that the engine knows, by slot, whatever the types of their values.

use std::rc::Rc;

use super::runtime::Runtime;
use crate::core::tasks::{
    engine::ManagerId,
    task::{Outcome, TaskKey},
};

/// A task as its runtime sees it.
pub(super) trait Live {
    /// The manager that it belongs to.
    fn manager(&self) -> ManagerId;

    /// Notes how it ended. No code of the caller runs.
    fn settle(&self, outcome: Outcome);

    /// After it has settled: drops its function, wakes who waits. From here on the caller's code runs.
    fn finish(&self);

    /// Starts an attempt, which the engine has noted as running.
    fn begin(self: Rc<Self>, runtime: &Runtime, attempt: u32);

    /// Drops an attempt that has taken too long, and asks the engine what follows.
    fn attempt_timed_out(&self, runtime: &Runtime, attempt: u32);

    /// Cancels it for its owner; whether it had not settled yet.
    fn cancel(&self) -> bool;

    /// Cancels it since nothing will ever run it.
    fn lose(&self);

    /// The function of this attempt has panicked.
    fn panicked(&self, attempt: u32);
}

/// The live tasks. What is taken out is handed to the caller, who drops it when no borrow is held any more.
#[derive(Default)]
pub(super) struct LiveTasks(Vec<Option<(TaskKey, Rc<dyn Live>)>>);

impl LiveTasks {
    /// Adds a task. Its slot is free: the engine does not use one again before it has reported its task as stopped.
    pub fn insert(&mut self, key: TaskKey, task: Rc<dyn Live>) {
        let index = key.slot() as usize;
        if index >= self.0.len() {
            self.0.resize_with(index + 1, || None);
        }
        self.0[index] = Some((key, task));
    }

    /// The task of this key, if it is live.
    pub fn get(&self, key: TaskKey) -> Option<Rc<dyn Live>> {
        let (known, task) = self.0.get(key.slot() as usize)?.as_ref()?;
        (*known == key).then(|| task.clone())
    }

    /// Takes the task of this key out.
    #[must_use = "its drop is the caller's code, so it must outlive the borrow"]
    pub fn remove(&mut self, key: TaskKey) -> Option<Rc<dyn Live>> {
        let (_, task) = self.0.get_mut(key.slot() as usize)?.take_if(|(known, _)| *known == key)?;
        Some(task)
    }

    /// All of one manager, in no order that means anything.
    pub fn of_manager(&self, manager: ManagerId) -> Vec<Rc<dyn Live>> {
        let tasks = self.0.iter().flatten().map(|(_, task)| task);
        tasks.filter(|task| task.manager() == manager).cloned().collect()
    }

    /// All, in no order that means anything.
    pub fn take_all(&mut self) -> Vec<Rc<dyn Live>> {
        std::mem::take(&mut self.0).into_iter().flatten().map(|(_, task)| task).collect()
    }
}
