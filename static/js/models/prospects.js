// What awaits this reader if they write now: whether they may, from when on, and whether their comment is
// held. It puts together what holds for the room (`load`, `hear`), what holds against the reader
// (`load`, `sanctionChanged`) and what they have written (`wrote`); `at(now)` says what comes of it then.
//
// Staff are spared all but a closed room, a post's author is never held. A sanction past its end counts as
// lifted at once.

const ROOM_FIRST = new Set(['closed', 'gone']);
const HEAVIEST = ['ban', 'suspension', 'warning'];
const SECOND = 1000;
const MINUTE = 60 * SECOND;
// Below this (in milliseconds) what is left is counted in seconds, above it is looked at now and then.
const COUNTED_IN_SECONDS = 2 * MINUTE;

export class Prospects {
  #isStaff;
  #isAuthor;
  #room = 'open';
  #message = null;
  #slowMode = 0;
  #roomHolds = false;
  #isNewcomer = false;
  #holdsNewcomers = false;
  #isBarred = false;
  #sanctions = new Map();
  // When slow mode lets them write again.
  #freeAt = 0;
  #wroteAt = -Infinity;
  #now;

  constructor({ state, isStaff = false, isAuthor = false, now = Date.now }) {
    this.#isStaff = isStaff;
    this.#isAuthor = isAuthor;
    this.#now = now;
    this.load(state);
  }

  // The reader's own state, with the page or from `load_comments`.
  load(state) {
    this.#hearRoom(state);
    this.#isNewcomer = state.holds.includes('newcomer');
    this.#sanctions = new Map((state.sanctions ?? []).map((sanction) => [sanction.sanctionId, sanction]));
    this.#freeAt = state.retryAfter ? this.#now() + state.retryAfter * SECOND : 0;
    if (this.#freeAt) this.#wroteAt = this.#freeAt - state.slowMode * SECOND;
  }

  // What the room is told, which says nothing of this reader. Returns whether it leaves open what it means
  // for them, so that it has to be asked.
  hear(state) {
    const before = this.#holdsNewcomers;
    this.#hearRoom(state);
    this.#freeAt = this.#wroteAt + this.#slowMode * SECOND;
    if (!this.#holdsNewcomers) this.#isNewcomer = false;
    return this.#holdsNewcomers && !before && !this.#isSpared;
  }

  // The post cannot be seen at the moment; the next `load` or `hear` ends that.
  gone(message) {
    this.#room = 'gone';
    this.#message = message;
  }

  sanctionChanged({ state, ...sanction }) {
    if (state === 'imposed') this.#sanctions.set(sanction.sanctionId, sanction);
    else this.#sanctions.delete(sanction.sanctionId);
  }

  // They are banned: their socket is closed, and they hear nothing more until they load the page again.
  barred(sanction = null) {
    this.#isBarred = true;
    const isKnown = [...this.#sanctions.values()].some(({ kind }) => kind === 'ban');
    if (sanction) this.#sanctions.set(sanction.sanctionId, sanction);
    else if (!isKnown) this.#sanctions.set('', { sanctionId: '', kind: 'ban', until: null });
  }

  // The server would not let them write: what it said counts more than what we believed.
  refused({ retryAfter, sanction }) {
    const until = retryAfter ? this.#now() + retryAfter * SECOND : null;
    if (sanction) {
      const end = until === null ? sanction.until : new Date(until).toISOString();
      this.#sanctions.set(sanction.sanctionId, { ...sanction, until: end });
    } else if (until !== null) {
      this.#freeAt = Math.max(this.#freeAt, until);
    }
  }

  // A comment of theirs was accepted.
  wrote() {
    this.#wroteAt = this.#now();
    this.#freeAt = this.#wroteAt + this.#slowMode * SECOND;
  }

  // { barrier, canWrite, wait, slowMode, hold, next }: `barrier` is what keeps them from writing,
  // { kind: 'room', room, message }, { kind, sanction } or, after a ban, { kind: 'over' }; `wait` is in
  // seconds; `hold` is { by: 'room' }, { by: 'newcomer' } or { by: 'sanction', sanction }; `next` is after
  // how many milliseconds this changes.
  at(now = this.#now()) {
    const inForce = [...this.#sanctions.values()].filter(({ until }) => !until || Date.parse(until) > now);
    const barrier = this.#barrier(inForce);
    const hold = this.#hold(inForce);
    const slowMode = this.#isStaff ? 0 : this.#slowMode;
    const wait = slowMode ? Math.max(0, Math.ceil((this.#freeAt - now) / SECOND)) : 0;
    const ends = inForce.filter(({ until }) => until).map(({ until }) => Date.parse(until));
    return { barrier, canWrite: barrier === null, wait, slowMode, hold, next: nextLook(now, ends, wait) };
  }

  get #isSpared() {
    return this.#isStaff || this.#isAuthor;
  }

  #hearRoom({ room, slowMode, holds, holdNewcomers }) {
    this.#room = room;
    this.#message = null;
    this.#slowMode = slowMode;
    this.#roomHolds = holds.includes('room');
    this.#holdsNewcomers = holdNewcomers;
  }

  #barrier(inForce) {
    const isShut = ROOM_FIRST.has(this.#room) || (this.#room !== 'open' && !this.#isStaff);
    if (isShut) return { kind: 'room', room: this.#room, message: this.#message };
    for (const kind of HEAVIEST) {
      const all = inForce.filter((sanction) => sanction.kind === kind);
      // The one that ends last; of warnings the first, for each has to be acknowledged.
      const sanction = kind === 'warning' ? all[0] : all.sort(endingLast)[0];
      if (sanction) return { kind, sanction };
      if (kind === 'ban' && this.#isBarred) return { kind: 'over' };
    }
    return null;
  }

  #hold(inForce) {
    if (this.#isSpared) return null;
    const sanction = inForce.filter(({ kind }) => kind === 'hold_first').sort(endingLast)[0];
    if (sanction) return { by: 'sanction', sanction };
    if (this.#roomHolds) return { by: 'room' };
    return this.#isNewcomer ? { by: 'newcomer' } : null;
  }
}

function endingLast(one, other) {
  const end = ({ until }) => (until ? Date.parse(until) : Infinity);
  return end(other) === end(one) ? 0 : end(other) - end(one);
}

function nextLook(now, ends, wait) {
  if (wait > 0) return SECOND;
  if (!ends.length) return null;
  const left = Math.min(...ends) - now;
  return left < COUNTED_IN_SECONDS ? SECOND : Math.min(MINUTE / 2, left - COUNTED_IN_SECONDS + 1);
}
