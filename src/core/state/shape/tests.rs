use proptest::prelude::*;

use super::*;
use crate::core::testing::cases;

/// A value of any kinds, as the parts of its shape. References are made afterwards: a part `#` refers to itself, so to speak.
fn parts() -> impl Strategy<Value = Vec<Part>> {
    let leaf = prop_oneof![
        proptest::sample::select(&b"nutfNIJZsdb"[..]).prop_map(|kind| vec![Part { kind, count: 0 }]),
        Just(vec![part(b'R', 0)]),
        Just(vec![part(b'X', 0)]),
        Just(vec![part(b'D', 0), part(b'd', 0)]),
        Just(vec![part(b'O', 0), part(b's', 0)]),
        (0..MAX_CLASSES).prop_map(|class| vec![part(b'V', class), part(b'X', 0)]),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        let many = proptest::collection::vec(inner.clone(), 0..8);
        prop_oneof![
            many.clone().prop_map(|items| joined(b'[', 1, items)),
            (many.clone(), 1..9_u64).prop_map(|(items, holes)| {
                let mut all = joined(b'[', 1, items);
                all[0].count += holes;
                all.push(part(b'h', holes));
                all
            }),
            many.clone().prop_map(|items| joined(b'{', 1, items)),
            many.clone().prop_map(|items| joined(b'S', 1, items)),
            many.clone().prop_map(|mut items| {
                items.truncate(items.len() / 2 * 2);
                joined(b'M', 2, items)
            }),
            many.prop_map(|items| [vec![part(b'E', 0)], joined(b'{', 1, items)].concat()),
        ]
    })
}

fn part(kind: u8, count: u64) -> Part {
    Part { kind, count }
}

fn joined(kind: u8, each: u64, items: Vec<Vec<Part>>) -> Vec<Part> {
    let count = items.len() as u64 / each;
    std::iter::once(part(kind, count)).chain(items.into_iter().flatten()).collect()
}

fn written(parts: &[Part]) -> Result<String, Refusal> {
    let mut writer = Writer::default();
    for part in parts {
        writer.put(*part)?;
    }
    writer.finish()
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn what_is_written_is_read(parts in parts()) {
        let text = written(&parts).unwrap();
        let shape = Shape::parse(&text).unwrap();
        prop_assert_eq!(shape.parts(), &parts[..]);
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_refused(parts in parts(), cut: prop::sample::Index) {
        let text = written(&parts).unwrap();
        let short = &text[..cut.index(text.len())];
        // A number cut short is another number, which is rightly read only if it claims less than there is.
        if let Ok(shape) = Shape::parse(short) {
            prop_assert_eq!(written(shape.parts()), Ok(short.to_owned()));
        }
        prop_assert_eq!(Shape::parse(&format!("{text}n")), Err(Refusal::Malformed));
    }

    #[test]
    fn garbage_is_refused_or_written_just_so(text in "[nutfNIJZsdbh{MSDREOXV#\\[0-9]{1,40}") {
        if let Ok(shape) = Shape::parse(&text) {
            prop_assert_eq!(written(shape.parts()), Ok(text.clone()));
            prop_assert!(shape.parts().len() <= text.len());
        }
    }

    #[test]
    fn any_text_at_all_is_read_or_refused(text in ".{0,60}") {
        let _ = Shape::parse(&text);
    }

    /// One change to a sound text: still sound, or refused, and never more than the text has room for.
    #[test]
    fn a_damaged_text_is_refused_or_written_just_so(parts in parts(), at: prop::sample::Index, byte in 32_u8..127) {
        let mut text = written(&parts).unwrap().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        let text = String::from_utf8(text).unwrap();
        if let Ok(shape) = Shape::parse(&text) {
            prop_assert_eq!(written(shape.parts()), Ok(text));
        }
    }
}

#[test]
fn leaves_are_counted() {
    for (text, leaves) in [
        ("n", 0),
        ("s", 1),
        ("[3sdb", 3),
        ("{2s{1n", 4),
        ("M1sd", 2),
        ("Dd", 1),
        ("DN", 0),
        ("R", 2),
        ("E{1s", 2),
        ("V3X", 3),
        ("{2D#0n", 0),
    ] {
        match Shape::parse(text) {
            Ok(shape) => assert_eq!(shape.leaves(), leaves, "{text}"),
            Err(_) => assert_eq!(text, "{2D#0n"),
        }
    }
}

#[test]
fn what_breaks_the_rules_is_refused() {
    for text in [
        "",
        "[",
        "[1",
        "[2n",
        "[0n",
        "nn",
        "x",
        "[1h",
        "[1h0",
        "[1h2",
        "h1",
        "{1h1",
        "[01n",
        "[99999999999",
        "[4294967296h4294967296",
        "s1",
        "D",
        "Dn",
        "Ds",
        "DD",
        "E",
        "En",
        "E[0",
        "O",
        "On",
        "Ou",
        "O[0",
        "V16X",
        "V0",
        "V0[0",
        "#0",
        "[1#1",
        "[1D#0",
        "[2E{1#1n",
        "[2O#1n",
        "[1n]",
        " n",
        "n ",
        "é",
    ] {
        assert_eq!(Shape::parse(text), Err(Refusal::Malformed), "{text}");
    }
}

#[test]
fn objects_may_refer_to_themselves_and_to_others_that_are_made() {
    for text in
        ["[1#0", "{1#0", "M1#0#0", "S1#0", "[2[0#1", "[2V0X#2", "[2XV1#1", "[2Dd#1", "[3E{1n#1#2", "[2R#1"]
    {
        assert!(Shape::parse(text).is_ok(), "{text}");
    }
    // What is made from its contents can't be among them.
    assert_eq!(Shape::parse("E{1#0"), Err(Refusal::Malformed));
}

#[test]
fn depth_is_bounded() {
    let deep = |depth: usize| format!("{}n", "[1".repeat(depth));
    assert!(Shape::parse(&deep(MAX_DEPTH)).is_ok());
    assert_eq!(Shape::parse(&deep(MAX_DEPTH + 1)), Err(Refusal::TooDeep));
    assert_eq!(Shape::parse(&deep(1_000_000)), Err(Refusal::TooDeep));
}
