import { worded } from '../helpers/place.js';
import { format, gettext } from '../helpers/text.js';
import { timeLeft } from '../helpers/time.js';
import { isCancelKey, isSendKey } from './text_field.js';
import { Writing } from './writing.js';

const SAVE_AFTER = 300;
const SECOND = 1000;
// The end of the time for changes is shown from here on, in milliseconds.
const NEAR_END = 5 * 60 * SECOND;

// Changing one's own comments in their places. `save(id, content)` returns a promise; `draft` keeps what is not
// saved, `time` knows for how long it can be. The others are as for `Writing`.
export class Editors {
  #template;
  #draft;
  #time;
  #save;
  #explain;
  #options;
  // comment -> what is open in it
  #open = new Map();
  #clock = null;

  constructor({ template, draft, time, save, explain, ...options }) {
    this.#template = template;
    this.#draft = draft;
    this.#time = time;
    this.#save = save;
    this.#explain = explain;
    this.#options = options;
    addEventListener('pagehide', () => {
      for (const editor of this.#open.values()) this.#keep(editor);
    });
  }

  // `cameFrom` gets the focus back; without it the word that opened the editor does.
  open(comment, { cameFrom = null } = {}) {
    const shown = comment.querySelector('[data-editor]');
    if (shown) {
      shown.querySelector('textarea').focus();
      return;
    }
    const root = this.#template.content.cloneNode(true).querySelector('[data-editor]');
    const { id, content: base } = comment.dataset;
    const editor = { root, id, comment, base, cameFrom, writing: null, saving: null };
    comment.querySelector('[data-text]').hidden = true;
    comment.querySelector('[data-actions]').hidden = true;
    comment.querySelector('[data-text]').after(root);
    const onProblem = (sentence) => showProblem(editor, sentence);
    editor.writing = new Writing({ root, explain: this.#explain, onProblem, ...this.#options });
    this.#open.set(comment, editor);
    const kept = this.#draft.loadEdit(id);
    editor.writing.text = kept?.content ?? base;
    if (kept) showNote(editor, beganSentence(kept.base === base));
    this.#listen(editor);
    editor.writing.focusEnd();
    root.scrollIntoView({ block: 'nearest' });
    this.#tick();
    this.#clock ??= setInterval(() => this.#tick(), SECOND);
  }

  // Keeps what is not saved for the next time.
  close(comment) {
    const editor = this.#open.get(comment);
    if (!editor) return;
    this.#keep(editor);
    this.#remove(editor);
  }

  // Says at the comments in `root` whether a change of them was begun.
  mark(comments) {
    for (const comment of comments) {
      const link = comment.querySelector('[data-action="edit"]');
      if (link) link.textContent = this.#draft.loadEdit(comment.dataset.id) ? gettext('Go on editing') : gettext('Edit');
    }
  }

  #listen(editor) {
    const { root, writing } = editor;
    root.addEventListener('submit', (event) => {
      event.preventDefault();
      event.stopPropagation();
      writing.settle(() => this.#send(editor));
    });
    root.addEventListener('keydown', (event) => {
      if (event.defaultPrevented) return;
      if (isSendKey(event)) {
        event.preventDefault();
        this.#send(editor);
      } else if (isCancelKey(event)) {
        event.preventDefault();
        this.close(editor.comment);
      }
    });
    root.querySelector('[data-edit-cancel]').addEventListener('click', () => this.close(editor.comment));
    root.querySelector('[data-edit-anew]').addEventListener('click', () => {
      writing.text = editor.base;
      this.#draft.clearEdit(editor.id);
      showNote(editor, '');
      writing.focusEnd();
      this.#showHint(editor);
    });
    writing.field.addEventListener('input', () => {
      showProblem(editor, '');
      this.#showHint(editor);
      clearTimeout(editor.saving);
      editor.saving = setTimeout(() => this.#keep(editor), SAVE_AFTER);
    });
  }

  async #send(editor) {
    const { root, id, base, comment, writing } = editor;
    const button = root.querySelector('[data-save]');
    const { text } = writing;
    if (!writing.hasText || button.ariaDisabled) return;
    if (writing.left < 0) {
      showProblem(editor, writing.lengthHint);
      return;
    }
    if (text === base) {
      this.close(comment);
      return;
    }
    // Not `disabled`: that would take the focus away.
    button.ariaDisabled = 'true';
    showProblem(editor, '');
    this.#keep(editor);
    try {
      await this.#save(id, text);
      // Written on meanwhile, it is another change, and begins from what was saved.
      if (writing.text !== text) {
        editor.base = text;
        this.#keep(editor);
      } else {
        this.#draft.clearEdit(id);
        this.#remove(editor);
      }
    } catch (problem) {
      showProblem(editor, this.#explain(problem));
    } finally {
      button.ariaDisabled = null;
      if (this.#open.has(comment)) this.#showHint(editor);
    }
  }

  #keep(editor) {
    clearTimeout(editor.saving);
    this.#draft.saveEdit(editor.id, { content: editor.writing.text, base: editor.base });
  }

  #remove(editor) {
    const { root, comment, cameFrom } = editor;
    clearTimeout(editor.saving);
    this.#forget(comment);
    root.remove();
    comment.querySelector('[data-text]').hidden = false;
    const actions = comment.querySelector('[data-actions]');
    actions.hidden = false;
    this.mark([comment]);
    const edit = actions.querySelector('[data-action="edit"]');
    const heir = cameFrom ?? (edit.hidden ? actions.querySelector('a:not([hidden])') : edit);
    heir?.focus();
  }

  #forget(comment) {
    this.#open.delete(comment);
    if (this.#open.size) return;
    clearInterval(this.#clock);
    this.#clock = null;
  }

  // A comment that was taken from the page took its editor with it. What was written is kept; the ids of those
  // that were changed.
  keepLost() {
    const lost = [];
    for (const [comment, editor] of this.#open) {
      if (comment.isConnected) continue;
      this.#keep(editor);
      this.#forget(comment);
      if (editor.writing.text !== editor.base) lost.push(editor.id);
    }
    return lost;
  }

  #tick() {
    this.keepLost();
    for (const editor of this.#open.values()) this.#showHint(editor);
  }

  #showHint(editor) {
    const { root, comment, writing } = editor;
    const left = this.#time.left(comment.querySelector('[data-permalink] time').dateTime);
    const hint = root.querySelector('[data-editor-hint]');
    const text = writing.lengthHint ?? timeHint(left);
    hint.classList.toggle('is-over', writing.left < 0 || left === 0);
    root.classList.toggle('is-late', left === 0);
    if (hint.textContent !== text) hint.textContent = text;
  }
}

function beganSentence(isTheSame) {
  if (isTheSame) return gettext('You had begun to change this.');
  return worded(
    gettext('You had begun to change this. The comment has changed since.'),
    gettext('You had begun to change this. The message has changed since.'),
  );
}

function timeHint(left) {
  if (left === 0) return gettext('The time for changes is over. You can still copy your text.');
  if (left > NEAR_END) return '';
  return format(gettext('The time for changes ends %(left)s.'), { left: timeLeft(left) });
}

function showProblem({ root }, sentence) {
  const problem = root.querySelector('[data-editor-error]');
  problem.textContent = sentence;
  problem.hidden = !sentence;
}

function showNote({ root }, sentence) {
  const note = root.querySelector('[data-editor-note]');
  note.hidden = !sentence;
  note.querySelector('[data-editor-note-text]').textContent = sentence;
}
