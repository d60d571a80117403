import { gettext } from '../helpers/text.js';
import { growWithText } from './text_field.js';

// Forms that open in a comment, in place of its actions: reporting it, appealing, hiding it. `submit(kind,
// comment, values)` returns a promise of what to say thanks with, or of nothing where the page shows it by
// itself; when it fails, `explain(problem)` is shown in the form.
export class Sheets {
  #templates;
  #submit;
  #explain;

  constructor({ templates, submit, explain }) {
    this.#templates = templates;
    this.#submit = submit;
    this.#explain = explain;
  }

  open(kind, opener) {
    const comment = opener.closest('[data-comment]');
    const actions = opener.closest('[data-actions]');
    for (const other of comment.querySelectorAll('[data-form]')) this.close(other);
    comment.querySelector('[data-thanks]')?.remove();
    const form = this.#templates[kind].content.cloneNode(true).querySelector('[data-form]');
    actions.hidden = true;
    actions.after(form);
    for (const field of form.querySelectorAll('textarea')) growWithText(field);
    form.querySelector('input, textarea').focus({ preventScroll: true });
    form.scrollIntoView({ block: 'nearest' });
  }

  close(form) {
    const actions = form.previousElementSibling;
    const { form: kind } = form.dataset;
    form.remove();
    actions.hidden = false;
    actions.querySelector(`[data-action="${kind}"]`).focus();
  }

  async send(form) {
    const comment = form.closest('[data-comment]');
    const button = form.querySelector('[type="submit"]');
    const problem = form.querySelector('[data-form-problem]');
    const values = Object.fromEntries(new FormData(form));
    // Not `disabled`: that would take the focus away.
    if (button.ariaDisabled) return;
    problem.hidden = true;
    const missing = missingIn(form);
    if (missing) {
      show(problem, missing.message);
      missing.field.focus();
      return;
    }
    button.ariaDisabled = 'true';
    try {
      const thanks = await this.#submit(form.dataset.form, comment, values);
      if (thanks) thank(form, thanks);
    } catch (error) {
      show(problem, this.#explain(error));
    } finally {
      button.ariaDisabled = null;
    }
  }
}

function missingIn(form) {
  const choice = form.querySelector('[type="radio"][required]');
  if (choice && !form.querySelector('[type="radio"]:checked')) {
    return { field: choice, message: gettext('Please choose a reason.') };
  }
  const text = [...form.querySelectorAll('textarea[required]')].find((field) => !field.value.trim());
  return text ? { field: text, message: gettext('Please write something.') } : null;
}

function show(problem, text) {
  problem.textContent = text;
  problem.hidden = false;
}

function thank(form, text) {
  const actions = form.previousElementSibling;
  const thanks = document.createElement('p');
  thanks.className = 'comment-thanks';
  thanks.dataset.thanks = '';
  thanks.tabIndex = -1;
  thanks.textContent = text;
  form.replaceWith(thanks);
  actions.hidden = false;
  thanks.focus({ preventScroll: true });
}
