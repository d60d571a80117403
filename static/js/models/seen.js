import { compareIds } from '../postroom/core.js';

const PREFIX = 'postroom.seen';
// Whoever looks elsewhere for a shorter time than this (in milliseconds) has not left.
const LEFT_AFTER = 60_000;

// Where a reader left a post the last time, { id, count }: its newest comment, and how many there were.
// What came since is new to them, until they leave again.
export class Seen {
  #storage;
  #now;
  #mark;
  // The newest comment when they were back; what comes later comes before their eyes.
  #until = null;
  #leftAt = null;

  constructor({ storage, userId, postId, now = () => Date.now() }) {
    this.key = `${PREFIX}.${userId}.${postId}`;
    this.#storage = storage;
    this.#now = now;
    this.#mark = this.#load();
  }

  // They leave, or look elsewhere: `id` is the newest comment they could see.
  leave({ id, count }) {
    if (id === null) return;
    this.#leftAt ??= { at: this.#now(), mark: { id, count } };
    try {
      this.#storage.setItem(this.key, JSON.stringify({ id, count }));
    } catch {
      // Forbidden storage remembers nothing; then everything counts as seen.
    }
  }

  // They look again, in the same tab. Returns whether they were gone for long enough to be told.
  returns() {
    const left = this.#leftAt;
    this.#leftAt = null;
    if (left === null || this.#now() - left.at < LEFT_AFTER) return false;
    this.#mark = left.mark;
    this.#until = null;
    return true;
  }

  // They are here and know everything up to `id`.
  here(id) {
    this.#until ??= id;
  }

  // `concerns(comment)`: whether it is news to this reader at all, and not their own.
  isNew(comment, concerns) {
    if (this.#mark === null || this.#until === null || comment.removed || !concerns(comment)) return false;
    return compareIds(comment._id, this.#mark.id) > 0 && compareIds(comment._id, this.#until) <= 0;
  }

  // How many there are, as far as can be said: where the page does not reach back to where they left (`first` is
  // its oldest comment), by how many more there are in all.
  count(comments, { concerns, first, hasEarlier, total }) {
    const known = comments.filter((comment) => this.isNew(comment, concerns)).length;
    if (this.#mark === null || !hasEarlier || first === null || compareIds(first, this.#mark.id) <= 0) return known;
    const others = comments.filter((comment) => this.isNew(comment, () => true)).length - known;
    return Math.max(known, total - this.#mark.count - others);
  }

  // After which comment the new ones begin.
  get after() {
    return this.#mark?.id ?? null;
  }

  #load() {
    try {
      const { id, count } = JSON.parse(this.#storage.getItem(this.key)) ?? {};
      return /^\d+$/.test(id) && Number.isInteger(count) ? { id, count } : null;
    } catch {
      return null;
    }
  }
}
