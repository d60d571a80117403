// Decisions that can be taken back, the last one first; the next page of this tab knows them, too.

const KEPT = 20;
const KEY = 'desk-decisions';

export class UndoStack {
  #storage;
  #entries;

  constructor({ storage = null, userId }) {
    this.#storage = storage;
    this.key = `${KEY}-${userId}`;
    this.#entries = this.#read();
  }

  get last() {
    return this.#entries.at(-1) ?? null;
  }

  // `entry`: { decisionId, commentId, text }.
  push(entry) {
    this.#entries = [...this.#entries.filter(({ decisionId }) => decisionId !== entry.decisionId), entry].slice(-KEPT);
    this.#write();
  }

  drop(decisionId) {
    this.#entries = this.#entries.filter((entry) => entry.decisionId !== decisionId);
    this.#write();
  }

  #read() {
    try {
      const kept = JSON.parse(this.#storage?.getItem(this.key) ?? '[]');
      return Array.isArray(kept) ? kept.filter((entry) => typeof entry?.decisionId === 'string') : [];
    } catch {
      return []; // nobody else writes there, but a browser may refuse
    }
  }

  #write() {
    try {
      this.#storage?.setItem(this.key, JSON.stringify(this.#entries));
    } catch {
      // Full or forbidden: then only this page knows them.
    }
  }
}
