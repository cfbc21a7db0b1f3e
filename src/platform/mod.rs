//! The browser: core's ports, one file per platform capability.

pub mod clock;
#[cfg(feature = "runtime")]
mod panic;
#[cfg(feature = "runtime")]
mod promise;
#[cfg(feature = "runtime")]
pub mod runtime;
#[cfg(feature = "runtime")]
pub mod timer;
#[cfg(feature = "runtime")]
pub mod turn;
#[cfg(feature = "workers")]
pub mod workers;
#[cfg(any(feature = "npm", feature = "std"))]
pub mod zone;
