// Which part of a long list is really on the page. Up to `all` items everything is; of more only what is
// within `screens` of the reader's view, and the rest is empty room of the same height. Heights are in pixels:
// as they were measured when the item was on the page, or the average of those that were.
export class ListWindow {
  #all;
  #screens;
  #heights = new Map();
  #sum = 0;
  #from = 0;
  #to = 0;
  #keys = [];

  constructor({ all = 150, screens = 2.5 } = {}) {
    this.#all = all;
    this.#screens = screens;
  }

  measured(key, height) {
    this.#sum += height - (this.#heights.get(key) ?? 0);
    this.#heights.set(key, height);
  }

  height(key) {
    return this.#heights.get(key) ?? (this.#heights.size ? this.#sum / this.#heights.size : 80);
  }

  // The items of the list from now on; what is known of others is forgotten.
  set keys(keys) {
    this.#keys = keys;
    if (this.#heights.size <= keys.length * 2 + this.#all) return;
    const there = new Set(keys);
    for (const [key, height] of this.#heights) {
      if (there.has(key)) continue;
      this.#heights.delete(key);
      this.#sum -= height;
    }
  }

  // Whether everything is on the page.
  get isWhole() {
    return this.#keys.length <= this.#all;
  }

  // The part for what the reader sees, `screen` high: items `at` known distances below its upper edge
  // ([[key, distance], …], the first that is still in the list counts), or else what begins `top` below the
  // list's begin; or the item `around` in the middle. Returns indices { from, to }, `to` excluded.
  choose({ top, screen, at = [], around = null }) {
    if (this.isWhole) return this.#set(0, this.#keys.length);
    const start = around === null ? this.#start(top, at) : this.#topOf(around) - screen / 2;
    return this.#set(...this.#between(start - screen * this.#screens, start + screen * (this.#screens + 1)));
  }

  // Whether the reader comes near the end of what is there.
  isLeaving({ top, screen, at = [] }) {
    if (this.isWhole) return false;
    const start = this.#start(top, at);
    const [from, to] = this.#between(start - screen, start + 2 * screen);
    return from < this.#from || to > this.#to;
  }

  #set(from, to) {
    this.#from = from;
    this.#to = to;
    return { from, to };
  }

  #start(top, at) {
    for (const [key, distance] of at) {
      const begin = this.#topOf(key);
      if (begin !== null) return begin - distance;
    }
    return top;
  }

  #topOf(key) {
    let top = 0;
    for (const each of this.#keys) {
      if (each === key) return top;
      top += this.height(each);
    }
    return null;
  }

  // Which items touch these pixels; where none does, those at the nearer end.
  #between(top, bottom) {
    const count = this.#keys.length;
    let from = count;
    let to = 0;
    let start = 0;
    for (let index = 0; index < count; index += 1) {
      const end = start + this.height(this.#keys[index]);
      if (end > top && start < bottom) {
        from = Math.min(from, index);
        to = index + 1;
      }
      start = end;
    }
    if (from < to) return [from, to];
    const some = Math.min(20, count);
    return bottom <= 0 ? [0, some] : [count - some, count];
  }
}
