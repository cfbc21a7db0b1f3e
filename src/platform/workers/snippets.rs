//! The JavaScript files that belong to the glue. wasm-bindgen copies a file that is named here, beside the others and under the same path, so
//! that they find each other; it does not follow their imports. What is dead code to Rust is named for that alone.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/workers/page.js")]
extern "C" {
    /// A worker that runs the jobs.
    #[wasm_bindgen(js_name = startWorker)]
    pub fn start_worker(module: &JsValue, glue: &str, jobs: usize) -> JsValue;

    /// What passes frames on to a worker, and tells what becomes of it.
    pub type Port;
    #[wasm_bindgen(constructor)]
    pub fn new(create: &Function, tell: &JsValue) -> Port;
    #[wasm_bindgen(method, catch)]
    pub fn post(this: &Port, kind: u32, sequence: u32, fields: &Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method, getter)]
    pub fn hello(this: &Port) -> Array;
    #[wasm_bindgen(method)]
    pub fn flag(this: &Port, number: u32);
    #[wasm_bindgen(method, getter, js_name = lastStarted)]
    pub fn last_started(this: &Port) -> Option<u32>;
    #[wasm_bindgen(method)]
    pub fn terminate(this: &Port);
}

#[wasm_bindgen(module = "/src/platform/workers/job.js")]
extern "C" {
    /// The error that a job has returned.
    #[wasm_bindgen(js_name = jobError)]
    pub fn job_error(message: &str, failure: JsValue) -> JsValue;
    /// The error for a value that can't cross the border.
    pub fn unreadable(message: &str) -> JsValue;
    /// Tells the worker that the instance is about to trap.
    #[wasm_bindgen(js_name = reportPanic)]
    pub fn report_panic(message: &str);
}

#[wasm_bindgen]
extern "C" {
    /// The [context](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Operators/import.meta) of the glue's own module.
    pub type ImportMeta;
    #[wasm_bindgen(method, getter)]
    pub fn url(this: &ImportMeta) -> String;
    #[wasm_bindgen(thread_local_v2, js_namespace = import, js_name = meta)]
    pub static IMPORT_META: ImportMeta;

    /// What the worker's side gives to a job: see src/js/worker/context.js.
    pub type WorkerContext;
    #[wasm_bindgen(method)]
    pub fn progress(this: &WorkerContext, value: &JsValue);
    #[wasm_bindgen(method, getter)]
    pub fn cancelled(this: &WorkerContext) -> bool;
    #[wasm_bindgen(method, getter)]
    pub fn attempt(this: &WorkerContext) -> u32;
    #[wasm_bindgen(method)]
    pub fn checkpoint(this: &WorkerContext) -> Promise;
}

// Files that only others import.
#[wasm_bindgen(module = "/src/platform/workers/bootstrap.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn bootstrap();
}
#[wasm_bindgen(module = "/src/js/worker/serve.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn serve();
}
#[wasm_bindgen(module = "/src/js/worker/runner.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn runner();
}
#[wasm_bindgen(module = "/src/js/worker/context.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn context();
}
#[wasm_bindgen(module = "/src/js/worker/outbox.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn outbox();
}
#[wasm_bindgen(module = "/src/js/worker/ring.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn ring();
}
#[wasm_bindgen(module = "/src/js/base/snapshot.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn snapshot();
}
#[wasm_bindgen(module = "/src/js/base/thenable.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn thenable();
}
#[wasm_bindgen(module = "/src/js/base/border.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn border();
}
#[wasm_bindgen(module = "/src/js/base/errors.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn errors();
}
#[wasm_bindgen(module = "/src/js/worker/room.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn room();
}
#[wasm_bindgen(module = "/src/js/worker/protocol.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn protocol();
}
#[wasm_bindgen(module = "/src/js/base/values.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = default)]
    fn values();
}
