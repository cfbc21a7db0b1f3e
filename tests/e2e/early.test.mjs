// Calls before `init()` is done, and without it: what can wait starts it and is made in its turn, what can't says so.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { browsers } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

for (const browser of browsers) {
  describe(`early calls in ${browser.name}`, () => {
    const test = inPage(browser);
    describe('tasks', () => tasks(test));
    describe('workers', () => workers(test));
    describe('state', () => state(test));
    describe('memo', () => memo(test));
    describe('schedule', () => schedule(test));
    describe('loading', () => loading(inPage(browser, { handle: awayFor() })));
  });
}

/** The server's handler of a page whose wasm is away until it is asked whether it has come. */
function awayFor() {
  let isAway = true;
  return (request, response) => {
    if (request.url === '/come') {
      isAway = false;
      response.writeHead(204).end();
      return true;
    }
    if (request.url === '/go') {
      isAway = true;
      response.writeHead(204).end();
      return true;
    }
    if (!isAway || !request.url.endsWith('.wasm')) return false;
    response.writeHead(404).end('no');
    return true;
  };
}

function tasks(test) {
  test('run() without init() starts it, and is a task like any other meanwhile', async tab => {
    assert.deepEqual(await tab.load(async ({ run }) => {
      const task = run(async () => 'works', { name: 'early' });
      const before = [task.state, task.done, task.name, /^[0-9a-f-]{36}$/.test(task.id), task.createdAt instanceof Date, task.promise instanceof Promise];
      return [before, await task, task.state, task.attempt];
    }), [['pending', false, 'early', true, true, true], 'works', 'done', 1]);
  });

  test('what is called in a row starts in that row, before what comes later', async tab => {
    assert.deepEqual(await tab.load(async ({ init, run, TaskManager }) => {
      const order = [];
      const manager = new TaskManager();
      const note = name => () => void order.push(name);
      const early = [run(note('a')), manager.submit(note('b')), run(note('c'), { priority: undefined }), manager.submit(note('d'))];
      await init().then(() => early.push(run(note('e'))));
      await Promise.all(early);
      return order;
    }), ['a', 'b', 'c', 'd', 'e']);
  });

  test('it can be cancelled, by hand, by its signal and with its manager, and its function never runs', async tab => {
    assert.deepEqual(await tab.load(async ({ init, run, TaskManager, rejectionOf }) => {
      let runs = 0;
      const work = () => void runs++;
      const controller = new AbortController();
      const manager = new TaskManager();
      const tasks = [run(work), run(work, { signal: controller.signal }), run(work, { signal: AbortSignal.abort() }), manager.submit(work), manager.submit(work)];
      const said = [tasks[0].cancel('enough'), tasks[0].cancel(), tasks[3].cancel()];
      controller.abort(new Error('left'));
      manager.dispose();
      const states = tasks.map(task => task.state);
      await init();
      await run(() => {});
      return [said, states, runs, (await rejectionOf(tasks[1])).message];
    }), [[true, false, true], Array(5).fill('cancelled'), 0, 'left']);
  });

  test('names and types of options throw at once; what core has to say is said by the task', async tab => {
    assert.deepEqual(await tab.load(async ({ run, TaskManager, RetryPolicy, thrownBy, rejectionOf }) => {
      const atOnce = [
        () => run(5), () => run(() => 1, 5), () => run(() => 1, { name: 5 }), () => run(() => 1, { timeout: {} }), () => run(() => 1, { priority: 'high' }),
        () => run(() => 1, { retry: 3 }), () => run(() => 1, { retry: { maxAttempts: '3' } }), () => run(() => 1, { signal: {} }), () => run(() => 1, { progressBuffer: 0 }),
        () => new TaskManager({ concurrency: '2' }), () => new TaskManager({ rateLimit: 5 }), () => new RetryPolicy({ retryIf: 5 }), () => run(() => 1, { deduplicate: true }),
      ].map(call => thrownBy(call).code);
      const late = [
        run(() => 1, { timeout: 'soon' }), run(() => 1, { timeout: -1 }), run(() => 1, { queueTimeout: '5 parsecs' }), run(() => 1, { retry: { maxAttempts: 0 } }),
        run(() => 1, { retry: new RetryPolicy({ baseDelay: 'x' }) }), new TaskManager({ concurrency: 0 }).submit(() => 1), new TaskManager({ timeout: 'x' }).submit(() => 1),
      ];
      const errors = await Promise.all(late.map(rejectionOf));
      return [[...new Set(atOnce)], errors.map(({ code, message }) => [code, message.split(' ')[0]]), new Set(late.map(task => task.state)).size];
    }), [['invalid-argument'], ['timeout', 'timeout', 'queueTimeout', 'maxAttempts', 'baseDelay', 'concurrency', 'timeout'].map(name => ['invalid-argument', name]), 1]);
  });

  test('options are what they were when the call was made', async tab => {
    assert.deepEqual(await tab.load(async ({ run, until }) => {
      const options = { name: 'before', timeout: '1m', retry: { maxAttempts: 2 } };
      let tries = 0;
      const task = run(() => { if (++tries < 2) throw new Error('once'); return 'works'; }, options);
      options.name = 'after';
      options.timeout = 'nonsense';
      options.retry.maxAttempts = 1;
      return [await task, task.name, task.attempt];
    }), ['works', 'before', 2]);
  });

  test('managers and policies made before work as those made after', async tab => {
    assert.deepEqual(await tab.load(async ({ init, TaskManager, RetryPolicy, thrownBy, rejectionOf, deferred, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1, timeout: '1m' });
      const paused = new TaskManager();
      const policy = new RetryPolicy({ maxAttempts: 3, baseDelay: '2s' });
      const wrong = new TaskManager({ maxQueue: -1 });
      paused.pause();
      const gate = deferred();
      const [first, second, third] = [manager.submit(() => gate.promise), manager.submit(() => 2), paused.submit(() => 3)];
      const known = [manager.get(first.id) === first, [...manager].length, JSON.stringify(policy).includes('2')];
      const idle = manager.onIdle();
      await init();
      await nextTurn();
      const running = [first.state, second.state, third.state, manager.waiting, manager.running, manager.get(first.id) === first, paused.isPaused];
      gate.resolve(1);
      paused.resume();
      await idle;
      return [known, running, await Promise.all([first, second, third]), policy.delayForAttempt(0), thrownBy(() => wrong.cleanup()).code, (await rejectionOf(wrong.submit(() => 1))).code];
    }), [[true, 2, true], ['running', 'pending', 'pending', 1, 1, true, true], [1, 2, 3], 2000, 'invalid-argument', 'invalid-argument']);
  });

  test('onIdle() and onWaitingBelow() that were asked between two of them wait for both', async tab => {
    assert.deepEqual(await tab.load(async ({ run, defaultManager, TaskManager, WorkerPool }) => {
      const manager = new TaskManager();
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const empty = [new TaskManager().onIdle(), new WorkerPool('/workers/jobs.js').onIdle()];
      run(() => 1);
      manager.submit(() => 1);
      pool.run('add', [1, 2]);
      const waits = [defaultManager.onIdle(), manager.onWaitingBelow(10), pool.onIdle()];
      const tasks = [run(() => 2), manager.submit(() => 2), pool.run('add', [1, 3])];
      await Promise.all([...waits, ...empty]);
      return [tasks[0].state, await Promise.all(tasks)];
    }), ['done', [2, 2, 4]]);
  });

  test('one that waits can be cancelled by what runs first when the library is there', async tab => {
    assert.deepEqual(await tab.load(async ({ run, TaskManager, defaultManager }) => {
      let runs = 0;
      const manager = new TaskManager();
      const said = [];
      const first = run(() => { said.push(second.cancel(), second.state, third.cancel(), third.state); });
      const second = run(() => void runs++);
      const third = manager.submit(() => void runs++);
      await first;
      await Promise.all([defaultManager.onIdle(), manager.onIdle()]);
      return [said, runs];
    }), [[true, 'cancelled', true, 'cancelled'], 0]);
  });

  test('a prototype of Object that somebody has written to keeps nothing from starting', async tab => {
    assert.deepEqual(await tab.load(async ({ run, init }) => {
      for (const name of ['trace', 'restart', 'module']) Object.defineProperty(Object.prototype, name, { value: 'x', configurable: true, writable: true });
      try {
        return [await run(() => 'works'), await init()];
      } finally {
        for (const name of ['trace', 'restart', 'module']) delete Object.prototype[name];
      }
    }), ['works', null]);
  });

  test('two with one key and deduplicate are one', async tab => {
    assert.deepEqual(await tab.load(async ({ run }) => {
      let runs = 0;
      const tasks = [1, 2].map(() => run(() => ++runs, { key: 'one', deduplicate: true }));
      return [tasks[0] === tasks[1], await Promise.all(tasks), runs];
    }), [true, [1, 1], 1]);
  });

  test('an observer hears of each once', async tab => {
    assert.deepEqual(await tab.load(async ({ run, onTask }) => {
      const heard = [];
      const stop = onTask(({ type, task }) => heard.push(`${type} ${task.name}`));
      const kept = run(() => 1, { name: 'kept' });
      run(() => 1, { name: 'left' }).cancel();
      await kept;
      stop();
      return heard;
    }), ['submitted kept', 'submitted left', 'settled left', 'started kept', 'settled kept']);
  });

  test('groups and functions that wait for tasks wait', async tab => {
    assert.deepEqual(await tab.load(async ({ run, gather, race, timeout, asCompleted, runInExecutor, sessionTasks, rejectionOf }) => {
      const works = runInExecutor(async word => `${word}!`);
      const seen = [];
      for await (const { index } of asCompleted([run(() => 1), run(() => 2)])) seen.push(index);
      const named = sessionTasks().getOrRun('load', () => run(() => 5));
      return [seen, await gather([run(() => 1), run(() => 2)]), await race([run(() => 3)]), await timeout(run(() => 4), '1m'), await works('works'), await named,
        (await rejectionOf(timeout(run(() => 4), 'x'))).code];
    }), [[0, 1], [1, 2], 3, 4, 'works!', 5, 'invalid-argument']);
  });

  test('what is synchronous by contract throws not-initialized, and says what to do', async tab => {
    const errors = await tab.load(({ TaskManager, RetryPolicy, thrownBy }) => [
      thrownBy(() => new TaskManager().waiting), thrownBy(() => new TaskManager().cleanup()), thrownBy(() => new RetryPolicy().delayForAttempt(1)),
    ].map(({ name, code, message }) => [name, code, /await init\(\)/.test(message)]));
    assert.deepEqual(errors, Array(3).fill(['TaskloomError', 'not-initialized', true]));
  });
}

