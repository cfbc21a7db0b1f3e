//! The ring of src/js/tasks/progress.js, a fast path, behaves as core's buffer does.

use js_sys::Array;
use taskloom::core::tasks::progress::{Cursor, ProgressBuffer};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(module = "/src/js/tasks/progress.js")]
extern "C" {
    #[wasm_bindgen(js_name = ProgressBuffer)]
    type Ring;
    #[wasm_bindgen(constructor, js_class = ProgressBuffer)]
    fn new(capacity: f64) -> Ring;
    #[wasm_bindgen(method)]
    fn push(this: &Ring, value: f64);
    #[wasm_bindgen(method, getter)]
    fn pushed(this: &Ring) -> f64;
    #[wasm_bindgen(method, getter)]
    fn dropped(this: &Ring) -> f64;
    #[wasm_bindgen(method, getter)]
    fn latest(this: &Ring) -> JsValue;
    #[wasm_bindgen(method)]
    fn seek(this: &Ring, position: f64) -> f64;
    #[wasm_bindgen(method)]
    fn at(this: &Ring, position: f64) -> f64;
    #[wasm_bindgen(method)]
    fn drain(this: &Ring) -> Array;
}

impl Ring {
    /// As the iterator of a task reads it: src/js/tasks/task.js.
    fn read(&self, position: &mut f64) -> Option<f64> {
        if *position >= self.pushed() {
            return None;
        }
        let found = self.seek(*position);
        *position = found + 1.0;
        Some(self.at(found))
    }
}

fn drained(ring: &Ring) -> Vec<f64> {
    ring.drain().iter().map(|value| value.as_f64().expect("a number was pushed")).collect()
}

#[wasm_bindgen_test]
#[allow(clippy::float_cmp, clippy::cast_precision_loss)] // small whole numbers
fn the_ring_agrees_with_core_on_random_sequences() {
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let capacity = random.usize(0..7);
        let (mut core, ring) = (ProgressBuffer::new(capacity), Ring::new(capacity as f64));
        let mut readers = vec![(Cursor::default(), 0.0)];
        for step in 0..random.u32(0..80) {
            match random.u8(0..10) {
                0..5 => {
                    core.push(f64::from(step));
                    ring.push(f64::from(step));
                }
                5..8 => {
                    let (cursor, position) = random.choice(&mut readers).expect("there is always one");
                    assert_eq!(core.read(cursor), ring.read(position), "seed {seed}");
                }
                8 => assert_eq!(core.drain(), drained(&ring), "seed {seed}"),
                _ => readers.push((Cursor::default(), 0.0)),
            }
            assert_eq!(core.latest().copied(), ring.latest().as_f64(), "seed {seed}");
            assert_eq!(core.dropped() as f64, ring.dropped(), "seed {seed}");
        }
        assert_eq!(core.drain(), drained(&ring), "seed {seed}");
    }
}
