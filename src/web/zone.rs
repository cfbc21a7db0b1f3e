//! The platform's time zones.

use wasm_bindgen::prelude::*;

use crate::core::{error::Error, schedule::zone::Zone};

#[wasm_bindgen(module = "/src/web/zones.js")]
extern "C" {
    #[wasm_bindgen(js_name = zoneNumber, catch)]
    fn zone_number(name: &str) -> Result<usize, JsValue>;
    #[wasm_bindgen(js_name = systemZoneNumber)]
    fn system_zone_number() -> usize;
    // Never throws.
    #[wasm_bindgen(js_name = zoneOffset)]
    fn zone_offset(zone: usize, at: f64) -> i32;
}

/// A zone that [`Intl`](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Intl/DateTimeFormat) knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformZone(usize);

impl PlatformZone {
    /// The zone of this name, such as `Europe/Berlin`. One that the platform does not know is `invalid-argument`.
    pub fn named(name: &str) -> Result<Self, Error> {
        let number = zone_number(name);
        number
            .map(Self)
            .map_err(|_| Error::invalid("timeZone", name, "the name of a time zone that this browser knows"))
    }

    /// The zone that the system is in now.
    pub fn system() -> Self {
        Self(system_zone_number())
    }

    #[cfg(feature = "npm")]
    pub(crate) fn numbered(number: usize) -> Self {
        Self(number)
    }
}

impl Zone for PlatformZone {
    #[allow(clippy::cast_precision_loss)] // seconds of a Date
    fn offset(&self, at: i64) -> i32 {
        zone_offset(self.0, at as f64)
    }
}
