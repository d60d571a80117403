import { keepStill } from '../../helpers/stillness.js';

// The items on the page. Elements stay where they are; only what came is inserted and what went is taken out.
export class ListView {
  #root;
  #empty;
  #view;
  #elements = new Map();
  #shown = new Map();

  constructor({ root, empty, view }) {
    this.#root = root;
    this.#empty = empty;
    this.#view = view;
    for (const element of root.querySelectorAll('[data-item]')) this.#elements.set(element.dataset.id, element);
  }

  // Takes the server's elements as showing these items.
  hydrate(items) {
    for (const item of items) this.#shown.set(item.id, item);
  }

  element(id) {
    return this.#elements.get(id) ?? null;
  }

  render(queue, problemOf) {
    const items = queue.items;
    const wanted = new Set(items.map(({ id }) => id));
    const isChanged = items.some(({ id }) => !this.#elements.has(id)) || [...this.#elements.keys()].some((id) => !wanted.has(id));
    if (isChanged) keepStill(this.#root.children, () => this.#arrange(items, wanted), this.#empty);
    for (const item of items) {
      const element = this.#elements.get(item.id);
      if (this.#shown.get(item.id) !== item) {
        this.#view.fill(element, item);
        this.#shown.set(item.id, item);
      }
      const { id } = item;
      this.#view.mark(element, {
        isSelected: id === queue.selectedId, lookers: queue.lookers(id), problem: problemOf(id),
      });
    }
    this.#empty.hidden = items.length > 0;
  }

  // Brings the keyboard to an item, or to the sentence that there is none.
  focus(id) {
    const element = this.element(id) ?? this.#empty;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  }

  get hasFocus() {
    const { activeElement } = document;
    return activeElement === document.body || this.#root.contains(activeElement) || activeElement === this.#empty;
  }

  #arrange(items, wanted) {
    for (const [id, element] of this.#elements) {
      if (wanted.has(id)) continue;
      element.remove();
      this.#elements.delete(id);
      this.#shown.delete(id);
    }
    let after = null;
    for (const item of items.toReversed()) {
      let element = this.#elements.get(item.id);
      if (!element) {
        element = this.#view.create(item);
        this.#elements.set(item.id, element);
        this.#shown.set(item.id, item);
        this.#root.insertBefore(element, after);
      }
      after = element;
    }
  }
}
