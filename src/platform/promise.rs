//! Rust tasks handed to JavaScript as promises, which settle even when Rust can't go on.

use std::{cell::RefCell, fmt};

use js_sys::{Error as JsError, Function, Promise, Reflect};
use slab::Slab;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::panic::hook_panics;
use crate::rt::{Task, TaskError};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = DOMException)]
    type DomException;
    #[wasm_bindgen(constructor, js_class = "DOMException")]
    fn new(message: &str, name: &str) -> DomException;
}

thread_local! {
    /// How to reject the promises that are pending.
    static PENDING: RefCell<Slab<Function>> = const { RefCell::new(Slab::new()) };
}

impl<T: Into<JsValue>, P, E: fmt::Display> Task<T, P, E> {
    /// The task as a JavaScript promise, for `#[wasm_bindgen]` functions that return one. The task goes on without its
    /// handle.
    ///
    /// It rejects with an `AbortError` if the task was cancelled, with a `TimeoutError` if it ran out of time, and with
    /// an `Error` whose `code` is the error's otherwise. A panic anywhere in the instance rejects every such promise
    /// with the code `panic`, at once: on wasm a panic aborts, and nobody knows what of the instance still works. A plain
    /// `future_to_promise` would leave them pending for ever.
    ///
    /// ```ignore
    /// #[wasm_bindgen]
    /// pub fn answer() -> js_sys::Promise {
    ///     taskloom::spawn(async |_| 42).into_promise()
    /// }
    /// ```
    pub fn into_promise(self) -> Promise {
        hook_panics();
        let mut resolvers = None;
        let promise = Promise::new(&mut |resolve, reject| resolvers = Some((resolve, reject)));
        // The constructor of a promise calls its executor before it returns.
        let Some((resolve, reject)) = resolvers else { return promise };
        let ticket = PENDING.with_borrow_mut(|pending| pending.insert(reject.clone()));
        spawn_local(async move {
            let result = self.await;
            PENDING.with_borrow_mut(|pending| pending.try_remove(ticket));
            // The resolving functions of a promise never throw.
            let _ = match result {
                Ok(value) => resolve.call1(&JsValue::UNDEFINED, &value.into()),
                Err(error) => reject.call1(&JsValue::UNDEFINED, &reason(&error)),
            };
        });
        promise
    }
}

fn reason<E: fmt::Display>(error: &TaskError<E>) -> JsValue {
    match error {
        TaskError::Cancelled(_) => DomException::new(&error.to_string(), "AbortError").into(),
        TaskError::TimedOut(_) => DomException::new(&error.to_string(), "TimeoutError").into(),
        _ => coded_error(error.code(), &error.to_string()),
    }
}

/// Rejects all that is pending.
pub(super) fn reject_all(message: &str) {
    let error = coded_error("panic", message);
    // If the panic came while the table was borrowed, nothing can be done from here.
    let rejects: Vec<Function> = PENDING.with(|pending| {
        let pending = pending.try_borrow().ok();
        pending.map(|pending| pending.iter().map(|(_, reject)| reject.clone()).collect()).unwrap_or_default()
    });
    for reject in rejects {
        let _ = reject.call1(&JsValue::UNDEFINED, &error);
    }
}

fn coded_error(code: &str, message: &str) -> JsValue {
    let error = JsError::new(message);
    // A fresh object takes a property.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}
