import { worded } from '../helpers/place.js';
import { format, gettext, ngettext, number } from '../helpers/text.js';
import { isCancelKey, isEnterKey, isSendKey, isUpKey } from './text_field.js';
import { Writing } from './writing.js';

const SAVE_AFTER = 300;
// A second click on "Send" is meant for what was sent, not for the draft that took its place (milliseconds).
const NOT_MEANT = 1000;
// Of what else is kept, so much is offered beside the field.
const KEPT_SHOWN = 3;

// Where a reader writes. It keeps its text in `draft`, for the comment and for each reply, and hands what is
// sent to `onSend({ content, parentId, parentName })`. As long as slow mode asks to wait, it keeps that, too,
// and calls `onWait(seconds)`. `onEditLast()` is asked to open the last comment of the reader's for a change;
// `isGone(id)` knows of which comments nothing is left but what somebody was about to change them to. The others
// are as for `Writing`.
export class Composer {
  #form;
  #writing;
  #field;
  #replying;
  #kept;
  #hint;
  #error;
  #send;
  #draft;
  #maxLength;
  #onSend;
  #onWait;
  #onEditLast;
  #isGone;
  #say;
  #parent = { parentId: null, parentName: null };
  // The text as the draft has it: what another tab wrote there is not overwritten by a page that did nothing.
  #saved = '';
  #saving = null;
  #pause = null;
  // Seconds that slow mode still asks for.
  #wait = 0;
  #connection = 'connecting';
  #loginAddress;
  // In a room of the chat.
  #sendsOnEnter;
  #refilledAt = -Infinity;
  // What is offered beside the field now.
  #offered = '';

  constructor({
    section, draft, maxLength, loginAddress, habit, preview, explain, onSend,
    onWait = () => {}, onEditLast = () => false, isGone = () => false,
    say = () => {},
  }) {
    this.#form = section.querySelector('[data-composer]');
    this.#replying = this.#form.querySelector('[data-replying]');
    this.#kept = this.#form.querySelector('[data-kept]');
    this.#hint = this.#form.querySelector('[data-composer-hint]');
    this.#error = this.#form.querySelector('[data-composer-error]');
    this.#send = this.#form.querySelector('[data-send]');
    const onProblem = (sentence) => this.#showError(sentence);
    this.#writing = new Writing({ root: this.#form, maxLength, habit, preview, explain, onProblem, say });
    this.#field = this.#writing.field;
    this.#sendsOnEnter = section.dataset.room !== undefined;
    this.#draft = draft;
    this.#maxLength = maxLength;
    this.#loginAddress = loginAddress;
    this.#onSend = onSend;
    this.#onWait = onWait;
    this.#onEditLast = onEditLast;
    this.#isGone = isGone;
    this.#say = say;
    this.#restore();
    this.#listen();
    this.#showHint();
    this.#showKept();
  }

  replyTo(id, name) {
    this.#turnTo({ parentId: id, parentName: name ?? null });
    this.#form.classList.add('is-open');
    this.#writing.focusEnd();
  }

  // A quotation (Markdown) goes behind what is written already, and what is said about it behind that. In an
  // empty field it begins a reply.
  quote({ id, name, text }) {
    if (!this.hasText) this.#turnTo({ parentId: id, parentName: name ?? null });
    const begun = this.#writing.text.trimEnd();
    this.#writing.text = `${begun ? `${begun}\n\n` : ''}${text}\n\n`;
    this.#form.classList.add('is-open');
    this.#showHint();
    this.#save();
    this.#writing.focusEnd();
  }

  // Whether there is a field to write in.
  get isOpen() {
    return !this.#form.hidden;
  }

  get hasText() {
    return this.#writing.hasText;
  }

  get hasFocus() {
    return this.#form.contains(document.activeElement);
  }

  focus() {
    this.#writing.focus({ preventScroll: true });
  }

