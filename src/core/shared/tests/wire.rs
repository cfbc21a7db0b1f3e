//! What both sides of the border must read alike.

use std::{collections::BTreeSet, time::Duration};

use super::super::{
    decide::{Effect, Refusal},
    fate::Fate,
    hearing::{OnRead, Then},
    lock::{Event, Step},
    wire::*,
};

fn named(name: &str) -> u32 {
    let (_, number) = CONSTANTS.iter().find(|(known, _)| *known == name).expect("it is on the list");
    u32::try_from(*number).expect("small and whole")
}

#[test]
fn no_two_constants_have_one_name() {
    let names: BTreeSet<_> = CONSTANTS.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), CONSTANTS.len());
}

#[test]
fn each_answer_is_read_under_its_name() {
    let answers = [
        (pack_admit(Ok(())), "ADMIT_ADMITTED"),
        (pack_admit(Err(Refusal::LeaseLost)), "ADMIT_LEASE_LOST"),
        (pack_admit(Err(Refusal::Conflict)), "ADMIT_CONFLICT"),
        (pack_admit(Err(Refusal::Locked(7))), "ADMIT_LOCKED"),
        (pack_fate(Fate::Landed), "FATE_LANDED"),
        (pack_fate(Fate::NotLanded), "FATE_NOT_LANDED"),
        (pack_fate(Fate::Unknown), "FATE_UNKNOWN"),
        (pack_then(Then::Nothing), "THEN_NOTHING"),
        (pack_then(Then::Wait), "THEN_WAIT"),
        (pack_then(Then::Read), "THEN_READ"),
        (pack_then(Then::ReadAll), "THEN_READ_ALL"),
        (pack_on_read(OnRead::Apply), "READ_APPLY"),
        (pack_on_read(OnRead::Reset), "READ_RESET"),
        (pack_on_read(OnRead::ReadAll), "THEN_READ_ALL"),
        (pack_step(Step::Queue), "STEP_QUEUE"),
        (pack_step(Step::Look), "STEP_LOOK"),
        (pack_step(Step::Probe), "STEP_PROBE"),
        (pack_step(Step::Ask), "STEP_ASK"),
        (pack_step(Step::Claim), "STEP_CLAIM"),
        (pack_step(Step::Steal), "STEP_STEAL"),
        (pack_step(Step::Run), "STEP_RUN"),
        (pack_step(Step::Lost), "STEP_LOST"),
        (pack_step(Step::Unavailable), "STEP_UNAVAILABLE"),
        (pack_step(Step::Leave), "STEP_LEAVE"),
        (pack_step(Step::Release), "STEP_RELEASE"),
    ];
    for (number, name) in answers {
        assert_eq!(number, named(name), "{name}");
    }
    assert_eq!(pack_step(Step::Wait), 0);
}

#[test]
fn each_effect_and_each_event_is_what_its_name_says() {
    for (name, effect) in [
        ("EFFECT_VALUE", Effect::Value { same: false }),
        ("EFFECT_SAME", Effect::Value { same: true }),
        ("EFFECT_REMOVED", Effect::Gone),
        ("EFFECT_TOUCH", Effect::Touch),
    ] {
        assert_eq!(unpack_effect(named(name)), effect, "{name}");
    }
    let lease = Duration::from_secs(1);
    for (name, event) in [
        ("LOCK_BEGIN", Event::Begin),
        ("LOCK_GRANTED", Event::Granted),
        ("LOCK_TAKEN", Event::Taken),
        ("LOCK_RECORD", Event::Record { token: 3, holder: Some(4), lease }),
        ("LOCK_ALIVE", Event::Probed { alive: true }),
        ("LOCK_DEAD", Event::Probed { alive: false }),
        ("LOCK_HOLDS", Event::Answer { token: 3, holds: true }),
        ("LOCK_HOLDS_NOT", Event::Answer { token: 3, holds: false }),
        ("LOCK_CLAIMED", Event::Claimed(3)),
        ("LOCK_TICK", Event::Tick),
        ("LOCK_STOLEN", Event::Stolen),
        ("LOCK_GONE", Event::Gone),
        ("LOCK_BACK", Event::Back),
        ("LOCK_REBORN", Event::Reset),
        ("LOCK_FINISHED", Event::Finished),
        ("LOCK_ABORTED", Event::Aborted),
        ("LOCK_REFUSED", Event::Refused { token: 3, holder: Some(4), lease }),
    ] {
        assert_eq!(unpack_event(named(name), 3, 4, lease), event, "{name}");
    }
    let nobody = unpack_event(named("LOCK_RECORD"), 3, 0, lease);
    assert_eq!(nobody, Event::Record { token: 3, holder: None, lease });
}
