//! The Rust crate croner, as one that reads the same expressions: what it says, and each way in which it differs.

use std::{collections::BTreeMap, str::FromStr};

use ::croner::Cron as Croner;
use chrono::{DateTime, Datelike};
use chrono_tz::Tz;
use proptest::{
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

use super::{
    super::occurrence::CronInZone,
    expression::*,
    generate::{expression_in, nightly},
    zones::{changes, tz, zone},
    *,
};

/// What croner does otherwise. All that is generated belongs to one of these or is compared as it is; nothing is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// It refuses `L-2` and `LW`.
    RefusesDays,
    /// It refuses `?` where no days are.
    RefusesQuestion,
    /// It refuses a `*` or `?` in a list, and one with `#` or `L` after it.
    RefusesStarInList,
    /// It refuses `MON-FRIL`, which has to be `MON-FRI#L`, and `*/2L`.
    RefusesLastOfRange,
    /// It goes on from `5/2` to 7, which is Sunday.
    StepsToSunday,
    /// It forgets that 7 is Sunday in `7#L`, and in ranges that have it.
    LosesLastSunday,
    /// It takes `SUN-SUN` for the whole week.
    WeekOfSundays,
    /// A field of days that begins with `*` or `?` and has a step is a restricted one to it, so that a day that matches either field is enough:
    /// its `+` says what we do.
    OpenWithStep,
    /// It looks in vain for a date that never comes, where we refuse the expression.
    NoDate,
}

fn day_text(days: &[DayPart]) -> bool {
    days.iter().any(|day| matches!(day, DayPart::LastBut(_) | DayPart::LastWorkday))
}

fn is_bare_star(part: &Part) -> bool {
    matches!(part.values, Values::Star | Values::Question) && part.step.is_none()
}

/// How croner reads it otherwise, if it does.
fn differences(expression: &Expression) -> Vec<Difference> {
    let mut found = Vec::new();
    let plain = |day: &DayPart| match day {
        DayPart::Plain(part) => Some(part.clone()),
        _ => None,
    };
    let times = [
        expression.seconds.as_deref().unwrap_or_default(),
        &expression.minutes,
        &expression.hours,
        &expression.months,
    ];
    if times.iter().any(|parts| parts.iter().any(|part| part.values == Values::Question)) {
        found.push(Difference::RefusesQuestion);
    }
    if day_text(&expression.days) {
        found.push(Difference::RefusesDays);
    }
    let star_in_list = |parts: &[Part]| parts.len() > 1 && parts.iter().any(is_bare_star);
    let days: Vec<_> = expression
        .days
        .iter()
        .map(|day| plain(day).unwrap_or(Part { values: Values::One(1), step: None }))
        .collect();
    let weekdays: Vec<_> = expression.weekdays.iter().map(|weekday| weekday.part().clone()).collect();
    let nth_of_star = expression
        .weekdays
        .iter()
        .any(|part| !matches!(part, WeekdayPart::Every(_)) && is_bare_star(part.part()));
    if times.iter().any(|parts| star_in_list(parts))
        || star_in_list(&days)
        || star_in_list(&weekdays)
        || nth_of_star
    {
        found.push(Difference::RefusesStarInList);
    }
    let is_several = |part: &Part| part.step.is_some() || matches!(part.values, Values::Range(..));
    if expression
        .weekdays
        .iter()
        .any(|part| matches!(part, WeekdayPart::Last(part, false) if is_several(part)))
    {
        found.push(Difference::RefusesLastOfRange);
    }
    for part in &expression.weekdays {
        let Part { values, step } = part.part();
        if let (Values::One(from), Some(step)) = (values, step)
            && *from < 7
            && (7 - from) % step == 0
        {
            found.push(Difference::StepsToSunday);
        }
        if *values == Values::Range(0, 0) && expression.spelling > 0 {
            found.push(Difference::WeekOfSundays);
        }
        let has_seven = match (values, step) {
            (Values::One(7), _) => expression.spelling == 0 || step.is_some(),
            (Values::Range(from, 7), step) => (7 - from) % step.unwrap_or(1) == 0,
            _ => false,
        };
        if matches!(part, WeekdayPart::Last(..)) && has_seven {
            found.push(Difference::LosesLastSunday);
        }
    }
    found
}

