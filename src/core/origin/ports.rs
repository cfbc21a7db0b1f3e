//! What tabs of one origin share, as ports: a store, a channel, and locks.
//!
//! All three may fail a tab in the ways that the platform does. A tab may end, or stand still for long, between any two calls: inside a transaction, and while it
//! holds a lock.

use alloc::{string::String, vec::Vec};

/// The store, as one transaction sees it: what it reads, nobody writes until it has ended, and what it writes is there for all others at once, or never.
///
/// An object store of the browser, or what stands for a compare-and-set.
pub trait KeyValue {
    /// What is kept of a key.
    type Record;

    /// What is kept of this key.
    fn get(&self, key: &str) -> Option<Self::Record>;

    /// Keeps this, in the place of what was there.
    fn put(&mut self, key: &str, record: Self::Record);

    /// Keeps nothing of this key.
    fn delete(&mut self, key: &str);

    /// All that is kept, by key.
    fn all(&self) -> Vec<(String, Self::Record)>;
}

/// A channel to all other tabs. A message may come late, in another order, twice, or never, and anybody may have sent it.
pub trait Broadcast<Message> {
    /// Sends it to all others.
    fn post(&mut self, message: Message);
}

/// How a lock is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// In turn.
    Queue,
    /// If it is free now.
    IfAvailable,
    /// At once: whoever has it is told that it was stolen, and goes on regardless.
    Steal,
}

/// Locks by name. Who has one keeps it until it lets go or ends. So a lock says whose turn it is, and not that nobody else goes on: a tab that
/// stands still may have lost it without knowing.
pub trait Lock {
    /// Names a request.
    type Ticket: Copy + Eq;

    /// Asks for a lock. How that went comes later.
    fn request(&mut self, name: &str, how: Request) -> Self::Ticket;

    /// Lets it go, or leaves the queue.
    fn release(&mut self, ticket: Self::Ticket);
}
