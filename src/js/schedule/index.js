// Schedules, as callers make them.

import { schedulePart } from '#parts/schedule';
import { assertReady } from '../base/engine.js';
import { ScheduledJob } from './job.js';
import { readSchedule } from './options.js';
import { scheduler } from './scheduler.js';

const schedule = kind => (fn, options = {}) => {
  assertReady(schedulePart, 1);
  return scheduler._add(new ScheduledJob(scheduler, readSchedule(kind, fn, options)));
};

export const scheduleInterval = /* @__PURE__ */ schedule('interval');
export const scheduleCron = /* @__PURE__ */ schedule('cron');
export const scheduleOnce = /* @__PURE__ */ schedule('once');

export const getScheduler = () => scheduler;
