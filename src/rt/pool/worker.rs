//! One worker, as the host sees it.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
};

use super::{
    call::Call,
    host::Host,
    port::{CallFrame, Listener, Port, Said, ToWorker},
};
use crate::core::pool::WorkerId;

/// Of how many frames it is remembered what was in them, in case the worker can't read one.
const REMEMBERED: usize = 64;

pub(super) struct Worker<V: 'static> {
    pub id: WorkerId,
    host: Weak<Host<V>>,
    /// None before it is made; it ends when this is dropped.
    port: RefCell<Option<Rc<dyn Port<V>>>>,
    /// Its jobs by name; none until it is ready.
    jobs: RefCell<Option<BTreeMap<String, u32>>>,
    /// The calls that it has not answered, by number.
    calls: RefCell<BTreeMap<u32, Rc<Call<V>>>>,
    /// The calls that go out at the end of this turn.
    outgoing: RefCell<Vec<CallFrame<V>>>,
    /// The sequence number of the next frame.
    sequence: Cell<u32>,
    /// That of the last one that has come.
    heard: Cell<u32>,
    /// The latest frames with calls: their sequence numbers, and the first and last calls in them.
    frames: RefCell<VecDeque<(u32, u32, u32)>>,
}

impl<V: Clone> Worker<V> {
    pub fn new(id: WorkerId, host: Weak<Host<V>>) -> Self {
        Self {
            id,
            host,
            port: RefCell::default(),
            jobs: RefCell::default(),
            calls: RefCell::default(),
            outgoing: RefCell::default(),
            sequence: Cell::new(0),
            heard: Cell::new(u32::MAX),
            frames: RefCell::default(),
        }
    }

    pub fn set_port(&self, port: Rc<dyn Port<V>>) {
        self.port.replace(Some(port));
    }

    pub fn is_ready(&self) -> bool {
        self.jobs.borrow().is_some()
    }

    pub fn becomes_ready(&self, jobs: Vec<String>) {
        self.jobs.replace(Some((0..).zip(jobs).map(|(index, name)| (name, index)).collect()));
        self.post(&ToWorker::Hello);
    }

    /// The job's number in this worker.
    pub fn job(&self, name: &str) -> Option<u32> {
        self.jobs.borrow().as_ref()?.get(name).copied()
    }

    /// Notes a call, and adds it to the frame of this turn.
    pub fn add(&self, call: Rc<Call<V>>, frame: CallFrame<V>) {
        self.calls.borrow_mut().insert(frame.number, call);
        self.outgoing.borrow_mut().push(frame);
    }

    /// Takes a call out of that frame again.
    pub fn unsend(&self, number: u32) {
        let unsent: Vec<_> =
            self.outgoing.borrow_mut().extract_if(.., |frame| frame.number == number).collect();
        drop(unsent);
    }

    /// Sends that frame. Returns the calls that can't be sent, with the reason.
    pub fn send(&self) -> Vec<(u32, String)> {
        let frames = self.outgoing.take();
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else { return Vec::new() };
        let numbers = (first.number, last.number);
        let frame = ToWorker::Calls(frames);
        let Err(reason) = self.try_post(&frame) else {
            self.remember(numbers);
            return Vec::new();
        };
        let ToWorker::Calls(frames) = frame else { return Vec::new() };
        if frames.len() == 1 {
            return vec![(numbers.0, reason)];
        }
        // One of several can't be sent: the others must not suffer.
        let mut refused = Vec::new();
        for frame in frames {
            let number = frame.number;
            match self.try_post(&ToWorker::Calls(vec![frame])) {
                Ok(()) => self.remember((number, number)),
                Err(reason) => refused.push((number, reason)),
            }
        }
        refused
    }

    /// Which calls were in the frame that was sent last.
    fn remember(&self, (first, last): (u32, u32)) {
        let mut frames = self.frames.borrow_mut();
        frames.push_back((self.sequence.get().wrapping_sub(1), first, last));
        if frames.len() > REMEMBERED {
            frames.pop_front();
        }
    }

    /// The calls that were in the frame after this one.
    pub fn unread(&self, sequence: u32) -> Vec<u32> {
        let frames = self.frames.borrow();
        let range = frames.iter().find(|(number, ..)| *number == sequence.wrapping_add(1));
        let Some((_, first, last)) = range else { return Vec::new() };
        self.calls.borrow().range(first..=last).map(|(number, _)| *number).collect()
    }

    /// Sends a frame of plain numbers.
    pub fn post(&self, frame: &ToWorker<V>) {
        // Only values of callers can be such that they can't be sent.
        let _ = self.try_post(frame);
    }

    fn try_post(&self, frame: &ToWorker<V>) -> Result<(), String> {
        let port = self.port.borrow().clone();
        let Some(port) = port else { return Ok(()) };
        port.post(self.sequence.get(), frame)?;
        self.sequence.set(self.sequence.get().wrapping_add(1));
        Ok(())
    }

    pub fn hears(&self, sequence: u32) {
        self.heard.set(sequence);
    }

    /// The last frame that could be read.
    pub fn heard(&self) -> u32 {
        self.heard.get()
    }

    pub fn last_started(&self) -> Option<u32> {
        let port = self.port.borrow().clone();
        port?.last_started()
    }

    pub fn call(&self, number: u32) -> Option<Rc<Call<V>>> {
        self.calls.borrow().get(&number).cloned()
    }

    pub fn forget(&self, number: u32) {
        let forgotten = self.calls.borrow_mut().remove(&number);
        drop(forgotten);
    }

    /// It is over.
    pub fn end(&self) {
        let port = self.port.take();
        drop(port);
        for (number, call) in self.calls.take() {
            if call.is_at(self.id, number) {
                call.leave();
            }
        }
    }
}

impl<V: Clone> Listener<V> for Worker<V> {
    fn hear(self: Rc<Self>, said: Said<V>) {
        if let Some(host) = self.host.upgrade() {
            host.hear(&self, said);
        }
    }
}
