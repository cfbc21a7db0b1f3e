//! Which functions are being polled: those that a panic ends.
//!
//! Where a panic unwinds, the driver of the attempt is dropped and sees to its task. Where it aborts, as on wasm, nothing is dropped: the host traps in
//! the midst of the poll. What is on the stack here when the host has come back to the event loop was left by such a trap.

use std::{cell::RefCell, rc::Rc};

use super::{live::Live, runtime::Runtime};

thread_local! {
    static POLLED: RefCell<Vec<Polled>> = const { RefCell::new(Vec::new()) };
}

struct Polled {
    runtime: Runtime,
    task: Rc<dyn Live>,
    attempt: u32,
}

/// While it lives, the function of an attempt is being polled.
pub(super) struct Polling;

impl Polling {
    pub fn begin(runtime: &Runtime, task: Rc<dyn Live>, attempt: u32) -> Self {
        let polled = Polled { runtime: runtime.clone(), task, attempt };
        POLLED.with_borrow_mut(|all| all.push(polled));
        Self
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        let polled = POLLED.with_borrow_mut(Vec::pop);
        drop(polled); // which may be the last to hold its task
    }
}

/// Settles the tasks whose functions have panicked, if the panic has not unwound. To be called from the event loop, with nothing else of this thread on
/// the stack. Their places are free then. What the functions have owned or borrowed stays so.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
pub(crate) fn settle_panicked() {
    let panicked = POLLED.take();
    if panicked.is_empty() {
        return;
    }
    Runtime::leave_all();
    for Polled { runtime, task, attempt } in panicked {
        let _entered = runtime.enter();
        task.panicked(attempt);
        // The executor may have stopped in the midst of its queue.
        runtime.execute(async {});
    }
}
