// The line of a pool, and the pools as the driver of tasks knows them.

import { poolPart } from '#parts/pool';
import * as wasm from '#wasm';
import { assertReady, epoch, isReady } from '../base/engine.js';
import { TaskloomError } from '../base/errors.js';
import { assertWorkers } from '../base/host.js';
import { usePools } from '../tasks/driver.js';
import { TaskManager } from '../tasks/manager.js';

/** By their numbers in core. Weak: a pool that nobody uses goes, when its workers have gone. */
export const pools = [];

/** The line of a pool: a manager whose tasks the pool's workers take. */
export class CallQueue extends TaskManager {
  /** The engine knows it only together with its pool. */
  _enrol(_, read) {
    this._readOwn = read;
  }

  _open(pool, readPool) {
    this._pool = pool;
    super._enrol(poolPart, () => {
      assertWorkers();
      pool._options = readPool();
      return this._readOwn();
    });
  }

  _register() {
    super._register();
    this._addPool();
    this._pool._look(); // minWorkers
  }

  _addPool() {
    usePools(port); // not before their part is there: the timers of all tasks go by it from now on
    const { size, minWorkers, idleTimeout, startTimeout, cancelGrace } = this._pool._options;
    this._pool._number = wasm.addPool(this._number, size, minWorkers, idleTimeout, startTimeout, cancelGrace);
    this._pool._epoch = epoch;
    pools[this._pool._number] = new WeakRef(this._pool);
    registry.register(this._pool, { number: this._pool._number, born: epoch });
  }

  _take(task, options) {
    if (!isReady(poolPart)) return this._submitEarly(task, options);
    if (this._refused) return this._refuse(task, this._refused);
    this._trimIfDue();
    return options !== undefined ? this._submitWith(task, options, undefined) : this._submitPlain(task);
  }

  _submitToEngine(task) {
    return wasm.submitCall(this._pool._number, this._number, task._job, task._transfer !== undefined);
  }

  _submitLimited(task, limits, parent) {
    super._submitLimited(task, limits, parent);
    if (!task.done) wasm.describeCall(this._pool._number, task._key, task._job, task._transfer !== undefined);
    this._pool._look();
    return task;
  }

  _use() {
    assertReady(poolPart);
    this._assertOpen();
  }

  _assertOpen() {
    if (this._disposed) throw new TaskloomError('disposed', 'this WorkerPool was disposed; make a new one');
    if (this._refused) throw this._refused;
  }

  get _mayWait() {
    return true;
  }

  get _whyOver() {
    return this._pool._whyOver;
  }

  _follow() {
    this._pool._look();
  }

  _setPaused(paused) {
    super._setPaused(paused);
    this._pool._look();
  }
}

/** What the driver asks of them. */
const port = {
  act() {
    for (let number; (number = wasm.nextPool()) >= 0; ) pools[number]?.deref()?._act();
  },
  lose() {
    for (const reference of pools.splice(0)) reference?.deref()?._lose();
  },
  pending: () => wasm.pendingPools(),
  arm: () => wasm.armPools(),
  fire: () => wasm.firePools(),
};

/** Core forgets a pool that nobody holds, if it is still the one of this number. */
const registry = /* @__PURE__ */ new FinalizationRegistry(({ number, born }) => {
  if (born !== epoch || !isReady(poolPart) || pools[number]?.deref()) return;
  pools[number] = undefined;
  wasm.removePool(number);
});
