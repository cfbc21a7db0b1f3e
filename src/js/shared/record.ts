// What the store keeps, once it is known to be ours: any script of the origin can write there.

import type { Found } from '../../platform/shared-store.js';
import { type Encoded, isEncoded } from './values.js';

/** Names a tab. */
export type TabId = number;

/** What is kept of a name (src/core/shared/record.rs). */
export interface Head {
  readonly born: number;
  seq: number;
  trimmed: number;
  token: number;
}

/** A writer's last commit of a record, with the version of the head that it has read. */
export type Mark = readonly [writer: TabId, commit: number, base: number];

/** What is kept of a key. */
export interface Row {
  readonly key: string;
  seq: number;
  token: number;
  /** Who holds the lock; 0 is nobody. */
  holder: TabId;
  /** How long the holder may be silent, in milliseconds. */
  lease: number;
  /** Who has written the value. */
  by: TabId;
  marks: readonly Mark[];
  /** None if it is gone. */
  value: Encoded | undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export function readHead(found: Found): Head | undefined {
  if (!isCount(found?.born) || found.born === 0 || !isCount(found.seq) || !isCount(found.trimmed) || !isCount(found.token)) return undefined;
  return { born: found.born, seq: found.seq, trimmed: found.trimmed, token: found.token };
}

export const headAsStored = (head: Head) => ({ key: '', ...head });

const isMark = (mark: unknown): mark is Mark => Array.isArray(mark) && mark.length === 3 && mark.every(isCount);

/** A record of the store; undefined if there is none, or none of ours. */
export function readRow(found: Found): Row | undefined {
  if (found === undefined || typeof found.key !== 'string' || found.key === '') return undefined;
  const { key, seq, token, holder, lease, by, marks, gone, form, body } = found;
  if (!isCount(seq) || !isCount(token) || !isCount(holder) || !isCount(lease) || !isCount(by)) return undefined;
  if (gone !== true && !isEncoded(form, body)) return undefined;
  return {
    key, seq, token, holder, lease, by,
    marks: Array.isArray(marks) && marks.every(isMark) ? marks : [],
    value: gone === true ? undefined : { form, body } as Encoded,
  };
}

export const rowAsStored = ({ value, ...row }: Row) => (value === undefined ? { ...row, gone: true } : { ...row, ...value });

/** What stands for a record that is not there. */
export const missingRow = (key: string, head: Head): Row => ({ key, seq: 0, token: head.token, holder: 0, lease: 0, by: 0, marks: [], value: undefined });

/** 53 random bits that are not 0. */
export function randomId(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high! >>> 11) * 2 ** 32 + low! || 1;
}