function workers(test) {
  test('a pool at the top of a module takes calls, whose arguments are what they were, and starts its workers later', async tab => {
    assert.deepEqual(await tab.load(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, minWorkers: 1, idleTimeout: '30s' });
      const list = [1, 2, 3];
      const calls = [pool.api.add(1, 2), pool.run('echo', [list]), pool.job('add')(3, 4)];
      list.push(4);
      const before = [calls[0].state, pool.snapshot().started];
      const cancelled = pool.run('add', [1, 1]);
      cancelled.cancel();
      const ready = pool.warm(1);
      const idle = pool.onIdle();
      const results = await Promise.all(calls);
      await Promise.all([ready, idle]);
      await pool.close();
      return [before, results, cancelled.state];
    }), [['pending', 0], [3, [1, 2, 3], 7], 'cancelled']);
  });

  test('what is wrong is said: types at once, numbers by the calls', async tab => {
    assert.deepEqual(await tab.load(async ({ WorkerPool, thrownBy, rejectionOf }) => {
      const atOnce = [() => new WorkerPool(5), () => new WorkerPool('/workers/jobs.js', { size: '1' }), () => new WorkerPool('/workers/jobs.js', { idleTimeout: {} }),
        () => new WorkerPool('/workers/jobs.js').run(5), () => new WorkerPool('/workers/jobs.js').run('add', 5)].map(call => thrownBy(call).code);
      const pools = [{ size: 0 }, { idleTimeout: 'x' }, { maxQueue: -1 }].map(options => new WorkerPool('/workers/jobs.js', options));
      const calls = await Promise.all(pools.map(pool => rejectionOf(pool.run('add', [1, 2]))));
      return [[...new Set(atOnce)], calls.map(({ code, message }) => [code, message.split(' ')[0]]), (await rejectionOf(pools[0].run('add', [1, 2]))).code, thrownBy(() => pools[0].pause()).code];
    }), [['invalid-argument'], [['invalid-argument', 'size'], ['invalid-argument', 'idleTimeout'], ['invalid-argument', 'maxQueue']], 'invalid-argument', 'invalid-argument']);
  });

  test('a pool that was disposed or closed before works no more, and one that was closed has done what it was asked', async tab => {
    assert.deepEqual(await tab.load(async ({ init, WorkerPool, thrownBy }) => {
      const [disposed, closed, unused] = [1, 2, 3].map(() => new WorkerPool('/workers/jobs.js', { size: 1 }));
      const [lost, kept] = [disposed.api.add(1, 2), closed.api.add(1, 2)];
      disposed.dispose();
      const closing = closed.close({ timeout: '30s' });
      await unused.close();
      const refused = thrownBy(() => closed.api.add(1, 2)).code;
      await init();
      await closing;
      return [lost.state, await kept, refused, ...[disposed, closed, unused].map(pool => thrownBy(() => pool.api.add(1, 2)).code)];
    }), ['cancelled', 3, 'disposed', 'disposed', 'disposed', 'disposed']);
  });
}

