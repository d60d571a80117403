// What several parts of a page watch together. It begins with the first who subscribes and ends a moment after the
// last has gone, so that whoever goes and comes at once finds everything as it was.
//
// `snapshot` is the same frozen object until something changes: what React's `useSyncExternalStore` wants, and
// whoever else compares by identity.
export class Store {
  #handlers = new Set();
  #linger;
  #ending = null;
  #isRunning = false;
  #snapshot = null;

  constructor({ linger = 0 } = {}) {
    this.#linger = linger;
  }

  // Calls `handler()` after each change. Returns what ends that.
  subscribe(handler) {
    // One of its own for each: the same function may subscribe twice.
    const own = () => handler();
    this.#handlers.add(own);
    clearTimeout(this.#ending);
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.begin();
    }
    return () => {
      if (!this.#handlers.delete(own) || this.#handlers.size) return;
      clearTimeout(this.#ending);
      this.#ending = setTimeout(() => {
        this.#isRunning = false;
        this.end();
      }, this.#linger);
    };
  }

  get snapshot() {
    this.#snapshot ??= Object.freeze(this.describe());
    return this.#snapshot;
  }

  changed() {
    this.#snapshot = null;
    for (const tell of [...this.#handlers]) tell();
  }
}
