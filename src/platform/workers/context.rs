//! What a job in a worker is given.

use std::{cell::Cell, time::Duration};

use futures::future::LocalBoxFuture;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{border::encode, snippets::WorkerContext};
use crate::{
    core::{
        base::clock::{Clock, Instant},
        pool::protocol::TURN_MICROS,
    },
    platform::clock::PerformanceClock,
    rt::pool::JobPort,
};

/// The context of the JavaScript side, for progress values of Rust.
pub(super) struct WorkerPort {
    context: WorkerContext,
    /// When the event loop had its last turn, as far as this job knows.
    turned_at: Cell<Instant>,
}

impl WorkerPort {
    pub fn new(context: WorkerContext) -> Self {
        Self { context, turned_at: Cell::new(PerformanceClock.now()) }
    }
}

impl<P: Serialize> JobPort<P> for WorkerPort {
    fn progress(&self, value: P) {
        match encode("the progress value", &value) {
            Ok(value) => self.context.progress(&value),
            Err(reason) => report_error(&js_sys::Error::new(&reason)),
        }
    }

    fn is_cancelled(&self) -> bool {
        self.context.cancelled()
    }

    fn checkpoint(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            // Only a turn can bring news, and a promise costs more than the clock.
            let slice = Duration::from_micros(TURN_MICROS.into());
            if PerformanceClock.now() - self.turned_at.get() > slice {
                // It rejects once the call is cancelled, which the caller sees for itself.
                let _ = JsFuture::from(self.context.checkpoint()).await;
                self.turned_at.set(PerformanceClock.now());
            }
        })
    }

    fn attempt(&self) -> u32 {
        self.context.attempt()
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = reportError)]
    fn report_error(error: &js_sys::Error);
}
