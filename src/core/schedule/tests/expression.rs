//! An expression as its parts, each with its text and, apart from that, its meaning, asked of chrono's dates one by one.

use chrono::{Datelike, Days, NaiveDate};

use super::*;

/// A part of a list in a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    Star,
    Question,
    One(u32),
    Range(u32, u32),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub values: Values,
    pub step: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DayPart {
    Plain(Part),
    Last,
    LastBut(u32),
    LastWorkday,
    Workday(u32),
}

#[derive(Clone, Debug, PartialEq)]
pub enum WeekdayPart {
    Every(Part),
    Nth(Part, u32),
    /// With or without a `#` before the L.
    Last(Part, bool),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    pub dialect: Dialect,
    pub seconds: Option<Vec<Part>>,
    pub minutes: Vec<Part>,
    pub hours: Vec<Part>,
    pub days: Vec<DayPart>,
    pub months: Vec<Part>,
    pub weekdays: Vec<WeekdayPart>,
    /// A `+` before the weekdays.
    pub both: bool,
    /// 0 for numbers, 1 for names, 2 for names in lower case.
    pub spelling: u8,
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 8] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

impl Part {
    pub fn text(&self, name: impl Fn(u32) -> String) -> String {
        let values = match self.values {
            Values::Star => "*".to_owned(),
            Values::Question => "?".to_owned(),
            Values::One(value) => name(value),
            Values::Range(from, until) => format!("{}-{}", name(from), name(until)),
        };
        self.step.map_or(values.clone(), |step| format!("{values}/{step}"))
    }

    /// Whether it names a value, in a field of these.
    fn has(&self, value: u32, min: u32, max: u32) -> bool {
        let (from, until) = match self.values {
            Values::Star | Values::Question => (min, max),
            Values::One(from) if self.step.is_some() => (from, max.max(from)),
            Values::One(from) => (from, from),
            Values::Range(from, until) => (from, until),
        };
        (from..=until).step_by(self.step.unwrap_or(1) as usize).any(|named| named == value)
    }

    fn is_open(&self) -> bool {
        matches!(self.values, Values::Star | Values::Question)
    }
}

fn list<P>(parts: &[P], text: impl Fn(&P) -> String) -> String {
    parts.iter().map(text).collect::<Vec<_>>().join(",")
}

fn has(parts: &[Part], value: u32, min: u32, max: u32) -> bool {
    parts.iter().any(|part| part.has(value, min, max))
}

impl DayPart {
    fn text(&self) -> String {
        match self {
            Self::Plain(part) => part.text(|value| value.to_string()),
            Self::Last => "L".to_owned(),
            Self::LastBut(days) => format!("L-{days}"),
            Self::LastWorkday => "LW".to_owned(),
            Self::Workday(day) => format!("{day}W"),
        }
    }

    fn has(&self, date: NaiveDate) -> bool {
        let month = || {
            let first = date.with_day(1).expect("each month has it");
            first.iter_days().take_while(move |day| day.month() == date.month())
        };
        let is_workday = |day: &NaiveDate| day.weekday().num_days_from_monday() < 5;
        match self {
            Self::Plain(part) => part.has(date.day(), 1, 31),
            Self::Last => month().last() == Some(date),
            Self::LastBut(days) => {
                month().last().and_then(|last| last.checked_sub_days(Days::new(u64::from(*days))))
                    == Some(date)
            }
            Self::LastWorkday => month().filter(is_workday).last() == Some(date),
            Self::Workday(wanted) => {
                month().any(|day| day.day() == *wanted)
                    && month().filter(is_workday).min_by_key(|day| day.day().abs_diff(*wanted)) == Some(date)
            }
        }
    }

    fn is_open(&self) -> bool {
        matches!(self, Self::Plain(part) if part.is_open())
    }
}

impl WeekdayPart {
    pub fn part(&self) -> &Part {
        match self {
            Self::Every(part) | Self::Nth(part, _) | Self::Last(part, _) => part,
        }
    }

    fn has(&self, date: NaiveDate, dialect: Dialect) -> bool {
        let named = match dialect {
            Dialect::Cron => {
                let weekday = date.weekday().num_days_from_sunday();
                self.part().has(weekday, 0, 6) || weekday == 0 && self.part().has(7, 0, 6)
            }
            Dialect::Apscheduler => self.part().has(date.weekday().num_days_from_monday(), 0, 6),
        };
        named
            && match self {
                Self::Every(_) => true,
                Self::Nth(_, nth) => date.day().div_ceil(7) == *nth,
                Self::Last(..) => (date + Days::new(7)).month() != date.month(),
            }
    }
}

