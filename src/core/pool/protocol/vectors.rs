//! Conversations between a page and a worker, as data: what any worker's side of the [protocol](super) must pass.
//!
//! The worker exposes these jobs, in this order:
//!
//! | job | what it does |
//! |---|---|
//! | `echo` | returns its argument |
//! | `fail` | throws a `RangeError` with its argument as message, and an own property `code` of 7 |
//! | `throw` | throws its argument |
//! | `attempt` | returns the number of the attempt |
//! | `report` | reports each element of its argument as progress, and returns how many there were |
//! | `generate` | a generator that yields each element of its argument, and returns how many there were |
//! | `wait` | ends when its call is cancelled, by throwing the reason |
//! | `function` | returns a function, which can't be cloned |
//! | `close` | closes the worker, and never returns |
//!
//! A worker may put entries together into one frame as it likes, so what is expected has a frame for each. It may also announce a call
//! without the flag `MARKED`, depending on the time that has passed: such an entry is to be passed over. The sequence
//! numbers of what it says must count from 0 without a gap.

use super::{
    ATTEMPT_SHIFT, CALLS, CANCEL, CLOSING, DONE, FAILED, HELLO, MAGIC, MARKED, PING, PONG, PROGRESS, READY,
    RESULTS, STARTED, TO_WORKER_UNREADABLE, VERSION, WITHDRAW, WITHDRAWN,
};

