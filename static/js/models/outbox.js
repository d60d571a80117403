// The comments that this reader has written under a post and the server has not confirmed, kept in
// the browser until it has. Every tab of the same reader and post sees the same outbox.
//
// An entry is { clientId, postId, parentId, parentName, content, createdAt, state, error }. Its state:
//   waiting  to be sent, or under way;
//   failed   refused for good; `error` is { code, message }; the reader decides;
//   held     accepted, and waits for review.

const PREFIX = 'postroom.outbox';
// Something written this long ago (in milliseconds) is not sent without asking.
const STALE_AFTER = 24 * 60 * 60 * 1000;
// A held comment leaves the page after this; by then its author has been told otherwise.
const HELD_FOR = 7 * STALE_AFTER;

export class Outbox {
  #storage;
  #postId;
  #onChange;
  #now;
  // What could not be stored (storage full or forbidden) lives at least as long as the page.
  #unsaved = null;

  constructor({ storage, userId, postId, onChange = () => {}, now = Date.now }) {
    this.key = `${PREFIX}.${userId}.${postId}`;
    this.#storage = storage;
    this.#postId = postId;
    this.#onChange = onChange;
    this.#now = now;
  }

  entries() {
    if (this.#unsaved) return structuredClone(this.#unsaved);
    try {
      const entries = JSON.parse(this.#storage.getItem(this.key) ?? '[]');
      return Array.isArray(entries) ? entries.filter(isEntry) : [];
    } catch {
      return [];
    }
  }

  entry(clientId) {
    return this.entries().find((entry) => entry.clientId === clientId) ?? null;
  }

  waiting() {
    return this.entries().filter((entry) => entry.state === 'waiting');
  }

  add({ clientId, content, parentId = null, parentName = null }) {
    const createdAt = new Date(this.#now()).toISOString();
    const entry = {
      clientId, postId: this.#postId, parentId, parentName, content, createdAt, state: 'waiting', error: null,
    };
    this.#save([...this.entries(), entry]);
    return entry;
  }

  // Confirmed by the server, or thrown away by the reader.
  remove(clientId) {
    this.#save(this.entries().filter((entry) => entry.clientId !== clientId));
  }

  hold(clientId, commentId) {
    this.#change(clientId, { state: 'held', commentId, error: null });
  }

  fail(clientId, error) {
    this.#change(clientId, { state: 'failed', error });
  }

  retry(clientId) {
    const createdAt = new Date(this.#now()).toISOString();
    this.#change(clientId, { state: 'waiting', error: null, createdAt });
  }

  // A held comment that is on the page now has been published.
  published(commentId) {
    const entries = this.entries();
    const rest = entries.filter((entry) => entry.commentId !== commentId);
    if (rest.length < entries.length) this.#save(rest);
  }

  // At the start of a page: what was forgotten for long asks before it is sent.
  age(message) {
    const entries = this.entries();
    const now = this.#now();
    const fresh = entries
      .filter((entry) => entry.state !== 'held' || now - Date.parse(entry.createdAt) < HELD_FOR)
      .map((entry) => {
        const isStale = entry.state === 'waiting' && now - Date.parse(entry.createdAt) > STALE_AFTER;
        return isStale ? { ...entry, state: 'failed', error: { code: null, message } } : entry;
      });
    if (JSON.stringify(fresh) !== JSON.stringify(entries)) this.#save(fresh);
  }

  #change(clientId, values) {
    this.#save(this.entries().map((entry) => (entry.clientId === clientId ? { ...entry, ...values } : entry)));
  }

  #save(entries) {
    try {
      if (entries.length) this.#storage.setItem(this.key, JSON.stringify(entries));
      else this.#storage.removeItem(this.key);
      this.#unsaved = null;
    } catch {
      this.#unsaved = entries;
    }
    this.#onChange();
  }
}

function isEntry(entry) {
  return typeof entry?.clientId === 'string' && typeof entry.content === 'string';
}
