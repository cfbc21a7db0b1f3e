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

/// Ends each function as soon as it has started, as synchronous ones do, and never lets the platform's scheduler begin one. Gives the place of
/// `key` among the starts.
fn place_among_ready_starts(host: &mut Host, key: TaskKey) -> Option<usize> {
    for place in 0.. {
        let next = host.engine.next_ready()?;
        host.started(next, 1);
        host.resolve(next, 1);
        if next == key {
            return Some(place);
        }
    }
    None
}

#[test]
fn one_that_the_scheduler_has_yet_to_begin_is_not_overtaken_by_less_urgent_ones_in_microtasks() {
    let rate = Some(crate::core::tasks::rate::RateLimit { limit: 10_000, per: ms(100) });
    for rate in [None, rate] {
        let mut host = Host::new();
        let options = ManagerOptions { concurrency: 2, rate, ..ManagerOptions::default() };
        let id = host.engine.add_manager(options).expect("valid options");
        for _ in 0..5000 {
            host.submit(of(id));
        }
        let urgent = host.submit(Submission { priority: Some(Priority::UserBlocking), ..of(id) });
        assert_eq!(place_among_ready_starts(&mut host, urgent), Some(2), "after the two that ran");
        assert!(!host.engine.begin(urgent), "the scheduler comes too late");
        assert_eq!(place_among_ready_starts(&mut host, urgent), None, "and it starts once");
        assert_eq!((host.started.len(), host.engine.live()), (5001, 0));
    }
}

#[test]
fn no_class_is_overtaken_more_than_16_times_in_a_row_by_starts_that_do_not_wait_for_the_scheduler() {
    for priority in [Priority::UserVisible, Priority::Background] {
        let mut host = Host::new();
        let id = manager(&mut host, 2, u32::MAX);
        let posted = host.submit(Submission { priority: Some(priority), ..of(id) });
        for _ in 0..100 {
            host.submit(of(id));
        }
        let place = place_among_ready_starts(&mut host, posted).expect("it starts");
        assert!(place <= 17, "{place}");
    }
}

#[test]
fn a_posted_start_is_not_overtaken_for_ever_by_more_urgent_ones_of_the_scheduler() {
    let mut host = Host::new();
    let id = manager(&mut host, 2, u32::MAX);
    let background = host.submit(Submission { priority: Some(Priority::Background), ..of(id) });
    let urgent: Vec<TaskKey> = (0..100)
        .map(|_| host.submit(Submission { priority: Some(Priority::UserBlocking), ..of(id) }))
        .collect();
    let mut before = 0;
    for key in urgent {
        if host.engine.has_ready() {
            break;
        }
        assert!(host.engine.begin(key));
        host.started(key, 1);
        host.resolve(key, 1);
        before += 1;
    }
    assert_eq!(before, 16);
    assert_eq!(host.engine.next_ready(), Some(background));
}

mod lanes {
    use proptest::prelude::*;

    use super::*;
    use crate::core::testing::cases;

    const MOST: usize = 16;

    fn class(priority: Option<Priority>) -> usize {
        priority.unwrap_or_default() as usize
    }

    /// Which of those that wait the platform's scheduler begins next: of the most urgent class the first.
    fn begun_by_scheduler(host: &mut Host, waiting: &[(TaskKey, Option<Priority>)]) -> Option<TaskKey> {
        let posted = |class_wanted| {
            let of_class = waiting
                .iter()
                .filter(move |(_, priority)| priority.is_some() && class(*priority) == class_wanted);
            of_class.map(|(key, _)| *key)
        };
        (0..3).flat_map(posted).find(|key| host.engine.begin(*key))
    }

