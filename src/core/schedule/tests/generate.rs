//! Expressions of every shape, by chance.

use super::{expression::*, *};

fn step(most: u32) -> BoxedStrategy<Option<u32>> {
    proptest::option::weighted(0.25, prop_oneof![4 => 1..=most.min(20), 1 => 1..=most]).boxed()
}

fn part(min: u32, max: u32) -> BoxedStrategy<Part> {
    let values = prop_oneof![
        2 => Just(Values::Star),
        1 => Just(Values::Question),
        8 => (min..=max).prop_map(Values::One),
        3 => (min..=max, min..=max).prop_map(|(one, other)| Values::Range(one.min(other), one.max(other))),
    ];
    (values, step(if max == 7 { 7 } else { max - min + 1 }))
        .prop_map(|(values, step)| Part { values, step })
        .boxed()
}

fn parts(min: u32, max: u32) -> BoxedStrategy<Vec<Part>> {
    let star = || vec![Part { values: Values::Star, step: None }];
    let one = move || part(min, max).prop_map(|part| vec![part]);
    prop_oneof![1 => Just(star()), 4 => one(), 2 => proptest::collection::vec(part(min, max), 2..4)].boxed()
}

/// Mostly a few values: times that are named, as people do.
fn times(max: u32) -> BoxedStrategy<Vec<Part>> {
    let one = || (0..=max).prop_map(|value| Part { values: Values::One(value), step: None });
    prop_oneof![2 => proptest::collection::vec(one(), 1..4), 3 => parts(0, max)].boxed()
}

fn day() -> BoxedStrategy<DayPart> {
    prop_oneof![
        6 => part(1, 31).prop_map(DayPart::Plain),
        1 => Just(DayPart::Last),
        1 => (0..28_u32).prop_map(DayPart::LastBut),
        1 => Just(DayPart::LastWorkday),
        2 => (1..=31_u32).prop_map(DayPart::Workday),
    ]
    .boxed()
}

fn weekday(dialect: Dialect) -> BoxedStrategy<WeekdayPart> {
    let part = move || part(0, if dialect == Dialect::Cron { 7 } else { 6 });
    prop_oneof![
        5 => part().prop_map(WeekdayPart::Every),
        2 => (part(), 1..=5_u32).prop_map(|(part, nth)| WeekdayPart::Nth(part, nth)),
        1 => (part(), any::<bool>()).prop_map(|(part, hash)| WeekdayPart::Last(part, hash)),
    ]
    .boxed()
}

fn days() -> BoxedStrategy<Vec<DayPart>> {
    let star = DayPart::Plain(Part { values: Values::Star, step: None });
    prop_oneof![3 => Just(vec![star]), 3 => proptest::collection::vec(day(), 1..=3)].boxed()
}

fn weekdays(dialect: Dialect) -> BoxedStrategy<Vec<WeekdayPart>> {
    let star = WeekdayPart::Every(Part { values: Values::Star, step: None });
    prop_oneof![3 => Just(vec![star]), 3 => proptest::collection::vec(weekday(dialect), 1..=3)].boxed()
}

fn months() -> BoxedStrategy<Vec<Part>> {
    prop_oneof![3 => Just(vec![Part { values: Values::Star, step: None }]), 2 => parts(1, 12)].boxed()
}

/// A range of names can't go through Sunday by the name: that is the first of the week, unless it is the last of the range.
fn spelled(mut expression: Expression) -> Expression {
    let goes_from_seven = |part: &WeekdayPart| match part.part().values {
        Values::Range(from, until) => from == 7 || (from == 0 && until == 7),
        Values::One(7) => part.part().step.is_some(),
        _ => false,
    };
    if expression.dialect == Dialect::Cron && expression.weekdays.iter().any(goes_from_seven) {
        expression.spelling = 0;
    }
    expression
}

fn of_dialect(
    dialect: Dialect,
    seconds: BoxedStrategy<Option<Vec<Part>>>,
    minutes: BoxedStrategy<Vec<Part>>,
    hours: BoxedStrategy<Vec<Part>>,
) -> BoxedStrategy<Expression> {
    let days = (days(), months(), weekdays(dialect));
    (seconds, minutes, hours, days, any::<bool>(), 0..3_u8)
        .prop_map(move |(seconds, minutes, hours, (days, months, weekdays), both, spelling)| {
            spelled(Expression { dialect, seconds, minutes, hours, days, months, weekdays, both, spelling })
        })
        .boxed()
}

/// Any expression of a dialect.
pub fn expression_in(dialect: Dialect) -> BoxedStrategy<Expression> {
    of_dialect(dialect, proptest::option::weighted(0.3, times(59)).boxed(), times(59), times(23))
}

/// Any expression.
pub fn expression() -> BoxedStrategy<Expression> {
    prop_oneof![2 => expression_in(Dialect::Cron), 1 => expression_in(Dialect::Apscheduler)].boxed()
}

/// One whose times are as they are at night, when clocks change, and on most days.
pub fn nightly() -> BoxedStrategy<Expression> {
    let hour = || {
        prop_oneof![
            6 => prop_oneof![0..4_u32, 22..24_u32].prop_map(|hour| vec![Part { values: Values::One(hour), step: None }]),
            2 => (0..3_u32, 0..4_u32).prop_map(|(from, more)| vec![Part { values: Values::Range(from, from + more), step: None }]),
            1 => proptest::collection::vec((0..4_u32).prop_map(|hour| Part { values: Values::One(hour), step: None }), 2..4),
            3 => times(23),
        ]
        .boxed()
    };
    let often = of_dialect(Dialect::Cron, Just(None).boxed(), times(59), hour());
    let daily = often.prop_map(|mut expression| {
        expression.days = vec![DayPart::Plain(Part { values: Values::Star, step: None })];
        expression.months = vec![Part { values: Values::Star, step: None }];
        expression.weekdays = vec![WeekdayPart::Every(Part { values: Values::Star, step: None })];
        expression
    });
    let weekly =
        of_dialect(Dialect::Cron, Just(None).boxed(), times(59), hour()).prop_map(|mut expression| {
            expression.months = vec![Part { values: Values::Star, step: None }];
            expression
        });
    prop_oneof![3 => daily, 2 => weekly].boxed()
}
