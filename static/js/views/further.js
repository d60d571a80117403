import { gettext } from '../helpers/text.js';

// A way to more comments, earlier or later: a link that works by itself, until `load()` can do it in place. That
// resolves to whether it could; if not, the link is followed after all. `still(change)` makes a change without
// moving what is being read; `skeletons` stand there meanwhile.
export class Further {
  #root;
  #link;
  #skeletons;
  #words;
  #still;

  constructor({ root, link, skeletons = null, load, still }) {
    this.#root = root;
    this.#still = still;
    this.#link = link;
    this.#skeletons = skeletons;
    this.#words = link.textContent;
    link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (link.ariaDisabled !== 'true') this.#load(load);
    });
  }

  show(isThere, address) {
    this.#root.hidden = !isThere;
    this.#link.href = address;
  }

  // Where it stands among the parts of the page.
  place(before) {
    if (this.#root.nextElementSibling !== before) before.before(this.#root);
  }

  async #load(load) {
    this.#link.ariaDisabled = 'true';
    this.#link.textContent = gettext('Loading…');
    this.#showSkeletons(true);
    const address = this.#link.href;
    try {
      if (!(await load())) location.assign(address);
    } finally {
      this.#showSkeletons(false);
      this.#link.textContent = this.#words;
      this.#link.ariaDisabled = null;
    }
  }

  #showSkeletons(isShown) {
    if (this.#skeletons) this.#still(() => { this.#skeletons.hidden = !isShown; });
  }
}
