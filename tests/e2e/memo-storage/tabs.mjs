// Tabs that share values and die, cancel or fail.

import assert from 'node:assert/strict';
import { reload, sibling } from '../state/support.mjs';
import { begin, ending, executions, open, openGate, openShared, reached, untilUnlocked, untilWaiting } from './support.mjs';

export default function tabs(test, { browser }) {
  /** A test with another tab that computes, held up by the server; this one waits for it. The other may be gone in the end. */
  const testWaiting = (name, { theirs = {}, ours = {} }, body, options) => test(name, async (tab, site) => {
    const other = await sibling(tab, site);
    const ids = { run: crypto.randomUUID(), gate: crypto.randomUUID() };
    try {
      await openShared(other, 'theirs', { ...ids, ...theirs });
      await openShared(tab, 'ours', { run: ids.run, ...ours });
      await begin(other);
      await reached(tab, ids.gate);
      await begin(tab);
      await untilWaiting(tab, 1);
      await body(tab, other, ids, site);
      if (!other.page.isClosed()) await other.checkProblems();
    } finally {
      if (!other.page.isClosed()) await other.page.close();
    }
  }, options);

  const call = (tab, key = 'a') => begin(tab, key).then(() => ending(tab));

  testWaiting('when the tab that computes is closed, one that waits executes itself', {}, async (tab, other, { run }) => {
    await other.page.close();
    assert.equal(await ending(tab), 'ours');
    assert.deepEqual(await executions(tab, run), { 'a/theirs': 1, 'a/ours': 1 });
  });

  testWaiting('when the tab that computes is reloaded, one that waits executes itself, and the reloaded one takes its value', {}, async (tab, other, { run }) => {
    await reload(other);
    await openShared(other, 'theirs again', { run });
    assert.deepEqual([await ending(tab), await call(other)], ['ours', 'ours']);
    assert.deepEqual(await executions(tab, run), { 'a/theirs': 1, 'a/ours': 1 });
  });

  testWaiting('of several tabs that wait for one that is closed, one executes, for all', {}, async (tab, other, { run }, site) => {
    const third = await sibling(tab, site);
    try {
      await openShared(third, 'third', { run });
      await begin(third);
      await untilWaiting(tab, 2);
      await other.page.close();
      assert.deepEqual([await ending(tab), await ending(third)], ['ours', 'ours']);
      assert.deepEqual(await executions(tab, run), { 'a/theirs': 1, 'a/ours': 1 });
    } finally {
      await third.page.close();
    }
  });

  testWaiting('when the function throws, its own callers are told, and the tab that waits executes itself', { theirs: { fails: true } }, async (tab, other, { run, gate }) => {
    await openGate(tab, gate);
    assert.deepEqual([await ending(other), await ending(tab)], ['RangeError', 'ours']);
    assert.deepEqual(await executions(tab, run), { 'a/theirs': 1, 'a/ours': 1 });
  });

  testWaiting('with errorTtl all tabs that wait take the failure of the one that computes, as within a tab, and keep it', {
    theirs: { fails: true, errorTtl: '1h' }, ours: { errorTtl: '1h' },
  }, async (tab, other, { run, gate }, site) => {
    const third = await sibling(tab, site);
    try {
      await openShared(third, 'third', { run, errorTtl: '1h' });
      await begin(third);
      await untilWaiting(tab, 2);
      await openGate(tab, gate);
      const tabs = [other, tab, third];
      assert.deepEqual(await Promise.all(tabs.map(ending)), Array(3).fill('RangeError'));
      assert.deepEqual(await Promise.all(tabs.map(each => each.bare(() => window.call.catch(error => [error instanceof RangeError, error.message])))), Array(3).fill([true, 'of theirs']));
      assert.deepEqual(await Promise.all(tabs.map(each => call(each))), Array(3).fill('RangeError'), 'it is kept');
      assert.deepEqual(await executions(tab, run), { 'a/theirs': 1 });
      await untilUnlocked(tab);
      await tab.bare(() => window.load.clear());
      assert.equal(await call(tab), 'ours');
    } finally {
      await third.page.close();
    }
  });

  test('with errorTtl a cancel in the tab that computes is no failure for one that waits, nor is the failure of another key', async (tab, site) => {
    const other = await sibling(tab, site);
    const ids = { run: crypto.randomUUID(), gate: crypto.randomUUID() };
    try {
      await openShared(other, 'theirs', { ...ids, isJob: true, fails: true, errorTtl: '1h' });
      await openShared(tab, 'ours', { run: ids.run, errorTtl: '1h' });
      await other.bare(() => {
        window.controller = new AbortController();
        window.call = window.load.with({ signal: window.controller.signal })('a');
        window.call.catch(() => {});
      });
      await reached(other, ids.gate);
      await begin(tab);
      await untilWaiting(tab, 1);
      await other.bare(() => window.controller.abort());
      assert.deepEqual([await ending(other), await ending(tab)], ['AbortError', 'ours']);
      await openGate(tab, ids.gate);
      assert.deepEqual([await call(other, 'b'), await call(tab)], ['RangeError', 'ours']);
      await other.checkProblems();
    } finally {
      await other.page.close();
    }
  });

  testWaiting('a caller that cancels while it waits for another tab holds up nobody', {}, async (tab, other, { run, gate }) => {
    await tab.bare(() => {
      window.controller = new AbortController();
      window.cancelled = window.load.with({ signal: window.controller.signal })('b');
    });
    assert.equal(await tab.bare(async () => (await window.cancelled).by), 'ours');
    await tab.bare(async () => {
      window.controller = new AbortController();
      window.cancelled = window.load.with({ signal: window.controller.signal })('a').catch(({ name }) => name);
      window.controller.abort();
    });
    assert.equal(await tab.bare(() => window.cancelled), 'AbortError');
    await untilWaiting(tab, 1); // for the other caller
    await openGate(tab, gate);
    assert.deepEqual([await ending(other), await ending(tab)], ['theirs', 'theirs']);
    assert.deepEqual(await executions(tab, run), { 'a/theirs': 1, 'b/ours': 1 });
  });

  test('when all callers of a tab have cancelled while they wait, it leaves the line, and may come again', async (tab, site) => {
    const other = await sibling(tab, site);
    const [run, gate] = [crypto.randomUUID(), crypto.randomUUID()];
    try {
      await openShared(other, 'theirs', { run, gate });
      await openShared(tab, 'ours', { run });
      await begin(other);
      await reached(tab, gate);
      await tab.bare(() => {
        window.controller = new AbortController();
        window.cancelled = [1, 2].map(() => window.load.with({ signal: window.controller.signal })('a').catch(({ name }) => name));
      });
      await untilWaiting(tab, 1);
      await tab.bare(() => window.controller.abort());
      assert.deepEqual(await tab.bare(() => Promise.all(window.cancelled)), ['AbortError', 'AbortError']);
      await untilWaiting(tab, 0);
      assert.equal(await tab.bare(() => window.load.stats().inFlight), 0);
      await begin(tab);
      await untilWaiting(tab, 1);
      await openGate(tab, gate);
      assert.deepEqual([await ending(other), await ending(tab)], ['theirs', 'theirs']);
      assert.deepEqual(await executions(tab, run), { 'a/theirs': 1 });
      await other.checkProblems();
    } finally {
      await other.page.close();
    }
  });

  for (const isJob of [false, true]) {
    test(`when all callers of the tab that computes cancel, the other takes over at once, although the function goes on (${isJob ? 'told by its signal' : 'without a signal'})`, async (tab, site) => {
      const other = await sibling(tab, site);
      const [run, gate] = [crypto.randomUUID(), crypto.randomUUID()];
      try {
        await openShared(other, 'theirs', { run, gate, isJob });
        await openShared(tab, 'ours', { run });
        await other.bare(() => {
          window.controller = new AbortController();
          window.cancelled = window.load.with({ signal: window.controller.signal })('a').catch(({ name }) => name);
        });
        await reached(tab, gate);
        await begin(tab);
        await untilWaiting(tab, 1);
        await other.bare(() => window.controller.abort());
        assert.deepEqual([await other.bare(() => window.cancelled), await ending(tab)], ['AbortError', 'ours']);
        assert.deepEqual(await other.bare(() => window.aborted), isJob ? ['a'] : []);
        // What the function returns in the end is nobody's.
        await untilUnlocked(tab);
        await openGate(tab, gate);
        assert.deepEqual([await call(tab), await call(other)], ['ours', 'ours']);
        assert.deepEqual(await executions(tab, run), { 'a/theirs': 1, 'a/ours': 1 });
        await other.checkProblems();
      } finally {
        await other.page.close();
      }
    });
  }

  testWaiting('progress reaches the callers of the tab that computes, also those that come later', { theirs: { isJob: true } }, async (tab, other, { gate }) => {
    await other.bare(async ({ until }) => {
      window.progress = [];
      window.late = window.load.with({ onProgress: value => window.progress.push(value) })('a');
      await until(() => window.progress.length === 1);
    });
    await openGate(tab, gate);
    assert.deepEqual(await other.bare(async () => [(await window.late).by, window.progress]), ['theirs', ['a']]);
    assert.equal(await ending(tab), 'theirs');
  });

  test('five tabs call keys at random and two are closed: no call hangs, no key is executed twice by those that live, and they agree', async (tab, site) => {
    const run = crypto.randomUUID();
    const others = [];
    try {
      for (let i = 0; i < 4; i++) others.push(await sibling(tab, site));
      const all = [tab, ...others];
      for (const [i, each] of all.entries()) {
        await openShared(each, `tab${i}`, { run });
        await each.bare((_, seed) => {
          let state = seed + 1;
          const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
          window.seen = {};
          window.done = 0;
          window.work = async () => {
            for (let round = 0; round < 20; round++) {
              const keys = Array.from({ length: 3 }, () => `key${Math.floor(random() * 25)}`);
              const values = await Promise.all(keys.map(key => window.load(key)));
              values.forEach(({ key, by }, i) => { (window.seen[keys[i]] ??= []).push(`${key} ${by}`); });
              window.done++;
            }
            return window.seen;
          };
        }, i);
      }
      const living = all.slice(0, 3);
      for (const each of all) await each.bare(() => { window.finished = window.work(); });
      await others[2].bare(({ until }) => until(() => window.done > 1));
      await Promise.all([others[2].page.close(), others[3].page.close()]);
      const seen = await Promise.all(living.map(each => each.bare(() => window.finished)));
      const makers = new Map();
      for (const [key, values] of seen.flatMap(Object.entries)) {
        for (const value of values) {
          assert.equal(value.startsWith(`${key} tab`), true, `${key} was served ${value}`);
          makers.set(key, (makers.get(key) ?? new Set()).add(value));
        }
      }
      assert.deepEqual([...makers].filter(([, values]) => values.size !== 1), [], 'they do not agree');
      const counted = Object.entries(await executions(tab, run)).map(([id, count]) => [...id.split('/'), count]);
      for (const [key] of makers) {
        const byLiving = counted.filter(([name, who]) => name === key && ['tab0', 'tab1', 'tab2'].includes(who)).reduce((sum, [, , count]) => sum + count, 0);
        assert(byLiving <= 1, `${key} was executed ${byLiving} times`);
      }
    } finally {
      for (const other of others) if (!other.page.isClosed()) await other.page.close();
    }
  });

  persisted(test);

  if (browser.name !== 'Chromium') return;

  testWaiting('when the renderer of the tab that computes crashes, one that waits executes itself', {}, async (tab, other, { run }) => {
    const crashed = new Promise(resolve => other.page.once('crash', resolve));
    const cdp = await other.page.context().newCDPSession(other.page);
    cdp.send('Page.crash').catch(() => {}); // nobody is left to answer
    await crashed;
    assert.equal(await ending(tab), 'ours');
    assert.deepEqual(await executions(tab, run), { 'a/theirs': 1, 'a/ours': 1 });
    await other.page.close();
  });
}

