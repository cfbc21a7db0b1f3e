//! The browser without taskloom, to measure taskloom by.

use std::{cell::Cell, rc::Rc, time::Duration};

use js_sys::{Function, Promise, Reflect};
use taskloom::{
    core::base::clock::{Clock, Instant},
    platform::clock::PerformanceClock,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, millis: f64);
}

/// The browser's own timer.
pub async fn platform_sleep(millis: f64) {
    let timer = Promise::new(&mut |resolve, _| set_timeout(&resolve, millis));
    JsFuture::from(timer).await.expect("a timer does not fail");
}

/// Set when the browser's own timer of 0 ms has fired.
pub fn flag_by_timer() -> Rc<Cell<bool>> {
    let fired = Rc::new(Cell::new(false));
    let flag = fired.clone();
    set_timeout(Closure::once_into_js(move || flag.set(true)).unchecked_ref(), 0.0);
    fired
}

/// Keeps the thread busy.
pub fn block(span: Duration) {
    let end = PerformanceClock.now() + span;
    while PerformanceClock.now() < end {}
}

/// How long something has taken so far.
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(PerformanceClock.now())
    }

    pub fn millis(&self) -> f64 {
        (PerformanceClock.now() - self.0).as_secs_f64() * 1000.0
    }
}

/// A property of the global object.
pub fn global(name: &str) -> JsValue {
    Reflect::get(&js_sys::global(), &name.into()).unwrap_or_default()
}
