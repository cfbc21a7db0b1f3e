//! The runtime: the Rust host of the [engine](crate::core::tasks::engine).
//!
//! A [`Runtime`] owns an engine and carries out what it decides with futures: an attempt of a task is a future, to abort
//! an attempt is to drop it. Nothing here knows a browser; [`Ports`] say what the runtime needs of its platform. In the
//! browser `taskloom::spawn` finds a runtime by itself; elsewhere, in tests for instance, a `ManualRuntime` runs the
//! same code on a clock that jumps over every wait.
//!
//! A function that panics ends its task: as [`TaskError::Panicked`] for whoever awaits it, and its place in a manager is free. Where panics unwind that is
//! so at once. On wasm they abort: the browser stops the function in its midst, and the task settles in the next microtask, or, after a trap that
//! no panic hook hears of, such as an overflow of the stack, when the runtime is entered next. All else goes on, but what the function held is never dropped: what it had
//! borrowed stays borrowed, and its part of the stack is lost. So it is a bug to be mended, and not a way to end a task. Promises of
//! `Task::into_promise` reject at any panic, whoever has panicked.
//!
//! What holds for all files: no borrow of a cell is held while code of the caller runs, and that includes the drop
//! of a future or a value, the clone of a value, and a waker. First all states change, then callers' code runs.

mod attempt;
mod builder;
mod context;
mod current;
mod error;
mod group;
mod live;
mod manager;
#[cfg(not(target_arch = "wasm32"))]
mod manual;
mod polling;
pub mod pool;
mod progress;
mod retry;
mod runtime;
mod schedule;
mod sleep;
mod state;
mod task;
mod turn;
mod wakers;

#[cfg(not(target_arch = "wasm32"))]
pub use self::manual::ManualRuntime;
#[cfg(all(target_arch = "wasm32", feature = "runtime"))]
pub(crate) use self::polling::settle_panicked;
pub use self::{
    builder::TaskBuilder,
    context::Context,
    current::{Entered, sleep, spawn, timeout},
    error::{CancelledBy, TaskError},
    group::{AsCompleted, Gather, GatherAll, Race, as_completed, gather, gather_all, race},
    manager::{Idle, TaskManager},
    progress::ProgressStream,
    retry::Retry,
    runtime::{Ports, Runtime},
    schedule::{Tick, Ticks, Trigger},
    sleep::Sleep,
    task::Task,
    turn::{PendOnce, Turn},
};
