import { remember } from './helpers/cookies.js';
import { worded } from './helpers/place.js';
import { isInView, keepStill } from './helpers/stillness.js';
import { format, ngettext, number } from './helpers/text.js';
import { stream } from './models/stream.js';
import { arrange, reactionCount } from './models/threads.js';
import { CLIENT_EVENTS, NoAnswer, Refusal, compareIds } from './postroom/core.js';
import { Choice } from './views/choice.js';
import { Further } from './views/further.js';

// The cookies that the server renders by.
const VIEW = 'comments_view';
const ORDER = 'comments_order';
const LIVE = 'live';
// Greater than any comment's id.
const BEYOND = '999999999999999999';
// So many comments, with their texts, a page keeps; it lets go of some once it has so many more.
const KEPT = 5000;
const SPARE = 500;
// So near to the end of the stream, in pixels, a reader follows it.
const NEAR = 96;

// How the comments of a post are read: as threads or as a stream, in which order, and which part of them.
// `render()` brings the page up to date; `onPage(comments, answer)` is told of each page that comes.
export class Reading {
  #section;
  #postId;
  #room;
  #list;
  #announcer;
  #request;
  #isOnline;
  #render;
  #onPage;
  #addresses;
  #parts;
  #orders;
  #earlier;
  #later;
  #scores = new Map();
  #frame = null;
  #onMoved = () => {};
  // A comment that the address names, and that is not there yet.
  #wanted = null;

