import { number } from '../../helpers/text.js';
import { CHAT_EVENTS } from '../../postroom/core.js';

// Beside the way to private messages: how many one has not read, as far as this page knows.
export class PrivateCount {
  #root;
  #count;

  constructor({ root, connection, userId, open = null }) {
    this.#root = root;
    this.#count = Number(root?.textContent.trim() || 0);
    connection.on(CHAT_EVENTS.PRIVATE_MESSAGE, ({ from }) => {
      if (from.userId !== userId && from.userId !== open) this.#show(this.#count + 1);
    });
    connection.on(CHAT_EVENTS.CONVERSATION_READ, ({ unread }) => this.#show(unread));
  }

  #show(count) {
    this.#count = count;
    if (!this.#root) return;
    this.#root.hidden = count === 0;
    this.#root.textContent = number(count);
  }
}
