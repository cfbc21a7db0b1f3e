//! State that tabs share: who may write what, which version wins, what a tab has missed, and who holds a lock.
//!
//! A store of the origin (`IndexedDB`, or a bucket of NATS) has a [`record`](record::Record) a key, and one transaction is the commit: the host reads the head and the records of a
//! [batch](batch::Batch), asks [`decide`](decide::decide) for each operation, and puts what it says. Then it posts one notice. Other tabs take it in by what they
//! have [heard](hearing::Hearing), and read what they have missed. A [`lock`] queues with the platform's locks; a token in the record decides. When nobody knows whether a commit
//! has happened, the record tells: see [`fate`]. A value is opaque here: the host says whether two [forms](form::Form) are equal.

pub mod batch;
pub mod decide;
pub mod fate;
pub mod form;
pub mod hearing;
pub mod lock;
pub mod record;
pub mod tell;
pub mod trim;
pub mod wire;

#[cfg(test)]
mod tests;