function state(test) {
  test('references and stores at the top of a module are there after init(), with their values', async tab => {
    assert.deepEqual(await tab.load(async ({ init, stateRef, sessionStore, thrownBy }) => {
      const count = stateRef('count', { namespace: 'page', factory: () => 3, expiresIn: '1h' });
      const plain = stateRef('plain');
      const store = sessionStore({ namespace: 'page', storage: 'local' });
      const word = store.ref('word', { factory: () => 'a' });
      const early = [() => count.value, () => { count.value = 1; }, () => count.isInitialized, () => store.get('x'), () => store.keys(), () => plain.subscribe(() => {})]
        .map(call => thrownBy(call).code);
      const names = [count.key, count.namespace, store.namespace, store.storage, JSON.stringify(count)];
      await init();
      return [new Set(early).size, early[0], names, count.isInitialized, count.value, stateRef('count', { namespace: 'page' }).value, word.value, thrownBy(() => plain.value).code];
    }), [1, 'not-initialized', ['count', 'page', 'page', 'local', '{"namespace":"page","key":"count"}'], true, 3, 3, 'a', 'uninitialized']);
  });

  test('what is wrong with them is said: types at once, numbers by the first use', async tab => {
    assert.deepEqual(await tab.load(async ({ init, stateRef, sessionStore, thrownBy }) => {
      const atOnce = [() => stateRef(5), () => stateRef('x', { factory: 5 }), () => stateRef('x', { expiresIn: {} }), () => sessionStore({ storage: 'disk' }),
        () => stateRef('x', { type: 'number' }), () => sessionStore({ version: -1 })].map(call => thrownBy(call).code);
      const late = [stateRef('x', { expiresIn: 'soon' }), stateRef('y', { expiresIn: -1 })];
      const throwing = stateRef('z', { factory: () => { throw new RangeError('mine'); } });
      await init();
      return [[...new Set(atOnce)], late.map(ref => thrownBy(() => ref.value).code), thrownBy(() => throwing.value).message];
    }), [['invalid-argument'], ['invalid-argument', 'invalid-argument'], 'mine']);
  });
}

