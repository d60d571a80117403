// Whom this reader has muted, by their ids. Nobody else knows.

export class Mutes {
  #muted;
  #onChange;

  constructor({ muted = [], onChange = () => {} } = {}) {
    this.#muted = new Set(muted);
    this.#onChange = onChange;
  }

  get size() {
    return this.#muted.size;
  }

  has(userId) {
    return this.#muted.has(userId);
  }

  set(userId, on) {
    if (this.#muted.has(userId) === on) return;
    if (on) this.#muted.add(userId);
    else this.#muted.delete(userId);
    this.#onChange();
  }

  // All of them, as the server knows them.
  load(muted) {
    this.#muted = new Set(muted);
    this.#onChange();
  }
}
