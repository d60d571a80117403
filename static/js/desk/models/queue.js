import { compareIds } from '../../postroom/core.js';

// More items than this are not kept on a page; those farthest from its beginning go.
const KEPT = 300;
// For so long (in milliseconds) what was read just before a decision may still arrive after it.
const LATE = 2000;

// The items of one queue as one moderator sees them. What they decided is gone at once (`away`) and comes
// back where the server refuses. Tells `onChange({ added, removed, selected })` after each change.
export class Queue {
  #items = [];
  #away = new Map();
  #settled = new Map();
  #lookers = new Map();
  #problems = new Map();
  #gone = new Map();
  #onChange;
  #now;

  constructor({
    name, order = 'newest', filters = {}, isFirstPage = true, me = '', items = [], cursor = null,
    onChange = () => {}, now = () => Date.now(),
  }) {
    this.name = name;
    this.order = order;
    this.filters = filters;
    this.isFirstPage = isFirstPage;
    this.me = me;
    this.cursor = cursor;
    this.selectedId = null;
    // An item that is being written about stays until that is over.
    this.heldId = null;
    this.#items = [...items];
    this.#onChange = onChange;
    this.#now = now;
  }

  // What is to be seen, in its order.
  get items() {
    return this.#items.filter(({ id }) => !this.#away.has(id));
  }

  get selected() {
    return this.item(this.selectedId);
  }

  item(id) {
    return this.#items.find((item) => item.id === id && !this.#away.has(id)) ?? null;
  }

  problem(id) {
    return this.#problems.get(id) ?? null;
  }

  // By whom an item was decided that is only kept because somebody writes about it.
  goneBy(id) {
    return this.#gone.get(id) ?? null;
  }

