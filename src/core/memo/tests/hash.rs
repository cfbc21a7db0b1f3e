//! Hashes in place of long keys.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::super::hash::Hasher;
use crate::core::testing::cases;

fn hash(seed: u64, bytes: &[u8]) -> u128 {
    let mut hasher = Hasher::new(seed);
    hasher.update(bytes);
    hasher.finish()
}

fn in_parts<'a>(seed: u64, parts: impl IntoIterator<Item = &'a [u8]>) -> u128 {
    let mut hasher = Hasher::new(seed);
    parts.into_iter().for_each(|part| hasher.update(part));
    hasher.finish()
}

/// Where XXH3 goes over to another way, by the length.
const BORDERS: [usize; 18] =
    [0, 1, 3, 4, 8, 9, 16, 17, 128, 129, 240, 241, 255, 256, 257, 1_023, 1_024, 1_025];

fn patterned(length: usize) -> Vec<u8> {
    (0..length).map(|index| u8::try_from(index * 131 % 251).expect("below 251")).collect()
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn a_hash_does_not_depend_on_how_the_bytes_come(
        bytes in proptest::collection::vec(any::<u8>(), 0..3_000),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
        seed: u64,
    ) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let parts = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
        prop_assert_eq!(in_parts(seed, parts), hash(seed, &bytes));
    }

    #[test]
    fn different_bytes_have_different_hashes(
        a in proptest::collection::vec(any::<u8>(), 0..600),
        b in proptest::collection::vec(any::<u8>(), 0..600),
        seed: u64,
    ) {
        prop_assert_eq!(a == b, hash(seed, &a) == hash(seed, &b));
    }
}

#[test]
fn at_each_border_a_hash_does_not_depend_on_how_the_bytes_come() {
    let seed = 5;
    for length in BORDERS {
        let bytes = patterned(length);
        let whole = hash(seed, &bytes);
        assert_eq!(in_parts(seed, bytes.chunks(1)), whole, "{length} by ones");
        for cut in BORDERS.into_iter().filter(|cut| *cut <= length) {
            assert_eq!(in_parts(seed, [&bytes[..cut], &bytes[cut..]]), whole, "{length} cut at {cut}");
        }
    }
}

#[test]
fn a_hash_can_be_asked_for_in_between() {
    let seed = 5;
    let bytes = patterned(2_000);
    let mut hasher = Hasher::new(seed);
    for (index, part) in bytes.chunks(100).enumerate() {
        assert_eq!(hasher.finish(), hash(seed, &bytes[..index * 100]));
        hasher.update(part);
    }
    assert_eq!(hasher.finish(), hash(seed, &bytes));
}

#[test]
fn another_seed_gives_another_hash_and_the_same_one_the_same() {
    for length in BORDERS {
        let bytes = patterned(length);
        let hashes: HashSet<_> = (0..200).map(|seed| hash(seed, &bytes)).collect();
        assert_eq!(hashes.len(), 200, "length {length}");
        assert!(hashes.contains(&hash(17, &bytes)));
    }
}

#[test]
fn inputs_that_are_easily_taken_for_one_another_have_different_hashes() {
    let seed = 5;
    let mut known = HashMap::new();
    let repeated = |byte: u8| move |length: usize| vec![byte; length];
    let mut inputs: Vec<Vec<u8>> = (0..600).map(repeated(0)).collect();
    inputs.extend((1..600).map(repeated(0xFF)));
    inputs.extend((1..600).map(repeated(b'a')));
    inputs.extend([b"ab".to_vec(), b"ba".to_vec(), b"a\0".to_vec(), b"\0a".to_vec(), b"1".to_vec()]);
    // Two stripes of 64 bytes in either order.
    let (head, tail) = ([1; 64], [2; 64]);
    for rest in [0, 64, 128, 512, 1_024] {
        inputs.push([&head[..], &tail[..], &vec![3; rest]].concat());
        inputs.push([&tail[..], &head[..], &vec![3; rest]].concat());
    }
    for input in inputs {
        if let Some(other) = known.insert(hash(seed, &input), input.clone()) {
            panic!("{input:?} and {other:?}");
        }
    }
}

#[test]
fn no_two_inputs_that_differ_in_two_single_bits_have_one_hash() {
    for (seed, fill) in [(5, 0_u8), (6, 0xA5)] {
        let mut seen = HashSet::new();
        for length in 0..600 {
            let mut bytes = vec![fill; length];
            assert!(seen.insert(hash(seed, &bytes)), "length {length}");
            // All bits at the borders, and in between enough that each place of a byte in a stripe gets its turn.
            let step = if length <= 32 || BORDERS.contains(&length) { 1 } else { 7 };
            for bit in (length % step..length * 8).step_by(step) {
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert!(seen.insert(hash(seed, &bytes)), "length {length}, bit {bit}");
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}
