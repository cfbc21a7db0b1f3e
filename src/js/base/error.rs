//! Core's errors and panics as JavaScript sees them.

use std::panic;

use wasm_bindgen::prelude::*;

use super::stack;
use crate::core::base::error::{Error, Value};

#[wasm_bindgen(module = "/src/js/base/errors.js")]
extern "C" {
    #[wasm_bindgen(js_name = invalidInCore)]
    fn invalid(name: &str, value: JsValue, expected: &str) -> JsValue;
    #[wasm_bindgen(js_name = queueFull)]
    fn queue_full(limit: u32) -> JsValue;
    #[wasm_bindgen(js_name = reportPanic)]
    fn report_panic(message: &str);
}

impl From<Error> for JsValue {
    /// The texts are made in JavaScript, which prints numbers as its callers know them.
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidArgument { name, value, expected } => {
                let value = match value {
                    Value::Number(number) => number.into(),
                    Value::Text(text) => text.into(),
                };
                invalid(&name, value, expected)
            }
            Error::QueueFull { limit } => queue_full(limit),
        }
    }
}

/// The instance begins. Hands a panic's message to the glue, which settles what is pending, before the instance traps.
#[wasm_bindgen(js_name = installPanicHook)]
pub fn install_panic_hook() {
    stack::note_base();
    panic::set_hook(Box::new(|info| report_panic(&info.to_string())));
}
