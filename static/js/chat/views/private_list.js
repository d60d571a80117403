import { safeFragment } from '../../helpers/safe_html.js';
import { gettext } from '../../helpers/text.js';
import { showTime } from '../../views/relative_time.js';

// So near to the end, in pixels, a reader follows what is written.
const NEAR = 120;

// The messages of two people: what the server rendered stays, what comes is added in its place.
export class PrivateList {
  #root;
  #empty;
  #template;
  #userId;
  #name;
  #addresses;
  #elements = new Map();

  constructor({ root, empty, template, userId, name, addresses }) {
    this.#root = root;
    this.#empty = empty;
    this.#template = template;
    this.#userId = userId;
    this.#name = name;
    this.#addresses = addresses;
    for (const element of root.querySelectorAll('[data-private]')) this.#elements.set(element.dataset.id, element);
  }

  // The messages that stand here already, as far as anybody asks.
  hydrate() {
    return [...this.#elements.keys()].map((_id) => ({ _id }));
  }

  render(entries) {
    const isFollowing = this.isAtEnd;
    const keys = new Set(entries.map(keyOf));
    for (const [key, element] of this.#elements) {
      if (keys.has(key)) continue;
      if (element.contains(document.activeElement)) this.#root.focus({ preventScroll: true });
      element.remove();
      this.#elements.delete(key);
    }
    let place = null;
    for (const entry of entries) {
      const key = keyOf(entry);
      const element = this.#elements.get(key) ?? this.#add(key, entry);
      const next = place === null ? this.#root.firstElementChild : place.nextElementSibling;
      if (element !== next) this.#root.insertBefore(element, next);
      place = element;
    }
    this.#empty.hidden = entries.length > 0;
    if (isFollowing) this.toEnd();
  }

  get isAtEnd() {
    return innerHeight + scrollY >= document.documentElement.scrollHeight - NEAR;
  }

  toEnd() {
    scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
  }

  #add(key, entry) {
    const element = this.#template.content.firstElementChild.cloneNode(true);
    const part = (name) => element.querySelector(`[data-${name}]`);
    const isOwn = entry.from === undefined || entry.from.userId === this.#userId;
    element.id = `message-${key}`;
    element.dataset.id = key;
    element.classList.toggle('is-own', isOwn);
    element.classList.toggle('is-pending', entry.html === undefined);
    if (entry.html === undefined) part('text').textContent = entry.content;
    else part('text').replaceChildren(safeFragment(entry.html));
    part('by').textContent = isOwn ? gettext('You') : this.#name;
    showTime(part('time'), entry.createdAt);
    part('state').hidden = entry.html !== undefined;
    part('state').textContent = entry.html === undefined ? gettext('Sending…') : '';
    part('delete').hidden = !isOwn || entry._id === undefined;
    part('report').hidden = isOwn;
    if (entry._id !== undefined) {
      part('delete').href = this.#addresses.delete(entry._id);
      part('report').href = this.#addresses.report(entry._id);
    }
    this.#elements.set(key, element);
    return element;
  }
}

function keyOf({ _id, clientId }) {
  return _id ?? clientId;
}
