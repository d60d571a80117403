import { compareIds } from './ids.js';

// A reader's notifications, as far as they are loaded: one entry for each group, unread or read. The server
// says how many are unread in all; what is loaded may be fewer.
export class Inbox {
  #unread = new Map();
  #read = new Map();
  // Ids that were here once: whatever comes again is no news.
  #known = new Set();
  #onChange;

  constructor({ count = 0, onChange = () => {} } = {}) {
    this.count = count;
    this.newest = '0'; // of all ids that were here
    this.cursor = null;
    this.isLoaded = false;
    this.choices = {};
    this.#onChange = onChange;
  }

  get entries() {
    return [...sorted(this.#unread), ...sorted(this.#read)];
  }

  get unread() {
    return sorted(this.#unread);
  }

  // The newest page, whatever was here before. Returns the unread ones that were not known and are newer than
  // `since`, what was `newest` when it was asked for: they came while the page was away. An older one stands
  // for its group because what was newer of it has been taken back, which is no news.
  load({ items, cursor, unread, choices }, since = this.newest) {
    const isMissed = ({ id, isRead }) => !isRead && !this.#known.has(id) && compareIds(id, since) > 0;
    const missed = this.isLoaded ? items.filter(isMissed) : [];
    this.#unread.clear();
    this.#read.clear();
    this.#take(items);
    this.cursor = cursor;
    this.count = unread;
    this.choices = choices ?? this.choices;
    this.isLoaded = true;
    this.#onChange();
    return missed;
  }

  append({ items, cursor, unread }) {
    this.#take(items.filter(({ group, isRead }) => !this.#unread.has(group) && !(isRead && this.#read.has(group))));
    this.cursor = cursor;
    this.count = unread;
    this.#onChange();
  }

  // What the server has just told; whether it is news. A group that is told anew replaces what was there.
  hear(entry) {
    const isNews = !this.#known.has(entry.id);
    const before = this.#unread.get(entry.group);
    if (before && compareIds(before.id, entry.id) > 0) return false;
    if (!isNews && !before) return false;
    this.#know(entry.id);
    this.#unread.set(entry.group, entry);
    this.#read.delete(entry.group);
    if (!before) this.count += 1;
    this.#onChange();
    return isNews;
  }

  setCount(count) {
    if (this.count === count) return;
    this.count = count;
    this.#onChange();
  }

  // Whether we have what the server says there is: so many, and the newest of them.
  agrees({ count, newest }) {
    return count === this.count && (count === 0 || this.#known.has(newest));
  }

  // One was read, with all of its group that came before it.
  markRead({ id, group }) {
    const entry = this.#unread.get(group);
    if (!entry || compareIds(entry.id, id) > 0) return;
    this.#unread.delete(group);
    this.#read.set(group, { ...entry, isRead: true });
    this.count = Math.max(0, this.count - 1);
    this.#onChange();
  }

  get newestUnread() {
    return this.unread[0] ?? null;
  }

  // Those about one post.
  about(postId) {
    return this.unread.filter((entry) => entry.postId === postId);
  }

  #know(id) {
    this.#known.add(id);
    if (compareIds(id, this.newest) > 0) this.newest = id;
  }

  #take(items) {
    for (const entry of items) {
      this.#know(entry.id);
      (entry.isRead ? this.#read : this.#unread).set(entry.group, entry);
    }
  }
}

function sorted(entries) {
  return [...entries.values()].sort(
    (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || compareIds(b.id, a.id),
  );
}
