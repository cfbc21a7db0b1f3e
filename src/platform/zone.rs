//! The platform's time zones.

use crate::core::{base::error::Error, schedule::zone::Zone};

/// A zone that [`Intl`](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Intl/DateTimeFormat) knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformZone(usize);

impl PlatformZone {
    /// The zone of this name, such as `Europe/Berlin`. One that the platform does not know is `invalid-argument`.
    pub fn named(name: &str) -> Result<Self, Error> {
        let number = intl::zone_number(name);
        number
            .map(Self)
            .map_err(|_| Error::invalid("time_zone", name, "the name of a time zone that this browser knows"))
    }

    /// The zone that the system is in now.
    pub fn system() -> Self {
        Self(intl::system_zone_number())
    }

    #[cfg(feature = "npm")]
    pub(crate) fn numbered(number: usize) -> Self {
        Self(number)
    }
}

impl Zone for PlatformZone {
    #[allow(clippy::cast_precision_loss)] // seconds of a Date
    fn offset(&self, at: i64) -> i32 {
        intl::zone_offset(self.0, at as f64)
    }
}

/// The zones of the npm package, whose JavaScript has the same numbers for them.
#[cfg(feature = "npm")]
mod intl {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "/src/platform/zones.js")]
    extern "C" {
        #[wasm_bindgen(js_name = zoneNumber, catch)]
        pub fn zone_number(name: &str) -> Result<usize, JsValue>;
        #[wasm_bindgen(js_name = systemZoneNumber)]
        pub fn system_zone_number() -> usize;
        // Never throws.
        #[wasm_bindgen(js_name = zoneOffset)]
        pub fn zone_offset(zone: usize, at: f64) -> i32;
    }
}

/// The zones of a Rust app, as zones.js has them (a test holds them to that). Not by that file: glue of wasm-bindgen's target `no-modules` can import none.
#[cfg(not(feature = "npm"))]
mod intl {
    use std::cell::RefCell;

    use js_sys::{Date, Function, Object, Reflect};
    use wasm_bindgen::prelude::*;

    use crate::{core::base::clock::Clock, platform::clock::PerformanceClock};

    #[wasm_bindgen]
    extern "C" {
        // js-sys has no fallible constructor of it.
        #[wasm_bindgen(js_namespace = Intl)]
        type DateTimeFormat;
        #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
        fn new(locale: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;
        #[wasm_bindgen(method, js_name = resolvedOptions)]
        fn resolved_options(this: &DateTimeFormat) -> JsValue;
        /// It is bound.
        #[wasm_bindgen(method, getter)]
        fn format(this: &DateTimeFormat) -> Function;
    }

    const DAY: i32 = 86_400;
    const MAX_SECONDS: f64 = 8.64e12;
    /// How long what is known of the system's zone may be old, in microseconds: to ask takes some 20 us, its offset next to nothing.
    const STALE: u64 = 1_000_000;

    struct Zones {
        /// By number, from 1 on; 0 is UTC.
        known: Vec<(String, Function)>,
        system: usize,
        /// When the system's zone was asked for, in microseconds, and its offset then.
        asked: Option<(u64, f64)>,
    }

    thread_local! {
        static ZONES: RefCell<Zones> = const { RefCell::new(Zones { known: Vec::new(), system: 0, asked: None }) };
    }

    /// The number of a zone; an error if the platform does not know it.
    pub fn zone_number(name: &str) -> Result<usize, JsValue> {
        if name == "UTC" {
            return Ok(0);
        }
        let known =
            ZONES.with_borrow(|zones| zones.known.iter().position(|(known, _)| known.as_str() == name));
        if let Some(index) = known {
            return Ok(index + 1);
        }
        let options = Object::new();
        let parts = [
            ("timeZone", name),
            ("calendar", "gregory"),
            ("numberingSystem", "latn"),
            ("hourCycle", "h23"),
            ("day", "numeric"),
            ("hour", "numeric"),
            ("minute", "numeric"),
            ("second", "numeric"),
        ];
        for (key, value) in parts {
            Reflect::set(&options, &key.into(), &value.into())?;
        }
        let format = DateTimeFormat::new("en-US", &options)?.format();
        Ok(ZONES.with_borrow_mut(|zones| {
            zones.known.push((name.to_owned(), format));
            zones.known.len()
        }))
    }

    /// The zone of the system, which may change.
    pub fn system_zone_number() -> usize {
        let now = PerformanceClock.now().as_micros();
        let offset = Date::new_0().get_timezone_offset();
        let known = ZONES.with_borrow(|zones| {
            let (asked, known_offset) = zones.asked?;
            // The same bits, as Date gives it in whole minutes.
            (now < asked + STALE && offset.to_bits() == known_offset.to_bits()).then_some(zones.system)
        });
        if let Some(number) = known {
            return number;
        }
        // 0 if the platform does not know its own.
        let number = system_name().and_then(|name| zone_number(&name).ok()).unwrap_or(0);
        ZONES.with_borrow_mut(|zones| {
            zones.system = number;
            zones.asked = Some((now, offset));
        });
        number
    }

    fn system_name() -> Option<String> {
        let resolved = DateTimeFormat::new("en-US", &Object::new()).ok()?.resolved_options();
        Reflect::get(&resolved, &"timeZone".into()).ok()?.as_string()
    }

    /// How many seconds a zone is ahead of UTC at this time in seconds.
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // the parts of a date
    pub fn zone_offset(number: usize, at: f64) -> i32 {
        let format = ZONES.with_borrow(|zones| {
            let (_, format) = zones.known.get(number.checked_sub(1)?)?;
            Some(format.clone())
        });
        let Some(format) = format else { return 0 };
        let millis = at.clamp(-MAX_SECONDS, MAX_SECONDS) * 1000.0;
        let utc = Date::new(&millis.into());
        // It formats every time that a Date can have.
        let shown = format.call1(&JsValue::UNDEFINED, &utc).ok().and_then(|text| text.as_string());
        let shown = shown.unwrap_or_default();
        let mut parts =
            shown.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse::<i32>().ok());
        let (Some(day), Some(hour), Some(minute), Some(second)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return 0;
        };
        // The day before or after, also in another month.
        let days = match day - utc.get_utc_date() as i32 {
            days if days > 1 => -1,
            days if days < -1 => 1,
            days => days,
        };
        let ahead = (hour - utc.get_utc_hours() as i32) * 3600
            + (minute - utc.get_utc_minutes() as i32) * 60
            + (second - utc.get_utc_seconds() as i32);
        days * DAY + ahead
    }
}
