// Which texts and tables of the linked wasm belong to which of its parts.
//
// The linker says where each constant begins and ends, and which of them points to which (`--emit-relocs`). A part that has the only functions that
// name a constant gets it, as data of its own at the same address; what nobody names any more, such as the tables by which std formats numbers,
// becomes zeros, which compress to nothing.

const CODE = 10;
const DATA = 11;
const CUSTOM = 0;
const SYMBOL_TABLE = 8;
const SEGMENT_INFO = 5;
const DATA_SYMBOL = 1;
const SECTION_SYMBOL = 3;
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
const I32_CONST = 0x41;
const FIRST_LOAD = 0x28;
const LAST_STORE = 0x3e;
/** Types of relocations that have an addend: those of addresses in memory, and of offsets. */
const WITH_ADDEND = [3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25];
const MEMORY_ADDRESS = [3, 4, 5, 11, 14, 15, 16, 17, 21, 23, 25];

class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  number() {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.byte();
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  }

  signed() {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.byte();
      value += (byte & 127) * shift;
      if (byte < 128) return byte & 64 ? value - shift * 128 : value;
    }
  }

  text() {
    const length = this.number();
    return Buffer.from(this.bytes.subarray(this.at, this.at += length)).toString();
  }
}

/** `[{ id, name, from, start, end }]`: the sections of a wasm; `from` is where the header begins. */
function sectionsOf(bytes) {
  const sections = [];
  for (const reader = new Reader(bytes, 8); reader.at < bytes.length;) {
    const from = reader.at;
    const id = reader.byte();
    const end = reader.number() + reader.at;
    const start = reader.at;
    sections.push({ id, from, start, end, name: id === CUSTOM ? reader.text() : undefined, content: reader.at });
    reader.at = end;
  }
  return sections;
}

/** `[{ address, start, length }]`: the segments of a wasm's data that have a place in memory. */
function segmentsOf(bytes) {
  const section = sectionsOf(bytes).find(({ id }) => id === DATA);
  if (!section) return [];
  const reader = new Reader(bytes, section.start);
  return Array.from({ length: reader.number() }, () => {
    if (reader.byte() !== 0 || reader.byte() !== 0x41) throw new Error('a segment of data is not at a constant address');
    const address = reader.signed();
    reader.byte(); // the end of the expression
    const length = reader.number();
    const start = reader.at;
    reader.at += length;
    return { address, start, length };
  });
}

/**
 * What the linker has said of the constants of a wasm, `[{ start, end, isPinned, pointers }]`: from which address to which, whether it may be reached from
 * beyond its ends, and the addresses that it holds.
 */
export function constantsOf(linked) {
  const sections = sectionsOf(linked);
  const segments = segmentsOf(linked);
  const { symbols, isReadOnly } = linkingOf(linked, sections);
  const places = symbols.map(symbol => symbol && { start: segments[symbol.segment].address + symbol.offset, size: symbol.size, segment: symbol.segment });
  const constants = new Map();
  for (const place of places) {
    if (!place || place.size === 0 || !isReadOnly[place.segment]) continue;
    const end = Math.max(place.start + place.size, constants.get(place.start)?.end ?? 0);
    constants.set(place.start, { start: place.start, end, isPinned: false, pointers: [] });
  }
  const list = [...constants.values()].sort((a, b) => a.start - b.start);
  const holderOf = address => list.find(({ start, end }) => address >= start && address < end);
  for (const { section, offset, symbol, addend } of relocationsOf(linked, sections)) {
    const to = places[symbol];
    if (!to) continue;
    const target = holderOf(to.start);
    if (target && (addend < 0 || addend >= to.size)) target.isPinned = true;
    if (section.id !== DATA) continue;
    const { address, start } = segments.find(segment => section.start + offset >= segment.start && section.start + offset < segment.start + segment.length);
    const holder = holderOf(address + section.start + offset - start);
    if (holder) holder.pointers.push(to.start + addend);
    else if (target) target.isPinned = true; // what can be changed points to it
  }
  // Two that share bytes stay where they are.
  for (let i = 1; i < list.length; i++) if (list[i].start < list[i - 1].end) list[i].isPinned = list[i - 1].isPinned = true;
  return list;
}

function linkingOf(bytes, sections) {
  const section = sections.find(({ name }) => name === 'linking');
  if (!section) throw new Error('the linker has not said where its symbols are: it needs --emit-relocs');
  const reader = new Reader(bytes, section.content);
  reader.number(); // the version
  let symbols;
  let isReadOnly;
  while (reader.at < section.end) {
    const type = reader.byte();
    const end = reader.number() + reader.at;
    if (type === SEGMENT_INFO) {
      isReadOnly = Array.from({ length: reader.number() }, () => {
        const name = reader.text();
        reader.number(); // the alignment
        reader.number(); // flags
        return name.startsWith('.rodata');
      });
    } else if (type === SYMBOL_TABLE) {
      symbols = Array.from({ length: reader.number() }, () => symbolIn(reader));
    }
    reader.at = end;
  }
  return { symbols, isReadOnly };
}

