//! The browser: core's ports, one file per platform capability.

pub mod clock;
