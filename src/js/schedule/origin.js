// A job of all tabs of the origin.
//
// Who holds the Web Lock of the job leads: it sees to each tick when it is due. The others look at it a lease later, and ask. One that leads answers at once, also if its timers are held back; if it hangs or is
// frozen, the lead is taken from it. Whoever runs a tick has claimed it before, in a transaction that compares it with the newest one: so no tick is run twice, whoever believes to lead.

import { db, done, inTime, openChannel, result } from '../base/database.js';

const NAME = 'taskloom-schedule';
/** How long the database may take. */
const PATIENCE = 10_000;
/** How long the tab that leads may take to answer: the last part of the lease, and no more than half of it. */
const ANSWERS = 500;
/** How long a database may take that has not answered before. */
const IMPATIENCE = 1000;
/** What others have written may be anything; what may be a number at all is core's to judge. */
const numberOf = value => (typeof value === 'number' ? value : NaN);

/** How long it takes at most to be given a lock that is free. */
const SETTLES = 100;

export class OriginJob {
  /** `library` is what it needs of the other modules: see base/late.ts. */
  constructor(job, library) {
    this._job = job;
    this._library = library;
    this.leads = false;
    /** Whether the database has told how far the job is. */
    this.isOpen = false;
    this._known = undefined; // what it has told: `{ anchor, tick }`
    this._waiting = undefined; // the controller of what waits for the lock
    this._letGo = undefined;
    this._channel = undefined;
    this._asking = undefined; // `{ tick, answer }`, while the one that leads is asked
    this._told = false;
    this._answers = true; // the database, as far as is known
    this._claims = new Set(); // ticks whose claims are under way
    this._isClosed = false;
  }

  get _lock() {
    return `${NAME}:${this._job.jobId}`;
  }

  /** How long the one that leads may take to answer. */
  get _patience() {
    return Math.min(ANSWERS, this._job._options.lease / 2);
  }

  /** Leaves the ticks to the one that leads. */
  _follow() {
    this.leads = false;
    if (this._library._isReady()) this._library._jobLease(this._job._number, this._job._options.lease - this._patience);
  }

  // ---- its life ----------------------------------------------------------------------------------------------------

  begin() {
    this._follow();
    const born = this._library._epoch();
    this._join().then(isNew => {
      if (!this._isClosed && born === this._library._epoch()) this._enter(isNew);
    }).catch(this._library._report);
  }

  /** In a fresh engine. */
  reopen() {
    if (!this.isOpen) return this.begin();
    this._rewind();
    if (this.leads) this._library._jobLease(this._job._number, 0);
    else this._follow();
  }

  /** Finds out how far the job is, or begins it. Whether no tab has known it before. */
  async _join() {
    const { every, start } = this._job._options;
    const now = Date.now();
    let isNew = false;
    this._known = { job: this._job.jobId, anchor: this._job._isInterval && !Number.isNaN(start) ? start - every : now, tick: now - 1 };
    await this._transact((store, record) => {
      isNew = !this._learn(record);
      if (isNew) store.put(this._known);
    }).catch(error => this._tell(error));
    return isNew;
  }

  /** Takes over what the record of the job says, as far as it can be true. Whether it says how far the job is. */
  _learn(record) {
    const now = Date.now();
    const tick = this._library._storedTick(numberOf(record?.tick), now);
    const anchor = this._library._storedAnchor(numberOf(record?.anchor), this._job._options.start, now);
    if (!Number.isNaN(anchor)) this._known = { ...this._known, anchor };
    if (Number.isNaN(tick)) return false;
    this._known = { ...this._known, tick };
    return true;
  }

  _enter(isNew) {
    const job = this._job;
    this.isOpen = true;
    this._rewind();
    if (isNew && job._options.immediately) {
      job._scheduler._turn(); // the run is later than the record
      this._library._jobImmediately(job._number);
      job._scheduler._run();
    }
    job._changed();
    if (job._paused) return;
    this._queue().catch(this._library._report);
    // If it can lead it does by then, and need not ask whoever leads.
    this._library._quietTimeout(() => job._scheduler._look(), SETTLES);
  }

  /** Core's job goes on from the newest tick of all tabs, and from when it was resumed. */
  _rewind() {
    const { every, start } = this._job._options;
    const { anchor, tick } = this._known;
    const first = Math.max(anchor + every, Number.isNaN(start) ? -Infinity : start);
    this._library._jobRewind(this._job._number, Math.max(tick, this._job._resumed, ...this._claims), this._job._isInterval ? first : NaN);
  }

  leave() {
    this._waiting?.abort();
    this._waiting = undefined;
    this._letGo?.();
    this._channel?.close();
    this._channel = undefined;
    this.leads = false;
  }

  comeBack() {
    if (this._isClosed || !this.isOpen || this._waiting || this._job._paused) return;
    this._follow();
    this._queue().catch(this._library._report);
  }

  close() {
    this._isClosed = true;
    this.leave();
  }

  // ---- who leads ---------------------------------------------------------------------------------------------------

