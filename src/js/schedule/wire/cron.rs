//! Cron expressions, and the zones that they are in.

use alloc::{boxed::Box, rc::Rc, vec::Vec};

use slab::Slab;
use wasm_bindgen::prelude::*;

use super::{millis, time};
use crate::{
    core::{
        base::error::Error,
        schedule::{
            cron::Cron,
            occurrence::CronInZone,
            trigger::SharedZone,
            wire,
            zone::{Transitions, Zone},
        },
    },
    js::base::kept::{Kept, inside},
    platform::zone::PlatformZone,
};

/// The expressions that JavaScript holds, and the zones that it has named.
pub(super) struct Crons {
    pub crons: Slab<Rc<Cron>>,
    zones: Vec<Option<SharedZone>>,
}

pub(super) static CRONS: Kept<Crons> = Kept::new(Crons { crons: Slab::new(), zones: Vec::new() });

fn with<R>(call: impl FnOnce(&mut Crons) -> R) -> R {
    inside(|inside| call(CRONS.of(inside)))
}

impl Crons {
    pub fn zone(&mut self, number: usize) -> SharedZone {
        if self.zones.len() <= number {
            self.zones.resize(number + 1, None);
        }
        let zone = &mut self.zones[number];
        zone.get_or_insert_with(|| Rc::new(Transitions::new(Box::new(PlatformZone::numbered(number)))))
            .clone()
    }
}

/// Reads an expression; throws `invalid-argument` that names the field.
#[wasm_bindgen(js_name = cronParse)]
pub fn cron_parse(expression: &str, is_apscheduler: bool) -> Result<usize, Error> {
    let cron = Cron::parse(expression, wire::unpack_dialect(is_apscheduler))?;
    Ok(with(|crons| crons.crons.insert(Rc::new(cron))))
}

/// Forgets an expression.
#[wasm_bindgen(js_name = cronClose)]
pub fn cron_close(cron: usize) {
    with(|crons| crons.crons.try_remove(cron));
}

fn in_zone<R>(cron: usize, zone: usize, call: impl FnOnce(CronInZone<'_, Box<dyn Zone>>) -> R) -> Option<R> {
    with(|crons| {
        let zone = crons.zone(zone);
        let cron = crons.crons.get(cron)?;
        Some(call(CronInZone::new(cron, &zone)))
    })
}

/// The first time after this one, or with `before` the last one before it; NaN for none.
#[wasm_bindgen(js_name = cronDue)]
pub fn cron_due(cron: usize, zone: usize, at: f64, before: bool) -> f64 {
    let at = millis(at);
    let due = in_zone(cron, zone, |cron| {
        // A second that has begun is before this time.
        if before { cron.before((at + 999).div_euclid(1000)) } else { cron.after(at.div_euclid(1000)) }
    });
    time(due.flatten().map(|second| second * 1000))
}

/// Whether it is due in the second of this time.
#[wasm_bindgen(js_name = cronMatches)]
pub fn cron_matches(cron: usize, zone: usize, at: f64) -> bool {
    in_zone(cron, zone, |cron| cron.matches(millis(at).div_euclid(1000))).unwrap_or(false)
}
