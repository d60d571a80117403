// Which reactions on this page are this reader's own, and how all of them look while a wish of theirs is
// under way: at once as if it were granted.

export class Reactions {
  #offered;
  #own = new Map();
  // "id emoji" -> { on, version }: what is wished, and the comment's version when it was.
  #wishes = new Map();
  #onChange;

  // `offered`: the site's emoji, in their order.
  constructor({ offered, onChange = () => {} }) {
    this.#offered = offered;
    this.#onChange = onChange;
  }

  // Comments came with `reacted`, this reader's own among their reactions. What is not in it is none.
  load(comments, reacted = {}) {
    for (const { _id } of comments) this.#set(_id, reacted[_id] ?? []);
    this.#onChange();
  }

  // This reader's own reactions to one comment, as another tab of theirs left them.
  set(id, emojis) {
    this.#set(id, emojis);
    this.#onChange();
  }

  isOwn(id, emoji) {
    return this.#wishes.get(key(id, emoji))?.on ?? this.#has(id, emoji);
  }

  // The other way round than it looks now. Whoever asks the server goes on as long as something is `wanted`.
  toggle(comment, emoji) {
    const on = !this.isOwn(comment._id, emoji);
    this.#wishes.set(key(comment._id, emoji), { on, version: comment.version });
    this.#onChange();
  }

  // What to ask for, or null.
  wanted(id, emoji) {
    return this.#wishes.get(key(id, emoji))?.on ?? null;
  }

  // The server has done `on`, and says which are this reader's own now. A wish may have changed meanwhile.
  settle(id, emoji, on, own, version) {
    this.#set(id, own);
    const wish = this.#wishes.get(key(id, emoji));
    if (wish?.on === on) this.#wishes.delete(key(id, emoji));
    else if (wish) wish.version = version;
    this.#onChange();
  }

  fail(id, emoji) {
    this.#wishes.delete(key(id, emoji));
    this.#onChange();
  }

  // What to show of a comment: [{ emoji, count, isOwn }], the site's in their order first.
  shown({ _id: id, reactions = {}, version }) {
    const emojis = new Set([...this.#offered, ...Object.keys(reactions)]);
    return [...emojis].flatMap((emoji) => {
      const isOwn = this.isOwn(id, emoji);
      const count = Math.max((reactions[emoji] ?? 0) + this.#ahead(id, emoji, version), Number(isOwn));
      return count > 0 ? [{ emoji, count, isOwn }] : [];
    });
  }

  // A count that has changed since the wish may have it in already: it is taken as it is.
  #ahead(id, emoji, version) {
    const wish = this.#wishes.get(key(id, emoji));
    if (!wish || wish.version !== version || wish.on === this.#has(id, emoji)) return 0;
    return wish.on ? 1 : -1;
  }

  #has(id, emoji) {
    return this.#own.get(id)?.has(emoji) ?? false;
  }

  #set(id, emojis) {
    if (emojis.length) this.#own.set(id, new Set(emojis));
    else this.#own.delete(id);
  }
}

function key(id, emoji) {
  return `${id} ${emoji}`;
}
