//! The runtime of a page or worker.

use futures::task::{LocalFutureObj, LocalSpawn, SpawnError};

use super::{
    clock::{DateClock, PerformanceClock},
    panic::hook_panics,
    timer::Timeout,
    turn::PlatformTurn,
};
use crate::rt::{Ports, Runtime};

/// Runs futures in microtasks, by [`wasm_bindgen_futures`].
#[derive(Clone, Copy, Debug, Default)]
pub struct MicrotaskSpawner;

impl LocalSpawn for MicrotaskSpawner {
    fn spawn_local_obj(&self, future: LocalFutureObj<'static, ()>) -> Result<(), SpawnError> {
        wasm_bindgen_futures::spawn_local(future);
        Ok(())
    }
}

thread_local! {
    static BROWSER: Runtime = {
        hook_panics();
        Runtime::new(Ports {
            clock: Box::new(PerformanceClock),
            wall_clock: Box::new(DateClock),
            timer: Box::new(Timeout::default()),
            spawner: Box::new(MicrotaskSpawner),
            turn: Box::new(PlatformTurn::default()),
            seed: js_sys::Math::random().to_bits(),
        })
    };
}

/// The runtime of this page or worker, made at the first call.
pub fn browser() -> Runtime {
    BROWSER.with(Runtime::clone)
}
