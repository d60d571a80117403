import { format, ngettext, number } from '../helpers/text.js';

// "2 new comments", above the composer, as long as comments that have just come are below what the
// reader sees; pressing it goes to the first of them.
export class NewBelow {
  #button;
  #unseen = new Set();
  #observer;

  constructor(button) {
    this.#button = button;
    this.#observer = new IntersectionObserver((entries) => this.#seen(entries), {
      rootMargin: '0px 0px -64px 0px',
    });
    button.addEventListener('click', () => this.#go());
  }

  watch(elements) {
    for (const element of elements) {
      this.#unseen.add(element);
      this.#observer.observe(element);
    }
  }

  #seen(entries) {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      // In view, or above it: what stands above was passed by.
      if (isIntersecting || boundingClientRect.bottom < 0) this.#done(target);
    }
    this.#show();
  }

  #show() {
    for (const element of this.#unseen) if (!element.isConnected) this.#done(element);
    const count = this.#unseen.size;
    this.#button.hidden = count === 0;
    const sentence = ngettext('%(count)s new comment', '%(count)s new comments', count);
    this.#button.textContent = `${format(sentence, { count: number(count) })} ↓`;
  }

  #go() {
    const first = this.#unseen.values().next().value;
    for (const element of [...this.#unseen]) this.#done(element);
    this.#show();
    first?.scrollIntoView({ block: 'center' });
  }

  #done(element) {
    this.#unseen.delete(element);
    this.#observer.unobserve(element);
  }
}