fn refuses(difference: Difference) -> bool {
    use Difference::{RefusesDays, RefusesLastOfRange, RefusesQuestion, RefusesStarInList};
    matches!(difference, RefusesDays | RefusesLastOfRange | RefusesQuestion | RefusesStarInList)
}

/// The same for croner: a `+` where a field of days begins with `*` or `?`, and is not only that.
fn for_croner(expression: &Expression) -> (String, bool) {
    let mut fields = expression.fields();
    let weekday = fields.pop().expect("five fields or six");
    let day = &fields[fields.len() - 2];
    let begins_open = |field: &str| field.starts_with(['*', '?']);
    let is_only = |field: &str| field == "*" || field == "?";
    let bare = weekday.trim_start_matches('+');
    let needs_plus = !expression.either() && !expression.both && !is_only(day) && !is_only(bare);
    assert!(!needs_plus || begins_open(day) || begins_open(bare));
    fields.push(if needs_plus { format!("+{weekday}") } else { weekday });
    (fields.join(" "), needs_plus)
}

/// Whether croner takes it for one that names a fixed time: it looks at the values, and at the last step.
fn is_fixed_to_croner(cron: &Croner) -> bool {
    [&cron.pattern.seconds, &cron.pattern.minutes, &cron.pattern.hours]
        .iter()
        .all(|field| field.step == 1 && !field.from_wildcard && field.get_set_values(1).len() == 1)
}

fn theirs(cron: &Croner, tz: Tz, after: i64, until: i64) -> Vec<i64> {
    let start = DateTime::from_timestamp(after, 0).expect("a time that chrono has").with_timezone(&tz);
    // Around a doubled hour it gives first the one and then the other pass of each time.
    let mut due: Vec<_> =
        cron.iter_after(start).map(|at| at.timestamp()).take_while(|at| *at <= until + 7_200).collect();
    due.sort_unstable();
    due.retain(|at| *at <= until);
    due.dedup();
    due
}

fn ours(cron: &Cron, name: &str, after: i64, until: i64) -> Vec<i64> {
    let zone = zone(name);
    let due = CronInZone::new(cron, &zone);
    std::iter::successors(due.after(after), |at| due.after(*at)).take_while(|at| *at <= until).collect()
}

