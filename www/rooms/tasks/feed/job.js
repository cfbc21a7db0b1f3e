import { parseRecord } from './records.js';

export const CHUNKS = 800;
export const CHUNK_RECORDS = 5_000;
const SLICE = 250; // records between two checkpoints

// #region job
/** Reads a feed record by record. One is corrupt: what `parseRecord` throws ends the task. */
export async function readFeed(ctx, feed) {
  let sum = 0;
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    let chunkSum = 0;
    for (let i = 0; i < CHUNK_RECORDS; i++) {
      const index = chunk * CHUNK_RECORDS + i;
      chunkSum += parseRecord(feed.line(index), index).celsius;
      if (i % SLICE === 0) await ctx.checkpoint();
    }
    sum += chunkSum;
    ctx.progress({ fraction: (chunk + 1) / CHUNKS, celsius: chunkSum / CHUNK_RECORDS });
  }
  return { records: feed.records, mean: sum / feed.records };
}
// #endregion
