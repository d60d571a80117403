import { EntryStore } from './entry_store.js';

// The comments that this reader has written under a post and the server has not confirmed, kept in
// the browser until it has. Every tab of the same reader and post sees the same outbox.
//
// An entry is { clientId, position, postId, parentId, parentName, content, createdAt, state, error }. Its
// `position` orders it after everything its tab had seen. Its state:
//   waiting  to be sent, or under way;
//   failed   refused for good; `error` is { code, message }; the reader decides. What a rule rejected is
//            stored on the server all the same, as comment `commentId`, and `error` has its `decision`;
//   held     accepted as comment `commentId`, and waits for review.

// Something written this long ago (in milliseconds) is not sent without asking.
const STALE_AFTER = 24 * 60 * 60 * 1000;
// A held comment leaves the page after this; by then its author has been told otherwise.
const HELD_FOR = 7 * STALE_AFTER;

export class Outbox {
  #store;
  #postId;
  #onChange;
  #now;

  constructor({ storage, userId, postId, onChange = () => {}, now = Date.now }) {
    this.#store = new EntryStore({ storage, userId, postId, now });
    this.#postId = postId;
    this.#onChange = onChange;
    this.#now = now;
  }

  // Whether a change of the storage under this key (null: of all of it) may be a change here.
  concerns(key) {
    return key === null || key.startsWith(this.#store.prefix);
  }

  entries() {
    return this.#store.all();
  }

  entry(clientId) {
    return this.entries().find((entry) => entry.clientId === clientId) ?? null;
  }

  waiting() {
    return this.entries().filter((entry) => entry.state === 'waiting');
  }

  add({ clientId, content, parentId = null, parentName = null }) {
    const now = this.#now();
    const last = this.entries().at(-1)?.position ?? 0;
    const entry = {
      clientId,
      position: Math.max(now, last + 1),
      postId: this.#postId,
      parentId,
      parentName,
      content,
      createdAt: new Date(now).toISOString(),
      state: 'waiting',
      error: null,
    };
    this.#store.put(entry);
    this.#onChange();
    return entry;
  }

  // Confirmed by the server, or thrown away by the reader.
  remove(clientId) {
    this.#store.remove(clientId);
    this.#onChange();
  }

  hold(clientId, commentId) {
    this.#change(clientId, { state: 'held', commentId, error: null });
  }

  fail(clientId, error) {
    this.#change(clientId, { state: 'failed', error });
  }

  reject(clientId, error) {
    this.#change(clientId, { state: 'failed', error, commentId: error.decision.commentId });
  }

  retry(clientId) {
    const createdAt = new Date(this.#now()).toISOString();
    this.#change(clientId, { state: 'waiting', error: null, createdAt });
  }

  // Comments that are on the page now have been published, and those taken back wait no longer.
  published(commentIds) {
    const there = new Set(commentIds);
    for (const { clientId, commentId } of this.entries()) if (there.has(commentId)) this.remove(clientId);
  }

  // It has been decided about a held comment.
  heldNoMore(commentId) {
    for (const entry of this.entries()) {
      if (entry.state === 'held' && entry.commentId === commentId) this.remove(entry.clientId);
    }
  }

  // The server says which comments are held, all of them: of what is not among them, no text is kept here.
  heldAre(commentIds) {
    const there = new Set(commentIds);
    for (const { clientId, state, commentId } of this.entries()) {
      if (state === 'held' && !there.has(commentId)) this.remove(clientId);
    }
  }

  // At the start of a page: what was forgotten for long asks before it is sent.
  age(message) {
    this.#store.sweep();
    for (const { clientId, state, createdAt } of this.entries()) {
      const age = this.#now() - Date.parse(createdAt);
      if (state === 'held' && age >= HELD_FOR) this.remove(clientId);
      if (state === 'waiting' && age > STALE_AFTER) this.fail(clientId, { code: null, message });
    }
  }

  #change(clientId, values) {
    const entry = this.entry(clientId);
    if (entry) this.#store.put({ ...entry, ...values });
    this.#onChange();
  }
}
