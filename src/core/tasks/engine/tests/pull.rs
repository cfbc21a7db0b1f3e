//! Tasks whose functions run elsewhere.

use super::*;
use crate::core::tasks::retry::Verdict;

fn pulled() -> (Host, Submission) {
    let mut host = Host::new();
    let manager = host.engine.add_manager(ManagerOptions::default()).expect("valid options");
    host.engine.set_pulled(manager);
    (host, Submission { manager, ..plain() })
}

#[test]
fn a_pulled_task_starts_only_where_it_was_sent() {
    let (mut host, submission) = pulled();
    let key = host.submit(submission.clone());
    host.turn();
    assert_eq!(host.started, []);
    assert_eq!(host.engine.pull(submission.manager), Some(key));
    assert_eq!(host.engine.pull(submission.manager), None);
    assert_eq!(host.engine.state(key), Some(TaskState::Pending));
    assert!(host.engine.begin(key));
    host.started(key, 1);
    host.resolve(key, 1);
    assert_eq!(host.outcome(key), Some(Outcome::Done));
}

#[test]
fn a_task_that_is_put_back_is_the_next_to_be_pulled() {
    let (mut host, submission) = pulled();
    let keys: Vec<TaskKey> = (0..3).map(|_| host.submit(submission.clone())).collect();
    for _ in 0..2 {
        host.engine.pull(submission.manager);
    }
    assert!(host.engine.begin(keys[0]));
    host.engine.put_back(keys[0]); // it has begun
    host.engine.put_back(keys[1]);
    assert_eq!(host.engine.counts(submission.manager), (2, 1));
    assert_eq!(host.engine.pull(submission.manager), Some(keys[1]));
    assert_eq!(host.engine.pull(submission.manager), Some(keys[2]));
}

#[test]
fn a_task_that_settles_in_the_line_while_an_earlier_attempt_runs_holds_one_place_until_that_ends() {
    let (mut host, submission) = pulled();
    let retry = RetryPolicy { attempt_timeout: Some(ms(10)), ..RetryPolicy::default() };
    let limits = Limits { retry: Some(retry), ..Limits::default() };
    let key = host.submit(Submission { limits, ..submission.clone() });
    host.engine.pull(submission.manager);
    assert!(host.engine.begin(key));
    host.started(key, 1);
    host.advance(ms(10));
    host.engine.decide(key, 1, Verdict::Retry);
    host.engine.fire();
    assert_eq!(host.engine.next_effect(), Some(Effect::Waiting(submission.manager)));
    assert_eq!(host.engine.counts(submission.manager), (1, 0));
    host.cancel(key);
    assert_eq!(host.engine.counts(submission.manager), (0, 1));
    host.reject(key, 1);
    assert!(host.records[&key].stopped);
    assert_eq!((host.engine.counts(submission.manager), host.engine.live()), ((0, 0), 0));
}
