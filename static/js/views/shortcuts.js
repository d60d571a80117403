import { isInView } from '../helpers/stillness.js';

const PREFERENCE = 'postroom.keys';
// What is meant for a field, or for something that is open, is no shortcut.
const TAKES_KEYS = 'input, textarea, select, [contenteditable]:not([contenteditable=false]), dialog, [data-form]';
// A comment counts as the one being read if it reaches so far below the window's upper edge.
const READING_LINE = 80;

// Keys for reading: `j` and `k` go from comment to comment, `r` answers, `?` shows the list, in which they can be
// switched off. `more` are further ones, by key. Comments are those in `root`, as they stand on the page.
export class Shortcuts {
  #root;
  #sheet;
  #switch;
  #storage;
  #acts;

  constructor({ root, sheet, button, storage, more = {} }) {
    this.#root = root;
    this.#sheet = sheet;
    this.#switch = sheet.querySelector('[data-shortcuts-switch]');
    this.#storage = storage;
    this.#acts = {
      j: () => this.#step(1),
      k: () => this.#step(-1),
      r: () => this.#current()?.querySelector('[data-action="reply"]:not([hidden])')?.click(),
      '?': () => sheet.showModal(),
      ...more,
    };
    this.#switch.checked = this.#load();
    this.#switch.addEventListener('change', () => this.#save());
    button?.addEventListener('click', () => sheet.showModal());
    document.addEventListener('keydown', (event) => this.#key(event));
  }

  #key(event) {
    const { ctrlKey, metaKey, altKey, isComposing, defaultPrevented, target } = event;
    const key = keyOf(event);
    const act = Object.hasOwn(this.#acts, key) ? this.#acts[key] : null;
    if (!act || ctrlKey || metaKey || altKey || isComposing || defaultPrevented) return;
    if (!this.#isOn || this.#sheet.open || target.closest?.(TAKES_KEYS)) return;
    event.preventDefault();
    act();
  }

  #step(direction) {
    const comments = this.#comments;
    const current = this.#current();
    const place = comments.indexOf(current);
    // The first step from somewhere else goes to what is being read.
    const isThere = current?.contains(document.activeElement);
    const next = comments[isThere ? place + direction : Math.max(0, place)];
    if (!next) return;
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  }

  #current() {
    // Whoever has scrolled away from where the focus is reads on from what they see.
    const focused = document.activeElement?.closest('[data-comment]');
    if (focused && this.#root.contains(focused) && isInView(focused)) return focused;
    return this.#comments.find((comment) => comment.getBoundingClientRect().bottom > READING_LINE) ?? null;
  }

  get #comments() {
    return [...this.#root.querySelectorAll('[data-comment]')];
  }

  get #isOn() {
    return this.#switch.checked;
  }

  #load() {
    try {
      return this.#storage?.getItem(PREFERENCE) !== 'off';
    } catch {
      return true;
    }
  }

  #save() {
    try {
      if (this.#switch.checked) this.#storage.removeItem(PREFERENCE);
      else this.#storage.setItem(PREFERENCE, 'off');
    } catch {
      // Forbidden storage: it holds for this page only.
    }
  }
}

// Where the keyboard writes other letters than Latin ones, the one that the key has on a Latin keyboard.
function keyOf({ key, code, shiftKey }) {
  if (key.length === 1 && key > '\u007f' && !shiftKey) return code?.match(/^Key([A-Z])$/)?.[1].toLowerCase() ?? key;
  return key;
}
