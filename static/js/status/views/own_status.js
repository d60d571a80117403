// The three buttons with which somebody says what they are to others; a form without the script.
export class OwnStatus {
  #form;

  // `choose(status)` resolves once it is so.
  constructor({ form, choose, isServed }) {
    this.#form = form;
    form.addEventListener('submit', (event) => {
      if (!isServed() || !event.submitter) return;
      event.preventDefault();
      choose(event.submitter.value);
    });
  }

  show(status) {
    for (const button of this.#form.querySelectorAll('button[name=status]')) {
      button.setAttribute('aria-pressed', String(button.value === status));
    }
  }
}
