//! Which slots of a storage are still to be written, and what follows a write that fails.
//!
//! A slot that has changed waits until the flush, however often it changes until then. In a storage that is full the entries that have expired make
//! room first. What still finds none is reported once, until it is stored, and tried again when it changes, when something else has made room, or
//! when the host asks for it.

use alloc::{collections::VecDeque, vec::Vec};

/// A slot of the storage.
pub type SlotId = u32;

/// How a write went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The storage holds it.
    Stored,
    /// The storage holds it, and less than before.
    Shrunk,
    /// There is no room; the storage holds the old value.
    Full,
    /// The value can't be text; the storage holds the old value.
    NotText,
}

/// What follows a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next one.
    GoOn,
    /// Entries that have expired are removed, and the write is tried again.
    MakeRoom,
    /// The owner is told; then the next one.
    Report,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    waits: bool,
    /// Its last write has failed, for want of room.
    failed: bool,
    reported: bool,
}

/// The writes of one storage.
#[derive(Debug, Default)]
pub struct Writes {
    slots: Vec<Slot>,
    /// Numbers that are free again.
    free: Vec<SlotId>,
    queue: VecDeque<SlotId>,
    /// How many slots wait.
    waiting: usize,
    /// How many slots have failed.
    failed: usize,
    /// Something was stored that takes less room than before, since the last flush.
    roomier: bool,
    /// Room has been made in this flush.
    made_room: bool,
}

impl Writes {
    /// A new slot.
    pub fn open(&mut self) -> SlotId {
        if let Some(slot) = self.free.pop() {
            return slot;
        }
        self.slots.push(Slot::default());
        SlotId::try_from(self.slots.len() - 1).unwrap_or(SlotId::MAX)
    }

    /// A slot that has nothing to write is no longer needed: its number may be another's.
    pub fn close(&mut self, slot: SlotId) {
        let Some(entry) = self.slots.get_mut(slot as usize) else { return };
        if entry.waits || entry.failed {
            return;
        }
        *entry = Slot::default();
        self.free.push(slot);
        if self.free.len() == self.slots.len() {
            self.slots = Vec::new();
            self.free = Vec::new();
            self.queue.clear();
        }
    }

    /// A slot has changed. True if a flush has to be scheduled, which is so for the first one after a flush.
    pub fn changed(&mut self, slot: SlotId) -> bool {
        let Some(entry) = self.slots.get_mut(slot as usize) else { return false };
        if core::mem::replace(&mut entry.waits, true) {
            return false;
        }
        self.waiting += 1;
        self.queue.push_back(slot);
        self.queue.len() == 1
    }

    /// Whether a value that another page has written takes the place of this slot's: not if ours is about to be written over it.
    pub fn yields(&self, slot: SlotId) -> bool {
        self.slots.get(slot as usize).is_none_or(|entry| !entry.waits)
    }

    /// A flush begins. `all`: what has failed is tried again, whether there may be room or not.
    pub fn begin(&mut self, all: bool) {
        self.made_room = false;
        if core::mem::take(&mut self.roomier) || all {
            self.retry_failed();
        }
    }

    /// The next slot to write.
    pub fn next_write(&mut self) -> Option<SlotId> {
        loop {
            match self.queue.pop_front() {
                Some(slot) if self.slots.get(slot as usize).is_some_and(|entry| entry.waits) => {
                    return Some(slot);
                }
                Some(_) => {} // written by itself meanwhile
                // What has failed may fit by now.
                None if core::mem::take(&mut self.roomier) => self.retry_failed(),
                None => return None,
            }
        }
    }

    /// A slot was written, in a flush or by itself.
    pub fn written(&mut self, slot: SlotId, how: Written) -> Next {
        let Some(entry) = self.slots.get_mut(slot as usize) else { return Next::GoOn };
        if how == Written::Full && !core::mem::replace(&mut self.made_room, true) {
            return Next::MakeRoom;
        }
        self.waiting -= usize::from(core::mem::take(&mut entry.waits));
        let failed = how == Written::Full;
        match (entry.failed, failed) {
            (false, true) => self.failed += 1,
            (true, false) => self.failed -= 1,
            _ => {}
        }
        entry.failed = failed;
        match how {
            Written::Stored | Written::Shrunk => {
                entry.reported = false;
                self.roomier |= how == Written::Shrunk;
                Next::GoOn
            }
            Written::Full | Written::NotText => {
                if core::mem::replace(&mut entry.reported, true) {
                    Next::GoOn
                } else {
                    Next::Report
                }
            }
        }
    }

    /// Whether everything is stored that can be.
    pub fn is_done(&self) -> bool {
        self.failed == 0 && self.waiting == 0
    }

    #[inline(never)] // smaller by more than its calls
    fn retry_failed(&mut self) {
        if self.failed == 0 {
            return;
        }
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if slot.failed && !slot.waits {
                slot.waits = true;
                self.waiting += 1;
                self.queue.push_back(SlotId::try_from(index).unwrap_or(SlotId::MAX));
            }
        }
    }
}

#[cfg(test)]
mod tests;
