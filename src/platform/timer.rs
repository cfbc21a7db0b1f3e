//! The platform's timer.

use std::{cell::Cell, fmt, rc::Rc, time::Duration};

use wasm_bindgen::prelude::*;

use crate::core::base::timer::Timer;

#[wasm_bindgen]
extern "C" {
    // On the page and in workers alike, which web-sys has as two types.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &JsValue, millis: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(handle: &JsValue);
}

/// [`setTimeout`](https://developer.mozilla.org/docs/Web/API/Window/setTimeout), with one callback for all times: to arm
/// it costs no closure on the JavaScript side.
pub struct Timeout {
    handler: Closure<dyn Fn()>,
    then: Rc<Then>,
    handle: Cell<Option<JsValue>>,
}

/// What to call when the time has come.
type Then = Cell<Option<Box<dyn FnOnce()>>>;

impl Default for Timeout {
    fn default() -> Self {
        let then = Rc::<Then>::default();
        let armed = then.clone();
        Self {
            handler: Closure::new(move || {
                if let Some(then) = armed.take() {
                    then();
                }
            }),
            then,
            handle: Cell::new(None),
        }
    }
}

impl Timer for Timeout {
    fn arm(&self, delay: Duration, then: Box<dyn FnOnce()>) {
        self.disarm();
        self.then.set(Some(then));
        let handle = set_timeout(self.handler.as_ref(), delay.as_secs_f64() * 1000.0);
        self.handle.set(Some(handle));
    }

    fn disarm(&self) {
        self.then.set(None);
        if let Some(handle) = self.handle.take() {
            clear_timeout(&handle);
        }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        self.disarm();
    }
}

impl fmt::Debug for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout").finish_non_exhaustive()
    }
}
