// Pools without a worker file: functions of the page run in workers from their source text, where the CSP allows that, and only there.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { strictCsp } from '../../scripts/serve.mjs';
import { browsers } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

const blobWorkersCsp = strictCsp.replace('worker-src', 'worker-src blob:');
const blobCsp = blobWorkersCsp.replace('script-src', 'script-src blob:');

for (const browser of browsers) {
  describe(`inline pools in ${browser.name}`, () => {
    running(inPage(browser, { csp: blobCsp }));
    describe('in a frame without an origin', () => sandboxed(inPage(browser, { csp: blobCsp, handle: forAll })));
    describe('under the strict CSP', () => blocked(inPage(browser)));
    describe('where only workers may be made from blobs', () => halfBlocked(inPage(browser, { csp: blobWorkersCsp })));
  });
}

/** Calls a function in the page with the library and an inline pool of one worker. */
const look = (tab, see) => tab.run(`async library => {
  const { inlineWorkerPool } = await import('/node_modules/taskloom/bundled-inline.js');
  return (${see})({ ...library, inlineWorkerPool, pool: inlineWorkerPool({ size: 1, cancelGrace: '10s', name: 'loom' }) });
}`);

/** A sandboxed frame has an origin of its own, and loads the library from another. */
function forAll(_, response) {
  response.setHeader('Access-Control-Allow-Origin', '*');
  return false;
}

function sandboxed(test) {
  test('an inline pool runs functions, methods and generators in classic workers', async tab => {
    await tab.bare(async () => {
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-scripts';
      frame.src = location.href;
      const loaded = new Promise(resolve => { frame.onload = resolve; });
      document.body.append(frame);
      await loaded;
    });
    const base = new URL('/node_modules/taskloom/', tab.page.url()).href;
    const body = async (_, base) => {
      const { init } = await import(`${base}taskloom.js`);
      const { inlineWorkerPool } = await import(`${base}inline.js`);
      await init();
      const pool = inlineWorkerPool({ size: 1 });
      const { double } = { double(a) { return 2 * a; } };
      const task = pool.run(function* (to) { for (let i = 0; i < to; i++) yield i; return 'over'; }, [3]);
      return [
        origin, await pool.run((a, b) => a + b, [1, 2]), await pool.run(async ctx => ctx.attempt, [], { context: true }), await pool.run(double, [4]), await task,
        task.drainProgress(), await pool.run(() => { throw new RangeError('no'); }).catch(({ name, message }) => [name, message]), pool.stats().started,
      ];
    };
    const text = await tab.page.frames().at(-1).evaluate(`fixture.call(${body}, ${JSON.stringify({ entry: null, argument: base })})`);
    assert.deepEqual(JSON.parse(text).value, ['null', 3, 1, 8, 'over', [0, 1, 2], ['RangeError', 'no'], 1]);
  });
}

