//! 128 bits in place of what is too long for a key.
//!
//! [XXH3](https://xxhash.com) by the crate twox-hash: not a cryptographic hash, but one whose seed is the page's or the origin's own, so that nobody who chooses the data can
//! choose two that collide. With 128 bits two of a billion different keys collide with a probability of 1 in 10^21.

use core::fmt;

use twox_hash::xxhash3_128::{DEFAULT_SECRET_LENGTH, RawHasher, SecretBuffer};

/// Hashes bytes as they come.
///
/// ```
/// use taskloom::core::memo::hash::Hasher;
///
/// let hash = |seed, parts: &[&[u8]]| {
///     let mut hasher = Hasher::new(seed);
///     parts.iter().for_each(|part| hasher.update(part));
///     hasher.finish()
/// };
/// assert_eq!(hash(1, &[b"a long text"]), hash(1, &[b"a long", b" text"]));
/// assert_ne!(hash(1, &[b"a long text"]), hash(2, &[b"a long text"]));
/// ```
pub struct Hasher(RawHasher<[u8; DEFAULT_SECRET_LENGTH]>);

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

impl Hasher {
    /// A hasher that has seen nothing.
    ///
    /// # Panics
    /// Never: the buffer of the secret has the length that XXH3 asks for.
    pub fn new(seed: u64) -> Self {
        let Ok(secret) = SecretBuffer::with_seed(seed, [0; DEFAULT_SECRET_LENGTH]) else { unreachable!() };
        Self(RawHasher::new(secret))
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
