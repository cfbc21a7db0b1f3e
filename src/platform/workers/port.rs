//! Frames to and from a web worker: see [`protocol`].

use futures::future::LocalBoxFuture;
use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::snippets::Port as JsPort;
use crate::{
    core::pool::protocol,
    platform::turn::MessageTurn,
    rt::{
        Turn,
        pool::{Entry, Events, FromWorker, Port, Said, StartError, ToWorker, Workers},
    },
};

/// The fields that come before those of a frame's own.
const HEADER: u32 = 4;
/// The fields of an entry of `RESULTS`.
const FIELDS: u32 = 4;

/// Web workers, made by a function of JavaScript.
pub(super) struct WebWorkers {
    create: Closure<dyn Fn() -> Result<JsValue, JsValue>>,
    turn: MessageTurn,
}

impl WebWorkers {
    pub fn new(create: impl Fn() -> Result<JsValue, JsValue> + 'static) -> Self {
        Self { create: Closure::new(create), turn: MessageTurn::default() }
    }
}

impl Workers<JsValue> for WebWorkers {
    fn start(&self, events: Events<JsValue>) -> Box<dyn Port<JsValue>> {
        let tell = Closure::<dyn Fn(String, JsValue)>::new(move |what: String, value: JsValue| {
            let said = match what.as_str() {
                "frame" => read(&value.unchecked_into()),
                "unreadable" => Some(Said::Unreadable),
                "gone" => Some(Said::Gone),
                "version" => Some(Said::NotStarted(StartError::Version(number(&value)))),
                _ => Some(Said::NotStarted(StartError::Load(value.as_string().unwrap_or_default()))),
            };
            if let Some(said) = said {
                events.tell(said);
            }
        });
        let create: &Function = self.create.as_ref().unchecked_ref();
        Box::new(WebPort { port: JsPort::new(create, tell.as_ref()), _tell: tell })
    }

    fn after_messages(&self) -> LocalBoxFuture<'static, ()> {
        self.turn.turn(None)
    }
}

struct WebPort {
    port: JsPort,
    _tell: Closure<dyn Fn(String, JsValue)>,
}

impl Port<JsValue> for WebPort {
    fn post(&self, sequence: u32, frame: &ToWorker<JsValue>) -> Result<(), String> {
        let (kind, fields) = match frame {
            ToWorker::Hello => (protocol::HELLO, self.port.hello()),
            ToWorker::Calls(calls) => {
                let fields = Array::new();
                for call in calls {
                    fields.push(&call.number.into());
                    fields.push(&call.flags.into());
                    fields.push(&call.job.into());
                    fields.push(&Array::of1(&call.args));
                }
                (protocol::CALLS, fields)
            }
            ToWorker::Cancel(number) => {
                self.port.flag(*number);
                (protocol::CANCEL, Array::of1(&(*number).into()))
            }
            ToWorker::Withdraw(from) => (protocol::WITHDRAW, Array::of1(&(*from).into())),
            ToWorker::Ping => (protocol::PING, Array::new()),
            ToWorker::Unreadable(after) => (protocol::TO_WORKER_UNREADABLE, Array::of1(&(*after).into())),
        };
        self.port.post(kind, sequence, &fields).map_err(|error| {
            let error = String::from(js_sys::Object::from(error).to_string());
            format!("the argument can't be sent to a worker: {error}")
        })
    }

    fn last_started(&self) -> Option<u32> {
        self.port.last_started()
    }
}

impl Drop for WebPort {
    fn drop(&mut self) {
        self.port.terminate();
    }
}

/// A frame of this version, from a worker; none if it is of no known kind.
fn read(frame: &Array) -> Option<Said<JsValue>> {
    let field = |index: u32| frame.get(index);
    let read = match number(&field(2)) {
        protocol::READY => FromWorker::Ready {
            watched: !field(HEADER).is_null(),
            jobs: Array::from(&field(HEADER + 1)).iter().filter_map(|name| name.as_string()).collect(),
        },
        protocol::RESULTS => {
            let places = (HEADER..frame.length()).step_by(FIELDS as usize);
            FromWorker::Results(places.filter_map(|place| read_entry(field, place)).collect())
        }
        protocol::PONG => FromWorker::Pong,
        protocol::CLOSING => FromWorker::Closing,
        protocol::TO_PAGE_UNREADABLE => FromWorker::Unreadable(number(&field(HEADER))),
        _ => return None,
    };
    Some(Said::Frame(number(&field(3)), read))
}

fn read_entry(field: impl Fn(u32) -> JsValue, place: u32) -> Option<(u32, Entry<JsValue>)> {
    let value = || field(place + 2);
    #[allow(clippy::cast_possible_truncation)] // how long it took, about
    let micros = || field(place + 3).as_f64().unwrap_or(f64::NAN) as f32;
    let entry = match number(&field(place)) {
        protocol::STARTED => Entry::Started,
        protocol::PROGRESS => Entry::Progress(value()),
        protocol::DONE => Entry::Done(value(), micros()),
        protocol::FAILED => Entry::Failed(value(), micros()),
        protocol::WITHDRAWN => Entry::Withdrawn,
        _ => return None,
    };
    Some((number(&field(place + 1)), entry))
}

/// A whole number; the sequence number before the first is -1.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // numbers of the protocol have 32 bits
fn number(value: &JsValue) -> u32 {
    value.as_f64().unwrap_or(f64::NAN) as i64 as u32
}
