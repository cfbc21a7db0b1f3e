//! The checks of the fuzz target, on its seeds and on what comes of them by damage.

use std::fs;

use proptest::prelude::*;

#[path = "../fuzz/checks.rs"]
mod checks;

fn seeds() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/stored_text");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn the_seeds_keep_the_rules() {
    let seeds = seeds();
    assert!(seeds.len() > 5);
    for seed in &seeds {
        checks::stored_text(seed);
    }
}

#[derive(Clone, Debug)]
enum Damage {
    Set(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Splice(prop::sample::Index, prop::sample::Index, prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte =
        || prop_oneof![any::<u8>(), proptest::sample::select(&b"nutfNIJZsdbh{MSDREOXV#[0123456789;:*ev"[..])];
    prop_oneof![
        (any::<prop::sample::Index>(), byte()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (any::<prop::sample::Index>(), byte()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        any::<prop::sample::Index>().prop_map(Damage::Remove),
        any::<(prop::sample::Index, prop::sample::Index, prop::sample::Index)>()
            .prop_map(|(from, to, at)| Damage::Splice(from, to, at)),
    ]
}

fn apply(text: &mut Vec<u8>, damage: &Damage) {
    if text.is_empty() {
        return;
    }
    let length = text.len();
    match damage {
        Damage::Set(at, byte) => text[at.index(length)] = *byte,
        Damage::Insert(at, byte) => text.insert(at.index(length + 1), *byte),
        Damage::Remove(at) => {
            text.remove(at.index(length));
        }
        Damage::Splice(from, to, at) => {
            let (from, to) = (from.index(length), to.index(length));
            let part = text[from.min(to)..from.max(to)].to_vec();
            let at = at.index(length);
            text.splice(at..at, part);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("TASKLOOM_ALL").is_some() { 20_000 } else { 256 }))]

    #[test]
    fn damaged_seeds_keep_the_rules(seed: prop::sample::Index, damages in proptest::collection::vec(damage(), 1..6)) {
        let seeds = seeds();
        let mut text = seeds[seed.index(seeds.len())].clone();
        for damage in &damages {
            apply(&mut text, damage);
        }
        checks::stored_text(&text);
    }
}
