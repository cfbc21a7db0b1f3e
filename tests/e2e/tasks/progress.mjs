// Progress values: the latest, the drained, the iterated.

import assert from 'node:assert/strict';

export default function progress(test) {
  test('progress is the latest value, and reading takes nothing away', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const gate = deferred();
      const task = run(async ctx => {
        ctx.progress(1);
        ctx.progress(2);
        await gate.promise;
        ctx.progress(3);
      });
      const seen = [task.progress === undefined];
      await Promise.resolve();
      seen.push(task.progress, task.progress);
      gate.resolve();
      await task;
      seen.push(task.progress, task.drainProgress());
      return seen;
    }), [true, 2, 2, 3, [1, 2, 3]]);
  });

  test('drainProgress() gives each value once, oldest first, also after the end', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const [first, second] = [deferred(), deferred()];
      const task = run(async ctx => {
        ctx.progress('a');
        ctx.progress('b');
        await first.promise;
        ctx.progress('c');
        await second.promise;
        ctx.progress('d');
        ctx.progress(undefined);
      });
      const drains = [task.drainProgress()];
      await Promise.resolve();
      drains.push(task.drainProgress(), task.drainProgress());
      first.resolve();
      await first.promise;
      await Promise.resolve();
      drains.push(task.drainProgress());
      second.resolve();
      await task;
      drains.push(task.drainProgress(), task.drainProgress());
      return drains;
    }), [[], ['a', 'b'], [], ['c'], ['d', null], []]); // undefined is null in JSON
  });

  test('iterating gives every value, drained ones too, and ends with the task', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const task = run(async ctx => {
        for (let i = 0; i < 5; i++) {
          ctx.progress(i);
          await nextTurn();
        }
      });
      await nextTurn();
      task.drainProgress();
      const values = [];
      for await (const value of task) values.push(value);
      const after = [];
      for await (const value of task) after.push(value);
      return [values, after, task.state];
    }), [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], 'done']);
  });

  test('several readers at once each see every value, the quick and the slow', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const task = run(async ctx => {
        for (let i = 0; i < 20; i++) {
          ctx.progress(i);
          if (i % 3 === 0) await nextTurn();
        }
      });
      const read = async (turns) => {
        let sum = 0;
        let count = 0;
        for await (const value of task) {
          sum += value;
          count++;
          for (let i = 0; i < turns; i++) await nextTurn();
        }
        return [count, sum];
      };
      return Promise.all([read(0), read(1), read(3)]);
    }), Array(3).fill([20, 190]));
  });

  test('a reader gets the error of the task after the last value', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const failing = run(async ctx => {
        ctx.progress(1);
        await nextTurn();
        ctx.progress(2);
        throw new RangeError('no more');
      });
      const cancelled = run(async ctx => {
        ctx.progress(1);
        await nextTurn();
        cancelled.cancel(new TypeError('enough'));
      });
      const outcomes = [];
      for (const task of [failing, cancelled]) {
        const values = [];
        try {
          for await (const value of task) values.push(value);
        } catch (error) {
          values.push(error.name, error === task.error);
        }
        outcomes.push(values);
      }
      return outcomes;
    }), [[1, 2, 'RangeError', true], [1, 'TypeError', true]]);
  });

  test('leaving the loop, or returning a waiting iterator, ends that reader only', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const gate = deferred();
      const task = run(async ctx => {
        ctx.progress(1);
        ctx.progress(2);
        await gate.promise;
        return 'done';
      });
      for await (const value of task) if (value === 1) break;
      const iterator = task[Symbol.asyncIterator]();
      const own = iterator[Symbol.asyncIterator]() === iterator;
      await iterator.next();
      await iterator.next();
      const waiting = iterator.next();
      await iterator.return();
      const ended = await waiting;
      const running = task.state;
      gate.resolve();
      return [own, ended.done, (await iterator.next()).done, running, await task];
    }), [true, true, true, 'running', 'done']);
  });

  test('calls of next() that were made at once are answered in order', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const task = run(async ctx => {
        for (let i = 0; i < 3; i++) {
          await nextTurn();
          ctx.progress(i);
        }
      });
      const iterator = task[Symbol.asyncIterator]();
      const answers = await Promise.all(Array.from({ length: 5 }, () => iterator.next()));
      return answers.map(({ value, done }) => (done ? 'end' : value));
    }), [0, 1, 2, 'end', 'end']);
  });

  test('the buffer keeps the newest values and counts those that it dropped', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const report = count => ctx => { for (let i = 1; i <= count; i++) ctx.progress(i); };
      const describe = async (count, options) => {
        const task = run(report(count), options);
        await task;
        const values = [];
        for await (const value of task) values.push(value);
        return [task.droppedProgress, values.length, values[0], values.at(-1), task.drainProgress().length, task.progress];
      };
      return [
        await describe(5, { progressBuffer: 3 }), await describe(5, { progressBuffer: 5 }), await describe(5, { progressBuffer: 1 }),
        await describe(1_024), await describe(1_030), await describe(100_000),
      ];
    }), [
      [2, 3, 3, 5, 3, 5], [0, 5, 1, 5, 5, 5], [4, 1, 5, 5, 1, 5],
      [0, 1_024, 1, 1_024, 1_024, 1_024], [6, 1_024, 7, 1_030, 1_024, 1_030], [98_976, 1_024, 98_977, 100_000, 1_024, 100_000],
    ]);
  });

  test('a reader that is too slow goes on at the oldest value that is kept', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const gate = deferred();
      const task = run(async ctx => {
        ctx.progress(1);
        await gate.promise;
        for (let i = 2; i <= 10; i++) ctx.progress(i);
      }, { progressBuffer: 3 });
      const values = [];
      for await (const value of task) {
        values.push(value);
        if (value === 1) {
          gate.resolve();
          await task;
        }
      }
      return values;
    }), [1, 8, 9, 10]);
  });

  test('progressStream() is the same as a ReadableStream', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn, rejectionOf }) => {
      const count = async ctx => {
        for (let i = 0; i < 3; i++) {
          ctx.progress(i);
          await nextTurn();
        }
      };
      const all = [];
      await run(count).progressStream().pipeTo(new WritableStream({ write: value => void all.push(value) }));

      const failing = run(async ctx => { await count(ctx); throw new RangeError('broken'); });
      const reader = failing.progressStream().getReader();
      const first = await reader.read();
      await reader.read();
      await reader.read();
      const error = await rejectionOf(reader.read());

      const left = run(count);
      const stream = left.progressStream();
      await stream.cancel('enough');
      await left;
      return [all, first, error.name, left.state];
    }), [[0, 1, 2], { value: 0, done: false }, 'RangeError', 'done']);
  });

  test('progress that is reported after the end is dropped', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      let late;
      const task = run(ctx => {
        late = ctx.progress;
        ctx.progress('in time');
      });
      await task;
      late('too late');
      const cancelled = run(ctx => {
        late = ctx.progress;
        return new Promise(() => {});
      });
      await Promise.resolve();
      cancelled.cancel();
      late('too late');
      return [task.progress, task.drainProgress(), cancelled.drainProgress()];
    }), ['in time', ['in time'], []]);
  });
}
