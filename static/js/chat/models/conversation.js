import { compareIds } from '../../postroom/core.js';

// Whoever was away for longer than these reads on from the newest, and has a link to what was before.
const PAGES_AT_MOST = 10;

// What two people have written to each other, as far as this page has it, and what is on its way: a message that
// is sent stands at the end until the server has it.
export class Conversation {
  #withId;
  #messages = new Map();
  #heard = new Set();
  #gone = new Set();
  #sending = new Map();
  // Up to this message nothing is missing, and while `#isWhole` nothing is at all.
  #reached;
  #isWhole = false;
  #breaks = 0;
  #onChange;

  constructor({ withId, messages = [], onChange = () => {} }) {
    this.#withId = withId;
    this.#onChange = onChange;
    for (const message of messages) this.#messages.set(message._id, message);
    this.#reached = this.newest;
  }

  // In the order of time; what is on its way last, in the order in which it was sent.
  get entries() {
    const messages = [...this.#messages.values()].sort((one, other) => compareIds(one._id, other._id));
    return [...messages, ...this.#sending.values()];
  }

  // Whether it is one of these two's, and new.
  hear(message) {
    if (message.from.userId !== this.#withId && message.to.userId !== this.#withId) return false;
    if (this.#messages.has(message._id) || this.#gone.has(message._id)) return false;
    this.#messages.set(message._id, message);
    this.#heard.add(message._id);
    if (message.clientId) this.#sending.delete(message.clientId);
    if (this.#isWhole) this.#reached = this.newest;
    this.#onChange();
    return true;
  }

  // The newest message that the server has.
  get newest() {
    let newest;
    for (const id of this.#messages.keys()) if (newest === undefined || compareIds(id, newest) > 0) newest = id;
    return newest;
  }

  // Whether everything up to the newest message is here: only then what comes may be said to be read.
  get isWhole() {
    return this.#isWhole;
  }

  // What comes from now on is not told here.
  breakOff() {
    this.#isWhole = false;
    this.#breaks += 1;
  }

  // Everything that was missed: `fetchPage(before)` brings the newest page, or that before a message, until they
  // reach what is known without a gap: what is heard while one catches up lies beyond it. Where that is too far the
  // conversation begins anew; the id with which it does, else null.
  async catchUp(fetchPage) {
    const known = this.#reached;
    const breaks = this.#breaks;
    const since = this.#heard.size;
    let messages = [];
    for (let pages = 0; pages < PAGES_AT_MOST; pages += 1) {
      const page = await fetchPage(messages[0]?._id);
      messages = [...page.messages, ...messages];
      const isMet = known !== undefined && messages.length > 0 && compareIds(messages[0]._id, known) <= 0;
      if (page.hasMore && !isMet) continue;
      this.load(messages, { hasMore: page.hasMore, since });
      this.#caughtUp(messages, breaks);
      return null;
    }
    this.load(messages, { hasMore: false, since });
    this.#caughtUp(messages, breaks);
    return messages[0]._id;
  }

  #caughtUp(messages, breaks) {
    this.#isWhole = breaks === this.#breaks;
    this.#reached = this.#isWhole ? this.newest : messages.at(-1)?._id ?? this.#reached;
  }

  // The newest messages: what is not among them any more, as far as they reach, is gone; without `hasMore` they are
  // all there are. What was heard later than `since` came while they were on their way.
  load(messages, { hasMore = true, since = this.#heard.size } = {}) {
    const known = new Set([...messages.map(({ _id }) => _id), ...[...this.#heard].slice(since)]);
    const first = messages[0]?._id;
    for (const id of this.#messages.keys()) {
      if (known.has(id)) continue;
      if (!hasMore || first === undefined || compareIds(id, first) > 0) this.#messages.delete(id);
    }
    const added = messages.filter((message) => !this.#messages.has(message._id) && !this.#gone.has(message._id));
    for (const message of added) {
      this.#messages.set(message._id, message);
      if (message.clientId) this.#sending.delete(message.clientId);
    }
    this.#onChange();
    return added;
  }

  remove(id) {
    this.#gone.add(id);
    if (this.#messages.delete(id)) this.#onChange();
  }

  begin({ clientId, content, createdAt }) {
    this.#sending.set(clientId, { clientId, content, createdAt });
    this.#onChange();
  }

  giveUp(clientId) {
    if (this.#sending.delete(clientId)) this.#onChange();
  }
}
