//! What is no expression: the error names the field.

use super::{generate::expression, *};

#[track_caller]
fn refused(expression: &str, dialect: Dialect, field: &str, value: &str) {
    let error = match Cron::parse(expression, dialect) {
        Ok(cron) => panic!("{expression} is {cron:?}"),
        Err(error) => error,
    };
    assert_eq!(error.code(), "invalid-argument");
    let text = error.to_string();
    assert!(text.contains(&format!("{field} ")), "{expression}: {text}");
    assert!(text.contains(value), "{expression}: {text}");
}

/// Refused in the place of each of these fields.
fn refused_in(fields: &[usize], value: &str) {
    const NAMES: [&str; 6] = ["second", "minute", "hour", "day_of_month", "month", "day_of_week"];
    for field in fields {
        let mut six = ["*"; 6];
        six[*field] = value;
        for dialect in [Dialect::Cron, Dialect::Apscheduler] {
            refused(&six.join(" "), dialect, &format!("cron.{}", NAMES[*field]), value);
            if *field > 0 {
                refused(&six[1..].join(" "), dialect, &format!("cron.{}", NAMES[*field]), value);
            }
        }
    }
}

const ALL: [usize; 6] = [0, 1, 2, 3, 4, 5];

#[test]
fn each_field_is_named_by_the_error_about_it_with_what_it_says() {
    for value in [
        "60", "-1", "100", "x", "1.5", "1,60", "1-", "-", "1--2", "3-1/2", ",", "1,", ",1", "1,,2", "/5",
        "*/", "*/0", "*/99", "5/x", "1/2/3", "1-2-3", "**", "*5", "5*", "'5'", "#", "#1", "W", "LL", "0x1",
        "٣", "½", "1_0",
    ] {
        refused_in(&ALL, value);
    }
}

#[test]
fn values_out_of_the_range_of_a_field_are_refused() {
    refused_in(&[0, 1, 2, 3, 4], "+5");
    refused_in(&[0, 1], "0-60");
    refused_in(&[0, 1], "*/61");
    refused_in(&[2], "24");
    refused_in(&[2], "0-24");
    refused_in(&[2], "*/25");
    refused_in(&[3, 4], "0");
    refused_in(&[3], "32");
    refused_in(&[3], "0-5");
    refused_in(&[3], "*/32");
    refused_in(&[4], "13");
    refused_in(&[4], "*/13");
    refused_in(&[5], "8");
    refused_in(&[5], "*/9");
    refused("0 0 * * 7", Dialect::Apscheduler, "cron.day_of_week", "7");
    refused("0 0 * * */8", Dialect::Apscheduler, "cron.day_of_week", "*/8");
    refused("0 0 * * 5-0", Dialect::Apscheduler, "cron.day_of_week", "5-0");
}

#[test]
fn ranges_that_run_backwards_are_refused() {
    refused_in(&[0, 1, 2, 3, 4], "5-3");
    refused_in(&[5], "5-3");
    refused_in(&[5], "SAT-MON");
    refused_in(&[4], "NOV-FEB");
}

#[test]
fn names_are_those_of_the_field_and_whole() {
    for value in ["MON", "sunday", "JANUARY", "JA", "JAN1"] {
        refused_in(&[0, 1, 2, 3], value);
    }
    refused_in(&[4], "MON");
    refused_in(&[5], "JAN");
    refused_in(&[4, 5], "MAY-MON");
    refused_in(&[5], "MONDAY");
    refused_in(&[4], "SEPT");
}

#[test]
fn what_is_special_to_days_is_refused_elsewhere_and_so_is_what_makes_no_sense() {
    for value in ["L", "LW", "15W", "5#2", "5L", "L-2"] {
        refused_in(&[0, 1, 2, 4], value);
    }
    for value in [
        "0W", "32W", "1-5W", "W15", "LW-1", "WL", "L-28", "L-", "L+1", "L2", "L/2", "L-1-2", "5#2", "5L",
        "+5", "*W", "15WW",
    ] {
        refused_in(&[3], value);
    }
    for value in [
        "L", "LW", "FRI#0", "FRI#6", "FRI#", "#2", "#L", "FRI#LL", "FRI#2L", "FRI##2", "FRI#-1", "FRI#22",
        "15W", "++MON", "+", "MON+", "MON,+TUE", "FRIW",
    ] {
        refused_in(&[5], value);
    }
}

