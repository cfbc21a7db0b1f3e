// All capabilities; `init()` is each entry's own.

export * from './base.js';
export * from './tasks.js';
export * from './session-tasks.js';
export * from './executor.js';
export * from './pool.js';
export * from './state.js';
export * from './memo.js';
export * from './schedule.js';
