// Workers that can't be started: the calls fail with the reason, the pool backs off, gives up, and can be told to try again.

import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from '../support/browsers.mjs';

/** What the browser itself says on its console when a worker can't be loaded. */
const OF_THE_BROWSER = /Failed to load resource|Refused to create a worker|violates the following|blocked by the CSP|Content.Security.Policy|Cross-Origin|cross-origin|COEP|NotSameOrigin|Loading (Worker|module)|disallowed MIME|Failed to fetch a worker|error loading dynamically|thrown at import|SyntaxError|expose\(\)|must be a function|limit|Loading failed|uncaught|Uncaught|NS_ERROR/;

const FAILURES = {
  'a file that throws': { url: '/workers/throws.js', says: /thrown at import/ },
  'a file that is not there': { url: '/workers/missing.js', says: /browser does not say why/ },
  'a file with a syntax error': { url: '/workers/syntax.js', says: /./ },
  'a file whose import is missing': { url: '/workers/imports-missing.js', says: /./ },
  'a file of another origin, which the CSP blocks': { url: 'https://other.example/jobs.js', says: /browser does not say why|origin|security|insecure/i },
  'a file that never calls expose()': { url: '/workers/silent.js', options: { startTimeout: 100 }, says: /did not call expose\(\) within 100 ms/, inTime: false },
  'a file that exposes what is no function': { url: '/workers/exposes-wrong.js', says: /the job limit that http\S*\/workers\/exposes-wrong\.js exposes is 5; it must be a function/ },
  'a file that calls expose() twice': { url: '/workers/exposes-twice.js', says: /called twice/ },
  'a file that closes itself': { url: '/workers/closes-at-import.js', options: { startTimeout: 100 }, says: /did not call expose/, inTime: false },
};

