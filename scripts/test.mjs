// `npm test`: gets what the tests need and runs them all; `npm test -- --only native,web` runs some parts.

import { parseArgs } from 'node:util';
import { describe, Failure, main } from './setup/failure.mjs';
import { duration } from './setup/step.mjs';
import { parts } from './test/parts.mjs';

const usage = `Usage: npm test -- [--only PART,…]
${parts.map(({ name, what }) => `  ${name.padEnd(8)} ${what}`).join('\n')}`;

await main(async () => {
  const chosen = choose();
  if (!chosen) return console.log(usage);

  const results = [];
  for (const part of chosen) {
    console.log(`\n── ${part.name}: ${part.what}`);
    const started = performance.now();
    let failure;
    try {
      await part.run();
    } catch (error) {
      failure = describe(error);
      console.error(failure);
    }
    results.push({ name: part.name, failure, seconds: (performance.now() - started) / 1000 });
  }

  console.log('');
  for (const { name, failure, seconds } of results) {
    // Why it failed stands above in full; its last line is enough to recognise it.
    const reason = failure ? `  ${failure.trim().split('\n').at(-1)}` : '';
    console.log(`${failure ? '✘' : '✔'} ${name.padEnd(8)} ${failure ? 'failed' : 'passed'} in ${duration(seconds)}${reason}`);
  }
  return results.some(({ failure }) => failure) ? 1 : 0;
});

/** The parts asked for, in the suite's order; undefined if it was help that was asked for. */
function choose() {
  let values;
  try {
    ({ values } = parseArgs({ options: { only: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    throw new Failure(`${error.message}\n${usage}`, { exitCode: 2 });
  }
  if (values.help) return undefined;
  if (!values.only) return parts;
  const names = values.only.flatMap(list => list.split(',')).map(name => name.trim()).filter(Boolean);
  const unknown = names.filter(name => !parts.some(part => part.name === name));
  if (names.length === 0 || unknown.length > 0) {
    throw new Failure(`--only takes parts of the suite${unknown.length > 0 ? `, not ${unknown.join(', ')}` : ''}.\n${usage}`, { exitCode: 2 });
  }
  return parts.filter(part => names.includes(part.name));
}
