//! Reading expressions. On bytes, as in [`duration`](crate::core::base::duration): every byte that means something is ASCII. Nothing is inlined:
//! an expression is read once, and 0.2 kB are saved.

use super::{Cron, Dialect, MonthDays, Weekdays};
use crate::core::base::error::Error;

/// What a field takes.
struct Field {
    /// As errors spell it.
    name: &'static str,
    min: u32,
    max: u32,
    names: &'static [[u8; 3]],
    expected: &'static str,
}

const SECOND: Field = Field {
    name: "cron.second",
    min: 0,
    max: 59,
    names: &[],
    expected: "0 to 59, or a list, range or step of these, such as '*/10'",
};
const MINUTE: Field = Field { name: "cron.minute", ..SECOND };
const HOUR: Field = Field {
    name: "cron.hour",
    max: 23,
    expected: "0 to 23, or a list, range or step of these, such as '9-17/2'",
    ..SECOND
};
const DAY_OF_MONTH: Field = Field {
    name: "cron.day_of_month",
    min: 1,
    max: 31,
    names: &[],
    expected: "1 to 31, L, LW, L-2 or 15W, or a list, range or step of these, such as '1,15'",
};
const MONTH: Field = Field {
    name: "cron.month",
    min: 1,
    max: 12,
    names: &[
        *b"jan", *b"feb", *b"mar", *b"apr", *b"may", *b"jun", *b"jul", *b"aug", *b"sep", *b"oct", *b"nov",
        *b"dec",
    ],
    expected: "1 to 12 or JAN to DEC, or a list, range or step of these, such as 'JAN,JUL'",
};
const SUNDAY_FIRST: Field = Field {
    name: "cron.day_of_week",
    min: 0,
    max: 7,
    names: &[*b"sun", *b"mon", *b"tue", *b"wed", *b"thu", *b"fri", *b"sat"],
    expected: "0 to 7 (0 and 7 are Sunday) or SUN to SAT, FRI#2, FRI#L or FRIL, or a list, range or step of these, such as 'MON-FRI'",
};
const MONDAY_FIRST: Field = Field {
    max: 6,
    names: &[*b"mon", *b"tue", *b"wed", *b"thu", *b"fri", *b"sat", *b"sun"],
    expected: "0 to 6 (0 is Monday) or MON to SUN, FRI#2, FRI#L or FRIL, or a list, range or step of these, such as 'MON-FRI'",
    ..SUNDAY_FIRST
};

const NICKNAMES: [(&[u8], &str); 9] = [
    (b"@yearly", "0 0 1 1 *"),
    (b"@annually", "0 0 1 1 *"),
    (b"@monthly", "0 0 1 * *"),
    (b"@weekly", "0 0 * * SUN"),
    (b"@weekdays", "0 0 * * MON-FRI"),
    (b"@weekends", "0 0 * * SAT,SUN"),
    (b"@daily", "0 0 * * *"),
    (b"@midnight", "0 0 * * *"),
    (b"@hourly", "0 * * * *"),
];

pub(super) fn parse(expression: &str, dialect: Dialect) -> Result<Cron, Error> {
    let nickname = expression.as_bytes().trim_ascii();
    let known = NICKNAMES.iter().find(|(name, _)| is(nickname, name));
    let text = known.map_or(expression, |(_, text)| text);
    let mut fields = [""; 6];
    let mut count = 0;
    for field in text.split_ascii_whitespace() {
        if let Some(place) = fields.get_mut(count) {
            *place = field;
        }
        count += 1;
    }
    if count != 5 && count != 6 {
        return Err(Error::invalid(
            "cron",
            expression,
            "five fields (minute, hour, day of the month, month, day of the week), six with seconds first, or a name such as '@daily'",
        ));
    }
    let (second, first) = if count == 6 { (fields[0], 1) } else { ("0", 0) };
    let [minute, hour, day, month, weekday] = [0, 1, 2, 3, 4].map(|index| fields[first + index]);
    let is_paced = is_pace(second) || is_pace(minute) || is_pace(hour);
    let seconds = values(&SECOND, second)?;
    let minutes = values(&MINUTE, minute)?;
    let hours = values(&HOUR, hour)?;
    let months = values(&MONTH, month)?;
    let days = month_days(day)?;
    let (weekdays, both) = weekdays(weekday, dialect)?;
    let is_open = |field: &str| matches!(field.as_bytes().first(), Some(b'*' | b'?'));
    let either = dialect == Dialect::Cron && !both && !is_open(day) && !is_open(weekday);
    // All hours are a pace, however they are written.
    let is_fixed = !is_paced && hours != (1 << 24) - 1;
    let cron = Cron { seconds, minutes, hours, days, months, weekdays, either, is_fixed };
    if cron.at_or_after(0).is_none() {
        return Err(Error::invalid(
            DAY_OF_MONTH.name,
            day,
            "a day that at least one of the months has, together with the other fields",
        ));
    }
    Ok(cron)
}

