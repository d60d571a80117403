// When to tell the server that this reader types. It forgets whoever it does not hear of again, so it is told
// again while they go on, and as soon as they stop.
const REPEAT_AFTER = 3000;
const STOPPED_AFTER = 5000;

export class Typing {
  #tell;
  #now;
  #timers;
  #toldAt = null;
  #timer = null;

  // `tell(on)` sends it.
  constructor({ tell, now = () => Date.now(), timers = globalThis }) {
    this.#tell = tell;
    this.#now = now;
    this.#timers = timers;
  }

  types() {
    if (this.#toldAt === null || this.#now() - this.#toldAt >= REPEAT_AFTER) {
      this.#toldAt = this.#now();
      this.#tell(true);
    }
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => this.stops(), STOPPED_AFTER);
  }

  stops() {
    this.#timers.clearTimeout(this.#timer);
    if (this.#toldAt === null) return;
    this.#toldAt = null;
    this.#tell(false);
  }
}