  /** Waits for its turn to lead, and leads. `steal`: at once. */
  async _queue(steal = false) {
    this._listen();
    const waiting = (this._waiting = new AbortController());
    try {
      if (!this._library._locks()) return await this._lead();
      await this._library._locks().request(this._lock, steal ? { steal } : { signal: waiting.signal }, () => {
        if (this._isClosed || waiting.signal.aborted) return undefined;
        return new Promise(resolve => {
          this._letGo = resolve;
          waiting.signal.addEventListener('abort', resolve);
          this._lead().catch(this._library._report);
        });
      });
    } catch (error) {
      if (error?.name !== 'AbortError') {
        this._tell(error);
        return await this._lead(); // nobody knows of anybody else
      }
    } finally {
      if (this._waiting === waiting) this._waiting = undefined;
    }
    if (waiting.signal.aborted || this._isClosed) return;
    // Another tab has found this one too late, and leads now.
    this._follow();
    this._job._changed();
    await this._queue();
  }

  async _lead() {
    this.leads = true;
    this._job._changed();
    const record = await this._transact((_, found) => found).catch(error => {
      this._tell(error);
      // What the one before has run is known by its messages alone, of which the last may be on its way.
      return new Promise(resolve => this._library._quietTimeout(resolve, SETTLES));
    });
    if (!this.leads || !this._library._isReady()) return;
    this._learn(record);
    this._rewind(); // what the one before has put off, or has not come to, is due again
    this._library._jobLease(this._job._number, 0);
    this._job._scheduler._look();
  }

  _listen() {
    if (this._channel) return;
    this._channel = openChannel(NAME);
    if (!this._channel) return;
    this._channel.onmessage = ({ data }) => {
      if (data?.job !== this._job.jobId || !this._job._isOpen) return;
      if (data.asks === true) return this._answer();
      const tick = this._library._toldTick(numberOf(data.tick), Date.now());
      if (Number.isNaN(tick)) return;
      this._library._jobSeen(this._job._number, tick);
      if (tick >= this._asking?.tick) this._asking.answer(tick);
      this._job._scheduler._sleep();
      this._job._changed();
    };
  }

  _answer() {
    if (!this.leads) return;
    this._job._scheduler._look(); // its timers may be held back, messages are not
    if (this._job._isOpen) this._channel?.postMessage({ job: this._job.jobId, tick: this._library._jobCursor(this._job._number) });
  }

  /** How far the one that leads is, if it is there and has seen to this tick: it runs, it waits, or it was left out. */
  _ask(tick) {
    if (this.leads || !this._channel) return undefined;
    return new Promise(resolve => {
      const answer = newest => {
        clearTimeout(timer);
        this._asking = undefined;
        resolve(newest);
      };
      const timer = setTimeout(answer, this._patience);
      this._asking = { tick, answer };
      this._channel.postMessage({ job: this._job.jobId, asks: true });
    });
  }

  // ---- ticks -------------------------------------------------------------------------------------------------------

  /** Claims a tick: undefined if it is this tab's to run, else the newest one that another has claimed. */
  async claim(tick) {
    this._claims.add(tick);
    try {
      return await this._claim(tick);
    } finally {
      this._claims.delete(tick);
    }
  }

  async _claim(tick) {
    const seen = await this._ask(tick);
    if (seen !== undefined) return seen;
    const { leads } = this;
    try {
      const newest = await this._transact((store, record) => {
        const now = Date.now();
        const newest = this._library._storedTick(numberOf(record?.tick), now);
        if (this._isClosed || !this._library._mayClaim(newest, tick, now)) return Number.isNaN(newest) ? tick : newest;
        this._learn(record); // for its anchor
        store.put({ ...this._known, tick });
        return undefined;
      });
      if (newest !== undefined) return newest;
    } catch (error) {
      this._tell(error);
      await this._library._locks()?.query().catch(() => {}); // if the lead was taken from this tab meanwhile, it hears of that before the answer
      if (!this.leads) return tick; // the lock alone decides
    }
    this._known = { ...this._known, tick };
    this._channel?.postMessage({ job: this._job.jobId, tick });
    if (!leads && !this.leads && !this._isClosed && !this._job._paused && this._library._locks()) this._takeOver();
    return undefined;
  }

  /** The tab that leads was late. */
  _takeOver() {
    this._waiting?.abort();
    this._waiting = undefined;
    this._queue(true).catch(this._library._report);
  }

  /** Does something to the record of the job in one transaction, and waits until it is stored. */
  async _transact(change) {
    const patience = this._answers ? PATIENCE : IMPATIENCE;
    this._answers = false;
    const database = await inTime(db(), patience);
    const transaction = database.transaction('jobs', 'readwrite');
    const store = transaction.objectStore('jobs');
    const stored = done(transaction);
    stored.catch(() => {}); // told by what follows
    const outcome = change(store, await inTime(result(store.get(this._job.jobId)), patience));
    await inTime(stored, patience);
    this._answers = true;
    return outcome;
  }

  _tell(error) {
    if (this._told) return;
    this._told = true;
    this._job._tell(this._library._error('storage-blocked', `IndexedDB can't be used for the job '${this._job.jobId}': ${error?.message ?? error}; the tab that holds its lock runs it`, error), null);
  }
}
