import { characters, format, gettext, ngettext, number } from '../helpers/text.js';
import { growWithText, isSendKey } from './text_field.js';

// The hint about length shows when this little is left, in characters.
const NEAR_LIMIT = 200;
const SAVE_AFTER = 300;

// Where a reader writes. It keeps its text in `draft`, and hands what is sent to
// `onSend({ content, parentId, parentName })`. As long as slow mode asks to wait, it keeps that, too, and
// calls `onWait(seconds)`.
export class Composer {
  #form;
  #dock;
  #field;
  #replying;
  #hint;
  #error;
  #send;
  #draft;
  #maxLength;
  #onSend;
  #grow;
  #parent = { parentId: null, parentName: null };
  #saving = null;
  #pause = null;
  // Seconds that slow mode still asks for.
  #wait = 0;
  #onWait;
  #connection = 'connecting';
  #loginAddress;

  constructor({ section, draft, maxLength, loginAddress, onSend, onWait = () => {} }) {
    this.#form = section.querySelector('[data-composer]');
    this.#dock = section.querySelector('[data-composer-dock]');
    this.#field = this.#form.querySelector('textarea');
    this.#replying = this.#form.querySelector('[data-replying]');
    this.#hint = this.#form.querySelector('[data-composer-hint]');
    this.#error = this.#form.querySelector('[data-composer-error]');
    this.#send = this.#form.querySelector('[data-send]');
    this.#draft = draft;
    this.#maxLength = maxLength;
    this.#loginAddress = loginAddress;
    this.#onSend = onSend;
    this.#onWait = onWait;
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

  // A quotation (Markdown) goes behind what is written already, and what is said about it behind that.
  quote({ id, name, text }) {
    this.#setParent({ parentId: id, parentName: name });
    const begun = this.#field.value.trimEnd();
    this.#field.value = `${begun ? `${begun}\n\n` : ''}${text}\n\n`;
    this.#form.classList.add('is-open');
    this.#grow();
    this.#showHint();
    this.#save();
    this.#field.focus();
    this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length);
  }

  // Whether there is a field to write in.
  get isOpen() {
    return !this.#dock.hidden;
  }

  get hasText() {
    return this.#field.value.trim() !== '';
  }

  get hasFocus() {
    return this.#dock.contains(document.activeElement);
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  // Whether writing is allowed now, and after how many seconds something may be sent.
  setProspects({ canWrite, wait }) {
    if (!canWrite && !this.#dock.hidden) this.#save();
    this.#dock.hidden = !canWrite;
    if (canWrite) this.#grow();
    this.#wait = wait;
    this.#send.ariaDisabled = wait ? 'true' : null;
  }

  // A text that was sent and may be changed comes back, before what has been begun meanwhile.
  takeBack({ content, parentId, parentName }) {
    const begun = this.hasText ? `\n\n${this.#field.value}` : '';
    this.#field.value = content + begun;
    this.#setParent({ parentId, parentName });
    this.#form.classList.add('is-open');
    this.#grow();
    this.#showHint();
    this.#save();
    this.#field.focus();
    this.#field.setSelectionRange(content.length, content.length);
  }

  // The line above the comments may be far away from who writes: the hint says it too.
  setConnection(state) {
    this.#connection = state;
    this.#showHint();
  }

  // Counts the seconds until what waits to be sent goes on.
  pauseFor(seconds) {
    clearInterval(this.#pause?.timer);
    this.#pause = { until: Date.now() + seconds * 1000, timer: setInterval(() => this.#showHint(), 1000) };
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
    if (this.#wait) {
      this.#field.focus();
      this.#onWait(this.#wait);
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
    const wait = this.#pause ? Math.ceil((this.#pause.until - Date.now()) / 1000) : 0;
    if (this.#pause && wait <= 0) {
      clearInterval(this.#pause.timer);
      this.#pause = null;
    }
    // Counting characters is work for long texts only.
    const left = this.#field.value.length > this.#maxLength - NEAR_LIMIT ? this.#left() : Infinity;
    this.#hint.classList.toggle('is-over', left < 0);
    const text = lengthHint(left) ?? pauseHint(wait) ?? connectionHint(this.#connection);
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

function pauseHint(seconds) {
  if (seconds <= 0) return null;
  const sentence = ngettext(
    'A lot at once: goes on in %(count)s second',
    'A lot at once: goes on in %(count)s seconds',
    seconds,
  );
  return format(sentence, { count: number(seconds) });
}

function connectionHint(state) {
  if (state === 'offline') return gettext('Offline: kept and sent later');
  if (state === 'ended') return gettext('You have been logged out.');
  return '';
}
