//! What the exports keep between two calls. One test, since it all hangs on one flag, and on one thread.

#[path = "../src/js/base/kept.rs"]
mod kept;

use std::panic::catch_unwind;

use kept::{Kept, inside, is_inside};

static NAMES: Kept<Vec<&str>> = Kept::new(Vec::new());
static COUNT: Kept<u32> = Kept::new(0);

#[test]
fn one_call_is_inside_and_has_what_is_kept_to_itself() {
    let names = inside(|inside| {
        assert!(is_inside());
        NAMES.of(inside).push("of");
        *COUNT.of(inside) += 1;
        let (names, count) = NAMES.with(&COUNT, inside);
        names.push("with");
        *count += 1;
        names.push("and after it");
        names.clone()
    });
    assert_eq!(names, ["of", "with", "and after it"]);
    assert_eq!(inside(|inside| *COUNT.of(inside)), 2);
    assert!(!is_inside());

    // A call that is interrupted, as by the end of the stack, is seen to be.
    assert!(catch_unwind(|| inside(|inside| NAMES.with(&NAMES, inside).0.len())).is_err(), "one thing twice");
    assert!(is_inside());
    assert!(catch_unwind(|| inside(|inside| *COUNT.of(inside))).is_err(), "another is inside");
}
