// What somebody has begun to write under a post and neither sent nor thrown away: a comment, replies, edits.
// Each is kept under a key of its own, so that going from one reply to another and back loses neither:
//
//   postroom.draft.<user>.<post>                    { content, parentId: null, at }
//   postroom.draft.<user>.<post>.<parent>           { content, parentId, parentName, at }
//   postroom.draft.<user>.<post>.edit.<comment>     { content, base, at }: `base` is the text it began from
//
// `at` is when it was last worked on. What the storage does not take is kept in memory.

const PREFIX = 'postroom.draft.';
// In place of a reader's id: whoever writes before logging in.
export const VISITOR = 'visitor';
// For so long, in milliseconds, a visitor's draft is taken to be by whoever logs in: a letter with a link may
// take a while, but a browser may also be anybody's tomorrow.
const OURS_FOR = 24 * 60 * 60 * 1000;
// A draft that nobody has touched for so long (in milliseconds) is forgotten.
const KEPT_FOR = 30 * 24 * 60 * 60 * 1000;

export class Draft {
  #storage;
  #now;
  #memory = new Map();

  constructor({ storage, userId, postId, now = Date.now }) {
    this.key = `${PREFIX}${userId}.${postId}`;
    this.#storage = storage;
    this.#now = now;
  }

  // { content, parentId, parentName }: the reply to a comment, with `null` the comment itself; without an
  // argument the one that was worked on last.
  load(parentId) {
    if (parentId === undefined) return this.all()[0] ?? told({});
    return told(this.#read(this.#keyOf(parentId)) ?? { parentId });
  }

  save({ content, parentId = null, parentName = null }) {
    if (!content.trim()) return this.clear(parentId);
    this.#write(this.#keyOf(parentId), { content, parentId, parentName });
  }

  clear(parentId = null) {
    this.#remove(this.#keyOf(parentId));
  }

  // The comment and all replies that are kept, what was worked on last first.
  all() {
    return this.#sorted().map(told);
  }

  // Takes over what was written before logging in, ahead of what was begun here earlier. A visitor writes one
  // text, whatever it is to answer: the newest.
  adopt(visitors) {
    const kept = visitors.#newest();
    for (const { parentId } of visitors.all()) visitors.clear(parentId);
    if (!kept || this.#now() - kept.at > OURS_FOR) return;
    const { content, parentId, parentName } = told(kept);
    const earlier = this.load(parentId).content;
    const isSame = earlier.trim() === content.trim();
    this.save({ content: earlier && !isSame ? `${content}\n\n${earlier}` : content, parentId, parentName });
  }

  // Null, or { content, base }.
  loadEdit(commentId) {
    const kept = this.#read(`${this.key}.edit.${commentId}`);
    return kept && { content: kept.content, base: typeof kept.base === 'string' ? kept.base : null };
  }

  // The changes that were begun and not saved: [{ commentId, content }], the latest first.
  edits() {
    const start = `${this.key}.edit.`;
    const keys = this.#keys().filter((key) => key.startsWith(start));
    const kept = keys.map((key) => ({ ...this.#read(key), commentId: key.slice(start.length) }));
    const found = kept.filter(({ content }) => content !== undefined).sort((one, other) => other.at - one.at);
    return found.map(({ commentId, content }) => ({ commentId, content }));
  }

  saveEdit(commentId, { content, base }) {
    if (content === base) return this.clearEdit(commentId);
    this.#write(`${this.key}.edit.${commentId}`, { content, base });
  }

  clearEdit(commentId) {
    this.#remove(`${this.key}.edit.${commentId}`);
  }

  // Whether a change of the storage under this key is about an edit here.
  concernsEdit(key) {
    return Boolean(key?.startsWith(`${this.key}.edit.`));
  }

  // Which draft a change of the storage under this key is about: its `parentId`, or undefined.
  concerns(key) {
    if (key === this.key) return null;
    if (!key?.startsWith(`${this.key}.`) || key.includes('.edit.')) return undefined;
    return key.slice(this.key.length + 1);
  }

  // Forgets what is old, whosever it is: of most posts no page is opened again.
  sweep() {
    try {
      const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index));
      for (const key of keys.filter((each) => each?.startsWith(PREFIX))) {
        const kept = parse(this.#storage.getItem(key));
        if (!kept || this.#isOld(kept)) this.#storage.removeItem(key);
      }
    } catch {
      // Forbidden storage holds no drafts.
    }
  }

  #sorted() {
    const kept = this.#keys().filter((key) => !key.includes('.edit.')).map((key) => this.#read(key));
    return kept.filter(Boolean).sort((one, other) => other.at - one.at);
  }

  #newest() {
    return this.#sorted()[0] ?? null;
  }

  #isOld({ at }) {
    return this.#now() - at > KEPT_FOR;
  }

  #keyOf(parentId) {
    return parentId === null ? this.key : `${this.key}.${parentId}`;
  }

  #keys() {
    const keys = new Set(this.#memory.keys());
    try {
      for (let index = 0; index < this.#storage.length; index += 1) {
        const key = this.#storage.key(index);
        if (key === this.key || key?.startsWith(`${this.key}.`)) keys.add(key);
      }
    } catch {
      // Forbidden: memory is all there is.
    }
    return [...keys];
  }

  #read(key) {
    if (this.#memory.has(key)) return this.#memory.get(key);
    try {
      const kept = parse(this.#storage.getItem(key));
      return kept && !this.#isOld(kept) ? kept : null;
    } catch {
      return null;
    }
  }

  #write(key, value) {
    const kept = { ...value, at: this.#now() };
    try {
      this.#storage.setItem(key, JSON.stringify(kept));
      this.#memory.delete(key);
    } catch {
      // Storage is full or forbidden. An older text there must not come back.
      this.#memory.set(key, kept);
    }
  }

  #remove(key) {
    this.#memory.delete(key);
    try {
      this.#storage.removeItem(key);
    } catch {
      // Forbidden storage holds no draft either.
    }
  }
}

function told({ content = '', parentId = null, parentName = null }) {
  return { content, parentId: parentId ?? null, parentName: parentName ?? null };
}

// Null for what is no draft.
function parse(text) {
  try {
    const kept = JSON.parse(text);
    if (typeof kept?.content !== 'string') return null;
    return { ...kept, at: Number.isFinite(kept.at) ? kept.at : Infinity };
  } catch {
    return null;
  }
}
