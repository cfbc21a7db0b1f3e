//! A panic unwinds through the executor, and nobody waits for ever.

use std::panic::{AssertUnwindSafe, catch_unwind};

use taskloom::{TaskError, core::tasks::engine::ManagerOptions};

use crate::support::{Count, manual};

#[test]
fn a_task_that_panicked_has_settled_and_gave_its_place_back() {
    let (mut manual, runtime) = manual();
    let options = ManagerOptions { concurrency: 1, ..ManagerOptions::default() };
    let manager = runtime.manager(options).expect("in range");
    let dropped = Count::default();
    let guard = dropped.on_drop();
    let task = manager.spawn(async move |_| {
        let _guard = guard;
        panic!("as the test asks");
    });
    let next = manager.spawn(async |_| 1);
    let panicked = catch_unwind(AssertUnwindSafe(|| manual.run_until_stalled()));
    assert!(panicked.is_err());
    assert_eq!(dropped.get(), 1);
    let result: Result<(), _> = manual.run(task);
    assert_eq!(result, Err(TaskError::Panicked));
    assert_eq!(manual.run(next), Ok(1));
}