    #[test]
    fn what_a_class_was_overtaken_in_the_line_counts_while_the_scheduler_is_asked_too() {
        let mut host = Host::new();
        let id = manager(&mut host, 2, u32::MAX);
        host.engine.set_paused(id, true);
        let mut submit = |priority, count| -> Vec<_> {
            (0..count)
                .map(|_| (host.submit(Submission { priority: Some(priority), ..of(id) }), Some(priority)))
                .collect()
        };
        let mut waiting = submit(Priority::UserBlocking, 100);
        let background = submit(Priority::Background, 1)[0];
        waiting.push(background);
        host.engine.set_paused(id, false);
        let mut before = 0;
        loop {
            let next = host.engine.next_ready();
            let key = next.or_else(|| begun_by_scheduler(&mut host, &waiting)).expect("one that starts");
            if key == background.0 {
                break;
            }
            host.started(key, 1);
            host.resolve(key, 1);
            before += 1;
        }
        assert!(before <= MOST + 2, "{before}");
    }

    proptest! {
        #![proptest_config(cases(500))]

        /// Whatever the scheduler and the functions do, in a line and out of it.
        #[test]
        fn no_class_is_overtaken_more_than_16_times_in_a_row_by_more_urgent_ones(
            concurrency in 1..9_u32,
            paused in any::<bool>(),
            submissions in proptest::collection::vec((0..40_u8, 1..90_usize, 0..4_u8), 1..8),
            holds in proptest::collection::vec(any::<bool>(), 64),
        ) {
            let mut host = Host::new();
            let placed = concurrency as usize; // which have their places already when a class begins to wait
            let id = manager(&mut host, concurrency, u32::MAX);
            host.engine.set_paused(id, paused);
            let mut waiting = Vec::new();
            let mut running = Vec::new();
            let mut overtaken = [0; 3];
            let mut holds = holds.into_iter().cycle();
            let mut rounds = submissions.into_iter();
            loop {
                let round = rounds.next();
                let is_last = round.is_none();
                if let Some((which, count, _)) = round {
                    let priority = match which {
                        0..=19 => Some(Priority::UserBlocking),
                        20..=27 => Some(Priority::UserVisible),
                        28..=33 => None,
                        _ => Some(Priority::Background),
                    };
                    for _ in 0..count {
                        waiting.push((host.submit(Submission { priority, ..of(id) }), priority));
                    }
                } else {
                    host.engine.set_paused(id, false);
                }
                let steps = round.map_or(usize::MAX, |(_, _, steps)| steps.into());
                for _ in 0..steps {
                    // Microtasks go before the scheduler's tasks.
                    let next = host.engine.next_ready();
                    let Some(key) = next.or_else(|| begun_by_scheduler(&mut host, &waiting)) else {
                        let Some(key) = running.pop() else { break };
                        host.resolve(key, 1);
                        continue;
                    };
                    host.started(key, 1);
                    let place = waiting.iter().position(|(other, _)| *other == key).expect("it waits");
                    let own = class(waiting.remove(place).1);
                    overtaken[own] = 0;
                    for later in own + 1..3 {
                        let waits = waiting.iter().any(|(_, priority)| class(*priority) == later);
                        overtaken[later] = if waits { overtaken[later] + 1 } else { 0 };
                        prop_assert!(overtaken[later] <= MOST + placed, "class {later} was overtaken {overtaken:?} times");
                    }
                    if holds.next() == Some(true) {
                        running.push(key);
                    } else {
                        host.resolve(key, 1);
                    }
                }
                if is_last && waiting.is_empty() {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_manager_without_bounds_leaves_priorities_to_the_scheduler() {
    let mut host = Host::new();
    let posted = host.submit(Submission { priority: Some(Priority::Background), ..plain() });
    for _ in 0..100 {
        host.submit(plain());
    }
    assert_eq!(place_among_ready_starts(&mut host, posted), None);
    assert!(host.engine.begin(posted));
}

#[test]
fn a_posted_start_that_is_cancelled_leaves_the_order_of_the_others() {
    let mut host = Host::new();
    let id = manager(&mut host, 4, u32::MAX);
    let urgent = || Submission { priority: Some(Priority::UserBlocking), ..of(id) };
    let posted: Vec<TaskKey> = (0..3).map(|_| host.submit(urgent())).collect();
    host.cancel(posted[0]);
    host.submit(of(id));
    assert_eq!(place_among_ready_starts(&mut host, posted[1]), Some(0));
    assert!(host.engine.begin(posted[2]));
}

#[test]
fn a_waiting_task_goes_to_the_end_of_its_new_class() {
    let mut host = Host::new();
    let id = manager(&mut host, 1, u32::MAX);
    let first = host.submit(of(id));
    host.turn();
    let waiting: Vec<TaskKey> = (0..3).map(|_| host.submit(of(id))).collect();
    let urgent = host.submit(Submission { priority: Some(Priority::UserBlocking), ..of(id) });
    assert!(host.engine.set_priority(waiting[2], Priority::UserBlocking));
    assert!(host.engine.set_priority(waiting[0], Priority::Background));
    assert!(!host.engine.set_priority(first, Priority::Background), "it runs");
    for key in [first, urgent, waiting[2], waiting[1]] {
        host.resolve(key, 1);
        host.turn();
    }
    assert_eq!(host.started, [first, urgent, waiting[2], waiting[1], waiting[0]]);
    assert!(!host.engine.set_priority(first, Priority::Background), "it is over");
}

#[test]
fn one_that_has_a_place_and_has_not_started_is_given_to_the_scheduler_anew() {
    let mut host = Host::new();
    let id = manager(&mut host, 2, u32::MAX);
    let ready = host.submit(of(id));
    let posted = host.submit(Submission { priority: Some(Priority::Background), ..of(id) });
    assert!(host.engine.set_priority(ready, Priority::UserVisible));
    assert!(host.engine.set_priority(posted, Priority::UserBlocking));
    assert_eq!(host.engine.next_ready(), None);
    host.carry_out();
    assert!(host.engine.begin(ready) && host.engine.begin(posted));
    assert!(!host.engine.begin(posted), "it was posted twice, and begins once");
}

#[test]
fn a_rate_limit_says_when_it_holds_tasks_back_and_when_no_longer() {
    let mut host = Host::new();
    let rate = Some(crate::core::tasks::rate::RateLimit { limit: 1, per: ms(100) });
    let id =
        host.engine.add_manager(ManagerOptions { rate, ..ManagerOptions::default() }).expect("valid options");
    host.engine.watch_rate(id);
    host.submit(of(id));
    host.turn();
    assert_eq!((host.engine.is_rate_limited(id), host.rate_changes), (false, 0), "nobody waits");
    let second = host.submit(of(id));
    assert_eq!((host.engine.is_rate_limited(id), host.rate_changes), (true, 1));
    host.cancel(second);
    assert_eq!((host.engine.is_rate_limited(id), host.rate_changes), (false, 2));
    host.submit(of(id));
    assert!(host.engine.is_rate_limited(id));
    host.advance(ms(100));
    assert_eq!((host.engine.is_rate_limited(id), host.rate_changes), (false, 4));
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

fn with_grace(host: &mut Host, concurrency: u32, cancel_grace: Option<Duration>) -> ManagerId {
    let options = ManagerOptions { concurrency, cancel_grace, ..ManagerOptions::default() };
    host.engine.add_manager(options).expect("valid options")
}

#[test]
fn a_place_is_free_when_a_function_has_ignored_its_cancel_for_the_grace_and_its_end_is_still_told() {
    let mut host = Host::new();
    let id = with_grace(&mut host, 1, Some(ms(100)));
    let first = host.submit(of(id));
    let second = host.submit(of(id));
    host.turn();
    host.cancel(first);
    assert!(!host.engine.watch_idle(id));
    host.advance(ms(99));
    host.turn();
    assert_eq!((host.started.len(), host.engine.counts(id)), (1, (1, 1)));
    host.advance(ms(1));
    host.turn();
    assert_eq!(host.started, [first, second]);
    assert_eq!(host.engine.counts(id), (0, 1));
    host.resolve(second, 1);
    assert_eq!(host.idle, [id], "nobody waits for what was given up");
    assert!(host.engine.watch_idle(id));
    assert!(!host.records[&first].stopped);
    host.reject(first, 1);
    assert!(host.records[&first].stopped);
    assert_eq!((host.engine.counts(id), host.engine.live(), host.engine.deadlines()), ((0, 0), 0, 0));
}

#[test]
fn the_grace_is_ten_seconds_if_not_given_and_may_be_nothing_or_for_ever() {
    for (grace, before, after) in [
        (ManagerOptions::default().cancel_grace, 9_999, 10_000),
        (Some(ms(0)), 0, 0),
        (None, 1 << 40, 1 << 50),
    ] {
        let mut host = Host::new();
        let id = with_grace(&mut host, 1, grace);
        let limits = Limits { timeout: Some(ms(5)), ..Limits::default() };
        let slow = host.submit(Submission { limits, ..of(id) });
        host.turn();
        host.advance(ms(5));
        assert_eq!(host.outcome(slow), Some(Outcome::TimedOut(Timeout::Total)));
        host.advance(ms(before));
        assert_eq!(host.engine.counts(id).1, u32::from(grace != Some(ms(0))), "{grace:?}");
        host.advance(ms(after - before));
        assert_eq!(host.engine.counts(id).1, u32::from(grace.is_none()), "{grace:?}");
        host.resolve(slow, 1);
        assert_eq!((host.engine.counts(id).1, host.engine.deadlines()), (0, 0), "{grace:?}");
    }
}

#[test]
fn a_function_that_ends_in_its_grace_leaves_no_deadline() {
    let mut host = Host::new();
    let id = with_grace(&mut host, 1, Some(ms(100)));
    let key = host.submit(of(id));
    host.turn();
    host.cancel(key);
    assert_eq!(host.engine.deadlines(), 1);
    host.reject(key, 1);
    assert_eq!((host.engine.deadlines(), host.engine.next_deadline()), (0, None));
}

#[test]
fn a_child_and_an_early_attempt_that_ignore_their_end_hold_nobody_up_either() {
    let mut host = Host::new();
    let id = with_grace(&mut host, 2, Some(ms(100)));
    let parent = host.submit(of(id));
    let retry = RetryPolicy { max_attempts: 2, attempt_timeout: Some(ms(10)), ..RetryPolicy::default() };
    let tried =
        host.submit(Submission { limits: Limits { retry: Some(retry), ..Limits::default() }, ..of(id) });
    host.turn();
    let child = host.submit(Submission { parent: Some(parent), ..of(id) });
    host.turn();
    host.resolve(parent, 1);
    assert_eq!(host.outcome(child), Some(Outcome::ParentDone));
    host.advance(ms(10));
    host.decide(tried, 1, Verdict::Retry);
    host.advance(ms(0));
    host.resolve(tried, 2); // the first attempt has not ended
    assert!(!host.engine.watch_idle(id));
    assert_eq!(host.engine.counts(id).1, 1, "a child has no place");
    host.advance(ms(100));
    assert_eq!((host.engine.counts(id).1, &host.idle[..]), (0, &[id][..]));
    host.reject(child, 1);
    host.reject(tried, 1);
    assert!(host.records[&child].stopped && host.records[&tried].stopped);
    assert_eq!((host.engine.live(), host.engine.deadlines()), (0, 0));
}

#[test]
fn a_manager_can_be_removed_while_what_it_has_given_up_still_runs_and_its_number_stays_taken() {
    let mut host = Host::new();
    let id = with_grace(&mut host, 1, Some(ms(100)));
    let key = host.submit(of(id));
    host.turn();
    host.cancel(key);
    assert!(!host.engine.remove_manager(id));
    host.advance(ms(100));
    assert!(host.engine.remove_manager(id));
    let other = manager(&mut host, 1, 0);
    assert_ne!(other, id);
    host.resolve(key, 1);
    assert_eq!(manager(&mut host, 1, 0), id, "the number is free now");
    assert_eq!((host.engine.counts(id), host.engine.counts(other)), ((0, 0), (0, 0)));
}

#[test]
fn a_rate_limit_lets_no_more_start_in_any_span_and_keeps_the_line() {
    let mut host = Host::new();
    let rate = Some(crate::core::tasks::rate::RateLimit { limit: 2, per: ms(100) });
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
