//! Values on their way between a page and a worker: by serde into what structured clone takes, and back.

use js_sys::{JsString, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;

use crate::rt::pool::{Decoder, JobError};

/// A value as JavaScript data; the error says why it is none.
pub(super) fn encode<T: Serialize + ?Sized>(what: &str, value: &T) -> Result<JsValue, String> {
    serde_wasm_bindgen::to_value(value)
        .map_err(|error| format!("{what} can't be sent between a page and a worker: {error}"))
}

/// The value that JavaScript data is.
pub(super) fn decode<T: DeserializeOwned>(what: &str, value: JsValue) -> Result<T, String> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| format!("{what} is not of the type that the job has: {error}"))
}

/// How the answers of a job with these types are read.
pub(super) fn decoder<T: DeserializeOwned, P: DeserializeOwned, E: DeserializeOwned>()
-> Decoder<JsValue, T, P, E> {
    Decoder {
        result: |value| decode("the result", value),
        progress: |value| decode("the progress value", value).ok(),
        error: |record| error(&record),
    }
}

/// What a job has thrown, from its record: see src/js/base/border.js.
fn error<E: DeserializeOwned>(record: &JsValue) -> JobError<E> {
    let own = get(record, "own");
    let name = text(record, "name");
    let message = text(record, "message");
    if name == "JobError" {
        let failure = decode("the error", get(&own, "failure"));
        return failure.map_or_else(JobError::NotSerializable, JobError::Failed);
    }
    let code = text(&own, "code");
    match code.as_str() {
        "panic" => JobError::Panicked(message),
        "not-serializable" => JobError::NotSerializable(message),
        _ => {
            let thrown = get(record, "value");
            let message = if thrown.is_undefined() {
                format!("{name}: {message}")
            } else {
                String::from(&JsString::from(thrown))
            };
            JobError::Thrown { code: if code.is_empty() { "failed".into() } else { code }, message }
        }
    }
}

fn get(object: &JsValue, key: &str) -> JsValue {
    // It fails for what is no object, which has no such property either.
    Reflect::get(object, &key.into()).unwrap_or_default()
}

fn text(object: &JsValue, key: &str) -> String {
    get(object, key).as_string().unwrap_or_default()
}
