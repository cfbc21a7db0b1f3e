//! Doubly linked lists of slots, for what must leave the middle of a line in constant time.

use alloc::vec::Vec;

/// In place of a slot: half the memory that an `Option` takes, of which a cache of 100,000 entries sees the difference.
const NONE: u32 = u32::MAX;

fn some(slot: u32) -> Option<u32> {
    (slot != NONE).then_some(slot)
}

/// The place of one slot in one list.
#[derive(Clone, Copy, Debug)]
struct Links {
    prev: u32,
    next: u32,
}

impl Default for Links {
    fn default() -> Self {
        Self { prev: NONE, next: NONE }
    }
}

/// Where the links of a slot are kept. A slot can be in several lists at once, with a table of links for each.
#[derive(Debug, Default)]
pub struct LinkTable(Vec<Links>);

impl LinkTable {
    /// The links of a slot that is in a list.
    fn at(&mut self, slot: u32) -> &mut Links {
        &mut self.0[slot as usize]
    }

    /// Sets the links of a slot that comes into a list.
    fn set(&mut self, slot: u32, links: Links) {
        let index = slot as usize;
        if index >= self.0.len() {
            self.0.resize(index + 1, Links::default());
        }
        self.0[index] = links;
    }

    /// The slot that comes before this one in its list.
    pub fn before(&self, slot: u32) -> Option<u32> {
        some(self.0.get(slot as usize)?.prev)
    }

    /// The slot that follows this one in its list.
    pub fn after(&self, slot: u32) -> Option<u32> {
        some(self.0.get(slot as usize)?.next)
    }
}

/// The ends of a list whose links are in a [`LinkTable`]. A slot is in at most one list of one table, and below the largest number.
#[derive(Clone, Copy, Debug)]
pub struct List {
    first: u32,
    last: u32,
}

impl Default for List {
    fn default() -> Self {
        Self { first: NONE, last: NONE }
    }
}

impl List {
    /// The first slot, which stays in the list.
    pub fn first(self) -> Option<u32> {
        some(self.first)
    }

    /// The last slot, which stays in the list.
    pub fn last(self) -> Option<u32> {
        some(self.last)
    }

    /// Puts a slot at the end.
    pub fn push(&mut self, table: &mut LinkTable, slot: u32) {
        table.set(slot, Links { prev: self.last, next: NONE });
        match self.last {
            NONE => self.first = slot,
            last => table.at(last).next = slot,
        }
        self.last = slot;
    }

    /// Puts a slot at the start.
    pub fn push_front(&mut self, table: &mut LinkTable, slot: u32) {
        table.set(slot, Links { prev: NONE, next: self.first });
        match self.first {
            NONE => self.last = slot,
            first => table.at(first).prev = slot,
        }
        self.first = slot;
    }

    /// Puts a slot behind another one of the list, or at the start.
    pub fn insert_after(&mut self, table: &mut LinkTable, slot: u32, other: Option<u32>) {
        let Some(other) = other else { return self.push_front(table, slot) };
        let Some(next) = table.after(other) else { return self.push(table, slot) };
        table.set(slot, Links { prev: other, next });
        table.at(other).next = slot;
        table.at(next).prev = slot;
    }

    /// Takes a slot out, wherever it stands.
    pub fn remove(&mut self, table: &mut LinkTable, slot: u32) {
        let Links { prev, next } = core::mem::take(table.at(slot));
        match prev {
            NONE => self.first = next,
            prev => table.at(prev).next = next,
        }
        match next {
            NONE => self.last = prev,
            next => table.at(next).prev = prev,
        }
    }

    /// Takes the first slot out.
    pub fn pop(&mut self, table: &mut LinkTable) -> Option<u32> {
        let slot = self.first()?;
        self.remove(table, slot);
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn behaves_as_a_vector_does(steps in proptest::collection::vec((0..5_u8, 0..12_u32), 0..80)) {
            let (mut list, mut table, mut model) = (List::default(), LinkTable::default(), Vec::new());
            for (step, slot) in steps {
                match step {
                    0 if !model.contains(&slot) => {
                        list.push(&mut table, slot);
                        model.push(slot);
                    }
                    3 if !model.contains(&slot) => {
                        list.push_front(&mut table, slot);
                        model.insert(0, slot);
                    }
                    4 if !model.contains(&slot) => {
                        let place = slot as usize % (model.len() + 1);
                        let other = place.checked_sub(1).map(|index| model[index]);
                        list.insert_after(&mut table, slot, other);
                        model.insert(place, slot);
                        prop_assert_eq!(table.before(slot), other);
                    }
                    1 if model.contains(&slot) => {
                        list.remove(&mut table, slot);
                        model.retain(|other| *other != slot);
                    }
                    _ => {
                        let expected = (!model.is_empty()).then(|| model.remove(0));
                        prop_assert_eq!(list.pop(&mut table), expected);
                    }
                }
                prop_assert_eq!(list.first(), model.first().copied());
                prop_assert_eq!(list.last(), model.last().copied());
            }
        }
    }
}
