// Calling jobs: by name, through `api`, as functions; what arrives, and in which order.

import assert from 'node:assert/strict';

export default function calls(test, { isolated }) {
  test('a job is called by its name, through the api, and as a function; each call is a task', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, run }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const add = pool.job('add', { name: 'sum' });
      const tasks = [pool.run('add', [1, 2]), pool.api.add(3, 4), add(5, 6), pool.run('later', ['async']), pool.run('thenable', ['thenable']), pool.run('callable', ['callable'])];
      const before = tasks.map(task => [task instanceof run(() => {}).constructor, task.state, task.startedAt]);
      const values = await Promise.all(tasks);
      return [before.every(one => one[0] && one[1] === 'pending' && one[2] === null), values, tasks.map(task => task.state),
        tasks.every(task => task.startedAt instanceof Date && task.finishedAt >= task.startedAt && task.attempt === 1), add.name, tasks[2].name,
        new Set(tasks.map(task => task.id)).size];
    }), [true, [3, 7, 11, 'async', 'thenable', 'callable'], Array(6).fill('done'), true, 'add', 'sum', 6]);
  });

  test('a worker is made from a relative or absolute URL, with the pool\'s name, or by a function', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const named = new WorkerPool('/workers/jobs.js', { size: 1, name: 'loom' });
      const pools = [
        named, new WorkerPool('./workers/jobs.js', { size: 1 }), new WorkerPool(new URL('workers/jobs.js', location.href), { size: 1 }),
        new WorkerPool(() => new Worker('/workers/jobs.js', { type: 'module', name: 'mine' }), { size: 1 }), new WorkerPool('/redirected.js', { size: 1 }),
      ];
      return [await Promise.all(pools.map(pool => pool.api.add(20, 22))), await named.api.name(), await pools[3].api.name(), await named.api.isolated()];
    }), [Array(5).fill(42), 'loom', 'mine', isolated]);
  });

  test('values arrive as structured clones', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const cyclic = { deep: [{}] };
      cyclic.deep[0].top = cyclic;
      const values = [undefined, null, NaN, -0, 2n ** 70n, '\ud800 ⚙', new Date(5), /a+/gi, new Map([[{ k: 1 }, new Set([1])]]), new Uint16Array([1, 2]),
        cyclic, [1, , 3], { ['__proto__']: 5 }, new Error('as a value'), true, new Blob(['text']), new DataView(new ArrayBuffer(3)), 'x'.repeat(100_000)];
      const back = await Promise.all(values.map(value => pool.api.echo(value)));
      const [map] = [...back[8]];
      const same = [back[0] === undefined, back[1] === null, Number.isNaN(back[2]), Object.is(back[3], -0), back[4] === 2n ** 70n, back[5] === values[5],
        +back[6] === 5, `${back[7]}` === '/a+/gi', map[0].k === 1 && map[1].has(1), back[9] instanceof Uint16Array && back[9].join() === '1,2',
        back[10].deep[0].top === back[10] && back[10] !== cyclic, back[11].length === 3 && !(1 in back[11]), Object.hasOwn(back[12], '__proto__'),
        back[13] instanceof Error && back[13].message === 'as a value', back[14] === true, (await back[15].text()) === 'text', back[16].byteLength === 3,
        back[17] === values[17]];
      const all = await pool.run('all', values.slice(0, 6));
      const shared = { one: 1 };
      const [first, second] = await pool.api.all(shared, shared);
      return [same.map((ok, i) => (ok ? '' : i)).join(''), all.length, all[0] === undefined && 0 in all, Object.is(all[3], -0), first === second,
        await pool.run('all'), await pool.api.all()];
    }), ['', 6, true, true, true, [], []]);
  });

  test('this is the exposed object, and a job is given its context before its arguments', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      return [await pool.run('the jobs'), await pool.api.context('a', 2), await pool.run('generateWithContext', [0])];
    }), [true, [1, false, false, ['a', 2]], true]);
  });

  test('any name will do, and neither the pool nor its api is taken for a promise', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, rejectionOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const { api } = pool;
      const passed = [await pool === pool, await api === api, await Promise.resolve(api) === api, await (async () => api)() === api];
      const called = await Promise.all([
        pool.run('then'), api.constructor(), api.__proto__(), pool.run('__proto__'), api[' ⚙ \u0000'](), pool.job('then')(),
      ]);
      const unknown = await Promise.all(['toString', 'hasOwnProperty', 'valueOf', '', 'jobs', 'add '].map(name => rejectionOf(pool.run(name))));
      return [passed, called, unknown.map(({ code }) => code), unknown[5].message.includes('"add "') && unknown[5].message.includes('add, echo'),
        [api.then, api[Symbol.toPrimitive], api[Symbol.iterator], api[Symbol.toStringTag]].every(value => value === undefined), api.add === api.add];
    }), [Array(4).fill(true), ['a job named then', 'a job named constructor', 'a job named __proto__', 'a job named __proto__', 'an odd name', 'a job named then'],
      Array(6).fill('unknown-job'), true, true, true]);
  });

  test('an unknown job is not tried again, touches no other call, and says what there is', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const tasks = [pool.api.add(1, 1), pool.run('nope', [], { retry: { maxAttempts: 5 } }), pool.api.add(2, 2)];
      await Promise.allSettled(tasks);
      return [tasks.map(task => task.state), tasks[1].error.code, tasks[1].error.name, tasks[1].attempt, tasks[2].result, pool.stats().started];
    }), [['done', 'error', 'done'], 'unknown-job', 'TaskloomError', 1, 4, 1]);
  });

  test('what is called wrongly throws at once, and names what is wrong', async tab => {
    const seen = await tab.run(async ({ WorkerPool, thrownBy, transfer }) => {
      const pool = new WorkerPool('/workers/jobs.js');
      const make = (options, create = '/workers/jobs.js') => () => new WorkerPool(create, options);
      const calls = {
        'the worker': make({}, 5), 'options': make(5), 'size': make({ size: 0 }), 'size is 1.5': make({ size: 1.5 }), "size is 'many'": make({ size: 'many' }),
        'size is 1025': make({ size: 1025 }), 'size is NaN': make({ size: NaN }), 'minWorkers': make({ size: 1, minWorkers: 2 }), 'minWorkers is -1': make({ minWorkers: -1 }), 'idleTimeout': make({ idleTimeout: -1 }),
        'startTimeout': make({ startTimeout: 'soon' }), 'cancelGrace': make({ cancelGrace: NaN }), 'maxQueue': make({ maxQueue: -1 }), 'name': make({ name: 5 }),
        'maxCompleted': make({ maxCompleted: 'all' }),
        'the job': () => pool.run(5), args: () => pool.run('add', 5), 'transfer': () => pool.run('add', [], { transfer: 5 }),
        'timeout': () => pool.run('add', [], { timeout: 'soon' }), 'the transfer list': () => transfer({}, 5), 'the value': () => transfer(5, []),
      };
      const wrong = Object.entries(calls).map(([what, call]) => ({ what, ...thrownBy(call) }));
      return [wrong.filter(({ code, what, message }) => code !== 'invalid-argument' || !message.includes(what)), pool.stats().started, pool.waiting];
    });
    assert.deepEqual(seen, [[], 0, 0]);
  });

  test('size is by default one less than the cores, at least 1', async tab => {
    assert.equal(await tab.run(({ WorkerPool }) => {
      const auto = Math.max(1, navigator.hardwareConcurrency - 1);
      return [new WorkerPool('/workers/jobs.js').size, new WorkerPool('/workers/jobs.js', { size: 'auto' }).size].every(size => size === auto);
    }), true);
  });

  test('two workers work at the same time', async tab => {
    assert.equal(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      const [one, other] = await Promise.all([pool.api.meet('channel'), pool.api.meet('channel')]);
      return one !== other;
    }), true);
  });

  test('a burst of small calls comes back in order, and goes as few messages', async tab => {
    const { right, sent, started } = await tab.run(async ({ WorkerPool }) => {
      let sent = 0;
      const pool = new WorkerPool(() => {
        const worker = new Worker('/workers/jobs.js', { type: 'module' });
        const { postMessage } = worker;
        worker.postMessage = (...args) => { sent++; return postMessage.apply(worker, args); };
        return worker;
      }, { size: 1 });
      for (let i = 0; i < 20; i++) await pool.api.add(i, 1); // it learns that they are short
      sent = 0;
      const order = [];
      const values = await Promise.all(Array.from({ length: 3000 }, (_, i) => pool.api.add(i, 1).finally(() => order.push(i))));
      return { right: values.every((value, i) => value === i + 1) && order.every((value, i) => value === i), sent, started: pool.stats().started };
    });
    assert.deepEqual([right, started], [true, 1]);
    assert(sent < 1000, `3,000 calls took ${sent} messages`);
  });

  test('what a worker does to its own globals later does no harm', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      return [await pool.api.replaceGlobals(), await pool.api.add(1, 2), await pool.api.replaceGlobals()];
    }), ['replaced', 3, 'replaced']);
  });

  test('the arguments are those at the time when they are sent, and results are each caller\'s own', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      await pool.warm();
      const argument = { value: 1 };
      const [one, other] = [pool.api.echo(argument), pool.api.echo(argument)];
      const results = await Promise.all([one, other]);
      return [results[0] !== results[1], results[0] !== argument, results[0].value, one.result === results[0]];
    }), [true, true, 1, true]);
  });

  test('a worker runs one call at a time, asynchronous ones too', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, nextTurn }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const gates = [gate(), gate()];
      const tasks = gates.map(({ id }) => pool.api.wait(id));
      await gates[0].reached();
      for (let i = 0; i < 20; i++) await nextTurn();
      const before = await fetch(`/reached?${gates[1].id}`).then(answer => answer.json());
      await gates[0].open();
      await tasks[0];
      await gates[1].reached();
      await gates[1].open();
      return [before, (await Promise.all(tasks)).length];
    }), [false, 2]);
  });

  test('calls that were sent to a worker behind a long one go to one that has nothing to do', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, countOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      await pool.warm();
      for (let i = 0; i < 60; i++) await pool.api.waitOrNot(); // it is taken for short
      const held = gate();
      const long = pool.api.waitOrNot(held.id);
      const behind = Array.from({ length: 20 }, () => pool.api.waitOrNot());
      await Promise.all(behind); // while the long one goes on
      const during = long.state;
      await held.open();
      await long;
      return [during, pool.stats().started, pool.stats().lost];
    }), ['running', 2, 0]);
  });

  test('four workers share a long line of work', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 4 });
      const gates = Array.from({ length: 4 }, gate);
      const held = gates.map(({ id }) => pool.api.wait(id));
      await Promise.all(gates.map(one => one.reached())); // all four at once
      const stats = pool.stats();
      const behind = Array.from({ length: 50 }, (_, i) => pool.api.add(i, i));
      for (const one of gates) await one.open();
      const workers = new Set(await Promise.all(held));
      await Promise.all(behind);
      return [workers.size, stats.workers.map(({ state, job, open }) => [state, job, open]), stats.running, stats.waiting, behind.every((task, i) => task.result === 2 * i)];
    }), [4, Array(4).fill(['busy', 'wait', 1]), 4, 0, true]);
  });
}