function memo(test) {
  test('a call of an asynchronous cached function waits, and shares its execution with others', async tab => {
    assert.deepEqual(await tab.load(async ({ cacheData, job }) => {
      let runs = 0;
      const load = cacheData(async word => { runs++; return `${word}!`; });
      const made = cacheData(job(async (context, word) => { context.progress(1); return `${word}?`; }), { name: 'made' });
      const stored = cacheData(async word => `${word}.`, { name: 'stored', persist: 'local' });
      return [await Promise.all([load('a'), load('a'), made('b'), stored('c'), load.refresh('d')]), runs, load.has('a'), stored.has('c')];
    }), [['a!', 'a!', 'b?', 'c.', 'd!'], 2, true, true]);
  });

  test('calls, refreshes and tasks are made in the order in which they were asked for', async tab => {
    assert.deepEqual(await tab.load(async ({ run, cacheData }) => {
      const order = [];
      const load = cacheData(async word => { order.push(word); return word; });
      const all = [load('a'), run(() => void order.push('task')), load.refresh('b'), load('c')];
      await Promise.all(all);
      return order.filter(word => word !== 'task');
    }), ['a', 'b', 'c']);
  });

  test('warm() waits like the calls that it makes', async tab => {
    assert.deepEqual(await tab.load(async ({ cacheData }) => {
      const load = cacheData(async word => `${word}!`);
      return (await load.warm([['a'], ['b']])).map(({ value }) => value);
    }), ['a!', 'b!']);
  });

  test('its caller may leave, and a disposed one refuses', async tab => {
    assert.deepEqual(await tab.load(async ({ init, cacheData, rejectionOf }) => {
      let runs = 0;
      const load = cacheData(async word => { runs++; return word; });
      const controller = new AbortController();
      const left = rejectionOf(load.with({ signal: controller.signal })('a'));
      controller.abort();
      const gone = cacheData(async word => word);
      gone.dispose();
      const refused = await rejectionOf(gone('a'));
      const later = cacheData(async word => word);
      const lost = rejectionOf(later('a'));
      later.dispose();
      await init();
      return [(await left).name, runs, refused.code, (await lost).code];
    }), ['AbortError', 0, 'disposed', 'disposed']);
  });

  test('any other throws not-initialized; numbers that are wrong are refused by the first call', async tab => {
    assert.deepEqual(await tab.load(async ({ cacheData, thrownBy, rejectionOf }) => [
      thrownBy(() => cacheData(word => word)('a')).code, (await rejectionOf(cacheData(async word => word, { ttl: 'soon' })('a'))).code,
    ]), ['not-initialized', 'invalid-argument']);
  });
}

