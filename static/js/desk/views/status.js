import { format, gettext } from '../../helpers/text.js';

const SHOWN_FOR = 12_000;
const PATIENCE = 1200;

// What the desk says by itself: whether it is live, what was just done, and what did not work.
export class StatusView {
  #find;
  #timer = null;
  #stateTimer = null;

  constructor(root) {
    this.#find = (name) => root.querySelector(`[data-${name}]`);
  }

  state(state, message = null) {
    clearTimeout(this.#stateTimer);
    const show = () => {
      const line = this.#find('live');
      line.hidden = false;
      line.dataset.state = state;
      this.#find('live-text').textContent = message ?? sentence(state);
    };
    if (state === 'online') show();
    else this.#stateTimer = setTimeout(show, PATIENCE);
  }

  // A decision that can be undone. `text`: what was done to what.
  done(text, { canUndo }) {
    this.#bar(text, canUndo);
    this.#find('status').textContent = text;
  }

  say(text) {
    this.#bar(text, false);
    this.#find('status').textContent = text;
  }

  alert(text) {
    this.#bar(text, false);
    // Said again, though it is the same sentence.
    const alert = this.#find('alert');
    alert.textContent = '';
    setTimeout(() => { alert.textContent = text; }, 50);
  }

  hide() {
    clearTimeout(this.#timer);
    this.#find('bar').hidden = true;
  }

  #bar(text, canUndo) {
    clearTimeout(this.#timer);
    this.#find('bar-text').textContent = text;
    this.#find('undo').hidden = !canUndo;
    this.#find('bar').hidden = false;
    this.#timer = setTimeout(() => this.hide(), SHOWN_FOR);
  }
}

export function doneSentence(verdict, name) {
  const sentences = {
    approve: gettext('Approved: %(name)s'),
    reject: gettext('Rejected: %(name)s'),
    spam: gettext('Marked as spam: %(name)s'),
    accept: gettext('Appeal accepted: %(name)s'),
    turn_down: gettext('Appeal turned down: %(name)s'),
  };
  return format(sentences[verdict], { name });
}

function sentence(state) {
  if (state === 'online') return gettext('Live');
  if (state === 'connecting') return gettext('Connecting…');
  if (state === 'offline') return gettext('Not live: the connection is lost.');
  return gettext('Not live any more.');
}
