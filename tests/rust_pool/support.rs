//! Workers that say what a test has them say.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Duration,
};

use futures::{FutureExt, future::LocalBoxFuture};
use taskloom::{
    Task,
    core::pool::PoolOptions,
    rt::{
        ManualRuntime,
        pool::{
            CallBuilder, CallFrame, Decoder, Entry, Events, FromWorker, JobError, Port, Said, ToWorker,
            WorkerPool, Workers,
        },
    },
};

pub const MS: Duration = Duration::from_millis(1);
pub const SECOND: Duration = Duration::from_secs(1);

/// Values are numbers; one that is too large can't be sent, a negative one can't be read.
pub type Value = i64;
pub const UNSENDABLE: Value = 1_000_000;

pub type Call = Task<Value, Value, JobError<Value>>;

pub const DECODER: Decoder<Value, Value, Value, Value> = Decoder {
    result: |value| if value < 0 { Err("negative".to_owned()) } else { Ok(value) },
    progress: |value| (value >= 0).then_some(value),
    error: JobError::Failed,
};

/// All workers that were made, in the order in which they were.
#[derive(Clone, Default)]
pub struct Platform(Rc<RefCell<Vec<Rc<FakeWorker>>>>);

pub struct FakeWorker {
    events: Events<Value>,
    frames: RefCell<VecDeque<(u32, ToWorker<Value>)>>,
    sequence: Cell<u32>,
    pub last_started: Cell<Option<u32>>,
    pub is_over: Cell<bool>,
}

struct FakePort(Rc<FakeWorker>);

impl Workers<Value> for Platform {
    fn start(&self, events: Events<Value>) -> Box<dyn Port<Value>> {
        let worker = Rc::new(FakeWorker {
            events,
            frames: RefCell::default(),
            sequence: Cell::new(0),
            last_started: Cell::new(None),
            is_over: Cell::new(false),
        });
        self.0.borrow_mut().push(worker.clone());
        Box::new(FakePort(worker))
    }

    fn after_messages(&self) -> LocalBoxFuture<'static, ()> {
        async {}.boxed_local()
    }
}

impl Port<Value> for FakePort {
    fn post(&self, sequence: u32, frame: &ToWorker<Value>) -> Result<(), String> {
        if let ToWorker::Calls(calls) = frame
            && calls.iter().any(|call| call.args >= UNSENDABLE)
        {
            return Err("too large".to_owned());
        }
        self.0.frames.borrow_mut().push_back((sequence, frame.clone()));
        Ok(())
    }

    fn last_started(&self) -> Option<u32> {
        self.0.last_started.get()
    }
}

impl Drop for FakePort {
    fn drop(&mut self) {
        self.0.is_over.set(true);
    }
}

impl Platform {
    /// The worker that was made as this one in turn.
    pub fn worker(&self, index: usize) -> Rc<FakeWorker> {
        self.0.borrow()[index].clone()
    }

    pub fn made(&self) -> usize {
        self.0.borrow().len()
    }

    /// How many have not ended.
    pub fn living(&self) -> usize {
        self.0.borrow().iter().filter(|worker| !worker.is_over.get()).count()
    }
}

impl FakeWorker {
    pub fn say(&self, frame: FromWorker<Value>) {
        let sequence = self.sequence.replace(self.sequence.get() + 1);
        self.events.tell(Said::Frame(sequence, frame));
    }

    pub fn says(&self, number: u32, entry: Entry<Value>) {
        self.say(FromWorker::Results(vec![(number, entry)]));
    }

    pub fn tell(&self, said: Said<Value>) {
        self.events.tell(said);
    }

    pub fn ready(&self) {
        self.say(FromWorker::Ready { watched: true, jobs: vec!["double".to_owned(), "fail".to_owned()] });
        assert_eq!(self.frame(), ToWorker::Hello);
    }

    /// The next frame that it was sent, but for pings.
    pub fn frame(&self) -> ToWorker<Value> {
        loop {
            let (_, frame) = self.frames.borrow_mut().pop_front().expect("a frame was sent");
            if frame != ToWorker::Ping {
                return frame;
            }
        }
    }

    /// The calls of the next frame.
    pub fn calls(&self) -> Vec<CallFrame<Value>> {
        match self.frame() {
            ToWorker::Calls(calls) => calls,
            frame => panic!("no calls, but {frame:?}"),
        }
    }

    pub fn heard_all(&self) -> bool {
        self.frames.borrow().is_empty()
    }
}

pub struct Scene {
    pub manual: ManualRuntime,
    pub platform: Platform,
    pub pool: WorkerPool<Value>,
}

impl Scene {
    pub fn new(options: PoolOptions) -> Self {
        Self::bounded(options, u32::MAX)
    }

    pub fn bounded(options: PoolOptions, max_queue: u32) -> Self {
        let manual = ManualRuntime::default();
        let platform = Platform::default();
        let pool = WorkerPool::new(manual.runtime(), platform.clone(), options, max_queue).unwrap();
        Self { manual, platform, pool }
    }

    /// A pool whose one worker is ready.
    pub fn ready() -> Self {
        let mut scene = Self::new(PoolOptions { min_workers: 1, ..PoolOptions::default() });
        scene.turn();
        scene.platform.worker(0).ready();
        scene.turn();
        scene
    }

    pub fn call(&self, job: &str) -> CallBuilder<Value, Value, Value, Value> {
        self.pool.call(job, DECODER)
    }

    pub fn double(&self, number: Value) -> Call {
        self.call("double").run(number)
    }

    pub fn turn(&mut self) {
        self.manual.run_until_stalled();
    }
}
