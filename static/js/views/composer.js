import { characters, format, gettext, ngettext, number } from '../helpers/text.js';
import { growWithText, isSendKey } from './text_field.js';

// The hint about length shows when this little is left, in characters.
const NEAR_LIMIT = 200;
const SAVE_AFTER = 300;

// Where a reader writes. It keeps its text in `draft`, and hands what is sent to
// `onSend({ content, parentId, parentName })`.
export class Composer {
  #form;
  #dock;
  #field;
  #replying;
  #hint;
  #error;
  #send;
  #closed;
  #draft;
  #maxLength;
  #onSend;
  #grow;
  #parent = { parentId: null, parentName: null };
  #saving = null;
  #countdown = null;
  #connection = 'connecting';
  #loginAddress;

  constructor({ section, draft, maxLength, loginAddress, onSend }) {
    this.#form = section.querySelector('[data-composer]');
    this.#dock = section.querySelector('[data-composer-dock]');
    this.#closed = section.querySelector('[data-closed]');
    this.#field = this.#form.querySelector('textarea');
    this.#replying = this.#form.querySelector('[data-replying]');
    this.#hint = this.#form.querySelector('[data-composer-hint]');
    this.#error = this.#form.querySelector('[data-composer-error]');
    this.#send = this.#form.querySelector('[data-send]');
    this.#draft = draft;
    this.#maxLength = maxLength;
    this.#loginAddress = loginAddress;
    this.#onSend = onSend;
    this.#restore();
    this.#grow = growWithText(this.#field);
    this.#listen();
    this.#showHint();
  }

  replyTo(id, name) {
    this.#setParent({ parentId: id, parentName: name });
    this.#save();
    this.#field.focus();
  }

  // Whether writing is allowed now, and if not, why.
  setState({ canWrite, reason }) {
    this.#dock.hidden = !canWrite;
    this.#closed.hidden = canWrite;
    if (!canWrite) this.#closed.textContent = reason || gettext('Comments are closed.');
  }

  // The line above the comments may be far away from who writes: the hint says it too.
  setConnection(state) {
    this.#connection = state;
    this.#showHint();
  }

  // Counts the seconds until the next comment is welcome (slow mode) or what waits goes on (a pause).
  waitFor(seconds, { isPause = false } = {}) {
    clearInterval(this.#countdown?.timer);
    const until = Date.now() + seconds * 1000;
    this.#countdown = { until, isPause, timer: setInterval(() => this.#showHint(), 1000) };
    this.#showHint();
  }

  #restore() {
    // What the server put into the form (a refused comment, a reply asked for by address) comes first.
    const parentField = this.#form.elements.parent_id;
    if (parentField.value) {
      this.#parent = { parentId: parentField.value, parentName: this.#replying.dataset.name || null };
    }
    const draft = this.#draft.load();
    if (this.#field.value || !draft.content) return;
    this.#field.value = draft.content;
    if (!this.#parent.parentId && draft.parentId) this.#setParent(draft);
  }

  #listen() {
    this.#form.addEventListener('focusin', () => this.#form.classList.add('is-open'));
    this.#form.classList.toggle('is-open', Boolean(this.#field.value) || this.#form.contains(document.activeElement));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#form.addEventListener('keydown', (event) => {
      if (!isSendKey(event)) return;
      event.preventDefault();
      this.#submit();
    });
    this.#form.addEventListener('click', (event) => {
      if (!event.target.closest('[data-action="unreply"]')) return;
      event.preventDefault();
      this.#setParent({ parentId: null, parentName: null });
      this.#save();
      this.#field.focus();
    });
    this.#field.addEventListener('input', () => {
      this.#error.hidden = true;
      this.#field.removeAttribute('aria-invalid');
      this.#showHint();
      clearTimeout(this.#saving);
      this.#saving = setTimeout(() => this.#save(), SAVE_AFTER);
    });
    addEventListener('pagehide', () => this.#save());
  }

  #submit() {
    const content = this.#field.value;
    if (!content.trim()) {
      this.#field.focus();
      return;
    }
    if (this.#left() < 0) {
      this.#showError(format(gettext('This is longer than %(limit)s characters.'), { limit: number(this.#maxLength) }));
      return;
    }
    const { parentId, parentName } = this.#parent;
    this.#field.value = '';
    this.#setParent({ parentId: null, parentName: null });
    clearTimeout(this.#saving);
    this.#draft.clear();
    this.#error.hidden = true;
    this.#grow();
    this.#showHint();
    this.#field.focus();
    this.#onSend({ content, parentId, parentName });
  }

  #setParent({ parentId, parentName }) {
    this.#parent = { parentId, parentName };
    this.#form.elements.parent_id.value = parentId ?? '';
    this.#replying.hidden = !parentId;
    const text = this.#replying.querySelector('[data-replying-text]');
    text.textContent = parentId ? format(gettext('Replying to %(name)s'), { name: parentName ?? '' }) : '';
  }

  #save() {
    clearTimeout(this.#saving);
    this.#draft.save({ content: this.#field.value, ...this.#parent });
  }

  #left() {
    return this.#maxLength - characters(this.#field.value);
  }

  #showHint() {
    const wait = this.#countdown ? Math.ceil((this.#countdown.until - Date.now()) / 1000) : 0;
    if (this.#countdown && wait <= 0) {
      clearInterval(this.#countdown.timer);
      this.#countdown = null;
    }
    // Counting characters is work for long texts only.
    const left = this.#field.value.length > this.#maxLength - NEAR_LIMIT ? this.#left() : Infinity;
    this.#hint.classList.toggle('is-over', left < 0);
    const text = lengthHint(left) ?? waitHint(wait, this.#countdown?.isPause) ?? connectionHint(this.#connection);
    if (this.#hint.firstChild?.data === text) return;
    this.#hint.textContent = text;
    if (text && text === connectionHint('ended')) this.#hint.append(' ', this.#loginLink());
  }

  #loginLink() {
    const link = document.createElement('a');
    link.href = this.#loginAddress;
    link.textContent = gettext('Log in');
    return link;
  }

  #showError(message) {
    this.#error.textContent = message;
    this.#error.hidden = false;
    this.#field.setAttribute('aria-invalid', 'true');
    this.#field.focus();
  }
}

function lengthHint(left) {
  if (left < 0) {
    const sentence = ngettext('%(count)s character too many', '%(count)s characters too many', -left);
    return format(sentence, { count: number(-left) });
  }
  if (left >= NEAR_LIMIT) return null;
  const sentence = ngettext('%(count)s character left', '%(count)s characters left', left);
  return format(sentence, { count: number(left) });
}

function waitHint(seconds, isPause) {
  if (seconds <= 0) return null;
  if (isPause) {
    const sentence = ngettext(
      'A lot at once: goes on in %(count)s second',
      'A lot at once: goes on in %(count)s seconds',
      seconds,
    );
    return format(sentence, { count: number(seconds) });
  }
  const sentence = ngettext('Slow mode: %(count)s second', 'Slow mode: %(count)s seconds', seconds);
  return format(sentence, { count: number(seconds) });
}

function connectionHint(state) {
  if (state === 'offline') return gettext('Offline: kept and sent later');
  if (state === 'ended') return gettext('You have been logged out.');
  return '';
}
