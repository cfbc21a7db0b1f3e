// What crosses in one frame is as if each value had crossed alone, at the moment in which it was given.

import assert from 'node:assert/strict';
import { everything } from '../support/matrix.mjs';
import { program } from './values-program.mjs';

/** In the page: a pool of one worker that knows these jobs to be short, so that it is sent several of them at once. */
const START = `async ({ WorkerPool }, names = {}) => {
  const pool = new WorkerPool('/workers/values.js', { size: 1 });
  await pool.warm();
  for (const [name, args] of Object.entries(names)) for (let i = 0; i < 60; i++) await pool.run(name, args).catch(() => {});
  return pool;
}`;

/** Calls `body(pool, library)` in the page; the jobs in `names` are known to be short by then. */
const withPool = (tab, names, body) => tab.run(`async library => {
  const pool = await (${START})(library, ${JSON.stringify(names)});
  return (${body})(pool, library);
}`);

export default function values(test, { isolated }) {
  for (const [kind, names] of [['known to be short', { inc: [] }], ['of a new pool', {}]]) {
    test(`a result is what it was when the job gave it, for calls ${kind}`, async tab => {
      assert.deepEqual(await withPool(tab, names, async pool => {
        const before = (await pool.api.inc()).n;
        const results = await Promise.all(Array.from({ length: 60 }, () => pool.api.inc()));
        return [results.map(({ n }) => n - before).join(), new Set(results).size, new Set(results.map(({ list }) => list)).size];
      }), [Array.from({ length: 60 }, (_, i) => i + 1).join(), 60, 60]);
    });
  }

  test('one object as the argument of several calls is an object of its own in each', async tab => {
    assert.deepEqual(await withPool(tab, { push: [{ list: [] }] }, async pool => {
      const shared = { list: [] };
      const lengths = await Promise.all([pool.api.push(shared), pool.api.push(shared), pool.run('push', [shared])]);
      return [lengths, shared.list.length];
    }), [[1, 1, 1], 0]);
  });

  test('an argument is what it was when the call was made, also of a call that waits behind a busy worker', async tab => {
    assert.deepEqual(await withPool(tab, { first: [[0]], echo: [0] }, async (pool, { gate }) => {
      const scratch = new Uint8Array(4);
      const plain = { list: [0] };
      const args = [0];
      const call = i => {
        scratch.fill(i);
        plain.list[0] = i;
        args[0] = i;
        return [pool.api.first(scratch), pool.api.first(plain.list), pool.run('echo', args), pool.run('echo', [plain])];
      };
      const answers = async tasks => (await Promise.all(tasks.flat())).map(value => value.list?.[0] ?? value).join();
      const atOnce = await answers([1, 2, 3].map(call));
      pool.pause();
      const waiting = [4, 5, 6].map(call);
      await new Promise(resolve => setTimeout(resolve));
      scratch.fill(9);
      plain.list[0] = args[0] = 9;
      pool.resume();
      return [atOnce, await answers(waiting)];
    }), ['1,1,1,1,2,2,2,2,3,3,3,3', '4,4,4,4,5,5,5,5,6,6,6,6']);
  });

  test('a retry gets the arguments as they were when the call was made', async tab => {
    assert.equal(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const args = [2];
      const task = pool.run('failUntil', args, { retry: { maxAttempts: 3, baseDelay: 1 } });
      args[0] = 99;
      return (await task)[0];
    }), 2);
  });

  test('a progress value is what it was when it was reported', async tab => {
    assert.deepEqual(await withPool(tab, {}, async pool => {
      const task = pool.run('report', [60]);
      await task;
      const reports = task.drainProgress();
      return [reports.map(({ done, last }) => `${done}${last[0]}`).join(), new Set(reports).size];
    }), [Array.from({ length: 60 }, (_, i) => `${i + 1}${i + 1}`).join(), 60]);
  });

  test('what a thrown error carries is what it was when it was thrown', async tab => {
    assert.deepEqual(await withPool(tab, { throwState: [], throwPlain: [] }, async pool => {
      const tasks = Array.from({ length: 20 }, (_, i) => (i % 2 ? pool.api.throwPlain() : pool.api.throwState()));
      await Promise.allSettled(tasks);
      const states = tasks.map(({ error }) => error.state ?? error);
      const [{ error }] = tasks;
      return [states.map(({ n }) => n - states[0].n).join(), new Set(states).size, error.again === error.state, error.at.getTime() === error.state.n];
    }), [Array.from({ length: 20 }, (_, i) => i).join(), 20, true, true]);
  });

  test('a binary result is what it was when the job gave it', async tab => {
    assert.deepEqual(await withPool(tab, { getScratch: [] }, async pool => {
      const results = await Promise.all(Array.from({ length: 20 }, () => pool.api.getScratch()));
      return [results.map(view => view[0] - results[0][0]).join(), new Set(results.map(view => view.buffer)).size];
    }), [Array.from({ length: 20 }, (_, i) => i).join(), 20]);
  });

  test('a result that can\'t be sent takes nothing from those that are moved beside it', async tab => {
    assert.deepEqual(await withPool(tab, { portOrFunction: [false] }, async pool => {
      const tasks = Array.from({ length: 60 }, (_, i) => pool.api.portOrFunction(i === 30));
      await Promise.allSettled(tasks);
      return [tasks.filter(({ done, error }) => done && !error).every(({ result }) => result instanceof MessagePort),
        tasks.filter(({ error }) => error).map(({ error }) => error.code)];
    }), [true, ['not-serializable']]);
  });

  test('an argument that can\'t be sent takes nothing from those that are moved beside it', async tab => {
    assert.deepEqual(await withPool(tab, { size: [[]] }, async pool => {
      const buffers = Array.from({ length: 60 }, (_, i) => new ArrayBuffer(i + 1));
      const tasks = buffers.map((buffer, i) => (i === 30 ? pool.api.size({ length: () => 1 }) : pool.run('size', [buffer], { transfer: [buffer] })));
      const outcomes = await Promise.allSettled(tasks);
      return outcomes.map(({ value, reason }) => reason?.code ?? value).join();
    }), Array.from({ length: 60 }, (_, i) => (i === 30 ? 'not-serializable' : i + 1)).join());
  });

  test('what is moved is gone when the call is made, and a copy beside it is one of before', async tab => {
    assert.deepEqual(await withPool(tab, { first: [[0]] }, async pool => {
      const view = new Uint8Array([7]);
      const copied = pool.api.first(view);
      const moved = pool.run('first', [view], { transfer: [view.buffer] });
      const length = view.byteLength;
      const again = pool.run('first', [view], { transfer: [view.buffer] });
      const bitmap = await createImageBitmap(new ImageData(2, 1));
      const drawn = pool.run('echo', [bitmap], { transfer: [bitmap] });
      bitmap.close();
      const outcomes = await Promise.allSettled([copied, moved, again]);
      return [length, outcomes.map(({ value, reason }) => reason?.code ?? value), (await drawn).width];
    }), [0, [7, 7, 'not-serializable'], 2]);
  });

  test('a call that is not taken moves nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/values.js', { size: 1, maxQueue: 1 });
      const buffer = new ArrayBuffer(8);
      const tasks = [pool.api.echo(1), pool.api.echo(2), pool.run('size', [buffer], { transfer: [buffer] })];
      await Promise.allSettled(tasks);
      const aborted = pool.run('size', [buffer], { transfer: [buffer], signal: AbortSignal.abort() });
      await Promise.allSettled([aborted]);
      return [tasks[2].error?.code, aborted.error?.name, buffer.byteLength];
    }), ['queue-full', 'AbortError', 8]);
  });

  test('a value that the worker can\'t make again fails its call and none that is sent with it', async tab => {
    assert.deepEqual(await withPool(tab, { nothing: [0] }, async pool => {
      const certificate = await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });
      const tasks = Array.from({ length: 20 }, (_, i) => pool.api.nothing(i === 10 ? { certificate } : { i }));
      const outcomes = await Promise.allSettled(tasks);
      return outcomes.map(({ reason }) => reason?.code ?? 'done').join();
    }), Array.from({ length: 20 }, (_, i) => (i === 10 ? 'not-serializable' : 'done')).join());
  });

  test('what a job can\'t send to a callback takes nothing from its answer', async tab => {
    assert.deepEqual(await withPool(tab, { nothing: [] }, async (pool, { callback }) => {
      const codes = await pool.api.askWrongly(callback(() => 'asked'));
      return [codes, await Promise.all([pool.api.echo(1), pool.api.echo(2)])];
    }), [Array(3).fill('not-serializable'), [1, 2]]);
  });

  test('what is thrown and can\'t be sent whole is an Error with what can', async tab => {
    assert.deepEqual(await withPool(tab, {}, async (pool, { TaskloomError }) => {
      const look = async call => {
        const error = await call.catch(error => error);
        const { name, message, code, status, dropped } = error;
        return [error instanceof Error, name, message, code, status, dropped];
      };
      const [first, ...others] = await Promise.all([
        look(pool.api.throwResponse()), ...['code', 'nothing', 'getter', 'error', 'own'].map(kind => look(pool.api.throwOdd(kind))),
      ]);
      return [first, others.map(([isError, name, , ...rest]) => [isError, name, ...rest])];
    }), [[true, 'TaskloomError', 'not found', 'not-serializable', 404, ['retry']], [
      [true, 'HttpError', 'E_HTTP', 500, ['headers']], [true, 'TaskloomError', 'not-serializable', null, ['retry']],
      [true, 'TaskloomError', 'not-serializable', 1, ['message', 'retry']], [true, 'TypeError', null, 2, ['retry']],
      [true, 'TaskloomError', 'not-serializable', 3, 'mine'],
    ]]);
  });

  test('values of every kind cross as a structured clone of them does', async tab => {
    assert.deepEqual(await withPool(tab, { echo: [{}] }, async pool => {
      const shared = { in: 'two places' };
      const cyclic = { name: 'cyclic' };
      cyclic.self = cyclic;
      const odd = JSON.parse('{"__proto__": {"a": 1}, "constructor": 1}');
      const bytes = new Uint8Array([1, 2, 3, 4]);
      let reads = 0;
      const all = [
        undefined, null, NaN, -0, 1n, '', 'text \ud800', new Date(5), new Date(NaN), [1, , 3], Object.assign([1], { named: 2 }), Object.create(null),
        { a: undefined, b: NaN, c: -0, d: 2n }, [shared, shared], cyclic, odd, new Map([[shared, new Set([shared])]]), /a(b)/gi, new Error('text', { cause: 'c' }),
        bytes.subarray(1, 3), [bytes, bytes.buffer], Object(1), Object('text'), new (class A { constructor() { this.own = 1; } get inherited() { return 2; } })(),
        { toJSON() { return 'not this'; } }, { get n() { return ++reads; } }, Object.assign(new Date(1), { own: 1 }), Object.setPrototypeOf(new Date(2), Object.prototype),
        { [Symbol('s')]: 1, [Symbol.toStringTag]: 'odd' }, Object.defineProperty({}, 'hidden', { value: 1 }), new (class List extends Array {})(3), new Blob(['abc']),
        Array.from({ length: 1000 }, (_, i) => ({ i })), 'x'.repeat(100_000), new DataView(new ArrayBuffer(3)), Object.freeze({ frozen: [1] }),
        { a: { b: { c: { d: [[[[]]]] } } } },
      ];
      // A value's text: its kinds, its contents, and which objects in it are the same.
      const tell = (value, known = new Map()) => {
        if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : `${typeof value} ${String(value)}`;
        if (known.has(value)) return `same ${known.get(value)}`;
        known.set(value, known.size);
        const kind = Object.prototype.toString.call(value);
        const owner = Object.getPrototypeOf(value)?.constructor?.name;
        const inside = value instanceof Map ? [...value] : value instanceof Set ? [...value] : value instanceof Date ? [value.getTime()]
          : ArrayBuffer.isView(value) ? [value.byteOffset, value.byteLength, value.buffer] : value instanceof ArrayBuffer ? [...new Uint8Array(value)]
          : value instanceof Error ? [value.name, value.message, value.cause] : value instanceof Blob ? [value.size, value.type] : [String(Object.prototype.valueOf.call(value))];
        return `${kind} ${owner} ${value.length ?? ''}(${inside.map(each => tell(each, known))}){${Object.keys(value).map(key => `${key}: ${tell(value[key], known)}`)}}`;
      };
      const refuses = value => { try { structuredClone(value); return false; } catch { return true; } };
      reads = 0;
      const expected = all.map(value => (refuses(value) ? 'not-serializable' : (reads = 0, tell(structuredClone(value)))));
      const differences = [];
      const compare = async (way, outcomes) => (await Promise.allSettled(outcomes)).forEach(({ value, reason }, i) => {
        const seen = reason ? reason.code : tell(value);
        if (seen !== expected[i]) differences.push(`${way} ${i}: ${seen.slice(0, 200)}, not ${expected[i].slice(0, 200)}`);
      });
      const calling = value => { reads = 0; return pool.api.echo(value); };
      await compare('at once', all.map(calling));
      for (const [i, value] of all.entries()) {
        const [{ value: seen, reason }] = await Promise.allSettled([calling(value)]);
        const text = reason ? reason.code : tell(seen);
        if (text !== expected[i]) differences.push(`alone ${i}: ${text.slice(0, 200)}, not ${expected[i].slice(0, 200)}`);
      }
      return differences;
    }), []);
  });

  // 3,000 calls against workers that are sent each by itself.
  
  test('a random program sees what it would see if each value crossed alone', async tab => {
    const seed = Number(process.env.TASKLOOM_SEED ?? 1 + isolated);
    const { difference, calls, batched } = await tab.run(program, { count: everything ? 3_000 : 600, seed });
    assert.equal(difference, null, `seed ${seed}`);
    assert(calls > 0 && batched > 0, `${calls} calls, ${batched} of them in frames with others`);
  }, { timeout: everything ? 180_000 : 60_000 });
}
