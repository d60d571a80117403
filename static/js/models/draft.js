// What stands in the composer of a post, kept while it is neither sent nor thrown away.

const PREFIX = 'postroom.draft';

export class Draft {
  #storage;

  constructor({ storage, userId, postId }) {
    this.key = `${PREFIX}.${userId}.${postId}`;
    this.#storage = storage;
  }

  // { content, parentId, parentName }
  load() {
    const empty = { content: '', parentId: null, parentName: null };
    try {
      const { content, parentId, parentName } = JSON.parse(this.#storage.getItem(this.key)) ?? {};
      return typeof content === 'string'
        ? { content, parentId: parentId ?? null, parentName: parentName ?? null }
        : empty;
    } catch {
      return empty;
    }
  }

  save({ content, parentId = null, parentName = null }) {
    if (!content.trim()) return this.clear();
    try {
      this.#storage.setItem(this.key, JSON.stringify({ content, parentId, parentName }));
    } catch {
      // Storage is full or forbidden: the text still stands in the field.
    }
  }

  clear() {
    try {
      this.#storage.removeItem(this.key);
    } catch {
      // Forbidden storage holds no draft either.
    }
  }
}
