// The types of schedules as their users meet them. Nothing runs.

import { Cron, RetryPolicy, TaskManager, getScheduler, scheduleCron, scheduleInterval, scheduleOnce } from 'taskloom';
import type { CronDialect, CronJobOptions, CronOptions, IntervalOptions, JobState, OnceOptions, ScheduleContext, ScheduleStats, ScheduledFunction, ScheduledJob, Scheduler, Task, TaskContext, Tick } from 'taskloom';

type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
const is = <_ extends true>() => {};

// Expressions.
const cron = new Cron('0 9 * * MON-FRI', { timeZone: 'Europe/Berlin', dialect: 'cron' });
is<Equal<ReturnType<typeof cron.nextRun>, Date | null>>();
is<Equal<ReturnType<typeof cron.previousRun>, Date | null>>();
is<Equal<ReturnType<typeof cron.nextRuns>, Date[]>>();
is<Equal<typeof cron.dialect, CronDialect>>();
cron.nextRun(new Date());
cron.nextRuns(3, Date.now())[0]?.getTime();
cron.matches(0) satisfies boolean;
({ timeZone: 'UTC' }) satisfies CronOptions;
// @ts-expect-error no such dialect
new Cron('* * * * *', { dialect: 'quartz' });
// @ts-expect-error a text is no date
cron.nextRun('2026-01-01');
// @ts-expect-error it is given, and not changed
cron.expression = '* * * * *';

// A function gets the context of its task with the tick; its result is the task's, awaited.
const job = scheduleInterval(async ({ signal, tick }) => ({ ok: !signal.aborted, at: tick.scheduledAt, missed: tick.missed }), { every: '1m' });
is<Equal<typeof job, ScheduledJob<Promise<{ ok: boolean; at: Date; missed: number }>, unknown>>>();
is<Equal<typeof job.latestTask, Task<{ ok: boolean; at: Date; missed: number }, unknown> | null>>();
is<Equal<ReturnType<typeof job.runNow>, Task<{ ok: boolean; at: Date; missed: number }, unknown>>>();
job.runNow().then(({ at }) => at.getTime());
is<Equal<typeof job.state, JobState>>();
is<Equal<JobState, 'active' | 'paused' | 'ended'>>();
// @ts-expect-error: `status` is no longer there
job.status;
is<Equal<typeof job.nextRun, Date | null>>();
is<Equal<ReturnType<typeof job.stats>, ScheduleStats>>();
is<Equal<ReturnType<typeof job.cancel>, boolean>>();
const stop: () => void = job.subscribe(each => each.latestTask?.result.ok);
stop();
// @ts-expect-error it is what the job says
job.state = 'paused';
scheduleInterval(({ tick }) => {
  is<Equal<typeof tick, Tick>>();
  // @ts-expect-error a tick is not changed
  tick.missed = 0;
}, { every: 1000 });

// Arguments are the function's.
const withArgs = scheduleCron((_, city: string, days: number) => city.repeat(days), { cron: '@daily', args: ['Bonn', 3] });
is<Equal<ReturnType<typeof withArgs.runNow>, Task<string, unknown>>>();
const report: ScheduledFunction<[id: number], Promise<string>, number> = async (context, id) => {
  context.progress(id);
  return `${id}`;
};
is<Equal<Parameters<typeof report>[0], ScheduleContext<number>>>();
const reports = scheduleCron(report, { cron, args: [1] });
is<Equal<typeof reports, ScheduledJob<Promise<string>, number>>>();
reports.latestTask?.progress?.toFixed();
// @ts-expect-error another type of argument
scheduleCron(report, { cron, args: ['1'] });
const plain = (context: TaskContext) => context.attempt;
scheduleInterval(plain, { every: 5 }); // a task's function is fine

// Options.
const options: IntervalOptions<[]> = {
  every: '10s', jobId: 'one', replaceExisting: false, latestTaskName: 'newest', manager: new TaskManager(), overlap: 'cancel-previous', missed: 'all', grace: 0, maxQueue: 5, jitter: '1s', immediately: true,
  startAt: new Date(), endAt: 8.64e15, maxRuns: Infinity, signal: new AbortController().signal, scope: 'origin', lease: '5s', name: 'name', retry: new RetryPolicy(), timeout: '1h', queueTimeout: 5,
  priority: 'background', progressBuffer: 3, onError: (error, task) => [error.message, task?.state],
};
scheduleInterval(() => 1, options);
({ cron: '* * * * *', timeZone: 'UTC', dialect: 'apscheduler', retry: { maxAttempts: 2 } }) satisfies CronJobOptions<[]>;
// @ts-expect-error every is required
scheduleInterval(() => 1, {});
// @ts-expect-error cron is required
scheduleCron(() => 1, { timeZone: 'UTC' });
// @ts-expect-error no such overlap
scheduleInterval(() => 1, { every: 5, overlap: 'parallel' });
// @ts-expect-error no such policy
scheduleInterval(() => 1, { every: 5, missed: 'some' });
// @ts-expect-error tasks of one job are not deduplicated
scheduleInterval(() => 1, { every: 5, key: 'key' });
// @ts-expect-error an interval has no zone
scheduleInterval(() => 1, { every: 5, timeZone: 'UTC' });

// The scheduler, and using.
const scheduler: Scheduler = getScheduler();
is<Equal<ReturnType<typeof scheduler.get>, ScheduledJob | undefined>>();
for (const each of scheduler) each.pause();
scheduler.jobs.map(({ jobId, latestTaskKey, isLeader }) => [jobId, latestTaskKey, isLeader]);
scheduler.shutdown({ cancelRunning: true }).then(() => scheduler.resumeAll());
{
  using own = scheduleInterval(() => 1, { every: '1s' });
  own.pause();
}

// One run at a date.
const sale = scheduleOnce(async ({ tick }, city: string) => `${city} ${tick.scheduledAt}`, { at: new Date(), args: ['Bonn'], retry: { maxAttempts: 2 }, scope: 'origin', jobId: 'sale' });
is<Equal<typeof sale, ScheduledJob<Promise<string>, unknown>>>();
({ at: 0 }) satisfies OnceOptions<[]>;
// @ts-expect-error when?
scheduleOnce(() => {}, {});
// @ts-expect-error a text is no date
scheduleOnce(() => {}, { at: '2030-01-01' });
// @ts-expect-error it runs once
scheduleOnce(() => {}, { at: 0, maxRuns: 2 });

scheduleInterval((ctx, a: number) => a, { every: 5, args: [1] });
scheduleCron((ctx, a?: number) => a, { cron: '* * * * *' });
const withArguments = scheduleOnce((ctx, a: number, b: string) => a + b.length, { at: new Date(), args: [1, 'b'] });
const itsResult: number | undefined = withArguments.latestTask?.result;
// @ts-expect-error: the arguments are missing
scheduleInterval((ctx, a: number) => a, { every: 5 });
// @ts-expect-error: the arguments are missing
scheduleCron((ctx, a: number) => a, { cron: '* * * * *' });
// @ts-expect-error: the arguments are missing
scheduleOnce((ctx, a: number) => a, { at: new Date() });
// @ts-expect-error: one is missing
scheduleOnce((ctx, a: number, b: string) => a, { at: new Date(), args: [1] });
