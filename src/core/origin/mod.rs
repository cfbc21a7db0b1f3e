//! What the tabs of one origin have in common: the ports on which they decide together.

#[cfg(test)]
pub mod fakes;
pub mod ports;
