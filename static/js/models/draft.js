// What stands in the composer of a post, kept while it is neither sent nor thrown away.

const PREFIX = 'postroom.draft';
// In place of a reader's id: whoever writes before logging in.
export const VISITOR = 'visitor';
// For so long, in milliseconds, a visitor's draft is taken to be by whoever logs in: a letter with a link may
// take a while, but a browser may also be anybody's tomorrow.
const OURS_FOR = 24 * 60 * 60 * 1000;

export class Draft {
  #storage;
  #now;

  constructor({ storage, userId, postId, now = Date.now }) {
    this.key = `${PREFIX}.${userId}.${postId}`;
    this.#storage = storage;
    this.#now = now;
  }

  // { content, parentId, parentName }
  load() {
    const { content, parentId, parentName } = this.#read();
    return { content, parentId, parentName };
  }

  save({ content, parentId = null, parentName = null }) {
    if (!content.trim()) return this.clear();
    try {
      this.#storage.setItem(this.key, JSON.stringify({ content, parentId, parentName, savedAt: this.#now() }));
    } catch {
      // Storage is full or forbidden: the text still stands in the field.
    }
  }

  // Takes over what was written before logging in, ahead of what was begun here earlier.
  adopt(visitors) {
    const { content, parentId, parentName, savedAt } = visitors.#read();
    visitors.clear();
    if (!content || savedAt < this.#now() - OURS_FOR) return;
    const earlier = this.load();
    const isSame = earlier.content.trim() === content.trim();
    const both = earlier.content && !isSame ? `${content}\n\n${earlier.content}` : content;
    this.save({ content: both, parentId, parentName });
  }

  clear() {
    try {
      this.#storage.removeItem(this.key);
    } catch {
      // Forbidden storage holds no draft either.
    }
  }

  #read() {
    const empty = { content: '', parentId: null, parentName: null, savedAt: 0 };
    try {
      const { content, parentId, parentName, savedAt } = JSON.parse(this.#storage.getItem(this.key)) ?? {};
      return typeof content === 'string'
        ? { content, parentId: parentId ?? null, parentName: parentName ?? null, savedAt: savedAt ?? 0 }
        : empty;
    } catch {
      return empty;
    }
  }
}