impl Expression {
    fn month_name(&self, month: u32) -> String {
        match self.spelling {
            0 => month.to_string(),
            1 => MONTHS[month as usize - 1].to_owned(),
            _ => MONTHS[month as usize - 1].to_lowercase(),
        }
    }

    fn weekday_name(&self, weekday: u32) -> String {
        let from_sunday = if self.dialect == Dialect::Cron { weekday } else { (weekday + 1) % 7 } as usize;
        match self.spelling {
            0 => weekday.to_string(),
            1 => WEEKDAYS[from_sunday].to_owned(),
            _ => WEEKDAYS[from_sunday].to_lowercase(),
        }
    }

    /// Its fields: seconds if it has them, minutes, hours, days, months, weekdays.
    pub fn fields(&self) -> Vec<String> {
        let number = |parts: &Vec<Part>| list(parts, |part| part.text(|value| value.to_string()));
        let weekdays = list(&self.weekdays, |part| {
            let text = part.part().text(|weekday| self.weekday_name(weekday));
            match part {
                WeekdayPart::Every(_) => text,
                WeekdayPart::Nth(_, nth) => format!("{text}#{nth}"),
                WeekdayPart::Last(_, true) => format!("{text}#L"),
                WeekdayPart::Last(_, false) => format!("{text}L"),
            }
        });
        let mut fields: Vec<_> = self.seconds.iter().map(number).collect();
        fields.extend([
            number(&self.minutes),
            number(&self.hours),
            list(&self.days, DayPart::text),
            list(&self.months, |part| part.text(|month| self.month_name(month))),
            format!("{}{weekdays}", if self.both { "+" } else { "" }),
        ]);
        fields
    }

    pub fn text(&self) -> String {
        self.fields().join(" ")
    }

    pub fn parsed(&self) -> Option<Cron> {
        match Cron::parse(&self.text(), self.dialect) {
            Ok(cron) => Some(cron),
            Err(error) => {
                // All that is generated is well-formed: at most, there is no such date.
                assert!(error.to_string().contains("cron.day_of_month"), "{}: {error}", self.text());
                None
            }
        }
    }

    /// Whether a day that matches either of the two fields is enough.
    pub fn either(&self) -> bool {
        let restricted = !self.days[0].is_open() && !self.weekdays[0].part().is_open();
        self.dialect == Dialect::Cron && !self.both && restricted
    }

    pub fn on(&self, date: NaiveDate) -> bool {
        if !has(&self.months, date.month(), 1, 12) {
            return false;
        }
        let by_day = self.days.iter().any(|part| part.has(date));
        let by_weekday = self.weekdays.iter().any(|part| part.has(date, self.dialect));
        if self.either() { by_day || by_weekday } else { by_day && by_weekday }
    }

    /// Whether it names this second of the day.
    pub fn at(&self, second: i64) -> bool {
        let second = u32::try_from(second).expect("of a day");
        let seconds = self.seconds.as_ref().map_or(second % 60 == 0, |parts| has(parts, second % 60, 0, 59));
        seconds && has(&self.minutes, second / 60 % 60, 0, 59) && has(&self.hours, second / 3600, 0, 23)
    }

    /// The seconds of a day that it names, in order.
    pub fn day(&self) -> Vec<i64> {
        let minutes = (0..1440)
            .filter(|minute| has(&self.minutes, minute % 60, 0, 59) && has(&self.hours, minute / 60, 0, 23));
        let seconds: Vec<u32> = match &self.seconds {
            Some(parts) => (0..60).filter(|second| has(parts, *second, 0, 59)).collect(),
            None => vec![0],
        };
        minutes.flat_map(|minute| seconds.iter().map(move |second| i64::from(minute * 60 + second))).collect()
    }

    /// Whether it names times of day, and not a pace.
    pub fn is_fixed(&self) -> bool {
        let times = [self.seconds.as_deref().unwrap_or_default(), &self.minutes, &self.hours];
        let is_paced = times.into_iter().flatten().any(|part| part.is_open() || part.step.is_some());
        !is_paced && !(0..24).all(|hour| has(&self.hours, hour, 0, 23))
    }
}

/// The day of a local time.
pub fn date(local: i64) -> NaiveDate {
    DateTime::from_timestamp(local, 0).expect("a time that chrono has").date_naive()
}
