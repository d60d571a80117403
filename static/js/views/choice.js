// Some links of which one is chosen, without leaving the page; opened in another tab they are links.
export class Choice {
  #root;

  constructor({ root, onChoose }) {
    this.#root = root;
    root.addEventListener('click', (event) => {
      const link = event.target.closest('[data-choice]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0) return;
      event.preventDefault();
      this.choose(link.dataset.choice);
      onChoose(link.dataset.choice);
    });
  }

  set isShown(isShown) {
    this.#root.hidden = !isShown;
  }

  choose(choice) {
    for (const link of this.#links) {
      if (link.dataset.choice === choice) link.ariaCurrent = 'true';
      else link.ariaCurrent = null;
    }
  }

  // Whether this one can be chosen at all.
  offer(choice, isOffered) {
    for (const link of this.#links) if (link.dataset.choice === choice) link.hidden = !isOffered;
  }

  get #links() {
    return this.#root.querySelectorAll('[data-choice]');
  }
}
