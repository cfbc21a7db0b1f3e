//! The shape of a value that JSON can't express: which kinds of parts it has, and how they hang together. Its strings and numbers, the leaves,
//! are a JSON list beside it, in the order in which the shape comes to them.
//!
//! A shape is read from left to right, a part before what is in it:
//!
//! | part | what follows |
//! |---|---|
//! | `n` `u` `t` `f` | null, undefined, true, false |
//! | `N` `I` `J` `Z` | NaN, Infinity, -Infinity, -0 |
//! | `s` `d` `b` | a string, a finite number, a big integer in decimal digits: a leaf each |
//! | `[` count | an array of so many elements; `h` count stands for so many holes |
//! | `{` count | an object of so many properties, each a leaf and a part |
//! | `M` count, `S` count | a map of so many pairs of parts, a set of so many parts |
//! | `D` | a date: `d`, or `N` if it is invalid |
//! | `R` | a regular expression: two leaves, its source and its flags |
//! | `E` | an error: an object, the record that it is made from |
//! | `O` | an object around a primitive value: that |
//! | `X` | an array buffer: a leaf, its bytes in base64 |
//! | `V` class | a view of an array buffer: two leaves, its offset and its length, and the buffer |
//! | `#` number | the object that was the so-manieth, from 0, on the way here: everything from `[` on in this table is one |
//!
//! ```
//! use taskloom::core::state::shape::{Part, Shape};
//!
//! let shape = Shape::parse("[3dh1#0").unwrap(); // const list = [7, , list]
//! assert_eq!(shape.leaves(), 1);
//! assert_eq!(shape.parts()[0], Part { kind: b'[', count: 3 });
//! assert!(Shape::parse("[3dh1#1").is_err()); // there is no second object
//! ```
//!
//! Reading trusts nothing: memory and time are bounded by the length of the text, whatever lengths it claims, and so is what a host makes of it.

use alloc::{string::String, vec::Vec};

use super::decimal;

/// How deep parts may be in each other.
pub const MAX_DEPTH: usize = 10_000;
/// Classes of views that there are at most.
pub const MAX_CLASSES: u64 = 16;
/// No array is longer in JavaScript.
const MAX_COUNT: u64 = u32::MAX as u64;

/// One part of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The letter of its kind.
    pub kind: u8,
    /// The number behind the letter, 0 if its kind has none.
    pub count: u64,
}

/// Why something is no shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is deeper than [`MAX_DEPTH`].
    TooDeep,
    /// It breaks the rules of the [module](self).
    Malformed,
}

/// A shape that keeps the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    parts: Vec<Part>,
    leaves: usize,
}

impl Shape {
    /// One without parts, which stands for nothing.
    pub const fn new() -> Self {
        Self { parts: Vec::new(), leaves: 0 }
    }

    /// Reads a shape.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut shape = Self::default();
        let mut grammar = Grammar::default();
        let mut rest = text.as_bytes();
        while let [kind, tail @ ..] = rest {
            let (count, tail) =
                if has_count(*kind) { decimal::take(tail).ok_or(Refusal::Malformed)? } else { (0, tail) };
            let part = Part { kind: *kind, count };
            grammar.accept(part)?;
            shape.leaves += leaves_of(part);
            shape.parts.push(part);
            rest = tail;
        }
        if !grammar.is_complete() {
            return Err(Refusal::Malformed);
        }
        shape.leaves += grammar.keys;
        Ok(shape)
    }

    /// Its parts, from left to right.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// How many leaves it has.
    pub fn leaves(&self) -> usize {
        self.leaves
    }
}

/// Writes a shape part by part.
#[derive(Debug, Default)]
pub struct Writer {
    grammar: Grammar,
    text: String,
}

impl Writer {
    /// Nothing is written yet.
    pub const fn new() -> Self {
        Self { grammar: Grammar::new(), text: String::new() }
    }

    /// Adds a part.
    pub fn put(&mut self, part: Part) -> Result<(), Refusal> {
        self.grammar.accept(part)?;
        self.text.push(char::from(part.kind));
        if has_count(part.kind) {
            decimal::push(&mut self.text, part.count);
        }
        Ok(())
    }

