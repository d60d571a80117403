import { SERVER_EVENTS } from './events.js';
import { compareIds } from './ids.js';

// How long a missing change may still arrive by itself before we ask for it, in milliseconds.
const GAP_WAIT = 300;

// What this page knows of a post's comments, and up to which version. It applies changes strictly in
// the order of their versions; when one is missing it waits a moment and then calls `onGap(version)`,
// to which the answer is `load(...)` or, if asking failed, `askAgain(delay)`.
//
// The page may show only a part: `hasEarlier` comments before its first, and, unless `reachesEnd`,
// later ones after its last. What happens outside that part is counted and not kept.
export class Room {
  #comments = new Map();
  #waiting = new Map();
  #heard = 0;
  #asking = false;
  #asked = 0;
  #unsure = null;
  #timer = null;
  #first = null;
  #edge = null;
  // What was left out since a page was asked for, by id; null unless one is under way.
  #beyond = null;
  #pagesExpected = 0;
  #onChange;
  #onGap;
  #timers;
  #reword;

  // `reword(comment)` may put other words into what the server says, the reader's own.
  constructor({
    version,
    count,
    comments = [],
    hasEarlier = false,
    reachesEnd = true,
    onChange = () => {},
    onGap = () => {},
    timers = globalThis,
    reword = (comment) => comment,
  }) {
    this.version = version;
    this.count = count;
    this.hasEarlier = hasEarlier;
    this.reachesEnd = reachesEnd;
    this.#onChange = onChange;
    this.#onGap = onGap;
    this.#timers = timers;
    this.#reword = reword;
    for (const comment of comments) this.#comments.set(comment._id, comment);
    const ids = comments.filter((comment) => !comment.removed).map((comment) => comment._id).sort(compareIds);
    this.#first = ids.at(0) ?? null;
    if (!reachesEnd) this.#edge = ids.at(-1) ?? null;
  }

  get comments() {
    return this.#comments.values();
  }

  // How many there are here, with what is left of removed ones.
  get size() {
    return this.#comments.size;
  }

  // The oldest comment on the page: earlier ones come before it.
  get first() {
    return this.#first;
  }

