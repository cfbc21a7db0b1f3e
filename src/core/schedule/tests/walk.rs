//! Time in a zone, walked through step by step, with the rule for clocks that change applied as it is written: what is skipped is due once at the first moment after
//! the gap, and what is doubled the first time only, unless an expression keeps its pace.

use std::collections::{BTreeMap, HashSet};

use chrono_tz::Tz;

use super::{
    expression::{Expression, date},
    zones::offset,
};

/// How long before the start the walk begins, to know what the clocks have shown already: the largest change there has been is of a day.
const BEFORE: i64 = 50 * 3600;

/// When an expression is due from one time up to another, both times of UTC. A step is a second, or a minute if nothing happens within one.
pub fn walk(expression: &Expression, tz: Tz, from: i64, until: i64, step: i64) -> Vec<i64> {
    let is_fixed = expression.is_fixed();
    let mut days = BTreeMap::new();
    let mut matches = |local: i64| {
        expression.at(local.rem_euclid(86_400))
            && *days.entry(local.div_euclid(86_400)).or_insert_with(|| expression.on(date(local)))
    };
    let mut shown = HashSet::new();
    let mut due = Vec::new();
    let mut at = from - BEFORE;
    let mut previous = at - step + i64::from(offset(tz, at - step));
    while at <= until {
        let local = at + i64::from(offset(tz, at));
        let mut is_due = matches(local);
        if is_fixed {
            is_due &= !shown.contains(&local);
            let skipped = (previous + step..local).step_by(usize::try_from(step).expect("positive"));
            is_due |= skipped.into_iter().any(&mut matches);
            shown.insert(local);
        }
        if is_due && at >= from {
            due.push(at);
        }
        previous = local;
        at += step;
    }
    due
}
