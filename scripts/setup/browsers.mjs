// The browsers that tests run in, with their WebDriver servers. What is installed is used; Debian's packages fill the gaps.

import { Failure } from './failure.mjs';
import { find } from './find.mjs';
import { capture } from './process.mjs';
import { once, step } from './step.mjs';
import { versionIn } from './version.mjs';

const programs = {
  chromium: {
    env: 'CHROMIUM',
    names: [
      'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    debian: 'chromium', brew: 'google-chrome',
  },
  chromedriver: {
    env: 'CHROMEDRIVER',
    names: ['chromedriver', '/usr/lib/chromium-browser/chromedriver'],
    debian: 'chromium-driver', brew: 'chromedriver',
  },
  headlessShell: {
    env: 'CHROMIUM_HEADLESS_SHELL',
    names: ['chromium-headless-shell', 'chrome-headless-shell'],
    debian: 'chromium-headless-shell', isOptional: true,
  },
  firefox: {
    env: 'FIREFOX',
    names: ['firefox-esr', 'firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
    debian: 'firefox-esr', brew: 'firefox',
  },
};

/** Makes sure that there is a Chromium; resolves to `{ chromium }`. Enough for benchmarks. */
export const chromium = once(() => ensure(['chromium']));

/**
 * Makes sure that there are the browsers and Chromium's driver; resolves to `{ chromium, chromedriver, firefox, headlessShell }`. The last is Chromium without what
 * makes windows, which opens a page in a third of the time; undefined where it can't be had.
 */
export const browsers = once(() => ensure(['chromium', 'chromedriver', 'firefox', 'headlessShell']));

/** The environment variables by which child processes find what was found here (Firefox's driver included, if it is there). */
export function browserEnvironment(paths) {
  const names = { chromium: 'CHROMIUM', chromedriver: 'CHROMEDRIVER', firefox: 'FIREFOX', headlessShell: 'CHROMIUM_HEADLESS_SHELL', geckodriver: 'GECKODRIVER' };
  return Object.fromEntries(Object.entries(names).filter(([key]) => paths[key]).map(([key, name]) => [name, paths[key]]));
}

/** Fails in plain words if Chromium and its driver are of different major versions, which the driver would refuse with a bare 404. */
export async function checkDriverFits({ chromium: browser, chromedriver }) {
  const [browserVersion, driverVersion] = await Promise.all([browser, chromedriver].map(async program => {
    const { stdout } = await capture(program, ['--version'], { allowFailure: true });
    return versionIn(stdout);
  }));
  if (!browserVersion || !driverVersion || parseInt(browserVersion) === parseInt(driverVersion)) return;
  throw new Failure(
    `${chromedriver} is of version ${driverVersion}, but ${browser} is of version ${browserVersion}.\n` +
    'Update the older one, or name a pair that fits in the environment variables CHROMIUM and CHROMEDRIVER.',
  );
}

async function ensure(wanted) {
  let missing = wanted.filter(name => !locate(name));
  if (missing.some(name => !programs[name].isOptional) || (missing.length > 0 && await canInstall(missing))) {
    await installBy(missing.map(name => programs[name]));
    missing = wanted.filter(name => !programs[name].isOptional && !locate(name));
    if (missing.length > 0) throw new Failure(`Still not found after installing: ${missing.join(', ')}.`);
  }
  return Object.fromEntries(wanted.map(name => [name, locate(name)]));
}

function locate(name) {
  const { env, names } = programs[name];
  const given = process.env[env];
  if (!given) return find(...names);
  const found = find(given);
  if (!found) throw new Failure(`The environment variable ${env} names ${given}, which is no program on this machine.`);
  return found;
}

/** Whether what is optional can be had here without anybody's help. */
async function canInstall(missing) {
  return Boolean(find('apt-get')) && process.getuid?.() === 0 && (await known(missing.map(name => programs[name].debian))).length > 0;
}

/** Those of Debian's packages that the machine knows of. */
async function known(packages) {
  const { stdout } = await capture('apt-cache', ['policy', ...packages], { allowFailure: true });
  return packages.filter(name => new RegExp(`^${name}:\\n(?:.*\\n)??  Candidate: (?!\\(none\\))`, 'm').test(stdout));
}

async function installBy(wanted) {
  const missing = wanted.filter(program => !program.isOptional);
  const packages = wanted.map(program => program.debian).join(' ');
  const orName = `or name the programs in the environment variables ${missing.map(program => program.env).join(', ')}`;
  if (find('apt-get')) {
    if (process.getuid?.() !== 0) throw new Failure(`Missing for these tests: ${missing.map(program => program.debian).join(', ')}. Install by\n  sudo apt-get install -y ${packages}\n${orName}.`);
    return step(`${packages} by apt-get`, '60 s', async () => {
      const env = { DEBIAN_FRONTEND: 'noninteractive' };
      await capture('apt-get', ['update', '-q'], { env });
      const optional = await known(wanted.filter(program => program.isOptional).map(program => program.debian));
      await capture('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing.map(program => program.debian), ...optional], { env });
    });
  }
  if (process.platform === 'darwin') {
    throw new Failure(`Missing for these tests. Install by\n  brew install --cask ${missing.map(program => program.brew).join(' ')}\n${orName}.`);
  }
  throw new Failure(
    `Missing for these tests: ${missing.map(program => program.names[0]).join(', ')}. Install them from your system's packages, ${orName}.`,
  );
}
