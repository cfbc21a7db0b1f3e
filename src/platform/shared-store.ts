// Where the records of shared state are: in a database, whose transactions are the commits, or in memory.

import { db, forgetDatabase } from '../js/base/database.js';

/** Where all records are: those of a name, with its head under the key ''. */
const STORE = 'shared';
/** How long a transaction may take, and then how long its abort. */
const PATIENCE = 3000;

/** What is stored under a key, or the head; what it is nobody knows yet: any script of the origin can write there. */
export type Found = Readonly<Record<string, unknown>> | undefined;

/** What a commit puts and removes. The keys are those of the records. */
export interface Change {
  readonly puts: readonly { readonly key: string }[];
  readonly removes?: readonly string[];
}

/** How a commit has failed. */
export type Failure =
  /** It was taken back, or has never begun: the database can't be used. */
  | 'aborted'
  /** The same, because it took too long: the database is there, and another tab keeps it. */
  | 'blocked'
  /** The storage is full. */
  | 'full'
  /** What is put under `key` can't be cloned. */
  | 'clone'
  /** The connection was lost: it may have happened. */
  | 'lost'
  /** It took too long, and could not be taken back: it may happen yet. */
  | 'unknown';

export class CommitError extends Error {
  readonly how: Failure;
  readonly key: string | undefined;

  constructor(how: Failure, cause: unknown, key?: string) {
    super(String((cause as Error | undefined)?.message ?? cause), { cause });
    this.how = how;
    this.key = key;
  }
}

/** Keeps the records of one name. */
export interface Carrier {
  /** The head, and the records of versions beyond this one; all of them if there is none. */
  read(after?: number): Promise<{ head: Found; records: Found[] }>;
  /** The head and one record. */
  readOne(key: string): Promise<{ head: Found; record: Found }>;
  /**
   * Reads the head and the records of these keys, and puts what `change` makes of them, all in one transaction. `change` is called once at most, and must not wait for
   * anything; if it throws nothing is put, and what it has thrown is thrown. Else throws a CommitError.
   */
  commit(keys: readonly string[], isDurable: boolean, change: (head: Found, records: Found[]) => Change): Promise<void>;
}

const failed = (how: Failure) => (cause: unknown): never => {
  throw cause instanceof CommitError ? cause : new CommitError(how, cause);
};

/** In the database of the origin. */
export class DatabaseCarrier implements Carrier {
  private readonly _name: string;

  constructor(name: string) {
    this._name = name;
  }

  /** A transaction on a connection that is open: a browser closes one when it likes. */
  private async _begin(mode: IDBTransactionMode, isDurable = false): Promise<IDBTransaction> {
    for (let isSecond = false; ; isSecond = true) {
      const database = await db().catch((cause: unknown) => failed((cause as { isLate?: boolean } | undefined)?.isLate ? 'blocked' : 'aborted')(cause));
      try {
        return database.transaction(STORE, mode, { durability: isDurable ? 'strict' : 'relaxed' });
      } catch (error) {
        forgetDatabase(database);
        if (isSecond) throw new CommitError('aborted', error);
      }
    }
  }

  async read(after?: number) {
    const transaction = await this._begin('readonly');
    const store = transaction.objectStore(STORE);
    const head = store.get([this._name, '']);
    const records = after === undefined
      ? store.getAll(IDBKeyRange.bound([this._name, ''], [this._name, []], true))
      : store.index('seq').getAll(IDBKeyRange.bound([this._name, after], [this._name, []], true));
    await ended(transaction);
    return { head: head.result as Found, records: records.result as Found[] };
  }

  async readOne(key: string) {
    const transaction = await this._begin('readonly');
    const store = transaction.objectStore(STORE);
    const head = store.get([this._name, '']);
    const record = store.get([this._name, key]);
    await ended(transaction);
    return { head: head.result as Found, record: record.result as Found };
  }

  async commit(keys: readonly string[], isDurable: boolean, change: (head: Found, records: Found[]) => Change) {
    const transaction = await this._begin('readwrite', isDurable);
    const store = transaction.objectStore(STORE);
    let thrown: { readonly error: unknown } | undefined;
    let isRead = false;
    const end = ended(transaction, () => isRead);
    const requests = ['', ...keys].map(key => store.get([this._name, key]));
    requests.at(-1)!.onsuccess = () => {
      isRead = true;
      let putting: string | undefined;
      try {
        const [head, ...records] = requests.map(({ result }) => result as Found);
        const { puts, removes = [] } = change(head, records);
        for (const record of puts) {
          putting = record.key;
          store.put({ name: this._name, ...record });
        }
        for (const key of removes) store.delete([this._name, key]);
        transaction.commit?.();
      } catch (error) {
        const { name } = error as Error;
        if (putting === undefined) thrown = { error };
        else if (name === 'DataCloneError') thrown = { error: new CommitError('clone', error, putting) };
        else if (name === 'QuotaExceededError') thrown = { error: new CommitError('full', error) };
        abort(transaction);
      }
    };
    try {
      await end;
    } catch (error) {
      throw thrown ? thrown.error : error;
    }
  }
}

function abort(transaction: IDBTransaction) {
  try {
    transaction.abort();
  } catch {
    // it is ending already
  }
}

/** When all of a transaction is stored. One that does not answer is taken back; if it has put nothing nobody waits for the end of that, which Firefox tells late. */
function ended(transaction: IDBTransaction, hasPut = () => false): Promise<void> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    let timer = setTimeout(() => {
      isLate = true;
      timer = setTimeout(() => reject(new CommitError('unknown', 'the database does not answer')), PATIENCE);
      abort(transaction);
      if (!hasPut()) reject(new CommitError('blocked', 'the database does not answer'));
    }, PATIENCE);
    const end = (settle: () => void) => () => {
      clearTimeout(timer);
      settle();
    };
    transaction.oncomplete = end(resolve);
    transaction.onabort = end(() => {
      const { error } = transaction;
      if (isLate) reject(new CommitError('blocked', 'the database does not answer'));
      else reject(new CommitError(error?.name === 'QuotaExceededError' ? 'full' : 'lost', error ?? 'the transaction was aborted'));
    });
  });
}

/** In memory: for pages that are refused any storage. */
export class MemoryCarrier implements Carrier {
  private readonly _records = new Map<string, Found>();

  async read(after = -1) {
    const records = [...this._records.values()].filter(record => record?.key !== '' && (record?.seq as number) > after);
    return { head: this._records.get(''), records };
  }

  async readOne(key: string) {
    return { head: this._records.get(''), record: this._records.get(key) };
  }

  async commit(keys: readonly string[], _: boolean, change: (head: Found, records: Found[]) => Change) {
    const { puts, removes = [] } = change(this._records.get(''), keys.map(key => this._records.get(key)));
    for (const record of puts) this._records.set(record.key, { ...record });
    for (const key of removes) this._records.delete(key);
  }
}
