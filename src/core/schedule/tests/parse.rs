//! Every syntax, by what it is the same as.

use super::{generate::expression, *};

fn in_dialect(expression: &str, dialect: Dialect) -> Cron {
    Cron::parse(expression, dialect).unwrap_or_else(|error| panic!("{expression}: {error}"))
}

/// The days of so many weeks from Sunday, 2026-02-01, as 0 to 6 for the first one.
fn weekdays(field: &str, dialect: Dialect) -> Vec<i64> {
    let cron = in_dialect(&format!("0 0 * * {field}"), dialect);
    let sunday = time("2026-02-01 00:00");
    (0..7).filter(|day| cron.at_or_after(sunday + day * 86_400) == Some(sunday + day * 86_400)).collect()
}

fn same(one: &str, other: &str) {
    for dialect in [Dialect::Cron, Dialect::Apscheduler] {
        // Whether a field is written with a pace is part of what an expression is, and not what these are about.
        let (one, other) = (in_dialect(one, dialect), in_dialect(other, dialect));
        let from = time("2026-02-01 00:00");
        let times = |cron: &Cron| {
            let cron = cron.clone();
            shown(std::iter::successors(cron.at_or_after(from), move |at| cron.at_or_after(at + 1)).take(200))
        };
        assert_eq!(times(&one), times(&other), "{one:?} and {other:?}");
    }
}

#[test]
fn a_field_is_a_value_a_list_a_range_a_step_or_a_list_of_these() {
    same("5 0 * * *", "05 00 * * *");
    same("1,3,2,2 0 * * *", "1-3 0 * * *");
    same("0-59 * * * *", "* * * * *");
    same("*/20 * * * *", "0,20,40 * * * *");
    same("5/20 * * * *", "5,25,45 * * * *");
    same("10-30/10 * * * *", "10,20,30 * * * *");
    same("10-35/10 * * * *", "10,20,30 * * * *");
    same("?/30 * * * *", "0,30 * * * *");
    same("*/60 * * * *", "0 * * * *");
    same("7/1 5 * * *", "7-59 5 * * *");
    same("59/3 5 * * *", "59 5 * * *");
    same("1,10-12,30/15,50-58/4 * * * *", "1,10,11,12,30,45,50,54,58 * * * *");
    same("*,5 0 * * *", "* 0 * * *");
    same("0 9-17/2 * * *", "0 9,11,13,15,17 * * *");
    same("0 0 10/10 * *", "0 0 10,20,30 * *");
    same("0 0 1 3/3 *", "0 0 1 3,6,9,12 *");
}

#[test]
fn without_seconds_it_is_the_first_one_of_the_minute() {
    same("15 10 * * *", "0 15 10 * * *");
    same("5/15 15 10 * * *", "5,20,35,50 15 10 * * *");
    same("? ? ? ? ? ?", "* * * * * *");
}

#[test]
fn months_and_weekdays_have_names_in_either_case_alone_and_in_ranges_and_lists() {
    same("0 0 1 jan,Apr-JUN,oct/2 *", "0 0 1 1,4,5,6,10,12 *");
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    for (index, name) in months.iter().enumerate() {
        same(&format!("0 0 1 {name} *"), &format!("0 0 1 {} *", index + 1));
    }
    for (index, name) in (0..).zip(["sun", "mon", "tue", "wed", "thu", "fri", "sat"]) {
        for dialect in [Dialect::Cron, Dialect::Apscheduler] {
            assert_eq!(weekdays(name, dialect), [index], "{name} means the same in both dialects");
            assert_eq!(weekdays(&name.to_uppercase(), dialect), [index]);
        }
    }
    for dialect in [Dialect::Cron, Dialect::Apscheduler] {
        assert_eq!(weekdays("MON-fri", dialect), [1, 2, 3, 4, 5]);
        assert_eq!(weekdays("Tue-THU,sat", dialect), [2, 3, 4, 6]);
        assert_eq!(weekdays("FRI-SUN", dialect), [0, 5, 6], "a week may end with Sunday");
        assert_eq!(weekdays("MON-SUN/2", dialect), [0, 1, 3, 5]);
    }
}

