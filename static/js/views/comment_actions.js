import { gettext } from '../helpers/text.js';
import { isCancelKey, isSendKey } from './text_field.js';

// What a reader can do with a comment, by one listener for all of them. `remove(id)` and `restore(id)` return
// promises; when one fails, its message is shown at the comment. `editors` change one in its place, `sheets` are
// the forms that need more than a click. Unless `isServed()`, links lead to their pages instead.
export class CommentActions {
  #root;
  #templates;
  #on;
  #editors;
  #sheets;

  constructor({ root, templates, editors, sheets, on }) {
    this.#root = root;
    this.#templates = templates;
    this.#on = on;
    this.#editors = editors;
    this.#sheets = sheets;
    root.addEventListener('click', (event) => this.#click(event));
    root.addEventListener('keydown', (event) => this.#key(event));
    root.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#sheets.send(event.target);
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
      edit: () => this.#editors.open(comment),
      delete: () => this.#confirm(comment),
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
      more: () => this.#more(button),
      'form-cancel': () => this.#sheets.close(button.closest('[data-form]')),
    };
    acts[button.dataset.action]();
  }

  // Where there is little room, what is done rarely waits behind one button.
  #more(button) {
    const isOpen = button.ariaExpanded === 'true';
    button.ariaExpanded = String(!isOpen);
    if (!isOpen) button.parentElement.querySelector(':scope > .more ~ a:not([hidden])')?.focus({ preventScroll: true });
  }

  #key(event) {
    const comment = event.target.closest('[data-comment]');
    const sheet = event.target.closest('[data-form]');
    if (sheet) {
      if (isCancelKey(event)) this.#sheets.close(sheet);
      if (!event.target.matches('textarea') || !isSendKey(event)) return;
      event.preventDefault();
      this.#sheets.send(sheet);
    } else if (isCancelKey(event) && event.target.closest('[data-confirm]')) {
      this.#cancelConfirm(comment);
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
