// Browsers cannot wait for longer, in milliseconds.
const LONGEST = 2 ** 31 - 1;

// Whether somebody moves at this page: after a while without a move they do not.
export class Idleness {
  #after;
  #tell;
  #now;
  #timers;
  #movedAt;

  // `tell(isIdle)` is called as it changes. `after` is in milliseconds; 0: never.
  constructor({ after, tell, now = () => Date.now(), timers = globalThis }) {
    this.#after = after;
    this.#tell = tell;
    this.#now = now;
    this.#timers = timers;
    this.isIdle = false;
    this.#movedAt = now();
    this.#look();
  }

  // Called for each move of the pointer: it must cost nothing.
  moves() {
    this.#movedAt = this.#now();
    if (!this.isIdle) return;
    this.isIdle = false;
    this.#look();
    this.#tell(false);
  }

  // One timer however often somebody moves: when it is due it looks how long the last move is ago.
  #look() {
    if (!(this.#after > 0)) return;
    const left = this.#movedAt + this.#after - this.#now();
    if (left > 0) {
      this.#timers.setTimeout(() => this.#look(), Math.min(left, LONGEST));
      return;
    }
    this.isIdle = true;
    this.#tell(true);
  }
}
