import { NoAnswer, Refusal } from './connection.js';
import { ERROR_CODES, NOTIFICATION_EVENTS, NOTIFICATION_REQUESTS } from './events.js';
import { Inbox } from './inbox.js';
import { Store } from './store.js';

const AGAIN_AFTER = 3000;
// What is said to everybody has not all of them ask at once.
const SPREAD = 5000;

// A reader's inbox, kept true while somebody has subscribed.
export class Notifications extends Store {
  #open;
  #connection = null;
  #ends = [];
  #again = null;
  #isRunning = false;
  #isLoading = false;
  #isStale = false;
  #marking = new Set();
  #onNew = new Set();
  #onLoad = new Set();

  constructor({ open, linger }) {
    super({ linger });
    this.#open = open;
    this.inbox = new Inbox({ onChange: () => this.changed() });
  }

  describe() {
    const { entries, count, cursor, isLoaded, choices } = this.inbox;
    return { items: entries, unread: count, hasMore: cursor !== null, isLoaded, choices };
  }

  // `handler(item)` for what comes now, and for what has come while the connection was lost.
  onNew(handler) {
    this.#onNew.add(handler);
    return () => this.#onNew.delete(handler);
  }

  onLoad(handler) {
    this.#onLoad.add(handler);
    return () => this.#onLoad.delete(handler);
  }

  begin() {
    const { inbox } = this;
    const connection = this.#open('/notifications');
    this.#connection = connection;
    // By this `load` knows that somebody is there; a connection that stands tells so at once.
    this.#isRunning = true;
    this.#ends = [
      connection.on(NOTIFICATION_EVENTS.NOTIFICATION, (item) => {
        this.#overtake();
        if (inbox.hear(item)) this.#isNew(item);
      }),
      connection.on(NOTIFICATION_EVENTS.UNREAD_COUNT, ({ count, newest, stale }) => {
        const isMissing = newest !== undefined && !inbox.agrees({ count, newest });
        this.#overtake();
        if (count !== undefined) inbox.setCount(count);
        if (isMissing || (stale && count !== undefined)) this.load();
        else if (stale) setTimeout(() => this.load(), Math.random() * SPREAD);
      }),
      connection.on(NOTIFICATION_EVENTS.NOTIFICATION_MARKED_READ, (marked) => {
        this.#overtake();
        inbox.markRead(marked);
      }),
      connection.on(NOTIFICATION_EVENTS.ALL_NOTIFICATIONS_READ, () => this.load()),
      connection.onState((state) => {
        if (state === 'online') this.load();
        this.changed();
      }),
    ];
  }

  end() {
    this.#isRunning = false;
    clearTimeout(this.#again);
    for (const end of this.#ends) end();
    this.#ends = [];
  }

  // The newest page, whatever was missed: unread ones come first, so nothing of them is.
  async load() {
    this.#isStale = true;
    if (this.#isLoading || !this.#isRunning) return;
    this.#isLoading = true;
    clearTimeout(this.#again);
    const since = this.inbox.newest;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        const page = await this.#ask(NOTIFICATION_REQUESTS.GET_NOTIFICATIONS, {});
        // What has been heard meanwhile may be newer than the answer: it shall not be taken away by it.
        if (this.#isStale && this.inbox.isLoaded) continue;
        for (const item of this.inbox.load(page, since)) this.#isNew(item);
      }
      for (const tell of this.#onLoad) tell();
    } catch (problem) {
      if (!isPassing(problem)) throw problem;
      if (this.#connection.state === 'online' && this.#isRunning) {
        this.#again = setTimeout(() => this.load(), (problem.retryAfter ?? 0) * 1000 + AGAIN_AFTER);
      }
    } finally {
      this.#isLoading = false;
    }
  }

  async loadMore() {
    const { cursor } = this.inbox;
    if (!cursor || this.#isLoading) return;
    this.#isLoading = true;
    try {
      const page = await this.#ask(NOTIFICATION_REQUESTS.GET_NOTIFICATIONS, { cursor });
      if (!this.#isStale) this.inbox.append(page);
    } catch (problem) {
      if (!isPassing(problem)) throw problem;
    } finally {
      this.#isLoading = false;
    }
    if (this.#isStale) this.load();
  }

  async markRead(id) {
    if (this.#marking.has(id)) return;
    this.#marking.add(id);
    try {
      this.inbox.markRead(await this.#ask(NOTIFICATION_REQUESTS.MARK_READ, { id }));
    } catch (problem) {
      if (!isPassing(problem)) throw problem;
      if (problem.code === ERROR_CODES.NOT_FOUND) this.load();
    } finally {
      this.#marking.delete(id);
    }
  }

  async markAllRead() {
    const newest = this.inbox.newestUnread;
    if (!newest) return;
    try {
      await this.#ask(NOTIFICATION_REQUESTS.MARK_ALL_READ, { upTo: newest.id });
      await this.load();
    } catch (problem) {
      if (!isPassing(problem)) throw problem;
    }
  }

  // What is being loaded may have been read before what is heard now.
  #overtake() {
    if (this.#isLoading) this.#isStale = true;
  }

  #ask(event, data) {
    return (this.#connection ?? this.#open('/notifications')).request(event, data);
  }

  #isNew(item) {
    for (const tell of this.#onNew) tell(item);
  }
}

// What was not done is as it was, and shown so; there is nothing more to say.
function isPassing(problem) {
  return problem instanceof NoAnswer || problem instanceof Refusal;
}
