import { number } from '../../helpers/text.js';
import { CHAT_EVENTS, CHAT_REQUESTS, NoAnswer, Refusal } from '../../postroom/core.js';

// Beside the way to private messages: how many one has not read, as far as this page knows.
export class PrivateCount {
  #root;
  #count;
  #connection;
  #heard = 0; // what was heard so far
  #asking = null; // the latest question, as long as it is open

  constructor({ root, connection, userId, open = null }) {
    this.#root = root;
    this.#count = Number(root?.textContent.trim() || 0);
    this.#connection = connection;
    connection.on(CHAT_EVENTS.PRIVATE_MESSAGE, ({ from }) => {
      this.#heard += 1;
      if (from.userId !== userId && from.userId !== open) this.#show(this.#count + 1);
    });
    connection.on(CHAT_EVENTS.PRIVATE_MESSAGE_REMOVED, ({ userId: other, wasUnread }) => {
      this.#heard += 1;
      if (!wasUnread) return;
      // In the conversation that is open it may have been counted by the server, and never here.
      if (other !== open) this.#show(Math.max(0, this.#count - 1));
      else if (!this.#asking) this.#ask();
    });
    connection.on(CHAT_EVENTS.CONVERSATION_READ, ({ unread }) => {
      this.#heard += 1;
      this.#show(unread);
    });
    connection.onState((state) => state === 'online' && this.#ask());
  }

  // Nothing told what came or was read elsewhere while the connection was away.
  async #ask() {
    const asking = {};
    this.#asking = asking;
    try {
      let heard;
      let unread;
      // What came meanwhile may be newer than the answer.
      do {
        heard = this.#heard;
        ({ unread } = await this.#connection.request(CHAT_REQUESTS.GET_UNREAD));
      } while (asking === this.#asking && heard !== this.#heard);
      if (asking === this.#asking) this.#show(unread);
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
    } finally {
      if (asking === this.#asking) this.#asking = null;
    }
  }

  #show(count) {
    this.#count = count;
    if (!this.#root) return;
    this.#root.hidden = count === 0;
    this.#root.textContent = number(count);
  }
}
