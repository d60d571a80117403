const MOST = 99;

// The bell in the header: how many are unread, in digits and in its name.
export class Bell {
  #link;
  #count;
  #name;

  constructor(link) {
    this.#link = link;
    this.#count = link.querySelector('[data-bell-count]');
    this.#name = link.querySelector('[data-bell-name]');
  }

  show(count) {
    const { name, nameUnread } = this.#link.dataset;
    const digits = count > MOST ? `${MOST}+` : String(count);
    this.#count.hidden = count === 0;
    this.#count.textContent = digits;
    this.#link.dataset.count = String(count);
    this.#name.textContent = count ? nameUnread.replace('%(count)s', String(count)) : name;
  }
}