    /// The text, if the value is complete.
    pub fn finish(self) -> Result<String, Refusal> {
        if self.grammar.is_complete() { Ok(self.text) } else { Err(Refusal::Malformed) }
    }
}

/// What may come next. Reading and writing keep the same rules.
#[derive(Debug, Default)]
struct Grammar {
    open: Vec<Open>,
    objects: Vec<Object>,
    complete: bool,
    /// Properties that there were: each has a leaf for its key.
    keys: usize,
}

/// A part whose contents are not complete.
#[derive(Clone, Copy, Debug)]
struct Open {
    kind: u8,
    /// How many parts, or elements, are still to come.
    left: u64,
    object: usize,
}

#[derive(Clone, Copy, Debug)]
struct Object {
    kind: u8,
    /// Whether something may refer to it: what is made from its contents is there only after them.
    made: bool,
}

impl Grammar {
    const fn new() -> Self {
        Self { open: Vec::new(), objects: Vec::new(), complete: false, keys: 0 }
    }

    fn accept(&mut self, part: Part) -> Result<(), Refusal> {
        let Part { kind, count } = part;
        if self.complete || !is_kind(kind) || count > MAX_COUNT || !self.is_allowed(part) {
            return Err(Refusal::Malformed);
        }
        if let Some(parent) = self.open.last_mut() {
            let taken = if kind == b'h' { count } else { 1 };
            parent.left = parent.left.checked_sub(taken).ok_or(Refusal::Malformed)?;
        }
        if is_object(kind) {
            let contents = contents_of(part);
            self.keys += usize::from(self.open.last().is_some_and(|parent| parent.kind == b'{'));
            self.objects
                .push(Object { kind, made: contents == 0 || matches!(kind, b'[' | b'{' | b'M' | b'S') });
            self.open.push(Open { kind, left: contents, object: self.objects.len() - 1 });
            if self.open.len() > MAX_DEPTH {
                return Err(Refusal::TooDeep);
            }
        } else {
            self.keys += usize::from(self.open.last().is_some_and(|parent| parent.kind == b'{'));
        }
        while let Some(done) = self.open.pop_if(|open| open.left == 0) {
            self.objects[done.object].made = true;
        }
        self.complete = self.open.is_empty();
        Ok(())
    }

    /// Whether the part that is open may have this in it.
    fn is_allowed(&self, Part { kind, count }: Part) -> bool {
        let target = if kind == b'#' {
            match usize::try_from(count).ok().and_then(|index| self.objects.get(index)) {
                Some(object) if object.made => object.kind,
                _ => return false,
            }
        } else {
            kind
        };
        if kind == b'V' && count >= MAX_CLASSES {
            return false;
        }
        match self.open.last().map(|open| open.kind) {
            Some(b'D') => matches!(kind, b'd' | b'N'),
            Some(b'O') => matches!(kind, b't' | b'f' | b'N' | b'I' | b'J' | b'Z' | b's' | b'd' | b'b'),
            Some(b'E') => kind == b'{',
            Some(b'V') => target == b'X',
            Some(b'[') => kind != b'h' || count > 0,
            _ => kind != b'h',
        }
    }

    fn is_complete(&self) -> bool {
        self.complete
    }
}

fn is_kind(kind: u8) -> bool {
    matches!(kind, b'n' | b'u' | b't' | b'f' | b'N' | b'I' | b'J' | b'Z' | b's' | b'd' | b'b' | b'h' | b'#')
        || is_object(kind)
}

fn is_object(kind: u8) -> bool {
    matches!(kind, b'[' | b'{' | b'M' | b'S' | b'D' | b'R' | b'E' | b'O' | b'X' | b'V')
}

fn has_count(kind: u8) -> bool {
    matches!(kind, b'[' | b'h' | b'{' | b'M' | b'S' | b'V' | b'#')
}

/// How many parts, or elements, are in it.
fn contents_of(Part { kind, count }: Part) -> u64 {
    match kind {
        b'[' | b'{' | b'S' => count,
        b'M' => 2 * count,
        b'D' | b'E' | b'O' | b'V' => 1,
        _ => 0,
    }
}

/// How many leaves it has itself, the keys of properties apart.
fn leaves_of(part: Part) -> usize {
    match part.kind {
        b's' | b'd' | b'b' | b'X' => 1,
        b'R' | b'V' => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
