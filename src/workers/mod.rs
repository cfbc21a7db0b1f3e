//! Rust jobs in web workers: real parallel work that is awaited, followed, retried and cancelled like any other [`Task`](crate::Task).
//!
//! An app names its jobs as constants, and says which function does which. The functions take one argument and return a `Result`; what
//! they take and give crosses the border by serde.
//!
//! ```
//! use taskloom::workers::{Job, JobContext};
//!
//! const PRIMES: Job<u32, Vec<u32>, f64> = Job::new("primes"); // argument, result, progress
//!
//! fn primes(ctx: &JobContext<f64>, below: u32) -> Result<Vec<u32>, String> {
//!     let mut primes = Vec::new();
//!     for n in 2..below {
//!         if n % 1000 == 0 {
//!             ctx.progress(f64::from(n) / f64::from(below));
//!         }
//!         if primes.iter().take_while(|p| *p * *p <= n).all(|p| n % p != 0) {
//!             primes.push(n);
//!         }
//!     }
//!     Ok(primes)
//! }
//!
//! # #[cfg(target_arch = "wasm32")]
//! fn jobs(jobs: &mut taskloom::workers::Jobs) {
//!     jobs.add_with_context(PRIMES, primes);
//! }
//!
//! # #[cfg(target_arch = "wasm32")]
//! async fn page() -> Result<(), Box<dyn std::error::Error>> {
//!     let pool = taskloom::workers::WorkerPool::new(jobs)?; // as many workers as the machine has cores, less one
//!     let task = pool.run(PRIMES, 1_000_000);
//!     let primes = task.await?;
//!     Ok(())
//! }
//! ```
//!
//! The repository's `examples/kmeans` is a whole app. A job is a plain function: on the host it is tested as one, or as a task by a
//! [`JobContext`] made from the task's context. `Jobs` and `WorkerPool` are there on wasm only.
//!
//! A worker makes an instance of its own of the page's compiled module, which is sent to it once and not fetched again. The app's
//! `#[wasm_bindgen(start)]` and `main` do not run there: only `jobs` and the jobs that are called. Each instance has a memory of its own:
//! statics and thread locals are not those of the page. Everything works under the CSP `script-src 'self' 'wasm-unsafe-eval'; worker-src
//! 'self'`.
//!
//! An argument is made into JavaScript data when the call is made, and a result into Rust when it comes, each in one go on the thread that
//! asks: for large data prefer [`typed_array`], and flat structs.
//!
//! What it needs: the glue of `wasm-bindgen --target web` (`wasm-pack build --target web`, Trunk), with its `snippets` folder beside it, as it is
//! written. A panic in a job ends its worker, and the call with [`JobError::Panicked`]; the pool starts another worker.
//!
//! A page in JavaScript can call the same jobs: let the crate export a function that returns `taskloom::workers::worker(jobs)`, and give that to the npm
//! package's pool: `new WorkerPool(() => crate.worker())`, `pool.run('primes', [1_000_000])`.

pub mod typed_array;

#[cfg(target_arch = "wasm32")]
pub use crate::platform::workers::{CallBuilder, Jobs, WorkerPool, WorkerPoolBuilder, worker};
pub use crate::rt::pool::{Job, JobContext, JobError, Warm};
