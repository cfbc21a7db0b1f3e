// What tabs say to each other on the channel of a store. Any script of the origin can send there, so nothing is believed that is not well formed, and what is believed is held
// against the store.

import type { Encoded } from './values.js';
import { isEncoded, sizeOf } from './values.js';
import type { TabId } from './record.js';

/** Tabs of another version of the protocol are not understood; they share the store, and are heard of by it. */
const PROTOCOL = 1;
/** The bytes of values that a notice takes: more are read faster than sent. */
const MAX_BYTES = 65_536;

/** A change of a key. */
export interface Told {
  readonly key: string;
  readonly seq: number;
  readonly quiet: boolean;
  /** None if the key is gone; left out if it is large. */
  readonly value?: Encoded | undefined;
  readonly gone: boolean;
}

/** One commit. */
export interface Notice {
  readonly born: number;
  readonly from: number;
  readonly to: number;
  readonly by: TabId;
  readonly changes: readonly Told[];
}

/** Asks whether a token of a key is in use, or answers that. */
export interface Question {
  readonly asks: boolean;
  readonly key: string;
  readonly token: number;
  readonly holder: TabId;
  readonly holds: boolean;
}

/** A tab is there, or goes. */
export interface Greeting {
  readonly hello: TabId;
  readonly stays: boolean;
}

export interface Hears {
  notice(notice: Notice, isWhole: boolean): void;
  question(question: Question): void;
  greeting(greeting: Greeting): void;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export class Channel {
  private readonly _channel: BroadcastChannel | undefined;
  private readonly _name: string;

  constructor(born: number, name: string, hears: Hears) {
    this._name = `taskloom-shared:${born}:${name}`;
    if (typeof BroadcastChannel !== 'function') return;
    this._channel = new BroadcastChannel(this._name);
    (this._channel as { unref?(): void }).unref?.(); // it would keep Node running
    this._channel.onmessage = ({ data }) => {
      if (data?.v !== PROTOCOL) return;
      if (isNotice(data)) hears.notice(data, data.changes.every(({ gone, value }: Told) => gone || value !== undefined));
      else if (isQuestion(data)) hears.question(data);
      else if (isCount(data.hello) && typeof data.stays === 'boolean') hears.greeting(data);
    };
  }

  /** Tells of a commit, with the values unless they are large. @internal */
  _tell(notice: Notice) {
    let bytes = 0;
    const changes = notice.changes.map(({ value, ...change }) => {
      bytes += value === undefined ? 0 : sizeOf(value);
      return value === undefined || bytes > MAX_BYTES ? change : { ...change, value };
    });
    this._post({ ...notice, changes });
  }

  /** @internal */
  _post(message: Notice | Question | Greeting) {
    try {
      this._channel?.postMessage({ v: PROTOCOL, ...message });
    } catch {
      // it is closed, or this is no time to send; the store tells
    }
  }

  /** @internal */
  _close() {
    this._channel?.close();
  }
}

const isChange = (change: Partial<Told> | undefined, from: number, to: number): boolean => typeof change?.key === 'string' && change.key !== '' && isCount(change.seq)
  && change.seq >= from && change.seq <= to && typeof change.quiet === 'boolean' && typeof change.gone === 'boolean'
  && (change.value === undefined || isEncoded(change.value?.form, change.value?.body));

const isNotice = ({ born, from, to, by, changes }: Partial<Notice>): boolean => isCount(born) && isCount(from) && from > 0 && isCount(to) && isCount(by)
  && Array.isArray(changes) && changes.every(change => isChange(change, from, to));

const isQuestion = ({ asks, key, token, holder, holds }: Partial<Question>): boolean => typeof asks === 'boolean' && typeof key === 'string' && isCount(token)
  && isCount(holder) && typeof holds === 'boolean';