  // The last comment of an uninterrupted page; later ones come after it.
  get last() {
    if (this.#edge !== null) return this.#edge;
    let last = null;
    for (const { _id, removed } of this.#comments.values()) {
      if (!removed && (last === null || compareIds(_id, last) > 0)) last = _id;
    }
    return last;
  }

  // What stands on the page before this id may have changed without our hearing of it; null if nothing
  // does. Fetch the page before it and call `refresh` until this is null.
  get unsure() {
    return this.#unsure;
  }

  // What is left of a comment that is gone: whose it was, and `by` whom it was taken away.
  mark(id) {
    const known = this.#comments.get(id);
    return known?.removed ? known : null;
  }

  comment(id) {
    const known = this.#comments.get(id);
    return known && !known.removed ? known : null;
  }

  // An event of the room, in whatever order it arrives.
  receive(event, payload) {
    if (payload.version <= this.version) return;
    this.#waiting.set(payload.version, { event, payload });
    this.#drain();
  }

  // The room has reached this version, whether or not we heard of the change.
  hear(version) {
    this.#heard = Math.max(this.#heard, version);
    this.#watch();
  }

  // The server's answer to joining: everything that changed since our version, or the newest page.
  load(comments, { kind, version, hasMore, count }) {
    const change = emptyChange('catch-up');
    // We know versions that the server does not: it was set back to an earlier state, from a backup say.
    if (kind === 'snapshot' && version < this.#asked) this.#forget(comments, change);
    if (kind === 'snapshot') this.#replace(comments, hasMore, version, change);
    else for (const comment of comments) this.#take(comment, change);
    if (version >= this.version) {
      this.version = version;
      this.count = count ?? this.count;
    }
    for (const late of this.#waiting.keys()) if (late <= this.version) this.#waiting.delete(late);
    this.#asking = false;
    this.#onChange(change);
    this.#drain();
  }

  // The page before `before`, once more, as it was when we had reached `version` or later.
  refresh(comments, { before, hasMore, version }) {
    const change = emptyChange('refresh');
    const there = new Set(comments.map((comment) => comment._id));
    const start = hasMore ? (comments.at(0)?._id ?? null) : null;
    const isOlder = (id) => start !== null && compareIds(id, start) < 0;
    for (const { _id, removed } of [...this.#comments.values()]) {
      if (removed || there.has(_id) || isOlder(_id) || compareIds(_id, before) >= 0) continue;
      this.#remove({ _id, version }, change);
    }
    for (const comment of comments) if (!this.#isLater(comment._id)) this.#put(comment, change);
    this.#unsure = this.#shown().some(isOlder) ? start : null;
    this.#onChange(change);
  }

  // Somebody asks for another page. What changes outside ours until it is here would be lost: the page may
  // have been read before.
  expectPage() {
    this.#pagesExpected += 1;
    this.#beyond ??= new Map();
  }

  // It does not come.
  giveUpPage() {
    this.#pagesExpected = Math.max(0, this.#pagesExpected - 1);
    if (!this.#pagesExpected) this.#beyond = null;
  }

  // The page before ours.
  addEarlier(comments, hasMore) {
    const change = emptyChange('earlier');
    this.hasEarlier = hasMore;
    this.#first = comments.at(0)?._id ?? this.#first;
    this.#takePage(comments, change);
    this.#onChange(change);
  }

  // The page after ours.
  addLater(comments, hasLater) {
    const change = emptyChange('later');
    this.#end(comments, hasLater);
    this.#takePage(comments, change);
    this.#onChange(change);
  }

  // A page from elsewhere, which takes the place of what we have.
  open(comments, { hasEarlier, hasLater }) {
    const change = emptyChange('opened');
    const there = new Set(comments.map(({ _id }) => _id));
    change.removed = this.#shown().filter((id) => !there.has(id));
    for (const id of change.removed) this.#comments.delete(id);
    this.hasEarlier = hasEarlier;
    this.#first = comments.at(0)?._id ?? null;
    this.#unsure = null;
    this.#edge = null;
    this.#end(comments, hasLater);
    this.#takePage(comments, change);
    this.#onChange(change);
  }

  // Forgets what is far from the reader, so that a page that is open for days does not grow for ever: the `earliest`
  // or the `latest` comments, until `most` are left or one comes that `isNeeded(id)`. They are on the server.
  trim(end, { most, isNeeded }) {
    const shown = this.#shown();
    const far = end === 'earliest' ? shown : [...shown].reverse();
    const excess = far.slice(0, Math.max(0, shown.length - most));
    const stop = excess.findIndex(isNeeded);
    const gone = new Set(stop < 0 ? excess : excess.slice(0, stop));
    if (!gone.size) return;
    const change = { ...emptyChange('trimmed'), removed: [...gone] };
    for (const comment of this.#comments.values()) {
      // Its parent is on another page from now on.
      if (gone.has(comment.parentId) && !comment.removed) {
        comment.parentName ??= this.#comments.get(comment.parentId).author.name;
        change.updated.push(comment._id);
      }
    }
    for (const id of gone) this.#comments.delete(id);
    const left = shown.filter((id) => !gone.has(id));
    if (end === 'earliest') {
      [this.#first] = left;
      this.hasEarlier = true;
      if (this.#unsure !== null && compareIds(this.#unsure, this.#first) <= 0) this.#unsure = null;
    } else {
      this.#edge = left.at(-1);
      this.reachesEnd = false;
    }
    // What is left of removed ones goes with those around them.
    for (const { _id, removed } of [...this.#comments.values()]) {
      if (removed && (this.#isEarlier(_id) || this.#isLater(_id))) this.#comments.delete(_id);
    }
    this.#onChange(change);
  }

  // A comment we were told of by an answer to us: our own. It belongs on the page wherever that ends.
  know(comment) {
    const change = emptyChange('own');
    this.#put(comment, change, { always: true });
    this.#onChange(change);
  }

  // How often people have reacted to a comment, by an answer to us.
  reacted(answer) {
    const change = emptyChange('own');
    this.#react(answer, change);
    this.#onChange(change);
  }

  // We asked for what is missing and got no answer; ask again after `delay` if it still is.
  askAgain(delay) {
    this.#asking = false;
    this.#watch(delay);
  }

  // Somebody is asking already (we join again, for example).
  asking() {
    this.#asking = true;
    this.#asked = this.version;
    this.#stopTimer();
  }

  #drain() {
    const change = emptyChange('live');
    const before = this.version;
    while (this.#waiting.has(this.version + 1)) {
      const { event, payload } = this.#waiting.get(this.version + 1);
      this.#waiting.delete(this.version + 1);
      this.#apply(event, payload, change);
      this.version += 1;
    }
    if (this.version > before) this.#onChange(change);
    this.#watch();
  }

  #apply(event, payload, change) {
    if (event === SERVER_EVENTS.COMMENT_ADDED) {
      this.count += 1;
      this.#put(payload, change);
    } else if (event === SERVER_EVENTS.COMMENT_UPDATED) {
      this.#put(payload, change);
    } else if (event === SERVER_EVENTS.COMMENT_REMOVED) {
      this.count = Math.max(0, this.count - 1);
      this.#remove(payload, change);
    } else if (event === SERVER_EVENTS.COMMENT_REACTED) {
      this.#react(payload, change);
    }
  }

  // The text is what it was: `textVersion` says since when, so that nothing of it need be drawn again.
  #react({ commentId, reactions, version }, change) {
    const known = this.#comments.get(commentId);
    if (!known || known.removed || known.version >= version) return;
    const textVersion = known.textVersion ?? known.version;
    this.#comments.set(commentId, { ...known, reactions, version, textVersion });
    change.updated.push(commentId);
  }

  // Where the page ends now. If that is the end, what has come since the page was read belongs to it.
  #end(comments, hasLater) {
    this.reachesEnd = !hasLater;
    this.#edge = hasLater ? (comments.at(-1)?._id ?? this.#edge) : null;
  }

  #takePage(comments, change) {
    for (const comment of comments) this.#take(comment, change);
    const missed = [...(this.#beyond?.values() ?? [])];
    this.giveUpPage();
    for (const comment of missed) this.#put(comment, change);
  }

  #take(comment, change) {
    if (comment.status === 'removed') this.#remove(comment, change);
    else this.#put(comment, change);
  }

  #put(comment, change, { always = false } = {}) {
    const known = this.#comments.get(comment._id);
    if (known && known.version >= comment.version) return;
    if ((!known || known.removed) && !always && !this.#headsOrphans(comment._id)) {
      const isLater = this.#isLater(comment._id);
      if (isLater || this.#isEarlier(comment._id)) {
        if (isLater) change.later.push(comment);
        this.#beyond?.set(comment._id, comment);
        return;
      }
    }
    this.#comments.set(comment._id, this.#reword(comment));
    this.#first ??= comment._id;
    (known && !known.removed ? change.updated : change.added).push(comment._id);
    if (known?.author && comment.author?.isDeleted) this.#renameInAnswers(comment, change);
  }

  // Its author has deleted the account. Answers by others have not changed for that, and name whom they answer.
  #renameInAnswers({ _id, author }, change) {
    for (const answer of this.#comments.values()) {
      if (answer.parentId !== _id || !answer.parentName || answer.parentName === author.name) continue;
      answer.parentName = author.name;
      change.updated.push(answer._id);
    }
  }

  // What remains is a mark without name or text, of whose comment it was and `by` whom it was taken away,
  // as far as we know. It holds the place if there are replies, and keeps an answer that was under way from
  // bringing the comment back.
  #remove({ _id, version, by = null }, change) {
    const known = this.#comments.get(_id);
    if (known && known.version >= version) return;
    const { parentId = null, userId = null } = known ?? {};
    this.#beyond?.delete(_id);
    this.#comments.set(_id, { _id, parentId, parentName: null, userId, by, version, removed: true });
    if (known && !known.removed) change.removed.push(_id);
    for (const comment of this.#comments.values()) {
      if (comment.parentId !== _id || comment.parentName === null) continue;
      comment.parentName = null;
      change.updated.push(comment._id);
    }
  }

  #replace(comments, hasMore, version, change) {
    if (!this.reachesEnd) {
      for (const comment of comments) this.#put(comment, change);
      const last = this.#shown().at(-1);
      this.#unsure = last === undefined ? null : String(BigInt(last) + 1n);
      return;
    }
    const there = new Set(comments.map((comment) => comment._id));
    const oldest = comments.at(0)?._id ?? null;
    // Our own comments may be known ahead of what others wrote meanwhile; they reach over no hole.
    const known = [...this.#comments.values()].filter((comment) => comment.version <= this.version);
    const last = known.map((comment) => comment._id).sort(compareIds).at(-1) ?? null;
    // So much has happened that this page does not touch ours: a hole between them would be a lie.
    const isApart = hasMore && oldest !== null && (last === null || compareIds(oldest, last) > 0);
    for (const { _id, removed } of [...this.#comments.values()]) {
      if (there.has(_id)) continue;
      if (isApart && compareIds(_id, oldest) < 0) {
        this.#comments.delete(_id);
        if (!removed) change.removed.push(_id);
      } else if (!removed && (oldest === null || !hasMore || compareIds(_id, oldest) >= 0)) {
        this.#remove({ _id, version }, change);
      }
    }
    if (isApart || this.#first === null || !hasMore) {
      this.#first = oldest;
      this.hasEarlier = hasMore;
    }
    for (const comment of comments) this.#put(comment, change);
    const isOlder = (id) => oldest !== null && compareIds(id, oldest) < 0;
    this.#unsure = hasMore && this.#shown().some(isOlder) ? oldest : null;
  }

  // Nothing that we knew holds any more.
  #forget(comments, change) {
    const there = new Set(comments.map((comment) => comment._id));
    change.removed.push(...this.#shown().filter((id) => !there.has(id)));
    this.#comments.clear();
    this.#waiting.clear();
    this.#heard = 0;
    this.#first = null;
    this.version = 0;
  }

  #shown() {
    const shown = [...this.#comments.values()].filter(({ removed }) => !removed);
    return shown.map(({ _id }) => _id).sort(compareIds);
  }

  // Replies stand under this removed comment's placeholder, so its return concerns us wherever it stood.
  #headsOrphans(id) {
    for (const { parentId, parentName, removed } of this.#comments.values()) {
      if (parentId === id && !parentName && !removed) return true;
    }
    return false;
  }

  #isLater(id) {
    return this.#edge !== null && compareIds(id, this.#edge) > 0;
  }

  #isEarlier(id) {
    return this.hasEarlier && this.#first !== null && compareIds(id, this.#first) < 0;
  }

  get #hasGap() {
    return this.#waiting.size > 0 || this.#heard > this.version;
  }

  #watch(delay = GAP_WAIT) {
    if (!this.#hasGap) {
      this.#stopTimer();
    } else if (!this.#asking && this.#timer === null) {
      this.#timer = this.#timers.setTimeout(() => {
        this.#timer = null;
        this.#asking = true;
        this.#onGap(this.version);
      }, delay);
    }
  }

  #stopTimer() {
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }
}

function emptyChange(cause) {
  return { cause, added: [], updated: [], removed: [], later: [] };
}
