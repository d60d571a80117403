import { gettext } from '../helpers/text.js';

// The way to earlier comments: a link that works by itself, until `load()` can do it in place. `load`
// resolves to whether there are still earlier ones, or to null: then the link is followed after all.
// `still(change)` makes a change without moving what is being read.
export class Earlier {
  #root;
  #link;
  #skeletons;
  #words;
  #still;

  constructor({ root, skeletons, load, still }) {
    this.#root = root;
    this.#still = still;
    this.#link = root.querySelector('a');
    this.#skeletons = skeletons;
    this.#words = this.#link.textContent;
    this.#link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (this.#link.ariaDisabled !== 'true') this.#load(load);
    });
  }

  show(hasEarlier, address) {
    this.#root.hidden = !hasEarlier;
    this.#link.href = address;
  }

  async #load(load) {
    this.#link.ariaDisabled = 'true';
    this.#link.textContent = gettext('Loading…');
    this.#still(() => { this.#skeletons.hidden = false; });
    const address = this.#link.href;
    try {
      if ((await load()) === null) location.assign(address);
    } finally {
      this.#still(() => { this.#skeletons.hidden = true; });
      this.#link.textContent = this.#words;
      this.#link.ariaDisabled = null;
    }
  }
}
