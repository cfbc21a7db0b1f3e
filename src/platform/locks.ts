// Locks by name: the platform's, or those of this tab alone.

export interface LockRequest {
  readonly signal?: AbortSignal;
  readonly ifAvailable?: boolean;
  readonly steal?: boolean;
  /** `'shared'`: together with others that ask so, which `held()` leaves out: for those who only wait for the end of whoever holds it. */
  readonly mode?: LockMode;
}

export interface Locks {
  /** Whether other tabs have them too. */
  readonly isShared: boolean;
  /**
   * Calls `hold` when the lock is granted, with true; with false if it is asked for only if it is available, and is not. The lock is held until what it returns has settled.
   * Rejects with an AbortError if the signal aborts first, or if the lock is stolen.
   */
  request(name: string, request: LockRequest, hold: (isGranted: boolean) => Promise<void> | undefined): Promise<void>;
  /** The names of the locks that are held, and not shared. */
  held(): Promise<string[]>;
}

/** The platform's, if it has any. */
export function platformLocks(): Locks | undefined {
  const locks = globalThis.navigator?.locks;
  return locks && {
    isShared: true,
    async request(name, request, hold) {
      await locks.request(name, request, lock => hold(lock !== null));
    },
    async held() {
      return ((await locks.query()).held ?? []).flatMap(({ name, mode }) => (mode === 'exclusive' ? name! : []));
    },
  };
}

interface Waiting {
  readonly grant: () => void;
}

/** Those of this tab, where there are no others to share with. */
export class OwnLocks implements Locks {
  readonly isShared = false;
  private readonly _queues = new Map<string, Waiting[]>();

  async held() {
    return [...this._queues.keys()];
  }

  async request(name: string, { signal, ifAvailable = false, steal = false }: LockRequest, hold: (isGranted: boolean) => Promise<void> | undefined) {
    signal?.throwIfAborted();
    const queue = this._queues.get(name) ?? [];
    if (ifAvailable && queue.length > 0) return void await hold(false);
    this._queues.set(name, queue);
    let own: Waiting | undefined;
    const granted = new Promise<void>((resolve, reject) => {
      own = { grant: resolve };
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    if (steal) queue.unshift(own!);
    else queue.push(own!);
    if (queue[0] === own) own!.grant();
    try {
      await granted;
      await hold(true);
    } finally {
      const isFirst = queue[0] === own;
      queue.splice(queue.indexOf(own!), 1);
      if (isFirst) queue[0]?.grant();
      if (queue.length === 0) this._queues.delete(name);
    }
  }
}
