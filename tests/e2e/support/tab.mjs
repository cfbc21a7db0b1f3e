// A page under test. Whatever goes wrong in it is remembered, and fails the test that does not expect it.

import assert from 'node:assert/strict';

export class Tab {
  /** The addresses that were fetched since the page was opened. */
  requests = [];
  /** Tabs that a test has opened beside it. */
  companions = [];
  /** Whether its document is as good as new: only tests that share one have used it. */
  isClean = false;
  #page;
  #problems = [];
  #expected = [];
  #site;

  /** `site` is `{ url, entry(specifier) }`: where the fixture page is served, and where the package's entry points are. */
  constructor(page, site) {
    this.#page = page;
    this.#site = site;
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'assert') this.#problems.push(`console: ${message.text()}`);
    });
    page.on('pageerror', error => this.#problems.push(`uncaught: ${error?.name}: ${error?.message ?? error}`));
    page.on('request', request => this.requests.push(request.url()));
  }

  /** The page as the browser's driver gives it, for clicks and keys. */
  get page() {
    return this.#page;
  }

  /** Closes it and what was opened beside it, whatever state they are in. */
  async close() {
    await Promise.all([this, ...this.companions.splice(0)].map(({ page }) => page.close().catch(() => {})));
  }

  /** Whether the page was to report an error. */
  get hasExpected() {
    return this.#expected.length > 0;
  }

  /** Loads the fixture page, with a library that nobody has imported yet. */
  async open() {
    this.isClean = false;
    await this.#page.goto(this.#site.url);
    // What the page before had to say when it was torn down is no concern of this test.
    this.requests.length = this.#problems.length = this.#expected.length = 0;
  }

  /**
   * Calls a function in the page with the initialized library: its first argument holds the package's exports and the helpers of
   * fixture.js, its second is `argument`. Both that and the result are plain data.
   */
  run(body, argument) {
    return this.#call(body, argument, { init: true });
  }

  /** The same with a library that is imported, not initialized. */
  load(body, argument, { entry = this.#site.entry('taskloom') } = {}) {
    return this.#call(body, argument, { entry });
  }

  /** The same without the library. */
  bare(body, argument) {
    return this.#call(body, argument, { entry: null });
  }

  async #call(body, argument, { entry = this.#site.entry('taskloom'), init = false }) {
    const options = JSON.stringify({ entry, init, argument });
    return JSON.parse(await this.#page.evaluate(`fixture.call(${body}, ${options})`)).value;
  }

  /** Says that the test makes the page report an error like this one; the test fails if it doesn't, unless that is optional. */
  expectProblem(pattern, { optional = false } = {}) {
    this.#expected.push({ pattern, optional });
  }

  /** Fails if anything went wrong in the page that was not expected, or did not that was. */
  async checkProblems() {
    const seenInPage = JSON.parse(await this.#page.evaluate('fixture.settled()'));
    const problems = [...this.#problems, ...seenInPage];
    const unexpected = problems.filter(problem => !this.#expected.some(({ pattern }) => pattern.test(problem)));
    assert.deepEqual(unexpected, [], 'the page reports errors');
    for (const { pattern, optional } of this.#expected) {
      assert(optional || problems.some(problem => pattern.test(problem)), `the page should have reported ${pattern}`);
    }
  }
}
