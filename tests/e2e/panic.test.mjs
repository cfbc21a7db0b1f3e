// When the instance breaks: everything pending settles with `panic`, it is never entered again, and a restart goes on. A
// build of its own (pkg-config/build.mjs --testing) has exports that break it.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serve } from '../../scripts/serve.mjs';
import { browsers, chromium, wholeChromium } from './support/browsers.mjs';
import { testingBuild } from './support/package.mjs';
import { patient } from './support/patience.mjs';
import { Tab } from './support/tab.mjs';

const WAYS = {
  'a panic': { call: 'testPanic', message: /a panic of the test's own/ },
  'a stack overflow': { call: 'testOverflow', message: /stack|recursion|out of bounds/i },
  'running out of memory': { call: 'testExhaust', message: /unreachable|memory/i },
};

/** What the instance was made from. */
const FROM = { 'the whole wasm': '/testing/taskloom_bg.wasm', 'its parts': null };

before(testingBuild, { timeout: patient(300_000) });

for (const browserType of browsers) {
  describe(`a broken instance in ${browserType.name}`, () => {
    let server, browser, tab;

    before(async () => {
      server = await serve({ roots: { '/': 'tests/e2e/support/fixture', '/testing/': 'target/pkg-testing' } });
      // An overflow of wasm's stack ends the process of Chromium's headless shell.
      browser = await (browserType === chromium ? wholeChromium : browserType).launch();
      tab = new Tab(await browser.newPage(), { url: server.url, entry: () => '/testing/testing.js' });
    }, { timeout: patient(60_000) });

    after(async () => {
      await browser?.close();
      await server?.close();
    });

    it('runs what is started in the same turn as the restart', { timeout: patient(60_000) }, async () => {
      await tab.open();
      assert.deepEqual(await tab.load(async ({ TaskManager, fault, init, run, wasm }) => {
        await init(new URL('/testing/taskloom_bg.wasm', location.href));
        const manager = new TaskManager({ concurrency: 1 });
        const old = [run(() => new Promise(() => {})), manager.submit(() => new Promise(() => {}))];
        await new Promise(resolve => setTimeout(resolve));
        try {
          wasm.testPanic();
        } catch (error) {
          fault(error);
        }
        init({ restart: true });
        const fresh = [run(() => 'new'), manager.submit(() => 'managed')];
        return [await Promise.all(fresh), old.map(task => [task.state, task.error.code])];
      }), [['new', 'managed'], [['error', 'panic'], ['error', 'panic']]]);
      await tab.checkProblems();
    });

    it('has what was imported while it was broken after the restart', { timeout: patient(60_000) }, async () => {
      await tab.open();
      assert.deepEqual(await tab.bare(async () => {
        const { init, run } = await import('/testing/tasks.js');
        const { fault } = await import('/testing/lib/base/engine.js');
        const wasm = await import('/testing/lib/wasm.js');
        await init();
        try {
          wasm.testPanic();
        } catch (error) {
          fault(error);
        }
        const { cacheData } = await import('/testing/memo.js');
        await init({ restart: true });
        return [await run(() => 'task'), cacheData(value => value)('cached')];
      }), ['task', 'cached']);
      await tab.checkProblems();
    });

    it('lets caches begin anew after a restart: who waited is served, stored values stay, and resources are released', { timeout: patient(60_000) }, async () => {
      await tab.open();
      assert.deepEqual(await tab.load(async ({ cacheData, cacheResource, fault, init, nextTurn, thrownBy, wasm }, module) => {
        localStorage.clear();
        await init(new URL(module, location.href));
        let calls = 0;
        const released = [];
        const doubled = cacheData(x => (calls++, 2 * x), { ttl: '1h' });
        const stored = cacheData(x => (calls++, [x]), { name: 'stored', persist: 'local' });
        await init(); // for what stores them
        const resource = cacheResource(x => ({ x }), { onRelease: ({ x }, reason) => released.push(`${x} ${reason}`) });
        let open;
        const slow = cacheData(async x => {
          calls++;
          await new Promise(resolve => { open = resolve; });
          return x;
        });
        doubled(1);
        stored(1);
        resource(1);
        const waiting = slow('waited for');
        await nextTurn();
        try {
          wasm.testPanic();
        } catch (error) {
          fault(error);
        }
        const meanwhile = [() => doubled(1), () => doubled(2), () => doubled.peek(1), () => stored.has(1), () => resource.clear(), () => doubled.stats(), () => cacheData(() => 1)()]
          .map(call => thrownBy(call).code);
        await init({ restart: true });
        const before = calls;
        const after = [doubled(1), stored(1), resource(1).x, calls - before];
        open();
        const answer = await waiting;
        const again = slow('waited for');
        await nextTurn();
        open();
        return [meanwhile, after, answer, await again, released, localStorage.length > 0, doubled(1), doubled.stats().hits];
      }, '/testing/taskloom_bg.wasm'), [Array(7).fill('panic'), [2, [1], 1, 1], 'waited for', 'waited for', ['1 cleared'], true, 2, 1]);
      await tab.checkProblems();
    });

    it('keeps the values of session state, refuses what is asked meanwhile, and writes what waited after the restart', { timeout: patient(60_000) }, async () => {
      await tab.open();
      const module = '/testing/taskloom_bg.wasm';
      assert.deepEqual(await tab.load(async ({ fault, init, nextTurn, sessionStore, stateRef, thrownBy, wasm }, module) => {
        sessionStorage.clear();
        await init(new URL(module, location.href));
        const errors = [];
        const store = sessionStore({ namespace: 'p', onError: ({ code }) => errors.push(code) });
        const ref = stateRef('ref', { namespace: 'p', factory: () => [0] });
        const lasting = store.ref('lasting', { expiresIn: '1h', factory: () => 1 });
        store.set('stored', 1).flush();
        store.set('waits', new Set([2]));
        try {
          wasm.testPanic();
        } catch (error) {
          fault(error);
        }
        const meanwhile = [
          () => store.get('stored'), () => store.set('stored', 3), () => store.has('x'), () => store.keys(), () => store.clear(), () => store.flush(), () => store.delete('waits'),
          () => sessionStore(), () => stateRef('y'), () => { ref.value = [1]; }, () => ref.reduce(list => [...list]), () => ref.clear(), () => { lasting.value = 2; }, () => lasting.value,
        ].map(call => {
          try {
            return thrownBy(call).code;
          } catch {
            return String(call); // nothing was thrown
          }
        });
        await nextTurn();
        dispatchEvent(new Event('pagehide'));
        const unwritten = sessionStorage.getItem('taskloom:p:waits');
        await init({ restart: true });
        const after = [store.get('stored'), store.get('waits').has(2), ref.value, lasting.value];
        await nextTurn();
        ref.value = ['new'];
        const heard = [];
        store.subscribe((key, value) => heard.push([key, value]));
        store.set('later', 4);
        return [meanwhile.filter(code => code !== 'panic'), unwritten, after, store.flush(), ref.persisted, store.keys().length, heard, errors];
      }, module), [[], null, [1, true, [0], 1], true, true, 5, [['later', 4]], []]);
      await tab.page.reload();
      assert.deepEqual(await tab.load(async ({ init, sessionStore }, module) => {
        await init(new URL(module, location.href));
        const store = sessionStore({ namespace: 'p' });
        return [store.get('stored'), store.get('waits').has(2), store.get('ref'), store.get('lasting'), store.get('later')];
      }, module), [1, true, ['new'], 1, 4]);
      await tab.checkProblems();
    });

    for (const [way, { call, message, module }] of Object.entries(WAYS).flatMap(([way, what]) => Object.entries(FROM).map(([from, module]) => [`${way} of ${from}`, { ...what, module }]))) {
      it(`settles everything that is pending after ${way}, and starts afresh when asked to`, { timeout: patient(60_000) }, async () => {
        await tab.open();
        const seen = await tab.load(async (lib, [breakIt, url]) => {
          const { Cron, TaskManager, cacheData, describe, fault, init, nextTurn, rejectionOf, run, stateRef, thrownBy, untilAborted, wasm } = lib;
          const module = url ? new URL(url, location.href) : undefined;
          await init(module);
          const manager = new TaskManager({ concurrency: 1 });
          const aborted = [];
          const running = run(async ctx => {
            ctx.signal.addEventListener('abort', () => aborted.push(ctx.signal.reason.code));
            await new Promise(() => {});
          });
          const waiting = [manager.submit(untilAborted), manager.submit(() => 'never called')];
          const backingOff = run(() => { throw new Error('once more'); }, { retry: { maxAttempts: 9, baseDelay: '1h' } });
          const idle = manager.onIdle();
          let context;
          const stubborn = run(async ctx => {
            context = ctx;
            await new Promise(() => {});
          });
          await nextTurn();

          // The one that breaks it, from inside a task.
          const culprit = run(() => {
            try {
              return wasm[breakIt](0);
            } catch (error) {
              throw fault(error);
            }
          });
          const rejections = await Promise.all([culprit, running, ...waiting, backingOff, stubborn].map(rejectionOf));
          await idle;
          const dead = {
            // Where it came from: a function of the wasm.
            place: /wasm-function/.test(culprit.error.stack),
            states: [culprit, running, ...waiting, backingOff].map(task => task.state),
            aborted,
            run: thrownBy(() => run(() => 1)),
            manager: thrownBy(() => new TaskManager()),
            init: await rejectionOf(init(module)),
            checkpoint: await rejectionOf(context.checkpoint()),
            cancel: running.cancel(),
            stopped: await running.stopped.then(() => true),
          };

          await init({ restart: true });
          const events = [];
          const first = run(async ctx => {
            ctx.progress(1);
            await ctx.checkpoint();
            return 'alive';
          }, { timeout: '1m', retry: { maxAttempts: 2 } });
          // A handle of the old instance must not reach a task of the new one, whatever its key is by now.
          const stale = { cancel: stubborn.cancel(), child: await rejectionOf(context.run(() => 1)), progress: context.progress(2) };
          const again = manager.submit(() => 'the manager goes on');
          events.push(await first, await again, manager.running, manager.waiting);
          const [live, deadlines] = wasm.liveCounts();
          return { rejections, dead, events, stale, live, deadlines, firstDrops: first.drainProgress(), others: [cacheData(x => x)(1), new Cron('* * * * *').expression, stateRef('one', { factory: () => 1 }).value], init: describe(await init(module)) };
        }, [call, module]);

        for (const rejection of seen.rejections) {
          assert.equal(rejection.code, 'panic');
          assert.match(rejection.message, message);
        }
        if (call === 'testPanic') assert.ok(seen.dead.place);
        assert.deepEqual(seen.dead.states, Array(5).fill('error'));
        assert.deepEqual(seen.dead.aborted, ['panic']);
        for (const call of ['run', 'manager', 'init', 'checkpoint']) assert.equal(seen.dead[call].code, 'panic', call);
        assert.deepEqual([seen.dead.cancel, seen.dead.stopped], [false, true]);
        assert.deepEqual(seen.events, ['alive', 'the manager goes on', 0, 0]);
        assert.equal(seen.stale.cancel, false);
        assert.equal(seen.stale.child.name, 'AbortError');
        assert.deepEqual([seen.live, seen.deadlines], [0, 0]);
        assert.deepEqual(seen.firstDrops, [1]);
        assert.deepEqual(seen.others, [1, '* * * * *', 1]);
        await tab.checkProblems();
      });
    }
  });
}