  // Others who look at an item.
  lookers(id) {
    return (this.#lookers.get(id) ?? []).filter((person) => person.id !== this.me);
  }

  // --- From the server ---

  // The first page anew. What stood after its end stays: nobody has said anything about that.
  load(items, cursor) {
    if (!this.isFirstPage) return;
    const fresh = new Set(items.map(({ id }) => id));
    const last = items.at(-1);
    const beyond = last && cursor !== null ? this.#items.filter((item) => !fresh.has(item.id) && this.#compare(item, last) > 0) : [];
    const held = this.#items.filter((item) => item.id === this.heldId && !fresh.has(item.id));
    const before = this.#items.map(({ id }) => id);
    if (!beyond.length) this.cursor = cursor;
    this.#keepPlace(() => {
      this.#items = [...items, ...beyond.filter(({ id }) => id !== this.heldId)];
      for (const item of held) this.#insert(item);
    });
    this.#tell({ added: [...fresh].filter((id) => !before.includes(id)) });
  }

  // The page after the last one.
  append(items, cursor) {
    const known = new Set(this.#items.map(({ id }) => id));
    this.#items.push(...items.filter(({ id }) => !known.has(id)));
    this.cursor = cursor;
    this.#tell({});
  }

  changed(item) {
    const { id } = item;
    const late = this.#settled.get(id);
    if (late && late.seen === item.seen && this.#now() - late.at < LATE) return;
    const index = this.#items.findIndex((each) => each.id === id);
    if (!item.queues.includes(this.name) || !this.#fits(item)) {
      if (index >= 0) this.gone({ id, by: item.decision?.by ?? '', byId: '', verdict: item.decision?.verdict ?? '' });
      return;
    }
    this.#gone.delete(id);
    if (index >= 0) {
      this.#items[index] = item; // where it stands: nothing jumps because somebody reports it
      this.#tell({ updated: [id] });
    } else if (this.isFirstPage && this.#isWithin(item)) {
      this.#insert(item);
      this.#trim();
      this.#tell({ added: [id] });
    }
  }

  // Something left the queue; { id, by, byId, verdict } as the server says it.
  gone(what) {
    const { id } = what;
    if (!this.#items.some((item) => item.id === id)) return;
    if (id === this.heldId && !this.#away.has(id)) {
      this.#gone.set(id, what);
      this.#tell({ updated: [id] });
      return;
    }
    this.#keepPlace(() => this.#remove(id));
    this.#tell({ removed: this.#away.has(id) ? [] : [what] });
  }

  looking(id, people) {
    if (people.length) this.#lookers.set(id, people);
    else this.#lookers.delete(id);
    this.#tell({ updated: [id] });
  }

  // Everybody who looks at something: { id: people }.
  lookingAll(map) {
    this.#lookers = new Map(Object.entries(map));
    this.#tell({ updated: this.items.map(({ id }) => id) });
  }

  // --- From the moderator ---

  select(id) {
    if (this.selectedId === id) return;
    this.selectedId = this.item(id) ? id : null;
    this.#tell({});
  }

  // Steps from the selected item; the first or last stays.
  step(by) {
    const { items } = this;
    if (!items.length) return;
    const index = items.findIndex(({ id }) => id === this.selectedId);
    const next = index < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(Math.max(index + by, 0), items.length - 1);
    this.select(items[next].id);
  }

  // Keeps an item while something is written about it; null lets go.
  hold(id) {
    const before = this.heldId;
    this.heldId = id;
    const gone = before !== id && this.#gone.get(before);
    if (!gone) return;
    this.#gone.delete(before);
    this.gone(gone);
  }

  // Takes an item from view because of a decision that is under way.
  decide(id) {
    const item = this.item(id);
    if (!item) return null;
    this.#problems.delete(id);
    if (this.heldId === id) this.heldId = null;
    this.#keepPlace(() => this.#away.set(id, item));
    this.#tell({});
    return item;
  }

  // The server has done it.
  settled(id) {
    const item = this.#away.get(id);
    if (!item) return;
    this.#away.delete(id);
    this.#gone.delete(id);
    this.#settled.set(id, { seen: item.seen, at: this.#now() });
    this.#items = this.#items.filter((each) => each.id !== id);
    this.#tell({});
  }

  // The server has not done it: the item is back, unless it has left meanwhile.
  refused(id, problem) {
    if (!this.#away.delete(id)) return;
    if (this.#items.some((item) => item.id === id)) {
      this.#problems.set(id, problem);
      this.selectedId = id;
      this.#tell({ updated: [id] });
    } else {
      this.#tell({});
    }
  }

  // A decision was taken back: what is heard of the item from now on is news again.
  undone(id) {
    this.#settled.delete(id);
  }

  // --- Inside ---

  #remove(id) {
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#problems.delete(id);
    this.#gone.delete(id);
  }

  // Does something after which the selected item may be gone; then its successor is selected.
  #keepPlace(change) {
    const before = this.items.map(({ id }) => id);
    const place = before.indexOf(this.selectedId);
    change();
    if (place < 0) return;
    const left = new Set(this.items.map(({ id }) => id));
    const heirs = [...before.slice(place), ...before.slice(0, place).reverse()];
    this.selectedId = heirs.find((id) => left.has(id)) ?? this.items[0]?.id ?? null;
  }

  #insert(item) {
    const place = this.#items.findIndex((each) => this.#compare(item, each) < 0);
    this.#items.splice(place < 0 ? this.#items.length : place, 0, item);
  }

  // Whether an item belongs among those that are here, and not to a page that nobody has asked for yet.
  #isWithin(item) {
    return this.cursor === null || this.#items.some((each) => this.#compare(item, each) < 0);
  }

  // What was let go is fetched again from the beginning, should anybody get there.
  #trim() {
    if (this.#items.length > KEPT) this.cursor = '';
    for (let index = this.#items.length - 1; this.#items.length > KEPT && index >= 0; index -= 1) {
      const { id } = this.#items[index];
      if (id !== this.selectedId && id !== this.heldId && !this.#away.has(id)) this.#items.splice(index, 1);
    }
  }

  #compare(a, b) {
    if (this.name === 'appeals') return byAppeal(a, b) * (this.order === 'newest' ? -1 : 1);
    if (this.order === 'oldest') return byAge(a, b);
    if (this.order === 'newest') return byAge(b, a);
    return b.priority - a.priority || (a.priority > 0 ? compareIds(b.id, a.id) : byAge(b, a));
  }

  #fits(item) {
    const { postId, authorId, reason, since, until, search } = this.filters;
    const created = Date.parse(item.createdAt);
    if (postId && item.postId !== postId) return false;
    if (authorId && item.author.id !== authorId) return false;
    if (reason && !reasonsOf(item, this.name).includes(reason)) return false;
    if ((since && created < Date.parse(since)) || (until && created >= Date.parse(until))) return false;
    if (!search) return true;
    const words = [item.content, item.author.name, item.author.username];
    return words.some((text) => text.toLowerCase().includes(search.toLowerCase()));
  }

  #tell({ added = [], removed = [], updated = [] }) {
    this.#onChange({ added, removed, updated });
  }
}

function byAge(a, b) {
  return Date.parse(a.createdAt) - Date.parse(b.createdAt) || compareIds(a.id, b.id);
}

function byAppeal(a, b) {
  return compareIds(a.appeal?.id ?? '', b.appeal?.id ?? '');
}

function reasonsOf(item, queue) {
  return queue === 'reported' ? item.flags.map(({ reason }) => reason) : [item.reason];
}
