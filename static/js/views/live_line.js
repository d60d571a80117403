import { isInRoom } from '../helpers/place.js';
import { format, gettext, ngettext, number } from '../helpers/text.js';

// States shorter than this (in milliseconds) are nobody's business.
const PATIENCE = 1200;
const NAMES_SHOWN = 5;

// The line above the comments: how many there are, how many people are here, and whether it is live.
export class LiveLine {
  #count;
  #here;
  #names;
  #state;
  #words;
  #login;
  #timer = null;
  #still;

  // `still(change)` makes a change without moving what is being read.
  constructor(root, { still = (change) => change() } = {}) {
    this.#still = still;
    this.#count = root.querySelector('[data-count]');
    this.#here = root.querySelector('[data-here]');
    this.#names = root.querySelector('[data-here-names]');
    this.#state = root.querySelector('[data-live]');
    this.#words = root.querySelector('[data-live-words]');
    this.#login = root.querySelector('[data-live-login]');
  }

  setCount(count) {
    const sentence = isInRoom()
      ? ngettext('%(count)s message', '%(count)s messages', count)
      : ngettext('%(count)s comment', '%(count)s comments', count);
    this.#count.textContent = format(sentence, { count: number(count) });
  }

  setPresence(count, names = []) {
    this.#here.hidden = count < 2;
    this.#here.textContent = format(ngettext('%(count)s here', '%(count)s here', count), { count: number(count) });
    // Isolated: a name may be written from right to left.
    const shown = names.slice(0, NAMES_SHOWN).map((name) => `\u2068${name}\u2069`).join(', ');
    this.#here.title = count > names.length && names.length ? `${shown}, …` : shown;
    this.#names.hidden = count < 2;
    this.#names.textContent = this.#here.title;
  }

  // `connecting`, `live`, `catching-up` (with the time when the connection was lost), `offline`, `ended`
  // (with the server's message, if it has one) or `barred`, where logging in would change nothing.
  setState(state, { since = null, message = null } = {}) {
    clearTimeout(this.#timer);
    const isPassing = state === 'connecting' || state === 'catching-up';
    if (isPassing) this.#timer = setTimeout(() => this.#show(state, since, message), PATIENCE);
    else this.#show(state, since, message);
  }

  #show(state, since, message) {
    this.#still(() => this.#fill(state, message ?? sentence(state, since)));
  }

  #fill(state, text) {
    this.#state.hidden = false;
    this.#state.dataset.state = state;
    this.#login.hidden = state !== 'ended';
    if (state !== 'live') this.#here.hidden = this.#names.hidden = true;
    if (this.#words.textContent === text) return;
    // Other elements instead of other words: they end where these ended, and what begins elsewhere than before
    // would count as moved.
    const words = this.#words.cloneNode(true);
    words.querySelector('[data-live-text]').textContent = text;
    this.#words.replaceWith(words);
    this.#words = words;
  }
}

function sentence(state, since) {
  if (state === 'live') return gettext('Live');
  if (state === 'connecting') return gettext('Connecting…');
  if (state === 'offline') return gettext('Offline. What you write is kept and sent later.');
  if (state === 'ended') return gettext('You have been logged out.');
  if (state === 'barred') return gettext('Not live. You can read on.');
  const minutes = since ? Math.round((Date.now() - since) / 60_000) : 0;
  if (minutes < 1) return gettext('Catching up…');
  return format(
    ngettext('Catching up with the last minute…', 'Catching up with the last %(count)s minutes…', minutes),
    { count: number(minutes) },
  );
}
