//! What a worker calls: see bootstrap.js.

use std::{
    cell::{Cell, RefCell},
    mem, panic, ptr,
    rc::Rc,
};

use futures::future::AbortHandle;
use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::{
    jobs::Jobs,
    snippets::{WorkerContext, report_panic},
};

/// The function of an app that names its jobs.
pub(super) type AddJobs = fn(&mut Jobs);

type Function = Rc<dyn Fn(JsValue, WorkerContext) -> Result<JsValue, JsValue>>;

thread_local! {
    static FUNCTIONS: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
    static RUNNING: Cell<Option<AbortHandle>> = const { Cell::new(None) };
}

/// A function as its place in the module's table, which is the same in every instance of the module.
pub(super) fn place_of(add_jobs: AddJobs) -> usize {
    (add_jobs as *const ()).expose_provenance()
}

fn function_at(place: usize) -> AddJobs {
    let function = ptr::with_exposed_provenance::<()>(place);
    // SAFETY: it is the pointer that `place_of` has exposed, in the page: the worker's module is the page's, sent along with the place,
    // and on wasm a pointer to a function is an index into the module's table, which is filled from the module alone.
    #[allow(unsafe_code)]
    unsafe {
        mem::transmute::<*const (), AddJobs>(function)
    }
}

pub(super) fn set_running(handle: AbortHandle) {
    RUNNING.set(Some(handle));
}

/// Makes the worker ready for its jobs; returns their names.
#[wasm_bindgen(js_name = __taskloomJobs, skip_typescript)]
pub fn open(place: usize) -> Array {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        previous(info);
        report_panic(&info.to_string());
    }));
    let mut jobs = Jobs::default();
    function_at(place)(&mut jobs);
    let names = jobs.names();
    FUNCTIONS.set(jobs.into_functions());
    names
}

/// Runs a job. It throws what is an answer, too.
#[wasm_bindgen(js_name = __taskloomRun, skip_typescript)]
pub fn run(index: usize, argument: JsValue, context: WorkerContext) -> Result<JsValue, JsValue> {
    let function = FUNCTIONS.with_borrow(|functions| functions.get(index).cloned());
    let function = function.ok_or("the page has named a job that there is not")?;
    function(argument, context)
}

/// Drops the job that runs, where it awaits.
#[wasm_bindgen(js_name = __taskloomAbort, skip_typescript)]
pub fn abort() {
    if let Some(running) = RUNNING.take() {
        running.abort();
    }
}