function schedule(test) {
  test('jobs at the top of a module begin with init(), which they start, and can be seen, paused and ended before', async tab => {
    assert.deepEqual(await tab.load(async ({ scheduleInterval, scheduleCron, scheduleOnce, getScheduler, Cron, until, init }) => {
      const ran = [];
      const job = scheduleInterval(() => void ran.push('interval'), { every: '1h', immediately: true, jobId: 'one' });
      const cron = scheduleCron(() => {}, { cron: new Cron('0 9 * * MON-FRI', { timeZone: 'UTC' }), jobId: 'two' });
      const once = scheduleOnce(() => void ran.push('once'), { at: new Date(Date.now() + 3_600_000) });
      const paused = scheduleInterval(() => void ran.push('paused'), { every: '1h', immediately: true });
      const ended = scheduleInterval(() => void ran.push('ended'), { every: 5 });
      paused.pause();
      ended.cancel();
      const now = once.runNow();
      const before = [job.state, job.nextRun, job.jobId, getScheduler().get('one') === job, getScheduler().jobs.length, paused.state, ended.state, now.state, once.runNow() === now];
      await until(() => ran.includes('interval'));
      await now;
      await init();
      return [before, ran.sort(), job.nextRun > new Date(), cron.nextRun.getUTCHours(), paused.state, paused.nextRun, job.stats().runs, getScheduler().get('one') === job];
    }), [['active', null, 'one', true, 4, 'paused', 'ended', 'pending', true], ['interval', 'once'], true, 9, 'paused', null, 1, true]);
  });

  test('what is to run once runs although its time passes while the library is loaded', async tab => {
    assert.deepEqual(await tab.load(async ({ scheduleOnce, until, rejectionOf }) => {
      const ran = [];
      const at = Date.now() + 10;
      const job = scheduleOnce(({ tick }) => void ran.push(tick.scheduledAt.getTime() === at ? 'late' : 'other'), { at });
      const past = scheduleOnce(() => void ran.push('past'), { at: at - 60_000, onError: ({ code }) => void ran.push(code) });
      for (const end = Date.now() + 30; Date.now() < end;); // the answer of the server waits behind this
      await until(() => job.state === 'ended' && past.state === 'ended' && ran.length === 2);
      return ran.sort();
    }), ['invalid-argument', 'late']);
  });

  test('one in the place of another, and one that may not be', async tab => {
    assert.deepEqual(await tab.load(async ({ scheduleInterval, getScheduler, thrownBy, init }) => {
      const first = scheduleInterval(() => {}, { every: '1h', jobId: 'one' });
      const code = thrownBy(() => scheduleInterval(() => {}, { every: '2h', jobId: 'one', replaceExisting: false })).code;
      const second = scheduleInterval(() => {}, { every: '2h', jobId: 'one' });
      await init();
      return [code, first.state, second.state, getScheduler().jobs.length, second.nextRuns(1).length];
    }), ['job-exists', 'ended', 'active', 1, 1]);
  });

  test('what is wrong is said: types at once, what core refuses by onError and by the job', async tab => {
    assert.deepEqual(await tab.load(async ({ scheduleInterval, scheduleCron, Cron, thrownBy, init, rejectionOf }) => {
      const atOnce = [() => scheduleInterval(5, { every: 5 }), () => scheduleInterval(() => {}, {}), () => scheduleInterval(() => {}, { every: {} }),
        () => scheduleCron(() => {}, { cron: 5 }), () => scheduleInterval(() => {}, { every: 5, overlap: 'no' }), () => new Cron(5)].map(call => thrownBy(call).code);
      const told = [];
      const onError = ({ code, message }, task) => told.push([code, message.split(' ')[0], task]);
      const jobs = [scheduleInterval(() => {}, { every: 'often', onError }), scheduleCron(() => {}, { cron: '61 * * * *', onError }), scheduleInterval(() => {}, { every: 5, maxRuns: 0, onError })];
      const now = rejectionOf(jobs[0].runNow());
      const cron = new Cron('nonsense');
      await init();
      return [[...new Set(atOnce)], told.map(([code]) => code), jobs.map(job => job.state), thrownBy(() => jobs[0].runNow()).code, (await now).code, thrownBy(() => cron.nextRun()).code];
    }), [['invalid-argument'], Array(3).fill('invalid-argument'), Array(3).fill('ended'), 'invalid-argument', 'invalid-argument', 'invalid-argument']);
  });
}

