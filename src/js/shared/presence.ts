// Which tabs have the store open: each holds a lock in its name as long as it lives.

import type { Locks } from '../../platform/locks.js';
import { report, tell } from '../base/errors.js';
import { steady } from '../base/handle.js';
import { presenceLock } from './locks.js';
import type { TabId } from './record.js';

export interface TabInfo {
  readonly id: string;
  readonly self: boolean;
}

export class Presence {
  private readonly _tab: TabId;
  private readonly _name: string;
  private readonly _platform: Locks;
  private readonly _say: (stays: boolean) => void;
  /** Told when another tab is gone. */
  private readonly _gone: () => void;
  private readonly _listeners = new Set<{ readonly listener: () => void }>();
  private _tabs: readonly TabInfo[];
  private _letGo: (() => void) | undefined;
  /** Those whose end is waited for. */
  private readonly _watched = new Map<TabId, AbortController>();
  private _looking: Promise<void> | undefined;
  private _isLookedAgain = false;

  constructor(tab: TabId, name: string, platform: Locks, say: (stays: boolean) => void, gone: () => void) {
    this._tab = tab;
    this._name = name;
    this._platform = platform;
    this._say = say;
    this._gone = gone;
    this._tabs = Object.freeze([Object.freeze({ id: String(tab), self: true })]);
  }

  /** @internal */
  get _list(): readonly TabInfo[] {
    return this._tabs;
  }

  /** Whether this tab is there for the others. @internal */
  get _isHere(): boolean {
    return this._letGo !== undefined;
  }

  /** @internal */
  _subscribe(listener: () => void): () => void {
    const entry = { listener };
    this._listeners.add(entry);
    return () => void this._listeners.delete(entry);
  }

  /** Takes this tab's lock. Resolves when it has it. @internal */
  _enter(): Promise<void> {
    return new Promise(resolve => {
      this._platform.request(presenceLock(this._tab, this._name), {}, () => {
        resolve();
        this._say(true);
        return new Promise(letGo => { this._letGo = letGo; });
      }).catch(error => {
        resolve();
        if (error?.name !== 'AbortError') report(error);
      });
    });
  }

  /** The page goes away, or the store is closed. @internal */
  _exit() {
    this._say(false);
    this._letGo?.();
    this._letGo = undefined;
    for (const controller of this._watched.values()) controller.abort();
    this._watched.clear();
  }

  /** Looks who is there. One look at a time: an answer that comes late would be of the past. @internal */
  _look(): Promise<void> {
    this._isLookedAgain = true;
    return (this._looking ??= this._lookOn().catch(report).finally(() => { this._looking = undefined; }));
  }

  private async _lookOn() {
    while (this._isLookedAgain) {
      this._isLookedAgain = false;
      this._found(await this._platform.held());
    }
  }

  /** These locks are held. */
  private _found(names: readonly string[]) {
    const [before, after] = ['taskloom-tab:', `:${this._name}`];
    const ids = names.flatMap(name => {
      if (!name.startsWith(before) || !name.endsWith(after)) return [];
      const id = name.slice(before.length, name.length - after.length);
      return /^\d+$/.test(id) ? [Number(id)] : [];
    });
    if (!ids.includes(this._tab)) ids.push(this._tab);
    ids.sort((a, b) => a - b);
    this._watch(ids);
    const tabs = ids.map((id, i) => steady(this._tabs[i], { id: String(id), self: id === this._tab }));
    if (tabs.length === this._tabs.length && tabs.every((tab, i) => tab === this._tabs[i])) return;
    this._tabs = Object.freeze(tabs);
    for (const { listener } of [...this._listeners]) tell(listener);
  }

  /** Waits for the end of the others: a tab that is killed says nothing. */
  private _watch(ids: readonly TabId[]) {
    if (!this._letGo) return; // this page is away
    for (const id of ids) {
      if (id === this._tab || this._watched.has(id)) continue;
      const controller = new AbortController();
      this._watched.set(id, controller);
      this._platform.request(presenceLock(id, this._name), { mode: 'shared', signal: controller.signal }, () => undefined).then(() => {
        if (this._watched.get(id) === controller) this._watched.delete(id);
        this._look();
        this._gone();
      }, () => {});
    }
  }
}
