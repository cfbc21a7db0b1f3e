/** Times of an interval may differ by a millisecond from one reading of the clocks to the next. */
const NEAR_MS = 50;
const LATE_MS = 500;
const MOST_TICKS = 2000; // of one absence
const MOST_AHEAD = 60;

/**
 * What became of the ticks of a job. Each `{ at, fate }`:
 *
 * - 'ran' on time, or 'late';
 * - 'folded' into a run that made up for it, or 'left' out;
 * - 'skipped', since a run was under way; 'waiting' for it to end; 'due': not seen to yet.
 *
 * A run says for which tick it is, and how many before it were missed; the job's statistics say the rest.
 */
export class Ledger {
  constructor() {
    this.runs = []; // in this tab, oldest first
    this.others = []; // in other tabs
    this.skippedByOthers = []; // ticks
    this.ticks = [];
    this.ahead = [];
    this.begin();
  }

  /** For a job that is a new one. */
  begin() {
    this.cursor = Date.now();
    this.told = { missed: 0, skipped: 0 };
    for (const tick of this.ticks) if (tick.fate === 'due' || tick.fate === 'waiting') tick.fate = 'dropped';
  }

  // #region tick
  /** The same function, noting its runs. */
  noting(work, { policyOf, onChange = () => {} }) {
    return async context => {
      const { scheduledAt, missed, manual } = context.tick; // which tick this run is for
      const run = { at: scheduledAt.getTime(), missed, manual, policy: policyOf(), startedAt: Date.now(), endedAt: null, end: null };
      this.runs.push(run);
      onChange();
      try {
        await work(context);
        run.end = 'done';
      } catch (error) {
        run.end = context.signal.aborted ? 'cancelled' : 'failed';
        throw error;
      } finally {
        run.endedAt = Date.now();
        onChange();
      }
    };
  }
  // #endregion

  /** Looks at what has happened. `isShared`: other tabs run the job too, and the statistics of this one don't tell of that. */
  look(job, now, { since, until, absence, isShared }) {
    const isActive = job.state === 'active';
    if (isActive) this.addDue(job, now);
    this.cursor = now;
    this.ahead = isActive ? job.nextRuns(MOST_AHEAD, now).map(Number).filter(at => at <= until) : [];
    this.judge(job.stats(), isShared);
    this.runs = this.runs.filter(({ endedAt }) => (endedAt ?? Infinity) >= since);
    const isKept = at => at >= since || (absence && at >= absence.from && at <= absence.to);
    this.ticks = this.ticks.filter(({ at, fate }) => isKept(at) || fate === 'waiting');
  }

  addDue(job, now) {
    for (let from = this.cursor, added = 0; added < MOST_TICKS; added++) {
      const [at] = job.nextRuns(1, from).map(Number);
      if (at === undefined || at > now) break;
      if (!(at - this.ticks.at(-1)?.at < NEAR_MS)) this.ticks.push({ at, fate: 'due' });
      from = at;
    }
  }

  judge(stats, isShared) {
    for (const run of [...this.runs, ...this.others]) if (!run.manual) this.judgeBy(run);
    const open = this.ticks.filter(({ fate }) => fate === 'due' || fate === 'waiting');
    const [missed, skipped] = ['missed', 'skipped'].map(stat => Math.max(0, stats[stat] - this.told[stat]));
    const mark = (ticks, fate) => { for (const tick of ticks) tick.fate = fate; };
    this.told = { missed: stats.missed, skipped: stats.skipped };
    if (isShared) {
      mark(open.slice(open.length - skipped), 'skipped');
      return mark(open.filter(({ at }) => this.skippedByOthers.includes(at)), 'skipped');
    }
    mark(open.splice(0, missed), 'left');
    mark(open.splice(0, skipped), 'skipped');
    for (const tick of open) tick.fate = stats.waiting > 0 ? 'waiting' : 'due';
  }

  judgeBy(run) {
    const index = this.ticks.findIndex(({ at }) => Math.abs(at - run.at) < NEAR_MS);
    if (index < 0) return;
    this.ticks[index].fate = run.startedAt - run.at < LATE_MS ? 'ran' : 'late';
    if (run.isJudged) return;
    run.isJudged = true;
    const fate = run.policy === 'skip' ? 'left' : 'folded';
    for (const tick of this.ticks.slice(Math.max(0, index - run.missed), index)) {
      if (tick.fate === 'due' || tick.fate === 'waiting') this.told.missed++;
      else if (tick.fate !== 'left') continue;
      tick.fate = fate;
    }
  }
}
