//! The line in front of a manager's places: by priority, fair to the end of it.

use alloc::vec::Vec;

use crate::core::{
    base::list::{LinkTable, List},
    tasks::priority::Priority,
};

/// How many tasks of a more urgent class may overtake a waiting class before that class is served once.
/// Without a bound a steady stream of urgent tasks would starve the rest.
pub const PATIENCE: u32 = 16;

/// Waiting slots: the most urgent class first, first come first served within a class, and no class is
/// overtaken more than [`PATIENCE`] times in a row.
#[derive(Debug, Default)]
pub struct FairQueue {
    classes: [List; 3],
    overtaken: [u32; 3],
    len: u32,
    /// The last slot of each class that was put back: such slots stand at its head, in the order of their turns.
    returned: [Option<u32>; 3],
    /// By slot: its turn among those that were taken out to be put back perhaps.
    turns: Vec<u32>,
    turn: u32,
}

impl FairQueue {
    /// How many wait.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a slot at the end of its class.
    pub fn push(&mut self, table: &mut LinkTable, slot: u32, priority: Priority) {
        self.classes[priority as usize].push(table, slot);
        self.len += 1;
    }

    /// Takes out whose turn it is; it may be [put back](Self::put_back).
    pub fn take(&mut self, table: &mut LinkTable) -> Option<u32> {
        let (slot, _, had_come_back) = self.pop_next(table)?;
        if !had_come_back {
            let index = slot as usize;
            if index >= self.turns.len() {
                self.turns.resize(index + 1, 0);
            }
            self.turn = self.turn.wrapping_add(1);
            self.turns[index] = self.turn;
        }
        Some(slot)
    }

    /// Puts a slot that was taken back to the head of its class, in front of which it was: in whatever order several of them come back, they stand
    /// as they stood. Constant time for those that come in that order.
    pub fn put_back(&mut self, table: &mut LinkTable, slot: u32, priority: Priority) {
        let class = priority as usize;
        let comes_after = |other: &u32| {
            let turns = self.turns[*other as usize].wrapping_sub(self.turns[slot as usize]);
            turns < u32::MAX / 2
        };
        let last = self.returned[class];
        let mut place = last;
        while let Some(other) = place.filter(comes_after) {
            place = table.before(other);
        }
        self.classes[class].insert_after(table, slot, place);
        if place == last {
            self.returned[class] = Some(slot);
        }
        self.len += 1;
    }

    /// Takes a waiting slot out of the line. The priority must be the one it was pushed with.
    pub fn remove(&mut self, table: &mut LinkTable, slot: u32, priority: Priority) {
        self.leaves(table, slot, priority as usize);
        self.classes[priority as usize].remove(table, slot);
        self.len -= 1;
    }

    /// Whose turn it is, and how often its class has been overtaken in a row until now.
    pub fn pop(&mut self, table: &mut LinkTable) -> Option<(u32, u32)> {
        self.pop_next(table).map(|(slot, overtaken, _)| (slot, overtaken))
    }

    /// The same, and whether it had been put back.
    fn pop_next(&mut self, table: &mut LinkTable) -> Option<(u32, u32, bool)> {
        let waiting = |class: &usize| self.classes[*class].first().is_some();
        // The least urgent first: what goes before it would overtake it once more, and it overtakes nobody.
        let impatient = (0..3).rev().filter(waiting).find(|class| self.overtaken[*class] >= PATIENCE);
        let class = impatient.or_else(|| (0..3).find(waiting))?;
        for later in class + 1..3 {
            if self.classes[later].first().is_some() {
                self.overtaken[later] += 1;
            }
        }
        let overtaken = core::mem::take(&mut self.overtaken[class]);
        self.len -= 1;
        let had_come_back = self.returned[class].is_some();
        let slot = self.classes[class].first()?;
        self.leaves(table, slot, class);
        self.classes[class].pop(table).map(|slot| (slot, overtaken, had_come_back))
    }

    fn leaves(&mut self, table: &LinkTable, slot: u32, class: usize) {
        if self.returned[class] == Some(slot) {
            self.returned[class] = table.before(slot);
        }
    }
}

/// Slots that have their places and wait for the platform's scheduler to begin them, by class.
///
/// The scheduler may be long in coming: tasks that start in microtasks go ahead of it, and so do its own more urgent classes. So
/// here too it is bounded how often a class is overtaken.
#[derive(Debug, Default)]
pub struct PostedQueue {
    classes: [List; 3],
    overtaken: [u32; 3],
    len: u32,
}

