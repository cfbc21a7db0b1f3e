// The calls of core's scheduler. A trap in one of them stops the engine, as any other does.

import * as wasm from '#wasm';
import { fault } from '../engine.js';

const guarded = call => (...args) => {
  try {
    return call(...args);
  } catch (error) {
    throw fault(error);
  }
};

export const cronClose = guarded(wasm.cronClose);
export const cronDue = guarded(wasm.cronDue);
export const cronMatches = guarded(wasm.cronMatches);
export const cronParse = guarded(wasm.cronParse);
export const jobAfter = guarded(wasm.jobAfter);
export const jobClose = guarded(wasm.jobClose);
export const jobCursor = guarded(wasm.jobCursor);
export const jobEnded = guarded(wasm.jobEnded);
export const jobImmediately = guarded(wasm.jobImmediately);
export const jobIsOver = guarded(wasm.jobIsOver);
export const jobLease = guarded(wasm.jobLease);
export const jobLost = guarded(wasm.jobLost);
export const jobNextTick = guarded(wasm.jobNextTick);
export const jobOpen = guarded(wasm.jobOpen);
export const jobPause = guarded(wasm.jobPause);
export const jobResume = guarded(wasm.jobResume);
export const jobRewind = guarded(wasm.jobRewind);
export const jobRezone = guarded(wasm.jobRezone);
export const jobRunNow = guarded(wasm.jobRunNow);
export const jobSeen = guarded(wasm.jobSeen);
export const jobStat = guarded(wasm.jobStat);
export const mayClaim = guarded(wasm.mayClaim);
export const scheduleLook = guarded(wasm.scheduleLook);
export const scheduleNextRun = guarded(wasm.scheduleNextRun);
export const scheduleSleep = guarded(wasm.scheduleSleep);
export const scheduleStart = guarded(wasm.scheduleStart);
export const scheduleTurn = guarded(wasm.scheduleTurn);
export const tickAt = guarded(wasm.tickAt);
export const tickMissed = guarded(wasm.tickMissed);
