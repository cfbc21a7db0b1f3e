//! The line in front of a manager's places: by priority, fair to the end of it.

use super::{
    list::{LinkTable, List},
    priority::Priority,
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

    /// Puts a slot at the head of its class.
    pub fn push_front(&mut self, table: &mut LinkTable, slot: u32, priority: Priority) {
        self.classes[priority as usize].push_front(table, slot);
        self.len += 1;
    }

    /// Takes a waiting slot out of the line. The priority must be the one it was pushed with.
    pub fn remove(&mut self, table: &mut LinkTable, slot: u32, priority: Priority) {
        self.classes[priority as usize].remove(table, slot);
        self.len -= 1;
    }

    /// Whose turn it is.
    pub fn pop(&mut self, table: &mut LinkTable) -> Option<u32> {
        let waiting = |class: &usize| self.classes[*class].first().is_some();
        let impatient = (0..3).filter(waiting).find(|class| self.overtaken[*class] >= PATIENCE);
        let class = impatient.or_else(|| (0..3).find(waiting))?;
        for later in class + 1..3 {
            if self.classes[later].first().is_some() {
                self.overtaken[later] += 1;
            }
        }
        self.overtaken[class] = 0;
        self.len -= 1;
        self.classes[class].pop(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(queue: &mut FairQueue, table: &mut LinkTable) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop(table)).collect()
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
            served.extend(queue.pop(&mut table));
        }
        let place = |slot| served.iter().position(|s| *s == slot).expect("served");
        assert!(place(1001) <= PATIENCE as usize + 1);
        assert!(place(1000) <= 2 * PATIENCE as usize + 2);
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
