//! Executions under way.

use core::num::NonZeroU32;

use slab::Slab;

use super::outcome::SlotId;

/// Names an execution: a place, and which of the place's executions in turn, so that the late end of one that was given up reaches no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlightId {
    place: u32,
    generation: NonZeroU32,
}

impl FlightId {
    /// Generations wrap here, so that it fits into a JavaScript number (53 bits).
    const GENERATIONS: u32 = 1 << 20;

    /// The id as one whole number below 2^53.
    #[allow(clippy::cast_precision_loss)] // below 2^53
    pub fn to_number(self) -> f64 {
        ((u64::from(self.generation.get()) << 32) | u64::from(self.place)) as f64
    }

    /// The id that [`to_number`](Self::to_number) gave; any other number gives an id of no execution.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, which is what is wanted
    pub fn from_number(number: f64) -> Self {
        let bits = number as u64;
        Self {
            place: bits as u32,
            generation: NonZeroU32::new((bits >> 32) as u32).unwrap_or(NonZeroU32::MAX),
        }
    }
}

/// One execution, for as many callers as want its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    generation: NonZeroU32,
    /// The entry that it is for; none if that was cleared meanwhile.
    pub slot: Option<SlotId>,
    /// How many wait for it and have not left.
    pub callers: u32,
    /// Nobody has asked for it, so that it goes on when nobody waits.
    pub background: bool,
}

/// The executions under way of one cache.
#[derive(Debug, Default)]
pub(super) struct Flights {
    flights: Slab<Flight>,
    /// How many began, from 0 again after `GENERATIONS`.
    begun: u32,
}

impl Flights {
    pub fn begin(&mut self, slot: SlotId, background: bool) -> FlightId {
        self.begun = (self.begun + 1) % FlightId::GENERATIONS;
        let generation = NonZeroU32::MIN.saturating_add(self.begun); // numbers that are no id have 0
        let callers = u32::from(!background);
        let place = self.flights.insert(Flight { generation, slot: Some(slot), callers, background });
        FlightId { place: u32::try_from(place).unwrap_or(u32::MAX), generation }
    }

    pub fn get(&mut self, id: FlightId) -> Option<&mut Flight> {
        self.flights.get_mut(id.place as usize).filter(|flight| flight.generation == id.generation)
    }

    pub fn end(&mut self, id: FlightId) -> Option<Flight> {
        self.get(id)?;
        self.flights.try_remove(id.place as usize)
    }

    pub fn len(&self) -> usize {
        self.flights.len()
    }
}
