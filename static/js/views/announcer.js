import { format, ngettext, number } from '../helpers/text.js';

const PATIENCE = 4000;

// Tells screen readers of new comments, many at a time; and anything else at once.
export class Announcer {
  #root;
  #count = 0;
  #timer = null;

  constructor(root) {
    this.#root = root;
  }

  arrived(count) {
    if (!count) return;
    this.#count += count;
    this.#timer ??= setTimeout(() => {
      const sentence = ngettext('%(count)s new comment', '%(count)s new comments', this.#count);
      this.say(format(sentence, { count: number(this.#count) }));
      this.#count = 0;
      this.#timer = null;
    }, PATIENCE);
  }

  say(text) {
    this.#root.textContent = text;
  }
}
