//! 128 bits in place of what is too long for a key.
//!
//! [XXH3](https://xxhash.com) by the crate twox-hash: not a cryptographic hash, but one whose secret is the page's or the origin's own, so that nobody who chooses the data can
//! choose two that collide. With 128 bits two of a billion different keys collide with a probability of 1 in 10^21.

use std::fmt;

use twox_hash::xxhash3_128::{RawHasher, SecretBuffer};

const SECRET_LENGTH: usize = 192;

/// The secret of a page or an origin.
#[derive(Clone)]
pub struct Secret {
    /// XXH3 hashes what is short with this alone.
    seed: u64,
    secret: [u8; SECRET_LENGTH],
}

impl Secret {
    /// The secret that comes of a seed: the same for the same seed.
    pub fn from_seed(seed: u64) -> Self {
        let mut secret = [0; SECRET_LENGTH];
        fastrand::Rng::with_seed(seed).fill(&mut secret);
        Self { seed, secret }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Hashes bytes as they come.
///
/// ```
/// use taskloom::core::memo::hash::{Hasher, Secret};
///
/// let hash = |seed, parts: &[&[u8]]| {
///     let mut hasher = Hasher::new(&Secret::from_seed(seed));
///     parts.iter().for_each(|part| hasher.update(part));
///     hasher.finish()
/// };
/// assert_eq!(hash(1, &[b"a long text"]), hash(1, &[b"a long", b" text"]));
/// assert_ne!(hash(1, &[b"a long text"]), hash(2, &[b"a long text"]));
/// ```
pub struct Hasher(RawHasher<[u8; SECRET_LENGTH]>);

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

impl Hasher {
    /// A hasher that has seen nothing.
    ///
    /// # Panics
    /// Never: the secret has the length that XXH3 asks for.
    pub fn new(secret: &Secret) -> Self {
        let Ok(buffer) = SecretBuffer::new(secret.seed, secret.secret) else {
            unreachable!("it is longer than 136 bytes")
        };
        Self(RawHasher::new(buffer))
    }

    /// Takes in bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    /// The hash of all that was taken in.
    pub fn finish(&self) -> u128 {
        self.0.finish_128()
    }
}
