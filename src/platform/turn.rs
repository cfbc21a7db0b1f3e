//! A turn of the event loop.

use std::{cell::RefCell, collections::VecDeque, fmt, rc::Rc};

use futures::{channel::oneshot, future::LocalBoxFuture};
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::{core::tasks::priority::Priority, rt::Turn};

#[wasm_bindgen]
extern "C" {
    type Scheduler;
    #[wasm_bindgen(method, js_name = postTask)]
    fn post_task(this: &Scheduler, callback: &JsValue, options: &Object) -> Promise;

    type MessageChannel;
    #[wasm_bindgen(constructor)]
    fn new() -> MessageChannel;
    #[wasm_bindgen(method, getter)]
    fn port1(this: &MessageChannel) -> MessagePort;
    #[wasm_bindgen(method, getter)]
    fn port2(this: &MessageChannel) -> MessagePort;

    type MessagePort;
    #[wasm_bindgen(method, setter, js_name = onmessage)]
    fn set_onmessage(this: &MessagePort, handler: &JsValue);
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &MessagePort, message: f64);
    #[wasm_bindgen(method)]
    fn close(this: &MessagePort);
}

/// Turns by [`scheduler.postTask`](https://developer.mozilla.org/docs/Web/API/Scheduler/postTask) where there is one, else by a
/// message, whatever the priority.
///
/// Not by `scheduler.yield`: in Chromium what follows it goes ahead of every ordinary task, so a job that yields in a
/// loop would starve timers. Not by a timer: those are held back for 4 ms when nested.
#[derive(Debug)]
pub enum PlatformTurn {
    /// Where there is the Prioritized Task Scheduling API.
    Posted(PostedTurn),
    /// Everywhere else.
    Message(MessageTurn),
}

impl Default for PlatformTurn {
    fn default() -> Self {
        let scheduler = Reflect::get(&js_sys::global(), &"scheduler".into()).unwrap_or_default();
        let posts = scheduler.is_object()
            && Reflect::get(&scheduler, &"postTask".into()).is_ok_and(|post| post.is_function());
        if posts {
            Self::Posted(PostedTurn::new(scheduler.unchecked_into()))
        } else {
            Self::Message(MessageTurn::default())
        }
    }
}

impl Turn for PlatformTurn {
    fn turn(&self, priority: Option<Priority>) -> LocalBoxFuture<'static, ()> {
        match self {
            Self::Posted(turn) => turn.turn(priority),
            Self::Message(turn) => turn.turn(priority),
        }
    }
}

/// A turn of the platform's scheduler.
pub struct PostedTurn {
    scheduler: Scheduler,
    nothing: Closure<dyn Fn()>,
    /// By priority.
    options: [Object; 3],
}

impl PostedTurn {
    fn new(scheduler: Scheduler) -> Self {
        let options = Priority::ALL.map(|priority| {
            let options = Object::new();
            // It can't fail: the object is fresh and plain.
            let _ = Reflect::set(&options, &"priority".into(), &priority.name().into());
            options
        });
        Self { scheduler, nothing: Closure::new(|| ()), options }
    }
}

impl Turn for PostedTurn {
    fn turn(&self, priority: Option<Priority>) -> LocalBoxFuture<'static, ()> {
        let options = &self.options[priority.unwrap_or_default() as usize];
        let posted = JsFuture::from(self.scheduler.post_task(self.nothing.as_ref(), options));
        Box::pin(async move {
            // It has no signal that could abort it.
            let _ = posted.await;
        })
    }
}

/// A turn by a message to ourselves.
///
/// The port listens only while somebody waits: in Node.js, Bun and Deno a port that listens keeps the process alive.
pub struct MessageTurn {
    channel: Rc<Channel>,
    on_message: Closure<dyn Fn()>,
}

struct Channel {
    listening: MessagePort,
    sending: MessagePort,
    waiting: RefCell<VecDeque<oneshot::Sender<()>>>,
}

impl Channel {
    /// A message has come.
    fn received(&self) {
        let (next, is_last) = {
            let mut waiting = self.waiting.borrow_mut();
            (waiting.pop_front(), waiting.is_empty())
        };
        if is_last {
            self.listening.set_onmessage(&JsValue::NULL);
        }
        if let Some(next) = next {
            let _ = next.send(()); // whoever waited may have been dropped
        }
    }
}

impl Default for MessageTurn {
    fn default() -> Self {
        let ports = MessageChannel::new();
        let channel = Rc::new(Channel {
            listening: ports.port1(),
            sending: ports.port2(),
            waiting: RefCell::default(),
        });
        let receiver = channel.clone();
        Self { channel, on_message: Closure::new(move || receiver.received()) }
    }
}

impl Turn for MessageTurn {
    fn turn(&self, _: Option<Priority>) -> LocalBoxFuture<'static, ()> {
        let (sender, receiver) = oneshot::channel();
        let is_first = {
            let mut waiting = self.channel.waiting.borrow_mut();
            waiting.push_back(sender);
            waiting.len() == 1
        };
        if is_first {
            self.channel.listening.set_onmessage(self.on_message.as_ref());
        }
        self.channel.sending.post_message(0.0);
        Box::pin(async move {
            // An error says that this runtime is gone, and the task with it.
            let _ = receiver.await;
        })
    }
}

impl Drop for MessageTurn {
    /// An open port would keep its worker alive.
    fn drop(&mut self) {
        self.channel.listening.close();
    }
}

impl fmt::Debug for PostedTurn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostedTurn").finish_non_exhaustive()
    }
}

impl fmt::Debug for MessageTurn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageTurn").finish_non_exhaustive()
    }
}