impl PostedQueue {
    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A slot is given to the platform's scheduler. Before that its class has been `overtaken` so often in a row in the line.
    pub fn push(&mut self, table: &mut LinkTable, slot: u32, priority: Priority, overtaken: u32) {
        let class = priority as usize;
        if self.classes[class].first().is_none() {
            self.overtaken[class] = overtaken;
        }
        self.classes[class].push(table, slot);
        self.len += 1;
    }

    /// A slot begins, or never will. The priority must be the one it was pushed with.
    pub fn remove(&mut self, table: &mut LinkTable, slot: u32, priority: Priority) {
        self.classes[priority as usize].remove(table, slot);
        self.overtaken[priority as usize] = 0;
        self.len -= 1;
    }

    /// A task of this class is about to start, at once or through the scheduler. Gives the slots that have to start at once before it, by
    /// class; the caller removes them.
    pub fn overtake(&mut self, priority: Priority, at_once: bool) -> [Option<u32>; 3] {
        let own = priority as usize;
        // The scheduler keeps the order within a class, and takes no less urgent one first.
        let overtaken = if at_once { 0 } else { own + 1 };
        let mut due = [None; 3];
        for (class, due) in due.iter_mut().enumerate().skip(overtaken) {
            let Some(first) = self.classes[class].first() else { continue };
            self.overtaken[class] += 1;
            if class < own || self.overtaken[class] > PATIENCE {
                *due = Some(first);
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(queue: &mut FairQueue, table: &mut LinkTable) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop(table)).map(|(slot, _)| slot).collect()
    }

    #[test]
    fn the_urgent_go_first_and_each_class_keeps_its_order() {
        let (mut queue, mut table) = (FairQueue::default(), LinkTable::default());
        for (slot, priority) in [
            (0, Priority::Background),
            (1, Priority::UserVisible),
            (2, Priority::UserBlocking),
            (3, Priority::UserVisible),
            (4, Priority::UserBlocking),
        ] {
            queue.push(&mut table, slot, priority);
        }
        assert_eq!(queue.len(), 5);
        assert_eq!(drain(&mut queue, &mut table), [2, 4, 1, 3, 0]);
        assert!(queue.is_empty());
    }

    #[test]
    fn a_stream_of_urgent_tasks_does_not_starve_the_rest() {
        let (mut queue, mut table) = (FairQueue::default(), LinkTable::default());
        queue.push(&mut table, 1000, Priority::Background);
        queue.push(&mut table, 1001, Priority::UserVisible);
        let mut served = Vec::new();
        for slot in 0..100 {
            queue.push(&mut table, slot, Priority::UserBlocking);
            served.extend(queue.pop(&mut table).map(|(slot, _)| slot));
        }
        let place = |slot| served.iter().position(|s| *s == slot).expect("served");
        assert!(place(1001) <= PATIENCE as usize + 1);
        assert!(place(1000) <= 2 * PATIENCE as usize + 2);
    }

    #[test]
    fn those_that_are_put_back_stand_as_they_stood_whatever_the_order_in_which_they_come() {
        let (mut queue, mut table) = (FairQueue::default(), LinkTable::default());
        for slot in 0..9 {
            queue.push(&mut table, slot, Priority::UserVisible);
        }
        for _ in 0..7 {
            queue.take(&mut table);
        }
        for slot in [3, 4, 1, 6, 2, 5] {
            queue.put_back(&mut table, slot, Priority::UserVisible);
        }
        queue.remove(&mut table, 6, Priority::UserVisible); // the last of them
        queue.push(&mut table, 9, Priority::UserVisible);
        assert_eq!(queue.take(&mut table), Some(1));
        queue.put_back(&mut table, 0, Priority::UserVisible);
        queue.put_back(&mut table, 1, Priority::UserVisible);
        assert_eq!(queue.len(), 9);
        assert_eq!(drain(&mut queue, &mut table), [0, 1, 2, 3, 4, 5, 7, 8, 9]);
    }

    #[test]
    fn one_that_leaves_the_line_is_not_served() {
        let (mut queue, mut table) = (FairQueue::default(), LinkTable::default());
        for slot in 0..4 {
            queue.push(&mut table, slot, Priority::UserVisible);
        }
        queue.remove(&mut table, 1, Priority::UserVisible);
        assert_eq!(drain(&mut queue, &mut table), [0, 2, 3]);
    }
}
