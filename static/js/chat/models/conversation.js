import { compareIds } from '../../postroom/core.js';

// What two people have written to each other, as far as this page has it, and what is on its way: a message that
// is sent stands at the end until the server has it.
export class Conversation {
  #withId;
  #messages = new Map();
  #gone = new Set();
  #sending = new Map();
  #onChange;

  constructor({ withId, messages = [], onChange = () => {} }) {
    this.#withId = withId;
    this.#onChange = onChange;
    for (const message of messages) this.#messages.set(message._id, message);
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
    if (message.clientId) this.#sending.delete(message.clientId);
    this.#onChange();
    return true;
  }

  // The newest page, after the connection was away: what is not in it any more, as far as it reaches, is gone.
  load(messages) {
    const known = new Set(messages.map(({ _id }) => _id));
    const first = messages[0]?._id;
    for (const id of this.#messages.keys()) {
      if (!known.has(id) && (first === undefined || compareIds(id, first) > 0)) this.#messages.delete(id);
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
