import { TaskloomError, expose, job } from 'taskloom/worker';

expose({
  add: (a, b) => a + b,
  count: job(async (ctx, to) => {
    for (let i = 1; i <= to; i++) ctx.progress(i);
    return to;
  }),
  fail: () => { throw new TaskloomError('not-today', 'this job has the day off', { cause: new RangeError('a Sunday') }); },
  untilAborted: job((ctx) => new Promise((_, reject) => {
    ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason));
    ctx.progress('listening');
  })),
});
