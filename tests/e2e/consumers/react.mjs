// A React 19 app under StrictMode, built by Vite.

import assert from 'node:assert/strict';
import path from 'node:path';
import { describe } from 'node:test';
import * as vite from 'vite';
import { inPage } from '../support/suite.mjs';
import { everything } from '../support/matrix.mjs';
import { consumer } from './support.mjs';

/** What React says of an error that a boundary has caught; of an error that is logged by itself Firefox's driver gives no text. */
const CAUGHT = /out of luck|error occurred in the <Failing> component|^console: JSHandle@error$/;

/** A development build too: there StrictMode renders everything twice. */
const modes = everything ? ['development', 'production'] : ['development'];

export default function react(browser) {
  for (const mode of modes) describe(`a React app, built for ${mode}, in ${browser.name}`, () => suite(browser, mode));
}

function suite(browser, mode) {
  const test = inPage(browser, {
    site: async () => {
      const root = await consumer('react');
      process.env.NODE_ENV = mode; // which React reads
      try {
        await vite.build({ root, configFile: false, logLevel: 'error', mode, build: { outDir: `dist-${mode}`, minify: mode === 'production' } });
      } finally {
        delete process.env.NODE_ENV;
      }
      return path.join(root, `dist-${mode}`);
    },
  });

  /** What the three that show values show, when it is the same in all and not `before`. */
  const valuesOf = (tab, before) => tab.bare(async ({ until }, before) => {
    const texts = () => ['promised', 'used', 'child'].map(id => document.getElementById(id)?.textContent);
    await until(() => texts().every(text => text && text !== before && text === texts()[0]));
    return texts()[0];
  }, before);

  test('use(task.promise), use(task) and a Task as a child show the value, and what failed shows its error', async tab => {
    tab.expectProblem(CAUGHT, { optional: true });
    assert.match(await valuesOf(tab), /^hello round \d+$/);
    assert.deepEqual(await tab.bare(async ({ until }) => {
      const shown = id => document.getElementById(id)?.textContent;
      await until(() => shown('failed') && shown('progress') === '0.5 done');
      return shown('failed');
    }), 'out of luck');
  });

  test('nothing renders for ever, and other tasks in their place show their values', async tab => {
    tab.expectProblem(CAUGHT, { optional: true });
    const first = await valuesOf(tab);
    await tab.bare(() => document.querySelector('#again').click());
    assert.match(await valuesOf(tab, first), /^hello round \d+$/);
    const renders = await tab.bare(async () => {
      const seen = JSON.stringify(window.renders);
      await new Promise(resolve => setTimeout(resolve, 300));
      return [seen === JSON.stringify(window.renders), Math.max(...Object.values(window.renders))];
    });
    assert.equal(renders[0], true);
    // How often before it rests depends on how many times it is woken on a machine with much to do; a loop comes to thousands.
    assert(renders[1] < 1000, `a component was rendered ${renders[1]} times`);
  });

  test('state of the session is kept over a reload', async tab => {
    tab.expectProblem(CAUGHT, { optional: true });
    const click = () => tab.bare(async ({ until }) => {
      const button = () => [...document.querySelectorAll('button')].find(button => /clicked/.test(button.textContent));
      await until(() => button());
      const before = Number(/\d+/.exec(button().textContent)[0]);
      button().click();
      await until(() => button().textContent === `clicked ${before + 1} times`);
      return before + 1;
    });
    const first = await click();
    assert.equal(await click(), first + 1);
    await tab.open();
    tab.expectProblem(CAUGHT, { optional: true });
    assert.equal(await click(), first + 2);
  });
}