#[test]
fn weekdays_are_numbered_from_sunday_by_cron_and_from_monday_by_apscheduler() {
    for day in 0..7 {
        assert_eq!(weekdays(&day.to_string(), Dialect::Cron), [day]);
        assert_eq!(weekdays(&day.to_string(), Dialect::Apscheduler), [(day + 1) % 7]);
    }
    assert_eq!(weekdays("7", Dialect::Cron), [0]);
    assert_eq!(weekdays("0,7", Dialect::Cron), [0]);
    assert_eq!(weekdays("5-7", Dialect::Cron), [0, 5, 6]);
    assert_eq!(weekdays("5-0", Dialect::Cron), [0, 5, 6]);
    assert_eq!(weekdays("0-7", Dialect::Cron), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(weekdays("SUN-SUN", Dialect::Cron), [0], "one day, and not the whole week");
    assert_eq!(weekdays("SUN-TUE", Dialect::Cron), [0, 1, 2]);
    assert_eq!(weekdays("*/2", Dialect::Cron), [0, 2, 4, 6]);
    assert_eq!(weekdays("1/2", Dialect::Cron), [1, 3, 5], "the field's last is Saturday");
    assert_eq!(weekdays("0-4", Dialect::Apscheduler), [1, 2, 3, 4, 5]);
    assert_eq!(weekdays("*/2", Dialect::Apscheduler), [0, 1, 3, 5]);
    assert_eq!(weekdays("5,6", Dialect::Apscheduler), [0, 6]);
}

#[test]
fn days_have_their_own_syntax_in_either_case_and_in_lists() {
    same("0 0 L * *", "0 0 l * *");
    same("0 0 L * *", "0 0 L-0 * *");
    same("0 0 lw,15w,l-2 * *", "0 0 15W,LW,L-2 * *");
    same("0 0 L 1,3,5 *", "0 0 31 1,3,5 *");
    same("0 0 */2,L-3 * *", "0 0 L-03,*/2 * *");
    same("0 0 * * FRI#L", "0 0 * * fril");
    same("0 0 * * FRI#L", "0 0 * * Fri#l");
    same("0 0 * * MON-WED#2,FRIL", "0 0 * * MON#2,TUE#2,WED#2,FRI#L");
    same("0 0 * * TUE-THU#2", "0 0 * * TUE#2,WED#2,THU#2");
    same("0 0 * * MON-FRI/2#3", "0 0 * * MON#3,WED#3,FRI#3");
    same("0 0 * * TUE-THUL", "0 0 * * TUE#L,WED#L,THU#L");
    same("0 0 * * *#1", "0 0 1-7 * *");
    same("0 0 * 1 *L", "0 0 25-31 1 *");
}

#[test]
fn nicknames_are_expressions_in_either_case_and_mean_the_same_in_both_dialects() {
    same("@yearly", "0 0 1 1 *");
    same("@annually", "0 0 1 1 *");
    same("@monthly", "0 0 1 * *");
    same("@weekly", "0 0 * * SUN");
    same("@weekdays", "0 0 * * MON-FRI");
    same("@weekends", "0 0 * * SAT,SUN");
    same("@daily", "0 0 * * *");
    same("@midnight", "0 0 * * *");
    same("@hourly", "0 * * * *");
    same(" @Daily\t", "@DAILY");
}

#[test]
fn any_white_space_of_ascii_parts_fields() {
    same("  0\t9  * *\n1-5 ", "0 9 * * 1-5");
}

#[test]
fn cron_takes_a_day_that_matches_either_field_if_both_are_restricted() {
    let days = |expression: &str, dialect| {
        let cron = in_dialect(expression, dialect);
        let first = cron.at_or_after(time("2026-02-01 00:00"));
        let days = std::iter::successors(first, move |at| cron.at_or_after(at + 1));
        days.take_while(|at| *at < time("2026-03-01 00:00"))
            .map(|at| show(at)[8..10].to_owned())
            .collect::<Vec<_>>()
    };
    let (cron, apscheduler) = (Dialect::Cron, Dialect::Apscheduler);
    // The 13th is a Friday; it is the only one of the days from the 11th to the 13th that is.
    assert_eq!(days("0 0 11-13 * FRI", cron), ["06", "11", "12", "13", "20", "27"]);
    assert_eq!(days("0 0 11-13 * FRI", apscheduler), ["13"]);
    assert_eq!(days("0 0 11-13 * +FRI", cron), ["13"]);
    assert_eq!(days("0 0 11-13 * +FRI", apscheduler), ["13"]);
    // What begins with * or ? is not restricted, even if it has a step; crontab(5).
    assert_eq!(days("0 0 */2 * FRI", cron), ["13", "27"]);
    assert_eq!(days("0 0 ?/2 * FRI", cron), ["13", "27"]);
    assert_eq!(days("0 0 11-13 * */5", cron), ["13"]);
    assert_eq!(days("0 0 11-13 * ?", cron), ["11", "12", "13"]);
    assert_eq!(days("0 0 ? * FRI", cron), ["06", "13", "20", "27"]);
    assert_eq!(days("0 0 11-13 * *#2", cron), ["11", "12", "13"]);
    // The first character counts, as in Vixie's cron.
    assert_eq!(days("0 0 1,*/9 * FRI", cron), ["01", "06", "10", "13", "19", "20", "27", "28"]);
    assert_eq!(days("0 0 */9,13 * FRI", cron), ["13"]);
    assert_eq!(days("0 0 L * FRI#L", cron), ["27", "28"]);
    assert_eq!(days("0 0 L * +SAT", cron), ["28"]);
}

#[test]
fn an_expression_names_fixed_times_unless_it_has_a_star_a_question_mark_or_a_step_or_all_hours() {
    for fixed in [
        "30 2 * * *",
        "0,30 1-3 * * *",
        "0 0 1 1 *",
        "@daily",
        "15 30 2 */2 * ?",
        "0-59 2 * * *",
        "0 0-22 * * *",
    ] {
        assert!(cron(fixed).is_fixed(), "{fixed}");
    }
    for paced in [
        "30 * * * *",
        "*/30 2 * * *",
        "0/30 2 * * *",
        "? 2 * * *",
        "0 */2 * * *",
        "* 30 2 * * *",
        "0/20 30 2 * * *",
        "0 1-3/2 * * *",
        "0,*/30 2 * * *",
        "@hourly",
        "0 0-23 * * *",
        "0 0-11,12-23 * * *",
    ] {
        assert!(!cron(paced).is_fixed(), "{paced}");
    }
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn what_is_written_by_the_rules_is_read_whatever_its_case_and_its_space(expression in expression()) {
        if let Some(cron) = expression.parsed() {
            let text = expression.fields().join(" \t ");
            prop_assert_eq!(Cron::parse(&text.to_lowercase(), expression.dialect), Ok(cron.clone()));
            prop_assert_eq!(Cron::parse(&format!(" {}\n", text.to_uppercase()), expression.dialect), Ok(cron));
        }
    }
}
