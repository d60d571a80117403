// Takes the word "Edit" away from comments whose time for changes is over, also while the page is open.

const LONGEST = 60 * 60 * 1000;

export class EditLinks {
  #root;
  #time;
  #clock = null;

  constructor({ root, time }) {
    this.#root = root;
    this.#time = time;
  }

  // After each change of the page; from then on by itself.
  refresh() {
    if (!this.#time.isLimited) return;
    clearTimeout(this.#clock);
    let next = Infinity;
    for (const link of this.#root.querySelectorAll('.is-own [data-action="edit"]:not([hidden])')) {
      const left = this.#left(link);
      if (left === 0) takeAway(link);
      else next = Math.min(next, left);
    }
    // A little later, for timers may be early.
    if (next !== Infinity) this.#clock = setTimeout(() => this.refresh(), Math.min(next + 50, LONGEST));
  }

  #left(link) {
    const moment = link.closest('[data-comment]').querySelector('[data-permalink] time').dateTime;
    return this.#time.left(moment);
  }
}

function takeAway(link) {
  const hadFocus = link === document.activeElement;
  link.hidden = true;
  if (hadFocus) link.parentElement.querySelector('a:not([hidden])')?.focus();
}