function loading(test) {
  test('where the wasm can\'t be found all that waits fails with load-failed, and the next call tries again', async tab => {
    tab.expectProblem(/404/, { optional: true }); // Chromium logs it, Firefox does not
    assert.deepEqual(await tab.load(async ({ run, WorkerPool, cacheData, scheduleInterval, stateRef, thrownBy, rejectionOf }) => {
      await fetch('/go');
      const pool = new WorkerPool('/workers/jobs.js');
      const count = stateRef('count', { factory: () => 1 });
      const load = cacheData(async word => word);
      const told = [];
      const job = scheduleInterval(() => {}, { every: 5, onError: error => told.push(error.code) });
      const failed = [run(() => 1), pool.run('add', [1, 2]), load('a'), pool.warm()];
      const errors = await Promise.all(failed.map(rejectionOf));
      const before = [errors.map(error => error.code), told, job.state, thrownBy(() => count.value).code];
      await fetch('/come');
      return [before, await run(() => 'works'), count.value, await load('b'), await pool.run('add', [1, 2])];
    }), [[Array(4).fill('load-failed'), ['load-failed'], 'ended', 'load-failed'], 'works', 1, 'b', 3]);
  });

  test('an unawaited one leaves no unhandled rejection; after an init() of the app\'s own that failed, tasks fail with its error until the next', async tab => {
    tab.expectProblem(/404/, { optional: true }); // Chromium logs it, Firefox does not
    assert.deepEqual(await tab.load(async ({ init, run, rejectionOf, until }) => {
      await fetch('/go');
      const unhandled = [];
      addEventListener('unhandledrejection', event => unhandled.push(String(event.reason)));
      const task = run(() => 1);
      await until(() => task.done);
      const own = await rejectionOf(init('/missing.wasm'));
      const after = await rejectionOf(run(() => 1));
      await fetch('/come');
      const still = await rejectionOf(run(() => 1));
      await init();
      return [task.error.code, /missing/.test(own.message), after.message === own.message, still.message === own.message, await run(() => 'works'), unhandled];
    }), ['load-failed', true, true, true, 'works', []]);
  });

  test('an app\'s own module takes the place of what a call has begun to load, and what waited goes on', async tab => {
    tab.expectProblem(/404/, { optional: true }); // Chromium logs it, Firefox does not
    assert.deepEqual(await tab.load(async ({ init, run, WorkerPool, rejectionOf }) => {
      await fetch('/come');
      const bytes = await (await fetch('/node_modules/taskloom/taskloom_bg.wasm')).arrayBuffer();
      await fetch('/go');
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const waiting = [run(() => 'works'), pool.run('add', [1, 2])];
      await init(bytes);
      const after = await Promise.all([...waiting, run(() => 'too')]);
      await pool.close();
      const again = await init('/missing.wasm').then(() => 'nothing is missing');
      return [after, again];
    }), [['works', 3, 'too'], 'nothing is missing']);
  });

  test('starts that overlap and fail leave nothing behind: each call is refused or made, and the next start has all', async tab => {
    tab.expectProblem(/404/, { optional: true }); // Chromium logs it, Firefox does not
    assert.deepEqual(await tab.load(async ({ init, run, cacheData, scheduleInterval, rejectionOf, outcomeOf }) => {
      await fetch('/go');
      const load = cacheData(async word => word);
      const first = [rejectionOf(run(() => 1)), rejectionOf(load('a'))];
      const own = rejectionOf(init());
      const second = [rejectionOf(run(() => 2)), rejectionOf(load('b'))];
      const errors = await Promise.all([...first, own, ...second]);
      await fetch('/come');
      const [stale, fresh] = [rejectionOf(run(() => 3)), init()];
      await fresh;
      return [new Set(errors.map(({ code }) => code)).size, errors[0].code, (await stale).code, await run(() => 4), await load('c')];
    }), [1, 'load-failed', 'load-failed', 4, 'c']);
  });

  test('initSync() while init() is under way is done at once, and init() resolves', async tab => {
    assert.deepEqual(await tab.load(async ({ init, initSync, run, stateRef }) => {
      await fetch('/come');
      const bytes = await (await fetch('/node_modules/taskloom/taskloom_bg.wasm')).arrayBuffer();
      const order = [];
      const task = run(() => void order.push('early'));
      const done = init();
      initSync(bytes);
      const ref = stateRef('now', { factory: () => 5 });
      const value = ref.value;
      run(() => void order.push('late'));
      await done;
      await task;
      await run(() => {});
      return [value, order, await run(() => 'works')];
    }), [5, ['early', 'late'], 'works']);
  });
}
