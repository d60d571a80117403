import { makeNotice, showNotice } from './notice.js';

const NEAR_END = 200;

// What opens under the bell. It is no dialog that locks the page: Escape, a click elsewhere and leaving it with
// the tab key close it, and the bell has the focus again.
export class InboxPanel {
  #opener;
  #template;
  #noticeTemplate;
  #panel = null;
  #on;
  #elements = new Map();

  constructor({ opener, template, noticeTemplate, on }) {
    this.#opener = opener;
    this.#template = template;
    this.#noticeTemplate = noticeTemplate;
    this.#on = on;
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.isOpen && !event.isComposing) {
        this.close();
        opener.focus();
      }
    });
    document.addEventListener('pointerdown', ({ target }) => {
      if (this.isOpen && !this.#panel.contains(target) && !opener.contains(target)) this.close();
    });
  }

  get isOpen() {
    return this.#panel !== null;
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  open() {
    const panel = this.#template.content.cloneNode(true).querySelector('[data-inbox-panel]');
    this.#panel = panel;
    this.#elements.clear();
    this.#opener.closest('.site-header').append(panel);
    this.#opener.setAttribute('aria-expanded', 'true');
    panel.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget && !panel.contains(relatedTarget) && relatedTarget !== this.#opener) this.close();
    });
    panel.addEventListener('submit', (event) => {
      const notice = event.target.closest('[data-notice]');
      if (!notice) return;
      event.preventDefault();
      // The button goes with what it says: the link beside it is the nearest to be at.
      notice.querySelector('[data-link]').focus();
      this.#on.mark(notice.dataset.id);
    });
    this.#find('mark-all').addEventListener('click', () => {
      panel.focus();
      this.#on.markAll();
    });
    this.#find('ask-browser').addEventListener('click', () => this.#on.askBrowser());
    const scroll = this.#find('scroll');
    scroll.addEventListener('scroll', () => {
      if (scroll.scrollTop + scroll.clientHeight > scroll.scrollHeight - NEAR_END) this.#on.more();
    });
    this.#on.open();
    panel.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    const panel = this.#panel;
    this.#panel = null;
    panel.remove();
    this.#opener.setAttribute('aria-expanded', 'false');
  }

  // Elements stay where their entries stay, so that focus and reading are not disturbed.
  show({ entries, isLoaded, mayAsk, isOnline }) {
    if (!this.isOpen) return;
    const list = this.#find('notices');
    const keys = new Set(entries.map(keyOf));
    for (const [key, element] of this.#elements) {
      if (!keys.has(key)) {
        element.remove();
        this.#elements.delete(key);
      }
    }
    entries.forEach((entry, place) => {
      const key = keyOf(entry);
      const known = this.#elements.get(key);
      const element = known ?? makeNotice(this.#noticeTemplate, entry);
      if (known) showNotice(known, entry);
      else this.#elements.set(key, element);
      if (list.children[place] !== element) moveTo(list, element, place);
    });
    this.#find('empty').hidden = !isLoaded || entries.length > 0;
    this.#find('problem').hidden = isLoaded || isOnline;
    this.#find('mark-all').hidden = !entries.some(({ isRead }) => !isRead);
    this.#find('ask').hidden = !mayAsk;
  }

  #find(name) {
    return this.#panel.querySelector(`[data-${name}]`);
  }
}

// An entry is the same one while it goes from unread to read.
function keyOf({ group, id }) {
  return `${group} ${id}`;
}

function moveTo(list, element, place) {
  const had = element.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(element, list.children[place] ?? null);
  had?.focus({ preventScroll: true });
}
