// Entries in a storage that several tabs share, each under a key of its own. A tab sees what another one
// wrote a moment later, so whoever reads a list, changes it and writes it back undoes what came between.
//
// A removed entry leaves a mark under a second key. A tab that has not heard of the removal may still write
// its old copy of the entry; the mark outlasts that copy, and nobody takes the mark back but time.
//
// What this page has seen it also keeps in memory: an entry that is missing without a mark was not removed
// by anybody (storage full, forbidden, or emptied behind our back) and is written again.

const PREFIX = 'postroom.outbox.';
const MARK = '.removed';
// How long a tab may be frozen and still hear of a removal, in milliseconds. One that sleeps longer sends a
// comment again; by its client id the server knows it.
const MARKED_FOR = 24 * 60 * 60 * 1000;

export class EntryStore {
  #storage;
  #now;
  #known = new Map();
  // Ids of entries whose newest form is in memory alone.
  #unsaved = new Set();
  #removed = new Set();

  constructor({ storage, userId, postId, now }) {
    this.prefix = `${PREFIX}${userId}.${postId}.`;
    this.#storage = storage;
    this.#now = now;
  }

  // In the order of their positions.
  all() {
    const stored = this.#read();
    for (const [id, entry] of stored) if (!this.#unsaved.has(id)) this.#known.set(id, entry);
    for (const [id, entry] of this.#known) {
      if (this.#removed.has(id)) this.#forget(id);
      else if (!stored.has(id) || this.#unsaved.has(id)) this.#write(entry);
    }
    return [...this.#known.values()].sort(inOrder);
  }

  put(entry) {
    this.#known.set(entry.clientId, entry);
    this.#write(entry);
  }

  remove(id) {
    this.#removed.add(id);
    // The mark first, so that no tab ever misses both. A full storage has room for it afterwards.
    const isMarked = this.#mark(id);
    this.#forget(id);
    if (!isMarked) this.#mark(id);
  }

  // Throws away old marks, whosever they are: of most posts no page is opened again.
  sweep() {
    try {
      for (const key of this.#keys(PREFIX)) {
        if (!key.endsWith(MARK) || this.#now() - Number(this.#storage.getItem(key)) < MARKED_FOR) continue;
        this.#storage.removeItem(key.slice(0, -MARK.length));
        this.#storage.removeItem(key);
      }
    } catch {
      // Forbidden storage holds no marks.
    }
  }

  // Id -> entry; marks that are found are heeded from now on.
  #read() {
    const stored = new Map();
    try {
      for (const key of this.#keys(this.prefix)) {
        const id = key.slice(this.prefix.length);
        if (id.endsWith(MARK)) this.#removed.add(id.slice(0, -MARK.length));
        else stored.set(id, parse(this.#storage.getItem(key), id));
      }
    } catch {
      // Forbidden: memory is all there is.
    }
    for (const [id, entry] of stored) if (!entry) stored.delete(id);
    return stored;
  }

  #keys(prefix) {
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index));
    return keys.filter((key) => key?.startsWith(prefix));
  }

  #write(entry) {
    try {
      this.#storage.setItem(this.prefix + entry.clientId, JSON.stringify(entry));
      this.#unsaved.delete(entry.clientId);
    } catch {
      this.#unsaved.add(entry.clientId);
    }
  }

  #mark(id) {
    try {
      this.#storage.setItem(this.prefix + id + MARK, String(this.#now()));
      return true;
    } catch {
      return false;
    }
  }

  #forget(id) {
    this.#known.delete(id);
    this.#unsaved.delete(id);
    try {
      this.#storage.removeItem(this.prefix + id);
    } catch {
      // Forbidden: `#removed` keeps it away from this page.
    }
  }
}

// Null for what is no entry, or another one's.
function parse(text, id) {
  try {
    const entry = JSON.parse(text);
    const isEntry = entry.clientId === id && typeof entry.content === 'string' && Number.isFinite(entry.position);
    return isEntry ? entry : null;
  } catch {
    return null;
  }
}

function inOrder(a, b) {
  return a.position - b.position || (a.clientId < b.clientId ? -1 : Number(a.clientId > b.clientId));
}