#[test]
fn another_number_of_fields_is_refused_and_so_is_an_unknown_name() {
    for expression in [
        "",
        " ",
        "*",
        "* * * *",
        "* * * * * * *",
        "* * * * * * * *",
        "@",
        "@reboot",
        "@dailyy",
        "@daily 5",
        "@every 5m",
        "daily",
    ] {
        refused(expression, Dialect::Cron, "cron", expression);
    }
    refused(&"* ".repeat(10_000), Dialect::Cron, "cron", "five fields");
}

#[test]
fn only_white_space_of_ascii_parts_fields() {
    refused("0\u{a0}9 * * * *", Dialect::Cron, "cron.minute", "0\u{a0}9");
    refused("0\u{2003}9 * * *", Dialect::Cron, "cron", "five fields");
}

#[test]
fn an_expression_that_no_date_ever_matches_is_refused() {
    for (expression, day) in [
        ("0 0 30 2 *", "30"),
        ("0 0 31 2,4,6,9,11 *", "31"),
        ("0 0 30-31 2 +MON", "30-31"),
        ("0 0 1-7 * +MON#3", "1-7"),
        ("0 0 31W 2 ?", "31W"),
        ("0 0 L-3 * +MON#1", "L-3"),
        ("0 0 LW * +SUN", "LW"),
        ("0 0 15W * +SAT,SUN", "15W"),
        ("0 0 29 2 +MON#1", "29"),
        ("0 0 1-20 * +*L", "1-20"),
        ("0 0 * 2 *#5,MON#5", "*"),
    ] {
        // The 29th of February is the fifth of its weekday in leap years.
        if expression.starts_with("0 0 * 2") {
            assert!(Cron::parse(expression, Dialect::Cron).is_ok());
        } else {
            refused(expression, Dialect::Cron, "cron.day_of_month", day);
        }
    }
    refused("0 0 1-7 * MON#3", Dialect::Apscheduler, "cron.day_of_month", "1-7");
    for possible in
        ["0 0 30 2 MON", "0 0 29 2 *", "0 0 29 2 +MON#5", "0 0 1-7 * MON#3", "0 0 31 2,3 *", "0 0 L-27 2 *"]
    {
        assert!(Cron::parse(possible, Dialect::Cron).is_ok(), "{possible}");
    }
}

/// Texts that look like expressions, more or less.
fn almost() -> impl Strategy<Value = String> {
    let scrap = prop_oneof![
        6 => "[0-9]{1,3}",
        4 => "[*?/,+#LWlw-]",
        2 => proptest::sample::select(vec!["MON", "sun", "JAN", "dec", "L-", "#L", "FRI#", "15W", "@daily", "@"]).prop_map(String::from),
        1 => "\\PC",
    ];
    let field = proptest::collection::vec(scrap, 1..5).prop_map(|scraps| scraps.concat());
    proptest::collection::vec(field, 4..=7).prop_map(|fields| fields.join(" "))
}

fn checked(text: &str) {
    for dialect in [Dialect::Cron, Dialect::Apscheduler] {
        match Cron::parse(text, dialect) {
            Ok(cron) => {
                let next = cron.at_or_after(time("2026-01-01 00:00"));
                assert!(next.is_some(), "{text} is due some time");
                assert_eq!(cron.at_or_before(next.unwrap_or_default()), next);
            }
            Err(error) => assert_eq!(error.code(), "invalid-argument"),
        }
    }
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn whatever_is_not_an_expression_is_refused_without_a_panic(text in almost(), garbage in "\\PC{0,40}") {
        checked(&text);
        checked(&garbage);
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn an_expression_with_one_character_changed_is_read_or_refused_without_a_panic(
        expression in expression(),
        at in any::<prop::sample::Index>(),
        scrap in "[0-9*?/,+#LW a-]|\\PC",
    ) {
        let mut text: Vec<char> = expression.text().chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, scrap.chars());
        checked(&text.into_iter().collect::<String>());
    }
}