/// A fixed expression is to croner as many as it has times, since it knows only single ones as fixed.
fn one_by_one(expression: &Expression) -> Vec<Croner> {
    let (text, _) = for_croner(expression);
    let fields: Vec<_> = text.split(' ').collect();
    let days = fields[fields.len() - 3..].join(" ");
    let single = |second: i64| {
        let text = format!("{} {} {} {days}", second % 60, second / 60 % 60, second / 3600);
        Croner::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    expression.day().into_iter().map(single).collect()
}

fn generated<S: Strategy>(strategy: S, count: usize) -> impl Iterator<Item = S::Value> {
    let mut runner = TestRunner::new_with_rng(cases(1), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    (0..count).map(move |_| strategy.new_tree(&mut runner).expect("nothing is filtered").current())
}

/// Reads it both ways: what croner makes of it, or how it differs.
fn read(expression: &Expression, seen: &mut BTreeMap<String, u32>) -> Option<(Cron, Croner)> {
    let mut count = |what: String| *seen.entry(what).or_default() += 1;
    let (text, has_plus) = for_croner(expression);
    let croner = Croner::from_str(&text);
    let found = differences(expression);
    if let Some(difference) = found.iter().find(|difference| refuses(**difference)) {
        assert!(croner.is_err(), "croner reads {text} by now: {difference:?}");
        assert!(expression.parsed().is_some() || !text.is_empty());
        count(format!("{difference:?}"));
        return None;
    }
    let croner = croner.unwrap_or_else(|error| panic!("{text}: {error}"));
    let Some(cron) = expression.parsed() else {
        // We refuse at once what croner looks for in vain.
        let start = DateTime::from_timestamp(time("4600-01-01 00:00"), 0).expect("a time that chrono has");
        assert!(croner.find_next_occurrence(&start, true).is_err(), "{text}");
        count(format!("{:?}", Difference::NoDate));
        return None;
    };
    if let Some(difference) = found.first() {
        count(format!("{difference:?}"));
        return None;
    }
    if has_plus {
        count(format!("{:?}", Difference::OpenWithStep));
    } else {
        count("the same".to_owned());
    }
    Some((cron, croner))
}

#[test]
fn in_utc_it_says_the_same_of_thousands_of_expressions_forward_and_backward() {
    let mut seen = BTreeMap::new();
    let starts = ["2026-02-27 23:59:59", "2024-02-28 12:00", "1999-12-31 23:59:59", "2026-07-15 08:30:30"];
    for (index, expression) in generated(expression_in(Dialect::Cron), 4_000).enumerate() {
        let Some((cron, croner)) = read(&expression, &mut seen) else { continue };
        let utc = zone("UTC");
        let due = CronInZone::new(&cron, &utc);
        let mut at = time(starts[index % starts.len()]);
        for _ in 0..5 {
            let start = DateTime::from_timestamp(at, 0).expect("a time that chrono has");
            let expected = croner.find_next_occurrence(&start, false).map(|at| at.timestamp()).ok();
            let next = due.after(at);
            assert_eq!(next.map(show), expected.map(show), "{} after {}", expression.text(), show(at));
            let Some(next) = next else { break };
            let previous = croner.find_previous_occurrence(&start, true).map(|at| at.timestamp()).ok();
            assert_eq!(
                due.before(at + 1).map(show),
                previous.map(show),
                "{} before {}",
                expression.text(),
                show(at)
            );
            at = next;
        }
    }
    assert!(seen["the same"] > 1_500, "{seen:?}");
    assert_eq!(seen.len(), 10, "each difference there is, and what is the same: {seen:?}");
}

#[test]
fn where_clocks_change_it_says_the_same_with_fixed_times_taken_one_by_one() {
    let mut seen = BTreeMap::new();
    let windows = [
        ("Europe/Berlin", "2026-03-28 03:17:20", "2026-03-30 05:00"),
        ("Europe/Berlin", "2026-10-24 03:17:20", "2026-10-26 05:00"),
        ("America/New_York", "2026-03-07 03:17:20", "2026-03-09 10:00"),
        ("America/New_York", "2026-10-31 03:17:20", "2026-11-02 10:00"),
        ("Australia/Lord_Howe", "2026-04-03 03:17:20", "2026-04-05 20:00"),
        ("Australia/Lord_Howe", "2026-10-02 03:17:20", "2026-10-04 20:00"),
        ("Asia/Kolkata", "2026-10-02 03:17:20", "2026-10-04 20:00"),
        ("Antarctica/Troll", "2026-03-28 03:17:20", "2026-03-30 05:00"),
        ("Antarctica/Troll", "2026-10-24 03:17:20", "2026-10-26 05:00"),
    ];
    for (index, expression) in generated(nightly(), 3_000).enumerate() {
        let Some((cron, croner)) = read(&expression, &mut BTreeMap::new()) else { continue };
        let (name, after, until) = windows[index % windows.len()];
        let (after, until) = (time(after), time(until));
        let mut count = |what: &str| *seen.entry(what.to_owned()).or_insert(0_u32) += 1;
        let expected = match (cron.is_fixed(), is_fixed_to_croner(&croner)) {
            (true, false) => {
                count("fixed times that croner has as a pace");
                let mut due: Vec<_> = one_by_one(&expression)
                    .iter()
                    .flat_map(|one| theirs(one, tz(name), after, until))
                    .collect();
                due.sort_unstable();
                due.dedup();
                due
            }
            (false, true) => {
                // The last test here is about it, and the walk of `occurrence.rs` holds us to the rule.
                assert!(expression.text().contains("/1 "), "{}", expression.text());
                count("a pace that croner has as a fixed time");
                continue;
            }
            (is_fixed, _) => {
                count(if is_fixed { "fixed to both" } else { "a pace to both" });
                theirs(&croner, tz(name), after, until)
            }
        };
        let ours = ours(&cron, name, after, until);
        // Croner goes from a fixed time in the hour before a gap to the gap, and there it takes it for one that was skipped.
        let invented: Vec<_> = expected.iter().filter(|at| !ours.contains(at)).copied().collect();
        if cron.is_fixed() && !invented.is_empty() {
            let change = changes(tz(name), after, until)[0];
            let gap = (change.at + i64::from(change.before)).rem_euclid(86_400);
            assert_eq!(shown(invented), shown([change.at]), "{} in {name}", expression.text());
            assert!(
                expression.day().iter().any(|second| (gap - 3_600..gap).contains(second)),
                "{}",
                expression.text()
            );
            count("a fixed time before a gap, and the gap's end too to croner");
            let expected = expected.into_iter().filter(|at| *at != change.at);
            assert_eq!(shown(ours), shown(expected), "{} in {name}", expression.text());
            continue;
        }
        assert_eq!(shown(ours), shown(expected), "{} in {name}", expression.text());
    }
    assert!(seen.len() >= 4, "{seen:?}");
    assert!(seen.values().sum::<u32>() > 2_000, "{seen:?}");
}

/// What one of the two reads and the other does not, or both but otherwise.
#[test]
fn the_syntax_of_the_two_differs_in_no_other_way() {
    let theirs = |text: &str| Croner::from_str(text);
    let ours = |text: &str| Cron::parse(text, Dialect::Cron);
    // Croner's seventh field is the year, a field may have an empty part, and a step any size.
    for only_theirs in ["0 0 0 1 1 * 2030", "1,,2 * * * *", "*/99 * * * *", "0 0 * * L"] {
        assert!(theirs(only_theirs).is_ok() && ours(only_theirs).is_err(), "{only_theirs}");
    }
    for only_ours in [
        "? * * * *",
        "*,5 * * * *",
        "0 0 L-2 * *",
        "0 0 LW * *",
        "0 0 * * MON-FRIL",
        "0 0 * * *#2",
        "0 0 * * 5-0",
        "@midnight",
        "0 0 * * +FRI#L,MON",
    ] {
        let both = only_ours.contains('+');
        assert!(ours(only_ours).is_ok() && theirs(only_ours).is_err() != both, "{only_ours}");
    }
    // A step of one from the last value on is a single value to croner, and so a fixed time.
    let step = theirs("59/1 2 * * *").expect("croner reads it");
    assert!(is_fixed_to_croner(&step) && !cron("59/1 2 * * *").is_fixed());
    // A week of Sundays.
    let sundays = theirs("0 0 * * SUN-SUN").expect("croner reads it");
    let monday = DateTime::from_timestamp(time("2026-11-22 12:00"), 0).expect("a time that chrono has");
    let next = sundays.find_next_occurrence(&monday, false).expect("there is one");
    assert_eq!(next.day(), 23, "a whole week to croner");
    let next = ours("0 0 * * SUN-SUN").ok().and_then(|cron| cron.at_or_after(time("2026-11-22 12:00")));
    assert_eq!(next.map(show), Some("2026-11-29 00:00:00".into()), "a Sunday to us");
    // A fixed time that is skipped before midnight, on a day that is over by then: croner drops it.
    let late = theirs("30 23 * * 6").expect("croner reads it");
    let start = DateTime::from_timestamp(time("2026-03-28 12:00"), 0)
        .expect("a time")
        .with_timezone(&tz("America/Nuuk"));
    let next = late.find_next_occurrence(&start, false).expect("there is one").timestamp();
    assert_eq!(show(next), "2026-04-05 00:30:00");
}
