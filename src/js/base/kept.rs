//! What a capability keeps between two calls of its exports.
//!
//! `thread_local!` and `RefCell` would do. They cost each export a check of its own for each thing that is kept, and the instance a look at all of them to
//! see whether a call was interrupted. Here one flag is for all: a call is inside, or none is.

#![allow(unsafe_code)] // two references from cells, and their `Sync`; tests/kept.rs runs them, under Miri too

use core::{
    cell::{Cell, UnsafeCell},
    ptr,
};

struct Flag(Cell<bool>);

// SAFETY: without the feature `atomics` wasm has one thread, and no code that interrupts another. With it this file does not compile.
#[cfg(not(target_feature = "atomics"))]
unsafe impl Sync for Flag {}

/// Whether a call is inside.
static IS_INSIDE: Flag = Flag(Cell::new(false));

/// The call that is inside: there is one at most, and so is what it borrows.
#[derive(Debug)]
pub struct Inside(());

/// Lets a call in. It must not come back before it has ended, by way of JavaScript, say: that panics.
pub fn inside<R>(call: impl FnOnce(&mut Inside) -> R) -> R {
    if IS_INSIDE.0.replace(true) {
        is_inside_already();
    }
    let result = call(&mut Inside(()));
    IS_INSIDE.0.set(false);
    result
}

/// Whether a call is inside. When nothing runs, one that was interrupted.
pub fn is_inside() -> bool {
    IS_INSIDE.0.get()
}

#[cold]
#[inline(never)]
fn is_inside_already() -> ! {
    panic!("a call came in while another was inside")
}

/// Something that is kept, to be had by who is inside.
#[derive(Debug)]
pub struct Kept<T>(UnsafeCell<T>);

// SAFETY: as that of `Flag`.
#[cfg(not(target_feature = "atomics"))]
unsafe impl<T> Sync for Kept<T> {}

impl<T> Kept<T> {
    /// Keeps this.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// What is kept.
    pub fn of<'a>(&'static self, _: &'a mut Inside) -> &'a mut T {
        // SAFETY: whoever else has a reference has it from the same `Inside`, of which there is one, and which is borrowed as long as this one lives.
        unsafe { &mut *self.0.get() }
    }

    /// This and something else that is kept, at once.
    pub fn with<'a, U>(&'static self, other: &'static Kept<U>, _: &'a mut Inside) -> (&'a mut T, &'a mut U) {
        let (one, two) = (self.0.get(), other.0.get());
        assert!(!ptr::addr_eq(one, two), "two things that are kept");
        // SAFETY: as above, and the two are apart.
        unsafe { (&mut *one, &mut *two) }
    }
}
