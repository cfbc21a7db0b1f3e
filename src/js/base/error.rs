//! Core's errors and panics as JavaScript sees them.

use wasm_bindgen::prelude::*;

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

/// Hands a panic's message to the glue, which settles what is pending, and traps.
///
/// A message with numbers in it stays unsaid: to write them takes 3.4 kB, and the places of all panics 1.3 kB. Where it came from is in the stack that the
/// glue takes note of.
#[cfg(not(any(feature = "std", test)))]
#[panic_handler]
fn panicked(info: &core::panic::PanicInfo<'_>) -> ! {
    let message = info.message().as_str();
    report_panic(message.unwrap_or("an index is out of bounds, or memory has run out"));
    core::arch::wasm32::unreachable()
}
