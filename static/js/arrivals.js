import { format, gettext, ngettext, number, pgettext } from './helpers/text.js';
import { Seen } from './models/seen.js';
import { compareIds } from './postroom/core.js';
import { NewComments } from './views/new_comments.js';

// What is new to this reader: since they left the last time, and as it comes. New comments wait where they would
// push away what is in view, or while the reader has paused them; a button says how many.
export class Arrivals {
  #section;
  #reader;
  #room;
  #list;
  #reading;
  #announcer;
  #isMuted;
  #render;
  #seen;
  #news;
  #since;
  #pause;
  // Others' comments that are not shown yet, and those that came after the end of the page, by id.
  #held = new Set();
  #later = new Set();
  #isPaused = false;
  // Those that are new since they left, as far as they are here; and how many there were when they came.
  #sinceIds = new Set();
  #told = 0;

  constructor({ section, reader, postId, storage, room, list, reading, announcer, isMuted, render }) {
    this.#section = section;
    this.#reader = reader;
    this.#room = room;
    this.#list = list;
    this.#reading = reading;
    this.#announcer = announcer;
    this.#isMuted = isMuted;
    this.#render = render;
    this.#seen = new Seen({ storage, userId: reader.id, postId });
    const find = (name) => section.querySelector(`[data-${name}]`);
    this.#since = find('since');
    this.#pause = find('pause');
    this.#news = new NewComments({
      above: find('new-above'),
      below: find('new-below'),
      side: (id) => list.side(id, reading.view),
      go: (side) => this.#go(side),
    });
    this.#since.addEventListener('click', (event) => {
      event.preventDefault();
      this.toFirst();
    });
    this.#pause?.addEventListener('click', () => this.pause());
    section.querySelector('.reading-tools').classList.remove('is-waiting');
    addEventListener('pagehide', () => this.#leave());
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#leave();
      else if (this.#seen.returns()) this.here();
    });
  }

  // The page knows everything there is: what is new since they left can be said.
  here() {
    const newest = this.#room.last;
    if (newest !== null) this.#seen.here(newest);
    const concerns = (comment) => this.#concerns(comment);
    const { first, hasEarlier, count: total } = this.#room;
    const comments = [...this.#room.comments];
    this.#told = this.#room.reachesEnd ? this.#seen.count(comments, { concerns, first, hasEarlier, total }) : 0;
    this.#findSince();
    this.#showSince();
    this.#markSince();
  }

  // The room has changed; `later` are comments that came beyond the end of the page. Returns those of others that
  // show.
  changed({ cause, added, removed, later }) {
    for (const id of removed) {
      // What waited, and is let go of before they saw it, is on a later page.
      if (this.#held.delete(id) && cause === 'trimmed') this.#later.add(id);
    }
    if (cause === 'opened') {
      this.#held.clear();
      this.#later.clear();
    }
    if (this.#room.reachesEnd) this.#later.clear();
    if (cause !== 'live' && cause !== 'catch-up') return [];
    const others = added.filter((id) => this.#concerns(this.#room.comment(id)));
    const further = later.filter((comment) => this.#concerns(comment) && !this.#later.has(comment._id));
    for (const { _id } of further) this.#later.add(_id);
    const isFull = this.#room.count > others.length;
    const waits = (id) => this.#isPaused || (isFull && this.#reading.isTopInView && !this.#isReply(id));
    for (const id of others) if (waits(id)) this.#held.add(id);
    this.#announcer.arrived(others.length + further.length);
    return others.filter((id) => !this.#held.has(id));
  }

  // The comments that are shown now.
  shown(comments) {
    return this.#held.size ? comments.filter(({ _id, removed }) => removed || !this.#held.has(_id)) : comments;
  }

  // The page shows them; `fresh` ones have just come.
  rendered(fresh) {
    this.#news.add(fresh);
    // What is taken away, and who is muted meanwhile, is new no more.
    this.#findSince();
    this.#showSince();
    this.#markSince();
    this.look();
  }

  // The reader or the page has moved.
  look() {
    if (this.#held.size && !this.#isPaused && !this.#reading.isTopInView) this.#release();
    const { isDownward, isStream, isAtEnd } = this.#reading;
    // Those that wait, and those on another page, have no place yet: they come where new ones come.
    const waiting = this.#held.size + [...this.#later].filter((id) => !this.#room.mark(id)).length;
    const further = isDownward ? { above: 0, below: waiting } : { above: waiting, below: 0 };
    this.#news.look({ further, offersEnd: isStream && !isAtEnd });
    this.#showPause(this.#held.size);
  }

  // To the first comment that is new since they left or, if none is, to the first that has come meanwhile.
  async toFirst() {
    if (this.#since.hidden) return this.#go('below');
    const since = this.#list.firstOf(this.#sinceIds);
    if (this.#isCut && (await this.#reading.showAfter(this.#seen.after))) return true;
    return since !== null && this.#reading.show(since, { block: 'start' });
  }

  // New comments wait, and nothing is announced, until the reader lets them come.
  pause(isPaused = !this.#isPaused) {
    this.#isPaused = isPaused;
    this.#announcer.isPaused = isPaused;
    if (!isPaused) this.#release();
    this.look();
  }

  async #go(side) {
    if (this.#held.size && (side === 'below') === this.#reading.isDownward) this.#release();
    const ids = this.#news.on(side);
    // The nearest one: from there on the reader goes the way they go.
    const id = side === 'below' ? this.#list.firstOf(ids) : this.#list.lastOf(ids);
    if (id === null) await this.#reading.toNewest();
    else await this.#reading.show(id, { block: this.#reading.isStream ? 'start' : 'center' });
    this.look();
  }

  #release() {
    const released = new Set(this.#held);
    this.#held.clear();
    this.#render(released);
  }

  // What waits they have not seen, nor what is on pages after theirs.
  #leave() {
    const { last: id, count } = this.#room;
    if (this.#room.reachesEnd && !this.#held.size) this.#seen.leave({ id, count });
  }

  #findSince() {
    const concerns = (comment) => this.#concerns(comment);
    const comments = [...this.#room.comments].filter((each) => this.#seen.isNew(each, concerns));
    this.#sinceIds = new Set(comments.map(({ _id }) => _id));
  }

  #showSince() {
    const { size } = this.#sinceIds;
    // Of those that are not here nobody tells which of them are taken away.
    const count = this.#told && (this.#isCut || !this.#room.reachesEnd ? Math.max(this.#told, size) : size);
    this.#since.hidden = !count;
    const sentence = ngettext('%(count)s new since you left', '%(count)s new since you left', count);
    const text = count ? format(sentence, { count: number(count) }) : '';
    if (this.#since.textContent !== text) this.#since.textContent = text;
  }

  // Whether they begin on a page that is not here.
  get #isCut() {
    const { first, hasEarlier } = this.#room;
    const { after } = this.#seen;
    return hasEarlier && after !== null && (first === null || compareIds(first, after) > 0);
  }

  // Whether a comment is news: not their own, and of nobody whom they have muted.
  #concerns(comment) {
    return Boolean(comment) && comment.userId !== this.#reader.id && !this.#isMuted(comment.userId);
  }

  #markSince() {
    this.#list.markSince(this.#sinceIds, gettext('New since you left'));
  }

  #showPause(count) {
    if (!this.#pause) return;
    const waiting = format(gettext('Go on (%(count)s)'), { count: number(count) });
    const text = this.#isPaused ? waiting : pgettext('new comments', 'Pause');
    if (this.#pause.textContent !== text) this.#pause.textContent = text;
  }

  #isReply(id) {
    const { parentId } = this.#room.comment(id) ?? {};
    return Boolean(parentId) && Boolean(this.#room.comment(parentId));
  }
}
