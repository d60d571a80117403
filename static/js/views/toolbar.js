import { MARKS } from '../models/markdown.js';
import { shortcutLetter, type } from './text_field.js';

// Buttons that put Markdown around what is selected in a field: one stop on the way of Tab, arrow keys go
// from button to button. Whoever does not want them hides them, in all fields and for good: `habit`.

const LETTERS = { b: 'bold', i: 'italic' };

export class Toolbar {
  #bar;
  #tools;
  #field;
  #toggle;
  #habit;

  constructor({ root, field, habit }) {
    this.#bar = root.querySelector('[data-toolbar]');
    this.#tools = [...this.#bar.querySelectorAll('[data-mark]')];
    this.#field = field;
    this.#toggle = root.querySelector('[data-formatting]');
    this.#habit = habit;
    this.#toggle.hidden = false;
    this.#show();
    this.#stopAt(this.#tools[0]);
    // Pressed by a finger or a mouse, a button leaves the focus, and the keyboard of a phone, where it is.
    this.#bar.addEventListener('mousedown', (event) => event.preventDefault());
    this.#bar.addEventListener('click', (event) => this.#click(event));
    this.#bar.addEventListener('keydown', (event) => this.#key(event));
    this.#toggle.addEventListener('click', () => {
      this.#habit.toggle();
      this.#show();
    });
    // Another field of this page may have hidden or shown them.
    root.addEventListener('focusin', () => this.#show());
    field.addEventListener('keydown', (event) => this.#shortcut(event));
  }

  mark(name) {
    const { value, selectionStart, selectionEnd } = this.#field;
    type(this.#field, MARKS[name](value, selectionStart, selectionEnd));
  }

  #show() {
    this.#bar.hidden = !this.#habit.isOn;
    this.#toggle.ariaExpanded = String(this.#habit.isOn);
  }

  #click(event) {
    const tool = event.target.closest('[data-mark]');
    if (!tool) return;
    this.#stopAt(tool);
    this.mark(tool.dataset.mark);
  }

  #key(event) {
    const place = this.#tools.indexOf(event.target.closest('[data-mark]'));
    const last = this.#tools.length - 1;
    const next = {
      ArrowRight: place === last ? 0 : place + 1,
      ArrowLeft: place === 0 ? last : place - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (place < 0 || next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#stopAt(this.#tools[next]);
    this.#tools[next].focus();
  }

  #shortcut(event) {
    const name = LETTERS[shortcutLetter(event)];
    if (!name || event.defaultPrevented) return;
    event.preventDefault();
    this.mark(name);
  }

  #stopAt(tool) {
    for (const each of this.#tools) each.tabIndex = each === tool ? 0 : -1;
  }
}