  // Whether writing is allowed now, and after how many seconds something may be sent.
  setProspects({ canWrite, wait }) {
    if (!canWrite && !this.#form.hidden) this.#save();
    this.#form.hidden = !canWrite;
    if (canWrite) this.#writing.grow();
    this.#wait = wait;
    this.#send.ariaDisabled = wait ? 'true' : null;
  }

  // A text that was sent and may be changed comes back, before what has been begun meanwhile.
  takeBack({ content, parentId, parentName }) {
    this.#turnTo({ parentId, parentName });
    const begun = this.hasText ? `\n\n${this.#writing.text}` : '';
    this.#writing.text = content + begun;
    this.#form.classList.add('is-open');
    this.#showHint();
    this.#save();
    this.#writing.focus();
    this.#field.setSelectionRange(content.length, content.length);
  }

  // Another tab of this reader's has changed the storage. What stands here is only followed up if nobody has
  // written on in this tab: sent there, it must not wait here to be sent again.
  storageChanged({ key, newValue }) {
    if (key === null) return;
    if (this.#draft.concerns(key) === this.#parent.parentId && this.#writing.text === this.#saved) {
      const { content } = newValue === null ? { content: '' } : this.#draft.load(this.#parent.parentId);
      if (content !== this.#saved) this.#fill(content);
    }
    if (this.#draft.concerns(key) !== undefined || this.#draft.concernsEdit(key)) this.#showKept();
  }

  // Comments have come or gone.
  commentsChanged() {
    this.#showKept();
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
    // What the server put into the form (a refused comment, a reply asked for by address) comes first, then
    // what is kept, then what the browser has put back by itself.
    const isReply = !this.#replying.hidden;
    if (isReply) {
      this.#setParent({
        parentId: this.#form.elements.parent_id.value,
        parentName: this.#replying.dataset.name || null,
      });
    }
    if (this.#field.defaultValue) return;
    const draft = isReply ? this.#draft.load(this.#parent.parentId) : this.#draft.load();
    if (!draft.content) return;
    this.#fill(draft.content);
    if (!isReply) this.#setParent(draft);
  }

  #listen() {
    // What is missing is said here, and not by a bubble of the browser's.
    this.#form.noValidate = true;
    this.#form.addEventListener('focusin', ({ target }) => {
      // What is pressed must not move away from under the pointer.
      if (!this.#kept.contains(target)) this.#form.classList.add('is-open');
    });
    const isInUse = Boolean(this.#field.value) || this.#form.contains(document.activeElement);
    this.#form.classList.toggle('is-open', isInUse);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#writing.settle(() => this.#submit());
    });
    this.#form.addEventListener('keydown', (event) => this.#key(event));
    this.#form.addEventListener('click', (event) => {
      const { action, parentId, edited } = event.target.closest('[data-action]')?.dataset ?? {};
      if (action === 'unreply') {
        event.preventDefault();
        this.#unreply();
      } else if (edited) {
        this.#takeUp(edited);
      } else if (action === 'draft') {
        this.#turnTo(this.#draft.load(parentId || null));
        this.#writing.focusEnd();
      }
    });
    this.#field.addEventListener('input', () => {
      this.#hideError();
      this.#showHint();
      this.#refilledAt = -Infinity;
      clearTimeout(this.#saving);
      this.#saving = setTimeout(() => this.#save(), SAVE_AFTER);
    });
    addEventListener('pagehide', () => this.#save());
  }

  #key(event) {
    if (event.defaultPrevented) return;
    const sends = isSendKey(event) || (this.#sendsOnEnter && event.target === this.#field && isEnterKey(event));
    if (sends) {
      event.preventDefault();
      this.#form.requestSubmit();
    } else if (isCancelKey(event) && this.#parent.parentId) {
      event.preventDefault();
      this.#putAside();
    } else if (event.target === this.#field && !this.#field.value && isUpKey(event) && this.#onEditLast()) {
      event.preventDefault();
    }
  }

  #submit() {
    const content = this.#writing.text;
    if (!content.trim()) {
      this.#writing.focus();
      return;
    }
    if (Date.now() - this.#refilledAt < NOT_MEANT) return;
    if (this.#writing.left < 0) {
      this.#showError(format(gettext('This is longer than %(limit)s characters.'), { limit: number(this.#maxLength) }));
      return;
    }
    if (this.#wait) {
      this.#writing.focus();
      this.#onWait(this.#wait);
      return;
    }
    const { parentId, parentName } = this.#parent;
    clearTimeout(this.#saving);
    this.#draft.clear(parentId);
    this.#hideError();
    this.#setParent({ parentId: null, parentName: null });
    this.#fill('');
    // Who answered somebody in between goes on with what they had begun.
    const begun = parentId === null ? '' : this.#draft.load(null).content;
    if (begun) {
      this.#fill(begun);
      this.#refilledAt = Date.now();
    }
    this.#showHint();
    this.#showKept();
    this.#writing.focusEnd();
    this.#onSend({ content, parentId, parentName });
  }

  // What is written as a reply stays one, for later.
  #putAside() {
    const hadText = this.hasText;
    this.#turnTo({ parentId: null, parentName: null });
    this.#writing.focusEnd();
    if (hadText) this.#say(gettext('Your reply is kept.'));
  }

  // It is not to be a reply: what is written becomes a comment, unless there is one already.
  #unreply() {
    const own = { parentId: null, parentName: null };
    if (this.#draft.load(null).content || !this.hasText) {
      this.#turnTo(own);
    } else {
      this.#draft.clear(this.#parent.parentId);
      this.#setParent(own);
      this.#save({ isNew: true });
    }
    this.#showKept();
    this.#writing.focus();
  }

  // Keeps what is here and takes up what is kept there.
  #turnTo({ parentId, parentName }) {
    if (parentId !== this.#parent.parentId) {
      this.#save();
      this.#hideError();
      this.#setParent({ parentId, parentName });
      this.#fill(this.#draft.load(parentId).content);
      // A page that is loaded now should begin with this one.
      if (this.hasText) this.#save({ isNew: true });
    }
    this.#showHint();
    this.#showKept();
  }

  #fill(content) {
    this.#writing.text = content;
    this.#saved = content;
    this.#showHint();
  }

  #setParent({ parentId, parentName }) {
    this.#parent = { parentId, parentName };
    this.#form.elements.parent_id.value = parentId ?? '';
    this.#replying.hidden = !parentId;
    const text = this.#replying.querySelector('[data-replying-text]');
    text.textContent = parentId ? format(gettext('Replying to %(name)s'), { name: parentName ?? '' }) : '';
  }

  #save({ isNew = false } = {}) {
    clearTimeout(this.#saving);
    const content = this.#writing.text;
    if (content === this.#saved && !isNew) return;
    this.#saved = content;
    this.#draft.save({ content, ...this.#parent });
  }

  // What somebody wanted to change a comment to that is gone becomes a comment, before what is begun.
  #takeUp(commentId) {
    const content = this.#draft.loadEdit(commentId)?.content;
    this.#draft.clearEdit(commentId);
    if (content) this.takeBack({ content, parentId: null, parentName: null });
    this.#showKept();
  }

  #showKept() {
    const others = this.#draft.all().filter(({ parentId }) => parentId !== this.#parent.parentId);
    const lost = this.#draft.edits().filter(({ commentId }) => this.#isGone(commentId));
    const shown = [...lost, ...others].slice(0, KEPT_SHOWN);
    const offered = JSON.stringify(shown);
    // Buttons that stay the same keep the focus.
    if (offered === this.#offered) return;
    this.#offered = offered;
    this.#kept.hidden = !shown.length;
    this.#kept.querySelector('[data-kept-list]').replaceChildren(...shown.map(keptButton));
  }

  #showHint() {
    const wait = this.#pause ? Math.ceil((this.#pause.until - Date.now()) / 1000) : 0;
    if (this.#pause && wait <= 0) {
      clearInterval(this.#pause.timer);
      this.#pause = null;
    }
    const { left, lengthHint } = this.#writing;
    this.#hint.classList.toggle('is-over', left < 0);
    const text = lengthHint ?? pauseHint(wait) ?? connectionHint(this.#connection);
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
    this.#writing.focus();
  }

  #hideError() {
    this.#error.hidden = true;
    this.#field.removeAttribute('aria-invalid');
  }
}

// Something that was begun and waits, as a button that takes it up again.
function keptButton({ content, parentId, parentName, commentId }) {
  const button = document.createElement('button');
  button.type = 'button';
  button.dataset.action = 'draft';
  button.dataset.parentId = parentId ?? '';
  button.title = content.slice(0, 140);
  if (commentId) {
    button.dataset.edited = commentId;
    button.textContent = worded(gettext('Changes to a removed comment'), gettext('Changes to a removed message'));
  } else if (parentId) {
    button.textContent = format(gettext('Reply to %(name)s'), { name: parentName ?? '' });
  } else {
    button.textContent = worded(gettext('Your comment'), gettext('Your message'));
  }
  return button;
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
