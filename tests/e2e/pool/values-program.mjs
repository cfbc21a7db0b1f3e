// A random program of calls, run twice with one seed: by a pool, and by a worker that is sent each value in a message of its own. What it sees must be the
// same. It runs in the page, and so uses nothing from outside of itself.

export async function program({ WorkerPool }, { count, seed }) {
  /** The random numbers of one run; xorshift32. */
  const randomFrom = start => {
    let state = start * 2_654_435_761 | 1;
    return limit => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % limit;
    };
  };

  /** A value's text: kinds, contents, and which objects in it are the same. */
  const tell = (value, known = new Map()) => {
    if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : `${typeof value} ${String(value).slice(0, 60)}`;
    if (known.has(value)) return `same ${known.get(value)}`;
    known.set(value, known.size);
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    const inside = value instanceof Map || value instanceof Set ? [...value] : value instanceof Date ? [value.getTime()]
      : ArrayBuffer.isView(value) ? [value.byteOffset, value.byteLength, value.buffer] : value instanceof ArrayBuffer ? [...new Uint8Array(value)] : [];
    const own = ArrayBuffer.isView(value) ? [] : Object.keys(value);
    return `${kind}(${inside.map(each => tell(each, known))}){${own.map(key => `${key}: ${tell(value[key], known)}`)}}`;
  };

  /** The objects in a value. */
  const objectsIn = (value, found = new Set()) => {
    if (typeof value !== 'object' || value === null || found.has(value)) return found;
    found.add(value);
    if (value instanceof Map || value instanceof Set) for (const each of value) objectsIn(each, found);
    if (ArrayBuffer.isView(value)) objectsIn(value.buffer, found);
    else Object.values(value).forEach(each => objectsIn(each, found));
    return found;
  };

  const byPool = async () => {
    const pool = new WorkerPool('/workers/values.js', { size: 1 });
    await pool.warm();
    return {
      call(name, args, transfer) {
        const task = pool.run(name, args, { progressBuffer: 1000, ...(transfer ? { transfer } : {}) });
        return task.then(
          value => ({ progress: task.drainProgress(), value }),
          error => {
            const progress = task.drainProgress();
            if (error?.code === 'not-serializable') return { progress, failure: 'not-serializable' };
            if (!(error instanceof Error)) return { progress, failure: { thrown: error } };
            return { progress, failure: { name: error.name, message: error.message, own: { ...error } } };
          },
        );
      },
      close: () => pool.dispose(),
    };
  };

  const alone = async () => {
    const worker = new Worker('/workers/values.js#alone', { type: 'module' });
    const waiting = new Map();
    let next = 0;
    worker.onmessage = ({ data: { id, kind, value } }) => {
      const call = waiting.get(id);
      if (kind === 'progress') return void call.progress.push(value);
      waiting.delete(id);
      if (kind === 'done') call.resolve({ progress: call.progress, value });
      else call.resolve({ progress: call.progress, failure: value.code ?? value });
    };
    return {
      call(name, args, transfer = []) {
        const id = next++;
        return new Promise(resolve => {
          waiting.set(id, { progress: [], resolve });
          try {
            worker.postMessage({ id, name, args }, transfer);
          } catch {
            waiting.delete(id);
            resolve({ progress: [], failure: 'not-serializable' });
          }
        });
      },
      close: () => worker.terminate(),
    };
  };

  /** Runs the program; what it sees, as texts. */
  const run = async way => {
    const random = randomFrom(seed);
    const { call, close } = await way();
    const shared = { n: 0, list: [], inner: { deep: 0 }, at: new Date(0) };
    const scratch = new Uint8Array(8);
    let moving = new Uint8Array(16);
    const log = [];
    const met = new Set();
    let batched = 0;

    const values = [
      () => random(1000), () => `text ${random(100)}`, () => shared, () => ({ shared, again: shared }), () => [shared.list, shared.inner],
      () => scratch, () => scratch.subarray(2, 5), () => ({ n: random(10), none: undefined, nan: NaN, zero: -0 }), () => [1, , random(5)],
      () => new Map([[shared, new Set([scratch])]]), () => new Date(random(1000)), () => { const cyclic = { shared }; cyclic.self = cyclic; return cyclic; },
      () => JSON.parse('{"__proto__": 1}'), () => Object.assign(Object.create({ inherited: 1 }), { own: shared }), () => 2n ** 60n, () => null,
      () => ({ rows: Array.from({ length: random(3) * 300 }, (_, i) => ({ i, shared })) }), () => /a/g, () => moving, () => moving.buffer,
      () => (random(6) ? shared : () => 'no value'), () => 'x'.repeat(random(3) * 40_000), () => Object.assign([1], { named: shared }),
    ];
    const any = () => values[random(values.length)]();
    const calls = [
      () => ['see', Array.from({ length: random(4) }, any)],
      () => ['see', [any()]],
      () => ['alter', [random(3) ? shared : { list: [], inner: shared.inner }]],
      () => ['push', [shared]],
      () => ['state', []],
      () => ['pair', []],
      () => ['exotic', []],
      () => ['large', []],
      () => ['later', []],
      () => ['steps', [random(5)]],
      () => ['tell', [random(30)]],
      () => ['move', [1 + random(9)]],
      () => ['moveTwice', []],
      () => ['moveProgress', [1 + random(9)]],
      () => ['wrong', []],
      () => ['throwState', []],
      () => ['throwPlain', []],
      () => ['getScratch', []],
      () => ['size', [moving]],
      () => ['size', [moving], [moving.buffer]],
      () => ['see', [moving, { moving }], [moving.buffer]],
      () => ['see', [shared, moving.buffer], [moving.buffer, ...(random(3) ? [] : [moving.buffer])]],
    ];
    const change = () => {
      shared.n++;
      shared.list.push(shared.n);
      if (shared.list.length > 5) shared.list.length = 0;
      shared.inner.deep = shared.n;
      shared.at.setTime(shared.n);
      scratch.fill(shared.n);
      if (moving.byteLength > 0) moving.fill(shared.n);
      else if (random(2)) moving = new Uint8Array(16).fill(shared.n);
    };

    while (log.length < count) {
      const burst = [];
      const size = Math.min(1 + random(60), count - log.length);
      // Some bursts are of one kind, as that of a worker which knows the job to be short.
      const only = random(3) ? undefined : calls[random(calls.length)];
      for (let i = 0; i < size; i++) {
        if (random(4)) change();
        const [name, args, transfer] = (only ?? calls[random(calls.length)])();
        burst.push([name, call(name, args, transfer)]);
        if (random(2)) change();
        burst.at(-1).push(`left ${moving.byteLength}`);
        if (random(40) === 0) await null;
      }
      batched += size > 1 ? size : 0;
      change();
      for (const [name, answer, left] of burst) {
        const { progress, value, failure } = await answer;
        const given = [...progress, ...(failure === undefined ? [value] : [failure])];
        for (const one of given) {
          for (const object of objectsIn(one)) {
            if (met.has(object)) log.push(`${name}: an object that another value has too`);
            met.add(object);
          }
        }
        log.push(`${name} ${left} ${failure === undefined ? 'done' : 'failed'}: ${given.map(one => tell(one)).join(' | ')}`);
      }
    }
    close();
    return { log, batched };
  };

  const seen = await run(byPool);
  const model = await run(alone);
  const at = model.log.findIndex((line, i) => line !== seen.log[i]);
  const difference = at < 0 && seen.log.length === model.log.length ? null : `call ${at}: ${seen.log[at]?.slice(0, 600)}\nalone: ${model.log[at]?.slice(0, 600)}`;
  return { difference, calls: model.log.length, batched: seen.batched };
}
