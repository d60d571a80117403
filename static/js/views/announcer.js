import { sentence } from './new_comments.js';

const PATIENCE = 4000;

// Tells screen readers of new comments, many at a time, unless the reader has paused that; and anything else at
// once.
export class Announcer {
  #root;
  #count = 0;
  #timer = null;
  #isPaused = false;

  constructor(root) {
    this.#root = root;
  }

  set isPaused(isPaused) {
    this.#isPaused = isPaused;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#tellSoon();
  }

  arrived(count) {
    this.#count += count;
    this.#tellSoon();
  }

  #tellSoon() {
    if (!this.#count || this.#isPaused) return;
    this.#timer ??= setTimeout(() => {
      this.say(sentence(this.#count));
      this.#count = 0;
      this.#timer = null;
    }, PATIENCE);
  }

  // The same sentence once more is told once more: a space that is not seen makes it another text.
  say(text) {
    this.#root.textContent = text && text === this.#root.textContent ? `${text}\u00a0` : text;
  }
}
