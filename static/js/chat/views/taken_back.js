import { compareIds } from '../../postroom/core.js';
import { showTime } from '../../views/relative_time.js';

// What the other one took back after it was read, the newest first: what it said is away, and can be reported still.
export class TakenBackList {
  #root;
  #list;
  #template;
  #address;

  constructor({ root, template, address }) {
    this.#root = root;
    this.#list = root.querySelector('ul');
    this.#template = template;
    this.#address = address;
  }

  add({ _id, createdAt }) {
    const rows = [...this.#list.children];
    if (rows.some(({ dataset }) => dataset.id === _id)) return;
    const row = this.#template.content.firstElementChild.cloneNode(true);
    row.dataset.id = _id;
    showTime(row.querySelector('[data-time]'), createdAt);
    row.querySelector('[data-report]').href = this.#address(_id);
    const later = rows.find(({ dataset }) => compareIds(dataset.id, _id) < 0);
    this.#list.insertBefore(row, later ?? null);
    this.#root.hidden = false;
  }
}
