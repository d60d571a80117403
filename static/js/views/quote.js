import { gettext } from '../helpers/text.js';
import { quotation } from '../models/quotation.js';

// While somebody selects, the selection changes with every pixel; so long it must rest, in milliseconds.
const REST = 200;
const GAP = 6;

// "Quote", beside what a reader has selected in a comment: right behind its text, so that the tabulator
// finds it next. `onQuote({ id, name, text })` gets Markdown; nothing is offered unless `mayQuote()`.
export class Quote {
  #root;
  #onQuote;
  #mayQuote;
  #timer = null;
  #button;
  #selected = '';

  constructor({ root, mayQuote, onQuote }) {
    this.#root = root;
    this.#mayQuote = mayQuote;
    this.#onQuote = onQuote;
    this.#button = document.createElement('button');
    this.#button.type = 'button';
    this.#button.className = 'quote-button';
    this.#button.textContent = gettext('Quote');
    // The toolbar of the field has a button of that name as well.
    this.#button.ariaLabel = gettext('Quote what is selected');
    this.#button.addEventListener('click', () => this.#quote());
    // A press must not take away what is selected.
    this.#button.addEventListener('pointerdown', (event) => event.preventDefault());
    this.#button.addEventListener('keydown', ({ key }) => key === 'Escape' && this.#hide());
    document.addEventListener('selectionchange', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), REST);
    });
  }

  #look() {
    const selection = document.getSelection();
    const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const text = range && elementOf(range.commonAncestorContainer).closest('[data-text]');
    const comment = text?.closest('[data-comment]:not([data-removed])');
    const selected = selection.toString().trim();
    if (!comment?.dataset.id || !this.#root.contains(text) || !selected || !this.#mayQuote()) {
      if (this.#button !== document.activeElement) this.#hide();
      return;
    }
    this.#selected = selected;
    text.after(this.#button);
    this.#place(range, text);
  }

  // Below the end of the selection, where a phone's own menu does not stand.
  #place(range, text) {
    const home = text.parentElement.getBoundingClientRect();
    const end = [...range.getClientRects()].at(-1) ?? range.getBoundingClientRect();
    const widest = home.width - this.#button.offsetWidth;
    this.#button.style.top = `${end.bottom - home.top + GAP}px`;
    this.#button.style.left = `${Math.max(0, Math.min(end.right - home.left - this.#button.offsetWidth / 2, widest))}px`;
  }

  #quote() {
    const comment = this.#button.closest('[data-comment]');
    const name = comment.querySelector('[data-name]').textContent;
    const text = quotation(this.#selected);
    document.getSelection().removeAllRanges();
    this.#hide();
    this.#onQuote({ id: comment.dataset.id, name, text });
  }

  #hide() {
    this.#button.remove();
  }
}

function elementOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
}
