// What runs in Bun and Deno as it does in Node; the process ends by itself.

import init, { cacheData, gather, run, scheduleInterval, stateRef } from 'taskloom';

await init();
const values = [];
values.push(await run(async ctx => {
  for (const end = performance.now() + 10; performance.now() < end;);
  await ctx.checkpoint();
  return 'run';
}, { timeout: '1h' }));
values.push(await gather(['user-blocking', 'user-visible', 'background'].map(priority => run(() => priority, { priority }))));
values.push(await run(ctx => {
  if (ctx.attempt < 3) throw new Error('again');
  return ctx.attempt;
}, { retry: { maxAttempts: 3, baseDelay: 30 } }));
values.push(await run(() => new Promise(() => {}), { timeout: 30 }).catch(error => error.name));
const count = stateRef('count', { factory: () => 1 });
count.value += 1;
values.push(count.value);
const double = cacheData(async n => n * 2, { name: 'double', scope: 'origin', ttl: '1h' });
values.push(await double(2), await double(2));
scheduleInterval(() => {}, { every: '1h' });
console.log(JSON.stringify(values));
