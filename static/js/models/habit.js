// Something that a reader likes to have one way or the other, remembered in this browser.

const PREFIX = 'postroom.habit.';

export class Habit {
  #storage;
  #key;
  #isOn;

  constructor({ storage, name, usual }) {
    this.#storage = storage;
    this.#key = PREFIX + name;
    this.#isOn = this.#read() ?? usual;
  }

  get isOn() {
    return this.#isOn;
  }

  toggle() {
    this.#isOn = !this.#isOn;
    try {
      this.#storage.setItem(this.#key, this.#isOn ? 'on' : 'off');
    } catch {
      // Forgotten with the page, then.
    }
  }

  #read() {
    try {
      return { on: true, off: false }[this.#storage.getItem(this.#key)] ?? null;
    } catch {
      return null;
    }
  }
}
