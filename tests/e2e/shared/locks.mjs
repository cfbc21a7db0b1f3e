// Locks: one at a time, whatever becomes of those that hold them or wait.

import assert from 'node:assert/strict';
import { get, hold, letGo, open, openIn, untilIs, wait } from './support.mjs';

export default function locks(test, { browser }) {
  test('a lock excludes other tabs and other calls of its own, and its function is given token, value and writes of its own', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    for (const each of [tab, other]) {
      await each.bare(() => {
        window.work = () => Promise.all(Array.from({ length: 5 }, () => window.shared.lock('n', async ({ value, set, token }) => {
          await new Promise(resolve => setTimeout(resolve, 1));
          await set((value ?? 0) + 1);
          return token;
        })));
      });
    }
    const tokens = (await Promise.all([tab, other].map(each => each.bare(() => window.work())))).flat();
    assert.equal(new Set(tokens).size, 10);
    for (const each of [tab, other]) await untilIs(each, 'n', 10);
  });

  test('lock() resolves to what its function returns, and rejects with what it throws; then the lock is free', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      const { shared } = window;
      return [
        await shared.lock('a', async ({ set, update, value }) => {
          await set(1);
          return [value ?? null, await update(a => a + 1), await update(async a => a + 1)];
        }),
        (await shared.lock('a', () => { throw new RangeError('no'); }).catch(describe)).name,
        await shared.lock('a', ({ value, delete: remove }) => remove().then(() => value)), shared.has('a'),
      ];
    }), [[null, 2, 3], 'RangeError', 3, false]);
  });

  test('writes of other tabs wait for the lock, those of its own tab do not, and other keys are free', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await hold(tab, 'a');
    await other.bare(() => {
      window.writes = Promise.all([window.shared.set('a', 'theirs'), window.shared.update('a', a => `${a}!`)]);
      return window.shared.set('b', 1);
    });
    await tab.bare(() => window.shared.set('a', 'ours'));
    await untilIs(other, 'a', 'ours');
    assert.equal(await letGo(tab), 'held');
    await other.bare(() => window.writes);
    assert.equal(await get(other, 'a'), 'theirs!');
  });

  test('ifAvailable rejects with lock-unavailable while another tab has the lock, or another call of this one', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await hold(tab, 'a');
    for (const each of [tab, other]) {
      assert.deepEqual(await each.bare(({ describe }) => {
        window.isCalled = false;
        return window.shared.lock('a', () => { window.isCalled = true; }, { ifAvailable: true }).catch(describe).then(({ code }) => [code, window.isCalled]);
      }), ['lock-unavailable', false]);
    }
    await letGo(tab);
    assert.equal(await other.bare(() => window.shared.lock('a', () => 'mine', { ifAvailable: true })), 'mine');
  });

  test('a lock that is asked for by what runs under it rejects with recursive-call', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(({ describe }) => window.shared.lock('a', async () => [
      (await window.shared.lock('a', () => 'never').catch(describe)).code, await window.shared.lock('b', () => 'another key'),
    ])), ['recursive-call', 'another key']);
  });

  test('a signal ends the wait for a lock, and what waits behind is not held up', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await hold(tab, 'a');
    assert.deepEqual(await other.bare(async ({ describe }) => {
      const controller = new AbortController();
      const waiting = window.shared.lock('a', () => 'never', { signal: controller.signal }).catch(describe);
      const writing = window.shared.set('a', 1, { signal: controller.signal }).catch(describe);
      setTimeout(() => controller.abort(), 100);
      const late = window.shared.lock('a', () => 'never', { signal: AbortSignal.abort(new RangeError('mine')) }).catch(describe);
      return [(await waiting).name, (await writing).name, (await late).message];
    }), ['AbortError', 'AbortError', 'mine']);
    await wait(other, 'a');
    await letGo(tab);
    assert.equal(typeof await other.bare(() => window.waited), 'number');
  });

  test('a signal that aborts while a write finds the lock held ends its wait, whenever that is', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await hold(tab, 'a');
    assert.deepEqual(await other.bare(async ({ describe }) => {
      const { port1, port2 } = new MessageChannel();
      const turn = () => new Promise(resolve => {
        port1.onmessage = resolve;
        port2.postMessage(null);
      });
      const ends = [];
      for (let turns = 0; turns < 20; turns++) {
        const controller = new AbortController();
        ends.push(window.shared.set('a', turns, { signal: controller.signal }).catch(describe), window.shared.update('a', () => turns, { signal: controller.signal }).catch(describe));
        for (let i = 0; i < turns; i++) await turn();
        controller.abort();
      }
      return [...new Set((await Promise.all(ends)).map(({ name }) => name))];
    }), ['AbortError']);
    await letGo(tab);
  });

  test('a signal tells what runs under the lock, which goes on and keeps the lock until it ends', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async () => {
      const controller = new AbortController();
      return window.shared.lock('a', async ({ signal, set }) => {
        controller.abort(new RangeError('enough'));
        await set('still');
        return [signal.reason.message, window.shared.get('a')];
      }, { signal: controller.signal });
    }), ['enough', 'still']);
  });

  test('a write under a token that is over is refused with lease-lost', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      let kept;
      await window.shared.lock('a', context => { kept = context; });
      const errors = [await kept.set(1).catch(describe), await kept.update(() => 1).catch(describe), await window.shared.set('a', 1, { token: kept.token }).catch(describe)];
      return [errors.map(({ code }) => code), window.shared.has('a')];
    }), [Array(3).fill('lease-lost'), false]);
  });

  test('a holder that works for longer than its lease keeps the lock: it answers', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await hold(tab, 'a', { lease: 200 });
    await wait(other, 'a', { lease: 200 });
    await other.bare(() => new Promise(resolve => setTimeout(resolve, 1500)));
    assert.equal(await other.bare(() => window.hasLock), false);
    assert.equal(await letGo(tab), 'held');
    assert.equal(typeof await other.bare(() => window.waited), 'number');
  });

  test('when the tab that holds a lock is closed, the next goes on, although the lease is long', async (tab, another) => {
    const [holder, other] = [await another(), await another()];
    await openIn([tab, holder, other], { lease: '1h' });
    await hold(holder, 'a');
    await wait(tab, 'a');
    await wait(other, 'a');
    await holder.page.close();
    const tokens = [await tab.bare(() => window.waited), await other.bare(() => window.waited)];
    assert(new Set(tokens).size === 2 && tokens.every(Number.isInteger), String(tokens));
  });

  test('a write that waits for a tab that is closed goes on', async (tab, another) => {
    const holder = await another();
    await openIn([tab, holder], { lease: '1h' });
    await hold(holder, 'a');
    await tab.bare(() => { window.writing = window.shared.set('a', 1); });
    await holder.page.close();
    await tab.bare(() => window.writing);
    assert.equal(await get(tab, 'a'), 1);
  });

  test('close() ends what waits, and what runs is told', async (tab, another) => {
    const other = await another();
    await openIn([tab, other], { lease: '1h' });
    await hold(tab, 'a');
    await wait(other, 'a');
    await other.bare(() => window.shared.close());
    assert.equal((await other.bare(() => window.waited)).code, 'disposed');
    assert.deepEqual(await tab.bare(async () => {
      window.shared.close();
      return [(await window.ended).code, window.context.signal.aborted];
    }), ['disposed', true]);
    const late = await another();
    await open(late);
    await wait(late, 'a');
    assert.equal(typeof await late.bare(() => window.waited), 'number');
  });

  test('who was silent for longer than the lease is told, if another has had the lock, even if nothing is awaited after it', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(({ describe }) => {
      window.ended = window.shared.lock('a', async () => {
        window.isHeld = true;
        await new Promise(resolve => { window.goSilent = resolve; });
        for (const end = Date.now() + 4000; Date.now() < end;); // the message of who takes it waits behind this
        return 'alone';
      }, { lease: 500 }).catch(describe);
    });
    await tab.bare(({ until }) => until(() => window.isHeld));
    await wait(other, 'a');
    await tab.bare(() => setTimeout(() => window.goSilent(), 50));
    assert.equal(typeof await other.bare(() => window.waited), 'number');
    assert.equal((await tab.bare(() => window.ended)).code, 'lease-lost');
    // Who works for long and answers keeps it.
    assert.equal(await tab.bare(() => window.shared.lock('b', async () => {
      await new Promise(resolve => setTimeout(resolve, 300));
      return 'kept';
    }, { lease: 100 })), 'kept');
  });

  test('without locks of the platform, as on an insecure page, who holds a lock is asked, and keeps it', async (tab, another) => {
    const other = await another();
    for (const each of [tab, other]) {
      await each.bare(() => {
        Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });
        Object.defineProperty(window, 'isSecureContext', { value: false });
        console.warn = text => { window.warned = text; };
      });
    }
    await openIn([tab, other], { lease: 1000 });
    assert.match(await tab.bare(() => window.warned), /no secure context/);
    await hold(tab, 'a');
    assert.equal((await other.bare(({ describe }) => window.shared.lock('a', () => {}, { ifAvailable: true }).catch(describe))).code, 'lock-unavailable');
    await wait(other, 'a');
    await other.bare(() => new Promise(resolve => setTimeout(resolve, 1500))); // longer than the lease
    assert.deepEqual([await other.bare(() => window.hasLock), await letGo(tab)], [false, 'held']);
    assert.equal(typeof await other.bare(() => window.waited), 'number');
    const count = () => Promise.all(Array.from({ length: 10 }, () => window.shared.update('n', async n => {
      await new Promise(resolve => setTimeout(resolve, 1));
      return (n ?? 0) + 1;
    })));
    await Promise.all([tab, other].map(each => each.bare(count)));
    for (const each of [tab, other]) await untilIs(each, 'n', 20);
  });

  if (browser.name !== 'Chromium') return;

  test('when the renderer of the tab that holds a lock crashes, the next goes on', async (tab, another) => {
    const holder = await another();
    await openIn([tab, holder], { lease: '1h' });
    await hold(holder, 'a');
    await wait(tab, 'a');
    holder.isDead = true;
    const crashed = new Promise(resolve => holder.page.once('crash', resolve));
    const cdp = await holder.page.context().newCDPSession(holder.page);
    cdp.send('Page.crash').catch(() => {}); // nobody is left to answer
    await crashed;
    assert.equal(typeof await tab.bare(() => window.waited), 'number');
  });
}
