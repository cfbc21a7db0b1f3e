//! What shared state promises: each decision by a table, the lock by what happens to one waiter.

mod deciding;
mod hearing;
mod locking;
mod simulation;
mod wire;
