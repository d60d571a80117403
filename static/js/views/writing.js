import { characters, format, ngettext, number } from '../helpers/text.js';
import { Preview } from './preview.js';
import { growWithText, isCancelKey } from './text_field.js';
import { Toolbar } from './toolbar.js';

// What every place to write in has: a field that grows, a toolbar, a preview, and an eye on the length.

// The hint about length shows when this little is left, in characters.
const NEAR_LIMIT = 200;
// What is left when that is said aloud.
const SAID_AT = [NEAR_LIMIT - 1, 50, -1];

export class Writing {
  #maxLength;
  #say;
  #preview;
  #grow;
  #isComposing = false;
  #said = Infinity;

  // `preview` and `explain` as for `Preview`; `onProblem(sentence)` shows what went wrong, `say(sentence)` tells
  // a screen reader.
  constructor({ root, maxLength, habit, preview, explain, onProblem, say = () => {} }) {
    this.field = root.querySelector('textarea');
    this.#maxLength = maxLength;
    this.#say = say;
    this.#grow = growWithText(this.field);
    new Toolbar({ root, field: this.field, habit });
    this.#preview = new Preview({ root, field: this.field, render: preview, explain, onProblem });
    this.field.addEventListener('compositionstart', () => (this.#isComposing = true));
    this.field.addEventListener('compositionend', () => (this.#isComposing = false));
    this.field.addEventListener('input', () => this.#warn());
    root.addEventListener('keydown', (event) => {
      if (event.defaultPrevented || !isCancelKey(event) || !this.#preview.isOpen) return;
      event.preventDefault();
      this.#preview.close({ focus: true });
    });
  }

  get text() {
    return this.field.value;
  }

  set text(text) {
    this.#preview.close();
    this.field.value = text;
    this.#grow();
  }

  get hasText() {
    return this.text.trim() !== '';
  }

  // Characters that still fit. Counting them is work for long texts only.
  get left() {
    const isNear = this.field.value.length > this.#maxLength - NEAR_LIMIT;
    return isNear ? this.#maxLength - characters(this.field.value) : Infinity;
  }

  // What there is to say about that, or null.
  get lengthHint() {
    return lengthHint(this.left);
  }

  focus(options) {
    this.#preview.close();
    this.field.focus(options);
  }

  focusEnd() {
    this.focus();
    this.field.setSelectionRange(this.text.length, this.text.length);
  }

  grow() {
    this.#grow();
  }

  // Calls `then` once an input method has handed over the syllable it was composing.
  settle(then) {
    if (!this.#isComposing) {
      then();
      return;
    }
    this.field.blur();
    setTimeout(then);
  }

  #warn() {
    const { left } = this;
    const step = SAID_AT.findLast((limit) => left <= limit) ?? Infinity;
    if (step < this.#said) this.#say(lengthHint(left) ?? '');
    this.#said = step;
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