/** `persist: 'local'` in two tabs: each executes for itself, and sees what the other has stored. */
function persisted(test) {
  const testTwo = (name, body, options) => test(name, async (tab, site) => {
    const other = await sibling(tab, site);
    try {
      for (const each of [other, tab]) await open(each, { persist: 'local' });
      await body(tab, other);
      await other.checkProblems();
    } finally {
      await other.page.close();
    }
  }, options);

  testTwo('with persist: local the clear() of another tab is seen', async (tab, other) => {
    await tab.bare(() => { for (const key of ['a', 'b', 'c']) window.load(key); });
    await reload(other);
    await other.bare(({ until }) => until(() => Object.keys(localStorage).length === 4));
    await open(other, { persist: 'local' });
    await other.bare(() => { for (const key of ['a', 'b']) window.load(key); });
    await tab.bare(() => window.load.clear('a'));
    await other.bare(({ until }) => until(() => !window.load.has('a')));
    assert.deepEqual(await other.bare(() => ['b', 'c'].map(key => window.load.has(key))), [true, true]);
    await tab.bare(() => window.load.clear());
    await other.bare(({ until }) => until(() => !window.load.has('b') && !window.load.has('c')));
    assert.deepEqual(await other.bare(() => [window.calls.length, window.load('a').nth, window.load.stats().entries]), [0, 1, 1]);
  });

  testTwo('with persist: local a newer value of another tab takes the place of the one here', async (tab, other) => {
    await tab.bare(() => void window.load('a'));
    await reload(other);
    await other.bare(({ until }) => until(() => Object.keys(localStorage).length === 2));
    await open(other, { persist: 'local' });
    assert.equal(await other.bare(() => window.load('a').nth), 1);
    await tab.bare(() => void window.load.refresh('a'));
    await other.bare(({ until }) => until(() => window.load('a').nth === 2));
    assert.equal(await other.bare(() => window.calls.length), 0);
  });

  testTwo('with persist: local a key that another tab has stored since is there', async (tab, other) => {
    await other.bare(() => void window.load('theirs'));
    await tab.bare(({ until }) => until(() => window.texts().length === 1));
    await tab.bare(({ until }) => until(() => window.load.has('theirs')));
    assert.deepEqual(await tab.bare(() => [window.load('theirs').nth, window.calls.length]), [1, 0]);
  });
}
