import { gettext } from '../helpers/text.js';

const KEY = 'postroom.reactions';
const COOKIE = 'reactions';
const A_YEAR = 365 * 24 * 60 * 60;

// Whether this browser shows reactions: kept here for all its tabs, and in a cookie, so that the next page
// comes as it will stay. The button is a form's, which does the same without JavaScript.
export class ReactionsChoice {
  #section;
  #form;

  constructor({ section, storage }) {
    this.#section = section;
    this.#form = section.querySelector('[data-show-reactions]');
    if (!this.#form) return;
    const kept = read(storage);
    if (kept !== null) this.#apply(kept === 'hidden');
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const isHidden = !section.classList.contains('hides-reactions');
      write(storage, isHidden);
      this.#apply(isHidden);
    });
    addEventListener('storage', ({ key, newValue }) => key === KEY && this.#apply(newValue === 'hidden'));
  }

  #apply(isHidden) {
    this.#section.classList.toggle('hides-reactions', isHidden);
    this.#form.elements.show.value = isHidden ? '1' : '0';
    this.#form.querySelector('button').textContent = isHidden ? gettext('Show reactions') : gettext('Hide reactions');
    const secure = location.protocol === 'https:' ? '; secure' : '';
    const age = isHidden ? A_YEAR : 0;
    document.cookie = `${COOKIE}=hidden; path=/; max-age=${age}; samesite=lax${secure}`;
  }
}

function read(storage) {
  try {
    return storage.getItem(KEY);
  } catch {
    return null;
  }
}

function write(storage, isHidden) {
  try {
    storage.setItem(KEY, isHidden ? 'hidden' : 'shown');
  } catch {
    // Storage is full or forbidden: the cookie keeps it.
  }
}
