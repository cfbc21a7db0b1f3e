// Jobs of a Rust crate in workers: the app of examples/kmeans, whose start function mounts it into the document, under the strict CSP.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serve } from '../../scripts/serve.mjs';
import { builtApp, OUT } from './rust-jobs/app.mjs';
import { browsers } from './support/browsers.mjs';
import { installPackage } from './support/package.mjs';
import { patient } from './support/patience.mjs';
import { Tab } from './support/tab.mjs';

for (const browserType of browsers) describe(`Rust jobs in ${browserType.name}`, () => suite(browserType));

function suite(browserType) {
  const requests = [];
  let installed, servers, browser;

  before(async () => {
    const app = process.env.TASKLOOM_INSTALLED ? OUT : await builtApp(); // `npm test` has built it
    installed = await installPackage();
    const roots = {
      '/': 'tests/e2e/rust-jobs/fixture', '/support/': 'tests/e2e/support/fixture', '/pkg/': app, '/example/': 'examples/kmeans', '/example/pkg/': app, '/node_modules/': `${installed.folder}/node_modules`,
    };
    servers = {
      plain: await serve({ roots, handle: request => void requests.push(request.url) }),
      isolated: await serve({ roots, isolated: true }),
    };
    browser = await browserType.launch();
  }, { timeout: patient(300_000) });

  after(async () => {
    await browser?.close();
    await servers?.plain.close();
    await servers?.isolated.close();
  });

  /** Opens a page of its own, and fails if it reports an error that the test does not expect. */
  const test = (name, body, { server = 'plain', path = '' } = {}) => it(name, { timeout: patient(60_000) }, async () => {
    const page = await browser.newPage();
    const tab = new Tab(page, { url: servers[server].url + path });
    requests.length = 0;
    await tab.open();
    await body((trial, ...args) => call(page, 'trial', trial, ...args), tab);
    if (path === '') await tab.checkProblems();
    await page.close();
  });

  const call = async (page, name, ...args) =>
    JSON.parse(await page.evaluate(`${name}(${args.map(argument => JSON.stringify(argument)).join(', ')})`)).value;

  test('a job computes in a worker what it computes on the page, and reports the same progress', async trial => {
    const [sameResult, sameProgress, progress] = await trial('sameAsInline');
    assert(sameResult && sameProgress);
    assert(progress.length > 1 && progress.at(-1) === 0, String(progress));
  });

  test('the app starts on the page only, and its module is fetched once', async trial => {
    assert.equal(await trial('startsOfPage'), 1);
    assert.equal(await trial('startsOfWorker'), 'Ok(0)');
    assert.equal(await trial('echoes', 10), 10); // by two more workers
    assert.equal(requests.filter(path => path.endsWith('.wasm')).length, 1);
  });

  test('three thousand small calls all have their own answers', async trial => {
    assert.equal(await trial('echoes', 3000), 3000);
  });

  test("errors are the job's own, or say what could not cross the border; none is tried again", async trial => {
    const [own, argument, result, tooLarge, unknown, after] = await trial('failures');
    assert.equal(own, 'failed: Failed(TooFewPoints { points: 1, groups: 3 })');
    assert.match(argument, /^not-serializable: NotSerializable\("the argument is not of the type that the job has: .*u64/);
    assert.match(result, /^not-serializable: NotSerializable\("the result is not of the type that the job has: .*string/);
    assert.match(tooLarge, /^not-serializable: NotSerializable\("the argument can't be sent/);
    assert.equal(unknown, 'unknown-job: UnknownJob("unknown")');
    assert.equal(after, 'Ok(7)');
  });

  test('a cancelled job is dropped where it awaits, and its worker goes on', async trial => {
    const [did, outcome, drops, answered] = await trial('cancelWhereItAwaits');
    assert.equal(did, true);
    assert.equal(outcome, 'cancelled: Cancelled(Owner)');
    assert.equal(drops, 'Ok(1)');
    assert.equal(answered, 3);
  });

  test('a cancelled loop ends with its worker, and what waits behind it runs in another one', async trial => {
    assert.deepEqual(await trial('cancelALoop'), [true, 'cancelled: Cancelled(Owner)', 'Ok(5)', 1]);
  });

  test('in an isolated page a loop sees that it was cancelled, and its worker goes on', async trial => {
    assert.deepEqual(await trial('cancelALoopThatAsks'), ['Ok(1)', 'cancelled: Cancelled(Owner)', 'Ok(5)', 3]);
  }, { server: 'isolated' });

  test('a job that takes too long ends with a timeout', async trial => {
    assert.deepEqual(await trial('timeout'), ['timeout: TimedOut(Total)', 'Ok(5)']);
  });

  test('a panic or a trap fails its call, and nothing else', async (trial, tab) => {
    tab.expectProblem(/unreachable/); // of the late one, which nobody called
    const outcomes = await trial('panics');
    for (const [, behind] of outcomes) assert.equal(behind, 'Ok(5)');
    const [early, late, overflow] = outcomes.map(([outcome]) => outcome);
    assert.match(early, /^panic: Panicked\(".*as asked, in attempt 1/);
    assert.match(late, /^panic: Panicked\(".*as asked, in attempt 1/);
    assert.match(overflow, /^panic: Panicked\(".*(stack|recursion)/);
  });

  test('a worker that ends is noticed, however it ends; only a retry policy makes the call again', async trial => {
    for (const [once, behind, twice] of await trial('deaths')) {
      assert.equal(once, 'worker-lost: WorkerLost');
      assert.equal(behind, 'Ok(5)');
      assert.equal(twice, 'Ok(2)');
    }
  });

  test('workers that cannot be started say why', async (trial, tab) => {
    tab.expectProblem(/404/, { optional: true });
    const [warmFailed, outcome] = await trial('badGlue');
    assert.equal(warmFailed, true);
    assert.match(outcome, /^worker-load-failed: LoadFailed\(".*nowhere/);
  });

  test('a pool outlives its handle until its calls are over, and dispose() ends it at once', async trial => {
    assert.deepEqual(await trial('ends'), ['Ok(1)', 'cancelled: Cancelled(Owner)']);
  });

  test('the pool of the npm package calls the same jobs', async (trial, tab) => {
    tab.expectProblem(/unreachable/);
    const { members, progress, failure, panic, after } = await call(tab.page, 'callFromJavaScript', installed.entry('taskloom'));
    assert.deepEqual(members, [0, 0, 1, 1]);
    assert.equal(progress.at(-1), 0);
    assert.deepEqual(failure, { name: 'JobError', message: "0 points can't make 2 groups", failure: { TooFewPoints: { points: 0, groups: 2 } } });
    assert.equal(panic.code, 'panic');
    assert.equal(after, 7);
  });

  test('the example mounts, clusters at a click, and can be cancelled', async (trial, tab) => {
    const { page } = tab;
    // The driver's own waiting needs an eval that the CSP forbids.
    const text = pattern => page.evaluate(`new Promise(resolve => {
      const look = () => ${pattern}.test(document.querySelector('output')?.textContent) && resolve();
      new MutationObserver(look).observe(document.body, { childList: true, characterData: true, subtree: true });
      look();
    })`);
    const press = index => page.evaluate(`document.querySelectorAll('button')[${index}].click()`);
    await text(/^$/);
    await press(0);
    await text(/^12 clusters after \d+ rounds$/);
    await press(0);
    await press(1);
    await text(/^cancelled$/);
  }, { path: 'example/' });
}