function running(test) {
  test('a function runs in a worker, however it is written', async tab => {
    assert.deepEqual(await look(tab, async ({ pool }) => {
      class Sums {
        static add(a, b) { return a + b; }
        static async addLater(a, b) { return a + b; }
      }
      const sums = { add(a, b) { return a + b; }, get(a, b) { return a + b; }, ['add' + 1](a, b) { return a + b; }, 'a b'(a, b) { return a + b; } };
      const functions = [
        (a, b) => a + b, async (a, b) => a + b, (a, b) => { return a + b; }, function (a, b) { return a + b; }, async function named(a, b) { return a + b; },
        function sum(a, b) { return b === 0 ? a : sum(a + 1, b - 1); }, (...all) => all[0] + all[1], (a, b = 2) => a + b, async a => a + 2,
        (a, b) => ({ then: resolve => resolve(a + b) }), Sums.add, Sums.addLater, ...Object.values(sums),
      ];
      return [await Promise.all(functions.map(fn => pool.run(fn, [1, 2]))), await pool.run(() => 'none'), pool.stats().started];
    }), [Array(16).fill(3), 'none', 1]);
  });

  test('a call is a task with the name of its function, and the worker is not the page', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, run }) => {
      const task = pool.run(function where() { return [self.name, typeof document, this === undefined]; });
      return [task instanceof run(() => {}).constructor, task.state, task.name, pool.run(() => 1, [], { name: 'given' }).name, await task, task.state];
    }), [true, 'pending', 'where', 'given', ['loom', 'undefined', true], 'done']);
  });

  test('what a generator yields is progress, what it returns is the result', async tab => {
    assert.deepEqual(await look(tab, async ({ pool }) => {
      const tasks = [function* (to) { for (let i = 1; i < to; i++) yield i; return to; }, async function* (to) { for (let i = 1; i < to; i++) yield i; return to; }]
        .map(generator => pool.run(generator, [3]));
      return [await Promise.all(tasks), tasks.map(task => task.drainProgress())];
    }), [[3, 3], [[1, 2], [1, 2]]]);
  });

  test('context: true puts the context of the job before the arguments', async tab => {
    assert.deepEqual(await look(tab, async ({ pool }) => {
      const task = pool.run(async (ctx, size) => {
        if (ctx.attempt === 1) throw new RangeError('once more');
        ctx.progress('made');
        await ctx.checkpoint();
        const bytes = new Uint8Array(size).fill(ctx.attempt);
        const result = [ctx.cancelled, ctx.signal.aborted, bytes];
        setTimeout(() => ctx.progress('late'));
        return ctx.transfer(result, [bytes.buffer]);
      }, [3], { context: true, retry: { maxAttempts: 2 } });
      const [cancelled, aborted, bytes] = await task;
      return [cancelled, aborted, [...bytes], task.drainProgress(), task.attempt];
    }), [false, false, [2, 2, 2], ['made'], 2]);
  });

  test('the pool and a context are named as the app knows them where they can\'t be sent, stored or be part of a key', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, rejectionOf, thrownBy, cacheData, stateRef }) => [
      (await rejectionOf(pool.run(() => 1, [pool]))).message.split(',')[0],
      (await rejectionOf(pool.run(ctx => ({ a: [ctx] }), [], { context: true }))).message.split(',')[0],
      thrownBy(() => cacheData(() => 1)(pool)).message.split(',')[0],
      thrownBy(() => { stateRef('inline', { enforceSerializable: true }).value = { pool }; }).message.split(';')[0],
      thrownBy(() => cacheData(() => ({ pool }), { name: 'made' })()).message.split(';')[0],
    ]), [
      'args[0] is a WorkerPool', 'the result.a[0] is a JobContext', 'the function(): args[0] is an instance of InlineWorkerPool',
      "the value of 'inline': value.pool can't be stored: an instance of InlineWorkerPool is not plain data", "the value of made().pool can't be copied for each caller: it is an instance of InlineWorkerPool",
    ]);
  });

  test('what a function throws arrives with its class and cause, and the worker goes on', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, describe }) => {
      const error = await pool.run(message => { throw new RangeError(message, { cause: 'a word' }); }, ['no good']).catch(error => error);
      const thrown = await pool.run(async () => { throw 'no error'; }).catch(error => error);
      const unsendable = await Promise.all([pool.run(() => 1, [{ format: () => {} }]), pool.run(() => () => {})].map(task => task.catch(error => error)));
      const where = unsendable.map(({ code, message }) => [code, message.split(/ is a| can.t/)[0]]);
      return [error instanceof RangeError, describe(error), thrown, where, await pool.run(() => 'alive'), pool.stats().started];
    }), [
      true, { name: 'RangeError', message: 'no good', cause: 'a word' }, 'no error',
      [['not-serializable', 'args[0].format'], ['not-serializable', 'the result']], 'alive', 1,
    ]);
  });

  test('a function that closes over something, or is a class, fails its own call', async tab => {
    const [closure, computed, constructor, after] = await look(tab, async ({ pool, rejectionOf }) => {
      const outside = 5;
      const methods = { [outside]() {} };
      return [await rejectionOf(pool.run(() => outside)), await rejectionOf(pool.run(methods[outside])), await rejectionOf(pool.run(class Foo {})), await pool.run(() => 'alive')];
    });
    for (const { name, message } of [closure, computed]) {
      assert.equal(name, 'ReferenceError');
      assert.match(message, /outside/);
    }
    assert.equal(constructor.name, 'TypeError');
    assert.match(constructor.message, /'new'/);
    assert.equal(after, 'alive');
  });

  test('what is no function, or has no source text, throws at once and says what to do', async tab => {
    assert.deepEqual(await look(tab, ({ pool, thrownBy }) => {
      const wrong = { 'is undefined': undefined, 'is null': null, 'is string': 'add', 'is object': {}, 'bound sum': (function sum() {}).bind(null), max: Math.max, fetch };
      const errors = Object.entries(wrong).flatMap(([what, fn]) => [pool.run.bind(pool, fn), pool.job(fn)].map(call => ({ what, ...thrownBy(call) })));
      const says = { bound: errors[8].message, max: errors[10].message };
      return [errors.filter(({ code, what, message }) => code !== 'invalid-argument' || !message.includes(what)), Object.values(says).map(message => /wrap it in an arrow function/.test(message)), pool.stats().started];
    }), [[], [true, true], 0]);
  });

  test('it has no jobs by name, and works without init()', async tab => {
    assert.equal(await look(tab, ({ pool, thrownBy }) => thrownBy(() => pool.api).code), 'invalid-argument');
    await tab.open();
    const early = ({ inlineWorkerPool }) => inlineWorkerPool().run((a, b) => a + b, [1, 2]);
    assert.equal(await tab.load(early, null, { entry: '/node_modules/taskloom/bundled-inline.js' }), 3);
  });

  test('a call that listens is cancelled, and its worker goes on', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, until }) => {
      const task = pool.run(({ signal, progress }) => new Promise((_, reject) => {
        signal.addEventListener('abort', () => { self.heard = signal.reason.message; reject(signal.reason); });
        progress('listening');
      }), [], { context: true });
      await until(() => task.progress === 'listening');
      const generator = pool.run(function* () { for (;;) yield 'again'; });
      task.cancel(new Error('enough'));
      await until(() => generator.progress === 'again');
      generator.cancel();
      await generator.stopped;
      return [task.state, generator.state, await pool.run(() => self.heard), pool.stats().started];
    }), ['cancelled', 'cancelled', 'enough', 1]);
  });

  test('a loop for ever ends by its timeout, and the next call runs in another worker', async tab => {
    assert.deepEqual(await look(tab, async ({ inlineWorkerPool, rejectionOf }) => {
      const pool = inlineWorkerPool({ size: 1, cancelGrace: 0 });
      const { name } = await rejectionOf(pool.run(() => { for (;;); }, [], { timeout: 50 }));
      return [name, await pool.run(() => 'alive'), pool.stats().started];
    }), ['TimeoutError', 'alive', 2]);
  });

  test('what is listed in transfer is moved to the worker', async tab => {
    assert.deepEqual(await look(tab, async ({ pool }) => {
      const [moved, copied] = [new ArrayBuffer(8), new ArrayBuffer(8)];
      const lengths = await pool.run((...buffers) => buffers.map(({ byteLength }) => byteLength), [moved, copied], { transfer: [moved] });
      return [lengths, moved.byteLength, copied.byteLength];
    }), [[8, 8], 0, 8]);
  });

  test('what is marked with transfer() is moved to the worker', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, transfer }) => {
      const buffer = new ArrayBuffer(8);
      const image = { data: new Uint8Array(4) };
      const withContext = await pool.run((ctx, n, { data }) => n + data.length, [1, transfer(image, [image.data.buffer])], { context: true });
      return [await pool.run(({ byteLength }) => byteLength, [transfer(buffer, [buffer])]), buffer.byteLength, withContext, image.data.length];
    }), [8, 0, 5, 0]);
  });

  test('job() makes a function that runs in a worker, for runInExecutor too', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, runInExecutor }) => {
      const count = pool.job(function add(a, b) { self.calls = (self.calls ?? 0) + 1; return [self.calls, a + b]; }, { name: 'sum' });
      const shared = runInExecutor(count, { executor: 'worker', deduplicate: true, key: (a, b) => `${a}+${b}` });
      const [first, same] = [shared(1, 2), shared(1, 2)];
      return [count.name, shared.name, first.name, first === same, await first, await count(3, 4)];
    }), ['add', 'add', 'sum', true, [1, 3], [2, 7]]);
  });

  test('what is called wrongly throws at once', async tab => {
    assert.deepEqual(await look(tab, ({ pool, thrownBy }) => {
      const wrong = [[5], ['ab'], [null], [{ length: 0 }], [[], 5], [[], null], [[], []], [[], { timeout: 'soon' }], [[], { context: 'yes' }], [[], { transfer: 5 }]];
      const codes = wrong.map(rest => thrownBy(() => pool.run(() => 1, ...rest)).code);
      return [codes, pool.waiting, pool.running];
    }), [Array(10).fill('invalid-argument'), 0, 0]);
  });

  test('any arrow function, and a method of any name, is known as what it is', async tab => {
    assert.deepEqual(await look(tab, async ({ pool }) => {
      const methods = {
        async(a) { return a; }, class(a) { return a; }, function(a) { return a; }, static(a) { return a; }, get(a) { return a; },
        async async(a) { return a; }, async function(a) { return a; }, [Symbol.iterator](a) { return a; }, __proto__(a) { return a; },
        *generate(a) { return a; }, async *generateLater(a) { return a; }, get getter() { return 1; },
      };
      const lines = {
        async(a)
        { throw a; },
      };
      class Statics { static (a) { return a; } static static(a) { return a; } static [Symbol.iterator](a) { return a; } }
      const functions = [
        é => é, a /* the same */ => a, async /* later */ a => a, /* first */ async (a) => a, (a = ')') => a, (a, b = () => 1) => a, $ => $, async => async,
        lines.async, Statics.static, Statics[Symbol.iterator], ...Reflect.ownKeys(methods).map(key => {
          const { value, get } = Object.getOwnPropertyDescriptor(methods, key);
          return value ?? get;
        }),
      ];
      return (await Promise.all(functions.map(fn => pool.run(fn, [1]).catch(error => (error === 1 ? 1 : `${fn}: ${error}`))))).filter(outcome => outcome !== 1);
    }), []);
  });

  test('a function that does not compile by itself fails its own call at once, whatever the retry policy', async tab => {
    assert.deepEqual(await look(tab, async ({ pool }) => {
      class Private {
        static #secret = 1;
        static read() { return this.#secret; }
        static reader = () => super.toString();
      }
      const retry = { maxAttempts: 3 };
      const tasks = [Private.read, Private.reader].map(fn => pool.run(fn, [], { retry }));
      await Promise.allSettled(tasks);
      const errors = tasks.map(({ error, attempt }) => [error.code, attempt]);
      return [errors, /does not compile/.test(tasks[0].error.message), await pool.run(() => 'alive'), pool.stats().started];
    }), [Array(2).fill(['invalid-argument', 1]), true, 'alive', 1]);
  });

  test('a function is compiled once in each worker, and its blob is revoked', async tab => {
    assert.deepEqual(await look(tab, async ({ pool }) => {
      await pool.run(() => {
        self.made = new Set();
        self.count = 0;
        const { createObjectURL, revokeObjectURL } = URL;
        URL.createObjectURL = blob => { const url = createObjectURL(blob); self.count++; self.made.add(url); return url; };
        URL.revokeObjectURL = url => { self.made.delete(url); return revokeObjectURL(url); };
      });
      await Promise.allSettled([1, 2, 3].map(() => pool.run(a => a, [1])));
      return pool.run(() => [self.count, self.made.size]);
    }), [2, 0]);
  });

  test('dispose() cancels what is not done, ends the workers, and later calls throw', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, thrownBy, until }) => {
      const running = pool.run(() => new Promise(() => {}));
      const waiting = pool.run(() => 1);
      await until(() => running.state === 'running');
      pool.dispose();
      pool.dispose();
      return [running.state, waiting.state, pool.stats().workers.length, thrownBy(() => pool.run(() => 1)).code];
    }), ['cancelled', 'cancelled', 0, 'disposed']);
  });

  test('dispose() revokes the blob that the workers were made from, at any time, and an unused pool makes none', async tab => {
    assert.deepEqual(await look(tab, async ({ inlineWorkerPool, nextTurn }) => {
      const [made, revoked] = [[], []];
      const { createObjectURL, revokeObjectURL } = URL;
      URL.createObjectURL = blob => { made.push(createObjectURL(blob)); return made.at(-1); };
      URL.revokeObjectURL = url => { revoked.push(url); revokeObjectURL(url); };
      const pools = Array.from({ length: 4 }, () => inlineWorkerPool({ size: 2 }));
      const [, called, making, used] = pools; // and one that has nothing to do
      const outcomes = [await used.run(() => 1)];
      outcomes.push(...await Promise.all([1, 2].map(n => used.run(n => n, [n]))), used.stats().started);
      const cancelled = [making.run(() => 2)];
      await nextTurn(); // its worker is being made
      cancelled.push(called.run(() => 3)); // its worker is not even asked for
      for (const pool of pools) pool.dispose();
      for (const pool of pools) pool.dispose();
      await Promise.allSettled(cancelled);
      return [outcomes, cancelled.map(({ state }) => state), made.length, made.every(url => revoked.includes(url))];
    }), [[1, 1, 2, 2], ['cancelled', 'cancelled'], 2, true]);
  });
}

