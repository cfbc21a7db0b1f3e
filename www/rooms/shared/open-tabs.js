import { LETTERS, lettersTaken, takeLetter } from './this-tab.js';

const LOOK_AGAIN_MS = 1000;

/** What the open tabs of a room tell each other of themselves, by session state in `storage: 'local'`. A tab is known by its letter, and says nothing before it has one. */
export class OpenTabs {
  #said;
  #store;
  #onEnter;
  #onProblem;
  #leaving;
  #looking;
  #hide = () => this.#leave();
  #show = ({ persisted }) => { if (persisted) this.#enter(); };
  id = crypto.randomUUID();
  letter = null;

  /** `onEnter` is called when this tab has its letter, `onProblem` with an error if it can't have one. */
  constructor(store, { onEnter = () => {}, onProblem }) {
    this.#store = store;
    this.#said = new Map(LETTERS.map(letter => [letter, store.ref(letter)]));
    this.#onEnter = onEnter;
    this.#onProblem = onProblem;
    addEventListener('pagehide', this.#hide);
    addEventListener('pageshow', this.#show);
    this.#enter();
  }

  /** What each open tab has said last, in the order of their letters: with its `letter` and `id`. */
  get all() {
    return [...this.#said.values()].filter(tab => tab.isInitialized).map(tab => tab.value);
  }

  say(mine) {
    if (this.letter) this.#said.get(this.letter).value = { letter: this.letter, id: this.id, ...mine };
  }

  dispose() {
    removeEventListener('pagehide', this.#hide);
    removeEventListener('pageshow', this.#show);
    this.#leave();
  }

  async #enter() {
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    let taken;
    try {
      taken = await takeLetter(signal);
    } catch (error) {
      return this.#onProblem(error);
    }
    if (signal.aborted) return;
    this.letter = taken;
    this.#onEnter();
    this.#looking = setInterval(() => this.#look(), LOOK_AGAIN_MS);
    await this.#look();
  }

  #leave() {
    if (this.letter) this.#said.get(this.letter).clear();
    this.#store.flush();
    this.letter = null;
    clearInterval(this.#looking);
    this.#leaving.abort();
  }

  /** What a tab that is gone has said is removed. */
  async #look() {
    const taken = await lettersTaken();
    for (const [each, tab] of this.#said) if (tab.isInitialized && !taken.has(each)) tab.clear();
  }
}
