// Listeners that feed themselves: the page goes on, and an error says so.

import assert from 'node:assert/strict';

export default function loops(test) {
  const LOOP = /listener-loop|a listener of/;

  test('a listener of a state that writes it each time it is told of it ends after 100 rounds', async tab => {
    assert.deepEqual(await tab.run(async ({ sessionStore }) => {
      const errors = [];
      const store = sessionStore({ namespace: 'loop', onError: ({ code, key }) => errors.push(`${code} ${key}`) });
      const ref = store.ref('count', { factory: () => 0 });
      let told = 0;
      ref.subscribe(() => { told++; ref.value++; });
      ref.value = 1;
      const first = [told, ref.value, errors.join()];
      told = 0;
      ref.value = 1;
      return [first, told, ref.value, errors.length];
    }), [[101, 102, 'listener-loop count'], 101, 102, 2]);
  });

  test('two states whose listeners write each other end, and touch() that touches', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const errors = [];
      const store = sessionStore({ namespace: 'loop', onError: ({ code }) => errors.push(code) });
      const [a, b] = ['a', 'b'].map(key => store.ref(key, { factory: () => 0 }));
      let told = 0;
      a.subscribe(value => { told++; b.value = value + 1; });
      b.subscribe(value => { a.value = value + 1; });
      a.value = 1;
      const both = [told, errors.splice(0).join()];
      const c = store.ref('c', { factory: () => 0 });
      c.subscribe(() => c.touch());
      c.touch();
      return [both, errors.join()];
    }), [[101, 'listener-loop'], 'listener-loop']);
  });

  test('a listener that writes many times, or until it is content, is told of all of it', async tab => {
    assert.deepEqual(await tab.run(({ stateRef }) => {
      const ref = stateRef('burst', { namespace: 'loop', factory: () => 0 });
      let told = 0;
      const stop = ref.subscribe(value => {
        told++;
        if (value === 1) for (let i = 2; i <= 1000; i++) ref.value = i;
      });
      ref.value = 1;
      stop();
      const settling = stateRef('settling', { namespace: 'loop', factory: () => 0 });
      settling.subscribe(value => { if (value < 90) settling.value = value + 1; });
      settling.value = 1;
      return [told, settling.value];
    }), [1000, 90]);
  });

  test('a listener of a task that reports the progress that it is told of ends after 100 rounds', async tab => {
    tab.expectProblem(LOOP);
    assert.deepEqual(await tab.run(async ({ nextTurn, run }) => {
      let told = 0;
      let end;
      const task = run(({ progress }) => new Promise(resolve => {
        end = resolve;
        task.subscribe(() => { told++; progress(told); });
        progress(0);
      }));
      await nextTurn();
      await nextTurn();
      const before = told;
      end('end');
      await task;
      await nextTurn();
      return [before, told > before];
    }), [101, true]);
  });

  test('a listener of a schedule that pauses and resumes it each time ends', async tab => {
    tab.expectProblem(LOOP);
    assert.deepEqual(await tab.run(async ({ nextTurn, scheduleInterval }) => {
      let told = 0;
      const job = scheduleInterval(() => {}, { every: '1h' });
      const stop = job.subscribe(() => {
        told++;
        job.pause();
        job.resume();
      });
      job.pause();
      job.resume();
      await nextTurn();
      await nextTurn();
      stop();
      job.cancel();
      return told;
    }), 101);
  });

  test('a listener of a cache that fills or clears it each time ends, and so does onEvict', async tab => {
    tab.expectProblem(LOOP);
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const ends = [];
      let told = 0;
      const filled = cacheData(x => x);
      const stop = filled.subscribe(() => filled(++told));
      filled(0);
      await nextTurn();
      await nextTurn();
      stop();
      ends.push(told);
      let evicted = 0;
      const small = cacheData(x => x, { maxEntries: 1, onEvict: () => small(--evicted) });
      small(1);
      small(2);
      await nextTurn();
      await nextTurn();
      ends.push(evicted);
      return ends;
    }), [100, -100]);
  });
}