/// A value in a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `undefined`
    Undefined,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(u32),
    /// A string.
    Text(&'static str),
    /// An array.
    List(Vec<Value>),
    /// An object with these properties.
    Record(Vec<(&'static str, Value)>),
    /// Stands for any value; says what it is.
    Any(&'static str),
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The page sends this.
    Send(Value),
    /// The worker says this next, unless it is an entry `STARTED` of a call without the flag.
    Expect(Value),
}

/// A conversation with a fresh worker.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// What it shows.
    pub name: &'static str,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// The jobs that the worker exposes.
pub const JOBS: [&str; 9] =
    ["echo", "fail", "throw", "attempt", "report", "generate", "wait", "function", "close"];

const ECHO: u32 = 0;
const FAIL: u32 = 1;
const THROW: u32 = 2;
const ATTEMPT: u32 = 3;
const REPORT: u32 = 4;
const GENERATE: u32 = 5;
const WAIT: u32 = 6;
const FUNCTION: u32 = 7;
const CLOSE: u32 = 8;

const FIRST_ATTEMPT: u32 = 1 << ATTEMPT_SHIFT;

/// Writes a conversation down; it begins with `READY` and `HELLO`.
struct Talk {
    name: &'static str,
    steps: Vec<Step>,
    sequence: u32,
    calls: u32,
}

impl Talk {
    fn new(name: &'static str) -> Self {
        let names = JOBS.iter().map(|name| Value::Text(name)).collect();
        Self { name, steps: Vec::new(), sequence: 0, calls: 0 }
            .hears(READY, vec![Value::Any("the name of a lock, or null"), Value::List(names)])
            .says(HELLO, vec![Value::Null, Value::Bool(false)])
    }

    fn says(mut self, kind: u32, fields: Vec<Value>) -> Self {
        let sequence = Value::Number(self.sequence);
        self.sequence += 1;
        self.steps.push(Step::Send(frame(kind, sequence, fields)));
        self
    }

    /// One frame with these calls: flags, job, and the only argument.
    fn calls(mut self, calls: Vec<(u32, u32, Value)>) -> Self {
        let mut fields = Vec::new();
        for (flags, job, argument) in calls {
            fields.extend([
                Value::Number(self.calls),
                Value::Number(flags),
                Value::Number(job),
                Value::List(vec![argument]),
            ]);
            self.calls += 1;
        }
        self.says(CALLS, fields)
    }

    fn call(self, job: u32, argument: Value) -> Self {
        self.calls(vec![(FIRST_ATTEMPT, job, argument)])
    }

    fn marked(self, job: u32, argument: Value) -> Self {
        self.calls(vec![(FIRST_ATTEMPT | MARKED, job, argument)])
    }

    /// Something that is no frame of ours.
    fn says_foreign(mut self, message: Value) -> Self {
        self.steps.push(Step::Send(message));
        self
    }

    fn hears(mut self, kind: u32, fields: Vec<Value>) -> Self {
        self.steps.push(Step::Expect(frame(kind, Value::Any("a sequence number"), fields)));
        self
    }

    fn entry(self, kind: u32, number: u32, value: Value) -> Self {
        self.hears(
            RESULTS,
            vec![Value::Number(kind), Value::Number(number), value, Value::Any("microseconds")],
        )
    }

    fn started(self, number: u32) -> Self {
        self.entry(STARTED, number, Value::Undefined)
    }

    fn done(self, number: u32, value: Value) -> Self {
        self.entry(DONE, number, value)
    }

    /// Nothing else has been said by now.
    fn silence(self) -> Self {
        self.says(PING, vec![]).hears(PONG, vec![])
    }

    fn end(self) -> Vector {
        let Self { name, steps, .. } = self.silence();
        Vector { name, steps }
    }
}

fn frame(kind: u32, sequence: Value, fields: Vec<Value>) -> Value {
    let mut values = vec![Value::Number(MAGIC), Value::Number(VERSION), Value::Number(kind), sequence];
    values.extend(fields);
    Value::List(values)
}

fn text(text: &'static str) -> Value {
    Value::Text(text)
}

fn thrown(value: Value) -> Value {
    Value::Record(vec![("value", value)])
}

fn list(values: &[u32]) -> Value {
    Value::List(values.iter().map(|&value| Value::Number(value)).collect())
}

fn error(name: &'static str, kind: &'static str, message: Value, code: Value) -> Value {
    Value::Record(vec![
        ("name", Value::Text(name)),
        ("message", message),
        ("stack", Value::Any("a stack")),
        ("own", Value::Record(vec![("code", code)])),
        ("dom", Value::Bool(false)),
        ("kind", Value::Text(kind)),
        ("final", Value::Bool(false)),
    ])
}

/// The error of a value that could not cross; it may have a cause.
fn not_serializable() -> Value {
    Value::Any("an error with the code not-serializable")
}

/// All conversations.
pub fn vectors() -> Vec<Vector> {
    let mut all = answering();
    all.extend(cancelling());
    all.extend(odd_ones());
    all
}

fn answering() -> Vec<Vector> {
    vec![
        Talk::new("a worker is ready, and gives a sign of life").silence().end(),
        Talk::new("a call is answered").call(ECHO, text("hello")).done(0, text("hello")).end(),
        Talk::new("calls of one frame are answered in their order")
            .calls((0..5).map(|i| (FIRST_ATTEMPT, ECHO, Value::Number(i))).collect())
            .done(0, Value::Number(0))
            .done(1, Value::Number(1))
            .done(2, Value::Number(2))
            .done(3, Value::Number(3))
            .done(4, Value::Number(4))
            .end(),
        Talk::new("the start of a marked call is announced")
            .marked(ECHO, Value::Null)
            .started(0)
            .done(0, Value::Null)
            .end(),
        Talk::new("a marked call between others is announced after the answers before it")
            .calls(vec![
                (FIRST_ATTEMPT, ECHO, text("a")),
                (FIRST_ATTEMPT | MARKED, ECHO, text("b")),
                (FIRST_ATTEMPT, ECHO, text("c")),
            ])
            .done(0, text("a"))
            .started(1)
            .done(1, text("b"))
            .done(2, text("c"))
            .end(),
        Talk::new("what is thrown is a record")
            .marked(FAIL, text("no"))
            .started(0)
            .entry(FAILED, 0, error("RangeError", "RangeError", text("no"), Value::Number(7)))
            .end(),
        Talk::new("what is no error is thrown as it is")
            .marked(THROW, text("a word"))
            .started(0)
            .entry(FAILED, 0, thrown(text("a word")))
            .end(),
        Talk::new("a failed call is no obstacle to the next")
            .calls(vec![(FIRST_ATTEMPT, THROW, Value::Number(1)), (FIRST_ATTEMPT, ECHO, Value::Number(2))])
            .entry(FAILED, 0, thrown(Value::Number(1)))
            .done(1, Value::Number(2))
            .end(),
        Talk::new("the number of the attempt stands left of the flags")
            .calls(vec![
                (3 << ATTEMPT_SHIFT, ATTEMPT, Value::Null),
                (4 << ATTEMPT_SHIFT | MARKED, ATTEMPT, Value::Null),
            ])
            .done(0, Value::Number(3))
            .started(1)
            .done(1, Value::Number(4))
            .end(),
        Talk::new("a call with progress is announced, and its values come before its answer")
            .marked(REPORT, list(&[5, 6]))
            .started(0)
            .entry(PROGRESS, 0, Value::Number(5))
            .entry(PROGRESS, 0, Value::Number(6))
            .done(0, Value::Number(2))
            .end(),
        Talk::new("what a generator yields is progress")
            .marked(GENERATE, list(&[7, 8, 9]))
            .started(0)
            .entry(PROGRESS, 0, Value::Number(7))
            .entry(PROGRESS, 0, Value::Number(8))
            .entry(PROGRESS, 0, Value::Number(9))
            .done(0, Value::Number(3))
            .end(),
    ]
}

fn cancelling() -> Vec<Vector> {
    vec![
        Talk::new("a cancelled call that runs is told the reason")
            .marked(WAIT, Value::Null)
            .started(0)
            .says(CANCEL, vec![Value::Number(0), thrown(text("enough"))])
            .entry(FAILED, 0, thrown(text("enough")))
            .end(),
        Talk::new("a cancelled call that waits is given back, and the one before it goes on")
            .calls(vec![(FIRST_ATTEMPT | MARKED, WAIT, Value::Null), (FIRST_ATTEMPT, ECHO, text("never"))])
            .started(0)
            .says(CANCEL, vec![Value::Number(1), thrown(Value::Null)])
            .entry(WITHDRAWN, 1, Value::Undefined)
            .silence()
            .says(CANCEL, vec![Value::Number(0), thrown(Value::Null)])
            .entry(FAILED, 0, thrown(Value::Null))
            .end(),
        Talk::new("what has not started is given back, and the rest goes on")
            .calls(vec![
                (FIRST_ATTEMPT | MARKED, WAIT, Value::Null),
                (FIRST_ATTEMPT, ECHO, text("stays")),
                (FIRST_ATTEMPT, ECHO, text("goes")),
                (FIRST_ATTEMPT | MARKED, ECHO, text("goes")),
            ])
            .started(0)
            .says(WITHDRAW, vec![Value::Number(2)])
            .entry(WITHDRAWN, 2, Value::Undefined)
            .entry(WITHDRAWN, 3, Value::Undefined)
            .says(CANCEL, vec![Value::Number(0), thrown(Value::Null)])
            .entry(FAILED, 0, thrown(Value::Null))
            .done(1, text("stays"))
            .end(),
        Talk::new("a cancel or a withdrawal that comes too late is passed over")
            .marked(ECHO, Value::Null)
            .started(0)
            .done(0, Value::Null)
            .says(CANCEL, vec![Value::Number(0), thrown(Value::Null)])
            .says(WITHDRAW, vec![Value::Number(0)])
            .silence()
            .call(ECHO, text("next"))
            .done(1, text("next"))
            .end(),
        Talk::new("a sign of life is given while a call waits for something")
            .marked(WAIT, Value::Null)
            .started(0)
            .silence()
            .silence()
            .says(CANCEL, vec![Value::Number(0), thrown(Value::Null)])
            .entry(FAILED, 0, thrown(Value::Null))
            .end(),
    ]
}

fn odd_ones() -> Vec<Vector> {
    let newer = Value::List(vec![
        Value::Number(MAGIC),
        Value::Number(VERSION + 1),
        Value::Number(PING),
        Value::Number(1),
    ]);
    vec![
        Talk::new("foreign messages, and frames of another version, are ignored")
            .says_foreign(text("hello"))
            .says_foreign(Value::Null)
            .says_foreign(list(&[]))
            .says_foreign(list(&[1, 2, 3, 4]))
            .says_foreign(Value::Record(vec![("kind", Value::Number(CALLS))]))
            .says_foreign(newer)
            .silence()
            .end(),
        Talk::new("a result that can't be sent is an error, and no obstacle to the next")
            .calls(vec![
                (FIRST_ATTEMPT | MARKED, FUNCTION, Value::Null),
                (FIRST_ATTEMPT | MARKED, ECHO, text("next")),
            ])
            .started(0)
            .entry(FAILED, 0, not_serializable())
            .started(1)
            .done(1, text("next"))
            .end(),
        Talk::new("an answer that the page could not read is given again, as an error")
            .marked(ECHO, text("too large"))
            .started(0) // READY is frame 0, this is 1
            .done(0, text("too large"))
            .says(TO_WORKER_UNREADABLE, vec![Value::Number(1)])
            .entry(FAILED, 0, not_serializable())
            .end(),
        Talk::new("a frame that could not be read and held no answer is passed over")
            .says(TO_WORKER_UNREADABLE, vec![Value::Number(40)])
            .silence()
            .end(),
        Vector {
            name: "a worker that closes itself says so",
            steps: Talk::new("").marked(CLOSE, Value::Null).started(0).hears(CLOSING, vec![]).steps,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::pool::protocol::{TO_PAGE_UNREADABLE, TO_WORKER_UNREADABLE};

    fn kinds(expected: bool) -> Vec<u32> {
        let mut kinds = Vec::new();
        for step in vectors().into_iter().flat_map(|vector| vector.steps) {
            let ((Step::Send(Value::List(values)), false) | (Step::Expect(Value::List(values)), true)) =
                (step, expected)
            else {
                continue;
            };
            if let (Some(Value::Number(MAGIC)), Some(Value::Number(kind))) = (values.first(), values.get(2)) {
                kinds.push(*kind);
            }
        }
        kinds
    }

    #[test]
    fn every_kind_of_frame_is_said_and_heard_in_some_conversation() {
        let said = kinds(false);
        for kind in HELLO..=TO_WORKER_UNREADABLE {
            assert!(said.contains(&kind), "kind {kind} is never sent to a worker");
        }
        let heard = kinds(true);
        // No message makes a worker meet one that it can't read.
        for kind in READY..TO_PAGE_UNREADABLE {
            assert!(heard.contains(&kind), "kind {kind} is never expected of a worker");
        }
    }

    #[test]
    fn sequence_numbers_of_the_page_count_from_0() {
        for Vector { name, steps } in vectors() {
            let mut next = 0;
            for step in steps {
                let Step::Send(Value::List(values)) = step else { continue };
                if values.get(..2) != Some(&[Value::Number(MAGIC), Value::Number(VERSION)]) {
                    continue;
                }
                assert_eq!(values[3], Value::Number(next), "{name}");
                next += 1;
            }
        }
    }
}
