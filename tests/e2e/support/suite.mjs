// Registers tests that run in a page of a browser: one page, which is loaded afresh for each test.

import { after, before, it } from 'node:test';
import { serve } from '../../../scripts/serve.mjs';
import { installPackage } from './package.mjs';
import { patient } from './patience.mjs';
import { Tab } from './tab.mjs';

const FIXTURE = 'tests/e2e/support/fixture';

/**
 * To be called in a `describe`. Returns `test(name, body, { timeout, todo })`, which calls `body(tab, site)`; a test fails if its page reports an error
 * that it does not expect. The page has no bundler, only what was installed, and the strictest CSP that the library promises to work under.
 *
 * `isolated` makes the page cross-origin isolated; `csp` is another Content-Security-Policy; `handle` is the server's, for what is no file. `site` makes the
 * folder with the page from what was installed, for a page of another kind, which loads /support/fixture.js.
 */
export function inPage(browserType, { isolated = false, csp, handle, site = () => FIXTURE } = {}) {
  let installed, server, browser, tab, failed, starting;

  async function start() {
    installed = await installPackage();
    const roots = { '/': await site(installed), '/support/': FIXTURE, '/node_modules/': `${installed.folder}/node_modules` };
    server = await serve({ roots, isolated, csp, handle });
    browser = await browserType.launch();
  }

  before(() => (starting = start()), { timeout: patient(240_000) }); // a site may have to be built

  after(async () => {
    await starting?.catch(() => {}); // what comes late is closed too, or this process would not end
    await browser?.close();
    await server?.close();
  });

  return (name, body, { timeout = 60_000, todo, sharesDocument = false } = {}) => it(name, { timeout: patient(timeout), todo }, async () => {
    // A page in which a test failed, or still hangs, is not used again: what goes on in it must not be seen by the next, nor the locks of its tabs.
    await failed?.close();
    const used = tab ?? new Tab(await browser.newPage(), { url: server.url, entry: installed.entry });
    tab = undefined;
    failed = used;
    if (!sharesDocument || !used.isClean) await used.open();
    await body(used, installed);
    await used.checkProblems();
    used.isClean = sharesDocument && !used.hasExpected;
    used.companions.length = 0;
    tab = used;
    failed = undefined;
  });
}

/** Tests that only compute, and leave nothing behind: they share one document. One that makes the page report an error is the last in its own. */
export const inOneDocument = test => (name, body, options) => test(name, body, { sharesDocument: true, ...options });
