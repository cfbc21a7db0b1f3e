//! Days of the Gregorian calendar as numbers, after Howard Hinnant's
//! [`chrono`-compatible date algorithms](https://howardhinnant.github.io/date_algorithms.html).

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// A date. The month is 1 to 12, the day of the month 1 to 31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year; 0 is the one before the year 1.
    pub year: i32,
    /// 1 is January.
    pub month: u32,
    /// The day of the month.
    pub day: u32,
}

impl Date {
    /// The date that lies so many days after 1970-01-01.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // an i32 of years, and parts of one
    pub fn from_days(days: i64) -> Self {
        let shifted = days + 719_468; // from 0000-03-01: leap days come last
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_based = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * march_based + 2) / 5 + 1) as u32;
        let month = (if march_based < 10 { march_based + 3 } else { march_based - 9 }) as u32;
        let year = (year_of_era + era * 400) as i32 + i32::from(month <= 2);
        Self { year, month, day }
    }

    /// How many days after 1970-01-01 it is.
    pub fn to_days(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let march_based = i64::from((self.month + 9) % 12);
        let day_of_year = (153 * march_based + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }
}

/// The day of the week of a day that lies so many days after 1970-01-01, 0 for Sunday.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 6
pub fn weekday(days: i64) -> u32 {
    (days + 4).rem_euclid(7) as u32 // it was a Thursday
}

/// How many days a month has.
pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