function blocked(test) {
  test('calls and warm() fail with what the CSP would have to allow, and after three starts at once', async tab => {
    tab.expectProblem(/blob/);
    const { codes, message, broken, late, started } = await look(tab, async ({ pool, rejectionOf }) => {
      const errors = await Promise.all([pool.run(() => 1), pool.run(() => 2), pool.warm()].map(rejectionOf));
      const { broken, started } = pool.stats();
      const late = await rejectionOf(pool.run(() => 3));
      return { codes: errors.map(({ code }) => code), message: errors[0].message, broken, late: late.code, started: [started, pool.stats().started] };
    });
    assert.deepEqual([codes, broken, late, started], [Array(3).fill('worker-load-failed'), true, 'worker-load-failed', [3, 3]]);
    assert.match(message, /Content-Security-Policy.*worker-src.*blob/);
  });
}

function halfBlocked(test) {
  test('calls fail with what the CSP would have to allow', async tab => {
    tab.expectProblem(/blob/, { optional: true });
    const { codes, message, attempt } = await look(tab, async ({ pool }) => {
      const tasks = [() => 1, { method() {} }.method].map(fn => pool.run(fn, [], { retry: { maxAttempts: 3 } }));
      await Promise.allSettled(tasks);
      return { codes: tasks.map(({ error }) => error.code), message: tasks[0].error.message, attempt: tasks[0].attempt };
    });
    assert.deepEqual([codes, attempt], [Array(2).fill('worker-load-failed'), 1]);
    assert.match(message, /Content-Security-Policy.*script-src.*blob/);
  });
}
