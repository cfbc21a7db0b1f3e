//! One task after another: start, end, cancel, children.

use super::*;

#[test]
fn a_task_starts_at_the_hosts_turn_and_settles_with_its_function() {
    let mut host = Host::new();
    let key = host.submit(plain());
    assert_eq!(host.engine.state(key), Some(TaskState::Pending));
    host.turn();
    assert_eq!(host.engine.state(key), Some(TaskState::Running));
    assert_eq!(host.resolve(key, 1), Ended::Settled { stopped: true });
    assert_eq!(host.outcome(key), Some(Outcome::Done));
    assert_eq!(host.engine.state(key), None, "its slot is free");
}

#[test]
fn a_cancel_before_the_start_means_that_it_never_starts() {
    let mut host = Host::new();
    let key = host.submit(plain());
    let posted = host.submit(Submission { priority: Some(Priority::Background), ..plain() });
    assert!(host.cancel(key) && host.cancel(posted));
    host.turn();
    assert!(host.started.is_empty());
    assert_eq!(host.engine.live(), 0);
}

#[test]
fn a_late_answer_is_dropped_and_only_says_that_the_function_has_ended() {
    let mut host = Host::new();
    let key = host.submit(plain());
    host.turn();
    assert!(host.cancel(key));
    assert!(!host.records[&key].stopped);
    assert_eq!(host.resolve(key, 1), Ended::Late);
    assert!(host.records[&key].stopped);
    assert!(!host.cancel(key), "over is over");
}

#[test]
fn an_answer_for_an_earlier_task_of_the_slot_does_not_reach_the_next_one() {
    let mut host = Host::new();
    let first = host.submit(plain());
    host.turn();
    host.resolve(first, 1);
    let second = host.submit(plain());
    host.turn();
    assert_eq!(first.slot(), second.slot());
    assert_eq!(host.engine.resolve(first, 1), Ended::Late);
    assert_eq!(host.engine.cancel(first), Ended::Late);
    assert_eq!(host.engine.state(second), Some(TaskState::Running));
}

#[test]
fn a_cancel_reaches_every_descendant_parents_first() {
    let mut host = Host::new();
    let parent = host.submit(plain());
    host.turn();
    let child = host.submit(child_of(parent));
    host.turn();
    let grandchild = host.submit(child_of(child));
    host.turn();
    assert!(host.cancel(parent));
    assert_eq!(host.outcome(child), Some(Outcome::ParentStopped));
    assert_eq!(host.outcome(grandchild), Some(Outcome::ParentStopped));
}

#[test]
fn a_chain_of_children_longer_than_the_stack_is_deep_ends_with_its_head() {
    let mut engine = Engine::new(ManualClock::default(), 1);
    let head = engine.submit(plain()).expect("no bound");
    let mut last = head;
    for _ in 0..200_000 {
        engine.next_ready();
        last = engine.submit(child_of(last)).expect("children are not queued");
    }
    assert_eq!(engine.cancel(head), Ended::Settled { stopped: false });
    // Only those whose function was called are still there, and they are over.
    assert_eq!((engine.live(), engine.state(last)), (200_000, None));
    assert_eq!(engine.state(head), Some(TaskState::Cancelled));
}

#[test]
fn a_child_that_outlives_its_parent_is_cancelled_and_one_that_has_ended_is_not() {
    let mut host = Host::new();
    let parent = host.submit(plain());
    host.turn();
    let (quick, slow) = (host.submit(child_of(parent)), host.submit(child_of(parent)));
    host.turn();
    host.resolve(quick, 1);
    host.resolve(parent, 1);
    assert_eq!(host.outcome(quick), Some(Outcome::Done));
    assert_eq!(host.outcome(slow), Some(Outcome::ParentDone));
}

#[test]
fn a_child_of_a_settled_parent_never_starts() {
    let mut host = Host::new();
    let parent = host.submit(plain());
    host.turn();
    host.cancel(parent);
    let key = host.engine.submit(child_of(parent)).expect("children are not queued");
    host.records.insert(key, Record::default());
    host.carry_out();
    assert_eq!(host.outcome(key), Some(Outcome::ParentDone));
    host.turn();
    assert_eq!(host.started, [parent]);
}

#[test]
fn a_key_survives_the_way_through_a_number() {
    for key in [TaskKey::new(0, 0), TaskKey::new(u32::MAX, TaskKey::GENERATIONS - 1), TaskKey::new(7, 12_345)]
    {
        assert_eq!(TaskKey::from_number(key.to_number()), key);
    }
    let mut host = Host::new();
    for garbage in [-1.0, f64::NAN, f64::INFINITY, 1e300, 0.5, 4_294_967_296.0] {
        assert_eq!(host.engine.cancel(TaskKey::from_number(garbage)), Ended::Late, "{garbage}");
    }
    assert!(!host.engine.begin(TaskKey::from_number(3.0)));
}
