//! The jobs of a crate: which function does which.

use std::{collections::BTreeMap, fmt, future::Future, ops::AsyncFn, rc::Rc};

use futures::future::abortable;
use js_sys::Array;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::{
    border::{decode, encode},
    context::WorkerPort,
    serve::set_running,
    snippets::{WorkerContext, job_error, unreadable},
};
use crate::rt::pool::{Job, JobContext};

/// Which function does which job, in a worker: filled by the function that a [`WorkerPool`](super::WorkerPool) is built with.
///
/// ```no_run
/// use taskloom::workers::{Job, Jobs};
///
/// async fn fetch_text(url: &str) -> Result<String, String> {
///     Ok(format!("what {url} says"))
/// }
///
/// const ADD: Job<(f64, f64), f64> = Job::new("add");
/// const FETCH: Job<String, String> = Job::new("fetch");
///
/// fn jobs(jobs: &mut Jobs) {
///     jobs.add(ADD, |(a, b)| Ok(a + b)).add_async(FETCH, async |_, url| fetch_text(&url).await);
/// }
/// ```
#[derive(Default)]
pub struct Jobs(BTreeMap<&'static str, Run>);

/// Runs a job with an argument: the result or what was thrown, or for a job that awaits something, a promise of these.
type Run = Rc<dyn Fn(JsValue, WorkerContext) -> Result<JsValue, JsValue>>;

impl Jobs {
    /// A function of the argument alone.
    ///
    /// # Panics
    ///
    /// If there is a job of this name already.
    pub fn add<A, T, P, E>(
        &mut self,
        job: Job<A, T, P, E>,
        function: impl Fn(A) -> Result<T, E> + 'static,
    ) -> &mut Self
    where
        A: DeserializeOwned,
        T: Serialize,
        E: Serialize + fmt::Display,
    {
        self.insert(job.name(), move |argument, _| answer(function(read(argument)?)))
    }

    /// A function that reports progress, or asks whether it was cancelled.
    ///
    /// # Panics
    ///
    /// If there is a job of this name already.
    pub fn add_with_context<A, T, P, E>(
        &mut self,
        job: Job<A, T, P, E>,
        function: impl Fn(&JobContext<P>, A) -> Result<T, E> + 'static,
    ) -> &mut Self
    where
        A: DeserializeOwned,
        T: Serialize,
        P: Serialize + 'static,
        E: Serialize + fmt::Display,
    {
        self.insert(job.name(), move |argument, context| {
            answer(function(&JobContext::new(WorkerPort::new(context)), read(argument)?))
        })
    }

    /// A function that awaits something, if only [`checkpoint`](JobContext::checkpoint): a cancelled one is dropped where it awaits. Its
    /// worker runs no other call meanwhile.
    ///
    /// # Panics
    ///
    /// If there is a job of this name already.
    pub fn add_async<A, T, P, E>(
        &mut self,
        job: Job<A, T, P, E>,
        function: impl AsyncFn(JobContext<P>, A) -> Result<T, E> + 'static,
    ) -> &mut Self
    where
        A: DeserializeOwned + 'static,
        T: Serialize + 'static,
        P: Serialize + 'static,
        E: Serialize + fmt::Display + 'static,
    {
        let function = Rc::new(function);
        self.insert(job.name(), move |argument, context| {
            let (function, argument) = (function.clone(), read(argument)?);
            let context = JobContext::new(WorkerPort::new(context));
            Ok(run(async move { answer(function(context, argument).await) }))
        })
    }

    fn insert(
        &mut self,
        name: &'static str,
        run: impl Fn(JsValue, WorkerContext) -> Result<JsValue, JsValue> + 'static,
    ) -> &mut Self {
        let previous = self.0.insert(name, Rc::new(run));
        assert!(previous.is_none(), "there are two jobs of the name '{name}'");
        self
    }

    pub(super) fn into_functions(self) -> Vec<Run> {
        self.0.into_values().collect()
    }

    pub(super) fn names(&self) -> Array {
        self.0.keys().map(|name| JsValue::from(*name)).collect()
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn read<A: DeserializeOwned>(argument: JsValue) -> Result<A, JsValue> {
    decode("the argument", argument).map_err(|reason| unreadable(&reason))
}

fn answer<T: Serialize, E: Serialize + fmt::Display>(result: Result<T, E>) -> Result<JsValue, JsValue> {
    let unreadable = |reason: String| unreadable(&reason);
    match result {
        Ok(value) => encode("the result", &value).map_err(unreadable),
        Err(error) => {
            let failure = encode("the error", &error).map_err(unreadable)?;
            Err(job_error(&error.to_string(), failure))
        }
    }
}

/// A promise for a job, which can be dropped before it has come to its end: see `__taskloomAbort`.
fn run(job: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> JsValue {
    let (job, handle) = abortable(job);
    set_running(handle);
    // Nobody waits for the promise of one that was dropped.
    future_to_promise(async move { job.await.unwrap_or(Ok(JsValue::UNDEFINED)) }).into()
}