export default function starting(test, { isolated, browser }) {
  for (const [what, { url, options, says }] of Object.entries(FAILURES).filter(([, { inTime }]) => inTime !== false)) {
    test(`${what}: its calls fail with worker-load-failed and the file's address, and after three starts at once`, async tab => {
      tab.expectProblem(OF_THE_BROWSER, { optional: true });
      const { errors, stats, later, warm, message } = await tab.run(async ({ WorkerPool, until }, { url, options }) => {
        const pool = new WorkerPool(url, { size: 2, ...options });
        const tasks = [pool.api.add(1, 2), pool.api.add(3, 4), pool.api.add(5, 6)];
        const outcomes = await Promise.allSettled(tasks);
        await until(() => pool.stats().workers.length === 0); // others may be starting still
        const stats = pool.stats();
        const late = pool.api.add(7, 8);
        const later = (await Promise.allSettled([late]))[0].reason.code;
        const started = pool.stats().started === stats.started;
        return {
          errors: outcomes.map(({ reason }) => reason?.code), message: outcomes[0].reason?.message,
          stats: [stats.broken, stats.workers.length, stats.waiting, stats.running, stats.lost], later: [later, started],
          warm: (await pool.warm().catch(error => error)).code,
        };
      }, { url, options });
      assert.deepEqual([errors, stats, later, warm], [
        Array(3).fill('worker-load-failed'), [true, 0, 0, 0, 3], ['worker-load-failed', true], 'worker-load-failed',
      ]);
      assert(message.includes(url), message);
      assert.match(message, says);
    });
  }

  test('an error while the file loads is the cause, and the page does not report it as its own', async tab => {
    tab.expectProblem(OF_THE_BROWSER, { optional: true });
    const message = await tab.run(async ({ WorkerPool, rejectionOf }) => (await rejectionOf(new WorkerPool('/workers/throws.js', { size: 1 }).api.add())).message);
    assert.match(message, /RangeError|thrown at import/);
  });

  test('a worker is named by its address only: no other text of createWorker is taken for it', async tab => {
    tab.expectProblem(OF_THE_BROWSER, { optional: true });
    const messages = await tab.run(async ({ WorkerPool, rejectionOf }) => {
      const url = '/workers/throws.js';
      const urls = { jobs: url };
      const makers = [
        () => new Worker(URL.createObjectURL(new Blob(['throw new Error("top")'], { type: 'text/javascript' }))),
        () => new Worker(url, { type: 'module', name: 'a.b' }),
        () => new Worker(urls['jobs'], { type: 'module' }),
        () => new Worker(new URL('/workers/throws.js', location.href), { type: 'module' }),
        () => new Worker('' + new URL('/workers/throws.js?built', location.href).href, { type: 'module' }),
        () => { throw new Error('none today'); },
      ];
      return Promise.all(makers.map(async make => (await rejectionOf(new WorkerPool(make, { size: 1 }).api.add(1, 2))).message.split(' could not be started')[0]));
    });
    // The browser may know the address where the text has none.
    assert.deepEqual(messages.map(message => message.replace(/ (blob:|http:)\S+$/, '')), [
      ...Array(3).fill('the worker'), 'the worker /workers/throws.js', 'the worker /workers/throws.js?built', 'the worker',
    ]);
  });

  // Only Chromium's driver can ask for a garbage collection.
  if (browser === chromium) {
    test('warm() settles though nobody holds the pool', async tab => {
      tab.expectProblem(OF_THE_BROWSER, { optional: true });
      await tab.run(({ WorkerPool }) => { new WorkerPool('/workers/throws.js', { size: 1 }).warm().catch(error => { window.outcome = error.code; }); });
      let outcome;
      while (!(outcome = await tab.bare(() => window.outcome ?? null))) await tab.page.requestGC();
      assert.equal(outcome, 'worker-load-failed');
    });
  }

  if (isolated) {
    test('a file without the headers of an isolated page is a failed start', async tab => {
      tab.expectProblem(OF_THE_BROWSER, { optional: true });
      assert.equal(await tab.run(async ({ WorkerPool, rejectionOf }) => (await rejectionOf(new WorkerPool('/bare.js', { size: 1 }).api.add())).code), 'worker-load-failed');
    });
  }

  test('a worker that closes itself once it is ready is not taken for a file that can\'t be loaded, and ends the pool after a few', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/closes-after-expose.js', { size: 4 });
      const outcomes = await Promise.allSettled([pool.api.add(1, 2)]);
      const { started, broken } = pool.stats();
      return [outcomes[0].reason?.code, started < 20, broken];
    }).then(([code, few, broken]) => [/^worker-(lost|load-failed)$/.test(code), few, typeof broken]), [true, true, 'boolean']);
  });

  test('what the function that makes the workers throws, or gives instead, is the reason', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, rejectionOf }) => {
      const error = new RangeError('no more workers');
      const thrown = await new WorkerPool(() => { throw error; }, { size: 1 }).api.add().catch(error => error);
      const wrong = await Promise.all([undefined, null, 5, {}, Promise.resolve(), new EventTarget(), { postMessage() {}, terminate() {} }].map(value =>
        rejectionOf(new WorkerPool(() => value, { size: 1 }).api.add())));
      return [thrown.code, thrown.cause === error, thrown.message.includes('no more workers'), wrong.map(({ code }) => code), wrong.every(({ message }) => message.includes('must return a new Worker'))];
    }), ['worker-load-failed', true, true, Array(7).fill('worker-load-failed'), true]);
  });

  for (const [what, { url, says }] of Object.entries(FAILURES).filter(([, { inTime }]) => inTime === false)) {
    test(`${what}: its calls fail at the first try, a later one tries again, and after three it is given up`, async tab => {
      const seen = await tab.run(async ({ WorkerPool, rejectionOf }, url) => {
        const pool = new WorkerPool(url, { size: 1, startTimeout: 100 });
        const errors = await Promise.all([pool.api.add(1, 2), pool.api.add(3, 4)].map(rejectionOf));
        const first = pool.stats();
        for (let i = 0; i < 3; i++) errors.push(await rejectionOf(pool.api.add(5, 6)));
        const { started, broken } = pool.stats();
        return [errors.map(({ code }) => code), errors[0].message, first.started, first.broken, started, broken];
      }, url);
      assert.match(seen[1], says);
      assert(seen[1].includes(url), seen[1]);
      assert.deepEqual([seen[0], ...seen.slice(2)], [Array(5).fill('worker-load-failed'), 1, false, 3, true]);
    });
  }

  test('of a file that does not call expose() for 2 s the console is told once, with its name, and a late expose() works', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until, gate }) => {
      const warnings = [];
      const { warn } = console;
      console.warn = (...words) => warnings.push(words.join(' '));
      const silent = new WorkerPool(() => new Worker(new URL('/workers/silent.js', document.baseURI), { type: 'module' }), { size: 2 });
      const calls = [silent.api.add(1, 2), silent.api.add(3, 4)];
      await until(() => warnings.length > 0);
      const held = gate();
      const late = new WorkerPool(`/workers/late.js?${held.id}`, { size: 1 });
      const sum = late.api.add(1, 2);
      await until(() => warnings.length > 1);
      await held.open();
      const value = await sum;
      console.warn = warn;
      const told = [/\/workers\/silent\.js has not called expose\(\)/, /\/workers\/late\.js\S* has not called expose\(\)/].map((text, i) => text.test(warnings[i]));
      return [told, warnings.length, value, calls.map(({ done }) => done)];
    }), [[true, true], 2, 3, [false, false]]);
  });

  test('workers whose terminate() throws are ended with the others, and one that is none of the platform\'s fails its calls', async tab => {
    tab.expectProblem(/can not be ended/);
    assert.deepEqual(await tab.run(async ({ WorkerPool, until, rejectionOf }) => {
      const locks = async () => (await navigator.locks.query()).held.filter(({ name }) => name.startsWith('taskloom-worker-')).length;
      const refuse = () => { throw new Error('can not be ended'); };
      const pool = new WorkerPool(() => Object.assign(new Worker('/workers/jobs.js', { type: 'module' }), { terminate: refuse }), { size: 3, cancelGrace: 20 });
      await pool.warm();
      const stuck = pool.api.spin();
      await until(() => stuck.state === 'running');
      stuck.cancel();
      await stuck.stopped;
      const sum = await pool.api.add(1, 2);
      pool.dispose();
      await until(async () => await locks() === 0);
      const none = { postMessage() {}, addEventListener() {}, removeEventListener() {}, terminate: refuse };
      const dead = new WorkerPool(() => none, { size: 2, startTimeout: 50 });
      const errors = await Promise.all([dead.api.add(1, 2), dead.api.add(1, 2)].map(rejectionOf));
      const after = await new WorkerPool('/workers/jobs.js', { size: 1 }).api.add(2, 3);
      return [sum, errors.map(({ code }) => code), dead.stats().workers.length, after];
    }), [3, Array(2).fill('worker-load-failed'), 0, 5]);
  });


  test('one bad start is no failure of any call', async tab => {
    tab.expectProblem(OF_THE_BROWSER, { optional: true });
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      let made = 0;
      const pool = new WorkerPool(() => new Worker(made++ < 2 ? '/workers/throws.js' : '/workers/jobs.js', { type: 'module' }), { size: 1 });
      return [await Promise.all([pool.api.add(1, 2), pool.api.add(3, 4)]), made, pool.stats().broken];
    }), [[3, 7], 3, false]);
  });

  test('a pool whose further workers can\'t be started works on with those it has', async tab => {
    tab.expectProblem(OF_THE_BROWSER, { optional: true });
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      let made = 0;
      const pool = new WorkerPool(() => new Worker(made++ === 0 ? '/workers/jobs.js' : '/workers/throws.js', { type: 'module' }), { size: 3 });
      await pool.api.me();
      const tasks = Array.from({ length: 40 }, (_, i) => pool.api.later(i));
      const values = await Promise.all(tasks);
      return [values.every((value, i) => value === i), pool.stats().broken, pool.stats().workers.filter(({ state }) => state !== 'starting').length];
    }), [true, false, 1]);
  });

  test('warm() has a pool that has given up try again', async tab => {
    tab.expectProblem(OF_THE_BROWSER, { optional: true });
    assert.deepEqual(await tab.run(async ({ WorkerPool, rejectionOf, countOf }) => {
      const id = crypto.randomUUID();
      await fetch(`/break?${id}`);
      const pool = new WorkerPool(`/flaky.js?${id}`, { size: 1 });
      const first = await rejectionOf(pool.api.add(1, 2));
      const second = await rejectionOf(pool.api.add(1, 2));
      const tried = await countOf(id);
      const stillBroken = await rejectionOf(pool.warm());
      const again = await countOf(id);
      await fetch(`/mend?${id}`);
      const afterMending = await rejectionOf(pool.api.add(1, 2)); // not by itself
      await pool.warm();
      return [first.code, second.code, tried > 0, stillBroken.code, again >= tried, afterMending.code, pool.stats().broken, await pool.api.add(1, 2)];
    }), ['worker-load-failed', 'worker-load-failed', true, 'worker-load-failed', true, 'worker-load-failed', false, 3]);
  });

  test('a retry policy does not wait for a pool that has given up', async tab => {
    tab.expectProblem(OF_THE_BROWSER, { optional: true });
    assert.deepEqual(await tab.run(async ({ WorkerPool, rejectionOf }) => {
      const pool = new WorkerPool('/workers/throws.js', { size: 1 });
      const task = pool.run('add', [1, 2], { retry: { maxAttempts: 4 } });
      const { code } = await rejectionOf(task);
      return [code, task.attempt, pool.stats().started];
    }), ['worker-load-failed', 4, 3]);
  });

  test('a worker of another version of the protocol is a clear error', async (tab, installed) => {
    // What a stale cached copy would be.
    const folder = path.join(installed.folder, 'node_modules/taskloom-of-another-time');
    await cp(path.join(installed.folder, 'node_modules/taskloom'), folder, { recursive: true });
    const source = await readFile(path.join(folder, 'worker.js'), 'utf8');
    const altered = source.replaceAll('[1952543595,1,', '[1952543595,99,');
    assert.notEqual(altered, source);
    await writeFile(path.join(folder, 'worker.js'), altered);
    await writeFile(path.join(folder, 'jobs.js'), "import { expose } from './worker.js';\nexpose({ add: (a, b) => a + b });\n");
    assert.deepEqual(await tab.run(async ({ WorkerPool, rejectionOf, until }) => {
      const pool = new WorkerPool('/node_modules/taskloom-of-another-time/jobs.js', { size: 2 });
      const errors = await Promise.all([pool.api.add(1, 2), pool.api.add(3, 4), pool.warm()].map(rejectionOf));
      await until(() => pool.stats().workers.length === 0);
      const { started, broken, workers } = pool.stats();
      const later = await rejectionOf(pool.api.add(5, 6));
      return [errors.map(({ code }) => code), /protocol 99/.test(errors[0].message) && /stale/.test(errors[0].message), broken, workers.length, later.code, pool.stats().started === started];
    }), [Array(3).fill('worker-version-mismatch'), true, true, 0, 'worker-version-mismatch', true]);
  });

  test('expose() on the page says where it belongs', async tab => {
    assert.deepEqual(await tab.load(({ expose, thrownBy }) => thrownBy(() => expose({})), null, { entry: '/node_modules/taskloom/worker.js' }).then(({ code, message }) => [code, message.includes('outside a dedicated worker')]),
      ['invalid-argument', true]);
  });
}
