import { safeFragment } from '../helpers/safe_html.js';
import { gettext } from '../helpers/text.js';

// Shows in the place of a field what its text will look like, as `render(content)` promises the server's HTML
// for it. What goes wrong is `explain`ed to `onProblem`.
export class Preview {
  #root;
  #field;
  #pane;
  #button;
  #render;
  #explain;
  #onProblem;
  // Counts up with each opening and closing: an answer that comes after another press is nobody's.
  #turn = 0;

  constructor({ root, field, render, explain, onProblem }) {
    this.#root = root;
    this.#field = field;
    this.#pane = root.querySelector('[data-preview-pane]');
    this.#button = root.querySelector('[data-preview]');
    this.#render = render;
    this.#explain = explain;
    this.#onProblem = onProblem;
    this.#button.addEventListener('click', (event) => {
      event.preventDefault();
      if (this.isOpen) this.close({ focus: true });
      else this.#open();
    });
    // The server may have rendered one: the button was pressed before the scripts were there.
    if (this.isOpen) this.#show();
  }

  get isOpen() {
    return !this.#pane.hidden;
  }

  close({ focus = false } = {}) {
    this.#turn += 1;
    this.#button.ariaBusy = null;
    if (!this.isOpen) return;
    this.#pane.hidden = true;
    this.#pane.replaceChildren();
    this.#field.hidden = false;
    this.#root.classList.remove('is-previewing');
    this.#button.textContent = gettext('Preview');
    if (focus) this.#field.focus();
  }

  async #open() {
    const content = this.#field.value;
    if (!content.trim()) {
      this.#field.focus();
      return;
    }
    const turn = (this.#turn += 1);
    this.#button.ariaBusy = 'true';
    try {
      const html = await this.#render(content);
      if (turn !== this.#turn) return;
      this.#pane.replaceChildren(safeFragment(html));
      this.#show();
      this.#pane.focus({ preventScroll: true });
    } catch (problem) {
      if (turn === this.#turn) this.#onProblem(this.#explain(problem));
    } finally {
      if (turn === this.#turn) this.#button.ariaBusy = null;
    }
  }

  #show() {
    this.#pane.hidden = false;
    this.#field.hidden = true;
    this.#root.classList.add('is-previewing');
    this.#button.textContent = gettext('Keep writing');
  }
}
