// Tabs that stand still: SIGSTOP, which a page can't see coming, in Chromium, whose pages are processes of their own.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { get, hold, letGo, open, openIn, untilIs, wait } from './support.mjs';

const LEASE = 500;

export default function frozen(test) {
  /** A test with three tabs, of which one stands still at some time. */
  const testFrozen = (name, body) => test(name, async (tab, another) => {
    const [holder, other] = [await another(), await another()];
    const stopped = new Set();
    try {
      await openIn([tab, holder, other], { lease: LEASE });
      const pid = await rendererOf(holder);
      assert.notEqual(pid, await rendererOf(tab), 'the pages have processes of their own');
      await body({ tab, holder, other }, {
        stop: () => { stopped.add(pid); process.kill(pid, 'SIGSTOP'); },
        goOn: () => { stopped.delete(pid); process.kill(pid, 'SIGCONT'); },
      });
    } finally {
      for (const pid of stopped) process.kill(pid, 'SIGCONT');
    }
  }, { timeout: 120_000 });

  testFrozen('a tab that stands still while it holds a lock: the next go on after the lease, one at a time, and its late write is refused', async ({ tab, holder, other }, { stop, goOn }) => {
    await hold(holder, 'a');
    const first = await holder.bare(() => window.context.token);
    stop();
    await wait(tab, 'a', { lease: LEASE });
    await wait(other, 'a', { lease: LEASE });
    const tokens = [await tab.bare(() => window.waited), await other.bare(() => window.waited)];
    assert(tokens.every(token => token > first) && tokens[0] !== tokens[1], String([first, tokens]));
    await tab.bare(() => window.shared.set('a', 'next'));
    goOn();
    assert.deepEqual(await holder.bare(async ({ describe }) => [
      (await window.context.set('late').catch(describe)).code, (await window.ended).code, window.context.signal.aborted, window.context.signal.reason.code,
    ]), ['lease-lost', 'lease-lost', true, 'lease-lost']);
    for (const each of [tab, holder, other]) await untilIs(each, 'a', 'next');
    await holder.bare(() => window.shared.update('a', a => `${a}!`));
    await untilIs(tab, 'a', 'next!');
  });

  testFrozen('a write waits for a tab that stands still with the lock no longer than its lease', async ({ tab, holder, other }, { stop, goOn }) => {
    await hold(holder, 'a');
    stop();
    await tab.bare(() => window.shared.set('a', 1));
    await untilIs(other, 'a', 1);
    goOn();
    assert.equal((await holder.bare(() => window.ended)).code, 'lease-lost');
    await untilIs(holder, 'a', 1);
  });

  testFrozen('a tab that has stood still with a lock that nobody wanted keeps it', async ({ tab, holder }, { stop, goOn }) => {
    await hold(holder, 'a');
    stop();
    await tab.bare(() => new Promise(resolve => setTimeout(resolve, 3 * 500)));
    goOn();
    await holder.bare(() => window.context.set('mine'));
    assert.equal(await letGo(holder), 'held');
    await untilIs(tab, 'a', 'mine');
  });

  testFrozen('a tab that stands still in a transaction: the others report storage-blocked, nobody forks, and all go on when it is gone', async ({ tab, holder, other }, { stop, goOn }) => {
    await tab.bare(() => window.shared.set('n', 1));
    for (const each of [holder, other]) await untilIs(each, 'n', 1);
    // Its function takes long, in the transaction.
    await holder.bare(() => {
      window.updating = new Promise(resolve => setTimeout(() => {
        resolve(window.shared.update('n', n => {
          for (const end = performance.now() + 2000; performance.now() < end;);
          return n + 1;
        }));
      }));
    });
    await tab.bare(() => new Promise(resolve => setTimeout(resolve, 500)));
    stop();
    const refused = await Promise.all([tab, other].map(each => each.bare(({ describe }) => window.shared.set('m', 1).then(() => 'written', describe))));
    assert.deepEqual(refused.map(({ code }) => code), ['storage-blocked', 'storage-blocked']);
    assert.deepEqual(await Promise.all([tab, other].map(each => get(each, 'n'))), [1, 1]);
    goOn();
    await holder.bare(() => window.updating);
    await tab.bare(() => window.shared.update('n', n => n + 1));
    for (const each of [tab, holder, other]) await untilIs(each, 'n', 3);
  });

  test('a tab that opens late waits for nobody who stands still with a lock', async (tab, another) => {
    const holder = await another();
    await openIn([tab, holder], { lease: LEASE });
    await hold(holder, 'a');
    const pid = await rendererOf(holder);
    process.kill(pid, 'SIGSTOP');
    try {
      const late = await another();
      await open(late);
      await late.bare(() => window.shared.set('b', 1));
      await untilIs(tab, 'b', 1);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await letGo(holder);
  }, { timeout: 120_000 });
}

/** The process of a page: the renderer of this browser that works when the page does. */
async function rendererOf(tab) {
  for (let attempt = 0; attempt < 30; attempt++) {
    const before = renderers();
    await tab.bare(() => { for (const end = performance.now() + 800; performance.now() < end;); });
    const worked = [...renderers()].map(([pid, ticks]) => ({ pid, ticks: ticks - (before.get(pid) ?? ticks) })).sort((a, b) => b.ticks - a.ticks);
    if (worked[0]?.ticks >= 6 && worked[0].ticks > 3 * (worked[1]?.ticks ?? 0)) return worked[0].pid;
  }
  throw new Error('no renderer works when the page does');
}

/** The renderers below this process, and how many ticks of the processor each has used. */
function renderers() {
  const all = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      all.set(Number(name), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]), isRenderer: readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('--type=renderer') });
    } catch {
      // it has ended
    }
  }
  const isBelow = pid => {
    for (let at = pid; all.has(at); at = all.get(at).parent) if (at === process.pid) return true;
    return false;
  };
  return new Map([...all].filter(([pid, { isRenderer }]) => isRenderer && isBelow(pid)).map(([pid, { ticks }]) => [pid, ticks]));
}
