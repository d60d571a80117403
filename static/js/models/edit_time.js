// For how long somebody may still change a comment of theirs. The server has the last word; this is for not
// offering what it would refuse. `serverNow` is its time when the page was made: the reader's clock may be
// hours off.

export class EditTime {
  #limit;
  #ahead;
  #now;

  // `minutes` of 0: there is no end.
  constructor({ minutes, serverNow = null, now = Date.now }) {
    const there = Date.parse(serverNow ?? '');
    this.#limit = minutes > 0 ? minutes * 60_000 : Infinity;
    this.#ahead = Number.isNaN(there) ? 0 : there - now();
    this.#now = now;
  }

  get isLimited() {
    return this.#limit !== Infinity;
  }

  // Milliseconds; 0 when it is over.
  left(createdAt) {
    const written = Date.parse(createdAt);
    if (Number.isNaN(written)) return Infinity;
    return Math.max(0, written + this.#limit - this.#now() - this.#ahead);
  }
}
