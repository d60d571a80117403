import { format, gettext } from '../../helpers/text.js';

const FORM = '[data-follow-person]';

// The buttons with which somebody follows people, or no more; forms without the script. What is not followed
// any more stays on the page until it is loaded again: a slip is taken back where it was made.
export class PersonFollow {
  #root;

  // `follow({ userId, username, name, on })`
  constructor({ root, follow, isServed }) {
    this.#root = root;
    root.addEventListener('submit', (event) => {
      const form = event.target.closest(FORM);
      if (!form || !isServed()) return;
      event.preventDefault();
      const { followPerson: userId, username, name } = form.dataset;
      follow({ userId, username, name, on: form.elements.on.value === '1' });
    });
  }

  show(userId, on) {
    for (const form of this.#root.querySelectorAll(`${FORM}[data-follow-person="${CSS.escape(userId)}"]`)) {
      const button = form.querySelector('button');
      const { name } = form.dataset;
      form.elements.on.value = on ? '0' : '1';
      button.textContent = on ? gettext('Stop following') : gettext('Follow');
      const label = on ? gettext('Stop following %(name)s') : gettext('Follow %(name)s');
      button.setAttribute('aria-label', format(label, { name }));
      const only = form.parentElement.querySelector('[data-followed-only]');
      if (only) only.hidden = !on;
    }
  }
}
