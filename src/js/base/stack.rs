//! Whether the stack has room for a call.
//!
//! A call that uses up the stack half-way leaves its work half done, in wasm and in JavaScript alike. So each call from outside asks for room first: it
//! has enough for all that it does, or it throws the platform's own error before anything has changed.

use core::hint::black_box;

use wasm_bindgen::prelude::*;

use super::kept::{Kept, inside, is_inside};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

macro_rules! sixty_four {
    ($($rest:tt)*) => {
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
        performance_now() + (performance_now() + (performance_now() + (performance_now() + (
            $($rest)*
        ))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
    };
}

/// More than anybody asks for.
const TOO_MANY: u32 = 1 << 16;

/// Takes 16 kB of the stack, which compiled code asks for at once when it is called, used or not: a sum of floating-point numbers is made from its far
/// end, so that all of them live at the same time.
#[rustfmt::skip]
fn frame(left: u32) -> f64 {
    if left > TOO_MANY {
        return sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(
            sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(
                sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(
                    sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(sixty_four!(0.0))))))))
                ))))))))
            ))))))))
        ))))))));
    }
    if left == 0 { 0.0 } else { frame(left - 1) + 1.0 }
}

/// Throws, by the platform's own error, unless the stack has room for so many frames of 16 kB.
#[wasm_bindgen(js_name = takeRoom)]
pub fn take_room(frames: u32) -> f64 {
    frame(frames)
}

/// So much of the stack in memory may be lost to calls that were interrupted.
const TOLERABLE: usize = 4096;

/// Where that stack ended when the instance began.
static BASE: Kept<usize> = Kept::new(0);

#[inline(never)]
fn stack_end() -> usize {
    let mark = black_box(0_u8);
    black_box(&raw const mark) as usize
}

/// The instance begins.
#[wasm_bindgen(js_name = noteBase)]
pub fn note_base() {
    inside(|inside| *BASE.of(inside) = stack_end());
}

/// Whether no call was interrupted: the end of the stack leaves what it was about half done.
#[wasm_bindgen(js_name = isSound)]
pub fn is_sound() -> bool {
    !is_inside() && inside(|inside| *BASE.of(inside)).abs_diff(stack_end()) < TOLERABLE
}
