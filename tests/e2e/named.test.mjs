// Tasks by name, and what is left of them after a reload.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { chromium } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

/** A user's storage port: JSON in sessionStorage. In the page as `storage` from then on, also after `reload`. */
const addStorage = tab => tab.bare(() => {
  window.storage = {
    get: key => JSON.parse(sessionStorage.getItem(`test:${key}`)) ?? undefined,
    set: (key, record) => sessionStorage.setItem(`test:${key}`, JSON.stringify(record)),
    delete: key => sessionStorage.removeItem(`test:${key}`),
  };
});

async function reload(tab) {
  await tab.page.reload();
  await addStorage(tab);
}

describe('named tasks', () => {
  const test = inPage(chromium);

  test('has, get, set, delete and iteration are those of a map of tasks', async tab => {
    assert.deepEqual(await tab.run(({ run, sessionTasks }) => {
      const tasks = sessionTasks('a bucket');
      const [one, two] = [run(() => 1), run(() => 2)];
      const before = [tasks.has('one'), tasks.get('one') === undefined, [...tasks].length];
      const chained = tasks.set('one', one).set('two', two) === tasks;
      const entries = [...tasks].map(([name, task]) => [name, task === one || task === two]);
      const found = [tasks.has('one'), tasks.get('one') === one, tasks.get('two') === two];
      const deleted = [tasks.delete('one'), tasks.delete('one'), tasks.has('one'), tasks.get('one') === undefined, [...tasks].length];
      return { bucket: tasks.bucket, before, chained, entries, found, deleted, goesOn: one.state };
    }), {
      bucket: 'a bucket', before: [false, true, 0], chained: true, entries: [['one', true], ['two', true]], found: [true, true, true],
      deleted: [true, false, false, true, 1], goesOn: 'pending',
    });
  });

  test('one bucket has the same tasks for every caller, another has its own, and the one without a name is "tasks"', async tab => {
    assert.deepEqual(await tab.run(({ run, sessionTasks }) => {
      const task = run(() => 1);
      sessionTasks('same').set('load', task);
      sessionTasks().set('load', task);
      return [sessionTasks('same').get('load') === task, sessionTasks('other').has('load'), sessionTasks().bucket, sessionTasks('tasks').get('load') === task];
    }), [true, false, 'tasks', true]);
  });

  test('getOrRun() starts a task once, and gives that one later whatever became of it', async tab => {
    assert.deepEqual(await tab.run(async ({ run, sessionTasks }) => {
      const tasks = sessionTasks();
      const outcomes = [];
      for (const [name, fn] of Object.entries({ done: () => 1, failed: () => { throw new Error('no'); }, cancelled: () => new Promise(() => {}) })) {
        let starts = 0;
        const get = () => tasks.getOrRun(name, () => { starts++; return run(fn); });
        const task = get();
        const same = get() === task;
        if (name === 'cancelled') task.cancel();
        await task.catch(() => {});
        outcomes.push([name, same, get() === task, get().state, starts]);
      }
      return outcomes;
    }), [['done', true, true, 'done', 1], ['failed', true, true, 'error', 1], ['cancelled', true, true, 'cancelled', 1]]);
  });

  test('what start throws comes through, and the name stays free', async tab => {
    assert.deepEqual(await tab.run(async ({ run, sessionTasks, thrownBy }) => {
      const tasks = sessionTasks();
      const errors = [() => { throw new RangeError('mine'); }, () => 5, () => undefined].map(start => thrownBy(() => tasks.getOrRun('load', start)));
      return [errors.map(({ name, code }) => code ?? name), tasks.has('load'), await tasks.getOrRun('load', () => run(() => 'value'))];
    }), [['RangeError', 'invalid-argument', 'invalid-argument'], false, 'value']);
  });

  test('another task takes a name over, and the one that had it goes on', async tab => {
    assert.deepEqual(await tab.run(async ({ run, sessionTasks, deferred }) => {
      const tasks = sessionTasks();
      const gate = deferred();
      const first = tasks.getOrRun('load', () => run(() => gate.promise));
      tasks.set('load', run(() => 'second'));
      gate.resolve('first');
      return [await tasks.get('load'), await first, [...tasks].length];
    }), ['second', 'first', 1]);
  });

  test('any string is a name', async tab => {
    assert.deepEqual(await tab.run(({ run, sessionTasks }) => {
      const names = ['', '__proto__', 'constructor', 'a/b', 'ö \ud83d\ude80', 'x'.repeat(10_000)];
      const tasks = sessionTasks('__proto__');
      const before = names.some(name => tasks.has(name));
      const started = names.map(name => tasks.getOrRun(name, () => run(() => name)));
      return [before, names.every((name, i) => tasks.get(name) === started[i]), [...tasks].map(([name]) => name).join() === names.join()];
    }), [false, true, true]);
  });

  test('with remember a result is there after a reload, and nothing runs again', async tab => {
    await addStorage(tab);
    await tab.run(async ({ run, sessionTasks }) => {
      const tasks = sessionTasks('kept', { remember: true, storage: window.storage });
      await tasks.getOrRun('rows', () => run(async () => ({ rows: [1, 2, 3] })));
      await tasks.getOrRun('nothing', () => run(async () => {}));
    });
    await reload(tab);
    assert.deepEqual(await tab.run(async ({ sessionTasks }) => {
      const tasks = sessionTasks('kept', { remember: true, storage: window.storage });
      const task = tasks.getOrRun('rows', () => { throw new Error('it is there'); });
      const other = tasks.get('nothing');
      return [
        tasks.has('rows'), task.state, task.done, task.result, await task, task.error, task.name, task.cancel(), await task.stopped, tasks.get('rows') === task,
        other.state, await other, tasks.has('never'), /^[0-9a-f-]{36}$/.test(task.id), [...tasks].map(([name]) => name).sort(),
      ];
    }), [
      true, 'done', true, { rows: [1, 2, 3] }, { rows: [1, 2, 3] }, null, 'rows', false, null, true, 'done', null, false, true, ['nothing', 'rows'],
    ]);
  });

  test('a task that was running when its page went away is in error with interrupted until its name is deleted', async tab => {
    await addStorage(tab);
    await tab.run(async ({ run, sessionTasks, nextTurn }) => {
      const tasks = sessionTasks('interrupted', { remember: true, storage: window.storage });
      tasks.set('runs', run(() => new Promise(() => {})));
      tasks.getOrRun('waits', () => run(() => 1, { priority: 'background' }));
      await nextTurn();
    });
    await reload(tab);
    assert.deepEqual(await tab.run(async ({ run, sessionTasks, rejectionOf, describe }) => {
      const tasks = sessionTasks('interrupted', { remember: true, storage: window.storage });
      const task = tasks.getOrRun('runs', () => run(() => 'again'));
      const { name, code, message } = await rejectionOf(task);
      const seen = [task.state, name, code, message.includes('runs'), describe(task.error).code, tasks.getOrRun('runs', () => run(() => 'again')) === task];
      return [...seen, tasks.delete('runs'), await tasks.getOrRun('runs', () => run(() => 'again'))];
    }), ['error', 'TaskloomError', 'interrupted', true, 'interrupted', true, true, 'again']);
  });

  test('failed, cancelled and deleted tasks are not remembered, and nor is one that a deleted name still had', async tab => {
    await addStorage(tab);
    await tab.run(async ({ run, sessionTasks, deferred }) => {
      const tasks = sessionTasks('gone', { remember: true, storage: window.storage });
      const failed = tasks.getOrRun('failed', () => run(async () => { throw new Error('no'); }));
      tasks.getOrRun('cancelled', () => run(() => new Promise(() => {}))).cancel();
      await tasks.getOrRun('deleted', () => run(() => 1));
      tasks.delete('deleted');
      const gate = deferred();
      const late = tasks.getOrRun('late', () => run(() => gate.promise));
      tasks.delete('late');
      gate.resolve();
      await late;
      await failed.catch(() => {});
    });
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionTasks }) => {
      const tasks = sessionTasks('gone', { remember: true, storage: window.storage });
      return ['failed', 'cancelled', 'deleted', 'late'].filter(name => tasks.has(name));
    }), []);
    assert.deepEqual(await tab.bare(() => Object.keys(sessionStorage).filter(key => key.includes('gone'))), []);
  });

  test('of two tasks under one name the later is remembered, whichever ends last', async tab => {
    await addStorage(tab);
    await tab.run(async ({ run, sessionTasks, deferred }) => {
      const tasks = sessionTasks('twice', { remember: true, storage: window.storage });
      const gate = deferred();
      const first = tasks.getOrRun('load', () => run(() => gate.promise));
      const second = run(() => 'second');
      tasks.set('load', second);
      await second;
      gate.resolve('first');
      await first;
    });
    await reload(tab);
    assert.equal(await tab.run(({ sessionTasks }) => sessionTasks('twice', { remember: true, storage: window.storage }).get('load').result), 'second');
  });

  test('a task that was over when it got its name is remembered too', async tab => {
    await addStorage(tab);
    await tab.run(async ({ run, sessionTasks }) => {
      const task = run(() => 'early');
      await task;
      sessionTasks('over', { remember: true, storage: window.storage }).set('load', task);
    });
    await reload(tab);
    assert.equal(await tab.run(({ sessionTasks }) => sessionTasks('over', { remember: true, storage: window.storage }).get('load').result), 'early');
  });

  test('two names in two buckets are never the same record', async tab => {
    await addStorage(tab);
    await tab.run(({ run, sessionTasks }) => sessionTasks('a/b', { remember: true, storage: window.storage }).getOrRun('c', () => run(() => 'mine')));
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionTasks }) => {
      const [mine, other] = ['a/b', 'a'].map(bucket => sessionTasks(bucket, { remember: true, storage: window.storage }));
      return [mine.get('c').result, other.has('b/c')];
    }), ['mine', false]);
  });

  test('without remember nothing is stored, and without a storage of one\'s own it lasts as long as the session', async tab => {
    await addStorage(tab);
    assert.deepEqual(await tab.run(async ({ run, sessionTasks }) => {
      await sessionTasks('plain', { storage: window.storage }).getOrRun('load', () => run(() => 1));
      await sessionTasks('session', { remember: true }).getOrRun('load', () => run(() => 2));
      return [Object.keys(sessionStorage).filter(key => key.includes('plain')), sessionTasks('session', { remember: true }).get('load').result];
    }), [[], 2]);
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionTasks }) => [sessionTasks('plain').has('load'), sessionTasks('session', { remember: true }).get('load').result]), [false, 2]);
  });

  test('what a storage holds that is no record of ours is as good as nothing', async tab => {
    assert.deepEqual(await tab.run(({ run, sessionTasks }) => {
      const records = new Map([[1, null], [2, {}], [3, { state: 'done' }], [4, { state: 99, value: 1 }], [5, { state: NaN }], [6, 'text'], [7, { state: -1 }]]
        .map(([name, record]) => [`garbage ${name}`, record]));
      const storage = { get: key => records.get([...records.keys()].find(name => key.includes(name))), set() {}, delete() {} };
      const tasks = sessionTasks('garbage', { remember: true, storage });
      return [...records.keys()].map(name => [tasks.has(name), tasks.getOrRun(name, () => run(() => 1)).state]);
    }), Array(7).fill([false, 'pending']));
  });

  test('a storage that is full is reported and harms no task: it is there by its name in this page', async tab => {
    tab.expectProblem(/QuotaExceededError/);
    assert.deepEqual(await tab.run(async ({ run, sessionTasks }) => {
      const storage = { get() {}, set() { throw new DOMException('full', 'QuotaExceededError'); }, delete() {} };
      const tasks = sessionTasks('full', { remember: true, storage });
      let starts = 0;
      const get = () => tasks.getOrRun('load', () => { starts++; return run(() => 'value'); });
      let first;
      try {
        first = get();
      } catch (error) {
        return [`thrown: ${error.name}`, starts];
      }
      return [await first, get() === first, starts];
    }), ['value', true, 1]);
  });

  test('remember alone keeps what is done over a reload, whatever kind of value it is, and nothing runs again', async tab => {
    await tab.run(async ({ run, sessionTasks }) => {
      const tasks = sessionTasks('own', { remember: true });
      await tasks.getOrRun('rows', () => run(async () => new Map([['when', new Date(5)], ['none', undefined]])));
      await tasks.getOrRun('nothing', () => run(() => {}));
    });
    await tab.page.reload();
    assert.deepEqual(await tab.run(async ({ sessionTasks }) => {
      const tasks = sessionTasks('own', { remember: true });
      const task = tasks.getOrRun('rows', () => { throw new Error('it is there'); });
      return [task.state, (await task).get('when').getTime(), task.result.has('none'), tasks.get('nothing').state, tasks.has('never'), sessionTasks('other', { remember: true }).has('rows')];
    }), ['done', 5, true, 'done', false, false]);
  });

  test('remember alone makes an interrupted one of what was running, and keeps nothing of what failed, was cancelled or deleted', async tab => {
    await tab.run(async ({ run, sessionTasks, nextTurn }) => {
      const tasks = sessionTasks('own', { remember: true });
      tasks.getOrRun('runs', () => run(() => new Promise(() => {})));
      tasks.getOrRun('cancelled', () => run(() => new Promise(() => {}))).cancel();
      await tasks.getOrRun('failed', () => run(() => { throw new Error('no'); })).catch(() => {});
      await tasks.getOrRun('deleted', () => run(() => 1));
      tasks.delete('deleted');
      await nextTurn();
    });
    for (let i = 0; i < 2; i++) {
      await tab.page.reload();
      assert.deepEqual(await tab.run(async ({ run, sessionTasks, rejectionOf }) => {
        const tasks = sessionTasks('own', { remember: true });
        const task = tasks.getOrRun('runs', () => run(() => 'again'));
        return [(await rejectionOf(task)).code, task.state, ['failed', 'cancelled', 'deleted'].filter(name => tasks.has(name))];
      }), ['interrupted', 'error', []], `life ${i}`);
    }
    assert.deepEqual(await tab.run(async ({ run, sessionTasks }) => {
      const tasks = sessionTasks('own', { remember: true });
      return [tasks.delete('runs'), await tasks.getOrRun('runs', () => run(() => 'again'))];
    }), [true, 'again']);
  });

  test('with remember alone a result that has no text is reported and there in this page; in the next life it was never started', async tab => {
    tab.expectProblem(/can't be stored: a function is not plain data/);
    assert.equal(await tab.run(async ({ run, sessionTasks, nextTurn }) => {
      const tasks = sessionTasks('own', { remember: true });
      await tasks.getOrRun('shapeless', () => run(() => ({ rows: [() => {}] })));
      await nextTurn();
      return typeof tasks.get('shapeless').result.rows[0];
    }), 'function');
    await tab.checkProblems();
    await tab.page.reload();
    assert.deepEqual(await tab.run(async ({ run, sessionTasks }) => {
      const tasks = sessionTasks('own', { remember: true });
      return [tasks.has('shapeless'), await tasks.getOrRun('shapeless', () => run(() => 'again'))];
    }), [false, 'again']);
  });

  test('with remember alone a result that has no room is reported and there in this page; in the next life it was not interrupted', async tab => {
    tab.expectProblem(/storage is full/);
    await tab.run(async ({ run, sessionTasks, deferred, nextTurn }) => {
      const tasks = sessionTasks('own', { remember: true });
      const gate = deferred();
      const task = tasks.getOrRun('large', () => run(() => gate.promise));
      await nextTurn();
      const { setItem } = Storage.prototype;
      Storage.prototype.setItem = function (key, text) {
        if (text.length > 1000) throw new DOMException('full', 'QuotaExceededError');
        setItem.call(this, key, text);
      };
      gate.resolve('x'.repeat(2000));
      await task;
      await nextTurn();
      if (tasks.get('large').result.length !== 2000) throw new Error('it is not there');
    });
    await tab.page.reload();
    assert.equal(await tab.run(({ sessionTasks }) => sessionTasks('own', { remember: true }).has('large')), false);
  });
});