#[inline(never)]
fn is_pace(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'*' | b'?' | b'/'))
}

/// The values of a field without a syntax of its own.
#[inline(never)]
fn values(field: &Field, text: &str) -> Result<u64, Error> {
    let mut set = 0;
    for part in text.as_bytes().split(|byte| *byte == b',') {
        set |= range(field, part).ok_or_else(|| refuse(field, text))?;
    }
    Ok(set)
}

#[inline(never)]
fn month_days(text: &str) -> Result<MonthDays, Error> {
    let field = &DAY_OF_MONTH;
    let mut days = MonthDays::default();
    for part in text.as_bytes().split(|byte| *byte == b',') {
        let taken = match part {
            [b'L' | b'l'] => {
                days.before_last |= 1;
                Some(())
            }
            [b'L' | b'l', b'W' | b'w'] => {
                days.last_weekday = true;
                Some(())
            }
            // No month is shorter than 28 days.
            [b'L' | b'l', b'-', before @ ..] => {
                number(before).filter(|before| *before < 28).map(|before| days.before_last |= 1 << before)
            }
            [day @ .., b'W' | b'w'] => number(day)
                .filter(|day| (field.min..=field.max).contains(day))
                .map(|day| days.nearest |= 1 << day),
            _ => range(field, part).map(|set| days.numbered |= set),
        };
        taken.ok_or_else(|| refuse(field, text))?;
    }
    Ok(days)
}

/// The weekdays, and whether the days of the month have to match as well.
#[inline(never)]
fn weekdays(text: &str, dialect: Dialect) -> Result<(Weekdays, bool), Error> {
    let field = if dialect == Dialect::Cron { &SUNDAY_FIRST } else { &MONDAY_FIRST };
    let mut days = Weekdays::default();
    let (both, parts) = match text.as_bytes() {
        [b'+', parts @ ..] => (true, parts),
        parts => (false, parts),
    };
    for part in parts.split(|byte| *byte == b',') {
        let set = |part| range(field, part).map(|set| sunday_first(set, dialect));
        let taken = match part {
            [which @ .., b'#', b'L' | b'l'] => set(which).map(|set| days.last |= set),
            [which @ .., b'#', nth @ b'1'..=b'5'] => {
                set(which).map(|set| days.nth[usize::from(nth - b'1')] |= set)
            }
            [which @ .., b'L' | b'l'] => set(which).map(|set| days.last |= set),
            _ => set(part).map(|set| days.every |= set),
        };
        taken.ok_or_else(|| refuse(field, text))?;
    }
    Ok((days, both))
}

/// A set of weekdays of this dialect, with Sunday as 0.
fn sunday_first(set: u64, dialect: Dialect) -> u64 {
    match dialect {
        Dialect::Cron => set & 0x7f | set >> 7,
        Dialect::Apscheduler => set << 1 & 0x7f | set >> 6,
    }
}

#[inline(never)]
fn refuse(field: &Field, text: &str) -> Error {
    Error::invalid(field.name, text, field.expected)
}

/// The values of a part: `*`, `5`, `9-17`, and each of them with a step.
#[inline(never)]
fn range(field: &Field, part: &[u8]) -> Option<u64> {
    let (values, step) = match part.iter().position(|byte| *byte == b'/') {
        Some(at) => (&part[..at], Some(number(&part[at + 1..])?)),
        None => (part, None),
    };
    let last = if field.max == 7 { 6 } else { field.max };
    let (from, until) = match values {
        b"*" | b"?" => (field.min, last),
        _ => {
            let dash = values.iter().position(|byte| *byte == b'-');
            let from = value(field, &values[..dash.unwrap_or(values.len())])?;
            let until = match dash {
                Some(dash) => value(field, &values[dash + 1..])?,
                None if step.is_some() => last.max(from),
                None => from,
            };
            // The week may end with a Sunday that is called 0.
            (from, if until == 0 && field.max == 7 && from > 0 { 7 } else { until })
        }
    };
    let step = step.unwrap_or(1);
    if from > until || step == 0 || step > last - field.min + 1 {
        return None;
    }
    let mut set = 0;
    let mut value = from;
    while value <= until {
        set |= 1 << value;
        value += step;
    }
    Some(set)
}

#[allow(clippy::cast_possible_truncation)] // at most 12 names
#[inline(never)]
fn value(field: &Field, text: &[u8]) -> Option<u32> {
    let named = field.names.iter().position(|name| is(text, name));
    let value = match named {
        Some(index) => index as u32 + field.min,
        None => number(text)?,
    };
    (field.min..=field.max).contains(&value).then_some(value)
}

/// Whether it is this name, in either case.
#[inline(never)]
fn is(text: &[u8], name: &[u8]) -> bool {
    text.eq_ignore_ascii_case(name)
}

/// One or two digits.
#[inline(never)]
fn number(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 2 {
        return None;
    }
    text.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}
