//! Places, queues and idleness.

use super::*;

fn manager(host: &mut Host, concurrency: u32, max_queue: u32) -> ManagerId {
    let options = ManagerOptions { concurrency, max_queue, ..ManagerOptions::default() };
    host.engine.add_manager(options).expect("valid options")
}

fn of(manager: ManagerId) -> Submission {
    Submission { manager, ..plain() }
}

#[test]
fn no_more_run_than_there_are_places_and_the_next_in_line_follows() {
    let mut host = Host::new();
    let id = manager(&mut host, 2, u32::MAX);
    let keys: Vec<TaskKey> = (0..4).map(|_| host.submit(of(id))).collect();
    host.turn();
    assert_eq!(host.started, keys[..2]);
    assert_eq!(host.engine.counts(id), (2, 2));
    host.resolve(keys[1], 1);
    host.turn();
    assert_eq!(host.started, keys[..3]);
}

#[test]
fn a_cancelled_task_keeps_its_place_until_its_function_has_ended() {
    let mut host = Host::new();
    let id = manager(&mut host, 1, u32::MAX);
    let (first, second) = (host.submit(of(id)), host.submit(of(id)));
    host.turn();
    host.cancel(first);
    host.turn();
    assert_eq!(host.started, [first]);
    host.reject(first, 1);
    host.turn();
    assert_eq!(host.started, [first, second]);
}

#[test]
fn a_cancelled_waiting_task_leaves_the_line_at_once() {
    let mut host = Host::new();
    let id = manager(&mut host, 1, 1);
    let first = host.submit(of(id));
    let second = host.submit(of(id));
    assert_eq!(host.engine.submit(of(id)), Err(Error::QueueFull { limit: 1 }));
    host.cancel(second);
    assert!(host.records[&second].stopped);
    let third = host.submit(of(id));
    host.turn();
    host.resolve(first, 1);
    host.turn();
    assert_eq!(host.started, [first, third]);
}

#[test]
fn a_child_needs_no_place_so_a_parent_can_wait_for_it() {
    let mut host = Host::new();
    let id = manager(&mut host, 1, 0);
    let parent = host.submit(of(id));
    host.turn();
    let child = host.submit(Submission { parent: Some(parent), ..of(id) });
    host.turn();
    assert_eq!(host.started, [parent, child]);
    assert_eq!(host.engine.counts(id), (0, 1));
}

#[test]
fn the_urgent_go_first() {
    let mut host = Host::new();
    let id = manager(&mut host, 1, u32::MAX);
    let first = host.submit(of(id));
    let later = host.submit(Submission { priority: Some(Priority::Background), ..of(id) });
    let urgent = host.submit(Submission { priority: Some(Priority::UserBlocking), ..of(id) });
    host.turn();
    host.resolve(first, 1);
    host.turn();
    host.resolve(urgent, 1);
    host.turn();
    assert_eq!(host.started, [first, urgent, later]);
}

#[test]
fn a_paused_manager_starts_nothing_until_it_is_resumed() {
    let mut host = Host::new();
    let id = manager(&mut host, 2, u32::MAX);
    host.engine.set_paused(id, true);
    let key = host.submit(of(id));
    host.turn();
    assert!(host.started.is_empty());
    host.engine.set_paused(id, false);
    host.turn();
    assert_eq!(host.started, [key]);
}

#[test]
fn more_concurrency_takes_effect_at_once() {
    let mut host = Host::new();
    let id = manager(&mut host, 1, u32::MAX);
    let keys: Vec<TaskKey> = (0..3).map(|_| host.submit(of(id))).collect();
    host.turn();
    host.engine.set_concurrency(id, 3).expect("3 is valid");
    host.turn();
    assert_eq!(host.started, keys);
    assert_eq!(host.engine.set_concurrency(id, 0).unwrap_err().code(), "invalid-argument");
}

#[test]
fn idle_means_that_nothing_waits_runs_or_has_yet_to_stop() {
    let mut host = Host::new();
    let id = manager(&mut host, 1, u32::MAX);
    assert!(host.engine.watch_idle(id), "it is idle from the start");
    let (first, second) = (host.submit(of(id)), host.submit(of(id)));
    assert!(!host.engine.watch_idle(id));
    host.turn();
    host.cancel(second);
    host.cancel(first);
    assert!(host.idle.is_empty(), "the first one's function still runs");
    host.resolve(first, 1);
    assert_eq!(host.idle, [id]);
}

#[test]
fn a_rate_limit_lets_no_more_start_in_any_span_and_keeps_the_line() {
    let mut host = Host::new();
    let rate = Some(crate::core::rate::RateLimit { limit: 2, per: ms(100) });
    let id =
        host.engine.add_manager(ManagerOptions { rate, ..ManagerOptions::default() }).expect("valid options");
    let mut keys: Vec<TaskKey> = (0..5).map(|_| host.submit(of(id))).collect();
    host.turn();
    assert_eq!(host.started, keys[..2]);
    host.advance(ms(99));
    host.turn();
    assert_eq!(host.started.len(), 2);
    host.clock.advance(ms(1));
    keys.push(host.submit(of(id))); // after the window has opened and before the timer has fired
    host.turn();
    assert_eq!(host.started, keys[..4], "nobody jumps the line");
    host.advance(ms(100));
    host.turn();
    assert_eq!(host.started, keys);
    for key in keys {
        host.resolve(key, 1);
    }
    assert!(host.engine.remove_manager(id));
    assert_eq!((host.engine.live(), host.engine.deadlines()), (0, 0));
}

#[test]
fn finished_tasks_beyond_the_bound_are_to_be_forgotten() {
    let mut host = Host::new();
    let options = ManagerOptions { max_completed: 2, ..ManagerOptions::default() };
    let id = host.engine.add_manager(options).expect("valid options");
    assert_eq!((host.engine.trim(id, 2), host.engine.trim(id, 5)), (0, 3));
}

#[test]
fn a_manager_is_removed_only_when_nothing_of_it_is_live() {
    let mut host = Host::new();
    let id = manager(&mut host, 1, u32::MAX);
    let key = host.submit(of(id));
    assert!(!host.engine.remove_manager(id));
    host.cancel(key);
    assert!(host.engine.remove_manager(id));
    assert!(!host.engine.remove_manager(id) && !host.engine.remove_manager(DEFAULT_MANAGER));
}
