// Five tabs with the same jobs, that are closed, crash and are reloaded, or are frozen and blocked, at random.

import assert from 'node:assert/strict';
import { reload } from '../state/support.mjs';
import { patient } from '../support/patience.mjs';
import { NEVER, assertOnce, block, crash, freeze, isLeader, leaders, now, randomOf, schedule, setPatience, thaw, ticksOf, until, untilLeads, untilRun, untilRuns } from './support.mjs';

const JOBS = { fast: { every: 200 }, cron: { cron: '* * * * * *' } };

/** Tabs with the jobs, watched by one without. */
class Herd {
  constructor(watcher, another, lease, seed) {
    this.watcher = watcher;
    this.random = randomOf(seed);
    this._another = another;
    this._lease = lease;
    this.tabs = [];
    this.frozen = new Set();
    this._born = 0;
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  get awake() {
    return this.tabs.filter(tab => !this.frozen.has(tab));
  }

  async open() {
    const tab = await this._another();
    await this.schedule(tab);
    this.tabs.push(tab);
  }

  async schedule(tab) {
    tab.who = `tab${this._born++}`;
    await setPatience(tab, patient(600_000)); // on a busy machine a database is slow, and does not hang
    for (const [jobId, rhythm] of Object.entries(JOBS)) await schedule(tab, tab.who, { jobId, lease: this._lease, ...rhythm });
  }

  remove(tab) {
    this.tabs.splice(this.tabs.indexOf(tab), 1);
  }

  /** The tab that leads `fast`, if it can say so. */
  async leader() {
    for (const tab of this.awake) if (await isLeader(tab, 'fast')) return tab;
    return undefined;
  }

  /** Waits until tabs that are there have run ticks later than now. */
  async goesOn() {
    const since = await now(this.watcher);
    const living = this.awake.map(({ who }) => who);
    for (const jobId of Object.keys(JOBS)) await untilRun(this.watcher, jobId, since, living);
  }

  async assertIsWell() {
    for (const jobId of Object.keys(JOBS)) {
      await until(async () => (await leaders(this.tabs, jobId)).length === 1);
      await this.goesOn();
      assert.equal((await leaders(this.tabs, jobId)).length, 1);
      const ticks = await assertOnce(this.watcher, jobId);
      const [{ at: first }] = ticks;
      const grid = jobId === 'fast' ? 200 : 1000;
      assert.deepEqual(ticks.filter(({ at }) => (at - first) % grid !== 0), [], 'ticks beside the grid');
    }
  }
}

export default function deaths(test, { browser }) {
  const isChromium = browser.name === 'Chromium';

  const ends = {
    close: tab => tab.page.close(),
    reload: async (tab, herd) => {
      await reload(tab);
      await herd.schedule(tab);
      herd.tabs.push(tab);
    },
    leave: tab => tab.page.goto('about:blank').then(() => tab.page.close()),
    ...(isChromium ? { crash } : {}),
  };

  test('of five tabs that die at random, one runs each tick, and another goes on at once although the lease is an hour', async (watcher, another) => {
    const herd = new Herd(watcher, another, NEVER, 20_011);
    for (let i = 0; i < 5; i++) await herd.open();
    await herd.goesOn();
    for (let round = 0; round < 12; round++) {
      const tab = herd.random() < 0.7 ? await until(() => herd.leader()) : herd.pick(herd.tabs);
      const end = herd.pick(Object.keys(ends));
      herd.remove(tab);
      await ends[end](tab, herd);
      await herd.goesOn();
      if (herd.tabs.length < 3 || (herd.tabs.length < 5 && herd.random() < 0.7)) await herd.open();
    }
    await herd.assertIsWell();
  }, { timeout: 180_000 });

  for (const end of Object.keys(ends)) {
    test(`when the tab that leads is gone by ${end}, another leads at once, and no tick is missed that it had time for`, async (tab, another) => {
      const other = await another();
      await schedule(other, 'theirs', { jobId: 'job', every: 100, lease: NEVER });
      await untilRuns(tab, 'job', 1);
      await schedule(tab, 'ours', { jobId: 'job', every: 100, lease: NEVER });
      assert.deepEqual([await isLeader(other), await isLeader(tab)], [true, false]);
      await ends[end](other, { schedule: () => {}, tabs: [] });
      await untilLeads(tab);
      await untilRun(tab, 'job', await now(tab), ['ours']);
      await assertOnce(tab, 'job');
    });
  }

  test('of five tabs that are frozen, blocked and closed at random, one runs each tick, and the job goes on', async (watcher, another) => {
    const herd = new Herd(watcher, another, '1s', 30_103);
    for (let i = 0; i < 5; i++) await herd.open();
    await herd.goesOn();
    const actions = {
      block: async tab => block(tab, 300 + Math.floor(herd.random() * 2500)),
      ...(isChromium ? {
        freeze: async tab => {
          if (herd.awake.length < 2) return;
          herd.frozen.add(tab);
          await freeze(tab);
        },
        thaw: async () => {
          const tab = herd.pick([...herd.frozen]);
          if (!tab) return;
          await thaw(tab);
          herd.frozen.delete(tab);
        },
      } : {}),
      close: async tab => {
        herd.remove(tab);
        await tab.page.close();
        await herd.open();
      },
    };
    for (let round = 0; round < 25; round++) {
      const leader = herd.random() < 0.6 ? await herd.leader() : undefined;
      await actions[herd.pick(Object.keys(actions))](leader ?? herd.pick(herd.awake));
      if (herd.random() < 0.7) await herd.goesOn();
    }
    for (const tab of herd.frozen) await thaw(tab);
    herd.frozen.clear();
    await herd.assertIsWell();
    assert((await ticksOf(watcher, 'fast')).length > 25);
  }, { timeout: 180_000 });
}
