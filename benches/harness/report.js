// From samples to rows, and from rows to the printed table.

import { OURS } from './experiment.js';
import { pairedRatio, spread } from './statistics.js';

/**
 * The rows that `samples` (see measure.js) fill: `{ name, unit, ours, peers, ratio, target, ok }`,
 * lower is better. `ours` and each peer are medians; `ratio` is the median of the ratios to the
 * target's peer of the same round; `target` is the highest ratio allowed, or null; without one
 * `ok` is true. `also` are the ratios to further peers that the target sets a limit for. `aim`, `targetPeer`, `spread` and
 * `ratioSpread` are for the reader.
 */
export function rowsOf(experiment, samples) {
  return experiment.rows.map(({ name, unit, field, target }) => {
    const spreads = Object.fromEntries(
      Object.entries(samples).map(([contender, fields]) => [contender, spread(fields[field])]),
    );
    const ratioTo = (peer) => pairedRatio(samples[OURS][field], samples[peer][field]);
    const ratio = target && ratioTo(target.peer);
    const also = (target?.also ?? []).map(({ peer, max }) => {
      const { median, ...spread } = ratioTo(peer);
      return { peer, ratio: median, target: max, ok: median <= max, ratioSpread: spread };
    });
    const { [OURS]: ours, ...peers } = mapValues(spreads, ({ median }) => median);
    return row({ name, unit, ours, peers, target, ratio: ratio?.median, also, spread: spreads, ratioSpread: ratio });
  });
}

/** A row of exact figures (sizes), where there are no rounds and no spread. */
export function exactRow({ name, unit, ours, peers = {}, target = null }) {
  return row({ name, unit, ours, peers, target, ratio: target && ours / peers[target.peer] });
}

function row({ name, unit, ours, peers, target, ratio, also = [], ...rest }) {
  const max = target?.max ?? null;
  return {
    name,
    unit,
    ours,
    peers,
    ratio: ratio ?? null,
    target: max,
    ok: (max === null || ratio <= max) && also.every(({ ok }) => ok),
    targetPeer: target?.peer ?? null,
    aim: target?.aim ?? null,
    also,
    ...rest,
  };
}

/** The printed form of one row: a heading, then a line for ours and one for each peer. */
export function printedRow(row) {
  const names = [OURS, ...Object.keys(row.peers)];
  const width = Math.max(24, ...names.map((name) => name.length + 2));
  const lines = [`${row.name} (${row.unit})${verdict(row)}`];
  for (const name of names) {
    const value = name === OURS ? row.ours : row.peers[name];
    const { low, high } = row.spread?.[name] ?? {};
    const between = low === undefined ? '' : `${figure(low)} – ${figure(high)}`;
    const ratio = name === OURS ? '' : `ours / this ${figure(ratioTo(row, name))}`;
    lines.push(`  ${name.padEnd(width)}${figure(value).padStart(9)}   ${between.padEnd(19)} ${ratio}`.trimEnd());
  }
  return lines.join('\n');
}

/** Paired where that is the row's own ratio, else of the medians, which is for orientation only. */
function ratioTo(row, peer) {
  if (peer === row.targetPeer) return row.ratio;
  return row.also.find((other) => other.peer === peer)?.ratio ?? row.ours / row.peers[peer];
}

function verdict({ ratio, ratioSpread, target, targetPeer, aim, also, ok }) {
  if (target === null) return '';
  const aimed = aim === null ? '' : `, aim ${figure(aim)}${ratio <= aim ? ' (met)' : ''}`;
  const parts = [compared({ ratio, ratioSpread, target, peer: targetPeer }) + aimed, ...also.map(compared)];
  return `: ${ok ? 'ok' : 'MISS'}, ${parts.join('; ')}`;
}

function compared({ ratio, ratioSpread, target, peer }) {
  const around = ratioSpread ? ` [${figure(ratioSpread.low)} – ${figure(ratioSpread.high)}]` : '';
  return `${figure(ratio)}${around} x ${peer}, target <= ${figure(target)}`;
}

/** Three significant digits, without an exponent. */
export function figure(value) {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
