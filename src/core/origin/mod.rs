//! What the tabs of one origin have in common: the ports on which they decide together.

pub mod ports;
