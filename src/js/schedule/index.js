// Schedules, as callers make them.

import { schedulePart } from '#parts/schedule';
import { checkNames } from '../base/development.js';
import { assertReady, isEarly } from '../base/engine.js';
import { ScheduledJob } from './job.js';
import { origins } from './late.js';
import { pick, readSchedule } from './options.js';
import { scheduler } from './scheduler.js';

const schedule = kind => (fn, options = {}) => {
  if (DEV) checkNames(`schedule${kind[0].toUpperCase()}${kind.slice(1)}()`, options);
  const given = pick(options);
  const job = new ScheduledJob(scheduler, readSchedule(kind, fn, given));
  if (job._options.isInOrigin) origins.begin(); // so that init() waits for it, too
  if (isEarly(schedulePart)) return scheduler._addEarly(job, () => readSchedule(kind, fn, { ...given, jobId: job.jobId }));
  assertReady(schedulePart, 1);
  return scheduler._add(job);
};

export const scheduleInterval = /* @__PURE__ */ schedule('interval');
export const scheduleCron = /* @__PURE__ */ schedule('cron');
export const scheduleOnce = /* @__PURE__ */ schedule('once');

export const getScheduler = () => scheduler;
