//! A checkpoint gives way when the time slice is spent, and only then.

use std::{cell::Cell, rc::Rc, time::Duration};

use crate::support::{Count, manual};

#[test]
fn a_job_goes_on_within_its_slice_and_gives_way_after_it() {
    let (mut manual, runtime) = manual();
    let (clock, other) = (manual.clock().clone(), Count::default());
    let seen = Rc::new(Cell::new([0; 2]));
    let job = runtime.spawn({
        let (seen, other) = (seen.clone(), other.clone());
        async move |ctx| {
            clock.advance(Duration::from_millis(4));
            ctx.checkpoint().await;
            let within = other.get();
            clock.advance(Duration::from_millis(1));
            ctx.checkpoint().await;
            seen.set([within, other.get()]);
        }
    });
    let rest = runtime.spawn({
        let other = other.clone();
        async move |_| other.add()
    });
    manual.run_until_stalled();
    assert!(job.is_done() && rest.is_done());
    assert_eq!(seen.get(), [0, 1]);
}
