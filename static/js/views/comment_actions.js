import { gettext } from '../helpers/text.js';
import { growWithText, isCancelKey, isSendKey } from './text_field.js';

// What a reader can do with a comment, by one listener for all of them. `edit(id, content)`, `remove(id)`
// and `restore(id)` return promises; when one fails, its message is shown at the comment. `sheets` are the
// forms that need more than a click. Unless `isServed()`, links lead to their pages instead.
export class CommentActions {
  #root;
  #templates;
  #on;
  #sheets;

  constructor({ root, templates, sheets, on }) {
    this.#root = root;
    this.#templates = templates;
    this.#on = on;
    this.#sheets = sheets;
    root.addEventListener('click', (event) => this.#click(event));
    root.addEventListener('keydown', (event) => this.#key(event));
    root.addEventListener('submit', (event) => {
      event.preventDefault();
      if (event.target.matches('[data-form]')) this.#sheets.send(event.target);
      else this.#save(event.target.closest('[data-comment]'));
    });
  }

  #click(event) {
    const button = event.target.closest('[data-action]');
    // A link opened in another tab is a link.
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0) return;
    if (button.matches('a') && !this.#on.isServed()) return;
    const comment = button.closest('[data-comment]');
    const { id, clientId } = comment.dataset;
    event.preventDefault();
    const acts = {
      reply: () => this.#on.reply(id),
      edit: () => this.#openEditor(comment),
      delete: () => this.#confirm(comment),
      'edit-cancel': () => this.#closeEditor(comment),
      'delete-yes': () => this.#remove(comment, button),
      'delete-no': () => this.#cancelConfirm(comment),
      retry: () => this.#on.retry(clientId),
      discard: () => this.#on.discard(clientId),
      amend: () => this.#on.amend(clientId),
      restore: () => this.#restore(comment, button),
      report: () => this.#sheets.open('report', button),
      appeal: () => this.#sheets.open('appeal', button),
      hide: () => this.#sheets.open('hide', button),
      react: () => this.#on.react(comment, button),
      mute: () => this.#on.mute(comment),
      unmute: () => this.#on.unmute(comment),
      'form-cancel': () => this.#sheets.close(button.closest('[data-form]')),
    };
    acts[button.dataset.action]();
  }

  #key(event) {
    const comment = event.target.closest('[data-comment]');
    const sheet = event.target.closest('[data-form]');
    if (sheet) {
      if (isCancelKey(event)) this.#sheets.close(sheet);
      if (!event.target.matches('textarea') || !isSendKey(event)) return;
      event.preventDefault();
      this.#sheets.send(sheet);
    } else if (event.target.matches('[data-editor] textarea') && isSendKey(event)) {
      event.preventDefault();
      this.#save(comment);
    } else if (isCancelKey(event) && event.target.closest('[data-editor]')) {
      this.#closeEditor(comment);
    } else if (isCancelKey(event) && event.target.closest('[data-confirm]')) {
      this.#cancelConfirm(comment);
    }
  }

  // --- Editing in place ---

  #openEditor(comment) {
    if (comment.querySelector('[data-editor]')) return;
    const editor = this.#templates.editor.content.cloneNode(true).querySelector('[data-editor]');
    const field = editor.querySelector('textarea');
    field.value = comment.dataset.content;
    comment.querySelector('[data-text]').hidden = true;
    comment.querySelector('[data-actions]').hidden = true;
    comment.querySelector('[data-text]').after(editor);
    growWithText(field);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  #closeEditor(comment) {
    comment.querySelector('[data-editor]')?.remove();
    comment.querySelector('[data-text]').hidden = false;
    comment.querySelector('[data-actions]').hidden = false;
    comment.querySelector('[data-action="edit"]').focus();
  }

  async #save(comment) {
    const editor = comment.querySelector('[data-editor]');
    const field = editor.querySelector('textarea');
    const error = editor.querySelector('[data-editor-error]');
    const button = editor.querySelector('[type="submit"]');
    if (!field.value.trim() || button.ariaDisabled) return;
    if (field.value === comment.dataset.content) {
      this.#closeEditor(comment);
      return;
    }
    // Not `disabled`: that would take the focus away.
    button.ariaDisabled = 'true';
    error.hidden = true;
    try {
      await this.#on.edit(comment.dataset.id, field.value);
      this.#closeEditor(comment);
    } catch (problem) {
      error.textContent = this.#on.explain(problem);
      error.hidden = false;
    } finally {
      button.ariaDisabled = null;
    }
  }

  async #restore(comment, button) {
    const problem = comment.querySelector('[data-problem]');
    if (button.ariaDisabled) return;
    problem.hidden = true;
    button.ariaDisabled = 'true';
    try {
      await this.#on.restore(comment.dataset.id);
    } catch (error) {
      problem.textContent = this.#on.explain(error);
      problem.hidden = false;
    } finally {
      button.ariaDisabled = null;
    }
  }

  // --- Deleting in two steps ---

  #confirm(comment) {
    const actions = comment.querySelector('[data-actions]');
    if (actions.querySelector('[data-confirm]')) return;
    for (const link of actions.querySelectorAll(':scope > a')) link.classList.add('is-away');
    actions.append(this.#templates.confirm.content.cloneNode(true));
    actions.querySelector('[data-action="delete-yes"]').focus();
  }

  #cancelConfirm(comment) {
    const actions = comment.querySelector('[data-actions]');
    actions.querySelector('[data-confirm]')?.remove();
    for (const link of actions.querySelectorAll(':scope > a')) link.classList.remove('is-away');
    actions.querySelector('[data-action="delete"]').focus();
  }

  async #remove(comment, button) {
    const problem = comment.querySelector('[data-problem]');
    if (button.ariaDisabled) return;
    problem.hidden = true;
    button.ariaDisabled = 'true';
    try {
      await this.#on.remove(comment.dataset.id);
      button.textContent = gettext('Deleted');
    } catch (error) {
      this.#cancelConfirm(comment);
      problem.textContent = this.#on.explain(error);
      problem.hidden = false;
    }
  }
}