/** A symbol of data that is there, or undefined. */
function symbolIn(reader) {
  const kind = reader.byte();
  const flags = reader.number();
  if (kind === DATA_SYMBOL) {
    reader.text();
    if (flags & UNDEFINED) return undefined;
    return { segment: reader.number(), offset: reader.number(), size: reader.number() };
  }
  reader.number(); // its index
  if (kind !== SECTION_SYMBOL && (!(flags & UNDEFINED) || flags & EXPLICIT_NAME)) reader.text();
  return undefined;
}

function* relocationsOf(bytes, sections) {
  for (const { name, content } of sections) {
    if (!name?.startsWith('reloc.')) continue;
    const reader = new Reader(bytes, content);
    const section = sections[reader.number()];
    for (let left = reader.number(); left > 0; left--) {
      const type = reader.byte();
      const offset = reader.number();
      const symbol = reader.number();
      const addend = WITH_ADDEND.includes(type) ? reader.signed() : 0;
      if (MEMORY_ADDRESS.includes(type)) yield { section, offset, symbol, addend };
    }
  }
}

/**
 * All numbers in the functions of a wasm that could be addresses: the operands of `i32.const`, and the offsets of loads and stores. It takes every byte for
 * the beginning of an instruction, and so may find numbers that are none, which only leaves a constant where it is.
 */
export function numbersIn(bytes) {
  const code = sectionsOf(bytes).find(({ id }) => id === CODE);
  const numbers = new Set();
  for (let at = code?.start; at < code?.end; at++) {
    if (bytes[at] === I32_CONST) numbers.add(new Reader(bytes, at + 1).signed());
    else if (bytes[at] >= FIRST_LOAD && bytes[at] <= LAST_STORE) numbers.add(new Reader(bytes, at + 2).number());
  }
  return [...numbers];
}

/** The same wasm without what the linker has said, which holds for it no longer once it is changed. */
export function withoutRelocations(bytes) {
  const kept = sectionsOf(bytes).filter(({ name }) => name !== 'linking' && !name?.startsWith('reloc.'));
  return Buffer.concat([bytes.subarray(0, 8), ...kept.map(({ from, end }) => bytes.subarray(from, end))]);
}

/**
 * Gives each constant to the part that alone has functions that name it. `numbers` has, by part, all numbers in its functions that could be
 * addresses; `home(names)` says which part has what several need. Returns `{ moved: [{ part, start, end }], dead: [{ start, end }] }`.
 */
export function homesOfConstants(constants, numbers, home) {
  const owners = new Map(constants.map(constant => [constant, new Set(constant.isPinned ? ['base'] : [])]));
  for (const [part, named] of numbers) {
    for (const constant of constants) if (named.some(number => number >= constant.start && number < constant.end)) owners.get(constant).add(part);
  }
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    for (const { pointers, ...rest } of constants) {
      const held = owners.get(constants.find(({ start }) => start === rest.start));
      for (const target of constants.filter(({ start, end }) => pointers.some(pointer => pointer >= start && pointer < end))) {
        const before = owners.get(target).size;
        for (const part of held) owners.get(target).add(part);
        if (owners.get(target).size > before) isSettled = false;
      }
    }
  }
  const dead = constants.filter(constant => owners.get(constant).size === 0);
  const moved = constants.flatMap(({ start, end }, i) => {
    const by = [...owners.get(constants[i])];
    const part = by.length === 0 ? 'base' : home(by);
    return part === 'base' ? [] : [{ part, start, end }];
  });
  return { moved, dead };
}

/** Makes bytes of the data zeros. */
export function blanked(bytes, ranges) {
  const copy = Buffer.from(bytes);
  for (const { address, start, length } of segmentsOf(bytes)) {
    for (const range of ranges) {
      const from = Math.max(range.start, address);
      const to = Math.min(range.end, address + length);
      if (from < to) copy.fill(0, start + from - address, start + to - address);
    }
  }
  return copy;
}

/** Gives a part, which has no data, that of these ranges of the whole. */
export function withData(part, whole, ranges) {
  if (ranges.length === 0) return part;
  const segments = segmentsOf(whole);
  const joined = [];
  for (const { start, end } of ranges) {
    if (joined.at(-1)?.end === start) joined.at(-1).end = end;
    else joined.push({ start, end });
  }
  const pieces = joined.flatMap(({ start, end }) => segments.flatMap(({ address, start: at, length }) => {
    const from = Math.max(start, address);
    const to = Math.min(end, address + length);
    return from < to ? [Buffer.concat([Buffer.from([0, 0x41, ...signedNumber(from), 0x0b, ...number(to - from)]), whole.subarray(at + from - address, at + to - address)])] : [];
  }));
  const content = Buffer.concat([Buffer.from(number(pieces.length)), ...pieces]);
  return Buffer.concat([part, Buffer.from([DATA, ...number(content.length)]), content]);
}

function number(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

function signedNumber(value) {
  const bytes = [];
  for (; value > 63; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