  constructor({ section, postId, room, list, announcer, request, isOnline, render, onPage, addresses }) {
    this.#section = section;
    this.#postId = postId;
    this.#room = room;
    this.#list = list;
    this.#announcer = announcer;
    this.#request = request;
    this.#isOnline = isOnline;
    this.#render = render;
    this.#onPage = onPage;
    this.#addresses = addresses;
    const find = (name) => section.querySelector(`[data-${name}]`);
    this.#parts = {
      threads: find('threads'), empty: find('empty'), refuge: find('count'), dock: find('composer-dock'),
    };
    new Choice({ root: find('views'), onChoose: (view) => this.#choose(VIEW, view) });
    this.#orders = new Choice({ root: find('orders'), onChoose: (order) => this.#choose(ORDER, order) });
    const still = (change) => this.still(change);
    this.#earlier = new Further({
      root: find('earlier'),
      link: find('earlier').querySelector('a'),
      skeletons: find('skeletons'),
      load: () => this.#loadEarlier(),
      still,
    });
    this.#later = new Further({
      root: find('later'), link: find('later-link'), load: () => this.#loadLater(), still,
    });
    find('newest-link').addEventListener('click', (event) => {
      if (!this.#isOnline() || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.toNewest();
    });
  }

  // `onMoved()`: the reader has scrolled, or the page has changed around them.
  start({ onMoved }) {
    this.#onMoved = onMoved;
    addEventListener('scroll', () => this.#moved(), { passive: true });
    addEventListener('resize', () => this.#moved());
    document.addEventListener('visibilitychange', () => this.#moved());
    addEventListener('beforeprint', () => this.#list.relay({ whole: true }));
    addEventListener('afterprint', () => this.#relay());
    this.#section.addEventListener('click', (event) => this.#follow(event));
    addEventListener('popstate', () => this.#arrive());
    const { highlight } = this.#section.dataset;
    if (highlight) this.#list.highlight(highlight);
    this.#arrive();
  }

  get isStream() {
    return this.#section.dataset.view === LIVE;
  }

  // Whether newer comments stand below older ones.
  get isDownward() {
    return this.isStream || this.#section.dataset.order === 'oldest';
  }

  arrange(comments, entries) {
    if (this.isStream) return stream(comments, entries);
    return arrange(comments, entries, { order: this.#section.dataset.order, scores: this.#scores });
  }

  // What stands around the comments, to go with them.
  showRest(comments) {
    const { postUrl } = this.#section.dataset;
    const { first, last, hasEarlier, reachesEnd } = this.#room;
    this.#earlier.show(hasEarlier, `${postUrl}?before=${first ?? ''}#comments`);
    this.#later.show(!reachesEnd, `${postUrl}?after=${last ?? 0}#comments`);
    if (comments.some((comment) => !comment.removed && reactionCount(comment))) this.#orders.offer('top', true);
  }

  // Lets go of what is far from the reader, if there is too much.
  trim() {
    if (this.#room.size <= KEPT + SPARE) return;
    const ids = [...this.#room.comments].filter(({ removed }) => !removed).map(({ _id }) => _id).sort(compareIds);
    const place = ids.indexOf(this.#list.idInView);
    if (place < 0) return;
    const end = place < ids.length / 2 ? 'latest' : 'earliest';
    this.#room.trim(end, { most: KEPT, isNeeded: (id) => this.#list.element(id) !== null });
  }

  // Changes the page without moving what is being read; who follows the stream stays at its end.
  still(change) {
    const { threads, refuge } = this.#parts;
    const isFollowing = this.isFollowing;
    keepStill(threads.querySelectorAll('[data-comment]'), change, refuge, isFollowing ? () => this.#toEnd() : null);
  }

  // Whether the reader is at the end of the stream, not at the post above it, and in the middle of nothing there.
  get isFollowing() {
    if (!this.isStream || !this.#room.reachesEnd || document.hidden || this.#list.isInUse) return false;
    const { threads } = this.#parts;
    return threads.getBoundingClientRect().top < window.innerHeight / 2 && this.isAtEnd;
  }

  get isAtEnd() {
    const last = this.#list.lastElement;
    return this.#room.reachesEnd && (!last || last.getBoundingClientRect().bottom <= this.view.bottom + NEAR);
  }

  // Whether what comes on top would push away what the reader sees.
  get isTopInView() {
    if (this.isDownward) return false;
    const { top } = this.#parts.threads.getBoundingClientRect();
    return top >= 0 && top < this.view.bottom;
  }

  // What the reader sees of the page: from where to where.
  get view() {
    const { dock } = this.#parts;
    const covered = dock && !dock.hidden ? dock.getBoundingClientRect().top : window.innerHeight;
    return { top: 0, bottom: Math.min(covered, window.innerHeight) };
  }

  // Brings a comment before the reader's eyes, wherever it is. `block` as for `scrollIntoView`.
  async show(id, { block = 'center' } = {}) {
    if (!this.#list.has(id) && !(await this.#open({ around: id }))) return false;
    if (!this.#list.has(id)) return false;
    this.#list.relay({ around: id });
    const element = this.#list.element(id);
    element.scrollIntoView({ block, behavior: 'instant' });
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    this.#moved();
    return true;
  }

  // To the first comment after this one, which is on no page that is here.
  async showAfter(id) {
    if (!(await this.#open({ after: id }))) return false;
    return this.show(this.#room.first, { block: 'start' });
  }

  // We are in the room.
  joined() {
    const id = this.#wanted;
    this.#wanted = null;
    if (id) this.show(id);
  }

  // To the newest comment there is.
  async toNewest() {
    if (!this.#room.reachesEnd && !(await this.#open({ before: BEYOND }))) return;
    const newest = this.#room.last;
    if (newest) await this.show(newest, { block: 'nearest' });
    if (this.isStream) this.#toEnd();
  }

  async #choose(name, choice) {
    remember(name, choice);
    this.#section.dataset[name === VIEW ? 'view' : 'order'] = choice;
    this.#scores.clear();
    // What is asked for by address would win over what is remembered.
    const address = new URL(location.href);
    for (const key of ['view', 'order']) address.searchParams.delete(key);
    history.replaceState(history.state, '', address);
    this.#orders.isShown = !this.isStream;
    const { threads, empty } = this.#parts;
    for (const [attribute, value] of [['role', 'log'], ['aria-live', 'off'], ['aria-labelledby', 'comments-heading']]) {
      if (this.isStream) threads.setAttribute(attribute, value);
      else threads.removeAttribute(attribute);
    }
    const after = empty.nextElementSibling;
    const [above, below] = this.isDownward ? [this.#earlier, this.#later] : [this.#later, this.#earlier];
    below.place(after);
    above.place(threads);
    this.#render();
    if (name === VIEW && this.isStream) await this.toNewest();
    else if (!isInView(this.#section.firstElementChild)) this.#section.scrollIntoView({ behavior: 'instant' });
    this.#moved();
  }

  #toEnd() {
    const last = this.#list.lastElement;
    const hidden = last ? last.getBoundingClientRect().bottom - this.view.bottom + 8 : 0;
    if (hidden > 0) window.scrollBy({ top: hidden, behavior: 'instant' });
  }

  #moved() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      if (this.#list.isLeft) this.#relay();
      this.#onMoved();
    });
  }

  #relay() {
    const { threads, refuge } = this.#parts;
    keepStill(threads.querySelectorAll('[data-comment]'), () => this.#list.relay(), refuge);
  }

  // --- Addresses of comments ---

  // A link to a comment, its own or that of the one it answers, goes there without leaving the page.
  async #follow(event) {
    const link = event.target.closest('a[data-permalink], a[data-answers-link]');
    if (!link?.href || event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0) return;
    const id = idIn(link.href, this.#addresses);
    if (id === null || !(this.#list.has(id) || this.#isOnline())) return;
    event.preventDefault();
    if (!(await this.show(id))) {
      location.assign(link.href);
      return;
    }
    this.#highlight(id);
    history.pushState(null, '', link.href);
  }

  // The address names a comment: the page goes there, even if it is not among those that came with it.
  async #arrive() {
    const id = /^#comment-(\d+)$/.exec(location.hash)?.[1] ?? idIn(location.href, this.#addresses);
    if (!id) return;
    this.#highlight(id);
    // The browser goes by itself to what is on the page.
    if (this.#list.element(id)) return;
    if (this.#list.has(id) || this.#isOnline()) await this.show(id);
    else this.#wanted = id;
  }

  #highlight(id) {
    this.#section.dataset.highlight = id;
    this.#list.highlight(id);
  }

  // --- Other parts of the conversation ---

  async #loadEarlier() {
    const before = this.#room.first ?? this.#section.dataset.before;
    const page = before && (await this.#page({ before }));
    if (!page) return false;
    this.#room.addEarlier(page.comments, page.hasMore);
    this.#render();
    this.#say(worded(
      ngettext('%(count)s earlier comment', '%(count)s earlier comments', page.comments.length),
      ngettext('%(count)s earlier message', '%(count)s earlier messages', page.comments.length),
    ), page);
    return true;
  }

  async #loadLater() {
    const page = await this.#page({ after: this.#room.last ?? '1' });
    if (!page) return false;
    this.#room.addLater(page.comments, page.hasLater);
    this.#render();
    this.#say(worded(
      ngettext('%(count)s later comment', '%(count)s later comments', page.comments.length),
      ngettext('%(count)s later message', '%(count)s later messages', page.comments.length),
    ), page);
    return true;
  }

  // Opens another part in place of this one.
  async #open(where) {
    const page = await this.#page(where);
    if (!page) return false;
    const hasLater = where.before === undefined && page.hasLater;
    this.#room.open(page.comments, { hasEarlier: page.hasMore, hasLater });
    this.#render();
    return true;
  }

  async #page(where) {
    if (!this.#isOnline()) return null;
    this.#room.expectPage();
    try {
      const page = await this.#request(CLIENT_EVENTS.LOAD_MORE, { postId: this.#postId, ...where });
      this.#onPage(page.comments, page);
      return page;
    } catch (problem) {
      this.#room.giveUpPage();
      if (problem instanceof NoAnswer || problem instanceof Refusal) return null;
      throw problem;
    }
  }

  #say(sentence, { comments }) {
    this.#announcer.say(format(sentence, { count: number(comments.length) }));
  }
}

// The comment that an address names, if it is one of these.
function idIn(address, { permalink }) {
  const { pathname } = new URL(address, location.href);
  const [before, after] = permalink('0').split('/0/');
  const id = pathname.startsWith(`${before}/`) && pathname.slice(before.length + 1).replace(/\/$/, '');
  return /^\d+$/.test(id) && after === '' ? id : null;
}
